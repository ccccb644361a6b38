"""The grades of laboratory values by a toxicity scale, read from mappings/criteria: thresholds, units, ages.

Facts only. Not for grading values (adam/grading/toxicity.py), nor for the columns of a study, which the rule names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ..binding.bind import FieldMistake, SpecModel
from .criteria_files import FOLDER, CriteriaFiles

#: the files of criteria that are toxicity scales
NAMES = ("ctcae-*.yaml", "daids-*.yaml")

Reference = Literal["LLN", "ULN", "BASE"]
Direction = Literal["low", "high"]
#: one number, or for each unit one
Threshold = float | dict[str, float]


class GradeLimit(SpecModel):
    """One bound of a value: of the value itself, of its multiple of a reference, of its distance from one.

    Exactly one of the four comparisons, and at most one of ``times``, ``over`` and ``percent_from``.
    """

    at_least: Threshold | None = Field(default=None, description="This number and larger ones.")
    above: Threshold | None = Field(default=None, description="Only larger numbers.")
    below: Threshold | None = Field(default=None, description="Only smaller numbers.")
    at_most: Threshold | None = Field(default=None, description="This number and smaller ones.")
    times: Reference | None = Field(default=None, description="The number is multiplied by this reference.")
    over: Reference | None = Field(default=None, description="The number is added to this reference.")
    percent_from: Literal["BASE"] | None = Field(
        default=None, description="The percent change from the baseline is compared."
    )

    @model_validator(mode="after")
    def _one(self) -> GradeLimit:
        if sum(x is not None for x in (self.at_least, self.above, self.below, self.at_most)) != 1:
            raise ValueError("a limit has exactly one of at_least, above, below, at_most")
        if sum(x is not None for x in (self.times, self.over, self.percent_from)) > 1:
            raise ValueError("a limit has at most one of times, over, percent_from")
        return self

    @property
    def sign(self) -> Literal[">=", ">", "<", "<="]:
        if self.at_least is not None:
            return ">="
        return ">" if self.above is not None else "<" if self.below is not None else "<="

    @property
    def threshold(self) -> Threshold:
        return next(x for x in (self.at_least, self.above, self.below, self.at_most) if x is not None)

    def units(self) -> set[str]:
        """The units of its numbers; none if they have no unit."""
        return set(self.threshold) if isinstance(self.threshold, dict) else set()

    def number(self, unit: str) -> float | None:
        """Its number in a unit; None if it is not known there."""
        found = self.threshold
        return found.get(unit) if isinstance(found, dict) else found

    def reference(self) -> Reference | None:
        """The reference with which the value is compared, if any."""
        return self.times or self.over or self.percent_from


class GradeLine(GradeLimit):
    """One way to reach a grade. All that it names must hold."""

    baseline: Literal["normal", "abnormal"] | None = Field(
        default=None, description="It counts if the baseline was so, in the direction of the term."
    )
    if_: str | None = Field(default=None, alias="if", description="A clinical fact that no value shows.")
    also: GradeLimit | None = Field(default=None, description="A second bound that must hold too.")

    def limits(self) -> tuple[GradeLimit, ...]:
        return (self,) if self.also is None else (self, self.also)

    def needs(self) -> set[str]:
        """The references that it reads: LLN, ULN, BASE, BNRIND."""
        found = {r for limit in self.limits() if (r := limit.reference()) is not None}
        return found | ({"BNRIND"} if self.baseline is not None else set())


class Age(SpecModel):
    """A completed age in one unit."""

    years: int | None = Field(default=None, ge=0, description="Completed years.")
    days: int | None = Field(default=None, ge=0, description="Completed days.")
    months: int | None = Field(default=None, ge=0, description="Completed months.")

    @model_validator(mode="after")
    def _one(self) -> Age:
        if sum(x is not None for x in (self.years, self.days, self.months)) != 1:
            raise ValueError("an age has exactly one of years, months, days")
        return self

    @property
    def unit(self) -> Literal["years", "months", "days"]:
        return "years" if self.years is not None else "months" if self.months is not None else "days"

    @property
    def number(self) -> int:
        return int(getattr(self, self.unit))


Grades = dict[Literal[1, 2, 3, 4], tuple[GradeLine, ...]]


class GradeGroup(SpecModel):
    """The grades for subjects of one sex or one range of ages."""

    sex: Literal["M", "F"] | None = Field(default=None, description="SEX; omitted for both.")
    age_from: Age | None = Field(default=None, description="From this age on.")
    age_below: Age | None = Field(default=None, description="Below this age.")
    grades: Grades = Field(description="Grade to the lines that give it; one is enough.")

    def units(self) -> set[str] | None:
        """The units in which every grade is known; None if no number has a unit."""
        by_grade: list[set[str]] = []
        for lines in self.grades.values():
            found = {u for line in lines for limit in line.limits() for u in limit.units()}
            by_grade += [found] if found else []
        return set.intersection(*by_grade) if by_grade else None


class ToxicityTerm(SpecModel):
    """A term of a scale, with its grades, or with groups of subjects that have other grades."""

    direction: Direction = Field(description="low or high: which values are graded.")
    grades: Grades | None = Field(default=None, description="Grade to the lines that give it, for all subjects.")
    groups: tuple[GradeGroup, ...] = Field(default=(), description="Or groups of subjects, each with its grades.")

    @model_validator(mode="after")
    def _grades_or_groups(self) -> ToxicityTerm:
        if (self.grades is None) == (not self.groups):
            raise FieldMistake("a term has either grades: or groups:", "groups" if self.groups else "grades")
        return self

    def all_groups(self) -> tuple[GradeGroup, ...]:
        return self.groups if self.grades is None else (GradeGroup(grades=self.grades),)

    def needs(self) -> set[str]:
        """What its grades read beside the value: LLN, ULN, BASE, BNRIND, AGE, SEX, UNIT."""
        found: set[str] = set()
        for group in self.all_groups():
            for lines in group.grades.values():
                found.update(*(line.needs() for line in lines))
            found |= {"AGE"} if group.age_from or group.age_below else set()
            found |= {"SEX"} if group.sex else set()
            found |= {"UNIT"} if group.units() is not None else set()
        return found

    def facts(self) -> set[str]:
        """The clinical facts that its lines name."""
        lines = (line for group in self.all_groups() for of in group.grades.values() for line in of)
        return {line.if_ for line in lines if line.if_ is not None}


class ToxicityScale(SpecModel):
    """A scale of grades of laboratory values, as data."""

    scale: str = Field(description="Its name.")
    version: str = Field(description="Its version.")
    source: str = Field(description="Publication.")
    spellings: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Unit to other spellings of it, with the same numbers."
    )
    terms: dict[str, ToxicityTerm] = Field(description="Term to its grades.")

    @property
    def name(self) -> str:
        return f"{self.scale} {self.version}"

    def of(self, direction: Direction) -> dict[str, ToxicityTerm]:
        """The terms of one direction; their names in lower case."""
        return {name.casefold(): term for name, term in self.terms.items() if term.direction == direction}

    def needs(self, direction: Direction) -> frozenset[str]:
        return self._needs[direction]

    @cached_property
    def _needs(self) -> dict[Direction, frozenset[str]]:
        both: tuple[Direction, ...] = ("low", "high")
        return {d: frozenset().union(*(term.needs() for term in self.of(d).values())) for d in both}

    def facts(self) -> set[str]:
        return set().union(*(term.facts() for term in self.terms.values()))

    def unit(self, text: str) -> str:
        """The unit of the scale that a text means; the text itself if the scale does not know it."""
        return self._units.get(plain_unit(text), text)

    @cached_property
    def _units(self) -> dict[str, str]:
        units = {unit for term in self.terms.values() for group in term.all_groups() for unit in group.units() or ()}
        return {plain_unit(s): u for u in sorted(units) for s in (u, *self.spellings.get(u, ()))}


def plain_unit(text: str) -> str:
    """A unit without blanks and in lower case: no unit of a laboratory differs from another by these alone."""
    return "".join(text.split()).casefold()


_FILES = CriteriaFiles(ToxicityScale, NAMES, lambda scale: ())


def scale_names() -> list[str]:
    """The names of the shipped scales."""
    return _FILES.names()


def toxicity_scale(name: str, folder: Path = FOLDER) -> ToxicityScale:
    """The scale of a file: one that ships, else one of a study in ``folder``. Raises SpecError."""
    return _FILES.criteria(name, folder)


def scale_terms(name: str, direction: Direction) -> Iterator[str]:
    """The terms of one direction, as the scale writes them."""
    for term, grades in toxicity_scale(name).terms.items():
        if grades.direction == direction:
            yield term
