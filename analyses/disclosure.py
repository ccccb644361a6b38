"""Which unpublished numbers follow from published ones by linear equations. Not for what the numbers count.

An equation is a sum of numbers with coefficients that is known, as all = A + B. Published numbers are constants, so
only the unpublished ones of an equation matter: whether one of them is fixed does not depend on the constants.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

#: number -> its coefficient in an equation whose sum is known
Equation = Mapping[int, float]
_ZERO = 1e-9


@dataclass(frozen=True)
class Leak:
    """An unpublished number, or a sum of them, that follows. ``equations``: positions of those that it follows from."""

    numbers: tuple[int, ...]
    equations: tuple[int, ...]


def leaks(
    equations: Sequence[Equation], published: Collection[int], small: Mapping[int, float], below: float
) -> Iterator[Leak]:
    """The numbers of ``small`` that follow, and the sums of unpublished numbers that follow and are below ``below``.

    ``small``: number -> its value, of each that must not be found. Sums are those of one equation with one sign, whose
    numbers are all in ``small``: their sum shows that each is small.
    """
    unknown = [{n: c for n, c in e.items() if n not in published and c} for e in equations]
    for at, of_one in enumerate(unknown):
        if _small_sum(of_one, small, below):
            yield Leak(tuple(of_one), (at,))
    for members in _connected(_bound(unknown, small)):
        if any(n in small for at in members for n in unknown[at]):
            yield from _fixed(unknown, members, small)


def _bound(unknown: Sequence[Equation], small: Mapping[int, float]) -> dict[int, Equation]:
    """Position -> equation, without those from which nothing follows.

    A number that is in one equation alone, and may be found, takes up whatever the others leave of it.
    """
    open_ = {at: e for at, e in enumerate(unknown) if e}
    of_number: dict[int, set[int]] = {}
    for at, equation in open_.items():
        for n in equation:
            of_number.setdefault(n, set()).add(at)
    free = [n for n, ats in of_number.items() if len(ats) == 1 and n not in small]
    while free:
        for at in of_number[free.pop()]:
            for n in open_.pop(at):
                of_number[n] = of_number[n] - {at}
                if len(of_number[n]) == 1 and n not in small:
                    free.append(n)
    return open_


def _small_sum(unknown: Equation, small: Mapping[int, float], below: float) -> bool:
    """Whether the unpublished numbers of an equation have together less than ``below``."""
    if len(unknown) < 2 or not all(n in small for n in unknown) or len({c > 0 for c in unknown.values()}) > 1:
        return False
    return sum(abs(c) * small[n] for n, c in unknown.items()) < below


def _connected(unknown: Mapping[int, Equation]) -> Iterator[list[int]]:
    """The positions of equations that share numbers, directly or through others."""
    parent: dict[int, int] = {}

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for equation in unknown.values():
        first = None
        for n in equation:
            parent.setdefault(n, n)
            if first is None:
                first = root(n)
            else:
                parent[root(n)] = first
    found: dict[int, list[int]] = {}
    for at, equation in unknown.items():
        found.setdefault(root(next(iter(equation))), []).append(at)
    yield from found.values()


def _fixed(unknown: Sequence[Equation], members: Sequence[int], small: Mapping[int, float]) -> Iterator[Leak]:
    """The small numbers of connected equations that have one value only, whatever the known sums are.

    The equations are solved by elimination (Gauss and Jordan): then each is one number by the free ones, and a number
    without free ones is fixed.
    """
    solved: dict[int, _Row] = {}
    users: dict[int, set[int]] = {}
    for at in sorted(members, key=lambda m: (len(unknown[m]), m)):
        row = _Row(dict(unknown[at]), {at: 1.0})
        for pivot in [n for n in row.numbers if n in solved]:
            row.subtract(solved[pivot], row.numbers[pivot])
        if not row.numbers:
            continue
        largest = max(map(abs, row.numbers.values()))
        usable = [n for n, c in row.numbers.items() if abs(c) >= 0.01 * largest]
        pivot = min(usable, key=lambda n: (len(users.get(n, ())), n))
        row.scale(1 / row.numbers[pivot])
        for other in sorted(users.get(pivot, ())):
            before = set(solved[other].numbers)
            solved[other].subtract(row, solved[other].numbers[pivot])
            after = set(solved[other].numbers)
            for n in before - after:
                users[n].discard(other)
            for n in after - before:
                users.setdefault(n, set()).add(other)
        solved[pivot] = row
        for n in row.numbers:
            if n != pivot:
                users.setdefault(n, set()).add(pivot)
    for pivot in sorted(solved):
        if pivot in small and len(solved[pivot].numbers) == 1:
            yield Leak((pivot,), tuple(sorted(solved[pivot].weights)))


@dataclass
class _Row:
    """An equation that was combined from others. ``weights``: position of an equation -> its weight."""

    numbers: dict[int, float]
    weights: dict[int, float]

    def subtract(self, other: _Row, times: float) -> None:
        for mine, theirs in ((self.numbers, other.numbers), (self.weights, other.weights)):
            for n, c in theirs.items():
                factor = mine.get(n, 0.0) - times * c
                if abs(factor) > _ZERO:
                    mine[n] = factor
                else:
                    mine.pop(n, None)

    def scale(self, times: float) -> None:
        self.numbers = {n: c * times for n, c in self.numbers.items()}
        self.weights = {n: w * times for n, w in self.weights.items()}
