"""What the code of R and of SAS have in common: names, types, and the walk over a condition or formula.

Not for the words of one language (r.py, sas.py), nor for whole rules (rules.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..mappings.expressions.expression import parse
from ..mappings.expressions.number_text import number_text
from ..mappings.expressions.tree import (
    FUNCTIONS,
    Arithmetic,
    Between,
    Call,
    Compare,
    In,
    Junction,
    Literal,
    Name,
    Negate,
    Node,
    Not,
)
from .truth import without_not


class NoEqual(Exception):
    """A rule or a part of it has no equal in R and SAS that is certain; its words are the program."""


@dataclass
class Names:
    """The names of a rule. ``numeric``: whether a variable is a number, None where that is not known.

    ``merged``: the columns of other tables that the code uses, by the name that it gives them. ``moment``: date,
    datetime or time for a number with such a format, else ''. ``filled``: whether a variable is never missing.
    ``known``: whether ``moment`` is certain: not for a working variable whose rule has words alone.
    """

    numeric: Callable[[str], bool | None]
    merged: dict[str, str] = field(default_factory=dict)
    moment: Callable[[str], str] = lambda _: ""
    filled: Callable[[str], bool] = lambda _: False
    known: Callable[[str], bool] = lambda _: True

    def of(self, table: str) -> Names:
        """The names of the columns of another table."""
        return Names(
            lambda name: self.numeric(f"{table}.{name}"),
            self.merged,
            lambda name: self.moment(f"{table}.{name}"),
            lambda name: self.filled(f"{table}.{name}"),
            lambda name: self.known(f"{table}.{name}"),
        )

    def code(self, name: str) -> str:
        """The name in the code: a column of another table has its table before it. Raises NoEqual."""
        if not name.replace(".", "_").replace("_", "").isalnum() or not name.isascii():
            raise NoEqual
        table, dot, column = name.partition(".")
        if not dot:
            return name
        self.merged[f"{table}_{column}"] = name
        return f"{table}_{column}"


class Language(ABC):
    """The code of one language. ``names``: those of the rule that is written."""

    def __init__(self, names: Names):
        self.names = names

    # what each language writes

    @abstractmethod
    def text(self, value: str) -> str:
        """A quoted text; the missing value for ''."""

    @abstractmethod
    def compared(self, operator: str, left: Node, right: Node) -> str:
        """A comparison that is never true for a missing value."""

    @abstractmethod
    def among(self, operand: str, values: Sequence[str], *, missing: bool, negated: bool) -> str:
        """Whether the operand is one of the values; ``missing``: or missing."""

    @abstractmethod
    def is_missing(self, operand: str, negated: bool = False) -> str: ...

    @abstractmethod
    def joined(self, word: str, items: Sequence[str]) -> str: ...

    @abstractmethod
    def divided(self, left: str, right: str) -> str:
        """A quotient that is missing where the divisor is 0."""

    @abstractmethod
    def call(self, function: str, arguments: Sequence[Node]) -> str:
        """A function with a value. Raises NoEqual."""

    @abstractmethod
    def test(self, function: str, arguments: Sequence[Node], negated: bool) -> str:
        """A function that is true or false. Raises NoEqual."""

    # what they share

    def condition(self, text: str) -> str:
        """A condition of a spec, without parentheses around it. Raises NoEqual."""
        root = without_not(parse(text).root)
        code = self.truth(root)
        return code[1:-1] if isinstance(root, Junction | Between) else code

    def formula(self, text: str) -> str:
        """A formula of a spec. Raises NoEqual."""
        return self.value(parse(text).root)

    def truth(self, node: Node) -> str:
        """The code of a condition without ``not``."""
        if isinstance(node, Junction):
            return self.joined(node.word, [self.truth(item) for item in node.items])
        if isinstance(node, Compare):
            side = node.missing_test
            if side is not None:
                return self.is_missing(self.value(side), node.operator == "!=")
            return self.compared(node.operator, node.left, node.right)
        if isinstance(node, In):
            texts = [v for v in node.values if not v.is_missing_text]
            listed = [self.value(v) for v in texts]
            if not listed:
                return self.is_missing(self.value(node.operand), node.negated)
            return self.among(
                self.value(node.operand), listed, missing=len(texts) < len(node.values), negated=node.negated
            )
        if isinstance(node, Between):
            ends = ("<", "or", ">") if node.negated else (">=", "and", "<=")
            low = self.compared(ends[0], node.operand, node.low)
            return self.joined(ends[1], [low, self.compared(ends[2], node.operand, node.high)])
        negated = isinstance(node, Not)
        call = node.operand if isinstance(node, Not) else node
        if not isinstance(call, Call):
            raise NoEqual
        if call.function == "missing":
            return self.is_missing(self.value(call.arguments[0]), negated)
        return self.test(call.function, call.arguments, negated)

    def value(self, node: Node) -> str:
        """The code of a value."""
        if isinstance(node, Literal):
            return number_text(node.value) if isinstance(node.value, float) else self.text(node.value)
        if isinstance(node, Name):
            return self.names.code(node.name)
        if isinstance(node, Negate):
            return f"-({self.value(node.operand)})"
        if isinstance(node, Arithmetic):
            code = self.value(node.first)
            for sign, operand in node.rest:
                right = self.value(operand)
                code = self.divided(code, right) if sign == "/" else f"{code} {sign} {right}"
            return f"({code})"
        if isinstance(node, Call):
            return self.call(node.function, node.arguments)
        raise NoEqual

    def is_number(self, node: Node) -> bool | None:
        """Whether a value is a number; None where that is not known."""
        if isinstance(node, Literal):
            return isinstance(node.value, float)
        if isinstance(node, Name):
            return self.names.numeric(node.name)
        if isinstance(node, Negate | Arithmetic):
            return True
        if isinstance(node, Call):
            result = FUNCTIONS[node.function].result
            if result != "alike":
                return result == "number"
            kinds = {self.is_number(a) for a in node.arguments[1 if node.function == "if" else 0 :]}
            return kinds.pop() if len(kinds) == 1 else None
        return None

    def must_be_numbers(self, *nodes: Node) -> None:
        """Raise NoEqual unless all are numbers: R and SAS rank texts in other ways, and dates as texts."""
        if not all(self.is_number(n) for n in nodes):
            raise NoEqual


def literal_text(node: Node) -> str:
    """The text of an argument that is written out. Raises NoEqual for a column."""
    if not isinstance(node, Literal) or not isinstance(node.value, str) or not node.value.isprintable():
        raise NoEqual
    return node.value
