"""Layout of a SAS transport file (XPT v5 and v8): its datasets, whether one is whole, its special missing values.

Layout: SAS technical note TS-140 (record layout of a SAS data set in transport format) and its sequel for version 8.
Not for the values: pyreadstat reads them. It reads .A to .Z and ._ as plain missing, and does not detect a cut file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError, nearest

_RECORD = 80
_NAMESTR_HEADER = b"HEADER RECORD*******NAMES"  # NAMESTR in v5; v8 writes NAMSTV8
_NAMESTR_HEADER_8 = b"HEADER RECORD*******NAMSTV8"
_OBS_HEADER = b"HEADER RECORD*******OBS"
_MEMBER_HEADER = b"HEADER RECORD*******MEMB"  # MEMBER in v5; v8 writes MEMBV8
_MEMBER_HEADER_8 = b"HEADER RECORD*******MEMBV8"
_BLANK = 0x20
_LIBRARY = 3 * _RECORD  # the records of the library, before its first member


@dataclass(frozen=True)
class Member:
    """A dataset of a transport file: its name, and the bytes from its header to the next one's."""

    name: str
    start: int
    end: int

    def alone(self, whole: bytes) -> bytes:
        """The bytes of a file that holds this member only."""
        return whole[:_LIBRARY] + whole[self.start : self.end]


class TransportLayout:
    """Variables of one member: ``offsets``, ``widths`` (bytes) and ``numeric``, in file order.

    ``member``: its name, in any case of letters; None if the file has one member. ``content``: the bytes of a file with
    this member alone; the observations begin at ``data_start``, ``row_width`` bytes each. ``others``: name of each
    other member to the number of its observations, blank ones at its end not counted.
    Raises InputError if the file is no transport file, is cut short, has no such member, or has several members and
    none is named.
    """

    def __init__(self, path: Path, name: str, member: str | None = None):
        self.name = name
        whole = path.read_bytes()
        if not whole.startswith(b"HEADER RECORD*******LIB"):
            raise InputError(
                f"{name}: not a SAS transport file (XPT): it does not begin with HEADER RECORD*******LIBRARY; if it "
                "was written by PROC CPORT, write it with the XPORT engine or %LOC2XPT"
            )
        if len(whole) % _RECORD:
            raise InputError(
                f"{name}: {len(whole)} bytes are not a multiple of 80, so the file is cut short; copy it again"
            )
        members = members_of(whole)
        chosen = self._chosen(members, member)
        self.others: dict[str, int] = {}
        if chosen is not None and len(members) > 1:
            self.others = {m.name: self._lay_out(m.alone(whole)).filled_rows() for m in members if m is not chosen}
            whole = chosen.alone(whole)
        self._lay_out(whole)

    def _lay_out(self, whole: bytes) -> TransportLayout:
        """Take in the bytes of a file with one member."""
        self.content = np.frombuffer(whole, np.uint8)
        head = whole[: 2**20]
        start = max(head.find(_NAMESTR_HEADER), head.find(_NAMESTR_HEADER_8))
        obs = whole.find(_OBS_HEADER, max(start, 0))
        if start < 0 or obs < 0:
            raise InputError(f"{self.name}: no variable or observation header, so the file is cut short; copy it again")
        self._read_variables(whole, start, obs)
        self.data_start = obs + _RECORD
        return self

    def filled_rows(self) -> int:
        """How many observations there are up to the last one that is not blank."""
        filled = np.flatnonzero(self.content[self.data_start :] != _BLANK)
        return -(-(int(filled[-1]) + 1) // self.row_width) if len(filled) and self.row_width else 0

    def _read_variables(self, whole: bytes, start: int, obs: int) -> None:
        try:
            size = int(whole[314:318]) if whole[314:318].strip() else 140  # member header, columns 75-78
            count = int(whole[start + 48 : start + 58])
        except ValueError:
            raise InputError(f"{self.name}: damaged header: the number of variables is not a number") from None
        first = start + _RECORD
        if size not in (136, 140) or first + count * size > obs:
            raise InputError(f"{self.name}: damaged header: {count} variables do not fit in it; copy the file again")
        block = np.frombuffer(whole, np.uint8, count * size, first).reshape(count, size)
        self.numeric = block[:, 1] == 1
        self.widths = block[:, 4:6].copy().view(">i2")[:, 0].astype(np.int64)
        self.offsets = block[:, 84:88].copy().view(">i4")[:, 0].astype(np.int64)
        self.row_width = int((self.offsets + self.widths).max(initial=0))
        if (self.offsets < 0).any() or (self.widths < self.numeric).any():
            raise InputError(
                f"{self.name}: damaged header: a variable has no place in an observation; copy the file again"
            )

    def _chosen(self, members: list[Member], wanted: str | None) -> Member | None:
        """The member to read; None where the file has no member header, which the headers below it report."""
        names = [m.name for m in members]
        listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        if wanted is None:
            if len(members) > 1:
                raise InputError(f"{self.name}: the file holds {len(members)} datasets ({listed}); name one by member:")
            return members[0] if members else None
        found = [m for m in members if m.name.upper() == wanted.strip().upper()]
        if not found:
            hint = nearest(wanted, names)
            has = f"it has {listed or 'none'}"
            raise InputError(f"{self.name}: the file has no member '{wanted}' ({f'{hint}; {has}' if hint else has})")
        if len(found) > 1:
            raise InputError(
                f"{self.name}: {len(found)} members are called '{wanted}', so the name does not choose one; write each "
                "to a separate file"
            )
        return found[0]

    def check_rows(self, rows: int) -> None:
        """Raises InputError if ``rows`` observations do not fit, or bytes other than padding follow the last one."""
        if rows * self.row_width > len(self.content) - self.data_start:
            raise InputError(
                f"{self.name}: damaged header: {rows} observations of {self.row_width} bytes do not fit in the file; "
                "copy it again"
            )
        rest = self.content[self.data_start + rows * self.row_width :]
        if self.row_width and (len(rest) >= max(_RECORD, self.row_width + _RECORD) or (rest != _BLANK).any()):
            raise InputError(
                f"{self.name}: the last observation is cut: {rows} observations of {self.row_width} bytes were read "
                f"and {len(rest)} bytes remain; copy the file again"
            )

    def special_missing(self, variable: int, rows: int) -> np.ndarray:
        """uint8 per row: the letter (or underscore) of a special missing value, 0 elsewhere."""
        if not self.numeric[variable] or not rows:
            return np.zeros(rows, np.uint8)
        data = self.content[self.data_start : self.data_start + rows * self.row_width].reshape(rows, self.row_width)
        at = int(self.offsets[variable])
        cell = data[:, at : at + int(self.widths[variable])]
        first = cell[:, 0]
        named = ((first >= ord("A")) & (first <= ord("Z"))) | (first == ord("_"))
        named &= ~(cell[:, 1:] != 0).any(axis=1)
        return np.where(named, first, 0).astype(np.uint8)


def members_of(whole: bytes) -> list[Member]:
    """The members of a transport file, in its order. Headers begin at multiples of 80 bytes."""
    starts = []
    at = whole.find(_MEMBER_HEADER)
    while at >= 0:
        if at % _RECORD == 0:
            starts.append(at)
        at = whole.find(_MEMBER_HEADER, at + 1)
    ends = [*starts[1:], len(whole)][: len(starts)]
    return [Member(_name_at(whole, start), start, end) for start, end in zip(starts, ends, strict=True)]


def _name_at(whole: bytes, start: int) -> str:
    """The name in the member's third record: 8 bytes in version 5, 32 in version 8 (TS-140 and its sequel)."""
    width = 32 if whole[start : start + len(_MEMBER_HEADER_8)] == _MEMBER_HEADER_8 else 8
    at = start + 2 * _RECORD + 8
    return whole[at : at + width].decode("latin-1").strip(" \0")
