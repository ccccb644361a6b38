"""Means by visit with their intervals, a panel for each result. Not for computing them."""

from __future__ import annotations

import math

import numpy as np

from ...analyses.results import Column, ComputedDisplay, ComputedResult, Curve
from .axes import MARGIN, ROW, Scale, draw_series_legend, draw_y_axis, tick_text, ticks
from .fonts import shortened, text_width, wrapped
from .palette import Series, series
from .parts import all_first, columns_of, fixed_text, group_text, levels_text, masked_number, sentence, short_text
from .sheet import INK, NORMAL, SMALL, SOFT, Anchor, Sheet

_PLOT = 210.0
_SMALL_PLOT = 104.0
#: panels in a line, where a display has several
_BESIDE = 3
#: share of the intervals that may leave the scale at each end, so that a few subjects do not flatten all others
_CUT = 0.1
#: panels without a unit share a scale if the widest is at most so many times the narrowest
_ALIKE = 5.0


def draw_visits(sheet: Sheet, display: ComputedDisplay) -> None:
    """One large panel with numbers of subjects, or small panels beside each other."""
    results = [r for r in display.results if r.curves]
    columns = columns_of(display, results[0].curves)
    looks = series(len(columns), all_first(display) and columns[0].id == display.columns[0].id)
    y = draw_series_legend(sheet, sheet.head + 10, [group_text(c) for c in columns], looks)
    if len(results) == 1:
        box = (MARGIN + 34, sheet.width - MARGIN - 6, y + 16, y + 16 + _PLOT)
        _panel(
            sheet,
            results[0],
            looks,
            box,
            _reach(results),
            "Mean" + (f" ({results[0].unit})" if results[0].unit else ""),
        )
        bottom = _numbers(sheet, results[0], columns, box, box[3] + 32)
        note = f"{_note(results)} Numbers: subjects with a value."
    else:
        bottom = _small_panels(sheet, results, looks, y + 2)
        note = _note(results)
    sheet.words(MARGIN, bottom + 6, note, size=SMALL, colour=SOFT)
    sheet.height = bottom + 14


def visits_alt(display: ComputedDisplay) -> str:
    """The mean and its interval at the last visit of each group, and its range over the visits, in words."""
    sentences = []
    for result in (r for r in display.results if r.curves):
        sentences.append(f"Means of {result.title} by visit")
        for curve, column in zip(result.curves, columns_of(display, result.curves), strict=True):
            known = np.flatnonzero(np.isfinite(curve.estimate))
            if not len(known):
                sentences.append(f"{column.label}: no values")
                continue
            first, last = int(known[0]), int(known[-1])
            begin, end = (f"{fixed_text(float(curve.estimate[i]))} at {_visit(curve, i)}" for i in (first, last))
            lower, upper = (fixed_text(float(v)) for v in (curve.lower[last], curve.upper[last]))
            sentences.append(f"{column.label}: {begin}, {end} ({result.level} interval {lower} to {upper})")
    return sentence(sentences)


def _note(results: list[ComputedResult]) -> str:
    level = levels_text(results)
    return f"Points: means. Upright lines: {level} confidence intervals; an arrow marks one that leaves the scale."


def _visit(curve: Curve, at: int) -> str:
    return curve.tick_labels[at] if at < len(curve.tick_labels) else short_text(float(curve.time[at]))


def _small_panels(sheet: Sheet, results: list[ComputedResult], looks: list[Series], top: float) -> float:
    beside = min(_BESIDE, len(results))
    room = (sheet.width - 2 * MARGIN) / beside
    tall = _SMALL_PLOT + 54
    reaches = _reaches(results)
    for number, result in enumerate(results):
        left, upper = MARGIN + room * (number % beside), top + tall * (number // beside) + 26
        for i, line in enumerate(wrapped(result.title, NORMAL, room - 12, True)[:1]):
            sheet.words(left, upper - 12 + i * 10, line, bold=True)
        _panel(sheet, result, looks, (left + 28, left + room - 12, upper, upper + _SMALL_PLOT), reaches[number])
    return top + tall * math.ceil(len(results) / beside)


def _panel(
    sheet: Sheet,
    result: ComputedResult,
    looks: list[Series],
    box: tuple[float, float, float, float],
    reach: tuple[float, float],
    name: str = "",
) -> None:
    left, right, top, bottom = box
    longest = max(result.curves, key=lambda c: len(c.time))
    times = longest.time
    values = ticks(*reach, 5)
    y = Scale(values[0], values[-1], bottom, top)
    x = _x(result, left, right)
    draw_y_axis(sheet, y, (left, right), values, name)
    if values[0] < 0 < values[-1]:
        sheet.segments(np.array([[left, y.at(0.0), right, y.at(0.0)]]), INK, width=0.9)
    apart = min(4.5, (right - left) / max(len(times), 1) / (len(looks) + 1))
    for i, (curve, look) in enumerate(zip(result.curves, looks, strict=True)):
        known = np.isfinite(curve.estimate)
        px = x.many(curve.time[known]) + (i - (len(looks) - 1) / 2) * apart
        py = y.many(curve.estimate[known])
        _intervals(sheet, px, y.many(curve.lower[known]), y.many(curve.upper[known]), (top, bottom), look)
        sheet.line(px, py, look.colour, width=1.4, dash=look.dash)
        sheet.marks(px, py, look.marker, 2.6, fill=look.colour, stroke="#ffffff", width=0.4)
    sheet.segments(np.array([[left, bottom, right, bottom]]), INK, width=0.9)
    _visit_names(sheet, longest, x, bottom)


def _intervals(
    sheet: Sheet, x: np.ndarray, lower: np.ndarray, upper: np.ndarray, plot: tuple[float, float], look: Series
) -> None:
    """Upright lines; one that leaves the plot ends in an arrow at its edge."""
    top, bottom = plot
    known = np.isfinite(lower) & np.isfinite(upper)
    x, lower, upper = x[known], lower[known], upper[known]
    low, high = np.minimum(lower, bottom), np.maximum(upper, top)
    sheet.segments(np.column_stack([x, low, x, high]), look.colour, width=0.9)
    over, under = upper < top - 0.5, lower > bottom + 0.5
    sheet.marks(x[over], np.full(over.sum(), top + 2.2), "triangle", 2.2, fill=look.colour)
    sheet.marks(x[under], np.full(under.sum(), bottom - 2.2), "down", 2.2, fill=look.colour)


def _visit_names(sheet: Sheet, curve: Curve, x: Scale, bottom: float) -> None:
    """The names of the visits, without those that would touch the one before."""
    reached = -1e9
    for at, time in enumerate(curve.time):
        text = curve.tick_labels[at] if at < len(curve.tick_labels) else tick_text(float(time))
        middle, wide = x.at(float(time)), text_width(text, SMALL)
        sheet.segments(np.array([[middle, bottom, middle, bottom + 3]]), INK, width=0.9)
        if middle - wide / 2 > reached + 4:
            sheet.words(middle, bottom + 12, text, Anchor.MIDDLE, size=SMALL)
            reached = middle + wide / 2


def _x(result: ComputedResult, left: float, right: float) -> Scale:
    times = np.concatenate([c.time for c in result.curves])
    low, high = (float(times.min()), float(times.max())) if len(times) else (0.0, 1.0)
    edge = 0.06 * ((high - low) or 1.0)
    return Scale(low - edge, high + edge, left, right)


def _reaches(results: list[ComputedResult]) -> list[tuple[float, float]]:
    """The scale of each panel: panels of one unit share one, and those without a unit if their scales are alike."""
    alone = [_reach([r]) for r in results]
    spans = [high - low for low, high in alone]
    out = []
    for result, scale in zip(results, alone, strict=True):
        same = [i for i, r in enumerate(results) if r.unit == result.unit]
        alike = max(spans[i] for i in same) <= _ALIKE * min(spans[i] for i in same)
        out.append(_reach([results[i] for i in same]) if result.unit or alike else scale)
    return out


def _reach(results: list[ComputedResult]) -> tuple[float, float]:
    """The scale of panels with one unit: all means, and the intervals but the widest tenth at each end."""
    curves = [c for r in results for c in r.curves]
    means, lower, upper = (
        np.concatenate([a[np.isfinite(a)] for a in arrays] or [np.empty(0)])
        for arrays in ([c.estimate for c in curves], [c.lower for c in curves], [c.upper for c in curves])
    )
    if not len(means):
        return 0.0, 1.0
    low, high = float(means.min()), float(means.max())
    if len(lower) and len(upper):
        low = min(low, float(np.quantile(lower, _CUT)))
        high = max(high, float(np.quantile(upper, 1 - _CUT)))
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _numbers(
    sheet: Sheet, result: ComputedResult, columns: list[Column], box: tuple[float, float, float, float], top: float
) -> float:
    """The subjects with a value under each visit; returns the y below them."""
    if not any(c.at_risk for c in result.curves):
        return top - 12
    x = _x(result, box[0], box[1])
    y = top
    for curve, column in zip(result.curves, columns, strict=True):
        sheet.words(MARGIN, y, shortened(column.label, SMALL, x.at(float(curve.time[0])) - MARGIN - 14), size=SMALL)
        for time, count in zip(curve.ticks or tuple(curve.time), curve.at_risk, strict=False):
            sheet.words(x.at(float(time)), y, masked_number(count), Anchor.MIDDLE, size=SMALL)
        y += ROW - 1
    return y
