"""Results of findings in standard units, on literal tables: the factors are those of the laboratory handbooks."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw2adam.mappings.loader import load_study
from raw2adam.sdtm.derivations.units import convert, facts_of, units_of

HEAD = "parents: [measurements]\nstudy: {id: S1}\nsubject: {columns: [SUBJ], usubjid: 'S1-{SUBJ:02}'}\n"
LB = """\
dataset: LB
rows: {source: lb}
sort: [SOURCE]
variables:
  LBTESTCD: TEST
  LBSPEC: SPEC
  LBORRES: RESULT
  LBORRESU: {original_unit: UNIT}
  LBORNRLO: LLN
  LBORNRHI: ULN
  LBSTRESC: {standard_result: RESULT, map: {neg: NEGATIVE, non detectable: NOT DETECTED}, operand: VOL, operand_unit: VOLU}
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts")
    (folder / "study.yaml").write_text(HEAD + "sources: {lb: {file: lb.csv}}\n", "utf-8")
    loaded = load_study(folder)
    assert loaded.problems == []
    return loaded.file


@pytest.mark.parametrize(
    ("test", "specimen", "value", "unit", "standard", "standard_unit"),
    [
        ("MCPROT", "SERUM", "35", "g/L", "3.5", "g/dL"),
        ("MCPROT", "SERUM", "3500", "mg/dL", "3.5", "g/dL"),
        ("MCPROT", "SERUM", "35000", "mg/L", "3.5", "g/dL"),
        ("MCPROT", "SERUM", "3.5", "g/dL", "3.5", "g/dL"),
        ("MPROTEXR", "URINE", "0.25", "g/day", "250", "mg/day"),
        ("KLCFR", "SERUM", "250", "mg/L", "25", "mg/dL"),
        ("LLCFR", "SERUM", "0.25", "g/L", "25", "mg/dL"),
        ("KLCLLCFR", "SERUM", "1.65", "RATIO", "1.65", "RATIO"),
        ("CA", "SERUM", "2.5", "mmol/L", "10.0", "mg/dL"),
        ("CREAT", "SERUM", "88.42", "umol/L", "1", "mg/dL"),
        ("CREAT", "SERUM", "177", "umol/L", "2.00", "mg/dL"),
        ("HGB", "BLOOD", "125", "g/L", "12.5", "g/dL"),
        ("HGB", "BLOOD", "7", "mmol/L", "11.3", "g/dL"),
        ("ALB", "SERUM", "35", "g/L", "3.5", "g/dL"),
        ("ALB", "SERUM", "600", "umol/L", "3.99", "g/dL"),
        ("B2MICG", "SERUM", "3.5", "mg/L", "3.5", "mg/L"),
        ("B2MICG", "SERUM", "300", "nmol/L", "3.54", "mg/L"),
        ("IGG", "SERUM", "12.5", "g/L", "1250", "mg/dL"),
        ("PLAT", "BLOOD", "150000", "10^6/L", "150", "10^9/L"),
        ("HGB", "BLOOD", "125.512345678901", "g/L", "12.5512345678901", "g/dL"),  # a power of ten keeps all digits
        ("LDH", "SERUM", "5", "ukat/L", "300", "U/L"),
        ("WEIGHT", "", "154", "LB", "69.9", "kg"),
        ("TEMP", "", "98.6", "F", "37", "C"),
        ("TEMP", "", "100.4", "F", "38", "C"),
        ("HEIGHT", "", "70", "in", "178", "cm"),
        ("HEIGHT", "", "1.72", "m", "172", "cm"),
    ],
)
def test_a_result_in_its_standard_unit(facts, test, specimen, value, unit, standard, standard_unit):
    """See docs/semantics.md S17."""
    found = facts_of(facts, test, specimen)
    assert found is not None
    assert (convert(Decimal(value), unit, found), found.unit) == (Decimal(standard), standard_unit)


def test_a_urine_concentration_needs_the_volume_of_24_hours(facts):
    found = facts_of(facts, "MPROTEXR", "URINE")
    assert found is not None
    assert convert(Decimal(250), "mg/L", found) is None
    assert convert(Decimal(250), "mg/L", found, Decimal("1.8")) == 450
    assert convert(Decimal(25), "mg/dL", found, Decimal("1.8")) == 450


@given(st.integers(min_value=0, max_value=10**7))
def test_grams_per_litre_and_per_decilitre_never_drift(facts, tenths: int):
    found = facts_of(facts, "MCPROT", "SERUM")
    assert found is not None
    result = convert(Decimal(tenths) / 10, "g/L", found)
    assert result is not None
    assert result * 100 == tenths


@pytest.mark.parametrize(
    ("test", "spelling", "unit"),
    [
        ("HGB", "g/l", "g/L"), ("HGB", "G/DL", "g/dL"), ("HGB", "g / dl", "g/dL"), ("ALB", "G/l", "g/L"),
        ("NEUT", "G/l", "10^9/L"), ("WBC", "/nL", "10^9/L"), ("PLAT", "10^3/\u00b5L", "10^9/L"),
        ("PLAT", "10\u2079/L", "10^9/L"), ("CREAT", "\u00b5mol/l", "umol/L"), ("CREAT", "\u03bcmol/L", "umol/L"),
        ("B2MICG", "\u00b5g/mL", "mg/L"), ("MPROTEXR", "mg/24 h", "mg/day"), ("TEMP", "\u00b0F", "F"),
        ("WEIGHT", "lbs", "LB"), ("WEIGHT", "KG", "kg"), ("HGB", "furlong", ""), ("HGB", "mol", ""),
    ],
)  # fmt: skip
def test_spellings_of_a_unit(facts, test: str, spelling: str, unit: str):
    assert units_of(facts).submitted(spelling, facts_of(facts, test, "")) == unit


def lb(tiny, rows: str, more: str = "", study: str = "", spec: str = LB):
    text = "SUBJ,TEST,SPEC,RESULT,UNIT,LLN,ULN,VOL,VOLU\n" + "".join(f"1,{r}\n" for r in rows.split("|"))
    sources = "" if "sources:" in study else "sources: {lb: {file: lb.csv}}\n"
    return tiny({"lb.csv": text}, HEAD + sources + study, {"lb": spec + more})


def shown(study, *names: str) -> list[tuple]:
    return [tuple(r[n] for n in names) for r in study.data["LB"]]


def test_the_variables_of_a_result_follow_from_its_rule(tiny):
    study = lb(
        tiny, "HGB,BLOOD,125,g/l,120,160,,|HGB,BLOOD,<35,g/L,120,,,|MPIGISO,SERUM,neg,,,,,|HGB,BLOOD,,g/L,120,160,,"
    )
    assert shown(study, "LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU") == [
        ("125", "g/L", "12.5", 12.5, "g/dL"),
        ("<35", "g/L", "<3.5", None, "g/dL"),
        ("neg", "", "NEGATIVE", None, ""),
        ("", "g/L", "", None, ""),
    ]
    assert shown(study, "LBORNRLO", "LBSTNRLO", "LBSTNRHI", "LBNRIND") == [
        ("120", 12.0, 16.0, "NORMAL"), ("120", 12.0, None, "LOW"), ("", None, None, ""), ("120", 12.0, 16.0, ""),
    ]  # fmt: skip
    assert len(study.findings) == 0


def test_a_comma_is_read_where_the_source_declares_it(tiny):
    comma = "sources: {lb: {file: lb.csv, numbers: {decimal: ','}}}\n"
    study = lb(tiny, 'HGB,BLOOD,"<0,1",g/L,"120,5",,,|HGB,BLOOD,12.5,g/dL,,,,', study=comma)
    assert shown(study, "LBORRES", "LBSTRESC", "LBSTRESN", "LBSTNRLO") == [
        ("<0.1", "<0.01", None, 12.05), ("12.5", "12.5", None, None),
    ]  # fmt: skip
    assert study.found("R2A-NUM-003") == [("lb.csv", 2, "RESULT", "12.5")]


def test_an_original_result_has_a_point_unless_the_spec_keeps_it_verbatim(tiny):
    comma = "sources: {lb: {file: lb.csv, numbers: {decimal: ',', thousands: .}}}\n"
    rows = 'HGB,BLOOD,"1.250,50",g/L,"120,5","1.160",,|HGB,BLOOD,12.5,g/dL,"12,0",,,'
    study = lb(tiny, rows, study=comma)
    assert shown(study, "LBORRES", "LBORNRLO", "LBORNRHI") == [("1250.50", "120.5", "1160"), ("12.5", "12.0", "")]
    # at a site of commas 12.5 is no number, also among numbers with points
    assert shown(study, "LBSTRESN", "LBSTNRLO") == [(125.05, 12.05), (None, 12.0)]


def test_a_result_and_its_limits_are_compared_before_they_are_rounded(tiny):
    # 104 umol/L are 1.1762 mg/dL, submitted as 1.18; 60.1 are 0.6797, submitted as 0.680
    expected = {"103.9": "NORMAL", "104": "NORMAL", "104.1": "HIGH", "60.1": "NORMAL", "60": "LOW"}
    study = lb(tiny, "|".join(f"CREAT,SERUM,{result},umol/L,60.1,104,," for result in expected))
    assert shown(study, "LBORRES", "LBSTNRLO", "LBSTNRHI", "LBNRIND") == [
        (result, 0.68, 1.18, indicator) for result, indicator in expected.items()
    ]


def test_a_text_that_is_no_number_is_kept_and_reported(tiny):
    study = lb(tiny, "HGB,BLOOD,approx 3,g/dL,,,,|HGB,BLOOD,Non Detectable,g/dL,,,,|HGB,BLOOD,2+,g/dL,,,,")
    assert shown(study, "LBSTRESC", "LBSTRESN", "LBSTRESU") == [
        ("approx 3", None, ""), ("NOT DETECTED", None, ""), ("2+", None, ""),
    ]  # fmt: skip
    assert study.found("R2A-NUM-003") == [("lb.csv", 1, "RESULT", "approx 3"), ("lb.csv", 3, "RESULT", "2+")]


def test_an_unknown_unit_is_never_converted(tiny):
    study = lb(tiny, "HGB,BLOOD,12.5,furlong,12,16,,|HGB,BLOOD,12.5,mg/day,12,16,,|HGB,BLOOD,12.5,,12,16,,")
    assert shown(study, "LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBSTNRLO", "LBNRIND") == [
        ("12.5", "furlong", "", None, "", None, ""),
        ("12.5", "mg/day", "", None, "", None, ""),
        ("12.5", "", "", None, "", None, ""),
    ]
    assert study.found("R2A-UNIT-001") == [("lb.csv", 1, "UNIT", "furlong"), ("lb.csv", 2, "UNIT", "mg/day")]
    assert [f[:3] for f in study.found("R2A-UNIT-003")] == [("lb.csv", 3, "UNIT")]


def test_a_ratio_needs_no_unit(tiny):
    study = lb(tiny, "KLCLLCFR,SERUM,1.2,,0.26,1.65,,")
    assert shown(study, "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBNRIND") == [("1.2", 1.2, "RATIO", "NORMAL")]
    assert len(study.findings) == 0


def test_urine_protein_with_and_without_its_volume(tiny):
    study = lb(
        tiny,
        "MPROTEXR,URINE,250,mg/L,,,1.8,L/24h|MPROTEXR,URINE,250,mg/L,,,1800,mL/day|MPROTEXR,URINE,250,mg/L,,,,"
        "|MPROTEXR,URINE,250,mg/L,,,1.8,|MPROTEXR,URINE,250,mg/24h,,,,|MPROTEXR,URINE,250,mg/L,,,900,L/day"
        "|HGB,BLOOD,12,g/dL,,,,",
    )
    assert shown(study, "LBSTRESN", "LBSTRESU") == [
        (450.0, "mg/day"), (450.0, "mg/day"), (None, ""), (None, ""), (250.0, "mg/day"), (None, ""), (12.0, "g/dL"),
    ]  # fmt: skip
    assert [f[1:] for f in study.found("R2A-UNIT-004")] == [
        (3, "RESULT", "250"),
        (4, "RESULT", "250"),
        (6, "RESULT", "250"),
    ]


def test_a_value_of_another_unit_is_reported_with_the_unit_that_fits(tiny):
    study = lb(
        tiny,
        "MCPROT,SERUM,35,g/dL,,,,|MCPROT,SERUM,12,g/dL,,,,|HGB,BLOOD,125,g/dL,,,,|CA,SERUM,9.4,mmol/L,,,,"
        "|HGB,BLOOD,-9,g/dL,,,,|HGB,BLOOD,<30,g/dL,,,,",
    )
    assert shown(study, "LBSTRESN") == [(35.0,), (12.0,), (125.0,), (37.7,), (-9.0,), (None,)]
    found = study.findings[study.findings["rule"] == "R2A-UNIT-002"]
    assert found["row"].tolist() == [1, 3, 4, 5]
    assert found["value"].tolist() == ["35", "125", "9.4", "-9"]
    messages = found["message"].tolist()
    assert "3.5 g/dL if it is in g/L" in messages[0]
    assert "12.5 g/dL if it is in g/L" in messages[1]
    assert "9.4 mg/dL if it is in mg/dL" in messages[2]
    assert "would" not in messages[3]


def test_a_test_without_facts_stays_in_its_unit(tiny):
    study = lb(tiny, "HCT,BLOOD,41,%,,,,")
    assert shown(study, "LBSTRESC", "LBSTRESN", "LBSTRESU") == [("41", 41.0, "%")]
    assert [f[1] for f in study.found("R2A-UNIT-005")] == [1]


def test_a_study_changes_the_facts_in_yaml(tiny):
    more = (
        "measurements: {HGB: {unit: g/L, convert: {g/dL: {times: 10}, g/L: null}, plausible: [20, 250]}, ALB: null}\n"
    )
    study = lb(tiny, "HGB,BLOOD,12.5,g/dL,,,,|ALB,SERUM,35,g/L,,,,", study=more)
    assert shown(study, "LBSTRESC", "LBSTRESU") == [("125", "g/L"), ("35", "g/L")]
    assert [f[1] for f in study.found("R2A-UNIT-005")] == [2]


def test_a_number_for_no_value_is_missing_in_the_standard_result_only(tiny):
    study = lb(tiny, "PLAT,BLOOD,999,G/l,,,,", study="numbers: {missing_numbers: {RESULT: ['999']}}\n")
    assert shown(study, "LBORRES", "LBSTRESC", "LBSTRESN") == [("999", "", None)]
    assert study.found("R2A-NUM-004") == [("lb.csv", 1, "RESULT", "999")]


INDICATORS = [
    ("5", "5", "10", "NORMAL"), ("10", "5", "10", "NORMAL"), ("4.9", "5", "10", "LOW"), ("10.1", "5", "10", "HIGH"),
    ("4.9", "5", "", "LOW"), ("6", "5", "", "NORMAL"), ("6", "", "5", "HIGH"), ("4", "", "5", "NORMAL"), ("4", "", "", ""),
    ("<5", "5", "10", "LOW"), ("<=5", "5", "10", ""), ("<6", "5", "10", ""), ("<4", "5", "10", "LOW"), ("<4", "", "10", "NORMAL"),
    ("<12", "", "10", ""), (">10", "5", "10", "HIGH"), (">9", "5", "10", ""), (">=10", "5", "10", ""), (">6", "5", "", "NORMAL"),
    (">80", "", "", ""), ("neg", "5", "10", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def indicators(tiny):
    study = lb(tiny, "|".join(f"IGM,SERUM,{r},mg/dL,{low},{high},," for r, low, high, _ in INDICATORS))
    found = shown(study, "LBORRES", "LBNRIND")
    assert [text for text, _ in found] == [case[0] for case in INDICATORS]
    return [indicator for _, indicator in found]


@pytest.mark.parametrize(("result", "low", "high", "indicator"), INDICATORS)
def test_the_indicator_follows_the_limits(indicators, result: str, low: str, high: str, indicator: str):
    assert indicators[INDICATORS.index((result, low, high, indicator))] == indicator


def test_listed_texts_are_normal_or_abnormal(tiny):
    more = "  LBNRIND: {range_indicator: LBSTRESC, normal: [NEGATIVE], abnormal: [POSITIVE]}\n"
    study = lb(tiny, "MPIGISO,SERUM,neg,,,,,|MPIGISO,SERUM,POSITIVE,,,,,", more)
    assert shown(study, "LBNRIND") == [("NORMAL",), ("ABNORMAL",)]


def test_a_limit_that_is_no_number_is_reported(tiny):
    study = lb(tiny, "HGB,BLOOD,12,g/dL,see note,16,,")
    assert shown(study, "LBSTNRLO", "LBSTNRHI") == [(None, 16.0)]
    assert study.found("R2A-NUM-005") == [("lb.csv", 1, "LLN", "see note")]


def test_an_unpivoted_result_is_reported_with_the_column_of_its_file(tiny):
    spec = """\
dataset: VS
rows:
  source: lb
  unpivot: {HEIGHT: {result: HT, unit: cm}, WEIGHT: {result: WT, unit: {from: WTU}}}
sort: [SOURCE]
variables:
  VSORRESU: {original_unit: UNIT}
  VSSTRESC: {standard_result: RESULT}
"""
    files = {"lb.csv": "SUBJ,HT,WTU,WT\n1,1.72,lb,720\n1,172,stone,12\n"}
    study = tiny(files, HEAD + "sources: {lb: {file: lb.csv}}\n", {"vs": spec})
    assert [(r["VSTESTCD"], r["VSSTRESC"], r["VSSTRESU"]) for r in study.data["VS"]] == [
        ("HEIGHT", "1.72", "cm"), ("WEIGHT", "327", "kg"), ("HEIGHT", "172", "cm"), ("WEIGHT", "", ""),
    ]  # fmt: skip
    assert [f[1:] for f in study.found("R2A-UNIT-002")] == [(1, "HT", "1.72"), (1, "WT", "720")]
    assert study.found("R2A-UNIT-001") == [("lb.csv", 2, "WTU", "stone")]


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("HGB: {unit: g/dL, plausible: [25, 2]}", "lowest, highest"),
        ("HGB: {unit: g/dL, convert: {g/L: {over: 0}}}", "must not be 0"),
        ("HGB: {unit: g/dL, convert: {g/L: {over: ten}}}", "not a decimal number"),
        ("HGB: {unit: g/dL, factor: 2}", "unknown key"),
    ],
)
def test_facts_that_cannot_be_are_refused(spec_problems, yaml: str, message: str):
    problems = spec_problems(f"sources: {{vs: {{file: vs.csv}}}}\nmeasurements: {{{yaml}}}\n", {})
    assert any(message in p.message for p in problems)
