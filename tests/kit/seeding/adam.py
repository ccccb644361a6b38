"""Errors in ADSL, BDS and occurrence datasets of ADaM. Not for times to event and traceability (adam_links.py)."""

from __future__ import annotations

from .seed import Area, change, record, values
from .tables import Tables

A = Area.ADAM
NAN = float("nan")


def _changed(frame):
    return frame["CHG"].notna() & (frame["CHG"] != 0) & (frame["ABLFL"] != "Y") & (frame["BASE"] != 0)


# ---- one record for each subject
record(A, "a subject has two ADSL records", "ADSL", at="USUBJID .")
values(A, "a subject of ADSL is not in DM", "ADSL", {"USUBJID": "99-999-9999"}, at="USUBJID")
values(A, "SAFFL is X", "ADSL", {"SAFFL": "X"}, at="SAFFL")
values(A, "SAFFL is empty", "ADSL", {"SAFFL": ""}, at="SAFFL")
values(A, "AGE of ADSL differs from DM", "ADSL", lambda r: {"AGE": r["AGE"] + 1}, at="AGE")
values(A, "SEX of ADSL differs from DM", "ADSL", lambda r: {"SEX": "M" if r["SEX"] == "F" else "F"}, at="SEX")
values(A, "RACE of ADSL differs from DM", "ADSL", {"RACE": "ASIAN"}, where=lambda f: f["RACE"] == "WHITE", at="RACE")
values(A, "ARM of ADSL differs from DM", "ADSL", {"ARM": "Another arm"}, at="ARM")
values(
    A,
    "DTHFL of ADSL differs from DM",
    "ADSL",
    {"DTHFL": "Y"},
    where=lambda f: f["DTHFL"] == "",
    at="DTHFL DTHDT DTHDTC",
)
values(
    A,
    "DTHDT differs from DTHDTC",
    "ADSL",
    lambda r: {"DTHDT": r["DTHDT"] + 3},
    where=lambda f: f["DTHDT"].notna(),
    at="DTHDT DTHDTC",
)
values(
    A, "TRTSDT is after TRTEDT", "ADSL", lambda r: {"TRTEDT": r["TRTSDT"] - 5}, where=lambda f: f["TRTEDT"].notna(),
    at="TRTSDT TRTEDT",
)  # fmt: skip
values(
    A,
    "TRTSDTM is another day than TRTSDT",
    "ADSL",
    lambda r: {"TRTSDTM": r["TRTSDTM"] + 86400 * 2},
    where=lambda f: f["TRTSDTM"].notna(),
    at="TRTSDTM TRTSDT",
)
values(
    A,
    "TRTSDT differs from the first exposure",
    "ADSL",
    lambda r: {"TRTSDT": r["TRTSDT"] + 1},
    where=lambda f: f["TRTSDT"].notna(),
    at="TRTSDT TRTSDTM",
)
values(
    A,
    "TRTDURD is not what the dates give",
    "ADSL",
    lambda r: {"TRTDURD": r["TRTDURD"] + 9},
    where=lambda f: f["TRTDURD"].notna(),
    at="TRTDURD",
)
values(
    A,
    "EOSSTT is not a term of its codelist",
    "ADSL",
    {"EOSSTT": "STOPPED"},
    where=lambda f: f["EOSSTT"] != "",
    at="EOSSTT",
)
values(
    A,
    "TRT01P is empty in a subject with an arm",
    "ADSL",
    {"TRT01P": ""},
    where=lambda f: f["TRTSDT"].notna(),
    at="TRT01P",
)
values(
    A, "DTHDTF is not a term of its codelist", "ADSL", {"DTHDTF": "Q"}, where=lambda f: f["DTHDT"].notna(), at="DTHDTF"
)
values(
    A, "DTHDTF is there without DTHDT", "ADSL", {"DTHDTF": "D"}, where=lambda f: f["DTHDT"].isna(), at="DTHDTF DTHDT"
)

# ---- a subject and its variables in other datasets
values(A, "a subject of ADVS is not in ADSL", "ADVS", {"USUBJID": "99-999-9999"}, at="USUBJID")
values(
    A,
    "TRTSDT of ADAE differs from ADSL",
    "ADAE",
    lambda r: {"TRTSDT": r["TRTSDT"] + 1},
    where=lambda f: f["TRTSDT"].notna(),
    at="TRTSDT",
)
values(A, "AGE of ADVS differs from ADSL", "ADVS", lambda r: {"AGE": r["AGE"] + 1}, at="AGE")
values(A, "SEX of ADTTE differs from ADSL", "ADTTE", lambda r: {"SEX": "M" if r["SEX"] == "F" else "F"}, at="SEX")
values(
    A,
    "TRTP is no planned treatment of ADSL",
    "ADVS",
    {"TRTP": "Another treatment"},
    where=lambda f: f["TRTP"] != "",
    at="TRTP",
)
values(
    A,
    "TRTA is no actual treatment of ADSL",
    "ADVS",
    {"TRTA": "Another treatment"},
    where=lambda f: f["TRTA"] != "",
    at="TRTA",
)
values(A, "STUDYID of ADVS is another study", "ADVS", {"STUDYID": "OTHERSTUDY"}, at="STUDYID")

# ---- parameters and values
values(A, "PARAM of one record differs", "ADVS", {"PARAM": "Another parameter"}, at="PARAM PARAMCD")
values(A, "PARAMCD of one record differs", "ADVS", {"PARAMCD": "OTHER"}, at="PARAMCD PARAM")
values(A, "PARAMCD has nine letters", "ADRS", {"PARAMCD": "RESPONSE9"}, at="PARAMCD PARAM")
values(A, "PARAMCD has a blank", "ADTTE", {"PARAMCD": "O S"}, at="PARAMCD PARAM")
values(A, "PARAM is empty", "ADVS", {"PARAM": ""}, at="PARAM PARAMCD")
values(A, "PARAMN of one record differs", "ADVS", {"PARAMN": 99.0}, at="PARAMN PARAM PARAMCD")
values(
    A,
    "PARCAT1 of one record differs",
    "ADRS",
    {"PARCAT1": "Other category"},
    where=lambda f: f["PARCAT1"] != "",
    at="PARCAT1",
)
values(
    A,
    "AVALC has two numbers",
    "ADRS",
    lambda r: {"AVAL": r["AVAL"] + 50},
    where=lambda f: f["AVAL"].notna() & (f["AVALC"] != ""),
    at="AVAL AVALC",
)
values(
    A,
    "AVAL has two texts",
    "ADRS",
    {"AVALC": "OTHER"},
    where=lambda f: f["AVAL"].notna() & (f["AVALC"] != ""),
    at="AVALC AVAL",
)
values(
    A,
    "BASE is not AVAL of the baseline record",
    "ADVS",
    lambda r: {"BASE": r["BASE"] + 5, "CHG": NAN, "PCHG": NAN},
    where=lambda f: f["BASE"].notna() & (f["ABLFL"] != "Y"),
    at="BASE",
)
values(
    A,
    "BASE of the baseline record is not its AVAL",
    "ADVS",
    lambda r: {"AVAL": r["AVAL"] + 5},
    where=lambda f: f["ABLFL"] == "Y",
    at="AVAL BASE CHG",
)
values(
    A,
    "two records are the baseline",
    "ADVS",
    {"ABLFL": "Y"},
    where=lambda f: f["BASE"].notna() & (f["ABLFL"] == "") & (f["CHG"] == 0),
    at="ABLFL",
)
values(A, "ABLFL is N", "ADVS", {"ABLFL": "N"}, where=lambda f: f["ABLFL"] == "", at="ABLFL")
values(
    A,
    "BASE is there and no record is the baseline",
    "ADVS",
    {"ABLFL": ""},
    where=lambda f: f["ABLFL"] == "Y",
    at="ABLFL BASE",
)
values(A, "CHG has the wrong sign", "ADVS", lambda r: {"CHG": -r["CHG"]}, where=_changed, at="CHG")
values(A, "CHG is 0.5 too large", "ADVS", lambda r: {"CHG": r["CHG"] + 0.5}, where=_changed, at="CHG")
values(A, "PCHG is a fraction", "ADVS", lambda r: {"PCHG": r["PCHG"] / 100}, where=_changed, at="PCHG")
values(
    A, "PCHG is there and BASE is 0", "ADVS", lambda r: {"BASE": 0.0, "CHG": r["AVAL"]}, where=_changed, at="PCHG BASE"
)
values(
    A,
    "BASETYPE is empty and BASE is there",
    "ADVS",
    {"BASETYPE": ""},
    where=lambda f: (f["BASETYPE"] != "") & f["BASE"].notna(),
    at="BASETYPE BASE",
)
values(
    A,
    "BNRIND is not ANRIND of the baseline record",
    "ADVS",
    lambda r: {"BNRIND": "LOW" if r["ANRIND"] != "LOW" else "HIGH"},
    where=lambda f: (f["ABLFL"] == "Y") & (f["ANRIND"] != ""),
    at="BNRIND ANRIND",
)
values(
    A,
    "ANRIND is NORMAL and AVAL is above the range",
    "ADVS",
    lambda r: {"AVAL": r["A1HI"] + 50, "ANRIND": "NORMAL", "CHG": NAN, "PCHG": NAN},
    where=lambda f: f["A1HI"].notna() & (f["ABLFL"] != "Y"),
    at="ANRIND AVAL",
)
values(
    A,
    "ANRLO of one record differs",
    "ADVS",
    lambda r: {"ANRLO": r["ANRHI"] + 1},
    where=lambda f: f["ANRLO"].notna(),
    at="ANRLO ANRHI ANRIND",
)
values(
    A,
    "AVISITN of one record differs",
    "ADVS",
    {"AVISITN": 98.0},
    where=lambda f: f["AVISIT"] == "Week 2",
    at="AVISITN AVISIT",
)
values(
    A,
    "AVISIT is empty and AVISITN is not",
    "ADVS",
    {"AVISIT": ""},
    where=lambda f: f["AVISITN"].notna(),
    at="AVISIT AVISITN",
)
values(A, "ATPTN of one record differs", "ADVS", {"ATPTN": 98.0}, where=lambda f: f["ATPT"] != "", at="ATPTN ATPT")
values(
    A,
    "AVALCAT1 of one record differs",
    "ADVS",
    {"AVALCAT1": "other"},
    where=lambda f: f["AVALCAT1"] != "",
    at="AVALCAT1 AVALCA1N",
)
values(
    A,
    "DTYPE is not a term of its codelist",
    "ADVS",
    {"DTYPE": "MEAN OF ALL"},
    where=lambda f: f["DTYPE"] == "",
    at="DTYPE",
)
values(A, "ANL01FL is N", "ADVS", {"ANL01FL": "N"}, where=lambda f: f["ANL01FL"] == "", at="ANL01FL")
values(A, "ADY is one day off", "ADVS", lambda r: {"ADY": r["ADY"] + 1}, where=lambda f: f["ADY"] > 2, at="ADY")
values(A, "ADY is 0", "ADVS", {"ADY": 0.0}, where=lambda f: f["ADY"] == 1, at="ADY")
values(A, "ADTF is not a term of its codelist", "ADRS", {"ADTF": "X"}, where=lambda f: f["ADT"].notna(), at="ADTF")
record(
    A,
    "ASEQ is there twice",
    "ADVS",
    lambda r: {"AVAL": r["AVAL"], "ABLFL": ""},
    where=lambda f: f["ABLFL"] != "Y",
    at="ASEQ .",
)

# ---- occurrences
values(
    A,
    "ASTDT is after AENDT",
    "ADAE",
    lambda r: {"AENDT": r["ASTDT"] - 4, "ADURN": NAN},
    where=lambda f: f["AENDT"].notna() & f["ASTDT"].notna(),
    at="ASTDT AENDT AENDY ASTDY",
)
values(
    A, "ASTDY is one day off", "ADAE", lambda r: {"ASTDY": r["ASTDY"] + 1}, where=lambda f: f["ASTDY"] > 2, at="ASTDY"
)
values(
    A,
    "ASTDT differs from a complete AESTDTC",
    "ADAE",
    lambda r: {"ASTDT": r["ASTDT"] + 30, "AENDT": NAN, "ASTDY": NAN, "ADURN": NAN},
    where=lambda f: (f["AESTDTC"].str.len() == 10) & f["ASTDT"].notna(),
    at="ASTDT AESTDTC ASTDTM ASTDY",
)
values(
    A,
    "ASTDTF is D and AESTDTC is complete",
    "ADAE",
    {"ASTDTF": "D"},
    where=lambda f: (f["AESTDTC"].str.len() == 10) & (f["ASTDTF"] == ""),
    at="ASTDTF ASTDT AESTDTC",
)
values(
    A, "ASTTMF is not a term of its codelist", "ADAE", {"ASTTMF": "Z"}, where=lambda f: f["ASTDTM"].notna(), at="ASTTMF"
)
values(
    A,
    "TRTEMFL is Y before treatment",
    "ADAE",
    {"TRTEMFL": "Y"},
    where=lambda f: (f["ASTDT"] < f["TRTSDT"] - 1) & (f["TRTEMFL"] == ""),
    at="TRTEMFL",
)
values(A, "TRTEMFL is N", "ADAE", {"TRTEMFL": "N"}, where=lambda f: f["TRTEMFL"] == "", at="TRTEMFL")
values(A, "ADURN has no unit", "ADAE", {"ADURU": ""}, where=lambda f: f["ADURN"].notna(), at="ADURU ADURN")
values(
    A,
    "ADURN is not what the dates give",
    "ADAE",
    lambda r: {"ADURN": r["ADURN"] + 20},
    where=lambda f: f["ADURN"].notna() & f["ASTDT"].notna(),
    at="ADURN",
)
values(A, "ASEVN of one record differs", "ADAE", {"ASEVN": 9.0}, where=lambda f: f["ASEV"] != "", at="ASEVN ASEV")
values(A, "AOCCIFL is X", "ADAE", {"AOCCIFL": "X"}, where=lambda f: f["AOCCIFL"] == "", at="AOCCIFL")
values(
    A,
    "AOCCIFL is there twice for a subject",
    "ADAE",
    {"AOCCIFL": "Y"},
    where=lambda f: (f["AOCCIFL"] == "") & (f["TRTEMFL"] == "Y"),
    at="AOCCIFL",
)
values(A, "AESEQ of ADAE is not in AE", "ADAE", {"AESEQ": 999.0}, at="AESEQ")
values(A, "AETERM of ADAE differs from AE", "ADAE", {"AETERM": "ANOTHER EVENT"}, at="AETERM")
values(A, "AESER of ADAE differs from AE", "ADAE", {"AESER": "Y"}, where=lambda f: f["AESER"] == "N", at="AESER")


def _one_event_less(tables: Tables) -> None:
    table = tables["ADAE"]
    table.remove([table.pick()])


change(A, "an event of AE is not in ADAE", "ADAE", _one_event_less, at="AESEQ . AE.AESEQ AE..", structure=True)
