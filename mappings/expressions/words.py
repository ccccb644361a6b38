"""The words of an expression: its source text, a plain English sentence, and Define-XML range checks.

Not for reading text (parser.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from .number_text import number_text
from .tokens import KEYWORDS, PLAIN_NAME
from .tree import (
    Arithmetic,
    Between,
    Call,
    Compare,
    ExpressionError,
    In,
    Junction,
    Literal,
    Name,
    Negate,
    Node,
    Not,
)


def _doubled(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote


def _name_text(name: str) -> str:
    plain = PLAIN_NAME.fullmatch(name) and name.lower() not in KEYWORDS
    return name if plain else _doubled(name, "`")


@dataclass(frozen=True)
class _Phrase(Name):
    """A column in words: they are no name of the language, so they get no quotes."""


def phrased(node: Node, name: Callable[[str], str]) -> Node:
    """The expression with words in place of each name, for ``sentence`` only."""
    if isinstance(node, Name):
        return _Phrase(name(node.name), offset=node.offset)
    if isinstance(node, Literal):
        return node
    parts = {f.name: _phrased_part(getattr(node, f.name), name) for f in fields(node)}
    return replace(node, **parts)


def _phrased_part(part: Any, name: Callable[[str], str]) -> Any:
    if isinstance(part, tuple):
        return tuple(_phrased_part(p, name) for p in part)
    return phrased(part, name) if is_dataclass(part) else part


def _literal_text(node: Literal) -> str:
    return _doubled(node.value, "'") if isinstance(node.value, str) else number_text(node.value)


def source_text(node: Node) -> str:
    """The expression in its normal form; parsing it gives an equal tree."""
    if isinstance(node, Literal):
        return _literal_text(node)
    if isinstance(node, Name):
        return node.name if isinstance(node, _Phrase) else _name_text(node.name)
    if isinstance(node, Call):
        return f"{node.function}({', '.join(map(source_text, node.arguments))})"
    if isinstance(node, Negate):
        inner = source_text(node.operand)
        return f"-{inner}" if isinstance(node.operand, Name | Call) else f"-({inner})"
    if isinstance(node, Arithmetic):
        mine = _strength(node)
        return _inside(node.first, mine + 1) + "".join(f" {s} {_inside(o, mine + 1)}" for s, o in node.rest)
    if isinstance(node, Compare):
        return f"{_inside(node.left, _SUM)} {node.operator} {_inside(node.right, _SUM)}"
    if isinstance(node, In):
        word = "not in" if node.negated else "in"
        return f"{_inside(node.operand, _SUM)} {word} [{', '.join(map(source_text, node.values))}]"
    if isinstance(node, Between):
        word = "not between" if node.negated else "between"
        low, high = _inside(node.low, _SUM), _inside(node.high, _SUM)
        return f"{_inside(node.operand, _SUM)} {word} {low} and {high}"
    if isinstance(node, Not):
        return f"not {_inside(node.operand, _NOT)}"
    assert isinstance(node, Junction)
    return f" {node.word} ".join(_inside(item, _strength(node) + 1) for item in node.items)


_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _TIGHT = range(1, 8)


def _strength(node: Node) -> int:
    """How tightly the outermost operator of a part binds."""
    if isinstance(node, Junction):
        return _OR if node.word == "or" else _AND
    if isinstance(node, Not):
        return _NOT
    if isinstance(node, Compare | In | Between):
        return _COMPARISON
    if isinstance(node, Arithmetic):
        return _SUM if node.rest[0][0] in "+-" else _PRODUCT
    return _TIGHT


def _inside(node: Node, needed: int) -> str:
    written = source_text(node)
    return written if _strength(node) >= needed else f"({written})"


_VERBS = {
    "==": ("equals", "does not equal"),
    "!=": ("does not equal", "equals"),
    "<": ("is less than", "is not less than"),
    "<=": ("is at most", "is not at most"),
    ">": ("is greater than", "is not greater than"),
    ">=": ("is at least", "is not at least"),
    "missing": ("is missing", "is not missing"),
    "contains": ("contains", "does not contain"),
    "starts_with": ("starts with", "does not start with"),
    "ends_with": ("ends with", "does not end with"),
    "after": ("is after", "is not after"),
    "matches": ("matches the pattern", "does not match the pattern"),
}
# {0}, {1}.. are replaced by position, not by str.format; {all} is the list of arguments.
_PHRASES = {
    "upper": "{0} in upper case",
    "lower": "{0} in lower case",
    "title": "{0} with a capital letter for each word",
    "strip": "{0} without blanks at its ends",
    "length": "the length of {0}",
    "replace": "{0} with {1} replaced by {2}",
    "part": "part {2} of {0} at {1}",
    "find": "the position of {1} in {0}",
    "concat": "{all} joined",
    "number": "{0} as a number",
    "text": "{0} as text",
    "abs": "the absolute value of {0}",
    "power": "{0} to the power of {1}",
    "sqrt": "the square root of {0}",
    "exp": "e to the power of {0}",
    "log": "the natural logarithm of {0}",
    "log10": "the logarithm to base 10 of {0}",
    "floor": "{0} rounded down",
    "ceil": "{0} rounded up",
    "min": "the smallest of {all}",
    "max": "the largest of {all}",
    "coalesce": "the first of {all} that is not missing",
    "if": "{1} if {0}, otherwise {2}",
    "year": "the year of {0}",
    "month": "the month of {0}",
    "day": "the day of {0}",
    "days": "the days from {1} to {0}",
}


def sentence(node: Node) -> str:
    """The expression in plain English, for a MethodDef: "EXTRT equals 'A' and EXDOSE is greater than 0"."""
    if isinstance(node, Junction):
        return f" {node.word} ".join(_part(item) for item in node.items)
    if isinstance(node, Not):
        inner = node.operand
        if isinstance(inner, Compare) or (isinstance(inner, Call) and inner.function in _VERBS):
            return _statement(inner, 1)
        return f"not ({sentence(inner)})"
    if isinstance(node, Compare):
        return _statement(node, 0)
    if isinstance(node, In):
        return f"{_value(node.operand)} is {'none' if node.negated else 'one'} of {_listed(node.values)}"
    if isinstance(node, Between):
        word = "is not between" if node.negated else "is between"
        return f"{_value(node.operand)} {word} {_value(node.low)} and {_value(node.high)}"
    if isinstance(node, Call):
        return _statement(node, 0) if node.function in _VERBS else _phrase(node)
    if isinstance(node, Arithmetic):
        return _value(node.first) + "".join(f" {sign} {_value(operand)}" for sign, operand in node.rest)
    if isinstance(node, Negate):
        return f"-({sentence(node.operand)})"
    return source_text(node)


def _statement(node: Compare | Call, negated: int) -> str:
    if isinstance(node, Call):
        subject, *objects = (_value(a) for a in node.arguments)
        return " ".join([subject, _VERBS[node.function][negated], *objects])
    if (tested := node.missing_test) is not None:
        return f"{_value(tested)} {_VERBS['missing'][negated ^ (node.operator == '!=')]}"
    return f"{_value(node.left)} {_VERBS[node.operator][negated]} {_value(node.right)}"


def _part(item: Node) -> str:
    """A member of and/or; another and/or inside it is in parentheses, so that readers need not know the precedence."""
    return f"({sentence(item)})" if isinstance(item, Junction) else sentence(item)


def _value(node: Node) -> str:
    return source_text(node) if isinstance(node, Name | Literal) else f"({sentence(node)})"


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(_value(n) for n in nodes)


def _phrase(node: Call) -> str:
    arguments = [_value(a) for a in node.arguments]
    if node.function == "substr":
        return _substr_phrase(node, arguments)
    if node.function == "extract":
        group = f"group {arguments[2]} of " if len(arguments) > 2 else ""
        return f"what {group}the pattern {arguments[1]} finds in {arguments[0]}"
    if node.function == "round":
        digits = arguments[1] if len(arguments) > 1 else "0"
        return f"{arguments[0]} rounded to {digits} decimal{'' if digits == '1' else 's'}, halves away from zero"
    if node.function == "if":
        arguments[0] = sentence(node.arguments[0])
    pieces = _PHRASES[node.function].split("{")
    words = [pieces[0]]
    for piece in pieces[1:]:
        which, _, after = piece.partition("}")
        words.append((_enumerated(arguments) if which == "all" else arguments[int(which)]) + after)
    return "".join(words)


def _enumerated(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _substr_phrase(node: Call, arguments: list[str]) -> str:
    start, size = node.arguments[1], node.arguments[2] if len(node.arguments) > 2 else None
    if size is None:
        return f"{arguments[0]} from character {arguments[1]} on"
    first, count = (part.value if isinstance(part, Literal) else None for part in (start, size))
    if isinstance(first, float) and isinstance(count, float):
        last = number_text(first + count - 1)
        return f"characters {arguments[1]} to {last} of {arguments[0]}"
    return f"{arguments[2]} characters of {arguments[0]} from character {arguments[1]} on"


_COMPARATORS = {"==": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

RangeChecks = tuple[tuple[str, str, tuple[str, ...]], ...]


def range_checks(root: Node) -> RangeChecks:
    """(variable, comparator, values) of each comparison of a conjunction, as Define-XML RangeCheck has them.

    Raises ExpressionError at the first part that is not a comparison of a column with literals, joined by and.
    """
    checks: list[tuple[str, str, tuple[str, ...]]] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Junction) and node.word == "and":
            waiting.extend(reversed(node.items))
        else:
            checks.extend(_range_check(node))
    return tuple(checks)


def _range_check(node: Node) -> list[tuple[str, str, tuple[str, ...]]]:
    found: list[tuple[Node, str, tuple[Node, ...]]] = []
    if isinstance(node, Compare):
        left, operator, right = node.left, node.operator, node.right
        if isinstance(left, Literal):
            left, operator, right = right, _FLIPPED[operator], left
        found = [(left, _COMPARATORS[operator], (right,))]
    elif isinstance(node, In):
        found = [(node.operand, "NOTIN" if node.negated else "IN", node.values)]
    elif isinstance(node, Between) and not node.negated:
        found = [(node.operand, "GE", (node.low,)), (node.operand, "LE", (node.high,))]
    checks = []
    for variable, comparator, literals in found:
        values = tuple(_check_value(literal) for literal in literals if isinstance(literal, Literal))
        if not isinstance(variable, Name) or len(values) < len(literals):
            break
        checks.append((variable.name, comparator, values))
    if checks and len(checks) == len(found):
        return checks
    hint = "write comparisons of a variable with values, joined by and: LBTESTCD == 'MCPROT' and VISITNUM > 1"
    raise ExpressionError("a where clause of define.xml cannot express this", node.offset, hint)


def _check_value(literal: Literal) -> str:
    if literal.is_missing_text:
        raise ExpressionError("a where clause of define.xml cannot test for a missing value", literal.offset)
    return literal.value if isinstance(literal.value, str) else number_text(literal.value)
