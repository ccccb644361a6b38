"""Statistics of groups: literal values worked out by hand, quantiles by each definition, groups of few or no values."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.engine.columns.group_statistics import Groups, running, statistic

NONE = float("nan")


def of(values: list[float], name: str, **options) -> float:
    """The statistic of one group, which stands between two others."""
    groups = np.array([0, *[1] * len(values), 2])
    return float(statistic(Groups(np.array([7.0, *values, 7.0]), groups, 3), name, **options)[1])


EIGHT = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]  # mean 5, squared distances from it add up to 32


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("count", EIGHT, 8),
        ("count", [NONE, 3], 1),
        ("count", [], 0),
        ("sum", EIGHT, 40),
        ("sum", [0.1, 0.2, NONE], 0.3),
        ("sum", [], NONE),
        ("mean", EIGHT, 5),
        ("mean", [NONE, NONE], NONE),
        ("variance", EIGHT, 4.57142857143),  # 32 / 7
        ("sd", EIGHT, 2.13808993529),
        ("sd", [3], NONE),  # n - 1 is 0
        ("sd", [3, 3], 0),
        ("se", EIGHT, 0.755928946018),  # sd / sqrt(8)
        ("cv", EIGHT, 42.7617987059),  # 100 * sd / 5
        ("cv", [-1, 1], NONE),  # the mean is 0
        ("min", EIGHT, 2),
        ("max", EIGHT, 9),
        ("range", EIGHT, 7),
        ("range", [0.1, 0.4], 0.3),
        ("geometric_mean", [1, 10, 100], 10),
        ("geometric_mean", [0, 10], NONE),
        ("geometric_mean", [-1, 10], NONE),
        ("geometric_cv", [1, 10, 100], 1413.21),
        ("geometric_cv", [5], NONE),
        ("median", EIGHT, 4.5),
        ("median", [3, 1, 2], 2),
        ("median", [], NONE),
    ],
)
def test_a_statistic(name: str, values: list[float], wanted: float):
    tolerance = 1e-5 if name == "geometric_cv" else 1e-11
    assert of(values, name) == pytest.approx(wanted, rel=tolerance, nan_ok=True)


#: 1 to 10 and the share: the quantile by SAS 1, 2, 3, 4, 5 (PCTLDEF of PROC UNIVARIATE) and by R 7
TEN = [3.0, 1.0, 2.0, 10.0, 9.0, 8.0, 7.0, 4.0, 5.0, 6.0]
QUANTILES = {
    0.25: (2.5, 2, 3, 2.75, 3, 3.25),  # n p = 2.5, (n + 1) p = 2.75
    0.35: (3.5, 4, 4, 3.85, 4, 4.15),  # n p = 3.5: the nearest even place is 4
    0.5: (5, 5, 5, 5.5, 5.5, 5.5),
    0.1: (1, 1, 1, 1.1, 1.5, 1.9),
    0.04: (1, 1, 1, 1, 1, 1.36),  # below the first place
    0.96: (9.6, 10, 10, 10, 10, 9.64),
}


@pytest.mark.parametrize("share", QUANTILES)
def test_a_quantile_by_each_definition(share: float):
    names = ("sas1", "sas2", "sas3", "sas4", "sas5", "r7")
    got = [of(TEN, "quantile", share=share, definition=name) for name in names]
    assert got == pytest.approx(list(QUANTILES[share]))


def test_a_place_that_is_whole_but_for_its_last_bit():
    """0.1 * 30 is 3.0000000000000004 as float64: SAS 5 takes the mean of the third and fourth value."""
    assert of([float(i) for i in range(1, 31)], "quantile", share=0.1) == 3.5


def test_statistics_up_to_a_record():
    values = np.array([5.0, 3.0, NONE, 4.0, 0.1, 0.2])
    groups = np.array([0, 0, 0, 0, 1, 1])
    places = np.array([1, 2, 3, 3, 4, 5])  # the third and fourth record rank alike
    cases = {
        ("min", False): [NONE, 5, 3, 3, NONE, 0.1],
        ("min", True): [5, 3, 3, 3, 0.1, 0.1],
        ("max", True): [5, 5, 5, 5, 0.1, 0.2],
        ("sum", True): [5, 8, 12, 12, 0.1, 0.3],
        ("sum", False): [NONE, 5, 8, 8, NONE, 0.1],
        ("mean", True): [5, 4, 4, 4, 0.1, 0.15],
        ("count", False): [0, 1, 2, 2, 0, 1],
    }
    for (name, inclusive), wanted in cases.items():
        got = running(values, groups, places, name, inclusive)
        np.testing.assert_array_equal(got, wanted, err_msg=f"{name} {inclusive}")
    mixed = np.array([4, 0, 2, 5, 1, 3])
    got = running(values[mixed], groups[mixed], places[mixed], "sum", True)
    np.testing.assert_array_equal(got, np.array(cases["sum", True])[mixed])


STUDY = "sources:\n  dm: {file: dm.csv}\n  dose: {file: dose.csv}\n"
DM = "dataset: DM\nrows: {source: dm}\nsort: [SOURCE]\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  MEANA: {statistic: dose.MG, of: mean, where: "DRUG == 'A'", label: A}
  TWO: {statistic: dose.MG, of: mean, least: 2, label: B}
  N: {statistic: dose.MG, of: count, label: C}
  GEO: {statistic: dose.MG, of: geometric_mean, label: D}
  P10: {statistic: dose.MG, of: quantile, quantile: 0.1, definition: r7, label: E}
"""
EX = """\
dataset: EX
rows: {source: dose}
sort: [SOURCE]
variables:
  EXTRT: DRUG
  EXDOSE: {from: MG, when: "MG != 'x'"}
  EXSTDTC: DAY
  ALLMAX: {group_statistic: EXDOSE, of: max, by: [USUBJID], label: A}
  OFDRUG: {group_statistic: EXDOSE, of: sum, by: [USUBJID, EXTRT], where: EXDOSE > 1, label: B}
  NADIR: {group_statistic: EXDOSE, of: min, by: [USUBJID], order: [EXSTDTC], over: before, label: C}
  LAST2: {group_statistic: EXDOSE, of: mean, by: [USUBJID], order: [EXSTDTC], over: up_to, least: 2, label: D}
  WAS: {previous: EXDOSE, by: [USUBJID], order: [EXSTDTC], label: E}
  WAS2: {previous: EXDOSE, by: [USUBJID], order: [EXSTDTC], places: 2, label: F}
  WASA: {previous: EXDOSE, by: [USUBJID], order: [EXSTDTC], where: "EXTRT == 'A'", label: G}
  COMES: {next: EXTRT, by: [USUBJID], order: [EXSTDTC], label: H}
  LOWEST: {flag: first, by: [USUBJID], order: [EXDOSE], label: L}
  LOWESTL: {flag: first, by: [USUBJID], order: [EXDOSE], missing_order: last, label: M}
  OFDOSE: {flag: first, by: [USUBJID, EXDOSE], order: [EXSTDTC], label: N}
  OFDOSEM: {flag: first, by: [USUBJID, EXDOSE], order: [EXSTDTC], missing_by: group, label: O}
  UPTO: {flag_up_to: EXDOSE < 2, by: [USUBJID], order: [EXSTDTC], label: J}
  BEFORE: {flag_up_to: EXDOSE < 2, by: [USUBJID], order: [EXSTDTC], inclusive: false, label: K}
  FROM: {flag_up_to: EXDOSE < 2, by: [USUBJID], order: [EXSTDTC], after: true, label: P}
  AFTER: {flag_up_to: EXDOSE < 2, by: [USUBJID], order: [EXSTDTC], after: true, inclusive: false, label: Q}
  NEVER: {flag_up_to: EXDOSE > 99, by: [USUBJID], order: [EXSTDTC], after: true, label: R}
  COMESA: {next: EXDOSE, by: [USUBJID], order: [EXSTDTC], where: "EXTRT == 'A'", label: I}
"""
DOSES = "SUBJ,DRUG,DAY,MG\n1,A,2024-01-01,4\n1,B,2024-01-02,1\n1,A,2024-01-03,9\n2,A,2024-01-01,0\n2,A,2024-01-02,x\n"


@pytest.fixture(scope="module")
def doses(tiny):
    files = {"dm.csv": "SUBJ\n1\n2\n3\n", "dose.csv": DOSES}
    return tiny(files, STUDY, {"dm": DM, "ex": EX, "adsl": ADSL}, 2)


@pytest.mark.parametrize(
    ("variable", "wanted"),
    [
        ("MEANA", [6.5, 0, None]),
        ("TWO", [4.66666666667, None, None]),
        ("N", [3, 1, 0]),
        ("GEO", [3.30192724889, None, None]),  # the cube root of 36
        ("P10", [1.6, 0, None]),  # 1 + 0.2 * (4 - 1)
    ],
)
def test_statistics_of_another_table(doses, variable: str, wanted: list):
    assert doses.values("ADSL", variable) == wanted


@pytest.mark.parametrize(
    ("variable", "wanted"),
    [
        ("ALLMAX", [9, 9, 9, 0, 0]),
        ("OFDRUG", [13, None, 13, None, None]),
        ("NADIR", [None, 4, 1, None, 0]),
        ("LAST2", [None, 2.5, 4.66666666667, None, None]),
        ("WAS", ["", "4", "1", "", "0"]),
        ("WAS2", ["", "", "4", "", ""]),
        ("WASA", ["", "4", "4", "", "0"]),
        ("COMES", ["B", "A", "", "A", ""]),
        ("FROM", ["", "Y", "Y", "Y", "Y"]),
        ("AFTER", ["", "", "Y", "", "Y"]),
        ("NEVER", [""] * 5),
        ("LOWEST", ["", "Y", "", "", "Y"]),
        ("LOWESTL", ["", "Y", "", "Y", ""]),
        ("OFDOSE", ["Y", "Y", "Y", "Y", ""]),
        ("OFDOSEM", ["Y", "Y", "Y", "Y", "Y"]),
        ("UPTO", ["Y", "Y", "", "Y", ""]),
        ("BEFORE", ["Y", "", "", "", ""]),
        ("COMESA", ["9", "9", "", "", ""]),
    ],
)
def test_statistics_and_neighbours_in_a_group(doses, variable: str, wanted: list):
    assert doses.values("EX", variable) == wanted


def test_what_a_statistic_cannot_use_is_reported(doses):
    assert {f[3] for f in doses.found("R2A-NUM-006")} == {"x"}
    assert [f[3] for f in doses.found("R2A-STAT-001")] == ["0"]


def test_records_that_rank_alike_are_a_finding(tiny):
    """Of the records of one day the values decide which comes first; only those that differ are a tie."""
    ex = EX.partition("  ALLMAX")[0] + (
        "  WAS: {previous: EXDOSE, by: [USUBJID], order: [EXSTDTC], label: E}\n"
        "  DAYWAS: {previous: EXDOSE, by: [USUBJID], order: [EXSTDTC], ties: together, label: F}\n"
        "  COMES: {next: EXDOSE, by: [USUBJID], order: [EXSTDTC], ties: together, label: G}\n"
        "  LASTFL: {flag: last, by: [USUBJID], order: [EXSTDTC], ties: all, label: H}\n"
    )
    rows = "1,A,2024-01-01,4\n1,A,2024-01-01,1\n1,A,2024-01-02,5\n2,A,2024-01-01,3\n2,A,2024-01-01,3\n"
    rows += "3,A,2024-01-01,7\n3,A,2024-01-02,2\n3,B,2024-01-02,2\n"  # the same dose, and another one before each
    study = tiny({"dm.csv": "SUBJ\n1\n2\n3\n", "dose.csv": "SUBJ,DRUG,DAY,MG\n" + rows}, STUDY, {"dm": DM, "ex": ex})
    ties = study.findings[study.findings["rule"] == "R2A-TIE-001"]
    assert dict(zip(ties["subject"], ties["message"].str.extract("differ in ([A-Z]+)")[0], strict=True)) == {
        "S1-01": "EXDOSE",
        "S1-03": "EXTRT",
    }
    assert study.values("EX", "WAS") == ["1", "", "4", "", "3", "", "7", "2"]
    assert study.values("EX", "DAYWAS") == ["", "", "4", "", "", "", "7", "7"]
    assert study.values("EX", "COMES") == ["5", "5", "", "", "", "2", "", ""]
    assert study.values("EX", "LASTFL") == ["", "", "Y", "Y", "Y", "", "Y", "Y"]


def test_mistakes_of_the_rule(spec_problems):
    adsl = """\
dataset: ADSL
rows: {from: DM}
variables:
  A: {statistic: dose.MG, of: quantile, label: A}
  B: {statistic: dose.MG, of: mean, quantile: 0.5, label: A}
  C: {statistic: dose.MG, of: mean, as: date, label: A}
  D: {group_statistic: TRTSDT, of: mean, by: [USUBJID], order: [TRTSDT], label: A}
  E: {group_statistic: TRTSDT, of: median, by: [USUBJID], order: [TRTSDT], over: before, label: A}
"""
    problems = spec_problems(STUDY, {"dm": DM, "adsl": adsl}, ("dm.csv", "dose.csv"))
    texts = [f"{p.variable}: {p.message}" for p in problems if p.severity == "error"]
    assert [t for t in texts if t.startswith("A")] == ["A: quantile: needs the share, such as quantile: 0.25"]
    assert "B: quantile: is for of: quantile" in texts
    assert any(t.startswith("C: statistic: is of numbers") for t in texts)
    assert "D: order: and over: (before or up_to) belong together" in texts
    assert any(t.startswith("E: over: before is for count, sum") for t in texts)
