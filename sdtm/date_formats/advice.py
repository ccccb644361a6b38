"""Messages about a date text that is not read, or not completely: its probable meaning, and what to declare.

Nothing is guessed: the text stays unread. Not for reading (reading.py).
"""

from __future__ import annotations

import re

from .counts import NUMBER
from .month_names import NAMES_OF_LANGUAGES, language_of, plain
from .reading import Problem

_PART = r"(?:\d{1,2}|[^\W\d_]{2,10}\.?|\?{2,3})"
#: pattern of a text that no declared format reads -> its probable meaning; the first that fits. Third: a short year
_SEEMS = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning, bool(short))
    for pattern, meaning, *short in (
        (r"(?:[^\W\d_]|\W)*\d{1,2}\s*\u5e74.*",
         "a Japanese era year, or a year of two digits; neither is converted", True),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})",
         "a time with a time zone; declare a format with tz"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00",
         "a date with midnight as its time; declare yyyy-mm-dd'T00:00:00' for the day alone, or yyyy-mm-ddThh:mi:ss"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?",
         "a date and time of ISO 8601; declare yyyy-mm-ddThh:mi:ss"),
        (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date of ISO 8601; declare yyyy-mm-dd"),
        (rf"{_PART}[./ -]{_PART}[./ -][0-9]{{2}}(?:\W.*)?",
         "a year of two digits, which does not show its century; declare a format with yy, and pivot:", True),
        (r".*[0-9]\s?(?:a|p)\.?\s?m\.?", "a time with AM or PM; declare a format with am"),
        (r"(?:19|20)[0-9]{6}", "a date without separators"),
        (r"[0-9]{4}[wqh][0-9]{1,2}", "a week, quarter or half of a year, which SDTM cannot express in ISO 8601"),
        (r"[0-9]{4}[^0-9][0-9]{1,2}[^0-9][0-9]{1,2}|[0-9]{1,2}[^0-9](?:[0-9]{1,2}|[A-Za-z]{3,9})[^0-9][0-9]{4}",
         "a date in another notation"),
    )
)  # fmt: skip
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.[0-9]+)?")
_COUNTS = {
    "SAS": "days since 1960-01-01, or seconds since 1960-01-01",
    "SPSS": "seconds since 1582-10-14",
    "Stata": "days since 1960-01-01, or milliseconds since 1960-01-01",
}
_WORD = re.compile(r"[^\W\d_]{3,}\.?")

#: the message for a text that fits a format but is no day, such as 30FEB2021
IMPOSSIBLE = "not a day of the calendar; the date is empty"
#: the message for UN:30, whose hour is not known
GAP = "a part has no meaning without a part that is not known, as a minute without its hour: it is excluded"
#: problem of a reading that has a value -> finding, message
PARTLY_READ: dict[Problem, tuple[str, str]] = {
    "time": ("R2A-DATE-003", "not a time of the day; the value is the date without it"),
    "undated": ("R2A-DATE-004", "a time whose date has no day: the time is excluded"),
    "gap": ("R2A-DATE-008", GAP),
    "ambiguous": (
        "R2A-DATE-007",
        "two declared formats read this text differently; the value has only the parts that both agree on",
    ),
}


def unreadable(text: str, package: str = "", form: str = "") -> str:
    """The message for a text that no declared date format reads, with its probable meaning.

    ``package``: SAS, SPSS or Stata for a number of such a file, ``form`` its display format.
    """
    text = text.strip()
    seems = ""
    if package and NUMBER.fullmatch(text):
        shown = (
            f"with the {package} format {form}, which is no known format of dates"
            if form
            else f"of {package} without a format"
        )
        seems = f"a number {shown}; if it is a date, declare its unit and origin: {_COUNTS[package]}"
    elif _SERIAL.fullmatch(text):
        seems = "perhaps the serial number of a spreadsheet; declare excel-1900 or excel-1904"
    else:
        seems, short = next(((m, s) for pattern, m, s in _SEEMS if pattern.fullmatch(plain(text))), ("", False))
        foreign = [language for word in _WORD.findall(text) if (language := language_of(word))]
        if foreign and not short and foreign[0] != "en":
            seems = f"a month in {NAMES_OF_LANGUAGES[foreign[0]]}; declare languages: [{foreign[0]}]"
    return "no declared date format reads this text" + (f" ({seems})" if seems else "") + "; the date is empty"
