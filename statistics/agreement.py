"""Agreement of two ratings of the same subjects: the table, the share of equal ratings, and Cohen's kappa.

Not for text: kappa and its limits are numbers, NaN where they do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """``table``: subjects by first (row) and second rating. ``missing``: subjects without one of the two.

    ``equal``: subjects with equal ratings; ``n``: subjects in the table.
    """

    table: np.ndarray
    missing: int
    n: int
    equal: int


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Cohen's kappa, its standard error, and its limits; NaN where it is not defined."""

    kappa: float
    error: float
    lower: float
    upper: float


def agreement(first: np.ndarray, second: np.ndarray, categories: int) -> Agreement:
    """The table of two ratings, as codes from 0 in the order of the categories, -1 where a rating is missing.

    Raises ValueError for a code below -1, or one that is not below ``categories``.
    """
    first, second = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    for codes in (first, second):
        if codes.size and (codes.min() < -1 or codes.max() >= categories):
            raise ValueError(f"a rating has a code outside of -1 to {categories - 1}")
    both = (first >= 0) & (second >= 0)
    cells = np.bincount(first[both] * categories + second[both], minlength=categories * categories)
    table = cells.reshape(categories, categories)
    return Agreement(table=table, missing=int((~both).sum()), n=int(table.sum()), equal=int(np.trace(table)))


def kappa(table: np.ndarray, weights: Literal["linear", "quadratic"] | None = None, level: float = 0.95) -> Kappa:
    """Cohen's kappa of a square table, with the standard error of Fleiss, Cohen and Everitt (Psychol Bull 1969;72:323).

    ``weights``: None counts equal ratings only; ``linear`` are the weights of Cicchetti and Allison, ``quadratic`` of
    Fleiss and Cohen, by the distance of the categories. The limits are kappa plus and minus the normal quantile times
    the error, as in SAS; they may exceed 1. NaN where kappa is not defined: an empty table, or one category alone in
    both ratings.
    """
    from scipy.special import ndtri
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.asarray(table, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError("a table of agreement has as many rows as columns")
    used = (table.sum(axis=0) > 0) | (table.sum(axis=1) > 0)
    if used.sum() < 2:
        return Kappa(kappa=float("nan"), error=float("nan"), lower=float("nan"), upper=float("nan"))
    result = cohens_kappa(table, wt=weights)
    value = float(result["kappa"])
    error = (
        max(float(result["var_kappa"]), 0.0) ** 0.5
    )  # rounding gives a variance just below 0 if all ratings are equal
    half = float(ndtri((1 + level) / 2)) * error
    return Kappa(kappa=value, error=error, lower=value - half, upper=value + half)
