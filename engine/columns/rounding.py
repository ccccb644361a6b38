"""Rounding of computed numbers, the same on every processor.

Not for how numbers are written (number_text.py) nor for decimals of units (sdtm/derivations/units.py).
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

#: significant digits that a computed number keeps
DIGITS = 12
#: significant digits that a collected number keeps: a float64 holds every decimal of so many
COLLECTED_DIGITS = 15
#: a product of twelve digits has an error of at most 0.0001
_NEAR_HALF = 0.001
#: a smaller float64 has fewer digits
_TINY = 1e-300

#: 1e-22 .. 1e22: 10 to these powers, and so a number times or over one of them, is exact but for one rounding
_LOWEST, _HIGHEST = -22, 22
_POWERS = np.array([float(f"1e{e}") for e in range(_LOWEST, _HIGHEST + 1)])


def significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Floats rounded to ``digits`` significant digits; whole numbers, zeros, NaN and infinities stay as they are.

    See docs/semantics.md S13.
    """
    out = np.asarray(values, dtype="float64").copy()
    odd = np.flatnonzero(np.isfinite(out) & (out != np.trunc(out)))
    if len(odd):
        rounded, sure = _scaled(out[odd], digits)
        out[odd[sure]] = rounded[sure]
        # the decimal text of 12 digits, read back: the same on every processor, unlike log10 and power
        unique, at = np.unique(out[odd[~sure]], return_inverse=True)
        texts = [f"{x:.{digits - 1}e}" for x in unique.tolist()]
        out[odd[~sure]] = np.array(texts, dtype="float64")[at]
    out[out == 0] = 0.0
    return out


def as_written(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """``values``, but those of ``others`` where both have the same 12 significant digits, so that they compare equal.

    Shapes: both alike. See docs/semantics.md S13.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(values - others)
        near = (apart > 0) & (apart <= 1e-11 * np.abs(others))
    if not near.any():
        return values
    out = values.copy()
    at = np.flatnonzero(near)
    equal = at[significant(values[at]) == significant(others[at])]
    out[equal] = others[equal]
    return out


def _scaled(values: np.ndarray, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """(values rounded by a power of ten, where that is the number that the decimal text of so many digits gives).

    The product with the power and the quotient by it have one rounding error each. Where the product is not near the
    middle between two whole numbers, it has the right whole number, and the quotient is the float64 of the decimal.
    Where the quotient is the value itself, the value has no more digits, whatever the error of the product: most
    collected numbers.
    """
    size = np.abs(values)
    powers = digits - 1 - (np.searchsorted(_POWERS, size, side="right") - 1 + _LOWEST)
    sure = (size >= _POWERS[0]) & (np.abs(powers) <= _HIGHEST)
    power = _POWERS[np.where(sure, np.abs(powers), 0) - _LOWEST]
    up = powers >= 0
    product = np.where(up, values * power, values / power)
    whole = np.rint(product)
    rounded = np.where(up, whole / power, whole * power)
    clear = np.abs(np.abs(product - whole) - 0.5) > _NEAR_HALF if digits <= DIGITS else False
    return rounded, sure & (clear | (up & (rounded == values)))


def collected_digits(value: Decimal) -> str:
    """A collected number as it is stored, if that is another number than collected; '' if it is the same.

    A whole number keeps all its digits where a float64 has exactly that one, as 72057594037927936.
    """
    number = float(value)
    few = len(value.as_tuple().digits) <= COLLECTED_DIGITS and abs(number) > _TINY
    if few or value == Decimal(number):
        return ""
    stored = float(significant(np.array([number]), COLLECTED_DIGITS)[0])
    return "" if value == Decimal(repr(stored)) else repr(stored)


def as_collected(value: Decimal) -> float:
    """A collected number as it is stored; infinite beyond float64."""
    return float(collected_digits(value) or value)


def total(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a + b, rounded to the 12th significant digit of the larger operand.

    If the operands cancel out, the digits below that are the error of the operands and no value: 0.3 + -0.3
    is 0, and 83.3333333333 - 83.3333333333333 too. Sums of whole numbers are exact and stay as they are.

    See docs/semantics.md S14.
    """
    with np.errstate(all="ignore"):
        result = np.asarray(a + b, dtype="float64")
        odd = np.flatnonzero(np.isfinite(result) & (result != np.trunc(result)))
        if not len(odd):
            return result
        larger = np.maximum(np.abs(a[odd]), np.abs(b[odd]))
        decimals = DIGITS - 1 - (np.searchsorted(_POWERS, larger, side="right") - 1 + _LOWEST)
        decimals = np.clip(decimals, 0, _HIGHEST)
        power = _POWERS[decimals - _LOWEST]
        result[odd] = np.rint(result[odd] * power) / power + 0.0
    return result


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b, rounded as ``total``, so that equal values differ by 0 and not by -1.4e-14."""
    return total(a, -b)
