"""What a page of the annotated CRF holds: texts, lines, boxes, links and annotations, each at its place.

Coordinates are points from the lower left corner. Not for placing them (layout.py) nor for writing them (pdf.py,
xfdf.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .annotations import Annotation

Rect = tuple[float, float, float, float]

#: a Letter page; what is printed fits on A4 too
WIDTH, HEIGHT = 612.0, 792.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 558.0, 750.0, 54.0


@dataclass(frozen=True)
class Text:
    """A line of text; ``right``: ``x`` is its right end."""

    x: float
    y: float
    text: str
    font: str
    size: float
    grey: float = 0.0
    right: bool = False
    link: bool = False


@dataclass(frozen=True)
class Rule:
    """A horizontal line."""

    x: float
    y: float
    to: float
    grey: float = 0.6


@dataclass(frozen=True)
class Link:
    """A link to a page, by its key."""

    rect: Rect
    key: str


@dataclass(frozen=True)
class Note:
    """An annotation with its place: ``lines`` of ``size`` points; ``dashed``: a note, not a variable of the field."""

    rect: Rect
    annotation: Annotation
    lines: tuple[str, ...]
    color: str
    dashed: bool = False
    size: float = 9.0
    bold: bool = False


@dataclass
class Page:
    """One page. ``key``: the name of its place, for links and bookmarks."""

    key: str
    texts: list[Text] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline. ``level``: from 0."""

    title: str
    key: str
    level: int
    closed: bool = False


@dataclass
class AnnotatedCrf:
    """The pages of an annotated CRF. ``title``: of the document; ``colors``: of its domains.

    ``forms``: number of a form -> its pages, from 1; ``fields``: number of form and field -> pages of its annotations.
    ``font``: a TrueType font with further letters.
    """

    title: str
    study: str
    pages: list[Page] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)
    fields: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    forms: dict[int, tuple[int, ...]] = field(default_factory=dict)
    colors: dict[str, str] = field(default_factory=dict)
    font: Path | None = None
