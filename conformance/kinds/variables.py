"""Which variables a dataset has: required ones, those that come together, those that the standard does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal
from weakref import WeakKeyDictionary

from pydantic import Field

from ...mappings.facts.facts import OBSERVATION_CLASSES, VariableFacts, general_timing, sdtm_class_dataset, sdtm_dataset
from ..package import Package
from ..table import Table
from .expression import Condition, missing_names, true
from .kind import Check, Hit, Name, absent, register_check

_FACTS: WeakKeyDictionary[Table, dict[str, VariableFacts]] = WeakKeyDictionary()
#: SDTM 2.0, associated persons: their identifiers beside those of the class
_OF_PERSONS = frozenset({"APID", "RSUBJID", "RDEVID", "SREL"})
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
    beside: tuple[str, ...] = Field(default=(), description="Only in a package with all of these datasets.")

    def applies(self, table: Table) -> str:
        lost = [n for n in self.beside if table.other(n) is None]
        if lost:
            return f"{lost[0]} is not in the package"
        there = [n for name in self.without for n in table.matching(name)]
        return f"{there[0]} is in {table.name}" if there else ""

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for pattern in self.not_allowed:
            for name in table.matching(pattern):
                yield Hit(variable=name)


@register_check
class VariesCheck(Check):
    """A variable has several values, or none."""

    verb = "varies"

    varies: Name = Field(description="The variable.")

    def applies(self, table: Table) -> str:
        return absent(table, table.expanded(self.varies)) or ("" if table.n > 1 else f"{table.name} has one record")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name = table.expanded(self.varies)
        codes = table.keys((name,))
        if not table.missing(name).any() and bool((codes == codes[0]).all()):
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
        listed = set(table.facts.names) if table.facts is not None else set()
        listed |= _OF_PERSONS if table.is_of_persons else set()
        for name in table.columns:
            if name not in known and general_timing(name) is None and name.rstrip("0123456789") not in listed:
                yield Hit(variable=name)  # COVAL1 and TSVAL1 continue a text


def standard_facts(table: Table) -> dict[str, VariableFacts]:
    """The variables of a table that the guide knows, with their facts; none where the class is not known."""
    if table not in _FACTS:
        _FACTS[table] = _standard_facts(table)
    return _FACTS[table]


def _standard_facts(table: Table) -> dict[str, VariableFacts]:
    facts = table.facts
    if table.is_of_persons:
        facts = sdtm_dataset(table.prefix)
    if facts is None:
        try:
            facts = sdtm_class_dataset(table.prefix, table.observation_class, "")
        except ValueError:
            return {}
    return {n: found for n in table.columns if (found := facts.variable(n)) is not None}


@register_check
class TogetherCheck(Check):
    """A dataset has both of two variables, or neither."""

    verb = "together"

    together: tuple[Name, Name] = Field(description="The two variables.")

    def parts(self) -> frozenset[str]:
        return frozenset({"other"})

    def applies(self, table: Table) -> str:
        one, other = map(table.expanded, self.together)
        return "" if {one, other} & table.names else f"neither {one} nor {other} is in {table.name}"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        one, other = map(table.expanded, self.together)
        for name, beside in ((one, other), (other, one)):
            if name not in table.names:
                yield Hit(variable=name, parts={"other": beside})


@register_check
class DateBesideDayCheck(Check):
    """A dataset with a study day has its date."""

    verb = "date_beside_day"

    date_beside_day: Literal[True]
    _dates: ClassVar[dict[str, str]] = {"--DY": "--DTC", "--STDY": "--STDTC", "--ENDY": "--ENDTC"}

    def applies(self, table: Table) -> str:
        days = [table.expanded(n) for n in self._dates]
        return "" if table.names & set(days) else f"{table.name} has no study day"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for day, date in self._dates.items():
            if table.expanded(day) in table.names and table.expanded(date) not in table.names:
                yield Hit(variable=table.expanded(date))


@register_check
class LinkedCheck(Check):
    """A variable that links records is in at least two datasets."""

    verb = "linked"

    linked: tuple[Name, ...] = Field(description="The variables, each with -- for the domain.")

    def applies(self, table: Table) -> str:
        there = [n for n in map(table.expanded, self.linked) if n in table.names]
        return "" if there else f"{table.name} has no link"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name in self.linked:
            has = [t for t in package.tables.values() if t.expanded(name) in t.names]
            if table.expanded(name) in table.names and len(has) < 2:
                yield Hit(variable=table.expanded(name))
