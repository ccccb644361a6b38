"""Numbers and dates that a condition ranks as texts: lint warns, since 100 comes before 9 there."""

from __future__ import annotations

import pytest
from kit.tiny import write_study
from raw2adam.engine.checks.comparison_check import comparison_problems
from raw2adam.mappings.loader import load_study
from raw2adam.runs.plan_study import plan_study

NUMBERS = "numbers: {columns: {LOW: ',', HIGH: ','}}\n"
VARIABLES = "variables:\n  AETERM: TERM\n  AEDECOD: TERM\n  AESTDTC: {date: DAY}\n  AESPID: NO\n"


def warnings(folder, where: str, variables: str = "") -> list[str]:
    ae = f'dataset: AE\nrows: {{source: ae, where: "{where}"}}\n{VARIABLES}{variables}'
    write_study(folder, NUMBERS, {"ae": ae}, {"ae.csv": "", "dose.csv": ""})
    return [f"{p.place.line}: {p.hint}" for p in comparison_problems(plan_study(load_study(folder))[0])]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("NO > '9'", "write number(NO) > 9"),
        ("NO between '1' and '20'", "number(NO)"),
        ("DAY >= '03/01/2024'", "write the date as 2024-03-31"),
        ("LOW < HIGH", "write number(LOW), number(HIGH)"),
    ],
)
def test_numbers_and_dates_that_are_ranked_as_texts_are_reported(tmp_path, where, expected):
    (found,) = warnings(tmp_path, where)
    assert found.startswith("2: ")
    assert expected.split(" > ")[0] in found


@pytest.mark.parametrize(
    "where",
    [
        "DAY >= '2024-03-01'",
        "DAY == 'UNK'",
        "NO == '9'",
        "number(NO) > 9",
        "TERM > 'M'",
        "AESTDTC >= '2024'",
        "LOW < TERM",
    ],
)
def test_other_comparisons_are_not_reported(tmp_path, where):
    assert warnings(tmp_path, where) == []


def test_conditions_on_another_table_are_read_too(tmp_path):
    rule = "  AESEQ: {sequence: [AESTDTC]}\nsupplemental:\n  N: {count: dose, where: \"MG > '5'\", label: Doses}\n"
    (found,) = warnings(tmp_path, "DAY >= '2024'", rule)
    assert "number(MG)" in found
