"""SMQ and CQ variables: the terms of a table, by text and by code, narrow before broad."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
MH = """\
dataset: MH
rows: {source: mh}
sort: [SOURCE]
variables:
  MHTERM: PT
  MHDECOD: PT
  MHLLT: LLT
  MHPTCD: CODE
"""
STUDY = "tables:\n  queries: {file: q.csv, numbers: [GRPID, SCOPEN, TERMNUM]}\n"
QUERIES = """\
PREFIX,GRPNAME,GRPID,SCOPE,SCOPEN,SRCVAR,TERMCHAR,TERMNUM
SMQ02,Skin,20000020,BROAD,1,MHDECOD,RASH,
SMQ02,Skin,20000020,NARROW,2,MHLLT,Hives,
SMQ02,Skin,20000020,BROAD,1,MHPTCD,,10001
CQ01,Own query,,,,MHDECOD,Fever,
"""
ADMH = """\
dataset: ADMH
label: Medical History
class: OCCURRENCE DATA STRUCTURE
rows: {from: MH}
variables:
  SMQ02NAM: {query: queries, prefix: SMQ02, of: [MHDECOD, MHLLT, MHPTCD]}
  SMQ02CD: {query: queries, prefix: SMQ02, of: [MHDECOD, MHLLT, MHPTCD], give: code}
  SMQ02SC: {query: queries, prefix: SMQ02, of: [MHDECOD, MHLLT, MHPTCD], give: scope}
  SMQ02SCN: {query: queries, prefix: SMQ02, of: [MHDECOD, MHLLT, MHPTCD], give: scope_number}
  CQ01NAM: {query: queries, prefix: CQ01, of: [MHDECOD]}
"""
WANTED = {
    "SMQ02NAM": ["Skin", "Skin", "Skin", "Skin", "", ""],
    "SMQ02CD": [20000020, 20000020, 20000020, 20000020, None, None],
    "SMQ02SC": ["BROAD", "NARROW", "NARROW", "BROAD", "", ""],
    "SMQ02SCN": [1, 2, 2, 1, None, None],
    "CQ01NAM": ["", "", "", "", "Own query", ""],
}


@pytest.fixture(scope="module")
def history(tiny):
    rows = ["Rash,Red,5", "rash ,HIVES,5", "Cough,hives,", "Ache,,10001", "FEVER,Hot,7", ",,"]
    files = {"dm.csv": "SUBJ\n1\n", "mh.csv": "SUBJ,PT,LLT,CODE\n" + "".join(f"1,{r}\n" for r in rows)}
    return tiny(files, STUDY, {"dm": DM, "mh": MH, "admh": ADMH}, extra={"q.csv": QUERIES})


@pytest.mark.parametrize("variable", WANTED)
def test_each_record(history, variable: str):
    assert history.values("ADMH", variable) == WANTED[variable]
