"""Tables of study.yaml that have a key twice, where a rule or a join reads one row of a key.

Not for the keys of data, which a build compares (R2A-JOIN-002), nor for values between bounds (table_bounds_check.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from ...errors import SpecProblem
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.expressions.number_text import number_text
from ...mappings.models.study_table import StudyTable
from ..derivations.lookup import Lookup
from ..plan.plan import PlannedStudy


def lookups(plan: PlannedStudy) -> Iterator[tuple[Lookup, str, str]]:
    """(rule, dataset, variable or column of a block) of each ``lookup:``."""
    for dataset in plan.datasets.values():
        of_blocks = [(n, r) for block in dataset.spec.blocks for n, r in block.columns.items()]
        for name, rule in [*((n, r) for n, v in dataset.every.items() for r in v.rules), *of_blocks]:
            if isinstance(rule, Lookup):
                yield rule, dataset.name, name


def table_key_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """The first repeated key of each table that a ``lookup:`` reads, at the line of the rule."""
    for rule, dataset, name in lookups(plan):
        if not (rule.where or rule.between or rule.nearest):
            table = rule.lookup.partition(".")[0]
            columns = list(rule.on.values()) if isinstance(rule.on, dict) else list(rule.on)
            yield from _problem(plan, rule, table, columns, dataset, name)


def _problem(
    plan: PlannedStudy, rule: SpecModel, name: str, columns: Sequence[str], dataset: str, variable: str
) -> Iterator[SpecProblem]:
    table = plan.tables.get(name)
    if table is None or not columns or any(c not in table.columns for c in columns):
        return
    seen: set[tuple[str, ...]] = set()
    keys = zip(*(texts_of_column(table, c) for c in columns), strict=True)
    for key in (k for k in keys if all(k)):  # a missing key never matches
        if key in seen:
            shown = ", ".join(f"{c} {text}" for c, text in zip(columns, key, strict=True))
            message = f"the table {name} has two rows with {shown}, and lookup: reads one"
            yield SpecProblem(place_of(rule, "on"), message, dataset, variable)
            return
        seen.add(key)


def texts_of_column(table: StudyTable, column: str) -> list[str]:
    """The cells of a column as a key compares them: a number is its shortest text."""
    if column in table.numbers:
        return ["" if isnan(x) else number_text(x) for x in table.numbers[column]]
    return [text.strip() for text in table.columns[column]]
