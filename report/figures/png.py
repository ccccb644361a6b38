"""A sheet as PNG, drawn by matplotlib; text is drawn from the outlines of its letters.

The same bytes at every run with the same versions: no date, no name of a program, no settings of the user.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np

from .fonts import outline
from .sheet import CLOSE, DRAW, MOVE, Anchor, Shape, Sheet, Words

#: dots per inch
RESOLUTION = 144
#: settings of a user's matplotlibrc that would change a drawing
_SETTINGS = (
    "agg.path.chunksize", "patch.antialiased", "patch.force_edgecolor", "path.effects",
    "path.simplify", "path.simplify_threshold", "path.sketch", "path.snap",
)  # fmt: skip

#: a rectangle of width and height 1
_GROUND = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
_GROUND_CODES = np.array([MOVE, DRAW, DRAW, DRAW, CLOSE], dtype=np.uint8)


def png_file(sheet: Sheet) -> bytes:
    """The figure with its title on a white ground."""
    # the first import on a machine reports how it looks for fonts, and no figure uses those
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D
    from PIL import Image

    scale = RESOLUTION / 72
    place = Affine2D().scale(scale, -scale).translate(0, sheet.height * scale)
    width, height = sheet.width * scale, sheet.height * scale
    with matplotlib.rc_context({name: matplotlib.rcParamsDefault[name] for name in _SETTINGS}):
        renderer = RendererAgg(int(width), int(height), RESOLUTION)
        ground = Shape(points=_GROUND * [width, height], codes=_GROUND_CODES, fill="#ffffff")
        _draw(renderer, Path(ground.points, ground.codes), ground, Affine2D())
        for shape in _shapes(sheet):
            _draw(renderer, Path(shape.points, shape.codes), shape, place)
    picture = Image.fromarray(np.asarray(renderer.buffer_rgba())).convert("RGB")
    out = BytesIO()
    picture.save(out, "png", compress_level=3, dpi=(RESOLUTION, RESOLUTION))
    return out.getvalue()


def _draw(renderer: Any, path: Any, shape: Shape, place: Any) -> None:
    """A shape, drawn by the renderer itself: a figure of matplotlib would draw the same, more slowly."""
    from matplotlib.colors import to_rgba

    pen = renderer.new_gc()
    pen.set_capstyle("butt")
    pen.set_joinstyle("round")
    pen.set_snap(_is_straight(shape))
    pen.set_alpha(shape.opacity)
    pen.set_linewidth(shape.width if shape.stroke else 0)
    if shape.stroke:
        pen.set_foreground(to_rgba(shape.stroke, shape.opacity), isRGBA=True)
    if shape.stroke and shape.dash:
        pen.set_dashes(0, shape.dash)
    renderer.draw_path(pen, path, place, to_rgba(shape.fill, shape.opacity) if shape.fill else None)


def _shapes(sheet: Sheet) -> Iterator[Shape]:
    """The shapes of a sheet in their order; the words between two of them are one shape of each colour."""
    waiting: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}  # outlines of words by colour
    for item in sheet.items:
        if isinstance(item, Words):
            waiting.setdefault(item.colour, []).append(_letters(item))
            continue
        yield from _words(waiting)
        waiting.clear()
        yield item
    yield from _words(waiting)


def _words(waiting: dict[str, list[tuple[np.ndarray, np.ndarray]]]) -> Iterator[Shape]:
    for colour, parts in waiting.items():
        points, codes = zip(*parts, strict=True)
        yield Shape(points=np.concatenate(points), codes=np.concatenate(codes), fill=colour)


def _is_straight(shape: Shape) -> bool:
    """Whether a line of one segment is upright or level: it is then drawn on whole dots."""
    return len(shape.points) == 2 and bool((shape.points[0] == shape.points[1]).any())


def _letters(words: Words) -> tuple[np.ndarray, np.ndarray]:
    points, codes, width = outline(words.text, words.size, words.bold)
    shift = 0.0 if words.anchor is Anchor.START else -width / 2 if words.anchor is Anchor.MIDDLE else -width
    points = points + np.array([shift, 0.0])
    if words.turned:
        points = np.column_stack([points[:, 1], -points[:, 0]])
    return points + np.array([words.x, words.y]), codes
