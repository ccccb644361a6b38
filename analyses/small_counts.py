"""Which numbers of a report are masked: small counts, and those from which a small one would follow.

Small is a count of 1 to ``below`` - 1 subjects or events. Small counts that no cell shows must not follow either: those
of a denominator without its numerator (38 of 40), and the rest of categories that are not all shown. Two counts of the
same subjects are one number wherever they are shown, so it is masked in all displays. The equations are those of all
displays together (counted_numbers.py); disclosure.py finds what follows from them. Not for what a masked cell looks
like (masking.py), nor for what no display sets against each other: rows of which one contains the other, and
populations of different size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .counted_numbers import COUNTS, Numbers, equations_of
from .disclosure import Equation, Leak, leaks
from .results import Cell, ComputedAnalyses, ComputedDisplay, ComputedResult

#: values that describe the subjects of a cell, and from which their number does not follow without other cells
DESCRIPTIVE = ("mean", "sd", "median", "q1", "q3")
#: statistics whose counts follow from their other numbers: if one count of a column is masked, all of it is
JOINED = ("kaplan_meier", "cumulative_incidence", "rate", "agreement")

Unit = tuple[str | int, ...]


@dataclass
class _Unit:
    """What is shown or masked as one. ``shows``: its numbers; ``needs``: it is masked if one of these is."""

    shows: set[int] = field(default_factory=set)
    needs: set[int] = field(default_factory=set)


class SmallCounts:
    """Which columns, cells, lines and numbers at risk of analyses are masked, so that no small count follows."""

    def __init__(self, analyses: ComputedAnalyses, below: int):
        self._below = below
        self._numbers = Numbers(analyses.subjects)
        self._units: dict[Unit, _Unit] = {}
        #: the sizes of columns, and those of whole populations, which no other number makes masked
        self._sizes: set[int] = set()
        self._populations: set[int] = set()
        equations: list[Equation] = []
        for display in analyses.displays:
            self._read(display)
            equations += equations_of(display, self._numbers)
        self._equations = [dict(e) for e in dict.fromkeys(tuple(sorted(e.items())) for e in equations)]
        self._uses = Counter(n for u in self._units.values() for n in u.needs)
        values = self._numbers.values
        self._small = {n: v for n, v in enumerate(values) if 0 < v < below}
        self._masked = {n for u in self._units.values() for n in u.needs if n in self._small}
        self._settle()

    def column(self, display: str, column: int) -> bool:
        """Whether the size of a column, and so all of it, is masked."""
        return self._hidden(("column", display, column))

    def cell(self, display: str, result: str, row: int, column: int) -> bool:
        """Whether a cell is masked."""
        return self._hidden(("cell", display, result, row, column))

    def joined(self, display: str, result: str, column: int) -> bool:
        """Whether a column of a result of JOINED is masked as a whole; False for other results."""
        return self._hidden(("joined", display, result, column))

    def line(self, display: str, result: str, line: int) -> bool:
        """Whether a line of a forest plot is masked."""
        return self._hidden(("line", display, result, line))

    def at_risk(self, display: str, result: str, curve: int, tick: int) -> bool:
        """Whether a number at risk, or with a value at a visit, is masked."""
        return self._hidden(("at_risk", display, result, curve, tick))

    def _hidden(self, unit: Unit) -> bool:
        found = self._units.get(unit)
        return found is not None and not self._masked.isdisjoint(found.needs)

    def _settle(self) -> None:
        """Masks further numbers until no small one follows from those that are shown."""
        texts = self._numbers.texts
        while True:
            shown = {n for u in self._units.values() if self._masked.isdisjoint(u.needs) for n in u.shows}
            # an equation with a mean that is masked has another unknown, its sum
            known = [e for e in self._equations if all(n in shown for n in e if n in texts)]
            more: set[int] = set()
            for leak in leaks(known, shown, self._small, self._below):
                # with a number of these equations that is masked already, the leak may be closed
                if more.isdisjoint(n for e in leak.equations for n in known[e]):
                    chosen = self._choice(leak, known, shown)
                    more |= {chosen} if chosen is not None else set()
            if not more:
                return
            self._masked |= more

    def _choice(self, leak: Leak, equations: Sequence[Equation], shown: set[int]) -> int | None:
        """The shown number of a leak's equations that is masked: a mean, else the count whose cells lose least.

        The size of a column is masked only for that of another one, and the size of a population never.
        """
        numbers = self._numbers
        spared = self._populations if not self._sizes.isdisjoint(leak.numbers) else self._sizes
        found = {n for e in leak.equations for n in equations[e]} & shown - spared
        return min(
            (n for n in found if numbers.values[n] or n in numbers.texts),
            key=lambda n: (n not in numbers.texts, self._cost(n), n),
            default=None,
        )

    def _cost(self, number: int) -> float:
        """How many subjects cells would lose: those of the number, in each cell that is masked with it."""
        numbers = self._numbers
        return self._uses[number] * numbers.texts.get(number, numbers.values[number])

    def _read(self, display: ComputedDisplay) -> None:
        numbers, name = self._numbers, display.id
        sizes = [numbers.of_set(c.subjects) for c in display.columns]
        self._sizes.update(sizes)
        self._populations.update(s for s, c in zip(sizes, display.columns, strict=True) if not c.variable)
        for at, size in enumerate(sizes):
            self._units[("column", name, at)] = _Unit({size}, {size})
        for result in display.results:
            self._read_rows(display, result, sizes)
            for at, line in enumerate(result.forest):
                shows = {numbers.of_line(line, part) for part in ("subjects", "counted")}
                self._units[("line", name, result.id, at)] = _Unit(shows, shows)
            column_of = {c.id: i for i, c in enumerate(display.columns)}
            for number, curve in enumerate(result.curves):
                at = column_of[curve.column]
                joined = self._units.get(("joined", name, result.id, at), _Unit())
                for tick, shown in enumerate(numbers.of_curve(curve)):
                    needs = {shown, sizes[at], *joined.needs}
                    self._units[("at_risk", name, result.id, number, tick)] = _Unit({shown}, needs)

    def _read_rows(self, display: ComputedDisplay, result: ComputedResult, sizes: Sequence[int]) -> None:
        for row, about in enumerate(result.rows):
            for column, (cell, size) in enumerate(zip(about.cells, sizes, strict=True)):
                shows = {
                    self._numbers.of_value(v, cell) for v in cell.values if v.name in COUNTS and v.number is not None
                }
                shows |= {self._numbers.of_text(cell)} if _describes(cell) else set()
                needs = {size, *shows, *self._behind(cell)}
                self._units[("cell", display.id, result.id, row, column)] = _Unit(shows, needs)
                if result.statistic in JOINED:
                    joined = self._units.setdefault(("joined", display.id, result.id, column), _Unit())
                    joined.needs.update(shows, [size])
        for row in range(len(result.rows)) if result.statistic in JOINED else ():
            for column in range(len(sizes)):
                joined = self._units[("joined", display.id, result.id, column)]
                self._units[("cell", display.id, result.id, row, column)].needs.update(joined.needs)

    def _behind(self, cell: Cell) -> Iterator[int]:
        """The numbers of the subjects behind a cell: with one that is masked the cell is."""
        if cell.denominator is not None:
            yield self._numbers.of_set(cell.denominator)
        if cell.values and cell.numerator is not None:
            size = self._numbers.of_set(cell.numerator)
            if 0 < self._numbers.values[size] < self._below or not _describes(cell):
                yield size


def _describes(cell: Cell) -> bool:
    """Whether a cell has descriptive statistics alone."""
    return bool(cell.values) and {v.name for v in cell.values} <= set(DESCRIPTIVE)
