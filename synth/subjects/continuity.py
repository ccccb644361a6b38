"""Subjects with two enrolments: moved to another site of the country, or screened again at the same site.

Not for who is enrolled (cohort.py), nor for the form (synth/forms/subject.py). After a transfer all forms have the new
identifiers. A re-screened subject has only the first enrolment under the old ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..terms.countries import COUNTRIES
from .cohort import ABSENT, FIRST_ENROLMENT, Cohort
from .course import NEVER, Course
from .draws import Draws

TRANSFERRED, RESCREENED = 16, 16  # permille of the possible subjects; each about 1 % of all
NOT_MOVED = 10**9


@dataclass
class Continuity:
    """One element per subject. Days since 1970-01-01."""

    moved: np.ndarray  # first day with the new identifiers, or NOT_MOVED
    new_site: np.ndarray
    new_id: np.ndarray  # text, '' where not moved
    first_id: np.ndarray  # text: the subject number of a first screening without enrolment, else ''
    first_enrolled: np.ndarray  # day of the first screening, or ABSENT


def draw_continuity(cohort: Cohort, course: Course, seed: int) -> tuple[Cohort, Continuity]:
    """The cohort, with the second number of re-screened subjects; and the subjects with two enrolments."""
    n = len(cohort)
    draws = Draws(seed, "continuity")
    moves, again = draws.chance(TRANSFERRED, n), draws.chance(RESCREENED, n)
    after, other, before = draws.between(60, 420, n), draws.below(2**31 - 1, n), draws.between(21, 90, n)

    sites = np.bincount(cohort.site_country, minlength=len(COUNTRIES))
    first_site = np.searchsorted(cohort.site_country, np.arange(len(COUNTRIES)))[cohort.country]
    choices = sites[cohort.country]
    step = 1 + other % np.maximum(choices - 1, 1)
    new_site = first_site + (cohort.site - first_site + step) % np.maximum(choices, 1)
    known = np.where(cohort.treated, cohort.first_dose + np.minimum(np.minimum(course.end, course.death), NEVER), 0)
    day = cohort.first_dose + after
    moves &= cohort.treated & ~cohort.waiver & (choices > 1) & (day + 30 < known) & (day > cohort.consent + 14)

    first_enrolled = cohort.enrolled - before
    again &= cohort.treated & ~cohort.retrospective & ~moves & (first_enrolled >= FIRST_ENROLMENT)

    # new numbers follow the last one of the site
    extra = np.flatnonzero(moves | again)
    at = np.where(moves, new_site, cohort.site)[extra]
    order = np.argsort(at, kind="stable")
    rank = np.empty(len(extra), dtype=np.int64)
    rank[order] = np.arange(len(extra)) - np.searchsorted(at[order], at[order], side="left")
    last = np.bincount(cohort.site, minlength=len(cohort.site_id))[at]
    number = np.full(n, "", dtype=object)
    number[extra] = [f"{x:04}" for x in (last + 1 + rank).tolist()]
    second = replace(cohort, subject_id=np.where(again, number, cohort.subject_id).astype(object))
    return second, Continuity(
        moved=np.where(moves, day, NOT_MOVED),
        new_site=new_site,
        new_id=np.where(moves, number, "").astype(object),
        first_id=np.where(again, cohort.subject_id, "").astype(object),
        first_enrolled=np.where(again, first_enrolled, ABSENT),
    )
