"""The forms of bone marrow and of imaging: plasma cells and residual disease; plasmacytomas and bone lesions.

Not for the percentages of plasma cells: synth/subjects/measurements.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from ..subjects.assessments import IMAGING, NOT_EVALUABLE
from ..subjects.cohort import ABSENT
from ..subjects.course import CR, LEVELS, MR, PD, PR, SCR, SD, VGPR, anchored
from ..subjects.disease import CHAINS
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell
from ..subjects.visits import BASELINE
from .response import visit_words
from .subject import yes_no

METHODS = ("CT", "MRI", "PET-CT", "WHOLE BODY LOW DOSE CT")
PLACES = (
    "Thoracic wall, left", "Sacrum", "Liver", "Left clavicle", "Paravertebral, L2", "Skull, frontal",
    "Right iliac crest", "Sternum", "T8 vertebra", "Right femur, proximal",
)  # fmt: skip
KINDS = ("PLASMACYTOMA", "BONE LESION")
STATES = ("PRESENT", "NEW", "GONE")
PRESENT, NEW, GONE = range(3)
#: percent of the baseline diameters that remains at each level: the SPD falls by 62 % at PR, by 94 % at VGPR
REMAINING = {SD: 95, MR: 62, PR: 62, VGPR: 25, CR: 0, SCR: 0}
MOST_PLASMACYTOMAS, MOST_BONE_LESIONS = 2, 3


def marrow(registry: Registry) -> Table:
    """One row per sample of marrow: at baseline, at the first complete response, seldom at progression."""
    measurements, disease = registry.measurements, registry.disease
    shape = measurements.marrow.shape
    draws = Draws(registry.seed, "marrow")
    only_one, lower, tested = draws.pick((55, 25, 20), shape), draws.between(0, 4, shape), draws.chance(560, shape)
    deep, by_flow, deeper = draws.below(1000, shape), draws.chance(350, shape), draws.chance(300, shape)
    stained = draws.chance(620, shape)
    rows, column = np.nonzero(measurements.marrow_sampled)
    day = np.where(column == BASELINE, registry.baseline[rows], measurements.day[rows, column])
    order = np.lexsort((day, rows))
    rows, column, day = rows[order], column[order], day[order]
    at = rows, column

    percent, depth = measurements.marrow[at], measurements.depth[at]
    progressed = measurements.day[at] >= registry.course.progression[rows]
    complete = (depth >= CR) & ~progressed & (column != BASELINE)
    # the higher of the two counts; the other is lower or was not done
    other = np.maximum(percent - lower[at], 0)
    aspirate = np.choose(only_one[at], [percent, other, np.full(len(rows), -1)])
    biopsy = np.choose(only_one[at], [np.full(len(rows), -1), percent, percent])
    mrd = complete & tested[at]
    negative = deep[at] < np.where(depth == SCR, 680, 360)
    # a stringent response needs the proof that no clonal cell remains; where light chains decide, only that proof
    # separates it from CR
    clonal = np.where(depth == SCR, 0, np.where(complete & (disease.kind[rows] != CHAINS) & stained[at], 0, 1))
    reported = complete | stained[at]
    return registry.table(
        "marrow.csv",
        rows,
        {
            "VISIT": visit_words(registry, rows, column),
            "BM_DT": anchored(registry.cohort, day, rows),
            "ASPIRATE_PCT": spell(aspirate, lambda v: str(v) if v >= 0 else ""),
            "BIOPSY_PCT": spell(biopsy, lambda v: str(v) if v >= 0 else ""),
            "MRD_YN": yes_no(mrd),
            "MRD_RESULT": np.where(mrd, choose(("POSITIVE", "NEGATIVE"), negative.astype(np.int64)), "").astype(object),
            "MRD_METHOD": np.where(mrd, choose(("NGS", "NGF"), by_flow[at].astype(np.int64)), "").astype(object),
            "MRD_SENS": np.where(mrd, choose(("10-5", "10-6"), deeper[at].astype(np.int64)), "").astype(object),
            "CLONAL_YN": np.where(reported, choose(("N", "Y"), clonal), "").astype(object),
        },
        when=anchored(registry.cohort, day, rows),
    )


@dataclass(kw_only=True)
class _Lesions:
    """What each subject has at baseline, and what a progression brings. Diameters in mm."""

    plasmacytomas: np.ndarray  # how many, per subject
    long: np.ndarray  # (subjects, plasmacytomas): longest diameter
    short: np.ndarray  # (subjects, plasmacytomas): perpendicular diameter
    bones: np.ndarray  # how many, per subject
    bone_long: np.ndarray  # (subjects, bone lesions)
    bone_short: np.ndarray
    place: np.ndarray  # (subjects, plasmacytomas, bone lesions and the new one): position in PLACES
    new_long: np.ndarray  # of the new plasmacytoma, per subject
    new_short: np.ndarray


@dataclass(kw_only=True)
class _LesionRows:
    """Rows of the form before they are sorted; -1: an empty cell."""

    rows: np.ndarray
    column: np.ndarray  # visit, as in Assessments, then BASELINE
    number: np.ndarray  # of the lesion among those of its kind, from 0
    kind: np.ndarray  # position in KINDS
    place: np.ndarray
    state: np.ndarray
    long: np.ndarray
    short: np.ndarray


def imaging(registry: Registry) -> Table:
    """One row per lesion and image, none for an image without lesions; NOT_DONE Y for a planned image not done.

    Plasmacytomas shrink with the response. A progression by imaging has a new plasmacytoma, or one that is larger by
    more than half. No other image has either.
    """
    assessments, cohort = registry.assessments, registry.cohort
    n = len(cohort)
    draws = Draws(registry.seed, "imaging")
    method = draws.pick((30, 22, 28, 20), n)
    at_baseline = (draws.chance(520, n) | (registry.disease.plasmacytomas > 0)) & cohort.treated
    skipped = draws.chance(60, n) & ~at_baseline & cohort.treated
    lesions = _draw_lesions(draws, registry)
    grows_instead = draws.chance(450, n)
    missing = np.flatnonzero(skipped)
    none = np.full(len(missing), -1)
    not_done = _LesionRows(
        rows=missing,
        column=np.full(len(missing), BASELINE),
        number=none,
        kind=none,
        place=none,
        state=none,
        long=none,
        short=none,
    )
    blocks = [*_images(registry, lesions, at_baseline, grows_instead), not_done]

    rows, column, number, kind, place, state, long, short = (
        np.concatenate([getattr(block, field.name) for block in blocks]) for field in fields(_LesionRows)
    )
    day = np.column_stack([assessments.day, registry.baseline])[rows, column]
    order = np.lexsort((number, kind, day, rows))
    rows, column, number, kind, place, state, long, short, day = (
        x[order] for x in (rows, column, number, kind, place, state, long, short, day)
    )
    done = kind >= 0
    when = anchored(cohort, day, rows)
    label = np.where(kind == 1, "B", "P").astype(object) + spell(number + 1, str)
    return registry.table(
        "imaging.csv",
        rows,
        {
            "VISIT": visit_words(registry, rows, column),
            "IMG_DT": np.where(done, when, ABSENT),
            "METHOD": np.where(done, choose(METHODS, method[rows]), "").astype(object),
            "LESION_ID": np.where(done, label, "").astype(object),
            "KIND": choose(KINDS, kind),
            "LOC": choose(PLACES, place),
            "STATE": choose(STATES, state),
            "LDIAM_MM": spell(long, lambda v: str(v) if v >= 0 else ""),
            "PDIAM_MM": spell(short, lambda v: str(v) if v >= 0 else ""),
            "NOT_DONE": choose(("Y", ""), done.astype(np.int64)),
        },
        when=when,
    )


def _draw_lesions(draws: Draws, registry: Registry) -> _Lesions:
    n = len(registry.cohort)
    long = draws.between(16, 72, (n, MOST_PLASMACYTOMAS))
    short = long * draws.between(60, 96, long.shape) // 100
    bone_long, by_side = draws.between(8, 34, (n, MOST_BONE_LESIONS)), draws.between(50, 95, (n, MOST_BONE_LESIONS))
    place = draws.below(len(PLACES), (n, MOST_PLASMACYTOMAS + MOST_BONE_LESIONS + 1))
    new_long = draws.between(14, 48, n)
    return _Lesions(
        plasmacytomas=registry.disease.plasmacytomas,
        long=long,
        short=short,
        bones=np.array([0, 2, 3, 0])[registry.disease.bone_lesions],
        bone_long=bone_long,
        bone_short=np.maximum(bone_long * by_side // 100, 1),
        place=(place[:, :1] + np.arange(place.shape[1])) % len(PLACES),
        new_long=new_long,
        new_short=new_long * draws.between(60, 96, n) // 100,
    )


def _images(
    registry: Registry, lesions: _Lesions, at_baseline: np.ndarray, grows_instead: np.ndarray
) -> Iterator[_LesionRows]:
    """Images: at baseline, at the first of each deeper level, at a progression by imaging."""
    assessments = registry.assessments
    n, columns = assessments.day.shape
    has_plasmacytoma = lesions.plasmacytomas > 0
    known = assessments.assessed & (assessments.level != NOT_EVALUABLE) & ~assessments.fading
    level = np.where(known & ~assessments.progressed, assessments.level, -1)
    taken = np.zeros((n, columns + 1), dtype=bool)
    for wanted in range(MR, len(LEVELS)):
        at = (level == wanted).argmax(axis=1)
        taken[np.arange(n), at] |= (level == wanted).any(axis=1) & has_plasmacytoma
    on_day = assessments.day == registry.course.progression[:, None]
    by_imaging = (assessments.pd_kind == IMAGING)[:, None]
    progression = (assessments.level == PD) & assessments.assessed & on_day & by_imaging
    # a planned visit and the unscheduled one can fall on the same day: one image
    progression &= np.cumsum(progression, axis=1) == 1
    taken[:, :-1] |= progression
    taken[:, BASELINE] = at_baseline

    deepest = np.maximum(np.where(level >= 0, level, SD).max(axis=1), SD)
    remaining = np.array([REMAINING.get(x, 100) for x in range(len(LEVELS))])
    grows = grows_instead & has_plasmacytoma & (remaining[deepest] > 0)
    for column in range(columns + 1):
        who = np.flatnonzero(taken[:, column])
        if column == BASELINE:
            percent, found = np.full(len(who), 100), np.zeros(len(who), dtype=bool)
        else:
            found = progression[who, column]
            percent = remaining[np.maximum(np.where(found, deepest[who], level[who, column]), SD)]
        yield from _plasmacytomas(lesions, who, column, percent, found & grows[who])
        yield _new_plasmacytomas(lesions, who[found & ~grows[who]], column)
        yield from _bone_lesions(lesions, who, column)


def _plasmacytomas(
    lesions: _Lesions, who: np.ndarray, column: int, percent: np.ndarray, grows: np.ndarray
) -> Iterator[_LesionRows]:
    """Plasmacytomas on an image: ``percent`` of the diameters at baseline; the first is larger where ``grows``."""
    for number in range(MOST_PLASMACYTOMAS):
        has = lesions.plasmacytomas[who] > number
        rows = who[has]
        larger = grows[has] & (number == 0)
        long = np.maximum(lesions.long[rows, number] * percent[has] // 100, 2)
        short = np.maximum(lesions.short[rows, number] * percent[has] // 100, 1)
        long, short = (np.where(larger, x * 17 // 10 + 12, x) for x in (long, short))
        gone = percent[has] == 0
        yield _LesionRows(
            rows=rows,
            column=np.full(len(rows), column),
            number=np.full(len(rows), number),
            kind=np.zeros(len(rows), dtype=np.int64),
            place=lesions.place[rows, number],
            state=np.where(gone, GONE, PRESENT),
            long=np.where(gone, -1, long),
            short=np.where(gone, -1, short),
        )


def _new_plasmacytomas(lesions: _Lesions, rows: np.ndarray, column: int) -> _LesionRows:
    return _LesionRows(
        rows=rows,
        column=np.full(len(rows), column),
        number=lesions.plasmacytomas[rows],
        kind=np.zeros(len(rows), dtype=np.int64),
        place=lesions.place[rows, -1],
        state=np.full(len(rows), NEW),
        long=lesions.new_long[rows],
        short=lesions.new_short[rows],
    )


def _bone_lesions(lesions: _Lesions, who: np.ndarray, column: int) -> Iterator[_LesionRows]:
    for number in range(MOST_BONE_LESIONS):
        rows = who[lesions.bones[who] > number]
        yield _LesionRows(
            rows=rows,
            column=np.full(len(rows), column),
            number=np.full(len(rows), number),
            kind=np.ones(len(rows), dtype=np.int64),
            place=lesions.place[rows, MOST_PLASMACYTOMAS + number],
            state=np.full(len(rows), PRESENT),
            long=lesions.bone_long[rows, number],
            short=lesions.bone_short[rows, number],
        )
