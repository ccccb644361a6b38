"""One sheet of an Excel workbook to a raw table: each cell as a person sees it, if that is certain.

Not for old binary workbooks (.xls), which are refused, nor for the parts beside the cells (workbook.py). Cells are
read from the sheet's XML, with the values that Excel computed.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import InputError, nearest
from ...findings.table import Findings
from ..cell_text import truth_text
from ..delimited.head import joined
from ..header import HEADER_FINDINGS, Header, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import frame_of, from_texts
from .dates import iso_text, shown_moment
from .number_formats import Shown, is_date, plain_number, shown_number
from .report import Report
from .workbook import Sheet, Workbook, check_package, is_struck, text_of, unescaped

_MAX_ROWS, _MAX_COLUMNS, _MAX_PARTS = 1_048_576, 16_384, 50_000  # of a sheet of Excel; of merged cells
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+")
_EMPTY = Shown("")


@dataclass
class _Row:
    """A row of the sheet with its filled cells: column, from 0 -> the cell as it is read, and its number format."""

    line: int
    cells: dict[int, tuple[Shown, str]] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)

    def text(self, column: int) -> str:
        return self.cells[column][0].text if column in self.cells else ""

    def texts(self, width: int) -> list[str]:
        return [self.text(i) for i in range(width)]


@reads(
    "excel",
    findings=(
        *HEADER_FINDINGS,
        "R2A-SRC-001",
        "R2A-SRC-002",
        "R2A-SRC-004",
        "R2A-SRC-005",
        "R2A-SRC-006",
        "R2A-SRC-007",
        "R2A-SRC-008",
        "R2A-SRC-037",
        "R2A-SRC-038",
        "R2A-SRC-039",
        "R2A-SRC-043",
        "R2A-SRC-044",
    ),
)
def _read(file: SourceFile) -> RawTable:
    return read_excel(file.source, file.path, file.options, file.findings)


def read_excel(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read one sheet.

    Numbers have fifteen significant digits, as in Excel, in their shortest text or as their number format shows them
    (number_formats.py). Dates are ISO 8601 in the 1900 and the 1904 system; they have a time, and seconds, if value or
    format has one (dates.py). Truth values are TRUE and FALSE, error values their text (finding R2A-SRC-004). Texts
    lose the escapes _xHHHH_ of the file format. ``line`` is the row of the sheet; empty rows are no records. Findings:
    R2A-SRC-005 formulas never computed, 006 merged cells, 007 hidden rows and columns, 008 empty rows at the end, 037
    to 039 cells that show another text than they store, 043 comments, 044 texts that are struck out. Raises InputError
    for a file that is no workbook, a sheet that the workbook lacks, unusable column names, and filled cells in columns
    without a name.
    """
    check_package(path, options.file)
    try:
        with zipfile.ZipFile(path) as package:
            book = Workbook(package, options.file)
            sheet = _sheet(book, options)
            reader = _SheetReader(book, sheet, options)
            rows = reader.rows()
            comments = book.comments(sheet)
    except InputError:
        raise
    except Exception as error:  # damaged parts raise many classes, of zipfile, lxml and int
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{options.file}: damaged workbook ({text}); open it in Excel and save it again") from None
    report = Report(options.file, sheet.name, findings)
    table = _table(name, path, rows, options, report)
    report.structure(reader.without_value, reader.merged, reader.hidden_rows, reader.hidden_columns)
    report.comments(comments)
    report.struck(reader.struck)
    return table


def _sheet(book: Workbook, options: SourceOptions) -> Sheet:
    titles = [s.name for s in book.sheets]
    listed = ", ".join(f"'{t}'" for t in titles)
    if options.sheet is None:
        if len(titles) != 1:
            raise InputError(f"{options.file}: {len(titles)} sheets ({listed}); declare sheet: with the one to read")
        return book.sheets[0]
    for sheet in book.sheets:
        if sheet.name == options.sheet:
            return sheet
    hint = nearest(options.sheet, titles)
    raise InputError(f"{options.file}: no sheet '{options.sheet}'; it has {listed}" + (f"; {hint}" if hint else ""))


class _SheetReader:
    """Reads the rows of a sheet, and its merged ranges and hidden parts; references as Excel writes them."""

    def __init__(self, book: Workbook, sheet: Sheet, options: SourceOptions):
        self.book, self.sheet, self.file = book, sheet, options.file
        self.shown = options.number_formats == "shown"
        self.without_value: list[str] = []
        self.merged: list[str] = []
        self.struck: list[tuple[str, str]] = []  # cell, text
        self.hidden_rows = self.hidden_columns = 0
        self._numbers: dict[tuple[str, str], Shown] = {}  # (stored text, format) -> the cell

    def rows(self) -> list[_Row]:
        """Every row that the sheet has, empty ones too."""
        found: list[_Row] = []
        parts: Counter[str] = Counter()
        line = 0
        for element in self.book.elements(self.sheet.part, "row", "col", "mergeCell"):
            tag = element.tag.rpartition("}")[2]
            hidden = element.get("hidden") in ("1", "true")
            if tag == "row":
                line = self._line(element.get("r"), line)
                self.hidden_rows += hidden
                found.append(self._row(element, line))
            elif tag == "col":
                self.hidden_columns += hidden * (int(element.get("max", 1)) - int(element.get("min", 1)) + 1)
            else:
                parts[tag] += 1
                if parts[tag] > _MAX_PARTS:
                    raise InputError(f"{self.file}: more than {_MAX_PARTS} elements {tag} in the sheet; save it again")
                self.merged.append(element.get("ref", "?"))
        return found

    def _line(self, number: str | None, before: int) -> int:
        if number is None:
            return before + 1
        if not number.isdecimal() or not 1 <= int(number[:20]) <= _MAX_ROWS:
            raise InputError(f"{self.file}: row {number} of the sheet; Excel has {_MAX_ROWS}. Save it again")
        return int(number)

    def _row(self, element: Any, line: int) -> _Row:
        row, column = _Row(line), -1
        for cell in element:
            reference = cell.get("r")
            column = column + 1 if reference is None else _column(reference)
            if column >= _MAX_COLUMNS:
                raise InputError(
                    f"{self.file}: column {column + 1} of the sheet; Excel has {_MAX_COLUMNS}. Save it again"
                )
            read = self._cell(cell, f"{letters(column)}{line}", row, column)
            if read[0].text:
                row.cells[column] = read
                inline = cell.get("t") == "inlineStr"
                if (inline or self.book.struck or self.book.struck_texts) and self._is_struck(cell):
                    self.struck.append((f"{letters(column)}{line}", read[0].text))
        return row

    def _is_struck(self, cell: Any) -> bool:
        """Whether the text of a filled cell is struck out, or a part of it."""
        if int(cell.get("s", "0")) in self.book.struck:
            return True
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return any(is_struck(child) for child in cell)
        number = next((child.text for child in cell if child.tag.rpartition("}")[2] == "v"), None)
        return kind == "s" and bool(self.book.struck_texts) and int(number or "-1") in self.book.struck_texts

    def _cell(self, cell: Any, place: str, row: _Row, column: int) -> tuple[Shown, str]:
        kind = cell.get("t", "n")
        value, formula, inline = None, False, None
        for child in cell:
            name = child.tag.rpartition("}")[2]
            if name == "v":
                value = child.text or ""
            elif name == "f":
                formula = True
            elif name == "is":
                inline = child
        if inline is not None:
            return Shown(text_of(inline)), ""
        if not value:
            if formula and (value is None or kind != "str"):
                self.without_value.append(place)
            return _EMPTY, ""
        if kind == "s":
            return Shown(self.book.texts[int(value)]), ""
        if kind == "str":
            return Shown(unescaped(value)), ""
        if kind == "b":
            return Shown(truth_text(value.strip() in ("1", "true"))), ""
        if kind == "e":
            row.errors[column] = value
            return Shown(value), ""
        if kind == "d":
            return Shown(iso_text(value)), ""
        style = int(cell.get("s", "0"))
        formats = self.book.formats
        code = formats[style] if style < len(formats) else "General"
        return self._number(value, code, place), code

    def _number(self, stored: str, code: str, place: str) -> Shown:
        key = (stored, code)
        if key not in self._numbers:
            try:
                number = Decimal(plain_number(stored))
            except (ValueError, ArithmeticError):
                raise InputError(
                    f"{self.file}: sheet '{self.sheet.name}', cell {place}: '{stored[:40]}' is no number; open the "
                    "file in Excel and save it again"
                ) from None
            if is_date(code, number):
                shown = shown_moment(stored, code, self.book.from_1904)
                if shown.difference == "shown" and not self.shown:
                    whole = shown_moment(stored, "yyyy-mm-dd", self.book.from_1904)
                    shown = Shown(whole.text, "stored", f"{shown.text} only")
            else:
                shown = shown_number(stored, code)
                if shown.difference == "shown" and not self.shown:
                    shown = Shown(plain_number(stored), "stored", shown.text)
            self._numbers[key] = shown
        return self._numbers[key]


def _column(reference: str) -> int:
    """The column of a cell reference, from 0. Raises ValueError for a text that is none."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise ValueError(f"'{reference}' is no cell")
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def letters(column: int) -> str:
    """The letters of a column, counted from 0."""
    out, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def _table(name: str, path: Path, rows: list[_Row], options: SourceOptions, report: Report) -> RawTable:
    header, above = _header(rows, options, report)
    data = [r for r in rows if r.line > above]
    filled = [r for r in data if r.cells]
    width = max([len(header.names), *(max(r.cells) + 1 for r in filled)])
    header = header.widened(width)

    def first(column: int) -> tuple[str, str] | None:
        row = next((r for r in filled if r.text(column).strip()), None)
        return (f"cell {letters(column)}{row.line}", row.text(column)) if row is not None else None

    named = leave_out_nameless(header, first, options, report.findings)
    empty = report.rows([r.line for r in data], [r.line for r in filled], above)
    columns = {}
    for i in named:
        cells = [r.cells.get(i, (_EMPTY, "")) for r in filled]
        columns[header.names[i]] = from_texts([c[0].text for c in cells])
        report.cells(header.names[i], cells)
    report.errors([(n, header.names[i], e) for n, r in enumerate(filled, 1) for i, e in sorted(r.errors.items())])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    record = np.arange(1, len(filled) + 1, dtype=np.int32)
    line = np.array([r.line for r in filled], np.int32)
    return RawTable(
        name, path, digest, frame_of(columns, len(filled)), record, line, doubled=header.doubled, empty_rows=empty
    )


def _header(rows: list[_Row], options: SourceOptions, report: Report) -> tuple[Header, int]:
    """The column names, and the last row above the data."""
    if options.columns:
        header = name_columns(options.columns, options, "header: names", report.findings)
        above = options.skip_rows
    else:
        last = options.header_row + options.header_rows - 1
        by_line = {r.line: r for r in rows if options.header_row <= r.line <= last}
        width = max((max(r.cells, default=-1) + 1 for r in by_line.values()), default=0)
        names = [by_line[n].texts(width) if n in by_line else [""] * width for n in range(options.header_row, last + 1)]
        many = f"rows {options.header_row} to {last}" if last > options.header_row else f"row {last}"
        place = f"{report.place}, {many}"
        if not any(t.strip() for r in names for t in r):
            raise InputError(
                f"{options.file}: {place}: no column names; set header_row to the row that has them, or name the "
                "columns under header: {names: [...]}"
            )
        cells = joined(names, options.header_join)
        while cells and not cells[-1].strip():
            cells.pop()
        header = name_columns(cells, options, place, report.findings)
        above = last + options.skip_rows
    if options.skip_rows:
        text = f"{report.place}: {options.skip_rows} rows not read, up to row {above}: skip: declares them no data"
        report.findings.add("R2A-SRC-032", text, file=options.file)
    check_expected([n for n in header.names if n], options)
    return header, above
