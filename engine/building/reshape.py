"""Several records of one row: explode, unpivot and each, with the sources of every new column.

Not for the further columns that rules derive (records.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import Place
from ...mappings.binding.bind import key_place_of
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ..columns import column as col
from ..derivations.derivation import derivation
from ..derivations.environment import Environment
from ..tables.dataset import SPEC, Origin, Reading
from ..tables.raw_cells import RawCells, of_items
from ..tables.rows import ColumnSources, Rows
from .split_cells import ASSIGNED, split_rows

DERIVED = Origin("Derived", "Sponsor")


class ItemColumns:
    """The columns that a block builds item by item. ``env``: the rows before, with the block as rule."""

    def __init__(self, env: Environment, block: RowBlock):
        self.env, self.block = env, block
        self.parts: dict[str, list[pd.Series]] = {}
        self.cells: dict[str, list[RawCells]] = {}
        self.carried: dict[str, list[str]] = {}
        self.reads: dict[str, dict[Reading, None]] = {}
        self.origins: dict[str, Origin] = {}

    def add_column(self, new: str, name: str, field: str) -> None:
        """The next item of the column ``new`` is a column of the rows."""
        self._append(new, self.env.column(name, field), name, self._reads_since_last(), self.env.raw_cells(name))

    def add_text(self, new: str, text: str, place: Place) -> None:
        """The next item of the column ``new`` is a text of the spec; '' reads nothing."""
        reads = [Reading(SPEC, str(place), new)] if text else []
        self._append(new, col.constant(text, self.env.n), "", reads)

    def add_unit(self, new: str, unit: str | DerivationSpec | None, place: Place) -> None:
        """The next item of the column ``new`` is a unit: a text, or the value of a rule."""
        if unit is None or isinstance(unit, str):
            self.add_text(new, unit or "", place)
            return
        if derivation(unit).default_origin.type == "Derived":
            self.origins[new] = DERIVED
        values = derivation(unit).derive(self.env).values
        cells = derivation(unit).raw_cells(self.env, values)
        self._append(new, values, next((name for _, name in unit.reads()), ""), self._reads_since_last(), cells)

    def column_sources(self, name: str) -> ColumnSources:
        reads = tuple(self.reads[name])
        stated = ASSIGNED if all(r.node == SPEC for r in reads) else None
        return ColumnSources(tuple(self.carried[name]), reads, origin=self.origins.get(name, stated))

    def _reads_since_last(self) -> list[Reading]:
        """What the environment has read since the last call."""
        reads = list(self.env.read)
        self.env.read = {}
        return reads

    def _append(
        self, new: str, values: pd.Series, carried: str, reads: Sequence[Reading], cells: RawCells | None = None
    ) -> None:
        parts = self.parts.setdefault(new, [])
        item = len(parts)
        parts.append(values)
        self.cells.setdefault(new, []).append(cells or RawCells(self.env.n))
        self.carried.setdefault(new, []).append(carried)
        self.reads.setdefault(new, {}).update((replace(r, item=item), None) for r in reads)


def reshape(env: Environment, rows: Rows, block: RowBlock) -> Rows:
    """The records of a block's rows, one per item; the rows themselves where the block has none."""
    for name, texts in block.each.items():
        at_item = np.tile(np.arange(len(texts), dtype="int32"), rows.n)
        repeated = rows.take(np.repeat(np.arange(rows.n), len(texts)))
        sources = ColumnSources(reads=(Reading(SPEC, str(key_place_of(block, "each", name)), name),), origin=ASSIGNED)
        return repeated.with_columns({name: col.join_text(at_item, texts)}, at_item, {name: sources})
    if not block.explode and not block.unpivot:
        return rows
    if block.splits:
        return split_rows(env, rows, block)
    items = _exploded(env, block) if block.explode else _unpivoted(env, block)
    count = max(len(parts) for parts in items.parts.values())
    places = [key_place_of(block, "unpivot", c) for c in block.unpivot] or [key_place_of(block, "explode")] * count
    for i, code in enumerate(block.unpivot or map(str, range(1, count + 1))):
        items.add_text("ITEM", code, places[i])
    filled = np.ones((rows.n, count), dtype=bool)
    if not block.keep_empty:
        filled = np.zeros((rows.n, count), dtype=bool)
        for name in block.explode or ("RESULT",):
            for i, part in enumerate(items.parts[name]):
                filled[:, i] |= ~col.missing(part)
    at_row, at_item = np.nonzero(filled)
    columns = {}
    for name, parts in items.parts.items():
        parts = [*parts, *([col.constant("", rows.n)] * (count - len(parts)))]
        stacked = col.concat([col.as_text(p) for p in parts])
        columns[name] = col.take(stacked, at_item * rows.n + at_row)
    column_sources = {name: items.column_sources(name) for name in columns}
    nothing = RawCells(rows.n)
    cells = {
        name: of_items([*parts, *([nothing] * (count - len(parts)))], at_row, at_item)
        for name, parts in items.cells.items()
    }
    return rows.take(at_row).with_columns(columns, at_item.astype("int32"), column_sources, cells)


def _exploded(env: Environment, block: RowBlock) -> ItemColumns:
    items = ItemColumns(env, block)
    count = max(len(names) for names in block.exploded.values())
    for new, names in block.exploded.items():
        for name in names:
            items.add_column(new, name, "explode")
        for _ in range(count - len(names)):
            items.add_text(new, "", Place(""))
    return items


def _unpivoted(env: Environment, block: RowBlock) -> ItemColumns:
    items = ItemColumns(env, block)
    further = sorted({n for item in block.unpivot.values() for n in item.columns})
    for code, item in block.unpivot.items():
        place = key_place_of(block, "unpivot", code)
        items.add_column("RESULT", item.result, "unpivot")
        items.add_unit("UNIT", item.unit, place)
        for name in further:
            items.add_text(name, item.columns.get(name, ""), place)
    return items
