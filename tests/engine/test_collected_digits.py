"""Collected numbers keep 15 significant digits; what a float64 does not hold is a finding; computed numbers keep 12."""

from __future__ import annotations

from decimal import Decimal

import pytest
from raw2adam.engine.columns import column as col
from raw2adam.engine.columns.rounding import collected_digits

EX = "dataset: EX\nrows: {source: ex}\nvariables: {EXTRT: {value: D}, EXDOSE: DOSE, EXDOSU: {value: mg}}\n"


@pytest.mark.parametrize(
    ("text", "number", "shortened"),
    [
        ("1.23456789012345", 1.23456789012345, ""),  # 15 digits
        ("0.1234567890123", 0.1234567890123, ""),
        ("12345678.12345", 12345678.12345, ""),
        ("1.50000000000000000000", 1.5, ""),
        ("72057594037927936", 72057594037927936.0, ""),  # 2**56
        ("0.30000000000000004", 0.3, "0.3"),
        ("9007199254740993", 9007199254740992.0, "9007199254740992.0"),  # 2**53 + 1
        ("99999999999999.99", 100000000000000.0, "100000000000000.0"),
        ("123456789012345678", 123456789012345680.0, "1.2345678901234568e+17"),
        ("1.2345678901234567", 1.23456789012346, "1.23456789012346"),
    ],
)
def test_a_collected_number_keeps_15_digits_or_its_change_is_reported(tiny, text, number, shortened):
    """See docs/semantics.md S13."""
    built = tiny({"ex.csv": f"SUBJ,DOSE\n1,{text}\n"}, "", {"ex": EX})
    assert built.values("EX", "EXDOSE") == [number]
    assert built.found("R2A-NUM-007") == ([("ex.csv", 1, "DOSE", text)] if shortened else [])
    assert collected_digits(Decimal(text)) == shortened
    messages = built.findings.loc[built.findings["rule"] == "R2A-NUM-007", "message"].tolist()
    assert messages == ([f"a number with more digits than are kept: {shortened}"] if shortened else [])


@pytest.mark.parametrize("text", ["1e400", "1e-400", "1e80", "1e-90", "9" * 400, "0." + "0" * 100 + "1"])
def test_a_number_that_xpt_cannot_hold_is_missing_and_reported(tiny, text):
    built = tiny({"ex.csv": f"SUBJ,DOSE\n1,{text}\n1,7\n"}, "", {"ex": EX})
    assert sorted(built.values("EX", "EXDOSE"), key=str) == [7.0, None]
    assert built.found("R2A-NUM-001") == [("ex.csv", 1, "DOSE", text)]
    assert built.found("R2A-CELL-001") == []


def test_a_computed_number_keeps_12_digits_and_a_collected_block_beside_it_15(tiny):
    """See docs/semantics.md S13."""
    ex = """\
dataset: EX
rows: [{source: ex, variables: {EXDOSE: DOSE}}, {source: more, variables: {EXDOSE: {compute: DOSE / 3, type: float}}}]
variables: {EXTRT: {value: D}, EXDOSU: {value: mg}}
"""
    ex = ex.replace("DOSE / 3", "number(DOSE) / 3")
    built = tiny({"ex.csv": "SUBJ,DOSE\n1,1.23456789012345\n", "more.csv": "SUBJ,DOSE\n1,1\n"}, "", {"ex": ex})
    assert sorted(built.values("EX", "EXDOSE")) == [0.333333333333, 1.23456789012345]


def test_adam_keeps_the_digits_of_what_it_copies(tiny):
    """A dose as collected keeps 15 digits in ADaM; a computed one has in ADaM the 12 that it has in SDTM."""
    dm = "dataset: DM\nrows: {source: ex}\nvariables: {SEX: {value: M}, COUNTRY: {value: DEU}, RFSTDTC: {value: 2024-01-01}}\n"
    vs = """\
dataset: VS
rows: {source: ex}
variables:
  VSTESTCD: {value: WEIGHT}
  VSORRES: DOSE
  VSSTRESC: DOSE
  VSSTRESN: {compute: number(DOSE) / 3}
"""
    advs = """\
dataset: ADVS
structure: BDS
rows: {from: EX}
variables:
  PARAMCD: {value: DOSE}
  PARAM: {value: Dose}
  AVAL: EXDOSE
  BASE: {lookup: VS.VSSTRESN}
"""
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n"
    files = {"ex.csv": "SUBJ,DOSE\n1,1.23456789012345\n"}
    built = tiny(files, "", {"dm": dm, "ex": EX, "vs": vs, "adsl": adsl, "advs": advs})
    assert built.values("ADVS", "AVAL") == built.values("EX", "EXDOSE") == [1.23456789012345]
    assert built.values("VS", "VSSTRESN") == [0.411522630041]  # 1.23456789012345 / 3 = 0.41152263004115
    assert built.values("ADVS", "BASE") == [0.411522630041]


STUDY = """\
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
measurements: {GLUC: {unit: mmol/L}}
sources: {lb: {file: lb.csv}}
"""
LB = """\
dataset: LB
rows: {source: lb}
variables:
  LBTESTCD: {value: GLUC}
  LBORRES: RESULT
  LBORRESU: {value: mmol/L}
  LBSTRESC: {standard_result: RESULT}
"""


def test_the_text_of_a_result_keeps_its_digits_and_a_finding_names_the_shorter_number(tiny):
    built = tiny({"lb.csv": "SUBJ,RESULT\n1,0.1234567890123\n2,9007199254740993\n"}, STUDY, {"lb": LB})
    assert built.values("LB", "LBORRES") == ["0.1234567890123", "9007199254740993"]
    assert built.values("LB", "LBSTRESC") == ["0.1234567890123", "9007199254740993"]
    assert built.values("LB", "LBSTRESN") == [0.1234567890123, 9007199254740992.0]
    assert built.found("R2A-NUM-007") == [("lb.csv", 2, "RESULT", "9007199254740993")]


def test_whole_numbers_that_are_exact_are_written_without_an_exponent():
    texts = [col.number_text(x) for x in (9007199254740992.0, 1e15, 63.0, 1e17)]
    assert texts == ["9007199254740992", "1000000000000000", "63", "1e+17"]


def test_records_that_copy_earlier_ones_of_their_dataset_keep_the_digits(tiny):
    dm = "dataset: DM\nrows: {source: ex}\nvariables: {SEX: {value: M}, COUNTRY: {value: DEU}, RFSTDTC: {value: 2024-01-01}}\n"
    advs = """\
dataset: ADVS
structure: BDS
rows: [{from: EX, variables: {AVAL: EXDOSE}}, {from: ADVS, variables: {AVAL: AVAL}}]
variables: {PARAMCD: {value: DOSE}, PARAM: {value: Dose}}
"""
    adsl = "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n"
    built = tiny({"ex.csv": "SUBJ,DOSE\n1,1.23456789012345\n"}, "", {"dm": dm, "ex": EX, "adsl": adsl, "advs": advs})
    assert built.values("ADVS", "AVAL") == [1.23456789012345, 1.23456789012345]
