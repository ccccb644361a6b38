"""The names that sources, joined tables and raw columns share with the language: which are taken, and by what.

A source's name is the beginning of SOURCE.COLUMN, and of the files of its lineage and quarantine. Not for whether a
name that a rule reads exists (check.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...errors import SpecProblem
from ...mappings.binding.bind import key_place_of, place_of
from ..plan.plan import PlannedStudy
from ..subjects.identity import MADE as IDENTITY

#: the columns that unpivot: makes of its items; explode: makes ITEM
OF_ITEMS = ("ITEM", "RESULT", "UNIT")
_NAME = re.compile(r"\w[\w-]{0,63}")
_WINDOWS = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(10))}


def source_name_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Names of sources and joined tables that cannot be told from others, each at its line."""
    datasets = {*plan.datasets, *plan.inputs}
    seen: dict[str, str] = {}
    for name in plan.spec.sources:
        place = key_place_of(plan.spec, "sources", name)
        if why := _refused(name, datasets):
            yield SpecProblem(place, f"a source cannot be called '{name}': {why}")
        elif (other := seen.setdefault(name.casefold(), name)) != name:
            message = f"the sources '{other}' and '{name}' differ by case only: on some systems their files are one"
            yield SpecProblem(place, message)
    for dataset in plan.datasets.values():
        for join in (j for block in dataset.spec.blocks for j in block.joins):
            name = join.as_
            if name is None or name == join.table:
                continue
            why = _refused(name, datasets) or ("a source is called so" if name in plan.spec.sources else "")
            if why:
                message = f"a joined table cannot be called '{name}': {why}"
                yield SpecProblem(place_of(join, "as"), message, dataset.name)


def _refused(name: str, datasets: Collection[str]) -> str:
    if not _NAME.fullmatch(name):
        return "a name is at most 64 letters, digits, hyphens and underscores"
    if name.casefold() in _WINDOWS:
        return "Windows takes no file of this name"
    if name in datasets:
        return f"a dataset is called so; taken are {', '.join(sorted(datasets))}"
    return ""


def taken_names(plan: PlannedStudy, source: str, header: Sequence[str]) -> list[tuple[str, str]]:
    """(raw column, what its bare name means in a rule) of columns that are called like a name that the tool makes.

    ``header``: the raw columns, then the identity columns of the source; a name that is both is there twice.
    """
    spec = plan.spec.sources[source].subject
    telling = (spec.columns if spec is not None and spec != "none" else ()) or plan.spec.subject.columns
    found = [
        (name, "the identity that subject: declares")
        for name in IDENTITY
        if header.count(name) > 1 and name not in telling
    ]
    blocks = [b for d in plan.datasets.values() for b in d.spec.blocks if b.source == source]
    made = {n for b in blocks if b.unpivot for n in OF_ITEMS}
    made |= {n for b in blocks for n, columns in b.exploded.items() if n not in columns}
    made |= {"ITEM" for b in blocks if b.explode}
    return found + [(name, "the column that the block makes of its items") for name in sorted(made) if name in header]


def taken_name_problems(plan: PlannedStudy, headers: Mapping[str, Sequence[str]]) -> Iterator[SpecProblem]:
    """A warning at the source's line for each raw column that is called like a name that the tool makes."""
    for source in (n for n in plan.spec.sources if n in headers):
        for column, means in taken_names(plan, source, headers[source]):
            place = key_place_of(plan.spec, "sources", source)
            yield SpecProblem(place, taken_name_message(source, column, means), severity="warning")


def taken_name_message(source: str, column: str, means: str) -> str:
    """What is said of such a column."""
    return f"the file has a column {column}; in a rule {column} is {means}, and {source}.{column} is that column"
