"""Checks of dates: their form, their order within a record and against other forms, and the order of visits.

Dates are compared as far as they are known: a partial date fails only where no day that it can mean would pass. Not for
reading dates of raw cells, which the study's date formats decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import days_of_text, is_iso
from ...engine.columns.moments import after, moments
from ...mappings.binding.spec_model import SpecModel
from .kind import Failing, Known, Mistake, ReadName, listed
from .scope import Scope


@dataclass(frozen=True)
class IsoDates:
    """A filled text is an ISO 8601 date, complete or partial, with or without time, or an interval of them."""

    variables: tuple[str, ...]
    verb: ClassVar[str] = "iso_dates"

    def reads(self) -> Iterator[ReadName]:
        yield from (ReadName(n, (self.verb, i), "text") for i, n in enumerate(self.variables))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        yield from ()

    def words(self) -> str:
        verb = "is a date" if len(self.variables) == 1 else "are dates"
        return f"{listed(self.variables)} {verb} of ISO 8601, complete or partial"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        for name in self.variables:
            codes, texts = col.split_text(scope.column(name))
            bad = np.array([bool(t.strip()) and not is_iso(t) for t in texts.tolist()], dtype=bool)
            if bad.any():
                yield Failing(np.flatnonzero(inside & bad[codes]), name)


@dataclass(frozen=True)
class Order:
    """Dates in the order in which they must lie: none is certainly after a later one of the list. Equal is in order."""

    dates: tuple[str, ...]
    verb: ClassVar[str] = "order"

    def reads(self) -> Iterator[ReadName]:
        yield from (ReadName(n, (self.verb, i), "", outside=True) for i, n in enumerate(self.dates))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        if len(self.dates) < 2:
            yield Mistake((self.verb,), "an order needs at least two dates")

    def words(self) -> str:
        return f"{self.dates[0]} is not after {', nor that after '.join(self.dates[1:])}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        read = {n: moments(scope.column(n)) for n in self.dates}
        left = inside.copy()
        for first, second in itertools.combinations(self.dates, 2):
            at = np.flatnonzero(left & after(read[first], read[second]))
            if len(at):
                left[at] = False
                column = next((n for n in (second, first) if n in scope.frame), "")
                yield Failing(at, column, _compared(scope, (first, second), at))


def _compared(scope: Scope, names: Sequence[str], at: np.ndarray) -> np.ndarray:
    first, second = (col.objects(col.as_text(col.take(scope.column(n), at))) for n in names)
    texts = [f"{names[0]} {a} is after {names[1]} {b}" for a, b in zip(first, second, strict=True)]
    return np.array(texts, dtype=object)


#: visits of one group that are compared with each other
MOST_VISITS = 500


class Visits(SpecModel):
    """Visits of a subject in the order of their dates.

    Of visits that contradict each other, those fail that contradict most: one wrong date is one finding. Visits without
    a number or a complete date are not compared.
    """

    verb: ClassVar[str] = "visits"

    visit: str = Field(description="The number of the visit, such as VISITNUM; a text is read as a number.")
    date: str = Field(description="The date of the visit.")
    by: tuple[str, ...] = Field(("USUBJID",), description="Whose visits are in order.")

    def reads(self) -> Iterator[ReadName]:
        yield ReadName(self.visit, (self.verb, "visit"))
        yield ReadName(self.date, (self.verb, "date"))
        yield from (ReadName(n, (self.verb, "by", i)) for i, n in enumerate(self.by))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        yield from ()

    def words(self) -> str:
        return f"{self.date} does not go back from one {self.visit} to a later one"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        number = col.to_number(scope.column(self.visit))[0]
        day = days_of_text(scope.column(self.date))
        (group,) = verbs.key_codes([scope.column(n) for n in self.by])
        usable = np.flatnonzero(inside & (group >= 0) & ~np.isnan(number) & ~np.isnan(day))
        triples = np.stack([group[usable].astype("float64"), number[usable], day[usable]], axis=1)
        unique, of_record = np.unique(triples, axis=0, return_inverse=True)
        bad, partner = _contradictions(unique)
        at = np.flatnonzero(bad[of_record.reshape(-1)])
        records = usable[at]
        if not len(records):
            return
        triple = of_record.reshape(-1)[at]
        first = np.full(len(unique), -1, dtype="int64")
        first[of_record.reshape(-1)[::-1]] = usable[::-1]
        dates = col.objects(col.as_text(scope.column(self.date)))
        other = first[partner[triple]]
        detail = [
            f"{self.visit} {number[r]:g} on {dates[r]}, {self.visit} {number[o]:g} on {dates[o]}"
            for r, o in zip(records.tolist(), other.tolist(), strict=True)
        ]
        yield Failing(records, self.date, np.array(detail, dtype=object))


def _contradictions(visits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which visits fail, and for each a visit that it contradicts.

    ``visits``: rows of group, number, day, sorted. Two visits of a group contradict each other where the later number
    has the earlier day.
    """
    count = len(visits)
    bad, partner = np.zeros(count, dtype=bool), np.full(count, -1, dtype="int64")
    if count < 2:
        return bad, partner
    starts = np.flatnonzero(np.r_[True, visits[1:, 0] != visits[:-1, 0]])
    sizes = np.diff(np.r_[starts, count])
    # of a group with more visits than any subject has, each visit is compared with the next ones only
    size = np.repeat(np.minimum(sizes, MOST_VISITS), sizes)
    left = np.repeat(np.arange(count), size)
    step = np.arange(len(left)) - np.repeat(np.cumsum(size) - size, size)
    right = np.minimum(left + 1 + step, count - 1)
    same = visits[left, 0] == visits[right, 0]
    left, right = left[same], right[same]
    wrong = (visits[left, 1] < visits[right, 1]) & (visits[left, 2] > visits[right, 2])
    left, right = left[wrong], right[wrong]
    degree = np.bincount(left, minlength=count) + np.bincount(right, minlength=count)
    ends = np.r_[left, right]
    others = np.r_[right, left]
    worst = np.zeros(count, dtype="int64")
    np.maximum.at(worst, ends, degree[others])
    bad = (degree > 0) & (degree >= worst)
    partner[ends[::-1]] = others[::-1]
    return bad, partner
