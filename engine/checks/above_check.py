"""Blocks that read variables of the blocks above them in the same dataset which are known only with all records.

A rule such as flag: or base_value: sees all records of a dataset. A block whose records depend on it would depend on
itself. Not for circles of names within a block (circles.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Place, SpecProblem
from ...mappings.binding.bind import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.expressions.tree import Name, walk
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ..derivations.derivation import derivation
from ..derivations.from_other_records import FromTable
from ..plan.plan import PlannedDataset, PlannedStudy


def above_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Variables of the blocks above that a block reads and that need the records of the block itself."""
    for dataset in plan.datasets.values():
        blocks = dataset.spec.blocks
        finished = next((n for n, block in enumerate(blocks) if block.finished), len(blocks))
        for number, block in enumerate(blocks):
            if block.finished and number == 0 and not dataset.tabulated:
                yield SpecProblem(place_of(block, "finished"), "finished: needs a block above this one", dataset.name)
            seen: set[str] = set()
            for name, place in _read_above(dataset, block):
                way = _way(plan, dataset, name, number, finished, set()) if name not in seen else None
                if way is not None:
                    seen.add(name)
                    needs = " needs ".join(way)
                    more = f" ({needs})" if len(way) > 1 else ""
                    message = (
                        f"{name} is known only with all records of {dataset.name}{more}, and this block derives some "
                        "of them"
                    )
                    hint = f"finished: true lets the block read it; or give {way[-1]} a rule in the blocks above"
                    yield SpecProblem(place, message, dataset.name, "", hint)


def _read_above(dataset: PlannedDataset, block: RowBlock) -> Iterator[tuple[str, Place]]:
    """(variable, place) of what the records of a block read of the records above."""
    same_dataset = block.from_ == dataset.name
    if same_dataset:
        yield from _of_condition(dataset, block, "where", block.where)
        for rule in block.columns.values():
            yield from _of_rule(dataset, rule)
    for join in block.joins:
        if join.from_ == dataset.name:
            keys = join.on.values() if isinstance(join.on, dict) else join.on
            names = [*((n, "on") for n in keys), *((n.lstrip("-"), "order") for n in join.order)]
            yield from ((n, place_of(join, field)) for n, field in names if n in dataset.every)
            yield from _of_condition(dataset, join, "where", join.where)
    for step in block.steps:
        if same_dataset:
            yield from ((n, place_of(step, field)) for field, n in step.reads() if n in dataset.every)
            for field, text in step.conditions():
                yield from _of_condition(dataset, step, field, text)
        for read in step.parts():
            if (same_dataset and not read.table) or read.table == dataset.name:
                if not read.condition:
                    if read.text in dataset.every:
                        yield read.text, place_of(read.owner, read.field)
                    continue
                found = _of_condition(dataset, read.owner, read.field, read.text)
                yield from ((n, place) for n, place in found if n not in read.further)


def _of_rule(dataset: PlannedDataset, rule: DerivationSpec) -> Iterator[tuple[str, Place]]:
    if not isinstance(rule, FromTable):
        yield from ((n, place_of(rule, field)) for field, n in rule.reads() if n in dataset.every)
    elif rule.target_column().partition(".")[0] == dataset.name:
        yield from ((n, place_of(rule, rule.verb)) for n in [rule.target_column().partition(".")[2]] if n)
        yield from _of_condition(dataset, rule, "where", rule.where)
    for field, text in rule.conditions():
        yield from _of_condition(dataset, rule, field, text)


def _of_condition(
    dataset: PlannedDataset, owner: SpecModel, field: str, text: str | None
) -> Iterator[tuple[str, Place]]:
    try:
        root = parse(text).root if text is not None else None
    except ExpressionError:
        return  # reported where expressions are checked
    for node, _ in walk(root) if root is not None else ():
        if isinstance(node, Name) and (name := node.name.removeprefix(f"{dataset.name}.")) in dataset.every:
            try:
                yield name, expression_place(owner, field, node.offset)
            except (KeyError, TypeError, ValueError):
                yield name, place_of(owner, field)  # one of several texts of the field


def _way(
    plan: PlannedStudy, dataset: PlannedDataset, name: str, number: int, finished: int, seen: set[tuple[str, int]]
) -> list[str] | None:
    """From a variable of the blocks before ``number`` to a rule that sees the records of that block; else None.

    ``seen``: (variable, block) that led nowhere, or that are on the way; it grows, so that none is followed twice.
    """
    variable = dataset.every[name]
    for block in range(number):
        rule = variable.rule_in(block)
        if rule is None or (name, block) in seen:
            continue
        seen.add((name, block))
        if derivation(rule).whole and block not in variable.block_rules:
            if derivation(rule).numbers or number < finished:
                return [name]
            continue
        for other, before in _variables_read(plan, dataset, name, rule, block):
            way = _way(plan, dataset, other, before, finished, seen) if before else None
            if way is not None:
                return [name, *way]
    return None


def _variables_read(
    plan: PlannedStudy, dataset: PlannedDataset, target: str, rule: DerivationSpec, block: int
) -> Iterator[tuple[str, int]]:
    """(variable, the block before which it is read) of the variables of the dataset that a rule of a block reads."""
    spec = dataset.spec.blocks[block]
    same_dataset = spec.from_ == dataset.name
    of_records = same_dataset and block in dataset.every[target].block_rules  # its names are those of the records above
    if spec.source or (spec.from_ and not same_dataset and spec.from_ not in plan.known_to(dataset.kind)):
        return  # any name may be a column of the raw table
    base = plan.known_to(dataset.kind)[spec.from_].every if spec.from_ and not same_dataset else {}
    names = [n for _, n in rule.reads()] if not isinstance(rule, FromTable) else []
    for field, text in rule.conditions():
        if not (isinstance(rule, FromTable) and field == "where"):
            try:
                names += parse(text).names
            except ExpressionError:
                continue
    built = {*spec.columns, *spec.each, *spec.step_columns}
    for read in names:
        name = read.removeprefix(f"{dataset.name}.")
        if name in dataset.every and read not in base and read not in built and (name != target or of_records):
            yield name, block if of_records else block + 1
