"""Composes the annotated CRF of a study from its forms and annotations, with page numbers and bookmarks.

Not for laying out a form (layout.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..mappings.models.study import StudySpec
from .annotations import Annotations
from .colors import colors_of
from .forms import CrfForm
from .front import front_pages
from .layout import FormLayout, LaidOutForm
from .lettering import further_letters, printable
from .pages import AnnotatedCrf, Bookmark

TITLE = "Annotated Case Report Form"


def compose(
    spec: StudySpec,
    forms: Sequence[CrfForm],
    annotations: Annotations,
    title: str = TITLE,
    font: Path | None = None,
) -> AnnotatedCrf:
    """The whole document. The first pages come before the forms, so their number counts.

    ``font``: a TrueType font with further letters. Raises InputError for one that cannot be embedded.
    """
    with further_letters(font):
        out = _composed(spec, forms, annotations, title)
    out.font = font
    return out


def _composed(spec: StudySpec, forms: Sequence[CrfForm], annotations: Annotations, title: str) -> AnnotatedCrf:
    used = {a.domain for form in forms for f in form.fields for a in annotations.of_field(f)}
    used |= {a.domain for form in forms for a in annotations.of_form(form)}
    used |= {a.domain for form in forms for key in form.keys for a in annotations.fields.get(key, ())}
    domains = {n: label for n, label in annotations.domains.items() if n in used}
    colors = colors_of(domains)
    laid_out = [FormLayout(form, i, annotations, colors).lay_out() for i, form in enumerate(forms)]
    about = [t for t in (spec.study.id, spec.study.title) if t]
    contents = [(form.form.title, form.pages[0].key, 0) for form in laid_out]
    front = len(front_pages(title, about, domains, colors, contents))
    starts, at = [], front + 1
    for form in laid_out:
        starts.append(at)
        at += len(form.pages)
    contents = [(form.form.title, form.pages[0].key, start) for form, start in zip(laid_out, starts, strict=True)]
    out = AnnotatedCrf(title, spec.study.id, front_pages(title, about, domains, colors, contents))
    for number, (form, start) in enumerate(zip(laid_out, starts, strict=True)):
        out.pages += form.pages
        out.forms[number] = tuple(range(start, start + len(form.pages)))
        for field, positions in form.fields.items():
            out.fields[number, field] = tuple(start + p for p in positions)
    out.colors = colors
    out.bookmarks = _bookmarks(spec, laid_out)
    return out


def _bookmarks(spec: StudySpec, forms: Sequence[LaidOutForm]) -> list[Bookmark]:
    """The legend, then the forms by visit where visits are known, then all forms with their pages."""
    out = [Bookmark("Legend and contents", "front", 0)]
    visits = _visits(spec, forms)
    if visits:
        out.append(Bookmark("Visits", "front", 0, closed=True))
        for visit, of_visit in visits.items():
            out.append(Bookmark(shown_title(visit), of_visit[0].pages[0].key, 1, closed=True))
            out += [Bookmark(shown_title(f.form.title), f.pages[0].key, 2) for f in of_visit]
    out.append(Bookmark("Forms", "front", 0))
    for form in forms:
        title = shown_title(form.form.title)
        several = len(form.pages) > 1
        out.append(Bookmark(title, form.pages[0].key, 1, closed=several))
        if several:
            out += [Bookmark(f"{title}, part {i}", page.key, 2) for i, page in enumerate(form.pages, 1)]
    return out


def _visits(spec: StudySpec, forms: Sequence[LaidOutForm]) -> dict[str, list[LaidOutForm]]:
    """Visit -> its forms: the visits of study.yaml in their order, then others as they come."""
    named = dict.fromkeys(v for form in forms for v in form.form.visits)
    ordered = [*(v for v in spec.visits if v in named), *(v for v in named if v not in spec.visits)]
    return {v: [f for f in forms if v in f.form.visits] for v in ordered}


def shown_title(text: str) -> str:
    """A title for a bookmark, which may have any letters: one line."""
    return printable(" ".join(text.split()))[:200] or "-"
