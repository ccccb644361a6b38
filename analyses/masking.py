"""Computed analyses without small cells, for readers who must not recognise single subjects (--mask-below).

Masked are cells, columns, lines of forest plots and numbers at risk that count 1 to ``below`` - 1 subjects, and those
from which these follow (small_counts.py). All that belongs to single subjects is masked too: minimum and maximum,
swimmer and waterfall plots, marks of censorings, the ends of curves. Every output shows the same, as all are written
from these records. Not for differences between reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .results import (
    Absent,
    Cell,
    ComputedAnalyses,
    ComputedDisplay,
    ComputedResult,
    CountedNote,
    Curve,
    Interval,
    Row,
    SubjectSets,
)
from .small_counts import SmallCounts

#: values that belong to one subject
OF_ONE = ("minimum", "maximum")
#: a size, or a number at risk, that is masked
HIDDEN = -1


def masked(analyses: ComputedAnalyses, below: int) -> ComputedAnalyses:
    """The analyses without counts of 1 to ``below`` - 1 subjects; the same analyses for ``below`` 0 or 1.

    No cell names its subjects any more. Raises ValueError for a negative number.
    """
    if below < 0:
        raise ValueError("counts are masked below 0")
    if below < 2:
        return analyses
    small = SmallCounts(analyses, below)
    nobody = SubjectSets([])
    nobody.add(np.zeros(0, dtype=bool))
    displays = tuple(_display(d, small, below) for d in analyses.displays)
    return replace(analyses, displays=displays, subjects=nobody)


def reason(below: int) -> str:
    """The footnote of a display with masked numbers."""
    return (
        f"Masked: counts of 1 to {below - 1} subjects, other numbers from which such a count would follow, and values "
        "of single subjects."
    )


def _display(display: ComputedDisplay, small: SmallCounts, below: int) -> ComputedDisplay:
    hidden = [small.column(display.id, i) for i in range(len(display.columns))]
    columns = tuple(
        replace(c, size=HIDDEN if h else c.size, subjects=0) for c, h in zip(display.columns, hidden, strict=True)
    )
    results = tuple(_result(r, display, small, below) for r in display.results)
    notes = tuple(n for n in display.notes if not isinstance(n, CountedNote) or n.subjects >= below)
    if not any(hidden) and not any(_differs(new, old) for new, old in zip(results, display.results, strict=True)):
        return replace(display, columns=columns, results=results, notes=notes)
    return replace(display, columns=columns, results=results, notes=(*notes, reason(below)))


def _differs(new: ComputedResult, old: ComputedResult) -> bool:
    """Whether a result shows less than before."""
    texts = [[c.text for row in r.rows for c in row.cells] for r in (new, old)]
    return (
        texts[0] != texts[1]
        or new.forest != old.forest
        or new.lines != old.lines
        or any(
            len(c.time) != len(b.time) or c.at_risk != b.at_risk for c, b in zip(new.curves, old.curves, strict=True)
        )
    )


def _result(result: ComputedResult, display: ComputedDisplay, small: SmallCounts, below: int) -> ComputedResult:
    shown = bool(result.rows or result.curves or result.forest)
    at = {c.id: i for i, c in enumerate(display.columns)}
    curves = []
    for i, curve in enumerate(result.curves):
        hide = [small.at_risk(display.id, result.id, i, tick) for tick in range(len(curve.at_risk))]
        column = at[curve.column]
        hidden = small.column(display.id, column) or small.joined(display.id, result.id, column)
        curves.append(_curve(curve, hide, hidden, below))
    return replace(
        result,
        rows=_rows(result, display, small),
        curves=tuple(curves),
        forest=tuple(_line(line, small.line(display.id, result.id, i)) for i, line in enumerate(result.forest)),
        lines=(),
        # they count subjects in their texts
        notes=() if shown else result.notes,
    )


def _rows(result: ComputedResult, display: ComputedDisplay, small: SmallCounts) -> tuple[Row, ...]:
    """The rows; a cell without a set, as an interval, follows the cell above it with a smaller indent."""
    done: list[Row] = []
    above: list[Row] = []
    for at, row in enumerate(result.rows):
        while above and above[-1].indent >= row.indent:
            above.pop()
        hide = [
            small.cell(display.id, result.id, at, i)
            or any(v.name in OF_ONE for v in cell.values)
            or (cell.numerator is None and bool(above) and _is_masked(above[-1].cells[i]))
            for i, cell in enumerate(row.cells)
        ]
        done.append(_row(row, hide))
        above.append(done[-1])
    return tuple(done)


def _row(row: Row, hide: Sequence[bool]) -> Row:
    return replace(row, cells=tuple(_cell(c, h) for c, h in zip(row.cells, hide, strict=True)))


def _cell(cell: Cell, hide: bool) -> Cell:
    if not hide or not cell.values or _is_masked(cell):
        return replace(cell, numerator=None, denominator=None)
    gone = Absent.MASKED
    values = tuple(replace(v, number=None, text=gone.value, absent=gone) for v in cell.values)
    return Cell(text=gone.value, values=values)


def _is_masked(cell: Cell) -> bool:
    return any(v.absent is Absent.MASKED for v in cell.values)


def _curve(curve: Curve, hide: Sequence[bool], hidden: bool, below: int) -> Curve:
    """A curve between the first and the last tick with enough subjects at risk; of means, the visits with enough."""
    risk = np.array(curve.at_risk)
    enough = risk >= below
    at_risk = tuple(np.where(hide, HIDDEN, risk).tolist())
    if curve.step:
        known = [t for t, e in zip(curve.ticks, enough.tolist(), strict=True) if e]
        keep = (curve.time <= max(known, default=-np.inf)) & (curve.time >= min(known, default=np.inf)) & (not hidden)
    else:
        keep = (enough | (risk == 0)) & ~np.array(hide, dtype=bool) & (not hidden)
    return replace(
        curve,
        time=curve.time[keep],
        estimate=curve.estimate[keep],
        lower=curve.lower[keep],
        upper=curve.upper[keep],
        censored=np.empty(0),
        ticks=curve.ticks if curve.step else tuple(np.array(curve.ticks)[keep].tolist()),
        at_risk=at_risk if curve.step else tuple(np.array(at_risk)[keep].tolist()),
        at_risk_subjects=(),
        tick_labels=curve.tick_labels
        if curve.step
        else tuple(t for t, k in zip(curve.tick_labels, keep, strict=True) if k),
    )


def _line(line: Interval, hide: bool) -> Interval:
    shown = replace(line, subjects=None, counted=None)
    if not hide:
        return shown
    return replace(shown, size=HIDDEN, events=None, estimate=None, lower=None, upper=None, text=Absent.MASKED.value)
