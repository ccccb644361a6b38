"""Scales, ticks, grid lines, legends and the title of a figure. Not for what a figure shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fonts import shortened, text_width, wrapped
from .palette import Fill, Series
from .sheet import INK, LINE, NORMAL, SMALL, SOFT, Anchor, Sheet

MARGIN = 10.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
ROW = 13.0


@dataclass(frozen=True)
class Scale:
    """From values between ``low`` and ``high`` to points between ``start`` and ``end``."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return float(self.many(np.array([value]))[0])

    def many(self, values: np.ndarray) -> np.ndarray:
        share = (np.asarray(values, dtype=float) - self.low) / ((self.high - self.low) or 1.0)
        return self.start + share * (self.end - self.start)


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round numbers that cover ``low`` to ``high``, about so many."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low if math.isfinite(low) else 0.0, (low if math.isfinite(low) else 0.0) + 1.0]
    raw = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s for s in _STEPS if s * power >= raw * 0.999) * power
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A number of an axis: 12, 0.5, -20."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def draw_head(sheet: Sheet, title: str, subtitle: str) -> None:
    """The title and below it the population, from the top of the sheet; sets ``sheet.head``."""
    y, room = 6.0, sheet.width - 2 * MARGIN
    for line in wrapped(title, 11.5, room, True):
        y += 14.5
        sheet.words(MARGIN, y, line, size=11.5, bold=True)
    for line in wrapped(subtitle, NORMAL, room):
        y += 12
        sheet.words(MARGIN, y, line, colour=SOFT)
    sheet.head = y + 6


def draw_foot(sheet: Sheet, notice: str) -> None:
    """The notice of the data below the figure; sets ``sheet.foot``."""
    y = sheet.height
    for line in wrapped(notice, SMALL, sheet.width - 2 * MARGIN, True):
        y += 11
        sheet.words(MARGIN, y, line, size=SMALL, bold=True)
    if y > sheet.height:
        sheet.foot = y + 7 - sheet.height
        sheet.height += sheet.foot


def draw_x_axis(sheet: Sheet, scale: Scale, y: float, values: Sequence[float], name: str) -> None:
    """A line with ticks and their numbers below ``y``, and the name under them."""
    sheet.segments(np.array([[scale.start, y, scale.end, y]]), INK, width=0.9)
    at = scale.many(np.array(values))
    sheet.segments(np.column_stack([at, np.full(len(at), y), at, np.full(len(at), y + 3.5)]), INK, width=0.9)
    for x, value in zip(at, values, strict=True):
        sheet.words(float(x), y + 12.5, tick_text(value), Anchor.MIDDLE, size=SMALL)
    sheet.words((scale.start + scale.end) / 2, y + 25, name, Anchor.MIDDLE, colour=SOFT)


def draw_y_axis(sheet: Sheet, scale: Scale, span: tuple[float, float], values: Sequence[float], name: str) -> None:
    """Level grid lines over ``span`` with their numbers at the left, and the name above them."""
    left, right = span
    at = scale.many(np.array(values))
    sheet.segments(np.column_stack([np.full(len(at), left), at, np.full(len(at), right), at]), LINE, width=0.6)
    for y, value in zip(at, values, strict=True):
        sheet.words(left - 5, float(y) + 2.8, tick_text(value), Anchor.END, size=SMALL)
    sheet.words(left - 24, min(scale.start, scale.end) - 8, name, colour=SOFT)


def thinned(values: Sequence[float], scale: Scale, room: float) -> list[int]:
    """Positions of every n-th tick, so that each has ``room`` points."""
    if len(values) < 2:
        return list(range(len(values)))
    at = scale.many(np.array(values))
    every = max(1, math.ceil(room / max(abs(float(at[1] - at[0])), 0.01)))
    return list(range(0, len(values), every))


def draw_sample(sheet: Sheet, x: float, y: float, look: Series, marker: bool = False) -> None:
    """A piece of line as a legend shows it, 24 points long."""
    sheet.segments(np.array([[x, y, x + 24, y]]), look.colour, width=1.6, dash=look.dash)
    if marker:
        sheet.marks(np.array([x + 12]), np.array([y]), look.marker, 3, fill=look.colour)


def hatching(left: float, top: float, width: float, height: float, gap: float = 4.0) -> np.ndarray:
    """Diagonal lines inside a rectangle, (n, 4)."""
    c = np.arange(gap, width + height, gap)  # lines x + y = c from the upper left corner
    x1, x2 = np.minimum(c, width), np.maximum(c - height, 0)
    return np.column_stack([left + x1, top + c - x1, left + x2, top + c - x2])


def draw_fill(sheet: Sheet, sides: tuple[float, float, float, float], fill: Fill, title: str = "") -> None:
    """A rectangle with the fill of a category."""
    sheet.boxes(np.array([sides]), fill.colour, stroke="#ffffff", width=0.6, title=title)
    if fill.hatch and sides[2] > 1 and sides[3] > 1:
        sheet.segments(hatching(*sides), "#8a4a22" if fill.colour != "#FFFFFF" else "#777777", width=0.6)
    if fill.colour.upper() in ("#FFFFFF", "#F7F7F7"):
        sheet.boxes(np.array([sides]), "", stroke="#9aa5b0", width=0.6)


def draw_on_fill(sheet: Sheet, x: float, y: float, text: str, fill: Fill) -> None:
    """A small text in the middle of a fill; stripes do not run through it."""
    if fill.hatch:
        width = text_width(text, SMALL) + 4
        sheet.boxes(np.array([[x - width / 2, y - 8.8, width, 11]]), fill.colour)
    sheet.words(x, y, text, Anchor.MIDDLE, size=SMALL, colour=INK if fill.light else "#ffffff")


def draw_fill_legend(
    sheet: Sheet, y: float, names: Sequence[str], looks: Sequence[Fill], left: float = MARGIN
) -> float:
    """Names with their fills, in lines from ``y``; returns the y below them."""
    x = left
    for name, fill in zip(names, looks, strict=True):
        text = shortened(name, NORMAL, 200)
        width = 15 + text_width(text, NORMAL) + 14
        if x > left and x + width > sheet.width - MARGIN:
            x, y = left, y + ROW + 1
        draw_fill(sheet, (x, y - 8, 11, 10), fill)
        sheet.words(x + 15, y, text)
        x += width
    return y + ROW


def draw_series_legend(
    sheet: Sheet, y: float, names: Sequence[str], looks: Sequence[Series], left: float = MARGIN, *, marker: bool = True
) -> float:
    """Names with their lines, in lines from ``y``; returns the y below them."""
    x = left
    for name, look in zip(names, looks, strict=True):
        text = shortened(name, NORMAL, 340)
        width = 29 + text_width(text, NORMAL) + 16
        if x > left and x + width > sheet.width - MARGIN:
            x, y = left, y + ROW + 1
        draw_sample(sheet, x, y - 3, look, marker)
        sheet.words(x + 29, y, text)
        x += width
    return y + ROW
