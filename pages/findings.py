"""The page of all findings: docs/findings.md, one line per rule.

``python -m raw2adam.pages.findings FILE`` writes it.
"""

from __future__ import annotations

import sys

from ..conformance.language.read import shipped_rules
from ..findings.catalogue import FAMILIES, rules
from ..findings.rule import FindingRule
from .page import write_page

_HEAD = """\
# Findings

This page is written by `make format` from `findings/catalogue/` and `conformance/rules/`; change it there. It lists
every rule that a finding in `OUT/reports/findings.*` can have. If the rule has a question, the
finding is also a query to the site in `OUT/reports/queries.*`, with the question as its text.

If the value of a filled cell reaches no variable, a finding states why. Only a rule with an entry under *explains a
lost value* is such a finding: for the variable that it names, or for every variable if the text is read as missing.
All other rules describe a cell, a row or a file. If a value is lost beside them, R2A-CELL-001 reports it.

The column *source* names the document and section that a rule follows.

| rule | severity | meaning | what to do | explains a lost value | question to the site | source |
|---|---|---|---|---|---|---|
"""


def findings_page() -> str:
    """docs/findings.md: one line per rule."""
    shipped_rules()  # enters the conformance rules in the catalogue
    lines = []
    for rule in rules():
        name = rule.id + ("<name>" if rule.id in FAMILIES else "")
        cells = f"`{name}`", ", ".join(rule.severities), rule.title, rule.do, _explains(rule), _asked(rule), rule.source
        lines.append(f"| {' | '.join(cells)} |\n")
    return _HEAD + "".join(lines)


def _explains(rule: FindingRule) -> str:
    return {"cell": "of every variable", "variable": "of its variable"}.get(rule.explains, "")


def _asked(rule: FindingRule) -> str:
    rest = [s for s in rule.severities if s not in rule.asked]
    return f"{rule.ask} (not for a {' or '.join(rest)})" if rule.ask and rest else rule.ask


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.findings", findings_page(), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
