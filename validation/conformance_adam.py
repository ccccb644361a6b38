"""Rules that only ADaM datasets have: parameters and time to event.

Not for the rules all datasets share (conformance.py, conformance_keys.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine import columns as col
from .conformance_keys import record_codes, repeats
from .conformance_rules import Report


def check_analysis(report: Report) -> None:
    """The parameter variables are there, PARAM and PARAMCD are one to one, and times to event make sense."""
    names = set(report.dataset.spec.names)
    is_bds = "BASIC DATA STRUCTURE" in report.dataset.spec.observation_class.upper()
    if is_bds or "PARAMCD" in names:
        for name in sorted({"PARAMCD", "PARAM"} - names):
            report.whole("017", f"{name} is not in the dataset", name)
        if not names & {"AVAL", "AVALC"}:
            report.whole("017", "neither AVAL nor AVALC is in the dataset", "AVAL")
    if {"PARAM", "PARAMCD"} <= names:
        _check_one_to_one(report, "PARAMCD", "PARAM")
        _check_one_to_one(report, "PARAM", "PARAMCD")
    if "CNSR" in names:
        _check_time_to_event(report, names)


def _check_one_to_one(report: Report, by: str, value: str) -> None:
    """Each ``by`` has one ``value``: one finding per further value, at the first record that has it."""
    frame: Any = report.dataset.frame  # pandas types frame[name] as a column or a frame
    if not len(frame):
        return
    pairs = record_codes([frame[by], frame[value]])
    first = np.flatnonzero(~repeats(pairs))
    again = repeats(record_codes([frame[by]])[first]) & ~col.missing(frame[by])[first]
    where = np.zeros(len(frame), dtype=bool)
    where[first[again]] = True
    report.records("018", where, value, f"an earlier record has another {value} for the same {by}")


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
