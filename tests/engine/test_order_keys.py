"""Raw columns that decide an order are read as what they mean; records that rank alike and differ are a finding."""

from __future__ import annotations

import pytest

DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
SOURCES = "sources: {dm: {file: dm.csv}, dose: {file: dose.csv%s}}\n"


def adsl(tiny, rule: str, dose: str, source: str = "", study: str = "", partitions: int = 1):
    files = {"dm.csv": "SUBJ\n1\n2\n", "dose.csv": dose}
    datasets = {"dm": DM, "adsl": f"{ADSL}  NEW: {rule}\n"}
    return tiny(files, study + SOURCES % source, datasets, partitions)


def value(tiny, rule: str, dose: str, **more):
    return adsl(tiny, rule, dose, **more).values("ADSL", "NEW")[0]


DOSES = "SUBJ,MG,CYCLE,DAY\n1,9.5,8,03/10/2024\n1,100,9,11/02/2023\n1,80,10,01/12/2024\n"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{last: dose.MG, type: float, label: X}", 100.0),  # the highest number, not the last of the alphabet
        ("{first: dose.MG, type: float, label: X}", 9.5),
        ("{last: dose.MG, order: [CYCLE], type: float, label: X}", 80.0),
        ("{first: dose.MG, order: [-CYCLE], type: float, label: X}", 80.0),
    ],
)
def test_numbers_of_a_raw_column_are_ordered_as_numbers(tiny, rule, expected):
    assert value(tiny, rule, DOSES) == expected


def test_dates_of_a_raw_column_are_ordered_by_their_declared_formats(tiny):
    study = "dates: {columns: {DAY: [mm/dd/yyyy]}}\n"
    assert value(tiny, "{last: dose.CYCLE, order: [DAY], label: X}", DOSES, study=study) == "8"
    assert value(tiny, "{first: dose.CYCLE, order: [DAY], label: X}", DOSES, study=study) == "9"


def test_a_date_of_a_raw_column_is_read_by_its_formats(tiny):
    study = "dates: {formats: [mm/dd/yyyy]}\n"
    # 2024-03-10 is day 23445 since 1960
    assert value(tiny, "{last: dose.DAY, as: date, type: integer, label: X}", DOSES, study=study) == 23445.0


def test_marks_of_numbers_hold_in_an_order(tiny):
    doses = 'SUBJ,MG\n1,"9,5"\n1,"1.000,25"\n1,80\n'
    numbers = ', numbers: {decimal: ",", thousands: "."}'
    assert value(tiny, "{last: dose.MG, type: float, label: X}", doses, source=numbers) == 1000.25
    assert value(tiny, "{first: dose.MG, type: float, label: X}", doses, source=numbers) == 9.5


def test_types_declare_the_kind_of_a_column_that_nothing_else_declares(tiny):
    doses = "SUBJ,MG,ROOM\n1,1,9\n1,2,10\n1,3,A\n"
    rule = "{last: dose.MG, order: [ROOM], label: X}"
    built = adsl(tiny, rule, doses)
    assert built.values("ADSL", "NEW")[0] == "3"  # A is the last text
    assert built.findings["severity"][built.findings["rule"] == "R2A-ORDER-002"].tolist() == ["warning"]
    built = adsl(tiny, rule, doses, source=", types: {ROOM: number}")
    assert built.values("ADSL", "NEW")[0] == "2"  # what cannot be read is never chosen before what can
    assert built.found("R2A-ORDER-002") == []
    assert built.found("R2A-ORDER-001") == [("dose.csv", 3, "ROOM", "A")]
    assert value(tiny, rule.replace("last", "first"), doses, source=", types: {ROOM: number}") == "1"
    assert value(tiny, rule, doses, source=", types: {ROOM: text}") == "3"


@pytest.mark.parametrize("partitions", [1, 2])
def test_the_cells_of_the_whole_file_decide_the_kind_of_a_column(tiny, partitions):
    doses = "SUBJ,MG,N\n1,1,9\n1,2,10\n2,3,9\n2,4,10\n"
    built = adsl(tiny, "{last: dose.MG, order: [N], label: X}", doses, partitions=partitions)
    assert built.values("ADSL", "NEW") == ["2", "4"]
    assert built.findings["severity"][built.findings["rule"] == "R2A-ORDER-002"].iloc[0] == "note"


def test_a_join_takes_the_last_by_number(tiny):
    dm = (
        DM.replace("rows: {source: dm}", "rows: {source: dm, join: {source: dose, take: last, order: [CYCLE]}}")
        + "  DMDTC: dose.MG\n"
    )
    built = tiny({"dm.csv": "SUBJ\n1\n", "dose.csv": DOSES}, SOURCES % "", {"dm": dm})
    assert built.values("DM", "DMDTC") == ["80"]


# ties


def ties(built) -> list[tuple[str, str, str]]:
    table = built.findings[built.findings["rule"] == "R2A-TIE-001"]
    return list(zip(table["subject"], table["variable"], table["message"], strict=True))


TIED = "SUBJ,DAY,MG\n1,2020-01-01,5\n1,2020-02-01,8\n1,2020-02-01,6\n2,2020-02-01,7\n2,2020-02-01,7\n"


def test_a_tie_is_decided_by_values_and_is_a_finding(tiny):
    """See docs/semantics.md S9."""
    rule = "{last: dose.MG, order: [DAY], label: X}"
    built = adsl(tiny, rule, TIED)
    assert built.values("ADSL", "NEW") == ["8", "7"]
    assert ties(built) == [
        ("S1-01", "NEW", "dose.csv rows 2, 3 rank alike by DAY and differ in MG: the last of them by all values is used")
    ]  # fmt: skip
    header, *rows = TIED.splitlines()
    turned = adsl(tiny, rule, "\n".join([header, *rows[::-1]]) + "\n")
    assert turned.values("ADSL", "NEW") == ["8", "7"]
    assert [t[2].partition(" rank")[0] for t in ties(turned)] == ["dose.csv rows 3, 4"]


def test_a_flag_among_records_that_differ_is_a_finding(tiny):
    cm = (
        "dataset: CM\nrows: {source: cm}\nvariables:\n  CMTRT: DRUG\n  CMSPID: NO\n  CMSTDTC: {date: DAY}\n"
        "  CMOCCUR: {flag: first, order: [CMSTDTC]}\n"
    )
    raw = "SUBJ,NO,DRUG,DAY\n1,1,B,2020-01-01\n1,2,A,2020-01-01\n2,3,C,2020-01-01\n2,4,C,2020-01-01\n"
    built = tiny({"dm.csv": "SUBJ\n1\n2\n", "cm.csv": raw}, "", {"dm": DM, "cm": cm})
    flags = {(r["USUBJID"], r["CMSPID"]): r["CMOCCUR"] for r in built.data["CM"]}
    assert flags == {("S1-01", "1"): "", ("S1-01", "2"): "Y", ("S1-02", "3"): "Y", ("S1-02", "4"): ""}
    # the two records of the other subject differ in an identifier alone
    assert [(s, v) for s, v, _ in ties(built)] == [("S1-01", "CMOCCUR")]


def test_a_join_that_takes_one_of_several_reports_what_is_read_of_them(tiny):
    def dm(column: str) -> str:
        join = "rows: {source: dm, join: {source: dose, take: last, order: [DAY]}}"
        return DM.replace("rows: {source: dm}", join) + f"  DMDTC: dose.{column}\n"

    files = {"dm.csv": "SUBJ\n1\n2\n", "dose.csv": TIED}
    built = tiny(files, SOURCES % "", {"dm": dm("MG")})
    assert built.values("DM", "DMDTC") == ["8", "7"]
    assert [s for s, _, _ in ties(built)] == ["S1-01"]
    assert ties(tiny(files, SOURCES % "", {"dm": dm("DAY")})) == []  # both rows give the same


def test_lint_asks_for_the_type_of_a_raw_column_in_an_order(spec_problems):
    def warned(rule: str, source: str = "") -> list[str]:
        found = spec_problems(SOURCES % source, {"dm": DM, "adsl": f"{ADSL}  NEW: {rule}\n"}, ("dm.csv", "dose.csv"))
        return [p.hint for p in found if "decides an order" in p.message]

    asked = "write types: {CYCLE: number} (or date, text) at the source dose"
    assert warned("{last: dose.MG, order: [CYCLE], label: X}") == [asked]
    assert warned("{last: dose.MG, order: [CYCLE], label: X}", ", types: {CYCLE: number}") == []
    assert warned("{last: dose.MG, label: X, type: float}") == []
