"""Runs the literal cases of a rule, for the tests and for ``raw2adam selftest``. Not for building them (language/)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from .language.cases import package_of
from .language.rule import Case, Rule
from .package import Package
from .run import judged
from .table import Inapplicable, Standard


def found_in(rule: Rule, case: Case) -> list[str]:
    """What a rule finds in a case, as DATASET RECORD VARIABLE with records from 1 and 0 for the dataset, sorted."""
    standard: Standard = "adam" if rule.scope.standard == "adam" else "sdtm"
    if case.files is None:
        return _found(rule, package_of(case, standard))
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file in case.files:
            (folder / file).touch()
        return _found(rule, package_of(case, standard, folder))


def _found(rule: Rule, package: Package) -> list[str]:
    found: list[str] = []
    for table, hits in judged(package, rule, {}, {}):
        try:
            for hit in hits:
                dataset = hit.dataset or (table.name if table is not None else "")
                rows = [0] if hit.rows is None else [int(r) + 1 for r in hit.rows]
                value = hit.value if rule.check.verb == "define" else ""
                found += [f"{dataset} {row} {hit.variable} {value}" for row in rows]
        except Inapplicable:
            continue
    return sorted(" ".join(f.split()) for f in found)


def mistakes_of(rule: Rule) -> list[str]:
    """Each case whose findings are not those that it states, as a line; [] for a rule that is right."""
    lines = []
    for kind, cases in (("passes", rule.passes), ("fails", rule.fails)):
        for number, case in enumerate(cases, 1):
            wanted, found = sorted(case.finds), found_in(rule, case)
            if wanted != found:
                lines.append(f"{kind} {number}: expected {wanted or 'nothing'}, found {found or 'nothing'}")
    return lines
