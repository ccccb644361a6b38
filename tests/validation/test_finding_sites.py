"""The view of findings by site and by subject."""

from __future__ import annotations

import numpy as np
from lxml import html
from raw2adam.engine.subjects.sites import Sites
from raw2adam.findings.table import Findings
from raw2adam.validation.reports.finding_data import unpacked
from raw2adam.validation.reports.finding_sites import SiteCounts, counts_by_site, counts_by_subject, sites_of
from raw2adam.validation.reports.findings import FindingsPage, findings_html

HOSTILE = "<b>&7"
SITES = Sites(
    rows={"ae": (np.array([1, 2], dtype="int32"), np.array(["10", HOSTILE], dtype=object))},
    subjects={"S-1": ("10", "1"), "S-2": ("20", "2")},
    countries={"10": "FRA"},
    forms={"ae": "ae.csv"},
)


def findings() -> Findings:
    table = Findings()
    rows = np.array([1, 2], dtype="int32")
    table.add("R2A-CONF-004", "not a term", dataset="AE", subject=["S-1", ""], source="ae", file="ae.csv", row=rows)
    table.add("R2A-JOIN-001", "no partner", subject=["S-2", "S-3"])
    table.add("R2A-SRC-002", "a note", subject=["S-1"])
    return table


def test_a_finding_has_the_site_of_its_row_else_of_its_subject():
    table = findings().frame()
    found = dict(zip(zip(table["rule"], table["subject"], strict=True), sites_of(table, SITES).tolist(), strict=True))
    assert found == {
        ("R2A-CONF-004", "S-1"): "10", ("R2A-CONF-004", ""): HOSTILE, ("R2A-JOIN-001", "S-2"): "20",
        ("R2A-JOIN-001", "S-3"): "", ("R2A-SRC-002", "S-1"): "10",
    }  # fmt: skip


def test_sites_and_subjects_with_errors_come_first():
    table = findings().frame()
    assert counts_by_site(table, sites_of(table, SITES), SITES) == [
        SiteCounts("10", "FRA", 1, {"error": 1, "warning": 0, "note": 1}),
        SiteCounts(HOSTILE, "", 0, {"error": 1, "warning": 0, "note": 0}),
        SiteCounts("20", "", 1, {"error": 0, "warning": 1, "note": 0}),
    ]
    assert [(s.subject, s.site, *s.counts.values()) for s in counts_by_subject(table, SITES)] == [
        ("S-1", "10", 1, 0, 1), ("S-2", "20", 0, 1, 0), ("S-3", "", 0, 1, 0)
    ]  # fmt: skip
    nothing = Findings().frame()
    assert counts_by_site(nothing, sites_of(nothing, SITES), SITES) == counts_by_subject(nothing, SITES) == []


def test_the_page_links_each_site_and_subject_to_its_findings():
    page = html.fromstring(findings_html(findings(), FindingsPage(title="x", sites=SITES)))
    sites, subjects = page.xpath("//section[@id='people']//table")
    assert [r.xpath("string(th)") for r in sites.xpath("tbody/tr")] == ["10", HOSTILE, "20"]
    assert sites.xpath("tbody//a/@href") == ["#site=10", "#site=%3Cb%3E%267", "#site=20"]
    assert subjects.xpath("tbody//a/@href") == ["#subject=S-1", "#subject=S-2", "#subject=S-3"]
    data = unpacked(page.xpath("string(//script[@id='data'])"))
    assert [data["texts"]["site"]["t"][c] for c in data["texts"]["site"]["c"]] == ["10", HOSTILE, "20", "", "10"]
    without = html.fromstring(findings_html(findings(), FindingsPage(title="x")))
    assert len(without.xpath("//section[@id='people']//table")) == 1
