"""Computed analyses without small cells, for readers who must not recognise single subjects (--mask-below).

Masked are cells, columns, lines of forest plots and numbers at risk that count 1 to ``below`` - 1 subjects, those from
which these follow (small_sets.py), and all that belongs to single subjects: minimum and maximum, swimmer and waterfall
plots, marks of censorings, the ends of curves. Every output shows the same, as all are written from these records. Not
for differences between displays, or between reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .results import (
    Absent,
    Cell,
    Column,
    ComputedAnalyses,
    ComputedDisplay,
    ComputedResult,
    CountedNote,
    Curve,
    Interval,
    Row,
    SubjectSets,
)
from .small_sets import COUNTS, SmallSets

#: values that belong to one subject
OF_ONE = ("minimum", "maximum")
#: values that describe the subjects that a cell counts, and from which their number does not follow
DESCRIPTIVE = ("mean", "sd", "median", "q1", "q3")
#: statistics whose counts follow from their other numbers: if one count of a column is masked, all of it is
JOINED = ("kaplan_meier", "cumulative_incidence", "rate", "agreement")
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
    sets = SmallSets(analyses, below)
    nobody = SubjectSets([])
    nobody.add(np.zeros(0, dtype=bool))
    displays = tuple(_display(d, sets, below) for d in analyses.displays)
    return replace(analyses, displays=displays, subjects=nobody)


def reason(below: int) -> str:
    """The footnote of a display with masked numbers."""
    return (
        f"Masked: counts of 1 to {below - 1} subjects, other counts from which these would follow, and values of "
        "single subjects."
    )


def _display(display: ComputedDisplay, sets: SmallSets, below: int) -> ComputedDisplay:
    columns = tuple(
        replace(c, size=HIDDEN if c.subjects in sets.masked else c.size, subjects=0) for c in display.columns
    )
    results = tuple(_result(r, display.columns, sets, below) for r in display.results)
    notes = tuple(n for n in display.notes if not isinstance(n, CountedNote) or n.subjects >= below)
    if columns == tuple(replace(c, subjects=0) for c in display.columns) and not any(
        _differs(new, old) for new, old in zip(results, display.results, strict=True)
    ):
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


def _result(result: ComputedResult, columns: Sequence[Column], sets: SmallSets, below: int) -> ComputedResult:
    hidden = [c.subjects in sets.masked for c in columns]
    rows = _rows(result.rows, hidden, sets, below)
    if result.statistic in JOINED:
        of_column = [any(_is_masked(row.cells[i], COUNTS) for row in rows) for i in range(len(columns))]
        rows = [_row(row, of_column) for row in rows]
        hidden = [h or o for h, o in zip(hidden, of_column, strict=True)]
    shown = bool(result.rows or result.curves or result.forest)
    return replace(
        result,
        rows=tuple(rows),
        curves=_curves(result.curves, {c.id: h for c, h in zip(columns, hidden, strict=True)}, columns, below),
        forest=_forest(result.forest, below),
        lines=(),
        # they count subjects in their texts
        notes=() if shown else result.notes,
    )


def _rows(rows: Sequence[Row], hidden: Sequence[bool], sets: SmallSets, below: int) -> list[Row]:
    """The rows; a cell without a set, as an interval, follows the cell above it with a smaller indent."""
    done: list[Row] = []
    above: list[Row] = []
    for row in rows:
        while above and above[-1].indent >= row.indent:
            above.pop()
        hide = [
            h
            or _small(cell, sets, below)
            or (cell.numerator is None and bool(above) and _is_masked(above[-1].cells[i]))
            for i, (h, cell) in enumerate(zip(hidden, row.cells, strict=True))
        ]
        done.append(_row(row, hide))
        above.append(done[-1])
    return done


def _row(row: Row, hide: Sequence[bool]) -> Row:
    return replace(row, cells=tuple(_cell(c, h) for c, h in zip(row.cells, hide, strict=True)))


def _cell(cell: Cell, hide: bool) -> Cell:
    if not hide or not cell.values or _is_masked(cell):
        return replace(cell, numerator=None, denominator=None)
    gone = Absent.MASKED
    values = tuple(replace(v, number=None, text=gone.value, absent=gone) for v in cell.values)
    return Cell(text=gone.value, values=values)


def _is_masked(cell: Cell, names: Sequence[str] = ()) -> bool:
    """Whether a value is masked; with ``names``, one of these."""
    return any(v.absent is Absent.MASKED and (not names or v.name in names) for v in cell.values)


def _small(cell: Cell, sets: SmallSets, below: int) -> bool:
    """Whether a cell counts a masked set, or a small number, or shows a value of one subject."""
    names = {v.name for v in cell.values}
    if names & set(OF_ONE) or cell.denominator in sets.masked:
        return True
    if any(v.name in COUNTS and v.number is not None and 0 < v.number < below for v in cell.values):
        return True
    if names <= set(DESCRIPTIVE):
        return cell.numerator in sets.small
    return cell.numerator in sets.masked


def _curves(
    curves: Sequence[Curve], hidden: dict[str, bool], columns: Sequence[Column], below: int
) -> tuple[Curve, ...]:
    """Each curve up to the last tick with enough subjects at risk; no masked number at risk follows from a total."""
    if not curves:
        return ()
    risk = np.array([c.at_risk for c in curves]).reshape(len(curves), -1)
    hide = (risk > 0) & (risk < below)
    hide |= np.array([hidden[c.column] for c in curves])[:, None]
    group = np.array([bool(c.variable) for c in columns if c.id in hidden])[: len(curves)]
    for tick in range(risk.shape[1]):
        parts = np.flatnonzero(group)
        if hide[parts, tick].sum() == 1 and not hide[~group, tick].any():
            others = [p for p in parts if not hide[p, tick] and risk[p, tick]]
            if others:
                hide[min(others, key=lambda p: (risk[p, tick], p)), tick] = True
    return tuple(_curve(curve, hidden[curve.column], risk[i], hide[i], below) for i, curve in enumerate(curves))


def _curve(curve: Curve, hidden: bool, risk: np.ndarray, hide: np.ndarray, below: int) -> Curve:
    enough = risk >= below
    at_risk = tuple(np.where(hide, HIDDEN, risk).tolist())
    if curve.step:
        last = max((t for t, e in zip(curve.ticks, enough.tolist(), strict=True) if e), default=-np.inf)
        keep = (curve.time <= last) & (not hidden)
    else:
        keep = (enough | (risk == 0)) & (not hidden)
    return replace(
        curve,
        time=curve.time[keep],
        estimate=curve.estimate[keep],
        lower=curve.lower[keep],
        upper=curve.upper[keep],
        censored=np.empty(0),
        ticks=curve.ticks if curve.step else tuple(np.array(curve.ticks)[keep].tolist()),
        at_risk=at_risk if curve.step else tuple(np.array(at_risk)[keep].tolist()),
        tick_labels=curve.tick_labels
        if curve.step
        else tuple(t for t, k in zip(curve.tick_labels, keep, strict=True) if k),
    )


def _forest(lines: Sequence[Interval], below: int) -> tuple[Interval, ...]:
    """The lines; those of a heading whose sum is the first line, of all subjects, do not reveal one of them."""
    hide = [0 < i.size < below or 0 < (i.events or 0) < below for i in lines]
    for heading in dict.fromkeys(i.heading for i in lines if i.heading):
        at = [k for k, i in enumerate(lines) if i.heading == heading]
        if sum(hide[k] for k in at) == 1 and not hide[0]:
            others = [k for k in at if not hide[k] and lines[k].size]
            if others:
                hide[min(others, key=lambda k: (lines[k].size, k))] = True
    gone = {"size": HIDDEN, "events": None, "estimate": None, "lower": None, "upper": None, "text": Absent.MASKED.value}
    return tuple(replace(i, **gone) if h else i for i, h in zip(lines, hide, strict=True))
