"""A SAS transport file (XPT v5 and v8): its datasets, their variables, and where the observations lie.

Layout: SAS technical note TS-140 (record layout of a SAS data set in transport format) and its sequel for version 8.
Not for the values: transport_cells.py reads those of version 5, pyreadstat those of version 8. Nor for what else a file
of this name may be (transport_magic.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import InputError, nearest
from .transport_magic import check_magic, is_version_5

RECORD = 80
_NAMESTR_HEADER = b"HEADER RECORD*******NAMESTR "
_NAMESTR_HEADER_8 = b"HEADER RECORD*******NAMSTV8"
_OBS_HEADER = b"HEADER RECORD*******OBS"
_MEMBER_HEADER = b"HEADER RECORD*******MEMB"  # 24 bytes; then ER in v5, V8 in v8
_MEMBER_HEADER_8 = b"HEADER RECORD*******MEMBV8"
_BLANK = 0x20
_LIBRARY = 3 * RECORD  # the records of the library, before its first member
_VARIABLES = 5 * RECORD  # in a member of version 5: its header, DSCRPTR, two descriptions, the header of the variables


@dataclass(frozen=True)
class Member:
    """A dataset of a transport file: its name, and the bytes from its header to the next one's."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class TransportVariable:
    """The texts of a variable of version 5, bytes without trailing blanks; the width and decimals of its format."""

    name: bytes
    label: bytes
    form: bytes
    form_width: int
    form_decimals: int


class TransportLayout:
    """Variables of one member: ``offsets``, ``widths`` (bytes) and ``numeric``, in file order.

    ``content``: the bytes of a file. ``member``: its name, in any case of letters; None if the file has one member.
    ``version``: 5 or 8. The observations begin at ``data_start`` of ``data``, ``row_width`` bytes each. ``others``:
    name of each other member to the number of its observations, blank ones at its end not counted.
    Raises InputError if the file is no transport file, is cut short, has no such member, or has several members and
    none is named.
    """

    def __init__(self, content: bytes, name: str, member: str | None = None):
        self.name = name
        check_magic(content, name)
        self.version = 5 if is_version_5(content) else 8
        if len(content) % RECORD:
            raise InputError(
                f"{name}: {len(content)} bytes are not a multiple of 80, so the file is cut short; copy it again"
            )
        members = members_of(content)
        chosen = self._chosen(members, member)
        if chosen is None:
            raise self._cut()
        self._lay_out(content, chosen)
        self.others = {
            m.name: _of_member(content, name, m).filled_rows() for m in members if m is not chosen and len(members) > 1
        }

    def _lay_out(self, content: bytes, member: Member) -> None:
        """Find the variables and the observations of a member."""
        self._content, self._member = content, member
        self.data = np.frombuffer(content, np.uint8)[: member.end]
        start, obs = self._headers_8() if self.version == 8 else self._headers_5()
        self._read_variables(start, obs)
        self.data_start = obs + RECORD

    def _headers_5(self) -> tuple[int, int]:
        """The headers of the variables and of the observations of version 5, which have one place each."""
        content, at = self._content, self._member.start
        start = at + _VARIABLES - RECORD
        size, count = self._sizes(start) if content.startswith(_NAMESTR_HEADER, start) else (0, 0)
        obs = start + RECORD + -(-size * count // RECORD) * RECORD
        if not size or obs + RECORD > self._member.end or not content.startswith(_OBS_HEADER, obs):
            raise self._cut()
        return start, obs

    def _headers_8(self) -> tuple[int, int]:
        """Those of version 8, which has the long labels between them."""
        content, (at, end) = self._content, (self._member.start, self._member.end)
        start = content.find(_NAMESTR_HEADER_8, at, min(end, at + 2**20))
        obs = content.find(_OBS_HEADER, max(start, 0), end)
        if start < 0 or obs < 0:
            raise self._cut()
        size, count = self._sizes(start)
        if start + RECORD + size * count > obs:
            raise self._damaged(f"{count} variables do not fit in it")
        return start, obs

    def _cut(self) -> InputError:
        return InputError(f"{self.name}: no variable or observation header, so the file is cut short; copy it again")

    def _damaged(self, what: str) -> InputError:
        return InputError(f"{self.name}: damaged header: {what}; copy the file again")

    def _sizes(self, start: int) -> tuple[int, int]:
        """Bytes of the description of a variable, and the number of variables."""
        at, content = self._member.start, self._content
        try:
            size = int(content[at + 74 : at + 78] if content[at + 74 : at + 78].strip() else b"140")
            count = int(content[start + 48 : start + 58])
        except ValueError:
            raise self._damaged("the number of variables is not a number") from None
        if size not in (136, 140):
            raise self._damaged(f"descriptions of variables have {size} bytes, not 140")
        if count < 0 or size * count > len(content):
            raise self._damaged(f"{count} variables do not fit in it")
        return size, count

    def _read_variables(self, start: int, obs: int) -> None:
        size, count = self._sizes(start)
        block = np.frombuffer(self._content, np.uint8, count * size, start + RECORD).reshape(count, size)
        self._block = block
        self.numeric = block[:, 1] == 1
        self.widths = block[:, 4:6].copy().view(">i2")[:, 0].astype(np.int64)
        self.offsets = block[:, 84:88].copy().view(">i4")[:, 0].astype(np.int64)
        self.row_width = int(self.widths.sum())
        kinds = block[:, :2].copy().view(">i2")[:, 0]
        least = np.where(self.numeric, 2, 1)
        wrong = (kinds < 1) | (kinds > 2) | (self.widths < least) | (self.numeric & (self.widths > 8))
        wrong |= self.offsets != np.cumsum(self.widths) - self.widths
        if wrong.any():
            at = int(wrong.argmax())
            name = block[at, 8:16].tobytes().decode("latin-1").strip(" \0")
            kind = {1: "a number", 2: "a text"}.get(int(kinds[at]), f"type {int(kinds[at])}")
            place = int(self.widths[:at].sum())
            raise self._damaged(
                f"variable {name}, {kind}, has {self.widths[at]} bytes at place {self.offsets[at]} of an observation; "
                f"a number has 2 to 8 bytes, a text 1 or more, and place {place} is free"
            )

    @cached_property
    def member_name(self) -> bytes:
        """The name of the dataset in version 5."""
        return _plain(self._content[self._member.start + 168 : self._member.start + 176])

    @cached_property
    def label(self) -> bytes:
        """The label of the dataset in version 5."""
        return _plain(self._content[self._member.start + 272 : self._member.start + 312])

    @cached_property
    def variables(self) -> list[TransportVariable]:
        """The variables of version 5, in file order."""
        shown = self._block[:, 64:68].copy().view(">i2").astype(int).tolist()
        cards = (card.tobytes() for card in self._block[:, 8:64])
        return [
            TransportVariable(_plain(card[:8]), _plain(card[8:48]), _plain(card[48:56]), width, decimals)
            for card, (width, decimals) in zip(cards, shown, strict=True)
        ]

    def alone(self) -> bytes:
        """The bytes of a file that holds this member only."""
        return self._content[:_LIBRARY] + self._content[self._member.start : self._member.end]

    def rows(self) -> int:
        """The number of observations, which a file of version 5 does not contain.

        Blanks fill the last record of 80 bytes. More blanks than that are observations where all variables are text;
        no number consists of blanks. Raises InputError for a file that is cut in an observation.
        """
        size, width = len(self.data) - self.data_start, self.row_width
        if not width:
            return 0
        filled = self.filled_rows()
        if size - filled * width >= RECORD and not self.numeric.any():
            filled = -(-(size - RECORD + 1) // width)
        self.check_rows(filled if filled * width <= size else filled - 1)
        return filled

    def filled_rows(self) -> int:
        """How many observations there are up to the last one that is not blank."""
        if not self.row_width:
            return 0
        end = len(self.data)
        while end > self.data_start:  # from the end, because blanks are few in most files
            start = max(self.data_start, end - 2**16)
            filled = np.flatnonzero(self.data[start:end] != _BLANK)
            if len(filled):
                return -(-(start + int(filled[-1]) + 1 - self.data_start) // self.row_width)
            end = start
        return 0

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
        if rows * self.row_width > len(self.data) - self.data_start:
            raise InputError(
                f"{self.name}: damaged header: {rows} observations of {self.row_width} bytes do not fit in the file; "
                "copy it again"
            )
        rest = self.data[self.data_start + rows * self.row_width :]
        if self.row_width and (rest != _BLANK).any():
            raise InputError(
                f"{self.name}: the last observation is cut: {rows} observations of {self.row_width} bytes were read "
                f"and {len(rest)} bytes remain; copy the file again"
            )
        if self.row_width and len(rest) >= RECORD and (self.version == 5 or len(rest) >= self.row_width + RECORD):
            raise InputError(
                f"{self.name}: {len(rest)} blank bytes follow {rows} observations, and fewer than 80 fill the last "
                "record; copy the file again, without a filling of blocks"
            )

    def special_missing(self, variable: int, rows: int) -> np.ndarray:
        """uint8 per row: the letter (or underscore) of a special missing value, 0 elsewhere."""
        if not self.numeric[variable] or not rows:
            return np.zeros(rows, np.uint8)
        data = self.data[self.data_start : self.data_start + rows * self.row_width].reshape(rows, self.row_width)
        at = int(self.offsets[variable])
        cell = data[:, at : at + int(self.widths[variable])]
        first = cell[:, 0]
        named = ((first >= ord("A")) & (first <= ord("Z"))) | (first == ord("_"))
        named &= ~(cell[:, 1:] != 0).any(axis=1)
        return np.where(named, first, 0).astype(np.uint8)


def members_of(content: bytes) -> list[Member]:
    """The members of a transport file, in its order. Headers begin at multiples of 80 bytes."""
    starts = member_starts(content)
    ends = [*starts[1:], len(content)][: len(starts)]
    return [Member(_name_at(content, start), start, end) for start, end in zip(starts, ends, strict=True)]


def member_starts(content: bytes) -> list[int]:
    """Where the headers of members begin in bytes from the begin of a record of 80 on."""
    starts = []
    at = content.find(_MEMBER_HEADER)
    while at >= 0:
        if at % RECORD == 0 and content[at + 24 : at + 26] in (b"ER", b"V8"):
            starts.append(at)
        at = content.find(_MEMBER_HEADER, at + 1)
    return starts


def _of_member(content: bytes, name: str, member: Member) -> TransportLayout:
    layout = object.__new__(TransportLayout)
    layout.name, layout.version, layout.others = name, 5 if is_version_5(content) else 8, {}
    layout._lay_out(content, member)
    return layout


def _name_at(content: bytes, start: int) -> str:
    """The name in the member's third record: 8 bytes in version 5, 32 in version 8 (TS-140 and its sequel)."""
    width = 32 if content.startswith(_MEMBER_HEADER_8, start) else 8
    at = start + 2 * RECORD + 8
    return content[at : at + width].decode("latin-1").strip(" \0")


def _plain(text: bytes) -> bytes:
    return text.rstrip(b" \0")
