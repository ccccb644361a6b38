"""Agreement of the response categories that ADRS holds twice: the investigator's and the algorithm's.

Counts by pair, share of agreement and kappa, as reports/response-agreement.html and .json. A description, never a
correction: no category is changed. Not for the algorithm (adam/imwg/step.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...transport.sas_moments import iso_texts
from .finding_counts import address
from .missingness import share_shade
from .page import html_page, printable
from .run_head import RunHead, head_values

#: from the best to the worst; another category comes last under its name
ORDER = ("sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE")
RESPONSE = frozenset({"sCR", "CR", "VGPR", "PR"})
NEEDED = ("USUBJID", "PARAMCD", "AVALC", "ADT")
#: days between the two of a pair
WINDOW = 14
#: pairs on the page; the JSON has all
SHOWN_PAIRS = 500


@dataclass(frozen=True)
class Pair:
    """Two assessments of a subject whose categories differ, with ISO 8601 dates. ``visit``: of the investigator.

    ``reason``: why the algorithm has its category, where ADRS has it.
    """

    subject: str
    site: str
    visit: str
    date: str
    investigator: str
    algorithm: str
    algorithm_date: str
    reason: str = ""


@dataclass(frozen=True)
class SiteAgreement:
    """Pairs of one site, and those with the same category."""

    site: str
    pairs: int
    same: int


@dataclass(frozen=True)
class Agreement:
    """``counts``: (investigator, algorithm) -> pairs. ``alone``: investigator's assessments without a partner.

    ``differing``: the pairs with different categories, by subject and date. ``unknown``: text of the investigator that
    is no category of the criteria -> pairs; they are in no count. ``sites``: by site, the least agreement first.
    ``reasons``: why the algorithm is not evaluable in a pair -> pairs, most first.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: dict[tuple[str, str], int]
    alone: int
    unmatched: int  # evaluations of the algorithm that no assessment of the investigator fits
    differing: tuple[Pair, ...] = ()
    unknown: Mapping[str, int] = field(default_factory=dict)
    sites: tuple[SiteAgreement, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        return sum(self.counts.values())

    def measures(self) -> list[tuple[str, int, int, float | None]]:
        """(what, agreeing, of, kappa) over all categories and over response or not, with and without NE."""
        both = {k: n for k, n in self.counts.items() if "NE" not in k}
        return [
            ("Same category, all pairs", *_agree(self.counts)),
            ("Same category, neither NE", *_agree(both)),
            ("Response (PR or better) or not, neither NE", *_agree(_folded(both))),
        ]


def _folded(counts: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    out: dict[tuple[str, str], int] = {}
    for (a, b), n in counts.items():
        key = str(a in RESPONSE), str(b in RESPONSE)
        out[key] = out.get(key, 0) + n
    return out


def _agree(counts: dict[tuple[str, str], int]) -> tuple[int, int, float | None]:
    """(pairs that agree, pairs, Cohen's kappa; None where chance alone would agree in all or there is no pair)."""
    total = sum(counts.values())
    same = sum(n for (a, b), n in counts.items() if a == b)
    if not total:
        return 0, 0, None
    names = sorted({x for k in counts for x in k})
    by_row = {x: sum(n for (a, _), n in counts.items() if a == x) for x in names}
    by_column = {x: sum(n for (_, b), n in counts.items() if b == x) for x in names}
    # in whole numbers, so that the result is the same everywhere
    chance = sum(by_row[x] * by_column[x] for x in names)
    if chance == total * total:
        return same, total, None
    return same, total, round((same * total - chance) / (total * total - chance), 4)


def response_agreement(
    frame: pd.DataFrame, investigator: str = "OVR", algorithm: str = "IMWG", window: int = WINDOW
) -> Agreement | None:
    """Pairs of ADRS; None where it lacks one of the two parameters.

    Each assessment of the investigator is compared with one evaluation of the algorithm at most ``window`` days away:
    of the same VISIT before any other, then the nearest, then the earlier. Assessments on or before the first dose
    (TRTSDT, where ADRS has it) are excluded. The site is SITEID; the reason of a category that the algorithm found is
    the variable of its name and REAS (IMWGREAS), where ADRS has them.
    """
    if any(n not in frame.columns for n in NEEDED):
        return None
    codes, texts = col.split_text(frame["PARAMCD"])
    which = np.asarray(texts, dtype=object)[codes] if len(texts) else np.zeros(0, dtype=object)
    adt = np.asarray(frame["ADT"], dtype="float64")
    usable = ~np.isnan(adt) & ~col.missing(frame["AVALC"])
    if "TRTSDT" in frame.columns:
        with np.errstate(invalid="ignore"):
            usable &= ~(adt <= np.asarray(frame["TRTSDT"], dtype="float64"))
    mine, theirs = np.flatnonzero((which == investigator) & usable), np.flatnonzero((which == algorithm) & usable)
    if not (which == investigator).any() or not (which == algorithm).any():
        return None
    subject = frame["USUBJID"]
    match = verbs.match_rows([col.take(subject, mine)], [col.take(subject, theirs)], "one-to-many")
    found = match.right >= 0
    left, right = match.left[found], match.right[found]
    apart = np.abs(adt[mine[left]] - adt[theirs[right]])
    near = apart <= window
    left, right, apart = left[near], right[near], apart[near]
    other = np.ones(len(left))
    if "VISIT" in frame.columns:
        visit = frame["VISIT"]
        a, b = verbs.key_codes([col.take(visit, mine[left])], [col.take(visit, theirs[right])])
        other = np.where((a == b) & (a >= 0), 0.0, 1.0)
    order = verbs.order_rows([left, other, apart, adt[theirs[right]], right])
    chosen = verbs.pick_per_group(left, len(mine), order, "first")
    paired = chosen >= 0
    partner = theirs[right[chosen[paired]]] if len(right) else np.zeros(0, "int64")
    values = col.objects(frame["AVALC"])
    counts: dict[tuple[str, str], int] = {}
    unknown: dict[str, int] = {}
    for key in zip(values[mine[paired]].tolist(), values[partner].tolist(), strict=True):
        if key[0] in ORDER:
            counts[key] = counts.get(key, 0) + 1
        else:
            unknown[key[0]] = unknown.get(key[0], 0) + 1
    reason = _texts(frame, f"{algorithm}REAS", partner)
    return Agreement(
        rows=_ordered({a for a, _ in counts}),
        columns=_ordered({b for _, b in counts}),
        counts=counts,
        alone=int((~paired).sum()),
        unmatched=len(theirs) - len(np.unique(partner)),
        differing=_differing(frame, mine[paired], partner, reason),
        unknown=dict(sorted(unknown.items())),
        sites=_sites(frame, mine[paired], partner),
        reasons=_most_first(reason[values[partner] == "NE"].tolist()),
    )


def _texts(frame: pd.DataFrame, name: str, at: np.ndarray) -> np.ndarray:
    """A variable of some records as objects; '' where ADRS lacks it."""
    return col.objects(col.take(frame[name], at)) if name in frame.columns else np.full(len(at), "", dtype=object)


def _most_first(texts: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for text in texts:
        counts[text] = counts.get(text, 0) + 1
    return dict(sorted(counts.items(), key=lambda c: (-c[1], c[0])))


def _sites(frame: pd.DataFrame, mine: np.ndarray, theirs: np.ndarray) -> tuple[SiteAgreement, ...]:
    """The sites with pairs of known categories; () where ADRS has no SITEID."""
    values, site = col.objects(frame["AVALC"]), _texts(frame, "SITEID", mine)
    known = np.isin(values[mine], ORDER) & (site != "")
    codes, names = pd.factorize(site[known])
    same = (values[mine] == values[theirs])[known]
    pairs = np.bincount(codes, minlength=len(names)).tolist()
    equal = np.bincount(codes[same], minlength=len(names)).tolist()
    found = [SiteAgreement(str(n), p, s) for n, p, s in zip(names.tolist(), pairs, equal, strict=True)]
    return tuple(sorted(found, key=lambda s: (s.same / s.pairs, -s.pairs, s.site)))


def _differing(frame: pd.DataFrame, mine: np.ndarray, theirs: np.ndarray, reason: np.ndarray) -> tuple[Pair, ...]:
    """The pairs of records ``mine`` and ``theirs`` that have different categories."""
    values = col.objects(frame["AVALC"])
    at = np.flatnonzero(values[mine] != values[theirs])
    mine, theirs, reason = mine[at], theirs[at], reason[at]
    adt = np.asarray(frame["ADT"], dtype="float64")
    visits = col.objects(col.take(frame["VISIT"], mine)) if "VISIT" in frame.columns else np.full(len(mine), "")
    columns = (
        col.objects(col.take(frame["USUBJID"], mine)).tolist(),
        _texts(frame, "SITEID", mine).tolist(),
        visits.tolist(),
        iso_texts(adt[mine], "date"),
        values[mine].tolist(),
        values[theirs].tolist(),
        iso_texts(adt[theirs], "date"),
        reason.tolist(),
    )
    pairs = (Pair(*map(str, cells)) for cells in zip(*columns, strict=True))
    return tuple(sorted(pairs, key=lambda p: (p.subject, p.date, p.visit, p.investigator, p.algorithm)))


def _ordered(names: set[str]) -> tuple[str, ...]:
    return (*(n for n in ORDER if n in names), *sorted(names - set(ORDER)))


def agreement_json(agreement: Agreement) -> bytes:
    """The counts and measures, in a fixed order."""
    data: dict[str, Any] = {
        "schema": 2,
        "window": WINDOW,
        "pairs": agreement.pairs,
        "investigator_alone": agreement.alone,
        "algorithm_alone": agreement.unmatched,
        "counts": [
            {"investigator": a, "algorithm": b, "pairs": agreement.counts[a, b]}
            for a in agreement.rows
            for b in agreement.columns
            if (a, b) in agreement.counts
        ],
        "measures": [
            {"what": what, "agree": same, "pairs": total, "kappa": kappa}
            for what, same, total, kappa in agreement.measures()
        ],
        "unknown": agreement.unknown,
        "sites": [asdict(s) for s in agreement.sites],
        "not_evaluable": agreement.reasons,
        "differing": [asdict(p) for p in agreement.differing],
    }
    return (json.dumps(data, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def agreement_html(
    agreement: Agreement, title: str, head: RunHead | None = None, reported: Collection[str] = ()
) -> bytes:
    """The same as a page. ``reported``: subjects that have findings."""
    table = []
    for a in agreement.rows:
        cells = [agreement.counts.get((a, b), 0) for b in agreement.columns]
        shades = [share_shade(n, sum(cells)) for n in cells]  # of the row's pairs
        table.append({"name": printable(a), "cells": list(zip(cells, shades, strict=True)), "all": sum(cells)})
    measures = [
        (what, same, total, f"{100 * same / total:.1f} %" if total else "", "" if kappa is None else f"{kappa:.3f}")
        for what, same, total, kappa in agreement.measures()
    ]
    return html_page(
        "response-agreement.html.j2",
        head=head_values(head, "reports/response-agreement.html"),
        title=title,
        lead=[],
        agreement=agreement,
        table=table,
        measures=measures,
        window=WINDOW,
        columns=[printable(b) for b in agreement.columns],
        pairs=[_shown(p, reported) for p in agreement.differing[:SHOWN_PAIRS]],
        differ=len(agreement.differing),
        unknown=[(printable(text), n) for text, n in agreement.unknown.items()],
        sites=[(printable(s.site), s.pairs, s.same, 100 * s.same // s.pairs) for s in agreement.sites],
        reasons=[(printable(text) or "no reason is known", n) for text, n in agreement.reasons.items()],
        more=max(0, len(agreement.differing) - SHOWN_PAIRS),
    )


def _shown(pair: Pair, reported: Collection[str]) -> dict[str, str]:
    shown = {k: printable(v) for k, v in asdict(pair).items()}
    return {**shown, "href": "findings.html#" + address(subject=pair.subject) if pair.subject in reported else ""}
