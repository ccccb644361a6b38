"""Widths and outlines of text in DejaVu Sans, the font that comes with matplotlib.

An SVG names Verdana next, whose letters are as wide. Not for where a text goes.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from ...validation.reports.page import printable

FAMILY = "'DejaVu Sans', Verdana, sans-serif"
#: the size at which outlines are read, in points; all others are multiples
_SIZE = 100.0


@lru_cache(maxsize=2)
def _font(bold: bool) -> Any:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/{name}")
    font.set_size(_SIZE, 72)
    return font


@lru_cache(maxsize=2048)
def _glyph(letter: str, bold: bool) -> tuple[float, np.ndarray, np.ndarray]:
    """(advance, points, codes) of a letter at size 1; y goes down. A letter that the font lacks is an empty box."""
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    glyph = font.load_glyph(font.get_char_index(ord(letter)), flags=LoadFlags.NO_HINTING)
    points, codes = font.get_path()
    return glyph.linearHoriAdvance / 65536 / _SIZE, np.asarray(points) * [1, -1] / _SIZE, np.asarray(codes)


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text in points."""
    return size * sum(_glyph(letter, bold)[0] for letter in text)


@lru_cache(maxsize=1024)
def outline(text: str, size: float, bold: bool = False) -> tuple[np.ndarray, np.ndarray, float]:
    """(points, codes, width) of a text that begins at 0, 0; codes are those of a matplotlib path.

    Figures repeat their labels, so that a text has one pair of arrays; nobody changes them.
    """
    if not text:
        return np.empty((0, 2)), np.empty(0, dtype=np.uint8), 0.0
    advances, points, codes = zip(*(_glyph(letter, bold) for letter in text), strict=True)
    at = [0.0, *accumulate(advances)]
    placed = np.concatenate(points)
    placed[:, 0] += np.repeat(at[:-1], [len(of) for of in points])
    placed *= size
    return placed, np.concatenate(codes), at[-1] * size


def shortened(text: str, size: float, width: float, bold: bool = False) -> str:
    """``text``, or its beginning with '...' if it is wider than ``width`` points."""
    text = printable(text)
    if text_width(text, size, bold) <= width:
        return text
    short = text
    while short and text_width(short.rstrip() + "...", size, bold) > width:
        short = short[:-1]
    return short.rstrip() + "..."


def wrapped(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """The lines of a text that is at most ``width`` points wide; a longer word is cut."""
    lines: list[str] = []
    for word in printable(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(shortened(word, size, width, bold))
    return lines
