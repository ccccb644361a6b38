"""Variables of steps that must be numbers: values of a formula, of a mean, numbers of visits. The spec shows a text.

Also texts of a formula that the spec shows as numbers.

Not for names that nothing has (engine/checks/check.py), nor for texts that a source holds (source_problems.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan.plan import PlannedDataset, PlannedStudy
from ...errors import SpecProblem
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.models.record_step import Step
from .carry_forward import CarryForward
from .computed import Computed
from .expected_records import ExpectedRecords
from .summary import OF_TEXTS, Summary


def number_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Each variable that is a text in the dataset that the step reads."""
    for dataset in plan.datasets.values():
        for block in dataset.spec.blocks:
            derived = set(block.columns)
            for step in block.steps:
                for owner, field, name, table, why in _numbers(step, block.table):
                    of = plan.datasets.get(table) or plan.inputs.get(table)
                    if name not in derived and _is_text(of, name):
                        message = f"'{name}' is text, and {why} needs a number"
                        yield SpecProblem(place_of(owner, field), message, dataset.name)
                if isinstance(step, Computed):
                    yield from _no_texts(plan, step, dataset, block.table, derived)
                derived |= {*step.columns()}


def _no_texts(
    plan: PlannedStudy, step: Computed, dataset: PlannedDataset, table: str, derived: set[str]
) -> Iterator[SpecProblem]:
    """Each input with ``type: text`` that is a number in its dataset."""
    for of in step.specs().values():
        name, source = of.value or step.value, of.from_ or table
        where = plan.datasets.get(source) or plan.inputs.get(source)
        if (of.type or step.type) == "text" and name not in derived and _is_number(where, name):
            owner = of if of.type is not None else step
            yield SpecProblem(place_of(owner, "type"), f"'{name}' is a number, and no text", dataset.name)


def _is_number(dataset: PlannedDataset | None, name: str) -> bool:
    return dataset is not None and name in dataset.every and dataset.every[name].is_numeric


def _is_text(dataset: PlannedDataset | None, name: str) -> bool:
    return dataset is not None and name in dataset.every and not dataset.every[name].is_numeric


def _numbers(step: Step, table: str) -> Iterator[tuple[SpecModel, str, str, str, str]]:
    """(model, field, variable, its dataset, what needs the number) of each number that a step reads."""
    if isinstance(step, CarryForward | ExpectedRecords):
        yield step, "visit", step.visit, table, "the order of visits"
    elif isinstance(step, Computed):
        for of in step.specs().values():
            if (of.type or step.type) == "text":
                continue
            owner, field = (of, "value") if of.value is not None else (step, "value")
            if field not in owner.model_fields_set:
                field = "computed"
            yield owner, field, of.value or step.value, of.from_ or table, "a formula"
    elif isinstance(step, Summary):
        for name, statistic in step.items().items():
            if statistic.of not in OF_TEXTS:
                yield step, "summary", statistic.value or name, table, statistic.of
