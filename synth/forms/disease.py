"""The forms of bone marrow and of imaging: plasma cells and residual disease; plasmacytomas and bone lesions.

Not the percentages of plasma cells: synth/subjects/measurements.py.
"""

from __future__ import annotations

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
#: percent of the diameters at baseline that is left at each level: SPD 62 % less at PR, 94 % less at VGPR
LEFT = {SD: 95, MR: 62, PR: 62, VGPR: 25, CR: 0, SCR: 0}
MOST_PLASMACYTOMAS, MOST_BONE_LESIONS = 2, 3


def marrow(r: Registry) -> Table:
    """One row per marrow: at baseline, when a complete response is first seen, seldom at progression."""
    m, s = r.measurements, r.disease
    shape = m.marrow.shape
    d = Draws(r.seed, "marrow")
    only_one, lower, tested = d.pick((55, 25, 20), shape), d.between(0, 4, shape), d.chance(560, shape)
    deep, by_flow, deeper = d.below(1000, shape), d.chance(350, shape), d.chance(300, shape)
    stained = d.chance(620, shape)
    rows, column = np.nonzero(m.marrow_sampled)
    day = np.where(column == BASELINE, r.baseline[rows], m.day[rows, column])
    order = np.lexsort((day, rows))
    rows, column, day = rows[order], column[order], day[order]
    at = rows, column

    percent, depth = m.marrow[at], m.depth[at]
    progressed = m.day[at] >= r.course.progression[rows]
    complete = (depth >= CR) & ~progressed & (column != BASELINE)
    # the higher of the two counts; the other is lower or was not done
    other = np.maximum(percent - lower[at], 0)
    aspirate = np.choose(only_one[at], [percent, other, np.full(len(rows), -1)])
    biopsy = np.choose(only_one[at], [np.full(len(rows), -1), percent, percent])
    mrd = complete & tested[at]
    negative = deep[at] < np.where(depth == SCR, 680, 360)
    # stringent needs the proof that no clonal cell is left; where light chains decide, CR differs from it by that
    clonal = np.where(depth == SCR, 0, np.where(complete & (s.kind[rows] != CHAINS) & stained[at], 0, 1))
    told = complete | stained[at]
    return r.table(
        "marrow.csv",
        rows,
        {
            "VISIT": visit_words(r, rows, column),
            "BM_DT": anchored(r.cohort, day, rows),
            "ASPIRATE_PCT": spell(aspirate, lambda v: str(v) if v >= 0 else ""),
            "BIOPSY_PCT": spell(biopsy, lambda v: str(v) if v >= 0 else ""),
            "MRD_YN": yes_no(mrd),
            "MRD_RESULT": np.where(mrd, choose(("POSITIVE", "NEGATIVE"), negative.astype(np.int64)), "").astype(object),
            "MRD_METHOD": np.where(mrd, choose(("NGS", "NGF"), by_flow[at].astype(np.int64)), "").astype(object),
            "MRD_SENS": np.where(mrd, choose(("10-5", "10-6"), deeper[at].astype(np.int64)), "").astype(object),
            "CLONAL_YN": np.where(told, choose(("N", "Y"), clonal), "").astype(object),
        },
        when=anchored(r.cohort, day, rows),
    )


def imaging(r: Registry) -> Table:
    """One row per lesion and image, none for an image without lesions; NOT_DONE Y for a planned image not done.

    Plasmacytomas shrink with the response. At a progression by imaging there is a new one or one is larger by more
    than half; no other image fulfils that.
    """
    a, k, s = r.assessments, r.course, r.disease
    n = len(r.cohort)
    d = Draws(r.seed, "imaging")
    columns = a.day.shape[1]
    method = d.pick((30, 22, 28, 20), n)
    at_baseline = (d.chance(520, n) | (s.plasmacytomas > 0)) & r.cohort.treated
    skipped = d.chance(60, n) & ~at_baseline & r.cohort.treated
    long = d.between(16, 72, (n, MOST_PLASMACYTOMAS))
    short = long * d.between(60, 96, long.shape) // 100
    bone = np.array([0, 2, 3, 0])[s.bone_lesions]
    bone_size, by_side = d.between(8, 34, (n, MOST_BONE_LESIONS)), d.between(50, 95, (n, MOST_BONE_LESIONS))
    place = d.below(len(PLACES), (n, MOST_PLASMACYTOMAS + MOST_BONE_LESIONS + 1))
    place = (place[:, :1] + np.arange(place.shape[1])) % len(PLACES)
    fresh = d.between(14, 48, n)
    fresh_short = fresh * d.between(60, 96, n) // 100
    grows_instead = d.chance(450, n)

    # images: baseline, at the first of each deeper level, at a progression by imaging
    known = a.assessed & (a.level != NOT_EVALUABLE) & ~a.fading
    level = np.where(known & ~a.progressed, a.level, -1)
    taken = np.zeros((n, columns + 1), dtype=bool)
    for wanted in range(MR, len(LEVELS)):
        at = (level == wanted).argmax(axis=1)
        taken[np.arange(n), at] |= (level == wanted).any(axis=1) & (s.plasmacytomas > 0)
    pd = (a.level == PD) & a.assessed & (a.day == k.progression[:, None]) & (a.pd_kind == IMAGING)[:, None]
    # a planned visit and the unscheduled one can fall on the same day: one image
    pd &= np.cumsum(pd, axis=1) == 1
    taken[:, :-1] |= pd
    taken[:, -1] = at_baseline

    deepest = np.maximum(np.where(level >= 0, level, SD).max(axis=1), SD)
    left = np.array([LEFT.get(x, 100) for x in range(len(LEVELS))])
    some_left = (s.plasmacytomas > 0) & (left[deepest] > 0)
    grows = grows_instead & some_left
    blocks = []
    for j in range(columns + 1):
        who = np.flatnonzero(taken[:, j])
        if j == columns:
            now, found = np.full(len(who), 100), np.zeros(len(who), dtype=bool)
        else:
            found = pd[who, j]
            now = left[np.maximum(np.where(found, deepest[who], level[who, j]), SD)]
        for p in range(MOST_PLASMACYTOMAS):
            on = s.plasmacytomas[who] > p
            rows = who[on]
            larger = found[on] & grows[rows] & (p == 0)
            ld = np.maximum(long[rows, p] * now[on] // 100, 2)
            sd = np.maximum(short[rows, p] * now[on] // 100, 1)
            ld, sd = (np.where(larger, x * 17 // 10 + 12, x) for x in (ld, sd))
            gone = now[on] == 0
            state = np.where(gone, GONE, PRESENT)
            blocks.append((rows, j, p, 0, place[rows, p], state, np.where(gone, -1, ld), np.where(gone, -1, sd)))
        rows = who[found & ~grows[who]]
        number = s.plasmacytomas[rows]
        last = place[rows, -1]
        blocks.append((rows, j, number, 0, last, np.full(len(rows), NEW), fresh[rows], fresh_short[rows]))
        for b in range(MOST_BONE_LESIONS):
            rows = who[bone[who] > b]
            size = bone_size[rows, b]
            where = place[rows, MOST_PLASMACYTOMAS + b]
            state = np.full(len(rows), PRESENT)
            blocks.append((rows, j, b, 1, where, state, size, np.maximum(size * by_side[rows, b] // 100, 1)))
    missing = np.flatnonzero(skipped)
    none = np.full(len(missing), -1)
    blocks.append((missing, columns, none, none, none, none, none, none))

    rows = np.concatenate([b[0] for b in blocks])
    column, number, kind, where, state, ld, sd = (
        np.concatenate([np.broadcast_to(np.asarray(b[x], dtype=np.int64), b[0].shape) for b in blocks])
        for x in range(1, 8)
    )
    day = np.where(column == BASELINE, r.baseline[rows], np.column_stack([a.day, r.baseline])[rows, column])
    order = np.lexsort((number, kind, day, rows))
    rows, column, number, kind, where, state, ld, sd, day = (
        x[order] for x in (rows, column, number, kind, where, state, ld, sd, day)
    )
    done = kind >= 0
    when = anchored(r.cohort, day, rows)
    label = np.where(kind == 1, "B", "P").astype(object) + spell(number + 1, str)
    return r.table(
        "imaging.csv",
        rows,
        {
            "VISIT": visit_words(r, rows, column),
            "IMG_DT": np.where(done, when, ABSENT),
            "METHOD": np.where(done, choose(METHODS, method[rows]), "").astype(object),
            "LESION_ID": np.where(done, label, "").astype(object),
            "KIND": choose(KINDS, kind),
            "LOC": choose(PLACES, where),
            "STATE": choose(STATES, state),
            "LDIAM_MM": spell(ld, lambda v: str(v) if v >= 0 else ""),
            "PDIAM_MM": spell(sd, lambda v: str(v) if v >= 0 else ""),
            "NOT_DONE": choose(("Y", ""), done.astype(np.int64)),
        },
        when=when,
    )
