"""Evaluates many conditions over one table: columns are loaded one time, and equal parts are evaluated one time.

For checks, which read finished values: no cell is read by a declaration. Not for the rules of a spec (kernels.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from ...mappings.expressions.expression import Expression, ExpressionError, Wanted, parse
from ...mappings.expressions.tree import Literal, Name, Node
from .kernels import ColumnSource, Evaluation
from .truth import TRUE
from .vectors import Vector, constant, rows


class SharedParts:
    """The parts of expressions over one table of ``n`` records.

    ``vector``: a column by its name, with texts that have no trailing blanks; the same object at each call. KeyError
    for a name that the table has not.
    """

    def __init__(self, n: int, vector: Callable[[str], Vector]) -> None:
        self.n, self.vector = n, vector
        self.evaluated: dict[Node, Vector] = {}

    def truth(self, expr: Expression) -> Vector:
        """The value of a condition for each record: FALSE, UNKNOWN or TRUE.

        Raises ExpressionError where a column does not exist or the types do not fit.
        """
        return _OverParts(expr, self).result

    def true(self, expr: Expression) -> np.ndarray | None:
        """Where the condition is true; None where it is nowhere."""
        return where(self.truth(expr), TRUE, self.n)


def where(vector: Vector, value: np.uint8, n: int) -> np.ndarray | None:
    """Where a condition has this truth; None where it has it nowhere."""
    here = vector.values == value
    if not here.any():
        return None
    found = rows(vector.of(here), n)
    return found if found.any() else None


def violated(when: Vector | None, requires: Vector, n: int) -> np.ndarray | None:
    """Where the first condition is true, if there is one, and the second is not; None where that is nowhere."""
    if not (requires.values != TRUE).any() or (when is not None and not (when.values == TRUE).any()):
        return None
    found = rows(requires.of(requires.values != TRUE), n)
    if when is not None:
        found = found & rows(when.of(when.values == TRUE), n)
    return found if found.any() else None


class _OverParts(Evaluation):
    def __init__(self, expr: Expression, parts: SharedParts) -> None:
        self._parts = parts
        super().__init__(expr, _no_column, parts.n, "condition", None)

    @property
    def result(self) -> Vector:
        return self._result

    def _load(self, name: str, column: ColumnSource) -> Vector:
        return self._parts.vector(name)

    def _check(self, expr: Expression, types: Mapping[str, str], wanted: Wanted | None) -> None:
        mistake = _mistake(expr.text, tuple(types.items()))
        if mistake is not None:
            raise ExpressionError(*mistake)

    def _value(self, node: Node) -> Vector:
        if isinstance(node, Literal):
            return constant(node.value)
        if isinstance(node, Name):
            return self._columns[node.name]
        found = self._parts.evaluated.get(node)
        if found is None:
            found = self._evaluate(node)
            if not found.whole:  # few values; one value for each record is computed again
                self._parts.evaluated[node] = found
        return found


def _no_column(name: str) -> np.ndarray:
    raise KeyError(name)


@lru_cache(maxsize=4096)
def _mistake(text: str, types: tuple[tuple[str, str], ...]) -> tuple[str, int, str] | None:
    """The first error of a condition over columns of these types."""
    for problem in parse(text).check(dict(types), "condition")[1]:
        if problem.severity == "error":
            return problem.message, problem.offset, problem.hint
    return None
