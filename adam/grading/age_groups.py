"""The completed age of subjects, and which group of a term is theirs.

Ages are completed days, months and years by the calendar: 29 February completes a year on 1 March. Not for AGE of ADSL.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...engine.columns.iso_dates import EPOCH
from ...mappings.models.toxicity_scale import Age, GradeGroup

_DAYS_OF_YEAR = 365.25
_UNIX = 719_163 - EPOCH  # 1970-01-01 as days since 1960-01-01


@dataclass(frozen=True)
class Ages:
    """(n,) ages, NaN for not known.

    ``days``, ``months``, ``years``: completed ones. ``whole_years``: only the years are known, so that an age in days
    may be any of that year.
    """

    days: np.ndarray
    months: np.ndarray
    years: np.ndarray
    whole_years: bool = False

    def take(self, rows: np.ndarray) -> Ages:
        return Ages(self.days[rows], self.months[rows], self.years[rows], self.whole_years)

    def at_least(self, age: Age) -> tuple[np.ndarray, np.ndarray]:
        """(where the age is reached, where it is not); neither where it is not known."""
        if not self.whole_years or age.unit == "years":
            values = {"days": self.days, "months": self.months, "years": self.years}[age.unit]
            return values >= age.number, values < age.number
        days = age.number * (1 if age.unit == "days" else _DAYS_OF_YEAR / 12)
        return self.years * _DAYS_OF_YEAR >= days, (self.years + 1) * _DAYS_OF_YEAR <= days


def ages_between(birth: np.ndarray, day: np.ndarray) -> Ages:
    """Completed ages from two numeric dates; not known where one is missing or the day is before the birth."""
    known = ~(np.isnan(birth) | np.isnan(day)) & (day >= birth)
    start, end = (_calendar(np.where(known, x, 0.0)) for x in (birth, day))
    months = (end[0] - start[0]) * 12 + end[1] - start[1] - (end[2] < start[2])
    days = np.where(known, np.floor(day) - np.floor(birth), np.nan)
    return Ages(days, np.where(known, months, np.nan), np.where(known, months // 12, np.nan))


def ages_in_years(years: np.ndarray) -> Ages:
    """Ages of which only the completed years are known."""
    none = np.full(len(years), np.nan)
    return Ages(none, none, np.floor(years), whole_years=True)


def _calendar(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(year, month, day) of days since 1960-01-01."""
    dates = (np.floor(days).astype("int64") - _UNIX).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype("int64")
    first = months.astype("datetime64[M]").astype("datetime64[D]")
    return months // 12, months % 12, (dates - first).astype("int64")


def members(group: GradeGroup, ages: Ages | None, sex: np.ndarray | None, n: int) -> tuple[np.ndarray, np.ndarray]:
    """(records of the group, records that may be of the group, but whose age or sex is not known).

    ``ages``, ``sex``: None where no group of the scale asks for them. ``sex``: (n,) texts M, F, '' or another.
    """
    inside, outside = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    for age, wanted in ((group.age_from, True), (group.age_below, False)):
        if age is None:
            continue
        reached, below = ages.at_least(age) if ages is not None else (np.zeros(n, bool), np.zeros(n, bool))
        inside &= reached if wanted else below
        outside |= below if wanted else reached
    if group.sex is not None:
        of = np.full(n, "", dtype=object) if sex is None else sex
        inside &= of == group.sex
        outside |= (of != group.sex) & np.isin(of, ("M", "F"))
    return inside, ~inside & ~outside
