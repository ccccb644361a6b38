"""The top of a CSV file: a sep= line, the row or rows of names, skipped rows, and the line where the data begin.

Not for the data records (read.py) nor for checking the names (sources/header.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...errors import InputError
from ...findings.table import Findings
from ..options import SourceOptions
from .scan import CR, NONE, Fault, Scanner, inside_quotes, line_ends

_LIMIT = 4 * 2**20  # bytes; names longer than this are an unclosed quote
#: the line by which spreadsheets declare the separator of a file
_SEPARATOR_LINE = re.compile(rb'"?sep=([^\r\n])"?[ \t]*(?:[\r\n]|\Z)', re.IGNORECASE)


@dataclass(kw_only=True, frozen=True)
class Head:
    """``cells``: the texts of the names. ``rest``: data that were read with them, beginning on line ``data_line``.

    ``place``: the place of the names, for messages. ``options``: those of the source, with the separator that the file
    itself declares. ``width``: fields of the first data record; 0 if there is none.
    """

    cells: list[str]
    place: str
    data_line: int
    rest: bytes
    ends_with_cr: bool
    options: SourceOptions
    width: int


def read_head(blocks: Iterator[bytes], options: SourceOptions, findings: Findings) -> Head:
    """Read blocks until the names and the first data record are there.

    Raises InputError for an empty file, a header_row beyond its end, and unsound quotes.
    """
    named = 0 if options.columns else options.header_rows
    above = named + options.skip_rows  # records before the data
    text, declared, spans = b"", "", []
    for block in blocks:
        text += block
        declared = _declared_separator(text, options)
        spans = _records(text, 2 if declared else options.header_row, above + 1, options, final=False)
        if len(spans) > above or len(text) > _LIMIT:
            break
    else:
        spans = _records(text, 2 if declared else options.header_row, above + 1, options, final=True)
    first = 2 if declared else options.header_row
    if declared:
        options = _with_separator(declared, options, findings)
    if not text:
        raise InputError(f"{options.file}: the file is empty; a line of column names was expected")
    if len(spans) < named:
        raise InputError(f"{options.file}: the file ends before line {first + len(spans)}, where the names should be")
    records = [text[start:end] for start, end in spans]
    lines = [first]
    for record in records:
        lines.append(lines[-1] + _lines(record))
    above = min(above, len(records))
    if above > named:
        rows = f"line {lines[named]}" if above == named + 1 else f"lines {lines[named]} to {lines[above] - 1}"
        findings.add("R2A-SRC-032", f"{rows} not read: skip: declares that they are no data", file=options.file)
    if named:
        cells = joined(
            [_cells(r, n, options) for r, n in zip(records[:named], lines, strict=False)], options.header_join
        )
        place = f"header, line {first}" if named == 1 else f"header, lines {first} to {lines[named] - 1}"
    else:
        cells, place = list(options.columns), "header: names"
    first_data = records[above] if len(records) > above else b""
    return Head(
        cells=cells,
        place=place,
        data_line=lines[above],
        rest=text[spans[above][0] if len(spans) > above else len(text) if not spans else spans[-1][1] :],
        ends_with_cr=bool(records) and records[0].endswith(b"\r"),
        options=options,
        width=_width(first_data, options) if first_data.strip(b"\r\n") else 0,
    )


def joined(rows: list[list[str]], join: str) -> list[str]:
    """The names of several rows: their texts joined from the top. An empty cell of an upper row has the text to its
    left if the last row has a text there, because cells that were merged across have only one text."""
    width = max(map(len, rows))
    grid = [[c.strip() for c in r] + [""] * (width - len(r)) for r in rows]
    if len(grid) == 1:
        return rows[0]
    for row in grid[:-1]:
        to_the_left = ""
        for i, cell in enumerate(row):
            to_the_left = cell or to_the_left
            if not cell and grid[-1][i]:
                row[i] = to_the_left
    return [join.join(c for c in column if c) for column in zip(*grid, strict=True)]


def _declared_separator(text: bytes, options: SourceOptions) -> str:
    """The separator that a line sep= at the top declares; '' without one."""
    match = _SEPARATOR_LINE.match(text) if options.header_row == 1 else None
    return match[1].decode("ascii", "replace") if match else ""


def _with_separator(declared: str, options: SourceOptions, findings: Findings) -> SourceOptions:
    if declared != options.separator:
        if options.separator != ",":
            raise InputError(
                f"{options.file}: line 1 declares the separator {declared!r}, and the spec declares separator: "
                f"{options.separator!r}; declare separator: {declared!r}, or header_row: 2 to skip the line"
            )
        options = replace(options, separator=declared)
    findings.add(
        "R2A-SRC-032", f"line 1 declares the separator {declared!r}; the file is read with it", file=options.file
    )
    return options


def _records(text: bytes, first: int, count: int, options: SourceOptions, final: bool) -> list[tuple[int, int]]:
    """Start and end of up to ``count`` records from line ``first`` on; only records that are complete in ``text``."""
    if not text:
        return []
    a = np.frombuffer(text, np.uint8)
    marks = line_ends(a, NONE, True)
    if a[-1] == CR and not final:
        marks[-1] = False  # an LF may follow
    start = 0
    if first > 1:
        above = np.flatnonzero(marks)
        if len(above) < first - 1:
            return []
        start = int(above[first - 2]) + 1
    if start == len(a):
        return []
    marks = marks[start:]
    if options.quote:
        marks = marks & ~inside_quotes(a[start:], ord(options.quote))[1]
    ends = (np.flatnonzero(marks)[:count] + start + 1).tolist()
    if final and len(ends) < count and (ends[-1] if ends else start) < len(a):
        ends.append(len(a))
    return list(zip([start, *ends[:-1]], ends, strict=True)) if ends else []


def _lines(record: bytes) -> int:
    return max(int(line_ends(np.frombuffer(record, np.uint8), NONE, True).sum()), 1) if record else 1


def _cells(record: bytes, line: int, options: SourceOptions) -> list[str]:
    # reading stopped at the limit only when a quote that opens in the header does not close
    scanner = Scanner(options.separator, options.quote, line, record.endswith(b"\r"))
    deque(scanner.walk([record]), maxlen=0)
    if scanner.fault:
        place = f"header, line {scanner.fault.line}"
        raise InputError(f"{options.file}: {place}: {fault_text(scanner.fault, options)}")
    return next(_reader(record, options, f"header, line {line}"), None) or [""]


def _width(record: bytes, options: SourceOptions) -> int:
    try:
        return len(next(_reader(record, options, ""), []))
    except InputError:  # the scan of the data reports it
        return 0


def _reader(record: bytes, options: SourceOptions, place: str) -> Iterator[list[str]]:
    quoting = csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE
    lines = io.StringIO(record.decode("utf-8"), newline="")
    try:
        yield from csv.reader(lines, delimiter=options.separator, quotechar=options.quote or None, quoting=quoting)
    except csv.Error as error:
        raise InputError(f"{options.file}: {place}: {error}") from None


def fault_text(fault: Fault, options: SourceOptions) -> str:
    """The message for a fault of quotes or line ends, with what to do."""
    q = options.quote
    if fault.kind == "unclosed":
        return (
            f"the quote {q} that opens a field here is never closed; close it, or double a {q} that is part of the text"
        )
    if fault.kind == "end":
        return (
            "a line end of another kind than the header's (a CR alone among LF, or an LF alone among CR); enclose a "
            "field with a line break in quotes, or export the file with one kind of line ends"
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
