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
#: days from 1960 beyond which no date of four digits lies
_FARTHEST = 2_950_000


class _Calendar:
    """The months of a range of days since 1960-01-01, as tables: each day is looked up, not computed."""

    def __init__(self, first: int, last: int):
        dates = _EPOCH + np.arange(first, last + 1).astype("timedelta64[D]")
        months = dates.astype("datetime64[M]")
        self.first = first
        self.day = (dates - months.astype("datetime64[D]")).astype("int64") + 1
        self.month = (months - months[0]).astype("int64")
        #: first day of each month, beyond the last one for a further unit
        every = months[0] + np.arange(self.month[-1] + 2 + 2 * _MONTHS["years"]).astype("timedelta64[M]")
        self.begins = (every.astype("datetime64[D]") - _EPOCH).astype("int64")

    def months_between(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Whole months that have passed from the one day to the other, which is not before it."""
        a, b = first - self.first, last - self.first
        return self.month[b] - self.month[a] - (self.day[b] < self.day[a])

    def after_months(self, days: np.ndarray, months: np.ndarray) -> np.ndarray:
        """The same day so many months later."""
        at = days - self.first
        target = self.month[at] + months
        return np.minimum(self.begins[target] + self.day[at] - 1, self.begins[target + 1])


def calendar_units(start: np.ndarray, end: np.ndarray, unit: str) -> np.ndarray:
    """Years or months from ``start`` to ``end`` (days since 1960-01-01): whole ones and the part of the next one.

    The part is the share of its days that have passed. Below 0 where the end lies before the start. NaN for a missing
    day, and for a number that is no day of the years 1 to 9999.
    """
    out = np.full(len(start), np.nan)
    known = np.flatnonzero((np.abs(start) < _FARTHEST) & (np.abs(end) < _FARTHEST))
    if not len(known):
        return out
    one, other = (np.floor(side[known]).astype("int64") for side in (start, end))
    first, last = np.minimum(one, other), np.maximum(one, other)
    calendar, size = _Calendar(int(first.min()), int(last.max())), _MONTHS[unit]
    whole = calendar.months_between(first, last) // size
    before = calendar.after_months(first, whole * size)
    after = calendar.after_months(first, (whole + 1) * size)
    found = whole + (last - before) / (after - before)
    out[known] = np.where(other < one, -found, found)
    return out
