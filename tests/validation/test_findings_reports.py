"""Findings as JSON, HTML and xlsx: complete, stable, and no text of the data becomes markup or a formula.

Not for the rules that report findings (test_conformance, test_quality).
"""

from __future__ import annotations

import json
import time
import zipfile
from datetime import datetime

import numpy as np
import pytest
from lxml import html
from openpyxl import load_workbook
from raw2adam.errors import OutputError
from raw2adam.findings.catalogue import rule_of
from raw2adam.findings.table import COLUMNS, Findings
from raw2adam.validation.reports import workbook
from raw2adam.validation.reports.findings import _limit, findings_html, findings_json, findings_xlsx

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
    }  # fmt: skip
    assert [f["value"] for f in data["findings"]][: len(HOSTILE)] == HOSTILE
    joined = next(f for f in data["findings"] if f["rule"] == "R2A-JOIN-001")
    assert joined["sequence"] is None and joined["source"] == {"source": "", "file": "", "row": None, "column": ""}
    assert data["summary"] == {
        "total": 81, "by_severity": {"error": 20, "warning": 1, "note": 60},
        "by_rule": {"R2A-CONF-004": 20, "R2A-JOIN-001": 1, "R2A-SRC-002": 60},
        "by_dataset": {"": 60, "AE": 20, "DM": 1}, "shown": 81,
    }  # fmt: skip


def test_a_limit_keeps_the_most_severe_and_counts_all():
    data = json.loads(findings_json(findings(), limit=5))
    assert {f["severity"] for f in data["findings"]} == {"error"} and len(data["findings"]) == 5
    assert (data["summary"]["total"], data["summary"]["shown"]) == (81, 5)


def test_no_findings_at_all(tmp_path):
    assert json.loads(findings_json(Findings()))["findings"] == []
    assert b"No findings." in findings_html(Findings(), "x", [])
    findings_xlsx(Findings(), tmp_path / "f.xlsx", DECLARED)
    assert load_workbook(tmp_path / "f.xlsx").active.max_row == 1


def test_the_order_of_adding_changes_no_byte(tmp_path):
    assert findings_json(findings()) == findings_json(findings(-1))
    assert findings_html(findings(), "x", ["y"]) == findings_html(findings(-1), "x", ["y"])
    for order, name in [(1, "a"), (-1, "b")]:
        findings_xlsx(findings(order), tmp_path / name, DECLARED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_html_escapes_and_groups():
    text = findings_html(findings(), "Findings <b>", ["2 adverse events did not reach SDTM <i>"]).decode()
    page = html.fromstring(text)
    code = "".join(page.xpath("//script[not(@type)]/text()"))
    data = page.xpath("string(//script[@type='application/json'])")
    assert "alert" not in code and "<" not in data and ">" not in data and "&" not in data
    assert HOSTILE[0] in json.loads(data)["texts"]
    assert page.xpath("string(//h1)") == "Findings <b>" and not page.xpath("//h1/b | //p[@class='lead']/i")
    assert page.xpath("string(//p[@class='lead'])") == "2 adverse events did not reach SDTM <i>"
    groups = page.xpath("//details[contains(@class, 'group')]")
    assert [g.xpath("string(.//code)") for g in groups] == ["R2A-CONF-004", "R2A-JOIN-001", "R2A-SRC-002"]
    assert groups[1].xpath("string(p)") == f"What to do: {rule_of('R2A-JOIN-001').do} Source: docs/semantics.md S6"
    assert [len(g.xpath(".//tbody/tr")) for g in groups] == [20, 1, 50]
    assert "10 more of this rule" in groups[2].text_content()
    # the message is the same in all, so the head of the group has it; no other column is shown that is empty
    headings = ["Dataset", "Subject", "Sequence", "Variable", "Value", "Source file", "Source row", "Source column"]
    assert groups[0].xpath(".//thead//th/text()") == headings and groups[2].xpath(".//thead//th/text()") == ["Value"]
    values = [r.xpath("string(td[5])") for r in groups[0].xpath(".//tbody/tr")]
    assert values[0] == HOSTILE[0] and "{{ 7 * 7 }}" in values and "\\x1b[31m\\x00" in values and "\\u202efdp" in values
    assert (
        "src=" not in text
        and {h[:1] for h in page.xpath("//@href")} == {"#"}
        and "http" not in text.replace("http-equiv", "")
    )


def test_the_search_has_every_finding():
    text = findings_html(findings(), "x").decode()
    data = json.loads(html.fromstring(text).xpath("string(//script[@type='application/json'])"))
    assert [len(g["places"]) for g in data["groups"]] == [20, 1, 60] and data["searched"] == data["total"] == 81
    (values,) = data["groups"][2]["columns"]
    assert [data["texts"][v] for v in values] == [f"v{i:02}" for i in range(60)]
    assert [data["texts"][p] for p in data["groups"][0]["places"]] == ["AE"] * 20
    assert "The search covers 81 of 81 findings." in text and "Not all findings" not in text


@pytest.mark.parametrize(
    ("counts", "room", "limit"),
    [([], 10, 0), ([3, 4], 10, 4), ([1000, 2, 300], 602, 300), ([1000, 2, 300], 401, 199), ([1000, 900], 20, 50)],
)
def test_rules_with_few_findings_are_searched_whole(counts, room, limit):
    """Of 401: 2 of the second rule, and 199 of each other; no rule has fewer than the page shows."""
    assert _limit(np.array(counts, dtype="int64"), room) == limit


def test_excel_cells_are_text_and_come_back_as_written(tmp_path):
    path = tmp_path / "f.xlsx"
    findings_xlsx(findings(), path, DECLARED)
    sheet = load_workbook(path).active
    rows = list(sheet.iter_rows())
    assert len(rows) == 82 and len(rows[0]) == len(COLUMNS)
    assert {c.data_type for row in rows for c in row if c.value is not None} == {"s"}
    values = [row[6].value or "" for row in rows[1:21]]
    expected = [
        v.replace("\x1b[31m\x00", "\\x1b[31m\\x00").replace("\x85", "\\x85").replace("\u202e", "\\u202e")
        for v in HOSTILE
    ]
    # Excel reads _x005F_ as an underscore, so that _x0041_ stays what it is; openpyxl hands it on unread
    assert [v.replace("_x005F_", "_") for v in values] == expected and "_x005F_x0041_" in values
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:N82"
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


def test_a_hundred_thousand_findings_take_seconds():
    table = Findings()
    table.add("R2A-CONF-001", "x", subject=[f"S-{i}" for i in range(100_000)], row=np.arange(100_000))
    start = time.perf_counter()
    assert findings_json(table).count(b"\n") == 100_002
    page = findings_html(table, "x", []).decode()
    assert "The search covers 20,000 of 100,000 findings." in page and "Not all findings are in this page" in page
    assert len(page) < 2_000_000
    assert time.perf_counter() - start < 20
