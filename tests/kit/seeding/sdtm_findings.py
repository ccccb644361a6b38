"""Errors in findings, visits and trial summary of SDTM. Not for relations and trial design (sdtm_relations.py)."""

from __future__ import annotations

from .seed import Area, change, record, values
from .tables import Tables

S = Area.SDTM
NAN = float("nan")


def _done(frame):
    return (frame["VSSTAT"] == "") & frame["VSSTRESN"].notna()


# ---- tests and results
values(
    S,
    "VSTEST of one record is another test",
    "VS",
    {"VSTEST": "Pulse Rate"},
    where=lambda f: f["VSTESTCD"] == "SYSBP",
    at="VSTEST VSTESTCD",
)
values(
    S,
    "VSTEST is no test of its codelist",
    "VS",
    {"VSTEST": "Systolic pressure"},
    where=lambda f: f["VSTESTCD"] == "SYSBP",
    at="VSTEST VSTESTCD",
)
values(S, "VSTESTCD has nine letters", "VS", {"VSTESTCD": "SYSBLOODP"}, where=lambda f: f["VSTESTCD"] == "SYSBP")
values(S, "VSTESTCD begins with a digit", "VS", {"VSTESTCD": "1SYSBP"}, where=lambda f: f["VSTESTCD"] == "SYSBP")
values(
    S, "VSTEST has more than 40 letters", "VS", {"VSTEST": "Systolic Blood Pressure of the Left Upper Arm"},
    where=lambda f: f["VSTESTCD"] == "SYSBP", at="VSTEST VSTESTCD",
)  # fmt: skip
values(
    S, "VSSTRESN is not the number of VSSTRESC", "VS", lambda r: {"VSSTRESN": r["VSSTRESN"] + 10}, where=_done,
    at="VSSTRESN VSSTRESC",
)  # fmt: skip
values(S, "VSSTRESN is empty and VSSTRESC is a number", "VS", {"VSSTRESN": NAN}, where=_done, at="VSSTRESN VSSTRESC")
values(
    S,
    "VSSTRESC is empty and VSORRES is not",
    "VS",
    {"VSSTRESC": "", "VSSTRESN": NAN},
    where=_done,
    at="VSSTRESC VSORRES",
)
values(S, "VSSTRESU is empty", "VS", {"VSSTRESU": ""}, where=_done)
values(S, "VSORRESU is empty", "VS", {"VSORRESU": ""}, where=_done)
values(
    S,
    "VSORRESU is not a term of its codelist",
    "VS",
    {"VSORRESU": "mm of mercury"},
    where=lambda f: f["VSTESTCD"] == "DIABP",
)
values(
    S,
    "VSSTRESU differs from all other records of the test",
    "VS",
    {"VSSTRESU": "kPa"},
    where=lambda f: (f["VSTESTCD"] == "SYSBP") & (f["VSSTRESU"] != ""),
)
values(
    S,
    "a result is there and VSSTAT is NOT DONE",
    "VS",
    {"VSSTAT": "NOT DONE"},
    where=_done,
    at="VSSTAT VSORRES VSSTRESC",
)
values(
    S, "no result is there and no VSSTAT", "VS",
    {"VSORRES": "", "VSORRESU": "", "VSSTRESC": "", "VSSTRESN": NAN, "VSSTRESU": ""}, where=_done,
    at="VSORRES VSSTAT VSSTRESC",
)  # fmt: skip
values(S, "VSSTAT is DONE", "VS", {"VSSTAT": "DONE"}, where=_done, at="VSSTAT")
values(S, "VSBLFL is N", "VS", {"VSBLFL": "N"}, where=lambda f: f["VSBLFL"] == "")


def _second_baseline(tables: Tables) -> None:
    """Flag a second record of a subject, a test and a time point as baseline."""
    table = tables["VS"]
    by = [table.frame[n] for n in ("USUBJID", "VSTESTCD", "VSPOS", "VSTPT")]
    has_one = table.frame["VSBLFL"].eq("Y").groupby(by).transform("any")
    table.write(table.pick(lambda f: has_one & (f["VSBLFL"] == "") & f["VSSTRESN"].notna()), {"VSBLFL": "Y"})


change(S, "two records of a test are the baseline", "VS", _second_baseline, at="VSBLFL .")
values(S, "VSDY is one day off", "VS", lambda r: {"VSDY": r["VSDY"] + 1}, where=lambda f: f["VSDY"] > 2, at="VSDY")
values(S, "VSDY is 0", "VS", {"VSDY": 0.0}, where=lambda f: f["VSDY"] == 1)
values(S, "VSDTC has hour 25", "VS", {"VSDTC": "2014-01-02T25:00"})
values(S, "VSDTC is empty and VSDY is not", "VS", {"VSDTC": ""}, where=lambda f: f["VSDY"].notna(), at="VSDTC VSDY")
values(S, "VSELTM is not a duration", "VS", {"VSELTM": "5 MINUTES"}, where=lambda f: f["VSELTM"] == "PT5M")
values(
    S,
    "VSTPTREF is empty and VSELTM is not",
    "VS",
    {"VSTPTREF": ""},
    where=lambda f: f["VSELTM"] != "",
    at="VSTPTREF VSELTM",
)
values(
    S,
    "VSTPT has another number than elsewhere",
    "VS",
    {"VSTPTNUM": 999.0},
    where=lambda f: f["VSTPTNUM"] == 815,
    at="VSTPTNUM VSTPT",
)
values(S, "VSPOS is not a term of its codelist", "VS", {"VSPOS": "LYING"}, where=lambda f: f["VSPOS"] == "SUPINE")
values(S, "USUBJID is empty", "VS", {"USUBJID": ""})
record(S, "a VS record is there twice under two numbers", "VS", {"VSSEQ": 9001.0}, where=_done, at="USUBJID VSSEQ .")
values(
    S,
    "LBSTRESC is a number and LBSTRESN another",
    "LB",
    lambda r: {"LBSTRESN": r["LBSTRESN"] * 10},
    where=lambda f: f["LBSTRESN"] > 10,
    at="LBSTRESN LBSTRESC",
)
values(
    S, "LBSTNRLO is above LBSTNRHI", "LB", lambda r: {"LBSTNRLO": r["LBSTNRHI"] + 5},
    where=lambda f: (f["LBSTNRLO"] > 0) & (f["LBSTRESN"] > f["LBSTNRHI"] + 5), at="LBSTNRLO LBSTNRHI",
)  # fmt: skip
values(
    S, "LBNRIND is HIGH and the result is in the range", "LB", {"LBNRIND": "HIGH"},
    where=lambda f: (f["LBNRIND"] == "NORMAL") & (f["LBSTRESN"] < f["LBSTNRHI"]) & (f["LBSTRESN"] > f["LBSTNRLO"]),
)  # fmt: skip
values(
    S, "LBNRIND is not a term of its codelist", "LB", {"LBNRIND": "ELEVATED"}, where=lambda f: f["LBNRIND"] == "NORMAL"
)
values(
    S,
    "LBSTRESN is there and LBSTRESC is empty",
    "LB",
    {"LBSTRESC": ""},
    where=lambda f: f["LBSTRESN"].notna(),
    at="LBSTRESC LBSTRESN",
)
values(S, "LBORRES is longer than 200 bytes", "LB", {"LBORRES": "x" * 201}, where=lambda f: f["LBSTRESN"].notna())
values(
    S,
    "LBTESTCD does not fit to LBTEST",
    "LB",
    {"LBTESTCD": "GLUC"},
    where=lambda f: f["LBTESTCD"] == "ALB",
    at="LBTESTCD LBTEST",
)

# ---- visits
values(
    S,
    "VISIT has another VISITNUM than elsewhere",
    "VS",
    {"VISIT": "WEEK 99"},
    where=lambda f: f["VISIT"] == "WEEK 4",
    at="VISIT VISITNUM",
)
values(
    S,
    "VISITNUM is empty and VISIT is not",
    "LB",
    {"VISITNUM": NAN},
    where=lambda f: f["VISIT"] == "WEEK 4",
    at="VISITNUM VISIT",
)
values(
    S,
    "VISITDY differs from all other records of the visit",
    "VS",
    {"VISITDY": 77.0},
    where=lambda f: f["VISIT"] == "WEEK 4",
)
values(
    S,
    "SVENDTC is before SVSTDTC",
    "SV",
    {"SVENDTC": "2009-01-01"},
    where=lambda f: f["SVSTDTC"] != "",
    at="SVENDTC SVSTDTC",
)
record(S, "a visit is there twice in SV", "SV", at="USUBJID VISITNUM .")
values(
    S,
    "a visit of VS is not in SV",
    "VS",
    {"VISITNUM": 55.0, "VISIT": "UNSCHEDULED 55", "VISITDY": NAN},
    where=lambda f: f["VISIT"] == "WEEK 4",
    at="VISITNUM VISIT",
)

# ---- trial summary
values(
    Area.TRIAL,
    "TSPARM does not fit to TSPARMCD",
    "TS",
    {"TSPARM": "Trial Objective"},
    where=lambda f: f["TSPARMCD"] == "OBJPRIM",
    at="TSPARM TSPARMCD",
)
values(
    Area.TRIAL,
    "TSVAL is empty without TSVALNF",
    "TS",
    {"TSVAL": ""},
    where=lambda f: f["TSPARMCD"] == "ADDON",
    at="TSVAL TSVALNF",
)
record(Area.TRIAL, "TSSEQ is there twice for a parameter", "TS", at="TSSEQ TSPARMCD .")
values(
    Area.TRIAL,
    "TSPARMCD is no parameter of its codelist",
    "TS",
    {"TSPARMCD": "OBJPRIMX"},
    where=lambda f: f["TSPARMCD"] == "OBJPRIM",
    at="TSPARMCD TSPARM",
)
