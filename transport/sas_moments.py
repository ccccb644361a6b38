"""Dates, datetimes and times of ISO 8601 and the numbers of SAS: days or seconds since 1960-01-01, seconds of a day.

Not for dates of raw data (sdtm/) nor for imputing partial ones: what is not complete has no number here.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

_FIRST, _END = (float((day - dt.date(1960, 1, 1)).days) for day in (dt.date(1, 1, 1), dt.date(9999, 12, 31)))
_EPOCH = {"date": np.datetime64("1960-01-01", "D"), "datetime": np.datetime64("1960-01-01T00:00:00", "s")}
_DAY = dt.date(1960, 1, 1)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
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
