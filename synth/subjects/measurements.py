"""The values that agree with the investigator's categories: M-protein, free light chains and marrow by assessment.

Not for the forms (synth/forms/laboratory.py, synth/forms/disease.py). By IMWG 2016 each value agrees with the category
of its day. Percentages fall from baseline. A biochemical progression is 25 % and the absolute amount above the lowest
measured value. Columns are those of Assessments and, last, BASELINE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assessments import BIOCHEMICAL, IMAGING, NOT_EVALUABLE, Assessments
from .cohort import Cohort
from .course import CR, LEVELS, MR, PD, PR, SCR, SD, VGPR, Course
from .disease import BOTH, CHAINS, IGG, MARROW, SERUM, URINE, Disease
from .draws import Draws

#: permille of the baseline that remains at each level: lowest and highest
#: a response that will fade remains close to the limit: the fall back to the level before is then no progression
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
    interference: np.ndarray  # isatuximab appears as a faint IgG kappa band
    depth: np.ndarray  # level without progression; SD at baseline
    day: np.ndarray


@dataclass(kw_only=True)
class _Categories:
    """The investigator's categories in the columns of Measurements: assessments, then baseline."""

    day: np.ndarray
    level: np.ndarray  # NOT_EVALUABLE where nothing was assessed; SD at baseline
    depth: np.ndarray  # level without progression
    fading: np.ndarray
    progressed: np.ndarray
    biochemical: np.ndarray  # progressed, by a value of the laboratory
    at_baseline: np.ndarray

    @property
    def complete(self) -> np.ndarray:
        """Whether the category is CR or sCR."""
        return (self.level == CR) | (self.level == SCR)


def draw_measurements(
    cohort: Cohort, course: Course, disease: Disease, assessments: Assessments, seed: int
) -> Measurements:
    """The values of every subject at every assessment, and which of them were measured."""
    draws = Draws(seed, "disease values", part=1)
    categories = _categories(assessments)
    kind = disease.kind[:, None]
    at_baseline, depth, progressed = categories.at_baseline, categories.depth, categories.progressed
    by_serum = (kind == SERUM) | (kind == BOTH)
    serum_sampled, urine_sampled, chains_sampled = _sampled(draws, course, disease, categories)

    remains, jitter = _remains(draws, disease, depth, categories.fading)
    serum, interference = _serum(draws, course, disease, categories, remains)
    above = draws.between(112, 210, depth.shape)  # percent of the rise that progression requires
    worsening = 100 + np.where(progressed, np.maximum(categories.day - course.progression[:, None], 0) // 2, 0)
    factor = above * worsening
    grows = categories.biochemical & by_serum
    serum = _progress(serum, disease.serum, serum_sampled & ~progressed, grows, 50, factor)

    urine = _urine(draws, disease, depth, categories.fading, jitter)
    urine = np.where(at_baseline, disease.urine[:, None], urine)
    grows = categories.biochemical & (kind == URINE)
    urine = _progress(urine, disease.urine, urine_sampled & ~progressed, grows, 200, factor)

    excess = _excess(disease, categories, remains)
    grows = categories.biochemical & (kind == CHAINS)
    excess = _progress(excess, disease.excess, chains_sampled & ~progressed, grows, 1010, factor)
    uninvolved = disease.other_chain[:, None] + draws.between(-6, 6, depth.shape)

    marrow, marrow_sampled = _marrow(draws, cohort, disease, assessments, categories, remains)
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
        day=categories.day,
    )


def _categories(assessments: Assessments) -> _Categories:
    baseline = np.zeros(len(assessments.day), dtype=np.int64)
    progressed = np.column_stack([assessments.progressed, baseline > 0])
    level = np.where(assessments.assessed, assessments.level, NOT_EVALUABLE)
    at_baseline = np.zeros(progressed.shape, dtype=bool)
    at_baseline[:, -1] = True
    return _Categories(
        day=np.column_stack([assessments.day, baseline]),
        level=np.column_stack([level, baseline + SD]),
        depth=np.column_stack([assessments.depth, baseline + SD]),
        fading=np.column_stack([assessments.fading, baseline > 0]),
        progressed=progressed,
        biochemical=progressed & (assessments.pd_kind == BIOCHEMICAL)[:, None],
        at_baseline=at_baseline,
    )


def _sampled(
    draws: Draws, course: Course, disease: Disease, categories: _Categories
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which samples of serum, urine and free light chains are taken: always where the category needs them."""
    kind, level, at_baseline = disease.kind[:, None], categories.level, categories.at_baseline
    shape = level.shape
    evaluable = (level != NOT_EVALUABLE) & ((categories.day <= course.end[:, None]) | at_baseline)
    by_urine = (kind == URINE) | (kind == BOTH)
    needed = categories.complete | categories.biochemical
    # a baseline has all samples or none: with half of them another measure would seem to decide
    evaluable[:, -1] = draws.chance(970, len(level))
    serum = evaluable & (draws.chance(920, shape) | needed | at_baseline)
    often = np.where(by_urine, 850, np.where(kind == MARROW, 150, 350))
    needed_of_urine = categories.complete | ((categories.biochemical | at_baseline) & by_urine)
    urine = evaluable & (draws.chance(often, shape) | needed_of_urine)
    chains = serum & (draws.chance(720, shape) | (kind == CHAINS) | (level == SCR))
    return serum, urine, chains


def _serum(
    draws: Draws, course: Course, disease: Disease, categories: _Categories, remains: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Serum M-protein without progression, in tenths of g/L; and where the band of isatuximab shows."""
    day, shape = categories.day, remains.shape
    serum = disease.serum[:, None] * remains // 1000
    serum = np.where(categories.at_baseline, disease.serum[:, None], serum)
    band = (disease.isotype == IGG) & disease.kappa & (disease.kind != CHAINS)
    on_drug = (day > 0) & (day <= course.stop[:, None] + ON_DRUG)
    deep = (categories.depth >= CR) & ~categories.progressed
    interference = band[:, None] & deep & on_drug & draws.chance(300, shape)
    return np.where(interference & draws.chance(500, shape), draws.between(5, 15, shape), serum), interference


def _excess(disease: Disease, categories: _Categories, remains: np.ndarray) -> np.ndarray:
    """Involved minus uninvolved free light chain without progression, in tenths of mg/L."""
    kind, depth = disease.kind[:, None], categories.depth
    excess = disease.excess[:, None] * remains // 1000
    # complete by M-protein with a ratio that is still abnormal; by light chains the ratio must be normal
    residual = np.where(disease.kappa, disease.other_chain * 13 // 10, disease.other_chain * 36 // 10)[:, None]
    normal = disease.other_chain[:, None] // 10
    excess = np.where(depth == CR, np.where(kind == CHAINS, normal, residual), excess)
    excess = np.where((depth == SCR) | (kind == MARROW), normal, excess)
    return np.where(categories.at_baseline & (kind != MARROW), disease.excess[:, None], excess)


def _remains(draws: Draws, disease: Disease, depth: np.ndarray, fading: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Permille of the baseline on each day, and its noise (none where the response fades)."""
    n = len(depth)
    fades = fading.any(axis=1)
    usual = np.zeros((n, len(LEVELS)), dtype=np.int64)
    for level, (low, high) in REMAINS.items():
        near_low, near_high = BEFORE_FADING[level]
        usual[:, level] = np.where(fades, draws.between(near_low, near_high, n), draws.between(low, high, n))
    after = np.zeros((MARROW + 1, len(LEVELS)), dtype=np.int64)
    for level, permille in AFTER_FADING.items():
        after[:, level] = permille
    # from PR straight to SD, where there is no MR
    after[CHAINS, SD] = after[MARROW, SD] = 530
    jitter = np.where(fades[:, None], 0, draws.between(-20, 20, depth.shape))
    stays = np.take_along_axis(usual, depth, axis=1)
    permille = np.where(fading, after[disease.kind[:, None], depth], stays)
    return permille * (1000 + jitter) // 1000, jitter


def _urine(draws: Draws, disease: Disease, depth: np.ndarray, fading: np.ndarray, jitter: np.ndarray) -> np.ndarray:
    """Urine M-protein in mg/24 h. PR: below 200; VGPR: below 100; MR: half to a tenth of the baseline, 200 or more."""
    n = len(depth)
    fades = fading.any(axis=1)
    base = disease.urine
    stable = base * draws.between(*URINE_SD, n) // 1000
    minor = np.maximum(base * np.where(fades, draws.between(430, 450, n), draws.between(*URINE_MR, n)) // 1000, 215)
    partial = np.where(fades, 185, draws.between(*URINE_PR, n))
    deep = np.where(fades, draws.between(60, 90, n), draws.between(*URINE_VGPR, n))
    nothing = np.zeros(n, dtype=np.int64)
    table = np.column_stack([stable, stable, minor, partial, deep, nothing, nothing])
    back = np.maximum(base // 10 + 12, 215)  # just too much for PR
    after = np.column_stack([nothing, base * 530 // 1000, back, nothing + 120, nothing, nothing, nothing])
    measured = np.take_along_axis(table, depth, axis=1)
    measured = np.where(fading, np.take_along_axis(after, depth, axis=1), measured) * (1000 + jitter) // 1000
    # not measurable at baseline: below 100 mg/24 h with any response, nothing when complete
    trace = np.where(depth >= CR, 0, np.where(depth >= PR, np.minimum(base, 60)[:, None], base[:, None]))
    return np.where(((disease.kind == URINE) | (disease.kind == BOTH))[:, None], measured, trace)


def _progress(
    values: np.ndarray, base: np.ndarray, known: np.ndarray, grows: np.ndarray, least: int, factor: np.ndarray
) -> np.ndarray:
    """Values with progression where ``grows``: the lowest known value, and ``factor`` / 10000 times the required rise.

    The required rise is 25 %, but not less than ``least``.
    """
    lowest = np.minimum(np.where(known, values, base[:, None]).min(axis=1), base)[:, None]
    more = np.maximum((lowest + 3) // 4, least)
    return np.where(grows, lowest + more * factor // 10000 + 1, values)


def _marrow(
    draws: Draws,
    cohort: Cohort,
    disease: Disease,
    assessments: Assessments,
    categories: _Categories,
    remains: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Percent of plasma cells, and where marrow was sampled: at baseline, at the first CR and sCR, seldom elsewhere.

    Where only marrow can be measured, it is sampled at changes of the level.
    """
    level, depth = categories.level, categories.depth
    progressed, at_baseline = categories.progressed, categories.at_baseline
    shape = depth.shape
    newly = np.zeros(shape, dtype=bool)
    for wanted in (CR, SCR):
        reached = level == wanted
        at = reached.argmax(axis=1)
        newly[np.arange(len(at)), at] |= reached.any(axis=1)
    only = (disease.kind == MARROW)[:, None]
    planned = depth[:, :-1]
    changed = np.zeros(shape, dtype=bool)
    changed[:, :-1] = planned != np.column_stack([np.full(len(planned), SD), planned[:, :-1]])
    known = (level != NOT_EVALUABLE) & ~progressed
    sampled = at_baseline & (draws.chance(700, shape) | only)
    sampled |= (newly & draws.chance(960, shape)) | (changed & only & known)
    sampled &= cohort.treated[:, None]

    percent = np.maximum(disease.marrow[:, None] * np.maximum(remains, 120) // 1000, 5)
    percent = np.where(categories.complete | (depth >= CR), draws.below(5, shape), percent)
    percent = np.where(at_baseline, disease.marrow[:, None], percent)
    lowest = np.minimum(np.where(sampled, percent, disease.marrow[:, None]).min(axis=1), disease.marrow)[:, None]
    grown = lowest + np.maximum((lowest + 3) // 4, 10) + draws.below(8, shape)
    at_progression = progressed & (level == PD) & (grown <= 95)
    by_imaging = (assessments.pd_kind == IMAGING)[:, None]
    permille = np.where(only & by_imaging, 600, np.where(only, 0, 120))
    sampled |= at_progression & draws.chance(permille, shape)
    return np.where(progressed, np.minimum(grown, 95), percent), sampled
