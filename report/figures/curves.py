"""Kaplan-Meier and cumulative incidence curves with numbers at risk, censored subjects, a band and medians.

The estimates are shares from 0 to 1. Each result of the display with curves is a panel. Not for computing them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...analyses.results import Cell, ComputedDisplay, ComputedResult, Curve, Value
from .axes import MARGIN, ROW, Scale, draw_x_axis, draw_y_axis, thinned, ticks
from .curve_legend import FALLING, RISING, draw_legend_above, draw_legend_in, free_corner
from .fonts import shortened, text_width
from .palette import Series, series
from .parts import (
    all_first,
    column_cell,
    columns_of,
    counted,
    fixed_text,
    interval_text,
    masked_number,
    sentence,
    short_text,
    size_text,
    value_of,
)
from .sheet import NORMAL, SMALL, SOFT, Anchor, Sheet

_PLOT = 250.0
#: points; a step that is smaller than this is drawn with the next one
_FINE = 0.35
#: with more curves than this only the first has its band
_BANDS = 3


@dataclass(frozen=True)
class _Steps:
    """Corners of a step curve: time, estimate, lower, upper."""

    time: np.ndarray
    estimate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def draw_curves(sheet: Sheet, display: ComputedDisplay, *, rising: bool) -> None:
    """One panel for each result with curves. ``rising``: from 0 upwards, where its statistic does not tell."""
    results = [r for r in display.results if r.curves]
    y = sheet.head + 22
    for result in results:
        if len(results) > 1:
            sheet.words(MARGIN, y, result.title, bold=True)
            y += 26
        y = _panel(sheet, display, result, y, rises(result, rising)) + 16
    sheet.height = y - 8


def rises(result: ComputedResult, otherwise: bool) -> bool:
    """Whether the curves of a result begin at 0; a display may have both kinds."""
    return {"kaplan_meier": False, "cumulative_incidence": True}.get(result.statistic, otherwise)


def curves_alt(display: ComputedDisplay, *, rising: bool) -> str:
    """Events, median and the estimates at the ticks of each curve, in words."""
    sentences = []
    for result in (r for r in display.results if r.curves):
        up = rises(result, rising)
        kind = "Cumulative incidence" if up else "Kaplan-Meier"
        sentences.append(f"{kind} curves of {result.title}, time in {result.unit or 'units of the analysis'}")
        for curve, column in zip(result.curves, columns_of(display, result.curves), strict=True):
            parts = [counted(column.size, "subject")]
            for name in ("events", "censored", "median"):
                cell = column_cell(display, result, column.id, name)
                value = value_of(cell, (name,)) if cell is not None else None
                if value is not None and cell is not None:
                    parts.append(_statistic_words(cell, value, result.level))
            at = [t for t in curve.ticks if 0 < t <= _last(curve)]
            parts += [f"{fixed_text(100 * _value_at(curve, t, up))}% at {short_text(t)}" for t in at[:6]]
            sentences.append(f"{column.label}: {', '.join(parts)}")
    return sentence(sentences)


def _statistic_words(cell: Cell, value: Value, level: str) -> str:
    if value.name == "median":
        return _median_words(cell, value, f"{level} interval")
    if value.name == "events" and value.number is not None:
        return counted(round(value.number), "event")
    return f"{value.text} {value.name}"


def _median_words(cell: Cell, value: Value, interval: str) -> str:
    """The median with its interval where one of its ends is a number."""
    known = any(cell.number(n) is not None for n in ("lower", "upper"))
    return f"median {value.text}" + (f" ({interval} {interval_text(cell)})" if known else "")


def _panel(sheet: Sheet, display: ComputedDisplay, result: ComputedResult, top: float, rising: bool) -> float:
    curves, columns = result.curves, columns_of(display, result.curves)
    looks = series(len(curves), all_first(display) and columns[0].id == display.columns[0].id)
    labels = [shortened(c.label, NORMAL, 110) for c in columns]
    left = max(46.0, MARGIN + 34 + max(text_width(t, NORMAL) for t in labels))
    right = sheet.width - MARGIN - 8
    values, x = _time_axis(curves, left, right)
    high = _highest(curves) if rising else 1.0
    steps = [_steps(c, rising) for c in curves]
    texts = [_legend_text(display, result, c.id, c.label, c.size) for c in columns]
    flat = Scale(0.0, high, _PLOT, 0.0)
    lines = [line for step in steps if (line := _line(step, x, flat)) is not None]
    corner = free_corner(lines, texts, (left, right, 0.0, _PLOT), RISING if rising else FALLING)
    if corner is None:
        top = draw_legend_above(sheet, texts, looks, top - 10) + 14
    bottom = top + _PLOT
    y = Scale(0.0, high, bottom, top)
    percent = Scale(0.0, 100 * high, bottom, top)
    name = "Subjects with the event (%)" if rising else "Subjects without an event (%)"
    draw_y_axis(sheet, percent, (left, right), ticks(0, 100 * high, 5), name)
    for i in range(len(curves)) if len(curves) <= _BANDS else range(1):
        _band(sheet, steps[i], x, y, looks[i])
    if not rising:
        _medians(sheet, display, result, x, y, looks)
    for curve, step, look in zip(curves, steps, looks, strict=True):
        _curve(sheet, curve, step, x, y, look)
    shown = thinned(values, x, 26)
    draw_x_axis(sheet, x, bottom, [values[i] for i in shown], _time_name(result))
    if corner is not None:
        draw_legend_in(sheet, texts, looks, (left, right, top, bottom), corner)
    below = _at_risk(sheet, curves, labels, looks, {i: x.at(values[i]) for i in shown}, bottom + 42)
    sheet.words(MARGIN, below + 4, _note(result, columns[0].label, rising), size=SMALL, colour=SOFT)
    return below + 6


def _note(result: ComputedResult, first: str, rising: bool) -> str:
    curves = result.curves
    note = f"Band: {result.level} confidence interval of {'all curves' if len(curves) <= _BANDS else first}."
    note += " Upright marks: censored subjects." if any(len(c.censored) for c in curves) else ""
    return note + ("" if rising else " Dotted lines: medians.")


def _time_axis(curves: tuple[Curve, ...], left: float, right: float) -> tuple[list[float], Scale]:
    """The ticks, and the scale to the last time of a curve or the last tick."""
    last = max((_last(c) for c in curves), default=1.0)
    longest = max(curves, key=lambda c: len(c.ticks))
    values = list(longest.ticks) or ticks(0, last, 8)
    return values, Scale(0.0, max(last, *values) or 1.0, left, right)


def _last(curve: Curve) -> float:
    """The last time at which the curve has a value: of its last event or its last censored subject."""
    return float(max([0.0, *curve.time[-1:], *([curve.censored.max()] if len(curve.censored) else [])]))


def _time_name(result: ComputedResult) -> str:
    return f"Time ({result.unit})" if result.unit else "Time"


def _highest(curves: tuple[Curve, ...]) -> float:
    most = max((float(np.nanmax(np.r_[0.0, c.estimate, c.upper])) for c in curves), default=1.0)
    return min(1.0, ticks(0.0, max(most, 0.05), 5)[-1])


def _steps(curve: Curve, rising: bool) -> _Steps:
    """The curve from time 0 to its last time."""
    time, values = curve.time, [curve.estimate, curve.lower, curve.upper]
    if not len(time) or time[0] > 0:
        time, values = np.r_[0.0, time], [np.r_[0.0 if rising else 1.0, a] for a in values]
    if (last := _last(curve)) > time[-1]:
        time, values = np.r_[time, last], [np.r_[a, a[-1]] for a in values]
    return _Steps(time, *values)


def _value_at(curve: Curve, time: float, rising: bool) -> float:
    step = _steps(curve, rising)
    return float(step.estimate[np.searchsorted(step.time, time, side="right") - 1])


def _corners(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a step line through points, without steps that are too small to see."""
    cell = np.column_stack([np.floor(x / _FINE), np.floor(np.nan_to_num(y, nan=-1e6) / _FINE)])
    corners = np.r_[True, (np.diff(cell, axis=0) != 0).any(axis=1)]
    corners[-1:] = True
    x, y = x[corners], y[corners]
    level = np.r_[True, np.diff(y) != 0]
    level[-1:] = True
    x, y = x[level], y[level]
    return np.r_[x[0], np.repeat(x[1:], 2)], np.r_[np.repeat(y[:-1], 2), y[-1]]


def _line(step: _Steps, x: Scale, y: Scale) -> tuple[np.ndarray, np.ndarray] | None:
    """The corners of a curve in points; None if the curve has no subjects."""
    known = np.isfinite(step.estimate)
    if known.sum() < 2:
        return None
    return _corners(x.many(step.time[known]), y.many(step.estimate[known]))


def _curve(sheet: Sheet, curve: Curve, step: _Steps, x: Scale, y: Scale, look: Series) -> None:
    line = _line(step, x, y)
    if line is None:
        return
    sheet.line(*line, look.colour, width=1.7, dash=look.dash)
    if len(curve.censored):
        at = np.searchsorted(step.time, curve.censored, side="right") - 1
        points = np.column_stack([x.many(curve.censored), y.many(step.estimate[np.maximum(at, 0)])])
        points = np.unique(np.round(points[np.isfinite(points).all(axis=1)] * 2) / 2, axis=0)
        cx, cy = points.T
        sheet.segments(np.column_stack([cx, cy - 3.2, cx, cy + 3.2]), look.colour, width=0.9)


def _band(sheet: Sheet, step: _Steps, x: Scale, y: Scale, look: Series) -> None:
    known = np.isfinite(step.lower) & np.isfinite(step.upper)
    if known.sum() < 2:
        return
    ux, uy = _corners(x.many(step.time[known]), y.many(step.upper[known]))
    lx, ly = _corners(x.many(step.time[known]), y.many(step.lower[known]))
    sheet.area(np.r_[ux, lx[::-1]], np.r_[uy, ly[::-1]], look.colour, opacity=0.13)


def _medians(
    sheet: Sheet, display: ComputedDisplay, result: ComputedResult, x: Scale, y: Scale, looks: list[Series]
) -> None:
    found = [_median(display, result, c) for c in result.curves]
    half = y.at(0.5)
    for median, look in zip(found, looks, strict=True):
        if median is not None and median <= x.high:
            at = x.at(median)
            sheet.segments(np.array([[at, half, at, y.start]]), look.colour, width=1, dash=(1.2, 2))
    if reached := [m for m in found if m is not None and m <= x.high]:
        sheet.segments(np.array([[x.start, half, x.at(max(reached)), half]]), SOFT, width=1, dash=(1.2, 2))


def _median(display: ComputedDisplay, result: ComputedResult, curve: Curve) -> float | None:
    cell = column_cell(display, result, curve.column, "median")
    return cell.number("median") if cell is not None else None


def _legend_text(display: ComputedDisplay, result: ComputedResult, column: str, label: str, size: int) -> str:
    text = f"{shortened(label, NORMAL, 150)} ({size_text(size)})"
    cell = column_cell(display, result, column, "median")
    value = value_of(cell, ("median",)) if cell is not None else None
    if cell is None or value is None:
        return text
    return f"{text}: {_median_words(cell, value, f'{result.level} CI')}"


def _at_risk(
    sheet: Sheet,
    curves: tuple[Curve, ...],
    labels: list[str],
    looks: list[Series],
    shown: dict[int, float],
    top: float,
) -> float:
    """The numbers at risk under their ticks, by number of the tick to its x; returns the y below them."""
    if not any(c.at_risk for c in curves):
        return top - 8
    sheet.words(MARGIN, top, "Subjects at risk", bold=True, size=SMALL)
    y = top
    for curve, label, look in zip(curves, labels, looks, strict=True):
        y += ROW
        sheet.segments(np.array([[MARGIN, y - 3, MARGIN + 10, y - 3]]), look.colour, width=2)
        sheet.words(MARGIN + 14, y, label)
        for i, x in shown.items():
            if i < len(curve.at_risk):
                sheet.words(x, y, masked_number(curve.at_risk[i]), Anchor.MIDDLE, size=SMALL)
    return y + ROW
