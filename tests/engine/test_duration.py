"""Time between dates: whole and broken units of the calendar and of average length, worked out by hand."""

from __future__ import annotations

import pytest

DM = """\
dataset: DM
rows: {source: dm}
sort: [SOURCE]
variables:
  SEX: {value: F}
  COUNTRY: {value: DEU}
  RFSTDTC: {date: START}
  RFENDTC: {date: END}
"""
STUDY = "dates: {formats: [yyyy-mm-dd, yyyy-mm-ddThh:mi, yyyy-mm]}\n"
VARIABLES = {
    "DAYS": "{duration: RFENDTC, since: RFSTDTC, report: false, label: A}",
    "DURD": "{duration: RFENDTC, since: RFSTDTC, both_days: true, label: B}",
    "WEEKS": "{duration: RFENDTC, since: RFSTDTC, unit: weeks, report: false, label: C}",
    "MONTHS": "{duration: RFENDTC, since: RFSTDTC, unit: months, report: false, label: D}",
    "WHOLEM": "{duration: RFENDTC, since: RFSTDTC, unit: months, floor: true, report: false, label: E}",
    "AVGM": "{duration: RFENDTC, since: RFSTDTC, unit: months, by: average, report: false, label: F}",
    "YEARS": "{duration: RFENDTC, since: RFSTDTC, unit: years, report: false, label: G}",
    "AVGY": "{duration: RFENDTC, since: RFSTDTC, unit: years, by: average, floor: true, report: false, label: H}",
    "HOURS": "{duration: RFENDTC, since: RFSTDTC, unit: hours, label: I}",
    "MINUTES": "{duration: RFENDTC, since: RFSTDTC, unit: minutes, report: false, label: J}",
}
#: start, end -> the variables in their order; None is missing
CASES = {
    # 31 January to 1 March: one month passed on 1 March, since February has no 31st
    ("2023-01-31", "2023-03-01"): [29, 30, 4.14285714286, 1, 1, 0.952772073922, 29 / 365, 0, None, None],
    ("2023-01-31", "2023-02-28"): [28, 29, 4, 28 / 29, 0, 0.919917864476, 28 / 365, 0, None, None],
    # a leap day: the first birthday is 1 March
    ("2020-02-29", "2021-02-28"): [365, 366, 52.1428571429, 11 + 30 / 31, 11, 11.9917864476, 365 / 366, 0, None, None],
    ("2020-02-29", "2021-03-01"): [366, 367, 52.2857142857, 12, 12, 12.0246406571, 1, 1, None, None],
    ("2020-02-29", "2024-02-29"): [1461, 1462, 208.714285714, 48, 48, 48, 4, 4, None, None],
    ("2023-05-10", "2023-05-10"): [0, 1, 0, 0, 0, 0, 0, 0, None, None],
    ("2023-05-10", "2023-05-09"): [-1, -1, -0.142857142857, -1 / 31, 0, -0.0328542094456, -1 / 366, 0, None, None],
    ("2023-05-10T23:30", "2023-05-11T00:15"): [1, 2, 0.142857142857, 1 / 31, 0, 0.0328542094456, 1 / 366, 0, 0.75, 45],
    ("2023-05-10T08:00", "2023-05-11"): [1, 2, 0.142857142857, 1 / 31, 0, 0.0328542094456, 1 / 366, 0, None, None],
    ("2023-05", "2023-05-11"): [None] * 10,
    ("", "2023-05-11"): [None] * 10,
}


@pytest.fixture(scope="module")
def durations(tiny):
    rows = "".join(f"{i},{start},{end}\n" for i, (start, end) in enumerate(CASES, 1))
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables:\n" + "".join(f"  {n}: {r}\n" for n, r in VARIABLES.items())
    return tiny({"dm.csv": "SUBJ,START,END\n" + rows}, STUDY, {"dm": DM, "adsl": adsl})


@pytest.mark.parametrize("number", range(len(VARIABLES)), ids=list(VARIABLES))
def test_each_duration(durations, number: int):
    got = durations.values("ADSL", list(VARIABLES)[number])
    assert got == [None if case[number] is None else pytest.approx(case[number], rel=1e-11) for case in CASES.values()]


def test_what_cannot_be_counted_is_reported(durations):
    found = durations.findings
    by_rule = {
        rule: sorted(set(zip(part["variable"], part["subject"], strict=True)))
        for rule, part in found[found["dataset"] == "ADSL"].groupby("rule")
    }
    assert by_rule["R2A-DUR-001"] == [("DURD", "S1-07")]
    assert by_rule["R2A-ADAM-001"] == [("DURD", "S1-10"), ("HOURS", "S1-10")]
    assert ("HOURS", "S1-09") in by_rule["R2A-DUR-002"] and ("HOURS", "S1-08") not in by_rule["R2A-DUR-002"]
