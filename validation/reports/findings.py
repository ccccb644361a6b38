"""findings.html: every finding of a run in one page without outside resources, with a search over all of them.

The page has its findings as a compressed block (finding_data.py) and lists those that are in view. Not for the files
of all findings (finding_files.py), nor for deciding the result of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ...engine.subjects.sites import Sites
from ...findings.catalogue import rule_of
from ...findings.rule import SEVERITIES
from ...findings.table import Findings
from .finding_counts import address
from .finding_data import Columns, finding_data, packed
from .finding_files import summary
from .finding_lines import FindingLines, finding_lines, texts
from .finding_pictures import dates_picture, rules_by_place, sites_picture
from .finding_sites import SHOWN_SUBJECTS, counts_by_site, counts_by_subject, sites_of
from .finding_traces import Traces
from .page import html_page, printable
from .run_head import RunHead, head_values

#: lines that the page has; of more, each rule has its first ones
DETAILED = 200_000
#: of each rule at least so many
_LEAST = 50
FINDINGS_PAGE = "reports/findings.html"


@dataclass(frozen=True, kw_only=True)
class FindingsPage:
    """What the page shows beside the findings. ``lead``: sentences that must be seen first, printed on top as errors.

    ``sites``: the sites of raw rows and subjects. ``missing``: the picture of empty cells by source and site.
    """

    title: str
    lead: Sequence[str] = ()
    head: RunHead | None = None
    sites: Sites = field(default_factory=Sites)
    traces: Traces = field(default_factory=Traces)
    missing: Any = None


def findings_html(findings: Findings, page: FindingsPage) -> bytes:
    """The page in UTF-8. All findings count in its figures and pictures.

    Its list and search have all lines up to DETAILED; of more, the first ones of each rule, and the page states how
    many findings they are.
    """
    table: Any = findings.frame()
    site = sites_of(table, page.sites)
    lines = finding_lines(table)
    shown = shown_lines(texts(table, "rule")[lines.first], DETAILED)
    data = finding_data(Columns(table, lines, shown, site), page.traces)
    sites = counts_by_site(table, site, page.sites)
    return html_page(
        "findings.html.j2", head=head_values(page.head, FINDINGS_PAGE), title=printable(page.title),
        lead=[printable(s) for s in page.lead], summary=summary(table), detailed=data["detailed"],
        rules=_rules(table, lines), people=_people(table, sites, page.sites), heat=rules_by_place(table),
        by_site=sites_picture(sites), dates=dates_picture(table), missing=page.missing, data=packed(data),
        has={n: n in data["texts"] for n in ("state", "disposition", "explanation", "keys", "id")},
    )  # fmt: skip


def shown_lines(rule: np.ndarray, room: int) -> np.ndarray:
    """The lines of the page: all, or the first ones of each rule so that they are at most ``room``."""
    codes, names = pd.factorize(rule)
    limit = first_ones(np.bincount(codes, minlength=len(names)), room)
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(names)))])[:-1]
    nth = np.empty(len(codes), dtype="int64")
    nth[order] = np.arange(len(codes)) - np.repeat(starts, np.bincount(codes, minlength=len(names)))
    return np.flatnonzero(nth < limit)


def first_ones(counts: np.ndarray, room: int) -> int:
    """The largest number of lines per rule with which all rules together have at most ``room``, at least _LEAST."""
    if counts.sum() <= room:
        return int(counts.max(initial=0))
    low, high = _LEAST, room
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= room else (low, middle - 1)
    return low


def _rules(table: Any, lines: FindingLines) -> list[dict[str, Any]]:
    """Each rule and severity with findings: the worst first, then the most findings."""
    severity, rule = texts(table, "severity"), texts(table, "rule")
    codes, keys = pd.factorize(rule + "\t" + severity)
    count = np.bincount(codes, minlength=len(keys)).tolist()
    of_lines = np.bincount(codes[lines.first], minlength=len(keys)).tolist() if len(table) else []
    found = []
    for i, key in enumerate(keys.tolist()):
        name, worst = key.split("\t")
        known = rule_of(name)
        published: Sequence[str] = getattr(known, "published", ())
        found.append(
            {
                "rule": printable(name), "severity": worst, "title": known.title, "do": known.do,
                "source": ", ".join((*published, *([known.source] if known.source else ()))),
                "count": count[i], "lines": of_lines[i], "href": "#" + address(rule=name, severity=worst),
            }
        )  # fmt: skip
    return sorted(found, key=lambda r: (SEVERITIES.index(r["severity"]), -r["count"], r["rule"]))


def _people(table: Any, of_sites: Sequence[Any], sites: Sites) -> dict[str, Any]:
    """The values of the view by site and subject."""
    of_subjects = counts_by_subject(table, sites)
    shown = of_subjects[:SHOWN_SUBJECTS]
    return {
        "sites": [
            {
                "name": printable(s.site), "country": printable(s.country), "subjects": s.subjects, "counts": s.counts,
                "href": "#" + address(site=s.site),
            }
            for s in of_sites
        ],
        "subjects": [
            {
                "name": printable(s.subject), "site": printable(s.site), "counts": s.counts,
                "href": "#" + address(subject=s.subject),
            }
            for s in shown
        ],
        "more": len(of_subjects) - len(shown),
    }  # fmt: skip
