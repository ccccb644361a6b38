"""The conditions and formulas of specs: the columns that they read, and the texts that they compare these with.

Not for the inputs of ADaM (needs.py), nor for running conditions (engine/expressions/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ..mappings.binding.bind import ExpressionText, SpecModel
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.expressions.tree import Compare, In, Literal, Name, Node, walk
from ..mappings.models.record_step import Step
from ..mappings.models.row_block import RowBlock


def conditions_of(model: SpecModel, *, with_rules: bool = True) -> Iterator[str]:
    """Every condition and formula in a model or below it, without the rules of variables below a block."""
    for name, is_text in _fields(type(model)):
        if not with_rules and name in ("variables", "supplemental", "working"):
            continue
        for value in _leaves(getattr(model, name)):
            if isinstance(value, Step) and not isinstance(model, RowBlock):
                continue  # a variable of a step: the block has the step
            if isinstance(value, SpecModel):
                yield from conditions_of(value)
            elif is_text and isinstance(value, str):
                yield value


@cache
def _fields(model: type[SpecModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a model, and whether each holds conditions or formulas."""
    return tuple(
        (name, any(isinstance(m, ExpressionText) for m in about.metadata) or _holds_expression(about.annotation))
        for name, about in model.model_fields.items()
    )


def _holds_expression(annotation: Any) -> bool:
    inner = (*getattr(annotation, "__metadata__", ()), *getattr(annotation, "__args__", ()))
    value = getattr(annotation, "__value__", None)
    return any(isinstance(m, ExpressionText) or _holds_expression(m) for m in (*inner, *([value] if value else ())))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield value


def expression_names(text: str) -> tuple[str, ...]:
    """The columns that an expression reads; none for one that is wrong."""
    try:
        return parse(text).names
    except ExpressionError:
        return ()


def literals(text: str) -> Iterator[tuple[str, str]]:
    """(column, text) of each comparison of a column with a text in an expression; nothing for one that is wrong."""
    try:
        root = parse(text).root
    except ExpressionError:
        return
    for node, _ in walk(root):
        pairs: list[tuple[Node, Node]] = []
        if isinstance(node, In):
            pairs = [(node.operand, value) for value in node.values]
        elif isinstance(node, Compare) and node.operator in ("==", "!="):
            pairs = [(node.left, node.right), (node.right, node.left)]
        for one, other in pairs:
            value = other.value if isinstance(other, Literal) else None
            if isinstance(one, Name) and isinstance(value, str) and value.strip():
                yield one.name, value
