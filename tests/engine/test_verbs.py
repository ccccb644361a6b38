"""The only join, group, order and de-duplicate verbs, against literal tables and a slow reference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.columns import column as col
from raw2adam.engine.columns import verbs

KEYS = st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from([None, 1.0, 2.0])), max_size=9)
NUMBERS = st.lists(st.sampled_from([None, -1.5, 0.0, 2.0, 7.0]), max_size=9)


def text(*values: str) -> pd.Series:
    return col.text_column(np.array(values, dtype=object))


def number(*values: float | None) -> pd.Series:
    return pd.Series([np.nan if v is None else v for v in values], dtype="float64")


def pairs(match: verbs.Match) -> list[tuple[int, int]]:
    return list(zip(match.left.tolist(), match.right.tolist(), strict=True))


def test_every_left_row_stays_in_order():
    match = verbs.match_rows([text("b", "a", "x", "b")], [text("a", "b")])
    assert pairs(match) == [(0, 1), (1, 0), (2, -1), (3, 1)]


def test_missing_keys_never_match():
    """See docs/semantics.md S6."""
    match = verbs.match_rows([text("", "a")], [text("", "a")])
    assert pairs(match) == [(0, -1), (1, 1)]
    assert match.missing_key.tolist() == [0]


def test_one_missing_part_makes_a_key_missing():
    match = verbs.match_rows([text("a", "a"), number(None, 1)], [text("a", "a"), number(None, 1)])
    assert pairs(match) == [(0, -1), (1, 1)]
    assert match.missing_key.tolist() == [0]


def test_a_repeated_right_key_is_reported_and_its_first_row_used():
    match = verbs.match_rows([text("a", "b")], [text("b", "a", "a", "", "")])
    assert pairs(match) == [(0, 1), (1, 0)]
    assert match.repeated.tolist() == [2]


def test_many_to_one_may_repeat_the_left_key():
    match = verbs.match_rows([text("a", "a")], [text("a")])
    assert match.repeated.tolist() == []
    assert match.left_repeated.tolist() == []


def test_one_to_one_reports_repeats_on_both_sides():
    match = verbs.match_rows([text("a", "a", "b")], [text("b", "b", "a")], "one-to-one")
    assert pairs(match) == [(0, 2), (1, 2), (2, 0)]
    assert match.repeated.tolist() == [1]
    assert match.left_repeated.tolist() == [1]


def test_one_to_many_repeats_the_left_row_for_each_right_row():
    match = verbs.match_rows([text("a", "x", "", "b")], [text("b", "a", "", "a")], "one-to-many")
    assert pairs(match) == [(0, 1), (0, 3), (1, -1), (2, -1), (3, 0)]
    assert match.left_repeated.tolist() == []


def test_one_to_many_reports_a_repeated_left_key():
    match = verbs.match_rows([text("a", "a")], [text("a")], "one-to-many")
    assert match.left_repeated.tolist() == [1]


def test_empty_sides():
    for cardinality in ("many-to-one", "one-to-one", "one-to-many"):
        assert pairs(verbs.match_rows([text("a", "")], [text()], cardinality)) == [(0, -1), (1, -1)]
        assert pairs(verbs.match_rows([text()], [text("a")], cardinality)) == []
        assert pairs(verbs.match_rows([text()], [text()], cardinality)) == []
        assert pairs(verbs.match_rows([text("")], [text("")], cardinality)) == [(0, -1)]


def test_numeric_keys():
    assert pairs(verbs.match_rows([number(1, None, 2.5)], [number(2.5, None, 1)])) == [(0, 2), (1, -1), (2, 0)]


def test_a_number_matches_its_text():
    assert pairs(verbs.match_rows([number(1, 2.5, None)], [text("2.5", "1", "")])) == [(0, 1), (1, 0), (2, -1)]
    assert pairs(verbs.match_rows([text("1", "01")], [number(1)])) == [(0, 0), (1, -1)]


def test_keys_of_several_columns_are_not_glued_together():
    assert pairs(verbs.match_rows([text("ab", "a"), text("c", "bc")], [text("a", "ab"), text("bc", "c")])) == [
        (0, 1),
        (1, 0),
    ]


def test_missing_comes_first_and_last_when_descending():
    """See docs/semantics.md S7."""
    assert verbs.order_rows([text("b", "", "a")]).tolist() == [1, 2, 0]
    assert verbs.order_rows([text("b", "", "a")], [True]).tolist() == [0, 2, 1]
    assert verbs.order_rows([number(2, None, -1)]).tolist() == [1, 2, 0]
    assert verbs.order_rows([number(2, None, -1)], [True]).tolist() == [0, 2, 1]


def test_equal_rows_keep_their_order():
    assert verbs.order_rows([text("a", "b", "a", "b")], [True]).tolist() == [1, 3, 0, 2]


def test_numbers_that_differ_beyond_whole_are_ordered():
    assert verbs.order_rows([number(1.5, 1.25, 1e300, -1e300)]).tolist() == [3, 1, 0, 2]


def test_pick_first_and_last_of_each_group():
    groups, order = np.array([0, 1, 0, -1, 1]), np.array([4, 3, 2, 1, 0])
    assert verbs.pick_per_group(groups, 3, order, "first").tolist() == [2, 4, -1]
    assert verbs.pick_per_group(groups, 3, order, "last").tolist() == [0, 1, -1]


def test_numbers_within_groups_leave_out_missing_groups():
    got = verbs.number_within(np.array([1, 0, -1, 1]), np.array([3, 2, 1, 0]))
    assert np.array_equal(got, [2, 1, np.nan, 1], equal_nan=True)
    assert np.isnan(verbs.number_within(np.array([-1]), np.array([0]))).all()
    assert verbs.number_within(np.zeros(0, "int64"), np.zeros(0, "int64")).tolist() == []


def test_the_first_equal_row():
    assert verbs.same_as_earlier([text("a", "a", "b", "a"), text("", "x", "", "")]).tolist() == [0, 1, 2, 0]
    assert verbs.same_as_earlier([text()]).tolist() == []


def columns_of(keys: list[tuple[str, float | None]]) -> list[pd.Series]:
    return [text(*(k for k, _ in keys)), number(*(n for _, n in keys))]


def whole(key: tuple[str, float | None]) -> bool:
    return key[0] != "" and key[1] is not None


@settings(max_examples=examples(30), deadline=None)
@given(KEYS, KEYS)
def test_joins_agree_with_a_slow_join(left: list, right: list):
    one = verbs.match_rows(columns_of(left), columns_of(right))
    many = verbs.match_rows(columns_of(left), columns_of(right), "one-to-many")
    slow_one, slow_many = [], []
    for i, key in enumerate(left):
        hits = [j for j, other in enumerate(right) if whole(key) and other == key]
        slow_one.append((i, hits[0] if hits else -1))
        slow_many += [(i, j) for j in hits] or [(i, -1)]
    assert pairs(one) == slow_one
    assert pairs(many) == slow_many
    assert one.missing_key.tolist() == [i for i, key in enumerate(left) if not whole(key)]
    assert one.repeated.tolist() == [j for j, key in enumerate(right) if whole(key) and key in right[:j]]
    assert many.left_repeated.tolist() == [i for i, key in enumerate(left) if whole(key) and key in left[:i]]


@settings(max_examples=examples(30), deadline=None)
@given(KEYS, st.tuples(st.booleans(), st.booleans()))
def test_order_agrees_with_sorting_twice(keys: list, descending: tuple[bool, bool]):
    got = verbs.order_rows(columns_of(keys), descending).tolist()
    slow = list(range(len(keys)))
    slow.sort(key=lambda i: -np.inf if keys[i][1] is None else keys[i][1], reverse=False)
    if descending[1]:
        slow = sorted(range(len(keys)), key=lambda i: np.inf if keys[i][1] is None else -keys[i][1])
    slow = (
        sorted(slow, key=lambda i: keys[i][0])
        if not descending[0]
        else sorted(slow, key=lambda i: -ord((keys[i][0] or "\0")[0]))
    )
    assert got == slow


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.integers(-1, 3), max_size=10), NUMBERS)
def test_groups_agree_with_loops(groups: list[int], values: list[float | None]):
    n = min(len(groups), len(values))
    groups, values = groups[:n], values[:n]
    order = sorted(range(n), key=lambda i: -np.inf if values[i] is None else values[i])
    of = {g: [i for i in order if groups[i] == g] for g in range(4)}
    array, along = np.array(groups, dtype="int64"), np.array(order, dtype="int64")
    assert verbs.pick_per_group(array, 4, along, "first").tolist() == [of[g][0] if of[g] else -1 for g in range(4)]
    assert verbs.pick_per_group(array, 4, along, "last").tolist() == [of[g][-1] if of[g] else -1 for g in range(4)]
    slow = [np.nan if groups[i] < 0 else of[groups[i]].index(i) + 1 for i in range(n)]
    assert np.array_equal(verbs.number_within(array, along), slow, equal_nan=True)


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["", "x"])), max_size=9))
def test_equal_rows_agree_with_a_list(rows: list[tuple[str, str]]):
    got = verbs.same_as_earlier([text(*(a for a, _ in rows)), text(*(b for _, b in rows))]).tolist()
    assert got == [rows.index(r) for r in rows]


@pytest.mark.parametrize("kind", ["int8", "int64"])
def test_an_earlier_row_has_the_same_code_whatever_the_range_of_the_codes(kind: str):
    codes = np.array([-1, 127, 3, -1, 127, 126, 3, -3], dtype=kind)
    assert verbs.has_earlier(codes).tolist() == [False, False, False, True, True, False, True, False]
    assert verbs.later(codes).tolist() == [4, 6]
    assert verbs.has_earlier(codes.astype("int64") * 10**12).tolist() == verbs.has_earlier(codes).tolist()
    assert verbs.has_earlier(codes[:0]).tolist() == []
