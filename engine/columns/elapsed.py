"""Time between days in calendar years and months: whole units that have passed, and the part of the next one.

A day that a month does not have (29 February, the 31st) is the first of the next month there. Not for moments within a
day (moments.py).
"""

from __future__ import annotations

import numpy as np

_EPOCH = np.datetime64("1960-01-01", "D")
#: average length in days: 365.25 of a year, its twelfth of a month
AVERAGE_DAYS = {"years": 365.25, "months": 30.4375, "weeks": 7.0, "days": 1.0}
_MONTHS = {"years": 12, "months": 1}


def calendar_units(start: np.ndarray, end: np.ndarray, unit: str) -> np.ndarray:
    """Years or months from ``start`` to ``end`` (days since 1960-01-01): whole ones and the part of the next one.

    The part is the share of its days that have passed. Below 0 where the end lies before the start. NaN for a missing
    day.
    """
    known = np.isfinite(start) & np.isfinite(end)
    turned = known & (end < start)
    first = np.where(known, np.where(turned, end, start), 0.0)
    last = np.where(known, np.where(turned, start, end), 0.0)
    size = _MONTHS[unit]
    whole = _months_between(first, last) // size
    before, after = _after_months(first, whole * size), _after_months(first, (whole + 1) * size)
    found = whole + (last - before) / (after - before)
    return np.where(known, np.where(turned, -found, found), np.nan)


def _parts(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(months since year 0, day of the month) of days since 1960-01-01."""
    date = _EPOCH + np.floor(days).astype("int64").astype("timedelta64[D]")
    month = date.astype("datetime64[M]")
    return month.astype("int64") + 1970 * 12, (date - month.astype("datetime64[D]")).astype("int64") + 1


def _months_between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whole months that have passed from the one day to the other, which is not before it."""
    (month, day), (later, its_day) = _parts(first), _parts(last)
    return later - month - (its_day < day)


def _after_months(days: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The same day so many months later."""
    month, day = _parts(days)
    target = (month + months - 1970 * 12).astype("datetime64[M]")
    begin, end = target.astype("datetime64[D]"), (target + 1).astype("datetime64[D]")
    date = np.minimum(begin + (day - 1).astype("timedelta64[D]"), end)
    return (date - _EPOCH).astype("float64")
