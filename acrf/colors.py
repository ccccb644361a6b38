"""One colour for each domain: light, so that black text is readable on it. Not for where it is used (layout.py)."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from functools import cache

#: those that annotated CRFs of CDISC use for the first domains of a form
_FIRST = ("#BFFFFF", "#FFFF96", "#96FF96", "#FFBE9B")
NEUTRAL = "#E6E6E6"
WHITE = "#FFFFFF"


def colors_of(domains: Iterable[str]) -> dict[str, str]:
    """Domain -> colour as #RRGGBB, in the order of the domains; no two domains have the same."""
    names = list(dict.fromkeys(domains))
    return dict(zip(names, _palette(len(names)), strict=True))


@cache
def _palette(number: int) -> tuple[str, ...]:
    """So many colours: each further one is the light colour that lies farthest from those before it."""
    steps = max(24, number)
    candidates = [
        _color(hue / steps, lightness, saturation)
        for lightness, saturation in ((0.86, 0.9), (0.77, 0.6), (0.92, 0.75))
        for hue in range(steps)
    ]
    out = list(_FIRST[:number])
    nearest = [min(_distance(c, o) for o in (*out, NEUTRAL, WHITE)) for c in candidates]
    while len(out) < number:
        best = nearest.index(max(nearest))
        out.append(candidates[best])
        nearest = [min(n, _distance(c, out[-1])) for n, c in zip(nearest, candidates, strict=True)]
    return tuple(out)


def _color(hue: float, lightness: float, saturation: float) -> str:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"


def _distance(one: str, other: str) -> int:
    """How different two colours look, roughly: green counts most. Whole numbers, so that ties are exact."""
    parts = [(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) ** 2 for i in (1, 3, 5)]
    return 3 * parts[0] + 5 * parts[1] + 2 * parts[2]


def fractions(color: str) -> tuple[float, float, float]:
    """#RRGGBB as fractions of 1."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
