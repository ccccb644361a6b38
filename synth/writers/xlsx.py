"""A form as a workbook: one sheet of the form with real dates and numbers, and a sheet of notes, as sites send them.

Not for the content of the form. The bytes depend only on the table, the declared time and the version of openpyxl.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from ...validation.reports.workbook import text_cell, with_fixed_times
from ..subjects.tables import Table

NOTES = ("Synthetic data: no row is about a real person.", "Dates are Excel dates; empty cells are missing.")
_UNIX_EPOCH = datetime(1970, 1, 1)


def xlsx_bytes(table: Table, declared: datetime) -> bytes:
    """The whole workbook; the sheet has the file's name in capitals. Columns of ``table.days`` are dates (a cell whose
    day is negative is empty), those of ``table.numeric`` numbers, the others text with its leading zeros."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "raw2adam"
    book.properties.created = declared
    sheet = book.create_sheet(Path(table.name).stem.upper())
    sheet.append(list(table.columns))
    for row in zip(*(_cells(sheet, table, name) for name in table.columns), strict=True):
        sheet.append(row)
    notes = book.create_sheet("NOTES")
    for line in NOTES:
        notes.append([line])
    packed = BytesIO()
    book.save(packed)
    return with_fixed_times(packed.getvalue(), declared)


def _cells(sheet: Any, table: Table, name: str) -> list[Any]:
    from openpyxl.cell import WriteOnlyCell

    if name in table.days:
        cells: dict[int, Any] = {}  # one cell per day, for all rows with that day
        for day in set(table.days[name].tolist()):
            if day < 0:
                cells[day] = None
                continue
            cell = WriteOnlyCell(sheet, _UNIX_EPOCH + timedelta(days=day))
            cell.number_format = "yyyy-mm-dd"
            cells[day] = cell
        return [cells[day] for day in table.days[name].tolist()]
    texts = table.columns[name].tolist()
    if name in table.numeric:
        return [_number(t) if t else None for t in texts]
    return [text_cell(WriteOnlyCell, sheet, t) for t in texts]


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
