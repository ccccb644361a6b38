"""changes.html: the findings of a run beside those of an earlier output, as new, recurring and resolved ones.

The list, its search and its filters are those of findings.html. Not for comparing findings (findings/review.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...findings.catalogue import rule_of
from ...findings.review import NEW, RECURRING, RESOLVED, Review
from ...findings.rule import SEVERITIES
from ...findings.table import COLUMNS, Findings
from .finding_counts import address
from .finding_data import Columns, finding_data, packed
from .finding_lines import finding_lines, texts
from .finding_sites import sites_of
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
    site = sites_of(table, page.sites)
    lines = finding_lines(table)
    shown = shown_lines(texts(table, "rule")[lines.first], DETAILED)
    data = finding_data(Columns(table, lines, shown, site), page.traces)
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
    return html_page(
        "changes.html.j2", head=head_values(page.head, CHANGES_PAGE), title=printable(page.title), lead=[],
        states=states, meaning=_MEANING, data=packed(data), detailed=data["detailed"],
        changed=[r for r in rules if _differs(r)], same=[r for r in rules if not _differs(r)],
        entries=[printable(e) for e in entries.tolist()], summary={"total": len(table)},
        start=f"{address(state=NEW)}&{address(state=RESOLVED)}",
    )  # fmt: skip


def with_resolved(findings: Findings) -> pd.DataFrame:
    """The table of findings and the resolved ones of the earlier output: new, resolved, recurring, each by severity.

    A resolved finding has no row, as the row is one of an earlier file.
    """
    table = findings.frame()
    gone = (findings.review or Review()).resolved(table)
    columns = {n: [f.get(n, "") or "" for f in gone] for n in COLUMNS if n not in ("sequence", "row", "entry", "state")}
    added = pd.DataFrame({n: np.array(v, dtype=object) for n, v in columns.items()})
    for name in ("sequence", "row", "entry"):
        added[name] = np.full(len(gone), -1, dtype="int64")
    added["state"] = np.full(len(gone), RESOLVED, dtype=object)
    both = pd.concat([table, added[list(table.columns)]], ignore_index=True) if len(table) else added[list(COLUMNS)]
    ranks = [texts(both, "rule"), _places(texts(both, "severity"), SEVERITIES), _places(texts(both, "state"), STATES)]
    codes = [np.asarray(pd.factorize(r, sort=True)[0]) if r.dtype == object else r for r in ranks]
    return both.iloc[np.lexsort((np.arange(len(both)), *codes))].reset_index(drop=True)


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
