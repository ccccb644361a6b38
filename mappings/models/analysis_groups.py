"""The groups of subjects of analyses: populations, columns and subgroups, in a display or in analyses/groups.yaml.

A display names them, so that displays share them. Not for the statistics (statistics.py) nor for counting subjects
(analyses/groups.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from ...errors import SpecProblem, nearest
from ..binding.bind import ExpressionText, FieldMistake, SpecModel, place_of

#: the file of an analyses folder that is no display
GROUPS_FILE = "groups.yaml"
M = TypeVar("M", bound=SpecModel)


class PopulationSpec(SpecModel):
    """The subjects that a display counts: the denominators of its columns."""

    dataset: str = Field(default="ADSL", description="The dataset with one record for each subject.")
    where: Annotated[str, ExpressionText()] | None = Field(
        default=None,
        description="The subjects: comparisons with literals, joined by and; all subjects without it. A subject whose "
        "condition is unknown, as by a missing flag, does not belong to the population; a note counts them.",
    )
    label: str = Field(description="Name of the population in the display: Safety population.")


class GroupingSpec(SpecModel):
    """A variable of the population's dataset whose values divide the subjects."""

    variable: str = Field(description="Variable of the population's dataset.")
    order: str | tuple[str, ...] = Field(
        default=(),
        description="The values in order, or a numeric variable that orders them. By default the variable with N at "
        "the end of its name (AGEGR1N of AGEGR1), else the values in alphabetical order. Each listed value has a "
        "group, also without subjects.",
    )
    labels: dict[str, str] = Field(default={}, description="Value to the text that readers see.")
    missing: str = Field(
        default="Missing", description="Label of the group of subjects without a value. It is shown if there are any."
    )

    @model_validator(mode="after")
    def _labels_of_order(self) -> GroupingSpec:
        if not self.variable.strip():
            raise FieldMistake("the name is empty", "variable")
        if isinstance(self.order, tuple):
            if len(set(self.order)) < len(self.order):
                raise FieldMistake("order: has a value two times", "order")
            for value in self.labels if self.order else ():
                if value not in self.order:
                    hint = nearest(value, list(self.order))
                    raise FieldMistake(f"order: has no value '{value}'", "labels", value, hint=hint)
        return self


class ColumnsSpec(GroupingSpec):
    """The columns of a display: a group for each value of a variable, and all subjects."""

    total: str = Field(default="Total", description="Label of the column of all subjects; '' for no such column.")
    total_first: bool = Field(default=True, description="Whether all subjects are the first column.")


class SubgroupSpec(GroupingSpec):
    """A variable whose values are the subgroups of a forest plot."""

    label: str = Field(default="", description="Heading of its subgroups; by default the name of the variable.")


class GroupsFile(SpecModel):
    """analyses/groups.yaml: what the displays of a folder share."""

    title: str = Field(default="", description="Title of the page of results; by default the title of the study.")
    language: Literal["SAS", "R"] = Field(
        default="SAS", description="Language of the generated code in define.xml; the program files have both."
    )
    populations: dict[str, PopulationSpec] = Field(default={}, description="Name to population.")
    columns: dict[str, ColumnsSpec] = Field(default={}, description="Name to columns.")
    subgroups: dict[str, tuple[SubgroupSpec, ...]] = Field(default={}, description="Name to list of subgroups.")


@dataclass(frozen=True, kw_only=True)
class DisplayGroups:
    """The groups of one display, found by their names."""

    population: PopulationSpec | None = None
    columns: ColumnsSpec | None = None
    subgroups: tuple[SubgroupSpec, ...] = ()


def named(owner: SpecModel, field: str, known: Mapping[str, M], problems: list[SpecProblem]) -> M | None:
    """The entry that a field of a display has, or names; None, and a problem at the field, if there is none."""
    value = getattr(owner, field)
    if not isinstance(value, str):
        return value
    if value not in known:
        problems.append(_unknown(owner, field, value, known))
    return known.get(value)


def named_list(
    owner: SpecModel, field: str, known: Mapping[str, tuple[SubgroupSpec, ...]], problems: list[SpecProblem]
) -> tuple[SubgroupSpec, ...]:
    """As ``named``, for a list or the name of a list."""
    value = getattr(owner, field)
    if not isinstance(value, str):
        return value
    if value not in known:
        problems.append(_unknown(owner, field, value, known))
    return known.get(value, ())


def _unknown(owner: SpecModel, field: str, value: str, known: Mapping[str, object]) -> SpecProblem:
    section = "populations" if field == "population" else field
    message = f"{GROUPS_FILE} has no '{value}' in {section}:"
    hint = nearest(value, list(known)) or (f"there is {', '.join(known)}" if known else "")
    return SpecProblem(place_of(owner, field), message, hint=hint, refers_to=frozenset({value}))


def grouping_names(spec: GroupingSpec) -> list[tuple[str, str]]:
    """(field, variable) of the population's dataset that a grouping reads."""
    return [("variable", spec.variable), *([("order", spec.order)] if isinstance(spec.order, str) else [])]
