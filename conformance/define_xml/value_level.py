"""Checks of value-level metadata against the records: where clauses, coverage, types, lengths, digits, terms.

The checks of one where clause all hold, and one of several clauses holds. Source: Define-XML 2.1, 4.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...define.content import Check, DatasetContent, Item
from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, RangeCheck
from ...engine.tables.range_checks import holds
from .check import DefineProblem, DefineView, Needs, define_check
from .codelists import outside_terms
from .values import UsedValues, is_number, used_values, wrong_digits, wrong_length, wrong_type

_ONE = frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"})
_COMPARATORS = _ONE | {"IN", "NOTIN"}


@dataclass(frozen=True)
class _Level:
    """A value-level definition, and where its records are; None where a where clause cannot be run on this dataset.

    ``used``: their values.
    """

    item: Item
    here: np.ndarray | None
    used: UsedValues = field(default_factory=UsedValues)


@dataclass(frozen=True)
class _Levels:
    """The value-level definitions of a variable."""

    dataset: DatasetContent
    variable: str
    column: pd.Series
    levels: tuple[_Level, ...]

    @property
    def complete(self) -> bool:
        """Whether each where clause can be run."""
        return bool(self.levels) and all(level.here is not None for level in self.levels)


def _levels(view: DefineView) -> tuple[_Levels, ...]:
    return view.once("levels", lambda: tuple(_all_levels(view)))


def _all_levels(view: DefineView) -> Iterator[_Levels]:
    for dataset, data in view.described:
        names = {i.oid: i.name.upper() for i in dataset.items}
        for item in dataset.items:
            items = view.content.value_lists.get(item.value_list)
            if items and item.name.upper() in data.columns:
                column = data.columns[item.name.upper()]
                levels = tuple(_level(level, _records(view, level, names, data), column) for level in items)
                yield _Levels(dataset, item.name, column, levels)


def _level(item: Item, here: np.ndarray | None, column: pd.Series) -> _Level:
    return _Level(item, here) if here is None else _Level(item, here, used_values(column, np.flatnonzero(here)))


def _records(view: DefineView, level: Item, names: dict[str, str], data: Dataset) -> np.ndarray | None:
    found = np.zeros(len(data), dtype=bool)
    for oid in level.where:
        clause = view.content.where.get(oid)
        if clause is None or level.oid in view.content.unresolved:
            return None
        here = np.ones(len(data), dtype=bool)
        for check in clause.checks:
            column = data.columns.get(names.get(check.item, ""))
            if column is None or _unusable(check, column):
                return None
            here &= _holds(check, names[check.item], column)
        found |= here
    return found


def _holds(check: Check, name: str, column: pd.Series) -> np.ndarray:
    """Where a condition holds. An empty CheckValue of EQ or IN is a missing value."""
    found = holds(RangeCheck(name, check.comparator, check.values), column)
    if "" in check.values and check.comparator in ("EQ", "IN"):
        found = found | col.missing(column)
    return found


def _unusable(check: Check, column: pd.Series) -> str:
    """Why a condition cannot be run, '' where it can."""
    if check.comparator not in _COMPARATORS:
        return f"the comparator {check.comparator!r} is none of {', '.join(sorted(_COMPARATORS))}"
    if not check.values or (check.comparator in _ONE and len(check.values) != 1):
        return f"{check.comparator} takes {'one value' if check.comparator in _ONE else 'values'}"
    if col.is_number(column):
        odd = next((v for v in check.values if not is_number(v)), None)
        if odd is not None:
            return f"the variable is numeric, and {odd!r} is no number"
    return ""


@define_check(Needs.VALUE_LEVEL)
def conditions_run(view: DefineView) -> Iterator[DefineProblem]:
    """A condition has a comparator of Define-XML, one value or several as it takes, and numbers for a number."""
    columns = {
        i.oid: d.columns[i.name.upper()] for c, d in view.described for i in c.items if i.name.upper() in d.columns
    }
    for clause in view.content.where.values():
        if not clause.checks:
            yield DefineProblem(message="the where clause has no condition", place=clause.oid)
        for check in clause.checks:
            problem = _unusable(check, columns.get(check.item, pd.Series([], dtype="category")))
            if problem:
                yield DefineProblem(message=problem, value=", ".join(check.values), place=clause.oid)


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def records_covered(view: DefineView) -> Iterator[DefineProblem]:
    """Each value of a variable with value-level metadata has a definition."""
    for levels in _levels(view):
        if levels.complete:
            filled = ~col.missing(levels.column)
            outside = filled & ~np.any([level.here for level in levels.levels], axis=0)
            if outside.any():
                message = f"{int(outside.sum())} records with a value have no value-level definition"
                yield _of(levels, message, first=int(outside.argmax()) + 1)


def _of(levels: _Levels, message: str, value: str = "", place: str = "", first: int = 0) -> DefineProblem:
    if first:
        message += f"; the first is record {first}"
    return DefineProblem(
        message=message, dataset=levels.dataset.name, variable=levels.variable, value=value, place=place
    )


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def definitions_apart(view: DefineView) -> Iterator[DefineProblem]:
    """No value has two value-level definitions."""
    for levels in _levels(view):
        if levels.complete:
            count = np.sum([level.here for level in levels.levels], axis=0)
            twice = ~col.missing(levels.column) & (count > 1)
            if twice.any():
                message = f"{int(twice.sum())} records with a value have more than one value-level definition"
                yield _of(levels, message, first=int(twice.argmax()) + 1)


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def definitions_used(view: DefineView) -> Iterator[DefineProblem]:
    """A value-level definition has records, unless it is marked with HasNoData."""
    for levels in _levels(view):
        for level in levels.levels:
            here = level.here
            if here is not None and len(here) and not here.any() and not level.item.has_no_data:
                yield _of(levels, "no record has the conditions of this definition", place=level.item.oid)


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def empty_definitions(view: DefineView) -> Iterator[DefineProblem]:
    """A value-level definition with HasNoData has no record with a value."""
    for levels in _levels(view):
        for level in levels.levels:
            if level.item.has_no_data and level.here is not None and not level.used.empty:
                count = int((level.here & ~col.missing(levels.column)).sum())
                yield _of(levels, f"def:HasNoData is Yes, and {count} records have a value", place=level.item.oid)


def _by_level(view: DefineView, wrong: Callable[[Item, UsedValues], str], shown: str) -> Iterator[DefineProblem]:
    for levels in _levels(view):
        for level in levels.levels:
            if level.here is None:
                continue
            problem = wrong(level.item, level.used)
            if problem:
                yield _of(levels, problem, getattr(level.item, shown), level.item.oid)


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def level_types(view: DefineView) -> Iterator[DefineProblem]:
    """The DataType of a value-level definition is that of its values."""
    yield from _by_level(view, wrong_type, "data_type")


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def level_lengths(view: DefineView) -> Iterator[DefineProblem]:
    """Each value fits the Length of its value-level definition."""
    yield from _by_level(view, wrong_length, "length")


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def level_digits(view: DefineView) -> Iterator[DefineProblem]:
    """No value has more digits after the point than SignificantDigits of its value-level definition."""
    yield from _by_level(view, wrong_digits, "digits")


@define_check(Needs.DATA, Needs.VALUE_LEVEL)
def level_terms(view: DefineView) -> Iterator[DefineProblem]:
    """Each value is a term of the codelist of its value-level definition."""
    for levels in _levels(view):
        for level in levels.levels:
            codelist = view.content.codelists.get(level.item.codelist)
            if level.here is None or codelist is None:
                continue
            for value in outside_terms(codelist, level.used):
                yield _of(levels, f"no term of the codelist {codelist.oid}", value, level.item.oid)


@define_check(Needs.VALUE_LEVEL)
def condition_terms(view: DefineView) -> Iterator[DefineProblem]:
    """A value of a where clause is a term of the codelist of its variable."""
    items = {item.oid: (dataset, item) for dataset, item in view.items}
    for clause in view.content.where.values():
        for check in clause.checks:
            dataset, item = items.get(check.item, ("", None))
            codelist = view.content.codelists.get(item.codelist) if item else None
            if item is None or codelist is None or check.comparator not in ("EQ", "IN"):
                continue
            for value in outside_terms(codelist, UsedValues(tuple(v for v in check.values if v))):
                message = f"no term of the codelist {codelist.oid} of {item.name}"
                yield DefineProblem(message=message, dataset=dataset, value=value, place=clause.oid)
