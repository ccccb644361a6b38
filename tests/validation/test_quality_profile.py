"""The profile of raw columns and the failing records of a check, from small tables written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns.column import text_column
from raw2adam.validation.quality.profile import _profile

CASES = [
    (["12", "15", "", "19.5", "x"], [12, 15, np.nan, 19.5, np.nan], "number",
     {"filled": 4, "kind": "number", "others": 1, "least": "12", "middle": "15", "most": "19.5"}),
    ([str(n) for n in [3, 3, 4, 6]], [3.0, 3, 4, 6], "number",
     {"bars": (("3", 2), ("4", 1), ("5", 0), ("6", 1)), "distinct": 3}),
    (["1"] * 150 + ["900"], [1.0] * 150 + [900], "number", {"bars": (("1", 150), ("2 and above", 1)), "most": "900"}),
    (["5"], [5.0], "number", {"bars": (("5", 1),), "least": "5", "middle": "5", "most": "5"}),
    (["a", "b", "a", " ", "c"], None, "text", {"bars": (("a", 2), ("b", 1), ("c", 1)), "filled": 4, "others": 0}),
    ([f"t{n}" for n in range(30)], None, "text", {"bars": (), "others": 30, "distinct": 30}),
    ([str(n) for n in range(30)], None, "text", {"kind": "number", "least": "0"} ),
    ([f"{n:04}" for n in range(30)], None, "text", {"kind": "text"}),  # an identifier
    (["", " "], None, "text", {"kind": "empty", "filled": 0, "bars": ()}),
    (["1.1.21", "?", "3.3.21", "21"], ["2021-01-01", "", "2021-03-03", "2021"], "date",
     {"bars": (("2021", 1), ("2021-01", 1), ("2021-03", 1)), "others": 1, "least": "2021", "most": "2021-03-03"}),
    (["a", "b"], ["1999-01-01", "2021-03"], "date", {"bars": (("1999", 1), ("2021", 1)), "middle": "1999-01-01"}),
    (["a"], ["--03-01"], "date", {"bars": (), "others": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "values", "kind", "expected"), CASES)
def test_the_profile_of_a_column(cells, values, kind, expected):
    raw = text_column(cells)
    read = raw if values is None else pd.Series(values) if kind == "number" else text_column(values)
    found = _profile("X", "", raw, read, kind)
    assert {n: getattr(found, n) for n in expected} == expected
    if found.kind != "empty":
        assert sum(n for _, n in found.bars) + found.others == found.filled
