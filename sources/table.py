"""RawTable: one raw file as read, every cell text, every row with its place in the file.

Not for reading files: each reader has a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass
class RawTable:
    """A raw source. ``frame`` has only text columns (pandas category of str, '' for an empty cell), RangeIndex.

    ``record``: data record number from 1 (int32). ``line``: the line of a text file, or the row of a sheet, where
    the record starts, from 1 (int32); 0 where the format has no lines. ``value_labels``: column -> code -> label, as
    the file itself defines them (SAV, DTA). ``notes``: what the reader could not use, in plain sentences. ``file``: the
    path in the raw folder, with '/', by which people know the file; two folders may hold files of one name.
    """

    name: str
    path: Path
    sha256: str
    frame: pd.DataFrame
    record: np.ndarray
    line: np.ndarray
    column_labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)  # parts of the file that this source leaves to others -> rows
    # records that hold cells of this source and that the reader could not take as its rows; columns as in ``frame``
    left_out: pd.DataFrame | None = None
    shared_columns: set[str] = field(default_factory=set)  # those that every source of the file has
    # ODM: item group -> the columns that its rows can fill; {} where every row can fill every column
    part_columns: dict[str, frozenset[str]] = field(default_factory=dict)
    companions: dict[Path, str] = field(default_factory=dict)  # further files that were read -> sha256
    parts_of: dict[str, str] = field(default_factory=dict)  # column that is a part of cells -> the file's column
    # a name that several columns of the file have -> what each of them is read by
    doubled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    present: bool = True  # False: declared optional and not in this data cut; the frame is empty
    file: str = ""
    # SAS, SPSS or Stata, where the file is of one; number_formats: its columns of numbers -> their display format or ''
    package: str = ""
    number_formats: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.file = self.file or self.path.name

    def shown_as(self, column: str) -> tuple[str, str]:
        """(package, display format) of a column of numbers of a statistical package; ('', '') of any other."""
        return (self.package, self.number_formats[column]) if column in self.number_formats else ("", "")

    @property
    def own_columns(self) -> list[str]:
        """The file's own columns, without those that are parts of its cells."""
        return [c for c in map(str, self.frame.columns) if c not in self.parts_of]

    @property
    def unreadable(self) -> dict[str, str]:
        """Name -> why the file does not give it: several columns have it. '' is any name, of a file without columns."""
        if self.present and not len(self.frame.columns):
            return {"": f"the file {self.file} is empty (0 bytes)"}
        return {
            name: f"several columns of {self.file} have this name, {', '.join(read)}; name the one to read by its "
            "position under rename: of the source"
            for name, read in self.doubled.items()
        }

    def __len__(self) -> int:
        return len(self.frame)
