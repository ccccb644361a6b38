"""What the specs alone show of wrong sources of ``combined`` and ``events``: rows that are no subjects, texts where
numbers are needed, variables that no source has.

Not for the arguments of the steps (combined.py, events.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan.plan import PlannedDataset, PlannedStudy
from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import place_of
from ...mappings.models.row_block import RowBlock
from .combined import CombinedRecords
from .events import Events
from .groups import SUBJECT
from .source_records import DATE, CombinedSource


def source_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """The mistakes of all steps."""
    for dataset in plan.datasets.values():
        for block in dataset.spec.blocks:
            for step in (s for s in block.steps if isinstance(s, CombinedRecords)):
                yield from _of_rows(plan, dataset, block)
                for source in step.combined:
                    of = plan.datasets.get(source.from_) or plan.inputs.get(source.from_)
                    if of is not None:
                        yield from _of_source(dataset, source, of)
            for step in (s for s in block.steps if isinstance(s, Events)):
                yield from _of_events(plan, dataset, step)


def _of_rows(plan: PlannedStudy, dataset: PlannedDataset, block: RowBlock) -> Iterator[SpecProblem]:
    subjects = plan.datasets.get(block.table) or plan.inputs.get(block.table)
    if subjects is not None and {*subjects.keys} - {"STUDYID"} != {SUBJECT}:
        message = "combined: the rows of the block are the subjects: from: ADSL"
        yield SpecProblem(place_of(block, "from_"), message, dataset.name)


def _of_source(dataset: PlannedDataset, source: CombinedSource, of: PlannedDataset) -> Iterator[SpecProblem]:
    for name, column in source.variables.items():
        wanted, found = dataset.every.get(name), of.every.get(column)
        if wanted is not None and found is not None and wanted.is_numeric and not found.is_numeric:
            hint = "date: takes a date" if name == DATE else ""
            message = f"{name} needs a number; {source.from_}.{column} is text"
            yield SpecProblem(place_of(source, "variables"), message, dataset.name, name, hint)


def _of_events(plan: PlannedStudy, dataset: PlannedDataset, step: Events) -> Iterator[SpecProblem]:
    tables = [plan.datasets.get(e.from_) or plan.inputs.get(e.from_) for e in step.events]
    known = {n for t in tables if t is not None for n in t.every}
    if None not in tables:
        for at, name in enumerate(step.keep):
            if name not in known:
                message = f"no dataset of the events has a variable '{name}'"
                yield SpecProblem(place_of(step, "keep", at), message, dataset.name, hint=nearest(name, list(known)))
