"""Warns of comparisons of texts that look like comparisons of numbers or dates. No data are needed.

Not for types and names of expressions (check.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...errors import Place, SpecProblem
from ...mappings.binding.bind import expression_place, place_of
from ...mappings.binding.spec_model import SpecModel
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.expressions.tree import Between, Compare, Literal, Name, Node, walk
from ...mappings.models.row_block import RowBlock
from ..columns.iso_dates import is_iso
from ..columns.number_text import plain_number
from ..derivations.column_kinds import column_kinds, raw_columns
from ..derivations.derivation import Derivation
from ..expressions.cells import compared
from ..plan.plan import PlannedDataset, PlannedStudy

#: name -> the kinds of value that its raw columns are read as
KindsOf = Callable[[str], frozenset[str]]
_ORDERS = frozenset({"<", "<=", ">", ">="})


def comparison_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """A warning for each comparison that ranks numbers or dates as texts."""
    kinds = column_kinds(plan)
    for dataset in plan.datasets.values():
        for number, block in enumerate(dataset.spec.blocks):
            for owner, field, text, table, variable in _conditions(dataset, number, block):

                def kinds_of(name: str, dataset=dataset, number=number, table=table) -> frozenset[str]:
                    places = [(table, name)] if table else raw_columns(name, dataset, number, plan)
                    return frozenset(kind for place in places for kind in kinds.get(place, ()))

                for offset, message, hint in ranked_as_text(text, kinds_of):
                    place = _place(owner, field, offset)
                    yield SpecProblem(place, message, dataset.name, variable, hint, "warning")


def _conditions(
    dataset: PlannedDataset, number: int, block: RowBlock
) -> Iterator[tuple[SpecModel, str, str, str, str]]:
    """(owner, field, text, table of the rows, variable) of each condition of a block; table '' for its records."""
    if block.where is not None:
        yield block, "where", block.where, "", ""
    for join in block.joins:
        if join.where is not None:
            yield join, "where", join.where, join.table, ""
    for name, rule in [*((n, v.rule_in(number)) for n, v in dataset.every.items()), *block.columns.items()]:
        if not isinstance(rule, Derivation):
            continue
        for field, text in rule.conditions():
            yield rule, field, text, "", name
        if (other := rule.of_table()) is not None:
            yield rule, "where", other[1], other[0], name


def ranked_as_text(text: str, kinds_of: KindsOf) -> Iterator[tuple[int, str, str]]:
    """(offset, message, hint) of each comparison of an expression that ranks numbers or dates as texts."""
    try:
        root = parse(text).root
    except ExpressionError:
        return  # check.py reports it
    for node, _ in walk(root):
        ranks = isinstance(node, Between) or (isinstance(node, Compare) and node.operator in _ORDERS)
        parts = compared(node) if ranks else ()
        names = [p.name for p in parts if isinstance(p, Name)]
        written = [p.value for p in parts if isinstance(p, Literal)]
        if not names or len(names) + len(written) < len(parts):
            continue
        yield from ((_offset(node), *problem) for problem in _text_comparisons(names, written, kinds_of))


def _text_comparisons(names: list[str], written: list[str | float], kinds_of: KindsOf) -> Iterator[tuple[str, str]]:
    """(message, hint) on the columns and the texts of the spec that are compared."""
    name = names[0]
    texts = [t for t in written if isinstance(t, str)]
    numbers = [t for t in texts if plain_number(t.strip()) is not None and not is_iso(t.strip())]
    others = [t for t in texts if not is_iso(t.strip())]
    if numbers:
        yield (
            f"texts are compared character by character, '100' before '{numbers[0]}'",
            (f"write number({name}) and {numbers[0].strip()} without quotes, unless texts are meant"),
        )
    elif others and kinds_of(name) == {"date"}:
        yield (
            f"{name} is a date, and '{others[0]}' is no date in ISO 8601: they are compared character by character",
            ("write the date as 2024-03-31"),
        )
    elif not written and all(kinds_of(n) == {"number"} for n in names):
        yield (
            f"{' and '.join(names)} are numbers, and compared as texts, '100' before '9'",
            ("write " + ", ".join(f"number({n})" for n in names)),
        )


def _offset(node: Node) -> int:
    return node.left.offset if isinstance(node, Compare) else node.offset


def _place(owner: SpecModel, field: str, offset: int) -> Place:
    try:
        return expression_place(owner, field, offset)
    except (KeyError, TypeError, ValueError):
        return place_of(owner, field)
