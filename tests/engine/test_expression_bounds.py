"""What expressions do at their bounds: growing texts, infinite and huge numbers, empty texts, deep and long formulas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns import column as col
from raw2adam.engine.expressions import kernels
from raw2adam.mappings.expressions.expression import ExpressionError, parse

COLUMNS = {
    "T": col.text_column(["abc", "", "x" * 400]),
    "N": pd.Series([np.inf, -np.inf, np.nan]),
    "H": pd.Series([1e308, -1e308, 5e-324]),
}


def values(formula: str) -> list[object]:
    return kernels.compute(parse(formula), COLUMNS.__getitem__, 3).tolist()


def grown(levels: int) -> str:
    """A formula that makes every x of a text fifty of them, so many times."""
    text = "T"
    for _ in range(levels):
        text = f"replace({text}, 'x', '{'x' * 50}')"
    return text


@pytest.mark.parametrize("formula", [grown(2), grown(20), f"concat({', '.join(['T'] * 300)})"])
def test_a_text_that_grows_without_bound_is_refused_before_memory_ends(formula: str):
    with pytest.raises(ExpressionError, match="would give a text of more than 100,000 characters"):
        values(formula)


def test_texts_below_the_bound_are_built():
    assert [len(str(v)) for v in values(grown(1))] == [3, 0, 20_000]
    assert values("replace(T, 'b', '')") == ["ac", "", "x" * 400]
    assert values("concat(T, '')") == ["abc", "", "x" * 400]


@pytest.mark.parametrize(
    ("formula", "gives"),
    [
        ("substr(T, N)", ["", "", ""]),
        ("substr(T, 1, N)", ["abc", "", ""]),
        ("substr(T, 2, H)", ["bc", "", ""]),
        ("substr(T, -1 * N, 2)", ["", "", ""]),
        ("text(N)", ["", "", ""]),
    ],
)
def test_texts_of_numbers_that_are_infinite_or_huge(formula: str, gives: list[str]):
    assert values(formula) == gives


@pytest.mark.parametrize(
    "formula",
    ["N + H", "H * H", "N / (H - H)", "H - H * 10", "power(H, H)", "round(H, 9)", "round(N)", "floor(N)", "ceil(H)", "abs(N)", "min(N, H)", "max(H, N)", "-N", "number('1e999')"],
)  # fmt: skip
def test_numbers_that_are_infinite_or_huge_give_no_error(formula: str):
    assert len(values(formula)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(" * 400 + "N" + ")" * 400, "nested more than"),
        ("upper(" * 400 + "T" + ")" * 400, "nested more than"),
        ("N + " * 4_000 + "1", "longer than"),
        (f"T == '{'y' * 20_000}'", "longer than"),
        ("", ""),
        ("   ", ""),
        ("N == 1e999", "a number too large to hold"),
    ],
)
def test_a_formula_that_is_too_deep_too_long_or_empty_is_a_mistake_at_its_place(text: str, expected: str):
    with pytest.raises(ExpressionError) as error:
        parse(text)
    assert expected in str(error.value)
