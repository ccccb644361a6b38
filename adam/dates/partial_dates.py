"""The possible moments of an ISO 8601 text: the first and last day or second, and the highest missing part.

Each unique text is read one time. Not for choosing a moment (imputation.py) nor for reading raw dates (sdtm/).
"""

from __future__ import annotations

import calendar
import datetime
import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.iso_dates import EPOCH, IsoTime, parse

#: the highest missing part, by its number: nothing, seconds, minutes and seconds, the time, day, month and day, year
LEVELS = ("never", "second", "minute", "hour", "day", "month", "year")
DAY, MONTH, YEAR = 4, 5, 6
#: the level of a text that is no date
UNREADABLE = -1
SECONDS = 86_400

MONTH_AND_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$")


@dataclass(frozen=True)
class Possible:
    """The possible moments of each cell of a column: arrays, in days or (for datetimes) seconds since 1960-01-01.

    ``low``, ``high``: first and last; infinite where the year is missing, NaN for a text that is no date. ``base``: the
    wanted moment without any reference. ``level``: number in LEVELS, UNREADABLE for a text that is no date.
    ``unused``: a day is known without its month, so it is not used.
    """

    low: np.ndarray
    high: np.ndarray
    base: np.ndarray
    level: np.ndarray
    unused: np.ndarray

    def take(self, at: np.ndarray) -> Possible:
        return Possible(self.low[at], self.high[at], self.base[at], self.level[at], self.unused[at])


def possible(column: pd.Series, to: str = "first", time: str | None = None) -> Possible:
    """The possible moments of the texts of a column.

    ``to``: first, middle, last or MM-DD; ``time``: first, last, HH:MM or HH:MM:SS.

    In days without ``time``, else in seconds. A number column holds complete dates already.
    """
    if col.is_number(column):
        values = np.asarray(column, dtype="float64")
        gone = np.isnan(values)
        low, high = np.where(gone, -np.inf, values), np.where(gone, np.inf, values)
        base = np.where(gone, -np.inf if to == "first" else np.inf if to == "last" else np.nan, values)
        return Possible(low, high, base, np.where(gone, YEAR, 0), np.zeros(len(values), dtype=bool))
    codes, texts = col.split_text(column)
    table = np.array([bounds(t, to, time) for t in texts], dtype="float64").reshape(len(texts), 5)[codes]
    return Possible(table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype("int8"), table[:, 4] > 0)


@lru_cache(maxsize=1 << 17)
def bounds(text: str, to: str, time: str | None) -> tuple[float, float, float, int, bool]:
    """(first, last, wanted, level, whether a day without its month is not used) of one text; see Possible.

    See docs/semantics.md S26.
    """
    open_end = -math.inf if to == "first" else math.inf if to == "last" else math.nan
    if not text.strip():
        return -math.inf, math.inf, open_end, YEAR, False
    date = parse(text.strip())
    if date is None:
        return _NO_DATE
    if date.year is None:
        return -math.inf, math.inf, open_end, YEAR, False
    unused = date.month is None and date.day is not None
    low, high, wanted, level = _days(date.year, date.month or 0, (date.day or 0) if date.month else 0, to)
    if time is None:
        return low, high, wanted, level, unused
    first, last, missing = _seconds(date.time) if level == 0 and date.time else (0.0, SECONDS - 1.0, 3)
    of_day = first if time == "first" else last if time == "last" else _stated(first, missing, time)
    seconds = wanted * SECONDS + of_day
    return low * SECONDS + first, high * SECONDS + last, seconds, level or missing, unused


_NO_DATE = (math.nan, math.nan, math.nan, UNREADABLE, False)


def _days(year: int, month: int, day: int, to: str) -> tuple[float, float, float, int]:
    """First, last and wanted day and the level; month or day 0: missing."""
    stated = MONTH_AND_DAY.match(to)
    if month and day:
        only = _number(year, month, day)
        return only, only, only, 0
    if month:
        end = calendar.monthrange(year, month)[1]
        low, high, level = _number(year, month, 1), _number(year, month, end), DAY
        wanted = _number(year, month, min(int(stated[2]), end)) if stated else low
        if to == "middle":
            wanted = _number(year, month, 15)
    else:
        low, high, level = _number(year, 1, 1), _number(year, 12, 31), MONTH
        wanted = _number(year, 6, 30) if to == "middle" else low
        if stated:
            end = calendar.monthrange(year, int(stated[1]))[1]
            wanted = _number(year, int(stated[1]), min(int(stated[2]), end))
    return low, high, high if to == "last" else wanted, level


def _number(year: int, month: int, day: int) -> float:
    return float(datetime.date(year, month, day).toordinal() - EPOCH)


def _seconds(time: IsoTime) -> tuple[float, float, int]:
    """First and last second of the day and the highest missing part.

    An offset from UTC does not count: dates and times are those of the place, as the source wrote them.
    """
    if time.hour is None:
        return 0.0, SECONDS - 1.0, 3
    start = time.hour * 3600.0
    if time.minute is None:
        return start, start + 3599, 2
    start += time.minute * 60
    if time.second is None:
        return start, start + 59, 1
    return start + float(time.second), start + float(time.second), 0


def _stated(first: float, missing: int, time: str) -> float:
    """The second of the day whose missing parts are those of a stated time."""
    match = TIME_OF_DAY.match(time)
    assert match is not None  # Imputation.problems
    parts = int(match[1]) * 3600, int(match[2]) * 60, int(match[3] or 0)
    return first + sum(parts[3 - missing :])
