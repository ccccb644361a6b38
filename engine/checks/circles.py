"""Finds names of a block that are derived from themselves, before any data are read, if the headers are known.

For blocks of raw rows. A variable may read a column of the same name: it is derived from itself only if neither the
rows nor the block have such a column. Not for circles through other datasets, which a build finds
(engine/building/study_build.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ...errors import Place, SpecProblem
from ...mappings.binding.bind import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.expressions.tree import Name, walk
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ..plan.plan import PlannedDataset, PlannedStudy
from ..subjects.identity import IDENTITY_COLUMNS

#: verbs of rules that read every name they contain
_READING = frozenset({"value", "from", "cases", "compute", "template", "decode", "cut", "date"})


def circle_problems(plan: PlannedStudy, headers: Mapping[str, list[str]]) -> Iterator[SpecProblem]:
    """Variables and columns that are derived from themselves, and records that need variables of these records."""
    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            rows = _names_of(block.source or "", plan, headers)
            if rows is None or block.steps:
                continue  # any name may be a column of a file without a known header, or of the step
            joined = [_names_of(join.table, plan, headers) for join in block.joins]
            if None not in joined:
                beside = {n for names in joined for n in names or ()}
                yield from _records(dataset, block, rows | beside)
                yield from _variables(dataset, number, block, rows, beside)


def _names_of(table: str, plan: PlannedStudy, headers: Mapping[str, list[str]]) -> set[str] | None:
    if table in plan.spec.sources:
        return {*headers[table], *IDENTITY_COLUMNS} if table in headers else None
    known = plan.datasets.get(table) or plan.inputs.get(table)
    return set(known.every) if known is not None else None


def _item_columns(block: RowBlock) -> list[str]:
    """Columns that a block derives for each item, before those of its rules."""
    more = [c for item in block.unpivot.values() for c in item.columns]
    found = [*block.explode, *block.each, *more]
    if block.unpivot:
        found += ["RESULT", "UNIT"]
    return [*found, "ITEM"] if block.unpivot or block.explode else found


def _records(dataset: PlannedDataset, block: RowBlock, known: Collection[str]) -> Iterator[SpecProblem]:
    """Variables in the settings that build the records: these read columns only."""
    items = _item_columns(block)
    sources = [("explode", c, place_of(block, "explode")) for columns in block.exploded.values() for c in columns]
    sources += [("explode", split.split, place_of(split, "split")) for split in block.splits.values()]
    sources += [("unpivot", item.result, place_of(item, "result")) for item in block.unpivot.values()]
    for field, column, place in sources:
        if column in items and column not in known:
            message = f"{column} is derived from itself: the rows have no column of this name"
            yield SpecProblem(place, message, dataset.name)
        else:
            yield from _not_built(dataset, field, column, place, known)
    columns = {*known, *items}
    for name, rule in block.columns.items():
        for read, place in _reads(rule):
            if read == name and read not in columns:
                message = f"{name} is derived from itself: the rows have no column of this name"
                yield SpecProblem(place, message, dataset.name, name)
            elif read in block.columns and read not in columns:
                message = f"{read} is derived after {name}; put it before"
                yield SpecProblem(place, message, dataset.name, name)
            else:
                yield from _not_built(dataset, "columns", read, place, columns)
        columns.add(name)
    for read, place in _condition(block, "where", block.where):
        yield from _not_built(dataset, "where", read, place, columns)


def _not_built(
    dataset: PlannedDataset, field: str, name: str, place: Place, known: Collection[str]
) -> Iterator[SpecProblem]:
    variable = name.removeprefix(f"{dataset.name}.")
    if name not in known and variable in dataset.every:
        message = f"{variable} is a variable of {dataset.name}, built from these records; {field}: reads columns only"
        hint = "name the column, or write a rule under columns:"
        yield SpecProblem(place, message, dataset.name, "", hint)


def _variables(
    dataset: PlannedDataset, number: int, block: RowBlock, rows: Collection[str], joined: Collection[str]
) -> Iterator[SpecProblem]:
    """Variables that are derived from themselves.

    ``joined``: columns of joined tables. A variable reads the column of its name; other rules read the variable.
    """
    columns = {*rows, *_item_columns(block), *block.columns}
    reads: dict[str, dict[str, Place]] = {}
    for name, variable in dataset.every.items():
        rule = variable.rule_in(number)
        if rule is None or rule.verb not in _READING or variable.by_convention:
            continue
        found = {}
        for read, place in _reads(rule):
            other = read.removeprefix(f"{dataset.name}.")
            if other in dataset.every and read not in columns and not (other == name and read in joined):
                found.setdefault(other, place)
        reads[name] = found
    reported: set[str] = set()
    for name in reads:
        circle = _circle(name, reads)
        if circle and not reported.intersection(circle):
            reported.update(circle)
            shown = " needs ".join(f"{dataset.name}.{n}" for n in (*circle, name))
            message = f"this goes in a circle: {shown}" if len(circle) > 1 else f"{name} is derived from itself"
            yield SpecProblem(reads[name][(*circle, name)[1]], message, dataset.name, name)


def _circle(start: str, reads: Mapping[str, Mapping[str, Place]]) -> list[str]:
    """The shortest way from a variable back to itself; empty if there is none."""
    ways: dict[str, list[str]] = {start: [start]}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        for read in reads.get(name, ()):
            if read == start:
                return ways[name]
            if read not in ways:
                ways[read] = [*ways[name], read]
                waiting.append(read)
    return []


def _reads(rule: DerivationSpec) -> Iterator[tuple[str, Place]]:
    for field, name in rule.reads():
        yield name, place_of(rule, field)
    for field, text in rule.conditions():
        if field != "where":
            yield from _condition(rule, field, text)


def _condition(owner: SpecModel, field: str, text: str | None) -> Iterator[tuple[str, Place]]:
    if text is None:
        return
    try:
        root = parse(text).root
    except ExpressionError:
        return  # reported where expressions are checked
    for node, _ in walk(root):
        if isinstance(node, Name):
            try:
                place = expression_place(owner, field, node.offset)
            except (KeyError, TypeError, ValueError):
                place = place_of(owner, field)  # one of several texts of the field
            yield node.name, place
