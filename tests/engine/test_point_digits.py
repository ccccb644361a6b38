"""Digits before and after the point, as define.xml counts them, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.engine.columns.point_digits import digits_of

NAN = float("nan")


@pytest.mark.parametrize(
    ("numbers", "before", "after"),
    [
        ([], 0, 0),
        ([NAN], 0, 0),
        ([0.0], 1, 0),
        ([-1234.0, 5.25], 4, 2),
        ([0.1, 0.30000000000000004], 1, 17),
        ([1e-7, 12.5], 2, 7),
        ([1.5e-30], 1, 31),
        ([4503599627370495.5], 16, 1),
        ([123456789.123457, 0.5], 9, 6),
        ([2 / 3], 1, 16),
    ],
)
def test_digits(numbers: list[float], before: int, after: int) -> None:
    assert digits_of(np.array(numbers, dtype="float64")) == (before, after)
