"""Records that are derived from records of the same dataset: computed parameters, summaries, copies; see docs/records.md.

One study has all cases. Every expected value was worked out by hand.
"""

from __future__ import annotations

import pytest
from kit.tiny import Tiny

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
"""
FILES = {
    "dm.csv": "SUBJ,SEX,FIRST\n1,F,2024-03-04\n2,M,2024-03-04\n3,F,2024-03-04\n",
    "vs.csv": "SUBJ,TEST,RESULT,UNIT,VISIT,NUM,DAY,POS\n" + ROWS,
}


@pytest.fixture(scope="module")
def built(tiny) -> Tiny:
    return tiny(FILES, "", {"dm": DM, "vs": VS, "adsl": ADSL, "advs": ADVS})


def records(built: Tiny, subject: str, code: str, *names: str) -> list[tuple]:
    return [
        tuple(r[n] for n in names)
        for r in built.data["ADVS"]
        if r["USUBJID"] == f"S1-0{subject}" and r["PARAMCD"] == code
    ]


def test_one(built):
    for r in built.data["ADVS"]:
        print(r)
    print(built.findings[["rule", "subject", "variable", "value", "message"]].to_string())
