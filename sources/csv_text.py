"""CSV to a raw table: header, layout checks, then pyarrow for the cells, every one of them text.

RFC 4180 decides: a field with a separator, line end or quote in it is enclosed in quotes, a quote inside is doubled.
Anything else is refused, not interpreted: ``5" tube`` in an unquoted field is an error (declare ``quote: ''`` for a
file that does not quote). Line ends are LF or CRLF, or CR where the header ends with CR; the other kind outside quotes
is an error, not a line end nor text. Not for bytes and encodings (csv_bytes.py, csv_scan.py).
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ..errors import InputError
from ..findings import Findings
from .csv_bytes import Utf8Blocks
from .csv_scan import CR, NONE, Fault, Scanner, field_counts, inside_quotes, line_ends
from .header import check_expected, check_names
from .options import SourceOptions
from .table import RawTable
from .text_columns import frame_of, from_dictionary, from_unique

_SEGMENT = 32 * 2**20  # bytes of whole records given to pyarrow at once
_PARSE_BLOCK = 8 * 2**20  # bytes that one pyarrow task parses; fewer, larger blocks mean fewer dictionaries to unify
_SEPARATORS = (";", "\t", "|", ",")
_HEADER_LIMIT = 4 * 2**20  # bytes; a header longer than this is an unclosed quote


@dataclass(frozen=True)
class _Header:
    """The header record's bytes, where it stands, and the part of the data read along with it."""

    record: bytes
    line: int
    data_line: int
    rest: bytes


class _Ragged(Exception):
    """A record of a segment (0-based) with ``found`` fields."""

    def __init__(self, record: int, found: int):
        super().__init__(record, found)
        self.record, self.found = record, found


def read_csv(
    name: str,
    path: Path,
    options: SourceOptions,
    findings: Findings,
    rename: Callable[[list[str]], list[str]] | None = None,
) -> RawTable:
    """Read a delimited text file. ``rename``: turns the header's cells into names, where they are labels.

    ``record`` counts data records from 1 and leaves out blank lines; ``line`` is the physical line where a record
    starts, also after cells that span lines. Blank lines are skipped in a file of several columns (finding
    R2A-SRC-002) and are an empty cell in a file of one. No data records: finding R2A-SRC-001.
    Raises InputError for everything that is not sound CSV in the declared encoding, with record and line.
    """
    # pools end with this block, not with a generator that the garbage collector closes in whatever thread it runs in;
    # hashing has one thread of its own, since blocks are hashed in order
    with ThreadPoolExecutor(1) as hashing, ThreadPoolExecutor(2) as pool:
        source = Utf8Blocks(path, options.file, options.encoding, hashing)
        blocks = iter(source)
        header = _split_header(blocks, options)
        names, hint = _names(header, options, findings, rename)
        check_expected(names, options, hint)
        ends_with_cr = header.record.endswith(b"\r")
        scanner = Scanner(options.separator, options.quote, header.data_line, ends_with_cr, len(names) > 1)
        tables = _parsed(scanner, chain([header.rest], blocks), len(names), options, pool)
        digest = source.sha256
        rows = scanner.records
        if sum(t.num_rows for t in tables) != rows:
            raise InputError(f"{options.file}: {rows} records were counted, but not as many parsed; check the quotes")
        if tables:
            table = pa.concat_tables(tables)
            taken = [table.column(i) for i in range(len(names))]
            del table, tables
            columns = dict(zip(names, pool.map(from_dictionary, taken), strict=True))
        else:
            columns = {n: from_unique([], np.empty(0, np.int64)) for n in names}
            findings.add("R2A-SRC-001", "note", "a header and no data records", file=options.file)
    if scanner.blank:
        word = "line" if scanner.blank == 1 else "lines"
        text = f"{scanner.blank} blank {word} skipped, the first is line {scanner.first_blank}"
        findings.add("R2A-SRC-002", "note", text, file=options.file)
    record = np.arange(1, rows + 1, dtype=np.int32)
    return RawTable(name, path, digest, frame_of(columns, rows), record, scanner.lines())


def _parsed(
    scanner: Scanner, blocks: Iterable[bytes], width: int, options: SourceOptions, pool: ThreadPoolExecutor
) -> list[pa.Table]:
    """Tables of the records in file order: segments of whole records, parsed while the next ones are scanned."""
    segments: deque[tuple[Future[pa.Table], int]] = deque()
    tables: list[pa.Table] = []
    held: list[bytes] = []
    start = first = held_bytes = 0  # of the segment: its offset, its first record; bytes held from there on

    def submit(text: memoryview) -> None:
        block_size = max(_PARSE_BLOCK, scanner.longest + 2)
        segments.append((pool.submit(_parse, text, width, options, block_size, scanner.quoted_newlines), first))

    def collect() -> None:
        parsing, base = segments.popleft()
        try:
            tables.append(parsing.result())
        except _Ragged as ragged:
            at = base + ragged.record
            place = f"{options.file}: record {at + 1}, line {scanner.lines()[at]}"
            raise InputError(f"{place}: {_ragged_text(ragged.found, width, options)}") from None

    for block in scanner.walk(blocks):
        held.append(block)
        held_bytes += len(block)
        if scanner.record_start - start >= _SEGMENT:
            text = b"".join(held)
            cut = scanner.record_start - start
            submit(memoryview(text)[:cut])
            held, held_bytes = [text[cut:]], held_bytes - cut
            start, first = scanner.record_start, scanner.records
            if len(segments) > 2:
                collect()
    if scanner.records > first and not scanner.fault:
        submit(memoryview(b"".join(held)))
    while segments:
        collect()
    if scanner.fault:
        place = f"record {scanner.fault.record}, line {scanner.fault.line}"
        raise InputError(f"{options.file}: {place}: {_fault_text(scanner.fault, options)}")
    return tables


def _parse(text: memoryview, width: int, options: SourceOptions, block_size: int, newlines: bool) -> pa.Table:
    """One segment by pyarrow, on all cores: dictionary columns, named by position. Raises _Ragged."""
    positions = [str(i) for i in range(width)]
    kind = pa.dictionary(pa.int32(), pa.string())
    try:
        return pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(text)),
            read_options=pacsv.ReadOptions(block_size=block_size, column_names=positions),
            parse_options=pacsv.ParseOptions(
                delimiter=options.separator,
                quote_char=options.quote or False,
                double_quote=True,
                newlines_in_values=newlines,
                ignore_empty_lines=width > 1,
            ),
            # the scan has checked the encoding; no text means "missing", so NA, null and NO stay as they are
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(positions, kind),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        counts = field_counts(text, options.separator, options.quote, skip_blank=width > 1)
        ragged = np.flatnonzero(counts != width)
        if not len(ragged):
            raise InputError(f"{options.file}: {error}") from None
        raise _Ragged(int(ragged[0]), int(counts[ragged[0]])) from None


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
    scanner = Scanner(options.separator, options.quote, line, record.endswith(b"\r"))
    deque(scanner.walk([record]), maxlen=0)
    fault = scanner.fault
    if fault:
        raise InputError(f"{options.file}: header, line {fault.line}: {_fault_text(fault, options)}")
    marks = line_ends(np.frombuffer(record, np.uint8), NONE, True) if record else np.zeros(0, bool)
    return _Header(record, line, line + max(int(marks.sum()), 1), text[end:])


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


def _names(
    header: _Header, options: SourceOptions, findings: Findings, rename: Callable[[list[str]], list[str]] | None
) -> tuple[list[str], str]:
    """Column names, and a hint where the whole header looks like one name by a wrong separator."""
    text = header.record.decode("utf-8")
    quoting = csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=options.separator, quotechar=options.quote or None, quoting=quoting)
    try:
        cells = next(reader, None) or [""]
    except csv.Error as error:
        raise InputError(f"{options.file}: header, line {header.line}: {error}") from None
    if rename is not None:
        cells = rename(cells)
    names = check_names(cells, options.file, f"header, line {header.line}", findings)
    others = [s for s in _SEPARATORS if s in cells[0] and s != options.separator] if len(cells) == 1 else []
    hint = f"The header is a single field with {others[0]!r} in it: declare separator: {others[0]!r}?" if others else ""
    if hint:
        findings.add("R2A-SRC-010", "warning", hint, file=options.file)
    return names, hint


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


def _ragged_text(found: int, expected: int, options: SourceOptions) -> str:
    fields = "1 field" if found == 1 else f"{found} fields"
    advice = (
        f"put a field that contains {options.separator!r} in quotes"
        if found > expected
        else "look for a cut line, or for a line break in a field without quotes"
    )
    return f"{fields} where the header has {expected}; {advice}"
