"""The interface of the injector of defects to a file: read cells as text, check whether a text fits, edit the file.

Not for any format (csv.py and the others), nor for which cells to change (apply.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

#: a record of the edited file: its clean row, and the changed cells by column
Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Layout:
    """How one file, or one ``part`` of it, is written. ``encoding`` and ``delimiter`` are those of a csv."""

    file: str
    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    part: str = ""


@dataclass
class Edits:
    """Changes of one file, by its clean rows from 0. ``copies``: records that directly follow their source;
    ``appended``: copies at the end. A copy has the cells of the clean row, except the changed cells by column."""

    cells: dict[int, dict[str, str]] = field(default_factory=dict)
    copies: dict[int, dict[str, str]] = field(default_factory=dict)
    appended: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cells or self.copies or self.appended)

    def rows(self, count: int) -> Iterator[Row]:
        """Every record of the edited file in order, of ``count`` clean ones."""
        for row in range(count):
            yield row, self.cells.get(row, {})
            if row in self.copies:
                yield row, self.copies[row]
        yield from self.appended


class RawFile(ABC):
    """A clean file in memory. ``columns``: the columns whose cells can be read and changed, in file order."""

    columns: tuple[str, ...]

    @abstractmethod
    def __len__(self) -> int:
        """How many records."""

    @abstractmethod
    def cells(self, column: str) -> list[str]:
        """The cells of a column, as the readers of raw2adam return them."""

    @abstractmethod
    def fits(self, column: str, text: str) -> bool:
        """Whether the file can hold ``text`` in ``column`` and a reader gets it back unchanged."""

    @abstractmethod
    def edited(self, edits: Edits) -> bytes:
        """The whole file with ``edits``; everything else stays the same."""
