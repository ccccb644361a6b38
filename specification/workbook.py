"""The file of an Excel specification: rows to cells and cells to rows, every cell as text.

Not for the meaning of the rows (content_rows.py, read_content.py). Text is never a formula; whole numbers of number
columns are numbers. The bytes depend on nothing but the rows and the declared time.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError, nearest
from ..sources.excel.workbook import check_package, unescaped
from ..validation.reports.workbook import MAX_CELL, text_cell, with_fixed_times
from .row_names import Row
from .sheets import ALIASES, NUMBERS, OPTIONAL, REQUIRED, SHEETS, VERBATIM, Sheet

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_WIDEST, _WRAPPED = 60, 45  # characters
_MAX_COLUMNS = 200  # a specification has some dozens; a stray cell far to the right makes a sheet of thousands
_GREY, _BLUE = "EDEDED", "DCE6F1"


@dataclass(frozen=True)
class CellRow:
    """A row of a sheet as it was read: column -> text. ``letters``: column -> its letter, for places."""

    sheet: str
    number: int
    texts: Mapping[str, str]
    letters: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.texts.get(column, "")

    def at(self, column: str) -> str:
        """The place of a cell, ``Variables!C5``; of the row where the sheet lacks the column."""
        letter = self.letters.get(column)
        return f"{self.sheet}!{letter}{self.number}" if letter else f"{self.sheet}!{self.number}:{self.number}"


@dataclass
class SpecificationSheets:
    """The sheets of a workbook. ``columns``: sheet -> its known columns; ``unread``: what is not read, in sentences."""

    rows: dict[str, list[CellRow]] = field(default_factory=dict)
    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


# writing


def specification_bytes(rows: Mapping[str, Sequence[Row]], declared: dt.datetime) -> bytes:
    """The workbook. Raises OutputError with all texts that no cell can hold."""
    from openpyxl import Workbook

    too_long = [
        f"{sheet}, row {number}, {column}: {len(text)} characters; a cell of Excel holds {MAX_CELL}"
        for sheet, of_sheet in rows.items()
        for number, row in enumerate(of_sheet, 2)
        for column, text in row.items()
        if len(text) > MAX_CELL
    ]
    if too_long:
        raise OutputError("\n".join(too_long))
    book = Workbook(write_only=True)
    book.properties.creator = "raw2adam"
    book.properties.created = declared
    for sheet in SHEETS:
        of_sheet = rows.get(sheet.name, ())
        if of_sheet or sheet not in OPTIONAL:
            _write_sheet(book, sheet, of_sheet)
    packed = BytesIO()
    book.save(packed)
    return with_fixed_times(packed.getvalue(), declared)


def _write_sheet(book: Any, sheet: Sheet, rows: Sequence[Row]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.name)
    page.freeze_panes = f"{get_column_letter(min(len(sheet.keys), 3) + 1)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(rows) + 1}"
    wrapped = Alignment(wrap_text=True, vertical="top")
    head = []
    for position, column in enumerate(sheet.columns, 1):
        longest = max((len(line) for row in rows for line in row.get(column, "").split("\n")), default=0)
        page.column_dimensions[get_column_letter(position)].width = min(_WIDEST, max(len(column), longest) + 3)
        cell = WriteOnlyCell(page, column)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=_BLUE if position <= sheet.ours else _GREY)
        head.append(cell)
    page.append(head)
    for row in rows:
        cells = []
        for column in sheet.columns:
            text = row.get(column, "")
            if column in NUMBERS and _NUMBER.fullmatch(text):
                cells.append(int(text))
                continue
            value = text_cell(WriteOnlyCell, page, text.replace("\r", "\n"))
            if len(text) > _WRAPPED or "\n" in text:
                value = WriteOnlyCell(page, value) if isinstance(value, str) else value
                value.alignment = wrapped
            cells.append(value)
        page.append(cells)


# reading


def read_specification(path: Path, file: str) -> SpecificationSheets:
    """The rows of a workbook; ``problems`` has cells that cannot be read and sheets or columns that are missing.

    Raises InputError where the file is no workbook that can be read.
    """
    if not path.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        check_package(path, file, "copy or save it again")
        book = _loaded(path, file)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None
    found = SpecificationSheets()
    pages = {_folded(page.title): page for page in book.worksheets}
    known: set[str] = set()
    for sheet in SHEETS:
        names = [_folded(n) for n in (sheet.name, *sheet.aliases)]
        page = next((pages[n] for n in names if n in pages), None)
        known.update(names)
        if page is not None:
            _read_sheet(page, sheet, found)
        elif sheet in REQUIRED:
            hint = nearest(sheet.name, [p.title for p in book.worksheets])
            text = f"the sheet {sheet.name} is missing; the workbook has {', '.join(p.title for p in book.worksheets)}"
            found.problems.append(f"{text} ({hint})" if hint else text)
    for name, page in pages.items():
        if name not in known and page.max_row > 1:
            found.unread.append(f"the sheet {page.title} is no sheet of a specification and is not read")
    return found


def _loaded(path: Path, file: str) -> Any:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that it does not read, such as drop-down lists
            return openpyxl.load_workbook(path, keep_links=False)
    except OSError:
        raise
    except Exception as error:  # openpyxl raises errors of many kinds for parts that are cut or damaged
        kind = type(error).__name__
        raise InputError(f"{file}: the workbook is damaged ({kind}: {error}); save it again in Excel") from None


def _folded(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).casefold()


def _read_sheet(page: Any, sheet: Sheet, found: SpecificationSheets) -> None:
    merged = sorted(str(r) for r in page.merged_cells.ranges)
    for cells in merged:
        found.problems.append(f"{page.title}!{cells}: merged cells; unmerge them and fill each cell")
    if page.max_column > _MAX_COLUMNS:
        message = f"{page.title}: {page.max_column} columns; a specification has at most {_MAX_COLUMNS}"
        found.problems.append(f"{message}; delete the empty columns on the right")
        return
    lines = page.iter_rows()
    head = next(lines, ())
    columns = _columns(page.title, head, sheet, found)
    missing = [k for k in sheet.keys if k not in columns.values()]
    if missing:
        if len(head) and page.max_row > 1:
            for name in missing:
                hint = nearest(name, [str(c.value) for c in head if c.value])
                text = f"{page.title}!1:1: the column {name} is missing"
                found.problems.append(f"{text} ({hint})" if hint else text)
        return
    letters = {name: head[i].column_letter for i, name in columns.items()}
    found.columns[sheet.name] = frozenset(columns.values())
    rows = found.rows.setdefault(sheet.name, [])
    for cells in lines:
        texts = {name: t for i, name in columns.items() if (t := _text(page.title, cells[i], found))}
        if texts:
            rows.append(CellRow(page.title, cells[0].row, texts, letters))
    found.unread += _unread(page.title, sheet, rows)


def _columns(title: str, head: Sequence[Any], sheet: Sheet, found: SpecificationSheets) -> dict[int, str]:
    """Position -> known column of a header row."""
    known = {_folded(c): c for c in sheet.columns}
    for other, names in ALIASES.items():
        for name in names:
            if name in sheet.columns:
                known.setdefault(_folded(other), name)
    columns: dict[int, str] = {}
    for position, cell in enumerate(head):
        text = _text(title, cell, found)
        name = known.get(_folded(text))
        if name is None and text:
            found.unread.append(f"{title}!{cell.coordinate}: '{text}' is no column of a specification and is not read")
        elif name is not None and name in columns.values():
            found.problems.append(f"{title}!{cell.coordinate}: the column {name} is there twice; remove one")
        elif name is not None:
            columns[position] = name
    return columns


def _unread(title: str, sheet: Sheet, rows: Sequence[CellRow]) -> Iterator[str]:
    for column in sheet.unread:
        filled = [r for r in rows if r.get(column)]
        if filled:
            text = f"{filled[0].at(column)}: define.xml has no place for {column}; {len(filled)} cells are not read"
            yield text


def _cell(title: str, cell: Any, column: str, found: SpecificationSheets) -> str:
    """A cell as text, as define.xml would have it: blanks around a text do not count, but those of values do."""
    text = _text(title, cell, found)
    return text if column in VERBATIM else text.strip()


def _text(title: str, cell: Any, found: SpecificationSheets) -> str:
    """A cell as text; a problem for a formula and for an error value."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        found.problems.append(f"{title}!{cell.coordinate}: a formula; replace it by its value")
        return ""
    if cell.data_type == "e":
        found.problems.append(f"{title}!{cell.coordinate}: the error value {value}; write the text")
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat()
    text = unescaped(str(value))
    return text if text.strip() else ""
