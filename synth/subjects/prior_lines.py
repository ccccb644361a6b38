"""Earlier lines of therapy, from diagnosis to the progression before isatuximab.

Not for the form (synth/forms/history.py). Lines follow each other without overlap.
A progression comes before the next line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..terms.regimens import CAR, FIRST, INDUCTION, LATER, POM, SECOND
from ..terms.regimens import REGIMENS as DRUGS
from .cohort import ABSENT, REGIMENS, Cohort
from .course import CR, MR, PD, PR, SCR, SD, VGPR
from .draws import Draws

MOST = 7
HOW_MANY = (150, 255, 240, 170, 100, 55, 30)  # 1 to 7 lines, median 3
STOPS = ("PROGRESSIVE DISEASE", "TOXICITY", "COMPLETED", "PATIENT CHOICE", "OTHER", "UNK")
PROGRESSED, TOXIC, COMPLETE, CHOICE, OTHER, UNKNOWN = range(6)
NAMES = tuple(DRUGS)
REFRACTORY_WITHIN = 60  # days between the last dose and progression
LENGTH = (((0, 100), (500, 260), (1000, 700)), ((0, 60), (500, 190), (1000, 620)))  # days: first line, later lines
REMISSION = ((0, 70), (500, 260), (1000, 900))  # days between the end of a line and progression


@dataclass(kw_only=True)
class PriorLines:
    """One element per line, ordered by subject and line. Dates are days since 1970-01-01, ABSENT where none."""

    rows: np.ndarray
    number: np.ndarray  # from 1
    regimen: np.ndarray  # position in NAMES
    start: np.ndarray
    stop: np.ndarray
    best: np.ndarray  # position in LEVELS
    reason: np.ndarray  # position in STOPS
    progression: np.ndarray
    transplant: np.ndarray  # date of autologous transplantation
    allogeneic: np.ndarray
    radiotherapy: np.ndarray  # date
    refractory: np.ndarray
    diagnosis: np.ndarray  # per subject: date


@dataclass(kw_only=True)
class _Planned:
    """Matrices of (subjects, lines): how each line would go, before its dates are known."""

    regimen: np.ndarray  # position in NAMES
    length: np.ndarray  # days
    reason: np.ndarray  # position in STOPS
    best: np.ndarray  # position in LEVELS
    after: np.ndarray  # days from the end of the line to progression, negative where progression ended the line
    silent: np.ndarray  # the next line began without progression
    gap: np.ndarray  # days from the end of the line to the next line


def draw_prior_lines(cohort: Cohort, seed: int) -> PriorLines:
    """The lines of every subject, laid out backwards from the first isatuximab dose (untreated: from enrolment)."""
    n = len(cohort)
    draws = Draws(seed, "prior lines")
    shape = (n, MOST)
    count = draws.pick(HOW_MANY, n)[:, None] + 1
    line = np.arange(MOST)
    first = np.zeros(shape, dtype=bool)
    first[:, 0] = True
    planned = _planned(draws, cohort, first)

    anchor = np.where(cohort.first_dose == ABSENT, cohort.enrolled, cohort.first_dose)
    span = np.where(line < count, planned.length + planned.gap, 0)
    start = anchor[:, None] - np.cumsum(span[:, ::-1], axis=1)[:, ::-1]
    stop = start + planned.length
    progression = np.where(planned.silent, ABSENT, stop + planned.after)

    age = 365 * cohort.age[:, None] - (cohort.enrolled[:, None] - start)  # days, when the line began
    young = age < 72 * 365
    induction = np.isin(np.array(NAMES)[planned.regimen], INDUCTION)
    eligible = induction & young & (line < 2) & (planned.length >= 185)
    transplanted = eligible & draws.chance(np.where(first, 900, 280), shape)
    transplant = np.where(transplanted, start + draws.between(110, 180, shape), ABSENT)
    best = np.where(transplanted & (planned.best < PR), VGPR, planned.best)
    best = np.where((best >= CR) & draws.chance(120, shape), SCR, best)
    radiated = draws.chance(70, shape)
    radiotherapy = np.where(radiated, start + draws.below(planned.length, shape), ABSENT)
    within = (progression != ABSENT) & (progression - stop <= REFRACTORY_WITHIN)
    refractory = within | (best < MR)
    diagnosis = start[:, 0] - draws.between(4, 55, n)

    received = line < count
    rows, number = np.nonzero(received)
    return PriorLines(
        rows=rows,
        number=number + 1,
        regimen=planned.regimen[received],
        start=start[received],
        stop=stop[received],
        best=best[received],
        reason=planned.reason[received],
        progression=progression[received],
        transplant=transplant[received],
        allogeneic=(draws.chance(12, shape) & young & ~first)[received],
        radiotherapy=radiotherapy[received],
        refractory=refractory[received],
        diagnosis=diagnosis,
    )


def _planned(draws: Draws, cohort: Cohort, first: np.ndarray) -> _Planned:
    """How each line would go. ``first`` marks the first line of each subject."""
    shape = first.shape
    regimen = _regimens(draws, cohort.regimen, len(cohort))
    length = np.where(first, draws.quantile(LENGTH[0], shape), draws.quantile(LENGTH[1], shape))
    reason = draws.pick((52, 11, 25, 5, 5, 2), shape)
    best = np.where(first, draws.pick((2, 6, 5, 30, 36, 16, 5), shape), draws.pick((9, 16, 8, 36, 23, 6, 2), shape))
    remission, soon = draws.quantile(REMISSION, shape), draws.between(5, 50, shape)
    early = draws.chance(250, shape)
    to_stop, to_next = draws.between(0, 12, shape), draws.between(6, 70, shape)
    after = np.select([reason == PROGRESSED, best <= SD, early], [-to_stop, soon, soon], remission)
    best = np.where((reason == COMPLETE) & (best <= SD), PR, best)
    best = np.where((best == PD) & (reason != PROGRESSED), SD, best)
    silent = draws.chance(60, shape) & (reason != PROGRESSED)
    gap = np.where(silent, to_next, np.maximum(after, 0) + to_next)
    return _Planned(regimen=regimen, length=length, reason=reason, best=best, after=after, silent=silent, gap=gap)


def _regimens(draws: Draws, planned: np.ndarray, n: int) -> np.ndarray:
    """Regimens of each line; none contains the partner drug that isatuximab will have."""
    partner = (POM, CAR, "")
    drawn = np.empty((len(REGIMENS), n, MOST), dtype=np.int64)
    for k, drug in enumerate(partner):
        for j in range(MOST):
            pool = {r: w for r, w in (FIRST, SECOND, LATER)[min(j, 2)].items() if drug not in DRUGS[r]}
            positions = np.array([NAMES.index(r) for r in pool])
            drawn[k, :, j] = positions[draws.pick(tuple(pool.values()), n)]
    out = np.take_along_axis(drawn, planned[None, :, None], axis=0)[0]
    # not the same regimen twice in a row
    for j in range(1, MOST):
        same = out[:, j] == out[:, j - 1]
        other = NAMES.index("DVd"), NAMES.index("Rd")
        out[:, j] = np.where(same, np.where(out[:, j] == other[0], other[1], other[0]), out[:, j])
    return out
