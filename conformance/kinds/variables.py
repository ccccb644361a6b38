"""Which variables a dataset has: required ones, those that come together, those that the standard does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from ...mappings.facts.facts import OBSERVATION_CLASSES, VariableFacts, sdtm_class_dataset
from ..package import Package
from ..table import Table
from .expression import Condition, missing_names, true
from .kind import Check, Hit, Name, register_check

_OPEN = frozenset(c.lower() for c in OBSERVATION_CLASSES)


@register_check
class CoreCheck(Check):
    """The variables of a core status are in the dataset, by SDTMIG."""

    verb = "core"

    core: Literal["Req", "Exp"] = Field(description="Req or Exp of the guide.")

    def applies(self, table: Table) -> str:
        return "" if table.facts is not None else f"the guide does not list {table.domain}"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for fact in table.facts.variables if table.facts is not None else ():
            listed = fact.name.isupper() and not fact.name.startswith(("--", "*"))  # not a pattern such as TRTxxP
            if listed and fact.core == self.core and fact.name not in table.names:
                yield Hit(variable=fact.name, parts={"label": fact.label})

    def parts(self) -> frozenset[str]:
        return frozenset({"label"})


@register_check
class PresentCheck(Check):
    """Variables that a dataset has, if it has others."""

    verb = "present"

    present: tuple[Name, ...] = Field(description="Variables that must be there.", min_length=1)
    any: bool = Field(default=False, description="One of them is enough.")
    with_: tuple[Name, ...] = Field(default=(), alias="with", description="Only in a dataset with all of these.")
    with_any: tuple[Name, ...] = Field(default=(), description="Only in a dataset with at least one of these.")
    when: Condition | None = Field(default=None, description="Only if at least one record meets this condition.")

    def applies(self, table: Table) -> str:
        lacking = [n for n in map(table.expanded, self.with_) if n not in table.names]
        if lacking:
            return f"{lacking[0]} is not in {table.name}"
        if self.with_any and not any(table.matching(n) for n in self.with_any):
            return f"none of {', '.join(map(table.expanded, self.with_any))} is in {table.name}"
        return missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        lacking = [n for n in map(table.expanded, self.present) if not table.matching(n)]
        if not lacking or (self.any and len(lacking) < len(self.present)) or true(table, self.when) is None:
            return
        for name in lacking[:1] if self.any else lacking:
            yield Hit(variable=name)


@register_check
class NotAllowedCheck(Check):
    """Variables that a dataset does not have."""

    verb = "not_allowed"

    not_allowed: tuple[Name, ...] = Field(description="Variables that must not be there.", min_length=1)
    without: tuple[Name, ...] = Field(default=(), description="Only in a dataset that has none of these.")
    empty: bool = Field(default=False, description="Only if no record has a value.")

    def applies(self, table: Table) -> str:
        there = [n for name in self.without for n in table.matching(name)]
        return f"{there[0]} is in {table.name}" if there else ""

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for pattern in self.not_allowed:
            for name in table.matching(pattern):
                if not self.empty or table.missing(name).all():
                    yield Hit(variable=name)


@register_check
class StandardVariablesCheck(Check):
    """Every variable is one of the guide, or one that the model allows in the class."""

    verb = "standard_variables"

    standard_variables: Literal[True]

    def applies(self, table: Table) -> str:
        if table.facts is not None:
            return ""
        return "" if table.observation_class in _OPEN else f"the class of {table.name} is not known"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        known = standard_facts(table)
        for name in table.columns:
            if name not in known:
                yield Hit(variable=name)


def standard_facts(table: Table) -> dict[str, VariableFacts]:
    """The variables of a table that SDTM knows, with their facts; none where the class is not known."""
    facts = table.facts
    if facts is None:
        try:
            facts = sdtm_class_dataset(table.domain, table.observation_class, "")
        except ValueError:
            return {}
    return {n: found for n in table.columns if (found := facts.variable(n)) is not None}
