"""Serial numbers of spreadsheets as dates, times and durations in ISO 8601, as exact as value and format.

Excel counts days from 1899-12-31, and counts a 1900-02-29, day 60, that did not exist. Workbooks may declare that days
count from 1904-01-01. Not for numbers (number_formats.py).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from ..cell_text import clock_text, without_zeros
from .number_formats import Shown, plain_number, section_for

_LAST = 2_958_466  # the day after 9999-12-31
_NO_DAY = 60


def shown_moment(stored: str, code: str, from_1904: bool) -> Shown:
    """A cell with a number that is shown as a date, a time or a duration.

    A format of a month and year, or of a year, is read as shown if the stored day is the first: a spreadsheet stores
    an entered month so. Else the stored day is read. If a format hides more (no year, or the time only of a whole
    moment), the stored moment is read, with a finding. A number that is no date is read as the number, with a finding.
    """
    plain = plain_number(stored)
    section = (section_for(code, Decimal(plain)) or (None, False))[0]
    tokens = section.dates if section is not None else []
    days = float(plain)
    if any(t.startswith("[") for t in tokens):
        return Shown(clock_text(round(days * 86400, 3)))
    parts = _parts(tokens)
    is_time = not parts & {"year", "month", "day", "weekday"}
    if 0 <= days < 1 and is_time:
        return Shown(_time(timedelta(seconds=round(days * 86400, 3)), tokens))
    moment = _moment(days, from_1904)
    if moment is None:
        return Shown(plain, "stored", "a day that no calendar has")
    at_midnight = moment.hour == moment.minute == moment.second == moment.microsecond == 0
    whole = moment.date().isoformat()
    if not parts & {"hour", "second"} and at_midnight:
        return _day(moment.date(), whole, parts)
    stamp = f"{whole}T{_time(moment - datetime.combine(moment.date(), datetime.min.time()), tokens)}"
    if is_time:
        return Shown(stamp, "stored", "a time of day only")
    if not {"year", "month", "day"} <= parts:
        return Shown(stamp, "stored", "a part of the date only")
    return Shown(stamp) if parts & {"hour", "second"} else Shown(stamp, "rounded", whole)


def _day(day: date, whole: str, parts: set[str]) -> Shown:
    if {"year", "month", "day"} <= parts:
        return Shown(whole)
    if {"year", "month"} <= parts:
        return Shown(whole[:7], "shown") if day.day == 1 else Shown(whole, "stored", f"the month {whole[:7]} only")
    if "year" in parts:
        january = day.month == 1 and day.day == 1
        return Shown(whole[:4], "shown") if january else Shown(whole, "stored", f"the year {whole[:4]} only")
    return Shown(whole, "stored", "a date without its year")


def _moment(days: float, from_1904: bool) -> datetime | None:
    whole = int(days // 1)
    if whole < 0 or whole >= _LAST or (not from_1904 and whole in (0, _NO_DAY)):
        return None
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if whole < _NO_DAY else 30)
    try:
        return start + timedelta(milliseconds=round(days * 86_400_000))
    except OverflowError:
        return None


def _parts(tokens: list[str]) -> set[str]:
    """What of a moment a format shows: year, month, day, weekday, hour, minute, second."""
    found: set[str] = set()
    for i, token in enumerate(tokens):
        kind = token[0]
        if kind == "m":
            before, after = tokens[i - 1 : i], tokens[i + 1 : i + 2]
            beside = (before and before[0][0] == "h") or (after and after[0][0] == "s")
            found.add("minute" if beside and len(token) < 3 else "month")
        elif kind == "d" or token.startswith("aaa"):
            found.add("day" if kind == "d" and len(token) < 3 else "weekday")
        elif kind in "yeb":
            found.add("year")
        elif kind in "hs":
            found.add("hour" if kind == "h" else "second")
    return found


def _time(since_midnight: timedelta, tokens: list[str]) -> str:
    at = (datetime.min + since_midnight).time()
    if at.microsecond or at.second or any(t[0] == "s" for t in tokens):
        return without_zeros(at.isoformat())
    return at.isoformat(timespec="minutes")


def iso_text(stored: str) -> str:
    """A cell that holds a date as ISO 8601 text (type d), without the zeros of its fraction."""
    text = without_zeros(stored.strip())
    return re.sub(r"T00:00:00$", "", text)
