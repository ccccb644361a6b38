"""Reads transport files back with readers of other authors, pyreadstat (C) and xport (pure Python), beside our reader.

Files of any size: in blocks of records, each compared as a whole. Not for tracing values (trace/records.py), nor for
the metadata against define.xml (define/checks.py).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import InputError
from ..sources.statistical.pyreadstat_process import ReaderError, read_statistical_file
from ..sources.statistical.transport_blocks import TransportBlock, transport_blocks
from ..sources.statistical.transport_cells import TransportCells

#: above this many bytes xport does not read the file: it creates a Python object for every cell
SLOW_READER_LIMIT = 20_000_000

Cells = dict[str, list[Any]]


def readback_problems(path: Path, records: int | None = None) -> list[str]:
    """The faults of one XPT file in other tools, in plain sentences; [] if all agree.

    ``records``: their number by the manifest.
    """
    found = 0
    whole: Cells = {}
    numeric: dict[str, bool] = {}
    try:
        small = path.stat().st_size <= SLOW_READER_LIMIT
        for block in transport_blocks(path):
            cells = block.cells(path.name)
            theirs, meta = read_statistical_file(
                "read_xport", io.BytesIO(block.content), disable_datetime_conversion=True
            )
            problems = _unlike(cells, theirs, list(meta.column_names), block)
            if problems:
                return [f"{path.name}: {text}" for text in problems]
            found += cells.rows
            numeric = dict(zip(theirs, cells.layout.numeric, strict=True))
            for name, values in theirs.items() if small else ():
                whole.setdefault(name, []).extend(values)
    except ReaderError as error:
        return [f"{path.name}: pyreadstat cannot read it: {error}"]
    except InputError as error:  # its message begins with the name of the file
        return [str(error)]
    except OSError as error:
        return [f"{path.name}: cannot be read: {error.strerror or error}"]
    if records is not None and found != records:
        return [f"{path.name}: {found} records, and {records} by the manifest"]
    return _compared(whole, numeric, path) if small else []


def _unlike(cells: TransportCells, theirs: Cells, names: list[str], block: TransportBlock) -> list[str]:
    """What pyreadstat reads in a block in another way than our reader."""
    ours = [v.name.decode("latin-1") for v in cells.layout.variables]
    if ours != names:
        return [f"pyreadstat reads the variables {', '.join(names)}, and its header has {', '.join(ours)}"]
    count = len(theirs[names[0]]) if names else 0
    if block.last and count != cells.rows:
        return [f"pyreadstat reads {block.first + count} records of {block.first + cells.rows}"]
    problems = []
    for place, name in enumerate(names):  # pyreadstat does not read blank records at the end of a block
        unlike = _unlike_cells(cells, place, theirs[name])
        if len(unlike):
            record = block.first + int(unlike[0]) + 1
            problems.append(f"pyreadstat reads {name}, record {record}, in another way")
    return problems


def _unlike_cells(cells: TransportCells, place: int, theirs: list[Any]) -> np.ndarray:
    """The records of a block, from 0, that differ."""
    count = len(theirs)
    if cells.layout.numeric[place]:
        ours, other = cells.numbers(place), np.full(cells.rows, np.nan)
        other[:count] = np.array(theirs, dtype="float64")
        return np.flatnonzero((ours != other) & ~(np.isnan(ours) & np.isnan(other)))
    try:
        texts = cells.text_rows(place)
    except pa.ArrowInvalid:
        return np.zeros(1, "int64")
    other = pa.array([*theirs, *[""] * (cells.rows - count)], pa.string())
    return np.flatnonzero(~np.asarray(pc.call_function("equal", [texts, other]).fill_null(False)))


def _compared(first: Cells, numeric: Mapping[str, bool], path: Path) -> list[str]:
    """What xport reads in another way than pyreadstat, which has read ``first``."""
    import xport

    try:
        with path.open("rb") as file:
            reader = xport.Reader(file)
            names, second = list(reader.fields), list(zip(*reader, strict=True))
    except Exception as error:  # a reader of somebody else's: whatever it raises means that it cannot read the file
        return [f"{path.name}: xport cannot read it: {error}"]
    records = len(next(iter(first.values()), ()))
    second = second or [()] * len(names)
    if list(first) != names or any(len(values) != records for values in second):
        return [f"{path.name}: pyreadstat and xport disagree about its variables or its {records} records"]
    return [
        f"{path.name}: pyreadstat and xport read {name} differently"
        for name, values in zip(names, second, strict=True)
        if not _same(first[name], values, numeric[name])
    ]


def _same(first: Sequence[Any], second: Sequence[Any], numeric: bool) -> bool:
    if numeric:
        ours, theirs = np.array(first, dtype="float64"), np.array(second, dtype="float64")
        return bool(np.array_equal(ours, theirs, equal_nan=True))
    texts = [value if isinstance(value, str) else "" for value in first]
    return texts == [value.rstrip(" ") for value in second]
