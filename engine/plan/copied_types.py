"""The type of an analysis variable that neither the spec nor the standard has: a number that a rule copies stays one.

Not for types that rules give by themselves (``DerivationSpec.gives``) nor for collected data: qualifiers are text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ...mappings.models.row_block import RowBlock
from ...mappings.models.study import StudySpec
from .plan import PlannedDataset, PlannedVariable

#: copies of copies of copies; a longer chain is a circle, which lint reports
_DEEPEST = 9


def with_copied_types(
    study: StudySpec, planned: Mapping[str, PlannedDataset], inputs: Mapping[str, PlannedDataset]
) -> dict[str, PlannedDataset]:
    """The datasets, with a numeric type for each analysis variable of numbers whose type nothing states.

    All rules of the variable must give numbers: copies of numeric variables of this or another dataset, of columns that
    a table of study.yaml declares as numbers, and formulas of them.
    """
    found = dict(planned)
    for _ in range(_DEEPEST):
        every = {**inputs, **found}
        settled = {n: _settled(study, d, every) for n, d in found.items() if not d.tabulated}
        if not any(settled[n] is not found[n] for n in settled):
            break
        found |= settled
    return found


def _settled(study: StudySpec, dataset: PlannedDataset, every: Mapping[str, PlannedDataset]) -> PlannedDataset:
    """The dataset with the types that follow from those of all datasets; itself where there is none."""

    def types(variables: Mapping[str, PlannedVariable]) -> dict[str, PlannedVariable]:
        return {n: _as_number(v) if _is_copy(study, dataset, v, every) else v for n, v in variables.items()}

    variables, working = types(dataset.variables), types(dataset.working)
    same = all(v is dataset.every[n] for n, v in {**variables, **working}.items())
    return dataset if same else replace(dataset, variables=variables, working=working)


def _as_number(variable: PlannedVariable) -> PlannedVariable:
    return replace(variable, type="float", typed=True)


def _is_copy(
    study: StudySpec, dataset: PlannedDataset, variable: PlannedVariable, every: Mapping[str, PlannedDataset]
) -> bool:
    if variable.typed or variable.codelist is not None or not variable.rules:
        return False
    blocks = list(enumerate(dataset.spec.blocks))
    rules = [(rule, block) for number, block in blocks if (rule := variable.rule_in(number)) is not None]
    return bool(rules) and all(rule.copies_number(_numbers(study, dataset, block, every)) for rule, block in rules)


def _numbers(
    study: StudySpec, dataset: PlannedDataset, block: RowBlock, every: Mapping[str, PlannedDataset]
) -> Callable[[str], bool]:
    """Tells of a name that a rule of a block reads whether it is a number for certain."""
    joined = {join.name: join.table for join in block.joins}

    def of(table: str, name: str) -> bool:
        if table in every:
            return name in every[table].every and every[table].every[name].is_numeric
        return table in study.tables and name in study.tables[table].numbers

    def is_number(name: str) -> bool:
        table, dot, rest = name.partition(".")
        if dot:
            return of(joined.get(table, table), rest)
        if name in dataset.every:
            return dataset.every[name].is_numeric
        return name not in block.columns and block.from_ is not None and of(block.from_, name)

    return is_number
