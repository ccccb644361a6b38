"""One date text read by declared formats into ISO 8601.

A text is read only by a declared format, never guessed. Where two formats read it differently, only the parts that
agree are kept. Not for columns of dates: sdtm/derivations/dates.py.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ...engine.columns.iso_dates import possible_day
from .clock import has_gap, hour_of_day, iso_offset, iso_time
from .counts import Count, read_count
from .formats import DateFormat, compile_format
from .month_names import month_numbers, plain
from .notation import Notation

Problem = Literal["", "unreadable", "impossible", "time", "undated", "gap", "ambiguous"]


@dataclass(frozen=True)
class Reading:
    """The reading of a text: ``iso`` ('' if none) and ``problem``.

    unreadable: no format reads it. impossible: it fits a format and is no day of the calendar. Both have no ``iso``.
    time: the time is none of the day, and the day is kept. undated: a time without a complete day is excluded.
    gap: a part is excluded that has no meaning without an unknown part, as a minute without its hour.
    ambiguous: two formats read it differently, and only the parts that agree are kept.
    """

    iso: str
    problem: Problem = ""


@dataclass(frozen=True)
class Found:
    """The parts that one format reads; ``clock``: '' for none. ``possible``: whether they are a day of the calendar."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    clock: str = ""
    problem: Literal["", "time", "undated", "gap"] = ""
    possible: bool = True

    @property
    def iso(self) -> str:
        date = iso_date(self.year, self.month, self.day)
        return f"{date}T{self.clock}" if self.clock else date


@lru_cache(maxsize=65536)  # one day is written in many columns of many forms
def read_date(text: str, formats: tuple[str, ...], notation: Notation) -> Reading:
    """One date text as ISO 8601, with unknown parts as SDTM writes them (2022-03, 2022---15, --03-15).

    A text of unknown parts that another format would read with a year of two digits (UN-UNK-21) is unreadable: 21 may
    be the year. Source: SDTMIG 3.4 section 4.4.2.

    See docs/semantics.md S19.
    """
    text = text.strip()
    if not text or text in notation.missing:
        return Reading("")
    text = plain(text)
    compiled = _compiled(formats, notation)
    every = [found for form in compiled if (found := read_with(text, form, notation)) is not None]
    readings = [found for found in every if found.possible]
    if not readings:
        return Reading("", "impossible" if every else "unreadable")
    clean = [found for found in readings if not found.problem] or readings
    if len(clean) > 1 and len({found.iso for found in clean}) > 1:
        agreed = _agreed(clean)
        return Reading(agreed, "ambiguous") if agreed else Reading("", "unreadable")
    best = clean[0]
    if best.year is None and best.iso and any(_short_year(text, form, notation) for form in compiled):
        return Reading("", "unreadable")
    return Reading(best.iso, best.problem)


@lru_cache(maxsize=1024)
def _compiled(formats: tuple[str, ...], notation: Notation) -> tuple[DateFormat | Count, ...]:
    return tuple(compile_format(name, notation) for name in formats)


def read_with(text: str, form: DateFormat | Count, notation: Notation) -> Found | None:
    """The parts that one format reads in a plain text; None for a text that does not fit the format."""
    if isinstance(form, Count):
        counted = read_count(text, form, notation)
        if counted is None:
            return None
        if counted.day is None:
            return Found(possible=False)
        return Found(counted.day.year, counted.day.month, counted.day.day, counted.clock)
    match = form.expression.fullmatch(text)
    return None if match is None else _found(match, form, notation)


def _short_year(text: str, form: DateFormat | Count, notation: Notation) -> bool:
    """Whether a format of four-digit years would read the text if the year had two digits."""
    if isinstance(form, Count) or form.short is None:
        return False
    match = form.short.fullmatch(text)
    if match is None or not match["yyyy"].isdigit():
        return False
    found = _found(match, form, notation)
    return found is not None and found.possible


def _found(match: re.Match[str], form: DateFormat, notation: Notation) -> Found | None:
    """The parts of a match; None where the text in the place of a month is no month."""
    pieces: dict[str, str | None] = {}
    for token, piece in match.groupdict().items():
        pieces[token] = None if piece.casefold() in form.unknown[token] else piece
    month = _number(pieces.get("mm"))
    name = pieces.get("mon")
    if name is not None:
        month = month_numbers(notation.languages).get(name.casefold().rstrip("."))
        if month is None:
            return None
    year, day = _year(pieces, notation), _number(pieces.get("dd"))
    doy = _number(pieces.get("doy"))
    if doy is not None:
        if year is None:  # which month a day of the year lies in depends on leap years
            return Found(problem="gap")
        if not 1 <= doy <= (366 if possible_day(year, 2, 29) else 365):
            return Found(possible=False)
        at = datetime.date(year, 1, 1) + datetime.timedelta(days=doy - 1)
        month, day = at.month, at.day
    if not possible_day(year, month, day):
        return Found(possible=False)
    clock = _clock(pieces, notation) if pieces.get("hh") is not None else ""
    if clock is None:
        return Found(year, month, day, problem="time")
    hour, minute = _number(pieces.get("hh")), _number(pieces.get("mi"))
    problem = "gap" if has_gap(hour, minute, pieces.get("ss"), pieces.get("am", "")) else ""
    if year is None or month is None or day is None:
        return Found(year, month, day, problem="undated" if clock else problem)
    return Found(year, month, day, clock, problem)


def _number(piece: str | None) -> int | None:
    return None if piece is None else int(piece)


def _year(pieces: dict[str, str | None], notation: Notation) -> int | None:
    if "yyyy" in pieces:
        return _number(pieces["yyyy"])
    short = _number(pieces.get("yy"))
    if short is None or notation.pivot is None:
        return None
    year = notation.pivot - notation.pivot % 100 + short
    return year + 100 if year < notation.pivot else year


def _clock(pieces: dict[str, str | None], notation: Notation) -> str | None:
    offset = iso_offset(pieces.get("tz"))
    if offset is None:
        return None
    hour = hour_of_day(_number(pieces["hh"]), pieces.get("am", ""))
    minute = _number(pieces.get("mi"))
    second = pieces.get("ss") if minute is not None else None
    return iso_time(hour, minute, second, offset if notation.offset == "keep" else "")


def _agreed(readings: list[Found]) -> str:
    """The parts that are the same in all readings."""
    first = readings[0]
    alike = {p: getattr(first, p) for p in ("year", "month", "day") if len({getattr(r, p) for r in readings}) == 1}
    return iso_date(alike.get("year"), alike.get("month"), alike.get("day"))


def iso_date(year: int | None, month: int | None, day: int | None) -> str:
    """ISO 8601 of SDTM: unknown parts at the end are not written; an unknown part before a known one is a hyphen."""
    if year is None and month is None and day is None:
        return ""
    y = "-" if year is None else f"{year:04}"
    if month is None and day is None:
        return y
    m = "-" if month is None else f"{month:02}"
    return f"{y}-{m}" if day is None else f"{y}-{m}-{day:02}"
