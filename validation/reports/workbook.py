"""Writes tables of texts as an Excel workbook whose bytes depend on nothing but the texts and the declared time.

Not for numbers or formulas: every cell is typed as text.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from ...errors import OutputError

MAX_ROWS = 1_048_576  # of a sheet, the header included
MAX_CELL = 32_767  # characters
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


Sheet = tuple[str, Sequence[str], Sequence[Sequence[str]]]


def write_text_sheets(path: Path, sheets: Sequence[Sheet], declared: datetime) -> None:
    """Sheets, each (title, headings, columns), with a frozen header row and a filter; more where rows do not fit.

    The columns of a sheet are equally long. Texts hold no control characters. Raises OutputError when ``path`` cannot
    be written.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    book.properties.creator = "raw2adam"
    book.properties.created = declared
    for title, headings, columns in sheets:
        _add_sheets(book, title, headings, columns)
    packed = BytesIO()
    ExcelWriter(book, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED)).save()  # compressed below, with fixed times
    try:
        path.write_bytes(with_fixed_times(packed.getvalue(), declared))
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror or error}") from error


def _add_sheets(book: Any, title: str, headings: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    rows = len(columns[0]) if columns else 0
    room = MAX_ROWS - 1
    for number, start in enumerate(range(0, max(rows, 1), room), 1):
        sheet = book.create_sheet(title if number == 1 else f"{title} {number}")
        end = min(start + room, rows)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{end - start + 1}"
        for position, heading in enumerate(headings, 1):
            widest = max(map(len, columns[position - 1][start : min(start + 200, end)]), default=0)
            sheet.column_dimensions[get_column_letter(position)].width = min(60, max(len(heading), widest) + 3)
        header = []
        for heading in headings:
            cell = WriteOnlyCell(sheet, heading)
            cell.font = Font(bold=True)
            header.append(cell)
        sheet.append(header)
        for row in zip(*(column[start:end] for column in columns), strict=True):
            sheet.append([text_cell(WriteOnlyCell, sheet, text) for text in row])


def text_cell(kind: Any, sheet: Any, text: str) -> Any:
    """``text`` for a row of a write-only ``sheet``, always typed as text; ``kind``: WriteOnlyCell."""
    if not text:
        return None
    if text[0] != "=" and text[0] != "#" and "_x" not in text and len(text) <= MAX_CELL:
        return text  # openpyxl types it as text by itself, several times faster
    cell = kind(sheet, "")
    cell.value = sheet_text(text)
    cell.data_type = "s"  # openpyxl would take '=...' for a formula and '#N/A' for an error
    return cell


def sheet_text(text: str) -> str:
    """A text as a cell has it: at most MAX_CELL characters.

    Excel reads _x0041_ as the letter A: an underscore that starts such a text is escaped too.
    """
    return _ESCAPE_LIKE.sub("_x005F_", text)[:MAX_CELL] if "_x" in text or len(text) > MAX_CELL else text


def with_fixed_times(data: bytes, declared: datetime, changed: Mapping[str, Callable[[bytes], bytes]] = {}) -> bytes:
    """The same zip with one time for all members, and the declared time as the time of the last change.

    ``changed``: member -> what becomes of its content.
    """
    stamp = declared.strftime("%Y-%m-%dT%H:%M:%SZ")
    moment = max(declared.replace(tzinfo=None), datetime(1980, 1, 1))
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name in changed:
                content = changed[name](content)
            if name == "docProps/core.xml":
                pattern = rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)"
                content = re.sub(pattern, lambda m: m[1] + stamp.encode() + m[3], content)
            info = zipfile.ZipInfo(name, moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o600 << 16
            new.writestr(info, content)
    return out.getvalue()
