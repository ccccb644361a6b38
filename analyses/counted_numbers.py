"""The numbers that the cells, columns, lines and curves of displays count, and the equations between them.

An equation is one that a reader can write down: a total of its groups, rows of a row, a part and its rest, a weighted
mean. Not for which of them are masked (small_counts.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .disclosure import Equation
from .results import Cell, Column, ComputedDisplay, ComputedResult, Curve, Interval, Row, SubjectSets, Value

#: values that count subjects or events
COUNTS = ("n", "total", "events", "censored", "competing", "missing")
#: a part of a denominator: with one of these a cell shows the rest of it, too
_PARTS = ("n", "events", "censored", "competing", "missing")
#: statistics whose rest is no number of the display: subjects without a value at a visit
_WITHOUT_REST = ("change",)


class Numbers:
    """Numbers by position: sizes of sets of subjects, other counts, and texts of cells that can be masked.

    ``values``: of each; 0 for a text. ``texts``: text -> the number of its subjects.
    """

    def __init__(self, subjects: SubjectSets):
        self._subjects = subjects
        self._of_bits: dict[bytes, int] = {}
        self._bits: list[np.ndarray | None] = []
        self._others: dict[tuple[object, ...], int] = {}
        self.values: list[float] = []
        self.texts: dict[int, float] = {}

    def of_set(self, position: int) -> int:
        """The number of subjects of a set. ``position``: in SubjectSets."""
        return self._of(np.frombuffer(self._subjects.packed(position), dtype=np.uint8))

    def _of(self, bits: np.ndarray) -> int:
        found = self._of_bits.setdefault(bits.tobytes(), len(self.values))
        if found == len(self.values):
            self.values.append(float(np.unpackbits(bits).sum()))
            self._bits.append(bits)
        return found

    def of_value(self, value: Value, cell: Cell) -> int:
        """The number that a value counts: the size of a set of its cell, or another count, as that of events.

        Equal counts of one name and of the same subjects are one number.
        """
        position = cell.denominator if value.name == "total" else cell.numerator
        same = (value.name, position, value.number) if position is not None else ("value", id(value))
        return self._of_count(value.number or 0.0, position, same)

    def of_curve(self, curve: Curve) -> list[int]:
        """The numbers at risk, or with a value at a visit, of a curve."""
        sets = curve.at_risk_subjects or (None,) * len(curve.at_risk)
        return [
            self._of_count(float(n), position, ("at risk", position if position is not None else (id(curve), tick), n))
            for tick, (n, position) in enumerate(zip(curve.at_risk, sets, strict=True))
        ]

    def _of_count(self, count: float, position: int | None, same: tuple[object, ...]) -> int:
        if position is not None and self.values[self.of_set(position)] == count:
            return self.of_set(position)
        found = self._others.setdefault(same, len(self.values))
        if found == len(self.values):
            self.values.append(count)
            self._bits.append(None)
        return found

    def of_text(self, cell: Cell) -> int:
        """What is masked where the text of a cell is, as a mean; no count."""
        found = self._of_count(0.0, None, ("text", id(cell)))
        self.texts[found] = self.values[self.of_set(cell.numerator)] if cell.numerator is not None else 0.0
        return found

    def of_line(self, line: Interval, part: str) -> int:
        """The number of subjects (``part`` subjects) or of subjects with the event (counted) of a line."""
        position = line.subjects if part == "subjects" else line.counted
        count = line.size if part == "subjects" else line.events or 0
        return self._of_count(float(count), position, (part, id(line)))

    def rest(self, whole: int, parts: Sequence[int]) -> Iterator[Equation]:
        """A whole is the sum of its parts and of the rest, where they are disjoint; counts without subjects add up."""
        found = [n for n in dict.fromkeys(parts) if self.values[n] and n != whole]
        if not found or not self.values[whole]:
            return
        of_whole, of_parts = self._bits[whole], [b for n in found if (b := self._bits[n]) is not None]
        if of_whole is None or len(of_parts) < len(found):
            if sum(self.values[n] for n in found) == self.values[whole]:
                yield sum_of(whole, found)
            return
        union = np.bitwise_or.reduce(of_parts)
        if np.unpackbits(union).sum() != sum(self.values[n] for n in found) or (union & ~of_whole).any():
            return
        remaining = of_whole & ~union
        yield sum_of(whole, [*found, *([self._of(remaining)] if remaining.any() else [])])


def sum_of(whole: int, parts: Sequence[int]) -> Equation:
    """The equation: the parts are together the whole."""
    equation: dict[int, float] = {whole: -1.0}
    for part in parts:
        equation[part] = equation.get(part, 0.0) + 1.0
    return equation


def equations_of(display: ComputedDisplay, numbers: Numbers) -> Iterator[Equation]:
    """The equations between the numbers of a display."""
    columns = display.columns
    yield from _of_columns(columns, [numbers.of_set(c.subjects) for c in columns], numbers)
    for result in display.results:
        for row in result.rows:
            yield from _of_cells(columns, result, row, numbers)
            yield from _of_means(columns, result, row, numbers)
        for column in range(len(columns)) if result.statistic not in _WITHOUT_REST else ():
            yield from _of_rows(result, column, numbers)
        yield from _of_curves(columns, result, numbers)
        yield from _of_lines(result, numbers)


def _of_columns(columns: Sequence[Column], of: Sequence[int | None], numbers: Numbers) -> Iterator[Equation]:
    """Each total is the sum of the groups. ``of``: a number of each column, None for a column without one."""
    groups = [n for n, c in zip(of, columns, strict=True) if c.variable]
    parts = [n for n in groups if n is not None and numbers.values[n]]
    if not parts or None in groups:
        return
    for total, column in zip(of, columns, strict=True):
        if column.variable or total is None or total in parts:
            continue
        if sum(numbers.values[n] for n in parts) == numbers.values[total]:
            yield sum_of(total, parts)


def _of_cells(columns: Sequence[Column], result: ComputedResult, row: Row, numbers: Numbers) -> Iterator[Equation]:
    """The counts of a row over the columns, and in each cell the rest of its denominator."""
    found = [
        {v.name: numbers.of_value(v, c) for v in c.values if v.name in COUNTS and v.number is not None}
        for c in row.cells
    ]
    for name in dict.fromkeys(n for counts in found for n in counts):
        yield from _of_columns(columns, [counts.get(name) for counts in found], numbers)
    for cell, counts in zip(row.cells, found, strict=True):
        if cell.denominator is None or result.statistic in _WITHOUT_REST:
            continue
        for part in (counts[name] for name in _PARTS if name in counts):
            if part == (numbers.of_set(cell.numerator) if cell.numerator is not None else None):
                yield from numbers.rest(numbers.of_set(cell.denominator), [part])


def _of_means(columns: Sequence[Column], result: ComputedResult, row: Row, numbers: Numbers) -> Iterator[Equation]:
    """The mean of all is the weighted mean of the groups, and so are the squares by mean and standard deviation.

    The texts of the means have the coefficient 0: with one that is masked the equation is not known.
    """
    about = [({v.name: v.number for v in cell.values}, cell) for cell in row.cells]
    if not any("mean" in values for values, _ in about):
        return
    counts = _counts_beside(result, row, numbers)
    there = [
        (column, values["mean"] or 0.0, values.get("sd") or 0.0, n, numbers.of_text(cell))
        for column, (values, cell), n in zip(columns, about, counts, strict=True)
        if values.get("mean") is not None
    ]
    groups = [t for t in there if t[0].variable]
    for total in (t for t in there if not t[0].variable) if groups else ():
        for power in (1, 2):
            equation: dict[int, float] = {}
            for sign, (_, mean, sd, n, text) in [(-1.0, total), *((1.0, g) for g in groups)]:
                equation[n] = equation.get(n, 0.0) + sign * (mean if power == 1 else mean**2 + sd**2)
                equation[text] = 0.0
            yield equation


def _counts_beside(result: ComputedResult, row: Row, numbers: Numbers) -> list[int]:
    """The number of values behind each cell of a row: its row n, else its subjects."""
    beside = [r for r in result.rows if r.category == row.category and r.indent == row.indent]
    found = []
    for column, cell in enumerate(row.cells):
        of_column = [r.cells[column] for r in beside]
        n = next((numbers.of_value(v, c) for c in of_column for v in c.values if v.name == "n"), None)
        found.append(n if n is not None else numbers.of_set(cell.numerator or 0))
    return found


def _of_rows(result: ComputedResult, column: int, numbers: Numbers) -> Iterator[Equation]:
    """Rows below the same row, by the variables that they count: parts of the row above, or of all.

    Each event has one term, so events of terms add up.
    """
    above: list[Row] = []
    siblings: dict[tuple[object, ...], tuple[Row | None, list[Row]]] = {}
    for row in result.rows:
        while above and above[-1].indent >= row.indent:
            above.pop()
        parent = above[-1] if above else None
        siblings.setdefault((id(parent), tuple(row.category)), (parent, []))[1].append(row)
        above.append(row)
    for parent, rows in siblings.values():
        cells = [r.cells[column] for r in rows]
        over = parent.cells[column] if parent is not None else None
        wholes = {c.denominator for c in cells} | ({over.numerator} if over is not None else set())
        counted = [c for c in cells if any(v.name in _PARTS for v in c.values)]
        parts = [numbers.of_set(c.numerator) for c in counted if c.numerator is not None]
        for whole in sorted(w for w in wholes if w is not None):
            yield from numbers.rest(numbers.of_set(whole), parts)
        for name in ("events", "n"):
            whole = next((numbers.of_value(v, over) for v in over.values if v.name == name), None) if over else None
            others = [numbers.of_value(v, c) for c in cells for v in c.values if v.name == name]
            if whole is not None and whole not in parts:
                yield from numbers.rest(whole, others)


def _of_curves(columns: Sequence[Column], result: ComputedResult, numbers: Numbers) -> Iterator[Equation]:
    """The numbers at risk at each tick over the columns."""
    of_curves = {c.column: numbers.of_curve(c) for c in result.curves}
    for tick in range(max((len(n) for n in of_curves.values()), default=0)):
        at = [n[tick] if (n := of_curves.get(c.id)) is not None and tick < len(n) else None for c in columns]
        yield from _of_columns(columns, at, numbers)


def _of_lines(result: ComputedResult, numbers: Numbers) -> Iterator[Equation]:
    """The lines of a heading are parts of the first line, which has all subjects; a line has events and a rest."""
    for line in result.forest:
        yield from numbers.rest(numbers.of_line(line, "subjects"), [numbers.of_line(line, "counted")])
    for heading in dict.fromkeys(i.heading for i in result.forest if i.heading):
        lines = [i for i in result.forest if i.heading == heading]
        for part in ("subjects", "counted"):
            yield from numbers.rest(numbers.of_line(result.forest[0], part), [numbers.of_line(i, part) for i in lines])
