"""Reads transport files back with two readers of other authors, pyreadstat (C) and xport (pure Python), and compares.

Not for tracing values (trace/records.py), nor for the metadata against define.xml (define/checks.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources.statistical.pyreadstat_process import ReaderError, read_statistical_file

#: above this many bytes only pyreadstat reads the file: xport creates a Python object for every cell
SLOW_READER_LIMIT = 20_000_000


def readback_problems(path: Path, records: int | None = None) -> list[str]:
    """The faults of one XPT file in other tools, in plain sentences; [] if all agree.

    ``records``: their number by the manifest.
    """
    try:
        first = pd.DataFrame(read_statistical_file("read_xport", path, disable_datetime_conversion=True)[0])
    except ReaderError as error:
        return [f"{path.name}: pyreadstat cannot read it: {error}"]
    problems = []
    if records is not None and len(first) != records:
        problems.append(f"{path.name}: {len(first)} records, and {records} by the manifest")
    if path.stat().st_size > SLOW_READER_LIMIT:
        return problems
    return problems + _compared(first, path)


def _compared(first: pd.DataFrame, path: Path) -> list[str]:
    import xport

    try:
        with path.open("rb") as file:
            second = xport.to_dataframe(file)
    except Exception as error:  # a reader of somebody else's: whatever it raises means that it cannot read the file
        return [f"{path.name}: xport cannot read it: {error}"]
    if list(first.columns) != list(second.columns) or len(first) != len(second):
        return [f"{path.name}: pyreadstat and xport disagree about its variables or its {len(first)} records"]
    return [
        f"{path.name}: pyreadstat and xport read {name} differently"
        for name in map(str, first.columns)
        if not _same(first[name], second[name])
    ]


def _same(first: pd.Series, second: pd.Series) -> bool:
    if first.dtype.kind in "fiu":
        ours, theirs = first.to_numpy("float64"), second.astype("float64").to_numpy("float64")
        return bool(np.array_equal(ours, theirs, equal_nan=True))
    return first.fillna("").astype(str).tolist() == second.fillna("").astype(str).str.rstrip(" ").tolist()
