"""TS, TA, TE, TI and TV from trial: of study.yaml, on a small trial written by hand."""

from __future__ import annotations

import pytest

TRIAL = """\
study: {id: S1, title: A Study of Drug A, cutoff: 2021-06-30}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dates: {formats: [yyyy-mm-dd, yyyy-mm]}
visits:
  BASELINE: {num: 1, day: -7, starts: Consent}
  MONTH 3: {num: 2.5, starts: Three months after the first dose}
  OTHER: {num: 99}
epochs: {SCREENING: {start: RFICDTC}, TREATMENT: {start: RFSTDTC}}
trial:
  arms:
    A: {label: Drug A, path: {SCREENING: [SCRN], TREATMENT: [RUN, TRTA]}, branch: {SCRN: Randomized to A}}
    B: {label: Drug B, path: {SCREENING: [SCRN], TREATMENT: [TRTB]}, transition: {SCRN: Not eligible leaves}}
  elements:
    SCRN: {label: Screening, starts: Consent, ends: First dose, duration: P7D}
    RUN: {label: Run-In, starts: First dose of A}
    TRTA: {label: Full Dose of A, starts: Full dose, start: RFXSTDTC}
    TRTB: {label: Drug B, starts: First dose of B}
  criteria:
    INCL01: {category: INCLUSION, text: Adult, version: "2"}
    EXCL01: {category: EXCLUSION, text: Allergic to the drug}
  summary:
    TITLE: {study: title}
    STYPE: INTERVENTIONAL
    NARMS: {count: arms}
    AGEMIN: P18Y
    AGEMAX: {null_flavor: PINF}
    FCNTRY: [DEU, FRA]
    SSTDTC: {first: DM.RFICDTC}
    SENDTC: {last: DM.RFICDTC, where: "SEX == 'M'"}
    ACTSUB: {count: DM, where: not missing(SEX)}
    DCUTDTC: {study: cutoff}
sources: {dm: {file: dm.csv}}
"""
DM = """\
dataset: DM
rows: {source: dm}
variables:
  SEX: SEX
  RFICDTC: {date: CONSENT}
  RFSTDTC: {date: CONSENT}
  RFXSTDTC: {date: CONSENT}
  COUNTRY: {value: DEU}
  ARMCD: ARM
"""
RAW = {"dm.csv": "SUBJ,SEX,CONSENT,ARM\n1,M,2020-03-05,A\n2,F,2020-02-01,B\n3,M,2020-01,A\n4,,2021-01-01,A\n"}


def spec(name: str) -> str:
    return f"dataset: {name}\nrows: {{trial: {name}}}\n"


def test_arms_and_elements(tiny):
    study = tiny(RAW, TRIAL, {"dm": DM, "ta": spec("TA"), "te": spec("TE")})
    assert study.specs["TA"].names == [
        "STUDYID", "DOMAIN", "ARMCD", "ARM", "TAETORD", "ETCD", "ELEMENT", "TABRANCH", "TATRANS", "EPOCH",
    ]  # fmt: skip
    names = ("ARMCD", "TAETORD", "ETCD", "TABRANCH", "TATRANS", "EPOCH")
    assert [tuple(r[n] for n in names) for r in study.data["TA"]] == [
        ("A", 1.0, "SCRN", "Randomized to A", "", "SCREENING"),
        ("A", 2.0, "RUN", "", "", "TREATMENT"),
        ("A", 3.0, "TRTA", "", "", "TREATMENT"),
        ("B", 1.0, "SCRN", "", "Not eligible leaves", "SCREENING"),
        ("B", 2.0, "TRTB", "", "", "TREATMENT"),
    ]
    assert [(r["ETCD"], r["TESTRL"], r["TEENRL"], r["TEDUR"]) for r in study.data["TE"]] == [
        ("RUN", "First dose of A", "", ""),
        ("SCRN", "Consent", "First dose", "P7D"),
        ("TRTA", "Full dose", "", ""),
        ("TRTB", "First dose of B", "", ""),
    ]
    assert study.specs["TA"].keys == ("STUDYID", "ARMCD", "TAETORD")
    assert study.specs["TE"].variable("TESTRL").origin.type == "Protocol"
    assert study.specs["TA"].observation_class == "Trial Design"


def test_criteria_and_visits(tiny):
    study = tiny(RAW, TRIAL, {"dm": DM, "ti": spec("TI"), "tv": spec("TV")})
    assert [(r["IETESTCD"], r["IETEST"], r["IECAT"], r["TIVERS"]) for r in study.data["TI"]] == [
        ("EXCL01", "Allergic to the drug", "EXCLUSION", ""),
        ("INCL01", "Adult", "INCLUSION", "2"),
    ]
    # more than one arm: the visits are of all, so ARMCD is blank; a visit without starts: is not planned
    assert [(r["VISITNUM"], r["VISIT"], r["VISITDY"], r["ARMCD"]) for r in study.data["TV"]] == [
        (1.0, "BASELINE", -7.0, ""),
        (2.5, "MONTH 3", None, ""),
    ]


def test_the_criteria_are_the_codelist_of_ie(tiny):
    ie = "dataset: IE\nrows: {source: dm, where: SEX == 'F'}\nvariables:\n  IETESTCD: {value: INCL01, codelist: IETESTCD}\n"
    ie += "  IECAT: {lookup: TI.IECAT, on: [IETESTCD]}\n  IEORRES: {value: N}\n  IESTRESC: {value: N}\n"
    for partitions in (1, 4):
        study = tiny(RAW, TRIAL, {"dm": DM, "ti": spec("TI"), "ie": ie}, partitions)
        assert [(r["USUBJID"], r["IETEST"], r["IECAT"]) for r in study.data["IE"]] == [("S1-02", "Adult", "INCLUSION")]
        assert len(study.data["TI"]) == 2
        assert study.traced("IE", "row:IECAT") == [1]


def test_one_arm_has_the_visits(tiny):
    one = TRIAL[: TRIAL.index("    B: {label")] + TRIAL[TRIAL.index("  elements:") :]
    study = tiny(RAW, one, {"dm": DM, "tv": spec("TV")})
    assert [(r["ARMCD"], r["ARM"]) for r in study.data["TV"]] == [("A", "Drug A")] * 2


def test_summary_parameters(tiny):
    study = tiny(RAW, TRIAL, {"dm": DM, "ts": spec("TS")})
    names = ("TSPARMCD", "TSSEQ", "TSPARM", "TSVAL", "TSVALNF", "TSVALCD", "TSVCDREF", "TSVCDVER")
    assert [tuple(r[n] for n in names) for r in study.data["TS"]] == [
        ("ACTSUB", 1.0, "Actual Number of Subjects", "", "", "", "", ""),
        ("AGEMAX", 1.0, "Planned Maximum Age of Subjects", "", "PINF", "", "", ""),
        ("AGEMIN", 1.0, "Planned Minimum Age of Subjects", "P18Y", "", "", "ISO 8601", ""),
        ("DCUTDTC", 1.0, "Data Cutoff Date", "", "", "", "ISO 8601", ""),
        ("FCNTRY", 1.0, "Planned Country of Investigational Sites", "DEU", "", "", "ISO 3166-1 alpha-3", ""),
        ("FCNTRY", 2.0, "Planned Country of Investigational Sites", "FRA", "", "", "ISO 3166-1 alpha-3", ""),
        ("NARMS", 1.0, "Planned Number of Arms", "2", "", "", "", ""),
        ("SENDTC", 1.0, "Study End Date", "", "", "", "ISO 8601", ""),
        ("SSTDTC", 1.0, "Study Start Date", "", "", "", "ISO 8601", ""),
        ("STYPE", 1.0, "Study Type", "INTERVENTIONAL", "", "C98388", "CDISC CT", "2025-03-28"),
        ("TITLE", 1.0, "Trial Title", "A Study of Drug A", "", "", "", ""),
    ]
    assert study.specs["TS"].keys == ("STUDYID", "TSPARMCD", "TSSEQ")
    methods = {v.where[0].values[0]: v.method for v in study.specs["TS"].values if v.method}
    assert methods["SSTDTC"] == "TSVAL is the earliest complete DM.RFICDTC of all subjects."
    assert sorted(methods) == ["ACTSUB", "DCUTDTC", "SENDTC", "SSTDTC"]


@pytest.mark.parametrize("partitions", [1, 3])
def test_values_of_all_subjects_do_not_depend_on_partitions(tiny, partitions):
    from raw2adam.engine.building.summaries import merge, summarise
    from raw2adam.engine.tables.dataset import Finished
    from raw2adam.sdtm.trial.summary import fill_summary, partition_values

    study = tiny(RAW, TRIAL, {"dm": DM, "ts": spec("TS")}, partitions)
    assert len(study.data["TS"]) == 11
    summaries = []
    for part in study.datasets:
        finished = {n: Finished(d, None) for n, d in part.items()}
        summary = summarise(finished)
        summary.study_values = partition_values(study.plan.spec, finished)
        summaries.append(summary)
    filled = fill_summary(study.plan.spec, study.datasets[0]["TS"], merge(summaries).study_values)
    values = dict(zip(filled.frame["TSPARMCD"].tolist(), filled.frame["TSVAL"].tolist(), strict=True))
    # subject 3's date is not complete and decides nothing; subject 4 has no sex
    assert (values["SSTDTC"], values["SENDTC"], values["ACTSUB"], values["DCUTDTC"]) == (
        "2020-02-01",
        "2020-03-05",
        "3",
        "2021-06-30",
    )


def test_a_value_that_no_subject_gives_is_unknown(tiny):
    from raw2adam.sdtm.trial.summary import fill_summary

    study = tiny(RAW, TRIAL, {"dm": DM, "ts": spec("TS")})
    filled = fill_summary(study.plan.spec, study.datasets[0]["TS"], {})
    flavors = dict(zip(filled.frame["TSPARMCD"].tolist(), filled.frame["TSVALNF"].tolist(), strict=True))
    assert (flavors["SSTDTC"], flavors["DCUTDTC"], flavors["AGEMAX"]) == ("UNK", "", "PINF")


def test_records_that_stand_in_a_spec(tiny):
    ti = """\
dataset: TI
rows:
  - {records: [{IETESTCD: I1, IETEST: One, KIND: in}, {IETESTCD: I0, IETEST: Zero}], variables: {IECAT: {from: KIND, map: {in: INCLUSION}, default: INCLUSION}}}
  - {records: [{IETESTCD: E1, IETEST: Out}], variables: {IECAT: {value: EXCLUSION}, TIRL: {value: none}}}
"""
    for partitions in (1, 3):
        study = tiny(RAW, TRIAL, {"dm": DM, "ti": ti}, partitions)
        assert [(r["IETESTCD"], r["IETEST"], r["IECAT"], r["TIRL"]) for r in study.data["TI"]] == [
            ("E1", "Out", "EXCLUSION", "none"),
            ("I0", "Zero", "INCLUSION", ""),
            ("I1", "One", "INCLUSION", ""),
        ]


BROKEN = {
    "elements: has no 'TRTC'": ("[TRTB]", "[TRTC]"),
    "epochs: has no 'TREATMNT'": ("TREATMENT: [TRTB]", "TREATMNT: [TRTB]"),
    "DM has no variable 'RFXSTDT'": ("start: RFXSTDTC", "start: RFXSTDT"),
    "'STYP' is no TSPARMCD": ("STYPE:", "STYP:"),
    "'INTERVENTION' is not in the codelist STYPE": ("INTERVENTIONAL", "INTERVENTION"),
    "a value has exactly one of value:": ("{count: arms}", "{count: arms, value: 2}"),
    "ETCD 'SCREENING1' has more than 8": ("    RUN: {label", "    SCREENING1: {label: x, starts: y}\n    RUN: {label"),
    "the path of B has no 'TRTA'": ("transition: {SCRN:", "transition: {TRTA:"),
}


@pytest.mark.parametrize("message", BROKEN)
def test_mistakes_of_the_trial_are_reported(spec_problems, message):
    old, new = BROKEN[message]
    assert old in TRIAL
    datasets = {"dm": DM, "ta": spec("TA"), "ts": spec("TS")}
    problems = spec_problems(TRIAL.replace(old, new, 1), datasets)
    found = [p for p in problems if message in p.message]
    assert found
    assert found[0].place.line > 0


def test_a_dataset_that_trial_cannot_give(spec_problems):
    none = TRIAL[: TRIAL.index("trial:")] + "sources: {dm: {file: dm.csv}}\n"
    assert "study.yaml has no trial:" in str(spec_problems(none, {"dm": DM, "ti": spec("TI")})[0])
    wrong = spec_problems(TRIAL, {"dm": DM, "te": "dataset: TE\nrows: {trial: TA}\n"})
    assert "trial: TA is for the dataset TA" in str(wrong[0])
    typo = "dataset: TI\nrows: {records: [{IETESTCD: A, IETEST: a, IECAT: INCLUSION, IETST: b}]}\n"
    assert "IETST is no variable of TI" in str(spec_problems(TRIAL, {"dm": DM, "ti": typo})[0])
    subject = "dataset: CO\nrows: {records: [{USUBJID: S1-01, COVAL: a}]}\n"
    assert "records: have no subject" in str(spec_problems(TRIAL, {"dm": DM, "co": subject})[0])
