"""Pictures of counts and shares as values of an SVG: heat maps and columns over time.

All numbers are whole pixels, so that the text of a page does not depend on how a machine divides. The shades are of one
hue from light to dark and each cell has its number, so that no picture needs colours. templates/pictures.html.j2 draws
them. Not for what is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .page import printable

#: least count of each shade from the second one; the first has at least 1
COUNT_SHADES = (10, 100, 1_000, 10_000)
_CELL_WIDTH, _CELL_HEIGHT, _LABEL, _MARGIN = 46, 22, 210, 12
_LETTERS = 28  # of the label of a row
_SLANT = 6  # pixels for each letter of a slanted label of a column
_HEAD_LETTERS = 20
_PLOT_WIDTH, _PLOT_HEIGHT, _LEFT = 820, 150, 60


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    """One cell. ``shade``: 0 for none to 5; ``text``: what is printed in it; ``title``: the same in words."""

    row: int
    column: int
    shade: int
    text: str
    title: str
    href: str = ""


def count_shade(count: int) -> int:
    """The shade of a count: 0 for none, then one more from each of COUNT_SHADES."""
    return 0 if count <= 0 else 1 + sum(count >= least for least in COUNT_SHADES)


def count_legend() -> list[dict[str, Any]]:
    """(shade, words) of the shades of counts."""
    starts = (1, *COUNT_SHADES)
    words = [f"{a:,} to {b - 1:,}" for a, b in zip(starts, COUNT_SHADES, strict=False)]
    words.append(f"{COUNT_SHADES[-1]:,} or more")
    return [{"shade": i, "words": w} for i, w in enumerate(words, start=1)]


def short_number(count: int) -> str:
    """At most four letters: 950, 1.2k, 48k, 1.3M; rounded down."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= 10 * unit:
            return f"{count // unit}{letter}"
        if count >= unit:
            tenths = count * 10 // unit
            return f"{tenths // 10}.{tenths % 10}{letter}"
    return str(count)


def heat_map(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[HeatCell], *, text: str, legend: Sequence[Any] = ()
) -> dict[str, Any]:
    """The values of a heat map. ``text``: the picture in words, for those who cannot see it."""
    heads = [_short(printable(c), _HEAD_LETTERS) for c in columns]
    top = 16 + _SLANT * max((len(h) for h in heads), default=0)
    width = _LABEL + _CELL_WIDTH * len(columns) + max(60, _SLANT * max((len(h) for h in heads), default=0))
    return {
        "width": width,
        "height": top + _CELL_HEIGHT * len(rows) + _MARGIN,
        "label_end": _LABEL - 8,
        "cell_width": _CELL_WIDTH - 2,
        "cell_height": _CELL_HEIGHT - 2,
        "rows": [
            {"label": _short(printable(r), _LETTERS), "full": printable(r), "y": top + i * _CELL_HEIGHT + 15}
            for i, r in enumerate(rows)
        ],
        "columns": [{"label": h, "x": _LABEL + i * _CELL_WIDTH + 18, "y": top - 6} for i, h in enumerate(heads)],
        "cells": [
            {
                "x": _LABEL + c.column * _CELL_WIDTH,
                "y": top + c.row * _CELL_HEIGHT,
                "middle": _LABEL + c.column * _CELL_WIDTH + _CELL_WIDTH // 2 - 1,
                "baseline": top + c.row * _CELL_HEIGHT + 15,
                "shade": c.shade,
                "text": c.text,
                "title": printable(c.title),
                "href": c.href,
            }
            for c in cells
        ],
        "text": text,
        "legend": list(legend),
    }


def over_time(
    periods: Sequence[str], counts: Mapping[str, Sequence[int]], *, text: str, href: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """Stacked columns. ``counts``: severity -> number in each period, drawn from the bottom in this order."""
    totals = [sum(c[i] for c in counts.values()) for i in range(len(periods))]
    most = max(totals, default=0)
    step = max(4, min(40, _PLOT_WIDTH // max(len(periods), 1)))
    every = max(1, -(-64 // step))  # a label needs so many columns
    bars = []
    for i, period in enumerate(periods):
        base = _PLOT_HEIGHT
        for severity, of in counts.items():
            if of[i]:
                height = max(1, (_PLOT_HEIGHT - 14) * of[i] // most)
                base -= height
                words = f"{printable(period)}: {of[i]:,} {severity}s"
                bars.append({"x": _LEFT + i * step, "y": base, "width": max(2, step - 2), "height": height,
                             "severity": severity, "title": words, "href": href(period) if href else ""})  # fmt: skip
    return {
        "width": _LEFT + step * len(periods) + 60,
        "height": _PLOT_HEIGHT + 26,
        "bars": bars,
        "base": _PLOT_HEIGHT,
        "left": _LEFT,
        "right": _LEFT + step * len(periods),
        "most": f"{most:,}",
        "labels": [
            {"x": _LEFT + i * step, "y": _PLOT_HEIGHT + 18, "text": printable(p)}
            for i, p in enumerate(periods)
            if i % every == 0
        ],
        "text": text,
    }


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 3] + "..."
