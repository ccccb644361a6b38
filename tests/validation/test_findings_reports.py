"""Findings as JSON, CSV, HTML and xlsx: complete, stable, and no text of the data becomes markup or a formula.

Not for the rules that report findings (test_conformance, test_quality).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import datetime

import numpy as np
import pytest
from lxml import html
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from raw2adam.errors import OutputError
from raw2adam.findings.catalogue import rule_of
from raw2adam.findings.table import COLUMNS, Findings
from raw2adam.validation.reports import workbook
from raw2adam.validation.reports.finding_data import unpacked
from raw2adam.validation.reports.finding_files import findings_csv, findings_json, findings_xlsx
from raw2adam.validation.reports.findings import FindingsPage, findings_html

DECLARED = datetime(2025, 12, 31, 18, 30)
HOSTILE = [
    "<script>alert(1)</script>", "=cmd()|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\"'`", "1e308", "😀", "\x1b[31m\x00",
    "\x85", "_x0041_", "#N/A", "", " x ", "a\tb\nc", "</td></table>", "{{ 7 * 7 }}", "TRUE", "2022-01-01",
    "\u202efdp",
]  # fmt: skip


def findings(order=1):
    table = Findings()
    batches = [
        lambda: table.add("R2A-CONF-004", "not a term", dataset="AE", subject="S-1", sequence=2,
                         variable="AESER", value=np.array(HOSTILE, dtype=object), file="ae.csv",
                         row=np.arange(len(HOSTILE)) + 1, column="SER"),
        lambda: table.add("R2A-JOIN-001", "no partner", dataset="DM"),
        lambda: table.add("R2A-SRC-002", "60 of them", value=[f"v{i:02}" for i in range(60)]),
    ]  # fmt: skip
    for batch in batches[::order]:
        batch()
    return table


def test_json_holds_every_finding_and_value():
    data = json.loads(findings_json(findings()))
    assert data["schema"] == 2
    first = next(f for f in data["findings"] if f["value"] == HOSTILE[0])
    assert first == {
        "id": first["id"], "rule": "R2A-CONF-004", "severity": "error", "dataset": "AE", "subject": "S-1",
        "sequence": 2, "variable": "AESER", "keys": "", "value": HOSTILE[0], "message": "not a term",
        "source": {"source": "", "file": "ae.csv", "row": 1, "column": "SER"},
        "disposition": "", "state": "", "entry": None, "follows": "",
    }  # fmt: skip
    assert [f["value"] for f in data["findings"]][: len(HOSTILE)] == HOSTILE
    joined = next(f for f in data["findings"] if f["rule"] == "R2A-JOIN-001")
    assert joined["sequence"] is None and joined["source"] == {"source": "", "file": "", "row": None, "column": ""}
    assert data["summary"] == {
        "total": 81, "by_severity": {"error": 20, "warning": 1, "note": 60},
        "by_rule": {"R2A-CONF-004": 20, "R2A-JOIN-001": 1, "R2A-SRC-002": 60},
        "by_dataset": {"": 60, "AE": 20, "DM": 1}, "by_disposition": {}, "by_state": {}, "shown": 81,
    }  # fmt: skip


def test_a_limit_keeps_the_most_severe_and_counts_all():
    data = json.loads(findings_json(findings(), limit=5))
    assert {f["severity"] for f in data["findings"]} == {"error"} and len(data["findings"]) == 5
    assert (data["summary"]["total"], data["summary"]["shown"]) == (81, 5)


def test_no_findings_at_all(tmp_path):
    assert json.loads(findings_json(Findings()))["findings"] == []
    assert b"No findings." in findings_html(Findings(), FindingsPage(title="x"))
    assert findings_csv(Findings()).decode("utf-8-sig").startswith("Rule,Severity,Dataset,")
    findings_xlsx(Findings(), tmp_path / "f.xlsx", DECLARED)
    assert load_workbook(tmp_path / "f.xlsx").active.max_row == 1


def test_the_order_of_adding_changes_no_byte(tmp_path):
    assert findings_json(findings()) == findings_json(findings(-1))
    page = FindingsPage(title="x", lead=["y"])
    assert findings_html(findings(), page) == findings_html(findings(-1), page)
    assert findings_csv(findings()) == findings_csv(findings(-1))
    for order, name in [(1, "a"), (-1, "b")]:
        findings_xlsx(findings(order), tmp_path / name, DECLARED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_text_of_the_data_becomes_markup():
    title = FindingsPage(title="Findings <b>", lead=["2 adverse events did not reach SDTM <i>"])
    text = findings_html(findings(), title).decode()
    page = html.fromstring(text)
    assert page.xpath("string(//h1)") == "Findings <b>" and not page.xpath("//h1/b | //p[@class='lead']/i")
    assert page.xpath("string(//p[@class='lead'])") == "2 adverse events did not reach SDTM <i>"
    block, *code = page.xpath("//script/text()")
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", block) and "alert" not in "".join(code)
    values = unpacked(block)["texts"]["value"]["t"]
    assert HOSTILE[0] in values and "{{ 7 * 7 }}" in values and "\\x1b[31m\\x00" in values and "\\u202efdp" in values
    assert "src=" not in text and "http" not in text.replace("http-equiv", "").replace("https?", "")
    assert {h.partition("#")[0] for h in page.xpath("//@href")} == {
        "",
        "findings.xlsx",
        "findings.csv",
        "findings.json",
    }


def test_every_rule_has_its_counts_and_what_to_do():
    page = html.fromstring(findings_html(findings(), FindingsPage(title="x")).decode())
    rows = page.xpath("//section[@id='rules']//tbody/tr")
    assert [[r.xpath("string(th)"), *(c.text_content() for c in r.xpath("td"))][:4] for r in rows] == [
        ["R2A-CONF-004", "error", "20", "20"],
        ["R2A-JOIN-001", "warning", "1", "1"],
        ["R2A-SRC-002", "note", "60", "60"],
    ]
    assert rows[1].xpath("string(td[4])").endswith(f"{rule_of('R2A-JOIN-001').do} Source: docs/semantics.md S6")
    assert rows[1].xpath("th/a/@href") == ["#rule=R2A-JOIN-001&severity=warning"]


def test_excel_cells_are_typed_and_come_back_as_written(tmp_path):
    path = tmp_path / "f.xlsx"
    findings_xlsx(findings(), path, DECLARED)
    sheet = load_workbook(path).active
    rows = list(sheet.iter_rows())
    assert len(rows) == 82 and len(rows[0]) == len(COLUMNS)
    assert {c.data_type for c in rows[1] if c.value is not None} == {"s", "n"}
    assert (rows[1][4].value, rows[1][10].value) == (2, 1)  # sequence and row are numbers
    assert {c.data_type for row in rows for c in row[5:10] if c.value is not None} == {"s"}
    values = [row[6].value or "" for row in rows[1:21]]
    expected = [
        v.replace("\x1b[31m\x00", "\\x1b[31m\\x00").replace("\x85", "\\x85").replace("\u202e", "\\u202e")
        for v in HOSTILE
    ]
    # Excel reads _x005F_ as an underscore, so that _x0041_ stays what it is; openpyxl hands it on unread
    assert [v.replace("_x005F_", "_") for v in values] == expected and "_x005F_x0041_" in values
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == f"A1:{get_column_letter(len(COLUMNS))}82"
    with zipfile.ZipFile(path) as packed:
        assert all(b"<f>" not in packed.read(n) for n in packed.namelist() if "worksheets" in n)
        assert {i.date_time for i in packed.infolist()} == {(2025, 12, 31, 18, 30, 0)}
        assert packed.read("docProps/core.xml").count(b"2025-12-31T18:30:00Z") == 2


def test_more_rows_than_a_sheet_holds_go_to_a_second_one(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 51)
    findings_xlsx(findings(), tmp_path / "f.xlsx", DECLARED)
    book = load_workbook(tmp_path / "f.xlsx")
    assert [(s.title, s.max_row) for s in book] == [("Findings", 51), ("Findings 2", 32)]


def test_a_folder_in_the_way_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written"):
        findings_xlsx(findings(), tmp_path, DECLARED)


def test_csv_has_every_finding_and_no_formula():
    (head, *lines) = csv.reader(io.StringIO(findings_csv(findings()).decode("utf-8-sig"), newline=""))
    assert head[:7] == ["Rule", "Severity", "Dataset", "Subject", "Sequence", "Variable", "Value"]
    assert len(lines) == 81 and lines[0][4] == "2" and lines[-1][4] == lines[-1][10] == ""
    values = [line[6] for line in lines]
    assert "'=cmd()|'/c calc'!A1" in values and "'+1" in values and "'@SUM(1)" in values and "a\tb\nc" in values
    assert not [v for v in values if v[:1] in set("=+-@\t\r")]
