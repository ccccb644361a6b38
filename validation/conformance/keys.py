"""Rules that compare records: keys, sequence numbers, subjects, parents of SUPP--, and starts with their ends.

Not for rules about one value alone (check.py). A missing key part counts as a value of its own here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.moments import after, moments
from ...engine.tables.dataset import Dataset
from ...findings.table import Findings
from .rules import Report, sequence_name

_NUMBER_PAIRS = (("ASTDT", "AENDT"), ("ASTDTM", "AENDTM"), ("TRTSDT", "TRTEDT"), ("TRTSDTM", "TRTEDTM"))


def record_codes(columns: list[pd.Series]) -> np.ndarray:
    """One code per record, equal where all columns are equal; a missing value equals another missing value."""
    total, room = np.zeros(len(columns[0]) if columns else 0, dtype="int64"), 1
    for column in columns:
        if col.is_number(column):
            codes, unique = pd.factorize(np.asarray(column, dtype="float64"), use_na_sentinel=False)
            count = max(len(unique), 1)
        else:
            codes, texts = col.split_text(column)
            count = max(len(texts), 1)
        if room * count > 2**62:  # packed codes would overflow: number those that occur
            total = pd.factorize(total)[0].astype("int64")
            room = len(total)
        total = total * count + codes
        room *= count
    return pd.factorize(total)[0].astype("int64")


def repeats(codes: np.ndarray) -> np.ndarray:
    """Where a code was seen in an earlier record."""
    out = np.ones(len(codes), dtype=bool)
    out[np.unique(codes, return_index=True)[1]] = False
    return out


def check_keys(report: Report) -> None:
    """Keys identify a record, and the sequence number is unique within its subject."""
    frame: Any = report.dataset.frame  # pandas types frame[name] as a column or a frame
    spec = report.dataset.spec
    keys = [k for k in spec.keys if k in frame]
    if keys and len(frame):
        again = repeats(record_codes([frame[k] for k in keys]))
        report.records("003", again, "", f"an earlier record has the same {', '.join(keys)}")
    sequence = sequence_name(report.dataset)
    if sequence and "USUBJID" in frame:
        filled = ~col.missing(frame[sequence])
        codes = record_codes([frame["USUBJID"], frame[sequence]])
        report.records("015", repeats(codes) & filled, sequence, f"{sequence} repeats within the subject")


def check_one_record(report: Report) -> None:
    """DM, ADSL and every dataset whose structure says so have one record per subject."""
    dataset = report.dataset
    frame: Any = dataset.frame
    if "USUBJID" not in frame:
        return
    structure = dataset.spec.structure.lower().strip().rstrip(".")
    if dataset.name in ("DM", "ADSL") or structure == "one record per subject":
        codes, texts = col.split_text(frame["USUBJID"])
        filled = np.array([t != "" for t in texts], dtype=bool)
        if len(texts):
            again = repeats(codes) & filled[codes]
            report.records("009", again, "USUBJID", f"{dataset.name} has one record per subject; this is a further one")


def check_subjects(report: Report, subjects: pd.Series) -> None:
    """Every filled USUBJID is one of ``subjects``."""
    frame: Any = report.dataset.frame
    if report.dataset.name == "DM" or "USUBJID" not in frame:
        return
    known = set(col.objects(subjects).tolist())
    codes, texts = col.split_text(frame["USUBJID"])
    unknown = np.array([t != "" and t not in known for t in texts], dtype=bool)
    if len(texts):
        report.records("007", unknown[codes], "USUBJID", "this subject is not in DM")


def check_supplemental(parent: Dataset, supplemental: Dataset, findings: Findings) -> None:
    """Every record of a SUPP-- dataset has its record in ``parent``: by USUBJID, and IDVAR = IDVARVAL where given."""
    report = Report(supplemental, findings)
    frame: Any = supplemental.frame
    records: Any = parent.frame
    codes, names = col.split_text(frame["IDVAR"])
    for number, name in enumerate(names):
        here = np.flatnonzero(codes == number)
        if not len(here):
            continue
        if name and name not in records:
            where = np.zeros(len(frame), dtype=bool)
            where[here] = True
            report.records("008", where, "IDVAR", f"{parent.name} has no variable of this name")
            continue
        left = [col.take(frame["USUBJID"], here)]
        right = [records["USUBJID"]]
        if name:
            left.append(col.take(frame["IDVARVAL"], here))
            right.append(_as_text(records[name]))
        joined = record_codes([col.concat([r, x]) for r, x in zip(right, left, strict=True)])
        found = np.isin(joined[len(parent) :], joined[: len(parent)])
        where = np.zeros(len(frame), dtype=bool)
        where[here[~found]] = True
        by = f"{name} = IDVARVAL" if name else "USUBJID"
        report.records("008", where, "IDVARVAL" if name else "USUBJID", f"no record of {parent.name} has this {by}")


def check_source_records(dataset: Dataset, others: Mapping[str, Dataset], findings: Findings) -> None:
    """SRCDOM, SRCVAR and SRCSEQ of an analysis dataset point to a variable and a record of a dataset that is there.

    ``others``: the datasets of the same subjects by name; what is none of them is not judged.
    """
    frame: Any = dataset.frame
    if not {"SRCDOM", "SRCVAR", "USUBJID"} <= set(frame.columns):
        return
    report = Report(dataset, findings)
    codes, names = col.split_text(frame["SRCDOM"])
    for number, name in enumerate(names):
        other = others.get(str(name))
        here = codes == number
        if other is None or not here.any():
            continue
        known = set(other.spec.names)
        if f"SUPP{name}" in others:
            known |= set(col.objects(others[f"SUPP{name}"].frame["QNAM"]))
        variables, texts = col.split_text(frame["SRCVAR"])
        odd = np.array([bool(t) and t not in known for t in texts], dtype=bool)[variables] & here
        report.records("024", odd, "SRCVAR", f"{name} has no variable of this name")
        sequence = sequence_name(other)
        if sequence and "SRCSEQ" in frame:
            at = np.flatnonzero(here & ~col.missing(frame["SRCSEQ"]))
            theirs: Any = other.frame
            pairs = [(theirs["USUBJID"], frame["USUBJID"]), (theirs[sequence], frame["SRCSEQ"])]
            joined = record_codes([col.concat([pd.Series(r), col.take(x, at)]) for r, x in pairs])
            gone = np.zeros(len(frame), dtype=bool)
            gone[at[~np.isin(joined[len(other) :], joined[: len(other)])]] = True
            report.records("024", gone, "SRCSEQ", f"the subject has no record of {name} with this {sequence}")


def _as_text(column: pd.Series) -> pd.Series:
    if not col.is_number(column):
        return column
    unique, inverse = np.unique(np.asarray(column, dtype="float64"), return_inverse=True)
    return col.join_text(inverse, [col.number_text(x) for x in unique.tolist()])


def check_pairs_in_time(report: Report) -> None:
    """--STDTC is not after --ENDTC, nor an ADaM start after its end; a partial date counts by all that it can mean."""
    frame: Any = report.dataset.frame  # pandas types frame[name] as a column or a frame
    pairs = [(n, n[:-5] + "ENDTC") for n in frame.columns if n.endswith("STDTC")] + list(_NUMBER_PAIRS)
    for start, end in pairs:
        if start not in frame or end not in frame:
            continue
        if col.is_number(frame[start]) != col.is_number(frame[end]):
            continue
        if col.is_number(frame[start]):
            late = np.asarray(frame[start], dtype="float64") > np.asarray(frame[end], dtype="float64")
        else:
            late = after(moments(frame[start]), moments(frame[end]))
        report.records("014", late, start, f"{start} is after {end}")
