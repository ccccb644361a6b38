"""What figures read of a display: its title, its groups, and texts of its cells. Nothing is computed here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ...analyses.results import Absent, Cell, Column, ComputedDisplay, ComputedResult, Curve, Value

#: names of statistics that stand for a cell in a headline or a text, the first that a cell has
MAIN = ("percent", "median", "rate", "mean", "estimate", "n")


def full_title(display: ComputedDisplay) -> str:
    """Table 14.2.1: Overall response within 12 months."""
    return f"{display.name}: {display.title}" if display.name else display.title


def population_text(display: ComputedDisplay) -> str:
    """The population with its number of subjects, where the first column is that of all."""
    first = display.columns[0] if display.columns else None
    return (
        f"{display.population}, {size_text(first.size)}"
        if first is not None and not first.variable
        else display.population
    )


def size_text(size: int) -> str:
    """N=1,200; a size below 0 is masked."""
    return f"N={size:,}" if size >= 0 else f"N {Absent.MASKED.value}"


def group_text(column: Column) -> str:
    """The name of a group with its number of subjects."""
    return f"{column.label} ({size_text(column.size)})"


def all_first(display: ComputedDisplay) -> bool:
    """Whether the first column is that of all subjects."""
    return bool(display.columns) and not display.columns[0].variable


def columns_of(display: ComputedDisplay, curves: Sequence[Curve]) -> list[Column]:
    """The column of each curve; one that the display does not have has no subjects."""
    known = {c.id: c for c in display.columns}
    return [known.get(c.column, Column(id=c.column, label=c.column, variable="?", size=0, subjects=0)) for c in curves]


def value_of(cell: Cell, names: Iterable[str]) -> Value | None:
    """The first statistic of the cell with one of these names."""
    return next((v for name in names for v in cell.values if v.name == name), None)


def interval_text(cell: Cell) -> str:
    """8.9 to 14.2, from the texts of lower and upper; '' if the cell has none."""
    lower, upper = value_of(cell, ("lower",)), value_of(cell, ("upper",))
    return f"{lower.text} to {upper.text}" if lower is not None and upper is not None else ""


def levels_text(results: Iterable[ComputedResult]) -> str:
    """The confidence of the intervals of results: 95%, or 90% and 95% where they differ."""
    return " and ".join(sorted({r.level for r in results}))


def column_cell(display: ComputedDisplay, result: ComputedResult, column: str, name: str) -> Cell | None:
    """The cell of a column in the first row whose cells have a statistic of this name."""
    at = next((i for i, c in enumerate(display.columns) if c.id == column), -1)
    if at < 0:
        return None
    return next((r.cells[at] for r in result.rows if at < len(r.cells) and value_of(r.cells[at], (name,))), None)


def fixed_text(value: float, digits: int = 1) -> str:
    """A number for a text: 12.5, or not estimable."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else Absent.NOT_ESTIMABLE.value


def short_text(value: float) -> str:
    """A round number for a text: 12, 0.5."""
    return f"{value:,.6g}"


def masked_number(count: int) -> str:
    """1,200; a count below 0 is masked."""
    return f"{count:,}" if count >= 0 else Absent.MASKED.value


def counted(count: int, noun: str) -> str:
    """1 subject, 1,200 subjects; a count below 0 is masked."""
    if count < 0:
        return f"{Absent.MASKED.value} {noun}s"
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_unit(text: str, unit: str) -> str:
    """A number with its unit: 12.5%, 3.0 months."""
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".strip()


def sentence(parts: Iterable[str]) -> str:
    """Sentences that follow each other; each gets its full stop."""
    return " ".join(p if p.endswith((".", "?", "!")) else p + "." for p in (q.strip() for q in parts) if p)
