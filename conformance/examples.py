"""Runs the literal cases of a rule, for the tests and for ``raw2adam selftest``. Not for building them (language/)."""

from __future__ import annotations

from .kinds.expression import Inapplicable
from .language.cases import package_of
from .language.rule import Case, Rule
from .run import judged


def found_in(rule: Rule, case: Case) -> list[str]:
    """What a rule finds in a case, as DATASET RECORD VARIABLE with records from 1 and 0 for the dataset, sorted."""
    package = package_of(case, "adam" if rule.scope.standard == "adam" else "sdtm")
    found: list[str] = []
    for table, hits in judged(package, rule, {}, {}):
        try:
            for hit in hits:
                dataset = hit.dataset or (table.name if table is not None else "")
                rows = [0] if hit.rows is None else [int(r) + 1 for r in hit.rows]
                found += [f"{dataset} {row} {hit.variable}".strip() for row in rows]
        except Inapplicable:
            continue
    return sorted(found)


def mistakes_of(rule: Rule) -> list[str]:
    """Each case whose findings are not those that it states, as a line; [] for a rule that is right."""
    lines = []
    for kind, cases in (("passes", rule.passes), ("fails", rule.fails)):
        for number, case in enumerate(cases, 1):
            wanted, found = sorted(case.finds), found_in(rule, case)
            if wanted != found:
                lines.append(f"{kind} {number}: expected {wanted or 'nothing'}, found {found or 'nothing'}")
    return lines
