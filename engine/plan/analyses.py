"""The analyses of a study, planned: each name checked, the records of each dataset as range checks.

Not for computing results nor for define.xml, which writes them as Analysis Results Metadata (define/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import expression_place, key_place_of, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.analysis import AnalysisDatasetSpec, AnalysisResultSpec, DisplaySpec, documents_named
from ...mappings.models.documents import DocumentSpec, comment_pages, comment_text, document_pages
from ..columns.number_text import plain_number
from ..standard import coded_results
from ..tables.dataset import RangeCheck
from .displays import AnalysisDataset, AnalysisResult, Display
from .plan import PlannedDataset


def planned_displays(
    files: Sequence[DisplaySpec],
    datasets: Mapping[str, PlannedDataset],
    documents: Mapping[str, DocumentSpec],
    problems: list[SpecProblem],
) -> tuple[Display, ...]:
    """The displays of a study in the order of its files; ``problems`` gets every name that leads nowhere."""
    seen: dict[str, DisplaySpec] = {}
    found = []
    for file in files:
        other = seen.setdefault(file.display, file)
        if other is not file:
            message = f"the display {file.display} is defined already, at {place_of(other, 'display')}"
            problems.append(SpecProblem(place_of(file, "display"), message))
            continue
        for owner, name in documents_named(file):
            if name not in documents:
                message = f"study.yaml declares no document '{name}' in documents:"
                problems.append(
                    SpecProblem(
                        place_of(owner, "document"),
                        message,
                        hint=nearest(name, list(documents)),
                        refers_to=frozenset({name}),
                    )
                )
        results = tuple(_result(name, spec, datasets, problems) for name, spec in file.results.items())
        pages = tuple(document_pages(d.document, d.pages) for d in file.documents)
        found.append(
            Display(id=file.display, name=file.name, description=file.description, documents=pages, results=results)
        )
    return tuple(found)


def _result(
    name: str, spec: AnalysisResultSpec, datasets: Mapping[str, PlannedDataset], problems: list[SpecProblem]
) -> AnalysisResult:
    parts: list[AnalysisDataset] = []
    parameter = ""
    for of_dataset in spec.datasets:
        planned = _analysis_dataset(of_dataset, datasets, problems)
        if planned is None:
            continue
        part = _part(of_dataset, planned, datasets, problems)
        coded = coded_results(planned.variables, planned.purpose)
        if spec.parameters and coded is not None:
            parameter = parameter or f"{planned.name}.{coded.code}"
            problems += _unknown_parameters(spec, planned, coded.code)
            if all(c.variable not in (coded.code, f"{planned.name}.{coded.code}") for c in part.where):
                codes = spec.parameters
                check = RangeCheck(coded.code, "EQ" if len(codes) == 1 else "IN", codes)
                part = replace(part, where=(check, *part.where))
        parts.append(part)
    if spec.parameters and not parameter and len(parts) == len(spec.datasets):
        message = "none of datasets: has parameters, so there are no records of this one"
        problems.append(SpecProblem(place_of(spec, "parameter"), message))
    code = spec.code
    return AnalysisResult(
        id=name,
        description=spec.description,
        reason=spec.reason,
        purpose=spec.purpose,
        parameter=parameter,
        datasets=tuple(parts),
        join=comment_text(spec.join),
        join_documents=comment_pages([spec.join]),
        documentation=comment_text(spec.documentation),
        documents=comment_pages([spec.documentation]),
        code=code.text if code else "",
        code_context=code.context if code else "",
        code_documents=(document_pages(code.document, code.pages),) if code and code.document else (),
    )


def _analysis_dataset(
    spec: AnalysisDatasetSpec, datasets: Mapping[str, PlannedDataset], problems: list[SpecProblem]
) -> PlannedDataset | None:
    planned = datasets.get(spec.dataset)
    if planned is not None and not planned.tabulated:
        return planned
    known = [name for name, d in datasets.items() if not d.tabulated]
    reason = "is no analysis dataset" if planned is not None else "is no dataset of the study"
    message, hint = f"{spec.dataset} {reason}", nearest(spec.dataset, known)
    about = frozenset({spec.dataset})
    problems.append(SpecProblem(place_of(spec, "dataset"), message, hint=hint, refers_to=about))
    return None


def _part(
    spec: AnalysisDatasetSpec,
    planned: PlannedDataset,
    datasets: Mapping[str, PlannedDataset],
    problems: list[SpecProblem],
) -> AnalysisDataset:
    for number, name in enumerate(spec.variables):
        if name not in planned.variables:
            place, hint = key_place_of(spec, "variables", number), nearest(name, list(planned.variables))
            message, about = f"{planned.name} has no variable {name}", frozenset({name})
            problems.append(SpecProblem(place, message, planned.name, name, hint, refers_to=about))
    checks: tuple[RangeCheck, ...] = ()
    if spec.where is not None:
        try:
            checks = tuple(RangeCheck(v, c, tuple(values)) for v, c, values in parse(spec.where).range_checks())
        except ExpressionError as error:
            place = expression_place(spec, "where", error.offset)
            problems.append(SpecProblem(place, error.message, planned.name, hint=error.hint))
    problems += _of_checks(spec, planned, datasets, checks)
    return AnalysisDataset(planned.name, checks, spec.variables)


def _of_checks(
    spec: AnalysisDatasetSpec,
    planned: PlannedDataset,
    datasets: Mapping[str, PlannedDataset],
    checks: Sequence[RangeCheck],
) -> Iterator[SpecProblem]:
    """Names of a where clause that lead nowhere, and texts that a number is compared with."""
    for check in checks:
        dataset, _, name = check.variable.rpartition(".")
        owner = datasets.get(dataset) if dataset else planned
        place = expression_place(spec, "where", max(0, (spec.where or "").find(check.variable)))
        variable = owner.variables.get(name) if owner is not None and not owner.tabulated else None
        if variable is None:
            known = list(owner.variables) if owner is not None else [n for n, d in datasets.items() if not d.tabulated]
            hint = nearest(name if owner is not None else dataset, known)
            message = f"{check.variable} is no variable of {dataset or planned.name}"
            yield SpecProblem(place, message, planned.name, name, hint, refers_to=frozenset({name, dataset}))
            continue
        wrong = next((v for v in check.values if variable.is_numeric and plain_number(v) is None), None)
        if wrong is not None:
            message = f"{check.variable} is a number, and '{wrong}' is none"
            yield SpecProblem(place, message, planned.name, name)


def _unknown_parameters(spec: AnalysisResultSpec, planned: PlannedDataset, code: str) -> Iterator[SpecProblem]:
    codelist = planned.variables[code].codelist
    known = {t.value for t in codelist.terms} if codelist is not None else set[str]()
    for parameter in spec.parameters:
        if known and parameter not in known:
            message, hint = f"{planned.name} has no parameter {parameter}", nearest(parameter, sorted(known))
            place, about = place_of(spec, "parameter"), frozenset({parameter})
            yield SpecProblem(place, message, planned.name, code, hint, refers_to=about)
