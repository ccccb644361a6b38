"""The rows that a first, last or lookup could have taken, and why one of them won."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from kit.command import build
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Choice
from raw2adam.runs.from_raw import Options
from raw2adam.trace.other_rows import candidates
from raw2adam.trace.records import trace_records


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


def outcomes(choice: Choice, picked: int, elsewhere=lambda _: None) -> list[tuple[int, str]]:
    return [(c.position, c.outcome) for c in candidates(choice, DOSES, {"USUBJID": "S-1"}, picked, elsewhere)]


def test_the_first_of_several_and_why_the_others_are_not() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXTRT == 'A'")
    assert outcomes(choice, 1) == [
        (1, "chosen"),
        (5, "ranks equal to the chosen row, which is the first of them by all its values"),
        (0, "ranks after the chosen row by EXSTDTC"),
        (4, "EXSTDTC is missing"),
        (3, "EXTRT == 'A' does not hold"),
    ]


def test_the_last_by_another_column() -> None:
    choice = Choice("last", "EX", "EXDOSE", KEYS, ("-EXSTDTC",))
    assert outcomes(choice, 4)[0] == (4, "chosen")
    assert candidates(choice, DOSES, {"USUBJID": "S-1"}, 4, lambda _: None)[0].order == {"EXSTDTC": ""}


def test_no_row_won() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXDOSE > 1000")
    assert {outcome for _, outcome in outcomes(choice, -1)} == {"EXDOSE > 1000 does not hold", "EXSTDTC is missing"}


def test_all_filled_rows_of_a_statistic_count() -> None:
    assert outcomes(Choice("statistic", "EX", "EXSTDTC", KEYS, (), "EXTRT == 'A'"), -1) == [
        (0, "it counts"),
        (1, "it counts"),
        (5, "it counts"),
        (3, "EXTRT == 'A' does not hold"),
        (4, "EXSTDTC is missing"),
    ]


def test_a_lookup_takes_the_first_row_of_the_key() -> None:
    assert outcomes(Choice("lookup", "EX", "EXTRT", KEYS), 0)[:2] == [(0, "chosen"), (1, "comes after the chosen row")]


def test_a_condition_on_another_table() -> None:
    choice = Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",), "EXSTDTC >= DM.RFICDTC")
    consent = col.text_column(["2020-03-02"] * 6)
    assert outcomes(choice, 0, {"DM.RFICDTC": consent}.get)[0] == (0, "chosen")
    assert (1, "EXSTDTC >= DM.RFICDTC does not hold") in outcomes(choice, 0, {"DM.RFICDTC": consent}.get)
    unknown = dict(outcomes(choice, 0))
    assert "the folder does not have" in unknown[1]
    assert unknown[0] == "chosen"


@pytest.mark.parametrize("value", ["S-1", "S-2"])
def test_only_rows_of_the_key(value: str) -> None:
    found = candidates(
        Choice("first", "EX", "EXSTDTC", KEYS, ("EXSTDTC",)), DOSES, {"USUBJID": value}, -1, lambda _: None
    )
    assert len(found) == {"S-1": 5, "S-2": 1}[value]


ORDERED = {
    "study.yaml": """\
study: {id: S1, cutoff: 2024-12-31}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources:
  dm: {file: dm.csv}
  visit:
    file: visit.csv
    dates: {columns: {DAY: [mm/dd/yyyy]}}
    numbers: {decimal: ","}
    types: {DAY: date, CYCLE: number, ROOM: text}
""",
    "sdtm/dm.yaml": """\
dataset: DM
rows: {source: dm}
variables:
  SEX: SEX
  COUNTRY: {value: FRA}
  ARMNRS: {value: NOT ASSIGNED}
supplemental: {WARD: {from: WARD, label: Ward}}
""",
    "adam/adsl.yaml": """\
dataset: ADSL
rows: {from: DM}
variables:
  BYDAY: {first: visit.ROOM, order: [DAY], label: Room of the First Day}
  LASTCYC: {last: visit.ROOM, order: [CYCLE], label: Room of the Last Cycle}
  HIGHCYC: {first: visit.ROOM, order: [-CYCLE], label: Room of the Highest Cycle}
  BYROOM: {first: visit.ROOM, label: Room That Comes First}
  OFQUAL: {first: DM.WARD, label: Ward}
  NONEFL: {any: IE, label: Criterion Not Met Flag}
""",
    "sdtm/ie.yaml": """\
dataset: IE
rows: {source: visit, where: "ROOM == 'no such room'"}
variables: {IETESTCD: {value: INCL01}, IETEST: {value: Adult}, IECAT: {value: INCLUSION}, IEORRES: {value: N}, IESTRESC: {value: N}}
""",
    "raw/dm.csv": "SUBJ,SEX,WARD\n1,F,W3\n",
    "raw/visit.csv": "SUBJ,DAY,CYCLE,ROOM\n"
    '1,03/10/2024,"9,5",A\n1,12/01/2023,"100,0",B\n1,01/05/2024,soon,C\n1,unknown,"10,0",100\n1,02/01/2024,,9\n',
}


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ordered")
    for name, text in ORDERED.items():
        (root / "study" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "study" / name).write_text(text, "utf-8")
    build(str(root / "study"), root / "study" / "raw", root / "out", Options(quality=False))
    return root / "out"


@pytest.mark.parametrize(
    ("variable", "value", "rooms"),
    [
        # a day that cannot be read comes last
        ("BYDAY", "B", ["B", "C", "9", "A", "100"]),
        # a missing number comes before all others
        ("LASTCYC", "B", ["B", "100", "A", "9", "C"]),
        ("HIGHCYC", "B", ["B", "100", "A", "9", "C"]),
        # declared as text: 100 comes before 9
        ("BYROOM", "100", ["100", "9", "A", "B", "C"]),
    ],
)
def test_raw_columns_are_listed_in_the_order_of_what_they_mean(
    ordered: Path, variable: str, value: str, rooms: list[str]
) -> None:
    (record,) = trace_records(ordered, "ADSL", "USUBJID == 'S1-1'", 9)
    way = next(v for v in record["values"] if v["variable"] == variable)
    assert way["value"] == value
    assert [c["value"] for c in way["candidates"]] == rooms
    assert way["candidates"][0]["outcome"] == "chosen"


def test_a_qualifier_of_another_dataset_has_no_candidates(ordered: Path) -> None:
    (record,) = trace_records(ordered, "ADSL", "USUBJID == 'S1-1'", 9)
    way = next(v for v in record["values"] if v["variable"] == "OFQUAL")
    assert (way["value"], way["candidates"]) == ("W3", [])
    assert [(c["source"], c["column"]) for c in way["cells"]] == [("DM", "WARD")]


def test_a_dataset_without_records_has_no_candidates(ordered: Path) -> None:
    """It has no file."""
    assert not (ordered / "sdtm" / "ie.xpt").exists()
    (record,) = trace_records(ordered, "ADSL", "USUBJID == 'S1-1'", 9)
    way = next(v for v in record["values"] if v["variable"] == "NONEFL")
    assert (way["value"], way["candidates"]) == ("N", [])
