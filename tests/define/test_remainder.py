"""Where clauses for the records that no definition describes, by hand."""

from __future__ import annotations

import pytest
from raw2adam.define.remainder import remainder
from raw2adam.engine.tables.dataset import RangeCheck


def clause(text: str) -> tuple[RangeCheck, ...]:
    """``A EQ x|y; B LT 3`` as checks."""
    parts = (part.split(" ") for part in text.split("; "))
    return tuple(RangeCheck(name, comparator, tuple(values.split("|"))) for name, comparator, values in parts)


@pytest.mark.parametrize(
    ("clauses", "rest"),
    [
        (["A EQ x"], ["A NOTIN x"]),
        (["A EQ x", "A IN y|z"], ["A NOTIN x|y|z"]),
        (["A NE x"], ["A IN x"]),
        (["A NE x", "A NOTIN y"], []),  # every value is one or the other's
        (["A EQ x", "B EQ y"], ["A NOTIN x; B NOTIN y"]),
        (["A EQ x; B EQ y"], ["A NOTIN x", "B NOTIN y"]),
        (["A EQ x; B EQ y", "A EQ x; B EQ z"], ["A NOTIN x", "B NOTIN y|z"]),
        (["A EQ x; B EQ y", "A EQ z"], ["A NOTIN x|z", "B NOTIN y; A NOTIN z"]),
        (["A LT 5; B EQ y"], ["A GE 5", "B NOTIN y"]),
        (["A IN x|y", "A NE y"], []),
        (["A NOTIN x|y", "A EQ x"], ["A IN y"]),
        ([], []),
    ],
)
def test_the_rest(clauses, rest):
    assert remainder([clause(c) for c in clauses]) == tuple(clause(c) for c in rest)


def test_a_rest_that_takes_many_clauses_is_not_stated():
    names = "ABC"
    assert remainder([tuple(RangeCheck(f"{n}{i}", "EQ", ("x",)) for i in names) for n in names]) == ()
