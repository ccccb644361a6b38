"""Periods, subperiods and phases of a crossover by the dates of ADSL; the records of one subject are the cases."""

from __future__ import annotations

import pytest

STUDY = """\
tables:
  periods:
    rows:
      - {USUBJID: S1-01, NAME: "1", FROM: 2024-01-10, TO: 2024-01-20, ARM: A}
      - {USUBJID: S1-01, NAME: "2", FROM: 2024-02-01, TO: 2024-02-10, ARM: B}
      - {USUBJID: S1-02, NAME: "1", FROM: 2024-01-10, TO: 2024-02-01, ARM: B}
      - {USUBJID: S1-02, NAME: "2", FROM: 2024-02-01, TO: "", ARM: A}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
AE = "dataset: AE\nrows: {source: ae}\nsort: [SOURCE]\nvariables:\n  AETERM: DAY\n  AEDECOD: {value: x}\n  AESTDTC: {date: DAY}\n"
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  AP01SDT: {lookup: periods.FROM, where: NAME == '1', as: date}
  AP01EDT: {lookup: periods.TO, where: NAME == '1', as: date}
  AP02SDT: {lookup: periods.FROM, where: NAME == '2', as: date}
  AP02EDT: {lookup: periods.TO, where: NAME == '2', as: date}
  TRT01A: {lookup: periods.ARM, where: NAME == '1'}
  TRT02A: {lookup: periods.ARM, where: NAME == '2'}
  P01S1SDT: {from: AP01SDT}
  P01S1EDT: {compute: AP01SDT + 4}
  P01S2SDT: {compute: AP01SDT + 5}
  P01S2EDT: {from: AP01EDT}
  P02S1SDT: {from: AP02SDT}
  P02S1EDT: {from: AP02EDT}
"""
BOUNDS = "start: 'ADSL.AP{xx}SDT', end: 'ADSL.AP{xx}EDT', count: 2"
PARTS = "start: 'ADSL.P{xx}S{w}SDT', end: 'ADSL.P{xx}S{w}EDT', count: [2, 1]"
ADAE = f"""\
dataset: ADAE
rows: {{from: AE}}
variables:
  AETERM: AETERM
  AEDECOD: AEDECOD
  ASTDT: {{analysis_date: AESTDTC}}
  APERIOD: {{period: ASTDT, {BOUNDS}}}
  APERIODC: {{period: ASTDT, {BOUNDS}, text: "Period {{w}}"}}
  LATER: {{period: ASTDT, {BOUNDS}, days: 5, label: Within 5 Days}}
  TRTA: {{period: ASTDT, {BOUNDS}, value: "ADSL.TRT{{xx}}A"}}
  ASPER: {{period: ASTDT, {PARTS}}}
"""
#: subject, day -> APERIOD, LATER, TRTA, ASPER
CASES = {
    ("1", "2024-01-09"): (None, None, "", None),
    ("1", "2024-01-10"): (1, 1, "A", 1),
    ("1", "2024-01-14"): (1, 1, "A", 1),
    ("1", "2024-01-15"): (1, 1, "A", 2),
    ("1", "2024-01-20"): (1, 1, "A", 2),
    ("1", "2024-01-25"): (None, 1, "", None),
    ("1", "2024-01-26"): (None, None, "", None),
    ("1", "2024-02-10"): (2, 2, "B", 1),
    ("2", "2024-01-31"): (1, 1, "B", 2),
    ("2", "2024-02-01"): (2, 2, "A", 1),  # in both periods
    ("2", "2025-02-01"): (2, 2, "A", 1),
    ("3", "2024-02-01"): (None, None, "", None),
}


@pytest.fixture(scope="module")
def crossover(tiny):
    rows = "SUBJ,DAY\n" + "".join(f"{s},{d}\n" for s, d in CASES)
    files = {"dm.csv": "SUBJ\n1\n2\n3\n", "ae.csv": rows}
    return tiny(files, "dates: {formats: [yyyy-mm-dd]}\n" + STUDY, {"dm": DM, "ae": AE, "adsl": ADSL, "adae": ADAE})


def test_each_record(crossover):
    records = {(r["USUBJID"][-1], r["AETERM"]): r for r in crossover.data["ADAE"]}
    got = {case: tuple(records[case][n] for n in ("APERIOD", "LATER", "TRTA", "ASPER")) for case in CASES}
    assert got == CASES
    assert records["1", "2024-02-10"]["APERIODC"] == "Period 2" and records["1", "2024-01-26"]["APERIODC"] == ""


def test_periods_that_overlap_are_a_finding(crossover):
    found = crossover.findings[crossover.findings["rule"] == "R2A-PERIOD-001"]
    assert set(zip(found["subject"], found["variable"], strict=True)) == {
        ("S1-02", name) for name in ("APERIOD", "APERIODC", "LATER", "TRTA", "ASPER")
    }
