"""Site transfer and re-screening: USUBJID stays; links that cannot be right are reported and not followed."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

HEAD = (
    "study: {id: S1}\n"
    "subject: {columns: [SITE, NO], usubjid: '{STUDYID}-{SITE:02}-{NO:02}', subjid: '{SITE:02}-{NO:02}',\n"
    "  siteid: '{SITE:02}', continues: {source: enrol, columns: [P_SITE, P_NO]PRIMARY}}\n"
)
DM = "dataset: DM\nrows: {source: enrol, where: FIRST == 'Y'}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
CM = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: DRUG\n"
COLUMNS = "SITE,NO,P_SITE,P_NO,FIRST\n"


def build(tiny, enrol: str, cm: str = "SITE,NO,DRUG\n1,1,a\n2,1,b\n3,1,c\n", primary: bool = True, partitions: int = 1):
    head = HEAD.replace("PRIMARY", ", primary: \"FIRST == 'Y'\"" if primary else "")
    files = {"enrol.csv": COLUMNS + enrol, "cm.csv": cm}
    return tiny(files, head, {"dm": DM, "cm": CM}, partitions)


def test_rows_under_new_identifiers_keep_the_usubjid(tiny):
    study = build(tiny, "1,1,,,Y\n2,1,1,1,N\n3,1,,,Y\n")
    assert [(r["USUBJID"], r["SUBJID"], r["SITEID"]) for r in study.data["DM"]] == [
        ("S1-01-01", "01-01", "01"),
        ("S1-03-01", "03-01", "03"),
    ]
    assert [(r["USUBJID"], r["CMTRT"], r["CMSEQ"]) for r in study.data["CM"]] == [
        ("S1-01-01", "a", 1.0),
        ("S1-01-01", "b", 2.0),
        ("S1-03-01", "c", 1.0),
    ]
    assert study.findings.empty
    totals = study.ledger.sources["enrol"].totals()
    assert (totals["rows"], totals["mapped"], totals["excluded"]) == (3, 2, 1)
    ((_, reason, _),) = [r for r in study.ledger.sources["enrol"].by_reason() if r[0] == "excluded"]
    assert reason.endswith("dm.yaml:2:30: where: FIRST == 'Y'")


def test_siteid_and_subjid_come_from_the_primary_enrolment(tiny):
    study = build(tiny, "1,1,,,N\n1,2,1,1,Y\n", "SITE,NO,DRUG\n1,1,a\n1,2,b\n")
    assert [(r["USUBJID"], r["SUBJID"], r["SITEID"]) for r in study.data["DM"]] == [("S1-01-01", "01-02", "01")]
    assert study.values("CM", "USUBJID") == ["S1-01-01", "S1-01-01"]


def test_a_chain_goes_back_to_its_first(tiny):
    """The rows are in no order; leading zeros do not matter."""
    study = build(tiny, "3,1,02,1,N\n2,1,1,01,N\n1,1,,,Y\n")
    assert study.values("CM", "USUBJID") == ["S1-01-01"] * 3
    assert study.findings.empty


@pytest.mark.parametrize("partitions", [1, 3])
def test_the_number_of_partitions_does_not_matter(tiny, partitions: int):
    study = build(tiny, "1,1,,,Y\n3,1,1,1,N\n2,1,,,Y\n", partitions=partitions)
    assert [(r["USUBJID"], r["CMTRT"]) for r in study.data["CM"]] == [
        ("S1-01-01", "a"),
        ("S1-01-01", "c"),
        ("S1-02-01", "b"),
    ]


@pytest.mark.parametrize(
    ("enrol", "rule", "rows"),
    [
        ("1,1,,,Y\n2,1,1,,Y\n3,1,,1,Y\n", "R2A-CONT-001", [2, 3]),  # one of the two identifiers is missing
        ("1,1,,,Y\n2,1,2,1,Y\n3,1,,,Y\n", "R2A-CONT-002", [2]),  # itself
        ("1,1,,,Y\n2,1,9,9,Y\n3,1,,,Y\n", "R2A-CONT-003", [2]),  # nobody has these identifiers
        ("1,1,,,Y\n2,1,,,Y\n3,1,1,1,Y\n3,1,2,1,N\n", "R2A-CONT-004", [3, 4]),  # continues two
        ("1,1,,,Y\n2,1,1,1,Y\n3,1,1,1,Y\n", "R2A-CONT-005", [2, 3]),  # continued by two
        ("1,1,2,1,Y\n2,1,3,1,Y\n3,1,1,1,Y\n", "R2A-CONT-006", [1, 2, 3]),  # a circle
    ],
)
def test_links_that_are_not_followed(tiny, enrol: str, rule: str, rows: list[int]):
    study = build(tiny, enrol)
    assert [(f, r) for f, r, _, _ in study.found(rule)] == [("enrol.csv", r) for r in rows]
    assert set(study.findings["rule"]) == {rule}
    assert set(study.findings["severity"]) == {"error"}
    assert study.values("CM", "USUBJID") == ["S1-01-01", "S1-02-01", "S1-03-01"]


def test_a_circle_of_two_beside_a_chain(tiny):
    study = build(tiny, "1,1,2,1,Y\n2,1,1,1,Y\n3,1,,,Y\n4,1,3,1,N\n", "SITE,NO,DRUG\n1,1,a\n2,1,b\n4,1,c\n")
    assert [r[1] for r in study.found("R2A-CONT-006")] == [1, 2]
    assert study.values("CM", "USUBJID") == ["S1-01-01", "S1-02-01", "S1-03-01"]


def test_a_row_entered_twice_is_one_link(tiny):
    study = build(tiny, "1,1,,,Y\n2,1,1,1,N\n2,1,1,1,N\n3,1,,,Y\n")
    assert study.values("CM", "USUBJID") == ["S1-01-01", "S1-01-01", "S1-03-01"]
    assert study.findings.empty


def test_exactly_one_enrolment_is_the_primary_one(tiny):
    study = build(tiny, "1,1,,,Y\n2,1,1,1,Y\n3,1,,,n\n")
    reported = study.findings[study.findings["rule"] == "R2A-CONT-007"]
    assert list(zip(reported["row"], reported["subject"], reported["message"].str[:7], strict=True)) == [
        (1, "S1-01-01", "several"),
        (2, "S1-01-01", "several"),
        (3, "S1-03-01", "no enro"),
    ]
    assert build(tiny, "1,1,,,Y\n2,1,1,1,Y\n", primary=False).found("R2A-CONT-007") == []


def test_identifiers_that_are_parts_of_one_text(tiny):
    head = (
        "study: {id: S1}\nsubject: {split: PAT, as: '{SITE}-{NO}', usubjid: '{SITE:02}.{NO}',\n"
        "  continues: {source: enrol, columns: [PREV]}}\n"
    )
    files = {"enrol.csv": "PAT,PREV,FIRST\n1-1,,Y\n2-1,1-1,N\n3-1,11,Y\n", "cm.csv": "PAT,DRUG\n2-1,a\n3-1,b\n"}
    study = tiny(files, head, {"dm": DM, "cm": CM})
    assert study.values("CM", "USUBJID") == ["01.1", "03.1"]
    assert study.found("R2A-SUBJ-002") == [("enrol.csv", 3, "PREV", "11")]
    assert [r[1] for r in study.found("R2A-CONT-001")] == [3]


def test_a_crosswalk_holds_for_the_previous_identifiers_too(tiny):
    head = HEAD.replace("PRIMARY", "").replace("siteid:", "crosswalk: ids.csv, siteid:")
    files = {"enrol.csv": COLUMNS + "1,1,,,Y\n2,1,1,1,N\n", "cm.csv": "SITE,NO,DRUG\n2,1,a\n"}
    study = tiny(files, head, {"dm": DM, "cm": CM}, extra={"ids.csv": "SITE,NO,USUBJID\n1,1,S1-OLD\n"})
    assert study.values("CM", "USUBJID") == study.values("DM", "USUBJID") == ["S1-OLD"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("source: enrol", "source: enroll", "there is no source 'enroll'"),
        ("[P_SITE, P_NO]", "[P_NO]", "2 identifying columns"),
        ("[P_SITE, P_NO]", "[P_SITE, P_NUM]", "has no column 'P_NUM'"),
        ("[P_SITE, P_NO]", "[P_SITE, P_NO], primary: FIRTS == 'Y'", "has no column 'FIRTS'"),
        ("[P_SITE, P_NO]", "[P_SITE, P_NO], primary: FIRST ==", "ends too early|expected|missing"),
    ],
)
def test_mistakes_of_the_spec(tiny, old: str, new: str, words: str):
    head = HEAD.replace("PRIMARY", "").replace(old, new)
    with pytest.raises(SpecError, match=words) as error:
        tiny({"enrol.csv": COLUMNS + "1,1,,,Y\n", "cm.csv": "SITE,NO,DRUG\n"}, head, {"dm": DM, "cm": CM})
    assert error.value.problems[0].place.line == 3
