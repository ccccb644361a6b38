"""Ties: records that a choice ranks equal and that differ in the value it takes. Each is a finding that names them.

Which of them counts does not depend on the order of rows in a file: the rows of a source are read in the order of all
their cells (open_ledger in engine/building/partitions.py), and so are the records built from them. Exact duplicates are
no tie. Not for the order itself (engine/derivations/ordering.py, verbs.py), nor for the finding
(engine/derivations/tie_findings.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import column as col


@dataclass(frozen=True)
class Tie:
    """Rows of a table that rank as the chosen row of their group does.

    ``rows``: positions in the table, the chosen row of each group left out; ``chosen``: for each of them that row.

    See docs/semantics.md S9.
    """

    rows: np.ndarray
    chosen: np.ndarray

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
        return Tie(self.rows[differs], self.chosen[differs]), tuple(names)


def tie_of(groups: np.ndarray, picked: np.ndarray, keys: Sequence[np.ndarray]) -> Tie:
    """The rows of each group that have the keys of its picked row.

    ``groups``: of every row of the table, -1 for a row that could not be chosen. ``picked``: of every group the chosen
    row, -1 for none. ``keys``: ranks of every row.
    """
    rows = np.flatnonzero(groups >= 0)
    chosen = picked[groups[rows]] if len(rows) else rows
    alike = (chosen >= 0) & (chosen != rows)
    rows, chosen = rows[alike], chosen[alike]
    for key in keys:
        alike = key[rows] == key[chosen]
        rows, chosen = rows[alike], chosen[alike]
    return Tie(rows, chosen)
