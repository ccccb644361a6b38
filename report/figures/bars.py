"""Bars of shares: categories stacked by group, and terms with their grades by group. Not for computing them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...analyses.results import Absent, Column, ComputedDisplay, ComputedResult, Row
from .axes import MARGIN, Scale, draw_fill, draw_fill_legend, draw_on_fill, draw_x_axis, thinned, ticks
from .fonts import shortened, text_width
from .palette import BLUE, HIDDEN, Fill, fills
from .parts import all_first, counted, fixed_text, group_text, sentence, size_text, value_of
from .sheet import LINE, NORMAL, SMALL, SOFT, Anchor, Sheet

#: terms of a figure, the most frequent ones
SHOWN = 30
#: groups of a figure of terms, the first ones
_PANELS = 4
_THICK = 26.0
_TERM = 15.0
_LABEL = 190.0


def draw_stacked(sheet: Sheet, display: ComputedDisplay) -> None:
    """One bar of 100% for each group, divided by the categories of the rows."""
    rows = _rows(display)
    looks = fills([_category(r) for r in rows])
    y = _legend(sheet, sheet.head + 10, [r.label for r in rows], looks, _any_masked(rows))
    labels = [group_text(c) for c in display.columns]
    left = MARGIN + 8 + min(_LABEL, max(text_width(t, NORMAL) for t in labels))
    x = Scale(0.0, 100.0, left, sheet.width - MARGIN - 12)
    top = y + 2
    bottom = top + (_THICK + 9) * len(labels) + 4
    for at, label in enumerate(labels):
        y = top + at * (_THICK + 9) + 6
        sheet.words(left - 6, y + _THICK / 2 + 3, shortened(label, NORMAL, _LABEL), Anchor.END)
        _stack(sheet, rows, at, looks, y=y, x=x, group=label)
    draw_x_axis(sheet, x, bottom, [0, 20, 40, 60, 80, 100], "Subjects (%)")
    sheet.height = bottom + 34


def stacked_alt(display: ComputedDisplay) -> str:
    """The share of each category in each group, in words."""
    rows = _rows(display)
    sentences = [f"Stacked bars of {_first(display).title}"]
    for at, column in enumerate(display.columns):
        sentences.append(f"{group_text(column)}: " + ", ".join(f"{r.label} {_percent_text(r, at)}" for r in rows))
    return sentence(sentences)


def draw_terms(sheet: Sheet, display: ComputedDisplay, *, mirrored: bool) -> None:
    """Terms with a bar in the panel of each group. ``mirrored``: of two groups, the first panel runs to the left."""
    terms, grades = _terms(display)
    columns = _panels(display, mirrored)
    looks = _grade_looks(grades)
    y = sheet.head + 10
    hidden = _any_masked([r for t in terms for r in t.grades.values()])
    if grades:
        y = _legend(sheet, y, grades, looks, hidden)
    top = y + 22
    room = (sheet.width - 2 * MARGIN - _LABEL - 14 * len(columns)) / len(columns)
    values = ticks(0.0, max((_share(t.row, i) for t in terms for i, _ in columns), default=0.0) or 1.0, 3)
    bottom = top + _TERM * len(terms) + 4
    for panel, (at, column) in enumerate(columns):
        start = MARGIN + _LABEL + 14 * panel + room * panel + 4
        turned = mirrored and len(columns) == 2 and panel == 0
        # beyond the end of the scale is room for the number of the longest bar
        x = Scale(0.0, values[-1], start + room if turned else start, start + 22 if turned else start + room - 22)
        side = Anchor.END if turned else Anchor.START
        sheet.words(x.start, top - 17, shortened(column.label, NORMAL, room + 8, True), side, bold=True)
        sheet.words(x.start, top - 7, size_text(column.size), side, size=SMALL, colour=SOFT)
        lines = x.many(np.array(values))
        sheet.segments(
            np.column_stack([lines, np.full(len(lines), top), lines, np.full(len(lines), bottom)]), LINE, width=0.6
        )
        for number, term in enumerate(terms):
            _term_bar(sheet, term, at, top + 3 + number * _TERM, x, looks)
        draw_x_axis(sheet, x, bottom, [values[i] for i in thinned(values, x, 24)], "Subjects (%)")
    for number, term in enumerate(terms):
        base = top + 11 + number * _TERM
        sheet.words(MARGIN + _LABEL - 4, base, shortened(term.row.label, NORMAL, _LABEL), Anchor.END)
    note = _choice_text(len(terms), _count(display)) + "." if _count(display) > len(terms) else ""
    note = " ".join(n for n in (note, _without_panel(display)) if n)
    sheet.words(MARGIN, bottom + 42, note, size=SMALL, colour=SOFT)
    sheet.height = bottom + (50 if note else 34)


def terms_alt(display: ComputedDisplay) -> str:
    """The ten most frequent terms with their shares in each group, in words."""
    terms, grades = _terms(display)
    sentences = [f"Bars of {_first(display).title}: {_choice_text(len(terms), _count(display))}"]
    if grades:
        sentences.append(f"Each bar is divided into {', '.join(grades)}")
    for term in terms[:10]:
        shares = (f"{c.label} {_percent_text(term.row, i)}" for i, c in enumerate(display.columns))
        sentences.append(f"{term.row.label}: {', '.join(shares)}")
    sentences.append(_without_panel(display))
    return sentence(sentences)


class _Term:
    """A row of the figure and the rows of its grades."""

    def __init__(self, row: Row):
        self.row = row
        self.grades: dict[str, Row] = {}


def _first(display: ComputedDisplay) -> ComputedResult:
    return next(r for r in display.results if r.rows)


def _rows(display: ComputedDisplay) -> list[Row]:
    """The rows that have a share, in their order."""
    return [r for r in _first(display).rows if any(value_of(c, ("percent",)) for c in r.cells)]


def _category(row: Row) -> str:
    """The value that a row counts, whose fill does not depend on its label."""
    return list(row.category.values())[-1] if row.category else row.label


def _share(row: Row, at: int) -> float:
    return row.cells[at].number("percent") or 0.0


def _percent_text(row: Row, at: int) -> str:
    value, n = value_of(row.cells[at], ("percent",)), value_of(row.cells[at], ("n",))
    if value is None or value.number is None:
        return row.cells[at].text if value is None else value.text
    share = f"{fixed_text(value.number)}%"
    return f"{share} ({n.text} subject{'' if n.number == 1 else 's'})" if n is not None else share


def _stack(
    sheet: Sheet, rows: Sequence[Row], at: int, looks: Sequence[Fill], *, y: float, x: Scale, group: str
) -> None:
    """The bar of a group, whose place among the groups is ``at``."""
    reached = 0.0
    for row, fill in zip(rows, looks, strict=True):
        share = _share(row, at)
        if share <= 0:
            continue
        a, b = x.at(reached), x.at(min(reached + share, 100.5))
        draw_fill(sheet, (a, y, b - a, _THICK), fill, f"{group}, {row.label}: {_percent_text(row, at)}")
        text = f"{fixed_text(share, 0)}%"
        if b - a > text_width(text, SMALL) + 4:
            draw_on_fill(sheet, (a + b) / 2, y + _THICK / 2 + 2.8, text, fill)
        reached += share
    if 0 < reached < 100 and any(_is_masked(r, at) for r in rows):
        a, b = x.at(reached), x.at(100.0)
        draw_fill(sheet, (a, y, b - a, _THICK), HIDDEN, f"{group}: {Absent.MASKED.value}")
        if b - a > text_width(Absent.MASKED.value, SMALL) + 4:
            draw_on_fill(sheet, (a + b) / 2, y + _THICK / 2 + 2.8, Absent.MASKED.value, HIDDEN)
    if not reached:
        sheet.words(x.start + 4, y + _THICK / 2 + 3, _absence(rows, at), colour=SOFT)


def _legend(sheet: Sheet, y: float, names: Sequence[str], looks: Sequence[Fill], hidden: bool) -> float:
    """The categories, and what is masked of them."""
    if hidden:
        names, looks = [*names, Absent.MASKED.value], [*looks, HIDDEN]
    return draw_fill_legend(sheet, y, names, looks)


def _any_masked(rows: Sequence[Row]) -> bool:
    return any(_is_masked(r, at) for r in rows for at in range(len(r.cells)))


def _is_masked(row: Row, at: int) -> bool:
    value = value_of(row.cells[at], ("percent",))
    return value is not None and value.absent is Absent.MASKED


def _absence(rows: Sequence[Row], at: int) -> str:
    """Why a group has no bar."""
    values = [value_of(r.cells[at], ("percent",)) for r in rows]
    return next((v.text for v in values if v is not None and v.absent), Absent.NO_SUBJECTS.value)


def _all_terms(display: ComputedDisplay) -> tuple[list[_Term], list[str]]:
    """The terms, and the names of what divides them: of values that occur under several terms, as grades do."""
    rows = [r for r in _rows(display) if r.category]
    if not rows:
        return [_Term(r) for r in _rows(display)], []
    deepest = max((tuple(r.category) for r in rows), key=len)
    under: dict[str, set[tuple[str, ...]]] = {}
    for row in rows:
        if tuple(row.category) == deepest:
            *above, value = row.category.values()
            under.setdefault(value, set()).add(tuple(above))
    divided = len(deepest) > 1 and any(len(parents) > 1 for parents in under.values())
    level = deepest[:-1] if divided else deepest
    terms: list[_Term] = []
    names: dict[str, None] = {}
    for row in rows:
        if tuple(row.category) == level:
            terms.append(_Term(row))
        elif divided and tuple(row.category) == deepest and terms:
            terms[-1].grades[row.label] = row
            names[row.label] = None
    return terms, sorted(names)


def _terms(display: ComputedDisplay) -> tuple[list[_Term], list[str]]:
    """The most frequent terms by the first group, and the names of their grades; a few conditions keep their order."""
    terms, grades = _all_terms(display)
    if any(t.row.category for t in terms) or len(terms) > SHOWN:
        terms = sorted(terms, key=lambda t: (-_share(t.row, 0), t.row.label))[:SHOWN]
    return terms, grades


def _count(display: ComputedDisplay) -> int:
    return len(_all_terms(display)[0])


def _choice_text(shown: int, count: int) -> str:
    return (
        counted(count, "term") if shown == count else f"{shown:,} of {counted(count, 'term')}, the most frequent ones"
    )


def _panels(display: ComputedDisplay, mirrored: bool) -> list[tuple[int, Column]]:
    """The groups with a panel: of a mirrored figure with two groups, those without the column of all."""
    columns = list(enumerate(display.columns))
    if mirrored and len(columns) == 3 and all_first(display):
        return columns[1:]
    return columns[:_PANELS]


def _without_panel(display: ComputedDisplay) -> str:
    """Which groups the figure has no room for; '' if it shows all."""
    names = [c.label for c in display.columns[_PANELS:]]
    return f"In the table alone: {', '.join(names)}." if names else ""


def _grade_looks(grades: Sequence[str]) -> list[Fill]:
    """From light to dark, as grades get worse."""
    shades = (("#FDD9B5", True), ("#F9A65A", True), ("#E1711D", True), ("#A63D05", False), ("#3B1400", False))
    if not grades:
        return [Fill(BLUE, False)]
    return [Fill(*shades[min(i, len(shades) - 1)]) for i in range(len(grades))]


def _term_bar(sheet: Sheet, term: _Term, at: int, y: float, x: Scale, looks: Sequence[Fill]) -> None:
    reached, whole = 0.0, _share(term.row, at)
    parts = list(term.grades.items()) or [("", term.row)]
    names = sorted(term.grades)
    for name, row in sorted(parts) if whole else ():
        share = _share(row, at)
        if share > 0:
            a, b = sorted((x.at(reached), x.at(reached + share)))
            fill = looks[names.index(name) % len(looks)] if name else looks[0]
            title = f"{term.row.label}{', ' + name if name else ''}: {_percent_text(row, at)}"
            sheet.boxes(np.array([[a, y, b - a, _TERM - 6]]), fill.colour, stroke="#ffffff", width=0.4, title=title)
            reached += share
    if any(_is_masked(r, at) for _, r in parts) and whole > reached:
        a, b = sorted((x.at(reached), x.at(whole)))
        draw_fill(sheet, (a, y, b - a, _TERM - 6), HIDDEN, f"{term.row.label}: {Absent.MASKED.value}")
        reached = whole
    cell = term.row.cells[at]
    value = value_of(cell, ("percent",))
    text = f"{fixed_text(value.number)}%" if value is not None and value.number is not None else cell.text
    end = x.at(max(reached, 0.0))
    left = x.end < x.start
    sheet.words(
        end - 3 if left else end + 3, y + 7.2, text, Anchor.END if left else Anchor.START, size=6.5, colour=SOFT
    )
