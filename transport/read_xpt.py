"""Reads a SAS transport file (XPORT v5) of a finished dataset, whole columns at a time.

Layout: SAS technical note TS-140. Not for raw exports, which keep special missing values (sources/statistical/read.py),
nor for the check that other tools read our files (readback.py, with pyreadstat, which takes 30 times as long).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine.tables.dataset import VariableMetadata
from ..errors import InputError
from ..sources.statistical.sas_transport import TransportLayout
from .file_content import FileContent, decoded, number_column, text_column
from .ibm import ibm_to_ieee

_RECORD = 80
_NAMESTR = b"HEADER RECORD*******NAMESTR HEADER"
_BLANK = 0x20
_DESCRIPTION = 480  # member name and label are in the two cards after DSCRPTR, cards 6 to 8 of the file


def is_version_5(path: Path) -> bool:
    """Whether the header is that of version 5; v8 and v9 write LIBV8."""
    with path.open("rb") as file:
        return not file.read(_RECORD).startswith(b"HEADER RECORD*******LIBV8")


def transport_name(path: Path) -> str:
    """The dataset's name in the header, '' if there is no readable one."""
    with path.open("rb") as file:
        head = file.read(640)
    return head[408:416].decode("ascii", "replace").strip(" \0") if len(head) == 640 else ""


def read_xpt(path: Path, encoding: str = "utf-8") -> FileContent:
    """Read a file: special missing values (._, .A to .Z) are missing. ``encoding``: of the text; the file names none.

    Raises InputError for a file that is cut short, damaged, no transport file, of several datasets or of other text.
    """
    layout = TransportLayout(path, str(path))
    raw = layout.content
    head = raw[: layout.data_start].tobytes()
    content = FileContent(transport_name(path), _text(head[_DESCRIPTION + 32 : _DESCRIPTION + 72], encoding, path))
    data = raw[layout.data_start :]
    rows = _rows(data, layout.row_width)
    layout.check_rows(rows)
    table = data[: rows * layout.row_width].reshape(rows, layout.row_width)
    for described, offset, width, numeric in zip(
        _described(head, len(layout.widths), encoding, path),
        layout.offsets.tolist(),
        layout.widths.tolist(),
        layout.numeric.tolist(),
        strict=True,
    ):
        name, label, form = described
        if offset < 0 or width < (2 if numeric else 1) or (numeric and width > 8):
            raise InputError(f"{path}: damaged header: variable {name} has {width} bytes from {offset}; copy it again")
        cell = table[:, offset : offset + width]
        if numeric:
            words = np.zeros((rows, 8), np.uint8)
            words[:, :width] = cell
            kind, values = number_column(ibm_to_ieee(words.view(">u8")[:, 0].astype(np.uint64)), name, path)
        else:
            kind, values = "text", _texts(cell, name, encoding, path)
        content.add(VariableMetadata(name, label, kind, width, format=form), values)
    return content


def _rows(data: np.ndarray, width: int) -> int:
    """The number of records, which the file does not contain. Blank ones at the end that may be padding are padding."""
    if not width:
        return 0
    rows = len(data) // width
    while (
        rows and len(data) - (rows - 1) * width < _RECORD and (data[(rows - 1) * width : rows * width] == _BLANK).all()
    ):
        rows -= 1
    return rows


def _described(head: bytes, count: int, encoding: str, path: Path) -> list[tuple[str, str, str]]:
    """(name, label, format) of each variable."""
    size = int(head[314:318]) if head[314:318].strip() else 140
    start = head.find(_NAMESTR) + _RECORD
    out = []
    for at in range(start, start + count * size, size):
        card = head[at : at + size]
        name = _text(card[8:16], encoding, path)
        form, width, decimals = _text(card[56:64], encoding, path), *np.frombuffer(card[64:68], ">i2").tolist()
        shown = f"{form}{width or ''}.{decimals or ''}" if form or width else ""
        out.append((name, _text(card[16:56], encoding, path), shown.upper()))
    return out


def _text(part: bytes, encoding: str, path: Path) -> str:
    try:
        return part.rstrip(b" \0").decode(encoding)
    except UnicodeError:
        raise InputError(
            f"{path}: the header's {part.rstrip()!r} is not {encoding} text; name the encoding it was written in"
        ) from None


def _texts(cell: np.ndarray, name: str, encoding: str, path: Path) -> pd.Series:
    rows, width = cell.shape
    if not rows:
        return decoded(np.zeros(0, "int8"), [], bytes.decode, name, path, encoding)
    buffer = pa.py_buffer(np.ascontiguousarray(cell))
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, buffer])
    found = array.dictionary_encode()
    if encoding.lower() in ("utf-8", "utf8"):
        try:
            unique = found.dictionary.cast(pa.binary()).cast(pa.string())
            trimmed = pc.call_function("utf8_rtrim", [unique], pc.TrimOptions(" \0"))
            return text_column(found.indices.to_numpy(), trimmed.to_pylist(), name, path)
        except pa.ArrowInvalid:
            pass  # a cell is not UTF-8: the error below names it
    cells = [c.rstrip(b" \0") for c in found.dictionary.to_pylist()]
    return decoded(found.indices.to_numpy(), cells, lambda c: c.decode(encoding), name, path, encoding)
