"""A small study in which lint finds nothing: its specs and its raw files, as texts, for tests that damage them."""

from __future__ import annotations

STUDY = """\
study: {id: T, title: A study}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
sources:
  enrol:
    file: enrol.csv
    key: [SUBJ]
    codes: {CONSENT: [Y, N]}
    required: {START: "CONSENT == 'Y'"}
    not_submitted: {INITIALS: they tell who it is}
  site: {file: sites.csv, subject: none}
  lab: {file: lab.csv, encoding: cp1252}
  ae: {file: ae.csv}
codelists:
  LBTESTCD:
    label: Laboratory Test Code
    extends: LBTESTCD
    terms: {MYTEST: My Test}
epochs:
  SCREENING: {}
  TREATMENT: {start: RFXSTDTC}
"""
DM = """\
dataset: DM
rows: {source: enrol, where: CONSENT == 'Y'}
variables:
  RFSTDTC: {date: START}
  RFXSTDTC: {date: START}
  SEX: {from: SEX, map: {male: M, female: F}}
  ETHNIC: {value: NOT HISPANIC OR LATINO}
  AGE: AGE
  AGEU: {value: YEARS}
  COUNTRY:
    lookup: site.COUNTRY
    on: {SITE: NUMBER}
    where: ACTIVE == 'Y'
"""
LB = """\
dataset: LB
rows:
  source: lab
  where: not missing(TEST)
  join: {from: DM, where: "SEX == 'M'"}
variables:
  LBTESTCD: {from: TEST, map: {Albumin: ALB, Calcium: CA}}
  LBTEST: {decode: LBTESTCD}
  LBORRES: RESULT
  LBSTRESC: RESULT
  LBDTC: {date: DAY}
sort: [USUBJID, LBTESTCD, LBDTC]
not_submitted:
  COMMENT: not part of the analysis
"""
VS = """\
dataset: VS
rows:
  source: enrol
  unpivot:
    HEIGHT: {result: H, unit: cm}
    WEIGHT: {result: W, unit: kg}
variables:
  VSSTRESC: RESULT
  VSDTC: {date: START}
  VSPOS: {cases: [{when: VSTESTCD == 'HEIGHT', value: STANDING}]}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables:
  AETERM: TERM
  AEDECOD: {compute: upper(TERM)}
  AESEV: {from: SEV, map: {light: MILD, medium: MODERATE}}
  AESTDTC: {date: FROM}
supplemental:
  AEHOSP: {label: Treated in Hospital, from: HOSP}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  SEX: SEX
  AGE: AGE
  AGEGR1:
    cut: AGE
    groups:
      "<65": [0, 65]
      "65-74": [65, 75]
      ">=75": [75, null]
  HEIGHTBL: {first: VS.VSSTRESC, where: VSTESTCD == 'HEIGHT', order: [VSSEQ], label: Baseline Height}
  ALBBL:
    last: LB.LBSTRESC
    where: LBTESTCD == 'ALB'
    order: [LBDTC, LBSEQ]
    label: Last Albumin
  NAE: {count: AE, where: "AESEV in ['MILD', 'MODERATE']", label: Events, type: integer}
  TRTSDT: {analysis_date: RFXSTDTC}
"""
CHECKS = """\
checks:
  - name: severe
    dataset: AE
    fails: AESEV == 'MODERATE' and missing(AEDECOD)
    at: AESEV
"""
SPECS = {
    "study.yaml": STUDY, "sdtm/dm.yaml": DM, "sdtm/lb.yaml": LB, "sdtm/vs.yaml": VS, "sdtm/ae.yaml": AE,
    "adam/adsl.yaml": ADSL, "checks/own.yaml": CHECKS,
}  # fmt: skip
RAW = {
    "enrol.csv": "SITE,SUBJ,START,CONSENT,SEX,AGE,H,W,INITIALS\n1,1,2020-01-01,Y,male,50,180,80,AB\n1,2,2020-01-02,Y,female,70,170,70,CD\n",
    "sites.csv": "NUMBER,COUNTRY,ACTIVE\n1,DEU,Y\n2,FRA,N\n",
    "lab.csv": "SITE,SUBJ,TEST,RESULT,DAY,COMMENT\n1,1,Albumin,40,2020-01-01,a\n1,1,Calcium,2,2020-01-01,b\n1,2,Albumin,41,2020-01-02,c\n1,2,Albumin,38,2020-02-02,d\n",
    "ae.csv": "SITE,SUBJ,TERM,SEV,FROM,HOSP\n1,1,Rash,light,2020-02-01,N\n1,2,Fever,medium,2020-02-02,Y\n1,2,Fever,light,2020-03-02,N\n",
}
