"""Change, shift and criteria of BDS records: one study whose records are the literal cases."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nsort: [SOURCE]\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
LB = """\
dataset: LB
rows: {source: lb}
sort: [SOURCE]
variables:
  LBTESTCD: {value: ALT}
  LBSTRESN: NOW
  LBORNRHI: THEN
  LBNRIND: IS
  LBSTNRC: WAS
"""
ADLB = """\
dataset: ADLB
rows: {from: LB}
variables:
  PARAMCD: LBTESTCD
  PARAM: {value: ALT}
  AVAL: LBSTRESN
  BASE: {compute: number(LBORNRHI)}
  ANRIND: {from: LBNRIND, codelist: none}
  BNRIND: {from: LBSTNRC, codelist: none}
  CHG: {change: AVAL}
  PCHG: {change: AVAL, as: percent}
  PCHGA: {change: AVAL, as: percent, negative: absolute, label: A}
  R2BASE: {change: AVAL, as: ratio}
  SHIFT1: {shift: BNRIND, to: ANRIND}
  SHIFT2: {shift: BNRIND, to: ANRIND, missing: 'NULL', between: '-'}
  SHIFT1N: {shift: BNRIND, to: ANRIND, give: steps, order: [LOW, NORMAL, HIGH]}
  BETTER: {shift: BNRIND, to: ANRIND, give: direction, order: [LOW, NORMAL, HIGH], label: B}
  WORSE: {shift: BNRIND, to: ANRIND, give: direction, order: [LOW, NORMAL, HIGH], better: last,
    directions: [UP, SAME, DOWN], label: C}
  CRIT1: {criterion: AVAL > 2, flags: Y, text: "{PARAMCD} > 2"}
  CRIT1FL: {criterion: AVAL > 2, flags: Y}
  CRIT2: {criterion: AVAL > 2, flags: Y/N, text: AVAL > 2}
  CRIT2FL: {criterion: AVAL > 2, flags: Y/N}
  CRIT3: {criterion: AVAL > 2 and BASE > 1, text: both}
  CRIT3FL: {criterion: AVAL > 2 and BASE > 1}
  CRIT3FN: {criterion: AVAL > 2 and BASE > 1, number: true, label: N}
"""
#: AVAL, BASE, ANRIND, BNRIND of each record
RECORDS = ["3,2,HIGH,NORMAL", "1,4,LOW,HIGH", "2,0,NORMAL,NORMAL", ",2,,LOW", "-1,-4,HIGH,", "5,,X,LOW"]
WANTED = {
    "CHG": [1, -3, 2, None, 3, None],
    "PCHG": [50, -75, None, None, -75, None],
    "PCHGA": [50, -75, None, None, 75, None],
    "R2BASE": [1.5, 0.25, None, None, 0.25, None],
    "SHIFT1": ["NORMAL to HIGH", "HIGH to LOW", "NORMAL to NORMAL", "", "", "LOW to X"],
    "SHIFT2": ["NORMAL-HIGH", "HIGH-LOW", "NORMAL-NORMAL", "LOW-NULL", "NULL-HIGH", "LOW-X"],
    "SHIFT1N": [1, -2, 0, None, None, None],
    "BETTER": ["WORSENED", "IMPROVED", "UNCHANGED", "", "", ""],
    "WORSE": ["UP", "DOWN", "SAME", "", "", ""],
    "CRIT1": ["ALT > 2", "", "", "", "", "ALT > 2"],
    "CRIT1FL": ["Y", "", "", "", "", "Y"],
    "CRIT2": ["AVAL > 2"] * 6,
    "CRIT2FL": ["Y", "N", "N", "N", "N", "Y"],
    "CRIT3": ["both", "both", "both", "", "both", ""],  # unknown: AVAL is missing; 5 > 2, but BASE is missing
    "CRIT3FL": ["Y", "N", "N", "", "N", ""],
    "CRIT3FN": [1, 0, 0, None, 0, None],
}


@pytest.fixture(scope="module")
def labs(tiny):
    rows = "SUBJ,NOW,THEN,IS,WAS\n" + "".join(f"1,{r}\n" for r in RECORDS)
    return tiny({"dm.csv": "SUBJ\n1\n", "lb.csv": rows}, "", {"dm": DM, "lb": LB, "adlb": ADLB})


@pytest.mark.parametrize("variable", WANTED)
def test_each_record(labs, variable: str):
    assert labs.values("ADLB", variable) == WANTED[variable]


def test_a_baseline_of_zero_and_an_unknown_category_are_findings(labs):
    found = labs.findings
    of_zero = found[found["rule"] == "R2A-BASE-002"]
    assert sorted(zip(of_zero["variable"], of_zero["value"], strict=True)) == [
        ("PCHG", "0"), ("PCHGA", "0"), ("R2BASE", "0"),
    ]  # fmt: skip
    unknown = found[found["rule"] == "R2A-BASE-003"]
    assert sorted(zip(unknown["variable"], unknown["value"], strict=True)) == [
        ("BETTER", "X"), ("SHIFT1N", "X"), ("WORSE", "X"),
    ]  # fmt: skip


def test_mistakes_of_the_rules(spec_problems):
    adlb = """\
dataset: ADLB
rows: {from: DM}
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  A: {shift: SEX, to: COUNTRY, give: steps, label: A}
  B: {shift: SEX, to: COUNTRY, order: [F], label: B}
  C: {shift: SEX, to: COUNTRY, give: direction, order: [F, F], missing: 'NULL', label: C}
  D: {change: TRTSDT, from: TRTEDT, negative: absolute, label: D}
  E: {criterion: SEX, label: E}
  F: {criterion: SEX == 'F', text: 'a {b', label: F}
  G: {criterion: SEX == 'F', text: a, number: true, label: G}
"""
    problems = spec_problems("sources: {dm: {file: dm.csv}}\n", {"dm": DM, "adlb": adlb}, ("dm.csv",))
    wrong = {p.variable for p in problems if p.severity == "error"}
    assert wrong >= {"A", "B", "C", "D", "E", "F", "G"}
    texts = " ".join(p.message for p in problems)
    assert (
        "'F' is in the list twice" in texts
        and "missing: is for give: text" in texts
        and "number: and text: exclude each other" in texts
    )
