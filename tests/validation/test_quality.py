"""Data quality: great-expectations agrees with the masks of raw2adam, the checks of a study are read strictly, pages are
stable.

Not for conformance rules (test_conformance).
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns.column import text_column
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.errors import SpecError
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.dates import DatesSpec
from raw2adam.mappings.models.source import SourceSpec
from raw2adam.mappings.models.study import StudySpec, SubjectSpec
from raw2adam.sources.table import RawTable
from raw2adam.validation.quality import suite
from raw2adam.validation.quality.deferred_imports import deferred
from raw2adam.validation.quality.expectation_masks import failing_records
from raw2adam.validation.quality.expectations import EXCLUDED, EXPECTATIONS, words
from raw2adam.validation.quality.page import QualityPage, quality_html
from raw2adam.validation.quality.raw_tables import declared_checks, equal_rows, raw_quality
from raw2adam.validation.quality.run import QualityCheck, QualityResult, add_findings, run_checks
from raw2adam.validation.quality.study_checks import study_checks

HOSTILE = "<script>alert(1)</script>\"' =cmd() 1e308 😀 \x1b"


def raw(**columns):
    frame = pd.DataFrame({name: text_column(values) for name, values in columns.items()})
    count = np.arange(1, len(frame) + 1, dtype="int32")
    return RawTable("ae", Path("ae.csv"), "", frame, count, count + 1)


def lab(**columns):
    data = {
        "USUBJID": ["1", "1", "2", "3"], "LBSEQ": [1, 2, 1, 1], "LBTESTCD": ["HGB", "hgb", "", HOSTILE],
        "LBSTRESN": [10.0, 1e308, np.nan, -1.0], "LBSTNRHI": [10.0, 20.0, 5.0, np.nan],
        "LBDTC": ["2022-01-02", "2022-01-01", "", "2022-01-05"], "LBENDTC": ["2022-01-02", "2022-01-02", "2022", ""],
    }  # fmt: skip
    data |= columns
    variables = tuple(
        VariableMetadata(n, n, "float" if n in ("LBSEQ", "LBSTRESN", "LBSTNRHI") else "text") for n in data
    )
    frame = pd.DataFrame({v.name: data[v.name] if v.is_numeric else text_column(data[v.name]) for v in variables})
    return Dataset(DatasetMetadata("LB", "Laboratory", variables, ("USUBJID", "LBSEQ"), domain="LB"), frame)


#: expectation, arguments, records that fail in the table above
RECORD_WISE = [
    ("column_values_to_be_between", {"column": "LBSTRESN", "min_value": 0, "max_value": 10}, [1, 3]),
    ("column_values_to_be_between", {"column": "LBSTRESN", "max_value": 10, "strict_max": True}, [0, 1]),
    ("column_values_to_be_in_set", {"column": "LBTESTCD", "value_set": ["HGB"]}, [1, 3]),
    ("column_values_to_be_in_set", {"column": "LBSEQ", "value_set": [1.0]}, [1]),
    ("column_values_to_not_be_in_set", {"column": "LBTESTCD", "value_set": ["HGB"]}, [0]),
    ("column_values_to_not_be_null", {"column": "LBTESTCD"}, [2]),
    ("column_values_to_not_be_null", {"column": "LBSTRESN"}, [2]),
    ("column_values_to_be_null", {"column": "LBTESTCD"}, [0, 1, 3]),
    ("column_values_to_match_regex", {"column": "LBTESTCD", "regex": "[A-Z]+$|<"}, [1]),
    ("column_values_to_match_regex", {"column": "LBTESTCD", "regex": "GB"}, [0, 1, 3]),
    ("column_values_to_not_match_regex", {"column": "LBTESTCD", "regex": "<script"}, [3]),
    ("column_values_to_be_unique", {"column": "LBSEQ"}, [0, 2, 3]),
    ("column_values_to_be_unique", {"column": "USUBJID"}, [0, 1]),
    ("compound_columns_to_be_unique", {"column_list": ["USUBJID", "LBSEQ"]}, []),
    ("column_value_lengths_to_be_between", {"column": "LBTESTCD", "max_value": 3}, [3]),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "LBENDTC", "column_B": "LBDTC"}, [0]),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "LBENDTC", "column_B": "LBDTC", "or_equal": True}, []),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "LBSTNRHI", "column_B": "LBSTRESN"}, [0, 1]),
    ("column_pair_values_to_be_equal", {"column_A": "LBENDTC", "column_B": "LBDTC"}, [1]),
    ("column_pair_values_to_be_in_set", {"column_A": "USUBJID", "column_B": "LBTESTCD", "value_pairs_set": [("1", "HGB")]}, [1, 3]),
    ("column_values_to_match_regex_list", {"column": "LBTESTCD", "regex_list": ["H", "<"]}, [1]),
    ("column_values_to_match_regex_list", {"column": "LBTESTCD", "regex_list": ["H", "HG"], "match_on": "all"}, [1, 3]),
    ("column_values_to_not_match_regex_list", {"column": "LBTESTCD", "regex_list": ["h", "<"]}, [1, 3]),
    ("column_values_to_match_strftime_format", {"column": "LBENDTC", "strftime_format": "%Y-%m-%d"}, [2]),
    ("column_values_to_be_json_parseable", {"column": "LBTESTCD"}, [0, 1, 3]),
    ("column_values_to_be_increasing", {"column": "LBSTRESN"}, [3]),
    ("column_values_to_be_increasing", {"column": "LBSEQ"}, [2]),
    ("column_values_to_be_increasing", {"column": "LBSEQ", "strictly": True}, [2, 3]),
    ("column_values_to_be_decreasing", {"column": "LBSTNRHI"}, [1]),
    ("column_values_to_not_be_outliers", {"column": "LBSEQ", "multiplier": 0.5}, [1]),
    ("column_values_to_not_be_outliers", {"column": "LBSEQ", "method": "std", "multiplier": 1.2}, [1]),
    ("column_value_z_scores_to_be_less_than", {"column": "LBSEQ", "threshold": 1.2, "double_sided": False}, [1]),
    ("column_value_z_scores_to_be_less_than", {"column": "LBSEQ", "threshold": 1.0, "double_sided": True}, [1]),
    ("column_value_lengths_to_equal", {"column": "LBTESTCD", "value": 3}, [3]),
    ("multicolumn_sum_to_equal", {"column_list": ["LBSEQ", "LBSTNRHI"], "sum_total": 6}, [0, 1]),
    ("multicolumn_values_to_be_equal", {"column_list": ["LBDTC", "LBENDTC"]}, [1]),
    ("select_column_values_to_be_unique_within_record", {"column_list": ["LBDTC", "LBENDTC"]}, [0]),
]  # fmt: skip


def test_great_expectations_and_our_masks_agree():
    data = lab()
    checks = [QualityCheck(str(i), "LB", name, arguments) for i, (name, arguments, _) in enumerate(RECORD_WISE)]
    results = run_checks(checks, data.frame)
    for (name, arguments, expected), result in zip(RECORD_WISE, results, strict=True):
        assert np.flatnonzero(failing_records(name, arguments, data.frame)).tolist() == expected, (name, arguments)
        assert result.failed == len(expected), (name, arguments, result)
        assert result.success is (not expected) and result.records.tolist() == expected


#: expectations about a whole table: arguments, and whether the table above passes
WHOLE = {
    "column_distinct_values_to_be_in_set": ({"column": "LBTESTCD", "value_set": ["HGB"]}, False),
    "column_distinct_values_to_contain_set": ({"column": "LBTESTCD", "value_set": ["HGB"]}, True),
    "column_distinct_values_to_equal_set": ({"column": "LBSEQ", "value_set": [1.0, 2.0]}, True),
    "column_most_common_value_to_be_in_set": ({"column": "LBSEQ", "value_set": [1.0]}, True),
    "column_min_to_be_between": ({"column": "LBSTRESN", "min_value": 0}, False),
    "column_max_to_be_between": ({"column": "LBSTNRHI", "max_value": 20}, True),
    "column_mean_to_be_between": ({"column": "LBSEQ", "min_value": 1.25, "max_value": 1.25}, True),
    "column_median_to_be_between": ({"column": "LBSEQ", "min_value": 2}, False),
    "column_stdev_to_be_between": ({"column": "LBSEQ", "min_value": 0.49, "max_value": 0.51}, True),
    "column_sum_to_be_between": ({"column": "LBSEQ", "max_value": 4}, False),
    "column_quantile_values_to_be_between": (
        {"column": "LBSEQ", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, 1]]}}, True,
    ),
    "column_unique_value_count_to_be_between": ({"column": "LBSEQ", "min_value": 2, "max_value": 2}, True),
    "column_proportion_of_unique_values_to_be_between": ({"column": "LBSEQ", "min_value": 0.6}, False),
    "column_proportion_of_non_null_values_to_be_between": ({"column": "LBTESTCD", "max_value": 0.75}, True),
    "column_to_exist": ({"column": "X"}, False),
    "table_row_count_to_be_between": ({"min_value": 4, "strict_min": True}, False),
    "table_row_count_to_equal": ({"value": 4}, True),
    "table_column_count_to_be_between": ({"min_value": 7, "max_value": 7}, True),
    "table_column_count_to_equal": ({"value": 6}, False),
    "table_columns_to_match_ordered_list": ({"column_list": ["LBSEQ", "USUBJID"]}, False),
    "table_columns_to_match_set": ({"column_set": ["LBSEQ", "USUBJID"], "exact_match": False}, True),
}  # fmt: skip


def test_every_expectation_about_a_whole_table_runs():
    assert set(WHOLE) == set(EXPECTATIONS) - {r[0] for r in RECORD_WISE}
    checks = [QualityCheck(n, "LB", n, arguments) for n, (arguments, _) in WHOLE.items()]
    results = {r.check.name: r for r in run_checks(checks, lab().frame)}
    assert [r for r in results.values() if "could not run" in r.observed] == []
    assert {n: r.success for n, r in results.items()} == {n: passes for n, (_, passes) in WHOLE.items()}


def test_the_expectations_are_those_of_the_package_with_its_arguments():
    _, classes = suite._whole_tables()
    names = {n.removeprefix("expect_") for n in classes if n}  # one that the package retires has no name
    assert names | {"multicolumn_values_to_be_unique"} == set(EXPECTATIONS) | set(EXCLUDED)
    for name, (needed, optional) in EXPECTATIONS.items():
        fields = classes[f"expect_{name}"].__fields__
        assert set(needed) | set(optional) <= set(fields), name
        assert {f for f, about in fields.items() if about.required} <= set(needed), name


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("column_values_to_be_between", {"column": "AGE", "min_value": 18, "max_value": 110}, "AGE is between 18 and 110"),
        ("column_values_to_be_between", {"column": "AGE", "min_value": 0, "strict_min": True}, "AGE is above 0"),
        ("column_mean_to_be_between", {"column": "AGE", "max_value": 80}, "the mean of AGE is at most 80"),
        ("column_values_to_not_be_null", {"column": "AGE", "mostly": 0.9},
         "AGE is filled, in at least 90 percent of the records"),
        ("column_values_to_be_in_set", {"column": "SEX", "value_set": ["F", "M", "U"]}, "SEX is one of F, M and U"),
        ("column_pair_values_a_to_be_greater_than_b", {"column_A": "X", "column_B": "Y", "or_equal": True},
         "X is not below Y"),
        ("table_row_count_to_equal", {"value": 16}, "the number of records is 16"),
    ],
)  # fmt: skip
def test_an_expectation_in_plain_words(name, arguments, expected):
    assert words(name, arguments) == expected


def test_every_expectation_has_plain_words():
    for name, (arguments, _) in WHOLE.items():
        assert words(name, arguments)
    for name, arguments, _ in RECORD_WISE:
        assert "{" not in words(name, arguments)


def test_raw_tables():
    table = raw(ID=["1", "2", "2", ""], TERM=["x", "y", "y", HOSTILE], EMPTY=[" ", "", "", ""])
    file = StudySpec.model_construct(
        subject=SubjectSpec(columns=("ID",), usubjid="{ID}"),
        sources={"ae": SourceSpec(file="ae.csv", dates=DatesSpec(columns={"ST_DT": ("yyyymmdd",)}))},
    )
    extra = declared_checks(file, {"ae": table})
    results = raw_quality({"ae": table}, extra)
    findings = Findings()
    add_findings(results, findings, tables={"ae": table})
    rows = findings.frame()
    assert [(r.severity, r.file, r.row, r.column, r.value) for r in rows.itertuples()] == [
        ("error", "ae.csv", 4, "ID", ""), ("warning", "ae.csv", -1, "ST_DT", ""), ("warning", "ae.csv", 2, "", ""),
        ("warning", "ae.csv", 3, "", ""), ("note", "ae.csv", -1, "EMPTY", ""),
    ]  # fmt: skip
    assert set(rows["rule"]) == {"R2A-QUAL-001"}


def test_equal_rows_have_the_same_findings_without_great_expectations():
    table = raw(ID=["1", "2", "2", "3"], TERM=["x", "y", "y", "y"])
    differing = raw(ID=["1", "2"], TERM=["x", "x"])
    absent = raw(ID=[])
    absent.present = False
    alone = equal_rows({"ae": table, "cm": differing, "no": absent, "empty": raw(ID=[])})
    assert [(r.check.table, r.success, r.records.tolist()) for r in alone] == [("ae", False, [1, 2]), ("cm", True, [])]
    tables = []
    for results in (alone, [r for r in raw_quality({"ae": table}) if r.check.name == "ae: rows differ"]):
        findings = Findings()
        add_findings(results, findings, tables={"ae": table})
        tables.append(findings.frame().to_dict("records"))
    assert tables[0] == tables[1] and [(t["rule"], t["row"]) for t in tables[0]] == [
        ("R2A-QUAL-001", 2),
        ("R2A-QUAL-001", 3),
    ]


def test_checks_across_records_need_no_great_expectations(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text(
        "checks:\n"
        "  - {name: RANGE, dataset: LB, expect: column_values_to_be_between, column: LBSTRESN, min_value: 0}\n"
        "  - {name: CODE, dataset: LB, fails: LBTESTCD == 'hgb', at: LBTESTCD}\n",
        "utf-8",
    )
    names = [[r.check.name for r in study_checks([path], {"LB": lab()}, expectations=e)] for e in (True, False)]
    assert names == [["RANGE", "CODE"], ["CODE"]]


def test_an_absent_or_empty_table_has_nothing_to_check():
    absent = raw(ID=[])
    absent.present = False
    assert raw_quality({"a": absent, "b": raw(ID=[])}) == []


def test_the_page_is_stable_and_holds_no_markup_of_the_data():
    table = raw(ID=["1", HOSTILE], **{HOSTILE: ["", ""]})
    pages = {quality_html(raw_quality({HOSTILE: table}), QualityPage(title=HOSTILE)) for _ in range(2)}
    (page,) = [p.decode() for p in pages]
    assert (
        page.count("<script") == 1 and "&lt;script&gt;" in page
    )  # the page's own unfolds it for printing and "\x1b" not in page and "😀" in page
    assert "src=" not in page and page.count("href=") == 1 and "https://" not in page


def test_notes_do_not_count_as_errors_and_numbers_are_short():
    from lxml import html

    table = raw(ID=["1", "2", "3"], EMPTY=["", "", ""], PART=["x", "", ""])
    page = html.fromstring(quality_html(raw_quality({"a": table}), QualityPage(title="x", titles={"a": "Form A"})))
    tiles = {t.xpath("string(span)"): t.xpath("string(b)") for t in page.xpath("//li[@class='tile']")}
    assert tiles == {"checks": "4", "failed with error": "0", "failed with warning": "0", "note": "1", "passed": "3"}
    notes, passed = page.xpath("//table")
    assert [c.text_content() for c in notes.xpath("tbody/tr/*")] == [
        "The column EMPTY is empty in every row",
        "Form A",
        "0",
    ]
    assert passed.getparent().getparent().tag == "details" and "No check failed." in page.text_content()
    assert "column_proportion" not in page.text_content()


def test_a_failed_check_names_subjects_and_cells():
    from lxml import html
    from raw2adam.validation.quality.failing import FailingRecords

    def failing(result):
        who = np.array([f"S-{i}" for i in result.records.tolist()], dtype=object)
        same = np.full(len(who), "RES", dtype=object)
        return FailingRecords(who, same, same, np.full(len(who), HOSTILE, dtype=object), np.full(len(who), "", object))

    check = QualityCheck("LOW", "lab", "column_values_to_be_between", {"column": "RES", "min_value": 0}, "error",
                         "the result lies below 0", title="results are at least 0", words="RES is at least 0")  # fmt: skip
    result = QualityResult(check, False, 1000, 30, "", np.arange(30))
    text = quality_html([result], QualityPage(title="x", failing=failing)).decode()
    (found,) = html.fromstring(text).xpath("//details[@class='found']")
    assert found.get("open") is not None and "The result lies below 0" in found.xpath("string(summary)")
    assert (
        "30 of 1,000 records" in found.xpath("string(summary)") and "Rule: RES is at least 0." in found.text_content()
    )
    rows = found.xpath(".//tbody/tr")
    assert len(rows) == 25 and [c.text_content() for c in rows[1]] == [
        "S-1",
        "RES",
        "RES",
        HOSTILE.replace("\x1b", "\\x1b"),
    ]
    assert "the first 25 of 30" in found.xpath("string(.//caption)")


def test_distributions_have_a_picture_for_each_kind():
    from lxml import html
    from raw2adam.validation.quality.profile import ColumnProfile, SourceProfile

    columns = (
        ColumnProfile("AGE", "Age", "number", 10, 9, 8, (("40 to 50", 3), ("50 to 60", 6)), 0, "41", "55", "59"),
        ColumnProfile("SEX", "", "text", 10, 10, 2, (("F", 7), ("<b>M", 3))),
        ColumnProfile("NOTE", "", "text", 10, 4, 4, (), 4),
        ColumnProfile("VOID", "", "empty", 10, 0, 0),
    )
    profile = SourceProfile("demo", "demo.csv", "Demography", 10, columns)
    page = html.fromstring(quality_html([], QualityPage(title="x", profiles=[profile])))
    age, sex, note, void = page.xpath("//figure")
    assert [r.get("height") for r in age.xpath(".//rect")] == [
        "31",
        "62",
    ] and "41 to 59, middle 55" in age.text_content()
    assert [(r.get("width"), t) for r, t in zip(sex.xpath(".//rect"), sex.xpath(".//text/text()")[::2], strict=True)] == [
        ("80", "F"), ("34", "<b>M")
    ]  # fmt: skip
    assert not note.xpath(".//svg") and not void.xpath(".//svg") and "empty, 0 of 10 filled" in void.text_content()


CHECKS = """\
checks:
  - {name: HGBRANGE, dataset: LB, severity: error, expect: column_values_to_be_between, column: LBSTRESN, min_value: 0, max_value: 30}
  - {name: CODES, dataset: LB, expect: expect_column_values_to_be_in_set, column: LBTESTCD, value_set: [HGB, Y, 1e3]}
  - name: MEAN
    dataset: LB
    severity: note
    expect: column_mean_to_be_between
    column: LBSTNRHI
    max_value: 5
    message: the upper limits are high
  - {name: SEQ, dataset: LB, expect: column_values_to_be_in_set, column: LBSEQ, value_set: [1, 2]}
  - {name: WHERE, dataset: LB, where: "USUBJID == '1'", expect: column_values_to_be_in_set, column: LBTESTCD, value_set: [hgb]}
  - {name: MOSTLY, dataset: LB, expect: column_values_to_be_in_set, column: LBSEQ, value_set: [1], mostly: 0.7}
"""


def test_a_study_file_of_checks(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text(CHECKS, "utf-8")
    data = {"LB": lab()}
    results = study_checks([path], data)
    assert [(r.check.name, r.success) for r in results] == [
        ("HGBRANGE", False), ("CODES", False), ("MEAN", False), ("SEQ", True), ("WHERE", False), ("MOSTLY", True),
    ]  # fmt: skip
    findings = Findings()
    add_findings(results, findings, datasets=data)
    rows = [(r.rule, r.severity, r.subject, r.sequence, r.variable, r.value) for r in findings.frame().itertuples()]
    assert rows == [
        ("R2A-CHECK-HGBRANGE", "error", "1", 2, "LBSTRESN", "1e+308"),
        ("R2A-CHECK-HGBRANGE", "error", "3", 1, "LBSTRESN", "-1"),
        ("R2A-CHECK-CODES", "warning", "1", 2, "LBTESTCD", "hgb"),
        ("R2A-CHECK-CODES", "warning", "3", 1, "LBTESTCD", HOSTILE),
        ("R2A-CHECK-WHERE", "warning", "1", 1, "LBTESTCD", "HGB"),
        ("R2A-CHECK-MEAN", "note", "", -1, "LBSTNRHI", ""),
    ]
    assert findings.frame()["message"].iloc[-1].startswith("the upper limits are high (found: 11.66")


MISTAKES = [
    (
        "expect: column_values_to_be_betwen, column: LBSTRESN, min_value: 1",
        "4:36",
        "did you mean 'column_values_to_be_between'?",
    ),
    ("expect: column_values_to_not_be_null, column: LBSTRSN", "4:74", "did you mean 'LBSTRESN'?"),
    ("expect: column_values_to_not_be_null", "4:36", "needs the key 'column'"),
    ("expect: column_values_to_be_unique, column: LBSEQ, min_value: 1", "4:90", "has no 'min_value'"),
    ("expect: column_values_to_be_between, column: LBDTC, min_value: 1", "4:73", "is for numbers"),
    ("expect: column_values_to_be_between, column: LBSEQ", "4:36", "needs 'min_value', 'max_value' or both"),
    ("expect: column_values_to_be_between, column: LBSEQ, min_value: 3, max_value: 2", "4:91", "is above"),
    ("expect: column_values_to_match_regex, column: LBDTC, regex: '(?=x)'", "4:88", "look-around"),
    ("expect: column_values_to_be_in_set, column: LBSEQ, value_set: [1, x]", "4:94", "'x' is none"),
    ("expect: query_results_to_match_comparison", "4:36", "cannot have the expectation"),
    ("expect: column_values_to_not_be_null, column: LBSEQ, row_condition: 'x'", "4:", "unknown key 'row_condition'"),
]


@pytest.mark.parametrize(("check", "at", "message"), MISTAKES)
def test_mistakes_in_a_check_are_placed(tmp_path, check, at, message):
    path = tmp_path / "lab.yaml"
    path.write_text(f"# checks\nchecks:\n  # one\n  - {{name: A, dataset: LB, {check}}}\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        study_checks([path], {"LB": lab()})
    (problem,) = caught.value.problems
    assert f"lab.yaml:{at}" in str(problem) and message in str(problem)


def test_all_mistakes_of_all_files_at_once(tmp_path):
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    one.write_text("checks:\n  - {name: A, dataset: LBB, expect: table_row_count_to_equal, value: 1}\n", "utf-8")
    two.write_text("checks:\n  - {name: A, dataset: LB, expect: table_row_count_to_equal, value: x}\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        study_checks([one, two, tmp_path / "3.yaml"], {"LB": lab()})
    text = str(caught.value)
    assert "there is no dataset 'LBB' (did you mean 'LB'?)" in text and "2.yaml:2:" in text and "no such file" in text
    assert study_checks([one], {"LB": lab()}, planned=["LBB"]) == []


def test_great_expectations_is_imported_where_it_is_used():
    """No module of the room imports it at its head, so that a run without expectations never loads it."""
    folder = Path(suite.__file__).parent
    heads = {p.name: [n for n in ast.parse(p.read_text("utf-8")).body if isinstance(n, ast.Import | ast.ImportFrom)]
             for p in folder.glob("*.py")}  # fmt: skip
    assert {"suite.py", "run.py"} <= set(heads)
    assert [p for p, nodes in heads.items() for n in nodes if "great_expectations" in ast.unparse(n)] == []


def test_a_deferred_module_is_loaded_at_its_first_use():
    sys.modules.pop("colorsys", None)
    with deferred("colorsys"):
        import colorsys as place
    assert "colorsys" not in sys.modules
    assert place.rgb_to_hsv(1, 1, 1) == (0, 0, 1)
    assert sys.modules["colorsys"].rgb_to_hsv is place.rgb_to_hsv


def test_every_row_of_a_large_table_fails():
    rows = 60_000
    table = raw(**{f"C{i}": [str(k % 97) for k in range(rows)] for i in range(6)})
    (result,) = [r for r in raw_quality({"ae": table}) if not r.success]
    assert result.failed == rows
