"""Finds texts that are ISO 8601 as SDTM uses it: complete, cut off on the right, or with '-' for a component not known.

Not for reading raw dates (sdtm/derivations/dates.py); here a finished value is only judged. Source: SDTMIG 3.4 section
4.4.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..engine.columns.iso_dates import parse, parse_time

_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"[+-]?P(?:{_NUMBER}W|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)

#: Define-XML DataTypes whose texts are ISO 8601 -> their name in a message
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
        return parse_time(text) is not None
    if "/" in text:
        start, end = text.split("/", 1)
        return (parse(start) is not None and (parse(end) is not None or bool(_DURATION.fullmatch(end)))) or (
            bool(_DURATION.fullmatch(start)) and parse(end) is not None
        )
    return kind != "intervalDatetime" and parse(text) is not None
