"""Evaluates a parsed condition or formula over columns, each step for all records at once.

Not for the language itself (mappings/expressions/expression.py, docs/expressions.md) nor for its functions
(functions.py, text_functions.py). Truth has three values (false, unknown, true), so Kleene's and, or, not are minimum,
maximum and 2 - x. See docs/semantics.md S5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from ...mappings.expressions.expression import Expression, ExpressionError, Wanted
from ...mappings.expressions.tree import (
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
from ..columns.column import floats, is_number, join_text, split_text
from ..columns.rounding import as_written, significant
from ..tables.raw_cells import RawCells
from .cells import READS, CellReading, KnownCells, Unreadable, compared
from .functions import arithmetic, call, compare_dates
from .relevant_cells import RelevantCells
from .text_functions import TextTooLong
from .truth import FALSE, TRUE, UNKNOWN, is_missing
from .vectors import Vector, aligned, constant, joined, rows

ColumnSource = Callable[[str], "pd.Series | np.ndarray"]


def condition(expr: Expression, column: ColumnSource, n: int, known: KnownCells | None = None) -> np.ndarray:
    """Where the condition is true, bool (n,); unknown counts as false.

    ``column`` gives each name in ``expr.names`` as n values: text (category of str, or str) or numbers. ``known``: the
    raw cells behind names and their declarations; without it every text is read without declarations.
    Raises ExpressionError when a column does not exist (KeyError of ``column``), the types do not fit, or the
    expression is not a condition; ValueError when a column has not n values.
    """
    return evaluate(expr, column, n, "condition", known).truth == TRUE


def compute(expr: Expression, column: ColumnSource, n: int, known: KnownCells | None = None) -> pd.Series:
    """The formula's value for each record: text as category of str ('' missing), numbers as float64 (NaN missing).

    Raises as ``condition`` does, and ExpressionError when the expression is a condition.
    """
    return evaluate(expr, column, n, "formula", known).values


def unreadable(expr: Expression, column: ColumnSource, n: int, known: KnownCells | None = None) -> list[Unreadable]:
    """What an expression of any type could not read; see ``Evaluation.unreadable``."""
    return evaluate(expr, column, n, None, known).unreadable()


def evaluate(
    expr: Expression, column: ColumnSource, n: int, wanted: Wanted | None, known: KnownCells | None = None
) -> Evaluation:
    """The expression over all records; raises as ``condition`` and ``compute`` do, by ``wanted``."""
    return Evaluation(expr, column, n, wanted, known)


class Evaluation:
    """One pass over the tree. Each column is loaded once, so that parts over one column share its codes."""

    def __init__(self, expr: Expression, column: ColumnSource, n: int, wanted: Wanted | None, known: KnownCells | None):
        self._n = n
        self._root = expr.root
        self._columns: dict[str, Vector] = {}
        self._evaluated: dict[int, Vector] = {}  # by the id of the node
        for name in expr.names:
            try:
                self._columns[name] = self._load(name, column)
            except KeyError:
                offset = next(n.offset for n, _ in walk(expr.root) if isinstance(n, Name) and n.name == name)
                raise ExpressionError(f"there is no column {name!r}", offset) from None
        types = {name: "text" if v.values.dtype == object else "number" for name, v in self._columns.items()}
        self._check(expr, types, wanted)
        self._reading = CellReading(n, known, self._value)
        self._result = self._value(expr.root)

    @property
    def truth(self) -> np.ndarray:
        """A condition's value for each record: FALSE, UNKNOWN or TRUE."""
        return rows(self._result, self._n)

    @property
    def values(self) -> pd.Series:
        """The value of a formula for each record, as ``compute`` gives it."""
        vector = self._result
        if vector.values.dtype != object:
            return pd.Series(rows(vector, self._n))
        codes = np.zeros(self._n, dtype="int8") if vector.codes is None else vector.codes
        return join_text(codes, _trimmed(vector.values))

    @property
    def cells(self) -> RawCells:
        """The raw cells whose texts a formula gives."""
        return self._reading.cells(self._root)

    def unreadable(self) -> list[Unreadable]:
        """Filled texts that could not be read as numbers or dates, one entry per part that read any; for findings.

        A record counts only where the part matters for the result (relevant_cells.py).
        """
        return RelevantCells(self._n, self._value).under(self._root, self._reading.refused)

    def shortened(self) -> list[Unreadable]:
        """Numbers that were read with fewer digits than their texts have; otherwise as ``unreadable``."""
        return RelevantCells(self._n, self._value).shortened(self._root, self._reading.shortened)

    def divided_by_zero(self) -> np.ndarray:
        """The records whose value is missing because of a division by 0; for findings."""
        return RelevantCells(self._n, self._value).divisions(self._root)

    def _check(self, expr: Expression, types: Mapping[str, str], wanted: Wanted | None) -> None:
        for problem in expr.check(types, wanted)[1]:
            if problem.severity == "error":
                raise ExpressionError(problem.message, problem.offset, problem.hint)

    def _load(self, name: str, column: ColumnSource) -> Vector:
        """A column; KeyError where there is none."""
        values = column(name)
        if len(values) != self._n:
            raise ValueError(f"column {name} has {len(values)} values, expected {self._n}")
        if is_number(values):
            return Vector(floats(values), None, whole=True)
        codes, texts = split_text(values if isinstance(values, pd.Series) else pd.Series(values))
        if len(texts) > 2 * self._n:  # a small part of a large table: only the texts that occur
            codes, used = pd.factorize(codes)
            texts = texts[used]
        return Vector(_trimmed(texts), codes)

    def _value(self, node: Node) -> Vector:
        if isinstance(node, Literal):
            return constant(node.value)
        if isinstance(node, Name):
            return self._columns[node.name]
        if id(node) not in self._evaluated:
            self._evaluated[id(node)] = self._evaluate(node)
        return self._evaluated[id(node)]

    def _evaluate(self, node: Node) -> Vector:
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
            (a, b), build = aligned([total, self._value(item)], self._n)
            total = build(merge(a, b))
        return total

    def _call(self, node: Call) -> Vector:
        kind = READS.get(node.function)
        if kind is not None:
            arguments = [self._reading.read(node, kind, a) for a in node.arguments]
            if kind == "number":
                return arguments[0]
        elif node.function in ("min", "max") and self._reading.as_dates(node.arguments):
            arguments = [self._reading.read(node, "date", a) for a in node.arguments]
        else:
            arguments = [self._value(a) for a in node.arguments]
        if node.function == "extract":
            self._reading.note_unmatched(node, arguments[0])
        if node.function == "text" or any(v.values.dtype == object for v in arguments):
            values, build = joined(arguments, self._n)
        else:
            values, build = aligned(arguments, self._n)
        try:
            return build(call(node.function, values))
        except TextTooLong as error:
            raise ExpressionError(
                str(error), node.offset, "shorten it: a variable has at most 200 characters of a text"
            ) from None

    def _comparison(self, node: Node) -> Vector:
        if isinstance(node, Compare) and (tested := node.missing_test) is not None:
            operand = self._value(tested)
            empty = is_missing(operand.values)
            return operand.of(np.where(empty == (node.operator == "=="), TRUE, FALSE))
        parts = compared(node)
        if self._reading.as_dates(parts):
            return self._dates(node, parts)
        if isinstance(node, Compare):
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

    def _dates(self, node: Node, parts: Sequence[Node]) -> Vector:
        """A comparison of dates, as exact as the less exact of the two; unknown where they do not decide it."""
        operand, *others = [self._reading.read(node, "date", p) for p in parts]
        of_spec = [isinstance(p, Literal) for p in parts]
        if isinstance(node, Compare):
            operators = [node.operator]
        else:
            operators = ["=="] * len(others) if isinstance(node, In) else [">=", "<="]
        truths = [
            self._compare_dates(operator, operand, other, (of_spec[0], literal))
            for operator, other, literal in zip(operators, others, of_spec[1:], strict=True)
        ]
        truth = self._junction_of(truths, np.maximum if isinstance(node, In) else np.minimum)
        negated = not isinstance(node, Compare) and node.negated  # pyright: ignore[reportAttributeAccessIssue]
        return truth.of(TRUE - truth.values) if negated else truth

    def _junction_of(self, parts: list[Vector], merge: np.ufunc) -> Vector:
        values, build = aligned(parts, self._n)
        return build(merge.reduce(values))

    def _compare_dates(self, operator: str, left: Vector, right: Vector, periods: tuple[bool, bool]) -> Vector:
        (first, second), build = joined([left, right], self._n)
        return build(compare_dates(operator, first, second, periods))

    def _compare(self, operator: str, left: Vector, right: Vector) -> Vector:
        if left.values.dtype != object:
            (a, b), build = aligned([left, right], self._n)
            return build(_truth(operator, as_written(a, b), b, np.isnan(a) | np.isnan(b)))
        # two texts: number all texts (by code point where order matters), then compare the numbers
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
    """Texts for a comparison: without trailing blanks, which do not count, as in SAS and in a Dataset.

    See docs/semantics.md S3.
    """
    return np.array([t.rstrip(" ") for t in texts], dtype=object)


def _is_in(values: np.ndarray, wanted: list[str | float]) -> np.ndarray:
    """``==`` to each wanted value, joined by or; the wanted text '' is true where the text is missing."""
    if values.dtype == object:
        # a missing text is unknown to == 'A', but unknown or true is true: '' in the list decides alone
        terms = {str(w).rstrip(" ") for w in wanted}
        texts = _trimmed(values)
        return np.array([TRUE if v in terms else UNKNOWN if v == "" else FALSE for v in texts], dtype="uint8")
    truth = np.isin(significant(values), significant(np.array(wanted, dtype="float64"))).view("uint8") * TRUE
    truth[np.isnan(values)] = UNKNOWN
    return truth
