"""Progression that one lesion alone shows: a node that has grown by Lugano, a lesion that is back after all were gone.

Cheson et al., J Clin Oncol 2014;32:3059-68, table 3; RECIST 1.1, section 4.4. Thresholds: mappings/criteria. Not for
sums: evaluations.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.columns import verbs
from ...mappings.models.tumor_criteria import SingleLine
from .evaluations import Evaluations


@dataclass(frozen=True)
class _Sizes:
    """Sizes of lesions, one element each: product in mm2, longest diameter and the one across it in mm."""

    product: np.ndarray
    diameter: np.ndarray
    across: np.ndarray

    def __getitem__(self, at: np.ndarray) -> _Sizes:
        return _Sizes(self.product[at], self.diameter[at], self.across[at])


def grown_alone(evaluations: Evaluations, lines: Sequence[SingleLine], all_gone: np.ndarray) -> np.ndarray:
    """(evaluations,) whether one lesion alone has progressed. ``all_gone``: evaluations in which all lesions are gone.

    The parts of a split lesion are added, with the diameters of the largest one. A merged lesion is compared with the
    lowest values of its lesions: the sum of products, the largest diameters.
    """
    lesions = evaluations.lesions
    out = np.zeros(evaluations.n, dtype=bool)
    evaluation, lesion, inside = evaluations.pairs(lesions.covered)
    record = lesions.covered.record
    used = inside & ~np.isnan(lesions.diameter[record]) & (evaluation >= evaluations.baseline[evaluation])
    evaluation, lesion, record = evaluation[used], lesion[used], record[used]
    if not len(record) or not lines:
        return out
    merged = np.bincount(record, minlength=len(lesions.day))[record] > 1
    # one element for each lesion of an evaluation, by lesion and evaluation; a merged one has no size of its parts
    key, entry = np.unique(lesion * evaluations.n + evaluation, return_inverse=True)
    alone = ~merged
    sizes = _sizes(entry[alone], _Sizes(*(x[record[alone]] for x in _values(evaluations))), len(key))
    before = _lowest_before(sizes, key // evaluations.n)
    of_entry = key % evaluations.n
    nodal = np.zeros(len(key), dtype=bool)
    nodal[entry] = lesions.nodal[record]
    back = evaluations.after & _earlier(all_gone, evaluations.subject)
    whole = np.zeros(len(key), dtype=bool)
    whole[entry[alone]] = True
    grown = whole & evaluations.after[of_entry]
    out[of_entry[grown & _progressed(sizes, before, nodal, back[of_entry], lines)]] = True
    # merged lesions
    rows, place = np.unique(record[merged], return_inverse=True)
    if len(rows):
        parts = before[entry[merged]]
        largest = [np.full(len(rows), -np.inf) for _ in range(2)]
        for found, values in zip(largest, (parts.diameter, parts.across), strict=True):
            np.maximum.at(found, place, values)
        low = _Sizes(np.bincount(place, weights=parts.product), *largest)
        now = _Sizes(*(x[rows] for x in _values(evaluations)))
        at = evaluations.of_row[rows]
        hit = evaluations.after[at] & _progressed(now, low, lesions.nodal[rows], back[at], lines)
        out[at[hit]] = True
    return out


def _values(evaluations: Evaluations) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lesions = evaluations.lesions
    return lesions.value, lesions.diameter, lesions.across


def _sizes(entry: np.ndarray, of_rows: _Sizes, count: int) -> _Sizes:
    """The product of each entry, added over its rows, and its largest diameters; NaN for none."""
    product = np.full(count, np.nan)
    product[entry] = 0.0
    np.add.at(product, entry, of_rows.product)
    largest = [np.full(count, -np.inf) for _ in range(2)]
    for found, values in zip(largest, (of_rows.diameter, of_rows.across), strict=True):
        np.maximum.at(found, entry, np.nan_to_num(values, nan=-np.inf))
    return _Sizes(product, *(np.where(np.isfinite(found), found, np.nan) for found in largest))


def _lowest_before(sizes: _Sizes, lesion: np.ndarray) -> _Sizes:
    """The lowest size of the same lesion in the entries before each; infinite for none."""
    begins = np.append(True, lesion[1:] != lesion[:-1])

    def lowest(values: np.ndarray) -> np.ndarray:
        found = verbs.running(np.nan_to_num(values, nan=np.inf), lesion, "min")
        return np.where(begins, np.inf, np.append(np.inf, found[:-1]))

    return _Sizes(lowest(sizes.product), lowest(sizes.diameter), lowest(sizes.across))


def _earlier(where: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """Whether an evaluation of the subject before each one fits."""
    place = np.arange(len(where))
    start = np.maximum.accumulate(np.where(np.append(True, subject[1:] != subject[:-1]), place, 0))
    last = np.maximum.accumulate(np.where(where, place, -1))
    return np.append(-1, last[:-1]) >= start


def _progressed(
    now: _Sizes, low: _Sizes, nodal: np.ndarray, back: np.ndarray, lines: Sequence[SingleLine]
) -> np.ndarray:
    """Whether a line holds for each lesion."""
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = (now.product - low.product) / low.product * 100
        changes = now.diameter - low.diameter, now.across - low.across
    percent = np.where((low.product == 0) & (now.product > 0), np.inf, percent)
    known = np.isfinite(low.diameter)
    out = np.zeros(len(nodal), dtype=bool)
    for line in lines:
        fits = known.copy()
        for limit, values in (
            (line.diameter, now.diameter),
            (line.product_percent, percent),
            (line.lowest_diameter, low.diameter),
        ):
            if limit is not None:
                fits &= limit.holds(values)
        if line.change is not None:
            fits &= line.change.holds(changes[0]) | line.change.holds(changes[1])
        if line.nodal is not None:
            fits &= nodal == line.nodal
        if line.after_all_gone:
            fits &= back
        out |= fits
    return out
