"""Text and number columns: how they are coded, taken, ordered and read as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.columns import column as col
from raw2adam.mappings.expressions import words
from raw2adam.sources import cell_text

TEXTS = st.lists(st.sampled_from(["", " ", "a", "B", "é", "z z", "10", "9"]), max_size=12)


def texts(column: pd.Series) -> list[str]:
    return col.objects(column).tolist()


def test_a_text_column_has_each_text_once():
    column = col.text_column(["b", "a", "", "b"])
    codes, values = col.split_text(column)
    assert sorted(values) == ["", "a", "b"]
    assert values[codes].tolist() == ["b", "a", "", "b"]


def test_equal_texts_get_one_code():
    codes, values = col.split_text(col.join_text(np.array([0, 1, 2]), ["x", "y", "x"]))
    assert list(values) == ["x", "y"]
    assert codes.tolist() == [0, 1, 0]


def test_missing_of_pandas_becomes_empty_text():
    for column in (pd.Series(["a", None]), pd.Series(pd.Categorical(["a", None]))):
        codes, values = col.split_text(column)
        assert values[codes].tolist() == ["a", ""]


def test_take_with_minus_one_gives_missing():
    assert texts(col.take(col.text_column(["a", "b"]), np.array([1, -1, 0]))) == ["b", "", "a"]
    assert np.array_equal(col.take(pd.Series([1.0, 2.0]), np.array([1, -1])), [2.0, np.nan], equal_nan=True)


def test_take_from_an_empty_column_gives_missing():
    assert texts(col.take(col.constant("", 0), np.array([-1, -1]))) == ["", ""]
    assert np.isnan(col.take(pd.Series(np.zeros(0)), np.array([-1]))).tolist() == [True]


def test_concat_keeps_the_order_of_the_parts():
    parts = [col.text_column(["a", "b"]), col.constant("", 1), col.text_column(["b"])]
    assert texts(col.concat(parts)) == ["a", "b", "", "b"]
    assert col.concat([pd.Series([1.0]), pd.Series([np.nan, 3.0])]).tolist()[::2] == [1.0, 3.0]


def test_more_than_127_texts_keep_their_codes():
    many = [f"t{i}" for i in range(200)]
    assert texts(col.text_column(many)) == many


def test_blank_texts_and_nan_are_missing():
    """See docs/semantics.md S1."""
    assert col.missing(col.text_column(["", "  ", "a", "."])).tolist() == [True, True, False, False]
    assert col.missing(pd.Series([0.0, np.nan])).tolist() == [False, True]
    assert col.missing(col.constant("", 0)).tolist() == []


def test_ranks_follow_code_points_with_missing_first():
    """See docs/semantics.md S7."""
    order = np.argsort(col.ranks(col.text_column(["b", "", "B", "é", "10", "9"])), kind="stable")
    assert order.tolist() == [1, 4, 5, 2, 0, 3]
    assert np.argsort(col.ranks(pd.Series([2.0, np.nan, -1.0]))).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0),
        ("-1.5", -1.5),
        ("+3", 3.0),
        (" 7 ", 7.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("0012", 12.0),
    ],
)
def test_plain_decimals_are_numbers(text: str, number: float):
    """See docs/semantics.md S11."""
    numbers, bad = col.to_number(col.text_column([text]))
    assert numbers.tolist() == [number]
    assert bad.tolist() == [False]


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "-Infinity", "0x1", "1_000", "1,5", "<5", "1e400", "٣", "²", "1 2", "-", "."]
)
def test_other_texts_are_not_numbers(text: str):
    """See docs/semantics.md S11."""
    numbers, bad = col.to_number(col.text_column([text]))
    assert np.isnan(numbers).tolist() == [True]
    assert bad.tolist() == [True]


def test_a_missing_text_is_a_missing_number_and_no_mistake():
    numbers, bad = col.to_number(col.text_column(["", " "]))
    assert np.isnan(numbers).all()
    assert not bad.any()


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (63.0, "63"),
        (1.5, "1.5"),
        (-2.0, "-2"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (0.00001, "0.00001"),
        (-0.00025, "-0.00025"),
        (1e-8, "1e-08"),
        (1e15, "1000000000000000"),
        (9007199254740994.0, "9007199254740994"),
        (1e22, "1e+22"),
        (float("nan"), ""),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_number_has_its_shortest_text_wherever_it_is_written(x: float, text: str):
    assert col.number_text(x) == cell_text.typed_number_text(x) == words.number_text(x) == text


@settings(max_examples=examples(25), deadline=None)
@given(TEXTS, st.data())
def test_taking_is_as_in_a_list(values: list[str], data: st.DataObject):
    ids = data.draw(st.lists(st.integers(-1, len(values) - 1), max_size=10))
    taken = col.take(col.text_column(values), np.array(ids, dtype="int64"))
    assert texts(taken) == [values[i] if i >= 0 else "" for i in ids]
    assert texts(col.map_text(taken, str.upper)) == [values[i].upper() if i >= 0 else "" for i in ids]


@settings(max_examples=examples(25), deadline=None)
@given(TEXTS)
def test_ranks_sort_as_python_sorts(values: list[str]):
    order = np.argsort(col.ranks(col.text_column(values)), kind="stable")
    assert [values[i] for i in order] == sorted(values)


def test_compact_keeps_cells_and_drops_texts_that_no_row_has() -> None:
    column = col.take(col.text_column(["b", "a", "", "c"]), np.array([2, 0, 0]))
    small = col.compact(column)
    assert list(small) == ["", "b", "b"]
    assert [str(t) for t in col.split_text(small)[1]] == ["b", ""]
    assert list(col.compact(col.text_column([]))) == []


@pytest.mark.parametrize(
    "values",
    [np.array([1.0, np.nan]), np.array([], dtype="float64"), pd.Categorical(["b", "a", "b"])],
    ids=["numbers", "none", "categories"],
)
def test_a_column_is_what_the_constructor_of_pandas_gives(values):
    """The short way uses parts of pandas that other versions may change."""
    column, expected = col.series(values), pd.Series(values)
    pd.testing.assert_series_equal(column, expected)
    assert (column.name, column.index.equals(expected.index)) == (None, True)
    pd.testing.assert_frame_equal(pd.DataFrame({"A": column}), pd.DataFrame({"A": expected}))
    assert column.rename("N").name == "N" and column.name is None
