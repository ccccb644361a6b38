"""How many digits numbers have before and after the point, as define.xml counts them.

Not for rounding (rounding.py) nor for how a number is written (mappings/expressions/number_text.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from ...mappings.expressions.number_text import number_text

#: powers of ten that a float64 holds exactly
_EXACT_POWERS = 22
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def without_exponent(number: float) -> str:
    """A number as text: 1e-08 is 0.00000001, with eight digits after the point."""
    text = number_text(number)
    return f"{Decimal(text):f}" if "e" in text else text


def is_number(text: str) -> bool:
    """Whether a text is a number as people write one: no sign but minus, no leading zeros, no exponent."""
    return _NUMBER.fullmatch(text) is not None


def point_digits(texts: Iterable[str]) -> tuple[int, int]:
    """(most digits before the point, most after it) of numbers without exponent; (0, 0) without a number."""
    parts = [text.lstrip("-").partition(".") for text in texts]
    return max((len(p[0]) for p in parts), default=0), max((len(p[2]) for p in parts), default=0)


def digits_of(numbers: np.ndarray) -> tuple[int, int]:
    """``point_digits`` of the filled ones of ``numbers`` (float64)."""
    filled = numbers[~np.isnan(numbers)]
    if not len(filled):
        return 0, 0
    before, after = point_digits(map(without_exponent, (float(filled.min()), float(filled.max()))))
    return before, max(after, _digits_after(np.abs(filled[filled != np.trunc(filled)])))


def _digits_after(numbers: np.ndarray) -> int:
    """The most digits after the point of positive numbers with a fraction, each the nearest to its text.

    A number below 2 ** 53 / 10 ** k is the nearest to a text of k digits after the point exactly if it is its whole
    number of 10 ** -k, since both are exact; the texts of larger ones are written.
    """
    rest, most = numbers, 0
    hard: list[np.ndarray] = []
    for digits in range(1, _EXACT_POWERS + 1):
        scaled = rest * 10.0**digits
        exact = scaled < 2.0**53
        hard.append(rest[~exact])
        rest, scaled = rest[exact], scaled[exact]
        equal = np.rint(scaled) / 10.0**digits == rest
        most = digits if equal.any() else most
        rest = rest[~equal]
        if not len(rest):
            break
    written = np.unique(np.concatenate([*hard, rest]))
    return max(most, point_digits(map(without_exponent, written.tolist()))[1])
