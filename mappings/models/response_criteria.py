"""The facts of response criteria by laboratory and imaging results, read from mappings/criteria/*.yaml.

Units, thresholds, limits and the source of each. Not for applying them (adam/imwg/), nor for the columns of a study's
results: these are arguments of the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ...errors import SpecProblem
from ..binding.bind import SpecModel, place_of
from .criteria_files import FOLDER, CriteriaFiles
from .measurement import Conversion

#: comparisons are decimal: 1.2 - 0.7 equals 0.5, although it is less in binary numbers
EPSILON = 1e-9


class Limit(SpecModel):
    """One bound of a number. Exactly one of the four."""

    at_least: float | None = Field(default=None, description="This number and larger ones fulfil it.")
    above: float | None = Field(default=None, description="Only larger numbers fulfil it.")
    below: float | None = Field(default=None, description="Only smaller numbers fulfil it.")
    at_most: float | None = Field(default=None, description="This number and smaller ones fulfil it.")
    source: str = Field(default="", description="The source of the number.")

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if sum(x is not None for x in (self.at_least, self.above, self.below, self.at_most)) != 1:
            raise ValueError("a limit has exactly one of at_least, above, below, at_most")
        return self

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whether each value fulfils it, to within EPSILON; False for a missing value."""
        with np.errstate(invalid="ignore"):
            if self.at_least is not None:
                return values >= self.at_least - EPSILON
            if self.above is not None:
                return values > self.above + EPSILON
            if self.below is not None:
                return values < self.below - EPSILON
            return values <= (self.at_most or 0.0) + EPSILON

    def __str__(self) -> str:
        for sign, value in ((">=", self.at_least), (">", self.above), ("<", self.below), ("<=", self.at_most)):
            if value is not None:
                return f"{sign} {value:g}"
        return ""  # the validator refuses it


class Analyte(SpecModel):
    """The unit in which results are compared, and conversions to it."""

    unit: str = Field(description="The unit of all thresholds.")
    spellings: tuple[str, ...] = Field(default=(), description="Other spellings of it.")
    unit_optional: bool = Field(default=False, description="A result without a unit has this unit.")
    convert: dict[str, Conversion] = Field(default_factory=dict, description="Unit to its conversion.")
    plausible: tuple[str, str] = Field(description="Lowest and highest plausible value; others suggest another unit.")
    several: Literal["last", "highest"] = Field(
        default="last", description="Which result counts if one evaluation has several."
    )
    source: str = Field(description="The source of the number.")


class Range(SpecModel):
    """A normal range, both limits normal."""

    low: float = Field(description="Lowest normal value.")
    high: float = Field(description="Highest normal value.")
    source: str = Field(description="The source of the number.")

    def normal(self, values: np.ndarray) -> np.ndarray:
        """Whether each value is normal."""
        with np.errstate(invalid="ignore"):
            return (values >= self.low - EPSILON) & (values <= self.high + EPSILON)


class LevelLimits(SpecModel):
    """The limit of a test for each level of response."""

    VGPR: Limit | None = Field(default=None, description="Very good partial response; omitted if it is not defined.")
    PR: Limit | None = Field(default=None, description="Partial response.")
    MR: Limit | None = Field(default=None, description="Minimal response; omitted if it is not defined.")
    source: str = Field(description="The source of the number.")


class Progression(SpecModel):
    """One criterion of progression: all its limits must be fulfilled."""

    percent: Limit | None = Field(default=None, description="Percent over the nadir.")
    absolute: Limit | None = Field(default=None, description="Difference from the nadir.")
    nadir: Limit | None = Field(default=None, description="The nadir itself.")
    size: Limit | None = Field(default=None, description="The value itself; of a diameter, the short axis.")
    source: str = Field(description="The source of the number.")


class ImwgCriteria(SpecModel):
    """Response criteria of multiple myeloma, as data."""

    criteria: str = Field(description="Their name, as in RSCAT.")
    source: str = Field(description="Publication.")
    analytes: dict[str, Analyte] = Field(description="Input of the step to its unit.")
    ratio_ranges: dict[Literal["standard", "renal"], Range] = Field(description="Normal light chain ratio.")
    measurable: dict[Literal["serum", "urine", "chain", "marrow"], Limit] = Field(description="Measurable disease.")
    response: dict[
        Literal["serum", "urine", "urine_amount", "dflc", "marrow", "plasmacytoma", "plasmacytoma_other"], LevelLimits
    ] = Field(description="Levels by test.")
    complete_marrow: Limit = Field(description="Plasma cells in complete response.")
    progression: dict[
        Literal["serum", "serum_high", "urine", "dflc", "marrow", "spd", "diameter", "blood", "calcium"], Progression
    ] = Field(description="Criteria of progression.")
    interference: Limit = Field(description="Serum M-protein that the drug itself may cause in the assay.")


#: keys that the algorithm needs: a file without one of them is refused
NEEDED: dict[str, set[str]] = {
    "analytes": {
        "serum", "urine", "kappa", "lambda", "ratio", "marrow", "blood", "calcium", "albumin", "diameter",
        "perpendicular",
    },
    "ratio_ranges": {"standard", "renal"},
    "measurable": {"serum", "urine", "chain", "marrow"},
    "response": {"serum", "urine", "urine_amount", "dflc", "marrow", "plasmacytoma", "plasmacytoma_other"},
    "progression": {"serum", "serum_high", "urine", "dflc", "marrow", "spd", "diameter", "blood", "calcium"},
}  # fmt: skip


def _absent(criteria: ImwgCriteria) -> Iterator[SpecProblem]:
    for field, needed in NEEDED.items():
        for key in sorted(needed - set(getattr(criteria, field))):
            yield SpecProblem(place_of(criteria, field), f"'{key}' is missing: the algorithm needs it")


_FILES = CriteriaFiles(ImwgCriteria, ("imwg-*.yaml",), _absent)


def criteria_names() -> list[str]:
    """The names of the shipped criteria."""
    return _FILES.names()


def imwg_criteria(name: str, folder: Path = FOLDER) -> ImwgCriteria:
    """The criteria of a file: one that ships, else one of a study in ``folder``. Raises SpecError."""
    return _FILES.criteria(name, folder)
