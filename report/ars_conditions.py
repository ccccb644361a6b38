"""Conditions of specs as where clauses of the Analysis Results Standard 1.0: comparisons, joined by AND and OR.

A comparison with a missing value is never true in a spec. The standard is silent on missing values, so NE, NOTIN, LT
and LE come with a comparison that excludes them. Not for conditions with formulas or functions, which the standard
cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..mappings.expressions.expression import parse
from ..mappings.expressions.tree import Between, Call, Compare, In, Junction, Literal, Name, Node, Not

_COMPARATORS = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
#: these are true for a missing value in programs that order it below all values, or that compare it as a value
_WITH_MISSING = ("NE", "NOTIN", "LT", "LE")


@dataclass(frozen=True)
class _Test:
    """A comparison of a variable."""

    name: str
    comparator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class _Joined:
    word: str
    items: tuple[_Test | _Joined, ...]


class NotHeld(Exception):
    """A condition that the standard has no form for."""


def where_clause(text: str, dataset: str) -> dict[str, Any]:
    """The fields condition or compoundExpression of a where clause; none for '' and where the standard has no form.

    ``dataset``: of the variables that name none.
    """
    if not text:
        return {}
    try:
        return _fields(_tests(parse(text).root, True), dataset, 2)
    except NotHeld:
        return {}


def all_of(clauses: list[dict[str, Any]]) -> dict[str, Any]:
    """The where clause that holds where all of ``clauses`` hold."""
    if len(clauses) < 2:
        return clauses[0] if clauses else {}
    inner = [{"level": 2, "order": i, **_deeper(c)} for i, c in enumerate(clauses, 1)]
    return {"compoundExpression": {"logicalOperator": "AND", "whereClauses": inner}}


def equals(dataset: str, variable: str, *values: str) -> dict[str, Any]:
    """The where clause variable = value, or one of several values."""
    comparator = "EQ" if len(values) == 1 else "IN"
    return {"condition": {"dataset": dataset, "variable": variable, "comparator": comparator, "value": list(values)}}


def _deeper(clause: dict[str, Any]) -> dict[str, Any]:
    """The clause one level further down."""
    compound = clause.get("compoundExpression")
    if compound is None:
        return clause
    inner = [{**_deeper(c), "level": c["level"] + 1} for c in compound["whereClauses"]]
    return {"compoundExpression": {**compound, "whereClauses": inner}}


def _tests(node: Node, holds: bool) -> _Test | _Joined:
    """The tests of a condition, or of its opposite: not (a and b) is not a or not b, also for unknown ones."""
    if isinstance(node, Not):
        return _tests(node.operand, not holds)
    if isinstance(node, Junction):
        word = "AND" if (node.word == "and") == holds else "OR"
        return _Joined(word, tuple(_tests(i, holds) for i in node.items))
    if isinstance(node, Compare):
        return _compared(node, holds)
    if isinstance(node, In):
        values = tuple(_value(v) for v in node.values)
        return _guarded(_Test(_name(node.operand), "NOTIN" if node.negated == holds else "IN", values))
    if isinstance(node, Between):
        name, low, high = _name(node.operand), _value(node.low), _value(node.high)
        if node.negated == holds:
            return _Joined("OR", (_guarded(_Test(name, "LT", (low,))), _Test(name, "GT", (high,))))
        return _Joined("AND", (_Test(name, "GE", (low,)), _guarded(_Test(name, "LE", (high,)))))
    if isinstance(node, Call) and node.function == "missing":
        return _Test(_name(node.arguments[0]), "EQ" if holds else "NE", ("",))
    raise NotHeld


def _compared(node: Compare, holds: bool) -> _Test | _Joined:
    operator = node.operator if holds else _OPPOSITE[node.operator]
    if node.missing_test is not None:
        return _Test(_name(node.missing_test), _COMPARATORS[operator], ("",))
    if isinstance(node.left, Literal):
        return _guarded(_Test(_name(node.right), _COMPARATORS[_MIRRORED[operator]], (_value(node.left),)))
    return _guarded(_Test(_name(node.left), _COMPARATORS[operator], (_value(node.right),)))


def _guarded(test: _Test) -> _Test | _Joined:
    if test.comparator not in _WITH_MISSING or "" in test.values:
        return test
    return _Joined("AND", (test, _Test(test.name, "NE", ("",))))


def _name(node: Node) -> str:
    if not isinstance(node, Name):
        raise NotHeld
    return node.name


def _value(node: Node) -> str:
    if not isinstance(node, Literal):
        raise NotHeld
    return node.value.rstrip(" ") if isinstance(node.value, str) else f"{node.value:.15g}"


def _fields(test: _Test | _Joined, dataset: str, level: int) -> dict[str, Any]:
    if isinstance(test, _Test):
        owner, _, variable = test.name.rpartition(".")
        condition = {"dataset": owner or dataset, "variable": variable, "comparator": test.comparator}
        return {"condition": {**condition, "value": list(test.values)}}
    inner = [{"level": level, "order": i, **_fields(t, dataset, level + 1)} for i, t in enumerate(test.items, 1)]
    return {"compoundExpression": {"logicalOperator": test.word, "whereClauses": inner}}
