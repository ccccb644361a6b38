"""Values taken from raw rows of another table: what is declared for their column decides which counts, and findings
name the cell."""

from __future__ import annotations

import pytest
from kit.tiny import raw_table
from raw2adam.findings.table import Findings
from raw2adam.runs.close_accounts import report_rows

STUDY = """\
sources:
  dm: {file: dm.csv}
  dose:
    file: dose.csv
    dates: {formats: [dd.mm.yyyy, mm.yyyy], missing: [NK]}
    numbers: {decimal: ",", thousands: ".", missing_numbers: {MG: ["-99"]}}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: {value: F}\n  COUNTRY: {value: DEU}\n"
ADSL = "dataset: ADSL\nrows: {from: DM}\nvariables:\n"
DOSES = (
    "SUBJ,MG,NO,DAY,CODE\n"
    '1,-99,1,04.03.2024,"1"\n'
    '1,"12,5",2,05.02.2024,"1,0"\n'
    '1,"1.250,5",3,12/01/2024,"2"\n'
    "1,n.d.,4,02.2024,2\n"
    "1,9,5,NK,\n"
)


def adsl(tiny, rules: str, doses: str = DOSES, study: str = STUDY):
    lines = "".join(f"  {line}\n" for line in rules.splitlines())
    return tiny({"dm.csv": "SUBJ\n1\n", "dose.csv": doses}, study, {"dm": DM, "adsl": ADSL + lines})


def found(built) -> list[tuple[str, int, str, str]]:
    """(rule, row, column, value) of the findings about cells."""
    rows = built.findings[["rule", "row", "column", "value"]].itertuples(index=False, name=None)
    return sorted(r for r in rows if r[0].split("-")[1] not in ("ORDER", "COL", "ROW", "TIE"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{first: dose.MG, type: float, label: X}", 9.0),  # -99 is declared to be no value
        ("{first: dose.MG, type: float, order: [NO], label: X}", 12.5),
        ("{last: dose.MG, type: float, label: X}", 1250.5),
        ("{count: dose, distinct: MG, label: X}", 4.0),
        ("{first: dose.DAY, where: \"NO in ['2', '5']\", as: date, label: X}", 23411.0),  # 2024-02-05; NK is no date
        ("{total: dose.CODE, weights: {'1': 5, '2': 7}, label: X}", 12.0),  # 1 and 1,0 are one number
    ],
)
def test_a_cell_that_means_no_value_is_not_taken(tiny, rule, expected):
    assert adsl(tiny, f"NEW: {rule}").values("ADSL", "NEW") == [expected]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{lookup: dose.MG, where: NO == '1', type: float, label: X}", ("R2A-NUM-004", 1, "MG", "-99")),
        ("{lookup: dose.MG, where: NO == '4', type: float, label: X}", ("R2A-NUM-001", 4, "MG", "n.d.")),
        ("{lookup: dose.DAY, where: NO == '3', as: date, label: X}", ("R2A-DATE-001", 3, "DAY", "12/01/2024")),
        ("{lookup: dose.DAY, where: NO == '4', as: date, label: X}", ("R2A-ADAM-001", 4, "DAY", "02.2024")),
    ],
)
def test_a_looked_up_cell_without_a_value_is_one_finding_at_its_place(tiny, rule, expected):
    built = adsl(tiny, f"NEW: {rule}")
    assert built.values("ADSL", "NEW") == [None]
    assert found(built) == [expected]


def test_a_looked_up_date_that_is_declared_missing_is_no_finding(tiny):
    built = adsl(tiny, "NEW: {lookup: dose.DAY, where: NO == '5', as: date, label: X}")
    assert built.values("ADSL", "NEW") == [None]
    assert found(built) == []


def test_a_cut_of_a_number_that_means_no_value_is_reported(tiny):
    dm = DM + "supplemental:\n  G: {cut: KG, groups: {low: [0, 50], high: [50, null]}, label: Group}\n"
    study = "numbers: {missing_numbers: {KG: ['-99']}}\n"
    built = tiny({"dm.csv": "SUBJ,KG\n1,-99\n2,60\n"}, study, {"dm": dm})
    assert built.values("SUPPDM", "QVAL") == ["high"]
    assert found(built) == [("R2A-NUM-004", 1, "KG", "-99")]


@pytest.mark.parametrize(
    "other",
    [
        "LAST: {last: dose.DAY, as: date, label: Y}",
        "OLD: {count: dose, where: year(DAY) < 2024, label: Y}",
        "OLD: {count: dose, where: DAY < '2024-01-31', label: Y}",
        "OLD: {count: dose, where: 'days(DAY, DAY) > 0', label: Y}",
    ],
)
def test_a_column_that_a_condition_or_rule_reads_as_a_date_is_ordered_as_one(tiny, other):
    doses = "SUBJ,CODE,DAY\n1,A,04.03.2024\n1,B,12.01.2024\n1,C,no\n"
    built = adsl(tiny, f"NEW: {{first: dose.CODE, order: [DAY], label: X}}\n{other}", doses)
    assert built.values("ADSL", "NEW") == ["B"]


@pytest.mark.parametrize(
    "other",
    ["SUM: {total: dose.MG, label: Y}", "ANY: {any: dose, where: number(MG) > 0, label: Y}"],
)
def test_a_column_that_a_condition_or_rule_reads_as_a_number_is_ordered_as_one(tiny, other):
    doses = 'SUBJ,CODE,MG\n1,A,"1.250,5"\n1,B,9\n1,C,no\n'
    built = adsl(tiny, f"NEW: {{last: dose.CODE, order: [MG], label: X}}\n{other}", doses)
    assert built.values("ADSL", "NEW") == ["A"]


def test_cells_have_a_kind_by_the_declared_marks_and_formats_of_each_country(tiny):
    study = (
        'numbers: {by: dm.LAND, when: {DEU: {decimal: ",", thousands: "."}, USA: {thousands: ","}}}\n'
        "dates: {by: dm.LAND, when: {DEU: [dd.mm.yyyy], USA: [mm/dd/yyyy]}}\n"
    )
    doses = 'SUBJ,CODE,MG,DAY\n1,A,"1.250,5",04.03.2024\n1,B,9,12.01.2024\n2,A,"1,250.5",03/04/2024\n2,B,9,12/01/2023\n'
    rules = "  BYMG: {last: dose.CODE, order: [MG], label: X}\n  BYDAY: {last: dose.CODE, order: [DAY], label: X}\n"
    files = {"dm.csv": "SUBJ,LAND\n1,DEU\n2,USA\n", "dose.csv": doses}
    built = tiny(files, study, {"dm": DM, "adsl": ADSL + rules})
    assert built.values("ADSL", "BYMG") == ["A", "A"]
    assert built.values("ADSL", "BYDAY") == ["A", "A"]
    severity = built.findings["severity"][built.findings["rule"] == "R2A-ORDER-002"]
    assert set(severity) == {"note"}


def test_a_column_of_dates_and_other_texts_is_reported_when_it_decides_an_order(tiny):
    doses = "SUBJ,CODE,DAY\n1,A,04.03.2024\n1,B,12.01.2024\n1,C,unclear\n"
    built = adsl(tiny, "NEW: {first: dose.CODE, order: [DAY], label: X}", doses)
    assert built.findings["severity"][built.findings["rule"] == "R2A-ORDER-002"].tolist() == ["warning"]


def test_a_row_that_an_empty_cell_excludes_is_reported_also_where_another_rule_reads_it(tiny):
    ex = (
        "dataset: EX\nrows: {source: dose, where: number(MG) > 0}\n"
        "variables:\n  EXTRT: {value: DRUG}\n  EXDOSE: MG\n  EXDOSU: {value: mg}\n  EXSTDTC: {date: DAY}\n"
    )
    adsl = ADSL + "  NEW: {last: dose.CODE, order: [DAY], label: X}\n"
    doses = "SUBJ,MG,NO,DAY,CODE\n1,5,1,04.03.2024,A\n1,,2,05.03.2024,B\n"
    files = {"dm.csv": "SUBJ\n1\n", "dose.csv": doses}
    built = tiny(files, STUDY, {"dm": DM, "ex": ex, "adsl": adsl})
    assert built.values("EX", "EXDOSE") == [5.0]
    assert built.values("ADSL", "NEW") == ["B"]
    findings = Findings()
    tables = {n.removesuffix(".csv"): raw_table(n.removesuffix(".csv"), n, text) for n, text in files.items()}
    report_rows(built.plan, tables, built.ledger, findings)
    reported = findings.frame()
    (note,) = reported["message"][reported["rule"] == "R2A-EXPR-004"]
    assert "1 rows are excluded" in note


VS = """\
dataset: VS
rows: {source: vs}
variables:
  VSTESTCD: {value: WEIGHT}
  VSORRES: KG
  VSDY: {study_day: WHEN}
  EPOCH: {epoch: WHEN}
  VSSTRTPT: {relative: WHEN, to: DM.RFSTDTC}
"""


def test_a_raw_date_that_is_only_compared_is_not_lost_where_it_does_not_decide(tiny):
    study = "epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}}\n"
    dm = DM + "  RFSTDTC: {date: START}\n"
    files = {
        "dm.csv": "SUBJ,START\n1,2024-03-10\n2,\n",
        "vs.csv": "SUBJ,KG,WHEN\n1,70,2024-03\n1,71,2024-03-09\n1,72,soon\n2,73,2024-03-09\n",
    }
    built = tiny(files, study, {"dm": dm, "vs": VS})
    assert built.values("VS", "VSDY") == [None, -1.0, None, None]
    assert built.values("VS", "VSSTRTPT") == ["", "BEFORE", "", ""]
    assert found(built) == [("R2A-EXPR-002", 3, "WHEN", "soon")]


def test_a_finding_about_a_cell_read_by_subject_names_its_file_and_row(tiny):
    rule = "  NEW: {window_end: dm.STOP, months: 1, label: X, type: integer}\n"
    files = {"dm.csv": "SUBJ,STOP\n1,2024-03-01\n2,2024-04\n"}
    built = tiny(files, "dates: {formats: [yyyy-mm-dd, yyyy-mm]}\n", {"dm": DM, "adsl": ADSL + rule})
    assert built.values("ADSL", "NEW") == [23467.0, None]  # 2024-04-01
    assert found(built) == [("R2A-ADAM-001", 2, "STOP", "2024-04")]


def test_of_several_columns_a_finding_names_the_one_that_is_filled(tiny):
    dm = DM + "supplemental:\n  NEW: {from: [ONE, TWO], type: float, label: X}\n"
    study = "numbers: {columns: {ONE: ','}, missing_numbers: {TWO: ['-9']}}\n"
    built = tiny({"dm.csv": 'SUBJ,ONE,TWO\n1,"1,5",\n2,,2.5\n3,,x\n4,,-9\n5,y,3\n'}, study, {"dm": dm})
    assert built.values("SUPPDM", "QVAL") == ["1.5", "2.5"]
    assert found(built) == [
        ("R2A-NUM-001", 3, "TWO", "x"),
        ("R2A-NUM-001", 5, "ONE", "y"),
        ("R2A-NUM-004", 4, "TWO", "-9"),
    ]


def test_a_text_that_a_cut_cannot_read_is_one_finding(tiny):
    dm = DM + "supplemental:\n  G: {cut: KG, groups: {low: [0, 50], high: [50, null]}, label: Group}\n"
    rule = "  SUM: {total: dm.KG, label: X}\n"
    built = tiny({"dm.csv": "SUBJ,KG\n1,<5\n2,60\n"}, "", {"dm": dm, "adsl": ADSL + rule})
    assert built.values("SUPPDM", "QVAL") == ["high"]
    assert found(built) == [("R2A-NUM-006", 1, "KG", "<5")]
