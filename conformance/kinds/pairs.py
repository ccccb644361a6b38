"""Variables that belong together by their names: a code and its text, a flag and its number, a value and its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ..package import Package
from ..table import Table
from .expression import Condition, checked, missing_names, true
from .kind import Check, Hit, Name, absent, register_check, rows_of
from .results import differs
from .stars import StarName, filled, matches, pairs
from .unique import unlike


@register_check
class PairedCheck(Check):
    """Two variables are one to one: a value of the one has one value of the other. Missing values do not count."""

    verb = "paired"

    paired: tuple[tuple[StarName, StarName], ...] = Field(
        description="Pairs of variables; * and # are the same in both.", min_length=1
    )
    per: tuple[Name, ...] = Field(default=(), description="The variables that make a group; none: the dataset.")
    backward: bool = Field(default=True, description="false: the second may be the same for several of the first.")
    when: Condition | None = Field(default=None, description="Only among the records that meet this.")

    @model_validator(mode="after")
    def _readable(self) -> PairedCheck:
        checked({"when": self.when})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"first", "second", "usual"})

    def applies(self, table: Table) -> str:
        reason = absent(table, *map(table.expanded, self.per)) or missing_names(table, (self.when,))
        return reason or ("" if self._pairs(table) else f"{table.name} has no such pair of variables")

    def _pairs(self, table: Table) -> dict[tuple[str, str], None]:
        return dict.fromkeys(found for pair in self.paired for found in pairs(table, *pair))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        per = list(map(table.expanded, self.per))
        for first, second in self._pairs(table):
            odd = np.zeros(table.n, dtype=bool)
            for name, of in ((second, first), (first, second))[: 2 if self.backward else 1]:
                found = unlike(table, name, [*per, of], [*per, of], self.when)
                if found is None:
                    continue
                rows, usual = found
                fresh = ~odd[rows]
                if fresh.any():
                    parts = {"first": of, "second": name, "usual": usual[fresh]}
                    yield Hit(rows=rows[fresh], variable=name, parts=parts)
                odd[rows] = True


@register_check
class GoesWithCheck(Check):
    """A variable needs others: they are in the dataset, or they are filled where it is."""

    verb = "goes_with"

    goes_with: Mapping[StarName, tuple[StarName, ...]] = Field(
        description="Variable -> those that it needs, of which one is enough; * and # are the same in all.",
        min_length=1,
    )
    part: Literal["present", "filled"] = Field(
        description="present: it is in the dataset and none of the others is; filled: it has a value in a record "
        "where none of the others that are there has one."
    )
    shows: Literal["itself", "other"] = Field(default="other", description="The variable of the finding.")
    when: Condition | None = Field(default=None, description="Records that the check is about; without it all.")
    not_names: tuple[Name, ...] = Field(default=(), description="Variables that it is not about.")

    @model_validator(mode="after")
    def _readable(self) -> GoesWithCheck:
        checked({"when": self.when})
        return self

    def parts(self) -> frozenset[str]:
        return frozenset({"itself", "other"})

    def _found(self, table: Table) -> Iterator[tuple[str, list[str]]]:
        seen = {n for p in self.not_names for n in table.matching(p)}
        for pattern, wanted in self.goes_with.items():
            for name, parts in matches(table, pattern):
                needs = [filled(table.expanded(n), parts) for n in wanted]
                if name not in seen and name not in needs:
                    seen.add(name)
                    yield name, needs

    def applies(self, table: Table) -> str:
        if not any(True for _ in self._found(table)):
            return f"{table.name} has no {' or '.join(map(table.expanded, self.goes_with))}"
        return missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        among = true(table, self.when)
        if among is None:
            return
        for name, needs in self._found(table):
            there = [n for n in needs if n in table.names]
            shown = name if self.shows == "itself" else (there or needs)[0]
            parts = {"itself": name, "other": " or ".join(there or needs)}
            if self.part == "present":
                if not there:
                    yield Hit(variable=shown, parts=parts)
                continue
            if there:
                lacking = among & ~table.missing(name)
                for other in there:
                    lacking &= table.missing(other)
                at = rows_of(lacking)
                if at is not None:
                    yield Hit(rows=at, variable=shown, parts=parts)


@register_check
class FilledTogetherCheck(Check):
    """A variable that has a value in a record of a group has one in each record of it."""

    verb = "filled_in_all"

    filled_in_all: Name = Field(description="The variable.")
    per: tuple[Name, ...] = Field(description="The variables that make a group.", min_length=1)
    when: Condition | None = Field(default=None, description="Records that need the value; without it all.")

    @model_validator(mode="after")
    def _readable(self) -> FilledTogetherCheck:
        checked({"when": self.when})
        return self

    def applies(self, table: Table) -> str:
        return absent(table, self.filled_in_all, *self.per) or missing_names(table, (self.when,))

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        among, lacking = true(table, self.when), table.missing(self.filled_in_all)
        if among is None:
            return
        groups = table.keys(self.per)
        filled_group = np.bincount(groups[~lacking], minlength=int(groups.max(initial=0)) + 1) > 0
        at = rows_of(among & lacking & filled_group[groups])
        if at is not None:
            yield Hit(rows=at, variable=self.filled_in_all)


@register_check
class MappedCheck(Check):
    """Of two variables, one is the code of the other: each listed value has its code."""

    verb = "mapped"

    mapped: tuple[StarName, StarName] = Field(description="The variable with the value, and that with its code.")
    codes: Mapping[str, str] = Field(description="Value -> its code; other values are not judged.", min_length=1)

    def parts(self) -> frozenset[str]:
        return frozenset({"first", "second", "text", "expected"})

    def applies(self, table: Table) -> str:
        return "" if pairs(table, *self.mapped) else f"{table.name} has no such pair of variables"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for first, second in pairs(table, *self.mapped):
            codes, texts = col.split_text(col.as_text(table.columns[first]))
            written, known = col.split_text(col.as_text(table.columns[second]))
            expected = np.array([self.codes.get(t, "") for t in texts], dtype=object)
            if not len(texts) or not len(known):
                continue
            judged = (expected != "")[codes] & ~table.missing(second)
            rows = np.flatnonzero(judged)
            wrong = expected[codes[rows]] != np.asarray(known, dtype=object)[written[rows]]
            rows = rows[wrong]
            if len(rows):
                parts = {"first": first, "second": second, "text": np.asarray(texts, dtype=object)[codes[rows]]}
                yield Hit(rows=rows, variable=second, parts={**parts, "expected": expected[codes[rows]]})


@register_check
class NotAboveCheck(Check):
    """A number is not above another one of the record: a start and its end, a lower and an upper limit."""

    verb = "not_above"

    not_above: tuple[tuple[StarName, StarName], ...] = Field(
        description="Pairs of variables, the lower one first; * and # are the same in both.", min_length=1
    )
    not_variables: tuple[Name, ...] = Field(default=(), description="Variables that the check is not about.")

    def parts(self) -> frozenset[str]:
        return frozenset({"lower", "upper"})

    def _pairs(self, table: Table) -> list[tuple[str, str]]:
        excluded = {n for p in self.not_variables for n in table.matching(p)}
        found = dict.fromkeys(f for pair in self.not_above for f in pairs(table, *pair))
        return [(a, b) for a, b in found if a not in excluded and table.is_number(a) and table.is_number(b)]

    def applies(self, table: Table) -> str:
        return "" if self._pairs(table) else f"{table.name} has no such pair of numbers"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for lower, upper in self._pairs(table):
            with np.errstate(invalid="ignore"):
                rows = np.flatnonzero(table.numbers(lower) > table.numbers(upper))
            if len(rows):
                yield Hit(rows=rows, variable=lower, parts={"lower": lower, "upper": upper})


@register_check
class RatioCheck(Check):
    """A number is the ratio of two others, whose names have the same varying parts."""

    verb = "ratio"

    ratio: StarName = Field(description="The variable with the ratio; * and # are the same in the others.")
    of: StarName = Field(description="The number above.")
    to: StarName = Field(description="The number below.")
    finds: Literal["other", "zero"] = Field(description="other: it is another number; zero: the number below is 0.")

    def parts(self) -> frozenset[str]:
        return frozenset({"expected", "of", "to"})

    def _found(self, table: Table) -> Iterator[tuple[str, str, str]]:
        for name, parts in matches(table, self.ratio):
            above, below = filled(self.of, parts), filled(self.to, parts)
            if {above, below} <= table.names and all(table.is_number(n) for n in (name, above, below)):
                yield name, above, below

    def applies(self, table: Table) -> str:
        return "" if any(True for _ in self._found(table)) else f"{table.name} has no ratio with its numbers"

    def hits(self, table: Table, package: Package) -> Iterator[Hit]:
        for name, above, below in self._found(table):
            written, second = table.numbers(name), table.numbers(below)
            with np.errstate(divide="ignore", invalid="ignore"):
                expected = np.where(second == 0, np.nan, table.numbers(above) / second)
            wrong = ~np.isnan(written) & (second == 0) if self.finds == "zero" else differs(expected, written, 1e-6)
            rows = np.flatnonzero(wrong)
            if len(rows):
                yield Hit(rows=rows, variable=name, parts={"expected": expected[rows], "of": above, "to": below})
