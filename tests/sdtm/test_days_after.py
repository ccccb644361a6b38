"""The date a number of days after a reference date: by hand from the calendar and SDTMIG 3.4 section 4.4.4."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n  RFSTDTC: {date: START}\n"
AE = """\
dataset: AE
rows: {source: ae}
sort: [SOURCE]
variables:
  AETERM: N
  AEDECOD: N
  AESTDTC: {days_after: DM.RFSTDTC, days: DAY}
  AEENDTC: {days_after: DM.RFSTDTC, days: DAY, counts_from: 1}
"""
#: reference date -> its subject
REFERENCES = {"2020-02-28": 1, "2020-03": 2, "2020": 3, "": 4, "2019-12-31T23:59": 5, "9999-12-30": 6, "0001-01-01": 7}
#: (reference date, days, the date where it is day 0, the date where it is day 1)
CASES = [
    ("2020-02-28", "0", "2020-02-28", ""),
    ("2020-02-28", "1", "2020-02-29", "2020-02-28"),
    ("2020-02-28", "2.0", "2020-03-01", "2020-02-29"),
    ("2020-02-28", "367", "2021-03-01", "2021-02-28"),
    ("2020-02-28", "-1", "2020-02-27", "2020-02-27"),
    ("2020-02-28", "1.5", "", ""),
    ("2020-02-28", "", "", ""),
    ("2020-02-28", "unknown", "", ""),
    ("2020-02-28", "<5", "", ""),
    ("2020-03", "0", "2020-03", ""),
    ("2020-03", "1", "2020", "2020-03"),  # 2 March to 1 April
    ("2020-03", "300", "", ""),  # 26 December to 25 January
    ("2020-03", "275", "2020-12", "2020"),  # 1 to 31 December, 30 November to 30 December
    ("2020-03", "306", "2021-01", ""),  # 1 to 31 January, 31 December to 30 January
    ("2020", "0", "2020", ""),
    ("2020", "1", "", "2020"),
    ("", "5", "", ""),
    ("2019-12-31T23:59", "1", "2020-01-01", "2019-12-31"),
    ("9999-12-30", "2", "", "9999-12-31"),
    ("0001-01-01", "-1", "", ""),
    ("0001-01-01", "10000000000000000", "", ""),
]


@pytest.fixture(scope="module")
def built(tiny):
    dm = "SUBJ,START\n" + "".join(f"{subject},{start}\n" for start, subject in REFERENCES.items())
    ae = "SUBJ,N,DAY\n" + "".join(f"{REFERENCES[c[0]]},{i},{c[1]}\n" for i, c in enumerate(CASES))
    return tiny({"dm.csv": dm, "ae.csv": ae}, "", {"dm": DM, "ae": AE})


def test_the_date_so_many_days_after_a_reference(built):
    got = {int(r["AETERM"]): (r["AESTDTC"], r["AEENDTC"]) for r in built.data["AE"]}
    assert got == {i: case[2:] for i, case in enumerate(CASES)}


def test_each_lost_number_of_days_is_a_finding(built):
    """(rule, case) of each finding: one for each date that is empty or partial though a number of days is there."""
    found = built.findings[built.findings["file"] == "ae.csv"]
    start = found[found["variable"].isin(["AESTDTC", ""])]
    got = {(rule, row - 1) for rule, row in zip(start["rule"], start["row"], strict=True)}
    expected = {i for i, c in enumerate(CASES) if c[1] and len(c[2]) < 10}
    assert {i for _, i in got} >= expected
    assert {r for r, i in got if i == 5} == {"R2A-DATE-009"}
    assert {r for r, i in got if i in (7, 8)} == {"R2A-EXPR-001"}
    assert {i for r, i in got if r == "R2A-DATE-010"} == {9, 10, 11, 12, 13, 14, 15, 16}
    assert {i for r, i in got if r == "R2A-DATE-009"} == {5, 18, 19, 20}
    end = found[found["variable"] == "AEENDTC"]
    assert {r - 1 for r in end.loc[end["rule"] == "R2A-DATE-009", "row"]} == {0, 5, 9, 14, 19, 20}
