"""Edits cells of files with records of fixed width in place: SAS transport v5 and uncompressed SPSS.

Not for choosing what to change. It reads of the two layouts only what the injector needs: the place of each variable in
a record, and where the records begin.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from ...mappings.expressions.number_text import number_text
from ..writers.sav import CASES, SYSMIS, set_cases
from .file import Edits, RawFile

_CARD = 80


@dataclass(frozen=True)
class _Variable:
    offset: int  # in a record
    length: int
    numeric: bool


class _FixedFile(RawFile):
    """``_rows``: uint8, one row per record."""

    def __init__(self, rows: np.ndarray, variables: dict[str, _Variable]):
        self._rows, self._variables = rows, variables
        self.columns = tuple(variables)

    def __len__(self) -> int:
        return len(self._rows)

    def cells(self, column: str) -> list[str]:
        v = self._variables[column]
        block = np.ascontiguousarray(self._rows[:, v.offset : v.offset + v.length])
        if v.numeric:
            return ["" if x == SYSMIS else number_text(x) for x in block.view("<f8")[:, 0].tolist()]
        return [x.decode().rstrip(" ") for x in block.view(f"V{v.length}")[:, 0].tolist()]

    def fits(self, column: str, text: str) -> bool:
        v = self._variables[column]
        if v.numeric:
            return text == "" or text.replace(".", "", 1).removeprefix("-").isdecimal()
        return text == text.rstrip(" ") and len(text.encode()) <= v.length

    def _edited_rows(self, edits: Edits) -> bytes:
        source = list(edits.rows(len(self)))
        rows = self._rows[[row for row, _ in source]]
        for at, (_, changed) in enumerate(source):
            for column, text in changed.items():
                v = self._variables[column]
                rows[at, v.offset : v.offset + v.length] = np.frombuffer(self._cell(v, text), np.uint8)
        return rows.tobytes()

    def _cell(self, variable: _Variable, text: str) -> bytes:
        if variable.numeric:
            return struct.pack("<d", float(text) if text else SYSMIS)
        return text.encode().ljust(variable.length)


class XptFile(_FixedFile):
    """A SAS transport file of one dataset; its numbers stay as they are, only texts can be read and changed."""

    def __init__(self, content: bytes):
        start = content.index(b"HEADER RECORD*******NAMESTR")
        obs = content.index(b"HEADER RECORD*******OBS", start) + _CARD
        variables, width = {}, 0
        for number in range(int(content[start + 54 : start + 58])):
            kind, _, length = struct.unpack_from(">hhh", content, start + _CARD + 140 * number)
            name = content[start + _CARD + 140 * number + 8 :][:8].decode().rstrip()
            if kind == 2:
                variables[name] = _Variable(width, length, False)
            width += length
        count = (len(content) - obs) // width
        rows = np.frombuffer(content, np.uint8, count * width, obs).reshape(count, width)
        filled = np.flatnonzero((rows != 0x20).any(axis=1))  # the rest is padding
        super().__init__(rows[: int(filled[-1]) + 1 if len(filled) else 0], variables)
        self._head = content[:obs]

    def fits(self, column: str, text: str) -> bool:
        return text.isascii() and super().fits(column, text)

    def edited(self, edits: Edits) -> bytes:
        data = self._edited_rows(edits)
        return self._head + data + b" " * (-len(data) % _CARD)


class SavFile(_FixedFile):
    """An uncompressed little-endian SPSS file in UTF-8. Raises ValueError for a compressed one."""

    def __init__(self, content: bytes):
        if struct.unpack_from("<i", content, 72)[0]:
            raise ValueError("a compressed SPSS file; only uncompressed ones are edited")
        cases = struct.unpack_from("<i", content, CASES)[0]
        variables, data = _dictionary(content)
        width = max((v.offset + -(-v.length // 8) * 8 for v in variables.values()), default=0)
        rows = np.frombuffer(content, np.uint8, cases * width, data).reshape(cases, width)
        super().__init__(rows, variables)
        self._head = content[:data]

    def edited(self, edits: Edits) -> bytes:
        data = self._edited_rows(edits)
        out = bytearray(self._head)
        set_cases(out, len(self) + len(edits.copies) + len(edits.appended))
        return bytes(out) + data


def _dictionary(content: bytes) -> tuple[dict[str, _Variable], int]:
    """The variables of an SPSS file under their long names, and where its data begin."""
    short: dict[str, _Variable] = {}
    names: dict[str, str] = {}
    at, offset = 176, 0

    def integer(place: int) -> int:
        return struct.unpack_from("<i", content, place)[0]

    while (kind := integer(at)) != 999:
        if kind == 2:  # type, has a label, missing values, print and write format, name, label, missing values
            width, labelled, missing = (integer(at + 4 * k) for k in (1, 2, 3))
            if width >= 0:
                short[content[at + 24 : at + 32].decode().rstrip()] = _Variable(offset, width or 8, width == 0)
            offset += 8
            at += 32
            if labelled:
                at += 4 + -(-integer(at) // 4) * 4
            at += 8 * abs(missing)
        elif kind == 3:  # value labels: number of them, then value and label padded to 8 bytes
            count = integer(at + 4)
            at += 8
            for _ in range(count):
                at += 8 + (content[at + 8] // 8 + 1) * 8
        elif kind == 4:  # the variables they belong to
            at += 8 + 4 * integer(at + 4)
        elif kind == 6:  # lines of a document
            at += 8 + 80 * integer(at + 4)
        else:  # extensions: subtype, size, count
            subtype, size, count = (integer(at + 4 * k) for k in (1, 2, 3))
            if subtype == 13:
                pairs = content[at + 16 : at + 16 + size * count].decode().split("\t")
                names = dict(pair.split("=", 1) for pair in pairs)
            at += 16 + size * count
    return {names.get(name, name): v for name, v in short.items()}, at + 8
