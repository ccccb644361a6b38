"""The Define-XML data type of a column of ISO 8601 texts, by what its values are.

Source: Define-XML 2.1, section 4.2.1 (data types): a date or time that lacks components on the right is partial, one
that has '-' for a component is incomplete. Not for judging whether a text is ISO 8601 (conformance/iso_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_DAY = r"\d{4}-\d{2}-\d{2}"
_FRACTION = r"(?:[.,]\d+)?"
_ZONE = r"(?:Z|[+-]\d{2}(?::?\d{2})?)?"
#: a component of two digits, or '-' for one that is not known
_PART = r"(?:\d{2}|-)"
#: form of a value -> its pattern; the first that fits counts
_FORMS = {
    form: re.compile(pattern, re.ASCII)
    for form, pattern in {
        "date": _DAY,
        "partialDate": r"\d{4}(?:-\d{2})?",
        "datetime": rf"{_DAY}T\d{{2}}:\d{{2}}:\d{{2}}{_FRACTION}{_ZONE}",
        "partialDatetime": rf"{_DAY}T\d{{2}}(?::\d{{2}})?{_ZONE}",
        "time": rf"T?\d{{2}}:\d{{2}}:\d{{2}}{_FRACTION}{_ZONE}",
        "partialTime": rf"T?\d{{2}}(?::\d{{2}})?{_ZONE}",
        "durationDatetime": r"[+-]?P[0-9YMWDTHS.,]+",
        "incompleteTime": rf"(?=.*\d)T?{_PART}(?::{_PART}){{1,2}}",
        "incompleteDatetime": rf"(?=.*\d)(?:\d{{4}}|-)(?:-{_PART}(?:-{_PART})?)?"
        rf"(?:T{_PART}(?::{_PART}){{0,2}}{_ZONE})?",
    }.items()
}
#: the forms of the values -> their data type; the first type that holds every form counts
_TYPES = (
    ("date", {"date"}),
    ("partialDate", {"date", "partialDate"}),
    ("datetime", {"datetime"}),
    ("partialDatetime", {"date", "partialDate", "datetime", "partialDatetime"}),
    ("incompleteDatetime", {"date", "partialDate", "datetime", "partialDatetime", "incompleteDatetime"}),
    ("time", {"time"}),
    ("partialTime", {"time", "partialTime"}),
    ("incompleteTime", {"time", "partialTime", "incompleteTime"}),
    ("durationDatetime", {"durationDatetime"}),
    ("intervalDatetime", {"intervalDatetime"}),
)
#: the data types of ISO 8601 texts
ISO_TYPES = frozenset(name for name, _ in _TYPES) | {"incompleteDate"}
#: those of times of day
TIMES = frozenset({"time", "partialTime", "incompleteTime"})


def iso_forms(texts: Iterable[str], *, times: bool = False) -> frozenset[str]:
    """The forms of the filled texts of a column, ``text`` for one that is no ISO 8601.

    ``times``: the column has times of day, so 10 is an hour.
    """
    return frozenset(_form(text, times) for text in texts if text)


def _form(text: str, times: bool) -> str:
    if "/" in text:
        halves = text.split("/")
        held = len(halves) == 2 and all(h and _form(h, times) != "text" for h in halves)
        return "intervalDatetime" if held else "text"
    for form, pattern in _FORMS.items():
        if form in TIMES and not times:
            continue
        if pattern.fullmatch(text):
            return form
    return "text"


def iso_type(forms: Collection[str]) -> str:
    """The narrowest data type that holds all forms, ``text`` if none does, '' without a form.

    Full dates are date; dates of which some lack the day are partialDate; dates and datetimes mixed are
    partialDatetime.
    """
    if not forms:
        return ""
    return next((name for name, held in _TYPES if held.issuperset(forms)), "text")


def iso_holds(kind: str, forms: Collection[str]) -> bool:
    """Whether a data type of ISO 8601 texts holds values of these forms: partialDate holds a full date as well."""
    widest = "incompleteDatetime" if kind == "incompleteDate" else kind
    return any(name == widest and held.issuperset(forms) for name, held in _TYPES)
