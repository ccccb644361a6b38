"""The analyses of a study, planned: each name checked, the records of each dataset as range checks.

Not for computing results nor for define.xml, which writes them as Analysis Results Metadata (define/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import expression_place, key_place_of, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.analysis import (
    AnalysisDatasetSpec,
    AnalysisResultSpec,
    DisplaySpec,
    display_groups,
    documents_named,
    repeated_displays,
)
from ...mappings.models.analysis_figures import figure_problems
from ...mappings.models.analysis_groups import DisplayGroups, GroupsFile
from ...mappings.models.documents import DocumentSpec, comment_pages, comment_text, document_pages
from ..columns.number_text import plain_number
from ..standard import coded_results
from ..tables.dataset import RangeCheck
from .analysis_sentences import JOIN, method_sentences
from .analysis_statistics import group_problems, statistic_problems
from .displays import AnalysisDataset, AnalysisResult, Display
from .plan import PlannedDataset


def planned_displays(
    files: Sequence[DisplaySpec],
    shared: GroupsFile,
    datasets: Mapping[str, PlannedDataset],
    documents: Mapping[str, DocumentSpec],
    problems: list[SpecProblem],
) -> tuple[Display, ...]:
    """The displays of a study in the order of its files; ``problems`` gets every name that leads nowhere.

    ``shared``: the populations, columns and subgroups that the displays name.
    """
    repeated = list(repeated_displays(files))
    problems += [problem for _, problem in repeated]
    found = []
    for file in files:
        if any(file is display for display, _ in repeated):
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
        groups = display_groups(file, shared, problems)
        problems += [p for p in group_problems(groups, datasets) if p not in problems]
        problems += figure_problems(file, groups)
        results = tuple(_result(name, file, groups, datasets, problems) for name in file.results)
        pages = tuple(document_pages(d.document, d.pages) for d in file.documents)
        found.append(
            Display(
                id=file.display,
                name=file.name,
                description=file.description,
                documents=pages,
                results=results,
                groups=groups,
            )
        )
    return tuple(found)


def _result(
    name: str,
    display: DisplaySpec,
    groups: DisplayGroups,
    datasets: Mapping[str, PlannedDataset],
    problems: list[SpecProblem],
) -> AnalysisResult:
    spec = display.results[name]
    parts: list[AnalysisDataset] = []
    parameter = ""
    analysed = spec.analysed
    for of_dataset in analysed:
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
    if spec.parameters and not parameter and len(parts) == len(analysed):
        message = "none of datasets: has parameters, so there are no records of this one"
        problems.append(SpecProblem(place_of(spec, "parameter"), message))
    code, statistic = spec.code, spec.statistic
    join, documentation = comment_text(spec.join), comment_text(spec.documentation)
    if statistic is not None and parts and len(parts) == len(analysed):
        problems += statistic_problems(statistic, datasets[parts[0].dataset], groups, datasets)
        parts = _with_groups(spec, parts, groups, datasets)
        join = join or (JOIN.format(parts[0].dataset, parts[-1].dataset) if len(parts) > len(analysed) else "")
        documentation = documentation or method_sentences(statistic, groups)
    return AnalysisResult(
        id=name,
        description=spec.description,
        reason=spec.reason or display.reason,
        purpose=spec.purpose or display.purpose,
        parameter=parameter,
        datasets=tuple(parts),
        join=join,
        join_documents=comment_pages([spec.join]),
        documentation=documentation,
        documents=comment_pages([spec.documentation]),
        code=code.text if code else "",
        code_context=code.context if code else "",
        code_documents=(document_pages(code.document, code.pages),) if code and code.document else (),
        statistic=statistic,
    )


def _with_groups(
    spec: AnalysisResultSpec,
    parts: list[AnalysisDataset],
    groups: DisplayGroups,
    datasets: Mapping[str, PlannedDataset],
) -> list[AnalysisDataset]:
    """The datasets of a statistic with the variables that it reads, and the dataset of the population.

    Where the analysed dataset has all variables of the population and of the groups, it is the only one.
    """
    statistic, population = spec.statistic, groups.population
    if statistic is None or population is None or population.dataset not in datasets:
        return parts
    first, planned = parts[0], datasets[parts[0].dataset]
    read = [name for _, name in statistic.variables()]
    read += [n for _, text in statistic.condition_texts() for n in _names(text) if n in planned.variables]
    checks: tuple[RangeCheck, ...] = ()
    if population.where is not None:
        try:
            checks = tuple(RangeCheck(v, c, tuple(x)) for v, c, x in parse(population.where).range_checks())
        except ExpressionError:
            return parts
    grouping = [groups.columns] if groups.columns is not None else []
    of_subjects = [g.variable for g in (*grouping, *groups.subgroups)]
    of_subjects += [getattr(statistic, f) for f in statistic.subject_fields]
    needed = {c.variable.rpartition(".")[2] for c in checks} | set(of_subjects)
    alone = needed <= set(planned.variables)
    mine = [*first.variables, *read, *(of_subjects if alone else [])]
    where = _joined_checks(first.where, checks if alone else ())
    known = tuple(dict.fromkeys(n for n in mine if n in planned.variables))
    parts = [AnalysisDataset(first.dataset, where, known), *parts[1:]]
    if alone or any(p.dataset == population.dataset for p in parts):
        return parts
    theirs = datasets[population.dataset].variables
    variables = tuple(dict.fromkeys(n for n in of_subjects if n in theirs))
    return [*parts, AnalysisDataset(population.dataset, checks, variables)]


def _names(text: str) -> tuple[str, ...]:
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def _joined_checks(first: tuple[RangeCheck, ...], more: Sequence[RangeCheck]) -> tuple[RangeCheck, ...]:
    return (*first, *(c for c in more if c not in first))


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
