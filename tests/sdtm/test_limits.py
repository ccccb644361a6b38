"""Reference limits: they follow the result of their record, and limits in the wrong order give no indicator."""

from __future__ import annotations

STUDY = """\
parents: [measurements]
study: {id: S1}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}
"""
LB = """\
dataset: LB
rows: {source: lb}
sort: [SOURCE]
variables:
  LBTESTCD: TEST
  LBORRES: RES
  LBORRESU: {original_unit: UNIT}
  LBORNRLO: LO
  LBORNRHI: HI
  LBSTRESC: {standard_result: RES, map: {neg: NEGATIVE}}
  LBNRIND: {range_indicator: LBSTRESC}
"""
HEAD = "SUBJ,TEST,RES,UNIT,LO,HI\n"


def built(tiny, rows: str):
    return tiny({"lb.csv": HEAD + rows}, STUDY, {"lb": LB})


def rules(study) -> list[tuple[str, int, str]]:
    table = study.findings
    return sorted(zip(table["rule"], table["row"].tolist(), table["column"], strict=True))


def test_a_missing_or_unknown_unit_is_one_finding_and_explains_the_limits(tiny):
    study = built(
        tiny, "1,HGB,13,,12,16\n1,HGB,13,furlong,12,16\n1,HGB,neg,,12,16\n1,HGB,13,g/dL,12,16\n1,HGB,,,12,16\n"
    )
    assert rules(study) == [("R2A-UNIT-001", 2, "UNIT"), ("R2A-UNIT-003", 1, "UNIT")]
    assert study.values("LB", "LBSTNRHI") == [None, None, None, 16.0, None]
    assert study.values("LB", "LBNRIND") == ["", "", "", "NORMAL", ""]


def test_a_unit_that_the_test_cannot_be_converted_from_is_one_finding(tiny):
    study = built(tiny, "1,HGB,13,%,12,16\n1,HGB,neg,%,12,16\n")
    assert rules(study) == [("R2A-UNIT-001", 1, "UNIT")]


def test_a_limit_that_is_no_number_keeps_its_finding(tiny):
    study = built(tiny, "1,HGB,13,g/dL,low,16\n1,HGB,13,,low,16\n")
    assert rules(study) == [("R2A-NUM-005", 1, "LO"), ("R2A-NUM-005", 2, "LO"), ("R2A-UNIT-003", 2, "UNIT")]


def test_limits_in_the_wrong_order_are_a_finding_and_give_no_indicator(tiny):
    study = built(tiny, "1,HGB,13,g/dL,16,12\n1,HGB,130,g/L,160,120\n1,HGB,13,g/dL,13,13\n1,HGB,13,,16,12\n")
    assert rules(study) == [("R2A-LIMIT-001", 1, "HI"), ("R2A-LIMIT-001", 2, "HI"), ("R2A-UNIT-003", 4, "UNIT")]
    assert study.values("LB", "LBNRIND") == ["", "", "NORMAL", ""]
    first = study.findings[study.findings["rule"] == "R2A-LIMIT-001"]["message"].tolist()[1]
    assert first == "the lower limit 16 is above the upper limit 12; no range indicator"


def test_limits_that_the_indicator_reads_from_other_columns_are_held_to_their_order_too(tiny):
    with_limits = LB.replace("range_indicator: LBSTRESC", "range_indicator: LBSTRESC, low: LBORNRLO, high: LBORNRHI")
    study = tiny({"lb.csv": HEAD + "1,HGB,13,g/dL,16,12\n"}, STUDY, {"lb": with_limits})
    assert study.values("LB", "LBNRIND") == [""]
    assert rules(study) == [("R2A-LIMIT-001", 1, "HI")]
