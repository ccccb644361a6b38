"""The failing records of a check, each with its subject, its place and its value, as data for a page.

Not for findings (run.py) nor for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset
from ...sdtm.natural_keys import occurrences, sequence_name
from ...sources.table import RawTable
from .run import QualityResult


@dataclass(frozen=True)
class FailingRecords:
    """Object arrays of str, one element per failing record, in the order of the records.

    ``places``: row 12 of ae.csv, AESEQ 3, record 2 of the subject. ``details``: what is wrong, '' for nothing beyond
    the check.
    """

    subjects: np.ndarray
    places: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    details: np.ndarray

    def __len__(self) -> int:
        return len(self.subjects)


def failing_records(
    result: QualityResult,
    tables: Mapping[str, RawTable],
    datasets: Mapping[str, Dataset],
    subjects: Mapping[str, pd.Series] | None = None,
) -> FailingRecords:
    """Every failing record of a result. ``subjects``: source -> USUBJID of each row, for checks of raw sources."""
    at, columns = result.records, result.column_of_records()
    blank = np.full(len(at), "", dtype=object)
    details = blank if result.details is None else result.details
    if result.check.of_source:
        raw = tables[result.check.table]
        who = (subjects or {}).get(raw.name)
        names = blank if who is None else col.objects(col.take(who, at))
        places = np.array([f"row {r} of {raw.file}" for r in raw.record[at].tolist()], dtype=object)
        return FailingRecords(names, places, columns, _values(raw.frame, columns, at), details)
    dataset = datasets[result.check.table]
    frame = dataset.frame
    names = col.objects(col.take(frame["USUBJID"], at)) if "USUBJID" in frame else blank
    return FailingRecords(names, _places(dataset, at), columns, _values(frame, columns, at), details)


def _values(frame: pd.DataFrame, columns: np.ndarray, at: np.ndarray) -> np.ndarray:
    out = np.full(len(at), "", dtype=object)
    for name in dict.fromkeys(columns.tolist()):
        here = columns == name
        if name in frame:
            out[here] = col.objects(col.as_text(col.take(pd.Series(frame[name]), at[here])))
    return out


def _places(dataset: Dataset, at: np.ndarray) -> np.ndarray:
    frame = dataset.frame
    name = sequence_name(dataset)
    if name and col.is_number(frame[name]):
        numbers = np.asarray(frame[name], dtype="float64")[at].tolist()
        return np.array([f"{name} {n:g}" for n in numbers], dtype=object)
    if "USUBJID" in frame:
        numbers = occurrences(frame["USUBJID"])[at].tolist()
        return np.array([f"record {n} of the subject" for n in numbers], dtype=object)
    return np.array([f"record {n + 1}" for n in at.tolist()], dtype=object)
