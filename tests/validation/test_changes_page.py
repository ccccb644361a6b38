"""changes.html: which findings are new, resolved and recurring, by rule, and in the list with its filters."""

from __future__ import annotations

from typing import Any

from lxml import html
from raw2adam.findings.entries import Entry
from raw2adam.findings.review import REMEMBERED, Review
from raw2adam.findings.table import Findings
from raw2adam.validation.reports.changes import changes_html, is_compared
from raw2adam.validation.reports.finding_data import unpacked
from raw2adam.validation.reports.findings import FindingsPage


def compared() -> Findings:
    """Two dates that are no dates, of which one recurs; a note that recurs; one date of the earlier output is gone."""
    table = Findings()
    cell: dict[str, Any] = {"source": "ae", "file": "ae.csv", "column": "ST_DT", "dataset": "AE", "variable": "AESTDTC"}
    for row, value in ((1, "30FEB2024"), (2, "31JUN2024")):
        table.add("R2A-DATE-001", "no format", subject=f"S-{row}", value=value, row=row, **cell)
    table.add("R2A-TEXT-001", "spelled out", dataset="AE", variable="AETERM", value="<b>é")
    known = {
        f["id"]: {n: f[n] for n in REMEMBERED} for f in table.frame().to_dict("records") if f["value"] != "31JUN2024"
    }
    gone = {**dict.fromkeys(REMEMBERED, ""), **cell, "id": "0" * 12, "rule": "R2A-DATE-001", "severity": "error"}
    known[gone["id"]] = {**gone, "subject": "S-9", "value": "</script>99", "message": "no format"}
    fixed = Entry(rule="R2A-DATE-*", disposition="fixed in source", place="findings.yaml:2:3")
    table.reviewed(Review(entries=[fixed], previous=known))
    return table


def test_the_page_counts_and_lists_new_resolved_and_recurring_findings() -> None:
    findings = compared()
    findings.report_entries()
    assert is_compared(findings) and not is_compared(Findings())
    page = html.fromstring(changes_html(findings, FindingsPage(title="S: changes of findings")))
    tiles = [" ".join(t.text_content().split()) for t in page.xpath("//li[@class='tile']")]
    assert tiles == ["2new, 1 error", "1resolved, 1 error", "2recurring, 1 error"]  # new: R2A-DISP-002 too
    assert page.xpath("//p[@class='warning']/text()") == [
        "R2A-DISP-002: the entry at findings.yaml:2:3 describes findings of this run; their number is 2"
    ]
    rows = [[" ".join(c.text_content().split()) for c in r][:5] for r in page.xpath("//section[@id='rules']//tbody/tr")]
    assert rows == [
        ["R2A-DATE-001", "error", "1", "1", "1"],
        ["R2A-DISP-002", "warning", "1", "0", "0"],
        ["R2A-TEXT-001", "note", "0", "0", "1"],
    ]
    assert page.get_element_by_id("form").get("data-start") == "state=new&state=resolved"
    texts = unpacked(page.xpath("string(//script[@id='data'])"))["texts"]
    listed = [[texts[n]["t"][c] for c in texts[n]["c"]] for n in ("state", "rule", "value", "file")]
    assert list(zip(*listed, strict=True)) == [
        ("new", "R2A-DATE-001", "31JUN2024", "ae.csv"),
        ("new", "R2A-DISP-002", "rule: R2A-DATE-*", ""),
        ("resolved", "R2A-DATE-001", "</script>99", "ae.csv"),
        ("recurring", "R2A-DATE-001", "30FEB2024", "ae.csv"),
        ("recurring", "R2A-TEXT-001", "<b>é", ""),
    ]


def test_two_runs_without_findings_have_a_page() -> None:
    findings = Findings()
    findings.reviewed(Review(previous={}))
    assert b"Neither run has a finding." in changes_html(findings, FindingsPage(title="S"))
