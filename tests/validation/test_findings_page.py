"""The list of findings.html: its lines, what each is about, and the block of data that the page searches.

Not for escaping, nor for the files of findings (test_findings_reports.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lxml import html
from raw2adam.engine.tables.dataset import SAME_RECORD, Lineage, Reading, RuleUse
from raw2adam.findings.table import Findings
from raw2adam.validation.reports import findings as page_module
from raw2adam.validation.reports.finding_data import unpacked
from raw2adam.validation.reports.finding_lines import Use, finding_lines
from raw2adam.validation.reports.finding_pictures import dates_picture, rules_by_place
from raw2adam.validation.reports.finding_traces import Traces, traces_of
from raw2adam.validation.reports.findings import FindingsPage, findings_html, first_ones
from raw2adam.validation.reports.pictures import count_shade, short_number


def dose() -> Findings:
    """One cell that six variables of two datasets read, another cell of the row, and a finding without a cell."""
    table = Findings()
    cell: dict[str, Any] = {"subject": "S-1", "value": "30FEB2023", "source": "isa", "file": "isa.csv", "row": 7}
    for dataset, variable, times in (("EC", "ECSTDTC", 2), ("EC", "ECENDTC", 2), ("EX", "EXSTDTC", 1)):
        for _ in range(times):
            table.add("R2A-DATE-001", "no format", dataset=dataset, variable=variable, column="DOSE_DT", **cell)
    table.add("R2A-DATE-001", "no format", dataset="EX", variable="EXENDTC", column="END_DT", **cell)
    table.add("R2A-JOIN-001", "no partner", dataset="DM")
    return table


def block(findings: Findings, traces: Traces | None = None) -> dict[str, Any]:
    text = findings_html(findings, FindingsPage(title="x", traces=traces or Traces()))
    return unpacked(html.fromstring(text).xpath("string(//script[@id='data'])"))


def column(data: dict[str, Any], name: str) -> list[Any]:
    part = data["uses"] if name == "uses" else data["texts"][name]
    return [part["t"][c] for c in part["c"]]


def test_one_raw_cell_is_one_line_with_its_variables():
    lines = finding_lines(dose().frame())
    assert lines.counts.tolist() == [5, 1, 1]
    assert lines.uses == {0: (Use("EC", "ECENDTC", 2, -1), Use("EC", "ECSTDTC", 2, -1), Use("EX", "EXSTDTC", 1, -1))}
    data = block(dose())
    assert (data["total"], data["detailed"], data["lines"]) == (7, 7, 3)
    assert data["numbers"]["count"] == [5, 1, 1] and column(data, "column") == ["DOSE_DT", "END_DT", ""]
    assert column(data, "uses") == [
        [["EC", "ECENDTC", 2], ["EC", "ECSTDTC", 2], ["EX", "EXSTDTC", 1]],
        [["EX", "EXENDTC", 1]],
        [["DM", "", 1]],
    ]


def test_a_line_has_all_its_messages_and_the_record_of_each_use():
    table = Findings()
    for variable, sequence, message in (("RSORRES", 2, "a"), ("RSSTRESC", 3, "b")):
        table.add("R2A-CONF-004", message, dataset="RS", subject="S", sequence=sequence, variable=variable, value="1-2",
                  source="visit", file="v.csv", row=4, column="ECOG")  # fmt: skip
    data = block(table)
    assert column(data, "message") == ["a; b"] and data["several"] == {"0": [2, 3]}


def test_a_row_of_another_subject_or_value_is_another_line():
    table = Findings()
    table.add("R2A-NUM-001", "x", subject=["A", "A", "B"], value=["1", "2", "1"], file="a.csv", row=3, column="C")
    assert finding_lines(table.frame()).counts.tolist() == [1, 1, 1]


def test_the_block_has_every_finding_of_a_page():
    table = Findings()
    table.add("R2A-CONF-001", "x", subject=[f"S-{i:05}" for i in range(3_000)], row=np.arange(3_000))
    data = block(table)
    assert data["lines"] == data["detailed"] == data["total"] == 3_000
    assert column(data, "subject")[-1] == "S-02999" and data["numbers"]["row"][-1] == 2_999


def test_of_too_many_lines_each_rule_has_its_first_ones(monkeypatch):
    monkeypatch.setattr(page_module, "DETAILED", 60)
    table = Findings()
    table.add("R2A-CONF-001", "x", row=np.arange(100))
    table.add("R2A-JOIN-001", "y", row=np.arange(3))
    text = findings_html(table, FindingsPage(title="x")).decode()
    data = unpacked(html.fromstring(text).xpath("string(//script[@id='data'])"))
    assert (data["total"], data["detailed"], data["lines"]) == (103, 60, 60)
    assert column(data, "rule").count("R2A-JOIN-001") == 3
    assert "have 60 of 103 findings" in text


@pytest.mark.parametrize(
    ("counts", "room", "limit"),
    [([], 10, 0), ([3, 4], 10, 4), ([1000, 2, 300], 602, 300), ([1000, 2, 300], 401, 199), ([1000, 900], 20, 50)],
)
def test_rules_with_few_findings_are_listed_whole(counts, room, limit):
    """Of 401: 2 of the second rule, and 199 of each other; no rule has fewer than 50."""
    assert first_ones(np.array(counts, dtype="int64"), room) == limit


def frame(**columns: list[str]) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    table = Findings()
    table.add("R2A-CONF-001", "x", subject=[f"S-{i}" for i in range(rows)])
    return pd.DataFrame(table.frame()).assign(**columns)


@pytest.mark.parametrize(
    ("ids", "follows", "cause"),
    [
        (["a", "b", "c"], ["", "a", "a"], [-1, 0, 0]),
        (["a", "b", "c"], ["", "a", "b"], [-1, 0, 0]),  # under the first cause
        (["a", "b"], ["", "z"], [-1, -1]),  # a cause that is not there
        (["a", "b"], ["a", ""], [-1, -1]),  # itself
        (["a", "b"], ["b", "a"], [-1, -1]),  # a circle
        (["c", "a", "b"], ["a", "b", ""], [2, 2, -1]),
    ],
)
def test_a_consequence_lies_under_its_first_cause(ids, follows, cause):
    assert finding_lines(frame(id=ids, follows=follows)).cause.tolist() == cause


def test_the_variables_that_read_a_column_and_their_spec_lines():
    own = Reading(SAME_RECORD, "AE", "AESTDTC")
    lineage = {
        "AE": Lineage(
            pd.DataFrame(),
            [
                RuleUse("AESTDTC", 0, "sdtm/ae.yaml:3:5", "s", (Reading("row", "ae", "ST_DT"),)),
                RuleUse("AESTDTC", 1, "sdtm/ae.yaml:9:5", "s", (Reading("row", "ae", "ST_DT"),)),
                RuleUse("AESTDY", -1, None, "s", (own,)),
            ],
        ),
        "ADAE": Lineage(
            pd.DataFrame(), [RuleUse("ASTDT", 0, "adam/adae.yaml:4:1", "s", (Reading("row", "AE", "AESTDTC"),))]
        ),
    }
    traces = traces_of(lineage, {}, {"ae": "study.yaml:4:7"})
    assert traces.reached == {("ae", "ST_DT"): ("AE.AESTDTC", "AE.AESTDY")}
    assert traces.spec_lines["AE", "AESTDTC"] == ("sdtm/ae.yaml:3:5", "sdtm/ae.yaml:9:5")
    table = Findings()
    table.add("R2A-DATE-001", "x", dataset="AE", variable="AESTDTC", source="ae", file="ae.csv", row=1, column="ST_DT")
    data = block(table, traces)
    assert data["reached"] == {"ae": {"ST_DT": ["AE.AESTDTC", "AE.AESTDY"]}} and data["traced"] == ["AE"]
    assert data["spec"] == {"AE.AESTDTC": ["sdtm/ae.yaml:3:5", "sdtm/ae.yaml:9:5"]}
    assert data["declared"] == {"ae": "study.yaml:4:7"}


def test_the_heat_map_counts_every_rule_and_place():
    drawn = rules_by_place(dose().frame())
    assert drawn is not None
    assert [r["label"] for r in drawn["rows"]] == ["R2A-DATE-001", "R2A-JOIN-001"]
    assert [c["label"] for c in drawn["columns"]] == ["DM", "EC", "EX"]
    assert [(c["title"], c["href"]) for c in drawn["cells"]] == [
        ("R2A-DATE-001, EC: 4 findings", "#rule=R2A-DATE-001&dataset=EC"),
        ("R2A-DATE-001, EX: 2 findings", "#rule=R2A-DATE-001&dataset=EX"),
        ("R2A-JOIN-001, DM: 1 findings", "#rule=R2A-JOIN-001&dataset=DM"),
    ]
    assert rules_by_place(Findings().frame()) is None


def test_dates_come_from_the_keys_of_the_record_else_from_the_value():
    keys = ["USUBJID=S; AESTDTC=2023-11-02", "USUBJID=S; AESTDTC=2024-01", "USUBJID=S", ""]
    drawn = dates_picture(frame(keys=keys, value=["", "", "2024-01-31T08:00", "2024-13-01"]))
    assert drawn is not None and drawn["text"] == "3 of 4 findings have a date; by month, from 2023-11 to 2024-01"
    assert [b["title"] for b in drawn["bars"]] == ["2023-11: 1 errors", "2024-01: 2 errors"]
    assert dates_picture(frame(keys=["USUBJID=S", ""])) is None


@pytest.mark.parametrize(
    ("count", "text", "shade"),
    [(0, "0", 0), (1, "1", 1), (9, "9", 1), (10, "10", 2), (999, "999", 3), (1_000, "1.0k", 4), (1_990, "1.9k", 4),
     (48_200, "48k", 5), (1_250_000, "1.2M", 5), (12_000_000, "12M", 5)],
)  # fmt: skip
def test_counts_in_cells(count, text, shade):
    assert (short_number(count), count_shade(count)) == (text, shade)
