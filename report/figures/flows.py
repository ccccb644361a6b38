"""Response over time: stacked bars by visit, with bands between visits for the subjects that go from one to the other.

The bands count the subjects that are in both sets of two cells. Not for computing the categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...analyses.results import Absent, Cell, ComputedDisplay, ComputedResult, SubjectSets
from .axes import MARGIN, draw_fill, draw_fill_legend, draw_on_fill
from .fonts import shortened
from .palette import Fill, fills
from .parts import counted, group_text, sentence, short_text
from .sheet import INK, SMALL, SOFT, Anchor, Sheet

_PLOT = 260.0


@dataclass(frozen=True)
class _Visit:
    """``cells``: category -> cell of the first group."""

    name: str
    cells: dict[str, Cell]

    def count(self, category: str) -> float:
        cell = self.cells.get(category)
        return (cell.number("n") or 0.0) if cell is not None else 0.0

    def total(self) -> float:
        return sum(self.count(c) for c in self.cells)

    @property
    def masked(self) -> bool:
        """Whether a count is masked, so that the total is not that of all subjects."""
        return any(v.absent is Absent.MASKED for c in self.cells.values() for v in c.values)

    def total_words(self) -> str:
        return counted(-1 if self.masked else round(self.total()), "subject")

    def total_text(self) -> str:
        return Absent.MASKED.value if self.masked else f"{self.total():,.0f}"


def draw_flows(sheet: Sheet, display: ComputedDisplay, subjects: SubjectSets | None) -> None:
    """A bar for each visit. ``subjects``: for the bands; None where the sets of subjects are not shown."""
    visits, categories = _visits(display)
    looks = dict(zip(categories, fills(categories), strict=True))
    y = draw_fill_legend(sheet, sheet.head + 10, categories, list(looks.values()))
    top, left, right = y + 14, MARGIN + 4, sheet.width - MARGIN - 4
    most = max((v.total() for v in visits), default=0.0) or 1.0
    step = (right - left) / max(len(visits), 1)
    width = min(46.0, step * 0.5)
    tall = _PLOT / most
    stacks = [_stack(v, categories, top + _PLOT, tall) for v in visits]
    at = [left + (i + 0.5) * step - width / 2 for i in range(len(visits))]
    if subjects is not None:
        for i in range(len(visits) - 1):
            _bands(
                sheet,
                (visits[i], visits[i + 1]),
                (stacks[i], stacks[i + 1]),
                (at[i] + width, at[i + 1]),
                looks=looks,
                subjects=subjects,
                tall=tall,
            )
    for visit, stack, x in zip(visits, stacks, at, strict=True):
        for category, (upper, height) in stack.items():
            count = visit.count(category)
            title = f"{visit.name}, {category}: {count:,.0f} of {visit.total_text()}"
            draw_fill(sheet, (x, upper, width, height), looks[category], title)
            if height > 10:
                draw_on_fill(sheet, x + width / 2, upper + height / 2 + 2.7, f"{count:,.0f}", looks[category])
        sheet.words(
            x + width / 2,
            top + _PLOT - visit.total() * tall - 4,
            visit.total_text(),
            Anchor.MIDDLE,
            size=SMALL,
            colour=SOFT,
        )
        sheet.words(x + width / 2, top + _PLOT + 13, shortened(visit.name, SMALL, step - 3), Anchor.MIDDLE, size=SMALL)
    sheet.segments(np.array([[left, top + _PLOT, right, top + _PLOT]]), INK, width=0.9)
    note = "Numbers: subjects with a value at the visit."
    note += " Masked counts are not drawn." if any(v.masked for v in visits) else ""
    note += " Bands: subjects with a value at both visits." if subjects is not None else ""
    sheet.words(MARGIN, top + _PLOT + 30, note, size=SMALL, colour=SOFT)
    sheet.height = top + _PLOT + 38


def flows_alt(display: ComputedDisplay) -> str:
    """The number of subjects of each category at each visit, in words."""
    visits, categories = _visits(display)
    group = group_text(display.columns[0]) if display.columns else ""
    sentences = [f"Stacked bars of {_result(display).title} by visit, {group}"]
    for visit in visits:
        counts = ", ".join(f"{c} {short_text(visit.count(c))}" for c in categories if visit.count(c))
        sentences.append(f"{visit.name}: {visit.total_words()}" + (f", {counts}" if counts else ""))
    return sentence(sentences)


def _result(display: ComputedDisplay) -> ComputedResult:
    return next(r for r in display.results if r.rows)


def _visits(display: ComputedDisplay) -> tuple[list[_Visit], list[str]]:
    """The visits in their order, and the categories in theirs."""
    visits: dict[str, dict[str, Cell]] = {}
    categories: dict[str, None] = {}
    for row in _result(display).rows:
        if len(row.category) < 2 or not row.cells:
            continue
        visit, category = list(row.category.values())[:2]
        visits.setdefault(visit, {})[category] = row.cells[0]
        categories[category] = None
    return [_Visit(name, cells) for name, cells in visits.items()], list(categories)


def _stack(visit: _Visit, categories: list[str], base: float, tall: float) -> dict[str, tuple[float, float]]:
    """Category -> (top, height); the first category is at the top."""
    out, y = {}, base - visit.total() * tall
    for category in categories:
        if height := visit.count(category) * tall:
            out[category] = (y, height)
            y += height
    return out


def _bands(
    sheet: Sheet,
    visits: tuple[_Visit, _Visit],
    stacks: tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]],
    span: tuple[float, float],
    *,
    looks: dict[str, Fill],
    subjects: SubjectSets,
    tall: float,
) -> None:
    """A band for each pair of categories with subjects in both; bands of one bar lie under each other."""
    entered = {category: top for category, (top, _) in stacks[1].items()}
    for before, (top, _) in stacks[0].items():
        for after in stacks[1]:
            first, second = visits[0].cells[before].numerator, visits[1].cells[after].numerator
            if first is None or second is None:
                continue
            count = int((subjects.member(first) & subjects.member(second)).sum())
            if not count:
                continue
            title = f"{visits[0].name} {before} to {visits[1].name} {after}: {count:,}"
            _band(sheet, span, (top, entered[after]), count * tall, looks[before].colour, title)
            top += count * tall
            entered[after] += count * tall


def _band(
    sheet: Sheet, span: tuple[float, float], tops: tuple[float, float], height: float, colour: str, title: str
) -> None:
    """A band that leaves and arrives level."""
    t = np.linspace(0, 1, 13)
    x = span[0] + (span[1] - span[0]) * t
    y = tops[0] + (tops[1] - tops[0]) * (3 * t**2 - 2 * t**3)
    pale = colour if colour.upper() not in ("#FFFFFF", "#F7F7F7") else "#D5DCE3"
    sheet.area(np.r_[x, x[::-1]], np.r_[y, (y + height)[::-1]], pale, opacity=0.45, title=title)
