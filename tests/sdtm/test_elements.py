"""SE and EPOCH: when subjects enter elements, on dates written by hand. They come from one calculation."""

from __future__ import annotations

import pytest

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dates: {formats: [yyyy-mm-dd, yyyy-mm]}
epochs:
  SCREENING: {start: RFICDTC}
  TREATMENT: {start: RFSTDTC}
  FOLLOW-UP: {start: RFENDTC, after: true, reached: {from: DS, where: "DSSCAT == 'STUDY TREATMENT'"}}
trial:
  arms: {A: {label: Drug A, path: {SCREENING: [SCRN], TREATMENT: [TRTA], FOLLOW-UP: [FUP]}}}
  elements:
    SCRN: {label: Screening, starts: Consent}
    TRTA: {label: Drug A, starts: First dose}
    FUP: {label: Follow-Up, starts: Day after the last dose}
  end: RFPENDTC
sources: {dm: {file: dm.csv}, ds: {file: ds.csv}, ae: {file: ae.csv}}
"""
DATASETS = {
    "dm": """\
dataset: DM
rows: {source: dm}
variables:
  RFICDTC: {date: CONSENT}
  RFSTDTC: {date: FIRST}
  RFENDTC: {date: LAST}
  RFPENDTC: {date: OUT}
  ARMCD: {value: A, when: "not missing(FIRST)"}
  SEX: {value: F}
  COUNTRY: {value: DEU}
""",
    "ds": """\
dataset: DS
rows: {source: ds}
variables:
  DSTERM: {value: COMPLETED}
  DSDECOD: {value: COMPLETED}
  DSCAT: {value: DISPOSITION EVENT}
  DSSCAT: SCAT
  DSSTDTC: {date: DAY}
""",
    "se": "dataset: SE\nrows: {trial: SE}\n",
    "ae": "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: NO, AEDECOD: NO, AESTDTC: {date: DAY}}\nsort: [SOURCE]\n",
}
# 1 prospective; 2 exposed before consent; 3 never treated; 4 still on treatment; 5 waived; 6 consent on day one;
# 7 first dose known to the month; 8 out of the study the day of the last dose
DM = """\
SUBJ,CONSENT,FIRST,LAST,OUT
1,2020-01-10,2020-01-20,2020-05-31,2020-09-30
2,2020-03-01,2020-01-20,2020-05-31,2020-09-30
3,2020-01-10,,,2020-02-15
4,2020-01-10,2020-01-20,2020-05-31,
5,,2020-01-20,2020-05-31,2020-06-10
6,2020-01-20,2020-01-20,2020-05-31,2020-09-30
7,2020-01-10,2020-02,2020-05-31,2020-09-30
8,2020-01-10,2020-01-20,2020-05-31,2020-05-31
"""
DS = "SUBJ,SCAT,DAY\n" + "".join(f"{s},STUDY TREATMENT,2020-06-01\n" for s in (1, 2, 5, 6, 7, 8))
DS += "1,STUDY PARTICIPATION,2020-09-30\n3,STUDY PARTICIPATION,2020-02-15\n"
AE = "SUBJ,NO,DAY\n1,a,2020-01-09\n1,b,2020-01-10\n1,c,2020-01-20\n1,d,2020-05-31\n1,e,2020-06-01\n1,f,2020-10-01\n"
AE += "2,g,2020-01-19\n2,h,2020-02-01\n2,i,2020-03-02\n3,j,2020-02-15\n3,k,2020-02-16\n4,l,2020-07-01\n5,m,2020-06-01\n"
FILES = {"dm.csv": DM, "ds.csv": DS, "ae.csv": AE}


@pytest.mark.parametrize("partitions", [1, 3])
def test_elements_of_subjects(tiny, partitions):
    study = tiny(FILES, STUDY, DATASETS, partitions)
    names = ("USUBJID", "SESEQ", "ETCD", "TAETORD", "EPOCH", "SESTDTC", "SEENDTC")
    assert [tuple(r[n] for n in names) for r in study.data["SE"]] == [
        ("S1-01", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-10", "2020-01-20"),
        ("S1-01", 2.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", "2020-06-01"),
        ("S1-01", 3.0, "FUP", 3.0, "FOLLOW-UP", "2020-06-01", "2020-09-30"),
        ("S1-02", 1.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", "2020-06-01"),
        ("S1-02", 2.0, "FUP", 3.0, "FOLLOW-UP", "2020-06-01", "2020-09-30"),
        ("S1-03", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-10", "2020-02-15"),
        ("S1-04", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-10", "2020-01-20"),
        ("S1-04", 2.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", ""),
        ("S1-05", 1.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", "2020-06-01"),
        ("S1-05", 2.0, "FUP", 3.0, "FOLLOW-UP", "2020-06-01", "2020-06-10"),
        ("S1-06", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-20", "2020-01-20"),
        ("S1-06", 2.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", "2020-06-01"),
        ("S1-06", 3.0, "FUP", 3.0, "FOLLOW-UP", "2020-06-01", "2020-09-30"),
        ("S1-07", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-10", "2020-02"),
        ("S1-07", 2.0, "TRTA", 2.0, "TREATMENT", "2020-02", "2020-06-01"),
        ("S1-07", 3.0, "FUP", 3.0, "FOLLOW-UP", "2020-06-01", "2020-09-30"),
        ("S1-08", 1.0, "SCRN", 1.0, "SCREENING", "2020-01-10", "2020-01-20"),
        ("S1-08", 2.0, "TRTA", 2.0, "TREATMENT", "2020-01-20", "2020-05-31"),
    ]
    partial = study.findings[study.findings["rule"] == "R2A-SE-001"]
    assert list(zip(partial["subject"], partial["value"], strict=True)) == [("S1-07", "2020-02")]
    assert study.data["SE"][0]["ELEMENT"] == "Screening"
    assert study.specs["SE"].variable("EPOCH").origin.type == "Assigned"


def test_epochs_are_those_of_the_elements(tiny):
    study = tiny(FILES, STUDY, DATASETS)
    assert [(r["AETERM"], r["EPOCH"]) for r in study.data["AE"]] == [
        ("a", ""),  # before consent
        ("b", "SCREENING"),
        ("c", "TREATMENT"),
        ("d", "TREATMENT"),
        ("e", "FOLLOW-UP"),
        ("f", ""),  # after the end of participation
        ("g", ""),
        ("h", "TREATMENT"),  # before consent, exposed already
        ("i", "TREATMENT"),
        ("j", "SCREENING"),
        ("k", ""),
        ("l", "TREATMENT"),  # no date ends treatment
        ("m", "FOLLOW-UP"),
    ]
    assert [r["EPOCH"] for r in study.data["DS"] if r["USUBJID"] == "S1-01"] == ["FOLLOW-UP", "FOLLOW-UP"]


def test_the_first_filled_of_several_starts(tiny):
    several = STUDY.replace("SCREENING: {start: RFICDTC}", "SCREENING: {start: [RFICDTC, RFSTDTC]}")
    study = tiny(FILES, several, DATASETS)
    waived = [r for r in study.data["SE"] if r["USUBJID"] == "S1-05"]
    assert next((r["ETCD"], r["SESTDTC"], r["SEENDTC"]) for r in waived) == ("SCRN", "2020-01-20", "2020-01-20")


def test_an_element_inside_an_epoch_needs_another_start(tiny, spec_problems):
    two = STUDY.replace("TREATMENT: [TRTA]", "TREATMENT: [TRTA, REST]").replace(
        "    FUP: {label", "    REST: {label: Rest, starts: After the last dose, start: RFENDTC}\n    FUP: {label"
    )
    study = tiny(FILES, two, DATASETS)
    first = [r for r in study.data["SE"] if r["USUBJID"] == "S1-01"]
    assert [(r["ETCD"], r["TAETORD"], r["SESTDTC"], r["SEENDTC"]) for r in first] == [
        ("SCRN", 1.0, "2020-01-10", "2020-01-20"),
        ("TRTA", 2.0, "2020-01-20", "2020-05-31"),
        ("REST", 3.0, "2020-05-31", "2020-06-01"),
        ("FUP", 4.0, "2020-06-01", "2020-09-30"),
    ]
    without = two.replace(", start: RFENDTC}", "}")
    assert "REST is not the first element of TREATMENT" in str(spec_problems(without, DATASETS)[0])
    endless = STUDY.replace("SCREENING: {start: RFICDTC}", "SCREENING: {}")
    assert "the epoch SCREENING has no start:" in str(spec_problems(endless, DATASETS)[0])


def test_times_of_one_day_decide_which_elements_were_entered(tiny):
    """Consent and first dose on one day. 1: consent before the dose; 2: after it, so there was no screening; 3: the dose
    has no time, and the days are one."""
    timed = STUDY.replace("yyyy-mm-dd, yyyy-mm]", "yyyy-mm-dd, 'yyyy-mm-ddThh:mi']")
    dm = (
        "SUBJ,CONSENT,FIRST,LAST,OUT\n1,2020-01-20T08:00,2020-01-20T10:00,,2020-09-30\n"
        "2,2020-01-20T11:00,2020-01-20T10:00,,2020-09-30\n3,2020-01-20T11:00,2020-01-20,,2020-09-30\n"
    )
    ae = "SUBJ,NO,DAY\n1,1,2020-01-20T09:00\n1,2,2020-01-20T10:00\n2,3,2020-01-20T10:30\n3,4,2020-01-20T09:00\n"
    study = tiny({"dm.csv": dm, "ds.csv": "SUBJ,SCAT,DAY\n", "ae.csv": ae}, timed, DATASETS)
    entered = [(r["USUBJID"], r["ETCD"], r["SESTDTC"], r["SEENDTC"]) for r in study.data["SE"]]
    assert sorted(entered) == [
        ("S1-01", "SCRN", "2020-01-20T08:00", "2020-01-20T10:00"),
        ("S1-01", "TRTA", "2020-01-20T10:00", "2020-09-30"),
        ("S1-02", "TRTA", "2020-01-20T10:00", "2020-09-30"),
        ("S1-03", "SCRN", "2020-01-20T11:00", "2020-01-20"),
        ("S1-03", "TRTA", "2020-01-20", "2020-09-30"),
    ]
    assert study.values("AE", "EPOCH") == ["SCREENING", "TREATMENT", "TREATMENT", "TREATMENT"]
