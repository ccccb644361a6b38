"""The script that compares the defects of a synthetic export with the reports of its build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools import compare_truth


def defect(number: int, kind: str, file: str, record: int, column: str, injected: str, **more: Any) -> dict:
    return {
        "file": file, "record": record, "column": column, "class": kind, "original": "x", "injected": injected,
        "of_record": 0, "part": "", "subject": "0101-0001", "defect": number, **more,
    }  # fmt: skip


def finding(file: str, row: int | None, column: str = "", severity: str = "warning", **more: Any) -> dict:
    return {
        "rule": "R2A-XXX-001", "severity": severity, "subject": "", "value": "", "message": "odd",
        "source": {"file": file, "row": row, "column": column}, **more,
    }  # fmt: skip


def outcome(truth: list[dict], findings: list[dict] = [], accounting: dict | None = None) -> Any:  # noqa: B006
    return compare_truth.compare({"defects": truth}, {"findings": findings}, accounting or {})


def caught(*arguments: Any) -> dict[str, tuple[int, dict[str, int], int]]:
    found = outcome(*arguments).classes
    return {name: (t.injected, dict(t.caught), len(t.missed)) for name, t in found.items()}


DATE = defect(1, "foreign_date", "ae.csv", 7, "ST_DT", "2021.04.03")


@pytest.mark.parametrize(
    ("findings", "ways"),
    [
        ([finding("ae.csv", 7, "ST_DT", "error")], {"record": 1}),
        ([finding("ae.csv", 7, "ST_DT", "note")], {"record": 1}),
        ([finding("ae.csv", 7)], {"record": 1}),
        ([finding("ae.csv", 7, "EN_DT")], {}),
        ([finding("ae.csv", 8, "ST_DT")], {}),
        ([finding("resp.csv", 7, "ST_DT")], {}),
        ([finding("ae.csv", None, "ST_DT")], {}),
        ([], {}),
    ],
)
def test_a_defect_is_caught_at_its_file_record_and_column(findings: list[dict], ways: dict[str, int]):
    assert caught([DATE], findings) == {"foreign_date": (1, ways, 1 - len(ways))}


def test_a_wrong_unit_is_caught_by_a_finding_about_the_result_with_its_unit():
    unit = defect(1, "wrong_unit", "lab.csv", 7, "UNIT", "g/dL")
    assert caught([unit], [finding("lab.csv", 7, "RESULT", rule="R2A-UNIT-002")])["wrong_unit"] == (1, {"record": 1}, 0)
    assert caught([unit], [finding("lab.csv", 7, "RESULT", rule="R2A-NUM-003")])["wrong_unit"] == (1, {}, 1)
    assert caught([unit], [finding("lab.csv", 8, "RESULT", rule="R2A-UNIT-002")])["wrong_unit"] == (1, {}, 1)
    other = defect(1, "unmapped_code", "lab.csv", 7, "UNIT", "xx")
    assert caught([other], [finding("lab.csv", 7, "RESULT", rule="R2A-UNIT-002")])["unmapped_code"] == (1, {}, 1)


def test_a_rule_that_names_clean_records_as_well_catches_nothing():
    at_defect, noise = finding("ae.csv", 7, "ST_DT"), [finding("ae.csv", row, "ST_DT") for row in (1, 2)]
    assert caught([DATE], [at_defect, noise[0]])["foreign_date"] == (1, {"record": 1}, 0)
    assert caught([DATE], [at_defect, *noise])["foreign_date"] == (1, {}, 1)
    notes = [{**f, "severity": "note"} for f in [at_defect, *noise]]  # every blank item has a note
    assert caught([DATE], notes)["foreign_date"] == (1, {"record": 1}, 0)


def ledger(verbatim: str, cells: int) -> dict:
    texts = [{"verbatim": verbatim, "value": "", "outcome": "reported", "cells": cells}]
    column = {"column": "ST_DT", "cells": {"read_by": [{"dataset": "AE", "texts": texts}]}}
    return {
        "sources": [{"file": "ae.csv", "rows": {"rows": 9, "merged": 1}, "columns": [column]}],
        "total": {"rows": 9},
    }


def test_a_defect_is_caught_by_the_ledger_where_no_other_cell_has_its_text():
    assert caught([DATE], [], ledger("2021.04.03", 1))["foreign_date"] == (1, {"ledger": 1}, 0)
    assert caught([DATE], [], ledger("2021.04.03", 2))["foreign_date"] == (1, {}, 1)
    assert caught([DATE], [], ledger("03/04/2021", 1))["foreign_date"] == (1, {}, 1)
    empty = defect(1, "missing_date", "ae.csv", 7, "ST_DT", "")
    assert caught([empty], [], ledger("", 1))["missing_date"] == (1, {}, 1)


def test_an_exact_duplicate_is_caught_as_a_merged_row():
    copy = defect(1, "exact_duplicate", "ae.csv", 8, "", "", of_record=7)
    assert caught([copy], [], ledger("x", 1))["exact_duplicate"] == (1, {"ledger": 1}, 0)
    second = defect(2, "exact_duplicate", "ae.csv", 3, "", "", of_record=2)
    assert caught([copy, second], [], ledger("x", 1))["exact_duplicate"] == (2, {}, 2)


def test_a_copy_is_caught_at_either_record_and_any_column():
    copy = defect(1, "conflicting_duplicate", "resp.csv", 8, "RESP", "SD", of_record=7)
    assert caught([copy], [finding("resp.csv", 7, "VISIT")])["conflicting_duplicate"] == (1, {"record": 1}, 0)


def test_cells_with_the_same_number_are_one_defect():
    swap = [
        defect(5, "swapped_result_unit", "lab.csv", 4, "RESULT", "g/L"),
        defect(5, "swapped_result_unit", "lab.csv", 4, "UNIT", "12"),
    ]
    assert caught(swap, [finding("lab.csv", 4, "UNIT")])["swapped_result_unit"] == (1, {"record": 1}, 0)


def test_a_defect_between_forms_is_caught_at_the_other_form_of_the_subject():
    death = defect(1, "death_before_dose", "death.csv", 3, "DTH_DT", "01/01/2021")
    same, other = "STUDY-0101-0001", "STUDY-0101-0002"
    assert caught([death], [finding("isa.csv", 40, "DOSE_DT", subject=same)])["death_before_dose"] == (
        1,
        {"beside": 1},
        0,
    )
    assert caught([death], [finding("isa.csv", 40, "DOSE_DT", subject=other)])["death_before_dose"] == (1, {}, 1)
    assert caught([death], [finding("ae.csv", 40, "ST_DT", subject=same)])["death_before_dose"] == (1, {}, 1)
    # a finding at a record with another defect is not about this defect
    dirty = defect(2, "foreign_date", "isa.csv", 40, "DOSE_DT", "44289")
    assert caught([death, dirty], [finding("isa.csv", 40, "DOSE_DT", subject=same)])["death_before_dose"] == (1, {}, 1)


def test_false_alarms_are_warnings_and_errors_on_clean_records():
    truth = [
        DATE,
        defect(2, "death_before_dose", "death.csv", 3, "DTH_DT", "x", subject="0101-0009"),
        defect(3, "letter_for_digit", "priortx.txt", 5, "SITE_ID", "O101", subject="0101-0008"),
    ]
    findings = [
        finding("ae.csv", 7, "EN_DT"),  # a record with a defect
        finding("ae.csv", 8, severity="note"),
        finding("ae.csv", 9, subject="STUDY-0101-0009"),  # a subject with a defect between forms
        finding("priortx.txt", 6, subject="STUDY-0101-0008"),  # a subject that lacks a record
        finding("ae.csv", None),
        finding("ae.csv", 10),
        finding("ae.csv", 10, "EN_DT"),  # the same record by the same rule
        finding("ae.csv", 11, severity="error", subject="STUDY-0101-0001"),
    ]
    result = outcome(truth, findings, {"total": {"rows": 1003}})
    assert [f["source"]["row"] for f in result.alarms] == [10, 11]
    assert result.clean == 1000
    assert result.rate == 2.0


def test_the_report_and_its_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    raw, out = tmp_path / "raw", tmp_path / "out"
    (out / "reports").mkdir(parents=True)
    raw.mkdir()
    assert compare_truth.main([str(raw), str(out)]) == 2
    assert "no truth.json" in capsys.readouterr().err
    (raw / "truth.json").write_text(json.dumps({"defects": [DATE]}), encoding="utf-8")
    assert compare_truth.main([str(raw), str(out)]) == 0
    printed = capsys.readouterr()
    assert "foreign_date                      1       0       1" in printed.out
    assert "missed foreign_date: ae.csv record 7 ST_DT: 'x' -> '2021.04.03'" in printed.out
    assert "false alarms: 0 (number of clean rows unknown)" in printed.out
    assert "findings.json: not there" in printed.err
    (out / "reports" / "findings.json").write_text(json.dumps({"findings": [finding("ae.csv", 2)]}), encoding="utf-8")
    (out / "reports" / "accounting.json").write_text(json.dumps({"total": {"rows": 501}}), encoding="utf-8")
    assert compare_truth.main([str(raw), str(out), "--clean-findings"]) == 0
    printed = capsys.readouterr().out
    assert "false alarms: 1 (2.00 per 1,000 of 500 clean rows)" in printed
    assert "  R2A-XXX-001: 1\n    ae.csv record 2 : '': odd" in printed
