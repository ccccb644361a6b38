"""Each statistic on a study of a few subjects, with values worked out by hand.

Six treated subjects: A1 to A4 in group A, B1 in group B, N1 without a group; X1 is not treated, and Q1 has no flag.
"""

from __future__ import annotations

import pandas as pd
import pytest
from raw2adam.analyses.compute import compute_analyses
from raw2adam.analyses.masking import masked
from raw2adam.analyses.number_texts import rounded_text
from raw2adam.analyses.results import Absent, ComputedAnalyses, ComputedResult
from raw2adam.analyses.stored import read_stored, stored_analyses
from raw2adam.mappings.binding.bind import Binder
from raw2adam.mappings.models.analysis import DisplaySpec
from raw2adam.mappings.models.analysis_groups import GroupsFile
from raw2adam.mappings.yaml.read import parse_yaml

ADSL = pd.DataFrame(
    [
        ("A1", "A", "Y", "<65", 50.0, 365.25), ("A2", "A", "Y", "<65", 60.0, 365.25), ("A3", "A", "Y", ">=65", 70.0, 730.5),
        ("A4", "A", "Y", ">=65", float("nan"), 365.25), ("B1", "B", "Y", "", 80.0, 0.0), ("N1", "", "Y", "<65", 40.0, float("nan")),
        ("X1", "A", "N", "<65", 55.0, 1.0), ("Q1", "A", "", "<65", 55.0, 1.0),
    ],
    columns=["USUBJID", "TRT01A", "SAFFL", "AGEGR1", "AGE", "TRTDURD"],
)  # fmt: skip
ADRS = pd.DataFrame(
    [
        ("RSP", "A1", "Y", "", ""), ("RSP", "A2", "Y", "", ""), ("RSP", "A3", "N", "", ""), ("RSP", "A4", "N", "", ""),
        ("RSP", "B1", "Y", "", ""), ("RSP", "X1", "Y", "", ""),
        ("BOR", "A1", "CR", "CR", "M1"), ("BOR", "A2", "PR", "CR", "M1"), ("BOR", "A2", "PR", "PR", "M1"), ("BOR", "A3", "ZZ", "PR", "M2"),
        ("BOR", "B1", "PR", "PR", "M2"),
    ],
    columns=["PARAMCD", "USUBJID", "AVALC", "SECOND", "AVISIT"],
)  # fmt: skip
# days of 30.4375 are months: events at 1, 2 and 2 months, a censoring at 2 and at 4
MONTH = 30.4375
ADTTE = pd.DataFrame(
    [
        ("PFS", "A1", MONTH, 0.0), ("PFS", "A2", 2 * MONTH, 0.0), ("PFS", "A3", 2 * MONTH, 0.0), ("PFS", "A4", 2 * MONTH, 1.0),
        ("PFS", "N1", 4 * MONTH, 2.0), ("PFS", "B1", -3.0, 0.0),
        ("OS", "A1", MONTH, 1.0), ("OS", "A2", MONTH, 1.0),
    ],
    columns=["PARAMCD", "USUBJID", "AVAL", "CNSR"],
)  # fmt: skip
ADAE = pd.DataFrame(
    [
        ("A1", "Eye", "Pain", "1"), ("A1", "Eye", "Pain", "3"), ("A2", "Eye", "Pain", "2"), ("A2", "Eye", "Itch", "1"),
        ("B1", "Skin", "Rash", ""), ("A3", "Skin", "", "4"), ("X1", "Skin", "Rash", "5"),
    ],
    columns=["USUBJID", "SOC", "PT", "GRADE"],
)  # fmt: skip
ADQS = pd.DataFrame(
    [
        ("A1", "Base", 0.0, 10.0, float("nan")), ("A2", "Base", 0.0, 20.0, float("nan")),
        ("A1", "Month 3", 3.0, 30.0, 20.0), ("A2", "Month 3", 3.0, 10.0, -10.0), ("B1", "Month 3", 3.0, 5.0, float("nan")),
    ],
    columns=["USUBJID", "AVISIT", "AVISITN", "AVAL", "CHG"],
)  # fmt: skip
FRAMES = {"ADSL": ADSL, "ADRS": ADRS, "ADTTE": ADTTE, "ADAE": ADAE, "ADQS": ADQS}

DISPLAY = """\
display: ALL
name: Table 1
description: All statistics
reason: SPECIFIED IN SAP
purpose: PRIMARY OUTCOME MEASURE
population: {where: SAFFL == 'Y', label: Treated}
columns: {variable: TRT01A, order: [A, B, C], labels: {A: Group A}, missing: No group}
subgroups: [{variable: AGEGR1, label: Age}]
results:
  RATE: {description: r, parameter: RSP, dataset: ADRS, proportion: {condition: AVALC == 'Y', label: Responders}}
  BOR: {description: r, parameter: BOR, dataset: ADRS, counts: {variable: AVALC, order: [CR, PR, PD], labels: {CR: Complete}}}
  VISIT: {description: r, parameter: BOR, dataset: ADRS, counts: {variable: SECOND, by: AVISIT, percent_of: records}}
  FLAGS: {description: r, dataset: ADSL, counts: {conditions: {Old: AGE > 60, Very old: AGE > 100}}}
  AGE: {description: r, dataset: ADSL, summary: {variable: AGE}}
  PFS: {description: r, parameter: PFS, dataset: ADTTE, kaplan_meier: {landmarks: [1, 2, 6], follow_up: true}}
  OS: {description: r, parameter: OS, dataset: ADTTE, kaplan_meier: {quartiles: false}}
  CIF: {description: r, parameter: PFS, dataset: ADTTE, cumulative_incidence: {competing: CNSR == 2, landmarks: [2]}}
  CHG: {description: r, dataset: ADQS, change: {}}
  AE: {description: r, dataset: ADAE, occurrences: {terms: [SOC, PT], grade: GRADE, grade_order: ['1', '2', '3', '4', '5']}}
  AERATE: {description: r, dataset: ADAE, rate: {exposure: TRTDURD, per: 1}}
  AGREE: {description: r, parameter: BOR, dataset: ADRS, agreement: {first: AVALC, second: SECOND, order: [CR, PR]}}
  SHIFT: {description: r, parameter: BOR, dataset: ADRS, shift: {first: SECOND, second: AVALC, order: [CR, PR]}}
  NOSET: {description: r, dataset: ADLB, counts: {variable: A}}
  NOPARAM: {description: r, parameter: XX, dataset: ADRS, counts: {variable: AVALC}}
  NOVAR: {description: r, dataset: ADSL, summary: {variable: HEIGHT}}
"""


def analyses_of(text: str, frames: dict[str, pd.DataFrame]) -> ComputedAnalyses:
    binder = Binder()
    display = binder.bind(parse_yaml(text, "analyses/all.yaml"), DisplaySpec)
    assert binder.problems == []
    return compute_analyses([display], GroupsFile(), frames.get, study="S")


@pytest.fixture(scope="module")
def computed() -> ComputedAnalyses:
    return analyses_of(DISPLAY, FRAMES)


def result(computed: ComputedAnalyses, name: str) -> ComputedResult:
    return next(r for r in computed.displays[0].results if r.id == name)


def table(computed: ComputedAnalyses, name: str) -> dict[str, list[str]]:
    return {row.id: [c.text for c in row.cells] for row in result(computed, name).rows}


def test_columns_are_the_groups_of_the_population(computed: ComputedAnalyses) -> None:
    columns = [(c.label, c.size) for c in computed.displays[0].columns]
    assert columns == [("Total", 6), ("Group A", 4), ("B", 1), ("C", 0), ("No group", 1)]
    assert computed.displays[0].notes == (
        "Subjects not counted, because the condition of the population is unknown for them: 1.",
    )


@pytest.mark.parametrize(
    ("name", "row", "texts"),
    [
        # N1 has no record and is in the denominator; X1 is not in the population
        ("RATE", "rate", ["3/6 (50.0)", "2/4 (50.0)", "1/1 (100.0)", "no subjects", "0/1 (0.0)"]),
        # of B: everybody a responder, exact limits 0.025 and 1 of 1 of 1
        ("RATE", "interval", ["(11.8, 88.2)", "(6.8, 93.2)", "(2.5, 100.0)", "(NE, NE)", "(0.0, 97.5)"]),
        ("BOR", "CR", ["1 (16.7)", "1 (25.0)", "0", "0", "0"]),
        ("BOR", "PR", ["2 (33.3)", "1 (25.0)", "1 (100.0)", "0", "0"]),
        ("BOR", "PD", ["0", "0", "0", "0", "0"]),
        ("BOR", "ZZ", ["1 (16.7)", "1 (25.0)", "0", "0", "0"]),
        ("BOR", "MISSING", ["2 (33.3)", "1 (25.0)", "0", "0", "1 (100.0)"]),
        ("VISIT", "M1", ["2 (100.0)", "2 (100.0)", "0", "0", "0"]),
        ("VISIT", "M1.CR", ["2 (100.0)", "2 (100.0)", "0", "0", "0"]),
        ("VISIT", "M1.PR", ["1 (50.0)", "1 (50.0)", "0", "0", "0"]),
        ("VISIT", "M2.PR", ["2 (100.0)", "1 (100.0)", "1 (100.0)", "0", "0"]),
        ("FLAGS", "Old", ["2 (33.3)", "1 (25.0)", "1 (100.0)", "0", "0"]),
        ("FLAGS", "Very old", ["0", "0", "0", "0", "0"]),
        ("AGE", "n", ["5", "3", "1", "0", "1"]),
        ("AGE", "missing", ["1", "1", "0", "0", "0"]),
        ("AGE", "mean_sd", ["60.0 (15.8)", "60.0 (10.0)", "80.0 (NE)", "", "40.0 (NE)"]),
        ("AGE", "quartiles", ["50.0, 70.0", "50.0, 70.0", "80.0, 80.0", "", "40.0, 40.0"]),
        ("AGE", "range", ["40, 80", "50, 70", "80, 80", "", "40, 40"]),
        # B1 has a time before the start and is excluded
        ("PFS", "subjects", ["5", "4", "0", "0", "1"]),
        ("PFS", "events", ["3 (60.0)", "3 (75.0)", "0", "0", "0"]),
        ("PFS", "censored", ["2 (40.0)", "1 (25.0)", "0", "0", "1 (100.0)"]),
        # S is 0.8 from 1 and 0.4 from 2 months: the median is 2; in group A 0.75 and 0.25
        ("PFS", "median", ["2.0 (1.0, NE)", "2.0 (1.0, NE)", "no subjects", "no subjects", "not reached (NE, NE)"]),
        ("PFS", "rate-2", ["40.0 (5.2, 75.3)", "25.0 (0.9, 66.5)", "no subjects", "no subjects", "100.0 (NE, NE)"]),
        ("PFS", "rate-6", ["not estimable"] * 2 + ["no subjects"] * 2 + ["not estimable"]),
        ("OS", "median", ["not reached (NE, NE)"] * 2 + ["no subjects"] * 3),
        # 1 of 5, then 2 of 4: 0.2 + 0.8 * 0.5; its error is 0.4 * sqrt(1 / 20 + 2 / 8)
        ("CIF", "rate-2", ["60.0 (12.6, 88.2)", "75.0 (12.8, 96.1)", "no subjects", "no subjects", "0.0 (NE, NE)"]),
        ("CHG", "Base.value.mean", ["15.0 (-48.5, 78.5)", "15.0 (-48.5, 78.5)", "", "", ""]),
        ("CHG", "Month 3.value.n", ["3", "2", "1", "0", "0"]),
        ("CHG", "Month 3.change.mean", ["5.0 (-185.6, 195.6)", "5.0 (-185.6, 195.6)", "", "", ""]),
        ("AE", "ANY", ["4 (66.7) 6", "3 (75.0) 5", "1 (100.0) 1", "0", "0"]),
        ("AE", "ANY.3", ["1 (16.7)", "1 (25.0)", "0", "0", "0"]),
        ("AE", "ANY.MISSING", ["1 (16.7)", "0", "1 (100.0)", "0", "0"]),
        ("AE", "Eye", ["2 (33.3) 4", "2 (50.0) 4", "0", "0", "0"]),
        ("AE", "Eye/Pain", ["2 (33.3) 3", "2 (50.0) 3", "0", "0", "0"]),
        ("AE", "Eye/Pain.3", ["1 (16.7)", "1 (25.0)", "0", "0", "0"]),
        ("AE", "Skin/Not coded", ["1 (16.7) 1", "1 (25.0) 1", "0", "0", "0"]),
        # 1 + 1 + 2 + 1 years of group A; B1 has no time at all, N1 no exposure
        ("AERATE", "rate", ["1.2 (0.4, 2.6)", "1.0 (0.3, 2.3)", "not estimable", "no subjects", "no subjects"]),
        ("AERATE", "exposure", ["5.0", "5.0", "0.0", "0.0", "0.0"]),
        ("AGREE", "equal", ["3 (75.0)", "2 (66.7)", "1 (100.0)", "0", "0"]),
        # po 3/4, pe 1/4 * 2/4 + 3/4 * 2/4 = 1/2, standard error 0.375
        ("AGREE", "kappa", ["0.50 (-0.23, 1.23)", "0.40 (-0.37, 1.17)", "not estimable", "no records", "no records"]),
        ("SHIFT", "CR", ["2 (33.3)", "2 (50.0)", "0", "0", "0"]),
        ("SHIFT", "CR.PR", ["1 (50.0)", "1 (50.0)", "0", "0", "0"]),
    ],
)
def test_numbers_worked_out_by_hand(computed: ComputedAnalyses, name: str, row: str, texts: list[str]) -> None:
    assert table(computed, name)[row] == texts


def test_rows_are_in_their_order(computed: ComputedAnalyses) -> None:
    assert list(table(computed, "BOR")) == ["CR", "PR", "PD", "ZZ", "MISSING"]
    assert result(computed, "BOR").rows[0].label == "Complete"
    # by frequency, then by name; the system organ class before its terms
    terms = [r.id for r in result(computed, "AE").rows if "." not in r.id]
    assert terms == ["ANY", "Eye", "Eye/Pain", "Eye/Itch", "Skin", "Skin/Not coded", "Skin/Rash"]
    assert result(computed, "BOR").notes == ("Values that order: does not list: ZZ.",)


def test_a_curve_begins_at_one_and_ends_at_the_longest_time(computed: ComputedAnalyses) -> None:
    curve = result(computed, "PFS").curves[0]
    assert curve.time.tolist() == pytest.approx([0, 1, 2, 4])
    assert curve.estimate.tolist() == pytest.approx([1, 0.8, 0.4, 0.4])
    assert curve.censored.tolist() == pytest.approx([2, 4])
    assert (curve.ticks, curve.at_risk) == ((0, 1, 2, 3, 4), (5, 5, 4, 1, 1))


def test_subgroups_have_a_line_each(computed: ComputedAnalyses) -> None:
    lines = [(f.heading, f.label, f.size, f.text) for f in result(computed, "RATE").forest]
    assert lines == [
        ("", "All subjects", 6, "50.0 (11.8, 88.2)"),
        ("Age", "<65", 3, "66.7 (9.4, 99.2)"),
        ("Age", ">=65", 2, "0.0 (0.0, 84.2)"),
        ("Age", "Missing", 1, "100.0 (2.5, 100.0)"),
    ]


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("NOSET", "There is no dataset ADLB."),
        ("NOPARAM", "ADRS has no records of the parameter XX."),
        ("NOVAR", "ADSL has no variable HEIGHT."),
        ("PFS", "Subjects without a valid time, who are excluded: 1."),
        ("AERATE", "Subjects without a valid TRTDURD, excluded with their events: 1."),
    ],
)
def test_what_is_not_there_is_a_note(computed: ComputedAnalyses, name: str, note: str) -> None:
    assert note in result(computed, name).notes


def test_a_number_leads_to_its_subjects(computed: ComputedAnalyses) -> None:
    cell = result(computed, "RATE").rows[0].cells[1]
    assert cell.numerator is not None and cell.denominator is not None
    assert computed.subjects.names(cell.numerator) == ["A1", "A2"]
    assert computed.subjects.names(cell.denominator) == ["A1", "A2", "A3", "A4"]
    stored = read_stored(stored_analyses(computed))
    again = stored.displays[0].results[0].rows[0].cells[1]
    assert again.numerator is not None
    assert stored.subjects.names(again.numerator) == ["A1", "A2"]


def test_no_number_is_nan(computed: ComputedAnalyses) -> None:
    for found in computed.displays[0].results:
        for row in found.rows:
            for cell in row.cells:
                assert "nan" not in cell.text
                assert all((v.number is None) == isinstance(v.absent, Absent) for v in cell.values)


def test_the_order_of_records_changes_nothing(computed: ComputedAnalyses) -> None:
    turned = {n: f.iloc[::-1].reset_index(drop=True) for n, f in FRAMES.items()}
    assert stored_analyses(analyses_of(DISPLAY, turned)) == stored_analyses(computed)


def test_a_folder_without_the_population_has_notes() -> None:
    found = analyses_of(DISPLAY, {"ADRS": ADRS})
    assert found.displays[0].notes == ("There is no dataset ADSL, which has the population.",)
    assert found.displays[0].results == ()


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.25, 1, "0.3"), (-0.25, 1, "-0.3"), (2.675, 2, "2.68"), (1.005, 2, "1.01"), (0.1 + 0.2, 1, "0.3"),
        (0.15, 1, "0.2"), (-0.04, 1, "0.0"), (99.95, 1, "100.0"), (2.5, 0, "3"), (1e15, 1, "1.000E+15"), (1e14, 1, "100000000000000.0"),
    ],
)  # fmt: skip
def test_rounding_is_half_away_from_zero(number: float, decimals: int, text: str) -> None:
    assert rounded_text(number, decimals) == text


def test_missing_values_lead_to_the_subjects_without_one(computed: ComputedAnalyses) -> None:
    cell = next(r for r in result(computed, "AGE").rows if r.id == "missing").cells[0]
    assert cell.numerator is not None
    assert computed.subjects.names(cell.numerator) == ["A4"]


def test_a_note_on_few_subjects_is_masked(computed: ComputedAnalyses) -> None:
    assert not any("not counted" in note for note in masked(computed, 2).displays[0].notes)


def test_the_order_of_a_file_does_not_choose_among_records_of_a_subject() -> None:
    """A subject that ADSL has twice is in the group of the record that comes first by its values: group A, aged 50."""
    again = pd.DataFrame([("A1", "B", "Y", ">=65", 90.0, 1.0)], columns=ADSL.columns)
    text = "\n".join(line for line in DISPLAY.splitlines() if not line.startswith("  ") or "  FLAGS:" in line)
    for frame in (pd.concat([ADSL, again]), pd.concat([again, ADSL])):
        found = analyses_of(text, {"ADSL": frame.reset_index(drop=True)})
        assert table(found, "FLAGS")["Old"] == ["3 (50.0)", "2 (50.0)", "1 (100.0)", "0", "0"]  # A1 is older in one
        assert "Subjects with several records in ADSL, of which the first one by its values is used: 1." in [
            str(note) for note in found.displays[0].notes
        ]
