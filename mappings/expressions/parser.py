"""Reads the tokens of a condition or formula into a tree, operators by precedence.

Not for types or columns (types.py): what is refused here is wrong whatever the data are.
"""

from __future__ import annotations

from typing import NoReturn

from ...errors import nearest
from ..models.cell_patterns import PatternError, numbered
from .tokens import COMPARISONS, Token, clip, tokens_of
from .tree import (
    FUNCTIONS,
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
    walk,
)

MAX_LENGTH = 10_000
MAX_DEPTH = 50

_FOREIGN_WORDS = {
    "eq": "write ==",
    "ne": "write !=",
    "lt": "write <",
    "le": "write <=",
    "gt": "write >",
    "ge": "write >=",
    "is": "write missing(X) or not missing(X)",
    "like": "write contains(X, 'text'), starts_with(X, 'text') or matches(X, 'pattern')",
    "contains": "write contains(X, 'text')",
    "notin": "write not in",
}

_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY = range(1, 8)
_LEVEL = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("not", "in", "between", *COMPARISONS), _COMPARISON),
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
}


def parse_tree(text: str) -> Node:
    """The tree of ``text``. Raises ExpressionError at the first mistake."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"longer than {MAX_LENGTH} characters ({len(text)})", MAX_LENGTH, "make a variable of a part of it"
        )
    root = _Parser(tokens_of(text)).whole()
    for node, depth in walk(root):
        if depth > MAX_DEPTH:
            _too_deep(node.offset)
    return root


def _too_deep(offset: int) -> NoReturn:
    raise ExpressionError(f"nested more than {MAX_DEPTH} deep", offset, "make a variable of an inner part")


class _Parser:
    """Precedence climbing over the tokens of one expression."""

    def __init__(self, tokens: list[Token]):
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def whole(self) -> Node:
        if self._now.kind == "end":
            raise ExpressionError("the expression is empty", 0, "write a condition such as AGE >= 18")
        root = self._expression(_OR)
        if self._now.kind != "end":
            self._no_operator()
        return root

    @property
    def _now(self) -> Token:
        return self._tokens[self._position]

    @property
    def _next(self) -> Token:
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def _advance(self) -> Token:
        token = self._now
        self._position += 1
        return token

    def _at(self, sign: str) -> bool:
        return self._now.kind == "sign" and self._now.text == sign

    def _expect(self, sign: str, opened: Token) -> None:
        if self._at(sign):
            self._position += 1
        elif self._now.kind == "end":
            raise ExpressionError(f"the {opened.text} that opens here is never closed", opened.offset)
        else:
            self._no_operator(f" or {sign}")

    def _level(self) -> int:
        """How tightly the operator at hand binds; 0 when there is none."""
        return _LEVEL.get(self._now.text, 0) if self._now.kind == "sign" else 0

    def _expression(self, floor: int) -> Node:
        """An operand and every operator after it that binds at least as tightly as ``floor``."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            _too_deep(self._now.offset)
        left = self._operand(floor)
        while (level := self._level()) >= floor and level:
            if level == _COMPARISON:
                left = self._comparison(left)
            elif level in (_OR, _AND):
                word, items = self._now.text, [left]
                while self._at(word):
                    self._advance()
                    items.append(self._expression(level + 1))
                left = Junction(word, tuple(items), offset=left.offset)
            else:
                rest = []
                while self._level() == level:
                    sign = self._advance().text
                    rest.append((sign, self._expression(level + 1)))
                left = Arithmetic(left, tuple(rest), offset=left.offset)
        self._depth -= 1
        return left

    def _operand(self, floor: int) -> Node:
        token = self._advance()
        if token.kind in ("number", "text"):
            return Literal(token.value, offset=token.offset)
        if token.kind == "quoted_name":
            return Name(str(token.value), offset=token.offset)
        if token.kind == "name":
            return self._call(token) if self._at("(") else Name(token.text, offset=token.offset)
        if token.text == "(":
            inner = self._expression(_OR)
            if self._at(","):
                raise ExpressionError(
                    "a list of values in parentheses", token.offset, "write square brackets: ['A', 'B']"
                )
            self._expect(")", token)
            return inner
        if token.text == "-":
            if self._now.kind == "number":
                return Literal(0.0 - float(self._advance().value), offset=token.offset)
            return Negate(self._expression(_UNARY), offset=token.offset)
        if token.text == "not":
            if floor > _NOT:
                raise ExpressionError(
                    "not is not allowed here", token.offset, "put it and its condition in parentheses"
                )
            return Not(self._expression(_NOT), offset=token.offset)
        return self._no_value(token)

    def _comparison(self, left: Node) -> Node:
        negated = self._at("not")
        if negated:
            self._advance()
            if not (self._at("in") or self._at("between")):
                hint = "write not in [..], not between a and b, or != "
                raise ExpressionError("after a value, not needs in or between", self._now.offset, hint.strip())
        sign = self._advance()
        if sign.text == "in":
            node: Node = In(left, self._list(), negated, offset=left.offset)
        elif sign.text == "between":
            low = self._expression(_SUM)
            if not self._at("and"):
                raise ExpressionError("between needs two ends joined by and", self._now.offset, "X between 1 and 5")
            self._advance()
            node = Between(left, low, self._expression(_SUM), negated, offset=left.offset)
        else:
            node = Compare(sign.text, left, self._expression(_SUM), offset=left.offset)
        if self._level() == _COMPARISON:
            hint = "join two comparisons: 1 < X and X < 5; or put one in parentheses"
            raise ExpressionError("two comparisons in a row", self._now.offset, hint)
        return node

    def _list(self) -> tuple[Literal, ...]:
        opened = self._advance()
        if opened.text != "[" or opened.kind != "sign":
            raise ExpressionError("in needs a list of values", opened.offset, "write X in ['A', 'B']")
        values: list[Literal] = []
        while True:
            token = self._now
            if token.kind == "end":
                raise ExpressionError("the [ that opens here is never closed", opened.offset)
            minus = self._at("-") and self._next.kind == "number"
            if token.kind not in ("text", "number") and not minus:
                what = "the list is empty" if self._at("]") and not values else "a list holds texts or numbers only"
                hint = f"write '{token.text}' for the text" if token.kind == "name" and len(token.text) <= 40 else ""
                raise ExpressionError(what, token.offset, hint)
            literal = self._operand(_UNARY)
            assert isinstance(literal, Literal)
            values.append(literal)
            if not self._at(","):
                break
            self._advance()
        self._expect("]", opened)
        return tuple(values)

    def _call(self, name: Token) -> Call:
        opened = self._advance()
        function = FUNCTIONS.get(name.text)
        if function is None:
            hint = nearest(name.text, list(FUNCTIONS)) or "functions: " + ", ".join(FUNCTIONS)
            raise ExpressionError(f"there is no function {clip(name.text)}", name.offset, hint)
        arguments: list[Node] = []
        if not self._at(")"):
            arguments.append(self._expression(_OR))
            while self._at(","):
                self._advance()
                arguments.append(self._expression(_OR))
        self._expect(")", opened)
        if not function.least <= len(arguments) <= function.most:
            found = f"{len(arguments)} argument" + ("" if len(arguments) == 1 else "s")
            raise ExpressionError(f"{name.text} cannot take {found}", name.offset, f"write {function.usage}")
        for position, argument in enumerate(arguments):
            _check_literal(name.text, function.parameter(position), argument)
        if name.text == "extract":
            _check_group(Call(name.text, tuple(arguments), offset=name.offset))
        return Call(name.text, tuple(arguments), offset=name.offset)

    def _no_value(self, token: Token) -> NoReturn:
        """The error for a sign, or the end of the text, in place of a value."""
        if token.kind == "end":
            before = self._tokens[-2].text
            raise ExpressionError(f"the expression ends after {clip(before)}; a value is missing", token.offset)
        hint = "a list follows in: X in ['A', 'B']" if token.text == "[" else ""
        raise ExpressionError(f"a value is missing before {clip(token.text)}", token.offset, hint)

    def _no_operator(self, alternative: str = "") -> NoReturn:
        """The error for a value or a bracket in place of an operator."""
        token = self._now
        hint = _FOREIGN_WORDS.get(token.text.lower(), "") if token.kind == "name" else ""
        if token.kind == "sign":
            raise ExpressionError(f"{clip(token.text)} is not allowed here", token.offset, hint)
        what = f"an operator{alternative} is missing before {clip(token.text)}"
        if not hint and token.kind in ("name", "quoted_name") and self._tokens[self._position - 1].kind == "name":
            hint = "write a name with blanks in backticks; and, or join conditions"
        raise ExpressionError(what, token.offset, hint)


def _check_literal(function: str, kind: str, argument: Node) -> None:
    """Arguments that must be written out: a pattern, which is compiled here, and a number of decimals."""
    if kind == "digits":
        value = argument.value if isinstance(argument, Literal) else None
        if not isinstance(value, float) or value != int(value) or abs(value) > 12:
            hint = "write round(X, 2)"
            raise ExpressionError("the decimals of round are a whole number from -12 to 12", argument.offset, hint)
    if kind == "pattern":
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            hint = f"write {FUNCTIONS[function].usage}"
            raise ExpressionError(f"the pattern of {function} is a quoted text", argument.offset, hint)
        try:
            numbered(argument.value)
        except PatternError as error:
            hint = "RE2 syntax: no look-ahead, no back-references"
            raise ExpressionError(
                str(error) if len(str(error)) <= 200 else str(error)[:197] + "...", argument.offset, hint
            ) from None


def _check_group(call: Call) -> None:
    """The group of extract() is one that its pattern has."""
    pattern, *group = call.arguments[1:]
    assert isinstance(pattern, Literal)
    most = numbered(str(pattern.value))[1]
    if group:
        value = group[0].value if isinstance(group[0], Literal) else None
        if not isinstance(value, float) or value != int(value) or not 0 <= value <= most:
            has = f"the pattern has {most}" if most else "the pattern has none: write (...) around what is wanted"
            hint = "0 is all that the pattern finds"
            raise ExpressionError(
                f"the group of extract is the number of one of its groups; {has}", group[0].offset, hint
            )
    elif most > 1:
        message = f"the pattern has {most} groups; name the group that extract returns"
        raise ExpressionError(message, pattern.offset, "write extract(X, 'pattern', 1)")
