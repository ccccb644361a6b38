"""The rows of a Dataset-JSON file as columns, parsed as a table of separated values where they can be.

A row on a line of its own, between brackets, is such a table: JSON has no line end inside a text. Whether that reading
is right is proved: each cell is found at its place, with its quotes and the length of its value, and there is no other
quote, no escape and no control character. Any other file is None here, and read_dataset_json.py parses it as JSON, with
an error for each mistake. Not for the attributes before the rows.
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ..engine.columns import column as col
from .file_content import number_column
from .sas_moments import sas_number

_NUMBERS = frozenset({"integer", "float", "double"})
_TEXTS = {"string": "text", "date": "date", "datetime": "datetime", "time": "time"}
_ROWS_BEGIN = re.compile(rb',\s*"rows"\s*:\s*\[\n')
_HEAD = 1 << 20  # bytes
_BLOCK = 1 << 26
_LEAST = 1 << 14  # bytes; fewer are as fast as JSON
_END, _QUOTE, _COMMA, _MINUS, _ZERO, _NINE, _OPEN, _BACKSLASH, _CLOSE = b'\n",-09[\\]'
_NULL = b"nu"


def split_rows(data: bytes) -> tuple[bytes, memoryview] | None:
    """(the attributes as a whole object, the rows) of a file with one object; None where no row has its line."""
    found = _ROWS_BEGIN.search(data, 0, _HEAD)
    tail = b"\n]}\n"
    if found is None or len(data) < _LEAST or not data.endswith(tail):
        return None
    return data[: found.start()] + b"}", memoryview(data)[found.end() : -len(tail)]


def split_lines(data: bytes) -> tuple[bytes, memoryview] | None:
    """(the attributes, the rows) of NDJSON; None where it is too short."""
    begin = data.find(b"\n") + 1
    if not begin or len(data) - begin < _LEAST:
        return None
    return data[:begin], memoryview(data)[begin : len(data) - data.endswith(b"\n")]


def row_columns(
    rows: memoryview, columns: Sequence[Mapping[str, Any]], path: Path, *, lines: bool
) -> list[tuple[str, pd.Series]] | None:
    """(type, values) of each column; None where the rows have to be parsed as JSON.

    ``rows``: from the first bracket to the last. ``lines``: without commas between them. Raises InputError for an
    infinite number.
    """
    kinds = [(str(c["dataType"]), str(c.get("targetDataType") or "")) for c in columns]
    if not all(kind in _NUMBERS or kind in _TEXTS for kind, _ in kinds):
        return None
    data = np.frombuffer(rows, dtype="uint8")
    places = _Places.of(data, lines)
    table = _parsed(data, places, kinds, lines) if places is not None else None
    if places is None or table is None or table.num_rows != len(places.starts):
        return None
    cells = [table[f"c{i}"].combine_chunks() for i in range(len(kinds))]
    if not _proved(data, places, cells, kinds):
        return None
    found = []
    for column, array, (kind, target) in zip(columns, cells, kinds, strict=True):
        values = _values(array, str(column["name"]), kind, target, path)
        if values is None:
            return None
        found.append(values)
    return found


class _Places:
    """The position of the first bracket of each row and of its last."""

    def __init__(self, starts: np.ndarray, ends: np.ndarray):
        self.starts, self.ends = starts, ends

    @classmethod
    def of(cls, data: np.ndarray, lines: bool) -> _Places | None:
        """None where a line is no row, or the text has an escape or a control character."""
        line_ends = np.flatnonzero(data == _END)
        if np.count_nonzero(data < 32) != len(line_ends) or (data == _BACKSLASH).any():
            return None
        starts = np.concatenate([[0], line_ends + 1])
        ends = np.concatenate([line_ends - (1 if lines else 2), [len(data) - 1]])
        whole = (ends > starts).all() and (data[starts] == _OPEN).all() and (data[ends] == _CLOSE).all()
        commas = lines or (data[line_ends - 1] == _COMMA).all()
        return cls(starts, ends) if whole and commas else None


def _parsed(data: np.ndarray, places: _Places, kinds: Sequence[tuple[str, str]], lines: bool) -> pa.Table | None:
    """The rows as a table: each bracket becomes a comma, so that there are empty columns at both sides."""
    text = np.append(data, [] if lines else np.uint8(_COMMA)).astype("uint8", copy=False)  # as behind the rows before
    text[places.starts] = text[places.ends] = _COMMA
    names = [f"c{i}" for i in range(len(kinds))]
    after = ["after"] if lines else ["after", "comma"]
    types = {n: pa.float64() if kind in _NUMBERS else pa.string() for n, (kind, _) in zip(names, kinds, strict=True)}
    try:
        return pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(text)),
            read_options=pacsv.ReadOptions(column_names=["before", *names, *after], block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(double_quote=False),
            convert_options=pacsv.ConvertOptions(
                column_types=types,
                include_columns=names,
                null_values=["null"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowCapacityError):
        return None


def _proved(data: np.ndarray, places: _Places, cells: Sequence[pa.Array], kinds: Sequence[tuple[str, str]]) -> bool:
    """Whether each cell is at its place as JSON writes its value."""
    missing = [np.asarray(c.is_null()) for c in cells]
    widths = [_width(c, m, kind) for c, m, (kind, _) in zip(cells, missing, kinds, strict=True)]
    if any(w is None for w in widths):
        return False
    known = [w for w in widths if w is not None]
    if not np.array_equal(np.sum(known, axis=0) + len(known), places.ends - places.starts):
        return False
    at, quotes = places.starts + 1, 0
    for number, (width, none, (kind, target)) in enumerate(zip(known, missing, kinds, strict=True)):
        end = at + width
        first = data[at]
        if number + 1 < len(known) and not (data[end] == _COMMA).all():
            return False
        if none.any() and not (
            (kind in _NUMBERS or target) and (first[none] == _NULL[0]).all() and (data[at[none] + 1] == _NULL[1]).all()
        ):
            return False
        if kind in _NUMBERS:
            begins = ((first >= _ZERO) & (first <= _NINE)) | (first == _MINUS) | none
        else:
            begins = ((first == _QUOTE) & (data[end - 1] == _QUOTE)) | none
            quotes += 2 * (len(none) - np.count_nonzero(none))
        if not begins.all():
            return False
        at = end + 1
    return np.count_nonzero(data == _QUOTE) == quotes


def _width(cells: pa.Array, missing: np.ndarray, kind: str) -> np.ndarray | None:
    """The length of each cell as JSON writes it; None for a number that is not whole where it must be."""
    if kind not in _NUMBERS:
        return np.where(missing, 4, np.asarray(pc.binary_length(cells).fill_null(0)) + 2)
    try:
        numbers = cells.cast(pa.int64()) if kind == "integer" else cells
    except pa.ArrowInvalid:
        return None
    return np.where(missing, 4, np.asarray(pc.binary_length(pc.cast(numbers, pa.string())).fill_null(0)))


def _values(cells: pa.Array, name: str, kind: str, target: str, path: Path) -> tuple[str, pd.Series] | None:
    """(type of the variable, its values)."""
    if kind in _NUMBERS:
        numbers = cells.to_numpy(zero_copy_only=False)
        size = np.abs(numbers)
        if ((size >= 2.0**53) & (size < 1e20)).any():  # its digits may be more than those of the number
            return None
        series = number_column(numbers, name, path)[1]
        return ("integer" if kind == "integer" else "float"), series
    if pc.any(pc.ends_with(cells, " ")).as_py():
        cells = pc.utf8_rtrim(cells, " ")
    coded = cells.dictionary_encode()
    codes = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
    texts = coded.dictionary.to_pylist()
    if not target:
        return _TEXTS[kind], col.distinct_text(codes, texts)
    read = [sas_number(t, kind) for t in texts]
    if any(x is None for x in read):
        return None
    return number_column(np.array([*read, np.nan], dtype="float64")[codes], name, path)
