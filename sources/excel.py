"""One sheet of an Excel workbook to a raw table: typed cells become text without loss.

Not for old binary workbooks (.xls), which are refused. Cells come from openpyxl, in read-only mode and with the values
that Excel computed; what those cells do not tell (merged, hidden, formula without value) from the sheet's XML.
"""

from __future__ import annotations

import hashlib
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, nearest
from ..findings import Findings
from .cell_text import clock_text, truth_text, value_text, without_zeros
from .header import check_expected, check_names
from .options import SourceOptions
from .table import RawTable
from .text_columns import frame_of, from_texts

_OLD_BINARY = b"\xd0\xcf\x11\xe0"  # OLE compound file: .xls, and .xlsx under a password
_MAX_UNPACKED = 4 * 2**30  # bytes
_MAX_RATIO, _RATIO_FROM = 250, 64 * 2**20  # sheets pack 10 to 50 times; beyond this, from 64 MB, it is a zip bomb
_MAX_FORMATS = 2 * 65_490  # cell formats in use and in styles; Excel's own limit is 65,490
_MAX_ROWS, _MAX_COLUMNS, _MAX_PARTS = 1_048_576, 16_384, 50_000  # of a sheet of Excel; of merged cells, rules, ...
_PARTS = ("mergeCell", "hyperlink", "dataValidation", "cfRule", "brk", "protectedRange")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass
class _Structure:
    """What the sheet's XML says beside its values; cell and range references as Excel writes them."""

    without_value: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0


def read_excel(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read one sheet.

    Numbers in their shortest text (number formats do not count: 12 shown as 0012 is 12), dates as ISO 8601 in the
    1900 and the 1904 system, with a time part where value or format has one and seconds likewise, TRUE and FALSE,
    error values as their text (finding R2A-SRC-004). ``line`` is the row of the sheet; empty rows are no records.
    Findings: R2A-SRC-005 formulas never computed, 006 merged cells, 007 hidden rows and columns, 008 empty rows at
    the end. Raises InputError for a file that is no workbook, a sheet that is not there, unusable column names, and
    cells beyond the named columns.
    """
    from openpyxl import load_workbook

    _check_package(path, options.file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about extensions that openpyxl leaves out
            book = load_workbook(path, read_only=True, data_only=True)
            try:
                sheet = _sheet(book, options)
                sheet.reset_dimensions()  # the stored dimension is often wrong
                structure = _structure(path, sheet._worksheet_path, options.file)
                rows = islice(enumerate(sheet.iter_rows(), 1), options.header_row - 1, None)
                table = _table(name, path, rows, options, sheet.title, findings)
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl raises many classes for damaged parts
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{options.file}: damaged workbook ({text}); open it in Excel and save it again") from None
    _report(structure, f"sheet '{sheet.title}'", options.file, findings)
    return table


def _check_package(path: Path, file: str) -> None:
    with path.open("rb") as opened:
        start = opened.read(8)
    if not start:
        raise InputError(f"{file}: the file is empty (0 bytes); an Excel workbook was expected")
    if start.startswith(_OLD_BINARY):
        raise InputError(f"{file}: an old binary (.xls) or password-protected workbook; save it as .xlsx, no password")
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            names = {m.filename for m in members}
            if sum(m.file_size for m in members) > _MAX_UNPACKED or any(
                m.file_size > _RATIO_FROM and m.file_size > _MAX_RATIO * max(m.compress_size, 1) for m in members
            ):
                raise InputError(f"{file}: unpacks to far more than a workbook holds (a zip bomb?); not read")
            if any(n.endswith("workbook.bin") for n in names):
                raise InputError(f"{file}: a binary workbook (.xlsb); save it as .xlsx")
            if "[Content_Types].xml" not in names:
                raise InputError(f"{file}: a zip file, but not an Excel workbook; save it as .xlsx")
            for m in members:
                if m.filename.endswith((".xml", ".rels")):
                    with package.open(m) as part:
                        if b"<!DOCTYPE" in part.read(2**16):
                            raise InputError(
                                f"{file}: {m.filename} declares a DOCTYPE, which no workbook has; not read"
                            )
            if "xl/styles.xml" in names:
                _check_styles(package, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{file}: not an Excel workbook, or cut short ({error}); copy it again, or declare format: csv for text"
        ) from None


def _check_styles(package: zipfile.ZipFile, file: str) -> None:
    """Refuse more formats than Excel allows: openpyxl makes an object of each, in minutes where they are millions."""
    count = 0
    with package.open("xl/styles.xml") as part:
        while block := part.read(2**20):
            count += block.count(b"<xf ") + block.count(b"<numFmt ")
            if count > _MAX_FORMATS:
                raise InputError(f"{file}: more than {_MAX_FORMATS} cell formats; Excel holds fewer. Save it again")


def _sheet(book: Any, options: SourceOptions) -> Any:
    titles = [s.title for s in book.worksheets]
    listed = ", ".join(f"'{t}'" for t in titles)
    if options.sheet is None:
        if len(titles) != 1:
            raise InputError(f"{options.file}: {len(titles)} sheets ({listed}); declare sheet: with the one to read")
        return book.worksheets[0]
    for sheet in book.worksheets:
        if sheet.title == options.sheet:
            return sheet
    hint = nearest(options.sheet, titles)
    raise InputError(f"{options.file}: no sheet '{options.sheet}'; it has {listed}" + (f"; {hint}" if hint else ""))


def _structure(path: Path, part: str, file: str) -> _Structure:
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

    found = _Structure()
    tags = [_MAIN + t for t in ("c", "row", "col", *_PARTS)]
    parts: Counter[str] = Counter()
    with zipfile.ZipFile(path) as package, package.open(part) as xml:
        for _, element in etree.iterparse(xml, tag=tags, resolve_entities=False, no_network=True):
            tag = element.tag[len(_MAIN) :]
            if tag == "c":
                # within a row, cells are needed until the row ends
                if element.find(_MAIN + "f") is not None and not element.findtext(_MAIN + "v"):
                    computed_text = element.get("t") == "str" and element.find(_MAIN + "v") is not None
                    if not computed_text:
                        found.without_value.append(element.get("r", "?"))
                element.clear()
                continue
            if tag in _PARTS:
                parts[tag] += 1
                if parts[tag] > _MAX_PARTS:
                    raise InputError(f"{file}: more than {_MAX_PARTS} elements {tag} in the sheet; save it again")
            if tag == "row" and _beyond(element.get("r"), _MAX_ROWS):
                raise InputError(f"{file}: row {element.get('r')} of the sheet; Excel has {_MAX_ROWS}. Save it again")
            if tag == "mergeCell":
                found.merged.append(element.get("ref", "?"))
            elif element.get("hidden") in ("1", "true"):
                if tag == "row":
                    found.hidden_rows += 1
                else:
                    found.hidden_columns += int(element.get("max", 1)) - int(element.get("min", 1)) + 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return found


def _beyond(number: str | None, most: int) -> bool:
    """Whether a row number of the XML is more than Excel has; openpyxl hands out an empty row for each one before."""
    return number is not None and (not number.isdecimal() or not 1 <= int(number[:20]) <= most)


def _table(
    name: str, path: Path, rows: Iterator[tuple[int, Any]], options: SourceOptions, sheet: str, findings: Findings
) -> RawTable:
    place = f"sheet '{sheet}', row {options.header_row}"
    last, first = next(rows, (options.header_row, ()))
    head = [_text(c) for c in first]
    while head and not head[-1].strip():
        head.pop()
    if not head:
        raise InputError(f"{options.file}: {place}: no column names; set header_row to the row that has them")
    names = check_names(head, options.file, place, findings)
    check_expected(names, options)
    width = len(names)
    cells: list[list[str]] = []
    lines: list[int] = []
    faulty: list[tuple[int, str, str]] = []
    # openpyxl hands out rows as Python objects, so this one path goes row by row
    for line, row in rows:
        last = line
        texts = [_text(c) for c in row]
        if not any(texts):
            continue
        for position, c in enumerate(row):
            if position < width and getattr(c, "data_type", "") == "e" and c.value is not None:
                faulty.append((len(cells) + 1, names[position], str(c.value)))
            elif position >= width and texts[position]:
                raise InputError(
                    f"{options.file}: sheet '{sheet}', cell {c.coordinate}: a value in a column without a name; name "
                    f"the column in row {options.header_row}, or empty the cell"
                )
        cells.append(texts[:width] + [""] * (width - len(texts)))
        lines.append(line)
    if faulty:
        record, column, value = (list(x) for x in zip(*faulty, strict=True))
        findings.add(
            "R2A-SRC-004", "warning", "an Excel error value, kept as text", file=options.file, row=record,
            column=column, value=value,
        )  # fmt: skip
    end = lines[-1] if lines else options.header_row
    if not lines:
        findings.add("R2A-SRC-001", "note", "column names and no rows", file=options.file)
    empty = end - options.header_row - len(lines)
    if empty:
        findings.add("R2A-SRC-002", "note", f"{empty} empty rows skipped in sheet '{sheet}'", file=options.file)
    if last > end:
        text = f"{last - end} empty rows at the end of sheet '{sheet}' left out"
        findings.add("R2A-SRC-008", "note", text, file=options.file)
    columns = {n: from_texts([c[i] for c in cells]) for i, n in enumerate(names)}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    record = np.arange(1, len(cells) + 1, dtype=np.int32)
    return RawTable(name, path, digest, frame_of(columns, len(cells)), record, np.array(lines, np.int32))


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return truth_text(value)
    if isinstance(value, timedelta):
        return clock_text(value.total_seconds())
    if isinstance(value, (datetime, time)):
        return _moment(value, cell.number_format or "")
    return value_text(value)


def _moment(value: datetime | time, shown: str) -> str:
    """A date, a date and time or a time, as exact as value and number format say."""
    kind = _kind(shown)
    at = value.time() if isinstance(value, datetime) else value
    if isinstance(value, datetime) and kind in ("date", None) and at == time(0):
        return value.date().isoformat()
    if at.microsecond or at.second or "s" in shown.lower():
        return without_zeros(value.isoformat())
    return value.isoformat(timespec="minutes")


@lru_cache(maxsize=256)  # a number format is a format of thousands of cells
def _kind(shown: str) -> str | None:
    from openpyxl.styles.numbers import is_datetime

    return is_datetime(shown)


def _report(found: _Structure, place: str, file: str, findings: Findings) -> None:
    def some(references: list[str]) -> str:
        return ", ".join(references[:5]) + (", ..." if len(references) > 5 else "")

    if found.without_value:
        text = (
            f"{place}: {len(found.without_value)} formulas without a value ({some(found.without_value)}), read as empty"
        )
        findings.add("R2A-SRC-005", "warning", text + "; open the file in Excel and save it", file=file)
    if found.merged:
        text = f"{place}: {len(found.merged)} merged ranges ({some(found.merged)}); only its first cell has a value"
        findings.add("R2A-SRC-006", "warning", text, file=file)
    if found.hidden_rows or found.hidden_columns:
        text = (
            f"{place}: {found.hidden_rows} hidden rows and {found.hidden_columns} hidden columns are read like others"
        )
        findings.add("R2A-SRC-007", "note", text, file=file)
