"""The raw cells behind the texts of a column, record by record: through joins, items, further columns and lookups.

What study.yaml declares for a raw column (marks of numbers, formats of dates) applies to its cells in every table.
Not for reading them (engine/readers/cell_readers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..columns import column as col
from .source_places import Places
from .table import RawSlice, Table


@dataclass(frozen=True, eq=False)
class RawColumn:
    """One raw column of the texts. ``rows``: per record its row in the table (-1: none), None for all rows in order."""

    table: RawSlice
    column: str
    rows: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class RawCells:
    """The raw cells behind ``n`` texts.

    ``groups``: sets of positions in ``columns``. The text of a record is composed of cells of all columns of its group.
    The group () is for texts of a spec or a dataset, which are read without declarations. ``which``: per record its
    group, None where all have the first.
    """

    n: int
    columns: tuple[RawColumn, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ((),)
    which: np.ndarray | None = None

    @classmethod
    def of(cls, table: Table, column: str, rows: np.ndarray | None, n: int) -> RawCells:
        """The cells of one column at these rows; none where the table is no raw file with this column."""
        name = table.in_file(column) if isinstance(table, RawSlice) else ""
        if not name or not isinstance(table, RawSlice):
            return cls(n)
        return cls(n, (RawColumn(table, name, rows),), ((0,),))

    @property
    def none(self) -> bool:
        """Whether no text is of a raw cell."""
        return not self.columns or not any(self.groups)

    def at_groups(self) -> np.ndarray:
        """Per record its group."""
        return np.zeros(self.n, dtype="int32") if self.which is None else self.which

    def take(self, ids: np.ndarray | None) -> RawCells:
        """The cells of the records at these positions; -1 is a record of no cell."""
        if ids is None:
            return self
        columns = _columns_at(self.columns, ids)
        gaps = bool(len(ids)) and ids.min() < 0
        if self.which is None and not gaps:
            return RawCells(len(ids), columns, self.groups)
        if not gaps:
            return RawCells(len(ids), columns, self.groups, self.at_groups()[ids])
        which = np.append(self.at_groups(), len(self.groups))[ids]
        return RawCells(len(ids), columns, (*self.groups, ()), which)

    def without(self, where: np.ndarray) -> RawCells:
        """The same, with no cell where the mask holds."""
        if self.none or not where.any():
            return self
        which = np.where(where, len(self.groups), self.at_groups())
        return RawCells(self.n, self.columns, (*self.groups, ()), which)

    def places(self, at: np.ndarray) -> Places:
        """The place of the first cell of each record at these positions; none for a record of no cell."""
        out = Places.none(len(at))
        of_group = self.at_groups()[at]
        for number, group in enumerate(self.groups):
            here = np.flatnonzero(of_group == number)
            if group and len(here):
                first = self.columns[group[0]]
                rows = at[here] if first.rows is None else first.rows[at[here]]
                out.file[here], out.row[here] = first.table.places(rows)
                found = here[rows >= 0]
                out.source[found], out.column[found] = first.table.name, first.column
        return out


def _columns_at(columns: Sequence[RawColumn], ids: np.ndarray) -> tuple[RawColumn, ...]:
    """The columns for the records at these positions. Columns that share an array of rows share the new one."""
    rows_at: dict[int, np.ndarray] = {}
    for c in columns:
        if c.rows is not None and id(c.rows) not in rows_at:
            rows_at[id(c.rows)] = np.where(ids < 0, -1, c.rows[ids]) if len(c.rows) else ids
    return tuple(RawColumn(c.table, c.column, ids if c.rows is None else rows_at[id(c.rows)]) for c in columns)


def of_items(parts: Sequence[RawCells], at_row: np.ndarray, at_item: np.ndarray) -> RawCells:
    """The cells of records that are items of rows. ``parts``: per item the cells of its column, over the rows."""
    columns, groups, starts = _beside(parts)
    which = np.array(starts, dtype="int32")[at_item]
    for number, part in enumerate(parts):
        if part.which is not None:
            here = at_item == number
            which[here] += part.which[at_row[here]]
    return RawCells(len(at_row), _columns_at(columns, at_row), groups, which)


def choose(parts: Sequence[RawCells], picked: np.ndarray) -> RawCells:
    """Record by record the cells of one of several columns of as many records. ``picked``: per record which."""
    n = parts[0].n
    columns, groups, starts = _beside(parts)
    which = np.zeros(n, dtype="int32")
    for number, part in enumerate(parts):
        here = picked == number
        which[here] = part.at_groups()[here] + starts[number]
    return RawCells(n, columns, groups, which)


def stacked(parts: Sequence[RawCells]) -> RawCells:
    """The cells of columns below each other."""
    if len(parts) == 1:
        return parts[0]
    n = sum(p.n for p in parts)
    groups: list[tuple[int, ...]] = []
    columns: list[RawColumn] = []
    which = np.zeros(n, dtype="int32")
    start = 0
    for part in parts:
        which[start : start + part.n] = part.at_groups() + len(groups)
        groups += [tuple(i + len(columns) for i in g) for g in part.groups]
        for column in part.columns:
            rows = np.full(n, -1, dtype="int64")
            rows[start : start + part.n] = np.arange(part.n) if column.rows is None else column.rows
            columns.append(RawColumn(column.table, column.column, rows))
        start += part.n
    return RawCells(n, tuple(columns), tuple(groups), which)


def united(parts: Sequence[RawCells]) -> RawCells:
    """The cells of texts that are composed of several columns: the cells of all of them."""
    parts = [p for p in parts if not p.none] or list(parts[:1])
    if len(parts) == 1:
        return parts[0]
    n = parts[0].n
    columns, groups, starts = _beside(parts)
    split = [(p.at_groups(), len(p.groups)) for p in parts]
    codes, size = col.combined(split, n)
    united_groups = []
    for first in col.first_positions(codes, size).tolist():
        members = [i for p, s in zip(parts, starts, strict=True) for i in groups[s + int(p.at_groups()[first])]]
        united_groups.append(tuple(dict.fromkeys(members)))
    return RawCells(n, columns, tuple(united_groups) or ((),), codes if len(united_groups) > 1 else None)


def _beside(
    parts: Sequence[RawCells],
) -> tuple[tuple[RawColumn, ...], tuple[tuple[int, ...], ...], list[int]]:
    """Columns and groups of all parts, and where the groups of each part start."""
    columns: list[RawColumn] = []
    groups: list[tuple[int, ...]] = []
    starts: list[int] = []
    for part in parts:
        starts.append(len(groups))
        groups += [tuple(i + len(columns) for i in g) for g in part.groups]
        columns += part.columns
    return tuple(columns), tuple(groups), starts


def first_filled_cells(parts: Sequence[RawCells], values: Sequence[pd.Series]) -> RawCells:
    """The cells of the first of several columns that is filled."""
    if len(parts) == 1:
        return parts[0]
    picked = np.full(parts[0].n, len(parts) - 1, dtype="int32")
    for number in range(len(parts) - 2, -1, -1):
        picked[~col.missing(values[number])] = number
    return choose(parts, picked)
