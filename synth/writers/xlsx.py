"""A form as a workbook: one sheet of the form with real dates and numbers, and a sheet of notes, as sites send them.

Not for the content of the form. The bytes depend only on the table, the declared time and the version of openpyxl.
openpyxl writes all but the rows of the form: it makes an object of each cell, which takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from ...validation.reports.workbook import sheet_text, with_fixed_times
from ..subjects.tables import Table

NOTES = ("Synthetic data: no row is about a real person.", "Dates are Excel dates; empty cells are missing.")
_SHEET, _END_OF_ROWS = "xl/worksheets/sheet1.xml", b"</sheetData>"
T = TypeVar("T", bound=Hashable)
_DAY_0 = 25569  # 1970-01-01 in the 1900 system of Excel


def xlsx_bytes(table: Table, declared: datetime) -> bytes:
    """The whole workbook; the sheet has the file's name in capitals. Columns of ``table.days`` are dates (a cell whose
    day is negative is empty), those of ``table.numeric`` numbers, the others text with its leading zeros.

    Raises ValueError for a text that XML cannot hold."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    book.properties.creator = "raw2adam"
    book.properties.created = declared
    sheet = book.create_sheet(Path(table.name).stem.upper())
    sheet.append(list(table.columns))
    style = 0
    if any((days >= 0).any() for days in table.days.values()):
        date = WriteOnlyCell(sheet, declared)
        date.number_format = "yyyy-mm-dd"
        style = date.style_id
    rows = _rows(table, style)
    notes = book.create_sheet("NOTES")
    for line in NOTES:
        notes.append([line])
    packed = BytesIO()
    book.save(packed)
    return with_fixed_times(
        packed.getvalue(), declared, {_SHEET: lambda above: above.replace(_END_OF_ROWS, rows + _END_OF_ROWS)}
    )


def _rows(table: Table, date_style: int) -> bytes:
    """The rows of the form as the sheet has them, from row 2 on. ``date_style``: the number of the style of dates."""
    from openpyxl.utils import get_column_letter

    columns = []
    for number, name in enumerate(table.columns, 1):
        if name in table.days:
            start = f' s="{date_style}" t="n"><v>'
            cells = _cells(table.days[name].tolist(), lambda day, s=start: f"{s}{day + _DAY_0}</v>" if day >= 0 else "")
        else:
            cells = _cells(table.columns[name].tolist(), _number if name in table.numeric else _text)
        columns.append((f'<c r="{get_column_letter(number)}', cells))
    rows = []
    for row, cells in enumerate(zip(*(cells for _, cells in columns), strict=True), 2):
        inside = [f'{start}{row}"{cell}</c>' for (start, _), cell in zip(columns, cells, strict=True) if cell]
        rows.append(f'<row r="{row}">{"".join(inside)}</row>')
    return "".join(rows).encode("ascii")


def _cells(values: Iterable[T], write: Callable[[T], str]) -> list[str]:
    """What each cell has after its place, '' for an empty one; ``write`` runs one time per unique value."""
    known: dict[T, str] = {}
    return [known[v] if v in known else known.setdefault(v, write(v)) for v in values]


def _number(text: str) -> str:
    from openpyxl.compat import safe_string

    if not text:
        return ""
    value = float(text)
    return f' t="n"><v>{safe_string(int(value) if value.is_integer() else value)}</v>'


def _text(text: str) -> str:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    if not text:
        return ""
    cell = etree.Element("t")
    cell.text = sheet_text(text)
    if cell.text != cell.text.strip():
        cell.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return f' t="inlineStr"><is>{etree.tostring(cell).decode()}</is>'
