"""Errors in DM, events, interventions and disposition of SDTM. Not for findings and visits (sdtm_findings.py)."""

from __future__ import annotations

from .seed import Area, record, values

S = Area.SDTM

# ---- demographics
record(S, "a DM record is there twice", "DM", at="USUBJID .")
record(S, "a subject has two DM records that differ", "DM", {"SITEID": "999"}, at="USUBJID SITEID .")
values(S, "SEX is not a term of its codelist", "DM", {"SEX": "X"})
values(S, "SEX is written as a word", "DM", {"SEX": "Female"})
values(S, "RACE is not a term of its codelist", "DM", {"RACE": "CAUCASIAN"})
values(S, "ETHNIC is in small letters", "DM", {"ETHNIC": "hispanic or latino"})
values(S, "COUNTRY has two letters", "DM", {"COUNTRY": "US"})
values(S, "AGE is negative", "DM", {"AGE": -5.0})
values(S, "AGE has no unit", "DM", {"AGEU": ""}, where=lambda f: f["AGE"].notna(), at="AGEU AGE")
values(S, "AGEU is not a term of its codelist", "DM", {"AGEU": "YRS"}, where=lambda f: f["AGE"].notna())
values(
    S,
    "ARMCD has more than 20 letters",
    "DM",
    {"ARMCD": "XANOMELINE_HIGH_DOSE_ARM"},
    where=lambda f: f["ARMCD"] != "",
    at="ARMCD ARM",
)
values(S, "ARM does not fit to ARMCD", "DM", {"ARM": "Placebo patch"}, where=lambda f: f["ARM"] != "", at="ARM ARMCD")
values(
    S,
    "ARMCD is empty and ARMNRS too",
    "DM",
    {"ARMCD": "", "ARM": ""},
    where=lambda f: (f["ARMCD"] != "") & (f["ARMNRS"] == ""),
    at="ARMCD ARM ARMNRS",
)
values(
    S,
    "RFSTDTC is after RFENDTC",
    "DM",
    lambda r: {"RFENDTC": "2001-01-01"},
    where=lambda f: (f["RFSTDTC"] != "") & (f["RFENDTC"] != ""),
    at="RFSTDTC RFENDTC",
)
values(S, "DTHDTC has no DTHFL", "DM", {"DTHDTC": "2014-09-01"}, where=lambda f: f["DTHFL"] == "", at="DTHFL DTHDTC")
values(S, "DTHFL is N", "DM", {"DTHFL": "N"}, where=lambda f: f["DTHFL"] == "")
values(S, "SUBJID is empty", "DM", {"SUBJID": ""})
values(S, "SITEID is empty", "DM", {"SITEID": ""})
values(
    S,
    "DMDY is not what the dates give",
    "DM",
    lambda r: {"DMDY": r["DMDY"] - 1},
    where=lambda f: f["DMDY"] < -1,
    at="DMDY",
)
values(
    S, "BRTHDTC is after RFSTDTC", "DM", {"BRTHDTC": "2030-05-05"}, where=lambda f: f["RFSTDTC"] != "",
    at="BRTHDTC RFSTDTC",
)  # fmt: skip

# ---- adverse events
values(S, "a subject of AE is not in DM", "AE", {"USUBJID": "99-999-9999"})
values(S, "DOMAIN of an AE record is CM", "AE", {"DOMAIN": "CM"})
values(S, "STUDYID of an AE record is another study", "AE", {"STUDYID": "OTHERSTUDY"})
record(S, "AESEQ is there twice", "AE", {"AETERM": "ANOTHER EVENT"}, at="AESEQ .")
record(S, "an AE record is there twice under two numbers", "AE", {"AESEQ": 901.0}, at="USUBJID AESEQ .")
values(S, "AESEQ is empty", "AE", {"AESEQ": float("nan")})
values(S, "AETERM is empty", "AE", {"AETERM": ""})
values(S, "AEDECOD is empty", "AE", {"AEDECOD": ""})
values(S, "AETERM begins with a blank", "AE", lambda r: {"AETERM": " " + r["AETERM"]}, at="AETERM")
values(S, "AETERM is a dot", "AE", {"AETERM": "."})
values(S, "AETERM has a letter outside ASCII", "AE", {"AETERM": "FIÈVRE"})
values(S, "AESER is N and AESHOSP is Y", "AE", {"AESHOSP": "Y"}, where=lambda f: f["AESER"] == "N", at="AESHOSP AESER")
values(
    S,
    "AESER is Y without a criterion",
    "AE",
    {"AESER": "Y"},
    where=lambda f: (
        (f["AESER"] == "N") & (f[["AESDTH", "AESHOSP", "AESLIFE", "AESDISAB", "AESCONG"]] != "Y").all(axis=1)
    ),
)
values(
    S,
    "AEOUT is FATAL and AESDTH is not Y",
    "AE",
    {"AEOUT": "FATAL"},
    where=lambda f: (f["AESDTH"] != "Y") & (f["AEOUT"] != "FATAL"),
    at="AEOUT AESDTH",
)
values(
    S,
    "AESDTH is Y and AEOUT is not FATAL",
    "AE",
    {"AESDTH": "Y", "AESER": "Y"},
    where=lambda f: f["AEOUT"] != "FATAL",
    at="AEOUT AESDTH",
)
values(S, "AESEV is not a term of its codelist", "AE", {"AESEV": "MODERAT"})
values(S, "AESER is a word", "AE", {"AESER": "NO"})
values(S, "AESTDTC has month 13", "AE", {"AESTDTC": "2014-13-01"})
values(S, "AESTDTC is 05MAY2014", "AE", {"AESTDTC": "05MAY2014"})
values(S, "AESTDTC is 30 February", "AE", {"AESTDTC": "2014-02-30"})
values(S, "AESTDTC has no leading zero", "AE", {"AESTDTC": "2014-5-7"})
values(
    S,
    "AEENDTC is before AESTDTC",
    "AE",
    lambda r: {"AEENDTC": "2009-01-01", "AEENDY": float("nan")},
    where=lambda f: f["AESTDTC"].str.len() == 10,
    at="AEENDTC AESTDTC",
)
values(
    S,
    "AESTDY is one day off",
    "AE",
    lambda r: {"AESTDY": r["AESTDY"] + 1},
    where=lambda f: f["AESTDY"] > 1,
    at="AESTDY",
)
values(
    S, "AESTDY does not skip day 0", "AE", lambda r: {"AESTDY": r["AESTDY"] - 1}, where=lambda f: f["AESTDY"] == 1,
    at="AESTDY",
)  # fmt: skip
values(S, "AEENDY is empty and both dates are there", "AE", {"AEENDY": float("nan")}, where=lambda f: f["AEENDY"] > 0)

# ---- interventions, history, disposition
values(S, "EXDOSE is negative", "EX", {"EXDOSE": -54.0})
values(S, "EXDOSE has no unit", "EX", {"EXDOSU": ""}, where=lambda f: f["EXDOSE"] > 0, at="EXDOSU EXDOSE")
values(
    S, "EXENDTC is before EXSTDTC", "EX", {"EXENDTC": "2009-01-01", "EXENDY": float("nan")},
    where=lambda f: f["EXSTDTC"] != "", at="EXENDTC EXSTDTC",
)  # fmt: skip
values(S, "EXTRT is empty", "EX", {"EXTRT": ""})
values(S, "EXROUTE is not a term of its codelist", "EX", {"EXROUTE": "THROUGH THE SKIN"})
values(S, "CMTRT is empty", "CM", {"CMTRT": ""})
values(S, "CMSTDTC is a year with two digits", "CM", {"CMSTDTC": "03"})
values(S, "CMENRTPT is not a term of its codelist", "CM", {"CMENRTPT": "STILL ONGOING"})
values(
    S,
    "CMDOSU is there without a dose",
    "CM",
    {"CMDOSE": float("nan")},
    where=lambda f: f["CMDOSU"] != "",
    at="CMDOSU CMDOSE",
)
values(
    S, "MHOCCUR is there without MHPRESP", "MH", {"MHOCCUR": "Y"}, where=lambda f: f["MHPRESP"] == "",
    at="MHOCCUR MHPRESP",
)  # fmt: skip
values(
    S, "MHSTAT is NOT DONE and MHOCCUR is Y", "MH", {"MHSTAT": "NOT DONE"}, where=lambda f: f["MHOCCUR"] == "Y",
    at="MHSTAT MHOCCUR",
)  # fmt: skip
values(S, "MHPRESP is N", "MH", {"MHPRESP": "N"})
values(S, "MHENRTPT has no MHENTPT", "MH", {"MHENTPT": ""}, where=lambda f: f["MHENRTPT"] != "", at="MHENTPT MHENRTPT")
values(
    S,
    "DSDECOD is no term of completion",
    "DS",
    {"DSDECOD": "FINISHED"},
    where=lambda f: f["DSCAT"] == "DISPOSITION EVENT",
)
values(
    S,
    "DSCAT is not a term of its codelist",
    "DS",
    {"DSCAT": "EVENT"},
    where=lambda f: f["DSCAT"] == "PROTOCOL MILESTONE",
)
values(S, "DSSTDTC has a time without a date", "DS", {"DSSTDTC": "T10:30"})
values(
    S,
    "DSDECOD is DEATH and DM has no DTHFL",
    "DS",
    {"DSDECOD": "DEATH", "DSTERM": "DEATH"},
    where=lambda f: (f["DSCAT"] == "DISPOSITION EVENT") & (f["DSDECOD"] != "DEATH"),
    at="DSDECOD DM.DTHFL",
)
