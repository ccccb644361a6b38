"""Rows of no subject: written to a file, corrected there, and fed back; the raw file is never edited."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.command import no_pages
from raw2adam import cli
from raw2adam.engine.columns import column as col
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.quarantine import ACCOUNT_COLUMNS, apply_corrections, guarded, quarantine_csv, unguarded
from raw2adam.sources.table import RawTable

STUDY = """\
study: {id: S1}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
sources: {ae: {file: ae.csv}}
"""
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM}\n"
RAW = 'SITE,SUBJ,TERM\n0101,0001,Rash\n0101,,"=1+1, said ""so"""\n0101,0002,Fever\n,0003,  Nausea \n'


@pytest.fixture
def built(tmp_path, monkeypatch):
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "raw").mkdir()
    (tmp_path / "study" / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "study" / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (tmp_path / "raw" / "ae.csv").write_text(RAW, "utf-8")

    def build(*more: object) -> int:
        arguments = ["build", tmp_path / "study", "--raw", tmp_path / "raw", "--out", tmp_path / "out", "--no-quality"]
        monkeypatch.setattr(sys, "argv", ["raw2adam", *map(str, [*arguments, "--fail-on", "never", *more])])
        with no_pages(), pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code

    assert build() == 0
    build.folder = tmp_path
    return build


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))


def rewrite(path: Path, rows: list[dict[str, str]], target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(read(path)[0]))
        writer.writeheader()
        writer.writerows(rows)


def account(folder: Path) -> dict:
    (source,) = json.loads((folder / "out" / "reports" / "accounting.json").read_text())["sources"]
    return source


def test_rows_of_no_subject_are_written_with_their_cells_as_they_stand(built):
    rows = read(built.folder / "out" / "quarantine" / "ae.csv")
    assert list(rows[0]) == [*ACCOUNT_COLUMNS, "SITE", "SUBJ", "TERM"]
    assert [(r["RAW_FILE"], r["RECORD"], r["SITE"], r["SUBJ"], r["TERM"]) for r in rows] == [
        ("ae.csv", "2", "0101", "", '\'=1+1, said "so"'),  # a spreadsheet would compute it
        ("ae.csv", "4", "", "0003", "  Nausea "),
    ]
    assert {r["REASON"] for r in rows} == {"the row does not identify a subject"}
    assert "SITE and SUBJ" in rows[0]["TO_DO"] and "--corrections" in rows[0]["TO_DO"]


def test_a_corrected_row_is_built_and_reported_cell_by_cell(built):
    folder = built.folder
    rows = read(folder / "out" / "quarantine" / "ae.csv")
    rows[0]["SUBJ"] = "0001"
    rewrite(folder / "out" / "quarantine" / "ae.csv", rows[:1], folder / "fixed" / "ae.csv")
    assert built("--corrections", folder / "fixed") == 0
    source = account(folder)
    assert source["balance"] == "4 = 3 mapped + 0 excluded + 0 merged + 1 quarantined"
    assert source["corrected"] == {"rows": 1, "cells": 1}
    findings = json.loads((folder / "out" / "reports" / "findings.json").read_text())["findings"]
    (finding,) = [f for f in findings if f["rule"] == "R2A-CORR-001"]
    assert (finding["value"], finding["source"]) == (
        "0001",
        {"source": "ae", "file": "ae.csv", "row": 2, "column": "SUBJ"},
    )
    assert finding["message"] == "corrected; the raw file has ''"
    manifest = json.loads((folder / "out" / "manifest.json").read_text())
    assert sorted(manifest["inputs"]) == ["corrections/ae.csv", "raw/ae.csv"]
    assert (folder / "raw" / "ae.csv").read_text("utf-8") == RAW
    assert [r["RECORD"] for r in read(folder / "out" / "quarantine" / "ae.csv")] == ["4"]
    # the formula comes back as the site wrote it
    terms = pd.read_parquet(folder / "out" / "lineage" / "raw" / "ae.parquet")["TERM"].tolist()
    assert terms[1] == '=1+1, said "so"'


def test_all_corrected_leaves_no_quarantine(built):
    rows = read(built.folder / "out" / "quarantine" / "ae.csv")
    rows[0]["SUBJ"], rows[1]["SITE"] = "0001", "0101"
    rewrite(built.folder / "out" / "quarantine" / "ae.csv", rows, built.folder / "fixed" / "ae.csv")
    assert built("--corrections", built.folder / "fixed") == 0
    assert not (built.folder / "out" / "quarantine").exists()


def test_the_folder_in_the_output_is_refused_since_it_would_be_replaced(built, capsys):
    assert built("--corrections", built.folder / "out" / "quarantine") == 4
    assert "would delete the input" in capsys.readouterr().err


# what a folder of corrections can have wrong


def table() -> RawTable:
    frame = pd.DataFrame({"SUBJ": col.text_column(["1", ""]), "TERM": col.text_column(["a", "=b"])})
    numbers = np.array([1, 2], dtype="int32")
    return RawTable("ae", Path("raw") / "ae.csv", "0", frame, numbers, numbers)


def lines() -> list[str]:
    return quarantine_csv(table(), np.array([1]), ["no subject"], "do").decode("utf-8-sig").splitlines()


def corrected(folder: Path, text: str | bytes, name: str = "ae.csv") -> None:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    apply_corrections(folder, {"ae": table(), "dm": table()}, Findings())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: "\n".join(t) + "\n" + t[1], "ae.csv: row 3 is for record 2, which an earlier row corrects already"),
        (lambda t: t[0].replace("TERM", "TERMS") + "\n" + t[1], "column 7 of the header is 'TERMS', expected 'TERM'"),
        (lambda t: t[0].replace(',"TERM"', ""), "column 7 of the header is nothing, expected 'TERM'"),
        (lambda t: "\n".join(t).replace(",", "|"), "not sound CSV"),
        (lambda t: t[0] + "\n" + t[1].replace('"2"', '"9"'), "record '9' of 'ae.csv', and ae.csv has no such record"),
        (lambda t: t[0] + "\n" + t[1].replace('"2"', '"two"'), "record 'two'"),
        (lambda t: t[0] + "\n" + t[1].replace("ae.csv", "cm.csv"), "of 'cm.csv', and ae.csv has no such record"),
        (lambda t: t[0] + "\n" + t[1].replace('"2"', '"1"'), "record 1 of ae.csv is not the row that was quarantined"),
        (lambda t: t[0] + "\n" + t[1] + ',"x"', "row 2 has 8 cells, and the header has 7"),
        (lambda t: t[0] + '\n"open', "not sound CSV"),
        (lambda t: b"\xff\xfea", "not UTF-8 at byte 0"),
        (lambda t: "", "column 1 of the header is nothing, expected 'RAW_FILE'"),
    ],
)
def test_a_wrong_correction_is_refused_with_its_place(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        corrected(tmp_path, change(lines()))
    assert message in str(error.value)


def test_an_unknown_file_is_refused_with_the_nearest_source(tmp_path):
    with pytest.raises(InputError, match=r"aes\.csv: not the correction of a source.*did you mean 'ae'"):
        corrected(tmp_path, "", "aes.csv")
    with pytest.raises(InputError, match="no such folder of corrections"):
        apply_corrections(tmp_path / "none", {}, Findings())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_correction_of_nothing_changes_nothing(tmp_path, separator):
    """A spreadsheet may have saved the file with another separator."""
    (tmp_path / "ae.csv").write_text("\n".join(lines()).replace(",", separator), "utf-8")
    tables, findings = {"ae": table()}, Findings()
    done = apply_corrections(tmp_path, tables, findings)
    assert (done.rows, done.cells, len(findings)) == ({"ae": 1}, {"ae": 0}, 0)
    assert tables["ae"].frame["TERM"].tolist() == ["a", "=b"]


@given(st.text())
def test_a_guarded_cell_comes_back(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
