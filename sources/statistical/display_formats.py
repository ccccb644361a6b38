"""Display formats of SAS, SPSS and Stata variables: those that show a number as a date, a datetime or a time.

Not for reading files (read.py) nor for the text of one value (sources/cell_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from itertools import product

from ..cell_text import clock_text, days_text, seconds_text, typed_number_text

NumberText = Callable[[float], str]

_SEPARATED = ("", "B", "C", "D", "N", "P", "S")  # YYMMDD, YYMMDDB (blank), YYMMDDD (dash), ...
#: languages of the international formats: EURDFDD follows the session's language, DEUDFDD is German
_LANGUAGES = (
    "AFR", "CAT", "CRO", "CSY", "DAN", "DES", "DEU", "ENG", "ESP", "EUR", "FIN", "FRA", "FRS", "HUN", "ITA", "MAC",
    "NLD", "NOR", "POL", "PTG", "RUS", "SLO", "SVE",
)  # fmt: skip


def _each(*parts: tuple[str, ...]) -> frozenset[str]:
    """All names that consist of one of each part."""
    return frozenset("".join(names) for names in product(*parts))


#: names of SAS formats, without width, of a count of days since 1960-01-01. Formats that show a part of the date only
#: (MONYY, YEAR) are among them: the number is a whole date also then
SAS_DATES = (
    frozenset(
        [
            *("DATE", "DAY", "DOWNAME", "HDATE", "HEBDATE", "JULDAY", "JULIAN", "MINGUO", "MONNAME", "MONTH", "MONYY"),
            *("NENGO", "PDJULG", "PDJULI", "QTR", "QTRR", "WEEKDATE", "WEEKDATX", "WEEKDAY", "WEEKU", "WEEKV", "WEEKW"),
            *("WORDDATE", "WORDDATX", "YEAR", "YYMON", "YYQZ", "YYWEEKU", "YYWEEKV", "YYWEEKW"),
            *("JDATEMD", "JDATEMDW", "JDATEMNW", "JDATEMON", "JDATEQRW", "JDATEQTR", "JDATESEM", "JDATESMW", "JDATEWK"),
            *("JDATEYDW", "JDATEYM", "JDATEYMD", "JDATEYMW", "JNENGO", "JNENGOW"),
            *("NLDATE", "NLDATEL", "NLDATEM", "NLDATES", "NLDATEMN", "NLDATEW", "NLDATEWN", "NLDATEYR", "NLDATEYW"),
        ]
    )
    | _each(
        ("DDMMYY", "MMDDYY", "YYMMDD", "MMYY", "YYMM", "YYQ", "YYQR", "DDMMYYYY", "MMDDYYYY", "YYYYMMDD"), _SEPARATED
    )
    | _each(("B8601DA", "E8601DA", "IS8601DA", "ND8601DA"), ("", "N"))
    | _each(("NLDATEMD", "NLDATEYM", "NLDATEYQ"), ("", "L", "M", "S"))
    | _each(_LANGUAGES, ("DFDD", "DFDE", "DFDN", "DFDWN", "DFMN", "DFMY", "DFWDX", "DFWKX"))
)
#: of a count of seconds since 1960-01-01, for a format without the time of day
_DATES_OF_DATETIMES = frozenset(
    [
        *("DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC", "B8601DN", "E8601DN", "IS8601DN"),
        *("NLDATMDT", "NLDATMMN", "NLDATMWN", "NLDATMYR", "NLDATMYW"),
    ]
) | _each(("NLDATMMD", "NLDATMYM", "NLDATMYQ"), ("", "L", "M", "S"))  # fmt: skip
#: of a count of seconds since 1960-01-01
SAS_DATETIMES = (
    frozenset(["DATETIME", "DATEAMPM", "MDYAMPM", "NLDATMTM"])
    | _DATES_OF_DATETIMES
    | _each(("B8601", "E8601", "IS8601", "ND8601"), ("DT", "DX", "DZ", "LX"))
    | _each(("NLDATM",), ("", "AP", "L", "M", "S", "TZ", "W", "WZ", "Z"))
    | _each(_LANGUAGES, ("DFDT",))
)
#: of a count of seconds
SAS_TIMES = frozenset(
    ["TIME", "TIMEAMPM", "TOD", "HHMM", "HOUR", "MMSS", "NLTIME", "NLTIMAP", "NLTIMMAP"]
) | _each(("B8601", "E8601", "IS8601", "ND8601"), ("TM", "TX", "TZ", "LZ"))  # fmt: skip
#: these show the time of day of a time, and of a datetime too
_TIMES_OF_DATETIMES = frozenset(["TOD", "TIMEAMPM", "NLDATMTM"])
SPSS_DATES = frozenset(["DATE", "ADATE", "SDATE", "EDATE", "JDATE", "MOYR", "QYR", "WKYR"])
SPSS_DATETIMES = frozenset(["DATETIME", "YMDHMS"])
SPSS_TIMES = frozenset(["TIME", "DTIME", "MTIME"])

_DAY_1960, _SECOND_1960 = date(1960, 1, 1), datetime(1960, 1, 1)  # SAS and Stata count from here
_SECOND_1582 = datetime(1582, 10, 14)  # SPSS counts seconds from here, for dates too
_DAY = 86_400
#: days after which a leap second was inserted; %tC counts them. Source: IERS Bulletin C
_LEAP_SECONDS = tuple(
    (date(year, month, 30 if month == 6 else 31) - _DAY_1960).days + 1
    for year, month in (
        (1972, 6), (1972, 12), (1973, 12), (1974, 12), (1975, 12), (1976, 12), (1977, 12), (1978, 12), (1979, 12),
        (1981, 6), (1982, 6), (1983, 6), (1985, 6), (1987, 12), (1989, 12), (1990, 12), (1992, 6), (1993, 6), (1994, 6),
        (1995, 12), (1997, 6), (1998, 12), (2005, 12), (2008, 12), (2012, 6), (2015, 6), (2016, 12),
    )
)  # fmt: skip


def sas_moment(form: str) -> str:
    """date, datetime or time: what a SAS format shows a number as; '' for a plain number, or where it may be two."""
    match = re.fullmatch(r"([A-Z0-9_]*?[A-Z_])\d*(\.\d*)?", form.upper())
    base = match.group(1) if match else ""
    if base in SAS_DATES:
        return "date"
    if base in SAS_DATETIMES - _TIMES_OF_DATETIMES:
        return "datetime"
    return "time" if base in SAS_TIMES - _TIMES_OF_DATETIMES else ""


def number_reader(form: str, kind: str) -> tuple[NumberText, str]:
    """How to write a number shown with format ``form`` in a file of ``kind`` (xpt, sas7bdat, sav, dta), and a note
    if the format has no ISO 8601 form, else ''."""
    if kind == "dta":
        return _stata_reader(form)
    match = re.fullmatch(r"([A-Z0-9_$]*?[A-Z_])\d*(\.\d*)?", form.upper())
    base = match.group(1) if match else ""
    if kind == "sav":
        if base in SPSS_DATES:
            return lambda v: days_text(v / _DAY, _SECOND_1582.date()), ""
        if base in SPSS_DATETIMES:
            return lambda v: seconds_text(v, _SECOND_1582), ""
        return (clock_text, "") if base in SPSS_TIMES else (typed_number_text, "")
    if base in SAS_DATES:
        return lambda v: days_text(v, _DAY_1960), ""
    if base in _TIMES_OF_DATETIMES:
        return _time_or_datetime, ""
    if base in _DATES_OF_DATETIMES:
        return _date_of_datetime, ""
    if base in SAS_DATETIMES:
        return lambda v: seconds_text(v, _SECOND_1960), ""
    return (clock_text, "") if base in SAS_TIMES else (typed_number_text, "")


def _date_of_datetime(seconds: float) -> str:
    """A datetime whose format shows the day only: the text has the time if it is not midnight."""
    return days_text(seconds / _DAY, _DAY_1960) if seconds % _DAY == 0 else seconds_text(seconds, _SECOND_1960)


def _time_or_datetime(seconds: float) -> str:
    """A number of a format of times that shows datetimes too; from 24 hours on it is a datetime."""
    return clock_text(seconds) if 0 <= seconds < _DAY else seconds_text(seconds, _SECOND_1960)


def _stata_reader(form: str) -> tuple[NumberText, str]:
    form = form.replace("%-", "%", 1)
    if form.startswith(("%td", "%d")):
        return lambda v: days_text(v, _DAY_1960), ""
    if form.startswith(("%tc", "%tC")):
        if len(form) > 3 and re.fullmatch(r"[HhMSsAaPp:.,_!]*", form[3:]):  # shows no part of a date
            return lambda v: clock_text(v / 1000), ""
        if form.startswith("%tC"):
            return _leap_second_text, ""
        return lambda v: seconds_text(v / 1000, _SECOND_1960), ""
    if form.startswith(("%tm", "%ty")):
        return _month_text if form[2] == "m" else typed_number_text, ""
    if form.startswith(("%tw", "%tq", "%th")):
        unit, count = {"w": ("w", 52), "q": ("q", 4), "h": ("h", 2)}[form[2]]
        note = f"format {form} has no ISO 8601 form; its numbers are written as Stata shows them, such as 1960{unit}1"
        return lambda v: _part_of_year(v, unit, count), note
    return typed_number_text, ""


def _leap_second_text(milliseconds: float) -> str:
    """A %tC value, which counts leap seconds. 23:59:60 is the last second of a day that has one."""
    seconds = milliseconds / 1000
    passed = sum(seconds >= day * _DAY + before + 1 for before, day in enumerate(_LEAP_SECONDS))
    for before, day in enumerate(_LEAP_SECONDS):
        at = seconds - day * _DAY - before
        if 0 <= at < 1:
            text = seconds_text(day * _DAY - 1 + at, _SECOND_1960)
            return f"{text[:17]}60{text[19:]}"
    return seconds_text(seconds - passed, _SECOND_1960)


def _month_text(months: float) -> str:
    year, month = divmod(int(months), 12)
    return f"{1960 + year:04}-{month + 1:02}" if months == int(months) else typed_number_text(months)


def _part_of_year(number: float, unit: str, count: int) -> str:
    """A count of weeks, quarters or half-years since the first of 1960 as Stata shows it: 2021q2."""
    if number != int(number):
        return typed_number_text(number)
    year, part = divmod(int(number), count)
    return f"{1960 + year:04}{unit}{part + 1}"
