"""Bad input of ADaM: each case is a finding, and no value comes from it. docs/bad-input.md has the same table.

One study has all cases. Each subject is one of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from raw2adam.mappings.models.derivation import DERIVATIONS
from raw2adam.mappings.models.record_step import STEPS

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
VS = """\
dataset: VS
rows: {source: vs}
sort: [SOURCE]
variables:
  VSTESTCD: TEST
  VSORRES: {from: VALUE}
  VSSTRESN: VALUE
  VSSTRESU: {from: UNIT, codelist: none}
  VSORNRLO: {from: LOW}
  VSORNRHI: {from: HIGH}
  VSDTC: {date: DAY}
  VSLOBXFL: FLAG
"""
STUDY = """\
dates: {formats: [yyyy-mm-dd]}
sources:
  dm: {file: dm.csv}
  vs: {file: vs.csv}
  ex: {file: ex.csv}
  periods: {file: periods.csv}
  events: {file: events.csv}
  bounds: {file: bounds.csv}
"""
EX = """\
dataset: EX
rows: {source: ex}
variables: {EXTRT: DRUG, EXDOSE: MG, EXDOSU: {from: DU, codelist: none}, EXSTDTC: {date: FROM}, EXENDTC: {date: TO}}
"""
ADEX = """\
dataset: ADEX
label: Exposure
rows:
  - {from: EX, derive: {expand: day, start: EXSTDTC, end: EXENDTC}}
variables: {PARAMCD: {value: DOSE}, PARAM: PARAMCD, AVAL: EXDOSE}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  AP01SDT: {lookup: periods.FROM1, as: date}
  AP01EDT: {lookup: periods.TO1, as: date}
  AP02SDT: {lookup: periods.FROM2, as: date}
  AP02EDT: {lookup: periods.TO2, as: date}
  # an event, which happened where its table has a row of the subject
  TRTSDT: {lookup: events.START, as: date}
  DTHDT: {lookup: events.DAY, as: date}
  EVDT: {event_date: DTHDT, start: TRTSDT, happened: not missing(TRTSDT), label: Date of Event}
  # a height of the subject, of which there should be one
  HEIGHTBL: {lookup: VS.VSSTRESN, where: VSTESTCD == 'HEIGHT', label: Height, type: float}
  MEANWT: {statistic: VS.VSSTRESN, of: mean, where: VSTESTCD == 'WEIGHT', label: Mean Weight}
  MAXWT: {last: VS.VSSTRESN, where: VSTESTCD == 'WEIGHT', label: Highest Weight, type: float}
  SUMDOSE: {total: EX.EXDOSE, label: Dose}
"""
ADVS = """\
dataset: ADVS
rows:
  - from: VS
    variables:
      PARAMCD: VSTESTCD
      AVAL: VSSTRESN
      VSSTRESU: {from: VSSTRESU, codelist: none}
      ADT: {analysis_date: VSDTC}
      ABLFL: VSLOBXFL
      ANRLO: {compute: number(VSORNRLO)}
      ANRHI: {compute: number(VSORNRHI)}
  - from: ADVS
    derive: {computed: BMI, by: [ADT], unit: VSSTRESU}
    variables: {PARAMCD: {value: BMI}}
  - from: ADVS
    derive: {computed: SYSBP / PULSE, by: [ADT], inputs: [SYSBP, PULSE]}
    variables: {PARAMCD: {value: RATIO}}
  - {from: ADVS, where: "PARAMCD == 'WEIGHT'", derive: {summary: mean, by: [PARAMCD]}}
  - {from: ADVS, where: "PARAMCD == 'WEIGHT' and DTYPE == ''", derive: {extreme: last, by: [PARAMCD], order: [AVAL], dtype: MAXIMUM}}
variables:
  PARAM: PARAMCD
  BASE: {base_value: AVAL, by: [USUBJID, PARAMCD]}
  PCHG: {change: AVAL, as: percent}
  ANRIND: {analysis_range_indicator: AVAL, report: true, when: "PARAMCD in ['SYSBP', 'DIABP']"}
  R2A1HI: {compute: AVAL / ANRHI, when: "PARAMCD == 'DIABP'", type: float}
  APERIOD: {period: ADT, start: "ADSL.AP{xx}SDT", end: "ADSL.AP{xx}EDT", count: 2}
  MEANWT2: {group_statistic: AVAL, of: mean, by: [USUBJID, PARAMCD], label: Mean, when: "PARAMCD == 'WEIGHT'"}
  DIFF: {change: AVAL, from: BASE, label: Change}
  GROUP: {cut: AVAL, groups: {low: [0, 50], high: [50, null]}, when: "PARAMCD == 'RESP'", label: Group}
  GRADE: {combined_grade: [AVAL, ANRLO], terms: [PARAMCD, PARAMCD], when: "PARAMCD == 'RESP' and ANRLO == 0", label: Grade}
  BONE: {bone_response: AVAL, where: PARAMCD == 'PULSE' and AVAL < 0, label: Bone}
  HIGHFL: {flag: last, by: [USUBJID, PARAMCD], order: [AVAL], where: PARAMCD == 'WEIGHT' and DTYPE == '', label: Highest}
  NADIR: {group_statistic: AVAL, of: min, by: [USUBJID, PARAMCD], order: [ADT], over: before, label: Nadir, type: float}
  AVALCAT1: {lookup: bounds.NAME, on: [], between: {value: AVAL, from: LO, to: HI}, when: PARAMCD == 'RESP'}
  ANL01FL: {flag: last, by: [USUBJID, PARAMCD], order: [ADT], where: PARAMCD == 'TEMP'}
"""
#: subject -> rows of vs.csv: TEST,VALUE,UNIT,LOW,HIGH,DAY,FLAG
ROWS = {
    "01": ["HEIGHT,180,cm,,,2024-01-01,", "HEIGHT,182,cm,,,2024-01-02,"],
    "02": ["WEIGHT,70,kg,,,2024-01-01,", "WEIGHT,72,kg,,,2024-01-01,", "HEIGHT,180,cm,,,2024-01-01,"],
    "03": ["WEIGHT,154,LB,,,2024-01-01,", "HEIGHT,180,cm,,,2024-01-01,"],
    "04": ["WEIGHT,70,kg,,,2024-01-01,"],
    "05": ["SYSBP,120,mmHg,90,140,2024-01-01,", "PULSE,0,beats/min,,,2024-01-01,"],
    "06": ["TEMP,37,C,,,2024-01-01,Y", "TEMP,38,C,,,2024-01-02,Y"],
    "07": ["TEMP,0,C,,,2024-01-01,Y", "TEMP,38,C,,,2024-01-02,"],
    "08": ["DIABP,80,mmHg,60,0,2024-01-01,"],
    "09": ["SYSBP,120,mmHg,,,2024-01-01,"],
    "10": ["SYSBP,120,mmHg,140,90,2024-01-01,"],
    "11": ["TEMP,36,C,,,2024-02-01,"],
    "12": ["TEMP,36,C,,,2024-01-01,", "TEMP,37,C,,,2024-01-01,"],
    "14": ["RESP,20,breaths/min,,,2024-01-01,"],
    "18": ["TEMP,36,C,,,2024-01-01,"],
    "19": ["WEIGHT,70,kg,,,2024-01-01,Y", "WEIGHT,154,LB,,,2024-01-02,", "HEIGHT,180,cm,,,2024-01-01,"],
    "20": ["RESP,-7,breaths/min,,,2024-01-01,"],
    "21": ["RESP,7,,0,,2024-01-01,"],
    "22": ["PULSE,-1,,,,2024-01-01,"],
    "23": ["WEIGHT,70,kg,,,2024-01-01,", "HEIGHT,-180,cm,,,2024-01-01,"],
    "13": ["TEMP,36,C,,,2024-01-01,", "TEMP,35,C,,,2024-01-02,"],
}
#: subject -> rows of events.csv: START,DAY
EVENTS = {"15": "2024-01-10,2024-01-09", "16": "2024-01-10,", "17": "2024-01-10,2024-01-10"}
#: subject -> findings, and (PARAMCD, variable, values) of the records that it concerns
CASES = {
    "01": ("R2A-JOIN-002 R2A-REC-004", ("", "ADSL.HEIGHTBL", [180])),
    "02": ("R2A-REC-001", ("BMI", "AVAL", [])),
    "03": ("R2A-REC-002 R2A-REC-004", ("BMI", "AVAL", [])),
    "04": ("R2A-REC-004", ("BMI", "AVAL", [])),
    "05": ("R2A-REC-007", ("RATIO", "AVAL", [None])),
    "06": ("R2A-BASE-001", ("TEMP", "BASE", [37, 37])),
    "07": ("R2A-BASE-002", ("TEMP", "PCHG", [None, None])),
    "08": ("R2A-EXPR-005 R2A-GRADE-004", ("DIABP", "R2A1HI", [None])),
    "09": ("R2A-LIMIT-002 R2A-REC-004", ("SYSBP", "ANRIND", [""])),
    "10": ("R2A-GRADE-004 R2A-REC-004", ("SYSBP", "ANRIND", [""])),
    "11": ("R2A-PERIOD-001", ("TEMP", "APERIOD", [2])),
    "12": ("R2A-TIE-001", ("TEMP", "ANL01FL", ["", "Y"])),
    "15": ("R2A-EVENT-001", ("", "ADSL.EVDT", [23384])),
    "16": ("R2A-EVENT-002", ("", "ADSL.EVDT", [None])),
    # no finding: an event on the day of the first dose is none before it
    "17": ("", ("", "ADSL.EVDT", [23385])),
    "14": ("R2A-JOIN-004 R2A-JOIN-005", ("RESP", "AVALCAT1", ["A"])),
    # 70 kg and 154 LB have no mean, but BMI of each visit; 5 mg and 1 g have no sum; 2 January has two doses of A
    "19": ("R2A-BASE-004 R2A-REC-002 R2A-REC-016 R2A-REC-017 R2A-REC-018", ("", "ADSL.MEANWT", [None])),
    "20": ("R2A-LIMIT-003", ("RESP", "GROUP", [""])),
    "21": ("R2A-GRADE-007", ("RESP", "GRADE", [""])),
    "22": ("R2A-REC-004 R2A-RESP-013", ("PULSE", "BONE", ["NE"])),
    "23": ("R2A-REC-004 R2A-REC-019", ("BMI", "AVAL", [])),
    # 5 mg of A and 6 mg of B: the intervals of two drugs may lie side by side
    "18": ("", ("", "ADSL.SUMDOSE", [11])),
    # no finding: before the first record there is no nadir
    "13": ("", ("TEMP", "NADIR", [None, 36])),
}


@pytest.fixture(scope="module")
def study(tiny):
    rows = "".join(f"{subject},{row}\n" for subject, rows in ROWS.items() for row in rows)
    return tiny(
        {
            "dm.csv": "SUBJ\n" + "".join(f"{s}\n" for s in (*ROWS, *EVENTS)),
            "vs.csv": "SUBJ,TEST,VALUE,UNIT,LOW,HIGH,DAY,FLAG\n" + rows,
            "events.csv": "SUBJ,START,DAY\n" + "".join(f"{s},{row}\n" for s, row in EVENTS.items()),
            "bounds.csv": "SUBJ,NAME,LO,HI\n14,A,10,20\n14,B,20,30\n14,C,x,50\n14,D,70,60\n",
            "ex.csv": "SUBJ,DRUG,MG,DU,FROM,TO\n18,A,5,mg,2024-01-01,2024-01-02\n18,B,6,mg,2024-01-02,2024-01-03\n"
            "19,A,5,mg,2024-01-01,2024-01-02\n19,A,1,g,2024-01-02,2024-01-03\n",
            "periods.csv": "SUBJ,FROM1,TO1,FROM2,TO2\n11,2024-01-01,2024-02-15,2024-02-01,2024-03-01\n",
        },
        STUDY,
        {"dm": DM, "vs": VS, "ex": EX, "adsl": ADSL, "adex": ADEX, "advs": ADVS},
    )


@pytest.mark.parametrize("subject", CASES)
def test_each_case_has_its_finding_and_no_wrong_value(study, subject: str) -> None:
    rule, (parameter, variable, values) = CASES[subject]
    usubjid = f"S1-{subject}"
    assert sorted(study.findings[study.findings["subject"] == usubjid]["rule"].unique().tolist()) == rule.split()
    if variable.startswith("ADSL."):
        records = [r for r in study.data["ADSL"] if r["USUBJID"] == usubjid]
        assert [r[variable.removeprefix("ADSL.")] for r in records] == values
        return
    records = [r for r in study.data["ADVS"] if r["USUBJID"] == usubjid and r["PARAMCD"] == parameter]
    assert [r[variable] for r in sorted(records, key=lambda r: (r["ADT"], r["AVAL"] or 0))] == values


def test_the_page_has_every_case() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bad-input.md").read_text(encoding="utf-8")
    named = set(re.findall(r"R2A-[A-Z]+-[0-9]+", page))
    assert {rule for rules, _ in CASES.values() for rule in rules.split()} - named == set()
    verbs = {v for v in (*DERIVATIONS, *STEPS) if v not in ("not_derived", "of_step")}
    assert {v for v in verbs if f"`{v}:`" not in page and f"`{v}`" not in page} == set()


def test_a_group_in_several_units_is_reported_at_a_row(study) -> None:
    """Five rules: a summary of ADVS, a statistic of VS, two of the group, and a sum of EX."""
    found = study.findings[study.findings["rule"] == "R2A-REC-016"]
    assert sorted(zip(found["variable"], found["file"], found["value"], strict=True)) == [
        ("", "vs.csv", "kg"),
        ("MEANWT", "vs.csv", "kg"),
        ("MEANWT2", "vs.csv", "kg"),
        ("NADIR", "vs.csv", "kg"),
        ("SUMDOSE", "ex.csv", "mg"),
    ]
    assert [r["SUMDOSE"] for r in study.data["ADSL"] if r["USUBJID"] == "S1-19"] == [None]


def test_a_bound_that_cannot_be_used_is_reported_where_it_is(study) -> None:
    assert study.found("R2A-JOIN-005") == [("bounds.csv", 3, "LO", "x"), ("bounds.csv", 4, "LO", "70")]


def test_a_value_in_several_units_ranks_no_record(study) -> None:
    """Three rules: a copy of the highest weight, its flag, and the highest one of the subject. 154 LB have no change from 70 kg."""
    found = study.findings[study.findings["rule"] == "R2A-REC-018"]
    assert sorted(found["variable"]) == ["", "HIGHFL", "MAXWT"]
    weights = [r for r in study.data["ADVS"] if r["USUBJID"] == "S1-19" and r["PARAMCD"] == "WEIGHT"]
    assert [(r["AVAL"], r["DTYPE"], r["HIGHFL"], r["BASE"]) for r in weights if r["DTYPE"] != "AVERAGE"] == [
        (70, "", "", 70),
        (154, "", "", None),
    ]
