"""Toxicity grades: literal tables from NCI CTCAE 4.03 (2010), 5.0 (2017) and DAIDS 2.1 (2017), and the edges of a study.

A row of a table is: term, unit, value, LLN, ULN, baseline, state of the baseline, grade. None is missing; a grade of None
is no grade.
"""

from __future__ import annotations

import numpy as np
import pytest

NONE = None
N, A = "normal", "abnormal"

CTCAE_4 = [
    ("Anemia", "g/dL", 12.0, 12, 16, NONE, NONE, 0),
    ("Anemia", "g/dL", 11.9, 12, 16, NONE, NONE, 1),
    ("Anemia", "g/dL", 10.0, 12, 16, NONE, NONE, 1),  # a grade holds down to the bound of the next one
    ("Anemia", "g/dL", 9.99, 12, 16, NONE, NONE, 2),
    ("Anemia", "g/L", 79.9, 120, 160, NONE, NONE, 3),
    ("Anemia", "mmol/L", 4.9, 7.4, 9.9, NONE, NONE, 2),
    ("Anemia", "g/dL", 11.9, NONE, 16, NONE, NONE, NONE),  # grade 0 or 1: the limit decides
    ("Anemia", "g/dL", 7.9, NONE, 16, NONE, NONE, 3),  # no limit is needed
    ("Anemia", "g/dL", NONE, 12, 16, NONE, NONE, NONE),
    ("Alanine aminotransferase increased", "", 40.0, NONE, 40, NONE, NONE, 0),
    ("Alanine aminotransferase increased", "", 120.0, NONE, 40, NONE, NONE, 1),
    ("Alanine aminotransferase increased", "", 120.1, NONE, 40, NONE, NONE, 2),
    ("Alanine aminotransferase increased", "", 200.1, NONE, 40, NONE, NONE, 3),
    ("Alanine aminotransferase increased", "", 800.1, NONE, 40, NONE, NONE, 4),
    ("Alanine aminotransferase increased", "", 800.1, NONE, NONE, NONE, NONE, NONE),
    ("Blood bilirubin increased", "", 0.3 * 1.5, NONE, 0.3, NONE, NONE, 1),  # 0.45 is not above 1.5 * 0.3
    ("Creatinine increased", "", 1.1, NONE, 1.2, 1.0, N, 1),  # above the baseline
    ("Creatinine increased", "", 3.1, NONE, 1.2, 1.0, N, 3),
    ("Creatinine increased", "", 7.3, NONE, 1.2, 1.0, N, 4),
    ("Creatinine increased", "", 1.3, NONE, 1.2, NONE, NONE, 1),  # without a baseline the limit decides
    ("Creatinine increased", "", 1.1, NONE, 1.2, NONE, NONE, NONE),  # but 0 may be 1
    ("Creatinine increased", "", 3.1, NONE, NONE, 1.0, N, NONE),  # 3 or 4
    ("Fibrinogen decreased", "g/L", 1.5, 2, 4, 2.0, N, 2),  # 25 % below the baseline
    ("Fibrinogen decreased", "g/L", 0.49, 2, 4, 2.0, N, 4),
    ("Fibrinogen decreased", "g/L", 1.9, 1.8, 4, 2.0, N, 1),  # any fall
    ("Hemoglobin increased", "g/dL", 18.1, 12, 16, 15.0, N, 2),
    ("Hemoglobin increased", "g/dL", 18.1, 12, 16, 17.0, A, 1),  # above the baseline, which was abnormal
    ("Hemoglobin increased", "g/dL", 20.1, 12, 16, NONE, NONE, 3),
    ("Hyperglycemia", "mg/dL", 200.0, 70, 100, NONE, NONE, 0),  # grades 1 and 2 are of fasting values
    ("Hyperglycemia (Fasting)", "mg/dL", 200.0, 70, 100, NONE, NONE, 2),
    ("Hypertriglyceridemia", "mg/dL", 150.0, NONE, NONE, NONE, NONE, 1),
    ("Hypertriglyceridemia", "mmol/L", 1.70, NONE, NONE, NONE, NONE, 0),
    ("Hyperuricemia", "mg/dL", 8.0, 3, 7, NONE, NONE, 3),  # with consequences
    ("Hyperuricemia", "mg/dL", 10.1, 3, 7, NONE, NONE, 4),
    ("Hypokalemia", "mmol/L", 3.2, 3.5, 5, NONE, NONE, 2),  # with symptoms
    ("Hyponatremia", "mmol/L", 129.0, 135, 145, NONE, NONE, 3),
    ("Hypophosphatemia", "mg/dL", 0.9, 2.5, 4.5, NONE, NONE, 4),
    ("INR increased", "", 1.3, NONE, 1.2, 1.0, N, 1),
    ("Lymphocyte count increased", "/uL", 4001.0, NONE, NONE, NONE, NONE, 2),
    ("Neutrophil count decreased", "10^9/L", 0.5, 1.8, 7, NONE, NONE, 3),
    ("Neutrophil count decreased", "/uL", 499.0, 1800, 7000, NONE, NONE, 4),
    ("Serum amylase increased", "", 101.0, NONE, 50, NONE, NONE, 3),
    ("Acidosis", "", 7.29, 7.35, 7.45, NONE, NONE, 3),
]
CTCAE_5 = [
    ("Alanine aminotransferase increased", "", 121.0, NONE, 40, 35.0, N, 2),
    ("Alanine aminotransferase increased", "", 121.0, NONE, 40, 90.0, A, 0),  # below 1.5 times the baseline
    ("Alanine aminotransferase increased", "", 135.0, NONE, 40, 90.0, A, 1),  # 1.5 times is grade 1
    ("Alanine aminotransferase increased", "", 270.1, NONE, 40, 90.0, A, 2),
    ("Alanine aminotransferase increased", "", 121.0, NONE, 40, NONE, NONE, 2),  # as if it had been normal
    ("Alkaline phosphatase increased", "", 180.0, NONE, 40, 90.0, A, 1),
    ("Alkaline phosphatase increased", "", 179.9, NONE, 40, 90.0, A, 0),
    ("Blood bilirubin increased", "", 2.1, NONE, 1.2, 2.1, A, 0),
    ("Blood bilirubin increased", "", 2.2, NONE, 1.2, 2.1, A, 1),
    ("Blood bicarbonate decreased", "", 20.0, 22, 29, NONE, NONE, 1),
    ("Creatinine increased", "", 1.1, NONE, 1.2, 1.0, N, 0),  # grade 1 has no baseline in this version
    ("Creatinine increased", "", 1.6, NONE, 1.7, 1.0, N, 2),
    ("Eosinophilia", "", 0.6, NONE, 0.5, 0.6, N, 0),
    ("Eosinophilia", "", 0.7, NONE, 0.5, 0.6, N, 1),
    ("Fibrinogen decreased", "g/L", 1.5, 1.4, 4, 3.0, N, 0),  # half of the baseline, but normal
    ("Fibrinogen decreased", "g/L", 1.5, 1.6, 4, 3.0, N, 3),
    ("Hemoglobin increased", "g/dL", 18.1, 12, 16, 17.0, A, 2),
    ("Hyponatremia", "mmol/L", 124.0, 135, 145, NONE, NONE, 3),
    ("Hyponatremia", "mmol/L", 119.0, 135, 145, NONE, NONE, 4),
    ("INR increased", "", 1.21, NONE, 1.0, 1.0, N, 1),
    ("Lipase increased", "", 251.0, NONE, 50, NONE, NONE, 4),
    ("Hyperuricemia", "", 7.1, NONE, 7, NONE, NONE, 3),
]
WITHOUT_FACTS = [  # ctcae-5.0, absent: symptoms, consequences, anticoagulation
    ("Hyperuricemia", "", 7.1, NONE, 7, NONE, NONE, 1),
    ("Hyponatremia", "mmol/L", 129.0, 135, 145, NONE, NONE, 2),
    ("Hypokalemia", "mmol/L", 3.2, 3.5, 5, NONE, NONE, 1),
    ("INR increased", "", 1.21, NONE, 1.0, NONE, NONE, 1),
    ("INR increased", "", 1.1, NONE, 1.0, 1.0, N, 0),
    ("Lipase increased", "", 251.0, NONE, 50, NONE, NONE, 3),
    ("Serum amylase increased", "", 110.0, NONE, 50, NONE, NONE, 2),
]
DAIDS = [  # of the first group: adults, or men
    ("ALT, High", "", 49.9, NONE, 40, NONE, NONE, 0),
    ("ALT, High", "", 50.0, NONE, 40, NONE, NONE, 1),
    ("ALT, High", "", 400.0, NONE, 40, NONE, NONE, 4),
    ("Creatinine, High", "", 1.4, NONE, 1.5, 1.0, N, 2),  # 1.3 times the baseline
    ("Creatinine, High", "", 2.0, NONE, 3.0, 1.0, N, 4),
    ("Glucose Fasting, High", "mg/dL", 125.0, NONE, NONE, NONE, NONE, 1),
    ("Glucose Fasting, High", "mg/dL", 126.0, NONE, NONE, NONE, NONE, 2),
    ("Glucose Fasting, High", "mmol/L", 6.95, NONE, NONE, NONE, NONE, 2),
    ("Glucose, Low", "mg/dL", 64.0, NONE, NONE, NONE, NONE, 1),
    ("Hemoglobin, Low", "g/dL", 10.9, NONE, NONE, NONE, NONE, 1),
    ("Hemoglobin, Low", "g/dL", 11.0, NONE, NONE, NONE, NONE, 0),
    ("Fibrinogen Decreased", "mg/dL", 150.0, NONE, 400, NONE, NONE, NONE),  # a quarter of the limit may be more
    ("Fibrinogen Decreased", "mg/dL", 150.0, 400, 800, NONE, NONE, 3),  # 1.5 of 4: below a half
    ("Sodium, Low", "mmol/L", 120.0, NONE, NONE, NONE, NONE, 4),
    ("Triglycerides, Fasting, High", "mg/dL", 500.0, NONE, NONE, NONE, NONE, 2),
    ("Magnesium, Low", "mEq/L", 0.59, NONE, NONE, NONE, NONE, 4),
]
FACTS = ("symptoms", "consequences", "anticoagulation")


@pytest.mark.parametrize(
    ("scale", "absent", "rows"),
    [
        ("ctcae-4.03", (), CTCAE_4),
        ("ctcae-5.0", (), CTCAE_5),
        ("ctcae-5.0", FACTS, WITHOUT_FACTS),
        ("daids-2.1", (), DAIDS),
    ],
)
def test_grades_of_the_publication(scale, absent, rows):
    from raw2adam.adam.grading.grade_lines import GradedValues, grades_of
    from raw2adam.mappings.models.toxicity_scale import toxicity_scale

    def numbers(x):
        return np.array([np.nan if x is None else float(x)])

    wrong = []
    for term, unit, value, low, high, base, state, expected in rows:
        references = {"LLN": numbers(low), "ULN": numbers(high), "BASE": numbers(base)}
        values = GradedValues(numbers(value), references, np.array([state == A]), np.array([state is not None]))
        group = toxicity_scale(scale).terms[term].all_groups()[0]
        grade = grades_of(group, values, unit=unit, absent=absent)[0]
        if (None if np.isnan(grade) else int(grade)) != expected:
            wrong.append((term, value, grade, expected))
    assert not wrong


#: birth, day, the hemoglobin in g/dL, sex, grade by the DAIDS table for that age
BY_AGE = [
    ("2000-01-01", "2013-01-01", 10.8, "M", "1"),  # 13 years
    ("2000-01-01", "2012-12-31", 10.8, "M", "0"),  # 12 years: up to 10.4
    ("2000-01-01", "2013-01-01", 10.8, "F", "0"),
    ("2000-01-01", "2013-01-01", 10.8, "", ""),  # the sex decides
    ("2000-01-01", "2012-12-31", 10.4, "", "1"),  # it does not, at 12 years
    ("2000-01-01", "2000-01-08", 13.5, "M", "1"),  # 7 days
    ("2000-01-01", "2000-01-09", 13.5, "M", "0"),  # 8 days: up to 13.0
    ("2000-01-01", "2000-02-05", 9.6, "F", "1"),  # 35 days: up to 11.0
    ("2000-01-01", "2000-02-06", 9.7, "F", "0"),  # 36 days: up to 9.6
    ("", "2013-01-01", 10.8, "M", ""),
    ("2013-01-02", "2013-01-01", 10.8, "M", ""),  # before the birth
]
HEAD = "study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: '{STUDYID}-{SUBJ:02}'}\n"
DM = "dataset: DM\nrows: {source: lab}\nvariables:\n  SEX: {from: SEX, codelist: none}\n  COUNTRY: {value: DEU}\n  BRTHDTC: {date: BORN}\n  RFSTDTC: {date: DAY}\n"
ADLB = """\
dataset: ADLB
rows: {source: lab}
variables:
  PARAMCD: {value: X}
  PARAM: {value: X}
  AVAL: VALUE
  ADT: {analysis_date: DAY}
  BRTHDT: {analysis_date: BORN, label: Date of Birth}
  SEX: SEX
  UNIT: {from: UNIT, label: Unit}
  ANRLO: LOW
  ANRHI: HIGH
  BASE: {from: BASE}
  BNRIND: {from: STATE, codelist: none}
  ATOXDSCL: TERM
  ATOXDSCH: HTERM
  ATOXGRL: {toxicity_grade: AVAL, scale: daids-2.1, direction: low, term: ATOXDSCL, unit: UNIT, birth: BORN, sex: SEX, base: null}
  ATOXGRH: {toxicity_grade: AVAL, scale: ctcae-5.0, direction: high, term: ATOXDSCH, unit: UNIT, base: null, base_indicator: null}
  ATOXGRB: {toxicity_grade: AVAL, scale: ctcae-4.03, direction: high, term: BTERM, unit: UNIT, label: By the Baseline}
  BTERM: {from: BTERM, label: Term by the Baseline}
  ATOXGR: {combined_grade: [ATOXGRL, ATOXGRH]}
  ANRIND: {analysis_range_indicator: AVAL}
sort: [STUDYID, USUBJID]
"""
#: term of low values, of high values, value, unit, limits, grade low, grade high, both, indicator, finding
EDGES = [
    ("", "Hypernatremia", "151", "mmol/L", "135,145", "", "2", "2", "HIGH", ""),
    ("", "hypernatremia", "151", " MMOL / L", "135,145", "", "2", "2", "HIGH", ""),
    ("", "Hypernatremia", "151", "mEq/L", "135,145", "", "2", "2", "HIGH", ""),
    ("", "Hypernatremia", "151", "mg/dL", "135,145", "", "", "", "HIGH", "R2A-GRADE-002"),
    ("", "Hypernatremia", "151", "", "135,145", "", "", "", "HIGH", "R2A-GRADE-002"),
    ("", "Hypernatremia", "151", "mmol/L", "135,0", "", "2", "2", "", "R2A-GRADE-004"),  # 2 needs no limit
    ("", "Hypernatremia", "146", "mmol/L", ",0", "", "", "", "HIGH", "R2A-GRADE-004 R2A-GRADE-006"),  # 1 does
    ("", "Hypernatremia", "", "mmol/L", "135,145", "", "", "", "", ""),
    ("", "Natremia", "151", "mmol/L", "135,145", "", "", "", "HIGH", "R2A-GRADE-001"),
    ("Hypernatremia", "", "151", "mmol/L", "135,145", "", "", "", "HIGH", "R2A-GRADE-001"),  # of the other direction
    ("", "", "151", "mmol/L", "135,", "", "", "", "NORMAL", ""),
    ("Sodium, Low", "Hypernatremia", "140", "mmol/L", "135,145", "0", "0", "0", "NORMAL", ""),
    ("Sodium, Low", "Hypernatremia", "125", "mmol/L", "135,145", "2", "0", "-2", "LOW", ""),
    ("Sodium, Low", "Hypernatremia", "140", "mmol/L", "135,", "0", "", "", "NORMAL", "R2A-GRADE-006"),
    ("Sodium, Low", "Hyperkalemia", "7.1", "mmol/L", "3.5,5", "4", "4", "", "HIGH", "R2A-GRADE-005"),
    ("Sodium, Low", "Hypernatremia", "145.00000000000003", "mmol/L", "135,145", "0", "0", "0", "NORMAL", ""),
]


#: hemoglobin in g/dL with a lower limit of 12 and an upper one of 16: baseline, state of the baseline, value, grade
BY_BASELINE = [
    ("17", "", "18.1", "1"),  # no state: 17 is above 16, and 18.1 is 1.1 above 17
    ("17", "NORMAL", "18.1", "2"),  # the state comes first: 2.1 above 16
    ("15", "", "18.1", "2"),
    ("", "", "18.1", "2"),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    from kit.tiny import build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = [f'{i:02},{b},{d},{s},{v},g/dL,,,"Hemoglobin, Low",,,,' for i, (b, d, v, s, _) in enumerate(BY_AGE, 1)]
    lines += [
        f"{i:02},2000-01-01,2020-01-01,M,{value},g/dL,12,16,,,{base},{state},Hemoglobin increased"
        for i, (base, state, value, _) in enumerate(BY_BASELINE, 61)
    ]
    lines += [
        f'{i:02},2000-01-01,2020-01-01,M,{v},{u},{limits},"{low}","{high}",,,'
        for i, (low, high, v, u, limits, *_) in enumerate(EDGES, 31)
    ]
    files = {"lab.csv": "SUBJ,BORN,DAY,SEX,VALUE,UNIT,LOW,HIGH,TERM,HTERM,BASE,STATE,BTERM\n" + "\n".join(lines) + "\n"}
    folder = tmp_path_factory.mktemp("grading")
    write_study(folder, HEAD, {"dm": DM, "adlb": ADLB}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


def of(graded, subject: int) -> dict:
    return next(r for r in graded.data["ADLB"] if r["USUBJID"] == f"S1-{subject:02}")


def test_grades_by_completed_age_and_sex(graded):
    got = [of(graded, i)["ATOXGRL"] for i in range(1, len(BY_AGE) + 1)]
    assert got == [row[-1] for row in BY_AGE]
    unplaced = graded.findings[graded.findings["rule"] == "R2A-GRADE-003"]["subject"].tolist()
    assert unplaced == ["S1-04", "S1-10", "S1-11"]


def test_a_baseline_without_a_state_is_compared_with_the_limits(graded):
    got = [of(graded, i)["ATOXGRB"] for i in range(61, 61 + len(BY_BASELINE))]
    assert got == [row[-1] for row in BY_BASELINE]


@pytest.mark.parametrize("row", range(len(EDGES)))
def test_edges(graded, row):
    *_, low, high, both, indicator, rule = EDGES[row]
    record = of(graded, 31 + row)
    assert [record[name] for name in ("ATOXGRL", "ATOXGRH", "ATOXGR", "ANRIND")] == [low, high, both, indicator]
    mine = graded.findings[graded.findings["subject"] == f"S1-{31 + row}"]["rule"]
    assert sorted({r for r in mine if r.startswith("R2A-GRADE")}) == rule.split()


def test_every_threshold_rises_or_falls_with_the_grade():
    """A higher grade is further from normal, in every unit; the two units of one number agree."""
    from raw2adam.mappings.models.toxicity_scale import scale_names, toxicity_scale

    for name in scale_names():
        for term, facts in toxicity_scale(name).terms.items():
            for group in facts.all_groups():
                steps: dict[tuple, list[float]] = {}
                for grade in sorted(group.grades):
                    for line in group.grades[grade]:
                        for unit in line.units() or {""}:
                            key = (unit, line.reference(), line.baseline, line.times)
                            steps.setdefault(key, []).append(line.number(unit) or 0.0)
                for key, found in steps.items():
                    ordered = sorted(found, reverse=facts.direction == "low")
                    assert found == ordered, (name, term, key)


#: a scale with one mistake, and the message
MISTAKES = [
    (
        "direction: low, grades: {1: [{below: 1, above: 2}]}",
        "a limit has exactly one of at_least, above, below, at_most",
    ),
    ("direction: low, grades: {1: [{below: 1, times: LLN, over: ULN}]}", "a limit has at most one of times, over"),
    ("direction: low", "a term has either grades: or groups:"),
    (
        "direction: low, groups: [{age_from: {days: 1, years: 1}, grades: {1: [{below: 1}]}}]",
        "an age has exactly one of",
    ),
    ("direction: low, grades: {5: [{below: 1}]}", "5"),
]


@pytest.mark.parametrize(("term", "message"), MISTAKES)
def test_a_scale_with_a_mistake_is_refused(tmp_path, term, message):
    from raw2adam.errors import SpecError
    from raw2adam.mappings.models.toxicity_scale import toxicity_scale

    text = f"scale: S\nversion: '1'\nsource: x\nterms:\n  T: {{{term}}}\n"
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(SpecError) as error:
        toxicity_scale("mine", tmp_path)
    assert message in str(error.value)
    assert ":5:" in str(error.value)


def test_a_study_has_a_scale_of_its_protocol(tmp_path):
    from kit.tiny import build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    scale = (
        "scale: S\nversion: '1'\nsource: protocol\nterms:\n  Creatinine rise:\n    direction: high\n    grades:\n"
        "      1: [{above: 1, times: ULN}]\n      2: [{above: 1.5, times: ULN}, {at_least: {mg/dL: 2, umol/L: 177}}]\n"
    )
    (tmp_path / "criteria").mkdir()
    (tmp_path / "criteria" / "renal.yaml").write_text(scale, "utf-8")
    files = {"lab.csv": "SUBJ,VALUE\n1,1.2\n2,1.3\n3,1.9\n4,2\n"}
    adlb = (
        "dataset: ADLB\nrows: {source: lab}\nvariables:\n  PARAMCD: {value: X}\n  PARAM: {value: X}\n  AVAL: VALUE\n"
        '  ANRHI: {compute: "1.2"}\n  U: {value: mg/dL, label: u}\n  ATOXDSCH: {value: Creatinine rise}\n'
        "  ATOXGRH: {toxicity_grade: AVAL, scale: renal, direction: high, term: ATOXDSCH, unit: U, low: null}\n"
    )
    write_study(tmp_path, HEAD, {"adlb": adlb}, files)
    loaded = load_study(tmp_path)
    assert loaded.specs["criteria/renal.yaml"].is_file()  # the manifest has its sha256
    built = build_study(tmp_path, plan_study(loaded)[0], files)
    assert built.values("ADLB", "ATOXGRH") == ["0", "1", "2", "2"]


def test_ages_in_completed_years_decide_groups_of_days_only_where_the_whole_year_lies_in_them():
    from raw2adam.adam.grading.age_groups import ages_between, ages_in_years
    from raw2adam.mappings.models.toxicity_scale import Age

    ages = ages_in_years(np.array([0.0, 1.0, 17.9, 18.0, np.nan]))
    reached, below = ages.at_least(Age(years=18))
    assert reached.tolist() == [False, False, False, True, False]
    assert below.tolist() == [True, True, True, False, False]
    reached, below = ages.at_least(Age(days=29))  # at 0 years it may be 28 or 29 days
    assert reached.tolist() == [False, True, True, True, False]
    assert below.tolist() == [False] * 5
    # 29 February 2020, day 21974: one year is completed on 1 March 2021, day 22340
    leap = ages_between(np.full(3, 21974.0), np.array([22339.0, 22340.0, 21974.0]))
    assert leap.years.tolist() == [0, 1, 0]
    assert leap.days.tolist() == [365, 366, 0]
    assert leap.months.tolist() == [11, 12, 0]
