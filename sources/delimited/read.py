"""CSV to a raw table: header, layout checks, then pyarrow for the cells. All cells are text.

RFC 4180 decides: a field with a separator, line end or quote in it is enclosed in quotes, and a quote inside is
doubled. Other content is refused, not interpreted: ``5" tube`` in an unquoted field is an error (declare ``quote: ''``
for a file that does not quote). Line ends are LF or CRLF, or CR if the header ends with CR. The other kind outside
quotes is an error. Not for bytes and encodings (blocks.py, scan.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from ...errors import InputError
from ...findings.table import Findings
from ..header import HEADER_FINDINGS, SEPARATORS, Header, check_expected, leave_out_nameless, name_columns
from ..options import SourceOptions
from ..reader import SourceFile, reads
from ..table import RawTable
from ..text_columns import first_filled, frame_of, from_dictionary
from .blocks import Utf8Blocks
from .head import Head, fault_text, read_head
from .ragged import Mended, Ragged, Widths, layout, mend, ragged_text, with_empty_columns
from .scan import Scanner
from .workers import SMALL, workers

_SEGMENT = 32 * 2**20  # bytes of whole records that pyarrow parses in one call
_PARSE_BLOCK = 8 * 2**20  # bytes that one pyarrow task parses; fewer, larger blocks mean fewer dictionaries to unify
_EXTRA = "EXTRA_"


@dataclass
class _Records:
    """The data records: ``tables`` of columns named by position; ``scanner`` counted them."""

    scanner: Scanner
    tables: list[pa.Table] = field(default_factory=list)
    lacking: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    found: dict[int, int] = field(default_factory=dict)

    def add(self, base: int, mended: Mended) -> None:
        """Add the mended records of a segment that begins with record ``base`` (0-based)."""
        for name in ("lacking", "surplus", "nameless"):
            getattr(self, name).extend(base + r for r in getattr(mended, name))
        self.found |= {base + r: n for r, n in mended.found.items()}


class _DifferentWidths(Exception):
    """Not all records have the width of the first one."""


#: findings that a text file may have
TEXT_FINDINGS = (*HEADER_FINDINGS, "R2A-SRC-001", "R2A-SRC-002", "R2A-SRC-010", "R2A-SRC-033", "R2A-SRC-036")


@reads("csv", findings=TEXT_FINDINGS)
def _read_source(file: SourceFile) -> RawTable:
    return read_csv(file.source, file.path, file.options, file.findings)


def read_csv(
    name: str,
    path: Path,
    options: SourceOptions,
    findings: Findings,
    relabel: Callable[[list[str]], list[str]] | None = None,
) -> RawTable:
    """Read a delimited text file. ``relabel``: turns the header's cells into names, if they are labels.

    ``record`` counts data records from 1, without blank lines; ``line`` is the physical line where a record starts,
    also after cells that span lines. Blank lines are skipped in a file of several columns (finding R2A-SRC-002); in a
    file of one column they are an empty cell. No data records: finding R2A-SRC-001. A file of 0 bytes has no columns
    (R2A-SRC-036).
    Columns without a name and without a filled cell are not read (R2A-SRC-030), whether the header or the records have
    one field more. Records of another width are refused, or read by ragged: (R2A-SRC-033).
    Raises InputError for all other content that is not sound CSV in the declared encoding, with record and line.
    """
    if not path.stat().st_size and relabel is None:
        return _empty(name, path, options, findings)
    reported = Findings()
    try:
        table = _read(name, path, options, reported, relabel, True)
    except _DifferentWidths:
        reported = Findings()
        table = _read(name, path, options, reported, relabel, False)
    findings.extend(reported)
    return table


def _empty(name: str, path: Path, options: SourceOptions, findings: Findings) -> RawTable:
    text = "the file is empty (0 bytes): no columns and no records; check that the export is complete"
    findings.add("R2A-SRC-036", text, file=options.file)
    none, sha256 = np.empty(0, np.int32), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    return RawTable(name, path, sha256, frame_of({}, 0), none, none.copy())


def _read(
    name: str,
    path: Path,
    options: SourceOptions,
    findings: Findings,
    relabel: Callable[[list[str]], list[str]] | None,
    alike: bool,
) -> RawTable:
    """``alike``: expects that all records have as many fields as the first, which may differ from the header in columns
    without a name. Raises _DifferentWidths if they have not."""
    # pools end with this block, not with a generator that the garbage collector may close in another thread; hashing
    # has one thread, because blocks are hashed in order
    size = path.stat().st_size
    with workers(1, size) as hashing, workers(2, size) as pool:
        source = Utf8Blocks(path, options.file, options.encoding, hashing)
        blocks = iter(source)
        head = read_head(blocks, options, findings)
        options = head.options
        header, other = _header(head, findings, relabel)
        check_expected([n for n in header.names if n], options, _other_separator(other) if other else "")
        widths = Widths(len(header.names), header.named_width, separator=other)
        if alike and head.width != widths.parsed and head.width >= widths.named and widths.named:
            widths = Widths(head.width, widths.named, strict=True, separator=other)
        scanner = Scanner(options.separator, options.quote, head.data_line, head.ends_with_cr, widths.parsed > 1)
        read = _parsed(scanner, chain([head.rest], blocks), widths, options, pool)
        digest = source.sha256
        rows = scanner.records
        if sum(t.num_rows for t in read.tables) != rows:
            raise InputError(f"{options.file}: {rows} records were counted, but not as many parsed; check the quotes")
        width = max([len(header.names), *(t.num_columns for t in read.tables)])
        tables = [with_empty_columns(t, width) if t.num_columns < width else t for t in read.tables]
        whole = pa.concat_tables(tables) if tables else with_empty_columns(pa.table({}), width)
        parsed = [whole.column(i) for i in range(width)]
        read.tables.clear()
        del tables, whole
        columns = list(pool.map(from_dictionary, parsed))
    if source.marks:
        text = f"{source.marks} byte order marks within the file are not read; only the first character may be one"
        findings.add("R2A-SRC-032", text, file=options.file)
    lines = scanner.lines()
    named_only = Widths(len(header.names), len(header.names), separator=other)
    header = _extended(header.widened(width), named_only, columns, lines, options)
    named = leave_out_nameless(header, lambda i: first_filled(columns[i], lines), options, findings)
    _report_ragged(read, header, lines, options, findings)
    _report_blank(scanner, options, findings)
    if not rows:
        findings.add("R2A-SRC-001", "a header and no data records", file=options.file)
    frame = frame_of({header.names[i]: columns[i] for i in named}, rows)
    record = np.arange(1, rows + 1, dtype=np.int32)
    return RawTable(name, path, digest, frame, record, lines, doubled=header.doubled, empty_rows=scanner.blank)


def _parsed(
    scanner: Scanner, blocks: Iterable[bytes], widths: Widths, options: SourceOptions, pool: Executor
) -> _Records:
    """The records in file order: segments of whole records, parsed while the next ones are scanned."""
    segments: deque[tuple[Future[tuple[pa.Table, Mended | None]], int]] = deque()
    read = _Records(scanner)
    pending: list[bytes] = []
    start = first = pending_bytes = 0  # of the segment: its offset, its first record; its bytes so far

    def submit(text: memoryview) -> None:
        block_size = max(_PARSE_BLOCK, scanner.longest + 2)
        segments.append((pool.submit(_parse, text, widths, options, block_size, scanner.quoted_newlines), first))

    def collect() -> None:
        parsing, base = segments.popleft()
        try:
            table, mended = parsing.result()
        except Ragged as ragged:
            if widths.strict:
                raise _DifferentWidths from None
            at = base + ragged.record
            place = f"{options.file}: record {at + 1}, line {scanner.lines()[at]}"
            raise InputError(f"{place}: {ragged_text(ragged.found, widths, options)}") from None
        read.tables.append(table)
        if mended is not None:
            read.add(base, mended)

    for block in scanner.walk(blocks):
        pending.append(block)
        pending_bytes += len(block)
        if scanner.record_start - start >= _SEGMENT:
            text = b"".join(pending)
            cut = scanner.record_start - start
            submit(memoryview(text)[:cut])
            pending, pending_bytes = [text[cut:]], pending_bytes - cut
            start, first = scanner.record_start, scanner.records
            if len(segments) > 2:
                collect()
    if scanner.records > first and not scanner.fault:
        submit(memoryview(b"".join(pending)))
    while segments:
        collect()
    if scanner.fault:
        place = f"record {scanner.fault.record}, line {scanner.fault.line}"
        raise InputError(f"{options.file}: {place}: {fault_text(scanner.fault, options)}")
    return read


def _parse(
    text: memoryview, widths: Widths, options: SourceOptions, block_size: int, newlines: bool
) -> tuple[pa.Table, Mended | None]:
    """One segment by pyarrow, on all cores: dictionary columns, named by position. Raises Ragged."""

    def parse(content: memoryview, width: int) -> pa.Table:
        positions = [str(i) for i in range(width)]
        return pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(content)),
            read_options=pacsv.ReadOptions(
                use_threads=len(content) >= SMALL, block_size=block_size, column_names=positions
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=options.separator,
                quote_char=options.quote or False,
                double_quote=True,
                newlines_in_values=newlines,
                ignore_empty_lines=widths.parsed > 1,
            ),
            # the scan has checked the encoding; no text means "missing", so NA, null and NO remain texts
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(positions, pa.dictionary(pa.int32(), pa.string())),
                null_values=[],
                strings_can_be_null=False,
            ),
        )

    try:
        return parse(text, widths.parsed), None
    except pa.ArrowInvalid as error:
        if (layout(text, options, skip_blank=widths.parsed > 1).fields == widths.parsed).all():
            raise InputError(f"{options.file}: {error}") from None
    return mend(text, widths, options, parse)


def _header(head: Head, findings: Findings, relabel: Callable[[list[str]], list[str]] | None) -> tuple[Header, str]:
    """Column names, and the probable separator if a wrong one turns the whole header into one name; else ''."""
    options, cells = head.options, head.cells
    header = name_columns(relabel(cells) if relabel is not None else cells, options, head.place, findings)
    others = [s for s in SEPARATORS if s in cells[0] and s != options.separator] if len(cells) == 1 else []
    if others:
        findings.add("R2A-SRC-010", _other_separator(others[0]), file=options.file)
    return header, others[0] if others else ""


def _other_separator(separator: str) -> str:
    return f"The header is a single field with {separator!r} in it: declare separator: {separator!r}?"


def _extended(
    header: Header, widths: Widths, columns: list[pd.Categorical], lines: np.ndarray, options: SourceOptions
) -> Header:
    """The header with names for filled columns beyond its cells, of which ``widths`` has the number, by ragged: extend.

    Raises InputError for such a column without ragged: extend.
    """
    names, named = list(header.names), widths.named
    for i in range(named, len(names)):
        first = first_filled(columns[i], lines)
        if first is None:
            continue
        if options.ragged != "extend":
            raise InputError(f"{options.file}: {first[0]}: {ragged_text(i + 1, widths, options)}")
        names[i] = f"{_EXTRA}{i + 1 - named}"
        while names.count(names[i]) > 1:
            names[i] += "'"
    return Header(names, header.place, header.doubled)


def _report_ragged(
    read: _Records, header: Header, lines: np.ndarray, options: SourceOptions, findings: Findings
) -> None:
    """Report each record of another width and how it is read."""
    if read.nameless:
        text = f"{len(read.nameless)} records end before the columns without a name; they lack no named column"
        findings.add("R2A-SRC-030", text, file=options.file)
    width = header.named_width
    for rows, done in (
        (sorted(read.lacking), "the last ones are read as empty (ragged: {mode})"),
        (sorted(read.surplus), "the surplus is {surplus}"),
    ):
        if not rows:
            continue
        beyond = f"read as {_EXTRA}1 and on (ragged: extend)" if options.ragged == "extend" else "empty, and not read"
        reading = done.format(mode=options.ragged, surplus=beyond)
        text = np.array(
            [f"line {lines[r]}: {read.found[r]} fields where the header names {width}; {reading}" for r in rows], object
        )
        value = np.array([str(read.found[r]) for r in rows], object)
        row = np.array(rows) + 1
        findings.add("R2A-SRC-033", text, file=options.file, row=row, value=value)


def _report_blank(scanner: Scanner, options: SourceOptions, findings: Findings) -> None:
    if scanner.blank:
        word = "line" if scanner.blank == 1 else "lines"
        text = f"{scanner.blank} blank {word} skipped, the first is line {scanner.first_blank}"
        findings.add("R2A-SRC-002", text, file=options.file)
