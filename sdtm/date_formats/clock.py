"""Times of day: parts as ISO 8601 text, and the reading of a time in another column than the date.

Not for a time within a date text (reading.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .month_names import plain
from .notation import Notation

#: AM and PM as sites write them; hours before noon first
MARKS = r"a\.?\s?m\.?|p\.?\s?m\.?|午前|午後"
OFFSET = r"Z|[+-]\d{2}(?::?\d{2})?"
SECONDS = r"\d{2}(?:[.,]\d+)?"


def iso_time(hour: int | None, minute: int | None, second: str | int | None, offset: str = "") -> str | None:
    """hh, hh:mi or hh:mi:ss with the decimals of the second; '' when the hour is unknown, None when it is no time.

    24:00 is no time of the day: ISO 8601:2019 does not have it, and it may mean the start or the end of the day.
    """
    if hour is None:
        return ""
    number = None if second is None else float(str(second).replace(",", "."))
    if not 0 <= hour <= 23 or not 0 <= (minute or 0) <= 59 or not 0 <= (number or 0) < 60:
        return None
    text = f"{hour:02}"
    if minute is not None:
        text += f":{minute:02}"
        if second is not None:
            text += f":{str(second).replace(',', '.').zfill(2)}"
    return text + offset


def has_gap(hour: int | None, minute: int | None, second: str | None, mark: str | None) -> bool:
    """Whether a known part has no meaning without an unknown one, as the minute of UN:30: it is excluded.

    ``mark``: as of ``hour_of_day``.
    """
    without_hour = minute is not None or bool(second)
    if mark is None:
        return hour is not None or without_hour
    return (hour is None and (without_hour or bool(mark))) or (minute is None and bool(second))


def hour_of_day(hour: int | None, mark: str | None) -> int | None:
    """The hour from 0 to 23 of an hour with AM or PM; -1 where they contradict each other, as in 14 AM.

    ``mark``: '' where the format has none, None where it is not known, which leaves the hour unknown.
    """
    if hour is None or mark == "":
        return hour
    if mark is None:
        return None
    afternoon = plain(mark).casefold().startswith(("p", "午後"))
    if hour > 12 or (hour == 0 and afternoon):
        return -1
    return hour % 12 + (12 if afternoon else 0)


def iso_offset(text: str | None) -> str | None:
    """An offset from UTC as ISO 8601 extended: +02:00, Z; '' for none, None where there is no such offset."""
    if not text:
        return ""
    if text in "Zz":
        return "Z"
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[:2]) > 14 or int(digits[2:]) > 59:
        return None
    return f"{text[0]}{digits[:2]}:{digits[2:]}"


@lru_cache(maxsize=256)
def _pattern(notation: Notation) -> re.Pattern[str]:
    def part(name: str, digits: str) -> str:
        words = "".join(f"|{re.escape(plain(w))}" for w in sorted(notation.words(name), key=len, reverse=True))
        return f"(?P<{name}>{digits}{words})"

    hour, minute, second = part("hh", r"\d{1,2}"), part("mi", r"\d{2}"), part("ss", SECONDS)
    return re.compile(rf"{hour}:?{minute}(?::?{second})?\s?(?P<am>{MARKS})?(?P<tz>{OFFSET})?", re.IGNORECASE | re.ASCII)


class TimeReading(NamedTuple):
    """``clock``: ISO 8601, '' where the hour is not known, None for no time. ``gap``: see ``has_gap``."""

    clock: str | None
    gap: bool = False


def read_time(text: str, notation: Notation | None = None) -> str | None:
    """A time text (14:30, 1430, 2:30 PM, 14:30:05.250, 14:30+02:00, 14:UN) as ISO 8601.

    '' where the hour or the whole time is declared unknown; None when it is no time of the day.
    """
    return time_reading(text, notation or Notation()).clock


@lru_cache(maxsize=65536)
def time_reading(text: str, notation: Notation) -> TimeReading:
    """A time text as ``read_time`` reads it, and whether a known part is excluded."""
    text = plain(text.strip())
    if not text or text in notation.missing or text.casefold() in {w.casefold() for w in notation.words("hh")}:
        return TimeReading("")
    match = _pattern(notation).fullmatch(text)
    if not match:
        return TimeReading(None)
    unknown = {token: {plain(w).casefold() for w in notation.words(token)} for token in ("hh", "mi", "ss")}

    def piece(token: str) -> str | None:
        found = match[token]
        return None if found is None or found.casefold() in unknown[token] else found

    hour, minute = piece("hh"), piece("mi")
    offset = iso_offset(match["tz"])
    if offset is None:
        return TimeReading(None)
    of_day = hour_of_day(None if hour is None else int(hour), match["am"] or "")
    shown = offset if notation.offset == "keep" else ""
    number = None if minute is None else int(minute)
    clock = iso_time(of_day, number, piece("ss") if minute else None, shown)
    return TimeReading(clock, clock is not None and has_gap(of_day, number, piece("ss"), match["am"] or ""))
