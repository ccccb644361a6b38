"""A sheet as SVG: paths and text with a title and a description, the same bytes at every run.

Numbers have one decimal of a point. Text stays text, so a reader can search and copy it. Not for what a figure shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ...validation.reports.page import printable
from .fonts import FAMILY
from .sheet import CLOSE, CURVE, DRAW, INK, MOVE, NORMAL, Anchor, Shape, Sheet, Words


@dataclass(frozen=True, kw_only=True)
class SvgText:
    """``id``: unique in a page; ``title``: the name of the figure; ``alt``: what it shows, in words."""

    id: str
    title: str
    alt: str


def svg_elements(sheet: Sheet) -> list[str]:
    """The element of each item of the sheet, which the file and the page both show."""
    return [_words(i) if isinstance(i, Words) else _shape(i) for i in sheet.items]


def svg_file(sheet: Sheet, elements: Sequence[str], text: SvgText) -> bytes:
    """A separate file, with the title on the sheet and a white ground. ``elements``: those of ``svg_elements``."""
    ground = f'<rect width="{_number(sheet.width)}" height="{_number(sheet.height)}" fill="#fff"/>'
    size = f' width="{_number(sheet.width)}pt" height="{_number(sheet.height)}pt"'
    body = _svg(sheet, elements, text, (0.0, sheet.height), size, ground)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def svg_inline(sheet: Sheet, elements: Sequence[str], text: SvgText) -> str:
    """The element for a page, without the title and the notice on the sheet."""
    return _svg(sheet, elements, text, (sheet.head, sheet.height - sheet.head - sheet.foot), "", "")


def _svg(
    sheet: Sheet, elements: Sequence[str], text: SvgText, part: tuple[float, float], size: str, ground: str
) -> str:
    top, height = part
    shown = [
        element
        for item, element in zip(sheet.items, elements, strict=True)
        if not (isinstance(item, Words) and not top <= item.y <= top + height)
    ]
    box = f"0 {_number(top)} {_number(sheet.width)} {_number(height)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"{size} role="img" '
        f'aria-labelledby="{text.id}-t {text.id}-d" font-family="{FAMILY}" font-size="{_number(NORMAL)}" fill="{INK}" '
        f'stroke-linejoin="round"><title id="{text.id}-t">{_plain(text.title)}</title>'
        f'<desc id="{text.id}-d">{_plain(text.alt)}</desc>'
        f"{ground}{''.join(shown)}</svg>"
    )


def _words(words: Words) -> str:
    place = f'x="{_number(words.x)}" y="{_number(words.y)}"'
    if words.turned:
        place = f'transform="translate({_number(words.x)} {_number(words.y)}) rotate(-90)"'
    look = "" if words.anchor is Anchor.START else f' text-anchor="{words.anchor.value}"'
    look += "" if words.size == NORMAL else f' font-size="{_number(words.size)}"'
    look += ' font-weight="bold"' if words.bold else ""
    look += "" if words.colour == INK else f' fill="{words.colour}"'
    return f"<text {place}{look}>{_plain(words.text)}</text>"


def _shape(shape: Shape) -> str:
    look = f' fill="{shape.fill or "none"}"'
    if shape.stroke:
        look += f' stroke="{shape.stroke}"'
        look += "" if shape.width == 1 else f' stroke-width="{_number(shape.width)}"'
        look += f' stroke-dasharray="{" ".join(map(_number, shape.dash))}"' if shape.dash else ""
    look += "" if shape.opacity == 1 else f' opacity="{shape.opacity:g}"'
    data = _path(shape.points, shape.codes)
    if shape.title:
        return f'<path d="{data}"{look}><title>{_plain(shape.title)}</title></path>'
    return f'<path d="{data}"{look}/>'


def _plain(text: str) -> str:
    return escape(printable(text), quote=False)


def _path(points: np.ndarray, codes: np.ndarray) -> str:
    """The data of a path, in steps from point to point; the points are rounded first, so that steps add up."""
    tenths = np.rint(points * 10).astype(int)
    steps = np.diff(tenths, axis=0, prepend=0).tolist()
    out: list[str] = []
    kind, run = "", list[str]()

    def put(letter: str, numbers: str) -> None:
        nonlocal kind
        if letter != kind:
            out.append(letter)
            kind = letter
        elif not numbers.startswith("-"):
            out.append(" ")
        out.append(numbers)

    # the last command may draw from another point than the previous one: a closed part ends at its first point
    start, here = (0, 0), (0, 0)
    for (x, y), (dx, dy), code in zip(tenths.tolist(), steps, codes.tolist(), strict=True):
        if code == CLOSE:
            out.append("z")
            kind, here = "", start
            continue
        if code == CURVE:
            run.append(_pair(x - here[0], y - here[1]))
            if len(run) == 3:
                put("c", " ".join(run))
                run.clear()
                here = (x, y)
            continue
        if code == MOVE:
            out.append(f"M{_pair(x, y)}")
            kind, start = "", (x, y)
        elif code == DRAW and (dx or dy):
            if dy == 0:
                put("h", _tenth(dx))
            elif dx == 0:
                put("v", _tenth(dy))
            else:
                put("l", _pair(dx, dy))
        here = (x, y)
    return "".join(out)


def _pair(x: int, y: int) -> str:
    return f"{_tenth(x)}{'' if y < 0 else ' '}{_tenth(y)}"


def _tenth(n: int) -> str:
    return f"{n / 10:g}" if n % 10 else str(n // 10)


def _number(value: float) -> str:
    return _tenth(round(value * 10))
