"""One cell, one finding: which finding is reported where two rules describe the same cell."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.conformance.language import read as conformance  # noqa: F401 - its rules are read at first need
from raw2adam.findings.catalogue import rule_of
from raw2adam.findings.table import Findings


def add(findings: Findings, rule: str, rows: list[int], column: str = "X", file: str = "lb.csv") -> None:
    source = file.removesuffix(".csv")
    findings.add(
        rule, "odd", severity=rule_of(rule).severities[-1], source=source, file=file, column=column, row=np.array(rows)
    )


def left(findings: Findings) -> list[tuple[str, str, int, str]]:
    table = findings.frame()
    return list(zip(table["rule"], table["file"], table["row"].tolist(), table["column"], strict=True))


@pytest.mark.parametrize(
    ("again", "first"),
    [
        ("R2A-CONF-004", "R2A-CT-001"), ("R2A-CONF-005", "R2A-CT-001"), ("R2A-RAW-015", "R2A-NUM-001"),
        ("R2A-RAW-015", "R2A-NUM-003"), ("R2A-RAW-014", "R2A-NUM-001"), ("R2A-RAW-012", "R2A-UNIT-002"),
        ("R2A-RAW-016", "R2A-CT-001"), ("R2A-RAW-007", "R2A-RAW-016"),
        ("R2A-SRC-004", "R2A-RAW-002"), ("R2A-RAW-008", "R2A-NUM-002"),
        ("R2A-RAW-003", "R2A-RAW-024"), ("R2A-RAW-003", "R2A-NUM-003"), ("R2A-RAW-003", "R2A-NUM-005"),
        ("R2A-RAW-001", "R2A-NUM-005"), ("R2A-RAW-031", "R2A-UNIT-003"), ("R2A-CONF-001", "R2A-CT-002"),
    ],
)  # fmt: skip
def test_only_the_finding_about_the_same_cell_is_left_out(again: str, first: str):
    findings = Findings()
    add(findings, again, [1, 2, 3])
    add(findings, again, [1], column="Y")
    add(findings, again, [1], file="ae.csv")
    add(findings, first, [1, 3, 9])
    findings.add(again, "odd", dataset="LB")  # of no row
    findings.drop_superseded()
    assert [f for f in left(findings) if f[0] == again] == [
        (again, "ae.csv", 1, "X"), (again, "lb.csv", 1, "Y"), (again, "lb.csv", 2, "X"), (again, "", -1, ""),
    ]  # fmt: skip
    assert [f[2] for f in left(findings) if f[0] == first] == [1, 3, 9]
    assert len(findings) == len(left(findings)) == 7


def test_all_findings_of_a_rule_may_be_superseded():
    findings = Findings()
    add(findings, "R2A-CONF-005", [4])
    add(findings, "R2A-CT-001", [4])
    findings.drop_superseded()
    assert left(findings) == [("R2A-CT-001", "lb.csv", 4, "X")]


def test_other_rules_about_one_cell_all_stay():
    findings = Findings()
    for rule in ("R2A-CT-001", "R2A-RAW-005", "R2A-NUM-001"):
        add(findings, rule, [4])
    findings.drop_superseded()
    assert len(left(findings)) == 3


def test_a_finding_is_superseded_only_by_a_reported_one():
    """The map of the rule replaces the finding about codes; the note about upper case stays: no finding reports that."""
    findings = Findings()
    for rule in ("R2A-CT-001", "R2A-RAW-016", "R2A-RAW-007"):
        add(findings, rule, [4])
    findings.drop_superseded()
    assert [f[0] for f in left(findings)] == ["R2A-CT-001", "R2A-RAW-007"]
