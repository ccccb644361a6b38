"""Existing SDTM datasets, which are read unchanged: their records, their files, and the records that can be used.

Not for reading files (transport/dataset_files.py), merging SUPP-- (existing_sdtm/merge_supplemental.py) nor for judging
their contents (existing_sdtm/checks.py).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns import verbs
from ..standard import tabulation
from .dataset import Dataset


@dataclass(frozen=True)
class ExistingFile:
    """One file of an existing dataset: its name, sha256 (hex), size in bytes, its dataset and number of records."""

    name: str
    sha256: str
    bytes: int
    dataset: str
    records: int


@dataclass
class ExistingDataset:
    """One existing dataset: the records of its files one after the other.

    ``files``: in the order of their records; none for a dataset that is absent. ``qualifiers``: QNAM merged from
    SUPP-- -> for each record the position of its supplemental record, -1 for none (int64). ``usable``: the records
    whose subject is in DM; no rule reads the others.
    """

    dataset: Dataset
    files: tuple[ExistingFile, ...] = ()
    qualifiers: dict[str, np.ndarray] = field(default_factory=dict)
    usable: np.ndarray | None = None

    @property
    def name(self) -> str:
        return self.dataset.name

    @property
    def present(self) -> bool:
        return bool(self.files)

    def __len__(self) -> int:
        return len(self.dataset)

    @functools.cached_property
    def by_value(self) -> np.ndarray:
        """Positions of the records in the order of the standard, then by all variables, whatever the file's order."""
        frame = self.dataset.frame
        names = [n for n in tabulation().record_order(self.name) if n in frame.columns]
        names += sorted(n for n in map(str, frame.columns) if n not in names)
        return verbs.value_order([pd.Series(frame[n]) for n in names]).astype("int32")

    def subjects(self) -> pd.Series | None:
        """USUBJID of the usable records, '' for the others; None for a dataset without subjects."""
        if "USUBJID" not in self.dataset.metadata.names:
            return None
        column = pd.Series(self.dataset.frame["USUBJID"])
        if self.usable is None or self.usable.all():
            return column
        return col.compact(col.take(column, np.where(self.usable, np.arange(len(self)), -1)))

    def places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(file, data record in it, from 1) of records by position; ('', -1) for position -1."""
        return file_places(self.files, ids)

    def with_dataset(self, dataset: Dataset) -> ExistingDataset:
        """The same records with other columns."""
        return replace(self, dataset=dataset)


def file_places(files: Sequence[ExistingFile], ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(file, data record in it, from 1) of positions over all files, one after the other."""
    ids = np.asarray(ids, dtype="int64")
    if not files:
        return np.full(len(ids), "", object), np.full(len(ids), -1, "int64")
    starts = np.cumsum([0, *(f.records for f in files)])
    at = np.clip(np.searchsorted(starts, ids, side="right") - 1, 0, len(files) - 1)
    names = np.array([f.name for f in files], dtype=object)
    return np.where(ids < 0, "", names[at]).astype(object), np.where(ids < 0, -1, ids - starts[at] + 1)
