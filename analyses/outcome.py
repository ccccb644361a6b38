"""What the computation of a statistic gives, and what it reads: the model of the spec, its records, its groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..mappings.models.statistics import CountsSpec, ProportionSpec, SummarySpec
from .categories import categories
from .groups import Groups
from .records import Records
from .results import Curve, Interval, Row, SubjectLine


@dataclass
class Outcome:
    """The computed parts of a result."""

    rows: list[Row] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    forest: list[Interval] = field(default_factory=list)
    lines: list[SubjectLine] = field(default_factory=list)
    unit: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """The records with one value of by:, or all records; ``value`` is '' for all."""

    value: str
    variable: str
    records: Records

    @property
    def category(self) -> dict[str, str]:
        return {self.variable: self.value} if self.variable else {}

    @property
    def prefix(self) -> str:
        """What the identifiers of its rows begin with."""
        return f"{self.value}." if self.variable else ""


def parts(spec: CountsSpec | ProportionSpec | SummarySpec, records: Records, out: Outcome) -> Iterator[Part]:
    """The records by the values of by:; records without a value are in no part, and a note counts them."""
    if not spec.by:
        yield Part("", "", records)
        return
    records.has(spec.by)
    found = categories(records.column, spec.by, spec.by_order)
    without = int((found.codes == -1).sum())
    if without:
        out.notes.append(f"Records without {spec.by}, which are in no row: {without}.")
    for position, text in enumerate(found.values):
        yield Part(text, spec.by, records.where(found.codes == position))


def denominators(records: Records, percent_of: str) -> list[np.ndarray]:
    """For each column the subjects that percentages are of."""
    groups = records.groups
    if percent_of == "population":
        return list(groups.members)
    there = records.subjects()
    return [member & there for member in groups.members]


def subgroup_levels(groups: Groups, notes: list[str]) -> Iterator[tuple[str, str, np.ndarray]]:
    """(heading, label, subjects) of all subjects, and of each subgroup; a variable that is absent is a note."""
    yield "", "All subjects", groups.population
    for spec in groups.spec.subgroups:
        found = groups.of_subjects(spec.variable)
        if found is None:
            notes.append(f"{groups.dataset} has no variable {spec.variable}, so there are no such subgroups.")
            continue
        for level in groups.levels(spec):
            yield spec.label or spec.variable, level.label, level.member
