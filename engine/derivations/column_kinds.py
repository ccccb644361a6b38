"""The raw columns that the specs read or declare as numbers or as dates, by name alone: no data are needed.

Not for reading cells (engine/readers/cell_readers.py) nor for the kind of a column in the checks of raw data
(validation/raw/kinds.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

#: names that may lead to each other; a longer chain is a circle, which lint reports
_DEEPEST = 9

#: (source, column) -> the kinds of value that it is read or declared as
ColumnKinds = Mapping[tuple[str, str], frozenset[str]]


def declared_kinds(study: StudySpec) -> ColumnKinds:
    """The kinds of value that study.yaml declares for raw columns."""
    found: dict[tuple[str, str], set[str]] = {}
    for kind, how in readers().items():
        for place in how.declared_columns(study):
            found.setdefault(place, set()).add(kind)
    stated = {(name, c): {kind} for name, source in study.sources.items() for c, kind in source.types.items()}
    return {place: frozenset(kinds) for place, kinds in {**found, **stated}.items()}


@lru_cache(maxsize=4)
def column_kinds(plan: PlannedStudy) -> ColumnKinds:
    """The kinds of value that rules and declarations give to raw columns. Do not change it: it is cached by plan."""
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
    """(name, kind of value) of the names that a block and the rules of its records read as another kind than text."""
    if block.where is not None:
        yield from _of_condition(block.where)
    for join in block.joins:
        if join.where is not None:
            yield from ((f"{join.name}.{name}", kind) for name, kind in _of_condition(join.where))
    rules = [(v, v.rule_in(number)) for v in dataset.every.values()]
    rules += [(PlannedVariable(n, n, type=rule.type or "text"), rule) for n, rule in block.columns.items()]
    for variable, rule in rules:
        if not isinstance(rule, Derivation):
            continue
        yield from rule.reads_as(variable.type in NUMERIC_TYPES)
        for _, text in rule.conditions():
            yield from _of_condition(text)
        others = [(table, text) for _, _, text, table in rule.table_conditions()]
        for table, condition in [*others, *([other] if (other := rule.of_table()) is not None else [])]:
            yield from ((f"{table}.{name}", kind) for name, kind in _of_condition(condition))


@lru_cache(maxsize=4096)
def _of_condition(text: str) -> tuple[tuple[str, str], ...]:
    """(name, kind of value) of the names that a condition reads as a number or date; none of one with a mistake."""
    try:
        root = parse(text).root
    except ExpressionError:
        return ()
    return tuple(names_read_as(root))


def raw_columns(name: str, dataset: PlannedDataset, number: int, plan: PlannedStudy) -> Iterator[tuple[str, str]]:
    """(source, column) of each raw column whose cells a name of a block may hold; a column that no file has too.

    Through explode:, unpivot: and columns: of the block, and variables of the dataset that copy a column. ``number``:
    of the block in the dataset.
    """
    yield from _BlockNames(dataset, number, plan).raw_columns(name, dataset.spec.blocks[number])


@dataclass(frozen=True)
class _BlockNames:
    """The names of one block of a dataset."""

    dataset: PlannedDataset
    number: int
    plan: PlannedStudy

    def raw_columns(self, name: str, block: RowBlock, deepest: int = _DEEPEST) -> Iterator[tuple[str, str]]:
        """(source, column) of each raw column behind a name. ``block``: the parts of the block that the name can read.

        ``deepest``: the number of further names that may lead to each other.
        """
        sources = self.plan.spec.sources
        prefix, dot, rest = name.partition(".")
        if not deepest:
            return
        if name in block.columns:
            yield from self._copied(block.columns[name], name, block, deepest)
        elif name in block.explode:
            for column in block.exploded[name]:
                if column != name:
                    yield from self.raw_columns(column, _rows_before(block), deepest - 1)
                elif block.source in sources:
                    yield block.source, name
        elif block.unpivot and name == "RESULT":
            for item in block.unpivot.values():
                yield from self.raw_columns(item.result, _rows_before(block), deepest - 1)
        elif dot and prefix in sources:
            yield prefix, rest
        elif dot and any(join.name == prefix and join.source in sources for join in block.joins):
            yield next(j.table for j in block.joins if j.name == prefix), rest
        else:
            if block.source in sources:
                yield block.source, name
            for join in block.joins:
                if join.source in sources:
                    yield join.source, name
            variable = self.dataset.every.get(name)
            rule = variable.rule_in(self.number) if variable is not None else None
            if rule is not None:
                yield from self._copied(rule, name, block, deepest)

    def _copied(self, rule: DerivationSpec, name: str, block: RowBlock, deepest: int) -> Iterator[tuple[str, str]]:
        """The raw columns behind the columns that a rule copies into ``name``."""
        for column in rule.columns if isinstance(rule, From) else ():
            if column != name:
                yield from self.raw_columns(column, block, deepest - 1)
            elif block.source in self.plan.spec.sources:
                yield block.source, name


def _rows_before(block: RowBlock) -> RowBlock:
    """The block before it builds columns: its rows, as explode: and unpivot: read them."""
    return block.model_copy(update={"explode": {}, "unpivot": {}, "columns": {}})
