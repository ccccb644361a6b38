"""Checks of the data types, lengths and digits of define.xml against the values of a variable.

Not for value-level metadata (value_level.py), which use the same checks for the records of a where clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...define.content import Item
from ...engine.columns import column as col
from ...engine.columns.iso_types import ISO_TYPES, TIMES, iso_forms, iso_holds, iso_type
from ...engine.columns.number_text import plain_number
from ...engine.columns.point_digits import digits_of, point_digits, without_exponent
from ...engine.tables.dataset import NUMERIC_TYPES, Dataset
from .check import DefineProblem, DefineView, Needs, define_check


@dataclass(frozen=True)
class UsedValues:
    """The filled values of some records, each once: of a text variable ``found``, of a numeric one ``numbers``."""

    found: tuple[str, ...] = ()
    numbers: np.ndarray | None = None

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values as texts."""
        return self.found if self.numbers is None else tuple(map(without_exponent, self.numbers.tolist()))

    @property
    def empty(self) -> bool:
        """Whether there is no value."""
        return not (len(self.found) if self.numbers is None else len(self.numbers))

    @cached_property
    def digits(self) -> tuple[int, int]:
        """Most digits before and after the point; texts that are no numbers have none."""
        if self.numbers is not None:
            return digits_of(self.numbers)
        return point_digits(t for t in self.found if is_number(t))

    def longest(self, fraction: int) -> int:
        """Most digits of one number; of those after the point at most ``fraction``."""
        if self.numbers is None:
            parts = (t.lstrip("+-").partition(".") for t in self.found if is_number(t))
            return max((len(p[0]) + min(len(p[2]), fraction) for p in parts), default=0)
        size = np.abs(self.numbers)
        digits = np.floor(np.log10(np.maximum(size, 1))).astype("int64") + 1
        for places in range(min(fraction, _MOST_DIGITS)):
            digits += np.round(size, places) != size
        return int(digits.max(initial=0))


#: digits after the point at which the noise of a float64 begins
_MOST_DIGITS = 15


def used_values(column: pd.Series, rows: np.ndarray | None = None) -> UsedValues:
    """The filled values of a column, or of some ``rows`` (positions) of it."""
    if col.is_number(column):
        numbers = np.asarray(column, dtype="float64")
        numbers = np.unique(numbers if rows is None else numbers[rows])
        return UsedValues(numbers=numbers[~np.isnan(numbers)])
    codes, texts = col.split_text(column)
    used = np.unique(codes if rows is None else np.asarray(codes)[rows])
    return UsedValues(tuple(sorted(str(t) for t in texts[used] if t)))


def is_number(text: str) -> bool:
    """Whether a text is a number of plain decimals, blanks around it (docs/semantics.md S11)."""
    return plain_number(text.strip()) is not None


def used_of(view: DefineView, data: Dataset, variable: str) -> UsedValues:
    """The filled values of a variable, computed one time for all checks."""
    return view.once(("used", data.name, variable), lambda: used_values(data.columns[variable]))


def _columns(view: DefineView) -> Iterator[tuple[str, Item, UsedValues]]:
    missing = set(view.content.unresolved)
    for dataset, data in view.described:
        for item in dataset.items:
            name = item.name.upper()
            if name in data.columns and item.oid not in missing:
                yield dataset.name, item, used_of(view, data, name)


def _whole(text: str) -> int:
    """A count of define.xml; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() else 0


def wrong_length(item: Item, used: UsedValues, *, exact: bool = False) -> str:
    """What is wrong with a Length, '' where it holds every value: bytes of a text, digits of a number.

    ``exact``: the Length of a number is that of its values, the digits before the point and SignificantDigits.
    """
    length = _whole(item.length)
    if not length or used.empty:
        return ""
    if item.data_type in NUMERIC_TYPES:
        if exact:
            whole, needed = used.digits[0], used.digits[0] + _whole(item.digits)
            return f"the values have {needed} digits" if whole and needed != length else ""
        needed = used.longest(_whole(item.digits) if item.data_type == "float" else 0)
        return f"a value has {needed} digits" if needed > length else ""
    if used.numbers is not None or item.data_type in ISO_TYPES:
        return ""
    longest = max(len(t.encode()) for t in used.texts)
    return f"a value has {longest} bytes" if longest > length else ""


@define_check(Needs.DATA)
def lengths_suffice(view: DefineView) -> Iterator[DefineProblem]:
    """Each value fits the Length of its variable."""
    for dataset, item, used in _columns(view):
        problem = wrong_length(item, used, exact=view.exact)
        if problem:
            yield DefineProblem(message=problem, dataset=dataset, variable=item.name, value=item.length)


@define_check(Needs.DATA)
def lengths_of_files(view: DefineView) -> Iterator[DefineProblem]:
    """The Length of a text is its width in the file, where the file has one."""
    for dataset, data in view.described:
        for item in dataset.items:
            name = item.name.upper()
            if name not in data.columns or item.data_type in NUMERIC_TYPES:
                continue
            variable = data.metadata.variable(name)
            length = _whole(item.length)
            if length and variable.length and not variable.is_numeric and length != variable.length:
                message = f"the file has the length {variable.length}"
                yield DefineProblem(message=message, dataset=dataset.name, variable=item.name, value=item.length)


def wrong_type(item: Item, used: UsedValues, *, exact: bool = False) -> str:
    """What is wrong with a DataType, '' where each value is of it.

    ``exact``: a type of dates is the narrowest that holds the values.
    """
    kind = item.data_type
    if used.empty:
        return ""
    if kind in NUMERIC_TYPES and used.numbers is None:
        odd = next((t for t in used.texts if not is_number(t)), None)
        if odd is not None:
            return f"a value is {odd!r}"
    if kind == "integer" and used.digits[1]:
        return f"values have {used.digits[1]} digits after the point"
    if kind in ISO_TYPES and used.numbers is None:
        forms = iso_forms(used.texts, times=kind in TIMES)
        found = iso_type(forms)
        if found and (found != kind if exact else not iso_holds(kind, forms)):
            return f"the values are {found}"
    return ""


@define_check(Needs.DATA)
def types_of_values(view: DefineView) -> Iterator[DefineProblem]:
    """The DataType is that of the values: integer has no fraction, a date with gaps is partial or incomplete."""
    for dataset, item, used in _columns(view):
        if (used.numbers is not None) == (item.data_type in NUMERIC_TYPES):
            problem = wrong_type(item, used, exact=view.exact)
            if problem:
                yield DefineProblem(message=problem, dataset=dataset, variable=item.name, value=item.data_type)


def wrong_digits(item: Item, used: UsedValues) -> str:
    """What is wrong with SignificantDigits, '' where no value has more."""
    fraction = used.digits[1] if item.data_type == "float" and item.digits else 0
    return f"values have {fraction} digits after the point" if fraction > _whole(item.digits) else ""


@define_check(Needs.DATA)
def digits_suffice(view: DefineView) -> Iterator[DefineProblem]:
    """No value has more digits after the point than SignificantDigits."""
    for dataset, item, used in _columns(view):
        problem = wrong_digits(item, used)
        if problem:
            yield DefineProblem(message=problem, dataset=dataset, variable=item.name, value=item.digits)
