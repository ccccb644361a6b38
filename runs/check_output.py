"""What a check prints: a summary with its findings, and JSON. The same result gives the same bytes.

Printing is capped, counting never. Not for SARIF (sarif.py) nor for the pages and tables of findings
(validation/reports/).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from ..conformance.run import RuleRun
from ..engine.columns.verbs import number_within
from ..findings.catalogue import rule_of
from ..findings.rule import SEVERITIES
from ..validation.reports.finding_files import findings_json
from .check import CheckResult

_WORST = 5
_LONG = 60
_TITLES = {"sdtm": "SDTM", "adam": "ADaM"}


def summary_lines(result: CheckResult) -> Iterator[str]:
    """The result in about ten lines. They do not depend on the clock."""
    read = result.read
    yield f"{read.root}: {_counted(read.datasets, 'dataset')}, {_counted(read.records, 'record')}"
    for package in result.read.packages:
        about = package.define
        define = f"define.xml {about.version or 'without version'}" if about is not None else "no define.xml"
        records = sum(len(d) for d in package.datasets.values())
        counts = f"{_counted(len(package.datasets), 'dataset')}, {_counted(records, 'record')}"
        yield f"  {_TITLES[package.standard]}: {counts}, {define}"
    every = {run.rule for runs in result.runs.values() for run in runs}
    applied = {run.rule for runs in result.runs.values() for run in applied_rules(runs)}
    yield f"  rules: {len(applied)} applied, {len(every - applied)} not applicable"
    table: Any = result.findings.frame()
    counts = ", ".join(_counted(result.findings.count(s), s) for s in SEVERITIES)
    folded = int((np.asarray(consequences(table)) != "").sum())
    yield f"  findings: {counts}" + (f"; {folded:,} of them follow from another one" if folded else "")
    if result.core is not None:
        core = result.core
        failed = f", {core.failed_rules} of its rules failed" if core.failed_rules else ""
        both = f"{core.matched:,} are findings of raw2adam too, {core.added:,} are not"
        yield f"  CDISC CORE {core.version}: {core.issues:,} issues; {both}{failed}"
    yield from _worst(table)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def applied_rules(runs: Any) -> list[RuleRun]:
    """The rules that applied to a dataset or to the package."""
    return [run for run in runs if run.status == "applied"]


def consequences(table: Any) -> np.ndarray:
    """The id of the cause of each finding, '' for a cause."""
    return np.asarray(table["follows"], dtype=object) if "follows" in table else np.full(len(table), "", dtype=object)


def _worst(table: Any) -> Iterator[str]:
    """The rules with the most findings of the worst severity."""
    causes = table[consequences(table) == ""]
    if not len(causes):
        return
    codes, rules = pd.factorize(np.asarray(causes["rule"] + "\0" + causes["severity"], dtype=object))
    counts = np.bincount(codes, minlength=len(rules)).tolist()
    ranked = sorted((SEVERITIES.index(s), -n, r, s) for (r, s), n in zip(map(_pair, rules), counts, strict=True))
    for _, negative, rule, severity in ranked[:_WORST]:
        about = rule_of(rule)
        published = f" ({', '.join(about.published[:3])})" if about.published else ""
        yield f"  {-negative:>7,} {severity:<7} {rule}: {about.title}{published}"
    if len(ranked) > _WORST:
        yield f"          and {len(ranked) - _WORST} more rules"


def _pair(text: object) -> tuple[str, str]:
    rule, _, severity = str(text).partition("\0")
    return rule, severity


def finding_lines(result: CheckResult, show: int) -> Iterator[str]:
    """Causes, the worst first, each with the number of findings that follow from it.

    ``show``: how many, 0 for all. Each rule of a severity has its first findings before another has more.
    """
    table: Any = result.findings.frame()
    cause = consequences(table)
    folded = pd.Series(cause[cause != ""]).value_counts().to_dict() if (cause != "").any() else {}
    causes = table[cause == ""]
    confirmed = result.core.confirmed if result.core is not None else {}
    names = ("severity", "rule", "dataset", "subject", "sequence", "variable", "value", "message", "id")
    shown = causes.iloc[_chosen(causes, show)] if show else causes
    for row in zip(*(shown[n].tolist() for n in names), strict=True):
        severity, rule, dataset, subject, sequence, variable, value, message, id_ = row
        where = ".".join(p for p in (dataset, variable) if p)
        record = " ".join(p for p in (subject, f"#{sequence}" if sequence >= 0 else "") if p)
        cell = f" '{value if len(value) <= _LONG else value[:_LONG] + '...'}'" if value else ""
        place = " ".join(p for p in (where, record) if p)
        after = [f"{folded[id_]:,} follow from it"] if id_ in folded else []
        after += [f"confirmed by {', '.join(confirmed[id_])}"] if id_ in confirmed else []
        about = f"{place}{cell}".strip()
        text = f"{severity}: {rule}: " + (f"{about}: {message}" if about else message)
        yield text + (f" ({'; '.join(after)})" if after else "")
    if len(shown) < len(causes):
        yield f"and {len(causes) - len(shown):,} more; --show 0 prints all, --format html has them with a search"


def _chosen(causes: Any, show: int) -> np.ndarray:
    """The positions of ``show`` causes, in the order of the table."""
    codes, _ = pd.factorize(np.asarray(causes["rule"], dtype=object))
    nth = number_within(codes.astype("int64"), np.arange(len(causes)))
    severity = np.array([SEVERITIES.index(s) for s in causes["severity"].tolist()], dtype="int64")
    return np.sort(np.lexsort((nth, severity))[:show])


def check_json(result: CheckResult) -> bytes:
    """findings.json with further keys: ``packages``, ``rules`` with what became of each rule, and ``core``.

    ASCII; no time of the clock, so that the same files give the same bytes.
    """
    found = findings_json(result.findings).removesuffix(b"}\n")
    packages = [
        {
            "standard": p.standard,
            "define": p.define.version if p.define is not None else None,
            "datasets": {n: len(d) for n, d in sorted(p.datasets.items())},
        }
        for p in result.read.packages
    ]
    runs = [_run(standard, run) for standard, all_runs in result.runs.items() for run in all_runs]
    parts: dict[str, Any] = {"packages": packages}
    if result.core is not None:
        core = result.core
        parts["core"] = {
            "version": core.version, "issues": core.issues, "matched": core.matched, "added": core.added,
            "failed_rules": core.failed_rules, "confirmed": {i: list(r) for i, r in core.confirmed.items()},
        }  # fmt: skip
    further = "".join(f',\n"{name}": {json.dumps(part)}' for name, part in parts.items())
    lines = ",\n".join(json.dumps(run) for run in runs)
    return found + f'{further},\n"rules": [\n{lines}\n]}}\n'.encode("ascii")


def _run(standard: str, run: RuleRun) -> dict[str, Any]:
    about = rule_of(run.rule)
    return {
        "rule": run.rule, "published": list(about.published), "standard": standard, "status": run.status,
        "reason": run.reason, "datasets": list(run.datasets), "records": run.records, "findings": run.findings,
    }  # fmt: skip
