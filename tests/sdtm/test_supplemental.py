"""SUPP--: one record per filled qualifier, tied to the parent's record (SDTMIG 3.4 section 8.4)."""

from __future__ import annotations

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: SEX\n  COUNTRY: {value: DEU}\nsupplemental:\n"
FILES = {"dm.csv": "SUBJ,SEX,COHORT\n2,M,\n1,F,b\n"}


def test_dm_has_no_idvar(tiny):
    study = tiny(FILES, "", {"dm": DM + "  COHORT: {label: Cohort, from: COHORT, evaluator: ADJUDICATOR}\n"})
    (record,) = study.data["SUPPDM"]
    assert (record["USUBJID"], record["IDVAR"], record["IDVARVAL"]) == ("S1-01", "", "")
    assert (record["QNAM"], record["QVAL"], record["QEVAL"]) == ("COHORT", "b", "ADJUDICATOR")


def test_the_origin_of_a_qualifier_becomes_qorig(tiny):
    rules = (
        "  KIND: {label: Kind, value: X}\n  TIMES: {label: Times, count: dm}\n  COHORT: {label: Cohort, from: COHORT}\n"
    )
    study = tiny(FILES, "", {"dm": DM + rules})
    got = [(r["USUBJID"], r["QNAM"], r["QVAL"], r["QORIG"]) for r in study.data["SUPPDM"]]
    assert got == [
        ("S1-01", "COHORT", "b", "CRF"),
        ("S1-01", "KIND", "X", "ASSIGNED"),
        ("S1-01", "TIMES", "1", "DERIVED"),
        ("S1-02", "KIND", "X", "ASSIGNED"),
        ("S1-02", "TIMES", "1", "DERIVED"),
    ]


def test_no_filled_qualifier_gives_no_record(tiny):
    study = tiny({"dm.csv": "SUBJ,SEX,COHORT\n1,F,\n"}, "", {"dm": DM + "  COHORT: {label: Cohort, from: COHORT}\n"})
    assert study.data["SUPPDM"] == []


def test_a_qualifier_needs_a_label_and_a_short_name(spec_problems):
    problems = spec_problems("", {"dm": DM + "  COHORT: {from: COHORT}\n  cohort9: {label: C, from: X}\n"}, ("dm.csv",))
    assert [(p.place.line, p.variable) for p in problems if p.severity == "error"] == [(7, "COHORT"), (8, "cohort9")]


def test_a_qualifier_of_one_block_is_empty_in_the_others(tiny):
    """Two forms feed one domain, and only one of them has the column."""
    cm = (
        "dataset: CM\nrows:\n"
        "  - source: prior\n    variables: {CMTRT: DRUG}\n"
        "    supplemental: {LINENO: {label: Line of Therapy, from: LINE}}\n"
        "  - source: later\n    variables: {CMTRT: WHAT}\n"
    )
    files = {"dm.csv": "SUBJ,SEX\n1,M\n", "prior.csv": "SUBJ,DRUG,LINE\n1,A,2\n", "later.csv": "SUBJ,WHAT\n1,B\n"}
    study = tiny(
        files, "", {"dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n", "cm": cm}
    )
    (record,) = study.data["SUPPCM"]
    assert (record["QNAM"], record["QVAL"], record["IDVARVAL"]) == ("LINENO", "2", "1")
    assert [r["CMTRT"] for r in study.data["CM"]] == ["A", "B"]


def test_a_qualifier_of_a_block_needs_a_label_somewhere(spec_problems):
    dm = "dataset: DM\nrows:\n  - source: dm\n    variables: {SEX: SEX}\n    supplemental: {COHORT: {from: COHORT}}\n"
    problems = spec_problems("", {"dm": dm}, ("dm.csv",))
    assert ("COHORT", 5) in [(p.variable, p.place.line) for p in problems if p.severity == "error"]


def test_each_qualifier_has_value_level_metadata(tiny):
    """define.xml describes QVAL by QNAM: a flag of the codelist NY, a number with the site's comma, and one without records."""
    rules = (
        "  FLAG: {label: A Flag, from: ON, codelist: NY}\n  KG: {label: Kilograms, from: KG, type: float, digits: 1}\n"
        "  NEVER: {label: Never Filled, from: NO}\n"
    )
    files = {"dm.csv": 'SUBJ,SEX,ON,KG,NO\n1,F,Y,"72,50",\n2,M,maybe,,\n'}
    study = tiny(files, "numbers: {decimal: ','}\n", {"dm": DM + rules})
    assert [(r["QNAM"], r["QVAL"]) for r in study.data["SUPPDM"]] == [("FLAG", "Y"), ("KG", "72.5"), ("FLAG", "maybe")]
    levels = [
        (v.where[0].values, v.type, v.label, v.codelist and v.codelist.name) for v in study.specs["SUPPDM"].values
    ]
    assert levels == [
        (("FLAG",), "text", "A Flag", "NY"),
        (("KG",), "float", "Kilograms", None),
        (("NEVER",), "text", "Never Filled", None),
    ]
