"""Reads a SAS transport file (XPORT v5) of a finished dataset, whole columns at a time.

Layout: SAS technical note TS-140. Not for raw exports, which keep special missing values (sources/statistical/read.py),
nor for the check that other tools read our files (readback.py, with pyreadstat, which takes 30 times as long).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.tables.dataset import VariableMetadata
from ..errors import InputError
from ..sources.statistical.sas_transport import RECORD, TransportLayout, TransportVariable, member_starts, members_of
from ..sources.statistical.transport_cells import TransportCells, decoded_cells
from ..sources.statistical.transport_magic import is_library_5, is_version_5
from .file_content import FileContent, number_column, text_column

_BLOCK = RECORD << 17
_HEAD = 640
_NAME = slice(408, 416)


def is_version_5_file(path: Path) -> bool:
    """Whether the header is that of version 5; v8 and v9 write LIBV8."""
    with path.open("rb") as file:
        return is_version_5(file.read(80))


def transport_name(path: Path) -> str:
    """The dataset's name in the header, '' if there is no readable one."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return head[_NAME].decode("ascii", "replace").strip(" \0") if len(head) == _HEAD else ""


def transport_names(path: Path) -> list[str]:
    """The names of the datasets in a file of version 5, in its order; [] for another file. Raises OSError."""
    with path.open("rb") as file:
        if not is_library_5(file.read(RECORD)):
            return []
        starts = []
        block_size = min(_BLOCK, path.stat().st_size)  # a read takes the memory that it asks for
        while block := file.read(block_size):
            starts += [file.tell() - len(block) + at for at in member_starts(block)]
        names = []
        for start in starts:
            file.seek(start + 2 * RECORD + 8)
            names.append(file.read(8).decode("latin-1").strip(" \0"))
    return names


def read_xpt(
    path: Path, encoding: str = "utf-8", dataset: str = "", wanted: Callable[[str], bool] | None = None
) -> FileContent:
    """Read a dataset: special missing values (._, .A to .Z) are missing.

    ``encoding``: of the text; the file names none. ``dataset``: its name in a file of several. ``wanted``: which
    variables to read, by name, besides the first one; all by default.
    Raises InputError for a file that is cut short, damaged, no transport file, of several datasets where none is named,
    or of other text.
    """
    whole = path.read_bytes()
    several = len(members_of(whole)) > 1
    layout = TransportLayout(whole, str(path), dataset if several and dataset else None)
    cells = TransportCells(layout)
    content = FileContent(_text(layout.member_name, encoding, path), _text(layout.label, encoding, path))
    for place, variable in enumerate(layout.variables):
        name, label = _text(variable.name, encoding, path), _text(variable.label, encoding, path)
        if wanted is not None and place and not wanted(name):
            continue
        if layout.numeric[place]:
            kind, values = number_column(cells.numbers(place), name, path)
        else:
            kind, values = "text", _texts(cells, place, name, encoding, path)
        form = _shown_format(variable, _text(variable.form, encoding, path))
        content.add(VariableMetadata(name, label, kind, int(layout.widths[place]), format=form), values)
    return content


def _shown_format(variable: TransportVariable, form: str) -> str:
    width = variable.form_width
    return f"{form}{width or ''}.{variable.form_decimals or ''}".upper() if form or width else ""


def _text(part: bytes, encoding: str, path: Path) -> str:
    try:
        return part.decode(encoding)
    except UnicodeError:
        raise InputError(
            f"{path}: the header's {part!r} is not {encoding} text; name the encoding it was written in"
        ) from None


def _texts(cells: TransportCells, place: int, name: str, encoding: str, path: Path) -> pd.Series:
    codes, unique = cells.texts(place)
    utf8 = encoding.lower() in ("utf-8", "utf8")
    texts, bad = decoded_cells(unique, lambda cell: cell.decode(encoding), utf8=utf8)
    if bad:
        first = int(np.flatnonzero(np.isin(codes, bad))[0])
        cell = unique[int(codes[first])].as_py().rstrip()
        raise InputError(
            f"{path}: {name}, record {first + 1}: {cell!r} is not {encoding} text; "
            "name the encoding the file was written in (cp1252, latin-1, ...)"
        )
    return text_column(codes, texts, name, path)
