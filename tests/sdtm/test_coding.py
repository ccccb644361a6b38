"""coding: of datasets and blocks: the variables that dictionaries fill, what decides, and the findings."""

from __future__ import annotations

import pytest
from kit.dictionary_files import LLT, MDHIER, RELEASE
from raw2adam.dictionaries.term_list import term_lists

HEAD = """\
dictionaries:
  MEDDRA: {name: MedDRA, version: "27.1", format: meddra, path: meddra, coding: coding.csv}
"""
FILES = {"meddra/llt.asc": LLT, "meddra/mdhier.asc": MDHIER, "meddra/meddra_release.asc": RELEASE}
CODING = "term,LLT_CODE,SOC,version\nhead ache,90000002,,27.1\nsick,90000003,Nervous system,27.1\n"
AE = """\
dataset: AE
rows: {source: ae}
coding: {dictionary: MEDDRA, term: AETERM, at: {PT: PT}, match: LLT}
variables: {AETERM: TERM}
sort: [SOURCE]
"""
DM = "dataset: DM\nrows: {source: enrol}\nvariables: {COUNTRY: {value: DEU}, SEX: {value: U}}\n"
ENROL = "SUBJ\n01\n02\n"
#: variable -> its values for the records of AE, in the order of the rows
TERMS = "SUBJ,TERM,PT\n01,head ache,\n01,Fell,Fall\n01,zzz,\n02,SICK,\n02,feeling  sick,\n02,Head  Ache,Fall\n02,sore,Headache\n02,odd,Oddness\n"
EXPECTED = {
    "AELLT": ["Head pain", "Fall", "", "Nausea", "Feeling sick", "Head pain", "", ""],
    "AELLTCD": [90000002, 90000005, None, 90000003, 90000004, 90000002, None, None],
    "AEDECOD": ["Headache", "Fall", "", "Nausea", "Nausea", "Headache", "Headache", ""],
    "AEPTCD": [90000001, 90000005, None, 90000003, 90000003, 90000001, 90000001, None],
    "AEHLT": ["Headaches", "Falls", "", "Sickness", "Sickness", "Headaches", "Headaches", ""],
    "AEHLTCD": [91000001, 91000003, None, 91000002, 91000002, 91000001, 91000001, None],
    "AEHLGT": ["Head signs", "Accidents", "", "Gut signs", "Gut signs", "Head signs", "Head signs", ""],
    "AEHLGTCD": [92000001, 92000003, None, 92000002, 92000002, 92000001, 92000001, None],
    "AEBODSYS": ["Nervous system", "Injury", "", "Nervous system", "Gut", "Nervous system", "Nervous system", ""],
    "AEBDSYCD": [93000001, 93000003, None, 93000001, 93000002, 93000001, 93000001, None],
    "AESOC": ["Nervous system", "Injury", "", "Gut", "Gut", "Nervous system", "Nervous system", ""],
    "AESOCCD": [93000001, 93000003, None, 93000002, 93000002, 93000001, 93000001, None],
}


@pytest.fixture(scope="module")
def coded(tiny):
    return tiny(
        {"ae.csv": TERMS, "enrol.csv": ENROL}, HEAD, {"ae": AE, "dm": DM}, extra={**FILES, "coding.csv": CODING}
    )


def test_a_term_fills_every_level(coded):
    assert {name: coded.values("AE", name) for name in EXPECTED} == EXPECTED


def test_partitions_code_alike(tiny, coded):
    built = tiny(
        {"ae.csv": TERMS, "enrol.csv": ENROL}, HEAD, {"ae": AE, "dm": DM}, 2, extra={**FILES, "coding.csv": CODING}
    )
    assert built.data == coded.data
    assert built.lineage["AE"].rows["coding:AEDECOD"].tolist() == coded.lineage["AE"].rows["coding:AEDECOD"].tolist()
    assert built.ledger.terms == coded.ledger.terms


def test_the_lineage_names_the_row_and_the_entry_that_coded_a_value(coded):
    places = coded.plan.dictionaries["MEDDRA"].place_of
    found = coded.lineage["AE"].rows["coding:AEDECOD"].tolist()
    assert [places(p) if p >= 0 else None for p in found] == [
        ("coding.csv:2", "llt.asc:2"), ("", "llt.asc:5"), None, ("coding.csv:3", "llt.asc:3"),
        ("", "llt.asc:4"), ("coding.csv:2", "llt.asc:2"), ("", "llt.asc:1"), None,
    ]  # fmt: skip
    assert coded.lineage["AE"].rows["coding:AELLT"].tolist()[6] == -1  # several terms, so no value


def test_each_term_that_is_not_coded_and_each_text_that_does_not_fit_is_a_finding(coded):
    assert coded.found("R2A-DICT-001") == [("ae.csv", 3, "AETERM", "zzz"), ("ae.csv", 8, "AETERM", "odd")]
    assert coded.found("R2A-DICT-002") == [("ae.csv", 8, "PT", "Oddness")]
    assert coded.found("R2A-DICT-003") == [("ae.csv", 6, "PT", "Fall")]
    assert [value for *_, value in coded.found("R2A-DICT-004")] == ["head ache", "Head  Ache"]
    assert {value for *_, value in coded.found("R2A-DICT-005")} == {"sore"}


def test_the_list_has_the_terms_without_a_code_of_the_finest_level(coded):
    lists = term_lists(coded.plan.dictionaries, coded.ledger.terms, coded.plan.translations)
    header = ["term", "LLT_CODE", "LLT", "PT", "version", "records", "variables", "collected", "suggestion"]
    assert [(x.name, list(x.header)) for x in lists] == [("MEDDRA", header)]
    assert lists[0].rows == (
        ("odd", "", "", "", "27.1", "1", "AE.AETERM 1", "", ""),
        ("sore", "", "", "", "27.1", "1", "AE.AETERM 1", "", ""),
        ("zzz", "", "", "", "27.1", "1", "AE.AETERM 1", "", ""),
    )
    (every,) = term_lists(coded.plan.dictionaries, coded.ledger.terms, coded.plan.translations, every=True)
    assert [row[:6] for row in every.rows if row[1]] == [
        ("feeling sick", "90000004", "Feeling sick", "Nausea", "27.1", "1"),  # by match:
        ("Fell", "90000005", "Fall", "Fall", "27.1", "1"),  # by the column PT
        ("Head Ache", "90000002", "Head pain", "Headache", "27.1", "2"),
        ("SICK", "90000003", "Nausea", "Nausea", "27.1", "1"),
    ]
    assert every.rows[0][-1] == "LLT_CODE 90000004"  # feeling sick, which match: codes


def test_a_rule_or_null_of_the_spec_replaces_a_variable_and_a_block_codes_its_records_alone(tiny):
    spec = """\
dataset: AE
rows:
  - {source: ae, coding: {dictionary: MEDDRA, at: {LLT: PT}}, variables: {AETERM: TERM, AEDECOD: {value: mine}}}
  - {source: other, variables: {AETERM: TERM}}
variables: {AEHLT: null}
sort: [SOURCE]
"""
    files = {"ae.csv": "SUBJ,TERM,PT\n01,x,Fall\n", "other.csv": "SUBJ,TERM\n01,y\n", "enrol.csv": ENROL}
    head = HEAD.replace(", coding: coding.csv", "")
    built = tiny(files, head, {"ae": spec, "dm": DM}, extra=FILES)
    assert [built.values("AE", n) for n in ("AELLT", "AEDECOD", "AESOC")] == [
        ["Fall", ""],
        ["mine", ""],
        ["Injury", ""],
    ]
    assert "AEHLT" not in built.data["AE"][0]
    assert built.found("R2A-DICT-001") == []


def test_medical_history_has_the_variables_of_its_class(tiny):
    spec = "dataset: MH\nrows: {source: mh}\ncoding: {dictionary: MEDDRA, term: MHTERM}\nvariables: {MHTERM: TERM}\n"
    built = tiny(
        {"mh.csv": "SUBJ,TERM\n01,sick\n", "enrol.csv": ENROL}, HEAD, {"mh": spec, "dm": DM},
        extra={**FILES, "coding.csv": CODING},
    )  # fmt: skip
    found = [built.values("MH", f"MH{n}") for n in ("LLT", "DECOD", "HLT", "HLGT", "BODSYS", "SOC", "SOCCD")]
    assert found == [["Nausea"], ["Nausea"], ["Sickness"], ["Gut signs"], ["Nervous system"], ["Gut"], [93000002]]


def test_a_drug_of_several_classes_needs_its_class(tiny):
    head = """\
dictionaries:
  DRUGS:
    {name: WHODD, version: "3", format: table, path: d.csv, levels: {CODE: C, NAME: N, ATC: A}, coding: c.csv}
"""
    spec = """\
dataset: CM
rows: {source: cm}
coding: {dictionary: DRUGS, term: CMTRT, variables: {CMDECOD: NAME, CMCLASCD: ATC}}
variables: {CMTRT: DRUG}
sort: [SOURCE]
"""
    files = {"cm.csv": "SUBJ,DRUG\n01,asa\n01,asa heart\n", "enrol.csv": ENROL}
    table = "C,N,A\nD1,ASPIRIN,N02\nD1,ASPIRIN,B01\n"
    coding = "term,CODE,ATC\nasa,D1,\nasa heart,D1,B01\n"
    built = tiny(files, head, {"cm": spec, "dm": DM}, extra={"d.csv": table, "c.csv": coding})
    assert built.values("CM", "CMDECOD") == ["ASPIRIN", "ASPIRIN"]
    assert built.values("CM", "CMCLASCD") == ["", "B01"]
    assert built.found("R2A-DICT-005") == [("cm.csv", 1, "CMTRT", "asa")]


def test_a_laboratory_test_is_coded_by_test_specimen_method_and_unit(tiny):
    head = """\
dictionaries:
  LOINC: {name: LOINC, version: "2", format: table, path: l.csv, levels: {NUM: N}, keys: [test, spec, method, unit], coding: c.csv}
"""
    spec = """\
dataset: LB
rows: {source: lb}
coding: {dictionary: LOINC, term: [LBTESTCD, LBSPEC, LBMETHOD, LBORRESU], variables: {LBLOINC: NUM}}
variables: {LBTESTCD: TEST, LBSPEC: SPEC, LBMETHOD: METH, LBORRESU: UNIT}
sort: [SOURCE]
"""
    rows = "SUBJ,TEST,SPEC,METH,UNIT\n01,GLUC,SERUM,,mg/dL\n01,GLUC,SERUM,,mmol/L\n01,GLUC,URINE,,mg/dL\n01,,,,\n"
    coding = "test,spec,method,unit,NUM\nGLUC,SERUM,,mg/dL,D-1\nGLUC,SERUM,,mmol/L,D-2\n"
    built = tiny(
        {"lb.csv": rows, "enrol.csv": ENROL}, head, {"lb": spec, "dm": DM},
        extra={"l.csv": "N\nD-1\nD-2\n", "c.csv": coding},
    )  # fmt: skip
    assert built.values("LB", "LBLOINC") == ["D-1", "D-2", "", ""]
    assert built.found("R2A-DICT-001") == [("lb.csv", 3, "LBTESTCD", "GLUC / URINE /  / mg/dL")]


def test_a_dictionary_that_is_absent_by_permission_gives_the_texts_of_columns_and_files(tiny):
    head = HEAD.replace("coding: coding.csv", "coding: coding.csv, optional: true")
    coding = "term,LLT_CODE,PT\nhead ache,90000002,Headache\n"
    built = tiny({"ae.csv": TERMS, "enrol.csv": ENROL}, head, {"ae": AE, "dm": DM}, extra={"coding.csv": coding})
    assert built.values("AE", "AEDECOD") == ["Headache", "Fall", "", "", "", "Headache", "Headache", "Oddness"]
    assert built.values("AE", "AELLTCD") == [90000002, None, None, None, None, 90000002, None, None]
    assert len(built.found("R2A-DICT-006")) == 1


def test_a_translated_term_is_listed_with_its_collected_texts(tiny):
    head = HEAD + "translations: {file: t.csv, variables: [AE.AETERM], language: de, original: lineage}\n"
    texts = "text,language,english\nÜbel,de,unwell\nmal,de,unwell\n"
    files = {"ae.csv": "SUBJ,TERM,PT\n01,Übel,\n02,mal,\n", "enrol.csv": ENROL}
    built = tiny(files, head, {"ae": AE, "dm": DM}, extra={**FILES, "coding.csv": CODING, "t.csv": texts})
    (listed,) = term_lists(built.plan.dictionaries, built.ledger.terms, built.plan.translations)
    assert listed.rows == (("unwell", "", "", "", "27.1", "2", "AE.AETERM 2", "mal | Übel", ""),)


def test_values_of_the_trial_summary_have_the_codes_of_their_dictionary(tiny):
    head = """\
dictionaries:
  UNII: {name: UNII, version: 2026-01, format: table, path: u.csv, levels: {CODE: C, NAME: N}}
trial: {summary: {TRT: {value: Isatuximab, coded: UNII}, COMPTRT: {value: Nothing, coded: UNII}}}
"""
    specs = {"ts": "dataset: TS\nrows: {trial: TS}\n", "dm": DM}
    built = tiny({"enrol.csv": ENROL}, head, specs, extra={"u.csv": "C,N\nX1,ISATUXIMAB\n"})
    coded = {r["TSPARMCD"]: (r["TSVALCD"], r["TSVCDREF"], r["TSVCDVER"]) for r in built.data["TS"]}
    assert coded == {"TRT": ("X1", "UNII", "2026-01"), "COMPTRT": ("", "", "")}
    found = built.findings[built.findings["rule"] == "R2A-DICT-001"]
    assert found[["dataset", "variable", "value"]].values.tolist() == [["TS", "TSVALCD", "Nothing"]]


def test_a_row_that_was_coded_with_another_version_is_a_finding(tiny):
    spec = AE.replace("match: LLT}", "match: LLT, version: VER}")
    rows = "SUBJ,TERM,PT,VER\n01,sick,,MedDRA 27.1\n01,Fall,,27.1\n01,head ache,,MedDRA 26.1\n01,Nausea,,\n"
    built = tiny(
        {"ae.csv": rows, "enrol.csv": ENROL}, HEAD, {"ae": spec, "dm": DM}, extra={**FILES, "coding.csv": CODING}
    )
    assert built.found("R2A-DICT-008") == [("ae.csv", 3, "VER", "MedDRA 26.1")]
    assert sorted(map(str, built.values("AE", "AELLT"))) == ["Fall", "Head pain", "Nausea", "Nausea"]
