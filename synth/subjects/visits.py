"""Which visits take place, when and how; and how ill a subject is on a day.

Not for the forms of a visit. Visits are numbered as the columns of Assessments, then BASELINE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assessments import Assessments
from .cohort import ABSENT, Cohort
from .course import NEVER, SD, VISITS, Course
from .disease import Disease
from .draws import Draws

UNSCHEDULED, BASELINE = len(VISITS), len(VISITS) + 1


@dataclass
class Visits:
    """One element per visit, ordered by subject and day (days from the first dose; untreated: from enrolment)."""

    rows: np.ndarray
    visit: np.ndarray
    day: np.ndarray  # of a visit that is not done: the planned day
    done: np.ndarray
    on_site: np.ndarray


def draw_visits(cohort: Cohort, course: Course, assessments: Assessments, seed: int) -> Visits:
    """Baseline before the first dose (prospective: not before consent), then planned and unscheduled visits."""
    n = len(cohort)
    draws = Draws(seed, "visits")
    back = draws.between(0, 13, n)
    room = np.where(cohort.treated & ~cohort.retrospective, cohort.first_dose - cohort.consent, NEVER)
    baseline = np.where(cohort.treated, -np.minimum(back, room), 0)
    day = np.column_stack([assessments.day, baseline])
    lapsed, called = (
        draws.chance(90, assessments.day.shape),
        draws.chance(np.where(assessments.day > course.stop[:, None], 420, 40), assessments.day.shape),
    )

    within = np.column_stack([assessments.within, np.ones(n, dtype=bool)])
    missed = assessments.missed | (assessments.within & ~assessments.assessed & lapsed)
    missed[:, UNSCHEDULED] = False
    on_site = np.column_stack([assessments.assessed | ~called, np.ones(n, dtype=bool)])
    rows, visit = np.nonzero(within)
    order = np.lexsort((day[rows, visit], rows))
    rows, visit = rows[order], visit[order]
    done = np.column_stack([~missed, np.ones(n, dtype=bool)])
    return Visits(rows, visit, day[rows, visit], done[rows, visit], on_site[rows, visit])


def illness(
    cohort: Cohort, course: Course, disease: Disease, seed: int, rows: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """0 (well) to 100 on ``day`` from the first dose: worse with age and at progression, worst in the last 90 days."""
    n = len(cohort)
    draws = Draws(seed, "visits", part=1)
    usual = 12 + draws.between(0, 34, n) + np.clip(cohort.age - 60, 0, 30) // 3 + np.where(disease.high_risk, 4, 0)
    relief = np.minimum(np.maximum((course.reach[rows] <= day[:, None]).sum(axis=1) - SD - 1, 0), 4) * 3
    progressed = np.where(day >= course.progression[rows] - 30, 14, 0)
    to_death = np.where(course.death[rows] < NEVER, course.death[rows] - day, NEVER)
    dying = np.where(to_death < 90, 38 * (90 - to_death) // 90, 0)
    treated = cohort.first_dose[rows] != ABSENT
    return np.clip(usual[rows] + np.where(treated, progressed + dying - relief, 0), 3, 97)
