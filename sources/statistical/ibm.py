"""IBM hexadecimal doubles, the numbers of SAS transport files, from and to IEEE doubles, a whole array at a time.

Not for files or for missing-value rules of a study: NaN is SAS '.', and that is all that is known here.

The format (SAS TS-140, "Numeric data fields"): 1 sign bit, 7 bits exponent E, 56 bits fraction F, big-endian; the
value is F / 2**56 * 16**(E - 64). A normalised F has a non-zero first hexadecimal digit, so F >= 2**52. IEEE's 53
significant bits always fit into F, so every double in range converts exactly, and only shifts of bits are needed:
no logarithm or power, whose last bit differs from one processor to another.
"""

from __future__ import annotations

import numpy as np

#: The smallest and the largest magnitude (other than 0) of a normalised IBM double, as IEEE doubles.
SMALLEST = 2.0**-260
LARGEST = (2.0 - 2.0**-52) * 2.0**251

#: SAS missing '.': the character as first byte, then a zero fraction.
MISSING = np.uint64(0x2E) << np.uint64(56)

_SIGN = np.uint64(1) << np.uint64(63)
_HIDDEN = np.uint64(1) << np.uint64(52)  # IEEE's leading 1, which is not stored
_FRACTION = _HIDDEN - np.uint64(1)
_IBM_FRACTION = (np.uint64(1) << np.uint64(56)) - np.uint64(1)
_EXPONENT_11 = np.uint64(0x7FF)
_EXPONENT_7 = np.uint64(0x7F)
# IEEE: (2**52 | f) * 2**(e - 1075). IBM: ((2**52 | f) << s) * 2**(4*E - 312), so 4*E + s = e - 763 with s in 0..3
_BIAS = np.uint64(763)
_HIGHEST = np.uint64(4 * 127 + 3)
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)
_52, _56 = np.uint64(52), np.uint64(56)

#: First bytes that, before a zero fraction, mark a missing value: '.', '_' and 'A' to 'Z'.
_MISSING_BYTES = np.zeros(256, dtype=bool)
_MISSING_BYTES[list(b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = True


class NotRepresentable(ValueError):
    """A double that no normalised IBM double equals. ``position``: index of the first such value in the array."""

    def __init__(self, position: int, reason: str):
        self.position = position
        self.reason = reason
        super().__init__(f"value at {position} {reason}")


def ieee_to_ibm(values: np.ndarray) -> np.ndarray:
    """One-dimensional float64 to uint64, whose bytes from the highest to the lowest are the IBM double.

    Store them as '>u8'. NaN becomes SAS missing '.', -0.0 becomes 0. Raises NotRepresentable for an infinity and for
    magnitudes above LARGEST or, other than 0, below SMALLEST (all IEEE subnormals are).
    """
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.uint64)
    power = bits >> _52
    power &= _EXPONENT_11
    power -= _BIAS  # too small wraps round to a huge number, so one comparison finds too small and too large
    outside = power > _HIGHEST
    words = bits & _FRACTION
    words |= _HIDDEN
    words <<= power & _THREE
    words |= (power >> _TWO) << _56
    words |= bits & _SIGN
    if outside.any():
        missing = np.isnan(values)
        zero = (bits << _ONE) == 0
        words[missing] = MISSING
        words[zero] = 0
        outside &= ~(missing | zero)
        if outside.any():
            position = int(outside.argmax())
            raise NotRepresentable(position, not_representable(float(values[position])))
    return words


def ibm_to_ieee(words: np.ndarray) -> np.ndarray:
    """uint64 IBM doubles (as numbers, not bytes: read them as '>u8') to float64 of the same shape.

    '.', '._' and '.A' to '.Z' become NaN; any other zero fraction is 0. A fraction of more than 53 significant bits is
    rounded to the nearest double, ties to even. Numbers stored in fewer than 8 bytes are padded with zeros on the right
    by the caller.
    """
    words = np.asarray(words, dtype=np.uint64)
    fraction = words & _IBM_FRACTION
    power = ((words >> _56) & _EXPONENT_7).astype(np.int32) * 4 - 312
    values = np.ldexp(fraction.astype(np.float64), power)  # exact: at least 2**-312, far from IEEE's own limits
    np.negative(values, out=values, where=((words & _SIGN) != 0) & (fraction != 0))
    values[(fraction == 0) & _MISSING_BYTES[(words >> _56).astype(np.intp)]] = np.nan
    return values


def not_representable(value: float) -> str:
    """Why no IBM double equals ``value``, as the end of a sentence."""
    if np.isinf(value):
        return "is infinite"
    if abs(value) > LARGEST:
        return f"is larger than {LARGEST:.4g}, the largest number of an XPT file"
    return f"is nearer to 0 than {SMALLEST:.4g}, the smallest number of an XPT file"
