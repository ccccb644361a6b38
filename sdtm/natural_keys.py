"""The natural keys of a record as one text: what identifies it in every data cut.

A sequence number is none: another data cut may count anew. Where a key points to a record by such a number (IDVAR and
IDVARVAL of SUPP--, AESEQ of ADAE), the natural keys of that record replace it. Not for the keys of a dataset, which
its metadata have.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import Dataset, DatasetMetadata

#: the same in all records of a dataset, so they identify none
_CONSTANT = frozenset({"STUDYID", "DOMAIN"})
_SUBJECT = "USUBJID"
_EPOCH = np.datetime64("1960-01-01")


def sequence_name(dataset: Dataset) -> str:
    """The variable that numbers the records of a subject (AESEQ, ASEQ); '' where the dataset has none."""
    return sequence_variable(dataset.metadata)


def sequence_variable(spec: DatasetMetadata) -> str:
    """The same for a dataset of which only the variables are known."""
    names = set(spec.names)
    for name in (f"{spec.domain}SEQ", f"{spec.name[:2]}SEQ", "ASEQ"):
        if len(name) > 3 and name in names:
            return name
    return ""


def occurrences(subjects: pd.Series) -> np.ndarray:
    """The number of each record among those of its subject, from 1, in the order of the dataset."""
    codes, _ = col.split_text(subjects)
    return verbs.number_within(codes, np.arange(len(codes))).astype("int64")


def natural_keys(dataset: Dataset, at: np.ndarray, others: Mapping[str, Dataset] | None = None) -> np.ndarray:
    """The natural keys of the records ``at`` (0-based) as ``NAME=value`` joined with ``; ``, an object array of str.

    Keys without a value are left out, and so are STUDYID, DOMAIN and sequence numbers. A date of SAS is written in
    ISO 8601. ``others``: the datasets of the same subjects, in which a record that a key points to is looked up.
    A dataset without natural keys has those of its subject, or '' for each record.
    """
    others = others or {}
    columns, spec = dataset.columns, dataset.metadata
    names = [k for k in spec.keys if k in columns and k not in _CONSTANT]
    if _SUBJECT in columns and not names:
        names = [_SUBJECT]
    referring = {"IDVAR", "IDVARVAL"} <= set(names)
    found = np.full(len(at), "", dtype=object)
    for name in names:
        if referring and name in ("IDVAR", "IDVARVAL"):
            part = _referred(dataset, at, others) if name == "IDVAR" else None
        elif name.endswith("SEQ"):
            part = _numbered(dataset, name, at, others)
        else:
            part = _named(name, _texts(dataset, name, at))
        if part is not None:
            found = _joined(found, part)
    return found


def _texts(dataset: Dataset, name: str, at: np.ndarray) -> np.ndarray:
    column = col.take(dataset.columns[name], at)
    if not col.is_number(column):
        return col.objects(column)
    if not dataset.metadata.variable(name).format.upper().startswith(("DATE9", "E8601DA", "YYMMDD")):
        return col.objects(col.as_text(column))
    values = np.asarray(column, dtype="float64")
    codes, days = pd.factorize(values)
    texts = np.array([*(str(_EPOCH + np.timedelta64(int(d), "D")) for d in days.tolist()), ""], dtype=object)
    return texts[codes]


def _named(name: str, texts: np.ndarray) -> np.ndarray:
    """Each different text one time with its name before it."""
    codes, unique = pd.factorize(texts)
    return np.array([f"{name}={t}" if t else "" for t in unique], dtype=object)[codes] if len(unique) else texts


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    between = np.where((left != "") & (right != ""), "; ", "")
    return left + between.astype(object) + right


def _numbered(dataset: Dataset, name: str, at: np.ndarray, others: Mapping[str, Dataset]) -> np.ndarray | None:
    """The natural keys of the records of another dataset whose sequence number is in the variable ``name``."""
    if name in (dataset.metadata.sequence, sequence_name(dataset)):
        return None
    other = others.get(name[:-3])
    if other is None or other is dataset:
        return None
    return _of_record(dataset, at, other, name, col.as_text(col.take(dataset.columns[name], at)))


def _referred(dataset: Dataset, at: np.ndarray, others: Mapping[str, Dataset]) -> np.ndarray:
    """What IDVAR and IDVARVAL point to: the natural keys of a record, or the name and value of the variable."""
    columns = dataset.columns
    variable = col.objects(col.take(columns["IDVAR"], at))
    value = col.take(columns["IDVARVAL"], at)
    domain = col.objects(col.take(columns["RDOMAIN"], at)) if "RDOMAIN" in columns else np.full(len(at), "", object)
    found = np.full(len(at), "", dtype=object)
    pairs = pd.factorize(np.array([f"{d}\x1f{v}" for d, v in zip(domain, variable, strict=True)], dtype=object))
    for number, pair in enumerate(pairs[1]):
        about, name = str(pair).split("\x1f", 1)
        here = np.flatnonzero(pairs[0] == number)
        if not name:
            continue
        mine = col.take(value, here)
        if not name.endswith("SEQ"):
            found[here] = _named(name, col.objects(mine))
        elif (other := others.get(about or name[:-3])) is not None and name in other.columns:
            found[here] = _of_record(dataset, at[here], other, name, mine)
    return found


def _of_record(dataset: Dataset, at: np.ndarray, other: Dataset, name: str, value: pd.Series) -> np.ndarray:
    """The natural keys of the record of ``other`` with the subject of ``at`` and this value of ``name``."""
    mine, theirs = [value], [col.as_text(other.columns[name])]
    if _SUBJECT in dataset.columns and _SUBJECT in other.columns:
        mine.append(col.take(dataset.columns[_SUBJECT], at))
        theirs.append(other.columns[_SUBJECT])
    right = verbs.match_rows(mine, theirs).right
    found = np.full(len(at), "", dtype=object)
    there = np.flatnonzero(right >= 0)
    if len(there):
        keys = natural_keys(other, right[there])
        found[there] = _without_subject(keys)
    return found


def _without_subject(keys: np.ndarray) -> np.ndarray:
    """The keys without that of the subject, which the record has already."""
    codes, unique = pd.factorize(keys)
    texts = ["; ".join(p for p in str(t).split("; ") if not p.startswith(f"{_SUBJECT}=")) for t in unique]
    return np.array(texts, dtype=object)[codes]
