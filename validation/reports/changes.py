"""changes.html: the findings of a run beside those of an earlier output, as new, recurring and resolved ones.

The list, its search and its filters are those of findings.html. Not for comparing findings (findings/review.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...engine.subjects.sites import Sites
from ...findings.catalogue import rule_of
from ...findings.review import NEW, RECURRING, RESOLVED, Review
from ...findings.rule import SEVERITIES
from ...findings.table import COLUMNS, Findings
from .finding_counts import address
from .finding_data import Columns, finding_data, packed
from .finding_lines import finding_lines, texts
from .finding_sites import sites_of
from .finding_traces import Traces
from .findings import DETAILED, FindingsPage, shown_lines
from .page import html_page, printable
from .run_head import head_values

CHANGES_PAGE = "reports/changes.html"
STATES = (NEW, RESOLVED, RECURRING)
#: rules about the entries of findings.yaml, whose findings the page has on top
_ABOUT_ENTRIES = ("R2A-DISP-001", "R2A-DISP-002")
_MEANING = (
    "A finding is the same in both runs where its rule, dataset, natural keys, variable and value are; of a raw cell "
    "its rule, source, column, subject and value. New ones are of this run alone, resolved ones of the earlier output."
)


def is_compared(findings: Findings) -> bool:
    """Whether the run was compared with an earlier output, so that there is a page."""
    return findings.review is not None and findings.review.previous is not None


def changes_html(findings: Findings, page: FindingsPage) -> bytes:
    """The page in UTF-8. ``page``: as for findings.html; its title is that of this page."""
    table = with_resolved(findings)
    values = listed_changes(table, page.sites, page.traces)
    head = head_values(page.head, CHANGES_PAGE)
    return html_page("changes.html.j2", head=head, title=printable(page.title), lead=[], **values)


def listed_changes(table: Any, sites: Sites, traces: Traces) -> dict[str, Any]:
    """The values of the templates for a table of findings with their states, in the order of ``in_order``."""
    lines = finding_lines(table)
    shown = shown_lines(texts(table, "rule")[lines.first], DETAILED)
    data = finding_data(Columns(table, lines, shown, sites_of(table, sites)), traces)
    state, severity = texts(table, "state"), texts(table, "severity")
    states = [
        {
            "name": name, "href": "#" + address(state=name), "count": int((state == name).sum()),
            "errors": int(((state == name) & (severity == SEVERITIES[0])).sum()),
        }
        for name in STATES
    ]  # fmt: skip
    rules = _rules(table)
    about = np.flatnonzero(np.isin(texts(table, "rule"), _ABOUT_ENTRIES) & (state != RESOLVED))
    entries = texts(table, "rule")[about] + ": " + texts(table, "message")[about]
    return {
        "states": states, "meaning": _MEANING, "data": packed(data), "detailed": data["detailed"],
        "changed": [r for r in rules if _differs(r)], "same": [r for r in rules if not _differs(r)],
        "entries": [printable(e) for e in entries.tolist()], "summary": {"total": len(table)},
        "start": f"{address(state=NEW)}&{address(state=RESOLVED)}",
    }  # fmt: skip


def with_resolved(findings: Findings) -> pd.DataFrame:
    """The table of findings and the resolved ones of the earlier output, in the order of ``in_order``."""
    table = findings.frame()
    gone = remembered_table((findings.review or Review()).resolved(table), RESOLVED)
    return in_order(pd.concat([table, gone[list(table.columns)]], ignore_index=True) if len(table) else gone)


def remembered_table(found: Sequence[Mapping[str, Any]], state: str) -> pd.DataFrame:
    """Findings of an earlier output as a table of findings. They have no row, which is one of an earlier file."""
    numbers = ("sequence", "row", "entry")
    table = pd.DataFrame(
        {n: np.array([str(f.get(n, "") or "") for f in found], dtype=object) for n in COLUMNS if n not in numbers}
    )
    for name in numbers:
        table[name] = np.full(len(found), -1, dtype="int64")
    table["state"] = np.full(len(found), state, dtype=object)
    return table[list(COLUMNS)]


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """New ones, then resolved and recurring ones; of each the most severe first, then by rule."""
    ranks = [
        texts(table, "rule"),
        _places(texts(table, "severity"), SEVERITIES),
        _places(texts(table, "state"), STATES),
    ]
    codes = [np.asarray(pd.factorize(r, sort=True)[0]) if r.dtype == object else r for r in ranks]
    return table.iloc[np.lexsort((np.arange(len(table)), *codes))].reset_index(drop=True)


def _places(values: np.ndarray, order: tuple[str, ...]) -> np.ndarray:
    """The place of each text in ``order``; behind all for another one."""
    place = {text: i for i, text in enumerate(order)}
    return np.array([place.get(v, len(order)) for v in values.tolist()], dtype="int64")


def _rules(table: Any) -> list[dict[str, Any]]:
    """Rules by severity with their findings by state."""
    rule, severity, state = (texts(table, n) for n in ("rule", "severity", "state"))
    codes, keys = pd.factorize(rule + "\t" + severity)
    of_state = {s: np.bincount(codes[state == s], minlength=len(keys)).tolist() for s in STATES}
    found = []
    for i, key in enumerate(keys.tolist()):
        name, worst = key.split("\t")
        counts = [(s, of_state[s][i], "#" + address(rule=name, severity=worst, state=s)) for s in STATES]
        found.append({"rule": printable(name), "severity": worst, "title": rule_of(name).title, "counts": counts})

    def order(one: dict[str, Any]) -> tuple[Any, ...]:
        return SEVERITIES.index(one["severity"]), [-n for _, n, _ in one["counts"]], one["rule"]

    return sorted(found, key=order)


def _differs(rule: dict[str, Any]) -> bool:
    return any(n for s, n, _ in rule["counts"] if s != RECURRING)


def changes_page(page: FindingsPage) -> FindingsPage:
    """What changes.html shows of a run, from what findings.html shows."""
    study = page.head.study if page.head is not None else ""
    return replace(page, title=f"{study}: changes of findings" if study else "Changes of findings", lead=())
