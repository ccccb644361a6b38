"""The coding files of a study: terms with the code or the text that somebody chose for them.

A row without a code is not coded yet. A row whose texts the dictionary does not have, or that do not agree, is a
finding and codes nothing. Not for coding records (engine/derivations/coded.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..findings.table import Findings
from ..mappings.models.dictionaries import CodingDictionarySpec, CodingFileSpec
from .dictionary import NO_ENTRIES, Dictionary, Disagreement, folded, look_up
from .table_file import TableColumns, read_columns

Key = tuple[str, ...]


@dataclass(frozen=True)
class CodedTerm:
    """A row of a coding file: the entries that it chooses, and its texts (level, text). ``place``: file:line."""

    entries: np.ndarray
    texts: tuple[tuple[str, str], ...]
    place: str


def folded_key(texts: Key) -> Key:
    """A key as terms are compared."""
    return tuple(folded(t) for t in texts)


def read_coding_file(
    name: str,
    folder: Path,
    file: CodingFileSpec,
    spec: CodingDictionarySpec,
    dictionary: Dictionary | None,
    findings: Findings,
    *,
    any_version: bool = False,
) -> tuple[dict[Key, CodedTerm], TableColumns]:
    """The coded terms of a file by folded key, and the file.

    ``name``: of the dictionary in the study. ``dictionary`` None: its files are absent, so nothing is compared.
    ``any_version``: rows of another version are read too, to be reviewed with this one. Raises InputError for a file
    without the columns, a term in two rows, and a row of another version.
    """
    table = read_columns(f"coding of {name}", folder, file, findings)
    named = {**file.columns}
    keys = [table.column(named.get(key, key)) for key in spec.keys]
    levels = [level for level in spec.level_names if level in named or table.has(level)]
    if not levels:
        raise table.error(f"the file has no column of a level; the levels are {', '.join(spec.level_names)}")
    if not any_version:
        _check_version(table, named.get("version", "version"), named, spec.version)
    texts = {level: table.column(named.get(level, level)) for level in levels}
    found: dict[Key, CodedTerm] = {}
    seen: dict[Key, int] = {}
    rows = zip(*keys, strict=True)
    for at, key in enumerate(folded_key(k) for k in rows):
        line = int(table.line[at])
        if not any(key):
            continue
        if key in seen:
            shown = ", ".join(str(k[at]) for k in keys)
            raise table.error(f"'{shown}' is in line {seen[key]} too; a term has one row", line=line)
        seen[key] = line
        levels = tuple((level, str(column[at])) for level, column in texts.items() if column[at])
        if levels:
            term = _coded(table, at, levels, dictionary, named, findings)
            if term is not None:
                found[key] = term
    return found, table


def _check_version(table: TableColumns, column: str, named: Mapping[str, str], version: str) -> None:
    """Raise InputError at the first row of another version; a file without the column is not checked."""
    if "version" not in named and not table.has(column):
        return
    versions = table.column(column)
    other = np.flatnonzero((versions != version) & (versions != ""))
    if len(other):
        at = int(other[0])
        raise table.error(
            f"the term is coded with the version {versions[at]}, and study.yaml declares {version}; review the coding "
            "with this version, then change the column",
            line=int(table.line[at]),
        )


def _coded(
    table: TableColumns,
    at: int,
    levels: tuple[tuple[str, str], ...],
    dictionary: Dictionary | None,
    named: Mapping[str, str],
    findings: Findings,
) -> CodedTerm | None:
    """The term of a row; None with findings if its texts do not fit the dictionary."""
    place = f"{table.file}:{int(table.line[at])}"
    if dictionary is None:
        return CodedTerm(NO_ENTRIES, levels, place)
    entries, problems = look_up(dictionary, levels)
    for problem in problems:
        findings.add(
            "R2A-DICT-003" if problem.known or problem.expected else "R2A-DICT-002",
            f"line {int(table.line[at])}: {disagreement_text(problem)}; the row codes nothing",
            value=problem.text,
            file=table.file,
            row=int(table.record[at]),
            column=named.get(problem.level, problem.level),
        )
    return None if problems else CodedTerm(entries, levels, place)


def disagreement_text(problem: Disagreement) -> str:
    """What is wrong with a text, in a sentence without its end."""
    if problem.expected:
        return f"{problem.level} is '{', '.join(problem.expected[:3])}' in the dictionary by the other levels"
    return f"the dictionary has no {problem.level} of this text"
