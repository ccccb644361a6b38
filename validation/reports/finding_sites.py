"""Findings by site and by subject: whose data they are about.

Not for the questions to a site (queries.py) nor for the page (findings.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...engine.subjects.sites import Sites
from ...findings.rule import SEVERITIES

#: subjects in the table of the page: those with the most severe findings
SHOWN_SUBJECTS = 200


@dataclass(frozen=True)
class SiteCounts:
    """The findings of one site. ``subjects``: how many have findings; ``counts``: severity -> findings."""

    site: str
    country: str
    subjects: int
    counts: dict[str, int]


@dataclass(frozen=True)
class SubjectCounts:
    """The findings of one subject. ``counts``: severity -> findings."""

    subject: str
    site: str
    counts: dict[str, int]


def sites_of(table: Any, sites: Sites) -> np.ndarray:
    """The site of each finding, as texts: of its raw row, else of its subject; '' for none."""
    out = np.full(len(table), "", dtype=object)
    codes, sources = pd.factorize(np.asarray(table["source"], dtype=object))
    row = np.asarray(table["row"], dtype="int64")
    for code, source in enumerate(sources.tolist()):
        at = np.flatnonzero((codes == code) & (row >= 0))
        out[at] = sites.of_rows(source, row[at])
    subject, names = pd.factorize(np.asarray(table["subject"], dtype=object))
    of_subject = np.array([sites.subjects.get(str(n), ("", ""))[0] for n in names], dtype=object)
    return np.where(out == "", of_subject[subject], out) if len(names) else out


def counts_by_site(table: Any, site: np.ndarray, sites: Sites) -> list[SiteCounts]:
    """Findings by site, without those that have none: most errors first, then warnings, then notes, then by name."""
    codes, names = pd.factorize(site)
    counts = _counts(table, codes, len(names))
    subject = np.asarray(table["subject"], dtype=object)
    pairs = set(zip(codes[subject != ""].tolist(), subject[subject != ""].tolist(), strict=True))
    subjects = np.bincount([code for code, _ in pairs], minlength=len(names)).tolist() if pairs else [0] * len(names)
    found = [
        SiteCounts(str(name), sites.countries.get(str(name), ""), subjects[i], counts[i])
        for i, name in enumerate(names)
        if name
    ]
    return sorted(found, key=lambda s: (*(-s.counts[x] for x in SEVERITIES), s.site))


def counts_by_subject(table: Any, sites: Sites) -> list[SubjectCounts]:
    """Findings by subject, in the same order."""
    codes, names = pd.factorize(np.asarray(table["subject"], dtype=object))
    counts = _counts(table, codes, len(names))
    found = [
        SubjectCounts(str(name), sites.subjects.get(str(name), ("", ""))[0], counts[i])
        for i, name in enumerate(names)
        if name
    ]
    return sorted(found, key=lambda s: (*(-s.counts[x] for x in SEVERITIES), s.subject))


def _counts(table: Any, codes: np.ndarray, groups: int) -> list[dict[str, int]]:
    severity = np.asarray(table["severity"], dtype=object)
    by = {s: np.bincount(codes[severity == s], minlength=groups).tolist() for s in SEVERITIES}
    return [{s: by[s][i] for s in SEVERITIES} for i in range(groups)]
