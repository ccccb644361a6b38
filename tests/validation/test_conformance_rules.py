"""Every conformance rule by its cases: each rule has a case that passes and a case that fails."""

from __future__ import annotations

import pytest
from raw2adam.findings.catalogue import rule_of
from raw2adam.findings.table import Findings
from raw2adam.validation.conformance.check import check_all_subjects, combinations, run_example
from raw2adam.validation.conformance.example import case, table
from raw2adam.validation.conformance.report import Report
from raw2adam.validation.conformance.rule import ConformanceRule, Scope, conformance, conformance_rules

RULES = conformance_rules()
PASSES = [pytest.param(r, e, id=f"{r.id}-{i}") for r in RULES for i, e in enumerate(r.passes, 1)]
FAILS = [pytest.param(r, e, id=f"{r.id}-{i}") for r in RULES for i, e in enumerate(r.fails, 1)]


def test_the_rules_are_registered():
    assert len(RULES) >= 24 and RULES[0].id == "R2A-CONF-001"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_is_whole(rule: ConformanceRule):
    assert rule_of(rule.id) is rule.finding
    assert len(rule.finding.severities) == 1 and rule.finding.source
    assert rule.passes and rule.fails
    assert rule.check.__doc__
    assert bool(rule.variables) == (rule.scope is Scope.ALL_SUBJECTS)


@pytest.mark.parametrize(("rule", "example"), PASSES)
def test_a_case_that_passes_has_no_finding_of_the_rule(rule: ConformanceRule, example):
    assert not example.finds
    assert run_example(rule, example) == []


@pytest.mark.parametrize(("rule", "example"), FAILS)
def test_a_case_that_fails_has_the_findings_beside_the_rule(rule: ConformanceRule, example):
    assert example.finds
    assert run_example(rule, example) == list(example.finds)


def test_an_example_is_compared_value_by_value():
    """The runner of the cases itself: another value, or a finding too few, is seen."""
    rule = next(r for r in RULES if r.id == "R2A-CONF-021")
    wrong = case(table("AE", "DOMAIN USUBJID", ("CE", "1"), ("MH", "2"), domain="AE"))
    assert run_example(rule, wrong) == [("1", -1, "DOMAIN", "CE"), ("2", -1, "DOMAIN", "MH")]


def test_two_rules_with_one_id_are_refused():
    good = case(table("AE", "USUBJID", ("1",)))
    with pytest.raises(ValueError, match="R2A-CONF-021"):

        @conformance("R2A-CONF-021", "note", "Another", source="S", do="Nothing.", passes=good, fails=good)
        def another(report: Report) -> None:
            report.whole("x")


def test_combinations_of_several_partitions_are_judged_together():
    header = "USUBJID PARAMCD PARAM"
    first, second = table("ADRS", header, ("1", "PFS", "A")), table("ADRS", header, ("2", "PFS", "B"))
    findings = Findings()
    for part in (first, second):
        check_all_subjects(part.metadata, [combinations(part)], findings)
    assert len(findings) == 0
    check_all_subjects(first.metadata, [combinations(first), combinations(second)], findings)
    assert findings.frame()["message"].tolist() == ["PARAMCD PFS has more than one PARAM: A; B"]
