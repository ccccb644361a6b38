"""One date of several forms: the most precise of those that agree, and the findings; the level of a qualifier."""

from __future__ import annotations

import pytest
from raw2adam.sdtm.derivations.agreed_dates import AGREE, CONFLICT, agreed


@pytest.mark.parametrize(
    ("dates", "counts", "reports"),
    [
        (("", "", ""), "", []),
        (("2024-01-21", "", ""), "2024-01-21", []),
        (("2024-01-21", "2024-01-21", ""), "2024-01-21", []),
        (("2024-01", "2024-01-21", ""), "2024-01-21", [(0, AGREE)]),
        (("2024-01-21", "2024-01", ""), "2024-01-21", [(1, AGREE)]),
        (("2024", "2024-01", "2024-01-21"), "2024-01-21", [(0, AGREE), (1, AGREE)]),
        (("2024-01", "2024-02-03", ""), "2024-01", [(1, CONFLICT)]),
        (("2024-01-20", "2024-01-21", "2024-01"), "2024-01-20", [(1, CONFLICT), (2, AGREE)]),
        (("2024-01-20", "2024-01-20T10:30", ""), "2024-01-20T10:30", [(0, AGREE)]),
        (("2024-01-20T10:30", "2024-01-20T10", ""), "2024-01-20T10:30", [(1, AGREE)]),
        (("2024-01-20T10:30", "2024-01-20T11:00", ""), "2024-01-20T10:30", [(1, CONFLICT)]),
        (("2024---15", "2024-01-15", ""), "2024-01-15", [(0, AGREE)]),
    ],
)
def test_the_most_precise_of_the_dates_that_agree_counts(dates, counts, reports):
    found, found_reports = agreed(dates)
    assert (found, [(at, kind) for at, kind, _ in found_reports]) == (counts, reports)


STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}
dates: {formats: [yyyy-mm-dd, yyyy-mm]}
sources: {dm: {file: dm.csv}, died: {file: died.csv}, left: {file: left.csv}}
"""
DM = """\
dataset: DM
rows: {source: dm, join: {source: died, on: [USUBJID]}}
variables:
  SEX: {value: U}
  COUNTRY: {value: DEU}
  DTHDTC: {agreed_date: [FORM, END]}
working:
  FORM: {date: died.DAY}
  END: {first: DS.DSSTDTC, where: DSDECOD == 'DEATH'}
"""
DS = "dataset: DS\nrows: {source: left}\nvariables:\n  DSTERM: WHY\n  DSDECOD: {from: WHY, case: upper}\n  DSSTDTC: {date: DAY}\n"


def test_a_difference_is_a_finding_at_the_cell_that_does_not_count(tiny):
    files = {
        "dm.csv": "SUBJ\n1\n2\n3\n",
        "died.csv": "SUBJ,DAY\n1,2024-01\n2,2024-02-01\n3,2024-03-01\n",
        "left.csv": "SUBJ,WHY,DAY\n1,Death,2024-01-21\n2,Death,2024-02-03\n3,Death,2024-03-01\n",
    }
    built = tiny(files, STUDY, {"dm": DM, "ds": DS})
    assert [r["DTHDTC"] for r in built.data["DM"]] == ["2024-01-21", "2024-02-01", "2024-03-01"]
    assert built.found("R2A-DATE-005") == [("died.csv", 1, "DAY", "2024-01")]
    conflict = built.findings.query("rule == 'R2A-DATE-006'")
    assert conflict[["subject", "variable", "value"]].to_numpy().tolist() == [["S1-2", "DTHDTC", "2024-02-03"]]


CM = """\
dataset: CM
rows: {source: cm}
variables:
  CMTRT: DRUG
  CMGRPID: LINE
supplemental:
  WHY: {label: Reason, from: WHY, idvar: CMGRPID}
  ROUTE1: {label: Route, from: ROUTE}
"""


def test_a_qualifier_of_a_group_is_one_record_where_all_its_records_agree(tiny):
    files = {
        "dm.csv": "SUBJ\n1\n2\n",
        "cm.csv": "SUBJ,DRUG,LINE,WHY,ROUTE\n1,A,1,PD,ORAL\n1,B,1,PD,ORAL\n1,C,2,TOX,\n1,D,2,PD,\n1,E,3,PD,\n1,F,3,,\n1,G,,TOX,\n2,A,1,TOX,\n",
    }
    study = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}\nsources: {dm: {file: dm.csv}, cm: {file: cm.csv}}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
    built = tiny(files, study, {"dm": dm, "cm": CM})
    number = {(r["USUBJID"], str(int(r["CMSEQ"]))): r["CMTRT"] for r in built.data["CM"]}
    of = lambda r: number[r["USUBJID"], r["IDVARVAL"]] if r["IDVAR"] == "CMSEQ" else r["IDVARVAL"]  # noqa: E731
    got = sorted((r["USUBJID"], r["QNAM"], r["IDVAR"], of(r), r["QVAL"]) for r in built.data["SUPPCM"])
    assert got == [
        ("S1-1", "ROUTE1", "CMSEQ", "A", "ORAL"),
        ("S1-1", "ROUTE1", "CMSEQ", "B", "ORAL"),
        ("S1-1", "WHY", "CMGRPID", "1", "PD"),  # both drugs of line 1
        ("S1-1", "WHY", "CMSEQ", "C", "TOX"),  # line 2 has two reasons, line 3 a record without one
        ("S1-1", "WHY", "CMSEQ", "D", "PD"),
        ("S1-1", "WHY", "CMSEQ", "E", "PD"),
        ("S1-1", "WHY", "CMSEQ", "G", "TOX"),  # of no line
        ("S1-2", "WHY", "CMGRPID", "1", "TOX"),
    ]


def test_an_idvar_that_the_domain_does_not_have_is_reported(spec_problems):
    study = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}\nsources: {dm: {file: dm.csv}, cm: {file: cm.csv}}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: {value: DEU}\n"
    reports = spec_problems(study, {"dm": dm, "cm": CM.replace("idvar: CMGRPID", "idvar: CMGRP")})
    assert [(p.message, p.hint) for p in reports if "idvar" in p.message] == [
        ("idvar: CM has no variable 'CMGRP'", "did you mean 'CMGRPID'?")
    ]
