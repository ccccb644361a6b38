"""Errors in times to event and in the traceability of ADaM. Not for values of BDS and occurrences (adam.py)."""

from __future__ import annotations

from .seed import Area, values

A = Area.ADAM
NAN = float("nan")

values(A, "CNSR is empty and AVAL is there", "ADTTE", {"CNSR": NAN}, where=lambda f: f["AVAL"].notna(), at="CNSR")
values(A, "CNSR is negative", "ADTTE", {"CNSR": -1.0}, where=lambda f: f["CNSR"] == 1, at="CNSR")
values(A, "CNSR is not whole", "ADTTE", {"CNSR": 0.5}, where=lambda f: f["CNSR"] == 1, at="CNSR")
values(
    A,
    "ADT is before STARTDT",
    "ADTTE",
    lambda r: {"ADT": r["STARTDT"] - 10},
    where=lambda f: f["ADT"].notna(),
    at="ADT STARTDT AVAL",
)
values(
    A,
    "AVAL is not the time from STARTDT to ADT",
    "ADTTE",
    lambda r: {"AVAL": r["AVAL"] + 40},
    where=lambda f: f["AVAL"].notna(),
    at="AVAL",
)
values(A, "AVAL of a time is negative", "ADTTE", {"AVAL": -3.0}, where=lambda f: f["AVAL"].notna(), at="AVAL")
values(A, "an event has no EVNTDESC", "ADTTE", {"EVNTDESC": ""}, where=lambda f: f["CNSR"] == 0, at="EVNTDESC")
values(
    A,
    "an event has CNSDTDSC",
    "ADTTE",
    {"CNSDTDSC": "Last contact"},
    where=lambda f: f["CNSR"] == 0,
    at="CNSDTDSC CNSR",
)
values(A, "a censored record has no CNSDTDSC", "ADTTE", {"CNSDTDSC": ""}, where=lambda f: f["CNSR"] > 0, at="CNSDTDSC")
values(A, "STARTDT is empty", "ADTTE", {"STARTDT": NAN}, where=lambda f: f["AVAL"].notna(), at="STARTDT")
values(
    A,
    "SRCSEQ is no record of SRCDOM",
    "ADTTE",
    {"SRCDOM": "AE", "SRCVAR": "AESTDTC", "SRCSEQ": 9999.0},
    at="SRCSEQ SRCDOM",
)
values(
    A, "SRCDOM is no dataset", "ADTTE", {"SRCDOM": "QQ"}, where=lambda f: f["SRCDOM"] != "", at="SRCDOM SRCVAR SRCSEQ"
)
values(
    A, "SRCVAR is no variable of SRCDOM", "ADTTE", {"SRCVAR": "NOSUCH"}, where=lambda f: f["SRCVAR"] != "", at="SRCVAR"
)
values(
    A, "SRCVAR is there without SRCDOM", "ADTTE", {"SRCDOM": ""}, where=lambda f: f["SRCVAR"] != "", at="SRCDOM SRCVAR"
)
values(A, "VSSEQ of ADVS is not in VS", "ADVS", {"VSSEQ": 99999.0}, where=lambda f: f["VSSEQ"].notna(), at="VSSEQ")
values(
    A,
    "VSSTRESN of ADVS differs from VS",
    "ADVS",
    lambda r: {"VSSTRESN": r["VSSTRESN"] + 1},
    where=lambda f: f["VSSTRESN"].notna() & f["VSSEQ"].notna(),
    at="VSSTRESN AVAL",
)
values(
    A,
    "a record of a subject has two parameters of a time",
    "ADTTE",
    {"PARAM": "Another time"},
    where=lambda f: f["PARAMCD"] == "OS",
    at="PARAM PARAMCD",
)
