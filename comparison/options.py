"""The options of a comparison: the criterion for numbers and the attributes that are ignored.

Not for differences that a study accepts by name (accepted.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError, nearest

#: attributes of datasets and variables that --ignore can name
ATTRIBUTES = ("label", "type", "length", "format", "order")


@dataclass(frozen=True)
class Options:
    """``limit``: differences listed for each dataset, 0 for all; the counts are always full."""

    criterion: float = 1e-8
    relative: bool = False
    ignore: frozenset[str] = frozenset()
    limit: int = 100

    def __post_init__(self) -> None:
        if not (math.isfinite(self.criterion) and self.criterion >= 0):
            raise UsageError(f"--criterion {self.criterion}: a number of 0 or more was expected")
        if self.limit < 0:
            raise UsageError(f"--limit {self.limit}: 0 (all) or more was expected")
        for name in sorted(self.ignore - set(ATTRIBUTES)):
            hint = nearest(name, ATTRIBUTES)
            raise UsageError(
                f"--ignore {name}: expected some of {', '.join(ATTRIBUTES)}" + (f" ({hint})" if hint else "")
            )

    @property
    def method(self) -> str:
        """The rule for numbers, in words."""
        if self.relative:
            return f"|base - compare| <= {self.criterion:g} x (|base| + |compare|) / 2"
        return f"|base - compare| <= {self.criterion:g}"

    def unequal(self, base: np.ndarray, compare: np.ndarray) -> np.ndarray:
        """Where two float64 arrays differ. Missing equals missing and nothing else.

        Absolute as PROC COMPARE METHOD=ABSOLUTE CRITERION=, relative as METHOD=RELATIVE with no delta.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            bound = self.criterion * (np.abs(base) + np.abs(compare)) / 2 if self.relative else self.criterion
            out = ~(np.abs(base - compare) <= bound)  # a missing one makes the comparison false
            if out.any():
                at = np.flatnonzero(out)
                a, b = base[at], compare[at]
                out[at] = (a != b) & ~(np.isnan(a) & np.isnan(b))
        return out
