"""Which texts are ISO 8601 as SDTM uses it: complete, cut off on the right, or with '-' for a component not known.

Not for reading raw dates (sdtm/dates.py); here a finished value is only judged. Source: SDTMIG 3.4 section 4.4.
"""

from __future__ import annotations

import calendar
import re
from functools import lru_cache

_TIME = r"(?P<hour>\d\d|-)(?::(?P<minute>\d\d|-)(?::(?P<second>\d\d(?:\.\d+)?|-))?)?"
_ZONE = r"(?:Z|[+-]\d\d(?::\d\d)?)?"
_POINT = re.compile(
    rf"(?P<year>\d{{4}}|-)(?:-(?P<month>\d\d|-)(?:-(?P<day>\d\d|-)(?:T{_TIME}{_ZONE})?)?)?", re.ASCII
)  # fmt: skip
_CLOCK = re.compile(rf"T?{_TIME}{_ZONE}", re.ASCII)
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"[+-]?P(?:{_NUMBER}W|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)

#: Define-XML DataTypes whose texts are ISO 8601 -> what a message calls them
TEMPORAL = {
    "date": "date",
    "datetime": "date or date and time",
    "partialDate": "date",
    "partialDatetime": "date or date and time",
    "incompleteDate": "date",
    "incompleteDatetime": "date or date and time",
    "intervalDatetime": "interval of two dates",
    "time": "time of day",
    "partialTime": "time of day",
    "durationDatetime": "duration",
}


@lru_cache(maxsize=65536)
def is_iso(text: str, kind: str) -> bool:
    """Whether ``text`` is ISO 8601 of the Define-XML DataType ``kind`` (a key of TEMPORAL).

    Dates and datetimes may be partial, and a --DTC may hold an interval; a calendar day that does not exist (30
    February) is refused.
    """
    if kind == "durationDatetime":
        return _DURATION.fullmatch(text) is not None
    if kind in ("time", "partialTime"):
        match = _CLOCK.fullmatch(text)
        return match is not None and not text.endswith("-") and _clock_holds(match)
    if "/" in text:
        start, end = text.split("/", 1)
        return (_is_point(start) and (_is_point(end) or bool(_DURATION.fullmatch(end)))) or (
            bool(_DURATION.fullmatch(start)) and _is_point(end)
        )
    return kind != "intervalDatetime" and _is_point(text)


def _is_point(text: str) -> bool:
    match = _POINT.fullmatch(text)
    if match is None or text.endswith("-"):  # a component that is not known on the right is left out
        return False
    year, month, day = (match[name] for name in ("year", "month", "day"))
    if month and month != "-" and not 1 <= int(month) <= 12:
        return False
    if day and day != "-":
        known = int(month) if month != "-" else 1
        leap = int(year) if year != "-" else 2000
        longest = calendar.monthrange(leap, known)[1] if leap >= 1 else 31
        if not 1 <= int(day) <= longest:
            return False
    return _clock_holds(match)


def _clock_holds(match: re.Match[str]) -> bool:
    parts = (match["hour"], match["minute"], match["second"])
    limits = (24, 60, 61)  # 23, 59, 60: a leap second
    return all(not p or p == "-" or float(p) < limit for p, limit in zip(parts, limits, strict=True))
