"""The page of all conformance rules, and of the rules that CDISC CORE publishes: docs/conformance-rules.md.

``python -m raw2adam.pages.conformance_rules FILE`` writes it.
"""

from __future__ import annotations

import sys
from collections import Counter

from ..conformance.language.published import Coverage, coverage
from ..conformance.language.read import shipped_rules
from ..conformance.language.rule import Rule
from .page import write_page

_HEAD = """\
# All conformance rules

This page is written by `make format` from `conformance/rules/` and `conformance/published/`.
[conformance.md](conformance.md) tells how a rule is written and run.

{counts}

| rule | severity | finds | scope | published | source |
|---|---|---|---|---|---|
"""
_CORE = """
## The rules of CDISC CORE for SDTMIG 3.4

{counts}

| CORE | CDISC, FDA | status | by |
|---|---|---|---|
"""


def conformance_rules_page() -> str:
    """docs/conformance-rules.md: one line per rule, and one line per rule of CORE."""
    rules = shipped_rules()
    listed = coverage(rules)
    standards = Counter("define" if r.check.verb == "define" else r.scope.standard for r in rules.values())
    words = {"sdtm": "SDTM", "adam": "ADaM", "both": "both", "define": "define.xml"}
    counted = ", ".join(f"{standards[s]} of {w}" for s, w in words.items())
    lines = [_HEAD.format(counts=f"{len(rules)} rules: {counted}."), *(_line(i, r) for i, r in rules.items())]
    status = Counter(c.status for c in listed)
    counts = ", ".join(f"{status[s]} {s}" for s in ("implemented", "not applicable", "missing"))
    return "".join([*lines, _CORE.format(counts=f"{len(listed)} rules: {counts}."), *map(_core_line, listed)])


def _line(id_: str, rule: Rule) -> str:
    cells = (f"`{id_}`", rule.severity, rule.title, rule.scope.words, ", ".join(rule.published.ids), rule.source)
    return f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |\n"


def _core_line(one: Coverage) -> str:
    by = ", ".join(f"`{r}`" for r in one.rules) or one.why
    return f"| {one.id} | {', '.join(one.also)} | {one.status} | {by} |\n"


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.conformance_rules", conformance_rules_page(), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
