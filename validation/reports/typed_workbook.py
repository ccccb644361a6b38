"""Workbooks of typed cells: numbers as numbers, all else as text; with print setup, drop-downs and protected columns.

The bytes depend on nothing but the cells and the declared time. No cell is a formula. Not for plain tables of texts
(workbook.py).
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from ...errors import OutputError
from . import workbook
from .sheet_rows import rows_xml, with_rows
from .workbook import with_fixed_times

_WIDEST, _NARROWEST, _SAMPLE = 60, 6, 200


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. ``cells``: texts, whole numbers, or None for an empty cell.

    ``width``: in characters, None for that of the first cells. ``wrap``: long texts have several lines. ``open``: a
    reader can write into it in a protected sheet. ``choices``: the drop-down list of its cells.
    """

    heading: str
    cells: Sequence[str | int | None]
    width: int | None = None
    wrap: bool = False
    open: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TypedSheet:
    """One sheet with a frozen header row and a filter; it prints in landscape, one page wide, the header on each page.

    ``frozen``: so many columns on the left do not scroll. ``protected``: only open columns can be changed; a filter
    still works. There is no password. ``printed``: so many columns are on paper, all for 0.
    """

    title: str
    columns: Sequence[Column]
    frozen: int = 0
    protected: bool = False
    printed: int = 0


def write_typed_workbook(path: Path, sheets: Sequence[TypedSheet], declared: datetime) -> None:
    """Write the sheets; rows that do not fit on a sheet go to further ones of its name.

    Texts hold no control characters. Raises OutputError when ``path`` cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    book.properties.creator = "raw2adam"
    book.properties.created = declared
    pages: dict[str, bytes] = {}
    for sheet in sheets:
        _add(book, sheet, pages)
    packed = BytesIO()
    ExcelWriter(book, zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED)).save()  # compressed below, with fixed times
    try:
        changed = {name: partial(with_rows, rows=rows) for name, rows in pages.items()}
        path.write_bytes(with_fixed_times(packed.getvalue(), declared, changed))
    except OSError as error:
        raise OutputError(f"{path.name} cannot be written: {error.strerror or error}") from error


def _add(book: Any, sheet: TypedSheet, pages: dict[str, bytes]) -> None:
    """Add a sheet with its header row; ``pages`` gets the other rows by the name of the member."""
    rows = len(sheet.columns[0].cells) if sheet.columns else 0
    room = workbook.MAX_ROWS - 1
    for number, start in enumerate(range(0, max(rows, 1), room), 1):
        page = book.create_sheet(sheet.title if number == 1 else f"{sheet.title} {number}")
        end = min(start + room, rows)
        _set_up(page, sheet, start, end)
        pages[f"xl/worksheets/sheet{len(book.worksheets)}.xml"] = _rows(page, sheet, start, end)


def _set_up(page: Any, sheet: TypedSheet, start: int, end: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last = get_column_letter(len(sheet.columns))
    page.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}2"
    page.auto_filter.ref = f"A1:{last}{end - start + 1}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    page.oddFooter.right.text = "&P / &N"
    if sheet.printed:
        page.print_area = f"A1:{get_column_letter(sheet.printed)}{end - start + 1}"
    for position, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(position)
        page.column_dimensions[letter].width = column.width or _width(column, start, end)
        if column.choices and end > start:
            listed = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            listed.error, listed.errorTitle = "Please choose a text of the list.", column.heading
            listed.add(f"{letter}2:{letter}{end - start + 1}")
            page.data_validations.append(listed)
    if sheet.protected:
        page.protection.sheet = True
        page.protection.autoFilter = page.protection.sort = page.protection.formatColumns = False


def _width(column: Column, start: int, end: int) -> int:
    widest = max((len(str(c)) for c in column.cells[start : min(start + _SAMPLE, end)] if c is not None), default=0)
    return max(_NARROWEST, min(_WIDEST, max(len(column.heading), widest) + 3))


def _rows(page: Any, sheet: TypedSheet, start: int, end: int) -> bytes:
    """Write the header row, and return the other rows."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    header = []
    bold, above = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for column in sheet.columns:
        cell = WriteOnlyCell(page, column.heading)
        cell.font, cell.alignment = bold, above
        header.append(cell)
    patterns: dict[tuple[bool, bool], Any] = {}
    looks = [(column.wrap, column.open and sheet.protected) for column in sheet.columns]
    for wrap, open_ in dict.fromkeys(looks):
        pattern = patterns[wrap, open_] = WriteOnlyCell(page)
        if wrap or sheet.protected:
            pattern.alignment = Alignment(wrap_text=wrap, vertical="top")
        if open_:
            pattern.protection, pattern.fill = Protection(locked=False), PatternFill("solid", fgColor="FFF2CC")
    page.append(header)
    styles = [patterns[look].style_id for look in looks]  # the look of the header is the first of the book
    return rows_xml([c.cells[start:end] for c in sheet.columns], styles, 2)
