"""The front page: counts of findings by place, their picture, the balance, addresses; no text becomes markup."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from lxml import html
from raw2adam.findings.table import Findings
from raw2adam.validation.reports.finding_counts import PlaceCounts, counts_by_place, picture
from raw2adam.validation.reports.front_page import Balance, BalanceLine, DatasetLine, FrontPage, front_page
from raw2adam.validation.reports.output_files import described
from raw2adam.validation.reports.run_head import RunHead, fingerprint, href

HOSTILE = "<script>alert(1)</script>&\x1b"
HEAD = RunHead(
    study="S1",
    title=HOSTILE,
    version="9.9",
    as_of="2026-01-31",
    cutoff="",
    command="raw2adam build STUDY",
    fingerprint="ab",
)


def findings() -> Findings:
    table = Findings()
    table.add("R2A-CONF-004", "not a term", dataset="AE", value=np.array(["a", "b"], dtype=object), file="ae.csv")
    table.add("R2A-JOIN-001", "no partner", file="x&y=.csv")
    table.add("R2A-SRC-002", "note")
    return table


def page(**more: object) -> bytes:
    line = BalanceLine(name="ae", file=HOSTILE, read=3, counts=(2, 1))
    values = {
        "head": HEAD.linked(["reports/findings.html"]),
        "datasets": [DatasetLine(kind="sdtm", name="AE", label=HOSTILE, records=1234)],
        "findings": findings(),
        "balance": Balance("rows", ("Mapped", "Excluded"), (line,)),
        "files": {"sdtm/ae.xpt": 1760, "sdtm/#a b%.xpt": 1, "reports/findings.html": 2},
    }
    return front_page(FrontPage(**{**values, **more}))  # pyright: ignore


def test_findings_count_by_dataset_else_by_file() -> None:
    found = counts_by_place(findings().frame())
    assert [(p.place, p.counts) for p in found] == [
        ("AE", {"error": 2, "warning": 0, "note": 0}),
        ("x&y=.csv", {"error": 0, "warning": 1, "note": 0}),
        ("study", {"error": 0, "warning": 0, "note": 1}),
    ]
    assert counts_by_place(Findings().frame()) == []


def test_each_panel_of_the_picture_has_its_scale() -> None:
    found = [
        PlaceCounts("AE", {"error": 2, "warning": 0, "note": 1000}),
        PlaceCounts("DM", {"error": 1, "warning": 0, "note": 1}),
    ]
    drawn = picture(found)
    bars = [[(b["severity"], b["x"], b["width"], b["count"]) for b in line["bars"]] for line in drawn["lines"]]
    assert bars == [
        [("error", 190, 150, 2), ("note", 650, 150, 1000)],
        [("error", 190, 75, 1), ("note", 650, 2, 1)],  # a bar has at least 2 pixels
    ]
    assert drawn["text"] == "3 errors, most in AE (2); 1,001 notes, most in AE (1,000)"


def test_many_places_end_in_one_line_of_the_others() -> None:
    found = [PlaceCounts(f"D{i:02}", {"error": 1, "warning": 0, "note": i}) for i in range(45)]
    lines = picture(found)["lines"]
    assert len(lines) == 41 and lines[-1]["label"] == "5 others"
    assert [b["count"] for b in lines[-1]["bars"]] == [5, 40 + 41 + 42 + 43 + 44]


def test_the_notice_of_the_data_is_under_the_title() -> None:
    noticed = html.fromstring(page(head=replace(HEAD, notice="SYNTHETIC <b>")))
    assert [p.text_content() for p in noticed.xpath("//p[@class='notice']")] == ["SYNTHETIC <b>"]
    assert html.fromstring(page()).xpath("//p[@class='notice']") == []


def test_the_picture_has_a_text_and_the_table_the_numbers() -> None:
    tree = html.fromstring(page())
    drawing = tree.xpath("//svg")[0]
    assert drawing.get("role") == "img" and drawing.get("aria-labelledby") == "picture-title picture-text"
    assert "2 errors, most in AE (2)" in drawing.xpath("string(desc)")
    rows = tree.xpath("//details[@class='repeated']//tbody/tr")
    assert [[c.text_content() for c in r] for r in rows] == [
        ["AE", "2", "0", "0", "2"], ["x&y=.csv", "0", "1", "0", "1"], ["study", "0", "0", "1", "1"],
    ]  # fmt: skip
    assert rows[1].xpath(".//a/@href") == ["reports/findings.html#dataset=&file=x%26y%3D.csv"]


def test_no_text_becomes_markup_and_no_name_breaks_an_address() -> None:
    text = page().decode()
    assert "<script>alert" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;&amp;\\x1b" in text
    assert 'href="sdtm/%23a%20b%25.xpt"' in text and "http://" not in text and "https://" not in text


def test_no_findings_give_no_picture() -> None:
    text = page(findings=Findings()).decode()
    assert "<svg" not in text and "No findings." in text and "1,234" in text


def test_an_account_that_does_not_balance_is_shown_in_red() -> None:
    line = BalanceLine(name="ae", file="ae.csv", read=4, counts=(2, 1))
    text = page(balance=Balance("rows", ("Mapped", "Excluded"), (line,))).decode()
    assert '<b class="error">does not balance</b>' in text
    assert ">balanced<" in page().decode()


def test_addresses_are_relative_to_the_page() -> None:
    assert href("index.html", "reports/findings.html") == "../index.html"
    assert href("reports/queries/A B.xlsx", "index.html") == "reports/queries/A%20B.xlsx"


def test_the_fingerprint_depends_on_names_and_contents_alone() -> None:
    one = {"raw/a.csv": "1" * 64, "specs/b.yaml": "2" * 64}
    assert fingerprint(one) == fingerprint(dict(reversed(one.items())))
    assert fingerprint(one) != fingerprint({**one, "raw/a.csv": "3" * 64})
    # sha256 of "a\0" + "b\n"
    import hashlib

    assert fingerprint({"a": "b"}) == hashlib.sha256(b"a\0b\n").hexdigest()[:16]


def test_every_kind_of_file_has_its_words() -> None:
    for path in ("sdtm/ae.xpt", "lineage/AE.parquet", "lineage/raw/ae.parquet", "quarantine/ae.csv",
                 "reports/queries/DEU.xlsx", "manifest.json"):  # fmt: skip
        assert described(path), path
    assert described("reports/other.bin") == ""


def test_the_order_of_findings_changes_no_byte() -> None:
    table = findings().frame()
    assert counts_by_place(table) == counts_by_place(pd.DataFrame(table).iloc[::-1])
    assert page() == page()
