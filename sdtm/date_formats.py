"""Date formats of the specs (dd/mm/yyyy, dd-mon-yyyy) and the reading of one date text into ISO 8601.

A text is read only by a declared format, never guessed; a set of formats that reads one text in two ways is refused.
Not for columns of dates: dates.py.
"""

from __future__ import annotations

import calendar
import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NAMES = {m: i + 1 for i, m in enumerate(MONTHS)} | {
    name.upper(): i
    for i, name in enumerate(
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        start=1,
    )
}
_TOKENS = re.compile(r"yyyy|mon|mm|dd|hh|mi|ss|T(?=hh)|[A-Za-z]+|[^A-Za-z]", re.IGNORECASE)
_DIGITS = {"yyyy": r"\d{4}", "mm": r"\d{1,2}", "dd": r"\d{1,2}", "hh": r"\d{1,2}", "mi": r"\d{2}", "ss": r"\d{2}"}


class FormatError(ValueError):
    """A date format that cannot be used."""


@dataclass(frozen=True)
class DateFormat:
    """A compiled format: its text, the tokens in order, and the expression that reads a date."""

    text: str
    tokens: tuple[str, ...]
    expression: re.Pattern[str]


@dataclass(frozen=True)
class Reading:
    """What became of a text: ``iso`` ('' if none) and ``problem`` ('' | unreadable | impossible)."""

    iso: str
    problem: str = ""


@lru_cache(maxsize=512)
def compile_format(text: str, unknown: tuple[str, ...] = ()) -> DateFormat:
    """Compile a format of yyyy, mm, mon, dd, hh, mi, ss and separators. FormatError names what is wrong.

    ``unknown``: texts that may stand in the place of a part that is not known, such as UN or UNK.
    """
    if not text or len(text) > 40:
        raise FormatError("a date format has 1 to 40 characters, such as dd/mm/yyyy")
    tokens, pattern = [], ""
    pieces = [m.group() for m in _TOKENS.finditer(text)]
    stand_ins = "|".join(re.escape(u) for u in sorted(unknown, key=len, reverse=True))
    for i, piece in enumerate(pieces):
        name = piece.lower()
        if name in _DIGITS or name == "mon":
            if name in tokens:
                raise FormatError(f"'{piece}' occurs twice in {text}")
            digits = _DIGITS.get(name, "[A-Za-z]{3,9}")
            touching = [p for p in (*pieces[max(i - 1, 0) : i], *pieces[i + 1 : i + 2]) if p.lower() in _DIGITS]
            if name != "mon" and touching and name != "yyyy":
                digits = r"\d{2}"
            pattern += f"(?P<{name}>{digits}" + (f"|{stand_ins}" if stand_ins else "") + ")"
            tokens.append(name)
        elif piece.isalpha() and piece.upper() != "T":
            raise FormatError(f"'{piece}' in {text} is not one of yyyy, mm, mon, dd, hh, mi, ss")
        else:
            pattern += re.escape(piece)
    if "yyyy" not in tokens:
        raise FormatError(f"{text} has no yyyy: a year of two digits does not tell its century")
    if "mm" in tokens and "mon" in tokens:
        raise FormatError(f"{text} has both mm and mon")
    return DateFormat(text, tuple(tokens), re.compile(pattern, re.IGNORECASE | re.ASCII))


def ambiguous(formats: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Two formats of a set that read one text as different dates, and that text; None when there are none."""
    compiled = [compile_format(f) for f in formats]
    for first, second in itertools.permutations(compiled, 2):
        for year, month, day in ((2001, 2, 3), (2012, 11, 12), (1912, 12, 11)):
            text = _written(first, year, month, day)
            mine, other = read_with(text, first, ()), read_with(text, second, ())
            if mine is not None and other is not None and mine.iso and other.iso and mine.iso != other.iso:
                return first.text, second.text, text
    return None


def _written(form: DateFormat, year: int, month: int, day: int) -> str:
    parts = {
        "yyyy": f"{year:04}",
        "mm": f"{month:02}",
        "mon": MONTHS[month - 1],
        "dd": f"{day:02}",
        "hh": "10",
        "mi": "11",
        "ss": "12",
    }
    return "".join(parts.get(p.lower(), p) for p in (m.group() for m in _TOKENS.finditer(form.text)))


@lru_cache(maxsize=65536)  # one day is written in many columns of many forms
def read_date(
    text: str, formats: tuple[str, ...], unknown: tuple[str, ...] = (), none: tuple[str, ...] = ()
) -> Reading:
    """One date text as ISO 8601, with unknown parts as SDTM writes them (2022-03, 2022---15, --03-15).

    ``none``: whole texts that stand for no date. A text that fits a format but is no day of the calendar
    (30FEB2021) is impossible; a text that fits none is unreadable. Source: SDTMIG 3.4 section 4.4.2.
    """
    text = text.strip()
    if not text or text in none:
        return Reading("")
    impossible = False
    for name in formats:
        reading = read_with(text, compile_format(name, unknown), unknown)
        if reading is None:
            continue
        if not reading.problem:
            return reading
        impossible = True
    return Reading("", "impossible" if impossible else "unreadable")


def read_with(text: str, form: DateFormat, unknown: tuple[str, ...]) -> Reading | None:
    """The text read by one format; None when it does not fit the format at all."""
    match = form.expression.fullmatch(text)
    if not match:
        return None
    folded = {u.casefold() for u in unknown}
    parts: dict[str, int | None] = {}
    for token in form.tokens:
        piece = match.group(token)
        if piece.casefold() in folded:
            parts[token] = None
        elif token == "mon":
            number = _NAMES.get(piece.upper())
            if number is None:
                return None
            parts["mm"] = number
        else:
            parts[token] = int(piece)
    if "mon" in form.tokens:
        parts.setdefault("mm", None)
    year, month, day = parts.get("yyyy"), parts.get("mm"), parts.get("dd")
    if not possible(year, month, day):
        return Reading("", "impossible")
    iso = iso_date(year, month, day)
    if "hh" in form.tokens and year is not None and month is not None and day is not None:
        clock = iso_time(parts.get("hh"), parts.get("mi"), parts.get("ss"))
        if clock is None:
            return Reading("", "impossible")
        iso += f"T{clock}" if clock else ""
    return Reading(iso)


def possible(year: int | None, month: int | None, day: int | None) -> bool:
    """Whether the known parts can be a day: 30 February cannot, an unknown day of February can."""
    if year is not None and not 1 <= year <= 9999:
        return False
    if month is not None and not 1 <= month <= 12:
        return False
    if day is None:
        return True
    if month is None:
        return 1 <= day <= 31
    longest = (
        calendar.monthrange(year, month)[1]
        if year is not None
        else (29 if month == 2 else 31 - (month in (4, 6, 9, 11)))
    )
    return 1 <= day <= longest


def iso_date(year: int | None, month: int | None, day: int | None) -> str:
    """ISO 8601 as SDTM writes it: unknown parts at the end are left off, those before a known one are a hyphen."""
    if year is None and month is None and day is None:
        return ""
    y = "-" if year is None else f"{year:04}"
    if month is None and day is None:
        return y
    m = "-" if month is None else f"{month:02}"
    return f"{y}-{m}" if day is None else f"{y}-{m}-{day:02}"


def iso_time(hour: int | None, minute: int | None, second: int | None) -> str | None:
    """hh:mi or hh:mi:ss; '' when the hour is unknown, None when it is no time of the day."""
    if hour is None:
        return ""
    if (
        not 0 <= hour <= 23
        or (minute is not None and not 0 <= minute <= 59)
        or (second is not None and not 0 <= second <= 59)
    ):
        return None
    text = f"{hour:02}"
    if minute is not None:
        text += f":{minute:02}"
        if second is not None:
            text += f":{second:02}"
    return text


#: what a text that no declared format reads seems to be; the first that fits
_NOTATIONS = tuple(
    (re.compile(pattern, re.ASCII), meaning)
    for pattern, meaning in (
        (r"(?:[^\W\d_]|\W)*\d{1,4}\s*\u5e74.*", "a Japanese or Chinese date; era years are not converted"),
        (r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)", "a time with a time zone; dates are local and not converted"),
        (r"\d{1,2}[./ -](?:\d{1,2}|[A-Za-z]{3})[./ -]\d{2}", "a year of two digits, which does not tell its century"),
        (r"[2-6]\d{4}(?:\.\d+)?", "perhaps the serial number of a spreadsheet, whose base is not known"),
        (r"(?:19|20)\d{6}", "a date without separators"),
        (r"\d{4}\D\d{1,2}\D\d{1,2}|\d{1,2}\D(?:\d{1,2}|[A-Za-z]{3,9})\D\d{4}", "a date in another notation"),
    )
)
#: what is said of a text that fits a format but is no day, such as 30FEB2021
IMPOSSIBLE = "not a day of the calendar; left empty"


def unreadable(text: str) -> str:
    """What to say of a text that no declared date format reads: what it seems to be; it is never guessed."""
    seems = next((meaning for pattern, meaning in _NOTATIONS if pattern.fullmatch(text.strip())), "")
    return "no declared date format reads this text" + (f" ({seems})" if seems else "") + "; left empty"
