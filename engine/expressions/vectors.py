"""Values of one part of an expression for all records: unique values and codes, one value per record, or a constant.

Not for text columns of datasets (engine/columns/column.py), nor for functions (functions.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: up to so many combinations of unique values are all computed; above, only those that occur
_SMALL_PRODUCT = 2_048


@dataclass(frozen=True, eq=False)
class Vector:
    """``values[codes]`` where there are codes; ``values`` itself, one per record, where ``whole``; else a constant.

    ``values``: object (str, '' missing), float64 (NaN missing), uint8 (truth: 0 false, 1 unknown, 2 true) or bool.
    Vectors with the same codes array can be combined value by value.
    """

    values: np.ndarray
    codes: np.ndarray | None = None
    whole: bool = False

    def of(self, values: np.ndarray) -> Vector:
        """Other values with the same codes."""
        return Vector(values, self.codes, self.whole)


Build = Callable[[np.ndarray], Vector]


def constant(value: str | float) -> Vector:
    """One value for all records."""
    return Vector(np.array([value], dtype=object if isinstance(value, str) else "float64"))


def rows(vector: Vector, n: int) -> np.ndarray:
    """One value per record, (n,)."""
    if vector.codes is not None:
        return vector.values.take(vector.codes)
    return vector.values if vector.whole else np.full(n, vector.values[0], dtype=vector.values.dtype)


def _with_shared_codes(vectors: list[Vector]) -> Vector | None:
    """A vector whose codes all share, constants aside; None when two have different codes."""
    variable = [v for v in vectors if v.codes is not None or v.whole]
    if not variable:
        return vectors[0]
    first = variable[0]
    same = all(v.codes is first.codes and v.whole == first.whole for v in variable)
    return first if same else None


def aligned(vectors: list[Vector], n: int) -> tuple[list[np.ndarray], Build]:
    """(arrays that can be combined element by element, the function that turns the result into a Vector)."""
    shared = _with_shared_codes(vectors)
    if shared is not None:
        size = len(shared.values)
        return [
            v.values if len(v.values) == size else np.full(size, v.values[0], dtype=v.values.dtype) for v in vectors
        ], shared.of
    return [rows(v, n) for v in vectors], lambda values: Vector(values, None, whole=True)


def joined(vectors: list[Vector], n: int) -> tuple[list[np.ndarray], Build]:
    """As ``aligned``, over the unique combinations of values: for texts, which are never expanded to records."""
    if _with_shared_codes(vectors) is not None and not any(v.whole for v in vectors):
        return aligned(vectors, n)
    columns: list[np.ndarray] = []
    codes: np.ndarray | None = None
    size = 1
    for vector in vectors:
        if vector.codes is None and not vector.whole:
            columns.append(np.broadcast_to(vector.values, size))
            continue
        new_codes, unique = (vector.codes, vector.values) if vector.codes is not None else _factorized(vector.values)
        assert new_codes is not None
        if codes is None:
            codes, size = new_codes, len(unique)
            columns = [np.broadcast_to(c[:1], size) for c in columns] + [unique]
            continue
        pairs = codes.astype("int64") * len(unique) + new_codes
        if size * len(unique) <= _SMALL_PRODUCT:
            codes, found = pairs, np.arange(size * len(unique))
        else:
            codes, found = pd.factorize(pairs)
        columns = [c[found // max(len(unique), 1)] for c in columns] + [unique[found % max(len(unique), 1)]]
        size = len(found)
    shared = codes
    return columns, lambda values: Vector(values, shared)


def _factorized(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes, unique = pd.factorize(values, use_na_sentinel=False)
    return codes, np.asarray(unique)
