"""Results computed again: the number of a standard result, and the change from baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ..package import Package
from ..table import Table
from .expression import Condition, missing_names, true
from .kind import Check, Hit, Name, absent, register_check


@register_check
class NumericResultCheck(Check):
    """A numeric result is the number that its text states."""

    verb = "number_of"

    number_of: Name = Field(description="The variable with the text.")
    number: Name = Field(description="The numeric variable.")
    finds: Literal["other", "missing", "unfounded"] = Field(
        description="other: the number differs; missing: the text is a number and the variable is empty; unfounded: "
        "the variable is filled and the text is no number."
    )

    def applies(self, table: Table) -> str:
        names = table.expanded(self.number_of), table.expanded(self.number)
        return absent(table, *names) or ("" if table.is_number(names[1]) else f"{names[1]} is a text")

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        text, name = table.expanded(self.number_of), table.expanded(self.number)
        read, bad = col.to_number(table.columns[text])
        written = table.numbers(name)
        if self.finds == "missing":
            wrong = ~np.isnan(read) & np.isnan(written)
        elif self.finds == "unfounded":
            wrong = bad & ~np.isnan(written)
        else:
            wrong = differs(read, written)
        rows = np.flatnonzero(wrong)
        if len(rows):
            yield Hit(rows=rows, variable=name)


def differs(expected: np.ndarray, written: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Where two numbers differ by more than the rounding of a computation; false where one is missing."""
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.abs(expected), np.abs(written))
        return np.abs(expected - written) > tolerance * np.maximum(size, 1.0)


@register_check
class ComputedCheck(Check):
    """A numeric variable is what a formula over other variables gives."""

    verb = "computed"

    computed: Name = Field(description="The variable.")
    as_: Literal["difference", "percent_change", "ratio"] = Field(
        alias="as",
        description="difference: first - second; percent_change: of first from second; ratio: first / second.",
    )
    first: Name = Field(description="The first number.")
    second: Name = Field(description="The second number.")
    when: Condition | None = Field(default=None, description="Records that the check is about.")
    tolerance: float = Field(default=1e-6, description="The relative difference that rounding may cause.")

    def parts(self) -> frozenset[str]:
        return frozenset({"expected"})

    def applies(self, table: Table) -> str:
        names = [table.expanded(n) for n in (self.computed, self.first, self.second)]
        text = next((n for n in names if n in table.names and not table.is_number(n)), "")
        reason = absent(table, *names) or (f"{text} is a text" if text else "")
        return reason or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        name = table.expanded(self.computed)
        first, second = table.numbers(table.expanded(self.first)), table.numbers(table.expanded(self.second))
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = {
                "difference": lambda: first - second,
                "percent_change": lambda: 100 * (first - second) / second,
                "ratio": lambda: first / second,
            }[self.as_]()
        expected[~np.isfinite(expected)] = np.nan
        wrong = differs(expected, table.numbers(name), self.tolerance)
        among = true(table, self.when) if wrong.any() else None
        rows = np.flatnonzero(wrong & among) if among is not None else np.zeros(0, dtype="int64")
        if len(rows):
            yield Hit(rows=rows, variable=name, parts={"expected": col.objects(expected[rows])})


@register_check
class BaselineValueCheck(Check):
    """A baseline value is the value of the record that is flagged as baseline."""

    verb = "baseline_of"

    baseline_of: Name = Field(description="The variable with the value.")
    baseline: Name = Field(description="The variable with the baseline value.")
    flag: Name = Field(description="The variable that is Y in the baseline record.")
    by: tuple[Name, ...] = Field(description="The variables that make a group.", min_length=1)
    optional: tuple[Name, ...] = Field(default=(), description="Further ones, where the dataset has them.")
    finds: Literal["other", "without"] = Field(
        default="other", description="without: the group has a baseline value and no flagged record."
    )

    def parts(self) -> frozenset[str]:
        return frozenset({"expected"})

    def applies(self, table: Table) -> str:
        return absent(table, *map(table.expanded, (self.baseline_of, self.baseline, self.flag, *self.by)))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        value, name, flag = map(table.expanded, (self.baseline_of, self.baseline, self.flag))
        groups = table.keys([n for n in map(table.expanded, (*self.by, *self.optional)) if n in table.names])
        codes, texts = table.texts(flag)
        flagged = np.flatnonzero((texts == "Y")[codes]) if len(texts) else np.zeros(0, dtype="int64")
        place = np.full(int(groups.max(initial=-1)) + 1, -1, dtype="int64")
        place[groups[flagged][::-1]] = flagged[::-1]
        at = place[groups]
        if self.finds == "without":
            rows = np.flatnonzero((at < 0) & ~table.missing(name))
            if len(rows):
                yield Hit(rows=rows, variable=name)
            return
        if table.is_number(value) and table.is_number(name):
            expected = np.append(table.numbers(value), np.nan)[at]
            rows = np.flatnonzero(differs(expected, table.numbers(name)))
            shown = col.objects(expected[rows])
        else:
            theirs = np.append(col.objects(col.as_text(table.columns[value])), "")[at]
            mine = col.objects(col.as_text(table.columns[name]))
            rows = np.flatnonzero((theirs != "") & (mine != "") & (theirs != mine))
            shown = theirs[rows]
        if len(rows):
            yield Hit(rows=rows, variable=name, parts={"expected": shown})
