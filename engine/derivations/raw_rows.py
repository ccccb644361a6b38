"""The raw rows that records of a table come from, through the datasets between them, for the place of a finding.

Not for the cell that gave a value: the lineage has it (engine/tables/source_places.py).
"""

from __future__ import annotations

import numpy as np

from ..tables.rows import BASE
from ..tables.table import ExistingDatasetTable, RawSlice, Table
from .view import DatasetView


def raw_rows(table: Table, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(file, data record from 1) of the raw rows that records of a table come from; ('', -1) where there is none."""
    file, record = np.full(len(rows), "", dtype=object), np.full(len(rows), -1, dtype="int64")
    if isinstance(table, (RawSlice, ExistingDatasetTable)):
        file, record = table.places(rows)
        return file, np.asarray(record, dtype="int64")
    build: DatasetView | None = getattr(table, "build", None)
    start = 0
    if build is None:
        return file, record
    for block in build.block_range(getattr(table, "upto", None)):
        of_block = build.rows(block)
        here = np.flatnonzero((rows >= start) & (rows < start + of_block.n))
        if len(here) and BASE in of_block.nodes:
            file[here], record[here] = raw_rows(of_block.nodes[BASE][0], of_block.ids()[rows[here] - start])
        start += of_block.n
    return file, record
