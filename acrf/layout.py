"""Lays out the annotated CRF: a legend, a table of contents, then each form, on one page or more.

A field is a row: its question, its answers, its annotations. A row that is taller than a page goes on on the next one.
Not for the letters (lettering.py), the first pages (front.py) nor for writing the file (pdf.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .annotations import NOT_SUBMITTED, Annotation, Annotations
from .colors import NEUTRAL, WHITE
from .forms import CrfField, CrfForm
from .lettering import BOLD, PLAIN, lines, width
from .pages import BOTTOM, LEFT, RIGHT, TOP, Note, Page, Rule, Text

#: left ends and widths of the three columns of a row
QUESTION, ANSWER, ANNOTATION = LEFT + 2, 218.0, 320.0
QUESTION_WIDTH, ANSWER_WIDTH, ANNOTATION_WIDTH = 156.0, 96.0, RIGHT - 320.0
#: more choices than these are counted; the workbook lists them all
MOST_CHOICES = 40
_PAD, _LINE, _GAP = 3.0, 11.0, 3.0
_ROW_PAD = 5.0


@dataclass
class _Block:
    """A part of a row that no page break divides. ``height`` in points; ``texts`` and ``note`` at distances from its
    upper end."""

    height: float
    texts: list[Text] = field(default_factory=list)
    note: tuple[Annotation, tuple[str, ...]] | None = None


@dataclass
class LaidOutForm:
    """The pages of one form; ``fields``: number of a field -> positions of its pages among them."""

    form: CrfForm
    pages: list[Page] = field(default_factory=list)
    fields: dict[int, tuple[int, ...]] = field(default_factory=dict)


class FormLayout:
    """Places the rows of one form. ``number``: its position among the forms."""

    def __init__(self, form: CrfForm, number: int, annotations: Annotations, colors: Mapping[str, str]):
        self.form, self.number, self.annotations, self.colors = form, number, annotations, colors
        self.out = LaidOutForm(form)
        self.y = self.start = 0.0  # the lower end of what is placed, and of the title on this page

    def lay_out(self) -> LaidOutForm:
        """All pages of the form; a form without fields has one page."""
        self._new_page()
        self._head()
        section = ""
        for number, crf_field in enumerate(self.form.fields):
            if crf_field.section and crf_field.section != section:
                self._section(crf_field.section)
            section = crf_field.section
            self.out.fields[number] = self._row(crf_field)
        if not self.form.fields:
            self._paragraph("The specs read no field of this form.", PLAIN, 9, 0.35)
        return self.out

    @property
    def page(self) -> Page:
        return self.out.pages[-1]

    def _new_page(self) -> None:
        position = len(self.out.pages)
        page = Page(f"form-{self.number}" + (f"-{position + 1}" if position else ""))
        self.out.pages.append(page)
        self.y = TOP
        title = self.form.title if not position else f"{self.form.title[:80]} (continued)"
        self._paragraph(title, BOLD, 13, 0.0)
        if not position:
            named = self.form.id if self.form.id != self.form.title else ""
            about = ", ".join(filter(None, (named, f"file {self.form.file}")))
            self._paragraph(about, PLAIN, 7.5, 0.4)
        self.y -= 3
        self.start = self.y

    def _paragraph(self, text: str, font: str, size: float, grey: float) -> None:
        for line in lines(text, font, size, RIGHT - LEFT)[:6]:
            self.y -= size * 1.25
            self.page.texts.append(Text(LEFT, self.y, line, font, size, grey))

    def _section(self, title: str) -> None:
        if self.y - 40 < BOTTOM:
            self._new_page()
        self.y -= 4
        self._paragraph(title, BOLD, 9.5, 0.15)
        self.y -= 3
        self._rule(0.3)

    def _rule(self, grey: float) -> None:
        self.page.rules.append(Rule(LEFT, self.y, RIGHT, grey))

    # the head of a form: its domains, and the constants and keys of its records

    def _head(self) -> None:
        constants = self.annotations.of_form(self.form)
        of_keys = [a for key in self.form.keys for a in self.annotations.fields.get(key, ()) if a.solid or a.variables]
        found = [a for f in self.form.fields for a in self.annotations.of_field(f)]
        domains = [a.domain for a in (*found, *constants, *of_keys) if a.domain in self.colors]
        ordered = [d for d in self.colors if d in domains]
        heads = [Annotation("domain", d, reason=self.annotations.domains.get(d, "")) for d in ordered]
        if not heads:
            heads = [Annotation(NOT_SUBMITTED)]
        self._flow(heads, 11, BOLD)
        self._flow([*constants, *dict.fromkeys(of_keys)], 9, PLAIN)
        self.y -= 4
        for x, title in ((QUESTION, "Field"), (ANSWER, "Answer"), (ANNOTATION, "Annotation")):
            self.page.texts.append(Text(x, self.y - 9, title, PLAIN, 7.5, 0.4))
        self.y -= 13
        self._rule(0.3)

    def _flow(self, annotations: Sequence[Annotation], size: float, font: str) -> None:
        """Annotations side by side from the left, in as many lines as they need."""
        x, tallest = LEFT, 0.0
        for annotation in annotations:
            texts = tuple(lines(head_text(annotation), font, size, RIGHT - LEFT - 2 * _PAD))
            wide = max(_text_width(t, font, size) for t in texts) + 2 * _PAD
            tall = len(texts) * size * 1.22 + _PAD
            if x > LEFT and x + wide > RIGHT:
                x, self.y, tallest = LEFT, self.y - tallest - _GAP, 0.0
            if self.y - tall < BOTTOM:
                self._new_page()
                x, tallest = LEFT, 0.0
            rect = (x, self.y - tall, x + wide, self.y)
            self.page.notes.append(self._note(rect, annotation, texts, size, font == BOLD))
            x, tallest = x + wide + _GAP, max(tallest, tall)
        if annotations:
            self.y -= tallest + _GAP

    def _note(
        self, rect: tuple[float, float, float, float], annotation: Annotation, texts: tuple[str, ...],
        size: float = 9.0, bold: bool = False,
    ) -> Note:  # fmt: skip
        color = self.colors.get(annotation.domain, WHITE)
        if annotation.kind == NOT_SUBMITTED:
            color = NEUTRAL
        dashed = not annotation.solid and annotation.kind != "domain"
        return Note(rect=rect, annotation=annotation, lines=texts, color=color, dashed=dashed, size=size, bold=bold)

    # the row of a field

    def _row(self, crf_field: CrfField) -> tuple[int, ...]:
        """Place a row; the positions of the pages with its annotations."""
        columns = [_question(crf_field), _answer(crf_field), _notes(self.annotations.of_field(crf_field))]
        tallest = max(sum(b.height for b in column) for column in columns) + 2 * _ROW_PAD
        if self.y - tallest < BOTTOM and (tallest <= TOP - BOTTOM - 30 or self.y - 60 < BOTTOM):
            self._new_page()
        found: list[int] = []
        while any(columns):
            room = self.y - BOTTOM - 2 * _ROW_PAD
            lowest, fresh = self.y - _ROW_PAD, self.y == self.start  # on a new page even a block without room is placed
            for column in columns:
                y = self.y - _ROW_PAD
                used = 0.0
                while column and (used + column[0].height <= room or (used == 0.0 and fresh)):
                    block = column.pop(0)
                    self._place(block, y)
                    if block.note is not None:
                        found.append(len(self.out.pages) - 1)
                    y, used = y - block.height, used + block.height
                lowest = min(lowest, y)
            self.y = lowest - _ROW_PAD
            self._rule(0.8)
            if any(columns):
                self._new_page()
        return tuple(dict.fromkeys(found))

    def _place(self, block: _Block, y: float) -> None:
        for text in block.texts:
            moved = Text(text.x, y - text.y, text.text, text.font, text.size, text.grey)
            self.page.texts.append(moved)
        if block.note is not None:
            annotation, texts = block.note
            wide = max(_text_width(t, PLAIN, 9) for t in texts) + 2 * _PAD
            rect = (ANNOTATION, y - block.height + _GAP, ANNOTATION + wide, y)
            self.page.notes.append(self._note(rect, annotation, texts))


def head_text(annotation: Annotation) -> str:
    """The text of an annotation in the head of a form: a domain with its label, else as on a field."""
    if annotation.kind == "domain":
        return f"{annotation.dataset} ({annotation.reason})" if annotation.reason else annotation.dataset
    return annotation.text


def _text_width(text: str, font: str, size: float) -> float:
    return width(text, font, size)


def _question(crf_field: CrfField) -> list[_Block]:
    label = crf_field.label or crf_field.name
    out = [_line(QUESTION, t, PLAIN, 9, 0.0) for t in lines(label, PLAIN, 9, QUESTION_WIDTH)]
    if crf_field.label and crf_field.label != crf_field.name:
        out += [_line(QUESTION, t, PLAIN, 7, 0.45, 9) for t in lines(crf_field.name, PLAIN, 7, QUESTION_WIDTH)]
    return out


def _answer(crf_field: CrfField) -> list[_Block]:
    """The choices of a field, else its type; then its units."""
    out: list[_Block] = []
    listed = crf_field.choices[:MOST_CHOICES]
    for code, label in listed:
        text = f"{code} = {label}" if label and label != code else code
        for number, line in enumerate(lines(text, PLAIN, 8, ANSWER_WIDTH - 10)):
            block = _line(ANSWER + 10, line, PLAIN, 8, 0.0, 10)
            if not number:
                block.texts.insert(0, Text(ANSWER, 8, "\u2610", PLAIN, 8))
            out.append(block)
    if len(crf_field.choices) > len(listed):
        more = f"and {len(crf_field.choices) - len(listed)} more choices (the workbook has all)"
        out += [_line(ANSWER, t, PLAIN, 7.5, 0.35, 10) for t in lines(more, PLAIN, 7.5, ANSWER_WIDTH)]
    if not out and crf_field.type:
        out += [_line(ANSWER, t, PLAIN, 8, 0.35, 10) for t in lines(crf_field.type, PLAIN, 8, ANSWER_WIDTH)]
    if crf_field.units:
        units = f"unit: {', '.join(crf_field.units)}"
        out += [_line(ANSWER, t, PLAIN, 8, 0.35, 10) for t in lines(units, PLAIN, 8, ANSWER_WIDTH)]
    return out


def _notes(annotations: Sequence[Annotation]) -> list[_Block]:
    out = []
    for annotation in annotations:
        texts = tuple(lines(annotation.text, PLAIN, 9, ANNOTATION_WIDTH - 2 * _PAD))
        out.append(_Block(len(texts) * _LINE + _PAD + _GAP, note=(annotation, texts)))
    return out


def _line(x: float, text: str, font: str, size: float, grey: float, height: float = _LINE) -> _Block:
    return _Block(height, [Text(x, size, text, font, size, grey)])
