"""Earlier lines of therapy, from diagnosis to the progression before isatuximab.

Not the form (synth/forms/history.py). Lines follow each other without overlap; a progression lies before the next line.
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


def draw_prior_lines(cohort: Cohort, seed: int) -> PriorLines:
    """The lines of every subject, laid out backwards from the first isatuximab dose (untreated: from enrolment)."""
    n = len(cohort)
    d = Draws(seed, "prior lines")
    shape = (n, MOST)
    count = d.pick(HOW_MANY, n)[:, None] + 1
    line = np.arange(MOST)
    first = np.zeros(shape, dtype=bool)
    first[:, 0] = True

    regimen = _regimens(d, cohort.regimen, n)
    length = np.where(first, d.quantile(LENGTH[0], shape), d.quantile(LENGTH[1], shape))
    reason = d.pick((52, 11, 25, 5, 5, 2), shape)
    best = np.where(first, d.pick((2, 6, 5, 30, 36, 16, 5), shape), d.pick((9, 16, 8, 36, 23, 6, 2), shape))
    remission, soon = d.quantile(REMISSION, shape), d.between(5, 50, shape)
    early = d.chance(250, shape)
    to_stop, to_next = d.between(0, 12, shape), d.between(6, 70, shape)
    # days from the end of a line to progression: before it where progression ended the line
    after = np.select([reason == PROGRESSED, best <= SD, early], [-to_stop, soon, soon], remission)
    best = np.where((reason == COMPLETE) & (best <= SD), PR, best)
    best = np.where((best == PD) & (reason != PROGRESSED), SD, best)
    silent = d.chance(60, shape) & (reason != PROGRESSED)  # the next line began without progression
    gap = np.where(silent, to_next, np.maximum(after, 0) + to_next)

    anchor = np.where(cohort.first_dose == ABSENT, cohort.enrolled, cohort.first_dose)
    span = np.where(line < count, length + gap, 0)
    start = anchor[:, None] - np.cumsum(span[:, ::-1], axis=1)[:, ::-1]
    stop = start + length
    progression = np.where(silent, ABSENT, stop + after)

    induction = np.isin(np.array(NAMES)[regimen], INDUCTION)
    age = 365 * cohort.age[:, None] - (cohort.enrolled[:, None] - start)  # days, when the line began
    young = age < 72 * 365
    eligible = induction & young & (line < 2) & (length >= 185)
    transplanted = eligible & d.chance(np.where(first, 900, 280), shape)
    transplant = np.where(transplanted, start + d.between(110, 180, shape), ABSENT)
    best = np.where(transplanted & (best < PR), VGPR, best)
    best = np.where((best >= CR) & d.chance(120, shape), SCR, best)
    radiated = d.chance(70, shape)
    radiotherapy = np.where(radiated, start + d.below(length, shape), ABSENT)
    within = (progression != ABSENT) & (progression - stop <= REFRACTORY_WITHIN)
    refractory = within | (best < MR)
    diagnosis = start[:, 0] - d.between(4, 55, n)

    kept = line < count
    rows, number = np.nonzero(kept)
    return PriorLines(
        rows=rows,
        number=number + 1,
        regimen=regimen[kept],
        start=start[kept],
        stop=stop[kept],
        best=best[kept],
        reason=reason[kept],
        progression=progression[kept],
        transplant=transplant[kept],
        allogeneic=(d.chance(12, shape) & young & ~first)[kept],
        radiotherapy=radiotherapy[kept],
        refractory=refractory[kept],
        diagnosis=diagnosis,
    )


def _regimens(d: Draws, planned: np.ndarray, n: int) -> np.ndarray:
    """Regimens of each line; none with the drug that isatuximab is about to be combined with."""
    partner = (POM, CAR, "")
    drawn = np.empty((len(REGIMENS), n, MOST), dtype=np.int64)
    for k, drug in enumerate(partner):
        for j in range(MOST):
            pool = {r: w for r, w in (FIRST, SECOND, LATER)[min(j, 2)].items() if drug not in DRUGS[r]}
            positions = np.array([NAMES.index(r) for r in pool])
            drawn[k, :, j] = positions[d.pick(tuple(pool.values()), n)]
    out = np.take_along_axis(drawn, planned[None, :, None], axis=0)[0]
    # not the same regimen twice in a row
    for j in range(1, MOST):
        same = out[:, j] == out[:, j - 1]
        other = NAMES.index("DVd"), NAMES.index("Rd")
        out[:, j] = np.where(same, np.where(out[:, j] == other[0], other[1], other[0]), out[:, j])
    return out
