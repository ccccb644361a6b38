"""Headline numbers: the first result of a display in one number, and the same in each group with its interval.

Nothing is computed: numbers and texts are those of the cells. Not for the layout of the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..analyses.results import Cell, ComputedDisplay, ComputedResult, Row, Value
from .figures.parts import MAIN, in_unit, interval_text, size_text, value_of
from .figures.sheet import printable

#: pixels of the small picture of an interval
PICTURE = 120
#: pixels at both sides of the scale, so that a mark at its end is whole
EDGE = 5
_PERCENT = ("percent", "rate")


@dataclass(frozen=True, kw_only=True)
class Line:
    """The number of a group; ``short``: without its unit of time. ``column``: its position in the display.

    ``at``: pixels of estimate, lower and upper in the picture, None where there is none.
    """

    column: int
    label: str
    size: str
    number: str
    short: str
    interval: str
    counted: str
    at: tuple[float | None, float | None, float | None]

    @property
    def whisker(self) -> tuple[float, float] | None:
        """The ends of the line of the interval; one without an upper end goes to the edge."""
        estimate, lower, upper = self.at
        if estimate is None or lower is None:
            return None
        return lower, float(PICTURE) if upper is None else upper


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A headline. ``what`` and ``row``: the label of its row, and its position in the first result.

    ``lines``: the first is the large number.
    """

    display: str
    title: str
    what: str
    population: str
    row: int
    lines: tuple[Line, ...]


def headline_row(result: ComputedResult) -> int | None:
    """The position of the first row that has a statistic for a headline."""
    names = [n for n in MAIN if n != "n"]
    return next((i for i, r in enumerate(result.rows) if any(value_of(c, names) for c in r.cells)), None)


def tile_of(display: ComputedDisplay) -> Tile | None:
    """The tile of a display that is a headline; None for another one, and where its first result has no number."""
    result = display.results[0] if display.headline and display.results else None
    at = headline_row(result) if result is not None else None
    if result is None or at is None:
        return None
    row = result.rows[at]
    found = [value_of(c, [n for n in MAIN if n != "n"]) for c in row.cells]
    percent = any(v is not None and v.name in _PERCENT for v in found)
    unit = "%" if percent else result.unit
    scale = _scale(row, found, percent)
    lines = [
        _line(i, display, (cell, value), unit, scale, result.level)
        for i, (cell, value) in enumerate(zip(row.cells, found, strict=True))
        if i < len(display.columns)
    ]
    return Tile(
        display=display.id,
        title=printable(display.title),
        what=printable(row.label),
        population=printable(display.population),
        row=at,
        lines=tuple(lines),
    )


def _line(
    at: int, display: ComputedDisplay, found: tuple[Cell, Value | None], unit: str, scale: float, level: str
) -> Line:
    cell, value = found
    column = display.columns[at]
    short = number = printable(value.text if value is not None else cell.text)
    if value is not None and value.number is not None:
        number = in_unit(short, printable(unit))
    within = any(cell.number(n) is not None for n in ("lower", "upper"))
    n, total = cell.number("n"), cell.number("total")
    points = (value.number if value is not None else None, cell.number("lower"), cell.number("upper"))
    return Line(
        column=at,
        label=printable(column.label),
        size=size_text(column.size),
        number=number,
        short=number if unit == "%" else short,
        interval=f"{level} CI {printable(interval_text(cell))}" if within else "",
        counted=f"{n:,.0f} of {total:,.0f}" if n is not None and total is not None else "",
        at=tuple(
            None if p is None else round(EDGE + (PICTURE - 2 * EDGE) * min(max(p / scale, 0.0), 1.0), 1) for p in points
        ),  # pyright: ignore
    )


def _scale(row: Row, found: list[Value | None], percent: bool) -> float:
    """The number at the right edge of the pictures."""
    if percent:
        return 100.0
    ends = [c.number(n) for c in row.cells for n in ("lower", "upper")] + [v.number for v in found if v is not None]
    return 1.05 * max((abs(e) for e in ends if e is not None), default=1.0) or 1.0
