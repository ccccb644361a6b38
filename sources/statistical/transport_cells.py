"""The cells of a SAS transport file of version 5, whole columns at a time.

Not for the places of the cells (sas_transport.py), nor for version 8, which pyreadstat reads.
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .ibm import ibm_to_ieee
from .sas_transport import TransportLayout

_PADDING = b" \0"
_FEW = 4  # a column with fewer runs of equal cells than a fourth of its records is encoded by runs


class TransportCells:
    """The observations of one member: ``rows`` of them, by default all. Raises InputError where the file is cut."""

    def __init__(self, layout: TransportLayout, rows: int | None = None):
        self.layout = layout
        self.rows = layout.rows() if rows is None else rows
        end = layout.data_start + self.rows * layout.row_width
        self._records = layout.data[layout.data_start : end].reshape(self.rows, layout.row_width)

    def numbers(self, variable: int) -> np.ndarray:
        """float64 of each observation; '.', '._' and '.A' to '.Z' are NaN."""
        cell = self._cell(variable)
        words = np.zeros((len(cell), 8), np.uint8)
        words[:, : cell.shape[1]] = cell
        return ibm_to_ieee(words.view(">u8")[:, 0].astype(np.uint64))

    def letters(self, variable: int) -> np.ndarray:
        """uint8 of each observation: the letter or underscore of a special missing value, 0 elsewhere."""
        return self.layout.special_missing(variable, self.rows)

    def texts(self, variable: int) -> tuple[np.ndarray, pa.Array]:
        """(int32 code of each observation, its different cells): bytes of the width of the variable, with padding."""
        cell = self._cell(variable)
        width = int(self.layout.widths[variable])
        if not len(cell):
            return np.zeros(0, "int32"), pa.array([], pa.binary(width))
        whole = np.ascontiguousarray(cell).view(f"S{width}")[:, 0]
        begins = np.flatnonzero(np.concatenate(([True], whole[1:] != whole[:-1])))
        if len(begins) * _FEW < len(cell):  # the records are sorted by it: each run of equal cells is looked up once
            found = _binary(cell[begins]).dictionary_encode()
            return np.repeat(found.indices.to_numpy(), np.diff(begins, append=len(cell))), found.dictionary
        found = _binary(cell).dictionary_encode()
        return found.indices.to_numpy(), found.dictionary

    def text_rows(self, variable: int) -> pa.Array:
        """The texts of all observations without padding. Raises ArrowInvalid for other text than UTF-8."""
        return trimmed(_binary(self._cell(variable)))

    def _cell(self, variable: int) -> np.ndarray:
        at, width = int(self.layout.offsets[variable]), int(self.layout.widths[variable])
        return self._records[:, at : at + width]


def trimmed(cells: pa.Array) -> pa.Array:
    """Cells of bytes as UTF-8 texts without padding. Raises ArrowInvalid."""
    return pc.call_function("utf8_rtrim", [cells.cast(pa.binary()).cast(pa.string())], pc.TrimOptions(" \0"))


def decoded_cells(cells: pa.Array, decode: Callable[[bytes], str], *, utf8: bool) -> tuple[list[str], list[int]]:
    """The texts of cells without padding, and the places of those that ``decode`` refuses; their text is ''."""
    if utf8:
        try:
            return trimmed(cells).to_pylist(), []
        except pa.ArrowInvalid:
            pass  # a cell is not UTF-8: the loop below finds it
    texts: list[str] = []
    bad: list[int] = []
    for number, cell in enumerate(cells.to_pylist()):
        try:
            texts.append(decode(cell.rstrip(_PADDING)))
        except UnicodeError:
            bad.append(number)
            texts.append("")
    return texts, bad


def _binary(cell: np.ndarray) -> pa.Array:
    rows, width = cell.shape
    buffer = pa.py_buffer(np.ascontiguousarray(cell))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, buffer])
