"""Differences of computed numbers: what cancels out is 0, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns.rounding import difference, significant, total
from raw2adam.engine.expressions.kernels import compute
from raw2adam.mappings.expressions.expression import parse

THIRD = 100 / 3  # 33.33333333333333570
ROUNDED_THIRD = 33.3333333333  # the same number as a dataset holds it


@pytest.mark.parametrize(
    ("larger", "smaller", "gives"),
    [
        (THIRD, ROUNDED_THIRD, 0.0),
        (83.3333333333, 83.33333333333333, 0.0),
        (0.1 + 0.2, 0.3, 0.0),
        (1.2, 0.7, 0.5),  # 0.5 of binary doubles is 0.49999999999999994
        (2.55, 2.5, 0.05),
        (66.6666666667, 33.3333333333, 33.3333333334),
        (1e-9, 9e-10, 1e-10),
        (-4.1, -4.1, 0.0),
        (100.5, 100.4, 0.1),
        (123456789012345.0, 123456789012344.0, 1.0),  # whole numbers are exact, whatever their size
        (21976.0, 21975.0, 1.0),
        (0.5, 0.0, 0.5),
    ],
)
def test_a_difference_keeps_twelve_digits_of_the_larger_operand(larger: float, smaller: float, gives: float):
    """See docs/semantics.md S14."""
    assert difference(np.array([larger]), np.array([smaller]))[0] == gives
    assert difference(np.array([smaller]), np.array([larger]))[0] == -gives
    assert total(np.array([larger]), np.array([-smaller]))[0] == gives


def test_a_missing_operand_gives_a_missing_difference():
    assert np.isnan(difference(np.array([np.nan, 1.0]), np.array([1.0, np.nan]))).all()


@pytest.mark.parametrize(
    ("formula", "gives"),
    [("A - B", 0.0), ("100 * (A - B) / B", 0.0), ("A + -B", 0.0), ("abs(A - B)", 0.0), ("A - B + C", 2.5)],
)
def test_every_difference_of_a_formula_is_rounded(formula: str, gives: float):
    columns = {"A": pd.Series([THIRD]), "B": pd.Series([ROUNDED_THIRD]), "C": pd.Series([2.5])}
    assert compute(parse(formula), lambda name: columns[name], 1)[0] == gives


def test_rounding_by_a_power_of_ten_is_that_of_the_decimal_text():
    """Numbers of all sizes, the middle between two roundings, and the largest numbers below a power of ten."""
    random = np.random.default_rng(3)
    size = 10.0 ** random.integers(-25, 16, 2000)
    numbers = np.concatenate(
        [
            (random.random(2000) - 0.5) * size,
            np.round(random.random(2000), 12) + 5e-13,
            (random.integers(1, 10**12, 2000) * 2 + 1) * 0.5 * 10.0 ** random.integers(-20, 0, 2000),
            np.nextafter(10.0 ** np.arange(-20, 5), 0),
        ]
    )
    for digits in (3, 12):
        odd = numbers[numbers != np.trunc(numbers)]
        texts = [f"{x:.{digits - 1}e}" for x in odd.tolist()]
        np.testing.assert_array_equal(significant(odd, digits), np.array(texts, dtype="float64"))
