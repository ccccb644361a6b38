"""Evaluates a parsed condition or formula over columns, each step for all records at once.

Not for the language itself (mappings/expression.py, docs/expressions.md); what the functions do is in functions.py.
Truth has three values (false, unknown, true), so Kleene's and, or, not are minimum, maximum and 2 - x.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..mappings.expression import Expression, ExpressionError
from ..mappings.expression_text import source_text
from ..mappings.expression_tree import (
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
    walk,
)
from .columns import is_number, join_text, split_text
from .function_kernels import FALSE, TRUE, UNKNOWN, arithmetic, call, is_missing
from .number_text import plain_number
from .vectors import Vector, aligned, constant, joined, rows

ColumnSource = Callable[[str], "pd.Series | np.ndarray"]


@dataclass(frozen=True)
class Unreadable:
    """Records where ``number(argument)`` met a filled text that is not a number.

    ``offset``: of the call in the expression. ``rows``: bool mask of all records. ``texts``: the texts of those rows.
    """

    offset: int
    argument: str
    rows: np.ndarray
    texts: np.ndarray


def condition(expr: Expression, column: ColumnSource, n: int) -> np.ndarray:
    """Where the condition is true, bool (n,); unknown counts as false.

    ``column`` gives each name in ``expr.names`` as n values: text (category of str, or str) or numbers.
    Raises ExpressionError when a column does not exist (KeyError of ``column``), the types do not fit, or the
    expression is not a condition; ValueError when a column has not n values.
    """
    vector = _Evaluation(expr, column, n, "condition").result
    return rows(vector.of(vector.values == TRUE), n)


def compute(expr: Expression, column: ColumnSource, n: int) -> pd.Series:
    """The formula's value for each record: text as category of str ('' missing), numbers as float64 (NaN missing).

    Raises as ``condition`` does, and ExpressionError when the expression is a condition.
    """
    vector = _Evaluation(expr, column, n, "formula").result
    if vector.values.dtype != object:
        return pd.Series(rows(vector, n))
    codes = np.zeros(n, dtype="int8") if vector.codes is None else vector.codes
    return join_text(codes, _trimmed(vector.values))


def unreadable(expr: Expression, column: ColumnSource, n: int) -> list[Unreadable]:
    """Which records ``number(..)`` could not read, one entry per call that met any; for findings.

    A record counts only where the call matters: the branch of ``if`` that is taken, after an ``and`` whose earlier
    conditions are true, after an ``or`` whose earlier ones are not.
    """
    return _Evaluation(expr, column, n, None).unread


class _Evaluation:
    """One pass over the tree. Each column is loaded once, so that parts over one column share its codes."""

    def __init__(self, expr: Expression, column: ColumnSource, n: int, wanted: str | None):
        self._n = n
        self._columns: dict[str, Vector] = {}
        for node, _ in walk(expr.root):
            if isinstance(node, Name) and node.name not in self._columns:
                self._columns[node.name] = self._load(node, column)
        types = {name: "text" if v.values.dtype == object else "number" for name, v in self._columns.items()}
        for problem in expr.check(types, wanted)[1]:  # pyright: ignore[reportArgumentType]
            if problem.severity == "error":
                raise ExpressionError(problem.message, problem.offset, problem.hint)
        self._guards: list[Vector] | None = [] if wanted is None else None
        self.unread: list[Unreadable] = []
        self.result = self._value(expr.root)

    def _load(self, node: Name, column: ColumnSource) -> Vector:
        try:
            values = column(node.name)
        except KeyError:
            raise ExpressionError(f"there is no column {node.name!r}", node.offset) from None
        if len(values) != self._n:
            raise ValueError(f"column {node.name} has {len(values)} values, expected {self._n}")
        if is_number(values):
            return Vector(np.asarray(values, dtype="float64"), None, whole=True)
        codes, texts = split_text(pd.Series(values))
        if len(texts) > 2 * self._n:  # a small part of a large table: keep the texts that occur
            codes, used = pd.factorize(codes)
            texts = texts[used]
        return Vector(_trimmed(texts), codes)

    def _value(self, node: Node) -> Vector:
        if isinstance(node, Literal):
            return constant(node.value)
        if isinstance(node, Name):
            return self._columns[node.name]
        if isinstance(node, Negate):
            operand = self._value(node.operand)
            return operand.of(0.0 - operand.values)
        if isinstance(node, Arithmetic):
            total = self._value(node.first)
            for sign, operand in node.rest:
                (a, b), build = aligned([total, self._value(operand)], self._n)
                total = build(arithmetic(sign, a, b))
            return total
        if isinstance(node, Not):
            operand = self._value(node.operand)
            return operand.of(TRUE - operand.values)
        if isinstance(node, Junction):
            return self._junction(node)
        if isinstance(node, Call):
            return self._call(node)
        return self._comparison(node)

    def _junction(self, node: Junction) -> Vector:
        merge = np.minimum if node.word == "and" else np.maximum
        total = self._value(node.items[0])
        for item in node.items[1:]:
            (a, b), build = aligned([total, self._guarded(item, total, node.word == "and")], self._n)
            total = build(merge(a, b))
        return total

    def _guarded(self, node: Node, truth: Vector, wanted: bool) -> Vector:
        """A part that matters only where ``truth`` is true (wanted) or is not true."""
        if self._guards is None:
            return self._value(node)
        self._guards.append(truth.of((truth.values == TRUE) == wanted))
        value = self._value(node)
        self._guards.pop()
        return value

    def _call(self, node: Call) -> Vector:
        if node.function == "if":
            truth = self._value(node.arguments[0])
            then, otherwise = node.arguments[1:]
            arguments = [truth, self._guarded(then, truth, True), self._guarded(otherwise, truth, False)]
        else:
            arguments = [self._value(a) for a in node.arguments]
        if node.function == "number" and self._guards is not None:
            self._note_unreadable(node, arguments[0])
        if node.function == "text" or any(v.values.dtype == object for v in arguments):
            values, build = joined(arguments, self._n)
        else:
            values, build = aligned(arguments, self._n)
        return build(call(node.function, values))

    def _note_unreadable(self, node: Call, texts: Vector) -> None:
        bad = np.array([bool(t) and plain_number(t) is None for t in (v.strip(" ") for v in texts.values)], dtype=bool)
        mask = rows(texts.of(bad), self._n).copy()
        for guard in self._guards or ():
            mask &= rows(guard, self._n)
        if mask.any():
            codes = np.zeros(self._n, dtype="int8") if texts.codes is None else texts.codes
            found = texts.values[codes[mask]]
            self.unread.append(Unreadable(node.offset, source_text(node.arguments[0]), mask, found))

    def _comparison(self, node: Node) -> Vector:
        if isinstance(node, Compare):
            if (tested := node.missing_test) is not None:
                operand = self._value(tested)
                empty = is_missing(operand.values)
                return operand.of(np.where(empty == (node.operator == "=="), TRUE, FALSE))
            return self._compare(node.operator, self._value(node.left), self._value(node.right))
        if isinstance(node, In):
            operand = self._value(node.operand)
            truth = _is_in(operand.values, [v.value for v in node.values])
            return operand.of(TRUE - truth if node.negated else truth)
        assert isinstance(node, Between)
        operand = self._value(node.operand)
        ends = [
            self._compare(">=", operand, self._value(node.low)),
            self._compare("<=", operand, self._value(node.high)),
        ]
        (a, b), build = aligned(ends, self._n)
        truth = np.minimum(a, b)
        return build(TRUE - truth if node.negated else truth)

    def _compare(self, operator: str, left: Vector, right: Vector) -> Vector:
        if left.values.dtype != object:
            (a, b), build = aligned([left, right], self._n)
            return build(_truth(operator, a, b, np.isnan(a) | np.isnan(b)))
        # two texts: give both one numbering (by code point where order matters), then compare numbers
        both = _trimmed(np.concatenate([left.values, right.values]))
        numbers, _ = pd.factorize(both, sort=operator not in ("==", "!="))
        ranks = np.where(both == "", -1, numbers).astype("int32")
        split = len(left.values)
        (a, b), build = aligned([left.of(ranks[:split]), right.of(ranks[split:])], self._n)
        return build(_truth(operator, a, b, (a < 0) | (b < 0)))


_COMPARE: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _truth(operator: str, a: np.ndarray, b: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    truth = _COMPARE[operator](a, b).view("uint8") * TRUE
    truth[unknown] = UNKNOWN
    return truth


def _trimmed(texts: np.ndarray) -> np.ndarray:
    """Texts as comparisons see them: trailing blanks do not count, as in SAS and in a Dataset."""
    return np.array([t.rstrip(" ") for t in texts], dtype=object)


def _is_in(values: np.ndarray, wanted: list[str | float]) -> np.ndarray:
    """``==`` to each wanted value, joined by or; the wanted text '' is true where the text is missing."""
    if values.dtype == object:
        # a missing text is unknown to == 'A', but unknown or true is true: '' in the list decides alone
        terms = {str(w).rstrip(" ") for w in wanted}
        texts = _trimmed(values)
        return np.array([TRUE if v in terms else UNKNOWN if v == "" else FALSE for v in texts], dtype="uint8")
    truth = np.isin(values, np.array(wanted, dtype="float64")).view("uint8") * TRUE
    truth[np.isnan(values)] = UNKNOWN
    return truth
