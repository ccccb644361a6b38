"""Which of two dates or date-times is earlier: the rule of engine/columns/moments.py, held to a table written by hand."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw2adam.engine.columns import column as col
from raw2adam.engine.columns.iso_dates import IsoDate, IsoTime, parse, parse_time, period
from raw2adam.engine.columns.moments import after, before, by_time, moments, on_or_after, same

BEFORE, AFTER, SAME, OPEN = "before", "after", "same", "open"

#: first, second, how the first lies to the second, whether times decide
TABLE = [
    # two days
    ("2024-03-09", "2024-03-10", BEFORE, False),
    ("2024-03-10", "2024-03-10", SAME, False),
    ("2024-03-11", "2024-03-10", AFTER, False),
    # both have times: the times decide
    ("2024-03-10T09:00", "2024-03-10T14:00", BEFORE, True),
    ("2024-03-10T14:00", "2024-03-10T14:00", SAME, True),
    ("2024-03-10T15:00", "2024-03-10T14:00", AFTER, True),
    ("2024-03-10T00:00", "2024-03-10T00:01", BEFORE, True),
    ("2024-03-10T23:59", "2024-03-11T00:00", BEFORE, True),
    # as exact as the coarser of both
    ("2024-03-10T14", "2024-03-10T14:30", SAME, True),
    ("2024-03-10T14:30:59", "2024-03-10T14:30", SAME, True),
    ("2024-03-10T14:31:00", "2024-03-10T14:30", AFTER, True),
    ("2024-03-10T14:30:20.5", "2024-03-10T14:30:20.6", BEFORE, True),
    ("2024-03-10T14:30:20.5", "2024-03-10T14:30:20", SAME, True),
    # one has no time: the days decide
    ("2024-03-10T09:00", "2024-03-10", SAME, False),
    ("2024-03-10", "2024-03-10T23:59", SAME, False),
    ("2024-03-10T-:30", "2024-03-10T14:00", SAME, False),
    ("2024-03-11", "2024-03-10T23:59", AFTER, False),
    # partial dates: only what is certain
    ("2024-02", "2024-03-10", BEFORE, False),
    ("2024-03", "2024-03-10", OPEN, False),
    ("2024-03", "2024-03-31", OPEN, False),
    ("2024-04", "2024-03-10T14:00", AFTER, False),
    ("2023", "2024-01", BEFORE, False),
    ("2024", "2024-01", OPEN, False),
    ("2024---15", "2024-01-14", AFTER, False),
    ("2024---15", "2024-01-16", OPEN, False),
    ("--03-10", "2024-03-10", OPEN, False),
    ("2024-03", "2024-03", OPEN, False),
    # offsets: instants where both have one, days where one has none
    ("2024-03-10T14:00+02:00", "2024-03-10T13:00+01:00", SAME, True),
    ("2024-03-10T23:30-05:00", "2024-03-11T01:00+09:00", AFTER, True),
    ("2024-03-10T12:00Z", "2024-03-10T13:00+01:00", SAME, True),
    ("2024-03-10T15:00Z", "2024-03-10T14:00", SAME, False),
    ("2024-03-10T23:00Z", "2024-03-11T00:30", BEFORE, False),
    # missing and no dates
    ("", "2024-03-10", OPEN, False),
    ("2024-03-10", "", OPEN, False),
    ("10MAR2024", "2024-03-10", OPEN, False),
    ("2024-03-10Tgarbage", "2024-03-10", OPEN, False),
    # an interval is all the days from its start to its end
    ("2024-03-10T08:00/2024-03-10T20:00", "2024-03-10", SAME, False),
    ("2024-03-10/2024-03-12", "2024-03-11", OPEN, False),
    ("2024-03-10/2024-03-12", "2024-03-13", BEFORE, False),
]


@pytest.mark.parametrize(("first", "second", "relation", "timed"), TABLE)
def test_one_rule_for_two_moments(first: str, second: str, relation: str, timed: bool):
    """See docs/semantics.md S21."""
    a, b = (moments(col.text_column([text])) for text in (first, second))
    found = {BEFORE: before(a, b)[0], AFTER: after(a, b)[0], SAME: same(a, b)[0]}
    assert [name for name, holds in found.items() if holds] == ([] if relation == OPEN else [relation])
    assert bool(by_time(a, b)[0]) is timed
    if relation != OPEN:
        assert bool(on_or_after(a, b)[0]) is (relation != BEFORE)
        assert bool(before(b, a)[0]) is (relation == AFTER)


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        ("2024-03-10", "2024-03", False),
        ("2024-03-31", "2024-03", True),
        ("2024-04", "2024-04-01", True),
        ("2024-04", "2024-04-02", False),
        ("", "2024-04-02", False),
    ],
)
def test_on_or_after_a_partial_date_is_what_is_certain(first: str, second: str, certain: bool):
    assert bool(on_or_after(moments(col.text_column([first])), moments(col.text_column([second])))[0]) is certain


def test_numbers_are_days_or_seconds():
    """See docs/semantics.md S18."""
    days, seconds = pd.Series([23445.0, np.nan]), pd.Series([23445 * 86400.0 + 50400, np.nan])  # 2024-03-10, T14:00
    texts = moments(col.text_column(["2024-03-10T09:00", "2024-03-10T09:00"]))
    assert same(texts, moments(days)).tolist() == [True, False]
    assert before(texts, moments(seconds, "seconds")).tolist() == [True, False]
    assert before(moments(seconds, "seconds"), moments(days)).tolist() == [False, False]


_PARTS = st.sampled_from(["2024", "2024-03", "2024-03-10", "2024-03-10T14", "2024-03-10T14:30", "2023-12-31", ""])


@given(_PARTS, _PARTS)
def test_nothing_is_before_and_after(first: str, second: str):
    a, b = (moments(col.text_column([text])) for text in (first, second))
    assert not (before(a, b)[0] and after(a, b)[0])
    assert not (same(a, b)[0] and before(a, b)[0])


# the one parser


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2021-03-05", IsoDate(2021, 3, 5)),
        ("2021-03", IsoDate(2021, 3)),
        ("2021", IsoDate(2021)),
        ("2021---15", IsoDate(2021, None, 15)),
        ("--03-15", IsoDate(None, 3, 15)),
        ("----15", IsoDate(None, None, 15)),
        ("2021-03-05T07", IsoDate(2021, 3, 5, IsoTime(7))),
        ("2021-03-05T00:00", IsoDate(2021, 3, 5, IsoTime(0, 0))),
        ("2021-03-05T07:08:09.250", IsoDate(2021, 3, 5, IsoTime(7, 8, "09.250"))),
        ("2021-03-05T07:08:09Z", IsoDate(2021, 3, 5, IsoTime(7, 8, "09", 0))),
        ("2021-03-05T07:08-0330", IsoDate(2021, 3, 5, IsoTime(7, 8, None, -210))),
        ("2021-03-05T-:30", IsoDate(2021, 3, 5, IsoTime(None, 30))),
        ("-----T07:15", IsoDate(None, None, None, IsoTime(7, 15))),
    ],
)
def test_the_parts_of_an_iso_text(text: str, parts: IsoDate):
    """See docs/semantics.md S18."""
    assert parse(text) == parts


@pytest.mark.parametrize(
    "text",
    ["2021-03-01Tgarbage", "2021-03-01T24:10", "2021-03-01T24:00", "2021-03-01T12:75", "2021-03-01T", "2021-02-30",
     "2021-13", "0000-01-01", "2021-3-1", "٢٠٢١-٠٣-٠١", "２０２１", "2021-03-01\n", "2021-", "-", "",
     "2021-03-01T10:00+15:00", "2021-03-01T10:00+01:75", "2021-03-01 10:00"],
)  # fmt: skip
def test_a_text_that_is_not_iso(text: str):
    """See docs/semantics.md S18."""
    assert parse(text) is None
    assert np.isnan(period(text)).all()


def test_times_alone():
    assert parse_time("07:08") == parse_time("T07:08") == IsoTime(7, 8)
    assert parse_time("25:00") is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024---31", "2024-01-31", "2024-12-31"),
        ("2024-03-05T24:10", None, None),
        ("2024-03-05/2024-04", "2024-03-05", "2024-04-30"),
    ],
)
def test_the_days_that_a_text_can_mean(text: str, first: str | None, last: str | None):
    """See docs/semantics.md S20."""
    found = [None if n != n else (datetime.date(1960, 1, 1) + datetime.timedelta(n)).isoformat() for n in period(text)]
    assert found == [first, last]
