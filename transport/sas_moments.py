"""Dates, datetimes and times of ISO 8601 as the numbers SAS keeps: days or seconds since 1960-01-01, seconds of a day.

Not for dates of raw data (sdtm/) nor for imputing partial ones: what is not complete has no number here.
"""

from __future__ import annotations

import datetime as dt
import re

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


def _seconds(text: str) -> float | None:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59 or float(match[3] or 0) >= 60:
        return None
    total = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3] or 0)
    return total if total <= 86_400 else None
