"""A figure of a display as SVG, as PNG and in words.

Each kind of figure has its module; this one knows which and what a figure needs. Not for computing anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from ...analyses.results import ComputedDisplay, ComputedResult, SubjectSets
from ...mappings.models.analysis_figures import FIGURE_VERBS
from .axes import MARGIN, draw_foot, draw_head
from .bars import draw_stacked, draw_terms, stacked_alt, terms_alt
from .curves import curves_alt, draw_curves
from .flows import draw_flows, flows_alt
from .fonts import shortened
from .forest import draw_forest, forest_alt
from .parts import full_title, population_text
from .png import png_file
from .sheet import NORMAL, Sheet
from .subjects import draw_swimmer, draw_waterfall, swimmer_alt, waterfall_alt
from .svg import SvgText, svg_elements, svg_file, svg_inline
from .visits import draw_visits, visits_alt


@dataclass(frozen=True)
class _Kind:
    """``needs``: whether a result has what the figure shows; ``people``: it shows single subjects.

    ``draw`` and ``alt`` are of a display with the results that the figure shows: all of them if ``panels``, else one.
    """

    draw: Callable[[Sheet, ComputedDisplay], None]
    alt: Callable[[ComputedDisplay], str]
    needs: Callable[[ComputedResult], bool]
    people: bool = False
    panels: bool = False


def has_curves(result: ComputedResult) -> bool:
    """Whether a curve of the result has an event or a censored subject."""
    return any(len(c.time) or len(c.censored) for c in result.curves)


def _has_rows(result: ComputedResult) -> bool:
    return bool(result.rows)


def _has_lines(result: ComputedResult) -> bool:
    return bool(result.lines)


KINDS: dict[str, _Kind] = {
    "kaplan_meier": _Kind(
        partial(draw_curves, rising=False), partial(curves_alt, rising=False), has_curves, panels=True
    ),
    "cumulative_incidence": _Kind(
        partial(draw_curves, rising=True), partial(curves_alt, rising=True), has_curves, panels=True
    ),
    "means_by_visit": _Kind(draw_visits, visits_alt, has_curves, panels=True),
    "forest": _Kind(draw_forest, forest_alt, lambda result: bool(result.forest), panels=True),
    "swimmer": _Kind(draw_swimmer, swimmer_alt, _has_lines, people=True),
    "waterfall": _Kind(draw_waterfall, waterfall_alt, _has_lines, people=True),
    "stacked_bars": _Kind(draw_stacked, stacked_alt, _has_rows),
    "response_over_time": _Kind(partial(draw_flows, subjects=None), flows_alt, _has_rows),
    "bars": _Kind(partial(draw_terms, mirrored=False), terms_alt, _has_rows),
    "tornado": _Kind(partial(draw_terms, mirrored=True), terms_alt, _has_rows),
}


@dataclass(frozen=True)
class Figure:
    """A drawn figure. ``alt``: what it shows, in words."""

    sheet: Sheet
    text: SvgText

    @property
    def alt(self) -> str:
        return self.text.alt

    @cached_property
    def svg(self) -> bytes:
        """The SVG file."""
        return svg_file(self.sheet, self._elements, self.text)

    @cached_property
    def inline(self) -> str:
        """The svg element of a page, which has the title by itself."""
        return svg_inline(self.sheet, self._elements, self.text)

    @cached_property
    def _elements(self) -> list[str]:
        return svg_elements(self.sheet)

    @cached_property
    def png(self) -> bytes:
        """The PNG file."""
        return png_file(self.sheet)


def figure_of(display: ComputedDisplay, subjects: SubjectSets | None, notice: str = "") -> Figure | None:
    """The figure of a display: a panel for each result that it can show; None if it has none or nothing to show.

    ``subjects``: None where single subjects are not shown, since small counts are masked. ``notice``: a sentence about
    the data, below the figure.
    """
    kind = KINDS.get(display.figure)
    if kind is None or missing_figure(display, subjects is None):
        return None
    sheet = Sheet()
    draw_head(sheet, full_title(display), population_text(display))
    draw = partial(draw_flows, subjects=subjects) if kind.draw is KINDS["response_over_time"].draw else kind.draw
    shown = tuple(r for r in _able(display) if _has(kind, display, r))
    if len(_able(display)) == 1 or (kind.panels and len(shown) > 1):
        parts = [replace(display, results=shown)]
        draw(sheet, parts[0])
    else:
        parts = [replace(display, results=(result,)) for result in shown]
        _draw_panels(sheet, parts, draw)
    draw_foot(sheet, notice)
    alt = " ".join(kind.alt(part) for part in parts)
    return Figure(sheet, SvgText(id=f"figure-{display.id}", title=full_title(display), alt=alt))


def _able(display: ComputedDisplay) -> list[ComputedResult]:
    """The results whose statistic the figure of a display can show."""
    return [r for r in display.results if r.statistic in FIGURE_VERBS[display.figure]]


def _has(kind: _Kind, display: ComputedDisplay, result: ComputedResult) -> bool:
    """Whether a figure shows a result: the spec chooses it, and it has what the figure needs."""
    return (not display.figure_results or result.id in display.figure_results) and kind.needs(result)


def _draw_panels(
    sheet: Sheet, parts: Sequence[ComputedDisplay], draw: Callable[[Sheet, ComputedDisplay], None]
) -> None:
    """The parts under each other, each with the title of its result."""
    head = sheet.head
    for number, part in enumerate(parts):
        top = sheet.height + 10 if number else head
        sheet.words(
            MARGIN, top + 12, shortened(part.results[0].title, NORMAL, sheet.width - 2 * MARGIN, True), bold=True
        )
        sheet.head = top + 18
        draw(sheet, part)
    sheet.head = head


def missing_figure(display: ComputedDisplay, masked: bool) -> str:
    """Why a display with a figure shows none; '' if it shows one."""
    kind = KINDS.get(display.figure)
    if kind is None:
        return ""
    if kind.people and masked:
        return "The figure shows single subjects. It is left out, because small counts are masked."
    if not any(_has(kind, display, r) for r in _able(display)):
        return "There is no figure, because no record has the values that it shows."
    return ""
