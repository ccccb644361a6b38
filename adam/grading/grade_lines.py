"""The grade of values by the lines of one group of a term: which line holds, which one cannot be known.

Not for choosing the term, the unit and the group (toxicity.py), nor for the thresholds (mappings/criteria).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ...mappings.models.toxicity_scale import GradeGroup, GradeLimit, GradeLine

#: values that differ by less, as a share of the larger one, are equal: 3 * 0.1 is 0.3
TOLERANCE = 1e-11


@dataclass(frozen=True)
class GradedValues:
    """(n,) values of one term in one unit of its scale, NaN for missing.

    ``references``: LLN, ULN and BASE to (n,) numbers in the same unit. ``abnormal``: whether the baseline was abnormal
    in the direction of the term. ``known``: whether its state is known.
    """

    value: np.ndarray
    references: Mapping[str, np.ndarray]
    abnormal: np.ndarray
    known: np.ndarray

    def take(self, rows: np.ndarray) -> GradedValues:
        references = {name: values[rows] for name, values in self.references.items()}
        return GradedValues(self.value[rows], references, self.abnormal[rows], self.known[rows])


@dataclass(frozen=True)
class _Truth:
    """Of each value: whether all parts of a line hold, whether one does not.

    ``open``: a part that does not need the baseline cannot be known.
    """

    holds: np.ndarray
    fails: np.ndarray
    open: np.ndarray

    @property
    def unknown(self) -> np.ndarray:
        return ~self.holds & ~self.fails


def grades_of(
    group: GradeGroup, values: GradedValues, *, unit: str = "", absent: Collection[str] = (), strict: bool = False
) -> np.ndarray:
    """(n,) grades 0 to 4; NaN where the value, or what decides between two grades, is missing.

    The highest grade with a line that holds, unless a line of a higher grade cannot be known. Grade 0 if no line holds
    and all are known. A line that cannot be known for want of a baseline alone does not stand in the way of a grade
    that another line gives, unless ``strict``. ``absent``: clinical facts that do not hold; all others do.
    """
    n = len(values.value)
    grade = np.zeros(n)
    blocked, unknown = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for number in sorted(group.grades, reverse=True):
        holds, not_known = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        for line in group.grades[number]:
            if line.if_ in absent or any(limit.number(unit) is None for limit in line.limits()):
                continue
            truth = _truth(line, values, unit, strict)
            holds |= truth.holds
            unknown |= truth.unknown
            not_known |= truth.unknown & (truth.open | strict)
        grade[holds & (grade == 0) & ~blocked] = number
        blocked |= not_known & ~holds & (grade == 0)
    return np.where(blocked | (unknown & (grade == 0)) | np.isnan(values.value), np.nan, grade)


def _truth(line: GradeLine, values: GradedValues, unit: str, strict: bool) -> _Truth:
    n = len(values.value)
    holds, fails, opened = np.ones(n, dtype=bool), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    if line.baseline is not None:
        as_named = values.abnormal if line.baseline == "abnormal" else ~values.abnormal
        known = values.known if strict else np.ones(n, dtype=bool)  # without a baseline the limit is the reference
        holds, fails = known & as_named, known & ~as_named
    for limit in line.limits():
        compared, number = _sides(limit, values, unit)
        known = ~(np.isnan(compared) | np.isnan(number))
        fulfilled = _fulfilled(limit, compared, number)
        holds = holds & known & fulfilled
        fails = fails | (known & ~fulfilled)
        if limit.reference() != "BASE":
            opened = opened | ~known
    return _Truth(holds, fails, opened)


def _sides(limit: GradeLimit, values: GradedValues, unit: str) -> tuple[np.ndarray, np.ndarray]:
    """(what is compared, with what) as (n,) numbers."""
    number = limit.number(unit)
    assert number is not None  # the caller skips lines without a number in this unit
    reference = limit.reference()
    if reference is None:
        return values.value, np.full(len(values.value), number)
    of = values.references[reference]
    if limit.percent_from is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = np.where(of > 0, (values.value - of) / of * 100, np.nan)
        return percent, np.full(len(percent), number)
    return values.value, of * number if limit.times is not None else of + number


def _fulfilled(limit: GradeLimit, compared: np.ndarray, number: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        over = compared - number
        near = TOLERANCE * np.maximum(np.abs(compared), np.abs(number))
        if limit.sign == ">":
            return over > near
        if limit.sign == ">=":
            return over >= -near
        return over < -near if limit.sign == "<" else over <= near
