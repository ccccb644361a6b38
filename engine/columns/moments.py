"""Which of two dates or date-times is earlier: the one rule, for EPOCH, elements, baseline, relative timing, checks.

Where both have a time, the times decide, as exact as the coarser of them is. Else the days decide. A partial date is
before or after another only where all the days that it can mean are. Two times with an offset from UTC are compared
as instants; where only one has an offset, the days decide, since the place of the other clock is not known.
Not for reading texts (iso_dates.py).
See docs/semantics.md S21.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from . import column as col
from .iso_dates import NAN, IsoTime, days_of, days_of_text, parse, period

SECOND = 1e6  # microseconds, so that decimals of seconds are compared without rounding error
DAY = 86_400 * SECOND


@dataclass(kw_only=True, frozen=True)
class Moments:
    """What each cell of a column can mean: arrays of one length, NaN where the cell holds no date.

    ``first``, ``end``: microseconds since 1960-01-01 by the clock of the place, from the first moment that is possible
    up to the end of the last one (not included). ``low``, ``high``: first and last possible day, as days. ``offset``:
    microseconds east of UTC, NaN where none is written. ``day``, ``timed``: whether the day is complete, and whether a
    time is known with it.
    """

    first: np.ndarray
    end: np.ndarray
    low: np.ndarray
    high: np.ndarray
    offset: np.ndarray
    day: np.ndarray
    timed: np.ndarray

    def take(self, at: np.ndarray) -> Moments:
        return Moments(**{name: getattr(self, name)[at] for name in self.__dataclass_fields__})


def moments(column: pd.Series, unit: str = "days") -> Moments:
    """The moments of ISO 8601 texts, or of numbers: ``unit`` is days or seconds, since 1960-01-01."""
    if col.is_number(column):
        return _of_numbers(col.floats(column), unit)
    codes, texts = col.split_text(column)
    if not len(texts):
        return _of_numbers(np.full(len(codes), np.nan), "days")
    return _of_table(col.computed_once(texts, _table)).take(codes)


def moments_of(texts: np.ndarray) -> Moments:
    """The moments of an object array of ISO 8601 texts; one reading per distinct text."""
    codes, unique = pd.factorize(texts)
    return _of_table(_table(unique)).take(codes) if len(unique) else _of_numbers(np.zeros(0), "days")


def unit_of(name: str) -> str:
    """What the numbers of an analysis variable count: seconds where its name ends in DTM, else days (ADaMIG 1.3)."""
    return "seconds" if name.upper().endswith("DTM") else "days"


def days_of_variable(column: pd.Series, name: str) -> np.ndarray:
    """Days since 1960-01-01 of ISO 8601 texts, or of the numbers of a variable; NaN where partial or missing.

    The numbers of a variable --DTM are seconds, and give their day.
    """
    days = days_of_text(column)
    return np.floor(days / 86_400) if col.is_number(column) and unit_of(name) == "seconds" else days


def days_later(moments_: Moments, days: int) -> Moments:
    """The same moments so many days later."""
    far = days * DAY
    return replace(
        moments_,
        first=moments_.first + far,
        end=moments_.end + far,
        low=moments_.low + days,
        high=moments_.high + days,
    )


def before(a: Moments, b: Moments) -> np.ndarray:
    """Where the first is certainly before the second; false where either is missing."""
    both = a.timed & b.timed
    out = a.end <= b.first
    zoned, alone = ~np.isnan(a.offset) & ~np.isnan(b.offset), np.isnan(a.offset) != np.isnan(b.offset)
    if (both & zoned).any():
        out = np.where(both & zoned, a.end - a.offset <= b.first - b.offset, out)
    if (both & alone).any():
        out = np.where(both & alone, a.high < b.low, out)
    return out


def after(a: Moments, b: Moments) -> np.ndarray:
    """Where the first is certainly after the second; false where either is missing."""
    return before(b, a)


def same(a: Moments, b: Moments) -> np.ndarray:
    """Where both are complete days, and neither is before the other as far as both are known."""
    return a.day & b.day & ~before(a, b) & ~before(b, a)


def by_time(a: Moments, b: Moments) -> np.ndarray:
    """Where the times of both decide, not the days alone."""
    return a.timed & b.timed & (np.isnan(a.offset) == np.isnan(b.offset))


def on_or_after(a: Moments, b: Moments) -> np.ndarray:
    """Where the first is certainly not before the second: after it, or the same as far as both are known."""
    return np.where(a.day & b.day, ~before(a, b), a.low >= b.high)


def after_each(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """``after`` of two object arrays of str, text by text; one reading per distinct text."""
    return after(moments_of(first), moments_of(second))


def _of_numbers(values: np.ndarray, unit: str) -> Moments:
    known, blank = ~np.isnan(values), np.full(len(values), np.nan)
    if unit == "seconds":
        days, first = np.floor(values / 86_400), np.rint(values * SECOND)
        return Moments(first=first, end=first + 1, low=days, high=days, offset=blank, day=known, timed=known)
    return Moments(
        first=values * DAY,
        end=values * DAY + DAY,
        low=values,
        high=values,
        offset=blank,
        day=known,
        timed=np.zeros(len(values), dtype=bool),
    )


def _of_table(table: np.ndarray) -> Moments:
    first, end, low, high, offset, day, timed = table
    return Moments(first=first, end=end, low=low, high=high, offset=offset, day=day > 0, timed=timed > 0)


def _table(texts: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.array([_row(t) for t in texts], dtype="float64").reshape(-1, 7).T)


@lru_cache(maxsize=1 << 17)
def _row(text: str) -> tuple[float, ...]:
    """One text as a row of ``Moments``."""
    date = parse(text)
    if date is None:
        low, high = period(text)  # an interval, or NaN
        return low * DAY, high * DAY + DAY, low, high, NAN, float(low == high), 0.0
    low, high = days_of(date)
    first, end, offset = low * DAY, high * DAY + DAY, NAN
    if date.timed and date.time is not None:
        start, width = _within_day(date.time)
        first, end = low * DAY + start, low * DAY + start + width
        offset = NAN if date.time.offset is None else date.time.offset * 60 * SECOND
    return first, end, low, high, offset, float(date.complete), float(date.timed)


def _within_day(time: IsoTime) -> tuple[float, float]:
    """The start of a time within its day, and the length of its last part: an hour, a minute, a tenth of a second.

    Both in microseconds.
    """
    start = (time.hour or 0) * 3600 * SECOND
    if time.minute is None:
        return start, 3600 * SECOND
    start += time.minute * 60 * SECOND
    if time.second is None:
        return start, 60 * SECOND
    decimals = len(time.second.partition(".")[2])
    return start + round(float(time.second) * SECOND), max(SECOND / 10**decimals, 1.0)
