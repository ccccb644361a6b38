"""Masking of small cells: what is masked, what follows from totals, and what stays.

The subjects are 30 letters of two alphabets; a set is a range of them. Group A has the first 20, B the other 10.
"""

from __future__ import annotations

import numpy as np
import pytest
from raw2adam.analyses.masking import HIDDEN, masked, reason
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

PLACE = Place("analyses/x.yaml", 3)
A, B = range(20), range(20, 30)


class Study:
    """Records of a display of three columns: all, A, B; or of other groups."""

    def __init__(self, **groups: range):
        self.sets = SubjectSets([f"S{i:02}" for i in range(30)])
        self.groups = groups or {"A": A, "B": B}
        self.results: list[ComputedResult] = []

    def set(self, *members) -> int:
        inside = np.zeros(30, dtype=bool)
        for part in members:
            inside[list(part)] = True
        return self.sets.add(inside)

    def cell(self, n: list, of: list, name: str = "n", **more: float) -> Cell:
        values = [Value(name=name, number=float(len(n)), text=str(len(n)))]
        values += [Value(name=k, number=v, text=f"{v:g}") for k, v in more.items()]
        return Cell(text=str(len(n)), values=tuple(values), numerator=self.set(n), denominator=self.set(of))

    def row(self, label: str, counted: list, indent: int = 0, name: str = "n", **category: str) -> Row:
        """Who is counted, in all columns."""
        members = [range(30), *self.groups.values()]
        cells = tuple(self.cell(sorted(set(counted) & set(m)), list(m), name) for m in members)
        return Row(id=label, label=label, cells=cells, indent=indent, category=category)

    def result(self, *rows: Row, statistic: str = "counts", **more) -> None:
        self.results.append(
            ComputedResult(
                id=f"R{len(self.results)}",
                title="",
                statistic=statistic,
                place=PLACE,
                dataset="ADSL",
                rows=rows,
                **more,
            )
        )

    def shown(self, below: int = 5) -> ComputedDisplay:
        columns = [Column(id="TOTAL", label="Total", size=30, subjects=self.set(range(30)))]
        columns += [
            Column(id=k, label=k, variable="ARM", value=k, size=len(m), subjects=self.set(m))
            for k, m in self.groups.items()
        ]
        display = ComputedDisplay(
            id="D",
            name="Table 1",
            title="",
            population="",
            condition="",
            columns=tuple(columns),
            results=tuple(self.results),
            place=PLACE,
        )
        found = masked(ComputedAnalyses(study="S", title="", displays=(display,), subjects=self.sets), below)
        (shown,) = found.displays
        assert len(found.subjects.subjects) == 0
        assert all(c.numerator is None for r in shown.results for row in r.rows for c in row.cells)
        return shown


def texts(display: ComputedDisplay, result: int = 0) -> list[list[str]]:
    return [["-" if c.text == "masked" else c.text for c in row.cells] for row in display.results[result].rows]


def test_a_small_count_is_masked_with_another_one_that_reveals_it():
    study = Study()
    # 12 + 3 = 15 of all: the 12 would reveal the 3
    study.result(study.row("yes", [*range(12), *range(20, 23)]))
    shown = study.shown()
    assert texts(shown) == [["15", "-", "-"]]
    values = shown.results[0].rows[0].cells[2].values
    assert {(v.number, v.text, v.absent) for v in values} == {(None, "masked", Absent.MASKED)}
    assert shown.notes == (reason(5),)
    assert [c.size_text for c in shown.columns] == ["30", "20", "10"]


def test_counts_of_nobody_and_of_enough_stay():
    study = Study()
    study.result(study.row("yes", range(14)), study.row("no", [*range(14, 20), *range(20, 30)]))
    shown = study.shown()
    assert texts(shown) == [["14", "14", "0"], ["16", "6", "10"]]
    assert shown.notes == ()


def test_categories_that_make_up_a_group_do_not_reveal_one_of_them():
    study = Study(A=A, B=B)
    rows = [study.row(f"c{i}", part, CAT=f"c{i}") for i, part in enumerate([range(9), range(9, 18), range(18, 20), B])]
    study.result(*rows)
    # c2 has 2 subjects, all in A: so c0 and c2 are hidden in A, and all columns follow
    assert texts(study.shown()) == [["-", "-", "0"], ["9", "9", "0"], ["-", "-", "0"], ["10", "0", "10"]]


def test_two_masked_counts_do_not_have_a_small_sum():
    study = Study(A=range(30))
    parts = [range(1), range(1, 2), range(2, 16), range(16, 30)]
    study.result(*(study.row(f"c{i}", part, CAT=f"c{i}") for i, part in enumerate(parts)))
    # 30 - 14 - 14 = 2 would be one subject in each of the two
    assert texts(study.shown()) == [["-", "-"], ["-", "-"], ["-", "-"], ["14", "14"]]


def test_rows_below_a_row_do_not_reveal_one_of_them():
    study = Study(A=range(30))
    study.result(
        study.row("SOC", range(12), AEBODSYS="SOC"),
        study.row("PT 1", range(3), 1, AEBODSYS="SOC", AEDECOD="1"),
        study.row("PT 2", range(3, 12), 1, AEBODSYS="SOC", AEDECOD="2"),
        study.row("PT 3", range(6), 1, AEBODSYS="SOC", AEDECOD="3"),
    )
    # subjects with PT 3 have others too: the terms do not add up, nothing follows
    assert texts(study.shown()) == [["12", "12"], ["-", "-"], ["9", "9"], ["6", "6"]]
    study.results.clear()
    study.result(
        study.row("SOC", range(12), AEBODSYS="SOC"),
        study.row("PT 1", range(3), 1, AEBODSYS="SOC", AEDECOD="1"),
        study.row("PT 2", range(3, 12), 1, AEBODSYS="SOC", AEDECOD="2"),
    )
    assert texts(study.shown()) == [["12", "12"], ["-", "-"], ["-", "-"]]


def test_a_small_group_is_masked_with_the_next_one():
    study = Study(A=range(18), B=range(18, 27), C=range(27, 30))
    study.result(study.row("yes", [*range(10), *range(18, 24)]))
    shown = study.shown()
    assert [c.size for c in shown.columns] == [30, 18, HIDDEN, HIDDEN]
    assert [c.size_text for c in shown.columns] == ["30", "18", "masked", "masked"]
    assert texts(shown) == [["16", "10", "-", "-"]]


def test_missing_values_are_subjects_too():
    study = Study(A=range(30))
    row = study.row("n", range(28))
    lacking = study.row("Missing", range(28, 30), name="missing")
    mean = Row(id="mean", label="Mean", cells=tuple(study.cell(range(28), range(30), "mean") for _ in range(2)))
    extreme = Row(id="range", label="Min", cells=tuple(study.cell(range(28), range(30), "minimum") for _ in range(2)))
    study.result(row, lacking, mean, extreme, statistic="summary")
    # 30 - 28 would reveal the 2; the mean reveals neither; the minimum is a value of one subject
    assert texts(study.shown()) == [["-", "-"], ["-", "-"], ["28", "28"], ["-", "-"]]


def test_an_interval_is_masked_with_its_rate():
    study = Study(A=range(30))
    limits = (Value(name="lower", number=1.0, text="1"), Value(name="upper", number=9.0, text="9"))
    interval = Row(id="i", label="CI", cells=(Cell(text="(1, 9)", values=limits),) * 2, indent=1)
    study.result(study.row("rate", range(4)), interval, study.row("other", range(6)), statistic="proportion")
    assert texts(study.shown()) == [["-", "-"], ["-", "-"], ["6", "6"]]


def test_the_whole_estimate_is_masked_with_its_events():
    study = Study()
    median = Row(id="median", label="Median", cells=tuple(study.cell(m, m, "median") for m in (range(30), A, B)))
    curves = tuple(
        Curve(
            column=name, time=np.array([0.0, 1, 5, 9]), estimate=np.array([1, 0.9, 0.8, 0.7]), lower=np.zeros(4), upper=np.ones(4),
            censored=np.array([4.0]), ticks=(0.0, 4.0, 8.0), at_risk=risk,
        )
        for name, risk in (("TOTAL", (30, 15, 4)), ("A", (20, 10, 4)), ("B", (10, 5, 0)))
    )  # fmt: skip
    events = study.row("events", [*range(8), *range(20, 26)], name="events")
    rest = study.row("censored", [*range(8, 20), *range(26, 30)], name="censored")
    study.result(events, rest, median, statistic="kaplan_meier", curves=curves)
    shown = study.shown()
    # B has 4 censored: its 6 events follow, then its estimate; 16 censored of all make that of A follow
    assert texts(shown) == [["14", "-", "-"], ["16", "-", "-"], ["30", "-", "-"]]
    total, a, b = shown.results[0].curves
    assert (total.time.tolist(), total.at_risk, len(total.censored)) == ([0, 1], (30, 15, HIDDEN), 0)
    assert (len(a.time), a.at_risk, b.at_risk) == (0, (HIDDEN,) * 3, (HIDDEN,) * 3)


def test_a_count_without_a_set_is_masked_by_its_number():
    study = Study(A=range(30))
    few = Row(id="few", label="", cells=(Cell(text="3", values=(Value(name="n", number=3.0, text="3"),)),) * 2)
    heading = Row(id="h", label="", cells=(Cell(text=""),) * 2)
    study.result(heading, few)
    assert texts(study.shown()) == [["", ""], ["-", "-"]]


def test_the_rest_of_a_denominator_is_a_count_too():
    study = Study(A=range(30))
    study.result(study.row("yes", range(28)), study.row("other", range(20)))
    # 30 - 28 are the 2 without it; 30 - 20 are enough
    assert texts(study.shown()) == [["-", "-"], ["20", "20"]]
    study.results.clear()
    study.result(study.row("n", range(28)), statistic="change")
    assert texts(study.shown()) == [["28", "28"]]


def test_categories_without_a_row_do_not_follow():
    study = Study(A=range(30))
    study.result(study.row("a", range(14), CAT="a"), study.row("b", range(14, 27), CAT="b"))
    # 30 - 14 - 13 = 3 have another category, so the smaller one is masked
    assert texts(study.shown()) == [["14", "14"], ["-", "-"]]


def test_events_of_terms_add_up():
    study = Study(A=range(30))
    names = {"AEBODSYS": "S"}

    def term(label: str, counted: range, events: int, indent: int = 1) -> Row:
        cells = tuple(study.cell(list(counted), list(range(30)), events=float(events)) for _ in range(2))
        more = {"AEDECOD": label} if indent else {}
        return Row(id=label, label=label, cells=cells, indent=indent, category=names | more)

    # subjects of the terms overlap, but 40 - 31 = 9 events would be those of C, who has 2 subjects, and so at least 2
    study.result(
        term("S", range(20), 40, 0), term("A", range(18), 20), term("B", range(12), 17), term("C", range(2), 3)
    )
    assert texts(study.shown()) == [["20", "20"], ["18", "18"], ["-", "-"], ["-", "-"]]


def test_a_weighted_mean_does_not_reveal_a_count():
    study = Study(A=range(20), B=range(20, 30))
    n = study.row("n", range(2, 30))
    lacking = study.row("Missing", range(2), name="missing")
    means = tuple(
        study.cell(list(m), list(of), "mean") for m, of in
        ((range(2, 30), range(30)), (range(2, 20), range(20)), (range(20, 30), range(20, 30)))
    )  # fmt: skip
    values = (51.0, 48.0, 56.4)
    means = tuple(
        Cell(text=f"{v}", values=(Value(name="mean", number=v, text=f"{v}"),), numerator=c.numerator, denominator=c.denominator)
        for c, v in zip(means, values, strict=True)
    )  # fmt: skip
    study.result(n, lacking, Row(id="mean", label="Mean", cells=means), statistic="summary")
    # n of A is masked with its 2 missing, and 48 n + 564 = 51 (n + 10) would give it
    assert texts(study.shown()) == [["-", "-", "10"], ["-", "-", "0"], ["51.0", "48.0", "-"]]


def test_lines_of_a_forest_plot_do_not_reveal_one_of_them():
    study = Study()
    lines = [Interval(label="All", size=30, events=15, estimate=50.0, lower=30.0, upper=70.0, text="50")]
    lines += [
        Interval(label=n, heading="Age", size=n_, events=e) for n, n_, e in (("a", 12, 8), ("b", 11, 5), ("c", 7, 2))
    ]
    study.result(
        forest=tuple(lines), lines=(SubjectLine(subject="S01", value=3.0),), notes=("2 subjects are excluded.",)
    )
    shown = study.shown().results[0]
    assert [i.size_text for i in shown.forest] == ["30", "12", "masked", "masked"]
    assert [i.events for i in shown.forest] == [15, 8, None, None]
    assert (shown.lines, shown.notes) == ((), ())  # subjects, and counts in words


def test_masking_below_0_1_and_less():
    study = Study()
    study.result(study.row("yes", range(1)))
    analyses = ComputedAnalyses(study="S", title="", displays=(), subjects=study.sets)
    assert masked(analyses, 0) is analyses
    assert masked(analyses, 1) is analyses
    with pytest.raises(ValueError, match="below 0"):
        masked(analyses, -1)
