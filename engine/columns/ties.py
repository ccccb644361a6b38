"""Ties: records that a choice ranks equal and that differ in the value it takes. Each is a finding that names them.

Which of them counts does not depend on the order of rows in a file: the rows of a source are read in the order of all
their cells (open_ledger in engine/building/partitions.py), and so are the records built from them. Exact duplicates are
no tie. Records whose dates do not state which is earlier are reported too. Not for the order itself
(engine/derivations/ordering.py, verbs.py), nor for the finding (engine/derivations/tie_findings.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import column as col
from .iso_dates import parse
from .moments import before, moments


@dataclass(frozen=True)
class Tie:
    """Rows of a table that rank as the chosen row of their group does.

    ``rows``: positions in the table, without the chosen row of each group; ``chosen``: for each of them that row.
    ``by_dates``: the rows rank otherwise, but only by how a partial date is written.

    See docs/semantics.md S9, S28.
    """

    rows: np.ndarray
    chosen: np.ndarray
    by_dates: bool = False

    @property
    def groups(self) -> np.ndarray:
        """The distinct chosen rows that have a tie, rising."""
        return np.unique(self.chosen)

    def different(self, columns: Mapping[str, pd.Series]) -> tuple[Tie, tuple[str, ...]]:
        """Only the rows that differ from the chosen one in one of these columns of the table, and which columns do."""
        differs, names = np.zeros(len(self.rows), dtype=bool), []
        for name, column in columns.items() if len(self.rows) else ():
            ranks = col.value_ranks(column)
            here = ranks[self.rows] != ranks[self.chosen]
            if here.any():
                names.append(name)
                differs |= here
        return self.among(differs), tuple(names)

    def among(self, mask: np.ndarray) -> Tie:
        """Only these of the rows."""
        return Tie(self.rows[mask], self.chosen[mask], self.by_dates)

    def at(self, ids: np.ndarray) -> Tie:
        """The same rows by their positions in another table: ``ids`` of each position here."""
        return Tie(ids[self.rows], ids[self.chosen], self.by_dates)


@dataclass(frozen=True)
class Ranks:
    """The order of rows: rising rank arrays, and for each of them the dates that it ranks (``uneven_dates``)."""

    keys: list[np.ndarray]
    dates: list[pd.Series | None]


def uneven_dates(column: pd.Series) -> pd.Series | None:
    """A column of ISO 8601 texts, if some lack the day or have an offset; None for every other column."""
    if col.is_number(column):
        return None
    texts = col.split_text(column)[1]
    return column if len(texts) > 1 and col.computed_once(texts, _uneven)[0] else None


def _uneven(texts: col.Texts) -> np.ndarray:
    dates = [d for d in map(parse, texts) if d is not None]
    return np.array([any(not d.complete or (d.time is not None and d.time.offset is not None) for d in dates)])


def ties_of(groups: np.ndarray, picked: np.ndarray, ranks: Ranks) -> list[Tie]:
    """The rows that rank as the picked row of their group, and those that only a partial date ranks otherwise."""
    ties = [tie_of(groups, picked, ranks.keys)]
    if any(dates is not None for dates in ranks.dates):
        ties.append(_by_dates(groups, picked, ranks))
    return ties


def neighbours_by_dates(order: np.ndarray, groups: np.ndarray, ranks: Ranks) -> list[Tie]:
    """Rows next to each other in the order of a group, of which only a partial date states the order.

    ``order``: positions along the groups and ranks. ``groups``: -1 for a row that does not count.
    """
    if all(dates is None for dates in ranks.dates):
        return []
    line = order[groups[order] >= 0]
    ties = []
    for start in (0, 1):  # each pair of neighbours is a group of two
        pairs = np.full(len(groups), -1, dtype="int64")
        pairs[line[start:]] = np.arange(len(line) - start) // 2
        picked = line[start::2]
        pairs = np.where(groups == np.append(groups[picked], -2)[pairs], pairs, -1)
        ties += ties_of(pairs, picked, ranks)
    return [joined(ties, by_dates=True)]


def joined(ties: Sequence[Tie], by_dates: bool) -> Tie:
    """The ties of one kind as one."""
    nothing = np.zeros(0, dtype="int64")
    of_kind = [t for t in ties if t.by_dates == by_dates]
    rows, chosen = (np.concatenate([nothing, *(getattr(t, f) for t in of_kind)]) for f in ("rows", "chosen"))
    return Tie(rows, chosen, by_dates)


def _by_dates(groups: np.ndarray, picked: np.ndarray, ranks: Ranks) -> Tie:
    """Rows whose first key that differs from the picked row is a date, and neither is certainly the earlier one.

    See docs/semantics.md S21, S28.
    """
    rows, chosen = _others(groups, picked)
    found = [np.zeros((2, 0), dtype="int64")]
    for key, dates in zip(ranks.keys, ranks.dates, strict=True):
        differ = key[rows] != key[chosen]
        if dates is not None and differ.any():
            pair = np.array([rows[differ], chosen[differ]])
            found.append(pair[:, _undecided(dates, *pair)])
        rows, chosen = rows[~differ], chosen[~differ]
    return Tie(*np.concatenate(found, axis=1), by_dates=True)


def _undecided(dates: pd.Series, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Where both rows have a date, and the earlier text is certainly later, or may be another day."""
    one, other = (moments(col.take(dates, at)) for at in (rows, others))
    text = col.ranks(dates)
    earlier = text[rows] < text[others]
    less, more = before(one, other), before(other, one)
    wrong = np.where(earlier, more, less)
    return ~np.isnan(one.low + other.low) & (wrong | (~less & ~more & ~(one.day & other.day)))


def tie_of(groups: np.ndarray, picked: np.ndarray, keys: Sequence[np.ndarray]) -> Tie:
    """The rows of each group that have the keys of its picked row.

    ``groups``: of every row of the table, -1 for a row that could not be chosen. ``picked``: of every group the chosen
    row, -1 for none. ``keys``: ranks of every row.
    """
    rows, chosen = _others(groups, picked)
    for key in keys:
        alike = key[rows] == key[chosen]
        rows, chosen = rows[alike], chosen[alike]
    return Tie(rows, chosen)


def _others(groups: np.ndarray, picked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows that could be chosen and are not, the picked row of the group of each)."""
    rows = np.flatnonzero(groups >= 0)
    chosen = picked[groups[rows]] if len(rows) else rows
    other = (chosen >= 0) & (chosen != rows)
    return rows[other], chosen[other]
