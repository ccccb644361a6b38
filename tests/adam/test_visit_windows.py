"""Analysis visits: the decided windows, distances without a day 0, expected visits, change by threshold."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.adam.visits.visit_windows import continuous, place_days
from raw2adam.mappings.models.window import WindowSpec

DECIDED = (
    WindowSpec.model_validate({"name": "Baseline", "to": 1, "target": 1, "number": 0}),
    WindowSpec.model_validate({"name": "UNSCHEDULED", "from": 2, "to": 45}),
    WindowSpec.model_validate({"name": "Month 3", "from": 46, "to": 136, "target": 91, "number": 3}),
    WindowSpec.model_validate({"name": "Month 6", "from": 137, "to": 228, "target": 183, "number": 6}),
    WindowSpec.model_validate(
        {"name": "Month {number}", "from": 229, "to": 319, "target": 274, "number": 9, "every": 91, "step": 3}
    ),
)


@pytest.mark.parametrize(
    ("day", "name", "number", "target", "low", "high"),
    [
        (-400, "Baseline", 0, 1, None, 1), (-1, "Baseline", 0, 1, None, 1), (1, "Baseline", 0, 1, None, 1),
        (2, "UNSCHEDULED", None, None, 2, 45), (45, "UNSCHEDULED", None, None, 2, 45),
        (46, "Month 3", 3, 91, 46, 136), (136, "Month 3", 3, 91, 46, 136),
        (137, "Month 6", 6, 183, 137, 228), (228, "Month 6", 6, 183, 137, 228),
        (229, "Month 9", 9, 274, 229, 319), (319, "Month 9", 9, 274, 229, 319),
        (320, "Month 12", 12, 365, 320, 410), (411, "Month 15", 15, 456, 411, 501),
        (956, "Month 30", 30, 911, 866, 956), (957, "Month 33", 33, 1002, 957, 1047),
    ],
)  # fmt: skip
def test_the_decided_windows(day, name, number, target, low, high):
    placed = place_days(np.array([float(day)]), DECIDED)
    (found,) = placed.name().tolist()
    numbers = [
        placed.number(*n)[0] for n in (("number", "step"), ("target", "days"), ("from_", "days"), ("to", "days"))
    ]
    assert (found, [None if x != x else x for x in numbers]) == (name, [number, target, low, high])


def test_no_day_no_window_and_a_gap():
    placed = place_days(np.array([np.nan, 5.0, 20.0]), (DECIDED[0], DECIDED[2]))
    assert placed.name().tolist() == ["", "", ""]


def test_distances_have_no_day_0():
    """See docs/semantics.md S24."""
    assert (continuous(np.array([-1.0, 1.0, 2.0])) - continuous(np.array([1.0, 1.0, 1.0]))).tolist() == [-1, 0, 1]


ADAM = """\
dataset: ADQS
rows: {from: DM}
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  AVAL: AGE
  AVISIT: {analysis_window: AGE, windows: [WINDOWS]}
"""


@pytest.mark.parametrize(
    ("windows", "column", "message"),
    [
        ("{name: A, from: 1, to: 5}, {name: B, from: 5, to: 9}", 43, "'B' must begin after the end of 'A'"),
        ("{name: A, to: 5}, {name: B, to: 9}", 43, "'B' must begin after the end of 'A'"),
        ("{name: A, from: 1, to: 5}, {name: A, from: 6}", 43, "'A' is there twice"),
        ("{name: A, from: 0, to: 5}", 44, "no study day 0"),
        ("{name: A, from: 5, to: 1}", 44, "from: <= target: <= to:"),
        ("{name: A, from: 1, to: 5, target: 6}", 44, "from: <= target: <= to:"),
        ("{name: 'A {number}', from: 1, to: 9, number: 1, every: 5}", 44, "overlap"),
        ("{name: A, from: 1, to: 9, every: 9}", 44, "{number}"),
        ("{name: 'A {number}', from: 1, to: 9, number: 1, every: 9}, {name: B, from: 99}", 43, "no window can follow"),
        ("{name: 'A {number}', to: 9, number: 1, every: 9}", 44, "needs from: and to:"),
    ],
)
def test_windows_that_cannot_be_have_their_place(spec_problems, windows, column, message):
    study = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}\nsources: {dm: {file: dm.csv}}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: U}, COUNTRY: {value: DEU}, AGE: AGE}\n"
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables: {SUBJID: SUBJID}\n"
    specs = {"dm": dm, "adsl": adsl, "adqs": ADAM.replace("WINDOWS", windows)}
    problems = [p for p in spec_problems(study, specs, ("dm.csv",)) if p.severity == "error"]
    assert [(str(p.place), message in p.message) for p in problems] == [(f"adam/adqs.yaml:7:{column}", True)]


CHANGES = """\
dataset: ADQS
label: Quality of Life
rows: {from: DM}
variables:
  PARAMCD: {value: PARAMETER}
  PARAM: {value: X}
  AVAL: AGE
  CHG: AGE
  CHGCAT1: {threshold_category: CHG, instruments: [qlq-c30-v3, qlq-my20], thresholds: {OWN: {better: higher, improved: 5, worsened: 7}}}
  CRIT1: {threshold_category: CHG, instruments: [qlq-c30-v3, qlq-my20], thresholds: {OWN: {better: higher, improved: 5, worsened: 7}}, give: criterion}
"""
B, S, W = "IMPROVED", "STABLE", "WORSENED"


@pytest.mark.parametrize(
    ("parameter", "changes", "categories", "criterion"),
    [
        ("PF2", ["10", "9.99", "-9.99", "-10"], [B, S, S, W], "CHG <= -10"),
        ("QL2", ["16.7", "0", "-8.3", "-16.7"], [B, S, S, W], "CHG <= -10"),
        ("SUMSC", ["10", "9.9", "-9.9", "-10"], [B, S, S, W], "CHG <= -10"),
        ("FA", ["-10", "-9.99", "9.99", "10"], [B, S, S, W], "CHG >= 10"),
        ("MYDS", ["-16", "-15.9", "10.9", "11"], [B, S, S, W], "CHG >= 11"),
        ("MYSE", ["-6", "-5.9", "8.9", "9"], [B, S, S, W], "CHG >= 9"),
        ("MYBI", ["33.3333", "32.9", "-32.9", "-33.3333"], [B, S, S, W], "CHG <= -33"),
        ("MYFP", ["11.1111", "10.9", "-10.9", "-11.1111"], [B, S, S, W], "CHG <= -11"),
        ("OWN", ["5", "4.9", "-6.9", "-7"], [B, S, S, W], "CHG <= -7"),
        ("OTHER", ["50", "0", "-50", ""], ["", "", "", ""], ""),
    ],
)
def test_categories_of_change_on_each_side_of_the_threshold(tiny, parameter, changes, categories, criterion):
    """A change of exactly the threshold counts; a missing change has no category."""
    cells = [*changes, ""]
    files = {"dm.csv": "SUBJ,AGE\n" + "".join(f"{i},{c}\n" for i, c in enumerate(cells, 1))}
    study = "parents: [instruments]\nstudy: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ:02}'}\nsources: {dm: {file: dm.csv}}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: U}, COUNTRY: {value: DEU}, AGE: AGE}\n"
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables: {SUBJID: SUBJID}\n"
    built = tiny(files, study, {"dm": dm, "adsl": adsl, "adqs": CHANGES.replace("PARAMETER", parameter)})
    assert built.values("ADQS", "CHGCAT1") == [*categories, ""]
    assert built.values("ADQS", "CRIT1") == [criterion if c else "" for c in cells]


VISITS = """\
dataset: ADQS
label: Quality of Life
rows:
  from: ADSL
  columns: {NO: {from: SUBJID}}
  where: SUBJID != '6'
  derive:
    expected_visits: [{name: Baseline, to: 1, target: 1, number: 0}, {name: Early, from: 2, to: 45}, {name: 'Month {number}', from: 46, to: 136, target: 91, number: 3, every: 91, step: 3}]
    reference: TRTSDT
    on_study: [RFICDT, ENRLDT]
    until: [DTHDT]
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  AVALC: NO
keys: [USUBJID, AVISITN]
"""
#: day 1 is 2020-01-01; the cut-off 2020-12-31 is day 366; day 91 is 2020-03-31, day 182 2020-06-30, day 273 2020-09-29
SUBJECTS = """\
SUBJ,FIRST,CONSENT,ENROLLED,DIED
1,2020-01-01,2019-12-20,2019-12-20,
2,2020-01-01,,2020-01-02,2020-03-31
3,2020-01-01,2020-01-01,,2020-03-30
4,,2020-01-01,2020-01-01,
5,2020-01-01,,,
6,2020-01-01,2020-01-01,,
"""


def test_a_visit_is_expected_while_alive_and_on_study(tiny):
    """On study from consent, else enrolment, to death or cut-off, both days included; what was looked up before follows."""
    study = "study: {id: S1, cutoff: 2020-12-31}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ:02}'}\nsources: {dm: {file: dm.csv}}\ndates: {formats: [yyyy-mm-dd]}\n"
    dm = """\
dataset: DM
rows: {source: dm}
cutoff: none
variables: {SUBJID: SUBJ, SEX: {value: U}, COUNTRY: {value: DEU}, RFSTDTC: {date: FIRST}, RFICDTC: {date: CONSENT}, DMDTC: {date: ENROLLED}, DTHDTC: {date: DIED}}
"""
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables:\n  SUBJID: SUBJID\n" + "".join(
        f"  {n}: {{analysis_date: {v}{more}}}\n"
        for n, v, more in (
            ("TRTSDT", "RFSTDTC", ""), ("RFICDT", "RFICDTC", ", label: Consent"), ("ENRLDT", "DMDTC", ""), ("DTHDT", "DTHDTC", ""),
        )
    )  # fmt: skip
    built = tiny({"dm.csv": SUBJECTS}, study, {"dm": dm, "adsl": adsl, "adqs": VISITS})
    found = [(r["AVALC"], r["AVISIT"], r["AVISITN"], r["AWTARGET"]) for r in built.data["ADQS"]]
    assert found == [
        ("1", "Baseline", 0.0, 1.0), ("1", "Month 3", 3.0, 91.0), ("1", "Month 6", 6.0, 182.0),
        ("1", "Month 9", 9.0, 273.0), ("1", "Month 12", 12.0, 364.0),
        ("2", "Month 3", 3.0, 91.0), ("3", "Baseline", 0.0, 1.0),
    ]  # fmt: skip
