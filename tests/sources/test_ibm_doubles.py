"""IBM hexadecimal doubles against bytes worked out by hand and against a slow reference in exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.sources.statistical.ibm import LARGEST, MISSING, SMALLEST, NotRepresentable, ibm_to_ieee, ieee_to_ibm


def encode_slowly(value: float) -> bytes:
    """The normalised IBM double of a number, found by multiplying by 16 until the first hexadecimal digit stands."""
    exact = Fraction(value)
    magnitude, exponent = abs(exact), 64
    if magnitude == 0:
        return bytes(8)
    while magnitude >= 1:
        magnitude, exponent = magnitude / 16, exponent + 1
    while magnitude < Fraction(1, 16):
        magnitude, exponent = magnitude * 16, exponent - 1
    fraction = magnitude * 2**56
    assert fraction.denominator == 1
    assert 0 <= exponent <= 127
    return bytes([exponent | (0x80 if exact < 0 else 0)]) + int(fraction).to_bytes(7, "big")


def decode_slowly(raw: bytes) -> Fraction:
    """The exact value of an IBM double that is not a missing value."""
    sign = -1 if raw[0] & 0x80 else 1
    return sign * Fraction(int.from_bytes(raw[1:], "big"), 2**56) * Fraction(16) ** ((raw[0] & 0x7F) - 64)


def encode(*values: float) -> list[bytes]:
    return [int(w).to_bytes(8, "big") for w in ieee_to_ibm(np.array(values, dtype="float64"))]


def decode(*raws: str) -> list[float]:
    return ibm_to_ieee(np.array([int(r.replace(" ", ""), 16) for r in raws], dtype=np.uint64)).tolist()


IN_RANGE = st.floats(min_value=SMALLEST, max_value=LARGEST).flatmap(lambda x: st.sampled_from([x, -x]))

BY_HAND = [
    (0.0, "00 00 00 00 00 00 00 00"),
    (-0.0, "00 00 00 00 00 00 00 00"),
    (1.0, "41 10 00 00 00 00 00 00"),  # 1/16 * 16**1
    (-1.0, "c1 10 00 00 00 00 00 00"),
    (2.0, "41 20 00 00 00 00 00 00"),
    (0.5, "40 80 00 00 00 00 00 00"),
    (0.0625, "40 10 00 00 00 00 00 00"),
    (15.0, "41 f0 00 00 00 00 00 00"),
    (16.0, "42 10 00 00 00 00 00 00"),
    (100.0, "42 64 00 00 00 00 00 00"),
    (-118.625, "c2 76 a0 00 00 00 00 00"),
    (0.1, "40 19 99 99 99 99 99 9a"),
    (2.0**-260, "00 10 00 00 00 00 00 00"),
    (2.0**251, "7f 80 00 00 00 00 00 00"),
    (LARGEST, "7f ff ff ff ff ff ff f8"),
    (9007199254740991.0, "4e 1f ff ff ff ff ff ff"),  # 2**53 - 1
    (9007199254740992.0, "4e 20 00 00 00 00 00 00"),
    (math.nan, "2e 00 00 00 00 00 00 00"),
]


@pytest.mark.parametrize(("value", "raw"), BY_HAND)
def test_numbers_worked_out_by_hand(value: float, raw: str) -> None:
    assert encode(value) == [bytes.fromhex(raw)]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(IN_RANGE | st.just(0.0), max_size=20))
def test_every_number_in_range_equals_the_reference_and_comes_back_exactly(values: list[float]) -> None:
    assert encode(*values) == [encode_slowly(v) for v in values]
    array = np.array(values, dtype="float64")
    assert ibm_to_ieee(ieee_to_ibm(array)).tolist() == values


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(min_value=763, max_value=1274), st.integers(min_value=0, max_value=2**52 - 1))
def test_every_exponent_of_the_range(exponent: int, fraction: int) -> None:
    value = float(np.uint64(exponent << 52 | fraction).view(np.float64))
    assert decode_slowly(encode(value)[0]) == Fraction(value)
    assert encode(value)[0][1] >= 0x10  # normalised


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(min_value=0, max_value=2**64 - 1))
def test_any_ibm_double_reads_as_the_nearest_ieee_double(word: int) -> None:
    raw = word.to_bytes(8, "big")
    if not any(raw[1:]):
        return  # zeros and missing values have a test of their own
    exact = decode_slowly(raw)
    assert decode(raw.hex()) == [exact.numerator / exact.denominator]  # Python divides integers to the nearest double


def test_rounding_of_fractions_longer_than_53_bits_is_to_even() -> None:
    # 2**55 + 4 and 2**55 + 12 lie half-way between two doubles, which are 8 apart there
    assert decode("4e 80 00 00 00 00 00 04", "4e 80 00 00 00 00 00 0c") == [2.0**55, 2.0**55 + 16]


def test_missing_values_of_every_kind_read_as_nan_and_zeros_as_zero() -> None:
    specials = [f"{byte:02x}" + "00" * 7 for byte in b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert all(math.isnan(v) for v in decode(*specials))
    zeros = decode("00" * 8, "80" + "00" * 7, "40" + "00" * 7, "c1" + "00" * 7)
    assert zeros == [0.0] * 4
    assert [math.copysign(1, z) for z in zeros] == [1.0] * 4
    assert decode("2e 10 00 00 00 00 00 00") == [2.0**-76]  # '.' as first byte of a number that has a fraction


def test_first_bytes_of_missing_values_are_no_numbers_that_are_ever_written() -> None:
    assert int(MISSING).to_bytes(8, "big") == b"." + bytes(7)
    assert encode(2.0**-76) == [bytes.fromhex("2e10000000000000")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (math.inf, "infinite"),
        (-math.inf, "infinite"),
        (2.0**252, "larger than 7.237e"),
        (-1e80, "larger than"),
        (1.7976931348623157e308, "larger than"),
        (float(np.nextafter(SMALLEST, 0)), "nearer to 0 than 5.398e-79"),
        (-1e-100, "nearer to 0"),
        (2.2250738585072014e-308, "nearer to 0"),
        (5e-324, "nearer to 0"),
        (-5e-324, "nearer to 0"),
    ],
)
def test_numbers_out_of_range_are_refused_at_their_position(value: float, words: str) -> None:
    with pytest.raises(NotRepresentable, match=words) as caught:
        encode(0.0, math.nan, 1.0, value, math.inf)
    assert caught.value.position == 3


def test_the_input_does_not_change_and_may_be_strided_or_empty() -> None:
    values = np.array([1.0, math.nan, -0.0, 2.0, -3.0, math.nan])
    kept = values.copy()
    assert [int(w) >> 56 for w in ieee_to_ibm(values[::3])] == [0x41, 0x41]
    assert ieee_to_ibm(values[:0]).tolist() == []
    ieee_to_ibm(values)
    assert values.tobytes() == kept.tobytes()
