"""Who a row is about: columns, a split text, a crosswalk; a row without a subject is quarantined."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

CM = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: DRUG\n  CMCAT: SITEID\n  CMSCAT: SUBJID\n"
HEAD = "study: {id: S1}\nsubject: {columns: [SITE, SUBJ], usubjid: '{STUDYID}-{SITE:03}-{SUBJ:02}'MORE}\n"


def ids(tiny, cells: str, subject: str = "", more: str = "", extra: dict[str, str] | None = None):
    head = (
        HEAD.replace("MORE", more)
        + "sources: {cm: {file: cm.csv"
        + (f", subject: {subject}" if subject else "")
        + "}}\n"
    )
    study = tiny({"cm.csv": cells}, head, {"cm": CM}, extra=extra)
    return study, [tuple(r[v] for v in ("USUBJID", "CMCAT", "CMSCAT", "CMTRT")) for r in study.data["CM"]]


def test_columns_are_padded_with_zeros(tiny):
    _, got = ids(tiny, "SITE,SUBJ,DRUG\n7,1,a\n007,1,b\n1234,123,c\n")
    assert [g[0] for g in got] == ["S1-007-01", "S1-007-01", "S1-1234-123"]
    assert got[0][1:] == ("7", "1", "a")


def test_a_row_without_a_subject_is_quarantined(tiny):
    study, got = ids(tiny, "SITE,SUBJ,DRUG\n7,,a\n,1,b\n7, ,c\n7,1,d\n")
    assert [g[3] for g in got] == ["d"]
    assert study.ledger.sources["cm"].totals()["quarantined"] == 3
    assert study.ledger.sources["cm"].outcome.tolist() == [1, 1, 1, 5]
    assert study.ledger.reconciled() == []


def test_subjid_and_siteid_have_other_templates(tiny):
    _, got = ids(tiny, "SITE,SUBJ,DRUG\n7,1,a\n", more=", subjid: '{SITE}/{SUBJ}', siteid: 'C{SITE:03}'")
    assert got == [("S1-007-01", "C007", "7/1", "a")]


def test_a_source_may_call_its_columns_otherwise(tiny):
    _, got = ids(tiny, "CENTER,PAT,DRUG\n7,1,a\n", "{columns: [CENTER, PAT]}")
    assert got == [("S1-007-01", "7", "1", "a")]
    _, swapped = ids(tiny, "SUBJ,SITE,DRUG\n7,1,a\n", "{columns: [SUBJ, SITE]}")
    assert swapped[0][0] == "S1-007-01"


def test_a_split_text(tiny):
    study, got = ids(tiny, "PAT,DRUG\n7-1,a\n71,b\n,c\n7-2-3,d\n", "{split: PAT, as: '{SITE}-{SUBJ}'}")
    assert [g[:3] for g in got] == [("S1-007-01", "7", "1"), ("S1-007-2-3", "7", "2-3")]
    assert study.found("R2A-SUBJ-002") == [("cm.csv", 2, "PAT", "71")]
    assert study.ledger.sources["cm"].totals()["quarantined"] == 2


def test_the_study_splits_and_a_source_has_columns(tiny):
    head = "study: {id: S1}\nsubject: {split: PAT, as: '{SITE}-{SUBJ}', usubjid: '{SITE}.{SUBJ}'}\n"
    head += "sources: {cm: {file: cm.csv, subject: {columns: [CENTER, NO]}}}\n"
    study = tiny({"cm.csv": "CENTER,NO,DRUG\n7,1,a\n"}, head, {"cm": CM})
    assert study.values("CM", "USUBJID") == ["7.1"]


def test_a_crosswalk_of_the_study_has_the_studys_columns(tiny):
    extra = {"ids.csv": "SITE,SUBJ,USUBJID\n7,1, S1-NEW \n"}
    more = ", crosswalk: ids.csv"
    assert [g[0] for g in ids(tiny, "SITE,SUBJ,DRUG\n7,1,a\n7,2,b\n", "", more, extra)[1]] == ["S1-007-02", "S1-NEW"]
    renamed = ids(tiny, "CENTER,PAT,DRUG\n7,1,a\n7,2,b\n", "{columns: [CENTER, PAT]}", more, extra)[1]
    assert [g[0] for g in renamed] == ["S1-007-02", "S1-NEW"]


def test_a_crosswalk_of_a_source_has_its_columns(tiny):
    extra = {"ids.csv": "CENTER,PAT,USUBJID\n7,1,S1-NEW\n"}
    subject = "{columns: [CENTER, PAT], crosswalk: ids.csv}"
    assert ids(tiny, "CENTER,PAT,DRUG\n7,1,a\n", subject, "", extra)[1][0][0] == "S1-NEW"


@pytest.mark.parametrize(
    ("crosswalk", "words"),
    [
        ("SITE,SUBJ,USUBJID\n7,1,A\n7,1,B\n", "has two subjects for 7-1"),
        ("SITE,USUBJID\n7,A\n", "has no column SUBJ; it needs SITE, SUBJ, USUBJID"),
        ("", "has no column SITE, SUBJ, USUBJID; it needs"),
        (None, "there is no file 'ids.csv' in the study folder"),
    ],
)
def test_crosswalks_that_are_refused(tiny, crosswalk: str | None, words: str):
    extra = {} if crosswalk is None else {"ids.csv": crosswalk}
    with pytest.raises(SpecError, match=words) as error:
        ids(tiny, "SITE,SUBJ,DRUG\n7,1,a\n", "", ", crosswalk: ids.csv", extra)
    assert error.value.problems[0].place.line == 2


def test_a_missing_identifier_names_the_nearest_column(tiny):
    with pytest.raises(SpecError, match="has no column 'SUBJ', which identifies the subject") as error:
        ids(tiny, "SITE,SUBJECT,DRUG\n7,1,a\n")
    assert "SUBJECT" in error.value.problems[0].hint
    with pytest.raises(SpecError) as error:
        ids(tiny, "NO,DRUG\n7,a\n")
    assert error.value.problems[0].hint == "it has 'NO', 'DRUG'"


def test_a_header_in_one_field_names_the_separator(tiny):
    with pytest.raises(SpecError) as error:
        ids(tiny, "SITE;SUBJ;DRUG\n7;1;a\n")
    assert error.value.problems[0].hint == "the header is the single field 'SITE;SUBJ;DRUG'; declare separator: ';'"
