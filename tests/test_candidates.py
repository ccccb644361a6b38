"""The rows that a first, last or lookup could have taken, and why one of them won."""

from __future__ import annotations

import pandas as pd
import pytest
from raw2adam.candidates import candidates
from raw2adam.engine import columns as col
from raw2adam.engine.dataset import Choice


def table(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(
        {n: col.text_column(v) if isinstance(v[0], str) else pd.Series(v, dtype="float64") for n, v in columns.items()}
    )


DOSES = table(
    USUBJID=["S-1", "S-1", "S-2", "S-1", "S-1", "S-1"],
    EXTRT=["A", "A", "A", "B", "A", "A"],
    EXSTDTC=["2020-03-08", "2020-03-01", "2020-01-01", "2020-02-01", "", "2020-03-01"],
    EXDOSE=[700.0, 650.0, 100.0, 40.0, 700.0, 0.0],
)
KEYS = (("USUBJID", "USUBJID"),)


def told(choice: Choice, picked: int, elsewhere=lambda _: None) -> list[tuple[int, str]]:
    return [(c.position, c.outcome) for c in candidates(choice, DOSES, {"USUBJID": "S-1"}, picked, elsewhere)]


def test_the_first_of_several_and_why_the_others_are_not() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXTRT == 'A'")
    assert told(choice, 1) == [
        (1, "chosen"),
        (5, "ranks equal to the chosen row, which was made or read before it"),
        (0, "ranks after the chosen row by EXSTDTC"),
        (4, "EXSTDTC is missing"),
        (3, "EXTRT == 'A' does not hold"),
    ]


def test_the_last_by_another_column() -> None:
    choice = Choice("last", "EX", "EXDOSE", KEYS, ("-EXSTDTC",))
    assert told(choice, 4)[0] == (4, "chosen")
    assert candidates(choice, DOSES, {"USUBJID": "S-1"}, 4, lambda _: None)[0].order == {"EXSTDTC": ""}


def test_no_row_won() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXDOSE > 1000")
    assert {outcome for _, outcome in told(choice, -1)} == {"EXDOSE > 1000 does not hold", "EXSTDTC is missing"}


def test_a_lookup_takes_the_first_row_of_the_key() -> None:
    assert told(Choice("lookup", "EX", "EXTRT", KEYS), 0)[:2] == [(0, "chosen"), (1, "comes after the chosen row")]


def test_a_condition_on_another_table() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXSTDTC >= DM.RFICDTC")
    consent = col.text_column(["2020-03-02"] * 6)
    assert told(choice, 0, {"DM.RFICDTC": consent}.get)[0] == (0, "chosen")
    assert (1, "EXSTDTC >= DM.RFICDTC does not hold") in told(choice, 0, {"DM.RFICDTC": consent}.get)
    unknown = dict(told(choice, 0))
    assert "did not keep" in unknown[1]
    assert unknown[0] == "chosen"


@pytest.mark.parametrize("value", ["S-1", "S-2"])
def test_only_rows_of_the_key(value: str) -> None:
    found = candidates(
        Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",)), DOSES, {"USUBJID": value}, -1, lambda _: None
    )
    assert len(found) == {"S-1": 5, "S-2": 1}[value]
