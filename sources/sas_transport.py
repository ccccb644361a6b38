"""Layout of a SAS transport file (XPT v5 and v8): whether it is whole, and where its special missing values stand.

Not for its values: pyreadstat reads those, but takes .A to .Z and ._ for plain missing and cannot tell a cut file.
Layout: SAS technical note TS-140 (record layout of a SAS data set in transport format) and its sequel for version 8.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import InputError

_RECORD = 80
_NAMESTR_HEADER = b"HEADER RECORD*******NAMES"  # NAMESTR in v5; v8 writes NAMSTV8
_NAMESTR_HEADER_8 = b"HEADER RECORD*******NAMSTV8"
_OBS_HEADER = b"HEADER RECORD*******OBS"
_MEMBER_HEADER = b"HEADER RECORD*******MEMB"
_BLANK = 0x20


class TransportLayout:
    """Variables of the single member: ``offsets``, ``widths`` (bytes) and ``numeric``, in file order.

    ``content``: the bytes of the file; the observations begin at ``data_start``, ``row_width`` bytes each.
    Raises InputError where the file is no transport file, is cut short, or holds more than one dataset.
    """

    def __init__(self, path: Path, name: str):
        self.name = name
        whole = path.read_bytes()
        self.content = np.frombuffer(whole, np.uint8)
        head = whole[: 2**20]
        if not head.startswith(b"HEADER RECORD*******LIB"):
            raise InputError(
                f"{name}: not a SAS transport file (XPT): it does not begin with HEADER RECORD*******LIBRARY; if it "
                "was written by PROC CPORT, write it with the XPORT engine or %LOC2XPT"
            )
        if len(self.content) % _RECORD:
            raise InputError(
                f"{name}: {len(self.content)} bytes are not a multiple of 80, so the file is cut short; copy it again"
            )
        start = max(head.find(_NAMESTR_HEADER), head.find(_NAMESTR_HEADER_8))
        obs = whole.find(_OBS_HEADER, max(start, 0))
        if start < 0 or obs < 0:
            raise InputError(f"{name}: no variable or observation header, so the file is cut short; copy it again")
        self._read_variables(whole, start, obs)
        self.data_start = obs + _RECORD
        self._refuse_members(whole)

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

    def _refuse_members(self, whole: bytes) -> None:
        at = whole.find(_MEMBER_HEADER, self.data_start)
        while at >= 0:
            if at % _RECORD == 0:
                raise InputError(f"{self.name}: more than one dataset in the file; write each to a file of its own")
            at = whole.find(_MEMBER_HEADER, at + 1)

    def check_rows(self, rows: int) -> None:
        """Raises InputError where bytes other than padding follow the last of ``rows`` observations."""
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
