"""The annotated CRF as a workbook: one row for each annotation of a field, all choices, all forms.

Not for the pages (layout.py). Every cell is text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..validation.reports.workbook import Sheet, write_text_sheets
from .annotations import COLLECTED, CONSTANT, NOT_SUBMITTED, Annotation, Annotations
from .forms import CrfForm
from .lettering import printable
from .pages import AnnotatedCrf

_HEADINGS = (
    "Form", "Form id", "File", "Number", "Field", "Question", "Page", "Annotation", "Kind", "Dataset", "Variable",
    "Where", "Value", "Origin", "Rule", "Reason", "Source columns",
)  # fmt: skip


def write_workbook(
    path: Path,
    forms: Sequence[CrfForm],
    annotations: Annotations,
    crf: AnnotatedCrf,
    declared: dt.datetime,
    sponsor_pages: Mapping[tuple[int, int], int] | None = None,
) -> None:
    """Write acrf.xlsx. ``sponsor_pages``: number of form and field -> page in the PDF of the sponsor, if there is one.

    Raises OutputError if the file cannot be written.
    """
    headings = (*_HEADINGS, *(["Page of the sponsor's PDF"] if sponsor_pages is not None else []))
    sheets = [
        _sheet("Annotations", headings, _annotations(forms, annotations, crf, sponsor_pages)),
        _sheet("Choices", ("Form", "Number", "Field", "Code", "Choice"), _choices(forms)),
        _sheet("Forms", ("Form", "Form id", "File", "Sources", "Visits", "Pages", "Fields", "With a variable",
                         "Not submitted"), _forms(forms, annotations, crf)),
    ]  # fmt: skip
    write_text_sheets(path, sheets, declared)


def _sheet(title: str, headings: Sequence[str], rows: Iterator[Sequence[str]]) -> Sheet:
    listed = [[printable(cell) for cell in row] for row in rows]
    return title, headings, [list(column) for column in zip(*listed, strict=True)] or [[] for _ in headings]


def _annotations(
    forms: Sequence[CrfForm],
    annotations: Annotations,
    crf: AnnotatedCrf,
    sponsor_pages: Mapping[tuple[int, int], int] | None,
) -> Iterator[Sequence[str]]:
    for number, form in enumerate(forms):
        first = str(crf.forms[number][0])
        about = form.title, form.id, form.file
        for annotation in annotations.of_form(form):
            yield [*about, "", "", "", first, *_cells(annotation), "", *([""] if sponsor_pages is not None else [])]
        for at, crf_field in enumerate(form.fields):
            pages = ", ".join(map(str, crf.fields[number, at]))
            columns = ", ".join(f"{c.source}.{c.column}" for c in crf_field.columns)
            of_sponsor = [str(sponsor_pages.get((number, at), ""))] if sponsor_pages is not None else []
            for annotation in annotations.of_field(crf_field):
                row = [*about, str(at + 1), crf_field.name, crf_field.label, pages]
                yield [*row, *_cells(annotation), columns, *of_sponsor]


def _cells(annotation: Annotation) -> list[str]:
    where = f'{annotation.where[0]} = "{annotation.where[1]}"' if annotation.where else ""
    by_rule = annotation.variables and annotation.kind != CONSTANT
    rule = annotation.place or ("convention" if by_rule else "")
    reason = annotation.reason if annotation.kind == NOT_SUBMITTED else ""
    names, values = ", ".join(annotation.variables), ", ".join(annotation.value)
    return [
        annotation.text, annotation.kind, annotation.dataset, names, where, values, annotation.origin, rule, reason
    ]  # fmt: skip


def _choices(forms: Sequence[CrfForm]) -> Iterator[Sequence[str]]:
    for form in forms:
        for at, crf_field in enumerate(form.fields, 1):
            yield from ([form.title, str(at), crf_field.name, code, label] for code, label in crf_field.choices)


def _forms(forms: Sequence[CrfForm], annotations: Annotations, crf: AnnotatedCrf) -> Iterator[Sequence[str]]:
    for number, form in enumerate(forms):
        kinds = [{a.kind for a in annotations.of_field(f)} for f in form.fields]
        counts = len(kinds), sum(COLLECTED in k for k in kinds), sum(NOT_SUBMITTED in k for k in kinds)
        pages = ", ".join(map(str, crf.forms[number]))
        about = [form.title, form.id, form.file, ", ".join(form.sources), ", ".join(form.visits), pages]
        yield [*about, *map(str, counts)]
