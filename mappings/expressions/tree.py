"""The tree of a condition or formula, its errors, and the functions it may call.

Not for reading text (parser.py), nor for types (types.py), nor for values (engine/expressions/kernels.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from ...errors import Raw2AdamError

#: The type of an expression. 'unknown': a part whose column does not exist, so that one mistake has one message.
Type = OneOf["text", "number", "boolean", "unknown"]


class ExpressionError(Raw2AdamError):
    """An expression that cannot be used. ``offset`` counts characters from 0 in the text of the expression."""

    exit_code = 2

    def __init__(self, message: str, offset: int = 0, hint: str = ""):
        self.message, self.offset, self.hint = message, offset, hint
        super().__init__(f"column {offset + 1}: {message}" + (f" ({hint})" if hint else ""))


@dataclass(frozen=True)
class ExpressionProblem:
    """One mistake found without data. ``offset`` counts characters from 0 in the text of the expression.

    ``names``: those that the part with the mistake reads.
    """

    severity: OneOf["error", "warning"]
    message: str
    offset: int
    hint: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Node:
    """A part of an expression. ``offset`` is its start; two parts with different offsets can be equal."""

    offset: int = field(default=0, compare=False, repr=False, kw_only=True)

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True)
class Literal(Node):
    """A text or a number as written."""

    value: str | float

    @property
    def is_missing_text(self) -> bool:
        return isinstance(self.value, str) and not self.value.rstrip(" ")


@dataclass(frozen=True)
class Name(Node):
    """A column."""

    name: str


@dataclass(frozen=True)
class Negate(Node):
    """Unary minus. A minus right before a number belongs to the Literal."""

    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class Arithmetic(Node):
    """``first`` followed by (operator, operand) pairs of one precedence, either + - or * /, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.first, *(operand for _, operand in self.rest))

    @property
    def divides(self) -> bool:
        """Whether one of its operators is /."""
        return any(sign == "/" for sign, _ in self.rest)


@dataclass(frozen=True)
class Compare(Node):
    """``operator`` is one of == != < <= > >=. With the literal '' on a side, == and != test for missing."""

    operator: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    @property
    def missing_test(self) -> Node | None:
        """The side that is tested for missing by ``== ''`` or ``!= ''``; None for any other comparison."""
        if self.operator in ("==", "!="):
            for side, other in ((self.left, self.right), (self.right, self.left)):
                if isinstance(other, Literal) and other.is_missing_text:
                    return side
        return None


@dataclass(frozen=True)
class In(Node):
    """``operand in [values]``: the same as ``==`` to each value, joined by ``or``."""

    operand: Node
    values: tuple[Literal, ...]
    negated: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand, *self.values)


@dataclass(frozen=True)
class Between(Node):
    """``operand between low and high``, both ends included."""

    operand: Node
    low: Node
    high: Node
    negated: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand, self.low, self.high)


@dataclass(frozen=True)
class Not(Node):
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class Junction(Node):
    """Two or more conditions joined by ``word``: and | or."""

    word: str
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True)
class Call(Node):
    """A function and its arguments; ``function`` is a name in FUNCTIONS."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (the root has 1), in the order of the text; without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in reversed(node.children))


@dataclass(frozen=True)
class Function:
    """A function's signature.

    ``parameters``: the kind of each argument: text | number | boolean; value (text or number), alike (text or number,
    all such arguments and the result of one type), pattern (a text literal with a regular expression), digits (a
    whole number literal), group (the number of a group of the pattern). The last ``parameters`` repeats when ``most``
    exceeds their count. ``result``: a type, or alike.
    """

    usage: str
    parameters: tuple[str, ...]
    least: int
    most: int
    result: str

    def parameter(self, position: int) -> str:
        return self.parameters[min(position, len(self.parameters) - 1)]


_MANY = 1_000


def _fixed(usage: str, parameters: str, result: str, least: int | None = None) -> Function:
    kinds = tuple(parameters.split())
    return Function(usage, kinds, len(kinds) if least is None else least, len(kinds), result)


#: Every function of the language. docs/expressions.md describes how each treats missing values.
FUNCTIONS: dict[str, Function] = {
    "missing": _fixed("missing(x)", "value", "boolean"),
    "upper": _fixed("upper(x)", "text", "text"),
    "lower": _fixed("lower(x)", "text", "text"),
    "title": _fixed("title(x)", "text", "text"),
    "strip": _fixed("strip(x)", "text", "text"),
    "length": _fixed("length(x)", "text", "number"),
    "substr": _fixed("substr(x, start, length)", "text number number", "text", least=2),
    "contains": _fixed("contains(x, 'text')", "text text", "boolean"),
    "starts_with": _fixed("starts_with(x, 'text')", "text text", "boolean"),
    "ends_with": _fixed("ends_with(x, 'text')", "text text", "boolean"),
    "matches": _fixed("matches(x, 'pattern')", "text pattern", "boolean"),
    "replace": _fixed("replace(x, 'old', 'new')", "text text text", "text"),
    "extract": _fixed("extract(x, 'pattern', group)", "text pattern group", "text", least=2),
    "part": _fixed("part(x, 'separator', n)", "text text number", "text"),
    "find": _fixed("find(x, 'text')", "text text", "number"),
    "concat": Function("concat(a, b, ...)", ("text",), 2, _MANY, "text"),
    "number": _fixed("number(x)", "text", "number"),
    "text": _fixed("text(x)", "number", "text"),
    "abs": _fixed("abs(x)", "number", "number"),
    "round": _fixed("round(x, decimals)", "number digits", "number", least=1),
    "power": _fixed("power(x, exponent)", "number number", "number"),
    "sqrt": _fixed("sqrt(x)", "number", "number"),
    "exp": _fixed("exp(x)", "number", "number"),
    "log": _fixed("log(x)", "number", "number"),
    "log10": _fixed("log10(x)", "number", "number"),
    "floor": _fixed("floor(x)", "number", "number"),
    "ceil": _fixed("ceil(x)", "number", "number"),
    "min": Function("min(a, b, ...)", ("alike",), 2, _MANY, "alike"),
    "max": Function("max(a, b, ...)", ("alike",), 2, _MANY, "alike"),
    "coalesce": Function("coalesce(a, b, ...)", ("alike",), 2, _MANY, "alike"),
    "if": Function("if(condition, a, b)", ("boolean", "alike", "alike"), 3, 3, "alike"),
    "year": _fixed("year(date)", "text", "number"),
    "month": _fixed("month(date)", "text", "number"),
    "day": _fixed("day(date)", "text", "number"),
    "after": _fixed("after(date, other)", "text text", "boolean"),
    "days": _fixed("days(date, other)", "text text", "number"),
}


def names_of(node: Node) -> frozenset[str]:
    """The columns that a part of an expression reads."""
    return frozenset(n.name for n in walk(node) if isinstance(n, Name))
