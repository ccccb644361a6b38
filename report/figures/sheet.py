"""A sheet of shapes and words, in points from its upper left corner: what SVG and PNG are both drawn from.

Not for what a figure shows, nor for a file format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ...validation.reports.page import printable

#: width of every figure: nine inches, so that its words keep their size side by side
WIDTH = 648.0
INK, SOFT, LINE = "#1d2733", "#56636f", "#d5dce3"
SMALL, NORMAL = 7.5, 8.5

MOVE, DRAW, CURVE, CLOSE = 1, 2, 4, 79
#: of a circle of radius 1 from Bezier curves
_ARC = 0.5522847498


class Anchor(Enum):
    """Which part of a text is at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A path. ``points``: (n, 2); ``codes``: MOVE, DRAW, CURVE or CLOSE of each point. ``title``: its text on hover."""

    points: np.ndarray
    codes: np.ndarray
    fill: str = ""
    stroke: str = ""
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text in one line; (``x``, ``y``) is on its baseline. ``turned``: it runs upwards."""

    x: float
    y: float
    text: str
    size: float = NORMAL
    anchor: Anchor = Anchor.START
    bold: bool = False
    colour: str = INK
    turned: bool = False


@dataclass
class Sheet:
    """``head`` and ``foot``: points at the top and the bottom with title and notice, which a page shows by itself."""

    width: float = WIDTH
    height: float = 0.0
    head: float = 0.0
    foot: float = 0.0
    items: list[Shape | Words] = field(default_factory=list)

    def words(self, x: float, y: float, text: str, anchor: Anchor = Anchor.START, **look: float | str | bool) -> None:
        """A text; ``look``: fields of Words."""
        if shown := printable(text).replace("\n", " ").replace("\t", " "):
            self.items.append(Words(x=x, y=y, text=shown, anchor=anchor, **look))  # pyright: ignore

    def line(self, x: np.ndarray, y: np.ndarray, colour: str = INK, **look: object) -> None:
        """A line through points; a NaN interrupts it."""
        points = np.column_stack([x, y]).astype(float)
        known = np.isfinite(points).all(axis=1)
        codes = np.where(np.r_[True, ~known[:-1]], MOVE, DRAW)
        self._draw_path(points[known], codes[known], stroke=colour, **look)

    def segments(self, ends: np.ndarray, colour: str = INK, **look: object) -> None:
        """Separate lines. ``ends``: (n, 4), x and y of both ends."""
        points = np.asarray(ends, dtype=float).reshape(-1, 2)
        self._draw_path(points, np.tile([MOVE, DRAW], len(points) // 2), stroke=colour, **look)

    def area(self, x: np.ndarray, y: np.ndarray, colour: str, **look: object) -> None:
        """A filled polygon."""
        points = np.column_stack([x, y]).astype(float)
        codes = np.full(len(points), DRAW)
        codes[:1] = MOVE
        self._draw_path(np.r_[points, points[:1]], np.r_[codes, [CLOSE]], fill=colour, **look)

    def boxes(self, sides: np.ndarray, fill: str = "", **look: object) -> None:
        """Rectangles as one shape. ``sides``: (n, 4), left, top, width, height."""
        left, top, width, height = np.asarray(sides, dtype=float).reshape(-1, 4).T
        x = np.column_stack([left, left + width, left + width, left, left])
        y = np.column_stack([top, top, top + height, top + height, top])
        points = np.stack([x, y], axis=2).reshape(-1, 2)
        self._draw_path(points, np.tile([MOVE, DRAW, DRAW, DRAW, CLOSE], len(left)), fill=fill, **look)

    def marks(self, x: np.ndarray, y: np.ndarray, kind: str, size: float, **look: object) -> None:
        """Markers as one shape. ``kind``: a key of MARKERS; ``size``: half of their height."""
        points, codes = MARKERS[kind]
        places = np.column_stack([x, y]).astype(float)
        everywhere = (places[:, None, :] + size * points[None, :, :]).reshape(-1, 2)
        self._draw_path(everywhere, np.tile(codes, len(places)), **look)

    def _draw_path(self, points: np.ndarray, codes: np.ndarray, **look: object) -> None:
        if len(points):
            self.items.append(Shape(points=points, codes=codes, **look))  # pyright: ignore


def _polygon(*corners: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    points = np.array([*corners, corners[0]], dtype=float)
    return points, np.array([MOVE, *[DRAW] * (len(corners) - 1), CLOSE])


def _circle() -> tuple[np.ndarray, np.ndarray]:
    k = _ARC
    points = [(1, 0), (1, k), (k, 1), (0, 1), (-k, 1), (-1, k), (-1, 0), (-1, -k), (-k, -1), (0, -1), (k, -1), (1, -k)]
    return np.array([*points, (1, 0), (1, 0)], dtype=float), np.array([MOVE, *[CURVE] * 12, CLOSE])


_THIRD = 0.34
#: name -> (points, codes) of a marker of half height 1; a cross and a plus have an area, so that all can be filled
MARKERS: dict[str, tuple[np.ndarray, np.ndarray]] = {
    "circle": _circle(),
    "square": _polygon((-0.87, -0.87), (0.87, -0.87), (0.87, 0.87), (-0.87, 0.87)),
    "diamond": _polygon((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "triangle": _polygon((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    "down": _polygon((0, 1.15), (1.1, -0.85), (-1.1, -0.85)),
    "arrow": _polygon((1.6, 0), (0, -1.1), (0, 1.1)),
    "plus": _polygon(
        (-_THIRD, -1.1), (_THIRD, -1.1), (_THIRD, -_THIRD), (1.1, -_THIRD), (1.1, _THIRD), (_THIRD, _THIRD),
        (_THIRD, 1.1), (-_THIRD, 1.1), (-_THIRD, _THIRD), (-1.1, _THIRD), (-1.1, -_THIRD), (-_THIRD, -_THIRD)
    ),
    "cross": _polygon(
        (-1, -0.6), (-0.6, -1), (0, -0.4), (0.6, -1), (1, -0.6), (0.4, 0),
        (1, 0.6), (0.6, 1), (0, 0.4), (-0.6, 1), (-1, 0.6), (-0.4, 0)
    ),
}  # fmt: skip
