"""Which raw columns the specs read or declare as numbers or as dates, by name alone: no data are needed.

Not for reading cells (engine/readers/cell_readers.py) nor for what the checks of raw data take a column for
(validation/raw/kinds.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ...mappings.models.study import StudySpec
from ..expressions.cells import names_read_as
from ..plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..readers.cell_readers import readers
from ..tables.dataset import NUMERIC_TYPES
from .assign import From
from .derivation import Derivation

#: (source, column) -> the kinds of value that it is read or declared as
ColumnKinds = Mapping[tuple[str, str], frozenset[str]]


def declared_kinds(study: StudySpec) -> ColumnKinds:
    """The kinds of value that study.yaml itself gives to raw columns."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind, how in readers().items():
        for place in how.declared_columns(study):
            found.setdefault(place, set()).add(kind)
    stated = {(name, c): {kind} for name, source in study.sources.items() for c, kind in source.types.items()}
    return {place: frozenset(kinds) for place, kinds in {**found, **stated}.items()}


@lru_cache(maxsize=4)
def column_kinds(plan: PlannedStudy) -> ColumnKinds:
    """The kinds of value that rules and declarations give to raw columns. Not to be changed: it is cached by plan."""
    found = {place: set(kinds) for place, kinds in declared_kinds(plan.spec).items()}
    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            for name, kind in _read_in_block(dataset, number, block):
                for place in raw_columns(name, dataset, number, plan):
                    found.setdefault(place, set()).add(kind)
    for name, source in plan.spec.sources.items():
        for text in filter(None, (*source.required.values(), *source.empty.values())):
            for column, kind in _of_condition(text):
                found.setdefault((name, column), set()).add(kind)
    stated = {(name, c): {kind} for name, source in plan.spec.sources.items() for c, kind in source.types.items()}
    return {place: frozenset(kinds) for place, kinds in {**found, **stated}.items()}


def _read_in_block(dataset: PlannedDataset, number: int, block: RowBlock) -> Iterator[tuple[str, str]]:
    """(name, kind of value) of what a block and the rules of its records read as something else than text."""
    if block.where is not None:
        yield from _of_condition(block.where)
    for join in block.joins:
        if join.where is not None:
            yield from ((f"{join.name}.{name}", kind) for name, kind in _of_condition(join.where))
    rules = [(v, v.rule_in(number)) for v in dataset.every.values()]
    rules += [(PlannedVariable(n, n), rule) for n, rule in block.columns.items()]
    for variable, rule in rules:
        if not isinstance(rule, Derivation):
            continue
        yield from rule.reads_as(variable.type in NUMERIC_TYPES)
        for _, text in rule.conditions():
            yield from _of_condition(text)
        if (other := rule.of_table()) is not None:
            table, condition = other
            yield from ((f"{table}.{name}", kind) for name, kind in _of_condition(condition))


def _of_condition(text: str) -> Iterator[tuple[str, str]]:
    """(name, kind of value) of what a condition or formula reads; nothing of one with a mistake, which lint reports."""
    try:
        root = parse(text).root
    except ExpressionError:
        return
    yield from names_read_as(root)


def raw_columns(
    name: str, dataset: PlannedDataset, number: int, plan: PlannedStudy, block: RowBlock | None = None, deepest: int = 9
) -> Iterator[tuple[str, str]]:
    """(source, column) of each raw column whose cells a name of a block may hold; a column that no file has too.

    Through explode:, unpivot: and columns: of the block, and variables of the dataset that take a column over.
    ``number``: of the block in the dataset. ``block``: the block as far as the name can read it, None for all of it.
    """
    block = dataset.spec.blocks[number] if block is None else block
    prefix, dot, rest = name.partition(".")
    if not deepest:
        return
    if name in block.columns:
        yield from _through(block.columns[name], name, dataset, number, plan, block, deepest)
    elif name in block.explode:
        for column in block.exploded[name]:
            if column != name:
                yield from raw_columns(column, dataset, number, plan, _without(block), deepest - 1)
            elif block.source in plan.spec.sources:
                yield block.source, name
    elif block.unpivot and name == "RESULT":
        for item in block.unpivot.values():
            yield from raw_columns(item.result, dataset, number, plan, _without(block), deepest - 1)
    elif dot and prefix in plan.spec.sources:
        yield prefix, rest
    elif dot and any(join.name == prefix and join.source in plan.spec.sources for join in block.joins):
        yield next(j.table for j in block.joins if j.name == prefix), rest
    else:
        if block.source in plan.spec.sources:
            yield block.source, name
        for join in block.joins:
            if join.source in plan.spec.sources:
                yield join.source, name
        own = dataset.every.get(name)
        rule = own.rule_in(number) if own is not None else None
        if rule is not None:
            yield from _through(rule, name, dataset, number, plan, block, deepest)


def _through(
    rule: DerivationSpec,
    name: str,
    dataset: PlannedDataset,
    number: int,
    plan: PlannedStudy,
    block: RowBlock,
    deepest: int,
) -> Iterator[tuple[str, str]]:
    for column in rule.columns if isinstance(rule, From) else ():
        if column != name:
            yield from raw_columns(column, dataset, number, plan, block, deepest - 1)
        elif block.source in plan.spec.sources:
            yield block.source, name


def _without(block: RowBlock) -> RowBlock:
    """The block before it makes columns: what explode: and unpivot: read."""
    return block.model_copy(update={"explode": {}, "unpivot": {}, "columns": {}})
