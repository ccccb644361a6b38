"""Dates, datetimes and times of ISO 8601 and the numbers of SAS: days or seconds since 1960-01-01, seconds of a day.

Not for dates of raw data (sdtm/) nor for imputing partial ones: what is not complete has no number here.
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_FIRST, _END = (float((day - dt.date(1960, 1, 1)).days) for day in (dt.date(1, 1, 1), dt.date(9999, 12, 31)))
_EPOCH = {"date": np.datetime64("1960-01-01", "D"), "datetime": np.datetime64("1960-01-01T00:00:00", "s")}
_DAY = dt.date(1960, 1, 1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
#: the texts that Arrow reads as a date or datetime, and as nothing else
_FORMS = {"date": r"^\d{4}-\d\d-\d\d$", "datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"}
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?")


def sas_number(text: str, kind: str) -> float | None:
    """The SAS number of a complete ISO 8601 text of ``kind`` date, datetime or time; None where it is not one.

    A datetime with a time zone is None: SAS keeps no zone, and its number would be another moment.
    """
    if kind == "time":
        return _seconds(text)
    day, separator, clock = text.partition("T")
    if not _DATE.fullmatch(day) or (kind == "date") == bool(separator):
        return None
    try:
        days = (dt.date.fromisoformat(day) - _DAY).days
    except ValueError:
        return None
    if kind == "date":
        return float(days)
    seconds = _seconds(clock)
    return None if seconds is None else days * 86_400.0 + seconds


def sas_numbers(texts: Sequence[str], kind: str) -> np.ndarray | None:
    """``sas_number`` of each text, NaN for an empty one; None where one has no number."""
    there = pa.array([t for t in texts if t], pa.string())
    numbers = _fast_numbers(there, kind)
    if numbers is None:
        read = [sas_number(t, kind) for t in there.to_pylist()]
        if None in read:
            return None
        numbers = np.array(read, dtype="float64")
    if len(there) == len(texts):
        return numbers
    found = np.full(len(texts), np.nan)
    found[[t != "" for t in texts]] = numbers
    return found


def _fast_numbers(texts: pa.Array, kind: str) -> np.ndarray | None:
    """The SAS numbers of dates and datetimes of one form; None where a text has another, or no number."""
    if kind not in _FORMS or not pc.all(pc.match_substring_regex(texts, _FORMS[kind])).as_py():
        return None
    try:
        moments = texts.cast(pa.date32() if kind == "date" else pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    unit = "D" if kind == "date" else "s"
    numbers = (moments.to_numpy(zero_copy_only=False) - _EPOCH[kind]).astype(f"timedelta64[{unit}]").astype("float64")
    return None if (numbers < _FIRST * (1 if kind == "date" else 86_400.0)).any() else numbers


def unwritable_moments(numbers: np.ndarray, kind: str) -> np.ndarray:
    """Which SAS numbers have no complete ISO 8601 text of ``kind``; missing ones have none to write.

    Such are fractions, years before 1 or after 9999, and times outside a day.
    """
    low, end = (0.0, 86_400.0) if kind == "time" else (_FIRST, _END + 1)
    scale = 86_400.0 if kind == "datetime" else 1.0
    fit = (numbers >= low * scale) & (numbers < end * scale) & (numbers == np.trunc(numbers))
    return ~fit & ~np.isnan(numbers)


def iso_texts(numbers: np.ndarray, kind: str) -> list[str]:
    """The ISO 8601 texts of whole SAS numbers that unwritable_moments allows, none of them missing."""
    counts = numbers.astype("int64")
    if kind == "time":
        clock = np.datetime_as_string(np.datetime64("1960-01-01T00:00:00", "s") + counts.astype("timedelta64[s]"))
        return [text[11:] for text in clock.tolist()]
    unit = "D" if kind == "date" else "s"
    return np.datetime_as_string(_EPOCH[kind] + counts.astype(f"timedelta64[{unit}]")).tolist()


def _seconds(text: str) -> float | None:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59 or float(match[3] or 0) >= 60:
        return None
    total = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0)
    return total if total <= 86_400 else None
