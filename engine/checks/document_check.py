"""Documents that comments name, and columns that have pages of the annotated CRF: each exists.

Not for the files of documents (runs/documents.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import key_place_of, place_of
from ...mappings.models.analysis import DisplaySpec, documents_named
from ...mappings.models.derivation import OneOriginSpec, OriginSpec
from ...mappings.models.documents import CommentSpec, CommentText, CrfSpec, DocumentSpec
from ..plan.plan import PlannedStudy


def document_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    """Comments and origins with a document that study.yaml does not declare, or with pages of one that is no PDF.

    ``headers``: source -> column names, if the raw data are there; then columns that crf: names and the file lacks too.
    """
    documents = plan.spec.documents
    for dataset, variable, comment in _comments(plan):
        if not isinstance(comment, CommentSpec | OneOriginSpec) or comment.document is None:
            continue
        found = documents.get(comment.document)
        if found is None:
            message = f"study.yaml declares no document '{comment.document}' in documents:"
            hint = nearest(comment.document, list(documents))
            about = frozenset({comment.document})
            yield SpecProblem(place_of(comment, "document"), message, dataset, variable, hint, refers_to=about)
        elif found.is_misc:
            yield SpecProblem(place_of(comment, "document"), _in_misc(comment.document), dataset, variable)
        elif comment.pages != () and not found.is_pdf:
            message = f"pages: are those of a PDF, and the document {comment.document} is {found.file}"
            yield SpecProblem(place_of(comment, "pages"), message, dataset, variable)
    for name, source in plan.spec.sources.items():
        header = headers.get(name)
        if header is None or not isinstance(source.crf, CrfSpec):
            continue
        known = [*header, *source.parts]
        named = [("columns", c, "pages") for c in source.crf.columns]
        named += [("labels", c, "a question") for c in source.crf.labels]
        for key, column, what in named:
            if column not in known:
                place = key_place_of(source, "crf", key, column)
                message = f"{name} has no column '{column}', for which crf: names {what}"
                about = frozenset({name, column})
                yield SpecProblem(place, message, hint=nearest(column, known), refers_to=about)
    for (name, column), question in plan.questions.items():
        header = headers.get(name)
        known = [*header, *plan.spec.sources[name].parts] if header is not None else [column]
        if column not in known:
            message = f"{name} has no column '{column}'"
            yield SpecProblem(question.place, message, hint=nearest(column, known), severity="warning")


def display_document_problems(
    displays: Sequence[DisplaySpec], documents: Mapping[str, DocumentSpec]
) -> Iterator[SpecProblem]:
    """Displays that name a file of the folder misc, which define.xml does not have."""
    for display in displays:
        for owner, name in documents_named(display):
            if name in documents and documents[name].is_misc:
                yield SpecProblem(place_of(owner, "document"), _in_misc(name))


def _in_misc(name: str) -> str:
    return f"the document {name} has role: misc, so define.xml cannot refer to it"


def _comments(plan: PlannedStudy) -> Iterator[tuple[str, str, CommentText | OneOriginSpec | None]]:
    """(dataset, variable, comment or origin) of everything that has one; '' where it is of no dataset or variable."""
    standards = plan.spec.study.comments
    for comment in (
        standards.sdtm,
        standards.adam,
        standards.sdtmig,
        standards.adamig,
        standards.sdtm_ct,
        standards.adam_ct,
    ):
        yield "", "", comment
    for codelist in plan.spec.codelists.values():
        yield "", "", codelist.comment
    for dataset in plan.datasets.values():
        yield dataset.name, "", dataset.spec.comment
        for value in dataset.spec.values:
            yield dataset.name, value.variable, value.comment
            yield from ((dataset.name, value.variable, origin) for origin in _origins(value.origin))
        for variable in dataset.every.values():
            for rule in variable.rules:
                yield dataset.name, variable.name, rule.comment
                yield from ((dataset.name, variable.name, origin) for origin in _origins(rule.origin))


def _origins(origin: OriginSpec | None) -> tuple[OneOriginSpec, ...]:
    return () if origin is None else (origin, *origin.further)
