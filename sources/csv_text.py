"""CSV to a raw table: header, layout checks, then pyarrow for the cells, every one of them text.

RFC 4180 decides: a field with a separator, line end or quote in it is enclosed in quotes, a quote inside is doubled.
Anything else is refused, not interpreted: ``5" tube`` in an unquoted field is an error (declare ``quote: ''`` for a
file that does not quote). Line ends are LF or CRLF, or CR where the header ends with CR; the other kind outside quotes
is an error, not a line end nor text. Not for bytes and encodings (csv_bytes.py, csv_scan.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from ..errors import InputError
from ..findings import Findings
from .csv_bytes import Utf8Blocks, Utf8File
from .csv_scan import CR, NONE, Fault, Layout, Scanner, field_counts, inside_quotes, line_ends
from .header import check_expected, check_names
from .options import SourceOptions
from .table import RawTable
from .text_columns import frame_of, from_dictionary, from_unique

_PARSE_BLOCK = 8 * 2**20  # bytes that one pyarrow task parses; fewer, larger blocks mean fewer dictionaries to unify
_SEPARATORS = (";", "\t", "|", ",")
_HEADER_LIMIT = 4 * 2**20  # bytes; a header longer than this is an unclosed quote


@dataclass(frozen=True)
class _Header:
    """The header record's bytes, where it stands, and the part of the data read along with it."""

    record: bytes
    line: int
    data_offset: int  # bytes of text before the data
    data_line: int
    rest: bytes


@dataclass(frozen=True)
class _Data:
    """The data part as UTF-8: the file itself, or its text transcoded once more while it is parsed."""

    path: Path
    file: str
    encoding: str
    plain: bool
    offset: int  # bytes of UTF-8 text before the data, with the byte order mark where plain

    def open(self) -> pa.NativeFile:
        if not self.plain:
            return pa.PythonFile(Utf8File(Utf8Blocks(self.path, self.file, self.encoding), self.offset), mode="r")
        file = pa.OSFile(str(self.path), "rb")
        file.seek(self.offset)
        return file


def read_csv(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    """Read a delimited text file.

    ``record`` counts data records from 1 and leaves out blank lines; ``line`` is the physical line where a record
    starts, also after cells that span lines. Blank lines are skipped in a file of several columns (finding
    R2A-SRC-002) and are an empty cell in a file of one. No data records: finding R2A-SRC-001.
    Raises InputError for everything that is not sound CSV in the declared encoding, with record and line.
    """
    source = Utf8Blocks(path, options.file, options.encoding)
    blocks = iter(source)
    header = _split_header(blocks, options)
    names, hint = _names(header, options, findings)
    check_expected(names, options, hint)
    scanner = Scanner(options.separator, options.quote, header.data_line, header.record.endswith(b"\r"))
    layout = scanner.scan(chain([header.rest], blocks))
    if layout.fault:
        place = f"record {layout.fault.record}, line {layout.fault.line}"
        raise InputError(f"{options.file}: {place}: {_fault_text(layout.fault, options)}")
    if path.stat().st_size != source.size:
        raise InputError(f"{options.file}: the file changed while it was read; wait until its export has ended")
    data = _Data(path, options.file, options.encoding, source.plain, source.skipped + header.data_offset)
    line = layout.line
    if len(names) > 1 and layout.blank.any():
        blanks, line = line[layout.blank], line[~layout.blank]
        text = f"{len(blanks)} blank {'line' if len(blanks) == 1 else 'lines'} skipped, the first is line {blanks[0]}"
        findings.add("R2A-SRC-002", "note", text, file=options.file)
    if not len(line):
        findings.add("R2A-SRC-001", "note", "a header and no data records", file=options.file)
    columns = _cells(data, names, line, layout, options)
    record = np.arange(1, len(line) + 1, dtype=np.int32)
    return RawTable(name, path, source.sha256, frame_of(columns, len(line)), record, line)


def _split_header(blocks: Iterator[bytes], options: SourceOptions) -> _Header:
    """Read blocks up to the end of the header record, header_row - 1 lines further down."""
    text, span = b"", None
    for block in blocks:
        text += block
        span = _header_span(text, options, final=False)
        if span or len(text) > _HEADER_LIMIT:
            break
    span = span or _header_span(text, options, final=True)
    if not span:
        if not text:
            raise InputError(f"{options.file}: the file is empty; a line of column names was expected")
        raise InputError(
            f"{options.file}: the file ends before line {options.header_row}, where header_row says the names are"
        )
    start, end = span
    record, line = text[start:end], options.header_row
    # reading stopped at the limit only when a quote that opens in the header does not close
    fault = Scanner(options.separator, options.quote, line, record.endswith(b"\r")).scan([record]).fault
    if fault:
        raise InputError(f"{options.file}: header, line {fault.line}: {_fault_text(fault, options)}")
    marks = line_ends(np.frombuffer(record, np.uint8), NONE, True) if record else np.zeros(0, bool)
    return _Header(record, line, end, line + max(int(marks.sum()), 1), text[end:])


def _header_span(text: bytes, options: SourceOptions, final: bool) -> tuple[int, int] | None:
    """Start and end of the header record in ``text``; None where it is not complete."""
    if not text:
        return None
    a = np.frombuffer(text, np.uint8)
    marks = line_ends(a, NONE, True)
    if a[-1] == CR and not final:
        marks[-1] = False  # an LF may follow
    start = 0
    if options.header_row > 1:
        above = np.flatnonzero(marks)
        if len(above) < options.header_row - 1:
            return None
        start = int(above[options.header_row - 2]) + 1
    if start == len(a):
        return None
    marks = marks[start:]
    if options.quote:
        marks = marks & ~inside_quotes(a[start:], ord(options.quote))[1]
    if marks.any():
        return start, start + int(marks.argmax()) + 1
    return (start, len(a)) if final else None


def _names(header: _Header, options: SourceOptions, findings: Findings) -> tuple[list[str], str]:
    """Column names, and a hint where the whole header looks like one name by a wrong separator."""
    text = header.record.decode("utf-8")
    quoting = csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=options.separator, quotechar=options.quote or None, quoting=quoting)
    try:
        cells = next(reader, None) or [""]
    except csv.Error as error:
        raise InputError(f"{options.file}: header, line {header.line}: {error}") from None
    names = check_names(cells, options.file, f"header, line {header.line}", findings)
    others = [s for s in _SEPARATORS if s in cells[0] and s != options.separator] if len(cells) == 1 else []
    hint = f"The header is a single field with {others[0]!r} in it: declare separator: {others[0]!r}?" if others else ""
    if hint:
        findings.add("R2A-SRC-010", "warning", hint, file=options.file)
    return names, hint


def _cells(
    data: _Data, names: list[str], line: np.ndarray, layout: Layout, options: SourceOptions
) -> dict[str, pd.Categorical]:
    """The columns by name, parsed by pyarrow in blocks on all cores; ``line`` has one element per record."""
    if not len(line):
        return {n: from_unique([], np.empty(0, np.int64)) for n in names}
    positions = [str(i) for i in range(len(names))]
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        with data.open() as file:
            table = pacsv.read_csv(
                file,
                read_options=pacsv.ReadOptions(
                    block_size=max(_PARSE_BLOCK, 2 * layout.longest), column_names=positions
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=options.separator,
                    quote_char=options.quote or False,
                    double_quote=True,
                    newlines_in_values=layout.quoted_newlines,
                    ignore_empty_lines=len(names) > 1,
                ),
                # the scan has checked the encoding; no text means "missing", so NA, null and NO stay as they are
                convert_options=pacsv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(positions, text),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
    except pa.ArrowInvalid as error:
        raise InputError(_ragged_text(data, len(names), line, options) or f"{options.file}: {error}") from None
    if table.num_rows != len(line):
        raise InputError(
            f"{options.file}: {len(line)} records were counted, but {table.num_rows} parsed; check the quotes"
        )
    columns = [table.column(i) for i in range(len(names))]
    del table
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(from_dictionary, columns), strict=True))


def _fault_text(fault: Fault, options: SourceOptions) -> str:
    q = options.quote
    if fault.kind == "unclosed":
        return (
            f"the quote {q} that opens a field here is never closed; close it, or double a {q} that is part of the text"
        )
    if fault.kind == "end":
        return (
            "a line end that is not like the header's (a CR alone among LF, or an LF alone among CR); enclose a field "
            "with a line break in quotes, or export the file with one kind of line ends"
        )
    if fault.kind == "close":
        return (
            f"text after the closing quote {q} of a field that begins on line {fault.opened}; double a {q} that is "
            "part of the text, and look for a quote that was not closed"
        )
    return (
        f"a quote {q} inside an unquoted field; enclose the field in quotes and double the {q}, or declare "
        "quote: '' if the file does not quote"
    )


def _ragged_text(data: _Data, expected: int, line: np.ndarray, options: SourceOptions) -> str:
    """Message about the first record whose number of fields is not the header's; '' where all fit."""
    with data.open() as file:
        counts = field_counts(
            b"".join(iter(lambda: file.read(_PARSE_BLOCK), b"")),
            options.separator,
            options.quote,
            skip_blank=expected > 1,
        )
    ragged = np.flatnonzero(counts != expected)
    if not len(ragged):
        return ""
    first = int(ragged[0])
    found = int(counts[first])
    advice = (
        f"put a field that contains {options.separator!r} in quotes"
        if found > expected
        else "look for a cut line, or for a line break in a field without quotes"
    )
    more = f" ({len(ragged) - 1} more such records)" if len(ragged) > 1 else ""
    fields = "1 field" if found == 1 else f"{found} fields"
    place = f"{options.file}: record {first + 1}, line {line[first]}"
    return f"{place}: {fields} where the header has {expected}; {advice}{more}"
