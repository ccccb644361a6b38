"""Mistakes in the statistics and groups of a display: names that lead nowhere, types that do not fit, conditions.

Not for the records of a result and its parameters (analyses.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, expression_place, key_place_of, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.analysis_groups import DisplayGroups, GroupingSpec, grouping_names
from ...mappings.models.statistic import StatisticSpec
from ...mappings.models.statistics import AgreementSpec, SwimmerSpec
from .plan import PlannedDataset

Datasets = Mapping[str, PlannedDataset]


def group_problems(groups: DisplayGroups, datasets: Datasets) -> Iterator[SpecProblem]:
    """Mistakes of the population, the columns and the subgroups of a display."""
    population = groups.population
    if population is None:
        return
    planned = datasets.get(population.dataset)
    if planned is None or planned.tabulated:
        known = [n for n, d in datasets.items() if not d.tabulated]
        reason = "is no analysis dataset" if planned is not None else "is no dataset of the study"
        message, hint = f"{population.dataset} {reason}", nearest(population.dataset, known)
        about = frozenset({population.dataset})
        yield SpecProblem(place_of(population, "dataset"), message, hint=hint, refers_to=about)
        return
    if population.where is not None:
        yield from condition_problems(population, ("where",), population.where, planned, datasets, checks=True)
    columns = [groups.columns] if groups.columns is not None else []
    for grouping in (*columns, *groups.subgroups):
        yield from _grouping_problems(grouping, planned)


def _grouping_problems(spec: GroupingSpec, planned: PlannedDataset) -> Iterator[SpecProblem]:
    for field, name in grouping_names(spec):
        yield from _name_problems(spec, (field,), name, planned, number=field == "order")
    variable = planned.variables.get(spec.variable)
    if variable is None or variable.codelist is None or not isinstance(spec.order, tuple):
        return
    known = [t.value for t in variable.codelist.terms]
    for number, value in enumerate(spec.order):
        if value not in known:
            message, hint = f"the codelist of {spec.variable} has no '{value}'", nearest(value, known)
            place = place_of(spec, "order", number)
            yield SpecProblem(place, message, planned.name, spec.variable, hint, refers_to=frozenset({value}))


def statistic_problems(
    spec: StatisticSpec, planned: PlannedDataset, groups: DisplayGroups, datasets: Datasets
) -> Iterator[SpecProblem]:
    """Mistakes of the statistic of a result on a dataset."""
    numeric = {*spec.number_fields, "by_order"}
    for path, name in spec.variables():
        yield from _name_problems(spec, path, name, planned, number=path[0] in numeric)
    for path, text in spec.condition_texts():
        yield from condition_problems(spec, path, text, planned, datasets)
    population = datasets.get(groups.population.dataset) if groups.population is not None else None
    if population is None:
        return
    for field in spec.subject_fields:
        yield from _name_problems(spec, (field,), getattr(spec, field), population, number=True)
    if isinstance(spec, AgreementSpec):
        for number, name in enumerate(spec.keys):
            yield from _name_problems(spec, ("keys", number), name, planned)
    if isinstance(spec, SwimmerSpec):
        yield from _swimmer_problems(spec, population, datasets)


def _swimmer_problems(spec: SwimmerSpec, population: PlannedDataset, datasets: Datasets) -> Iterator[SpecProblem]:
    if spec.ongoing is not None:
        yield from condition_problems(spec, ("ongoing",), spec.ongoing, population, datasets)
    for mark in spec.marks:
        planned = datasets.get(mark.dataset)
        if planned is None or planned.tabulated:
            hint = nearest(mark.dataset, [n for n, d in datasets.items() if not d.tabulated])
            message, about = f"{mark.dataset} is no analysis dataset of the study", frozenset({mark.dataset})
            yield SpecProblem(place_of(mark, "dataset"), message, hint=hint, refers_to=about)
            continue
        yield from _name_problems(mark, ("date",), mark.date, planned, number=True)
        if mark.where is not None:
            yield from condition_problems(mark, ("where",), mark.where, planned, datasets)


def _name_problems(
    owner: SpecModel, path: tuple[str | int, ...], name: str, planned: PlannedDataset, *, number: bool = False
) -> Iterator[SpecProblem]:
    """Whether a variable exists, and is a number where ``number``."""
    place = place_of(owner, str(path[0]), *path[1:])
    if len(path) > 1:
        place = key_place_of(owner, str(path[0]), *path[1:])
    variable = planned.variables.get(name)
    if variable is None:
        message, hint = f"{planned.name} has no variable {name}", nearest(name, list(planned.variables))
        yield SpecProblem(place, message, planned.name, name, hint, refers_to=frozenset({name}))
    elif number and not variable.is_numeric:
        yield SpecProblem(place, f"{planned.name}.{name} is text; a number is needed", planned.name, name)


def condition_problems(
    owner: SpecModel,
    path: tuple[str | int, ...],
    text: str,
    planned: PlannedDataset,
    datasets: Datasets,
    *,
    checks: bool = False,
) -> Iterator[SpecProblem]:
    """Mistakes of a condition on a dataset. ``checks``: it must be comparisons with literals, for define.xml."""
    field, *below = path

    def at(offset: int, message: str, hint: str = "", names: frozenset[str] = frozenset()) -> SpecProblem:
        place = expression_place(owner, str(field), offset, *below)
        return SpecProblem(place, message, planned.name, hint=hint, refers_to=names)

    try:
        expression = parse(text)
        if checks:
            expression.range_checks()
    except ExpressionError as error:
        yield at(error.offset, error.message, error.hint)
        return
    types: dict[str, str] = {}
    for name in expression.names:
        dataset, dot, plain = name.rpartition(".")
        owner_of = datasets.get(dataset) if dot else planned
        variable = owner_of.variables.get(plain) if owner_of is not None and not owner_of.tabulated else None
        if variable is None:
            known = list(owner_of.variables) if owner_of is not None else list(datasets)
            hint = nearest(plain if owner_of is not None else dataset, known)
            message = f"{dataset or planned.name} has no variable {plain}" if owner_of else f"there is no {dataset}"
            yield at(max(0, text.find(name)), message, hint, frozenset({name, plain, dataset} - {""}))
            return
        types[name] = "number" if variable.is_numeric else "text"
    for problem in expression.check(types, "condition")[1]:
        if problem.severity == "error":
            yield at(problem.offset, problem.message, problem.hint)
