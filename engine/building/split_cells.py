"""Several records of one cell: its parts at a separator, each with the cell that it comes from.

Not for columns that become records (reshape.py) nor for parts that become columns (sources/cell_parts.py).
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ...mappings.binding.bind import key_place_of
from ...mappings.models.row_block import RowBlock, SplitCell
from ..columns import column as col
from ..derivations.environment import Environment
from ..tables.dataset import SPEC, Origin, Reading
from ..tables.raw_cells import RawCells
from ..tables.rows import BASE, ColumnSources, Rows
from ..tables.table import RawSlice

ASSIGNED = Origin("Assigned", "Sponsor")


class _Parts:
    """A column of the rows, divided. ``start`` and ``count``: per row its parts in ``texts``."""

    def __init__(self, column: pd.Series, spec: SplitCell):
        codes, cells = col.split_text(column)
        divide = re.compile("|".join(re.escape(s) for s in sorted(spec.separators, key=len, reverse=True)))
        parts = [_distinct(_divided(str(c), divide), spec.distinct) for c in cells]
        counts = np.array([len(p) for p in parts], dtype="int64")
        starts = np.cumsum(counts) - counts
        self.texts = [t for p in parts for t in p]
        self.count = counts[codes] if len(counts) else np.zeros(len(codes), "int64")
        self.start = starts[codes] if len(counts) else np.zeros(len(codes), "int64")

    def at(self, rows: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Positions in ``texts`` of these parts of these rows; the number of texts where a row has no such part."""
        return np.where(items < self.count[rows], self.start[rows] + items, len(self.texts))


def _divided(cell: str, divide: re.Pattern[str]) -> list[str]:
    return [part.strip() for part in divide.split(cell)] if cell.strip() else []


def _distinct(parts: list[str], wanted: bool) -> list[str]:
    """The parts; where ``wanted``, a part that repeats an earlier one is empty, and the others keep their number."""
    return ["" if p in parts[:i] else p for i, p in enumerate(parts)] if wanted else parts


def split_rows(env: Environment, rows: Rows, block: RowBlock) -> Rows:
    """The records of a block whose ``explode:`` divides cells: one for each part that is not empty.

    Several divided cells of a row are combined by the number of their part. Cells with different numbers of parts are
    finding R2A-PART-002. ITEM is the number of the part in its cell, from 1.
    """
    divided: dict[str, _Parts] = {}
    sources: dict[str, ColumnSources] = {}
    cells: dict[str, RawCells] = {}
    names = {}
    for new, spec in block.splits.items():
        divided[new] = _Parts(env.column(spec.split, "explode"), spec)
        reads = tuple(env.read)
        env.read = {}
        cells[new] = env.raw_cells(spec.split)
        names[new] = spec.split, reads
    most = max(int(p.count.max(initial=0)) for p in divided.values())
    _report_uneven(env, block, divided)
    filled = np.zeros((rows.n, max(most, 1)), dtype=bool)
    everywhere = np.arange(rows.n)
    for parts in divided.values():
        text_filled = np.array([*(bool(t) for t in parts.texts), False])
        for item in range(most):
            filled[:, item] |= text_filled[parts.at(everywhere, np.full(rows.n, item))]
    if block.keep_empty:
        filled[:, 0] |= ~filled.any(axis=1)
    at_row, at_item = np.nonzero(filled)
    columns = {n: col.join_text(p.at(at_row, at_item), [*p.texts, ""]) for n, p in divided.items()}
    for new, (column, reads) in names.items():
        sources[new] = ColumnSources((column,) * filled.shape[1], reads)
    columns["ITEM"] = col.join_text(at_item, [str(i + 1) for i in range(filled.shape[1])])
    place = str(key_place_of(block, "explode"))
    sources["ITEM"] = ColumnSources(("",) * filled.shape[1], (Reading(SPEC, place, "ITEM"),), origin=ASSIGNED)
    cells = {n: c.take(at_row) for n, c in cells.items()}
    return rows.take(at_row).with_columns(columns, at_item.astype("int32"), sources, cells)


def _report_uneven(env: Environment, block: RowBlock, divided: dict[str, _Parts]) -> None:
    (first, one), *others = divided.items()
    for name, other in others:
        uneven = (one.count != other.count) & (one.count > 0) & (other.count > 0)
        if uneven.any():
            of = block.splits[first].split
            message = np.array(
                [f"this cell has {b} parts and {of} has {a}: their parts are combined by number"
                 for a, b in zip(one.count.tolist(), other.count.tolist(), strict=True)], dtype=object,
            )  # fmt: skip
            env.report("R2A-PART-002", uneven, message, block.splits[name].split)


def report_excluded(env: Environment, rows: Rows, block: RowBlock, included: np.ndarray) -> None:
    """Finding R2A-PART-003 for a part of a raw cell that ``where:`` excludes while another part of the cell stays."""
    if not isinstance(rows.nodes[BASE][0], RawSlice):
        return
    ids = rows.ids()
    excluded = ~included & np.isin(ids, ids[included])
    for name in block.splits:
        env.report("R2A-PART-003", excluded, f"a part of a cell is excluded by where: {block.where}", name)
