"""What a build promises of define.xml and its values, checked by the rules R2A-DEF of the conformance room.

Types, lengths, digits, gaps, keys and value-level definitions are those of the records. Not for the headers of the
files (define/checks.py) nor for what the data may break: a build reports that, and ``raw2adam check`` too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from ..conformance.define_xml.check import DefineProblem, DefineView
from ..conformance.define_xml.checks import define_checks
from ..define.content import DefineContent
from ..define.reading import read_define
from ..engine.tables.dataset import Dataset
from ..errors import InputError
from ..transport.dataset_files import read_dataset

#: the rules that no build breaks, and their checks
PROMISES = {
    "R2A-DEF-411": "empty_variables",
    "R2A-DEF-412": "empty_datasets",
    "R2A-DEF-413": "mandatory_values",
    "R2A-DEF-414": "unique_keys",
    "R2A-DEF-415": "sorted_keys",
    "R2A-DEF-416": "repeating_subjects",
    "R2A-DEF-501": "lengths_suffice",
    "R2A-DEF-503": "types_of_values",
    "R2A-DEF-504": "digits_suffice",
    "R2A-DEF-702": "records_covered",
    "R2A-DEF-703": "definitions_apart",
    "R2A-DEF-705": "level_types",
    "R2A-DEF-706": "level_lengths",
    "R2A-DEF-707": "level_digits",
    "R2A-DEF-708": "level_terms",
    "R2A-DEF-710": "empty_definitions",
}
_REQUIRED = "R2A-DEF-413"

Reported = Mapping[tuple[str, str], int]


def define_against_values(xml: bytes, folder: Path, reported: Reported | None = None) -> list[str]:
    """The differences between define.xml and the values in the transport files of ``folder``, the folder of define.xml.

    A sentence each, with the rule. ``reported``: dataset and variable -> records without a value that the findings of
    the build report: a mandatory variable may miss it there, and in no other record. A file or variable that only one
    of them has is no difference here: ``define.checks.define_against_data`` reports it. One dataset is in memory at a
    time. Raises OutputError if ``xml`` is not well-formed.
    """
    try:
        content = read_define(xml, "define.xml")
    except InputError as error:
        return [str(error)]
    problems: list[str] = []
    for described in content.datasets:
        path = folder / unquote(described.leaf.href) if described.leaf is not None else None
        if path is None or not path.is_file():
            continue
        try:
            data = read_dataset(path)
        except InputError as error:
            problems.append(f"{described.name}: {error}")
            continue
        problems += _of_dataset(content, xml, described.name.upper(), data, reported or {})
    return problems


def _of_dataset(content: DefineContent, xml: bytes, name: str, data: Dataset, reported: Reported) -> Iterator[str]:
    """The broken promises of one dataset, by rule."""
    view = DefineView(content=content, datasets={name: data}, xml=xml, exact=True)
    for rule, check in PROMISES.items():
        if define_checks()[check].not_applicable(view):
            continue
        for problem in define_checks()[check].found(view):
            if rule != _REQUIRED or problem.records > reported.get((problem.dataset, problem.variable), 0):
                yield _sentence(rule, problem)


def _sentence(rule: str, problem: DefineProblem) -> str:
    place = ".".join(filter(None, (problem.dataset, problem.variable)))
    value = f" '{problem.value}'" if problem.value else ""
    level = f" {problem.place}" if problem.place else ""
    return f"{place}{level}{value}: {problem.message} ({rule})"
