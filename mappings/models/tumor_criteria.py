"""Response criteria of tumors, read from mappings/criteria: levels by change, and their combination.

Facts only. Not for applying them (adam/response/level_by_change.py, overall_response.py), nor for the criteria of
myeloma (response_criteria.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydantic import Field, model_validator

from ...errors import SpecError, SpecProblem
from ..binding.bind import SpecModel, place_of
from .criteria_files import FOLDER, CriteriaFiles, criteria_folder
from .response_criteria import Limit

#: the files of criteria that are of tumors
NAMES = ("recist-*.yaml", "rano-*.yaml", "lugano-*.yaml", "gcig-*.yaml", "pcwg3-*.yaml")
#: what a line of a level may compare
COMPARED = ("value", "base", "nadir", "base_percent", "base_change", "nadir_percent", "nadir_change")
#: a component that the subject does not have, as no non-target lesion at baseline
NONE = "NONE"


class LevelLine(SpecModel):
    """One way to reach a level. All limits of the line must hold."""

    value: Limit | None = Field(default=None, description="The value itself.")
    base: Limit | None = Field(default=None, description="The baseline.")
    nadir: Limit | None = Field(default=None, description="The nadir.")
    base_percent: Limit | None = Field(default=None, description="Percent change from the baseline.")
    base_change: Limit | None = Field(default=None, description="Change from the baseline.")
    nadir_percent: Limit | None = Field(default=None, description="Percent change from the nadir.")
    nadir_change: Limit | None = Field(default=None, description="Change from the nadir.")
    complete: bool = Field(default=False, description="It needs that all lesions are gone or of normal size.")
    single: bool = Field(default=False, description="It needs that one lesion alone has progressed.")

    @model_validator(mode="after")
    def _some(self) -> LevelLine:
        if not self.complete and not self.single and not self.limits():
            raise ValueError(f"a line has at least one of {', '.join(COMPARED)}, complete, single")
        return self

    def limits(self) -> dict[str, Limit]:
        return {name: limit for name in COMPARED if (limit := getattr(self, name)) is not None}


class ChangeLevels(SpecModel):
    """The levels of one measurement by its change. The first level with a line that holds counts."""

    measurement: str = Field(description="What is measured.")
    unit: str = Field(description="The unit of its numbers.")
    levels: dict[str, tuple[LevelLine, ...]] = Field(description="Level to its lines, in the order of decision.")
    otherwise: str = Field(description="The level if no line holds.")
    rising: tuple[str, ...] = Field(
        default=(), description="Levels that hold for a partial sum too: what is not measured only adds to it."
    )
    source: str = Field(description="The place in the publication.")

    @model_validator(mode="after")
    def _known(self) -> ChangeLevels:
        for level in self.rising:
            if level not in self.levels:
                raise ValueError(f"rising: '{level}' is no level")
        return self


class SingleLine(SpecModel):
    """One way in which a target lesion alone shows progression. All that a line has must hold."""

    diameter: Limit | None = Field(default=None, description="Its longest diameter, in mm.")
    product_percent: Limit | None = Field(
        default=None, description="Percent change of the product of its diameters from the lowest one."
    )
    lowest_diameter: Limit | None = Field(default=None, description="Its lowest longest diameter before, in mm.")
    change: Limit | None = Field(
        default=None, description="Change of one of its two diameters from the lowest one, in mm."
    )
    nodal: bool | None = Field(default=None, description="It is a lymph node, or is none.")
    after_all_gone: bool = Field(default=False, description="All target lesions were gone or normal before.")

    @model_validator(mode="after")
    def _some(self) -> SingleLine:
        if self.diameter is None and self.product_percent is None and self.change is None:
            raise ValueError("a line has at least one of diameter, product_percent, change")
        return self


class LesionRules(SpecModel):
    """What a target lesion alone shows."""

    normal_node: Limit = Field(description="The diameter of a lymph node of normal size, in mm.")
    progression: tuple[SingleLine, ...] = Field(default=(), description="Progression that one lesion alone shows.")
    source: str = Field(description="The place in the publication.")

    def products(self) -> bool:
        """Whether a line needs the product of two diameters."""
        return any(line.product_percent is not None for line in self.progression)


class OverallRow(SpecModel):
    """A row of the table of overall responses: the values of components that give a level; omitted ones are any."""

    when: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="Component to its values.")
    gives: str = Field(description="The overall response.")


class OverallTable(SpecModel):
    """The overall response by components. The first row that fits counts."""

    components: dict[str, tuple[str, ...]] = Field(description="Component to all of its values.")
    rows: tuple[OverallRow, ...] = Field(description="The rows, in the order of decision.")
    source: str = Field(description="The place in the publication.")

    @model_validator(mode="after")
    def _known(self) -> OverallTable:
        for number, row in enumerate(self.rows, 1):
            for component, values in row.when.items():
                for value in values:
                    if value not in self.components.get(component, ()):
                        raise ValueError(f"row {number}: {component} has no value '{value}'")
        return self

    def table(self) -> np.ndarray:
        """The row of each combination of values, as an array with an axis for each component; -1 for none."""
        shape = tuple(len(values) for values in self.components.values())
        found = np.full(shape, -1, dtype="int32")
        for number in reversed(range(len(self.rows))):
            fits = np.ones(shape, dtype=bool)
            for axis, (component, values) in enumerate(self.components.items()):
                wanted = self.rows[number].when.get(component)
                if wanted is not None:
                    here = np.array([value in wanted for value in values])
                    fits &= here.reshape([-1 if i == axis else 1 for i in range(len(shape))])
            found[fits] = number
        return found


class TumorCriteria(SpecModel):
    """Response criteria, as data."""

    criteria: str = Field(description="Their name, as in RSCAT.")
    source: str = Field(description="Publication.")
    changes: dict[str, ChangeLevels] = Field(default_factory=dict, description="Measurement to its levels.")
    lesions: LesionRules | None = Field(default=None, description="What a target lesion alone shows.")
    overall: OverallTable | None = Field(default=None, description="The overall response by components.")


def _holes(criteria: TumorCriteria) -> Iterator[SpecProblem]:
    """Combinations of components that no row of the table has."""
    if criteria.overall is None:
        return
    for place in np.argwhere(criteria.overall.table() < 0)[:1].tolist():
        values = [of[i] for of, i in zip(criteria.overall.components.values(), place, strict=True)]
        names = ", ".join(f"{c} {v}" for c, v in zip(criteria.overall.components, values, strict=True))
        yield SpecProblem(place_of(criteria.overall, "rows"), f"no row gives the response of {names}")


_FILES = CriteriaFiles(TumorCriteria, NAMES, _holes)


def tumor_criteria_names() -> list[str]:
    """The names of the shipped criteria."""
    return _FILES.names()


def tumor_criteria(name: str, folder: Path = FOLDER) -> TumorCriteria:
    """The criteria of a file: one that ships, else one of a study in ``folder``. Raises SpecError."""
    return _FILES.criteria(name, folder)


def readable_criteria(rule: SpecModel, name: str) -> TumorCriteria | None:
    """The criteria that a rule names, of its study or shipped; None where there are none or the file has a mistake."""
    folder = criteria_folder(rule, name, tumor_criteria_names())
    try:
        return tumor_criteria(name, folder) if folder is not None else None
    except SpecError:
        return None
