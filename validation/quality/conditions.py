"""Checks of records against each other and across datasets: a condition that must not hold, numbers without holes,
values that occur once.

Not for checks of dates (date_kinds.py) or of single values (value_kinds.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...mappings.expressions.expression import parse
from .kind import Failing, Known, Mistake, ReadName, listed
from .scope import Scope


@dataclass(frozen=True)
class Fails:
    """A condition; a record where it holds fails. Its names and types are checked where expressions are."""

    condition: str
    verb: ClassVar[str] = "fails"

    def reads(self) -> Iterator[ReadName]:
        yield from ()

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        yield from ()

    def words(self) -> str:
        return f"no record where {parse(self.condition).sentence()}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        yield Failing(np.flatnonzero(inside & scope.where(self.condition)))


@dataclass(frozen=True)
class Unbroken:
    """Numbers within a group are 1, 2, 3 ... without a hole; the record that comes right after a hole fails.

    The number 1 needs no record before it. Equal numbers count as one. A text is read as a number; other texts are
    excluded.
    """

    variable: str
    by: tuple[str, ...]
    verb: ClassVar[str] = "unbroken"

    def reads(self) -> Iterator[ReadName]:
        yield ReadName(self.variable, ("unbroken",))
        yield from (ReadName(n, ("by", i)) for i, n in enumerate(self.by))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        yield from ()

    def words(self) -> str:
        return f"{self.variable} is 1, 2, 3 and so on without a hole within {listed(self.by)}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        numbers = col.to_number(scope.column(self.variable))[0]
        usable = inside & ~np.isnan(numbers) & (numbers == np.trunc(numbers)) & (np.abs(numbers) < 1e6)
        (groups,) = verbs.key_codes([scope.column(n) for n in self.by])
        usable &= groups >= 0
        key = groups * 4_000_000 + np.where(usable, numbers, 0).astype("int64") + 1_000_000
        before = np.isin(key - 1, key[usable])
        yield Failing(np.flatnonzero(usable & (numbers != 1) & ~before), self.variable)


@dataclass(frozen=True)
class Once:
    """No two records share the values of ``variables``, all filled; every one of such records fails."""

    variables: tuple[str, ...]
    verb: ClassVar[str] = "once"

    def reads(self) -> Iterator[ReadName]:
        yield from (ReadName(n, ("once", i)) for i, n in enumerate(self.variables))

    def mistakes(self, known: Known) -> Iterator[Mistake]:
        yield from ()

    def words(self) -> str:
        return f"no two records have the same {listed(self.variables)}"

    def failing(self, scope: Scope, inside: np.ndarray, known: Known) -> Iterator[Failing]:
        (codes,) = verbs.key_codes([scope.column(n) for n in self.variables])
        usable = inside & (codes >= 0)
        counts = np.bincount(codes[usable], minlength=int(codes.max(initial=0)) + 1)
        yield Failing(np.flatnonzero(usable & (counts[np.maximum(codes, 0)] > 1)), self.variables[-1])
