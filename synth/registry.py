"""What every form writer needs: the cohort, the course, the sites' habits, and the columns that each row begins with.

Not a form itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .cohort import Cohort, draw_cohort
from .countries import take
from .course import Course, draw_course
from .draws import Draws
from .tables import Table, write_dates


@dataclass
class Registry:
    """Everything that is known before a form is written. ``style``: 0 to 2, a site's way of writing codes."""

    cohort: Cohort
    course: Course
    style: np.ndarray  # per subject
    seed: int

    def table(self, name: str, rows: np.ndarray, columns: dict[str, np.ndarray], **layout: Any) -> Table:
        """A form of one row per element of ``rows`` (subject positions). Whole-number columns named *_DT are dates."""
        c = self.cohort
        formats = take("dates")[c.country[rows]]
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
    style = Draws(seed, "site habits").pick((45, 35, 20), len(cohort.site_id))
    return Registry(cohort, draw_course(cohort, seed), style[cohort.site], seed)
