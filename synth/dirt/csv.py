"""Edits cells of a text file in place: only the changed fields differ, every other byte stays the same.

Not for choosing what to change. The file is well-formed: it comes from synth/writers/csv.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from ..writers.csv import encoded
from .file import Edits, RawFile

_QUOTE, _NEWLINE = 0x22, 0x0A


class CsvFile(RawFile):
    """``content`` in ``encoding`` with fields separated by ``delimiter``; the first record has the column names."""

    def __init__(self, content: bytes, encoding: str, delimiter: str):
        self.encoding, self.delimiter = encoding, delimiter
        self._text = content.decode(encoding).encode()  # UTF-8 without mark: one byte per separator and quote
        bytes_ = np.frombuffer(self._text, np.uint8)
        inside = np.cumsum(bytes_ == _QUOTE) % 2 == 1
        ends = np.flatnonzero((bytes_ == _NEWLINE) & ~inside) + 1
        self._starts = np.concatenate([[0], ends]).tolist()
        self.columns = tuple(next(self._records()))

    def _records(self) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self._text.decode(), newline=""), delimiter=self.delimiter)

    @cached_property
    def _cells(self) -> dict[str, list[str]]:
        return {name: list(cells) for name, *cells in zip(*self._records(), strict=True)}

    def __len__(self) -> int:
        return len(self._starts) - 2

    def cells(self, column: str) -> list[str]:
        return self._cells[column]

    def fits(self, column: str, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def edited(self, edits: Edits) -> bytes:
        pieces, done = [], 0  # bytes of the clean text that are in ``pieces``
        for row in sorted({*edits.cells, *edits.copies}):
            start, end = self._starts[row + 1], self._starts[row + 2]
            pieces += [self._text[done:start], self._with(row, edits.cells.get(row, {}))]
            if row in edits.copies:
                pieces.append(self._with(row, edits.copies[row]))
            done = end
        pieces.append(self._text[done:])
        pieces += [self._with(row, changed) for row, changed in edits.appended]
        return encoded(b"".join(pieces).decode(), self.encoding)

    def _with(self, row: int, changed: dict[str, str]) -> bytes:
        record = self._text[self._starts[row + 1] : self._starts[row + 2]]
        spans = self._fields(record)
        for column in sorted(changed, key=self.columns.index, reverse=True):
            start, end = spans[self.columns.index(column)]
            record = record[:start] + self._field(changed[column]) + record[end:]
        return record

    def _fields(self, record: bytes) -> list[tuple[int, int]]:
        """Where each field of a record starts and ends, quotes included."""
        end = len(record.rstrip(b"\r\n"))
        spans, start, inside = [], 0, False
        separator = ord(self.delimiter)
        for at in range(end):
            if record[at] == _QUOTE:
                inside = not inside
            elif record[at] == separator and not inside:
                spans.append((start, at))
                start = at + 1
        return [*spans, (start, end)]

    def _field(self, text: str) -> bytes:
        if any(c in text for c in (self.delimiter, '"', "\n", "\r")):
            text = '"' + text.replace('"', '""') + '"'
        return text.encode()
