"""The names that a condition on the rows of another table can read.

Not for the names of the records of a rule (record_names.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...errors import nearest
from ..columns import column as col
from ..tables.raw_cells import RawCells
from ..tables.table import Table
from .record_names import RecordNames


class OtherTable:
    """The rows of another table: a name is a column of the table, else a column of a further table by subject."""

    def __init__(self, env: RecordNames, table: Table, field: str):
        self.env, self.table, self.field = env, table, field

    def _find(self, name: str) -> tuple[Table, str, np.ndarray | None]:
        """(table, column, rows of it; None for all in order)."""
        table, study = self.table, self.env.build.study
        column = name if table.has(name) else table.qualified(name.removeprefix(f"{table.name}."))
        if column is not None:
            return table, column, None
        prefix, dot, rest = name.partition(".")
        if dot and study.has_table(prefix) and table.has_subject:
            other = study.table(prefix, self.env.build, None)  # None: all its blocks
            column = other.qualified(rest)
            if column is not None and other.has_subject:
                return other, column, study.subject_rows(other, table.column("USUBJID"))
        message = f"there is no column '{name}' in {table.name}"
        raise self.env.error(message, self.field, nearest(name, table.names()))

    def column(self, name: str) -> pd.Series:
        table, column, ids = self._find(name)
        return table.column(column) if ids is None else col.take(table.column(column), ids)

    def cells(self, name: str) -> RawCells:
        return RawCells.of(*self._find(name), self.table.n)
