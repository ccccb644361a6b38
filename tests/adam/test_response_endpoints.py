"""Progression-free survival and duration of response from derived responses: RANO and PCWG3, with literal dates.

The recipes of docs/cookbook.md have RECIST 1.1, iRECIST, Lugano and GCIG, tests/packs IMWG.
"""

from __future__ import annotations

import pytest

#: RANO: enhancing, T2/FLAIR, new, steroids, clinical. The first dose is on 2024-01-01
GLIOMA = """\
SUBJ,DAY,E,F,N,S,C
1,2024-02-01,PR,STABLE,N,DECREASED,STABLE
1,2024-03-01,CR,STABLE,N,OFF,IMPROVED
1,2024-04-01,CR,STABLE,N,,IMPROVED
1,2024-05-01,CR,WORSE,N,OFF,STABLE
2,2024-02-01,SD,STABLE,N,INCREASED,STABLE
2,2024-03-01,PR,STABLE,N,INCREASED,STABLE
"""
#: PCWG3: soft tissue, new lesions of the bone scan. Subject 1 has a flare, 2 progresses by bone, from the first of the scans
PROSTATE = """\
SUBJ,DAY,SOFT,BONE
1,2024-03-01,PR,2
1,2024-04-15,PR,3
1,2024-06-01,PD,3
2,2024-03-01,PR,2
2,2024-04-15,SD,4
3,2024-03-01,SD,0
3,2024-04-15,NE,0
"""
STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dates: {formats: [yyyy-mm-dd]}
sources: {dm: {file: dm.csv}, glioma: {file: glioma.csv}, prostate: {file: prostate.csv}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: {value: F}, COUNTRY: {value: DEU}, RFSTDTC: {date: START}}\n"
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables: {TRTSDT: {analysis_date: RFSTDTC}}\n"
ADRS = """\
dataset: ADRS
class: BASIC DATA STRUCTURE
rows:
  - source: glioma
    variables:
      PARAMCD: {value: RANO}
      ENHRESP: {from: E, label: Enhancing}
      FLAIR: {from: F, label: FLAIR}
      NEWLFL: {from: N, label: New Lesion}
      STEROID: {from: S, label: Steroids}
      CLINSTAT: {from: C, label: Clinical Status}
      AVALC: {overall_response: {enhancing: ENHRESP, flair: FLAIR, new: NEWLFL, steroids: STEROID, clinical: CLINSTAT}, criteria: rano-2010}
  - source: prostate
    variables:
      PARAMCD: {value: PCWG3}
      SOFTRESP: {from: SOFT, label: Soft Tissue}
      AVAL: BONE
      BONERESP: {bone_response: AVAL, date: ADT, days: 42, where: PARAMCD == 'PCWG3', label: Bone}
      TARGETFL: {value: "Y", label: Target Lesions at Baseline}
      AVALC: {overall_response: {soft_tissue: SOFTRESP, bone: BONERESP, target: TARGETFL}, criteria: pcwg3-2016}
variables:
  PARAM: {from: PARAMCD}
  ADT: {analysis_date: DAY}
  ANL01FL: {flag: first, by: [USUBJID, PARAMCD], order: [ADT], where: "AVALC in ['CR', 'PR']", label: First Response}
sort: [STUDYID, USUBJID, PARAMCD, ADT]
"""
PAIR = """\
  PFS{0}:
    PARAM: Progression-Free Survival, {1}
    population: not missing(LAST{0})
    start: ADSL.TRTSDT
    dates: &dates{0}
      LAST{0}: {{from: ADRS, where: "PARAMCD == '{1}' and AVALC != 'NE'", date: ADT}}
      RESP{0}: {{from: ADRS, where: "PARAMCD == '{1}' and ANL01FL == 'Y'", date: ADT}}
    events: &events{0}
      - {{from: ADRS, where: "PARAMCD == '{1}' and AVALC == 'PD'", date: ADT, EVNTDESC: PROGRESSION}}
    censor: &censor{0}
      - {{at: LAST{0}, CNSR: 1, EVNTDESC: NO EVENT}}
  DOR{0}:
    PARAM: Duration of Response, {1}
    population: not missing(RESP{0})
    start: RESP{0}
    dates: *dates{0}
    events: *events{0}
    censor: *censor{0}
"""
ADTTE = (
    "dataset: ADTTE\nkeys: [STUDYID, USUBJID, PARAMCD]\nparameters:\n"
    + PAIR.format("R", "RANO")
    + PAIR.format("P", "PCWG3")
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    files = {"dm.csv": "SUBJ,START\n1,2024-01-01\n2,2024-01-01\n3,2024-01-01\n"}
    files |= {"glioma.csv": GLIOMA, "prostate.csv": PROSTATE}
    folder = tmp_path_factory.mktemp("endpoints")
    write_study(folder, STUDY, {"dm": DM, "adsl": ADSL, "adrs": ADRS, "adtte": ADTTE}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


def test_responses(built):
    got = [(r["USUBJID"][-1], r["PARAMCD"], r["AVALC"], r["BONERESP"]) for r in built.data["ADRS"]]
    assert got == [
        ("1", "PCWG3", "PR", "NON-PD"),
        ("1", "PCWG3", "PR", "NON-PD"),
        ("1", "PCWG3", "PD", "NON-PD"),
        ("1", "RANO", "PR", ""),
        ("1", "RANO", "CR", ""),
        ("1", "RANO", "NE", ""),  # the dose of steroids is missing
        ("1", "RANO", "PD", ""),
        ("2", "PCWG3", "PD", "PD"),
        ("2", "PCWG3", "PD", "PD"),
        ("2", "RANO", "SD", ""),
        ("2", "RANO", "SD", ""),  # more steroids: no response
        ("3", "PCWG3", "SD", "NON-PD"),
        ("3", "PCWG3", "NE", "NON-PD"),
    ]


def test_progression_and_duration_of_response(built):
    """Days from 2024-01-01, or from the first response: RANO 2024-02-01, PCWG3 2024-03-01."""
    got = {(r["USUBJID"][-1], r["PARAMCD"]): (r["AVAL"], r["CNSR"]) for r in built.data["ADTTE"]}
    assert got == {
        ("1", "PFSR"): (122, 0),
        ("1", "DORR"): (91, 0),
        ("2", "PFSR"): (61, 1),
        ("1", "PFSP"): (153, 0),
        ("1", "DORP"): (93, 0),
        ("2", "PFSP"): (61, 0),
        ("3", "PFSP"): (61, 1),
    }
