"""Checks of single values: terms of codelists, values that another table has, limits by test and unit, outliers.

Not for checks of dates (date_kinds.py) or of records against each other (conditions.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.plan.codelists import published
from ...errors import Place, nearest
from ...mappings.binding.spec_model import FieldMistake, SpecModel
from ...mappings.expressions.number_text import number_text
from ...mappings.facts.terminology import Codelist
from ...mappings.models.derivation import Condition
from .kind import Failing, Known, Mistake, ReadName, listed
from .scope import Scope


@dataclass(frozen=True)
class Terms:
    """A filled value is a term of a codelist: one of study.yaml, else a published one by name or NCI code.

    The values that SDTMIG prescribes beside the terms are terms too. Upper and lower case differ.
    """

    codelists: Mapping[str, str]
    verb: ClassVar[str] = "terms"

    def reads(self) -> Iterator[ReadName]:
        yield from (ReadName(n, (self.verb, n), "text") for n in self.codelists)

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        for variable, name in self.codelists.items():
            codelist, hint = _codelist(name, known)
            if codelist is None:
                yield Mistake((self.verb, variable), f"there is no codelist '{name}'", hint)
            elif not codelist.terms:
                message = f"the codelist {name} has no terms here: it is a dictionary, or its terms do not ship"
                yield Mistake((self.verb, variable), message)

    def words(self) -> str:
        return listed([f"{v} is a term of {c}" for v, c in self.codelists.items()])

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        for variable, name in self.codelists.items():
            codelist = _codelist(name, known)[0]
            codes, texts = col.split_text(scope.column(variable))
            values = codelist.values if codelist is not None else frozenset()
            bad = np.array([bool(t.strip()) and t not in values for t in texts.tolist()], dtype=bool)
            if codelist is not None and bad.any():
                lookup = codelist.lookup()
                meant = [lookup.get(t.strip().casefold(), "") for t in texts.tolist()]
                advice = np.array([f"the term is {m}" if m else "" for m in meant], dtype=object)
                at = np.flatnonzero(inside & bad[codes])
                yield Failing(at, variable, advice[codes[at]])


def _codelist(name: str, known: Known) -> tuple[Codelist | None, str]:
    """The codelist, or None and a hint."""
    if name in known.codelists:
        return known.codelists[name], ""
    problems = []
    found = published(name, Place(""), problems)
    return found, (nearest(name, list(known.codelists)) or problems[0].hint) if problems else ""


class Exists(SpecModel):
    """The values of a record, all filled, are those of a record of another table."""

    verb: ClassVar[str] = "exists"

    values: tuple[str, ...] = Field(description="Variables of the checked record.")
    table: str = Field(alias="in", description="The table in which a record has these values.")
    as_: tuple[str, ...] = Field((), alias="as", description="Their names in that table; by default the same.")
    where: Condition | None = Field(None, description="Only records of that table where this holds.")

    @model_validator(mode="after")
    def _pairs(self) -> Exists:
        if not self.values:
            raise FieldMistake("values: names no variable", "values")
        if self.as_ and len(self.as_) != len(self.values):
            raise FieldMistake(f"as: has {len(self.as_)} names for {len(self.values)} of values:", "as")
        return self

    @property
    def theirs(self) -> tuple[str, ...]:
        return self.as_ or self.values

    def reads(self) -> Iterator[ReadName]:
        yield from (ReadName(n, (self.verb, "values", i), outside=True) for i, n in enumerate(self.values))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        if self.table not in known.tables:
            hint = nearest(self.table, list(known.tables))
            yield Mistake((self.verb, "in"), f"there is no dataset or source '{self.table}'", hint)
            return
        names = list(known.tables[self.table])
        path = (self.verb, "as" if self.as_ else "values")
        for i, name in enumerate(self.theirs):
            if name not in names:
                yield Mistake((*path, i), f"{self.table} has no variable '{name}'", nearest(name, names))

    def words(self) -> str:
        return f"{self.table} has a record with the same {listed(self.values)}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        other = Scope(self.table, scope.datasets, {})
        there = np.flatnonzero(other.where(self.where))
        mine, theirs = verbs.key_codes(
            [scope.column(n) for n in self.values], [col.take(other.column(n), there) for n in self.theirs]
        )
        bad = inside & (mine >= 0) & ~np.isin(mine, theirs)
        yield Failing(np.flatnonzero(bad), next((n for n in reversed(self.values) if n in scope.frame), ""))


Limits = tuple[float, float]


class Plausible(SpecModel):
    """A number lies within the limits of its test and unit, or on one of them. Other tests are not checked."""

    verb: ClassVar[str] = "plausible"

    value: str = Field(description="The variable with the number, such as LBSTRESN.")
    test: str | None = Field(None, description="The variable with the test, such as LBTESTCD; without it all records.")
    unit: str | None = Field(None, description="The variable with the unit, such as LBSTRESU.")
    limits: dict[str, Limits | dict[str, Limits]] = Field(
        description="Test -> lowest and highest value, or test -> unit -> lowest and highest value. "
        "The test '*' is any test without limits of its own."
    )
    other_units: bool = Field(False, description="Whether a test with limits may have a unit that has none.")

    def reads(self) -> Iterator[ReadName]:
        yield ReadName(self.value, (self.verb, "value"), "number")
        if self.test is not None:
            yield ReadName(self.test, (self.verb, "test"), "text")
        if self.unit is not None:
            yield ReadName(self.unit, (self.verb, "unit"), "text")

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        if self.test is None and set(self.limits) != {"*"}:
            yield Mistake((self.verb, "limits"), "without test: the limits are those of '*' alone", "write '*': [1, 2]")
        for test, limits in self.limits.items():
            by_unit = limits if isinstance(limits, dict) else {"": limits}
            path = (self.verb, "limits", test)
            if isinstance(limits, dict) and self.unit is None:
                yield Mistake(path, "limits by unit need unit:, the variable with the unit")
            for unit, (low, high) in by_unit.items():
                if low > high:
                    place = (*path, unit) if isinstance(limits, dict) else path
                    yield Mistake(place, f"the lowest value {low:g} is above the highest value {high:g}")

    def words(self) -> str:
        beside = " and ".join(w for w, n in (("test", self.test), ("unit", self.unit)) if n is not None)
        return f"{self.value} lies within the limits" + (f" of its {beside}" if beside else "")

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        values = np.asarray(scope.column(self.value), dtype="float64")
        blank = col.constant("", len(values))
        test = blank if self.test is None else scope.column(self.test)
        unit = blank if self.unit is None else scope.column(self.unit)
        codes = verbs.record_codes([test, unit])
        first = col.first_positions(codes, int(codes.max(initial=-1)) + 1)
        pairs = zip(col.objects(col.take(test, first)), col.objects(col.take(unit, first)), strict=True)
        bounds = [self._limits(t, u) for t, u in pairs]
        low = np.array([b[0] for b in bounds], dtype="float64")
        high = np.array([b[1] for b in bounds], dtype="float64")
        without = np.array([b[2] for b in bounds], dtype=bool)
        if not len(codes):
            return
        filled = inside & ~np.isnan(values)
        outside = filled & ((values < low[codes]) | (values > high[codes]))
        at = np.flatnonzero(outside | (filled & without[codes]))
        tests, units = (col.objects(col.take(c, at)) for c in (test, unit))
        detail = [
            f"{t} has no limits {f'in {u}' if u else 'without a unit'}".lstrip() if w else _outside(t, v, u, (a, b))
            for t, v, u, a, b, w in zip(
                tests, values[at], units, low[codes[at]], high[codes[at]], without[codes[at]], strict=True
            )
        ]
        yield Failing(at, self.value, np.array(detail, dtype=object))

    def _limits(self, test: str, unit: str) -> tuple[float, float, bool]:
        """The lowest and highest plausible value, and whether the test has limits, but none in this unit."""
        limits = self.limits.get(test, self.limits.get("*"))
        if limits is None:
            return -np.inf, np.inf, False
        if not isinstance(limits, dict):
            return (*limits, False)
        found = limits.get(unit)
        return (*found, False) if found is not None else (-np.inf, np.inf, not self.other_units)


def _outside(test: str, value: float, unit: str, limits: Limits) -> str:
    low, high = (number_text(float(x)) for x in limits)
    return " ".join(p for p in (test, number_text(float(value)), unit) if p) + f"; plausible are {low} to {high}"


class Outliers(SpecModel):
    """A number is not far from the others of its group, by its distance from their median.

    With ``z`` the distance is the robust z score of Iglewicz and Hoaglin (1993): 0.6745 times the distance, divided by
    the median distance of the group; where that is 0, the distance divided by 1.2533 times the mean distance. With
    ``percent`` it is a share of the median.
    """

    verb: ClassVar[str] = "outliers"

    value: str = Field(description="The variable with the number, such as LBSTRESN.")
    within: tuple[str, ...] = Field(description="The group of a record, such as [LBTESTCD, LBSTRESU].")
    z: float | None = Field(None, gt=0, description="A robust z score above this fails.")
    percent: float | None = Field(None, gt=0, description="A distance above so many percent of the median fails.")
    least: int = Field(20, ge=3, description="Smaller groups are not checked.")
    log: bool = Field(False, description="Whether logarithms are compared, for values with a long tail; above 0 only.")

    @model_validator(mode="after")
    def _one(self) -> Outliers:
        if (self.z is None) == (self.percent is None):
            raise ValueError("give one of z: and percent:")
        if not self.within:
            raise FieldMistake("within: names no variable", "within")
        return self

    def reads(self) -> Iterator[ReadName]:
        yield ReadName(self.value, (self.verb, "value"), "number")
        yield from (ReadName(n, (self.verb, "within", i)) for i, n in enumerate(self.within))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        if self.log and self.percent is not None:
            yield Mistake((self.verb, "log"), "log: is for z:, and percent: is of the values themselves")

    def words(self) -> str:
        how = f"a robust z score of at most {self.z:g}" if self.z is not None else f"at most {self.percent:g} percent"
        return f"{self.value} is within {how} of the median of its {listed(self.within)}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        plain = np.asarray(scope.column(self.value), dtype="float64")
        with np.errstate(all="ignore"):
            values = np.log(np.where(plain > 0, plain, np.nan)) if self.log else plain
        groups = verbs.record_codes([scope.column(n) for n in self.within])
        groups = np.where(inside & np.isfinite(values), groups, -1)
        size = int(groups.max(initial=-1)) + 1
        counts = np.bincount(groups[groups >= 0], minlength=size)
        used = np.flatnonzero((groups >= 0) & (counts[np.maximum(groups, 0)] >= self.least) if size else groups >= 0)
        if not len(used):
            return
        group, value = groups[used], values[used]
        middle = medians(group, value, size)
        distance = np.abs(value - middle[group])
        with np.errstate(all="ignore"):
            if self.percent is not None:
                score = 100 * distance / np.abs(middle[group])
            else:
                spread = medians(group, distance, size) / 0.6745
                mean = np.bincount(group, weights=distance, minlength=size) / counts * 1.2533
                score = distance / np.where(spread > 0, spread, mean)[group]
        limit = self.z if self.z is not None else self.percent
        far = np.flatnonzero(np.nan_to_num(score, nan=0.0) > float(limit or 0))
        shown = np.exp(middle) if self.log else middle
        what = "robust z score" if self.percent is None else "percent away"
        detail = [
            f"{number_text(float(plain[r]))}, {what} {s:.1f}, median {number_text(float(f'{m:.4g}'))} of {n} records"
            for r, s, m, n in zip(used[far], score[far], shown[group[far]], counts[group[far]], strict=True)
        ]
        yield Failing(used[far], self.value, np.array(detail, dtype=object))


def medians(groups: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """The median of the values of each group of ``size``; NaN for one without values."""
    order = np.lexsort([values, groups])
    counts = np.bincount(groups, minlength=size)
    start = np.cumsum(counts) - counts
    out = np.full(size, np.nan)
    some = counts > 0
    low = values[order[start[some] + (counts[some] - 1) // 2]]
    high = values[order[start[some] + counts[some] // 2]]
    out[some] = (low + high) / 2
    return out
