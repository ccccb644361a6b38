"""Where the cells of JSON rows are: the marks between them, found in whole blocks of bytes.

A mark is a bracket, a comma or a line end outside a text. A byte is inside a text where the number of quotes before it
is odd. A block whose marks are not exactly those of rows of so many cells has no index (None), and read_dataset_json.py
parses the file as JSON. Not for the values of the cells (json_rows.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

_LONGEST = 1 << 26  # bytes that are looked through for the end of a row
_HEAD = 1 << 16  # bytes in which the end of the first row is looked for
_BETWEEN = re.compile(rb"\]([ \t\r\n]*,?[ \t\r\n]*)\[")
_BLANKS = b" \t\r"
_TAIL = 1 << 10  # bytes in which the end of the rows is looked for
_END, _BLANK, _QUOTE, _COMMA, _OPEN, _BACKSLASH, _CLOSE = b'\n ",[\\]'


@dataclass(frozen=True)
class Block:
    """Some rows. ``marks``: (cells + 1) x rows; cell i of a row lies between its marks i and i + 1.

    ``quotes``: how many quotes begin or end a text. ``escapes``: whether a text has a backslash.
    """

    data: np.ndarray
    marks: np.ndarray
    quotes: int
    escapes: bool


def indexed_blocks(
    first: bytes, pieces: Iterable[bytes], *, cells: int, lines: bool, end: re.Pattern[bytes]
) -> Iterator[Block | None]:
    """The rows of ``first`` and of the ``pieces`` after it, in blocks; None for one without an index, the last one.

    ``first``: from the bracket of the first row. ``cells``: of a row. ``lines``: rows are separated by line ends, else
    by commas with or without line ends. ``end``: what is behind the last row.
    """
    found = _BETWEEN.search(first, 0, _HEAD)
    between = found[1] if found else b"\n" if lines else b","
    marks = between.translate(None, _BLANKS)
    if marks not in ((b"\n",) if lines else (b",", b",\n")):
        yield None
        return
    row = np.frombuffer(b"[" + b"," * (cells - 1) + b"]" + marks, dtype="uint8")
    spaced = None
    for text in _whole_rows(first, pieces, between, marks, end):
        if spaced is None:
            spaced = bool(text) and _is_spaced(text)
        block = _index(text, row, cells, spaced)
        yield block
        if block is None:
            return


def _whole_rows(
    first: bytes, pieces: Iterable[bytes], between: bytes, marks: bytes, end: re.Pattern[bytes]
) -> Iterator[bytes]:
    """The text of whole rows, each with what is ``between`` two of them; b'' where a row has no end."""
    waiting = first
    for piece in pieces:
        stop = waiting.rfind(b"]" + between + b"[") + 1
        if stop:
            yield waiting[: stop + len(between)]
            waiting = waiting[stop + len(between) :]
        elif len(waiting) > _LONGEST:
            yield b""
            return
        waiting += piece
    last = end.search(waiting, max(len(waiting) - _TAIL, 0))
    yield waiting[: last.start()] + marks if last else b""


def _index(text: bytes, row: np.ndarray, cells: int, spaced: bool) -> Block | None:
    """The index of whole rows, each with the marks ``row``. ``spaced``: blanks between cells are taken out."""
    if not _is_utf8(text):
        return None
    data, escapes = np.frombuffer(text, dtype="uint8"), b"\\" in text
    quotes = _quotes(data, escapes)
    inside, count = _inside(quotes), int(np.count_nonzero(quotes))
    if spaced:
        stay = _without_blanks(data, inside)
        if stay is None:
            return None
        data, inside = data[stay], inside[stay]
    places = np.flatnonzero(_marks(data) & ~inside)
    controls = np.count_nonzero(data < _BLANK)  # line ends between rows; a text of JSON has no control character
    rows, rest = divmod(len(places), len(row))
    if rest or not rows or controls != rows * np.count_nonzero(row == _END):
        return None
    places = places.reshape(rows, len(row))
    if not (data.take(places) == row).all() or not _adjacent(places, cells, len(data)):
        return None
    return Block(data, np.ascontiguousarray(places[:, : cells + 1].T), count, escapes)


def _adjacent(places: np.ndarray, cells: int, size: int) -> bool:
    """Whether nothing lies between a row and the next one, before the first and after the last."""
    whole = places[0, 0] == 0 and places[-1, -1] == size - 1
    inner = (np.diff(places[:, cells:], axis=1) == 1).all()
    return bool(whole and inner and (places[1:, 0] - places[:-1, -1] == 1).all())


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _quotes(data: np.ndarray, escapes: bool) -> np.ndarray:
    """Which bytes are quotes that begin or end a text."""
    quotes = data == _QUOTE
    if escapes:  # in a run of backslashes each second one is a text's; after an odd run the next byte is one too
        slashes = np.flatnonzero(data == _BACKSLASH)
        first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
        lengths = np.diff(first, append=len(slashes))
        after = (slashes[first] + lengths)[lengths % 2 == 1]
        quotes[after[after < len(data)]] = False
    return quotes


def _inside(quotes: np.ndarray) -> np.ndarray:
    """Which bytes are inside a text, its first quote too: 64 of them are summed in one word."""
    bits = np.packbits(quotes, bitorder="little")
    words = np.concatenate([bits, np.zeros(-len(bits) % 8, dtype="uint8")]).view("<u8")
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(words >> np.uint64(63))[:-1]
    words[1:] ^= np.uint64(0) - odd  # all bits where a text goes on from the word before
    return np.unpackbits(words.view("uint8"), count=len(quotes), bitorder="little").view(bool)


def _marks(data: np.ndarray) -> np.ndarray:
    found = data == _COMMA
    for mark in (_OPEN, _CLOSE, _END):
        found |= data == mark
    return found


def _blanks(data: np.ndarray) -> np.ndarray:
    found = data == _BLANKS[0]
    for blank in _BLANKS[1:]:
        found |= data == blank
    return found


def _is_spaced(text: bytes) -> bool:
    """Whether blanks lie between the cells, as many programs write them."""
    data = np.frombuffer(text, dtype="uint8")
    return bool((_blanks(data) & ~_inside(_quotes(data, b"\\" in text))).any())


def _without_blanks(data: np.ndarray, inside: np.ndarray) -> np.ndarray | None:
    """Which bytes are not blanks between cells; None where a blank has no mark beside it."""
    blanks = _blanks(data) & ~inside
    marks = _marks(data) & ~inside
    beside = np.zeros(len(data), dtype=bool)
    beside[1:] = marks[:-1]
    beside[:-1] |= marks[1:]
    return None if (blanks & ~beside).any() else ~blanks
