"""The values behind the investigator's categories: M-protein, free light chains and marrow at every assessment.

Not the forms (synth/forms/laboratory.py, synth/forms/disease.py). By IMWG 2016 each value agrees with the category of
its day: percentages fall from baseline, and a biochemical progression is 25 % and the absolute amount above the lowest
value that was measured. Columns are those of Assessments and, last, BASELINE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assessments import BIOCHEMICAL, IMAGING, NOT_EVALUABLE, Assessments
from .cohort import Cohort
from .course import CR, LEVELS, MR, PD, PR, SCR, SD, VGPR, Course
from .disease import BOTH, CHAINS, IGG, MARROW, SERUM, URINE, Disease
from .draws import Draws

#: permille of the baseline at each level, shortest and longest; of those whose response will fade: close to the limit,
#: so that the fall back to the level before is no progression by itself
REMAINS = {SD: (800, 1000), MR: (530, 720), PR: (130, 470), VGPR: (20, 90)}
BEFORE_FADING = {SD: (800, 1000), MR: (700, 720), PR: (450, 470), VGPR: (85, 90)}
AFTER_FADING = {SD: 800, MR: 530, PR: 120}
#: the same for 24 h urine, whose levels have other limits (mg/24 h where below 190 or so)
URINE_SD, URINE_MR, URINE_PR, URINE_VGPR = (620, 1000), (280, 450), (110, 185), (15, 90)
ON_DRUG = 60  # days after the last dose in which isatuximab may still show in immunofixation


@dataclass(kw_only=True)
class Measurements:
    """Matrices of (subjects, columns of Assessments and BASELINE)."""

    serum: np.ndarray  # tenths of g/L
    urine: np.ndarray  # mg/24 h
    involved: np.ndarray  # tenths of mg/L
    uninvolved: np.ndarray
    marrow: np.ndarray  # percent
    serum_sampled: np.ndarray
    urine_sampled: np.ndarray
    chains_sampled: np.ndarray
    marrow_sampled: np.ndarray
    interference: np.ndarray  # isatuximab shows as a faint IgG kappa band
    depth: np.ndarray  # level without progression; SD at baseline
    day: np.ndarray


def draw_measurements(cohort: Cohort, k: Course, s: Disease, a: Assessments, seed: int) -> Measurements:
    """The values of every subject at every assessment, and which of them were measured."""
    n = len(cohort)
    d = Draws(seed, "disease values", part=1)
    with_baseline = (n, a.day.shape[1] + 1)
    baseline = np.zeros(n, dtype=np.int64)
    depth, fading = np.column_stack([a.depth, baseline + SD]), np.column_stack([a.fading, baseline > 0])
    progressed = np.column_stack([a.progressed, baseline > 0])
    level = np.column_stack([np.where(a.assessed, a.level, NOT_EVALUABLE), baseline + SD])
    day = np.column_stack([a.day, baseline])
    first = np.zeros(with_baseline, dtype=bool)
    first[:, -1] = True
    kind = s.kind[:, None]
    biochemical = progressed & (a.pd_kind == BIOCHEMICAL)[:, None]

    # which samples are taken: always where the category needs them
    evaluable = (level != NOT_EVALUABLE) & ((day <= k.end[:, None]) | first)
    complete = (level >= CR) & (level < len(LEVELS))
    by_serum, by_urine = (kind == SERUM) | (kind == BOTH), (kind == URINE) | (kind == BOTH)
    needed = complete | biochemical
    # a baseline is taken as a whole or not at all: with half of it another measure would seem to decide
    evaluable[:, -1] = d.chance(970, n)
    serum_sampled = evaluable & (d.chance(920, with_baseline) | needed | first)
    often = np.where(by_urine, 850, np.where(kind == MARROW, 150, 350))
    urine_sampled = evaluable & (d.chance(often, with_baseline) | complete | ((biochemical | first) & by_urine))
    chains_sampled = serum_sampled & (d.chance(720, with_baseline) | (kind == CHAINS) | (level == SCR))

    remains, jitter = _remains(d, s, depth, fading)
    serum = s.serum[:, None] * remains // 1000
    serum = np.where(first, s.serum[:, None], serum)
    band = (s.isotype == IGG) & s.kappa & (s.kind != CHAINS)
    on_drug = (day > 0) & (day <= k.stop[:, None] + ON_DRUG)
    interference = band[:, None] & (depth >= CR) & ~progressed & on_drug & d.chance(300, with_baseline)
    serum = np.where(interference & d.chance(500, with_baseline), d.between(5, 15, with_baseline), serum)
    above = d.between(112, 210, with_baseline)  # percent of what progression takes
    worsening = 100 + np.where(progressed, np.maximum(day - k.progression[:, None], 0) // 2, 0)
    factor = above * worsening
    serum = _progress(serum, s.serum, serum_sampled & ~progressed, biochemical & by_serum, 50, factor)

    urine = _urine(d, s, depth, fading, jitter)
    urine = np.where(first, s.urine[:, None], urine)
    urine = _progress(urine, s.urine, urine_sampled & ~progressed, biochemical & (kind == URINE), 200, factor)

    excess = s.excess[:, None] * remains // 1000
    # complete by M-protein with a ratio that is still abnormal; by light chains the ratio must be normal
    residual = np.where(s.kappa, s.other_chain * 13 // 10, s.other_chain * 36 // 10)[:, None]
    normal = s.other_chain[:, None] // 10
    excess = np.where(depth == CR, np.where(kind == CHAINS, normal, residual), excess)
    excess = np.where((depth == SCR) | (kind == MARROW), normal, excess)
    excess = np.where(first & (kind != MARROW), s.excess[:, None], excess)
    excess = _progress(excess, s.excess, chains_sampled & ~progressed, biochemical & (kind == CHAINS), 1010, factor)
    uninvolved = s.other_chain[:, None] + d.between(-6, 6, with_baseline)

    marrow, marrow_sampled = _marrow(d, cohort, s, a, level, depth, remains, progressed, first)
    return Measurements(
        serum=serum,
        urine=urine,
        involved=uninvolved + excess,
        uninvolved=uninvolved,
        marrow=marrow,
        serum_sampled=serum_sampled,
        urine_sampled=urine_sampled,
        chains_sampled=chains_sampled,
        marrow_sampled=marrow_sampled,
        interference=interference,
        depth=depth,
        day=day,
    )


def _remains(d: Draws, s: Disease, depth: np.ndarray, fading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Permille of the baseline on each day, and the noise in it (none in those whose response fades)."""
    n = len(depth)
    fades = fading.any(axis=1)
    usual = np.zeros((n, len(LEVELS)), dtype=np.int64)
    for level, (low, high) in REMAINS.items():
        near_low, near_high = BEFORE_FADING[level]
        usual[:, level] = np.where(fades, d.between(near_low, near_high, n), d.between(low, high, n))
    after = np.zeros((MARROW + 1, len(LEVELS)), dtype=np.int64)
    for level, permille in AFTER_FADING.items():
        after[:, level] = permille
    # from PR straight to SD, where there is no MR
    after[CHAINS, SD] = after[MARROW, SD] = 530
    jitter = np.where(fades[:, None], 0, d.between(-20, 20, depth.shape))
    stays = np.take_along_axis(usual, depth, axis=1)
    permille = np.where(fading, after[s.kind[:, None], depth], stays)
    return permille * (1000 + jitter) // 1000, jitter


def _urine(d: Draws, s: Disease, depth: np.ndarray, fading: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    """Urine M-protein in mg/24 h. PR: below 200; VGPR: below 100; MR: half to a tenth of the baseline, 200 or more."""
    n = len(depth)
    fades = fading.any(axis=1)
    base = s.urine
    stable = base * d.between(*URINE_SD, n) // 1000
    minor = np.maximum(base * np.where(fades, d.between(430, 450, n), d.between(*URINE_MR, n)) // 1000, 215)
    partial = np.where(fades, 185, d.between(*URINE_PR, n))
    deep = np.where(fades, d.between(60, 90, n), d.between(*URINE_VGPR, n))
    nothing = np.zeros(n, dtype=np.int64)
    table = np.column_stack([stable, stable, minor, partial, deep, nothing, nothing])
    back = np.maximum(base // 10 + 12, 215)  # just too much for PR
    after = np.column_stack([nothing, base * 530 // 1000, back, nothing + 120, nothing, nothing, nothing])
    measured = np.take_along_axis(table, depth, axis=1)
    measured = np.where(fading, np.take_along_axis(after, depth, axis=1), measured) * (1000 + jitter) // 1000
    # not measurable at baseline: below 100 mg/24 h with any response, nothing when complete
    trace = np.where(depth >= CR, 0, np.where(depth >= PR, np.minimum(base, 60)[:, None], base[:, None]))
    return np.where(((s.kind == URINE) | (s.kind == BOTH))[:, None], measured, trace)


def _progress(
    values: np.ndarray, base: np.ndarray, known: np.ndarray, grows: np.ndarray, least: int, factor: np.ndarray
) -> np.ndarray:
    """Where ``grows``: the lowest known value and what progression takes (25 %, ``least``) times ``factor`` / 10000."""
    lowest = np.minimum(np.where(known, values, base[:, None]).min(axis=1), base)[:, None]
    more = np.maximum((lowest + 3) // 4, least)
    return np.where(grows, lowest + more * factor // 10000 + 1, values)


def _marrow(
    d: Draws,
    cohort: Cohort,
    s: Disease,
    a: Assessments,
    level: np.ndarray,
    depth: np.ndarray,
    remains: np.ndarray,
    progressed: np.ndarray,
    first: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Percent of plasma cells, and where marrow was taken: at baseline, at the first CR and sCR, seldom else.

    Where only marrow can be measured it is taken at changes of the level.
    """
    shape = depth.shape
    complete = (level == CR) | (level == SCR)
    newly = np.zeros(shape, dtype=bool)
    for wanted in (CR, SCR):
        is_it = level == wanted
        at = is_it.argmax(axis=1)
        newly[np.arange(len(at)), at] |= is_it.any(axis=1)
    only = (s.kind == MARROW)[:, None]
    planned = depth[:, :-1]
    changed = np.zeros(shape, dtype=bool)
    changed[:, :-1] = planned != np.column_stack([np.full(len(planned), SD), planned[:, :-1]])
    known = (level != NOT_EVALUABLE) & ~progressed
    sampled = (first & (d.chance(700, shape) | only)) | (newly & d.chance(960, shape)) | (changed & only & known)
    sampled &= cohort.treated[:, None]

    percent = np.maximum(s.marrow[:, None] * np.maximum(remains, 120) // 1000, 5)
    percent = np.where(complete | (depth >= CR), d.below(5, shape), percent)
    percent = np.where(first, s.marrow[:, None], percent)
    lowest = np.minimum(np.where(sampled, percent, s.marrow[:, None]).min(axis=1), s.marrow)[:, None]
    grown = lowest + np.maximum((lowest + 3) // 4, 10) + d.below(8, shape)
    at_progression = progressed & (level == PD) & (grown <= 95)
    wanted = np.where(only & (a.pd_kind == IMAGING)[:, None], 600, np.where(only, 0, 120))
    sampled |= at_progression & d.chance(wanted, shape)
    return np.where(progressed, np.minimum(grown, 95), percent), sampled
