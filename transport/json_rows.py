"""The rows of a Dataset-JSON file as columns, without a Python value for each cell.

json_index.py finds the cells. Each is proved to be what JSON allows at its place: a text has two quotes, a number has
the form of JSON, and there is no other byte. Any other file is None here, and read_dataset_json.py parses it as JSON,
with an error for each mistake. Not for the attributes before the rows.
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine.columns import column as col
from .json_index import Block, indexed_blocks
from .sas_moments import sas_numbers

_NUMBERS = frozenset({"integer", "float", "double"})
_TEXTS = {"string": "text", "URI": "text", "date": "date", "datetime": "datetime", "time": "time"}
_ROWS_BEGIN = re.compile(rb',\s*"rows"\s*:\s*\[\s*')
_ROWS_END = re.compile(rb"\s*\]\s*\}\s*\Z")
_LINES_END = re.compile(rb"\s*\Z")
_HEAD = 1 << 20  # bytes in which the rows begin
_LEAST = 1 << 14  # bytes; fewer are as fast as JSON
_QUOTE, _MINUS, _DOT, _ZERO, _NINE, _BACKSLASH = b'"-.09\\'
_NULL = np.frombuffer(b"null", dtype="uint8")
_POINT_AND_EXPONENT = re.compile(rb"\.[eE]")
_LARGE = 2.0**53  # from here on a whole number may have more digits than its float


def rows_of_lines(first: bytes) -> tuple[bytes, bytes] | None:
    """(the attributes, what follows them) of NDJSON, ``first`` its first bytes; None where it is too short."""
    begin = first.find(b"\n") + 1
    return (first[:begin], first[begin:]) if begin and len(first) - begin >= _LEAST else None


def rows_of_object(first: bytes) -> tuple[bytes, bytes] | None:
    """(the attributes before the rows as an object, the rows and what follows) of a file with one object."""
    begin = _ROWS_BEGIN.search(first, 0, _HEAD)
    if begin is None or len(first) - begin.end() < _LEAST:
        return None
    return first[: begin.start()] + b"}", first[begin.end() :]


def row_columns(
    first: bytes, pieces: Iterable[bytes], columns: Sequence[Mapping[str, Any]], *, lines: bool
) -> list[tuple[str, pd.Series]] | None:
    """(type, values) of each column; None where the rows have to be parsed as JSON.

    ``first``: from the bracket of the first row on; ``pieces``: the bytes after it. ``lines``: rows without commas
    between them.
    """
    kinds = [(str(c["dataType"]), str(c.get("targetDataType") or "")) for c in columns]
    if not all(kind in _NUMBERS or kind in _TEXTS for kind, _ in kinds):
        return None
    read: list[list[Any]] = [[] for _ in kinds]
    escapes = False
    end = _LINES_END if lines else _ROWS_END
    for block in indexed_blocks(first, pieces, cells=len(kinds), lines=lines, end=end):
        found = _block_columns(block, [kind for kind, _ in kinds]) if block else None
        if block is None or found is None:
            return None
        escapes |= block.escapes
        for column, piece in zip(read, found, strict=True):
            column.append(piece)
    finished = []
    for column, (kind, target) in zip(read, kinds, strict=True):
        values = _numbers(column, kind) if kind in _NUMBERS else _texts(column, kind, target, escapes)
        if values is None:
            return None
        finished.append(values)
    return finished


def _block_columns(block: Block, kinds: Sequence[str]) -> list[np.ndarray | pa.Array] | None:
    """The cells of a block, one array per column: float64, or text with '' for null."""
    source = pa.py_buffer(block.data)
    bare = _bare_exponents(block.data)
    found, quoted = [], 0
    for number, kind in enumerate(kinds):
        begins, ends = block.marks[number] + 1, block.marks[number + 1]
        first = block.data.take(begins)
        none = first == _NULL[0]
        some = bool(none.any())
        if some and not _are_null(block.data, begins[none], ends[none]):
            return None
        if kind in _NUMBERS:
            if some:
                begins, ends = begins[~none], ends[~none]
            piece = _number_cells(block.data, source, begins, ends, bare)
            if piece is not None and some:
                whole = np.full(len(none), np.nan)
                whole[~none] = piece
                piece = whole
        else:
            if not (((first == _QUOTE) & (block.data.take(ends - 1) == _QUOTE)) | none).all():
                return None
            quoted += len(none) - int(np.count_nonzero(none))
            begins, ends = begins + 1, ends - 1
            if some:
                ends = np.where(none, begins, ends)
            piece = _slices(source, begins, ends)
        if piece is None:
            return None
        found.append(piece)
    return found if block.quotes == 2 * quoted else None


def _are_null(data: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> bool:
    return bool((ends - begins == 4).all() and (data[begins[:, None] + np.arange(4)] == _NULL).all())


def _slices(source: pa.Buffer, begins: np.ndarray, ends: np.ndarray) -> pa.Array:
    """The bytes of a block from each beginning to its end: each second text of an array that has those between too."""
    offsets = np.empty(2 * len(begins), dtype="int32")
    offsets[::2], offsets[1::2] = begins, ends
    if not len(offsets):
        return pa.array([], pa.string())
    texts = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), source)
    return texts.take(pa.array(np.arange(0, len(offsets), 2, dtype="int32")))


def _number_cells(
    data: np.ndarray, source: pa.Buffer, begins: np.ndarray, ends: np.ndarray, bare: np.ndarray
) -> np.ndarray | None:
    """float64; None where a cell is no number as JSON writes it, or has more digits than a float."""
    digits = begins + (data.take(begins) == _MINUS)
    lead, after, last = data.take(digits), data.take(digits + 1), data.take(ends - 1)
    right = _are_digits(lead) & _are_digits(last) & ~((lead == _ZERO) & _are_digits(after))
    if not right.all():
        return None
    if len(bare) and (np.searchsorted(bare, begins) != np.searchsorted(bare, ends)).any():
        return None
    texts = _slices(source, begins, ends)
    try:
        numbers = texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    size = np.abs(numbers)
    if not (size < np.inf).all():
        return None
    large = size >= _LARGE
    if large.any() and not pc.all(pc.match_substring_regex(texts.filter(pa.array(large)), "[.eE]")).as_py():
        return None
    return numbers


def _are_digits(letters: np.ndarray) -> np.ndarray:
    return (letters >= _ZERO) & (letters <= _NINE)


def _bare_exponents(data: np.ndarray) -> np.ndarray:
    """The places of a point before an exponent: in a number, Arrow reads it and JSON forbids it."""
    return np.array([m.start() for m in _POINT_AND_EXPONENT.finditer(data.data)], dtype="int64")


def _numbers(pieces: Sequence[np.ndarray], kind: str) -> tuple[str, pd.Series] | None:
    numbers = np.concatenate(pieces)
    if kind == "integer" and not (np.isnan(numbers) | (numbers == np.trunc(numbers))).all():
        return None
    return ("integer" if kind == "integer" else "float"), pd.Series(numbers)


def _texts(pieces: Sequence[pa.Array], kind: str, target: str, escapes: bool) -> tuple[str, pd.Series] | None:
    """(type of the variable, its values)."""
    coded = pa.chunked_array(pieces).dictionary_encode()
    codes = np.concatenate([c.indices.to_numpy() for c in coded.chunks])
    texts = coded.chunks[-1].dictionary
    distinct = True
    if pc.any(pc.ends_with(texts, " ")).as_py():
        texts, distinct = pc.utf8_rtrim(texts, " "), False
    found = texts.to_pylist()
    if escapes and pc.any(pc.match_substring(texts, "\\")).as_py():
        found, distinct = _unescaped(found), False
    if found is None:
        return None
    if not target:
        return _TEXTS[kind], (col.distinct_text if distinct else col.join_text)(codes, found)
    moments = sas_numbers(found, kind)
    if moments is None:
        return None
    numbers = moments[codes]
    whole = (np.isnan(numbers) | (numbers == np.trunc(numbers))).all()
    return ("integer" if whole else "float"), pd.Series(numbers)


def _unescaped(texts: Sequence[str]) -> list[str] | None:
    """The texts behind their escapes, without blanks at the end; None where one is no text of JSON."""
    try:
        found = [json.loads(f'"{t}"').rstrip(" ") if "\\" in t else t for t in texts]
        "".join(found).encode()
    except (ValueError, UnicodeEncodeError):
        return None
    return found
