"""ISO 8601 texts as SAS dates (days since 1960-01-01), once per unique text. Partial dates have a period only.

Not for reading raw dates (sdtm/dates.py) nor for imputing partial ones (adam/).
"""

from __future__ import annotations

import calendar
import datetime
import re
from functools import lru_cache

import numpy as np
import pandas as pd

from . import columns as col

_COMPLETE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?$")
_PARTIAL = re.compile(r"(\d{4}|-)(?:-(\d\d|-)(?:-(\d\d))?)?$")
_KNOWN = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_CLOCK = re.compile(r"\d\d(?::\d\d(?::\d\d)?)?")
EPOCH = datetime.date(1960, 1, 1).toordinal()


@lru_cache(maxsize=1 << 17)
def day_number(text: str) -> float:
    """Days since 1960-01-01 of an ISO 8601 text with a complete date; NaN for any other text."""
    match = _COMPLETE.match(text)
    if not match:
        return float("nan")
    try:
        return float(datetime.date(int(match[1]), int(match[2]), int(match[3])).toordinal() - EPOCH)
    except ValueError:
        return float("nan")


@lru_cache(maxsize=1 << 17)
def period(text: str) -> tuple[float, float]:
    """First and last day (days since 1960-01-01) that an ISO 8601 text can mean; NaN for a missing date.

    A complete date is one day, 2021-03 is its month, 2021 its year, 2021---15 some 15th of the year. A date without a
    year can be any day: minus to plus infinity. NaN too for a text that is none of these.
    """
    day = day_number(text)
    if day == day:
        return day, day
    match = _PARTIAL.match(text)
    if not match:
        return float("nan"), float("nan")
    if match[1] == "-":
        return float("-inf"), float("inf")
    year = int(match[1])
    try:
        if match[2] and match[2] != "-":
            month = int(match[2])
            first, last = datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])
        else:
            first = datetime.date(year, 1, int(match[3] or 1))
            last = datetime.date(year, 12, int(match[3] or 31))
    except ValueError:
        return float("nan"), float("nan")
    return float(first.toordinal() - EPOCH), float(last.toordinal() - EPOCH)


def periods(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """First and last day that each cell can mean; NaN where it is missing."""
    if col.is_number(column):
        days = np.asarray(column, dtype="float64")
        return days, days
    codes, texts = col.split_text(column)
    if not len(texts):
        return np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    bounds = col.made_of(texts, _bounds)
    return bounds[0].take(codes), bounds[1].take(codes)


def _bounds(texts: col.Texts) -> np.ndarray:
    return np.ascontiguousarray(np.array([period(t) for t in texts], dtype="float64").reshape(-1, 2).T)


def after(first: str, second: str) -> bool:
    """Whether one ISO 8601 date is certainly after another, as far as both are known.

    Partial dates are compared on the part they have in common: 2021-04 is after 2021-03-31, and not after 2021-04-01.
    A time counts where both have one of the same form; a text that does not begin with a year is never after.
    """
    mine, theirs = _KNOWN.match(first), _KNOWN.match(second)
    if not mine or not theirs:
        return False
    a, b = mine.group(), theirs.group()
    if len(a) == len(b) == 10 and a == b and len(first) > 10 and len(second) > 10:
        clock, other = first[11:], second[11:]
        return bool(_CLOCK.fullmatch(clock) and _CLOCK.fullmatch(other)) and clock[: len(other)] > other[: len(clock)]
    common = min(len(a), len(b))
    return a[:common] > b[:common]


def after_each(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """``after`` of two object arrays of str, text by text; each different text is read once."""
    (mine, own), (theirs, others) = pd.factorize(first), pd.factorize(second)
    known, number, timed = (part.take(mine) for part in _comparable(own))
    other_known, other_number, other_timed = (part.take(theirs) for part in _comparable(others))
    common = np.minimum(known, other_known)
    unit = np.array([1, 10_000, 100, 1]).take(common)  # of year, month and day as one number
    out = (number // unit > other_number // unit) & (common > 0)
    both = (common == 3) & (number == other_number) & (timed * other_timed > 0)
    for i in np.flatnonzero(both).tolist():
        out[i] = after(first[i], second[i])
    return out


def _comparable(texts: np.ndarray) -> np.ndarray:
    """Rows of ``_parts`` over texts."""
    return np.array([_parts(t) for t in texts], dtype="int64").reshape(-1, 3).T


@lru_cache(maxsize=1 << 17)
def _parts(text: str) -> tuple[int, int, bool]:
    """(known parts of the date: 0 to 3, yyyymmdd with 0 for unknown parts, whether more follows a complete date)."""
    match = _KNOWN.match(text)
    if not match:
        return 0, 0, False
    date = match.group()
    return (len(date) - 1) // 3, int(date.replace("-", "").ljust(8, "0")), len(text) > len(date) == 10


def days_of_text(column: pd.Series) -> np.ndarray:
    """Days since 1960-01-01 of every cell; NaN where the date is partial or missing."""
    if col.is_number(column):
        return np.asarray(column, dtype="float64")
    codes, texts = col.split_text(column)
    return col.made_of(texts, _numbers).take(codes) if len(texts) else np.full(len(codes), np.nan)


def _numbers(texts: col.Texts) -> np.ndarray:
    return np.array([day_number(t) for t in texts], dtype="float64")
