"""Visits of carry_forward and expected_records from a table: TV by arm, one of study.yaml by parameter, rows of a subject.

One study has all cases. Every expected value was worked out by hand.
"""

from __future__ import annotations

import pytest

DM = """\
dataset: DM
rows: {source: dm}
variables: {SEX: {value: F}, COUNTRY: {value: DEU}, ARMCD: ARM, ARM: ARM, ACTARMCD: ARM, ACTARM: ARM}
"""
# the visit of week 8 is that of all arms; week 4 of arm B has another name there than that of all arms
TV = """\
dataset: TV
rows:
  records:
    - {ARMCD: A, VISITNUM: "2", VISIT: WEEK 2}
    - {ARMCD: A, VISITNUM: "4", VISIT: WEEK 4}
    - {ARMCD: B, VISITNUM: "4", VISIT: WEEK 4 B}
    - {ARMCD: "", VISITNUM: "4", VISIT: WEEK 4 ALL}
    - {ARMCD: "", VISITNUM: "8", VISIT: WEEK 8}
    - {ARMCD: A, VISITNUM: "", VISIT: UNSCHEDULED}
    - {ARMCD: A, VISITNUM: "2", VISIT: WEEK 2 AGAIN}
    - {ARMCD: A, VISITNUM: "9", VISIT: END}
variables: {ARMCD: ARMCD, VISITNUM: VISITNUM, VISIT: VISIT, TVSTRL: {value: X}}
"""
VS = """\
dataset: VS
rows: {source: vs}
variables:
  VSTESTCD: TEST
  VSORRES: VALUE
  VSSTRESN: VALUE
  VISITNUM: NUM
  VSDTC: {date: DAY}
"""
SV = "dataset: SV\nrows: {source: sv}\nvariables: {VISITNUM: NUM, SVSTDTC: {date: DAY}}\n"
BLOCK = "  - from: ADVS\n    where: DTYPE == ''\n    derive:\n"
ADVS = f"""\
dataset: ADVS
rows:
  - from: VS
    variables: {{PARAMCD: VSTESTCD, AVAL: VSSTRESN, AVISITN: VISITNUM, ADT: {{analysis_date: VSDTC}}}}
{BLOCK}      carry_forward: last
      visits:
        {{from: TV, variables: {{AVISITN: VISITNUM, AVISIT: VISIT}}, on: {{ADSL.ARMCD: ARMCD}}, where: VISIT != 'END'}}
{BLOCK}      carry_forward: last
      dtype: TABLE
      visits: {{from: weeks, variables: {{AVISITN: WEEK}}, on: {{PARAMCD: TEST}}}}
{BLOCK}      carry_forward: last
      dtype: SUBJECT
      visits: {{from: SV, variables: {{AVISITN: VISITNUM}}}}
{BLOCK}      carry_forward: last
      dtype: LIST
      visits: [{{AVISITN: 4, AVISIT: Any}}, {{AVISITN: 4, AVISIT: Pulse, PARAMCD: PULSE}}]
{BLOCK}      expected_records:
        {{from: TV, variables: {{AVISITN: VISITNUM, AVISIT: VISIT}}, on: {{ADSL.ARMCD: ARMCD}}, where: VISIT != 'END'}}
{BLOCK}      expected_records: [{{AVISITN: 4, PARAMCD: PULSE}}, {{AVISITN: 4, PARAMCD: SYSBP}}, {{AVISITN: 1, PARAMCD: SYSBP}}]
      by: []
      key: [PARAMCD, AVISITN]
      dtype: KEYED
variables: {{PARAM: PARAMCD, AVISIT: {{value: ""}}}}
keys: [STUDYID, USUBJID, PARAMCD, DTYPE, AVISITN]
"""
#: subject -> DTYPE -> (PARAMCD, AVISITN, AVISIT, AVAL) of the records
RECORDS = {
    # arm A: weeks 2, 4 and 8 of TV; the pulse has week 6 of the table; SV has 3; each value is the last before
    "1": {
        "LOCF": [
            ("PULSE", 4, "WEEK 4", 60),
            ("PULSE", 8, "WEEK 8", 60),
            ("SYSBP", 2, "WEEK 2", 120),
            ("SYSBP", 8, "WEEK 8", 140),
        ],
        "TABLE": [("PULSE", 6, "", 60), ("PULSE", 10, "", 60), ("SYSBP", 10, "", 140)],
        "SUBJECT": [("PULSE", 3, "", 60), ("SYSBP", 3, "", 120)],
        "LIST": [("PULSE", 4, "Pulse", 60)],
        "PHANTOM": [
            ("PULSE", 4, "WEEK 4", None),
            ("PULSE", 8, "WEEK 8", None),
            ("SYSBP", 2, "WEEK 2", None),
            ("SYSBP", 8, "WEEK 8", None),
        ],
        "KEYED": [("PULSE", 4, "", None)],
    },
    # arm B: its week 4, not that of all arms
    "2": {
        "LOCF": [("SYSBP", 4, "WEEK 4 B", 130), ("SYSBP", 8, "WEEK 8", 130)],
        "TABLE": [("SYSBP", 10, "", 130)],
        "SUBJECT": [],
        "LIST": [("SYSBP", 4, "Any", 130)],
        "PHANTOM": [("SYSBP", 4, "WEEK 4 B", None), ("SYSBP", 8, "WEEK 8", None)],
        "KEYED": [("PULSE", 4, "", None), ("SYSBP", 4, "", None)],
    },
    # an arm that TV does not have: the visits of all arms
    "3": {
        "LOCF": [("SYSBP", 4, "WEEK 4 ALL", 110), ("SYSBP", 8, "WEEK 8", 110)],
        "TABLE": [("SYSBP", 10, "", 110)],
        "SUBJECT": [("SYSBP", 5, "", 110)],
        "LIST": [("SYSBP", 4, "Any", 110)],
        # the pulse of week 4 was not measured: its record is there, and has nothing to carry
        "PHANTOM": [("PULSE", 8, "WEEK 8", None), ("SYSBP", 4, "WEEK 4 ALL", None), ("SYSBP", 8, "WEEK 8", None)],
        "KEYED": [("SYSBP", 4, "", None)],
    },
}


@pytest.fixture(scope="module")
def built(tiny):
    return tiny(
        {
            "dm.csv": "SUBJ,ARM\n1,A\n2,B\n3,C\n",
            "vs.csv": "SUBJ,TEST,VALUE,NUM,DAY\n1,SYSBP,120,1,2024-01-01\n1,SYSBP,140,4,2024-01-28\n"
            "1,PULSE,60,2,2024-01-15\n2,SYSBP,130,1,2024-01-01\n3,SYSBP,110,1,2024-01-01\n3,PULSE,,4,2024-01-28\n",
            "sv.csv": "SUBJ,NUM,DAY\n1,3,2024-01-21\n3,5,2024-02-05\n",
        },
        "dates: {formats: [yyyy-mm-dd]}\n"
        "tables: {weeks: {rows: [{TEST: PULSE, WEEK: '6'}, {TEST: '', WEEK: '10'}], numbers: [WEEK]}}\n",
        {
            "dm": DM,
            "tv": TV,
            "vs": VS,
            "sv": SV,
            "adsl": "dataset: ADSL\nrows: {from: DM}\nvariables: {ARMCD: ARMCD}\n",
            "advs": ADVS,
        },
    )


@pytest.mark.parametrize("subject", RECORDS)
@pytest.mark.parametrize("dtype", ["LOCF", "TABLE", "SUBJECT", "LIST", "PHANTOM", "KEYED"])
def test_the_visits_of_the_table_that_have_no_value(built, subject: str, dtype: str) -> None:
    found = [
        (r["PARAMCD"], r["AVISITN"], r["AVISIT"], r["AVAL"])
        for r in built.data["ADVS"]
        if r["USUBJID"] == f"S1-0{subject}" and r["DTYPE"] == dtype
    ]
    assert found == RECORDS[subject][dtype]


def test_what_the_table_lacks_or_has_twice_is_a_finding(built) -> None:
    found = built.findings
    assert set(found.loc[found["rule"] == "R2A-REC-010", "value"]) == {""}  # of each block that reads TV
    assert set(found.loc[found["rule"] == "R2A-REC-011", "value"]) == {"2"}
    assert found.loc[found["rule"] == "R2A-REC-012", "subject"].tolist() == ["S1-02"]  # SV has no visit of it


def test_the_method_names_the_table(built) -> None:
    method = next(v.method for v in built.specs["ADVS"].variables if v.name == "AVISITN")
    assert (
        "AVISITN is that of each visit (VISITNUM of TV where VISIT does not equal 'END' and ARMCD is ADSL.ARMCD or missing) "
        "at which AVAL has no value." in method
    )
