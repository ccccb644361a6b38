"""Bad input of ADaM: each case is a finding, and no value comes from it. docs/bad-input.md has the same table.

One study has all cases. Each subject is one of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
variables:
  PARAM: PARAMCD
  BASE: {base_value: AVAL, by: [USUBJID, PARAMCD]}
  PCHG: {change: AVAL, as: percent}
  ANRIND: {analysis_range_indicator: AVAL, report: true, when: "PARAMCD in ['SYSBP', 'DIABP']"}
  R2A1HI: {compute: AVAL / ANRHI, when: "PARAMCD == 'DIABP'", type: float}
  APERIOD: {period: ADT, start: "ADSL.AP{xx}SDT", end: "ADSL.AP{xx}EDT", count: 2}
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
    "13": ["TEMP,36,C,,,2024-01-01,", "TEMP,35,C,,,2024-01-02,"],
}
#: subject -> rows of events.csv: START,DAY
EVENTS = {"15": "2024-01-10,2024-01-09", "16": "2024-01-10,", "17": "2024-01-10,2024-01-10"}
#: subject -> findings, and (PARAMCD, variable, values) of the records that it concerns
CASES = {
    "01": ("R2A-JOIN-002 R2A-REC-004", ("HEIGHT", "ADSL.HEIGHTBL", [180, 180])),
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
    "14": ("R2A-JOIN-004", ("RESP", "AVALCAT1", ["A"])),
    "15": ("R2A-EVENT-001", ("", "ADSL.EVDT", [23384])),
    "16": ("R2A-EVENT-002", ("", "ADSL.EVDT", [None])),
    # no finding: an event on the day of the first dose is none before it
    "17": ("", ("", "ADSL.EVDT", [23385])),
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
            "periods.csv": "SUBJ,FROM1,TO1,FROM2,TO2\n11,2024-01-01,2024-02-15,2024-02-01,2024-03-01\n",
        },
        "dates: {formats: [yyyy-mm-dd]}\n"
        "tables: {bounds: {rows: [{NAME: A, LO: '10', HI: '20'}, {NAME: B, LO: '20', HI: '30'}]}}\n",
        {"dm": DM, "vs": VS, "adsl": ADSL, "advs": ADVS},
    )


@pytest.mark.parametrize("subject", CASES)
def test_each_case_has_its_finding_and_no_wrong_value(study, subject: str) -> None:
    rule, (parameter, variable, values) = CASES[subject]
    usubjid = f"S1-{subject}"
    assert sorted(study.findings[study.findings["subject"] == usubjid]["rule"].unique().tolist()) == rule.split()
    if variable.startswith("ADSL."):
        records = [r for r in study.data["ADSL"] if r["USUBJID"] == usubjid]
        assert [r[variable.partition(".")[2]] for r in records] == values[:1]
        return
    records = [r for r in study.data["ADVS"] if r["USUBJID"] == usubjid and r["PARAMCD"] == parameter]
    assert [r[variable] for r in sorted(records, key=lambda r: (r["ADT"], r["AVAL"] or 0))] == values


def test_the_page_has_every_case() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bad-input.md").read_text(encoding="utf-8")
    named = set(re.findall(r"R2A-[A-Z]+-[0-9]+", page))
    assert {rule for rules, _ in CASES.values() for rule in rules.split()} - named == set()
