"""Records that are derived from records of the same dataset: computed parameters, summaries, copies; see docs/records.md.

One study has all cases. Every expected value was worked out by hand.
"""

from __future__ import annotations

import pandas as pd
import pytest
from kit.tiny import Tiny
from raw2adam.engine.expressions.kernels import compute
from raw2adam.mappings.expressions.expression import parse
from raw2adam.mappings.models.formula import named_formulas

DM = """\
dataset: DM
rows: {source: dm}
variables: {SEX: SEX, COUNTRY: {value: DEU}, RFSTDTC: FIRST}
"""
VS = """\
dataset: VS
rows: {source: vs}
sort: [SOURCE]
variables:
  VSTESTCD: TEST
  VSTEST: TEST
  VSORRES: RESULT
  VSORRESU: UNIT
  VSSTRESC: RESULT
  VSSTRESN: RESULT
  VSSTRESU: UNIT
  VISIT: VISIT
  VISITNUM: {from: NUM, type: float}
  VSDTC: DAY
  VSPOS: POS
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT]
variables: {SEX: SEX, TRTSDT: {analysis_date: RFSTDTC}}
"""
ADVS = """\
dataset: ADVS
class: BASIC DATA STRUCTURE
label: Vital Signs
rows:
  - from: VS
    variables: {VSSEQ: VSSEQ, VSPOS: VSPOS}
  - from: ADVS
    derive: {computed: BMI, inputs: {HEIGHT: {by: []}}, by: [AVISIT, AVISITN, ADT], unit: VSSTRESU}
    variables: {PARAMCD: {value: BMI}, BMIHTSEQ: {from: HEIGHT.VSSEQ, type: integer, label: Height}}
  - from: ADVS
    derive: {computed: MAP, by: [AVISIT, AVISITN, ADT, VSPOS], unit: VSSTRESU, unless: PARAMCD == 'MAP'}
    variables: {PARAMCD: {value: MAP}}
  - from: ADVS
    where: PARAMCD in ['SYSBP', 'DIABP']
    derive: {summary: {AVAL: mean, VSPOS: same}, by: [PARAMCD, AVISIT, AVISITN, ADT], at_least: 2}
  - from: ADVS
    where: PARAMCD in ['HEIGHT', 'WEIGHT'] and DTYPE == ''
    derive: {summary: {AVAL: max}, by: [AVISIT], unit: VSSTRESU, dtype: UNITS}
    variables: {PARAMCD: {value: UNITS}}
  - from: ADVS
    finished: true
    where: PARAMCD == 'SYSBP' and AVISITN > 0 and ANL01FL == 'Y'
    derive: {extreme: last, by: [PARAMCD], order: [ADT, AVISITN], dtype: LOV}
    variables: {AVISIT: {value: End of Treatment}, AVISITN: {compute: "99"}}
variables:
  PARAMCD: VSTESTCD
  PARAM: {cases: [{when: "PARAMCD == 'BMI'", value: Body Mass Index}, {from: PARAMCD}]}
  AVAL: VSSTRESN
  AVALC: VSSTRESC
  VSSTRESU: VSSTRESU
  AVISIT: VISIT
  AVISITN: VISITNUM
  ADT: {analysis_date: VSDTC}
  ADY: {study_day: ADT, reference: ADSL.TRTSDT}
  ANL01FL:
    flag: last
    by: [USUBJID, PARAMCD, AVISITN]
    order: [ADT, DTYPE, VSSEQ]
    where: not missing(AVAL) and not missing(AVISITN)
  ABLFL: {flag: last, by: [USUBJID, PARAMCD], order: [ADT, DTYPE, VSSEQ], where: AVISITN == 0}
  BASE: {base_value: AVAL, where: "ABLFL == 'Y'", by: [USUBJID, PARAMCD]}
  CHG: {compute: AVAL - BASE}
keys: [STUDYID, USUBJID, PARAMCD, AVISITN, ADT, DTYPE, VSSEQ]
"""
ADTX = """\
dataset: ADTX
class: BASIC DATA STRUCTURE
label: Texts
rows:
  - from: ADVS
    where: "PARAMCD in ['SYSBP', 'DIABP'] and DTYPE == '' and not missing(AVISITN)"
    derive:
      computed: if(SYSBP == DIABP, 'SAME', '')
      inputs: {SYSBP: {value: VSPOS}, DIABP: {value: VSPOS}}
      value: AVALC
      type: text
      by: [ADT]
    variables: {PARAMCD: {value: POS}}
  - from: ADVS
    where: "PARAMCD in ['SYSBP', 'DIABP'] and DTYPE == '' and AVISITN == 2"
    derive:
      computed: if(POS == 'SITTING', SYSBP - DIABP, 0)
      inputs: {SYSBP: {}, DIABP: {}, POS: {where: PARAMCD == 'SYSBP', value: VSPOS, type: text}}
      by: [ADT]
    variables: {PARAMCD: {value: PULSE}}
variables: {PARAM: {from: PARAMCD}, ADT: ADT}
"""
ADEV = """\
dataset: ADEV
class: BASIC DATA STRUCTURE
label: Events
rows:
  - from: ADVS
    where: PARAMCD == 'WEIGHT'
    variables: {PARAMCD: PARAMCD}
  - from: ADSL
    derive:
      events:
        - {from: ADEV, where: "AVAL < 70 and AVISIT == 'Week 1'", date: ADT, values: {AVALC: LOW}}
        - {from: ADVS, where: "PARAMCD == 'SYSBP' and AVAL >= 130", date: ADT, order: [-AVAL, ADT], values: {AVALC: HIGH}}
      keep: [AVAL, AVISIT]
      otherwise: {AVALC: NONE}
    variables: {PARAMCD: {value: FIRST}, SRCDOM: SRCDOM, SRCVAR: SRCVAR, SRCSEQ: SRCSEQ}
  - from: ADSL
    derive:
      events:
        - {from: ADEV, where: "PARAMCD == 'WEIGHT'", date: ADT}
        - {from: VS, where: "VSTESTCD == 'SYSBP'", date: VSDTC, take: last}
        - {from: ADSL, date: TRTSDT}
      choose: latest
    variables: {PARAMCD: {value: LAST}, SRCDOM: SRCDOM}
  - from: ADVS
    where: PARAMCD == 'WEIGHT'
    derive:
      events: [{from: ADVS, where: PARAMCD == 'SYSBP' and DTYPE == '', order: [-AVAL], values: {AVALC: TOP}}]
      by: [AVISIT]
      keep: [AVAL]
      otherwise: {AVALC: NONE}
    variables: {PARAMCD: {value: TOP}}
variables: {PARAM: {from: PARAMCD}, AVISIT: AVISIT, AVAL: AVAL, ADT: ADT, ADY: {study_day: ADT, reference: TRTSDT}}
keys: [STUDYID, USUBJID, PARAMCD, ADT]
"""
ADLC = """\
dataset: ADLC
class: BASIC DATA STRUCTURE
label: Carried
rows:
  - from: QS
    variables: {PARAMCD: QSTESTCD, ABLFL: {value: Y, when: VISITNUM == 0}}
  - from: ADLC
    where: DTYPE == ''
    derive: &carry
      carry_forward: last
      visits: &visits
        - {AVISIT: Week 1, AVISITN: 1}
        - {AVISIT: Week 2, AVISITN: 2}
        - {AVISIT: Week 3, AVISITN: 3}
        - {AVISIT: Week 4, AVISITN: 4, PARAMCD: B}
  - from: ADLC
    where: DTYPE == ''
    derive: {carry_forward: worst, worse: lower, visits: *visits}
  - from: ADLC
    where: DTYPE == ''
    derive: {carry_forward: baseline, baseline: "ABLFL == 'Y'", visits: *visits}
  - from: ADLC
    where: DTYPE == ''
    derive: {carry_forward: next, visits: *visits}
variables:
  PARAM: {from: PARAMCD}
  AVAL: QSSTRESN
  AVISIT: VISIT
  AVISITN: VISITNUM
  ADT: {analysis_date: QSDTC}
keys: [STUDYID, USUBJID, PARAMCD, DTYPE, AVISITN]
"""
EX = """\
dataset: EX
rows: {source: ex}
variables: {EXTRT: {value: A}, EXDOSE: DOSE, EXDOSU: {value: mg}, EXDOSFRQ: FREQ, EXSTDTC: START, EXENDTC: END}
"""
ADDS = """\
dataset: ADDS
class: BASIC DATA STRUCTURE
label: Doses
rows:
  - from: EX
    derive: {expand: dose, start: EXSTDTC, end: EXENDTC, frequency: EXDOSFRQ, frequencies: {3X: {times: 3, every: 1}}}
    variables: {PARAMCD: {value: DOSE}, EXDOSFRQ: EXDOSFRQ, DOSENUM: {from: NUMBER, type: integer, label: Number}}
  - from: EX
    where: EXDOSFRQ == 'QOD'
    derive: {expand: day, start: EXSTDTC, end: EXENDTC}
    variables: {PARAMCD: {value: DAY}}
  - from: EX
    where: contains(EXSTDTC, 'T')
    columns:
      FROMDTM: {impute: EXSTDTC, highest: second, time: first}
      TODTM: {impute: EXENDTC, highest: second, time: first}
    derive: {expand: dose, start: FROMDTM, end: TODTM, frequency: EXDOSFRQ, datetimes: true}
    variables: {PARAMCD: {value: TIMED}, DOSENUM: {from: NUMBER, type: integer, label: Number}}
variables: {PARAM: {from: PARAMCD}, AVAL: EXDOSE}
keys: [STUDYID, USUBJID, PARAMCD, ADT, DOSENUM]
"""
QS = """\
dataset: QS
rows: {source: qs}
sort: [SOURCE]
variables:
  QSTESTCD: TEST
  QSTEST: TEST
  QSCAT: {value: X}
  QSORRES: RESULT
  QSSTRESN: RESULT
  VISIT: VISIT
  VISITNUM: {from: NUM, type: float}
  QSDTC: DAY
"""
EX_ROWS = """\
1,5,BID,2024-02-28,2024-03-01
2,7,QOD,2024-03-01,2024-03-06
2,8,EVERY 3 WEEKS,2024-03-10,2024-04-21
3,9,ONCE,2024-03-01,2024-03-05
3,1,3X,2024-03-06,2024-03-06
4,2,PRN,2024-03-01,2024-03-05
4,3,QD,2024-03,2024-03-05
4,4,QD,2024-03-05,2024-03-04
5,2,BID,2024-03-01T20:00,2024-03-03T08:00
5,3,QD,2024-03-08T09:00,2024-03-10T08:59
5,4,ONCE,2024-03-20T23:30,2024-03-20T23:30
"""
QS_ROWS = """\
1,A,10,Base,0,2024-03-01
1,A,8,Week 1,1,2024-03-08
1,A,,Week 2,2,2024-03-15
1,A,12,Week 3,3,2024-03-22
1,B,5,Week 2,2,2024-03-15
1,B,6,Week 2,2,2024-03-16
2,A,3,Week 3,3,2024-03-22
3,A,7,Base,0,2024-03-01
3,A,9,Base,0,2024-03-02
"""
ROWS = """\
1,HEIGHT,180,cm,Screening,0,2024-03-01,
1,WEIGHT,81,kg,Screening,0,2024-03-01,
1,WEIGHT,72.9,kg,Week 1,1,2024-03-08,
1,SYSBP,120,mmHg,Screening,0,2024-03-01,SITTING
1,SYSBP,130,mmHg,Screening,0,2024-03-01,STANDING
1,DIABP,60,mmHg,Screening,0,2024-03-01,SITTING
1,SYSBP,140,mmHg,Week 1,1,2024-03-08,SITTING
1,SYSBP,142,mmHg,Week 1,1,2024-03-08,SITTING
1,SYSBP,150,mmHg,,,2024-03-09,SITTING
1,SYSBP,160,mmHg,,,2024-03-09,SITTING
2,HEIGHT,150,cm,Screening,0,2024-03-01,
2,HEIGHT,160,cm,Week 1,1,2024-03-08,
2,WEIGHT,60,kg,Week 1,1,2024-03-08,
3,HEIGHT,70,in,Screening,0,2024-03-01,
3,WEIGHT,60,kg,Screening,0,2024-03-01,
3,SYSBP,120,mmHg,Week 1,1,2024-03-08,SITTING
3,DIABP,,mmHg,Week 1,1,2024-03-08,SITTING
3,MAP,77,mmHg,Week 2,2,2024-03-15,SITTING
3,SYSBP,110,mmHg,Week 2,2,2024-03-15,SITTING
3,DIABP,80,mmHg,Week 2,2,2024-03-15,SITTING
4,HEIGHT,0,cm,Screening,0,2024-03-01,
4,WEIGHT,60,kg,Screening,0,2024-03-01,
"""
FILES = {
    "dm.csv": "SUBJ,SEX,FIRST\n1,F,2024-03-04\n2,M,2024-03-04\n3,F,2024-03-04\n4,F,2024-03-04\n5,F,2024-03-04\n",
    "vs.csv": "SUBJ,TEST,RESULT,UNIT,VISIT,NUM,DAY,POS\n" + ROWS,
    "ex.csv": "SUBJ,DOSE,FREQ,START,END\n" + EX_ROWS,
    "qs.csv": "SUBJ,TEST,RESULT,VISIT,NUM,DAY\n" + QS_ROWS,
}
SPECS = {
    "dm": DM,
    "vs": VS,
    "qs": QS,
    "adsl": ADSL,
    "advs": ADVS,
    "adev": ADEV,
    "adlc": ADLC,
    "ex": EX,
    "adds": ADDS,
    "adtx": ADTX,
}


@pytest.fixture(scope="module")
def built(tiny) -> Tiny:
    return tiny(FILES, "", SPECS)


def records(built: Tiny, subject: str, code: str, *names: str) -> list[tuple]:
    return [
        tuple(r[n] for n in names)
        for r in built.data["ADVS"]
        if r["USUBJID"] == f"S1-0{subject}" and r["PARAMCD"] == code
    ]


def test_a_computed_value_has_the_variables_of_its_group_and_one_height_per_subject(built):
    """BMI: 81 / 1.8 ** 2 = 25; 72.9 / 1.8 ** 2 = 22.5. The height of the screening counts at each visit."""
    names = ("AVISIT", "ADY", "AVAL", "PARAM", "VSSEQ", "VSSTRESU", "AVALC", "BMIHTSEQ")
    assert records(built, "1", "BMI", *names) == [
        ("Screening", -3.0, 25.0, "Body Mass Index", None, "", "", 2.0),
        ("Week 1", 5.0, 22.5, "Body Mass Index", None, "", "", 2.0),
    ]


def test_two_values_of_an_input_give_no_record(built):
    """The heights 150 and 160 of the second subject."""
    assert records(built, "2", "BMI", "AVAL") == []
    found = built.findings[(built.findings["rule"] == "R2A-REC-001") & (built.findings["dataset"] == "ADVS")]
    assert found[["subject", "value"]].values.tolist() == [["S1-02", "150"]]
    assert found["message"].tolist() == [
        "several records of HEIGHT with different values (150, 160) at AVISIT Week 1, AVISITN 1, ADT 2024-03-08: no "
        "value is computed"
    ]


def test_an_impossible_measurement_is_not_used(built):
    """A height of 0 of the fourth subject; test_bad_input.py has a formula that divides by 0."""
    assert records(built, "4", "BMI", "AVAL") == []
    found = built.findings[built.findings["rule"] == "R2A-REC-019"]
    assert found[["subject", "value"]].values.tolist() == [["S1-04", "0"]]


def test_a_formula_of_texts(built):
    """The third subject sat at both weeks; 110 - 80 = 30. The positions of the first one at screening differ."""
    names = ("USUBJID", "PARAMCD", "ADT", "AVALC", "AVAL")
    assert [tuple(r[n] for n in names) for r in built.data["ADTX"]] == [
        ("S1-03", "POS", 23443.0, "SAME", None),
        ("S1-03", "POS", 23450.0, "SAME", None),
        ("S1-03", "PULSE", 23450.0, "", 30.0),
    ]
    found = built.findings[(built.findings["rule"] == "R2A-REC-001") & (built.findings["dataset"] == "ADTX")]
    assert [m.partition(" at ")[0] for m in found["message"]] == [
        "several records of SYSBP with different values (SITTING, STANDING)"
    ]


def test_a_value_in_another_unit_is_not_used(built):
    """70 in are no 70 cm: no BMI of the third subject."""
    assert records(built, "3", "BMI", "AVAL") == []
    found = built.findings[built.findings["rule"] == "R2A-REC-002"]
    assert found[["subject", "value"]].values.tolist() == [["S1-03", "in"]]


def test_an_input_without_a_value_is_counted(built):
    found = built.findings[(built.findings["rule"] == "R2A-REC-004") & (built.findings["dataset"] == "ADVS")]
    lacking = [m.rpartition(" ")[2] for m in found["message"]]
    assert list(zip(found["subject"], found["value"], lacking, strict=True)) == [
        ("S1-01", "130", "DIABP"),
        ("S1-01", "140", "DIABP"),
        ("S1-01", "150", "DIABP"),
        ("S1-03", "60", "HEIGHT"),
        ("S1-03", "120", "DIABP"),
        ("S1-04", "60", "HEIGHT"),
    ]


def test_a_group_with_several_units_has_no_statistic(built):
    """180 cm and 81 kg have no maximum. Week 1 has kg alone."""
    assert records(built, "1", "UNITS", "AVISIT", "AVAL", "DTYPE") == [
        ("Screening", None, "UNITS"),
        ("Week 1", 72.9, "UNITS"),
    ]
    found = built.findings[built.findings["rule"] == "R2A-REC-016"]
    assert found["subject"].tolist() == ["S1-01", "S1-02", "S1-03", "S1-04"]
    assert set(found["value"]) == {"kg"}


def test_a_group_that_has_the_parameter_gets_none(built):
    """MAP (2 * 60 + 120) / 3 = 80 of the first subject; week 2 of the third one has a measured MAP of 77."""
    assert records(built, "1", "MAP", "AVISIT", "VSPOS", "AVAL") == [("Screening", "SITTING", 80.0)]
    assert records(built, "3", "MAP", "AVISIT", "AVAL") == [("Week 2", 77.0)]


def test_a_summary_of_two_or_more_values(built):
    """120 and 130 are 125; the visit that is missing is a group too; VSPOS is missing where it differs."""
    assert [
        r for r in records(built, "1", "SYSBP", "AVISIT", "AVAL", "DTYPE", "VSPOS", "ADY") if r[2] == "AVERAGE"
    ] == [
        ("", 155.0, "AVERAGE", "SITTING", 6.0),
        ("Screening", 125.0, "AVERAGE", "", -3.0),
        ("Week 1", 141.0, "AVERAGE", "SITTING", 5.0),
    ]
    assert [r for r in records(built, "3", "SYSBP", "DTYPE") if r == ("AVERAGE",)] == []
    assert built.findings[built.findings["rule"] == "R2A-REC-003"]["subject"].tolist() == ["S1-01"]


def test_rules_of_the_dataset_see_the_new_records(built):
    """The average of the screening is the baseline: 141 - 125 = 16."""
    found = records(built, "1", "SYSBP", "AVISIT", "DTYPE", "ABLFL", "BASE", "CHG", "ANL01FL")
    assert ("Screening", "AVERAGE", "Y", 125.0, 0.0, "Y") in found
    assert ("Screening", "", "", 125.0, -5.0, "") in found
    assert ("Week 1", "AVERAGE", "", 125.0, 16.0, "Y") in found


def test_a_finished_record_is_copied_with_its_flags(built):
    """The last of the first subject is the average of week 1; no flag of the dataset sees the copy."""
    names = ("AVISIT", "AVISITN", "AVAL", "DTYPE", "CHG", "ANL01FL", "VSSEQ", "ADY")
    assert [r for r in records(built, "1", "SYSBP", *names) if r[3] == "LOV"] == [
        ("End of Treatment", 99.0, 141.0, "LOV", 16.0, "Y", None, 5.0)
    ]
    assert [r for r in records(built, "3", "SYSBP", *names) if r[3] == "LOV"] == [
        ("End of Treatment", 99.0, 110.0, "LOV", None, "Y", 7.0, 12.0)
    ]


def of_dataset(built: Tiny, dataset: str, subject: str, *names: str) -> list[tuple]:
    return [tuple(r[n] for n in names) for r in built.data[dataset] if r["USUBJID"] == f"S1-0{subject}"]


def test_the_first_event_of_the_list_counts(built):
    """The highest of the first subject is 160 on 2024-03-09; 60 kg of the second are below 70; the third has neither."""
    names = ("PARAMCD", "ADY", "AVALC", "AVAL", "AVISIT", "SRCDOM", "SRCVAR")
    assert [r for n in "123" for r in of_dataset(built, "ADEV", n, *names) if r[0] == "FIRST"] == [
        ("FIRST", 6.0, "HIGH", 160.0, "", "ADVS", "ADT"),
        ("FIRST", 5.0, "LOW", 60.0, "Week 1", "ADEV", "ADT"),
        ("FIRST", None, "NONE", None, "", "", ""),
    ]
    (sequence,) = [r["SRCSEQ"] for r in built.data["ADEV"] if r["AVALC"] == "HIGH"]
    assert [r["AVAL"] for r in built.data["ADVS"] if (r["USUBJID"], r["ASEQ"]) == ("S1-01", sequence)] == [160.0]


def test_the_latest_of_several_dates(built):
    """2024-03-09 of the first subject in VS; the second one has no blood pressure, and its weight of 2024-03-08 is last."""
    names = ("PARAMCD", "ADY", "SRCDOM", "AVAL")
    assert [r for n in "123" for r in of_dataset(built, "ADEV", n, *names) if r[0] == "LAST"] == [
        ("LAST", 6.0, "VS", None),
        ("LAST", 5.0, "ADEV", None),
        ("LAST", 12.0, "VS", None),
    ]


def test_an_event_of_each_visit(built):
    """The highest of each visit: 130 of 120 and 130, 142 of 140 and 142; nobody else has a systolic pressure there."""
    names = ("PARAMCD", "AVISIT", "AVALC", "AVAL")
    found = {n: [r[1:] for r in of_dataset(built, "ADEV", n, *names) if r[0] == "TOP"] for n in "1234"}
    assert {n: sorted(rows) for n, rows in found.items()} == {
        "1": [("Screening", "TOP", 130.0), ("Week 1", "TOP", 142.0)],
        "2": [("Week 1", "NONE", None)],
        "3": [("Screening", "NONE", None)],
        "4": [("Screening", "NONE", None)],
    }


@pytest.mark.parametrize(
    ("dtype", "subject", "expected"),
    [
        # week 2 of A has a record without a value; week 4 is expected for B alone; B has no value before week 2
        ("LOCF", "1", [("A", 2.0, 8.0, 8), ("B", 3.0, 6.0, 16), ("B", 4.0, 6.0, 16)]),
        ("WOCF", "1", [("A", 2.0, 8.0, 8), ("B", 3.0, 5.0, 15), ("B", 4.0, 5.0, 15)]),
        ("BLOCF", "1", [("A", 2.0, 10.0, 1)]),
        ("NOCB", "1", [("A", 2.0, 12.0, 22), ("B", 1.0, 5.0, 15)]),
        # the first value of the second subject is that of week 3
        ("LOCF", "2", []),
        ("NOCB", "2", [("A", 1.0, 3.0, 22), ("A", 2.0, 3.0, 22)]),
        # two baselines of the third subject: neither is carried; of one visit the later record is the last
        ("BLOCF", "3", []),
        ("LOCF", "3", [("A", 1.0, 9.0, 2), ("A", 2.0, 9.0, 2), ("A", 3.0, 9.0, 2)]),
        ("WOCF", "3", [("A", 1.0, 7.0, 1), ("A", 2.0, 7.0, 1), ("A", 3.0, 7.0, 1)]),
    ],
)
def test_a_value_is_carried_to_a_visit_without_one(built, dtype, subject, expected):
    """``expected``: PARAMCD, AVISITN, AVAL, day of March of the source."""
    found = of_dataset(built, "ADLC", subject, "PARAMCD", "AVISITN", "AVAL", "ADT", "DTYPE", "ABLFL", "AVISIT")
    carried = [r for r in found if r[4] == dtype]
    assert [(*r[:3], r[3] - 23435) for r in carried] == expected
    assert all(r[5:] == ("", f"Week {r[1]:.0f}") for r in carried)


def test_two_baselines_are_findings(built):
    found = built.findings[built.findings["rule"] == "R2A-REC-006"]
    assert found[["subject", "value"]].values.tolist() == [["S1-03", "7"], ["S1-03", "9"]]


def test_a_record_for_each_dose(built):
    """Days from 2024-02-28, which is day 1; 2024 has a 29 February. EVERY 3 WEEKS is every 21 days."""
    found = {n: of_dataset(built, "ADDS", n, "PARAMCD", "ADT", "DOSENUM", "AVAL") for n in "1234"}
    doses = {n: [(r[1] - 23433, r[2], r[3]) for r in rows if r[0] == "DOSE"] for n, rows in found.items()}
    assert doses == {
        "1": [(1, 1, 5), (1, 2, 5), (2, 3, 5), (2, 4, 5), (3, 5, 5), (3, 6, 5)],
        "2": [(3, 1, 7), (5, 2, 7), (7, 3, 7), (12, 1, 8), (33, 2, 8), (54, 3, 8)],
        "3": [(3, 1, 9), (8, 1, 1), (8, 2, 1), (8, 3, 1)],
        "4": [],
    }
    assert [r[1] - 23433 for r in found["2"] if r[0] == "DAY"] == [3, 4, 5, 6, 7, 8]


def test_a_dose_has_its_moment(built):
    """Every 12 hours from 20:00 of 1 March to 08:00 of 3 March; on 10 March the interval ends before 09:00."""
    found = of_dataset(built, "ADDS", "5", "PARAMCD", "ADT", "ADTM", "DOSENUM")
    timed = [(int(r[1]) - 23435, divmod(r[2] - 23436 * 86400, 3600)[0], r[3]) for r in found if r[0] == "TIMED"]
    assert timed == [
        (1, 20, 1),
        (2, 32, 2),
        (2, 44, 3),
        (3, 56, 4),
        (8, 177, 1),
        (9, 201, 2),
        (20, 479, 1),
    ]


def test_an_interval_that_is_not_known_is_a_finding(built):
    found = built.findings[built.findings["rule"].isin(["R2A-REC-008", "R2A-REC-009"])]
    assert sorted(zip(found["rule"], found["value"], strict=True)) == [
        ("R2A-REC-008", "2024-03"),
        ("R2A-REC-008", "2024-03-04"),
        ("R2A-REC-009", "PRN"),
    ]


def test_the_sequence_numbers_all_records(built):
    of_first = [r["ASEQ"] for r in built.data["ADVS"] if r["USUBJID"] == "S1-01"]
    assert sorted(of_first) == [float(n) for n in range(1, len(of_first) + 1)]


def test_the_lineage_names_the_records_of_the_inputs(built):
    """BMI of the first subject comes from records 3 (HEIGHT) and 15, 16 (WEIGHT) of the finished dataset."""
    rows, data = built.lineage["ADVS"].rows, built.data["ADVS"]
    of_bmi = [i for i, r in enumerate(data) if (r["USUBJID"], r["PARAMCD"]) == ("S1-01", "BMI")]
    of_input = [[data[rows[f"row:{name}"].iat[i]]["AVAL"] for name in ("HEIGHT", "WEIGHT")] for i in of_bmi]
    assert of_input == [[180.0, 81.0], [180.0, 72.9]]


def test_the_methods_state_the_formula_and_its_source(built):
    (aval,) = [v for v in built.specs["ADVS"].variables if v.name == "AVAL"]
    assert "AVAL is WEIGHT / power(HEIGHT / 100, 2) (Keys et al. 1972, J Chronic Dis 25:329)" in aval.method
    assert "AVAL is the mean of AVAL over the records of the subject with the same PARAMCD, AVISIT" in aval.method
    copied = "The source record is the last record by ADT, AVISITN of the subject with the same PARAMCD in ADVS, among"
    assert copied in aval.method


def test_partitions_do_not_change_a_value(built, tiny):
    assert tiny(FILES, "", SPECS, 2).data == built.data


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("    finished: true\n", "", "21:51", "ANL01FL is known only with all records of ADVS"),
        ("at_least: 2}", "at_least: 2}\n    columns: {X: {from: CHG}}", "16:25", "CHG is known only with all records"),
        ("extreme: last", "extreme: lowest", "23:23", "one of 'first', 'last' is expected"),
    ],
)  # fmt: skip
def test_mistakes_have_their_place(spec_problems, old, new, place, message):
    assert old in ADVS
    found = spec_problems("", {**SPECS, "advs": ADVS.replace(old, new, 1)}, tuple(FILES))
    shown = [(f"{p.place.line}:{p.place.column}", p.message) for p in found if p.severity == "error"]
    assert [(at, message in text) for at, text in shown][:1] == [(place, True)], shown


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        # worked out with a calculator, to 4 digits
        ("BMI", {"WEIGHT": 75, "HEIGHT": 170}, 25.9516),
        ("BSA-MOSTELLER", {"WEIGHT": 75, "HEIGHT": 170}, 1.8819),
        ("BSA-DUBOIS", {"WEIGHT": 75, "HEIGHT": 170}, 1.8636),
        ("BSA-HAYCOCK", {"WEIGHT": 75, "HEIGHT": 170}, 1.8947),
        ("BSA-GEHAN-GEORGE", {"WEIGHT": 75, "HEIGHT": 170}, 1.8975),
        ("BSA-BOYD", {"WEIGHT": 75, "HEIGHT": 170}, 1.9051),
        ("BSA-FUJIMOTO", {"WEIGHT": 75, "HEIGHT": 170}, 1.8192),
        ("BSA-TAKAHIRA", {"WEIGHT": 75, "HEIGHT": 170}, 1.8783),
        ("MAP", {"SYSBP": 121, "DIABP": 51}, 74.3333),
        ("MAP-HR", {"SYSBP": 121, "DIABP": 51, "HR": 59}, 73.0391),
        ("RR", {"HR": 75}, 800),
        ("QTCB", {"QT": 350, "RR": 857}, 378.0747),
        ("QTCF", {"QT": 350, "RR": 857}, 368.4748),
        ("QTCS", {"QT": 350, "RR": 857}, 372.022),
        # the two examples of the publication, 10.48 % and 15.6 %: a smoker, and a man treated for hypertension with diabetes
        (
            "FRAMINGHAM-WOMEN",
            {"AGE": 61, "CHOL": 180, "HDL": 47, "SYSBP": 124, "TREATED": 0, "SMOKER": 1, "DIABETIC": 0},
            10.4842,
        ),
        (
            "FRAMINGHAM-MEN",
            {"AGE": 53, "CHOL": 161, "HDL": 55, "SYSBP": 125, "TREATED": 1, "SMOKER": 0, "DIABETIC": 1},
            15.6227,
        ),
    ],
)
def test_named_formulas(name, values, expected):
    formula = named_formulas()[name]
    assert set(formula.inputs) == set(values)
    found = compute(parse(formula.formula), lambda n: pd.Series([float(values[n])]), 1)
    assert round(float(found.iat[0]), 4) == pytest.approx(expected, abs=6e-5)
