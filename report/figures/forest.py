"""Forest plot: subgroups with their numbers, estimates and intervals, drawn and as text. Not for computing them.

Each result of the display with such lines is a panel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...analyses.results import ComputedDisplay, ComputedResult, Interval
from .axes import MARGIN, Scale, draw_x_axis, thinned, ticks
from .fonts import shortened, text_width
from .palette import BLUE
from .parts import counted, fixed_text, levels_text, masked_number, sentence
from .sheet import INK, LINE, NORMAL, SMALL, SOFT, Anchor, Sheet

_ROW = 15.0
_LABEL, _NUMBER, _TEXT = 178.0, 44.0, 132.0


def draw_forest(sheet: Sheet, display: ComputedDisplay) -> None:
    """A panel for each result. Panels of one unit have the same axis, so that their estimates compare."""
    results = [r for r in display.results if r.forest]
    lines = [line for result in results for line in result.forest]
    with_events = any(i.events is not None for i in lines)
    left = MARGIN + _LABEL + _NUMBER * (2 if with_events else 1) + 12
    right = sheet.width - MARGIN - _text_room(lines) - 12
    y = sheet.head + 24
    for number, result in enumerate(results):
        alike = [line for other in results if other.unit == result.unit for line in other.forest]
        values = _ticks(alike)
        if len(results) > 1:
            sheet.words(
                MARGIN, y - 4 + 8 * (number > 0), shortened(result.title, NORMAL, sheet.width - 20, True), bold=True
            )
            y += 20 + 8 * (number > 0)
        y = _panel(sheet, result, y, values, Scale(values[0], values[-1], left, right)) + 46
    sheet.words(MARGIN, y, _note(results), size=SMALL, colour=SOFT)
    sheet.height = y + 8


def _note(results: Sequence[ComputedResult]) -> str:
    line = f"{levels_text(results)} confidence interval, an arrow where it goes on"
    return f"Square: estimate, larger with more subjects. Line: {line}. Dotted: estimate of the first row."


def _panel(sheet: Sheet, result: ComputedResult, top: float, values: list[float], x: Scale) -> float:
    """A line for each subgroup, headings between them, and the estimate of all subjects as a dotted line.

    Returns the y of the axis.
    """
    lines = result.forest
    with_events = any(i.events is not None for i in lines)
    left, right = x.start, x.end
    _names(sheet, top - 9, with_events, result.level)
    rows = _rows(lines)
    bottom = top + _ROW * len(rows)
    for i in range(0, len(rows), 2):
        sheet.boxes(np.array([[MARGIN, top + i * _ROW, sheet.width - 2 * MARGIN, _ROW]]), "#f4f7fa")
    at = x.many(np.array(values))
    sheet.segments(np.column_stack([at, np.full(len(at), top), at, np.full(len(at), bottom)]), LINE, width=0.6)
    if lines[0].estimate is not None and not lines[0].heading:
        overall = x.at(lines[0].estimate)
        sheet.segments(np.array([[overall, top, overall, bottom]]), SOFT, width=1, dash=(1.2, 2))
    biggest = max(1, *(i.size for i in lines))
    for number, (line, heading) in enumerate(rows):
        y = top + number * _ROW
        if line is None:
            sheet.words(MARGIN + 4, y + 10.5, shortened(heading, NORMAL, left - MARGIN, True), bold=True)
        else:
            _line(sheet, line, y, x, biggest, with_events)
    shown = thinned(values, x, 26)
    draw_x_axis(sheet, x, bottom + 3, [values[i] for i in shown], _axis_name(result.title, result.unit, right - left))
    return bottom


def forest_alt(display: ComputedDisplay) -> str:
    """Each subgroup with its number, estimate and interval, in words."""
    sentences = []
    for result in (r for r in display.results if r.forest):
        sentences.append(f"Forest plot of {result.title} in {counted(len(result.forest), 'group')}")
        for line in result.forest:
            name = f"{line.heading}, {line.label}" if line.heading else line.label
            events = "" if line.events is None else f", {counted(line.events, 'event')}"
            text = line.text or _interval(line)
            sentences.append(f"{name}: {counted(line.size, 'subject')}{events}" + (f", {text}" if line.size else ""))
    return sentence(sentences)


def _rows(lines: Sequence[Interval]) -> list[tuple[Interval | None, str]]:
    """The lines with a row for each new heading."""
    out: list[tuple[Interval | None, str]] = []
    heading = ""
    for line in lines:
        if line.heading and line.heading != heading:
            out.append((None, line.heading))
        heading = line.heading
        out.append((line, ""))
    return out


def _names(sheet: Sheet, y: float, with_events: bool, level: str) -> None:
    sheet.words(MARGIN + 4, y, "Subgroup", bold=True, size=SMALL)
    sheet.words(MARGIN + _LABEL + _NUMBER, y, "N", Anchor.END, bold=True, size=SMALL)
    if with_events:
        sheet.words(MARGIN + _LABEL + 2 * _NUMBER, y, "Events", Anchor.END, bold=True, size=SMALL)
    sheet.words(sheet.width - MARGIN - 4, y, f"Estimate ({level} CI)", Anchor.END, bold=True, size=SMALL)


def _line(sheet: Sheet, line: Interval, y: float, x: Scale, biggest: int, with_events: bool) -> None:
    base, middle = y + 10.5, y + _ROW / 2
    indent = 14 if line.heading else 4
    sheet.words(MARGIN + indent, base, shortened(line.label, NORMAL, _LABEL - indent), bold=not line.heading)
    sheet.words(MARGIN + _LABEL + _NUMBER, base, masked_number(line.size), Anchor.END)
    if with_events and line.events is not None:
        sheet.words(MARGIN + _LABEL + 2 * _NUMBER, base, masked_number(line.events), Anchor.END)
    text = line.text or _interval(line)
    colour = INK if line.estimate is not None else SOFT
    sheet.words(sheet.width - MARGIN - 4, base, text, Anchor.END, colour=colour)
    if line.lower is not None:
        _whisker(sheet, x, line.lower, np.inf if line.upper is None else line.upper, middle)
    if line.estimate is not None:
        size = 2.2 + 2.6 * (max(line.size, 0) / biggest) ** 0.5
        title = f"{line.label}: {text}"
        sheet.marks(np.array([x.at(line.estimate)]), np.array([middle]), "square", size, fill=BLUE, title=title)


def _whisker(sheet: Sheet, x: Scale, lower: float, upper: float, y: float) -> None:
    """The interval with ends; an end beyond the axis is an arrow."""
    a, b = x.at(max(lower, x.low)), x.at(min(upper, x.high))
    open_end = upper > x.high
    sheet.segments(np.array([[a, y, b - 3 * open_end, y]]), INK, width=1.1)
    ends = [e for e, inside in ((a, lower >= x.low), (b, not open_end)) if inside]
    sheet.segments(np.array([[e, y - 3, e, y + 3] for e in ends]).reshape(-1, 4), INK, width=1.1)
    if open_end:
        sheet.marks(np.array([b - 3]), np.array([y]), "arrow", 3, fill=INK)


def _ticks(lines: Sequence[Interval]) -> list[float]:
    """Round numbers over the estimates and the intervals; an interval ten times as wide as the rest is cut."""
    known = [v for i in lines for v in (i.estimate, i.lower) if v is not None]
    upper = [i.upper for i in lines if i.upper is not None]
    if not known:
        return [0.0, 1.0]
    low, high = min(known), max(known)
    reach = max(high - low, abs(high), 1e-9)
    high = max([high, *(min(u, high + 1.5 * reach) for u in upper)])
    low = 0.0 if 0 <= low < 0.5 * high else low
    return ticks(low, high, 6)


def _text_room(lines: Sequence[Interval]) -> float:
    return min(190.0, max([_TEXT, *(text_width(i.text or _interval(i), NORMAL) for i in lines)]))


def _axis_name(title: str, unit: str, room: float) -> str:
    return shortened(f"{title} ({unit})" if unit else title, NORMAL, room + 180)


def _interval(line: Interval) -> str:
    if line.estimate is None:
        return "not estimable"
    ends = [fixed_text(v) if v is not None else "not reached" for v in (line.lower, line.upper)]
    return f"{fixed_text(line.estimate)} ({ends[0]} to {ends[1]})"
