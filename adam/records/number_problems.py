"""Variables of steps that must be numbers: values of a formula, of a mean, numbers of visits. The spec shows a text.

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
                derived |= {*step.columns()}


def _is_text(dataset: PlannedDataset | None, name: str) -> bool:
    return dataset is not None and name in dataset.every and not dataset.every[name].is_numeric


def _numbers(step: Step, table: str) -> Iterator[tuple[SpecModel, str, str, str, str]]:
    """(model, field, variable, its dataset, what needs the number) of each number that a step reads."""
    if isinstance(step, CarryForward):
        yield step, "visit", step.visit, table, "the order of visits"
    elif isinstance(step, Computed):
        for of in step.specs().values():
            owner, field = (of, "value") if of.value is not None else (step, "value")
            if field not in owner.model_fields_set:
                field = "computed"
            yield owner, field, of.value or step.value, of.from_ or table, "a formula"
    elif isinstance(step, Summary):
        for name, statistic in step.items().items():
            if statistic.of not in OF_TEXTS:
                yield step, "summary", statistic.value or name, table, statistic.of
