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

    table = np.asarray(table, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError("a table of agreement has as many rows as columns")
    used = (table.sum(axis=0) > 0) | (table.sum(axis=1) > 0)
    if used.sum() < 2:
        return Kappa(kappa=float("nan"), error=float("nan"), lower=float("nan"), upper=float("nan"))
    share = table / table.sum()
    row, column = share.sum(axis=1), share.sum(axis=0)
    weight = _weights(len(table), weights)
    observed, expected = float((weight * share).sum()), float(row @ weight @ column)
    value = (observed - expected) / (1 - expected)
    # of each cell, what one more subject in it changes; the means of the weights are taken over the other rating
    means = (weight @ column)[:, None] + (row @ weight)[None, :]
    change = (share * (weight - means * (1 - value)) ** 2).sum() - (value - expected * (1 - value)) ** 2
    # rounding gives a variance just below 0 if all ratings are equal
    error = max(float(change), 0.0) ** 0.5 / (1 - expected) / float(table.sum()) ** 0.5
    half = float(ndtri((1 + level) / 2)) * error
    return Kappa(kappa=value, error=error, lower=value - half, upper=value + half)


def _weights(categories: int, kind: Literal["linear", "quadratic"] | None) -> np.ndarray:
    """The weight of each pair of ratings: 1 if they are equal, 0 if they are the first and the last category."""
    if kind is None:
        return np.eye(categories)
    place = np.arange(categories)
    distance = np.abs(place[:, None] - place[None, :]) / (categories - 1)
    return 1 - (distance if kind == "linear" else distance**2)
