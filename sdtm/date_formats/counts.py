"""Formats of numbers that count days or seconds: serials of spreadsheets, SAS dates without a format, Unix times.

Not for texts of years, months and days (formats.py).
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from .notation import Notation

NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?", re.ASCII)
_SINCE = re.compile(r"(days|seconds|milliseconds) since (\d{4}-\d\d-\d\d)", re.IGNORECASE | re.ASCII)
_PER_DAY = {"days": 1, "seconds": 86_400, "milliseconds": 86_400_000}
#: the day that the 1900 system of spreadsheets counts and the calendar does not have: 29 February 1900
_FALSE_LEAP_DAY = 60
EXAMPLES = "excel-1900, excel-1904, days since 1960-01-01"


@dataclass(frozen=True)
class Count:
    """A format that counts from a day. ``leaps``: it counts 29 February 1900 too, as spreadsheets do."""

    text: str
    unit: str
    start: datetime.date
    leaps: bool = False


@dataclass(frozen=True)
class Counted:
    """The moment of a number. ``day``: None for 29 February 1900; ``clock``: '' for whole days."""

    day: datetime.date | None
    clock: str = ""


def count_format(text: str) -> Count | None:
    """A format as one that counts; None for any other. ValueError for a day that the calendar does not have."""
    name = text.strip().casefold()
    if name == "excel-1900":
        return Count(text, "days", datetime.date(1899, 12, 31), leaps=True)
    if name == "excel-1904":
        return Count(text, "days", datetime.date(1904, 1, 1))
    match = _SINCE.fullmatch(name)
    return Count(text, match[1], datetime.date.fromisoformat(match[2])) if match else None


def read_count(text: str, form: Count, notation: Notation) -> Counted | None:
    """The moment of a number; None for a text that is no number, and for a day outside ``counted:``.

    Times are rounded to the millisecond, which is finer than a spreadsheet's fifteen digits. A count of days has a time
    only where it is no whole number; a count of seconds always has one.
    """
    if not NUMBER.fullmatch(text):
        return None
    milliseconds = int((Decimal(text) * 86_400_000 / _PER_DAY[form.unit]).to_integral_value())
    number, rest = divmod(milliseconds, 86_400_000)
    if form.leaps:
        if number < 1:
            return None
        if number == _FALSE_LEAP_DAY:
            return Counted(None)
        number -= number > _FALSE_LEAP_DAY
    try:
        day = form.start + datetime.timedelta(days=number)
    except OverflowError:
        return None
    if not notation.counted[0] <= day <= notation.counted[1]:
        return None
    whole = form.unit == "days" and Decimal(text) == Decimal(text).to_integral_value(ROUND_FLOOR)
    return Counted(day, "" if whole else _clock(rest))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}" + (f".{rest:03}".rstrip("0") if rest else "")


def number_of(day: datetime.date, form: Count) -> str:
    """The number that a day has, at midnight."""
    number = (day - form.start).days
    number += form.leaps and number >= _FALSE_LEAP_DAY
    return str(number * _PER_DAY[form.unit])
