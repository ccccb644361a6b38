"""Counts of one dataset file for a guide: records, subjects, and both by the values of some variables.

Not for the metadata of the dataset, which define.xml has.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ..transport.read_xpt import read_xpt

_SUBJECT = "USUBJID"
#: variables whose values a guide counts together, where a dataset has all of them
_TOGETHER = (("QNAM",), ("PARAMCD",), ("PARAMCD", "PARAM"), ("PARAMCD", "CNSR", "EVNTDESC"), ("DTYPE",), ("ARMNRS",))
#: ends of the names of imputation flags and of flags
_ENDS = ("DTF", "TMF", "FL")
#: datasets of the trial design, whose records a guide shows
SHOWN = ("TA", "TE", "TV", "TI", "TS")


@dataclass(frozen=True)
class Group:
    """The records with the same ``values`` of some variables. ``subjects``: 0 in a dataset without subjects."""

    values: tuple[str, ...]
    records: int
    subjects: int


@dataclass(frozen=True)
class DatasetCounts:
    """``subjects`` is None for a dataset without subjects. ``rows``: the records of a dataset of the trial design."""

    records: int = 0
    subjects: int | None = None
    groups: dict[tuple[str, ...], list[Group]] = field(default_factory=dict)
    rows: tuple[dict[str, str], ...] = ()

    def by(self, *variables: str) -> list[Group]:
        """The records by the values of these variables, in the order of the file; [] where it lacks one of them."""
        return self.groups.get(variables, [])


def count_dataset(path: Path) -> DatasetCounts:
    """Read a transport file and count it. Raises InputError for a file that cannot be read."""
    metadata, frame = read_xpt(path, wanted=_wanted if path.stem.upper() not in SHOWN else None).finished(path)
    subject = _codes(frame[_SUBJECT])[0] if _SUBJECT in frame else None
    single = tuple((v,) for v in frame.columns if v.endswith(_ENDS))
    wanted = [names for names in (*_TOGETHER, *single) if set(names) <= set(frame.columns)]
    return DatasetCounts(
        records=len(frame),
        subjects=None if subject is None else len(np.unique(subject[subject >= 0])),
        groups={names: _groups(frame, names, subject) for names in wanted},
        rows=_rows(frame) if metadata.name in SHOWN else (),
    )


def _wanted(name: str) -> bool:
    """Whether a guide counts a variable: the others are not decoded."""
    return name == _SUBJECT or name.endswith(_ENDS) or any(name in names for names in _TOGETHER)


def _groups(frame: pd.DataFrame, names: Collection[str], subject: np.ndarray | None) -> list[Group]:
    key = np.zeros(len(frame), "int64")
    parts: list[tuple[np.ndarray, list[str]]] = [_codes(frame[n]) for n in names]
    for codes, texts in parts:
        key = key * (len(texts) + 1) + codes + 1
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    records = np.bincount(group, minlength=len(first))
    subjects = np.zeros(len(first), "int64")
    if subject is not None and len(frame):
        both = np.unique(group.astype("int64") * (int(subject.max()) + 2) + subject + 1)
        subjects = np.bincount(both // (int(subject.max()) + 2), minlength=len(first))
    return [
        Group(tuple(_text(texts, int(codes[first[g]])) for codes, texts in parts), int(records[g]), int(subjects[g]))
        for g in np.argsort(first, kind="stable").tolist()
    ]


def _codes(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes of a column and the text of each; -1 for a missing value."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = np.asarray(column.cat.codes, "int64")
        texts = [str(t) for t in column.cat.categories]
        if "" in texts:
            codes = np.where(codes == texts.index(""), -1, codes)
        return codes, texts
    codes, values = pd.factorize(np.asarray(column, "float64"))
    return np.asarray(codes, "int64"), [f"{v:.15g}" for v in values]


def _text(texts: list[str], code: int) -> str:
    return texts[code] if code >= 0 else ""


def _rows(frame: pd.DataFrame) -> tuple[dict[str, str], ...]:
    """The records of a small dataset as texts."""
    columns = []
    for name in frame.columns:
        codes, texts = _codes(frame[name])
        columns.append([_text(texts, c) for c in codes.tolist()])
    return tuple(dict(zip(frame.columns, cells, strict=True)) for cells in zip(*columns, strict=True))
