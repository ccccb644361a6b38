"""Rules that only ADaM datasets have: parameters and time to event.

Not for the rules all datasets share (check.py, keys.py). What crosses subjects is checked on what the
partitions told (check_parameter_pairs).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset
from ...findings.table import Findings
from .keys import record_codes, repeats
from .rules import Report


def check_analysis(report: Report) -> None:
    """The parameter variables are there, and times to event make sense."""
    names = set(report.dataset.spec.names)
    is_bds = "BASIC DATA STRUCTURE" in report.dataset.spec.observation_class.upper()
    if is_bds or "PARAMCD" in names:
        for name in sorted({"PARAMCD", "PARAM"} - names):
            report.whole("017", f"{name} is not in the dataset", name)
        if not names & {"AVAL", "AVALC"}:
            report.whole("017", "neither AVAL nor AVALC is in the dataset", "AVAL")
    if "CNSR" in names:
        _check_time_to_event(report, names)


def parameter_pairs(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """The pairs of PARAMCD and PARAM that occur; empty for a dataset without parameters."""
    if not {"PARAM", "PARAMCD"} <= set(dataset.spec.names) or not len(dataset):
        return frozenset()
    frame: Any = dataset.frame  # pandas types frame[name] as a column or a frame
    columns = [frame["PARAMCD"], frame["PARAM"]]
    first = np.flatnonzero(~repeats(record_codes(columns)))
    return frozenset(zip(*(col.objects(col.take(c, first)).tolist() for c in columns), strict=True))


def check_parameter_pairs(dataset: str, pairs: Collection[tuple[str, str]], findings: Findings) -> None:
    """PARAM and PARAMCD are one to one over all subjects: one finding per code or text that has several partners."""
    for at, by, value in ((0, "PARAMCD", "PARAM"), (1, "PARAM", "PARAMCD")):
        partners: dict[str, list[str]] = {}
        for pair in sorted(pairs):
            partners.setdefault(pair[at], []).append(pair[1 - at])
        for text, several in partners.items():
            if text and len(several) > 1:
                message = f"{by} {text} has more than one {value}: {'; '.join(several)}"
                findings.add("R2A-CONF-018", message, dataset=dataset, variable=value, value=text)


def _check_time_to_event(report: Report, names: set[str]) -> None:
    frame: Any = report.dataset.frame  # pandas types frame[name] as a column or a frame
    if {"ADT", "STARTDT"} <= names and col.is_number(frame["ADT"]) and col.is_number(frame["STARTDT"]):
        early = np.asarray(frame["ADT"], dtype="float64") < np.asarray(frame["STARTDT"], dtype="float64")
        report.records("019", early, "ADT", "ADT is before STARTDT")
    if not col.is_number(frame["CNSR"]):
        return
    censored = np.asarray(frame["CNSR"], dtype="float64") > 0
    if "CNSDTDSC" in names:
        bare = censored & col.missing(frame["CNSDTDSC"])
        report.records("020", bare, "CNSDTDSC", "the record is censored and CNSDTDSC is empty")
    elif censored.any():
        report.whole("020", "records are censored and CNSDTDSC is not in the dataset", "CNSDTDSC")
