"""Conditions on the values of one record: what follows from what, what may not be, and the order of two dates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import Field, model_validator

from ...engine.columns.moments import Moments, after
from ...engine.expressions.shared import violated, where
from ...engine.expressions.truth import TRUE
from ...mappings.binding.bind import FieldMistake
from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true, truth
from .kind import Check, Hit, Name, absent, register_check, rows_of


@register_check
class ConditionCheck(Check):
    """A condition on the values of a record."""

    verb = "condition"

    condition: Name = Field(description="The variable whose value is shown.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")
    requires: Condition | None = Field(
        default=None, description="What must be true of them; a record is a finding also where it is unknown."
    )
    finds: Condition | None = Field(default=None, description="A record is a finding where this is true.")
    optional: tuple[Name, ...] = Field(default=(), description="Variables that count as empty if they are absent.")

    @model_validator(mode="after")
    def _one_of_two(self) -> ConditionCheck:
        if (self.requires is None) == (self.finds is None):
            raise FieldMistake("a condition has either requires: or finds:")
        checked({"when": self.when, "requires": self.requires, "finds": self.finds})
        return self

    def applies(self, table: Table) -> str:
        shown = "" if self.condition in self.optional else absent(table, table.expanded(self.condition))
        return shown or missing_names(table, (self.when, self.requires, self.finds), self.optional)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        before = truth(table, self.when) if self.when is not None else None
        if self.requires is not None:
            found = violated(before, truth(table, self.requires), table.n)
        else:
            assert self.finds is not None  # the validator asks for one of them
            found = where(truth(table, self.finds), TRUE, table.n)
            if found is not None and before is not None:
                among = where(before, TRUE, table.n)
                found = found & among if among is not None else None
        at = rows_of(found)
        if at is not None:
            yield Hit(rows=at, variable=table.expanded(self.condition))


@register_check
class OrderCheck(Check):
    """One date is not after another, as far as both are known."""

    verb = "order"

    order: tuple[str, str] = Field(
        description="The earlier and the later variable, of the record or DM.VARIABLE; the record is a finding where "
        "the first is certainly after the second."
    )
    shows: Name | None = Field(default=None, description="The variable whose value is shown; by default the first.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")
    optional: tuple[Name, ...] = Field(default=(), description="Variables of when: that count as empty if absent.")

    @model_validator(mode="after")
    def _readable(self) -> OrderCheck:
        checked({"when": self.when})
        return self

    @property
    def _shown(self) -> str:
        return self.shows or next(n for n in self.order if "." not in n)

    def parts(self) -> frozenset[str]:
        return frozenset({"earlier", "later"})

    def applies(self, table: Table) -> str:
        plain = [table.expanded(n) for n in self.order if "." not in n]
        others = [f"{n} != ''" for n in self.order if "." in n]
        reason = absent(table, *plain, table.expanded(self._shown))
        return reason or missing_names(table, (*others, self.when), self.optional)

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        first, second = (_moments(table, n) for n in self.order)
        found = after(first, second)
        if found.any() and self.when is not None:
            among = true(table, self.when)
            found = found & among if among is not None else np.zeros(table.n, dtype=bool)
        at = rows_of(found)
        if at is not None:
            earlier, later = (table.expanded(n) for n in self.order)
            yield Hit(rows=at, variable=table.expanded(self._shown), parts={"earlier": earlier, "later": later})


def _moments(table: Table, name: str) -> Moments:
    if "." not in name:
        return table.moments(table.expanded(name))
    dataset, variable = name.split(".", 1)
    at = table.positions(dataset)
    other = table.other(dataset)
    assert other is not None  # applies() has found it
    found = other.moments(variable)
    blank = {k: np.append(v, False if v.dtype == bool else np.nan) for k, v in vars(found).items()}
    return Moments(**blank).take(at)


@register_check
class SameDateCheck(Check):
    """Two dates are the same, as far as both are known."""

    verb = "same_date"

    same_date: tuple[str, str] = Field(description="The variable that is shown, and the other one or DM.VARIABLE.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")

    @model_validator(mode="after")
    def _readable(self) -> SameDateCheck:
        checked({"when": self.when})
        return self

    def applies(self, table: Table) -> str:
        plain = [table.expanded(n) for n in self.same_date if "." not in n]
        others = [f"{n} != ''" for n in self.same_date if "." in n]
        return absent(table, *plain) or missing_names(table, (*others, self.when))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        among = true(table, self.when)
        if among is None:
            return
        first, second = (_moments(table, n) for n in self.same_date)
        at = rows_of((after(first, second) | after(second, first)) & among)
        if at is not None:
            yield Hit(rows=at, variable=table.expanded(self.same_date[0]))
