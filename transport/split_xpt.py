"""Splits a transport file into smaller ones, by the order of its records, into the folder split beside it.

A part has whole subjects, unless one subject alone is larger than the limit. The bytes of records are copied, so a
part has the cells of the whole file. Source: FDA Study Data Technical Conformance Guide, section on dataset size. Not
for the decision which files are split (agency_profiles.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import OutputError
from ..sources.statistical.sas_transport import RECORD, TransportLayout
from ..sources.statistical.transport_blocks import head_size
from .agency_profiles import size_text
from .xpt_header import MAX_NAME, padding

SPLIT = "split"
_NAME_AT = slice(408, 416)
_COPIED = 1 << 22
_SUBJECT = b"USUBJID"
_BACK = 4096  # records that are searched at a time for the first one of a subject


@dataclass(frozen=True)
class SplitPart:
    """One part: its dataset, and its first and last record in the whole file, from 1, with their USUBJID."""

    dataset: str
    first: int
    last: int
    subjects: tuple[str, str] = ("", "")

    @property
    def file(self) -> str:
        """Its file, beside the whole one."""
        return f"{SPLIT}/{self.dataset.lower()}.xpt"


def split_xpt(path: Path, records: int, limit: int, taken: Collection[str] = ()) -> list[SplitPart]:
    """Write the parts of a file with so many ``records``; none is larger than ``limit`` bytes.

    ``taken``: names that no part can have. Raises OutputError for a limit below one record, and where a part cannot be
    written.
    """
    parts: list[SplitPart] = []
    try:
        with path.open("rb") as file:
            whole = _Whole(file, path)
            most = (limit - whole.head_size) // RECORD * RECORD // whole.width
            if most < 1:
                raise OutputError(
                    f"{path.name}: its header has {whole.head_size} bytes and a record {whole.width}, more than the "
                    f"limit of {size_text(limit)}; raise --max-file-size"
                )
            (path.parent / SPLIT).mkdir(exist_ok=True)
            cuts = [0]
            while cuts[-1] < records:
                cuts.append(whole.end_of_part(cuts[-1], records, most))
            names = _free_names(path.stem.upper(), taken, digits=len(str(len(cuts) - 1)))
            for start, end in itertools.pairwise(cuts):
                subjects = (whole.subject(start), whole.subject(end - 1))
                parts.append(SplitPart(next(names), start + 1, end, subjects))
                whole.copy(parts[-1], path.parent / parts[-1].file)
    except OSError as error:
        raise OutputError(f"{path}: cannot be split: {error.strerror or error}") from error
    return parts


def split_problems(path: Path, records: int, parts: Sequence[SplitPart]) -> list[str]:
    """What the parts of a file have otherwise than the file; [] where they have its records, one after the other."""
    problems, known = [], 0
    with path.open("rb") as file:
        whole = _Whole(file, path)
        for part in parts:
            copy = path.parent / part.file
            if part.first != known + 1 or part.last < part.first:
                problems.append(f"{part.file}: records {part.first} to {part.last}, and {known} come before")
            elif not copy.is_file() or not whole.is_copied(part, copy):
                problems.append(f"{part.file}: not the records {part.first} to {part.last} of {path.name}")
            known = part.last
    if known != records:
        problems.append(f"{path.name}: its parts have {known} of {records} records")
    return problems


def _free_names(name: str, taken: Collection[str], digits: int) -> Iterator[str]:
    """LB1, LB2, ..., or LB01, LB02, ...: a long name is cut, and a name that another dataset has is left out."""
    for number in itertools.count(1):
        end = f"{number:0{digits}}"
        found = f"{name[: MAX_NAME - len(end)]}{end}"
        if found not in taken:
            yield found


class _Whole:
    """A file that is split, or was."""

    def __init__(self, file: BinaryIO, path: Path):
        self._file = file
        self.head_size = head_size(file.read(8 * RECORD), path.name)
        file.seek(0)
        self._head = file.read(self.head_size)
        layout = TransportLayout(self._head, path.name)
        self.width = layout.row_width
        names = [v.name for v in layout.variables]
        place = names.index(_SUBJECT) if _SUBJECT in names else -1
        self._subject_at = int(layout.offsets[place]) if place >= 0 else 0
        self._subject_width = int(layout.widths[place]) if place >= 0 else 0

    def end_of_part(self, start: int, records: int, most: int) -> int:
        """Where the part from ``start`` on ends: it is about as large as those that follow, and ends with a subject."""
        remaining = records - start
        parts = -(-remaining // most)
        end = start + -(-remaining // parts)
        if parts == 1 or not self._subject_width:
            return end
        return self._last_change(start, end) or self._first_change(end, min(start + most, records)) or end

    def _last_change(self, start: int, end: int) -> int:
        """The last record after ``start``, up to ``end``, that begins a subject; 0 for none."""
        high = end + 1
        while high > start + 1:
            low = max(start, high - _BACK)
            if len(changes := self._changes(low, high)):
                return int(changes[-1])
            high = low + 1
        return 0

    def _first_change(self, start: int, end: int) -> int:
        """The first record after ``start``, up to ``end``, that begins a subject; 0 for none."""
        for low in range(start, end, _BACK - 1):
            if len(changes := self._changes(low, min(low + _BACK, end + 1))):
                return int(changes[0])
        return 0

    def _changes(self, low: int, high: int) -> np.ndarray:
        """The records between ``low`` and ``high``, without ``low``, that have another subject than the one before."""
        subjects = self._subjects(low, high)
        return low + 1 + np.flatnonzero((subjects[1:] != subjects[:-1]).any(axis=1))

    def subject(self, row: int) -> str:
        """USUBJID of a record, '' where the dataset has none."""
        return self._subjects(row, row + 1).tobytes().decode("latin-1").rstrip(" ") if self._subject_width else ""

    def _subjects(self, start: int, end: int) -> np.ndarray:
        self._file.seek(self.head_size + start * self.width)
        data = np.frombuffer(self._file.read((end - start) * self.width), np.uint8).reshape(-1, self.width)
        return data[:, self._subject_at : self._subject_at + self._subject_width]

    def copy(self, part: SplitPart, target: Path) -> None:
        """Write the file of a part."""
        with target.open("wb") as out:
            for data in self._bytes_of(part):
                out.write(data)

    def is_copied(self, part: SplitPart, copy: Path) -> bool:
        """Whether a file has the bytes that ``copy`` writes."""
        with copy.open("rb") as file:
            return all(file.read(len(data)) == data for data in self._bytes_of(part)) and not file.read(1)

    def _bytes_of(self, part: SplitPart) -> Iterator[bytes]:
        name = part.dataset.encode("ascii").ljust(MAX_NAME)
        yield self._head[: _NAME_AT.start] + name + self._head[_NAME_AT.stop :]
        size = remaining = (part.last - part.first + 1) * self.width
        self._file.seek(self.head_size + (part.first - 1) * self.width)
        while remaining:
            data = self._file.read(min(remaining, _COPIED))
            if not data:  # the file ended before the records
                return
            remaining -= len(data)
            yield data
        yield b" " * padding(size)
