"""Runs rules over a package: each finding once, with its place, its keys, and the finding that it follows from.

Not for the rules (rules/*.yaml), for the kinds of checks (kinds/), nor for printing findings.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..findings.table import Findings
from .consequences import Consequences, in_order, is_systematic
from .findings_of_hits import Reported, report
from .kinds.kind import Hit
from .language.rule import Rule
from .package import Package
from .table import Inapplicable, Table


@dataclass(frozen=True, kw_only=True)
class RuleRun:
    """What became of one rule. ``reason``: why it did not apply. ``datasets``, ``records``: those that it judged."""

    rule: str
    status: Literal["applied", "not applicable"]
    reason: str
    datasets: tuple[str, ...]
    records: int
    findings: int
    seconds: float


def run_rules(package: Package, rules: Mapping[str, Rule], findings: Findings) -> list[RuleRun]:
    """Run rules over all datasets of a package and add what they find; one RuleRun for each rule, by id.

    A rule that applies to no dataset is not applicable. The order of the rules follows their causes.
    """
    causes = Consequences(rules)
    runs = [_run(package, id_, rules[id_], findings, causes) for id_ in in_order(rules)]
    return sorted(runs, key=lambda r: r.rule)


def _run(package: Package, id_: str, rule: Rule, findings: Findings, causes: Consequences) -> RuleRun:
    started = time.perf_counter()
    applied: dict[str, int] = {}
    reasons: dict[str, None] = {}
    count = 0
    for table, hits in judged(package, rule, applied, reasons):
        try:
            for hit in hits:
                reported = report(package, table, id_, rule, hit)
                follows = causes.of(id_, rule, reported, findings.next_number)
                reported.serial = findings.add(id_, _messages(reported, follows), **reported.columns, follows=follows)
                causes.note(id_, reported)
                count += reported.count
        except Inapplicable as reason:
            applied.pop(table.name if table is not None else "", None)
            reasons[str(reason)] = None
    return RuleRun(
        rule=id_,
        status="applied" if applied else "not applicable",
        reason="" if applied else next(iter(reasons), "the package has no dataset of its scope"),
        datasets=tuple(n for n in applied if n),
        records=sum(applied.values()),
        findings=count,
        seconds=time.perf_counter() - started,
    )


def _messages(reported: Reported, follows: np.ndarray | int) -> Any:
    """The messages of findings; that of a mistake in more than half of the records states in how many."""
    if not is_systematic(reported) or reported.table is None:
        return reported.message
    found = np.full(reported.count, reported.message, dtype=object)  # one message for all, or one for each
    first = np.flatnonzero(np.asarray(follows) < 0)[:1] if isinstance(follows, np.ndarray) else np.zeros(1, "int64")
    found[first] = [f"{text} ({reported.count} of {reported.table.n} records)" for text in found[first]]
    return found


def judged(
    package: Package, rule: Rule, applied: dict[str, int], reasons: dict[str, None]
) -> Iterator[tuple[Table | None, Iterator[Hit]]]:
    """(table, what breaks the check in it) of each table that the rule applies to; fills ``applied``, ``reasons``."""
    if rule.check.of_package:
        if rule.scope.standard not in ("both", package.standard):
            return
        reason = rule.check.package_applies(package)
        if reason:
            reasons[reason] = None
            return
        applied[""] = sum(t.n for t in package.tables.values())
        yield None, rule.check.package_hits(package)
        return
    excluded = sorted(package.study_types.intersection(rule.scope.not_study_types))
    if excluded:
        reasons[f"the study is {excluded[0]} (STYPE in TS)"] = None
        return
    for table in package.tables.values():
        if rule.scope.excludes(table):
            continue
        reason = rule.check.applies(table)
        if reason:
            reasons[reason] = None
            continue
        applied[table.name] = table.n
        yield table, rule.check.hits(table, package)
