"""What every form writer needs: the cohort, the course, the sites' habits, and the columns that each row begins with.

Not a form itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .assessments import Assessments, draw_assessments
from .cohort import Cohort, draw_cohort
from .countries import take
from .course import Course, draw_course
from .disease import Disease, draw_disease
from .draws import Draws
from .prior_lines import PriorLines, draw_prior_lines
from .tables import Table, write_dates
from .visits import Visits, draw_visits


@dataclass
class Registry:
    """Everything that is known before a form is written. ``style``: 0 to 2, a site's way of writing codes."""

    cohort: Cohort
    course: Course
    disease: Disease
    assessments: Assessments
    prior: PriorLines
    visits: Visits
    style: np.ndarray  # per subject
    seed: int

    def table(
        self, name: str, rows: np.ndarray, columns: dict[str, np.ndarray], form: str = "", **layout: Any
    ) -> Table:
        """A form of one row per element of ``rows`` (subject positions). Whole-number columns named *_DT are dates.

        ``form``: the date format of all rows, in the words of a spec; without it each site writes as its country does.
        """
        c = self.cohort
        formats = np.full(len(rows), form, dtype=object) if form else take("dates")[c.country[rows]]
        out: dict[str, np.ndarray] = {"SITE_ID": c.site_id[c.site[rows]], "SUBJ_ID": c.subject_id[rows]}
        days = {name: values for name, values in columns.items() if name.endswith("_DT")}
        for column, values in columns.items():
            out[column] = write_dates(values, formats) if column in days else values
        return Table(name, out, days, **layout)

    def comma(self, rows: np.ndarray) -> np.ndarray:
        """Whether the row's country writes a decimal comma."""
        return take("comma").astype(bool)[self.cohort.country[rows]]


def draw_registry(subjects: int, seed: int) -> Registry:
    """The registry of ``subjects`` subjects."""
    cohort = draw_cohort(subjects, seed)
    course = draw_course(cohort, seed)
    disease = draw_disease(cohort, seed)
    style = Draws(seed, "site habits").pick((45, 35, 20), len(cohort.site_id))
    assessments = draw_assessments(cohort, course, disease, seed)
    prior = draw_prior_lines(cohort, seed)
    visits = draw_visits(cohort, course, assessments, seed)
    return Registry(cohort, course, disease, assessments, prior, visits, style[cohort.site], seed)
