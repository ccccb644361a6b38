"""The forms of the annotated CRF with their annotations, drawn as pages; and the pages that define.xml refers to.

Not for writing acrf.pdf and its other files (acrf.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..acrf.annotations import COLLECTED, Annotations
from ..acrf.compose import TITLE, compose
from ..acrf.dry_run import run_without_rows, tables_of
from ..acrf.forms import CrfForm, RawColumn, forms_of, is_form
from ..acrf.from_rules import annotations_of
from ..acrf.pages import AnnotatedCrf
from ..acrf.value_pages import ValuePages
from ..engine.building.study_build import StudyBuild
from ..engine.derivations.column_kinds import column_kinds
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identifying_columns
from ..mappings.loader import LoadedStudy
from ..mappings.models.documents import CrfSpec, DocumentSpec
from ..sources.table import RawTable

#: the parts of the identity of a subject, which rules read beside the columns of the file
_IDENTITY = ("USUBJID", "SUBJID", "SITEID")


@dataclass(frozen=True)
class Drawn:
    """An annotated CRF with the forms and annotations that it shows."""

    crf: AnnotatedCrf
    forms: list[CrfForm]
    annotations: Annotations


def draw(plan: PlannedStudy, tables: Mapping[str, RawTable], title: str = TITLE, font: Path | None = None) -> Drawn:
    """The annotated CRF of a plan. ``tables``: source -> its table, of which only names and labels count.

    A source that is not there has the columns that the specs name. ``font``: a TrueType font with further letters.
    Raises SpecError for a mistake that only running rules shows, InputError for a font that cannot be embedded.
    """
    build = run_without_rows(plan, tables)
    annotations = annotations_of(build)
    forms = forms_of(plan.spec, tables_of(build), _kinds(build), plan.questions)
    return Drawn(compose(plan.spec, forms, annotations, title, font), forms, annotations)


def _kinds(build: StudyBuild) -> dict[tuple[str, str], str]:
    found = column_kinds(build.plan)
    return {place: "date" if "date" in kinds else "number" for place, kinds in found.items() if kinds & _READ_AS}


_READ_AS = frozenset({"date", "number"})


def with_pages(plan: PlannedStudy, drawn: Drawn, document: str) -> PlannedStudy:
    """The plan with the pages of the generated ``document`` at each source, as if ``crf:`` named them."""
    pages = _pages_of_columns(plan, drawn)
    sources = dict(plan.spec.sources)
    for name, source in sources.items():
        crf = source.crf if isinstance(source.crf, CrfSpec) else CrfSpec()
        if crf.has_pages or not is_form(source):
            continue
        columns = {c.column: tuple(sorted(numbers)) for c, numbers in pages.items() if c.source == name}
        columns |= {part: columns[column] for part, column in source.parts.items() if column in columns}
        filled = crf.model_copy(update={"document": document, "pages": (), "columns": columns})
        sources[name] = source.model_copy(update={"crf": filled})
    return replace(plan, spec=plan.spec.model_copy(update={"sources": sources}))


def _pages_of_columns(plan: PlannedStudy, drawn: Drawn) -> dict[RawColumn, set[int]]:
    """Raw column -> its pages; the parts of the identity of a subject have those of the columns that identify it."""
    found: dict[RawColumn, set[int]] = {}
    for number, form in enumerate(drawn.forms):
        for key in form.keys:
            found.setdefault(key, set()).add(drawn.crf.forms[number][0])
        for at, crf_field in enumerate(form.fields):
            for column in crf_field.columns:
                found.setdefault(column, set()).update(drawn.crf.fields[number, at])
    for name, source in plan.spec.sources.items():
        of_subject = [found.get(RawColumn(name, c), set()) for c in identifying_columns(source, plan.spec)]
        found |= {RawColumn(name, part): set().union(*of_subject) for part in _IDENTITY if any(of_subject)}
    return found


def pages_of_values(drawn: Drawn) -> ValuePages:
    """The pages of the annotations with a where clause."""
    found: ValuePages = {}
    for number, form in enumerate(drawn.forms):
        for at, crf_field in enumerate(form.fields):
            for annotation in drawn.annotations.of_field(crf_field):
                if annotation.kind != COLLECTED or not annotation.where:
                    continue
                for name in annotation.variables:
                    found.setdefault((annotation.dataset, name, *annotation.where), set()).update(
                        drawn.crf.fields[number, at]
                    )
    return found


def generated_document(plan: PlannedStudy) -> str:
    """The id of the document that is the generated annotated CRF; '' if the study has none."""
    return next((n for n, d in plan.spec.documents.items() if d.generated == "acrf"), "")


def font_of(loaded: LoadedStudy, document: DocumentSpec | None) -> Path | None:
    """The font with further letters that the annotated CRF has; None for none."""
    return loaded.specs.get(document.font or "") if document is not None else None
