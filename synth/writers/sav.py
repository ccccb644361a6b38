"""A form as an SPSS file, as a questionnaire vendor delivers it: numbers with value labels, texts of fixed width.

Not for the layout of the dictionary: ReadStat writes it, with one case that sets the widths. This module puts the cases
in the place of that one, and writes their number and the declared time. The PSPP project documents their layout ("File
Header Record", "Extra number of cases record", "Data Record").
"""

from __future__ import annotations

import struct
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ..subjects.tables import MONTHS, Table

CASES = 80  # place of the number of cases in the header
_STAMP = 92  # 9 bytes dd mmm yy, 8 bytes hh:mm:ss
#: start of the record with the number of cases in 64 bits: type 7, subtype 16, two values of 8 bytes, byte order
CASES_AGAIN = struct.pack("<iiiiq", 7, 16, 8, 2, 1)
#: a missing number: the lowest double
SYSMIS = -1.7976931348623157e308
_WIDTHS = (8, 16, 32, 64, 128, 248)
_SCALES = (4, 7)  # items of the questionnaires have 4 or 7 levels


def sav_bytes(table: Table, declared: datetime) -> bytes:
    """The whole file, stamped with ``declared``. Columns of ``table.numeric`` are numbers, an empty one is missing.

    A column with only whole numbers from 1 to 4 or 1 to 7 gets labels of those levels. Texts have round widths,
    as a data entry form declares them. Raises ValueError for a text of more than 248 bytes.
    """
    import pyreadstat

    columns = {name: _column(cells.tolist(), name in table.numeric) for name, cells in table.columns.items()}
    labels: dict[str, dict[int | float, str]] = {}
    for name in table.numeric:
        if levels := _levels(columns[name]):
            labels[name] = {level: f"level {level}" for level in range(1, levels + 1)}
    widest = {n: [0.0] if n in table.numeric else ["x" * c.itemsize] for n, c in columns.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.sav"
        pyreadstat.write_sav(
            pd.DataFrame(widest),
            str(path),
            file_label=f"Synthetic data: {table.name}"[:64],
            variable_value_labels=labels,
            variable_format=dict.fromkeys(table.numeric, "F8.0"),
        )
        content = bytearray(path.read_bytes())
    stamp = f"{declared.day:02} {MONTHS[declared.month - 1].title()} {declared.year % 100:02}{declared:%H:%M:%S}"
    content[_STAMP : _STAMP + 17] = stamp.encode("ascii")
    cases = np.empty(len(table), dtype=[(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        cases[name] = column
    del content[-cases.itemsize :]
    set_cases(content, len(table))
    return bytes(content) + cases.tobytes()


def set_cases(content: bytearray, cases: int) -> None:
    """Write the number of cases into its two places."""
    struct.pack_into("<i", content, CASES, cases)
    at = content.find(CASES_AGAIN)
    if at >= 0:
        struct.pack_into("<q", content, at + len(CASES_AGAIN), cases)


def _column(texts: list[str], numeric: bool) -> np.ndarray:
    """The cells as the cases hold them: little-endian float64, or texts with blanks up to their width."""
    if numeric:
        return np.array([float(t) if t else SYSMIS for t in texts], dtype="<f8")
    width = _width(texts)
    return np.array([t.encode().ljust(width) for t in texts], dtype=f"S{width}")


def _levels(values: np.ndarray) -> int:
    known = values[values != SYSMIS]
    if not len(known) or (known != np.floor(known)).any() or known.min() < 1:
        return 0
    return next((levels for levels in _SCALES if known.max() <= levels), 0)


def _width(texts: list[str]) -> int:
    longest = max((len(t.encode()) for t in texts), default=0)
    for width in _WIDTHS:
        if longest <= width:
            return width
    raise ValueError(f"a text of {longest} bytes; {_WIDTHS[-1]} are the most")
