"""Plasmacytomas and other lesions: sum of products, growth of a lesion, new lesions, at each evaluation with an image.

An image stands until the next one, as imaging needs no repeat. Not for levels nor for lines of progression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...mappings.models.response_criteria import EPSILON, ImwgCriteria
from .evaluations import Evaluations, Known, before, known_at, last_known, running_lowest, value_at
from .options import ImwgOptions
from .results import Results

MEASURED = ("diameter", "perpendicular", "lesion_state")


@dataclass(kw_only=True, frozen=True)
class Lesions:
    """Per evaluation: whether there was an image, and what it shows; per subject: plasmacytomas at baseline.

    ``*_at``: positions in the tables of the diameters and states (of the largest plasmacytoma, of a lesion that grew or
    came back) and of the new lesions; -1 for none. ``spd`` is missing where not every plasmacytoma of the baseline was
    measured.
    """

    imaged: np.ndarray
    day: np.ndarray
    spd: np.ndarray
    spd_at: dict[str, np.ndarray]
    grown: np.ndarray
    grown_at: np.ndarray
    new: np.ndarray
    new_at: np.ndarray
    back_at: np.ndarray
    spd_base: np.ndarray
    spd_base_day: np.ndarray
    spd_base_at: dict[str, np.ndarray]
    count: np.ndarray  # plasmacytomas at baseline


@dataclass(kw_only=True, frozen=True)
class _Images:
    """One element per lesion and image, sorted by both; ``slot``: evaluation, -1 for the baseline."""

    lesion: np.ndarray
    slot: np.ndarray
    start: np.ndarray
    size: np.ndarray
    short: np.ndarray
    product: np.ndarray
    gone: np.ndarray
    present: np.ndarray
    day: np.ndarray
    at: dict[str, np.ndarray]


def lesions(
    results: Mapping[str, Results], e: Evaluations, begin: np.ndarray, criteria: ImwgCriteria, options: ImwgOptions
) -> Lesions:
    """What the images show."""
    keys = (*MEASURED, "plasmacytoma", "new_lesion")
    owners = [results[k].subject for k in keys]
    codes = verbs.key_codes(
        [pd.Series(np.concatenate(owners).astype("float64")), col.concat([results[k].lesion for k in keys])]
    )[0]
    of = dict(zip(keys, np.split(codes, np.cumsum([len(o) for o in owners])[:-1]), strict=True))
    count = int(codes.max(initial=-1)) + 1
    owner = np.full(count, -1, "int64")
    owner[codes[codes >= 0]] = np.concatenate(owners)[codes >= 0]
    soft = np.ones(count, bool)
    if results["plasmacytoma"].table is not None:
        soft[:] = False
        soft[of["plasmacytoma"][of["plasmacytoma"] >= 0]] = True

    i = _images(results, of, e, begin, count)
    grown, back = _changes(i, criteria, options)
    there = soft[i.lesion] & (i.slot < 0) & ~i.gone
    of_baseline = np.zeros(count, bool)
    of_baseline[i.lesion[there]] = True
    number = np.bincount(owner[i.lesion[there]], minlength=len(begin))
    base, base_at = _total(i, owner[i.lesion], there, number)
    base_day = np.full(len(begin), -np.inf)
    np.maximum.at(base_day, owner[i.lesion[there]], i.day[there])
    spd, spd_at = _total(i, i.slot, of_baseline[i.lesion] & (i.slot >= 0), number[e.subject])

    imaged, day = np.zeros(e.n, bool), np.full(e.n, -np.inf)
    for key in (*MEASURED, "new_lesion"):
        here = e.of[key] >= 0
        imaged[e.of[key][here]] = True
        np.maximum.at(day, e.of[key][here], results[key].day[here])
    fresh = known_at(results["new_lesion"], e.of["new_lesion"], e.n)
    grown_one, back_one = _first_of(i.slot, grown, e.n), _first_of(i.slot, back, e.n)
    return Lesions(
        imaged=imaged,
        day=np.where(imaged, day, np.nan),
        spd=spd,
        spd_at=spd_at,
        grown=grown_one >= 0,
        grown_at=value_at(i.at["diameter"], grown_one, -1).astype("int64"),
        new=fresh.has | (back_one >= 0),
        new_at=fresh.at,
        back_at=value_at(i.at["lesion_state"], back_one, -1).astype("int64"),
        spd_base=base,
        spd_base_day=np.where(np.isnan(base), np.nan, base_day),
        spd_base_at=base_at,
        count=number,
    )


def _images(
    results: Mapping[str, Results], of: Mapping[str, np.ndarray], e: Evaluations, begin: np.ndarray, count: int
) -> _Images:
    latest = np.full(count, -np.inf)  # day of the last image of each lesion on or before the first dose
    old = {}
    for key in MEASURED:
        r = results[key]
        with np.errstate(invalid="ignore"):
            old[key] = (r.day <= begin[r.subject]) & (of[key] >= 0)
        np.maximum.at(latest, of[key][old[key]], r.day[old[key]])
    codes = {}
    for key in MEASURED:
        current = old[key].copy()
        current[old[key]] = results[key].day[old[key]] == latest[of[key][old[key]]]
        slot = np.where(e.of[key] >= 0, e.of[key], -1)
        used = (of[key] >= 0) & ((e.of[key] >= 0) | current)
        codes[key] = np.where(used, of[key] * (e.n + 1) + slot + 1, -1)
    every = np.concatenate(list(codes.values()))
    pairs = np.unique(every[every >= 0])
    known: dict[str, Known] = {}
    for key in MEASURED:
        group = np.where(codes[key] >= 0, np.searchsorted(pairs, codes[key]), -1)
        known[key] = known_at(results[key], group, len(pairs))
    size, across, state = (known[k].value for k in MEASURED)
    with np.errstate(invalid="ignore"):
        gone = (state == 0) | (size <= EPSILON)
        present = ~gone & ((state == 1) | (size > EPSILON))
    size, across = np.where(gone, 0.0, size), np.where(gone, 0.0, across)
    lesion = pairs // (e.n + 1)
    start = np.zeros(len(pairs), "int64")
    changes = np.flatnonzero(np.diff(lesion)) + 1
    start[changes] = changes
    days = np.fmax(np.fmax(known["diameter"].day, known["perpendicular"].day), known["lesion_state"].day)
    return _Images(
        lesion=lesion,
        slot=pairs % (e.n + 1) - 1,
        start=np.maximum.accumulate(start) if len(start) else start,
        size=size,
        short=np.minimum(size, across),
        product=size * across,
        gone=gone,
        present=present,
        day=days,
        at={k: known[k].at for k in ("diameter", "lesion_state")},
    )


def _changes(i: _Images, criteria: ImwgCriteria, options: ImwgOptions) -> tuple[np.ndarray, np.ndarray]:
    """(a lesion grew over its smallest size, a lesion that was gone is back) per image."""
    rule = criteria.progression["diameter"]
    assert rule.percent is not None and rule.size is not None
    smallest = before(running_lowest(i.size, i.start), i.start)
    axis = smallest if options.lesion_axis == "nadir" else before(running_lowest(-i.short, i.start), i.start)
    nadir = value_at(i.size, smallest)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(nadir <= EPSILON, np.inf, (i.size - nadir) / nadir * 100)
        grown = rule.percent.holds(percent) & (i.size > nadir) & rule.size.holds(value_at(i.short, axis))
    earlier = before(last_known(i.gone | i.present, i.start), i.start)
    was_gone = np.where(earlier >= 0, value_at(i.gone.astype("float64"), earlier, 0.0), 0.0) > 0
    after = i.slot >= 0
    return grown & after, was_gone & i.present & after & options.reappearing_is_new


def _total(
    i: _Images, group: np.ndarray, counted: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Sum of products per group where all that are ``needed`` are known, and the records of the largest lesion."""
    count = len(needed)
    use = counted & ~np.isnan(i.product)
    total = np.bincount(group[use], weights=i.product[use], minlength=count) if count else np.zeros(0)
    known = np.bincount(group[use], minlength=count) if count else np.zeros(0)
    complete = (needed > 0) & (known == needed)
    order = verbs.order_rows([np.where(use, i.product, -1.0), -i.lesion]) if len(i.lesion) else np.zeros(0, "int64")
    largest = verbs.pick_per_group(np.where(use, group, -1), count, order, "last")
    at = {k: np.where(complete, value_at(v, largest, -1), -1).astype("int64") for k, v in i.at.items()}
    return np.where(complete, total, np.nan), at


def _first_of(slot: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    """Per evaluation the first image where ``where`` holds; -1 for none."""
    return verbs.pick_per_group(np.where(where, slot, -1), count, np.arange(len(slot)), "first")
