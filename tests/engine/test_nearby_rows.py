"""Lookups between bounds and by the nearest value, rows between two values: literal cases, overlaps, equal distances."""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.engine.derivations.nearby_rows import Nearest, rows_between, rows_nearest
from raw2adam.engine.derivations.rows_within import pairs_within

NONE = np.nan
#: key, lower bound, upper bound of rows 0 to 6
ROWS = [(0, 0, 10), (0, 11, 20), (0, 30, NONE), (1, NONE, 5), (1, 3, 4), (1, 8, 9), (1, 0, 3)]


@pytest.mark.parametrize(
    ("key", "value", "inclusive", "row", "several"),
    [
        (0, 0, "both", 0, False),
        (0, 10, "both", 0, False),
        (0, 10.5, "both", -1, False),
        (0, 10, "from", -1, False),
        (0, 0, "to", -1, False),
        (0, 11, "none", -1, False),
        (0, 12, "none", 1, False),
        (0, 99, "both", 2, False),
        (0, -1, "both", -1, False),
        (0, NONE, "both", -1, False),
        (1, -99, "both", 3, False),
        (1, 1, "both", 3, True),  # rows 3 and 6
        (1, 3, "both", 3, True),  # rows 3, 4 and 6
        (1, 4.5, "both", 3, False),  # row 3 lasts longer than row 4, which begins later
        (1, 8.5, "both", 5, False),
        (2, 1, "both", -1, False),
        (-1, 1, "both", -1, False),
    ],
)
def test_the_row_that_has_a_value_between_its_bounds(key, value, inclusive, row, several):
    keys, low, high = (np.array(x, dtype="float64") for x in zip(*ROWS, strict=True))
    found = rows_between(np.array([value]), np.array([key]), low, high, keys.astype("int64"), inclusive)
    assert (found[0][0], found[1][0]) == (row, several)


@pytest.mark.parametrize(
    ("value", "options", "row"),
    [
        (10, {}, 0),
        (14, {}, 0),
        (16, {}, 1),
        (15, {}, 0),  # the same distance: the one below
        (15, {"prefer": "after"}, 1),
        (16, {"direction": "before"}, 0),
        (11, {"direction": "after"}, 1),
        (10, {"direction": "after"}, 0),
        (9, {"direction": "before"}, -1),
        (25, {}, 1),
        (23, {"within": 3}, 1),
        (23.5, {"within": 3}, -1),
        (NONE, {}, -1),
    ],
)
def test_the_row_with_the_nearest_value(value, options, row):
    """Rows 0 and 1 have the values 10 and 20, row 2 has 20 too, row 3 belongs to another key, row 4 has no value."""
    others, keys = np.array([10, 20, 20, 15, NONE]), np.array([0, 0, 0, 1, 0])
    found, equal = rows_nearest(np.array([value]), np.array([0]), others, keys, Nearest(value="A", to="B", **options))
    assert found[0] == row
    assert equal.tolist() == [0, 1, 1, 3, 4]


@pytest.mark.parametrize(
    ("key", "low", "high", "inclusive", "rows"),
    [
        (0, 1, 5, "both", [4, 2, 0]),  # in the order of the values
        (0, 1, 5, "from", [4, 2]),
        (0, 1, 5, "to", [2, 0]),
        (0, 1, 5, "none", [2]),
        (0, -np.inf, 4, "both", [4, 2]),
        (0, 4, np.inf, "both", [0, 6]),
        (0, 5, 1, "both", []),
        (0, 9, 12, "both", []),
        (0, NONE, 5, "both", []),  # without a bound that the rule names
        (0, 1, NONE, "both", []),
        (1, 0, 9, "both", [1]),
        (2, 0, 9, "both", []),
        (-1, 0, 9, "both", []),
    ],
)
def test_the_rows_between_two_values(key, low, high, inclusive, rows):
    """Row 3 has no value, row 5 no key."""
    values, keys = np.array([5, 2, 3, NONE, 1, 4, 7]), np.array([0, 1, 0, 0, 0, -1, 0])
    bounds = (np.array([x, x], dtype="float64") for x in (low, high))
    records, found = pairs_within(values, keys, *bounds, np.array([-1, key]), inclusive)
    assert found.tolist() == rows
    assert records.tolist() == [1] * len(rows)


STUDY = """\
tables:
  ages: {rows: [{LOW: "0", HIGH: "18", NAME: Child}, {LOW: "18", HIGH: "", NAME: Adult}], numbers: [LOW, HIGH]}
sources: {dm: {file: dm.csv}, wt: {file: wt.csv, dates: {formats: [dd.mm.yyyy]}}}
"""
DM = """\
dataset: DM
rows: {source: dm}
sort: [SOURCE]
variables:
  SEX: {value: F}
  COUNTRY: {value: DEU}
  AGE: AGE
  AGEU: {value: YEARS}
  RFSTDTC: {date: START, formats: [yyyy-mm-dd]}
"""
ADSL = """\
dataset: ADSL
rows: {from: DM}
variables:
  AGE: AGE
  TRTSDT: {analysis_date: RFSTDTC}
  GROUP: {lookup: ages.NAME, on: [], between: {value: AGE, from: LOW, to: HIGH, inclusive: from}, label: A}
  WT: {lookup: wt.KG, nearest: {value: TRTSDT, to: DAY, kind: date, within: 7}, type: float, label: B}
  NBEFORE: {count: wt, within: {column: DAY, to: TRTSDT, kind: date}, label: C}
  NKG: {count: wt, distinct: KG, within: {column: DAY, to: TRTSDT, kind: date}, label: D}
  SUMKG: {statistic: wt.KG, of: sum, within: {column: DAY, from: EARLYDT, to: TRTSDT, kind: date}, label: E}
  LATERFL: {any: wt, within: {column: DAY, from: TRTSDT, inclusive: to, kind: date}, label: F}
working:
  EARLYDT: {compute: TRTSDT - 7, type: integer}
"""


def test_lookups_of_a_study(tiny):
    files = {
        "dm.csv": "SUBJ,AGE,START\n1,17,2024-03-10\n2,18,2024-03-10\n3,,2024-03-10\n",
        "wt.csv": "SUBJ,DAY,KG\n1,01.03.2024,60\n1,04.03.2024,61\n1,14.03.2024,62\n2,01.03.2024,70\n"
        "3,10.03.2024,80\n3,10.03.2024,81\n",
    }
    study = tiny(files, STUDY, {"dm": DM, "adsl": ADSL})
    assert study.values("ADSL", "GROUP") == ["Child", "Adult", ""]
    assert study.values("ADSL", "WT") == [62, None, 80]
    assert study.values("ADSL", "NBEFORE") == [2, 1, 2]
    assert study.values("ADSL", "NKG") == [2, 1, 2]
    assert study.values("ADSL", "SUMKG") == [61, None, 161]
    assert study.values("ADSL", "LATERFL") == ["Y", "N", "N"]
    ties = study.findings[study.findings["rule"] == "R2A-TIE-001"]
    assert ties["subject"].tolist() == ["S1-03"]
    assert study.specs["ADSL"].variables[[v.name for v in study.specs["ADSL"].variables].index("GROUP")].method == (
        "GROUP is ages.NAME of the record that has AGE from LOW to HIGH (excluded)."
    )
    assert {v.name: v.method for v in study.specs["ADSL"].variables}["SUMKG"] == (
        "SUMKG is the sum of the raw column 'KG' of wt of the subject, with the raw column 'DAY' of wt from EARLYDT to "
        "TRTSDT.\nEARLYDT is TRTSDT - 7."
    )
