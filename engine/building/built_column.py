"""The values of the variables and further columns of a dataset, with where they come from and what they read.

Not for deriving them (run_rule.py) nor for when they are derived (dataset_build.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..tables.dataset import Origin, RuleUse
from ..tables.raw_cells import RawCells
from ..tables.table import Table


@dataclass
class BuiltColumn:
    """A variable's values in one block, and how they came about.

    ``picked``: the table and per record the row there that the rule took the value from. ``node``: the column of
    ``Lineage.rows`` for these rows. ``unused``: see ``Environment.note_unused``. ``cells``: the raw cells whose texts
    the values are; None until a rule needs them. ``precision``: significant digits of its numbers, 0 for those of its
    origin. ``collected``: the texts as collected, where the values are written in another way. ``coding``: see Derived.
    """

    values: pd.Series
    origin: Origin
    use: RuleUse | None = None
    picked: tuple[Table, np.ndarray] | None = None
    unused: dict[str, list[tuple[np.ndarray, CellOutcome]]] = field(default_factory=dict)
    node: str = ""
    cells: RawCells | None = None
    precision: int = 0
    collected: tuple[pd.Series, RawCells] | None = None
    coding: tuple[str, np.ndarray] | None = None

    def take(self, positions: np.ndarray) -> BuiltColumn:
        """The same column for the records at these positions; -1 is a record that has no value yet."""
        here = positions >= 0
        picked = self.picked and (self.picked[0], np.where(here, self.picked[1][positions], -1))
        coding = self.coding and (self.coding[0], np.where(here, self.coding[1][positions], -1))
        unused = {
            name: [(where[positions] & here, outcome) for where, outcome in notes]
            for name, notes in self.unused.items()
        }
        cells = self.cells.take(positions) if self.cells is not None else None
        collected = self.collected and (col.take(self.collected[0], positions), self.collected[1].take(positions))
        values = col.take(self.values, positions)
        return replace(
            self, values=values, picked=picked, unused=unused, cells=cells, collected=collected, coding=coding
        )


@dataclass
class BuiltColumns:
    """All columns of a dataset that are built so far.

    ``by_block``: (variable, block) -> its values there. ``whole``: the variables whose rule sees all records of the
    dataset at once. ``further``: (column, block) -> a column of ``columns:``, which is not submitted.
    """

    by_block: dict[tuple[str, int], BuiltColumn] = field(default_factory=dict)
    whole: dict[str, BuiltColumn] = field(default_factory=dict)
    further: dict[tuple[str, int], BuiltColumn] = field(default_factory=dict)
    #: variable -> its blocks, in the order in which they were built
    _blocks: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, block: int, built: BuiltColumn) -> BuiltColumn:
        """Note a variable of one block, and return it."""
        if (name, block) not in self.by_block:
            self._blocks.setdefault(name, []).append(block)
        self.by_block[name, block] = built
        return built

    def of_variable(self, name: str) -> list[BuiltColumn]:
        """The values of one variable: as a whole and in each block."""
        found = [self.whole[name]] if name in self.whole else []
        return found + [self.by_block[name, block] for block in self._blocks.get(name, ())]

    def in_block(self, block: int) -> Iterator[BuiltColumn]:
        """The variables of one block, then its further columns."""
        for (_, number), built in (*self.by_block.items(), *self.further.items()):
            if number == block:
                yield built

    def narrow(self, block: int, positions: np.ndarray) -> None:
        """Narrow the columns of a block to the records at ``positions``."""
        for columns in (self.by_block, self.further):
            columns.update({key: built.take(positions) for key, built in columns.items() if key[1] == block})
