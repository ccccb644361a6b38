"""A number with more digits than a float64 keeps is a finding at its cell, also where only an expression reads it."""

from __future__ import annotations

import pytest

LONG, KEPT = "9007199254740993", "9007199254740992.0"  # 2**53 + 1
STUDY = """\
sources:
  dm: {file: dm.csv}
  raw: {file: raw.csv}
"""
CM = "dataset: CM\nrows: {source: dm}\nvariables:\n  CMTRT: {value: A}\n"
FILES = {"dm.csv": "SUBJ\n01\n02\n", "raw.csv": f"SUBJ,N,K\n01,{LONG},a\n01,1.5,a\n02,7,b\n"}
CELL = [("raw.csv", 1, "N", LONG)]


@pytest.mark.parametrize(
    "rule",
    [
        "CMDOSE: {total: raw.N}",
        "CMDOSE: {count: raw, where: number(N) > 5}",
        "CMDOSTXT: {any: raw, where: 'number(N) in [1, 7]'}",
        "CMDOSE: {last: raw.N}",  # as an ordinary mapping
        "CMDOSTXT: {lookup: raw.K, where: number(N) > 2}",
    ],
)
def test_a_number_of_another_table_is_reported_at_its_cell(tiny, rule):
    built = tiny(FILES, STUDY, {"cm": CM + f"  {rule}\n"})
    assert built.found("R2A-NUM-007") == CELL
    message = built.findings.loc[built.findings["rule"] == "R2A-NUM-007", "message"].item()
    assert message == f"a number with more digits than are kept: {KEPT}"
    assert tiny(FILES, STUDY, {"cm": CM + f"  {rule}\n"}, partitions=2).found("R2A-NUM-007") == CELL


@pytest.mark.parametrize(
    "lines",
    [
        "CMDOSE: {compute: number(N) / 2}",
        "CMDOSTXT: {value: Y, when: number(N) > 5}",
        "CMDOSTXT: {cases: [{when: number(N) > 5, value: Y}, {value: N}]}",
        "CMCAT: {cut: N, groups: {low: [0, 5], high: [5, null]}}",
        "CMDOSE: {compute: number(N)}\n  CMDOSTOT: N",  # once a cell
        'CMDOSE: {compute: \'number(replace(N, "_", ""))\'}',
    ],
)
def test_a_number_of_the_record_is_reported_once(tiny, lines):
    built = tiny(FILES, STUDY, {"cm": CM.replace("source: dm", "source: raw") + f"  {lines}\n"})
    assert built.found("R2A-NUM-007") == CELL


def test_a_condition_on_rows_reports_what_it_excludes_by_and_what_it_keeps(tiny):
    where = CM.replace("source: dm", "source: raw, where: number(N) < 100")
    built = tiny(FILES, STUDY, {"cm": where})
    assert built.values("CM", "CMTRT") == ["A", "A"] and built.found("R2A-NUM-007") == CELL


def test_a_branch_that_is_not_taken_reports_nothing(tiny):
    rule = "CMDOSE: {compute: \"if(K == 'b', number(N), 0)\"}"
    assert (
        tiny(FILES, STUDY, {"cm": CM.replace("source: dm", "source: raw") + f"  {rule}\n"}).found("R2A-NUM-007") == []
    )


def test_an_expression_reads_the_number_that_is_kept(tiny):
    """0.30000000000000004 has 17 digits; 15 are kept, as in a numeric variable.

    Digits that cannot change what floor() gives are no finding: the age of a Stata file, 21464 days / 365.25.
    """
    files = {
        "raw.csv": "SUBJ,N,AGE\n01,0.30000000000000004,58.765229295003422\n02,0.123456789012345,58.9999999999999999\n"
    }
    cm = (
        "dataset: CM\nrows: {source: raw}\nvariables:\n  CMTRT: {value: A}\n"
        "  CMDOSTXT: {cases: [{when: number(N) == 0.3, value: Y}, {value: N}]}\n"
        "  CMDOSE: {compute: floor(number(AGE) * 2 / 2)}\n  CMDOSTOT: {compute: floor(number(AGE) + 1)}\n"
    )
    built = tiny(files, "", {"cm": cm.rpartition("  CMDOSTOT")[0]})
    assert built.values("CM", "CMDOSTXT") == ["Y", "N"] and built.values("CM", "CMDOSE") == [58.0, 59.0]
    shortened = [("raw.csv", 1, "N", "0.30000000000000004"), ("raw.csv", 2, "AGE", "58.9999999999999999")]
    assert sorted(built.found("R2A-NUM-007")) == shortened
    assert ("raw.csv", 1, "AGE", "58.765229295003422") in tiny(files, "", {"cm": cm}).found("R2A-NUM-007")  # a sum


def test_values_that_differ_beyond_the_kept_digits_count_as_two(tiny):
    files = {"dm.csv": "SUBJ\n01\n", "raw.csv": f"SUBJ,N\n01,{LONG}\n01,9007199254740992\n01,7\n01,7.0\n"}
    built = tiny(
        files,
        STUDY.replace("raw.csv}", "raw.csv, types: {N: number}}"),
        {"cm": CM + "  CMDOSE: {count: raw, distinct: N}\n"},
    )
    assert built.values("CM", "CMDOSE") == [3.0]
