"""The tables of a display as CSV and RTF: what they hold, hostile text, and the same bytes again."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from raw2adam.analyses.masking import masked
from raw2adam.analyses.results import (
    Absent,
    Cell,
    Column,
    ComputedAnalyses,
    ComputedDisplay,
    ComputedResult,
    Curve,
    Interval,
    Row,
    SubjectLine,
    SubjectSets,
    Value,
)
from raw2adam.errors import Place
from raw2adam.report.csv_table import COLUMNS, csv_bytes
from raw2adam.report.rtf_table import rtf_bytes

SUBJECTS = SubjectSets([f"S{i}" for i in range(9)])
ALL, SOME = SUBJECTS.add(np.ones(9)), SUBJECTS.add(np.arange(9) < 6)


def cell(text: str, *values: tuple[str, float | None]) -> Cell:
    about = [
        Value(
            name=n,
            number=v,
            text="not reached" if v is None else f"{v:.1f}",
            absent=Absent.NOT_REACHED if v is None else None,
        )
        for n, v in values
    ]
    return Cell(text=text, values=tuple(about), numerator=SOME, denominator=ALL)


@pytest.fixture(scope="module")
def analyses() -> ComputedAnalyses:
    curve = Curve(
        column="TOTAL", time=np.array([0.0, 2.5]), estimate=np.array([1.0, 2 / 3]), lower=np.array([np.nan, 0.3]), upper=np.array([np.nan, 0.9]),
        censored=np.array([7.0]), ticks=(0.0, 6.0), at_risk=(9, 6),
    )  # fmt: skip
    result = ComputedResult(
        id="PFS",
        title="Progression-free {survival} \\ β",
        statistic="kaplan_meier",
        place=Place("analyses/pfs.yaml", 12),
        dataset="ADTTE",
        unit="months",
        notes=("3 subjects have no time.",),
        rows=(
            Row(id="n", label="=Subjects", cells=(cell("6 (66.7)", ("n", 6), ("total", 9), ("percent", 200 / 3)),)),
            Row(
                id="median",
                label="Median",
                cells=(cell("not reached (2.5, NE)", ("median", None), ("lower", 2.5)),),
                indent=1,
            ),
        ),
        curves=(curve,),
        forest=(
            Interval(label="All", size=9, events=6, estimate=1.5, text="1.5"),
            Interval(label="<65", heading="Age", size=8, estimate=None),
        ),
        lines=(SubjectLine(subject="S1", value=2.0, segments=((0.0, 2.0, "treated"),), marks=((1.0, "PD"),)),),
    )
    display = ComputedDisplay(
        id="T1", name="Table 1", title="PFS", population="Safety", condition="SAFFL == 'Y'", place=Place("analyses/pfs.yaml", 1), results=(result,),
        columns=(Column(id="TOTAL", label="Total", size=9, subjects=ALL),), notes=("NE: not estimable.",),
    )  # fmt: skip
    return ComputedAnalyses(
        study="OBS1", title="", notice="These data are synthetic.", displays=(display,), subjects=SUBJECTS
    )


def lines(display: ComputedDisplay) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_bytes(display).decode("utf-8-sig"), newline="")))


def test_csv_has_each_number_in_full_and_as_it_is_shown(analyses):
    found = lines(analyses.displays[0])
    assert list(found[0]) == list(COLUMNS)
    of_table = [
        (x["row"], x["statistic"], x["number"], x["text"], x["absent"], x["shown"])
        for x in found
        if x["part"] == "table"
    ]
    assert of_table == [
        ("n", "n", "6", "6.0", "", "6 (66.7)"),
        ("n", "total", "9", "9.0", "", "6 (66.7)"),
        ("n", "percent", "66.66666666666667", "66.7", "", "6 (66.7)"),
        ("median", "median", "", "not reached", "not reached", "not reached (2.5, NE)"),
        ("median", "lower", "2.5", "2.5", "", "not reached (2.5, NE)"),
    ]
    assert {x["label"] for x in found if x["row"] == "n"} == {"'=Subjects"}  # not a formula
    parts = [(x["part"], x["time"], x["statistic"], x["number"], x["absent"]) for x in found if x["part"] != "table"]
    assert parts == [
        ("column", "", "n", "9", ""),
        ("forest", "", "n", "9", ""),
        ("forest", "", "events", "6", ""),
        ("forest", "", "estimate", "1.5", ""),
        ("forest", "", "lower", "", "not estimable"),
        ("forest", "", "upper", "", "not estimable"),
        ("forest", "", "n", "8", ""),
        *[("forest", "", n, "", "not estimable") for n in ("events", "estimate", "lower", "upper")],
        ("curve", "0", "estimate", "1", ""),
        ("curve", "2.5", "estimate", "0.6666666666666666", ""),
        ("curve", "2.5", "lower", "0.3", ""),
        ("curve", "2.5", "upper", "0.9", ""),
        ("at_risk", "0", "n", "9", ""),
        ("at_risk", "6", "n", "6", ""),
        ("censored", "7", "time", "7", ""),
        ("subject", "", "value", "2", ""),
        ("subject", "", "start", "0", ""),
        ("subject", "", "end", "2", ""),
        ("subject", "", "mark", "1", ""),
    ]


def rtf_cells(document: bytes) -> list[str]:
    """The texts of the cells, without formats."""
    found = re.findall(r"\{\\f3(?:\\b)? (.*?)\}\\cell", document.decode("ascii"))
    return [re.sub(r"^(\\b |\\~)+", "", text) for text in found]


def test_rtf_has_heads_rows_figures_and_footnotes(analyses):
    document = rtf_bytes(analyses.displays[0], analyses)
    assert rtf_cells(document) == [
        *("", "Total\\line (N=9)", "Progression-free \\{survival\\} \\\\ \\u946?, months", ""),
        *("=Subjects", "6 (66.7)", "Median", "not reached (2.5, NE)", "The figure shows single subjects.", ""),
        *("Progression-free \\{survival\\} \\\\ \\u946?", "Subjects", "Events", "Estimate (95% CI)"),
        *("All", "9", "6", "1.5", "Age", "", "", "", "<65", "8", "", ""),
        *("Progression-free \\{survival\\} \\\\ \\u946?: at risk, by months", "0", "6", "Total", "9", "6"),
    ]
    text = document.decode("ascii")
    for expected in (
        "Population: Safety (SAFFL == 'Y')",
        "NE: not estimable.",
        "3 subjects have no time.",
        "PFS: analyses/pfs.yaml, line 12",
    ):
        assert expected in text
    assert text.count("\\page{") == 2
    assert text.count("{\\fonttbl") == 1
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace("\\\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert document == rtf_bytes(analyses.displays[0], analyses)


def test_long_tables_break_into_pages_that_repeat_title_and_heads(analyses):
    display = analyses.displays[0]
    rows = tuple(replace(display.results[0].rows[0], label=f"Row {i}") for i in range(80))
    long = replace(display, results=(replace(display.results[0], rows=rows, curves=(), forest=(), lines=()),))
    text = rtf_bytes(long, analyses).decode("ascii")
    assert text.count("Population: Safety") == text.count("(N=9)") == text.count("\\page{") + 1 == 3


def test_a_display_without_results_states_it(analyses):
    empty = replace(analyses.displays[0], results=(), columns=(), notes=())
    assert rtf_cells(rtf_bytes(empty, analyses)) == ["", "no records"]
    assert "T1: analyses/pfs.yaml, line 1" in rtf_bytes(empty, analyses).decode()
    assert lines(empty) == []


def test_csv_and_rtf_of_masked_analyses_mask_the_same(analyses):
    few = masked(analyses, 8)
    display = few.displays[0]
    assert {x["number"] for x in lines(display) if x["part"] in ("table", "subject", "censored", "curve")} == {""}
    assert [x["absent"] for x in lines(display) if x["part"] == "at_risk"] == ["masked", "masked"]
    cells = rtf_cells(rtf_bytes(display, few))
    assert cells[:7] == [
        "",
        "Total\\line (N=9)",
        "Progression-free \\{survival\\} \\\\ \\u946?, months",
        "",
        "=Subjects",
        "masked",
        "Median",
    ]
    assert cells[-3:] == ["Total", "masked", "masked"]
