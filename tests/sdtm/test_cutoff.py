"""The data cut-off: what starts after it leaves, later ends become missing, partial dates that span it stay."""

from __future__ import annotations

import pytest
from raw2adam.engine.columns.iso_dates import EPOCH, period
from raw2adam.errors import SpecError
from raw2adam.validation.reports.data_cut import data_cut_csv

STUDY = 'study: {id: S1, cutoff: 2021-06-30}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\nSOURCES'
SOURCES = (
    "sources: {en: {file: en.csv}, ex: {file: ex.csv}, ae: {file: ae.csv}, death: {file: death.csv, cutoff: DAY}}\n"
)
DM = """\
dataset: DM
rows: {source: en, join: {source: death, cardinality: one-to-one}}
variables:
  SEX: {value: F}
  COUNTRY: {value: DEU}
  DMDTC: {date: ENROLLED}
  RFSTDTC: {first: EX.EXSTDTC}
  RFENDTC: {last: EX.EXENDTC}
  RFXENDTC: {last: EX.EXSTDTC}
  DTHDTC: {date: death.DAY}
  DTHFL: {any: death, no: ""}
"""
EX = (
    "dataset: EX\nrows: {source: ex}\nvariables:\n  EXTRT: {value: A}\n  EXSTDTC: {date: FROM}\n  EXENDTC: {date: TO}\n"
)
AE = """\
dataset: AE
rows: {source: ae, where: not missing(TERM)}
variables:
  AETERM: TERM
  AEDECOD: TERM
  AESTDTC: {date: FROM}
  AEENDTC: {date: TO}
  AEOUT: OUTCOME
  AEENRTPT: {cases: [{when: "ON == 'Y'", value: ONGOING}]}
  AEENTPT: {value: LAST VISIT, when: "ON == 'Y'"}
supplemental:
  NOTE: {label: Note, from: TERM}
"""
FILES = {
    "en.csv": "SUBJ,ENROLLED\n1,2021-01-01\n2,2021-02-01\n3,2021-07-01\n4,2021-06-30\n",
    "ex.csv": "SUBJ,FROM,TO\n1,2021-01-05,2021-02-05\n1,2021-06-01,2021-07-15\n1,2021-07-01,2021-07-02\n"
    "3,2021-06-01,2021-06-02\n4,2021-07-02,2021-07-03\n",
    "ae.csv": "SUBJ,TERM,FROM,TO,OUTCOME,ON\n"
    "1,before,2021-06-29,2021-06-30,RECOVERED/RESOLVED,\n"
    "1,on the day,2021-06-30,2021-07-01,RECOVERED/RESOLVED,\n"
    "1,after,2021-07-01,,NOT RECOVERED/NOT RESOLVED,Y\n"
    "1,month after,2021-07,,,\n"
    "1,month before,2021-05,2021-06,,\n"
    "1,year,2021,2021,,\n"
    "1,no date,,2021-08-01,,\n"
    "1,goes on,2021-03-01,,NOT RECOVERED/NOT RESOLVED,Y\n"
    "3,of a later subject,2021-01-01,,,\n"
    "1,,2021-08-01,,,\n"
    "9,unknown subject,2021-01-01,,,\n",
    "death.csv": "SUBJ,DAY\n1,2021-07-04\n2,2021-06-30\n",
}


def build(tiny, partitions: int = 1, ae: str = AE, dm: str = DM, study: str = STUDY.replace("SOURCES", SOURCES)):
    return tiny(FILES, study, {"dm": dm, "ex": EX, "ae": ae}, partitions)


def test_records_that_start_later_leave(tiny):
    """See docs/semantics.md S25."""
    study = build(tiny)
    names = ("USUBJID", "AETERM", "AESTDTC", "AEENDTC", "AEENRTPT", "AEENTPT", "AEOUT")
    assert [tuple(r[n] for n in names) for r in study.data["AE"]] == [
        ("S1-01", "before", "2021-06-29", "2021-06-30", "", "", "RECOVERED/RESOLVED"),
        ("S1-01", "goes on", "2021-03-01", "", "ONGOING", "LAST VISIT", "NOT RECOVERED/NOT RESOLVED"),
        ("S1-01", "month before", "2021-05", "2021-06", "", "", ""),
        ("S1-01", "no date", "", "", "ONGOING", "2021-06-30", ""),
        ("S1-01", "on the day", "2021-06-30", "", "ONGOING", "2021-06-30", "RECOVERED/RESOLVED"),
        ("S1-01", "year", "2021", "2021", "", "", ""),
        ("S1-09", "unknown subject", "2021-01-01", "", "", "", ""),
    ]
    assert [(r["USUBJID"], r["QVAL"]) for r in study.data["SUPPAE"]] == [
        (r["USUBJID"], r["AETERM"]) for r in study.data["AE"]
    ]


def test_reference_dates_and_death_follow(tiny):
    names = ("USUBJID", "RFSTDTC", "RFENDTC", "RFXENDTC", "DTHDTC", "DTHFL")
    assert [tuple(r[n] for n in names) for r in build(tiny).data["DM"]] == [
        ("S1-01", "2021-01-05", "2021-02-05", "2021-06-01", "", ""),
        ("S1-02", "", "", "", "2021-06-30", "Y"),
        ("S1-04", "", "", "", "", ""),
    ]


def test_the_ledger_has_the_rows_that_the_cut_off_took(tiny):
    study = build(tiny)
    got = {
        name: {k: n for k, n in account.totals().items() if n and k != "records"}
        for name, account in study.ledger.sources.items()
    }
    assert got == {
        "en": {"rows": 4, "mapped": 3, "after_cutoff": 1},
        "ex": {"rows": 5, "mapped": 2, "after_cutoff": 3},
        "ae": {"rows": 11, "mapped": 7, "excluded": 1, "after_cutoff": 3},
        "death": {"rows": 2, "mapped": 1, "after_cutoff": 1},
    }
    assert study.ledger.reconciled() == []
    assert [r for r in study.ledger.sources["ae"].by_reason() if r[0] == "after the cut-off"] == [
        ("after the cut-off", "sdtm/ae.yaml:1:10: AESTDTC of AE is after the cut-off 2021-06-30", 2),
        ("after the cut-off", "sdtm/dm.yaml:1:10: the subject enters the study after the cut-off 2021-06-30", 1),
    ]
    ((_, reason, _),) = [r for r in study.ledger.sources["death"].by_reason() if r[0] == "after the cut-off"]
    assert reason == "study.yaml:3:104: DAY is after the cut-off 2021-06-30"


def test_partial_dates_that_span_it_are_findings(tiny):
    """See docs/semantics.md S25."""
    study = build(tiny)
    reported = study.findings[study.findings["rule"] == "R2A-CUT-001"]
    assert list(zip(reported["severity"], reported["file"], reported["row"], reported["value"], strict=True)) == [
        ("note", "ae.csv", 6, "2021"), ("note", "ae.csv", 6, "2021"),
    ]  # fmt: skip
    assert [m.split(" may ")[0] for m in reported["message"]] == ["a partial AEENDTC", "a partial AESTDTC"]


def test_removed_and_undecided_records_are_listed(tiny):
    assert data_cut_csv(build(tiny).ledger).decode().splitlines() == [
        "what,file,row,subject,dataset,variable,value",
        "after the cut-off,ae.csv,3,S1-01,AE,AESTDTC,2021-07-01",
        "after the cut-off,ae.csv,4,S1-01,AE,AESTDTC,2021-07",
        "after the cut-off,death.csv,1,S1-01,,DAY,2021-07-04",
        "after the cut-off,en.csv,3,S1-03,DM,DMDTC,2021-07-01",
        "after the cut-off,ex.csv,3,S1-01,EX,EXSTDTC,2021-07-01",
        "after the cut-off,ex.csv,5,S1-04,EX,EXSTDTC,2021-07-02",
        "end after the cut-off,ae.csv,2,S1-01,AE,AEENDTC,2021-07-01",
        "end after the cut-off,ae.csv,7,S1-01,AE,AEENDTC,2021-08-01",
        "end after the cut-off,ex.csv,2,S1-01,EX,EXENDTC,2021-07-15",
        "no date,ae.csv,7,S1-01,AE,AESTDTC,",
        "spans the cut-off,ae.csv,6,S1-01,AE,AEENDTC,2021",
        "spans the cut-off,ae.csv,6,S1-01,AE,AESTDTC,2021",
        "subject after the cut-off,ae.csv,9,S1-03,,,",
        "subject after the cut-off,ex.csv,4,S1-03,,,",
    ]


@pytest.mark.parametrize("partitions", [3])
def test_any_number_of_partitions_gives_the_same(tiny, partitions: int):
    one, many = build(tiny), build(tiny, partitions)
    assert one.data == many.data
    assert data_cut_csv(one.ledger) == data_cut_csv(many.ledger)
    assert {n: (a.totals(), a.by_reason()) for n, a in one.ledger.sources.items()} == {
        n: (a.totals(), a.by_reason()) for n, a in many.ledger.sources.items()
    }


def test_without_a_cut_off_everything_stays(tiny):
    study = build(tiny, study=STUDY.replace("SOURCES", SOURCES).replace(", cutoff: 2021-06-30", ""))
    assert len(study.data["AE"]) == 10
    assert [r["DTHDTC"] for r in study.data["DM"]] == ["2021-07-04", "2021-06-30", "", ""]
    assert data_cut_csv(study.ledger) == b"what,file,row,subject,dataset,variable,value\n"


def test_a_dataset_may_have_no_cut_off(tiny):
    study = build(tiny, ae=AE + "cutoff: none\n")
    assert [r["AETERM"] for r in study.data["AE"] if str(r["AESTDTC"]) > "2021-06-30"] == ["after", "month after"]


def test_a_dataset_may_say_which_dates_decide_and_what_an_end_means(tiny):
    spec = "cutoff:\n  by: AEENDTC\n"
    assert [r["AETERM"] for r in build(tiny, ae=AE + spec).data["AE"]] == [
        "after", "before", "goes on", "month after", "month before", "year", "unknown subject",
    ]  # fmt: skip
    spec = "cutoff: {end: {AEENDTC: {AEOUT: NOT RECOVERED/NOT RESOLVED, AEENTPT: DATA CUT-OFF}}}\n"
    records = {r["AETERM"]: (r["AEOUT"], r["AEENTPT"]) for r in build(tiny, ae=AE + spec).data["AE"]}
    assert records["on the day"] == ("NOT RECOVERED/NOT RESOLVED", "DATA CUT-OFF")
    assert records["before"] == ("RECOVERED/RESOLVED", "")


def test_a_date_that_stays_after_the_cut_off_is_reported(tiny):
    study = build(
        tiny, study=STUDY.replace("SOURCES", SOURCES.replace(", cutoff: DAY", "")), dm=DM + "cutoff: {end: []}\n"
    )
    reported = study.findings[study.findings["rule"] == "R2A-CUT-002"]
    assert list(
        zip(reported["dataset"], reported["subject"], reported["variable"], reported["value"], strict=True)
    ) == [("DM", "S1-01", "DTHDTC", "2021-07-04")]


def test_a_row_that_still_makes_a_record_is_mapped(tiny):
    files = {"cm.csv": "SUBJ,A,B\n1,2021-06-01,2021-08-01\n1,2021-08-02,2021-08-03\n"}
    cm = (
        "dataset: CM\nrows: {source: cm, explode: {DAY: [A, B]}}\n"
        "variables:\n  CMTRT: {value: x}\n  CMSTDTC: {date: DAY}\n"
    )
    study = tiny(files, STUDY.replace("SOURCES", ""), {"cm": cm})
    assert study.values("CM", "CMSTDTC") == ["2021-06-01"]
    totals = study.ledger.sources["cm"].totals()
    assert (totals["mapped"], totals["after_cutoff"]) == (1, 1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("cutoff: {by: AESTDT}\n", "AE has no variable 'AESTDT'.*did you mean 'AESTDTC'"),
        ("cutoff: {end: {AEENDTC: {AEOUTC: x}}}\n", "AE has no variable 'AEOUTC'"),
        ("  AESTFL: {flag: first, order: [AESTDTC], label: F}\ncutoff: {by: AESTFL}\n", "choose another date"),
        ("cutoff: never\n", "none"),
    ],
)
def test_mistakes_of_the_spec(tiny, more: str, words: str):
    ae = AE.split("supplemental:")[0] + more
    with pytest.raises(SpecError, match=words):
        build(tiny, ae=ae)


def test_a_source_names_a_column_that_it_does_not_have(tiny):
    with pytest.raises(SpecError, match="has no column 'DAYS', which decides the data cut-off") as error:
        build(tiny, study=STUDY.replace("SOURCES", SOURCES.replace("cutoff: DAY", "cutoff: DAYS")))
    assert error.value.problems[0].place.line == 3


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021-06-30", "2021-06-30", "2021-06-30"),
        ("2021-06-30T08:00", "2021-06-30", "2021-06-30"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("2021---15", "2021-01-15", "2021-12-15"),
    ],
)
def test_the_period_of_a_date(text: str, first: str, last: str):
    from datetime import date

    days = tuple(float(date.fromisoformat(d).toordinal() - EPOCH) for d in (first, last))
    assert period(text) == days


def test_the_period_of_no_date():
    assert period("--03-15") == (float("-inf"), float("inf"))
    for text in ("", "soon", "2021-13"):
        assert all(day != day for day in period(text))  # NaN


def test_an_event_with_a_date_in_the_future_is_reported_first(tmp_path):
    """A date that has not come yet is wrong: the event that the cut-off took away is an adverse event lost."""
    from kit.command import build
    from raw2adam.runs.from_raw import Options

    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "study" / "study.yaml").write_text(
        "study: {id: S, cutoff: 2022-06-30}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ}'}\n"
        "dates: {formats: [yyyy-mm-dd]}\nsources:\n  dm: {file: dm.csv}\n  ae: {file: ae.csv}\n"
    )
    (tmp_path / "study" / "sdtm" / "dm.yaml").write_text(
        "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: SEX\n  COUNTRY: {value: DEU}\n  RFICDTC: {date: ICF}\n"
    )
    (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(
        "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESER: SER\n"
        "  AESTDTC: {date: ST}\n"
    )
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "dm.csv").write_text("SUBJ,SEX,ICF\n1,F,2021-01-01\n")
    (raw / "ae.csv").write_text("SUBJ,TERM,SER,ST\n1,Cough,N,2021-02-01\n1,Fever,N,2022-09-01\n1,Sepsis,Y,2092-01-01\n")
    import datetime

    done = build(
        str(tmp_path / "study"), raw, tmp_path / "out",
        Options(quality=False, as_of=datetime.date(2023, 1, 1)),
    )  # fmt: skip
    assert done.records["AE"] == 1
    assert done.lead == ["ERROR: 1 of 3 adverse event rows of ae.csv did not reach SDTM, 1 of them serious"]
