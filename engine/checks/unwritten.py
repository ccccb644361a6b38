"""Rules and records of a spec that are still to be written, as warnings.

Not for rules with a mistake (check.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import SpecProblem
from ...mappings.binding.bind import place_of
from ..derivations.to_write import ToWrite
from ..plan.plan import PlannedStudy


def unwritten_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """A warning for each block and each variable whose rule is to be written."""
    for dataset in plan.datasets.values():
        for block in dataset.spec.blocks:
            if block.to_write:
                place = place_of(block, "to_write")
                message = f"the source of the records is to be written: {block.to_write}"
                yield SpecProblem(place, message, dataset.name, severity="warning")
        for variable in dataset.every.values():
            for rule in variable.rules:
                if isinstance(rule, ToWrite):
                    place = place_of(rule, "to_write")
                    message = f"the rule is to be written: {rule.to_write}"
                    yield SpecProblem(place, message, dataset.name, variable.name, severity="warning")
