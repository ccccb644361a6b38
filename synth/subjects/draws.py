"""Random whole numbers, the same on every machine.

Not for numpy's distributions: their algorithms may change between numpy releases, and they use floats. This module uses
only the bit stream of PCG64 and SeedSequence, which numpy promises to keep stable (NEP 19), and integer arithmetic.
"""

from __future__ import annotations

import numpy as np

#: One stream per concern: a new form does not change the older forms. Append; never renumber.
CONCERNS = {
    "cohort": 1,
    "demographics": 2,
    "disease": 3,
    "follow-up": 4,
    "assessments": 5,
    "subsequent therapy": 6,
    "dosing": 7,
    "partner drugs": 8,
    "adverse events": 9,
    "death": 10,
    "site habits": 11,
    "dirt": 12,
    "history": 13,
    "prior lines": 14,
    "comorbidity": 15,
    "visits": 16,
    "disease values": 17,
    "local laboratory": 18,
    "marrow": 19,
    "imaging": 20,
    "vital signs": 21,
    "survival follow-up": 22,
    "concomitant medication": 23,
    "procedures": 24,
    "questionnaires": 25,
    "eligibility": 26,
    "continuity": 27,
}

Size = int | tuple[int, ...]


class Draws:
    """A stream of draws for one concern. A concern has several streams, with different ``part``."""

    def __init__(self, seed: int, concern: str, part: int = 0):
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(CONCERNS[concern], part)))

    def below(self, bound: int | np.ndarray, size: Size) -> np.ndarray:
        """Whole numbers from 0 to ``bound`` - 1 (int64); ``bound`` is from 1 to 2**31 - 1, or one per element."""
        raw = self._bits.random_raw(size) >> np.uint64(32)
        return ((raw * np.asarray(bound, dtype=np.uint64)) >> np.uint64(32)).astype(np.int64)

    def between(self, low: int, high: int, size: Size) -> np.ndarray:
        """Whole numbers from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1, size)

    def chance(self, permille: int | np.ndarray, size: Size) -> np.ndarray:
        """True with a probability of ``permille`` / 1000."""
        return self.below(1000, size) < permille

    def pick(self, weights: tuple[int, ...], size: Size) -> np.ndarray:
        """Positions in ``weights``, in proportion to the weights."""
        edges = np.cumsum(weights)
        return np.searchsorted(edges, self.below(int(edges[-1]), size), side="right").astype(np.int64)

    def quantile(self, knots: tuple[tuple[int, int], ...], size: Size) -> np.ndarray:
        """Draws from a distribution with the quantiles ``knots``: (permille, value), straight lines between them."""
        at = np.array([p * 1000 for p, _ in knots], dtype=np.int64)
        values = np.array([v for _, v in knots], dtype=np.int64)
        p = self.below(1_000_000, size)
        upper = np.clip(np.searchsorted(at, p, side="right"), 1, len(at) - 1)
        lower = upper - 1
        return values[lower] + (values[upper] - values[lower]) * (p - at[lower]) // (at[upper] - at[lower])
