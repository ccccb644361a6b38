"""Plasmacytomas and other lesions: sum of products, growth of a lesion, new lesions, at each evaluation with an image.

Not for carrying an image to later evaluations (evaluated.py), for levels nor for lines of progression.
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
    """Per evaluation: whether there was an image, and its findings; per subject: plasmacytomas at baseline.

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
    results: Mapping[str, Results],
    evaluations: Evaluations,
    begin: np.ndarray,
    criteria: ImwgCriteria,
    options: ImwgOptions,
) -> Lesions:
    """The findings of the images at every evaluation."""
    keys = (*MEASURED, "plasmacytoma", "new_lesion")
    owners = [results[k].subject for k in keys]
    codes = verbs.key_codes(
        [pd.Series(np.concatenate(owners).astype("float64")), col.concat([results[k].lesion for k in keys])]
    )[0]
    lesion_of = dict(zip(keys, np.split(codes, np.cumsum([len(o) for o in owners])[:-1]), strict=True))
    count = int(codes.max(initial=-1)) + 1
    owner = np.full(count, -1, "int64")
    owner[codes[codes >= 0]] = np.concatenate(owners)[codes >= 0]
    soft = np.ones(count, bool)
    if results["plasmacytoma"].table is not None:
        soft[:] = False
        listed = lesion_of["plasmacytoma"]
        soft[listed[listed >= 0]] = True

    images = _images(results, lesion_of, evaluations, begin, count)
    grown, back = _changes(images, criteria, options)
    there = soft[images.lesion] & (images.slot < 0) & ~images.gone
    of_baseline = np.zeros(count, bool)
    of_baseline[images.lesion[there]] = True
    number = np.bincount(owner[images.lesion[there]], minlength=len(begin))
    base, base_at = _total(images, owner[images.lesion], there, number)
    base_day = np.full(len(begin), -np.inf)
    np.maximum.at(base_day, owner[images.lesion[there]], images.day[there])
    spd, spd_at = _total(
        images, images.slot, of_baseline[images.lesion] & (images.slot >= 0), number[evaluations.subject]
    )

    imaged, day = np.zeros(evaluations.n, bool), np.full(evaluations.n, -np.inf)
    for key in (*MEASURED, "new_lesion"):
        here = evaluations.of[key] >= 0
        imaged[evaluations.of[key][here]] = True
        np.maximum.at(day, evaluations.of[key][here], results[key].day[here])
    fresh = known_at(results["new_lesion"], evaluations.of["new_lesion"], evaluations.n)
    grown_one, back_one = _first_of(images.slot, grown, evaluations.n), _first_of(images.slot, back, evaluations.n)
    return Lesions(
        imaged=imaged,
        day=np.where(imaged, day, np.nan),
        spd=spd,
        spd_at=spd_at,
        grown=grown_one >= 0,
        grown_at=value_at(images.at["diameter"], grown_one, -1).astype("int64"),
        new=fresh.has | (back_one >= 0),
        new_at=fresh.at,
        back_at=value_at(images.at["lesion_state"], back_one, -1).astype("int64"),
        spd_base=base,
        spd_base_day=np.where(np.isnan(base), np.nan, base_day),
        spd_base_at=base_at,
        count=number,
    )


def _images(
    results: Mapping[str, Results],
    lesion_of: Mapping[str, np.ndarray],
    evaluations: Evaluations,
    begin: np.ndarray,
    count: int,
) -> _Images:
    latest = np.full(count, -np.inf)  # day of the last image of each lesion on or before the first dose
    old = {}
    for key in MEASURED:
        found = results[key]
        with np.errstate(invalid="ignore"):
            old[key] = (found.day <= begin[found.subject]) & (lesion_of[key] >= 0)
        np.maximum.at(latest, lesion_of[key][old[key]], found.day[old[key]])
    codes = {}
    for key in MEASURED:
        current = old[key].copy()
        current[old[key]] = results[key].day[old[key]] == latest[lesion_of[key][old[key]]]
        slot = np.where(evaluations.of[key] >= 0, evaluations.of[key], -1)
        used = (lesion_of[key] >= 0) & ((evaluations.of[key] >= 0) | current)
        codes[key] = np.where(used, lesion_of[key] * (evaluations.n + 1) + slot + 1, -1)
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
    lesion = pairs // (evaluations.n + 1)
    start = np.zeros(len(pairs), "int64")
    changes = np.flatnonzero(np.diff(lesion)) + 1
    start[changes] = changes
    days = np.fmax(np.fmax(known["diameter"].day, known["perpendicular"].day), known["lesion_state"].day)
    return _Images(
        lesion=lesion,
        slot=pairs % (evaluations.n + 1) - 1,
        start=np.maximum.accumulate(start) if len(start) else start,
        size=size,
        short=np.minimum(size, across),
        product=size * across,
        gone=gone,
        present=present,
        day=days,
        at={k: known[k].at for k in ("diameter", "lesion_state")},
    )


def _changes(images: _Images, criteria: ImwgCriteria, options: ImwgOptions) -> tuple[np.ndarray, np.ndarray]:
    """(a lesion grew over its smallest size, a lesion was gone and is back) per image."""
    rule = criteria.progression["diameter"]
    assert rule.percent is not None and rule.size is not None
    smallest = before(running_lowest(images.size, images.start), images.start)
    axis = (
        smallest
        if options.lesion_axis == "nadir"
        else before(running_lowest(-images.short, images.start), images.start)
    )
    nadir = value_at(images.size, smallest)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(nadir <= EPSILON, np.inf, (images.size - nadir) / nadir * 100)
        grown = rule.percent.holds(percent) & (images.size > nadir) & rule.size.holds(value_at(images.short, axis))
    earlier = before(last_known(images.gone | images.present, images.start), images.start)
    was_gone = np.where(earlier >= 0, value_at(images.gone.astype("float64"), earlier, 0.0), 0.0) > 0
    after = images.slot >= 0
    return grown & after, was_gone & images.present & after & options.reappearing_is_new


def _total(
    images: _Images, group: np.ndarray, counted: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Sum of products per group, and the records of the largest lesion.

    ``needed``: lesions of each group; the sum is missing where a product of one of them is missing.
    """
    count = len(needed)
    use = counted & ~np.isnan(images.product)
    total = np.bincount(group[use], weights=images.product[use], minlength=count) if count else np.zeros(0)
    known = np.bincount(group[use], minlength=count) if count else np.zeros(0)
    complete = (needed > 0) & (known == needed)
    order = (
        verbs.order_rows([np.where(use, images.product, -1.0), -images.lesion])
        if len(images.lesion)
        else np.zeros(0, "int64")
    )
    largest = verbs.pick_per_group(np.where(use, group, -1), count, order, "last")
    at = {k: np.where(complete, value_at(v, largest, -1), -1).astype("int64") for k, v in images.at.items()}
    return np.where(complete, total, np.nan), at


def _first_of(slot: np.ndarray, where: np.ndarray, count: int) -> np.ndarray:
    """Per evaluation the first image where ``where`` holds; -1 for none."""
    return verbs.pick_per_group(np.where(where, slot, -1), count, np.arange(len(slot)), "first")
