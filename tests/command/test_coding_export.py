"""raw2adam coding export: the terms to code, and the completed list as a coding file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from kit.command import raw2adam
from kit.dictionary_files import write_meddra

STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
dictionaries:
  MEDDRA: {name: MedDRA, version: "27.1", format: meddra, path: meddra, coding: coding.csv}
  DRUGS: {name: WHODD, version: "3", format: table, path: drugs.csv, levels: {CODE: C, NAME: N}, coding: drugs.csv}
sources: {ae: {file: ae.csv}, enrol: {file: enrol.csv}}
"""
FILES = {
    "study/study.yaml": STUDY,
    "study/sdtm/dm.yaml": "dataset: DM\nrows: {source: enrol}\nvariables: {COUNTRY: {value: DEU}, SEX: {value: U}}\n",
    "study/sdtm/ae.yaml": "dataset: AE\nrows: {source: ae}\ncoding: {dictionary: MEDDRA, term: AETERM}\nvariables: {AETERM: TERM}\n",
    "raw/enrol.csv": "SUBJ\n01\n",
    "raw/ae.csv": "SUBJ,TERM\n01,=1+1\n01,Fell\n01,fell\n01,Nausea\n",
}


@pytest.fixture
def study(tmp_path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    write_meddra(tmp_path / "licensed" / "meddra")
    return tmp_path


def run(folder: Path, *words: object):
    return raw2adam(*words, "--raw", "raw", "--dictionaries", "licensed", cwd=folder, pages=False)


def build(folder: Path):
    return run(folder, "build", "study", "--out", "out", "--as-of", "2026-01-01", "--no-quality", "--fail-on", "never")


def test_terms_go_out_and_come_back_as_codes(study):
    """The first list is written before there is a coding file; a build without the file is refused."""
    assert "there is no file 'coding.csv' in the study folder" in build(study).stderr
    done = run(study, "coding", "export", "study", "--out", "terms.csv")
    assert (done.returncode, done.stdout) == (0, "terms.csv: 3 terms of MEDDRA\n")
    rows = list(csv.reader((study / "terms.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0][:2] == ["term", "LLT_CODE"]
    assert [(r[0], r[5], r[8]) for r in rows[1:]] == [
        ("=1+1", "1", ""), ("Fell", "2", ""), ("Nausea", "1", "LLT_CODE 90000003"),
    ]  # fmt: skip
    codes = {"=1+1": "90000001", "Fell": "90000005", "Nausea": "90000003"}
    filled = [rows[0], *([r[0], codes[r[0]], *r[2:]] for r in rows[1:])]
    with (study / "study" / "coding.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(filled)
    assert build(study).returncode == 0
    traced = raw2adam("trace", "out", "AE", "--where", "AETERM == 'Nausea'", cwd=study).stdout
    assert (
        traced.count("<- MedDRA 27.1: coding.csv:4 codes the term, llt.asc:3 is the entry") == 13
    )  # AESEQ reads AEDECOD
    assert not (study / "out" / "reports" / "coding_MEDDRA.csv").exists()
    manifest = (study / "out" / "manifest.json").read_text("utf-8")
    assert '"dictionaries/MEDDRA/llt.asc"' in manifest
    assert '"coding/MEDDRA/coding.csv"' in manifest
    done = run(study, "coding", "export", "study", "--out", "more.xlsx")
    assert done.stdout == "study: every term has a code; no list is written\n"
    assert not (study / "more.xlsx").exists()


def test_coding_files_are_checked_without_raw_data(study):
    (study / "study" / "study.yaml").write_text(STUDY.replace(", coding: drugs.csv", ""), "utf-8")
    (study / "licensed" / "drugs.csv").write_text("C,N\nD1,X\n", "utf-8")
    rows = "term,LLT_CODE,PT\na,90000003,\nb,90000002,\nc,90000003,Fall\n"
    (study / "study" / "coding.csv").write_text(rows, "utf-8")
    done = raw2adam("coding", "check", "study", "--dictionaries", "licensed", cwd=study)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "MEDDRA: MedDRA 27.1, 7 entries, 2 coded terms",
        "DRUGS: WHODD 3, 1 entries, 0 coded terms",
        "error: coding.csv: line 4: PT is 'Nausea' in the dictionary by the other levels; the row codes nothing (R2A-DICT-003)",
        "note: drugs.csv: DRUGS: the files do not state their version; study.yaml declares WHODD 3 (R2A-DICT-007)",
        "warning: coding.csv:3: the entry is not current in MedDRA 27.1 (R2A-DICT-004)",
    ]


def test_a_workbook_keeps_a_formula_as_text_and_is_never_replaced(study):
    import openpyxl

    assert run(study, "coding", "export", "study", "--out", "terms.xlsx", "--as-of", "2026-01-01").returncode == 0
    before = (study / "terms.xlsx").read_bytes()
    (sheet,) = openpyxl.load_workbook(study / "terms.xlsx")
    assert (sheet.title, sheet["A2"].value, sheet["A2"].data_type) == ("MEDDRA", "=1+1", "s")
    again = run(study, "coding", "export", "study", "--out", "terms.xlsx")
    assert (again.returncode, "exists already" in again.stderr) == (4, True)
    assert (study / "terms.xlsx").read_bytes() == before
    assert [p.name for p in study.iterdir() if p.name.startswith(".")] == []


def test_a_study_with_a_generated_annotated_crf_has_its_terms_listed(study):
    """A build draws the annotated CRF; a list of terms needs none."""
    documents = "documents: {acrf: {file: acrf.pdf, title: Annotated CRF, role: crf, generated: acrf}}\n"
    (study / "study" / "study.yaml").write_text(STUDY + documents, "utf-8")
    done = run(study, "coding", "export", "study", "--out", "terms.csv")
    assert (done.returncode, done.stdout) == (0, "terms.csv: 3 terms of MEDDRA\n")
    assert "drawing" not in done.stderr
