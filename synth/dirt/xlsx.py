"""Edits cells of the first sheet of a workbook in its XML; every other part of the package stays the same.

Not for choosing what to change. The workbook comes from synth/writers/xlsx.py: one header row; an empty cell may
be absent.
"""

from __future__ import annotations

import zipfile
from copy import deepcopy
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from ...validation.reports.workbook import with_fixed_times
from .file import Edits, RawFile

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_DAY_0 = date(1899, 12, 30)
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?")


class XlsxFile(RawFile):
    """``declared``: the time stamped into the edited package. A number in a column named *_DT is a date."""

    def __init__(self, content: bytes, declared: datetime):
        from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

        self._content, self._declared, self._etree = content, declared, etree
        with zipfile.ZipFile(BytesIO(content)) as package:
            shared = etree.fromstring(package.read(_STRINGS)) if _STRINGS in package.namelist() else ()
            self._sheet = etree.fromstring(package.read(_SHEET))
        self._strings = ["".join(t.text or "" for t in si.iter(_MAIN + "t")) for si in shared]
        rows = list(self._sheet.find(_MAIN + "sheetData"))
        header = {_letters(c): self._text(c, "") for c in rows[0]}
        self._column = {name: letters for letters, name in header.items()}
        self.columns = tuple(self._column)
        self._rows = rows[1:]
        self._places = [{_letters(c): c for c in row} for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def cells(self, column: str) -> list[str]:
        letters = self._column[column]
        return [self._text(row.get(letters), column) for row in self._places]

    def fits(self, column: str, text: str) -> bool:
        return not text or (text[0] != "=" and text.isprintable())

    def edited(self, edits: Edits) -> bytes:
        sheet = deepcopy(self._sheet)
        target = sheet.find(_MAIN + "sheetData")
        header, *unchanged = target
        target[:] = [header]
        first = 0  # of the rows that have no record yet
        for number, (row, changed) in enumerate(edits.rows(len(self)), 2):
            if row == first:
                record, first = unchanged[row], first + 1
            else:  # a copy of a row that has its record
                record = deepcopy(self._rows[row])
            if changed or record.get("r") != str(number):
                self._number(record, number, changed)
            target.append(record)
        out = BytesIO()
        with zipfile.ZipFile(BytesIO(self._content)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                same = old.read(name)
                new.writestr(
                    name,
                    self._etree.tostring(sheet, xml_declaration=True, encoding="UTF-8") if name == _SHEET else same,
                )
        return with_fixed_times(out.getvalue(), self._declared)

    def _text(self, cell: Any, column: str) -> str:
        if cell is None:
            return ""
        value = cell.findtext(_MAIN + "v") or ""
        kind = cell.get("t", "n")
        if kind == "s":
            return self._strings[int(value)]
        if kind == "inlineStr":
            return "".join(t.text or "" for t in cell.iter(_MAIN + "t"))
        if kind in ("n", "d") and column.endswith("_DT") and value:
            return (_DAY_0 + timedelta(days=int(float(value)))).isoformat() if kind == "n" else value[:10]
        return value

    def _number(self, row: Any, number: int, changed: dict[str, str]) -> None:
        """Make ``row`` the row ``number`` of the sheet, with the changed cells by column."""
        row.set("r", str(number))
        cells = {_letters(c): c for c in row}
        for letters, cell in cells.items():
            cell.set("r", f"{letters}{number}")
        for column, text in changed.items():
            self._put(row, cells, self._column[column], number, text)

    def _put(self, row: Any, cells: dict[str, Any], letters: str, number: int, text: str) -> None:
        if (old := cells.pop(letters, None)) is not None:
            row.remove(old)
        if not text:
            return
        cell = self._etree.Element(_MAIN + "c", r=f"{letters}{number}")
        if text in _ERRORS:
            cell.set("t", "e")
            self._etree.SubElement(cell, _MAIN + "v").text = text
        else:
            cell.set("t", "inlineStr")
            inside = self._etree.SubElement(self._etree.SubElement(cell, _MAIN + "is"), _MAIN + "t")
            inside.text = text
            inside.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        before = sum(_order(other) < _order(letters) for other in cells)
        row.insert(before, cell)
        cells[letters] = cell


def _letters(cell: Any) -> str:
    return cell.get("r").rstrip("0123456789")


def _order(letters: str) -> tuple[int, str]:
    return len(letters), letters
