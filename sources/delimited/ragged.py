"""CSV records of another width than the header: padded, cut without loss, read with more columns, or refused.

Not for sound records (read.py). Records of one width are parsed together, so there is no loop over rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ..options import SourceOptions
from .scan import CR, NONE, inside_quotes, line_ends


class Ragged(Exception):
    """A record of a segment (0-based) with ``found`` fields, which is not read."""

    def __init__(self, record: int, found: int):
        super().__init__(record, found)
        self.record, self.found = record, found


@dataclass
class Mended:
    """The mended records of a segment (0-based). ``lacking``: of fewer fields, padded; ``surplus``: of more fields.

    ``nameless``: records that lack only columns without a name. ``found``: record -> its number of fields.
    """

    lacking: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    found: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Widths:
    """The widths of records. ``parsed``: fields that each sound record has; ``named``: up to the last named column.

    ``strict``: a record of another width is refused, because all records are expected to be alike. ``separator``: the
    probable one, where a wrong one turns the header into one field.
    """

    parsed: int
    named: int
    strict: bool = False
    separator: str = ""


@dataclass(frozen=True)
class Layout:
    """The records of sound CSV. ``starts``, ``stops``: their bytes, line end included; ``fields``: their number of
    fields; ``quoted``: whether every field is in quotes."""

    starts: np.ndarray
    stops: np.ndarray
    fields: np.ndarray
    quoted: np.ndarray


def layout(data: bytes | memoryview, options: SourceOptions, skip_blank: bool) -> Layout:
    """The layout of sound CSV, without blank lines if ``skip_blank``."""
    a = np.frombuffer(data, np.uint8)
    if not len(a):
        none = np.empty(0, np.int64)
        return Layout(none, none, none, none.astype(bool))
    marks = line_ends(a, NONE, bool((a == CR).any()))
    separators = a == ord(options.separator)
    if options.quote:
        inside = inside_quotes(a, ord(options.quote))[1]
        marks &= ~inside
        separators &= ~inside
    ends = np.flatnonzero(marks)  # of lines: the last byte of the line end
    at = np.flatnonzero(separators)
    if not len(ends) or ends[-1] != len(a) - 1:
        ends = np.append(ends, len(a))
    starts = np.append(0, ends[:-1] + 1)
    stops = np.minimum(ends + 1, len(a))
    fields = np.diff(np.searchsorted(at, ends), prepend=0) + 1
    content = ends - (
        (ends > starts) & (a[np.minimum(ends, len(a)) - 1] == CR) & (ends < len(a))
    )  # its end without the line end
    quoted = np.zeros(len(ends), bool)
    if options.quote:
        q = np.append(a, 0) == ord(options.quote)
        between = at[q[at - 1] & q[at + 1]]  # separators with a quote on either side
        whole = np.diff(np.searchsorted(between, ends), prepend=0) == fields - 1
        quoted = whole & (content > starts) & q[starts] & q[content - 1]
    keep = content > starts if skip_blank else np.ones(len(ends), bool)
    return Layout(starts[keep], stops[keep], fields[keep], quoted[keep])


def mend(
    text: memoryview, widths: Widths, options: SourceOptions, parse: Callable[[memoryview, int], pa.Table]
) -> tuple[pa.Table, Mended]:
    """The records of a segment as a table of at least ``widths.parsed`` columns, named by position.

    A record that lacks only columns without a name loses nothing. Nor does a record whose surplus fields are empty. But
    unless every field is in quotes, such a record may have a separator in a text, so ragged: must allow it. By ragged:,
    fewer fields are padded, and further filled fields become columns. Raises Ragged for the first record not read.
    """
    found = layout(text, options, skip_blank=widths.parsed > 1)
    bad = np.flatnonzero(found.fields != widths.parsed)
    if widths.strict and len(bad):
        raise Ragged(int(bad[0]), int(found.fields[bad[0]]))
    a = np.frombuffer(text, np.uint8)
    lengths = found.stops - found.starts
    mended, refused = Mended(), []
    parts, orders = [], []
    for width in np.unique(found.fields).tolist():
        rows = np.flatnonzero(found.fields == width)
        at = np.repeat(found.starts[rows] - np.append(0, np.cumsum(lengths[rows])[:-1]), lengths[rows])
        content = a[at + np.arange(len(at))].tobytes()
        if not content.endswith((b"\n", b"\r")):
            content += b"\n" if not found.stops[0] or a[found.stops[0] - 1] != CR else b"\r"
        table = parse(memoryview(content), width)
        if width < widths.named:
            if options.ragged == "refuse":
                refused.append((int(rows[0]), width))
            mended.lacking += rows.tolist()
        elif width < widths.parsed:
            mended.nameless += rows.tolist()
        elif width > widths.parsed:
            filled = np.zeros(len(rows), bool)
            for column in table.columns[widths.parsed :]:
                filled |= _filled(column)
            wrong = filled & (options.ragged != "extend") | ~filled & ~found.quoted[rows] & (options.ragged == "refuse")
            if wrong.any():
                refused.append((int(rows[wrong.argmax()]), width))
            mended.surplus += rows.tolist()
            if not filled.any():
                table = table.select(range(widths.parsed))
        if width != widths.parsed:
            mended.found.update((row, width) for row in rows.tolist())
        parts.append(table)
        orders.append(rows)
    if refused:
        raise Ragged(*min(refused))
    widest = max([widths.parsed, *(t.num_columns for t in parts)])
    whole = pa.concat_tables([with_empty_columns(t, widest) for t in parts]).unify_dictionaries().combine_chunks()
    return whole.take(np.argsort(np.concatenate(orders), kind="stable")), mended


def ragged_text(found: int, widths: Widths, options: SourceOptions) -> str:
    """The message for a record with ``found`` fields, with what to do."""
    fields = "1 field" if found == 1 else f"{found} fields"
    if widths.separator:
        advice = (
            f"the header is a single field with {widths.separator!r} in it: declare separator: {widths.separator!r}?"
        )
    elif found > widths.parsed:
        advice = (
            f"put a field that contains {options.separator!r} in quotes, or declare ragged: extend to keep them all"
        )
    else:
        advice = "look for a cut line, or for a line break in a field without quotes, or declare ragged: pad"
    return f"{fields} where the header has {widths.parsed}; {advice}"


def with_empty_columns(table: pa.Table, width: int) -> pa.Table:
    """The table with columns of empty cells up to ``width``, all of them named by position."""
    columns = list(table.columns)
    empty = pa.DictionaryArray.from_arrays(pa.array(np.zeros(table.num_rows, np.int32)), pa.array([""]))
    columns += [pa.chunked_array([empty])] * (width - len(columns))
    return pa.table(columns, names=[str(i) for i in range(len(columns))])


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    """Whether each cell of a dictionary column has more than blanks."""
    out = []
    for chunk in column.chunks:
        filled = np.array([bool(t.strip()) for t in chunk.dictionary.to_pylist()] or [False])
        out.append(filled[chunk.indices.to_numpy()])
    return np.concatenate(out) if out else np.zeros(0, bool)
