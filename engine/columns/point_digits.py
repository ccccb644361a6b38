"""How many digits numbers have before and after the point, as define.xml counts them.

Not for rounding (rounding.py) nor for how a number is written (mappings/expressions/number_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from ...mappings.expressions.number_text import number_text

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def without_exponent(number: float) -> str:
    """A number as text: 1e-08 is 0.00000001, with eight digits after the point."""
    text = number_text(number)
    return f"{Decimal(text):f}" if "e" in text else text


def is_number(text: str) -> bool:
    """Whether a text is a number as people write one: no sign but minus, no leading zeros, no exponent."""
    return _NUMBER.fullmatch(text) is not None


def deciding_digits(unique: np.ndarray) -> np.ndarray:
    """Of different numbers in ascending order those that decide digits: with a fraction, and the extremes."""
    fractions = unique[unique != np.trunc(unique)]
    return np.concatenate([unique[:1], unique[-1:], fractions])


def point_digits(texts: Iterable[str]) -> tuple[int, int]:
    """(most digits before the point, most after it) of numbers without exponent; (0, 0) without a number."""
    parts = [text.lstrip("-").partition(".") for text in texts]
    return max((len(p[0]) for p in parts), default=0), max((len(p[2]) for p in parts), default=0)


def digits_of(numbers: np.ndarray) -> tuple[int, int]:
    """``point_digits`` of the filled ones of ``numbers`` (float64)."""
    unique = np.unique(numbers[~np.isnan(numbers)])
    return point_digits(without_exponent(x) for x in deciding_digits(unique).tolist())
