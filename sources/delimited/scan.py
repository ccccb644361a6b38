"""Where the records of a CSV file begin and whether its quotes are sound: one vectorised pass over its UTF-8 bytes.

Not for decoding (blocks.py) nor for the cells (read.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

LF, CR = 10, 13
#: "no byte": before the first and after the last one
NONE = -1


@dataclass(frozen=True)
class Fault:
    """The first thing RFC 4180 does not allow, and the line it is on.

    ``kind``: open (a quote inside an unquoted field), close (text after a closing quote), unclosed, end (a line end
    outside quotes that is not the file's). ``opened``: line of the quoted field it is in, 0 for open and end.
    """

    kind: str
    record: int
    line: int
    opened: int = 0


def _shifted_down(marks: np.ndarray, first: bool) -> np.ndarray:
    """``marks`` of the byte before."""
    out = np.empty_like(marks)
    out[1:] = marks[:-1]
    out[0] = first
    return out


def _shifted_up(marks: np.ndarray, last: bool) -> np.ndarray:
    """``marks`` of the byte after."""
    out = np.empty_like(marks)
    out[:-1] = marks[1:]
    out[-1] = last
    return out


def _with_following(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    held = b""
    for block in blocks:
        if not block:
            continue
        if held:
            yield held, block[0]
        held = block
    if held:
        yield held, NONE


def line_ends(a: np.ndarray, following: int, has_cr: bool) -> np.ndarray:
    """Bool marks of line ends: LF, or a CR that no LF follows."""
    ends = a == LF
    if has_cr:
        cr = a == CR
        ends |= cr & ~_shifted_up(ends, following == LF)
    return ends


def inside_quotes(a: np.ndarray, quote: int, inside: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Bool marks of the quotes in ``a``, and of the bytes after which a quoted field is open.

    Counts eight bytes at a time: multiplying a word by 0x0101010101010101 leaves in each byte the sum of the bytes
    up to it, three times as fast as a running sum over bytes.
    """
    padded = np.zeros(-(-len(a) // 8) * 8, np.uint8)
    np.equal(a, quote, out=padded[: len(a)].view(bool))
    ones = np.uint64(0x0101010101010101)
    sums = padded.view("<u8") * ones
    odd = (sums >> np.uint64(56)) & np.uint64(1)  # parity of each word
    before = np.bitwise_xor.accumulate(odd) ^ odd ^ np.uint64(inside)
    after = (sums & ones) ^ (before * ones)
    return padded[: len(a)].view(bool), after.view(np.uint8)[: len(a)].view(bool)


class Scanner:
    """Walks blocks of UTF-8 bytes of whole records and keeps count of records and lines.

    A byte is inside quotes if the number of quotes before it is odd. This is exact if every opening quote follows a
    separator, a line end or a quote (a doubled one), and every closing quote precedes one of them. Both are checked, so
    the first deviation is found at its place, and the scan ends there.

    While walking: ``records`` so far, ``record_start`` (bytes, where the next record starts), ``longest`` (bytes of
    the longest record), ``quoted_newlines`` (some cell spans lines), ``blank`` (lines without any byte, which are no
    records with ``skip_blank``) and ``first_blank`` (line of the first one). ``fault`` ends the walk.
    """

    def __init__(
        self, separator: str, quote: str, first_line: int, ends_with_cr: bool = False, skip_blank: bool = True
    ):
        self.separator, self.quote = ord(separator), ord(quote) if quote else NONE
        self.quote_byte = quote.encode()
        self.ends_with_cr = ends_with_cr  # records end with CR; otherwise with LF or CRLF
        self.skip_blank = skip_blank
        self.before, self.inside = NONE, False
        self.offset, self.record_start = 0, 0
        self.next_line = first_line  # line of the next byte
        self.record_line = first_line
        self.records, self.blank, self.first_blank, self.opened = 0, 0, 0, 0
        self.longest, self.quoted_newlines = 0, False
        self.fault: Fault | None = None
        self._lines: list[np.ndarray] = []

    def walk(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Scans the blocks and passes each on; stops at the first fault."""
        for block, following in _with_following(blocks):
            self._block(block, following)
            if self.fault:
                return
            yield block
        if self.inside:
            self.fault = Fault("unclosed", self.records + 1, self.opened, self.opened)
        elif self.offset > self.record_start:  # the last record has no line end
            self.longest = max(self.longest, self.offset - self.record_start)
            self.record_start = self.offset
            self._lines.append(np.array([self.record_line], np.int32))
            self.records += 1

    def lines(self) -> np.ndarray:
        """int32 per record so far: the line where it starts."""
        return np.concatenate([np.empty(0, np.int32), *self._lines])

    def _block(self, block: bytes, following: int) -> None:
        a = np.frombuffer(block, np.uint8)
        marks = line_ends(a, following, b"\r" in block)
        ends = np.flatnonzero(marks)  # of lines, then of records
        lines_in_block = len(ends)
        number = np.arange(1, lines_in_block + 1, dtype=np.int32) + np.int32(self.next_line)  # line after each end
        if self.quote >= 0 and (self.inside or self.quote_byte in block):
            q, after = inside_quotes(a, self.quote, self.inside)
            self._check_quotes(a, q, after, ends, following)
            if self.fault:
                return
            self.inside = bool(after[-1])
            outside = ~after[ends]
            if not outside.all():
                self.quoted_newlines = True
                ends, number = ends[outside], number[outside]
        if len(ends):
            self._records(a, ends, number)
        self.next_line += lines_in_block
        self.offset += len(a)
        self.before = int(a[-1])

    def _records(self, a: np.ndarray, ends: np.ndarray, number: np.ndarray) -> None:
        """Adds the records that end at ``ends``; ``number`` is the line that follows each end."""
        before = a[ends - 1]
        if ends[0] == 0:
            before[0] = max(self.before, 0)
        last = a[ends]
        stray = (last == LF) & (before != CR) if self.ends_with_cr else last == CR
        if stray.any():
            at = int(stray.argmax())
            if at:
                self._records(a, ends[:at], number[:at])
            self.fault = Fault("end", self.records + 1, int(number[at]) - 1)
            return
        lengths = np.diff(ends, prepend=self.record_start - self.offset - 1) - 1
        self.longest = max(self.longest, int(lengths.max()) + 2)
        starts = np.empty_like(number)
        starts[0], starts[1:] = self.record_line, number[:-1]
        blank = lengths == ((last == LF) & (before == CR) & (lengths > 0))
        if self.skip_blank and blank.any():
            self.first_blank = self.first_blank or int(starts[blank][0])
            self.blank += int(blank.sum())
            starts = starts[~blank]
        self._lines.append(starts)
        self.records += len(starts)
        self.record_line = int(number[-1])
        self.record_start = self.offset + int(ends[-1]) + 1

    def _check_quotes(self, a: np.ndarray, q: np.ndarray, after: np.ndarray, ends: np.ndarray, following: int) -> None:
        border = (a == self.separator) | (a == LF) | (a == CR)
        fits = border | q
        first = self.before in (NONE, self.separator, LF, CR)
        last = following in (NONE, self.separator, LF, CR, self.quote)
        opening, closing = q & after, q & ~after
        wrong = opening & ~_shifted_down(fits, first or self.before == self.quote)
        wrong |= closing & ~_shifted_up(fits, last)
        bad = int(wrong.argmax())
        if not wrong[bad]:
            if after[-1] or q[-1]:  # a quote at the end may be the first half of a doubled one
                self._note_opening(opening & _shifted_down(border, first), ends, len(a))
            return
        # closing quotes are inside the field that an earlier quote opened
        self._note_opening(opening & _shifted_down(border, first), ends, bad)
        before = int(np.searchsorted(ends, bad))
        sound = np.flatnonzero(~after[ends[:before]])
        if len(sound):
            self._records(a, ends[sound], (sound + (self.next_line + 1)).astype(np.int32))
        kind = "close" if closing[bad] else "open"
        opened = self.opened if kind == "close" else 0
        self.fault = self.fault or Fault(kind, self.records + 1, self.next_line + before, opened)

    def _note_opening(self, openings: np.ndarray, ends: np.ndarray, until: int) -> None:
        found = np.flatnonzero(openings[:until])
        if len(found):
            self.opened = self.next_line + int(np.searchsorted(ends, found[-1]))
