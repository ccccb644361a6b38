"""The facts of response criteria that laboratory and imaging results decide, read from mappings/criteria/*.yaml.

Units, thresholds, limits and where each comes from. Not for applying them (adam/imwg/step.py and the modules beside
it), nor for where a study keeps the results: that is the step's own spec.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ...errors import SpecError, SpecProblem
from ..binding.bind import Binder, SpecModel, place_of
from ..yaml.read import examine_file
from .measurement import Conversion

FOLDER = Path(__file__).parents[1] / "criteria"
#: comparisons are on decimals: 1.2 - 0.7 is 0.5, though it is less in binary
EPSILON = 1e-9


class Limit(SpecModel):
    """One bound of a number. Exactly one of the four."""

    at_least: float | None = Field(default=None, description="The number itself fulfils it.")
    above: float | None = Field(default=None, description="Only a larger number fulfils it.")
    below: float | None = Field(default=None, description="Only a smaller number fulfils it.")
    at_most: float | None = Field(default=None, description="The number itself fulfils it.")
    source: str = Field(default="", description="Where it comes from.")

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if sum(x is not None for x in (self.at_least, self.above, self.below, self.at_most)) != 1:
            raise ValueError("a limit has exactly one of at_least, above, below, at_most")
        return self

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Where the values fulfil it, to within EPSILON; never where they are missing."""
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
    """The unit in which a result is compared, and how others become it."""

    unit: str = Field(description="The unit of all thresholds.")
    spellings: tuple[str, ...] = Field(default=(), description="Other spellings of it.")
    unit_optional: bool = Field(default=False, description="A result without a unit is in it.")
    convert: dict[str, Conversion] = Field(default_factory=dict, description="Unit to its conversion.")
    plausible: tuple[str, str] = Field(description="Lowest and highest value that is no mix-up of units.")
    several: Literal["last", "highest"] = Field(
        default="last", description="Which of several results of one evaluation counts."
    )
    source: str = Field(description="Where it comes from.")


class Range(SpecModel):
    """A normal range, both limits normal."""

    low: float = Field(description="Lowest normal value.")
    high: float = Field(description="Highest normal value.")
    source: str = Field(description="Where it comes from.")

    def normal(self, values: np.ndarray) -> np.ndarray:
        """Where the values are normal."""
        with np.errstate(invalid="ignore"):
            return (values >= self.low - EPSILON) & (values <= self.high + EPSILON)


class LevelLimits(SpecModel):
    """What a test must reach for each level."""

    VGPR: Limit | None = Field(default=None, description="Very good partial response; none where it is not defined.")
    PR: Limit | None = Field(default=None, description="Partial response.")
    MR: Limit | None = Field(default=None, description="Minimal response; none where it is not defined.")
    source: str = Field(description="Where it comes from.")


class Progression(SpecModel):
    """One line of progression: all that it has must hold."""

    percent: Limit | None = Field(default=None, description="Percent over the nadir.")
    absolute: Limit | None = Field(default=None, description="Difference from the nadir.")
    nadir: Limit | None = Field(default=None, description="The nadir itself.")
    size: Limit | None = Field(default=None, description="The value itself; of a diameter, the short axis.")
    source: str = Field(description="Where it comes from.")


class ImwgCriteria(SpecModel):
    """Response criteria of multiple myeloma, as data."""

    criteria: str = Field(description="Their name, as RSCAT has it.")
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
    ] = Field(description="Lines of progression.")
    interference: Limit = Field(description="Serum M-protein that the drug itself may show as.")


#: keys that the algorithm needs: a file that leaves one out is refused
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


def criteria_names() -> list[str]:
    """The criteria that ship."""
    return sorted(p.stem for p in FOLDER.glob("imwg-*.yaml"))


@lru_cache(maxsize=8)
def imwg_criteria(name: str, folder: Path = FOLDER) -> ImwgCriteria:
    """The criteria of a file under mappings/criteria. SpecError with every mistake in it, at its place."""
    node, problems = examine_file(folder / f"{name}.yaml", folder.parent)
    binder = Binder()
    made = binder.bind(node, ImwgCriteria) if node is not None else None
    problems = [*problems, *binder.problems]
    if made is not None and not problems:
        problems = list(_absent(made))
    if problems or made is None:
        raise SpecError(problems)
    return made


def _absent(made: ImwgCriteria) -> Iterator[SpecProblem]:
    for field, needed in NEEDED.items():
        for key in sorted(needed - set(getattr(made, field))):
            yield SpecProblem(place_of(made, field), f"'{key}' is missing: the algorithm needs it")
