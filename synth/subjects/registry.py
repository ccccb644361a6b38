"""What every form needs: the cohort, the course, the habits of sites, and the identifiers at the start of each row.

Not for any single form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..terms.countries import take
from .assessments import Assessments, draw_assessments
from .cohort import ABSENT, Cohort, draw_cohort
from .continuity import Continuity, draw_continuity
from .course import Course, draw_course
from .disease import Disease, draw_disease
from .draws import Draws
from .measurements import Measurements, draw_measurements
from .prior_lines import PriorLines, draw_prior_lines
from .tables import Table, write_dates
from .visits import BASELINE, Visits, draw_visits


@dataclass(kw_only=True)
class Registry:
    """All facts about the subjects, before any form is written. ``style``: 0 to 2, how the site writes codes."""

    cohort: Cohort
    continuity: Continuity
    course: Course
    disease: Disease
    assessments: Assessments
    prior: PriorLines
    visits: Visits
    baseline: np.ndarray  # day of the baseline visit, from the first dose
    measurements: Measurements
    style: np.ndarray  # per subject
    seed: int

    def table(
        self,
        name: str,
        rows: np.ndarray,
        columns: dict[str, np.ndarray],
        *,
        when: np.ndarray | None = None,
        form: str = "",
        key: str = "",
        days: dict[str, np.ndarray] | None = None,
        **layout: Any,
    ) -> Table:
        """A form of one row per element of ``rows`` (subject positions). Whole-number columns named *_DT are dates.

        ``when``: the day of each row, else the first date column. From the day of a transfer, rows have the
        identifiers of the new site. ``form``: the date format of all rows, in the words of a spec; without it each
        site writes as its country does. ``key``: a single identifying column SITE-SUBJECT instead of the two.
        ``days``: the days of date columns whose text is already in ``columns``. ``layout``: as for Table.
        """
        cohort = self.cohort
        formats = np.full(len(rows), form, dtype=object) if form else take("dates")[cohort.country[rows]]
        days = days or {column: values for column, values in columns.items() if column.endswith("_DT")}
        dated = next(iter(days.values())) if days else np.full(len(rows), ABSENT)
        moved = (dated if when is None else when) >= self.continuity.moved[rows]
        site = cohort.site_id[np.where(moved, self.continuity.new_site[rows], cohort.site[rows])]
        subject = np.where(moved, self.continuity.new_id[rows], cohort.subject_id[rows]).astype(object)
        cells: dict[str, np.ndarray] = {key: site + "-" + subject} if key else {"SITE_ID": site, "SUBJ_ID": subject}
        written = set(columns) if key else set()
        for column, values in columns.items():
            cells[column] = write_dates(values, formats) if column in days and column not in written else values
        return Table(name, cells, days, **layout)

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
    cohort, continuity = draw_continuity(cohort, course, seed)
    prior = draw_prior_lines(cohort, seed)
    visits = draw_visits(cohort, course, assessments, seed)
    baseline = visits.day[visits.visit == BASELINE]
    measured = draw_measurements(cohort, course, disease, assessments, seed)
    return Registry(
        cohort=cohort,
        continuity=continuity,
        course=course,
        disease=disease,
        assessments=assessments,
        prior=prior,
        visits=visits,
        baseline=baseline,
        measurements=measured,
        style=style[cohort.site],
        seed=seed,
    )
