"""The forms of a study in the order of its sources: those that raw files describe, else one for each source.

Not for the annotations of fields (annotations.py) nor for pages (layout.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..engine.subjects.identity import identifying_columns
from ..mappings.models.crf_questions import CrfQuestions
from ..mappings.models.documents import CrfSpec
from ..mappings.models.source import SourceSpec
from ..mappings.models.study import StudySpec
from ..sources.form_design import FormDesign, FormField
from ..sources.table import RawTable


class RawColumn(NamedTuple):
    """A column of a raw source."""

    source: str
    column: str


@dataclass(frozen=True)
class CrfField:
    """One field of a form. ``columns``: the columns of all sources that have its cells.

    ``id``: its OID, else its name, once in a section; two fields may have one name. ``identifies``: it identifies the
    subject.
    """

    name: str
    label: str = ""
    type: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    section: str = ""
    columns: tuple[RawColumn, ...] = ()
    identifies: bool = False
    id: str = ""


@dataclass(frozen=True)
class CrfForm:
    """One form. ``id``: its OID, the instrument or the source; ``file``: the raw file; ``sources``: those that read it.

    ``keys``: columns that are no field, such as the study event of an ODM file; the head of the form has them.
    """

    id: str
    title: str
    file: str
    fields: tuple[CrfField, ...]
    visits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    keys: tuple[RawColumn, ...] = ()


#: (source, column) -> date or number, as the specs read it
Kinds = Mapping[tuple[str, str], str]


def forms_of(
    spec: StudySpec, tables: Mapping[str, RawTable], kinds: Kinds, questions: CrfQuestions | None = None
) -> list[CrfForm]:
    """The forms of a study. ``tables``: the raw tables of all sources, without rows; ``questions``: of a file.

    A file that several sources read gives its forms once. A source of a vendor, or without subjects, is no form.
    """
    found: dict[tuple[str, str], CrfForm] = {}
    for name, source in spec.sources.items():
        if not is_form(source):
            continue
        table = tables[name]
        designs = table.forms or (_design(name, source, table, kinds),)
        for design in designs:
            form = _form(spec, name, table, design, described=bool(table.forms))
            parts = (source.sheet, source.member, source.form, source.item_group, source.instrument)
            key = (table.file, design.id if table.forms else str(parts))
            found[key] = _together(found[key], form) if key in found else form
    return [_declared(form, spec, questions or {}) for form in found.values()]


def is_form(source: SourceSpec) -> bool:
    """Whether the annotated CRF prints a source as a form."""
    crf = source.crf if isinstance(source.crf, CrfSpec) else CrfSpec()
    if crf.form is not None:
        return crf.form
    return source.subject != "none" and source.origin != "Vendor"


def _design(name: str, source: SourceSpec, table: RawTable, kinds: Kinds) -> FormDesign:
    """The form of a source whose file describes none: a field for each column."""
    fields = []
    for column in table.file_columns:
        labels = table.value_labels.get(column, {})
        choices = tuple(labels.items()) or tuple((code, "") for code in source.codes.get(column, ()))
        kind = source.types.get(column, "") or kinds.get((name, column), "")
        if not kind and (column in source.plausible or column in source.items):
            kind = "number"
        label = table.column_labels.get(column, "")
        fields.append(FormField(column, column, label, _type(source, column, kind), choices, columns=(column,)))
    return FormDesign(name, name, tuple(fields))


def _type(source: SourceSpec, column: str, kind: str) -> str:
    if column in source.items:
        low, high = source.items[column]
        return f"whole number, {low:g} to {high:g}"
    return kind or "text"


def _form(spec: StudySpec, name: str, table: RawTable, design: FormDesign, *, described: bool) -> CrfForm:
    identifying = {*identifying_columns(spec.sources[name], spec)}
    if (continues := spec.subject.continues) is not None and continues.source == name:
        identifying |= {*continues.columns}  # of an earlier enrolment of the subject
    fields = tuple(
        CrfField(
            name=f.name,
            label=f.label,
            type=f.type,
            choices=f.choices,
            units=f.units,
            section=f.section,
            columns=tuple(RawColumn(name, c) for c in f.columns),
            identifies=any(c in identifying for c in f.columns),
            id=f.id,
        )
        for f in design.fields
    )
    mine = {c for f in design.fields for c in f.columns}
    every = {c for form in table.forms for f in form.fields for c in f.columns}
    keys = tuple(RawColumn(name, c) for c in table.file_columns if c not in every) if described and mine else ()
    sources = (name,) if mine or not described else ()
    visits = tuple(_visit_names(spec).get(i, _visit_names(spec).get(n, n)) for i, n in design.visits)
    return CrfForm(
        id=design.id,
        title=design.title,
        file=table.file,
        fields=fields,
        visits=tuple(dict.fromkeys(visits)),
        sources=sources,
        keys=keys,
    )


def _visit_names(spec: StudySpec) -> dict[str, str]:
    """The texts by which raw files name a visit -> the visit."""
    return {text: visit for visit, about in spec.visits.items() for text in (visit, *about.labels)}


def _together(one: CrfForm, other: CrfForm) -> CrfForm:
    """The form as two sources read it: the fields of the first, then those that only the other has."""
    at = {(f.id, f.section): f for f in one.fields}
    for crf_field in other.fields:
        key = crf_field.id, crf_field.section
        mine = at.get(key)
        if mine is not None:
            identifies = mine.identifies or crf_field.identifies
            crf_field = replace(mine, columns=mine.columns + crf_field.columns, identifies=identifies)
        at[key] = crf_field
    return replace(one, fields=tuple(at.values()), sources=one.sources + other.sources, keys=one.keys + other.keys)


def _declared(form: CrfForm, spec: StudySpec, questions: CrfQuestions) -> CrfForm:
    """The form with the title, questions and visits that ``crf:`` of its sources declares, else those of the file."""
    titles, visits, labels, hidden = [], [], {}, set()
    for name, crf in _specs(form, spec):
        titles += [crf.title] if crf.title else []
        visits += (
            crf.visits if crf.visits != "all" else [v for v, about in spec.visits.items() if not about.unscheduled]
        )
        labels |= {RawColumn(name, c): text for c, text in crf.labels.items()}
        hidden |= {RawColumn(name, c) for c, pages in crf.columns.items() if pages == ()}
    fields = tuple(
        _asked(f, labels, questions) for f in form.fields if not f.columns or any(c not in hidden for c in f.columns)
    )
    title = " / ".join(dict.fromkeys(titles)) or form.title
    return replace(form, title=title, fields=fields, visits=tuple(dict.fromkeys(visits)) or form.visits)


def _asked(crf_field: CrfField, labels: Mapping[RawColumn, str], questions: CrfQuestions) -> CrfField:
    """A field with its question and choices: those of study.yaml, else of the file, else of the raw file."""
    found = next((questions[c] for c in crf_field.columns if c in questions), None)
    label = next((labels[c] for c in crf_field.columns if c in labels), found.question if found is not None else "")
    choices = found.choices if found is not None else ()
    return replace(crf_field, label=label or crf_field.label, choices=choices or crf_field.choices)


def _specs(form: CrfForm, spec: StudySpec) -> Iterator[tuple[str, CrfSpec]]:
    for name in form.sources:
        crf = spec.sources[name].crf
        if isinstance(crf, CrfSpec):
            yield name, crf
