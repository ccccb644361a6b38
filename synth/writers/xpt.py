"""A form as a SAS transport file (XPT v5) of a laboratory vendor.

Not for the layout of the format: transport/.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ...transport.xpt import XptVariable, XptWriter
from ..subjects.tables import Table

#: a vendor declares round lengths, not the length of the longest text
_LENGTHS = (8, 20, 40, 80, 200)


def xpt_bytes(table: Table, declared: datetime) -> bytes:
    """The whole file, stamped with ``declared``. Columns of ``table.numeric`` are numbers, an empty cell is missing.

    Raises ValueError for a text of more than 200 bytes, OutputError for other values that the format cannot hold.
    """
    variables, columns = [], {}
    for name, cells in table.columns.items():
        numeric = name in table.numeric
        if numeric:
            columns[name] = np.array([float(c) if c else np.nan for c in cells.tolist()], dtype=np.float64)
        else:
            columns[name] = pd.Series(cells, dtype="str")
        variables.append(XptVariable(name, name, numeric, 8 if numeric else _length(cells), ""))
    dataset = Path(table.name).stem.replace("_", "").upper()[:8]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.xpt"
        with XptWriter(path, dataset, f"Synthetic data: {table.name}"[:40], variables, declared) as writer:
            writer.append(pd.DataFrame(columns))
        return path.read_bytes()


def _length(cells: np.ndarray) -> int:
    longest = max(map(len, cells.tolist()), default=0)
    for length in _LENGTHS:
        if longest <= length:
            return length
    raise ValueError(f"a text of {longest} bytes; a transport file holds {_LENGTHS[-1]}")
