"""The three values of truth, and where values are missing.

Not for and, or, not (kernels.py).
"""

from __future__ import annotations

import numpy as np

FALSE, UNKNOWN, TRUE = np.uint8(0), np.uint8(1), np.uint8(2)

Arrays = list[np.ndarray]


def is_missing(values: np.ndarray) -> np.ndarray:
    """Where values are missing: texts of white space only, numbers NaN (docs/semantics.md S1)."""
    if values.dtype == object:
        return np.array([not t.strip() for t in values], dtype=bool)
    return np.isnan(values)
