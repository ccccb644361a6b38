"""Expression: one condition or formula of a spec, parsed. The language is described in docs/expressions.md.

Not for evaluating it over columns: engine/expressions/kernels.py does that. Nothing here runs code from a spec.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from typing import Literal as OneOf

from . import words
from .parser import parse_tree
from .tree import ExpressionError, ExpressionProblem, Name, Node, Type, names_of, walk
from .types import TypeCheck, clip_source
from .words import RangeChecks

__all__ = ["Expression", "ExpressionError", "ExpressionProblem", "gives_number", "parse"]

#: what a place of a spec needs: true or false, or a value
Wanted = OneOf["condition", "formula"]


@dataclass(frozen=True)
class Expression:
    """A parsed expression. ``names``: the columns it reads, in order of first use."""

    text: str
    root: Node
    names: tuple[str, ...]
    #: results of ``check``: the plan, its checks and each partition ask for the same ones
    _checked: dict[tuple[Any, ...], tuple[Type, list[ExpressionProblem]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __str__(self) -> str:
        return self.text

    def check(
        self,
        types: Mapping[str, str],
        wanted: Wanted | None = None,
        never_missing: Collection[str] = (),
    ) -> tuple[Type, list[ExpressionProblem]]:
        """(type, problems) of the expression over columns of these types, 'text' or 'number'.

        ``wanted``: where the result must be true or false (condition), or text or a number (formula).
        ``never_missing``: columns that need no thought about missing values where ``!=`` is used (keys, --TESTCD).
        All problems are reported, in the order of the text; with any error the type may be 'unknown'.
        """
        known = tuple((name, types[name]) for name in self.names if types.get(name) in ("text", "number"))
        if len(known) < len(self.names):  # the hint names one of all columns
            return _checked(self.root, types, wanted, never_missing)
        key = known, wanted, frozenset(never_missing).intersection(self.names)
        if key not in self._checked:
            self._checked[key] = _checked(self.root, types, wanted, never_missing)
        kind, problems = self._checked[key]
        return kind, list(problems)

    def sentence(self, name: Callable[[str], str] | None = None) -> str:
        """The expression in plain English, for a MethodDef; and/or inside each other are in parentheses.

        ``name``: the words for a column, by default its name as the expression writes it.
        """
        return words.sentence(self.root if name is None else words.phrased(self.root, name))

    def source(self) -> str:
        """The expression in its normal form; parsing it gives an equal tree."""
        return words.source_text(self.root)

    def range_checks(self) -> RangeChecks:
        """(variable, EQ | NE | IN | NOTIN | LT | LE | GT | GE, values) of each comparison, for define.xml.

        Raises ExpressionError where the expression is not a conjunction of comparisons of columns with literals.
        """
        return words.range_checks(self.root)


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression; the same text gives the same, unchangeable object.

    Raises ExpressionError with the offset of the mistake and what to write instead.
    """
    root = parse_tree(text)
    return Expression(text, root, tuple(dict.fromkeys(node.name for node, _ in walk(root) if isinstance(node, Name))))


def _checked(
    root: Node, types: Mapping[str, str], wanted: Wanted | None, never_missing: Collection[str]
) -> tuple[Type, list[ExpressionProblem]]:
    found = TypeCheck(root, types, never_missing)
    problems = list(found.problems)
    if wanted == "condition" and found.type in ("text", "number"):
        kind = "text" if found.type == "text" else "a number"
        message = f"a condition is needed; {clip_source(words.source_text(root))} is {kind}"
        problems.append(ExpressionProblem("error", message, 0, "compare it: X == 'Y'", names_of(root)))
    elif wanted == "formula" and found.type == "boolean":
        hint = "write if(condition, 'Y', 'N')"
        problems.append(ExpressionProblem("error", "a formula gives text or a number; this is a condition", 0, hint))
    return found.type, sorted(problems, key=lambda p: p.offset)


def gives_number(text: str, is_number: Callable[[str], bool]) -> bool:
    """Whether a formula gives a number, by the types of its columns. False for a formula with a mistake."""
    try:
        formula = parse(text)
    except ExpressionError:
        return False
    types = {name: "number" if is_number(name) else "text" for name in formula.names}
    return formula.check(types)[0] == "number"
