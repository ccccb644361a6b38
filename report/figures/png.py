"""A sheet as PNG, drawn by matplotlib; text is drawn from the outlines of its letters.

The same bytes at every run with the same versions: no date, no name of a program, no settings of the user.
"""

from __future__ import annotations

import logging
from io import BytesIO

import numpy as np

from .fonts import outline
from .sheet import Anchor, Shape, Sheet, Words

#: dots per inch
RESOLUTION = 144
#: settings of a user's matplotlibrc that would change a drawing
_SETTINGS = (
    "agg.path.chunksize", "patch.antialiased", "patch.force_edgecolor", "path.effects",
    "path.simplify", "path.simplify_threshold", "path.sketch", "path.snap",
)  # fmt: skip


def png_file(sheet: Sheet) -> bytes:
    """The figure with its title on a white ground."""
    # the first import on a machine reports how it looks for fonts, and no figure uses those
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D
    from PIL import Image

    scale = RESOLUTION / 72
    place = Affine2D().scale(scale, -scale).translate(0, sheet.height * scale)
    with matplotlib.rc_context({name: matplotlib.rcParamsDefault[name] for name in _SETTINGS}):
        size = (sheet.width / 72, sheet.height / 72)
        figure = Figure(figsize=size, dpi=RESOLUTION, facecolor="#ffffff", edgecolor="none")
        for patch in _patches(sheet, place):
            figure.add_artist(patch)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3].copy())
    out = BytesIO()
    picture.save(out, "png", compress_level=3, dpi=(RESOLUTION, RESOLUTION))
    return out.getvalue()


def _patches(sheet: Sheet, place: object) -> list[object]:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    out: list[object] = []
    waiting: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}  # outlines of words by colour

    def write() -> None:
        for colour, parts in waiting.items():
            path = Path(np.concatenate([p for p, _ in parts]), np.concatenate([c for _, c in parts]))
            out.append(PathPatch(path, facecolor=colour, linewidth=0, transform=place))
        waiting.clear()

    for item in sheet.items:
        if isinstance(item, Words):
            waiting.setdefault(item.colour, []).append(_letters(item))
            continue
        write()
        out.append(
            PathPatch(
                Path(item.points, item.codes.astype(np.uint8)),
                facecolor=item.fill or "none",
                edgecolor=item.stroke or "none",
                linewidth=item.width if item.stroke else 0,
                linestyle=(0, tuple(d / item.width for d in item.dash)) if item.dash else "solid",
                capstyle="butt",
                joinstyle="round",
                alpha=item.opacity,
                snap=_is_straight(item),
                transform=place,
            )
        )
    write()
    return out


def _is_straight(shape: Shape) -> bool:
    """Whether a line of one segment is upright or level: it is then drawn on whole dots."""
    return len(shape.points) == 2 and bool((shape.points[0] == shape.points[1]).any())


def _letters(words: Words) -> tuple[np.ndarray, np.ndarray]:
    points, codes, width = outline(words.text, words.size, words.bold)
    shift = {Anchor.START: 0.0, Anchor.MIDDLE: -width / 2, Anchor.END: -width}[words.anchor]
    points = points + [shift, 0]
    if words.turned:
        points = np.column_stack([points[:, 1], -points[:, 0]])
    return points + [words.x, words.y], codes
