"""The latest and earliest of several dates, and where they come from: subjects of one study are the cases."""

from __future__ import annotations

import pytest

STUDY = """\
dates: {formats: [yyyy-mm-dd, yyyy-mm-ddThh:mi, yyyy-mm]}
sources:
  dm: {file: dm.csv}
  ae: {file: ae.csv}
  phone: {file: phone.csv, dates: {formats: [dd.mm.yyyy]}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n  RFENDTC: {date: END}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n"
DATES = "{date: AE.AESTDTC, where: AETERM != 'Death'}, {date: TRTEDT}, {date: phone.CALL}"
ADSL = f"""\
dataset: ADSL
rows: {{from: DM}}
variables:
  TRTEDT: {{analysis_date: RFENDTC}}
  LAST: {{latest: [{DATES}], label: A}}
  FIRST: {{earliest: [{DATES}], label: B}}
  MONTH: {{latest: [{{date: AE.AESTDTC, partial: last}}], label: C}}
  BEGIN: {{latest: [{{date: AE.AESTDTC, partial: first}}], label: D}}
  DOM: {{date_source: LAST, label: E}}
  VAR: {{date_source: LAST, give: variable, label: F}}
  SEQ: {{date_source: LAST, give: sequence, label: G}}
  FDOM: {{date_source: FIRST, label: H}}
"""
FILES = {
    "dm.csv": "SUBJ,END\n1,1960-01-05\n2,1960-01-05\n3,\n4,\n",
    # the first subject: two events of the latest day, of which the first number counts; a death that does not count
    "ae.csv": "SUBJ,TERM,DAY\n1,Rash,1960-01-09T10:00\n1,Ache,1960-01-09\n1,Death,1960-01-20\n2,Rash,1960-02\n"
    "2,Ache,1960-01-05\n3,Rash,1960-02\n",
    "phone.csv": "SUBJ,CALL\n1,04.01.1960\n2,05.01.1960\n3,03.01.1960\n3,07.01.1960\n",
}
WANTED = {
    "LAST": [8, 4, 6, None],
    "FIRST": [3, 4, 2, None],
    "MONTH": [19, 59, 59, None],  # 29 February 1960
    "BEGIN": [19, 31, 31, None],
    "DOM": ["AE", "AE", "phone", ""],  # of equal dates that of AE, which is named first
    "VAR": ["AESTDTC", "AESTDTC", "CALL", ""],
    "FDOM": ["phone", "AE", "phone", ""],
}


@pytest.fixture(scope="module")
def alive(tiny):
    return tiny(FILES, STUDY, {"dm": DM, "ae": AE, "adsl": ADSL}, 2)


@pytest.mark.parametrize("variable", WANTED)
def test_each_subject(alive, variable: str):
    assert alive.values("ADSL", variable) == WANTED[variable]


def test_the_number_of_the_record(alive):
    by_number = {(r["USUBJID"], r["AESEQ"]): r["AESTDTC"] for r in alive.data["AE"]}
    numbers = alive.values("ADSL", "SEQ")
    assert [by_number["S1-01", numbers[0]][:10], by_number["S1-02", numbers[1]]] == ["1960-01-09", "1960-01-05"]
    assert numbers[2:] == [None, None]


def test_a_partial_date_beyond_the_latest_one_is_a_finding(alive):
    """1960-02 lies after 5 January and after the call of 7 January for certain. It is before no date of FIRST."""
    assert alive.found("R2A-EVENT-003") == [("ae.csv", 4, "AESTDTC", "1960-02"), ("ae.csv", 6, "AESTDTC", "1960-02")]
