"""Display formats of SAS, SPSS and Stata variables: which of them say that a number is a date, a datetime or a time.

Not for reading files (statistical.py) nor for the text of one value (cell_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from .cell_text import clock_text, days_text, number_text, seconds_text

NumberText = Callable[[float], str]

_SEPARATED = ("", "B", "C", "D", "N", "P", "S")  # YYMMDD, YYMMDDB (blank), YYMMDDD (dash), ...

#: names of SAS formats, without width, of a count of days since 1960-01-01. Formats that show a part of the date only
#: (MONYY, YEAR) are among them: the number is a whole date all the same
SAS_DATES = frozenset(
    [
        *(f"{base}{s}" for base in ("DDMMYY", "MMDDYY", "YYMMDD", "MMYY", "YYMM", "YYQ", "YYQR") for s in _SEPARATED),
        *("DATE", "DAY", "DOWNAME", "JULDAY", "JULIAN", "MONNAME", "MONTH", "MONYY", "QTR", "QTRR", "WEEKDATE"),
        *("WEEKDATX", "WEEKDAY", "WEEKU", "WEEKV", "WEEKW", "WORDDATE", "WORDDATX", "YEAR", "YYMON"),
        *("E8601DA", "B8601DA", "IS8601DA", "NLDATE", "NLDATEL", "NLDATEM", "NLDATES", "NLDATEW"),
    ]
)
#: of a count of seconds since 1960-01-01
SAS_DATETIMES = frozenset(
    [
        *("DATETIME", "DATEAMPM", "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC", "MDYAMPM"),
        *(f"{base}{s}" for base in ("E8601D", "B8601D", "IS8601D") for s in "TNZ"),
        *(f"NLDATM{s}" for s in ("", "AP", "L", "M", "S", "W")),
    ]
)
#: of a count of seconds
SAS_TIMES = frozenset(
    ["TIME", "TIMEAMPM", "TOD", "HHMM", "HOUR", "MMSS", "E8601TM", "B8601TM", "IS8601TM", "NLTIME", "NLTIMAP"]
)
SPSS_DATES = frozenset(["DATE", "ADATE", "SDATE", "EDATE", "JDATE", "MOYR", "QYR", "WKYR"])
SPSS_DATETIMES = frozenset(["DATETIME", "YMDHMS"])
SPSS_TIMES = frozenset(["TIME", "DTIME", "MTIME"])

_DAY_1960, _SECOND_1960 = date(1960, 1, 1), datetime(1960, 1, 1)  # SAS and Stata count from here
_SECOND_1582 = datetime(1582, 10, 14)  # SPSS counts seconds from here, for dates too


def number_reader(form: str, kind: str) -> tuple[NumberText, str]:
    """How to write a number shown with format ``form`` in a file of ``kind`` (xpt, sas7bdat, sav, dta), and a note
    where the format has no ISO 8601 form; '' otherwise."""
    if kind == "dta":
        return _stata_reader(form)
    match = re.fullmatch(r"([A-Z0-9_$]*?[A-Z_])\d*(\.\d*)?", form.upper())
    base = match.group(1) if match else ""
    if kind == "sav":
        if base in SPSS_DATES:
            return lambda v: days_text(v / 86400, _SECOND_1582.date()), ""
        if base in SPSS_DATETIMES:
            return lambda v: seconds_text(v, _SECOND_1582), ""
        return (clock_text, "") if base in SPSS_TIMES else (number_text, "")
    if base in SAS_DATES:
        return lambda v: days_text(v, _DAY_1960), ""
    if base in SAS_DATETIMES:
        return lambda v: seconds_text(v, _SECOND_1960), ""
    return (clock_text, "") if base in SAS_TIMES else (number_text, "")


def _stata_reader(form: str) -> tuple[NumberText, str]:
    form = form.replace("%-", "%", 1)
    if form.startswith(("%td", "%d")):
        return lambda v: days_text(v, _DAY_1960), ""
    if form.startswith("%tc"):
        if form != "%tc" and re.fullmatch(r"[HhMSsAaPp:.,_!]*", form[3:]):  # shows no part of a date
            return lambda v: clock_text(v / 1000), ""
        return lambda v: seconds_text(v / 1000, _SECOND_1960), ""
    if form.startswith("%tm"):
        return _month_text, ""
    if form.startswith(("%tC", "%tw", "%tq", "%th")):
        return number_text, f"format {form} has no ISO 8601 form here; its numbers are kept as they are"
    return number_text, ""


def _month_text(months: float) -> str:
    year, month = divmod(int(months), 12)
    return f"{1960 + year:04}-{month + 1:02}" if months == int(months) else number_text(months)
