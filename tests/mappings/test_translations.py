"""Collected text in other languages: its English, what has none, the original, and mistakes of the file."""

from __future__ import annotations

import pytest
from raw2adam.mappings.models.translations import untranslated_csv

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}
sources: {dm: {file: dm.csv}, ae: {file: ae.csv}}
translations: {file: words.csv, variables: [AE.AETERM], language: en, by: DM.COUNTRY, when: {DEU: de, FRA: fr}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: U}\n  COUNTRY: COUNTRY\n"
AE = "dataset: AE\nrows: {source: ae}\nsort: [SOURCE]\nvariables:\n  AETERM: TERM\n  AEDECOD: {value: X}\n"
WORDS = """\
text,language,english
Übelkeit,de,nausea
bronchite,fr,bronchitis
Fieber über 38 °C,de,fever above 38 °C
Kopf,de,headache
Kopf,nl,cup
chute,fr,
"""
FILES = {
    "dm.csv": "SUBJ,COUNTRY\n1,DEU\n2,FRA\n3,GBR\n",
    "ae.csv": "SUBJ,TERM\n1, Übelkeit \n1,Husten\n1,Fieber über 38 °C\n1,bronchite\n1,Kopf\n2,chute\n2,bronchite\n3,rash\n",
}


@pytest.fixture(scope="module")
def built(tiny):
    return tiny(FILES, STUDY, {"dm": DM, "ae": AE}, extra={"words.csv": WORDS})


def test_a_text_is_submitted_in_english_where_the_file_has_it(built):
    assert [r["AETERM"] for r in built.data["AE"]] == [
        "nausea", "Husten", "fever above 38 °C", "bronchitis", "headache", "chute", "bronchitis", "rash",
    ]  # fmt: skip


def test_a_text_without_english_is_a_finding_and_a_line_to_fill_in(built):
    assert built.found("R2A-TEXT-005") == [("ae.csv", 2, "TERM", "Husten"), ("ae.csv", 6, "TERM", "chute")]
    assert untranslated_csv(built.ledger.untranslated).decode("utf-8-sig") == (
        "text,language,english,variables\nHusten,de,,AE.AETERM\nchute,fr,,AE.AETERM\n"
    )


def test_the_original_is_a_qualifier(built):
    terms = {(r["USUBJID"], str(int(r["AESEQ"]))): r["AETERM"] for r in built.data["AE"]}
    rows = [r for r in built.data["SUPPAE"] if r["QNAM"] == "AETERMO"]
    assert {(r["QORIG"], r["QLABEL"], r["IDVAR"]) for r in rows} == {
        ("CRF", "AETERM in the Original Language", "AESEQ")
    }
    assert sorted((r["USUBJID"], r["QVAL"], terms[r["USUBJID"], r["IDVARVAL"]]) for r in rows) == [
        ("S1-1", "Fieber über 38 °C", "fever above 38 °C"),
        ("S1-1", "Kopf", "headache"),
        ("S1-1", "bronchite", "bronchitis"),
        ("S1-1", "Übelkeit", "nausea"),
        ("S1-2", "bronchite", "bronchitis"),
    ]


def test_the_original_may_stay_in_the_lineage_alone(tiny):
    alone = STUDY.replace("language: en,", "language: en, original: lineage,")
    built = tiny(FILES, alone, {"dm": DM, "ae": AE}, extra={"words.csv": WORDS})
    assert [r["AETERM"] for r in built.data["AE"]][:2] == ["nausea", "Husten"]
    assert "SUPPAE" not in built.data


def test_every_text_counts_as_foreign_where_no_language_is_declared(tiny):
    none = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ}'}\nsources: {dm: {file: dm.csv}, ae: {file: ae.csv}}\n"
    none += "translations: {file: words.csv, variables: [AE.AETERM]}\n"
    built = tiny(FILES, none, {"dm": DM, "ae": AE}, extra={"words.csv": WORDS})
    # Kopf has two Englishes, and nothing says which of them is meant
    assert [f[3] for f in built.found("R2A-TEXT-005")] == ["Husten", "Kopf", "chute", "rash"]


@pytest.mark.parametrize(
    ("words", "place", "expected_text"),
    [
        ("text,english\na,b\n", "words.csv:1:1", "no column language"),
        ("text,language,english\na,German,b\n", "words.csv:2:1", "'German' is not a language code"),
        ("text,language,english\na,de,b\na,de,c\n", "words.csv:3:1", "'a' already has another English: 'b'"),
        (None, "study.yaml:4:22", "there is no file 'words.csv'"),
    ],
)
def test_a_mistake_of_the_file_is_reported_at_its_line(tmp_path, words, place, expected_text):
    from raw2adam.mappings.loader import load_study

    (tmp_path / "sdtm").mkdir()
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "sdtm" / "dm.yaml").write_text(DM, "utf-8")
    (tmp_path / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    if words is not None:
        (tmp_path / "words.csv").write_text(words, "utf-8")
    reported = [(str(p.place), p.message) for p in load_study(tmp_path).problems]
    assert [(where, expected_text in message) for where, message in reported] == [(place, True)]


def test_a_variable_that_no_dataset_has_is_reported(spec_problems):
    wrong = STUDY.replace("AE.AETERM", "AE.AETRM").replace("file: words.csv", "file: study.yaml")
    reported = [p for p in spec_problems(wrong, {"dm": DM, "ae": AE}) if "AETRM" in p.message]
    assert [(p.message, p.hint) for p in reported] == [
        ("no SDTM dataset of the study has 'AE.AETRM'", "did you mean 'AE.AETERM'?")
    ]
