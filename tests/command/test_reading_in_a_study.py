"""What readers make of odd files, through a whole small study: rules that read doubled names, empty files, declared keys."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
from kit.command import build
from raw2adam.errors import SpecError
from raw2adam.runs.from_raw import Options
from raw2adam.runs.lint import lint_study

STUDY = 'study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}\nsources:\n  dm: {file: dm.csv}\n  ae: {%s}\n'
DM = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: %s, AEDECOD: TERM}\n"


def study(folder: Path, source: str, term: str = "TERM") -> Path:
    (folder / "raw").mkdir()
    (folder / "study" / "sdtm").mkdir(parents=True)
    (folder / "study" / "study.yaml").write_text(STUDY % source)
    (folder / "study" / "sdtm" / "dm.yaml").write_text(DM)
    (folder / "study" / "sdtm" / "ae.yaml").write_text(AE % term)
    (folder / "raw" / "dm.csv").write_text("SUBJ,SEX\n01,F\n02,M\n")
    return folder


def built(folder: Path) -> tuple[list[str], set[str]]:
    """The terms of AE, and the rules of the findings."""
    build(str(folder / "study"), folder / "raw", folder / "out", Options(quality=False))
    found = json.loads((folder / "out" / "reports" / "findings.json").read_text())["findings"]
    cells, _ = pyreadstat.read_xport(folder / "out" / "sdtm" / "ae.xpt", output_format="dict")
    return list(cells["AETERM"]), {f["rule"] for f in found}


def test_a_rule_that_reads_a_doubled_name_is_an_error_at_its_line(tmp_path):
    study(tmp_path, "file: ae.csv, not_submitted: {NOTE: free text}", "NOTE")
    (tmp_path / "raw" / "ae.csv").write_text("SUBJ,TERM,NOTE,NOTE\n01,Cough,a,b\n")
    with pytest.raises(SpecError) as caught:
        built(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.place.line, problem.place.column) == (3, 21)
    assert "several columns of ae.csv have this name, NOTE (column 3), NOTE (column 4); name the one" in problem.message
    assert "several columns" in " ".join(p.message for p in lint_study(str(tmp_path / "study"), tmp_path / "raw"))


def test_a_doubled_name_that_no_rule_reads_has_one_reason(tmp_path):
    study(tmp_path, "file: ae.csv, not_submitted: {NOTE: free text}")
    (tmp_path / "raw" / "ae.csv").write_text("SUBJ,TERM,NOTE,NOTE\n01,Cough,a,b\n")
    terms, rules = built(tmp_path)
    assert terms == ["Cough"] and "R2A-SRC-031" in rules and "R2A-COL-001" not in rules
    assert not [p for p in lint_study(str(tmp_path / "study"), tmp_path / "raw") if "NOTE" in p.message]


def test_a_column_renamed_by_position_is_read(tmp_path):
    study(tmp_path, "file: ae.csv, rename: {4: NOTE_2}", "NOTE_2")
    (tmp_path / "raw" / "ae.csv").write_text("SUBJ,TERM,NOTE,NOTE\n01,Cough,a,b\n")
    assert built(tmp_path)[0] == ["b"]


def test_an_empty_file_is_an_error_where_a_rule_reads_it(tmp_path):
    study(tmp_path, "file: ae.csv")
    (tmp_path / "raw" / "ae.csv").write_bytes(b"")
    with pytest.raises(SpecError) as caught:
        built(tmp_path)
    assert "the file ae.csv is empty (0 bytes)" in caught.value.problems[0].message
    (tmp_path / "study" / "sdtm" / "ae.yaml").unlink()
    build(str(tmp_path / "study"), tmp_path / "raw", tmp_path / "out", Options(quality=False))
    found = json.loads((tmp_path / "out" / "reports" / "findings.json").read_text())["findings"]
    assert [f["rule"] for f in found if f["rule"].startswith("R2A-SRC")] == ["R2A-SRC-036"]


def test_a_zero_padded_identifier_finds_its_subject(tmp_path):
    study(tmp_path, "file: ae.xlsx")
    book = openpyxl.Workbook()
    for row in (["SUBJ", "TERM"], [1, "Cough_x000D_\nat night"], [2, "Fever"]):
        book.worksheets[0].append(row)
    for cell in ("A2", "A3"):
        book.worksheets[0][cell].number_format = "00"
    book.save(tmp_path / "raw" / "ae.xlsx")
    terms, rules = built(tmp_path)
    assert terms == ["Cough at night", "Fever"] and "R2A-RAW-041" not in rules


def test_an_error_of_a_spreadsheet_is_one_finding(tmp_path):
    study(tmp_path, "file: ae.xlsx")
    book = openpyxl.Workbook()
    for row in (["SUBJ", "TERM"], ["01", "Cough"], ["02", "#N/A"]):
        book.worksheets[0].append(row)
    book.worksheets[0]["B3"].data_type = "e"
    book.save(tmp_path / "raw" / "ae.xlsx")
    _, rules = built(tmp_path)
    assert "R2A-RAW-002" in rules and "R2A-SRC-004" not in rules
