"""Counts of findings by the dataset or the raw file that they concern, and the picture of these counts.

Not for the list of findings (findings.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from ...findings.rule import SEVERITIES
from .page import printable

#: the place of a finding that names neither a dataset nor a file
NO_PLACE = "study"
#: places in the picture; the others are one more line
SHOWN_PLACES = 40
# pixels of the picture
_LABEL, _PANEL, _BAR, _LINE, _TOP, _GAP = 190, 230, 150, 22, 34, 5
_LETTERS = 24  # of a place beside its bars


@dataclass(frozen=True)
class PlaceCounts:
    """The findings of one dataset or raw file. ``counts``: severity -> findings, in the order of SEVERITIES.

    ``of_dataset``: the place is a dataset.
    """

    place: str
    counts: dict[str, int]
    of_dataset: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        """The conditions of findings.html with which it lists these findings."""
        return conditions_of(self.place, of_dataset=self.of_dataset)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def places(table: Any) -> np.ndarray:
    """The place of each finding of a findings table, as texts: its dataset, else its raw file, else NO_PLACE."""
    dataset, file = (np.asarray(table[n], dtype=object) for n in ("dataset", "file"))
    return np.where(dataset != "", dataset, np.where(file != "", file, NO_PLACE))


def conditions_of(place: str, *, of_dataset: bool) -> dict[str, str]:
    """The conditions of findings.html for a place; '' as a value: findings without one."""
    if of_dataset:
        return {"dataset": place}
    return {"dataset": "", "file": "" if place == NO_PLACE else place}


def address(**conditions: str) -> str:
    """Conditions of findings.html as the end of its address."""
    return "&".join(f"{name}={quote(printable(value), safe='')}" for name, value in conditions.items())


def counts_by_place(table: Any) -> list[PlaceCounts]:
    """Findings by place: most errors first, then most warnings, most notes, then by name."""
    codes, names = pd.factorize(places(table))
    severity = np.asarray(table["severity"], dtype=object)
    by = {s: np.bincount(codes[severity == s], minlength=len(names)).tolist() for s in SEVERITIES}
    datasets = set(np.asarray(table["dataset"], dtype=object).tolist())
    found = [PlaceCounts(str(n), {s: by[s][i] for s in SEVERITIES}, n in datasets) for i, n in enumerate(names)]
    return sorted(found, key=lambda p: (*(-p.counts[s] for s in SEVERITIES), p.place))


def picture(found: list[PlaceCounts]) -> dict[str, Any]:
    """The values of an SVG: a line for each place, a panel for each severity with a scale of its maximum.

    ``text`` is the same in words, for those who cannot see the picture.
    """
    shown = found[:SHOWN_PLACES]
    if rest := found[SHOWN_PLACES:]:
        shown = [*shown, PlaceCounts(f"{len(rest)} others", {s: sum(p.counts[s] for p in rest) for s in SEVERITIES})]
    most = {s: max((p.counts[s] for p in shown), default=0) for s in SEVERITIES}
    lines = [
        {
            "label": _short(printable(p.place)),
            "y": _TOP + i * _LINE,
            "baseline": _TOP + i * _LINE + _LINE - 7,
            "bars": [_bar(k, s, p.counts[s], most[s]) for k, s in enumerate(SEVERITIES) if p.counts[s]],
        }
        for i, p in enumerate(shown)
    ]
    return {
        "width": _LABEL + _PANEL * len(SEVERITIES),
        "height": _TOP + _LINE * len(shown) + 6,
        "bar_height": _LINE - _GAP,
        "label_end": _LABEL - 8,
        "panels": [
            {"x": _LABEL + k * _PANEL, "name": f"{s.capitalize()}s: {sum(p.counts[s] for p in found):,}", "severity": s}
            for k, s in enumerate(SEVERITIES)
        ],
        "lines": lines,
        "text": _sentence(found),
    }


def _bar(panel: int, severity: str, count: int, most: int) -> dict[str, Any]:
    # whole pixels, so that the text of the page does not depend on how a machine divides
    width = max(2, _BAR * count // most)
    x = _LABEL + panel * _PANEL
    return {"x": x, "width": width, "end": x + width + 5, "count": count, "severity": severity}


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else text[: _LETTERS - 3] + "..."


def _sentence(found: list[PlaceCounts]) -> str:
    parts = []
    for severity in SEVERITIES:
        total = sum(p.counts[severity] for p in found)
        if total:
            first = max(found, key=lambda p: p.counts[severity])
            parts.append(f"{total:,} {severity}s, most in {printable(first.place)} ({first.counts[severity]:,})")
    return "; ".join(parts) if parts else "No findings"
