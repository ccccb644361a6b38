"""z-scores and percentiles by the LMS method: published numbers of CDC and WHO.

CDC, weight for age of boys at 9.5 months: L -0.1600954, M 9.476500305, S 0.11218624; 9.7 kg is z 0.207, percentile 58.
WHO, weight for age of boys at birth: L 0.3487, M 3.3464, S 0.14602; 4.4 kg is 2 and 5.0 kg is 3 standard deviations.
"""

from __future__ import annotations

import pytest

CHART = "SEX,AGE,L,M,S\nM,0,0.3487,3.3464,0.14602\nM,9.5,-0.1600954,9.476500305,0.11218624\nF,0,0,3,0.1\nF,10,0,5,0.2\nX,,1,1,1\n"
#: value, age, sex; z interpolated, by the nearest row, by the row below, beyond 3 as WHO does; percentile
CASES = [
    (9.7, 9.5, "M", 0.207, 0.207, 0.207, 0.207, 58.2),
    (3.3464, 0, "M", 0, 0, 0, 0, 50),
    (4.4193, 0, "M", 2, 2, 2, 2, 97.7),
    (2.4594, 0, "M", -2, -2, -2, -2, 2.3),
    (6, 0, "M", 4.435, 4.435, 4.435, 4.586, 100),  # beyond 3
    (3, 0, "F", 0, 0, 0, 0, 50),  # L 0: logarithm
    (3.315512754, 0, "F", 1, 1, 1, 1, 84.1),  # 3 * exp(0.1)
    (4, 5, "F", 0, 2.877, 2.877, 0, 50),  # between: M 4, S 0.15; the lower of two equally near rows
    (4, 6, "F", -0.305, -1.116, 2.877, -0.305, 38),  # M 4.2, S 0.16; nearest: M 5, S 0.2
    (4, 11, "F", None, None, None, None, None),  # after the last row
    (4, -1, "F", None, None, None, None, None),
    (0, 5, "F", None, None, None, None, None),
    (4, "", "F", None, None, None, None, None),
    (4, 5, "U", None, None, None, None, None),
    (4, 5, "X", None, None, None, None, None),  # a row without an age
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from kit.tiny import HEAD, build_study, write_study
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    lines = [f"{i},{v},{a},{s}" for i, (v, a, s, *_) in enumerate(CASES, 1)]
    files = {"vs.csv": "SUBJ,KG,AGE,SEX\n" + "\n".join(lines) + "\n"}
    rule = "reference_score: AVAL, table: chart, at: AAGE, by: {SEX: SEX}, label: z"
    advs = (
        "dataset: ADVS\nclass: BASIC DATA STRUCTURE\nrows: {source: vs}\nvariables:\n  PARAMCD: {value: W}\n"
        "  PARAM: {value: Weight}\n  AVAL: KG\n  AAGE: {from: AGE, type: float}\n  SEX: {from: SEX, codelist: none}\n"
        f"  A: {{{rule}}}\n  B: {{{rule}, between: nearest}}\n  C: {{{rule}, between: below}}\n"
        f"  D: {{{rule}, beyond: who}}\n  P: {{{rule}, give: percentile}}\n"
    )
    head = HEAD + "tables: {chart: {file: chart.csv, numbers: [AGE, L, M, S]}}\n"
    folder = tmp_path_factory.mktemp("growth")
    (folder / "chart.csv").write_text(CHART, "utf-8")
    write_study(folder, head, {"advs": advs}, files)
    return build_study(folder, plan_study(load_study(folder))[0], files)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_scores(built, number):
    record = next(r for r in built.data["ADVS"] if r["USUBJID"] == f"S1-{number + 1:02}")
    for name, expected in zip("ABCD", CASES[number][3:7], strict=True):
        assert record[name] == (None if expected is None else pytest.approx(expected, abs=0.001)), name
    percentile = CASES[number][7]
    assert record["P"] == (None if percentile is None else pytest.approx(percentile, abs=0.06))


#: study.yaml, rule; the message
MISTAKES = [
    ("{chart: {file: c.csv, numbers: [AGE, L, M, S]}}", "table: growth", "tables: of study.yaml has no 'growth'"),
    ("{chart: {file: c.csv, numbers: [AGE, L, M]}}", "table: chart", "has no column of numbers 'S'"),
    ("{chart: {file: c.csv, numbers: [AGE, L, M, S]}}", "table: chart, by: {SEX: GENDER}", "has no column 'GENDER'"),
    ("{chart: {file: c.csv, numbers: [AGE, L, M, S]}}", "table: chart", "has 0 twice for one group"),
    (
        "{chart: {rows: [{AGE: 1, L: 1, M: 0, S: 1}], numbers: [AGE, L, M, S]}}",
        "table: chart",
        "are above 0 in every row",
    ),
]


@pytest.mark.parametrize(("tables", "rule", "message"), MISTAKES)
def test_a_table_with_a_mistake_is_refused(tmp_path, tables, rule, message):
    from kit.tiny import HEAD, write_study
    from raw2adam.errors import SpecError
    from raw2adam.mappings.loader import load_study
    from raw2adam.runs.plan_study import plan_study

    (tmp_path / "c.csv").write_text(CHART, "utf-8")
    advs = (
        "dataset: ADVS\nclass: BASIC DATA STRUCTURE\nrows: {source: vs}\nvariables:\n  PARAMCD: {value: W}\n"
        f"  PARAM: {{value: W}}\n  AVAL: KG\n  SEX: SEX\n  A: {{reference_score: AVAL, at: AVAL, {rule}, label: z}}\n"
    )
    write_study(tmp_path, HEAD + f"tables: {tables}\n", {"advs": advs}, {"vs.csv": ""})
    with pytest.raises(SpecError) as error:
        plan_study(load_study(tmp_path))
    assert message in str(error.value)
