"""The catalogue of findings: a finding has a rule and one of its severities, and docs/findings.md lists every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kit.package_files import package_files
from raw2adam.findings import catalogue
from raw2adam.findings.catalogue import FAMILIES, register, rule_of, rules, superseded
from raw2adam.findings.rule import SEVERITIES, FindingRule, rule
from raw2adam.findings.table import Findings
from raw2adam.pages.findings import findings_page, main

ROOT = Path(__file__).parents[2]
PLACES = ("file", "row", "column", "value", "dataset", "variable", "message")


def ids_in_code() -> dict[str, str]:
    """Rule id -> a file that names it, over the package without the catalogue."""
    found = {}
    for path in package_files():
        name = path.relative_to(ROOT)
        if name.is_relative_to("findings/catalogue"):
            continue
        for id_ in re.findall(r"R2A-[A-Z]+-\d{3}", path.read_text(encoding="utf-8")):
            found.setdefault(id_, name.as_posix())
    return found


def test_every_id_of_the_code_is_in_the_catalogue():
    known = {r.id for r in rules()}
    missing = {i: f for i, f in ids_in_code().items() if i not in known}
    assert missing == {}, "add its record to findings/catalogue/"


def test_the_search_finds_ids():
    assert "R2A-DATE-002" in ids_in_code()


def test_a_finding_has_the_severity_of_its_rule():
    findings = Findings()
    findings.add("R2A-DATE-002", "31FEB2021")
    findings.add("R2A-CT-001", "of an extensible list", severity="warning")
    findings.add("R2A-CHECK-AGE", "too young", severity="note")
    assert findings.frame()["severity"].tolist() == ["error", "warning", "note"]


@pytest.mark.parametrize(
    ("id_", "severity", "expected"),
    [
        ("R2A-DATE-999", "", "unknown rule of findings 'R2A-DATE-999'"),
        ("R2A-XYZ-001", "error", "unknown rule"),
        ("R2A-DATE-002", "note", "R2A-DATE-002 has the severities error; 'note' is none of them"),
        ("R2A-CT-001", "", "R2A-CT-001 has the severities error, warning; '' is none of them"),
        ("R2A-CHECK-AGE", "fatal", "'fatal' is none of them"),
    ],
)
def test_a_finding_without_a_rule_or_with_another_severity_is_refused(id_, severity, expected):
    findings = Findings()
    with pytest.raises(ValueError, match=re.escape(expected)):
        findings.add(id_, "x", severity=severity)
    assert len(findings) == 0


def faults(one: FindingRule) -> dict[str, bool]:
    """What a rule may lack -> whether it does."""
    asked = set(re.findall(r"{(.*?)}", one.ask))
    return {
        "its id": not re.fullmatch(r"R2A-[A-Z]+-\d{3}", one.id) and one.id not in FAMILIES,
        "its severities": not one.severities or not set(one.severities) | set(one.asked) <= set(SEVERITIES),
        "its title": not one.title or one.title.endswith("."),
        "what to do": not one.do.endswith("."),
        "no bar, which ends a cell of the page": "|" in one.title + one.do + one.ask + one.source,
        "rules that supersede it": {rule_of(i).id for i in one.superseded_by} != set(one.superseded_by),
        "a polite question": bool(one.ask) and not ("Please" in one.ask and one.ask.endswith(".")),
        "known fields of the question": not asked <= set(PLACES),
    }


def test_every_rule_is_whole():
    assert [f"{one.id} lacks {fault}" for one in rules() for fault, has in faults(one).items() if has] == []


def test_a_rule_that_lacks_something_is_seen():
    wrong = FindingRule(id="X", severities=(), title="A.", do="Do", ask="Why {this}", source="a|b")
    assert [fault for fault, has in faults(wrong).items() if has] == [
        "its id", "its severities", "its title", "what to do", "no bar, which ends a cell of the page",
        "a polite question", "known fields of the question",
    ]  # fmt: skip


def test_two_rules_with_one_id_are_refused():
    with pytest.raises(ValueError, match="two rules of findings have the id R2A-DATE-002"):
        register(rule("R2A-DATE-002", "error", "Another rule", "Nothing."))
    register(rule_of("R2A-DATE-002"))  # the same record again, as where a module is loaded twice


def test_a_rule_comes_after_those_that_supersede_it(monkeypatch):
    order = [r.id for r in superseded()]
    assert order.index("R2A-RAW-016") < order.index("R2A-RAW-007")
    assert order.index("R2A-RAW-008") < order.index("R2A-RAW-014")
    circle = {
        "R2A-A-001": rule("R2A-A-001", "note", "A", "Nothing.", superseded_by="R2A-B-001"),
        "R2A-B-001": rule("R2A-B-001", "note", "B", "Nothing.", superseded_by="R2A-A-001"),
    }
    monkeypatch.setattr(catalogue, "_RULES", circle)
    with pytest.raises(ValueError, match="in a circle: R2A-A-001, R2A-B-001"):
        list(superseded())


def test_a_check_of_a_study_has_the_rule_of_its_family():
    assert rule_of("R2A-CHECK-AGE").id == "R2A-CHECK-"


def test_page_is_current(tmp_path, capsys):
    page = ROOT / "docs" / "findings.md"
    assert main(["--check", str(page)]) == 0, "run: python -m raw2adam.pages.findings docs/findings.md"
    old = tmp_path / "findings.md"
    old.write_text("another page", encoding="utf-8")
    assert main(["--check", str(old)]) == 1
    assert main([str(old)]) == 0
    assert old.read_text(encoding="utf-8") == findings_page()
    assert main([]) == 2
    assert "not current" in capsys.readouterr().err
