"""The lines of the findings page: the findings of one rule about one raw cell are one line, with all their variables.

Not for reporting findings, nor for the page (findings.py). A finding that names no raw cell is a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

#: findings of one rule, of one severity, about one cell that holds one value
_CELL = ("rule", "severity", "source", "file", "row", "column", "value", "subject")
#: so many different messages of one line are in its text
_MESSAGES = 4


class Use(NamedTuple):
    """A variable that findings of a line are about. ``sequence``: the record of the first of them, -1 for none."""

    dataset: str
    variable: str
    findings: int
    sequence: int


@dataclass(frozen=True)
class FindingLines:
    """``first``: position of the first finding of each line in the table; ``of``: the line of each finding.

    ``counts``: findings of each line. ``uses`` and ``messages``: by line, for lines with several findings.
    ``cause``: the line whose consequence each line is, -1 for none.
    """

    first: np.ndarray
    of: np.ndarray
    counts: np.ndarray
    uses: dict[int, tuple[Use, ...]]
    messages: dict[int, str]
    cause: np.ndarray


def finding_lines(table: Any) -> FindingLines:
    """The lines of a table of findings (findings/table.py), in the order of their first findings."""
    n = len(table)
    in_cell = (np.asarray(table["row"], dtype="int64") >= 0) & (texts(table, "column") != "")
    code = _codes([texts(table, name) for name in _CELL], n)
    code = np.where(in_cell, code, n + np.arange(n))
    of, found = pd.factorize(code)
    counts = np.bincount(of, minlength=len(found))
    first = np.full(len(found), n, dtype="int64")
    np.minimum.at(first, of, np.arange(n))
    uses: dict[int, list[int]] = {}
    several = np.flatnonzero(counts[of] > 1)
    for at, line in zip(several.tolist(), of[several].tolist(), strict=True):  # few: each is one cell of many variables
        uses.setdefault(line, []).append(at)
    dataset, variable, message = (texts(table, name) for name in ("dataset", "variable", "message"))
    sequence = np.asarray(table["sequence"], dtype="int64")
    return FindingLines(
        first, of, counts,
        {line: _uses(dataset[at], variable[at], sequence[at]) for line, at in uses.items()},
        {line: "; ".join(list(dict.fromkeys(message[at].tolist()))[:_MESSAGES]) for line, at in uses.items()},
        _causes(table, of, len(found)),
    )  # fmt: skip


def texts(table: Any, name: str) -> np.ndarray:
    """A column of a table of findings as objects; '' in all rows where the table lacks the column."""
    return np.asarray(table[name], dtype=object) if name in table else np.full(len(table), "", dtype=object)


def _codes(columns: Sequence[np.ndarray], n: int) -> np.ndarray:
    """The same number for rows that are equal in all columns, below ``n``."""
    code = np.zeros(n, dtype="int64")
    for column in columns:
        further, unique = pd.factorize(column)
        code = pd.factorize(code * max(len(unique), 1) + further)[0]
    return code


def _uses(dataset: np.ndarray, variable: np.ndarray, sequence: np.ndarray) -> tuple[Use, ...]:
    found: dict[tuple[str, str], list[int]] = {}
    for name, of, number in zip(dataset.tolist(), variable.tolist(), sequence.tolist(), strict=True):
        found.setdefault((name, of), []).append(number)
    return tuple(Use(name, of, len(numbers), numbers[0]) for (name, of), numbers in sorted(found.items()))


def _causes(table: Any, of: np.ndarray, lines: int) -> np.ndarray:
    """The line of the last cause of each line, by the columns id and follows; -1 for a cause itself."""
    cause = np.full(lines, -1, dtype="int64")
    follows, ids = texts(table, "follows"), texts(table, "id")
    at = np.flatnonzero(follows != "")
    if not len(at):
        return cause
    codes, known = pd.factorize(np.concatenate([ids, follows[at]]))
    place = np.full(len(known), -1, dtype="int64")
    place[codes[: len(ids)][::-1]] = of[::-1]  # the first finding with the id
    to = place[codes[len(ids) :]]
    there = (to >= 0) & (to != of[at])
    cause[of[at[there]]] = to[there]
    for _ in range(8):  # a consequence of a consequence lies under the first cause
        further = np.where(cause >= 0, cause[np.maximum(cause, 0)], -1)
        step = (further >= 0) & (further != np.arange(lines))
        if not step.any():
            break
        cause = np.where(step, further, cause)
    circle = (cause >= 0) & (cause[np.maximum(cause, 0)] >= 0)
    return np.where(circle, -1, cause)
