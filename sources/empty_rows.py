"""Rows of a raw file without a filled cell: they are no records in any format, and the account of rows counts them.

Not for lines without any byte (delimited/) nor for rows that only lack their subject (engine/subjects/).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..findings.table import Findings
from .table import RawTable
from .text_columns import frame_of, from_unique


def without_empty_rows(table: RawTable, findings: Findings) -> RawTable:
    """The table without its rows of empty cells, which R2A-SRC-002 counts. The other rows keep their record numbers.

    A cell of blanks is filled.
    """
    at = _empty_rows(table.frame)
    if not len(at):
        return table
    line = f", line {table.line[at[0]]}" if table.line[at[0]] else ""
    many = "1 row" if len(at) == 1 else f"{len(at)} rows"
    text = f"{many} without a filled cell skipped, the first is record {table.record[at[0]]}{line}"
    findings.add("R2A-SRC-002", text, source=table.name, file=table.file)
    rest = np.delete(np.arange(len(table.frame)), at)
    columns = {
        str(name): from_unique(table.frame[name].array.categories.tolist(), table.frame[name].array.codes[rest])
        for name in table.frame.columns
    }
    return replace(
        table,
        frame=frame_of(columns, len(rest)),
        record=table.record[rest],
        line=table.line[rest],
        empty_rows=table.empty_rows + len(at),
    )


def _empty_rows(frame: pd.DataFrame) -> np.ndarray:
    """Positions of the rows in which every cell is the empty text."""
    at: np.ndarray | None = None
    for name in frame.columns:
        column = frame[name].array
        empty = column.categories.get_indexer([""])[0]
        codes = column.codes if at is None else column.codes[at]
        here = np.flatnonzero((codes == empty) | (codes < 0))
        at = here if at is None else at[here]
        if not len(at):
            break
    return np.zeros(0, dtype="int64") if at is None else at
