"""The registry of finding rules: every id in the code is in it, and docs/findings.md says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from raw2adam.findings.rules import FAMILIES, RULES, rule_of
from raw2adam.findings.table import SEVERITIES
from raw2adam.pages.findings import findings_page, main
from raw2adam.validation.conformance.rules import RULES as CONFORMANCE

ROOT = Path(__file__).parents[1]
REGISTRY = "findings/rules.py"
PLACES = ("file", "row", "column", "value", "dataset", "variable", "message")


def ids_in_code() -> dict[str, str]:
    """Rule id -> a file that says it, over the package without the registry."""
    found = {}
    skipped = {"tests", "benchmarks", "build", "demo", ".venv"}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT)
        if name.parts[0] in skipped or name.as_posix() == REGISTRY:
            continue
        for id_ in re.findall(r"R2A-[A-Z]+-\d{3}", path.read_text(encoding="utf-8")):
            found.setdefault(id_, name.as_posix())
    return found


def test_every_rule_of_the_code_is_registered():
    missing = {i: f for i, f in ids_in_code().items() if i not in RULES}
    assert missing == {}, f"add them to {REGISTRY}, then: python -m raw2adam.pages.findings docs/findings.md"


def test_the_search_finds_ids():
    assert "R2A-DATE-002" in ids_in_code()


def test_every_conformance_rule_is_registered_with_its_severity():
    for id_, rule in CONFORMANCE.items():
        assert (id_, RULES[id_].title) == (id_, rule.checks)
        assert rule.severity in RULES[id_].severities


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_is_whole(rule):
    assert re.fullmatch(r"R2A-[A-Z]+-\d{3}", rule.id) or rule.id in FAMILIES
    assert rule.severities
    assert set(rule.severities) <= set(SEVERITIES)
    assert rule.title and not rule.title.endswith(".") and rule.do.endswith(".")
    assert "|" not in rule.title + rule.do + rule.ask
    if rule.ask:
        assert "Please" in rule.ask and rule.ask.endswith(".")
        assert set(re.findall(r"{(.*?)}", rule.ask)) <= set(PLACES)


def test_no_id_is_registered_twice():
    ids = re.findall(r'^_rule\("(.*?)"', (ROOT / REGISTRY).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(ids) == len(set(ids)) == len(RULES)


def test_a_check_of_a_study_has_the_rule_of_its_family():
    assert rule_of("R2A-CHECK-AGE") is RULES["R2A-CHECK-"]
    assert rule_of("R2A-XYZ-001") is None


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
