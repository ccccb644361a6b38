"""ISO 8601 dates and times as SDTM writes them: the one parser, and days and periods of texts and columns.

Every part of the project that reads such a text reads the parts that ``parse`` gives. Numbers are days since
1960-01-01, as in SAS. Not for raw dates (date_formats/), for comparing moments (moments.py) or for imputing (adam/).
Source: SDTMIG 3.4 section 4.4.
"""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from . import column as col

_CLOCK = r"(?P<hour>\d\d|-)(?::(?P<minute>\d\d|-)(?::(?P<second>\d\d(?:\.\d+)?|-))?)?"
_OFFSET = r"(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?"
_DATE = re.compile(rf"(?P<year>\d{{4}}|-)(?:-(?P<month>\d\d|-)(?:-(?P<day>\d\d|-)(?:T{_CLOCK}{_OFFSET})?)?)?", re.ASCII)
_TIME = re.compile(rf"T?{_CLOCK}{_OFFSET}", re.ASCII)
EPOCH = datetime.date(1960, 1, 1).toordinal()
NAN = float("nan")


@dataclass(frozen=True)
class IsoTime:
    """The parts of a time of day; None is not known.

    ``second`` keeps its decimals; ``offset`` is minutes east of UTC.
    """

    hour: int | None
    minute: int | None = None
    second: str | None = None
    offset: int | None = None


@dataclass(frozen=True)
class IsoDate:
    """The parts of a date; None is not known. ``time``: None where the text has no time part."""

    year: int | None
    month: int | None = None
    day: int | None = None
    time: IsoTime | None = None

    @property
    def complete(self) -> bool:
        """Whether year, month and day are known."""
        return self.year is not None and self.month is not None and self.day is not None

    @property
    def timed(self) -> bool:
        """Whether the day is complete and at least the hour is known."""
        return self.complete and self.time is not None and self.time.hour is not None


@lru_cache(maxsize=1 << 17)
def parse(text: str) -> IsoDate | None:
    """The parts of one ISO 8601 date, or date and time; None for any other text.

    None too for a day that the calendar does not have, a time that the day does not have (24:00 is none), a hyphen at
    the end, and digits that are not ASCII. A second may be 60, a leap second.

    See docs/semantics.md S18.
    """
    match = _DATE.fullmatch(text)
    if match is None or text.endswith("-"):
        return None
    year, month, day = (_number(match[name]) for name in ("year", "month", "day"))
    if not possible_day(year, month, day):
        return None
    time = None
    if match["hour"]:
        time = _time(match)
        if time is None:
            return None
    return IsoDate(year, month, day, time)


def is_iso(text: str) -> bool:
    """Whether a text is an ISO 8601 date, date and time, or interval of them."""
    return parse(text.strip()) is not None or not np.isnan(period(text.strip())[0])


@lru_cache(maxsize=8192)
def parse_time(text: str) -> IsoTime | None:
    """The parts of an ISO 8601 time of day, with or without T before it; None for any other text."""
    match = _TIME.fullmatch(text)
    return None if match is None or text.endswith("-") else _time(match)


def _number(piece: str | None) -> int | None:
    return None if piece is None or piece == "-" else int(piece)


def _time(match: re.Match[str]) -> IsoTime | None:
    hour, minute = _number(match["hour"]), _number(match["minute"])
    second = None if match["second"] in (None, "-") else match["second"]
    if (hour or 0) > 23 or (minute or 0) > 59 or float(second or 0) >= 61:
        return None
    zone = match["offset"]
    if not zone:
        return IsoTime(hour, minute, second)
    digits = zone.strip("Z+-").replace(":", "")
    offset = int(digits[:2] or 0) * 60 + int(digits[2:] or 0)
    if offset > 14 * 60 or int(digits[2:] or 0) > 59:  # the farthest zones are at +14:00 and -12:00
        return None
    return IsoTime(hour, minute, second, -offset if zone.startswith("-") else offset)


def possible_day(year: int | None, month: int | None, day: int | None) -> bool:
    """Whether the known parts can be a day: 30 February cannot, an unknown day of February can."""
    if year is not None and not 1 <= year <= 9999:
        return False
    if month is not None and not 1 <= month <= 12:
        return False
    if day is None:
        return True
    if month is None:
        return 1 <= day <= 31
    if month == 2:
        return 1 <= day <= (29 if year is None or calendar.isleap(year) else 28)
    return 1 <= day <= (30 if month in (4, 6, 9, 11) else 31)


def _days(year: int, month: int, day: int) -> float:
    return float(datetime.date(year, month, day).toordinal() - EPOCH)


@lru_cache(maxsize=1 << 17)
def day_number(text: str) -> float:
    """Days since 1960-01-01 of an ISO 8601 text with a complete date; NaN for any other text.

    An interval has a day where it begins and ends on one.
    """
    first, last = period(text)
    date = parse(text)
    return first if first == last and (date is None or date.complete) else NAN


@lru_cache(maxsize=1 << 17)
def period(text: str) -> tuple[float, float]:
    """First and last day (days since 1960-01-01) that an ISO 8601 text can mean; NaN for a missing date.

    A complete date is one day, 2021-03 is its month, 2021 its year, 2021---15 some 15th of the year. A date without a
    year can be any day: minus to plus infinity. An interval (start/end) lasts from the first day of its start to the
    last day of its end. NaN too for a text that is none of these.

    See docs/semantics.md S20.
    """
    if "/" in text:
        start, end = (period(point) for point in text.split("/", 1))
        return (start[0], end[1]) if start[0] <= end[1] else (NAN, NAN)
    date = parse(text)
    return (NAN, NAN) if date is None else days_of(date)


def days_of(date: IsoDate) -> tuple[float, float]:
    """First and last day that a date can mean: minus and plus infinity without a year."""
    if date.year is None:
        return float("-inf"), float("inf")
    if date.month is not None:
        last = calendar.monthrange(date.year, date.month)[1]
        return _days(date.year, date.month, date.day or 1), _days(date.year, date.month, date.day or last)
    return _days(date.year, 1, date.day or 1), _days(date.year, 12, date.day or 31)


def periods(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """First and last day that each cell can mean; NaN where it is missing."""
    if col.is_number(column):
        days = col.floats(column)
        return days, days
    codes, texts = col.split_text(column)
    if not len(texts):
        return np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    bounds = col.computed_once(texts, _bounds)
    return bounds[0].take(codes), bounds[1].take(codes)


def _bounds(texts: col.Texts) -> np.ndarray:
    return np.ascontiguousarray(np.array([period(t) for t in texts], dtype="float64").reshape(-1, 2).T)


def days_of_text(column: pd.Series) -> np.ndarray:
    """Days since 1960-01-01 of every cell; NaN where the date is partial or missing."""
    if col.is_number(column):
        return col.floats(column)
    codes, texts = col.split_text(column)
    return col.computed_once(texts, _numbers).take(codes) if len(texts) else np.full(len(codes), np.nan)


def _numbers(texts: col.Texts) -> np.ndarray:
    return np.array([day_number(t) for t in texts], dtype="float64")
