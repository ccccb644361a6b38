"""Merges the issues of CDISC CORE with findings: the same published rule and the same record is one finding.

Not for running CORE (core_engine.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..findings.catalogue import rule_of
from ..findings.table import Findings
from .core_engine import CoreIssue, CoreReport

_RULE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_FAMILY = "CORE-"

Place = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What the merge gave. ``issues``: all of CORE; ``confirmed``: id of a finding -> the CORE rules that have it too.

    ``matched``: issues that are findings already; ``added``: issues that became findings.
    """

    version: str
    issues: int
    matched: int
    added: int
    failed_rules: int
    confirmed: Mapping[str, tuple[str, ...]]


def merge(findings: Findings, reports: Sequence[CoreReport]) -> Merged:
    """Add the issues that no finding has, and name the findings that CORE confirms.

    An issue is that of a finding where the rule of the finding has its CORE id, and both are about the same dataset,
    subject and sequence number; where CORE names no sequence number, about the same subject; where it names no
    subject, about the same dataset.
    """
    issues = [issue for report in reports for issue in report.issues]
    wanted = {issue.rule for issue in issues}
    places = _places(findings.frame(), wanted)
    confirmed: dict[str, dict[str, None]] = {}
    new: list[CoreIssue] = []
    for issue in issues:
        ids = _found(places.get(issue.rule, {}), issue)
        if not ids:
            new.append(issue)
        for id_ in ids:
            confirmed.setdefault(id_, {})[issue.rule] = None
    _report(findings, new)
    return Merged(
        version=", ".join(dict.fromkeys(r.version for r in reports if r.version)),
        issues=len(issues),
        matched=len(issues) - len(new),
        added=len(new),
        failed_rules=sum("ERROR" in status.upper() for r in reports for status in r.statuses.values()),
        confirmed={id_: tuple(sorted(rules)) for id_, rules in sorted(confirmed.items())},
    )


def _places(table: Any, wanted: Iterable[str]) -> dict[str, dict[Place, list[str]]]:
    """CORE rule -> (dataset, subject, sequence) -> ids of findings; each finding also without the last parts."""
    wanted = set(wanted)
    of_rule = {rule: wanted & set(rule_of(rule).published) for rule in set(table["rule"].tolist())}
    found: dict[str, dict[Place, list[str]]] = {}
    rows = table[np.array([bool(of_rule[r]) for r in table["rule"].tolist()], dtype=bool)]
    columns = (rows[n].tolist() for n in ("rule", "dataset", "subject", "sequence", "id"))
    for rule, dataset, subject, sequence, id_ in zip(*columns, strict=True):
        for core in of_rule[rule]:
            known = found.setdefault(core, {})
            for place in dict.fromkeys([(dataset, subject, sequence), (dataset, subject, -1), (dataset, "", -1)]):
                known.setdefault(place, []).append(id_)
    return found


def _found(places: Mapping[Place, list[str]], issue: CoreIssue) -> list[str]:
    exact = places.get((issue.dataset, issue.subject, issue.sequence), [])
    if exact or issue.sequence < 0:
        return exact
    # our finding may be about the subject or the dataset as a whole
    return [i for i in places.get((issue.dataset, issue.subject, -1), []) if i in _whole(places, issue)]


def _whole(places: Mapping[Place, list[str]], issue: CoreIssue) -> set[str]:
    """Findings of the subject that have no sequence number."""
    numbered = {
        i for (d, s, n), ids in places.items() if d == issue.dataset and s == issue.subject and n >= 0 for i in ids
    }
    return set(places.get((issue.dataset, issue.subject, -1), ())) - numbered


def _report(findings: Findings, issues: Sequence[CoreIssue]) -> None:
    """Add issues as findings of the rule that CORE names."""
    by_rule: dict[str, list[CoreIssue]] = {}
    for issue in issues:
        known = issue.rule.startswith(_FAMILY) and _RULE.fullmatch(issue.rule)
        by_rule.setdefault(issue.rule if known else f"{_FAMILY}OTHER", []).append(issue)
    for rule, of_rule in sorted(by_rule.items()):
        findings.add(
            rule,
            [i.message for i in of_rule],
            dataset=[i.dataset for i in of_rule],
            subject=[i.subject for i in of_rule],
            sequence=[i.sequence for i in of_rule],
            variable=[i.variables[0] if i.variables else "" for i in of_rule],
            value=[i.values[0] if i.values else "" for i in of_rule],
        )
