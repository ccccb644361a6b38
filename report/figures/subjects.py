"""Swimmer plot and waterfall plot: one line or bar for each subject. Not for choosing what they show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...analyses.results import ComputedDisplay, ComputedResult, SubjectLine
from .axes import MARGIN, Scale, draw_fill_legend, draw_x_axis, draw_y_axis, hatching, thinned, ticks
from .fonts import shortened, text_width, wrapped
from .palette import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW, Fill, are_responses, fills, nominal
from .parts import counted, fixed_text, in_unit, sentence
from .sheet import INK, LINE, NORMAL, SMALL, SOFT, Anchor, Sheet

#: subjects of a swimmer plot; of more, subjects at even distances in the order of their time are shown
SHOWN = 60
#: the kind of a mark that is an arrow at the end of the bar
ONGOING = "ongoing"
_ROW = 11.0
_SEGMENTS = tuple(Fill(c, True) for c in ("#9CC3E4", "#F2C29B", "#A6D9C3", "#E3BFD3", "#D5DCE3"))
_MARKS = (
    ("triangle", GREEN), ("circle", BLUE), ("square", PURPLE), ("diamond", VERMILION), ("cross", INK),
    ("down", ORANGE), ("plus", SKY), ("circle", YELLOW),
)  # fmt: skip
_PLOT = 250.0
#: a change of more than this is drawn as this
_MOST = 100.0


def draw_swimmer(sheet: Sheet, display: ComputedDisplay) -> None:
    """A bar of each subject, the longest first, with marks of what happened and an arrow where it goes on."""
    result = next(r for r in display.results if r.lines)
    lines = shown_lines(result.lines)
    by_group = _by_group(result)
    kinds = _bar_names(display, result, by_group)
    marks = [k for k in _kinds(k for line in result.lines for _, k in line.marks) if k.casefold() != ONGOING]
    y = draw_fill_legend(sheet, sheet.head + 10, kinds, [_SEGMENTS[i % len(_SEGMENTS)] for i in range(len(kinds))])
    ongoing = any(k.casefold() == ONGOING for line in result.lines for _, k in line.marks)
    top = _mark_legend(sheet, y + 2, marks, ongoing) + 4
    left = MARGIN + 6 + max(text_width(_name(line), SMALL) for line in lines)
    bottom = top + _ROW * len(lines) + 4
    values = ticks(0.0, max((_end(line) for line in result.lines), default=1.0) or 1.0, 8)
    x = Scale(0.0, values[-1], left, sheet.width - MARGIN - 10)
    at = x.many(np.array(values))
    sheet.segments(np.column_stack([at, np.full(len(at), top), at, np.full(len(at), bottom)]), LINE, width=0.6)
    for number, line in enumerate(lines):
        _swim(sheet, line, top + 4 + number * _ROW, x, (kinds, by_group), marks)
    draw_x_axis(
        sheet,
        x,
        bottom,
        [values[i] for i in thinned(values, x, 26)],
        f"Time ({result.unit})" if result.unit else "Time",
    )
    # a spec may choose subjects too, which the notes of the result state
    note = " ".join([_choice_text(len(result.lines), len(lines)), *result.notes])
    y = bottom + 42
    for number, text in enumerate(wrapped(note, SMALL, sheet.width - 2 * MARGIN)):
        y = bottom + 42 + 10 * number
        sheet.words(MARGIN, y, text, size=SMALL, colour=SOFT)
    sheet.height = y + 8


def swimmer_alt(display: ComputedDisplay) -> str:
    """How many subjects, how long, how many go on, and how many have each mark, in words."""
    result = next(r for r in display.results if r.lines)
    ends = np.array([_end(line) for line in result.lines])
    marks = _kinds(k for line in result.lines for _, k in line.marks)
    longest, middle = (in_unit(fixed_text(float(v)), result.unit) for v in (ends.max(), np.median(ends)))
    sentences = [
        f"Swimmer plot of {result.title}. {_choice_text(len(result.lines), len(shown_lines(result.lines)))}",
        *result.notes,
        f"The longest bar has {longest}, the median bar {middle}",
    ]
    for kind in marks:
        count = sum(any(k == kind for _, k in line.marks) for line in result.lines)
        sentences.append(f"{kind[:1].upper()}{kind[1:]}: {counted(count, 'subject')}")
    return sentence(sentences)


def draw_waterfall(sheet: Sheet, display: ComputedDisplay) -> None:
    """A bar of each subject, from the largest increase to the largest decrease, with the fill of its kind."""
    result = next(r for r in display.results if r.lines)
    lines = _falling(result)
    names, looks = _kind_looks(display, result)
    y = draw_fill_legend(sheet, sheet.head + 10, names, looks) if any(names) else sheet.head + 6
    top, left, right = y + 14, MARGIN + 30, sheet.width - MARGIN - 4
    values = np.clip([line.value or 0.0 for line in lines], -_MOST, _MOST)
    axis = ticks(min(float(values.min(initial=0)), 0.0), max(float(values.max(initial=0)), 0.0) or 1.0, 7)
    scale = Scale(axis[0], axis[-1], top + _PLOT, top)
    name = f"Change ({result.unit})" if result.unit else "Change"
    draw_y_axis(sheet, scale, (left, right), axis, name)
    step = (right - left) / max(len(lines), 1)
    width = min(step * 0.86, 26.0) if step > 1.2 else step
    base, heads = scale.at(0.0), scale.many(values)
    for kind, fill in zip(names, looks, strict=True):
        at = np.array([i for i, line in enumerate(lines) if line.kind == kind], dtype=int)
        sides = np.column_stack([
            left + (at + 0.5) * step - width / 2, np.minimum(heads[at], base),
            np.full(len(at), width), np.maximum(np.abs(heads[at] - base), 0.8),
        ])  # fmt: skip
        edge = "#7b8792" if fill.light and width > 2 else ""
        sheet.boxes(sides, fill.colour, stroke=edge, width=0.4)
        if fill.hatch and width > 3:
            sheet.segments(np.concatenate([hatching(*s) for s in sides.tolist()]), "#8a4a22", width=0.5)
    sheet.segments(np.array([[left, base, right, base]]), INK, width=0.9)
    over = sum(line.value is not None and abs(line.value) > _MOST for line in lines)
    note = f"{counted(len(lines), 'subject')} with a value, the largest increase first."
    note += f" {over:,} with a change of more than {_MOST:g} are drawn as {_MOST:g}." if over else ""
    note += (
        f" {len(result.lines) - len(lines):,} without a value are not drawn." if len(result.lines) > len(lines) else ""
    )
    sheet.words(MARGIN, top + _PLOT + 20, note, size=SMALL, colour=SOFT)
    sheet.height = top + _PLOT + 28


def waterfall_alt(display: ComputedDisplay) -> str:
    """How many subjects have a decrease, by kind, and the median change, in words."""
    result = next(r for r in display.results if r.lines)
    lines = _falling(result)
    values = np.array([line.value for line in lines], dtype=float)
    sentences = [f"Waterfall plot of {result.title}: {counted(len(lines), 'subject')} with a value"]
    if len(values):
        least, middle, most = (
            in_unit(fixed_text(float(v)), result.unit) for v in (values.min(), np.median(values), values.max())
        )
        sentences.append(
            f"{counted(int((values < 0).sum()), 'subject')} with a decrease, the median change is {middle}"
        )
        sentences.append(f"The changes go from {least} to {most}")
    for kind in _ordered_kinds(result.lines):
        if kind:
            sentences.append(f"{kind}: {counted(sum(line.kind == kind for line in lines), 'subject')}")
    return sentence(sentences)


def shown_lines(lines: Sequence[SubjectLine]) -> list[SubjectLine]:
    """The lines in the order of their time, the longest first; of more than SHOWN, those at even distances."""
    ordered = sorted(lines, key=lambda line: (-_end(line), line.subject))
    if len(ordered) <= SHOWN:
        return ordered
    return [ordered[i] for i in np.linspace(0, len(ordered) - 1, SHOWN).round().astype(int)]


def _choice_text(count: int, shown: int) -> str:
    if count == shown:
        return f"{counted(count, 'subject')}, the longest time first."
    return f"{shown:,} of {count:,} subjects, at even distances in the order of their time."


def _falling(result: ComputedResult) -> list[SubjectLine]:
    known = [line for line in result.lines if line.value is not None and np.isfinite(line.value)]
    return sorted(known, key=lambda line: (-(line.value or 0.0), line.subject))


def _ordered_kinds(lines: Sequence[SubjectLine]) -> list[str]:
    """The kinds, the one with the largest decrease first."""
    found: dict[str, list[float]] = {}
    for line in lines:
        if line.value is not None and np.isfinite(line.value):
            found.setdefault(line.kind, []).append(line.value)
    return sorted(found, key=lambda kind: (float(np.median(found[kind])), kind))


def _by_group(result: ComputedResult) -> bool:
    """Whether bars have the fill of the group of a subject: where all bars are of one kind and there are groups."""
    segments = {k for line in result.lines for _, _, k in line.segments}
    return len(segments) == 1 and len({line.kind for line in result.lines} - {""}) > 1


def _bar_name(line: SubjectLine, segment: str, by_group: bool) -> str:
    return f"{segment}, {line.kind}" if by_group and line.kind else segment


def _bar_names(display: ComputedDisplay, result: ComputedResult, by_group: bool) -> list[str]:
    names = _kinds(k for line in result.lines for _, _, k in line.segments)
    if not by_group:
        return names
    groups = _as_columns(display, _kinds(line.kind for line in result.lines))
    return [f"{segment}, {group}" if group else segment for segment in names for group in groups]


def _as_columns(display: ComputedDisplay, names: Sequence[str]) -> list[str]:
    """Names of groups in the order of the columns, others after them."""
    order = [c.label for c in display.columns]
    return sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n))


def _kind_looks(display: ComputedDisplay, result: ComputedResult) -> tuple[list[str], list[Fill]]:
    """Responses from the largest decrease, with dark to light fills; groups in the order of the columns."""
    names = _ordered_kinds(result.lines)
    if are_responses(names):
        return names, fills(names)
    names = _as_columns(display, names)
    return names, nominal(len(names))


def _kinds(found: object) -> list[str]:
    return list(dict.fromkeys(found))  # pyright: ignore


def _end(line: SubjectLine) -> float:
    return max([0.0, *(end for _, end, _ in line.segments), *(time for time, _ in line.marks)])


def _name(line: SubjectLine) -> str:
    return shortened(line.subject, SMALL, 96)


def _mark_legend(sheet: Sheet, y: float, kinds: Sequence[str], ongoing: bool) -> float:
    x = MARGIN
    for kind in [*kinds, *(["Ongoing"] if ongoing else [])]:
        width = 15 + text_width(kind, NORMAL) + 14
        if x > MARGIN and x + width > sheet.width - MARGIN:
            x, y = MARGIN, y + 14
        marker, colour = _look(kind, kinds)
        sheet.marks(np.array([x + 5]), np.array([y - 3]), marker, 3.4, fill=colour, stroke="#ffffff", width=0.4)
        sheet.words(x + 15, y, kind)
        x += width
    return y + 8 if kinds or ongoing else y - 10


def _look(kind: str, kinds: Sequence[str]) -> tuple[str, str]:
    return _MARKS[kinds.index(kind) % len(_MARKS)] if kind in kinds else ("arrow", INK)


def _swim(
    sheet: Sheet, line: SubjectLine, y: float, x: Scale, bars: tuple[Sequence[str], bool], marks: Sequence[str]
) -> None:
    sheet.words(x.start - 5, y + 6, _name(line), Anchor.END, size=SMALL, colour=SOFT)
    for start, end, kind in line.segments:
        a, b = x.at(max(start, 0.0)), x.at(max(end, 0.0))
        kinds, by_group = bars
        fill = _SEGMENTS[kinds.index(_bar_name(line, kind, by_group)) % len(_SEGMENTS)]
        title = f"{line.subject}: {kind}, {fixed_text(start)} to {fixed_text(end)}"
        sheet.boxes(np.array([[a, y, max(b - a, 0.8), _ROW - 4]]), fill.colour, title=title)
    for time, kind in line.marks:
        if kind.casefold() == ONGOING:
            end = np.array([x.at(time) + 2])
            sheet.marks(end, np.array([y + 3.5]), "arrow", 3.6, fill=INK, title=f"{line.subject}: ongoing")
            continue
        marker, colour = _look(kind, marks)
        title = f"{line.subject}: {kind}, {fixed_text(time)}"
        sheet.marks(
            np.array([x.at(time)]),
            np.array([y + 3.5]),
            marker,
            3.4,
            fill=colour,
            stroke="#ffffff",
            width=0.5,
            title=title,
        )
