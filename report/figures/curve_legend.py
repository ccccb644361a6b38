"""Where the legend of step curves is: in a corner that no curve enters, else above the plot.

Not for what the legend states (curves.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from .axes import ROW, draw_sample, draw_series_legend
from .fonts import text_width
from .palette import Series
from .sheet import LINE, NORMAL, Sheet

_SPACE = 5.0  # between the legend and a curve


class Corner(Enum):
    """A corner of the plot."""

    UPPER_LEFT = "upper left"
    UPPER_RIGHT = "upper right"
    LOWER_LEFT = "lower left"
    LOWER_RIGHT = "lower right"


#: the corners in the order of preference, for curves that fall and that rise
FALLING = (Corner.UPPER_RIGHT, Corner.LOWER_LEFT, Corner.LOWER_RIGHT)
RISING = (Corner.UPPER_LEFT, Corner.LOWER_RIGHT, Corner.UPPER_RIGHT)


def free_corner(
    lines: Sequence[tuple[np.ndarray, np.ndarray]],
    texts: Sequence[str],
    plot: tuple[float, float, float, float],
    order: Sequence[Corner],
) -> Corner | None:
    """The first corner whose legend no line touches; None if there is none.

    ``lines``: the corners of step lines; ``plot``: left, right, top, bottom.
    """
    for corner in order:
        left, top, width, height = _box(texts, plot, corner)
        if not any(_touches(x, y, (left, left + width, top, top + height)) for x, y in lines):
            return corner
    return None


def draw_legend_in(
    sheet: Sheet,
    texts: Sequence[str],
    looks: Sequence[Series],
    plot: tuple[float, float, float, float],
    corner: Corner,
) -> None:
    """The legend in a corner of the plot, one line for each curve."""
    x, y, width, height = _box(texts, plot, corner)
    sheet.boxes(np.array([[x, y, width, height]]), "#ffffff", stroke=LINE, width=0.6, opacity=0.9)
    for i, (text, look) in enumerate(zip(texts, looks, strict=True)):
        draw_sample(sheet, x + 6, y + 9.5 + i * ROW, look)
        sheet.words(x + 35, y + 12.5 + i * ROW, text)


def draw_legend_above(sheet: Sheet, texts: Sequence[str], looks: Sequence[Series], top: float) -> float:
    """The legend from ``top`` downwards; returns the y below it."""
    return draw_series_legend(sheet, top, texts, looks, marker=False)


def _box(
    texts: Sequence[str], plot: tuple[float, float, float, float], corner: Corner
) -> tuple[float, float, float, float]:
    """left, top, width, height of the legend."""
    left, right, top, bottom = plot
    width, height = 42 + max(text_width(t, NORMAL) for t in texts), ROW * len(texts) + 6
    x = left + 8 if corner in (Corner.UPPER_LEFT, Corner.LOWER_LEFT) else right - width
    y = top + 4 if corner in (Corner.UPPER_LEFT, Corner.UPPER_RIGHT) else bottom - height - 8
    return x, y, width, height


def _touches(x: np.ndarray, y: np.ndarray, box: tuple[float, float, float, float]) -> bool:
    """Whether a line of level and upright pieces enters a box."""
    left, right, top, bottom = (box[0] - _SPACE, box[1] + _SPACE, box[2] - _SPACE, box[3] + _SPACE)
    beside = (np.maximum(x[:-1], x[1:]) >= left) & (np.minimum(x[:-1], x[1:]) <= right)
    level = (np.maximum(y[:-1], y[1:]) >= top) & (np.minimum(y[:-1], y[1:]) <= bottom)
    return bool((beside & level).any())
