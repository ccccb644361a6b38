"""Colours, line styles, markers and fills that a colour-blind reader and a grey printer can tell apart.

Series have the colours of Okabe and Ito (2008), each with a line style and a marker. Ordered categories go from dark
to light. Not for what a figure shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BLACK, BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE, YELLOW = (
    "#1d2733", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#F0E442",
)  # fmt: skip


@dataclass(frozen=True)
class Series:
    """How a group is drawn. ``dash``: lengths in points, () for a solid line."""

    colour: str
    dash: tuple[float, ...]
    marker: str


_SERIES = (
    Series(BLUE, (10, 2), "circle"),
    Series(VERMILION, (5, 2), "square"),
    Series(GREEN, (2, 1.6), "triangle"),
    Series(PURPLE, (7, 2, 1.6, 2), "diamond"),
    Series(ORANGE, (4, 1.5, 1.5, 1.5, 1.5, 1.5), "down"),
    Series(SKY, (9, 3), "plus"),
)
#: all subjects, beside their groups
_ALL = Series(BLACK, (), "circle")


@dataclass(frozen=True)
class Fill:
    """How a category is filled. ``hatch``: diagonal lines over the colour. ``light``: dark words are readable on it."""

    colour: str
    light: bool
    hatch: bool = False


#: what is left of a bar where parts of it are masked
HIDDEN = Fill("#FFF3C4", True, hatch=True)
_DARK_TO_LIGHT = ("#08306B", "#08519C", "#2171B5", "#4292C6", "#6BAED6", "#9ECAE1", "#C6DBEF", "#DEEBF7")
_NO_RESPONSE = {
    "SD": Fill("#D9D9D9", True),
    "PD": Fill("#E6814C", True, hatch=True),
    "NE": Fill("#F7F7F7", True),
    "MISSING": Fill("#FFFFFF", True, hatch=True),
}


#: of categories without an order, with different lightness
_NOMINAL = (
    Fill("#0B5394", False),
    Fill("#E69F00", True),
    Fill("#B9DDF2", True),
    Fill("#009E73", False),
    Fill("#CC79A7", True),
    Fill("#F0E442", True),
)
_RESPONSES = frozenset({"SCR", "CR", "VGPR", "PR", "MR", *_NO_RESPONSE})


def nominal(count: int) -> list[Fill]:
    """The fills of categories without an order."""
    return [_NOMINAL[i % len(_NOMINAL)] for i in range(count)]


def are_responses(names: Sequence[str]) -> bool:
    """Whether categories are those of a response, which have an order."""
    return any(n.strip().upper() in _RESPONSES for n in names)


def series(count: int, all_first: bool) -> list[Series]:
    """The looks of ``count`` groups. ``all_first``: the first one is all subjects."""
    groups = [_SERIES[i % len(_SERIES)] for i in range(count)]
    return [_ALL, *groups][:count] if all_first else groups


def fills(categories: Sequence[str]) -> list[Fill]:
    """The fills of ordered categories, the first the darkest. SD, PD, NE and MISSING have theirs in every figure."""
    names = [c.strip().upper() for c in categories]
    ordered = [n for n in names if n not in _NO_RESPONSE]
    out = []
    for name in names:
        if name in _NO_RESPONSE:
            out.append(_NO_RESPONSE[name])
            continue
        at = round(ordered.index(name) * (len(_DARK_TO_LIGHT) - 1) / max(len(ordered) - 1, 4))
        out.append(Fill(_DARK_TO_LIGHT[min(at, len(_DARK_TO_LIGHT) - 1)], at >= 4))
    return out
