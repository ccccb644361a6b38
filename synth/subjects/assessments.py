"""When response is assessed, and the investigator's category: matrices of planned visits and one unscheduled visit.

Not for how a site writes it (synth/forms/response.py). The category is the investigator's: measurements.py draws values
that agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cohort import Cohort
from .course import LEVELS, MR, NEVER, PD, PR, SD, VGPR, Course
from .disease import CHAINS, MARROW, Disease
from .draws import Draws

NOT_EVALUABLE = len(LEVELS)
BIOCHEMICAL, IMAGING, CLINICAL = range(3)


@dataclass(kw_only=True)
class Assessments:
    """Matrices of (subjects, planned visits and one unscheduled); days from the first dose."""

    day: np.ndarray  # NEVER where there is no unscheduled visit
    within: np.ndarray  # whether the subject is alive and in the study
    missed: np.ndarray  # planned, not done
    assessed: np.ndarray
    noted: np.ndarray  # missed, and reported by the site as not done
    level: np.ndarray  # category, PD included; NOT_EVALUABLE
    depth: np.ndarray  # level without regard to progression and evaluability
    fading: np.ndarray  # the level is lower than before
    progressed: np.ndarray
    pd_kind: np.ndarray  # per subject: BIOCHEMICAL, IMAGING, CLINICAL
    method: np.ndarray


def draw_assessments(cohort: Cohort, course: Course, disease: Disease, seed: int) -> Assessments:
    """The assessments of every subject. IMWG 2016: no MR for light chains and marrow, no VGPR for marrow."""
    n = len(cohort)
    draws = Draws(seed, "assessments", part=1)
    day = np.column_stack([course.visit, np.where(course.unscheduled, course.progression, NEVER)])
    shape = day.shape
    repeated, noted = draws.chance(350, shape), draws.chance(500, shape)
    unevaluable = draws.chance(30, shape)
    method = draws.pick((62, 18, 8, 8, 4), shape)
    kind = draws.pick((68, 20, 12), n)
    # without M-protein and light chains no progression is biochemical
    kind = np.where((disease.kind == MARROW) & (kind == BIOCHEMICAL), IMAGING, kind)

    progression = course.progression[:, None]
    last = np.minimum(np.minimum(course.death - 1, course.end), NEVER - 1)[:, None]
    within = (day <= last) & cohort.treated[:, None]
    after = (day > progression) & (day < np.minimum(course.next_therapy, course.progression + 120)[:, None]) & repeated
    missed = np.column_stack([course.missed, np.zeros(n, dtype=bool)]) & (day <= progression) & within
    assessed = within & ~missed & ((day <= progression) | after)

    reached, faded = level_on(course, disease, day)
    progressed = day >= progression
    level = np.where(unevaluable, NOT_EVALUABLE, faded)
    return Assessments(
        day=day,
        within=within,
        missed=missed,
        assessed=assessed,
        noted=noted & missed,
        level=np.where(progressed, PD, level),
        depth=faded,
        fading=faded < reached,
        progressed=progressed,
        pd_kind=kind,
        method=method,
    )


def level_on(course: Course, disease: Disease, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level without regard to progression on each of ``day`` (subjects, days): deepest so far, and after fading."""
    reached = (course.reach[:, None, 1:] <= day[:, :, None]).sum(axis=2)
    reached = np.maximum(reached, SD)
    faded = np.maximum(reached - (day >= course.fading[:, None]), SD)
    table = np.tile(np.arange(len(LEVELS)), (MARROW + 1, 1))
    table[CHAINS, MR] = table[MARROW, MR] = SD
    table[MARROW, VGPR] = PR
    kind = disease.kind[:, None]
    return table[kind, reached], table[kind, faded]
