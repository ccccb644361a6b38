"""The ADaM datasets that analyses read, and the positions of their subjects.

Each dataset is read at its first use. Not for selecting records (records.py) nor for groups of subjects (groups.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from .results import SubjectSets

SUBJECT = "USUBJID"
Frame = Callable[[str], "pd.DataFrame | None"]


class AdamData:
    """Datasets by name, and the subjects of the datasets of ``populations``, to which all sets of subjects refer."""

    def __init__(self, frame: Frame, populations: Iterable[str]):
        self._read = frame
        self._frames: dict[str, pd.DataFrame | None] = {}
        self._positions: dict[str, np.ndarray] = {}
        names: set[str] = set()
        for dataset in dict.fromkeys(populations):
            found = self.frame(dataset)
            if found is not None and SUBJECT in found.columns:
                names.update(col.split_text(col.as_text(found[SUBJECT]))[1].tolist())
        self.subjects = SubjectSets(sorted(names - {""}))
        self._index = pd.Index(self.subjects.subjects, dtype=object)

    def frame(self, dataset: str) -> pd.DataFrame | None:
        """The records of a dataset; None if there is none of this name."""
        if dataset not in self._frames:
            self._frames[dataset] = self._read(dataset)
        return self._frames[dataset]

    def positions(self, dataset: str) -> np.ndarray:
        """For each record of a dataset the position of its subject, -1 for a subject of no population."""
        if dataset not in self._positions:
            found = self.frame(dataset)
            if found is None or SUBJECT not in found.columns:
                self._positions[dataset] = np.full(0 if found is None else len(found), -1)
            else:
                codes, texts = col.split_text(col.as_text(found[SUBJECT]))
                places = self._index.get_indexer(pd.Index(texts, dtype=object)) if len(texts) else np.zeros(0, int)
                self._positions[dataset] = places[codes] if len(texts) else np.zeros(0, dtype="int64")
        return self._positions[dataset]

    def rows_of_subjects(self, dataset: str) -> tuple[np.ndarray, int]:
        """(the record of each subject in a dataset with one for each, -1 for none; subjects with further records).

        Of several records it is the first in the order of all their values, so that the order of the file decides
        nothing (docs/semantics.md S8).
        """
        at, found = self.positions(dataset), self.frame(dataset)
        usable = np.flatnonzero(at >= 0)
        repeated = int((np.bincount(at[usable], minlength=len(self.subjects.subjects)) > 1).sum())
        if repeated and found is not None:
            by_value = verbs.value_order([found[name] for name in sorted(found.columns)])
            usable = by_value[at[by_value] >= 0]
        rows = np.full(len(self.subjects.subjects), -1, dtype="int64")
        rows[at[usable][::-1]] = usable[::-1]
        return rows, repeated
