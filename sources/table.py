"""RawTable: one raw file as read, every cell text, every row with its place in the file.

Not for reading files: each reader has a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from .form_design import FormDesign


@dataclass
class RawTable:
    """A raw source. ``frame`` has only text columns (pandas category of str, '' for an empty cell), RangeIndex.

    ``record``: data record number from 1 (int32). ``line``: the line of a text file, or the row of a sheet, where
    the record starts, from 1 (int32); 0 where the format has no lines. ``value_labels``: column -> code -> label, as
    the file itself defines them (SAV, DTA). ``notes``: parts of the file that the reader could not use, in sentences.
    ``file``: the path in the raw folder, with '/', as messages name it; two folders may hold files of one name.
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
    others: dict[str, int] = field(default_factory=dict)  # parts of the file that other sources may read -> rows
    # records with cells of this source that the reader could not read as its rows; columns as in ``frame``
    left_out: pd.DataFrame | None = None
    shared_columns: set[str] = field(default_factory=set)  # columns that every source of the file has
    # ODM: item group -> the columns that its rows can fill; {} if every row can fill every column
    part_columns: dict[str, frozenset[str]] = field(default_factory=dict)
    companions: dict[Path, str] = field(default_factory=dict)  # further files that were read -> sha256
    parts_of: dict[str, str] = field(default_factory=dict)  # column that is a part of cells -> the file's column
    # a name of several columns of the file -> the names by which they are read
    doubled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    empty_rows: int = 0  # rows of the file without a filled cell: they are not in the frame
    present: bool = True  # False: declared optional and not in this data cut; the frame is empty
    file: str = ""
    # SAS, SPSS or Stata for their files, else ''; number_formats: column of numbers -> its display format or ''
    package: str = ""
    number_formats: dict[str, str] = field(default_factory=dict)
    forms: tuple[FormDesign, ...] = ()  # every form that the file describes; () if it describes none

    def __post_init__(self) -> None:
        self.file = self.file or self.path.name

    def shown_as(self, column: str) -> tuple[str, str]:
        """(package, display format) of a column of numbers of a statistical package; ('', '') of any other."""
        return (self.package, self.number_formats[column]) if column in self.number_formats else ("", "")

    @property
    def file_columns(self) -> list[str]:
        """The columns of the file, without those that are parts of its cells."""
        return [c for c in map(str, self.frame.columns) if c not in self.parts_of]

    @property
    def unreadable(self) -> dict[str, str]:
        """Name -> why no rule can read it: several columns have it. '' is any name of a file without columns."""
        if self.present and not len(self.frame.columns):
            return {"": f"the file {self.file} is empty (0 bytes)"}
        return {
            name: f"several columns of {self.file} have this name, {', '.join(read)}; name the one to read by its "
            "position under rename: of the source"
            for name, read in self.doubled.items()
        }

    def __len__(self) -> int:
        return len(self.frame)
