"""Figures of computed analyses: their words, the facts of their SVG, and the same bytes again.

Not for how they look. The analyses are literal (kit/computed_analyses.py). All figures are drawn once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from kit.computed_analyses import (
    ANALYSES,
    BEST,
    EMPTY,
    FLOWS,
    FOREST,
    INCIDENCE,
    RESPONSE,
    SUBJECTS,
    SURVIVAL,
    SWIMMER,
    VISITS,
    WATERFALL,
    curve,
    result,
    share,
    value,
)
from lxml import etree
from raw2adam.analyses.results import Absent, Cell, ComputedResult, Curve, Interval, Row, SubjectLine
from raw2adam.mappings.models.analysis import FIGURES
from raw2adam.report.figures.axes import ticks
from raw2adam.report.figures.curve_legend import FALLING, Corner, free_corner
from raw2adam.report.figures.curves import _corners
from raw2adam.report.figures.draw import KINDS, Figure, figure_of, missing_figure
from raw2adam.report.figures.fonts import shortened, text_width, wrapped
from raw2adam.report.figures.sheet import Shape
from raw2adam.report.figures.subjects import shown_lines
from raw2adam.report.figures.svg import _path
from raw2adam.report.figures.visits import _reaches

SVG = "{http://www.w3.org/2000/svg}"
ALTS = {
    "PFS": "Kaplan-Meier curves of Progression-free survival, time in months. All subjects: 12 subjects, 3 events, "
    "median 9 (95% interval 5 to not reached), 70.0% at 6, 40.0% at 12. Regimen A: 7 subjects, 1 event, median not "
    "reached, 80.0% at 6, 80.0% at 12. Regimen <B> & others: 5 subjects, 2 events, median 9 (95% interval 2 to 12), "
    "75.0% at 6.",
    "TTNT": "Cumulative incidence curves of Next therapy, time in months. All subjects: 12 subjects, 10.0% at 6.",
    "SUB": "Forest plot of Response rate in 3 groups. All subjects: 12 subjects, 5 events, 41.7 (15.2 to 72.3). Age, "
    "<65: 5 subjects, 2 events, 40.0 (5.3 to 85.3). Age, >=65: 0 subjects, 0 events.",
    "SWIM": "Swimmer plot of Time on treatment. 2 subjects, the longest time first. The longest bar has 9.5 months, the "
    "median bar 6.8 months. Response: 1 subject. Progression: 1 subject. Ongoing: 1 subject.",
    "FALL": "Waterfall plot of Best change of M-protein: 3 subjects with a value. 2 subjects with a decrease, the median "
    "change is -50.0%. The changes go from -95.0% to 140.0%. VGPR: 1 subject. PR: 1 subject. PD: 1 subject.",
    "BOR": "Stacked bars of Best response. All subjects (N=12): CR 16.7% (2 subjects), PR 25.0% (3 subjects), PD 58.3% "
    "(7 subjects). Regimen A (N=7): CR 14.3% (1 subject), PR 42.9% (3 subjects), PD 42.9% (3 subjects). Regimen <B> & "
    "others (N=5): CR 20.0% (1 subject), PR 0.0% (0 subjects), PD 80.0% (4 subjects).",
    "TIME": "Stacked bars of Response by visit by visit, All subjects (N=12). Month 3: 4 subjects, PR 3, PD 1. Month 6: "
    "3 subjects, PR 2, PD 1.",
    "QOL": "Means of Global health by visit. All subjects: 0.0 at Baseline, 4.5 at Month 3 (95% interval 1.0 to 8.0).",
    "AE": "Bars of Adverse events: 2 terms. Each bar is divided into Grade 1, Grade 3. Rash: All subjects 33.3% (4 "
    "subjects), Regimen A 57.1% (4 subjects), Regimen <B> & others 0.0% (0 subjects). Nausea $x^2$: All subjects 25.0% "
    "(3 subjects), Regimen A 28.6% (2 subjects), Regimen <B> & others 20.0% (1 subject).",
}


@pytest.fixture(scope="module")
def drawn():
    return {d.id: figure_of(d, SUBJECTS) for d in ANALYSES.displays}


def texts(svg: bytes) -> list[str]:
    return [t.text for t in etree.fromstring(svg).iter(f"{SVG}text")]


def test_every_kind_of_figure_of_the_specs_is_drawn():
    assert sorted(KINDS) == sorted(FIGURES)


def test_each_figure_is_in_words(drawn):
    assert {name: figure.alt for name, figure in drawn.items() if figure is not None} == ALTS


def test_a_table_and_a_figure_without_values_have_no_figure(drawn):
    assert [name for name, figure in drawn.items() if figure is None] == ["ORR12", "NONE"]
    assert missing_figure(RESPONSE, False) == ""
    assert missing_figure(EMPTY, False) == "There is no figure, because no record has the values that it shows."


def test_an_svg_has_title_words_and_no_reference_to_anything(drawn):
    for name, figure in drawn.items():
        if figure is None:
            continue
        root = etree.fromstring(figure.svg)
        assert root.get("role") == "img" and root.get("aria-labelledby") == f"figure-{name}-t figure-{name}-d"
        assert root.findtext(f"{SVG}title") == f"Table {name}: Title of {name}"
        assert root.findtext(f"{SVG}desc") == ALTS[name]
        assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "title", "desc", "rect", "path", "text"}
        assert not re.search(
            rb"href|url\(|<style| d=\"[^\"]*\d\.\d\d", re.sub(rb"<(title|desc)[^>]*>[^<]*<", b"", figure.svg)
        )
        width, height = (float(v) for v in root.get("viewBox", "").split()[2:])
        for text in root.iter(f"{SVG}text"):
            if text.get("x"):
                assert 0 <= float(text.get("x", "")) <= width and 0 < float(text.get("y", "")) <= height, text.text


def test_the_element_of_a_page_has_no_title_on_the_sheet(drawn):
    figure = drawn["PFS"]
    assert "Table PFS: Title of PFS" in texts(figure.svg)
    inline = etree.fromstring(figure.inline)
    assert "Table PFS: Title of PFS" not in [t.text for t in inline.iter(f"{SVG}text")]
    top, height = (float(v) for v in inline.get("viewBox", "").split()[1::2])
    assert top > 20 and top + height == pytest.approx(figure.sheet.height, abs=0.1)


def test_kaplan_meier_has_numbers_at_risk_medians_and_a_legend(drawn):
    found = texts(drawn["PFS"].svg)
    assert "Regimen A (N=7): median not reached" in found
    assert "All subjects (N=12): median 9 (95% CI 5 to not reached)" in found
    at = found.index("Subjects at risk")
    assert found[at + 1 : at + 13] == [
        "All subjects", "12", "7", "2", "Regimen A", "7", "5", "2", "Regimen <B> & others", "5", "3", "0",
    ]  # fmt: skip
    assert (
        found[-1]
        == "Band: 95% confidence interval of all curves. Upright marks: censored subjects. Dotted lines: medians."
    )


def test_a_step_line_goes_level_and_then_down():
    x, y = _corners(np.array([0.0, 10.0, 20.0]), np.array([5.0, 8.0, 8.0]))
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == [(0, 5), (10, 5), (10, 8), (20, 8), (20, 8)]


def test_forest_has_estimates_as_text_and_headings(drawn):
    found = texts(drawn["SUB"].svg)
    for text in ("Age", "<65", ">=65", "40.0 (5.3 to 85.3)", "no subjects", "Response rate (%)"):
        assert text in found


def test_each_result_has_a_panel_and_the_spec_may_choose():
    first, more = (
        FOREST.results[0],
        Interval(label="All subjects", size=12, events=2, estimate=16.7, lower=2.1, upper=48.4),
    )
    both = replace(FOREST, results=(first, result("Complete response", unit="%", forest=(more,))))
    figure = figure_of(both, SUBJECTS)
    assert (
        figure is not None
        and "Forest plot of Complete response in 1 group. All subjects: 12 subjects, 2 events" in figure.alt
    )
    found = texts(figure.svg)
    assert found.count("Subgroup") == 2 and {"Response rate", "Complete response", "Complete response (%)"} <= set(
        found
    )
    # one unit, one axis: 0, 20 ... 100 in both panels
    assert found.count("100") == 2
    chosen = figure_of(replace(both, figure_results=("COMPLETE",)), SUBJECTS)
    assert chosen is not None and "Response rate" not in chosen.alt and "Complete response" in texts(chosen.svg)
    bars = figure_of(replace(BEST, results=(BEST.results[0], result("Confirmed", rows=BEST.results[0].rows))), SUBJECTS)
    assert bars is not None and bars.alt.count("All subjects (N=12): CR 16.7%") == 2
    assert {"Best response", "Confirmed"} <= set(texts(bars.svg))
    # a table beside the curves is none of the figure
    beside = replace(SURVIVAL, results=(*SURVIVAL.results, VISITS.results[0]))
    assert figure_of(beside, SUBJECTS).alt == ALTS["PFS"]  # pyright: ignore[reportOptionalMemberAccess]


def test_masked_numbers_are_words(drawn):
    assert "masked" in texts(drawn["QOL"].svg)
    number = (value("n", None, absent=Absent.MASKED), value("percent", None, absent=Absent.MASKED))
    hidden = Row(id="CR", label="CR", category={"AVALC": "CR"}, cells=(Cell(text="masked", values=number),) * 3)
    figure = figure_of(replace(BEST, results=(result("Best response", rows=(hidden,)),)), None)
    # the legend, and each of the three groups
    assert figure is not None and "All subjects (N=12): CR masked." in figure.alt
    assert texts(figure.svg).count("masked") == 4
    partly = replace(BEST, results=(result("Best response", rows=(hidden, BEST.results[0].rows[1])),))
    figure = figure_of(partly, None)
    # what is left of the bar of a group is masked; a group without a bar has the word
    assert figure is not None and re.findall("<title>([^<]*)</title>", figure.inline) == [
        "All subjects (N=12), PR: 25.0% (3 subjects)", "All subjects (N=12): masked",
        "Regimen A (N=7), PR: 42.9% (3 subjects)", "Regimen A (N=7): masked",
    ]  # fmt: skip
    visits = replace(FLOWS, results=(result("Response by visit", rows=(
        replace(FLOWS.results[0].rows[0], cells=hidden.cells), *FLOWS.results[0].rows[1:])),))  # fmt: skip
    figure = figure_of(visits, None)
    assert figure is not None and "Month 3: masked subjects, PD 1. Month 6: 3 subjects" in figure.alt
    assert "Masked counts are not drawn." in texts(figure.svg)[-1]


def one_curve(
    time: list[float], estimate: list[float], censored: list[float], at_risk: tuple[int, ...]
) -> Figure | None:
    survival = result("Survival", unit="months", curves=(curve("TOTAL", time, estimate, censored, at_risk),))
    return figure_of(replace(SURVIVAL, results=(survival,)), SUBJECTS)


@pytest.mark.parametrize(
    ("time", "estimate", "censored", "at_risk"),
    [
        pytest.param([], [], [3.0, 9.0], (2, 1, 0), id="all censored"),
        pytest.param([4.0], [0.0], [], (1, 0, 0), id="one subject, with the event"),
        pytest.param([4.0, 8.0], [0.5, 0.5], [9.0], (4, 2, 0), id="flat at a half"),
        pytest.param([4.0], [float("nan")], [9.0], (2, 1, 0), id="not estimable"),
    ],
)
def test_curves_of_few_subjects_are_drawn(time, estimate, censored, at_risk):
    figure = one_curve(time, estimate, censored, at_risk)
    assert figure is not None and "nan" not in figure.inline and "Subjects at risk" in texts(figure.svg)


def test_a_curve_without_subjects_is_no_figure_and_one_beside_others_is_not_drawn():
    assert one_curve([], [], [], ()) is None
    survival = SURVIVAL.results[0]
    figure = figure_of(
        replace(
            SURVIVAL, results=(replace(survival, curves=(survival.curves[0], curve("B", [], [], [], (-1, -1, -1)))),)
        ),
        None,
    )
    assert figure is not None and texts(figure.svg).count("masked") == 3


def test_a_legend_goes_where_no_curve_is():
    falls = (np.array([0.0, 100, 100, 500]), np.array([0.0, 0, 240, 240]))
    stays = (np.array([0.0, 500]), np.array([20.0, 20]))
    plot, words = (0.0, 500.0, 0.0, 250.0), ["All subjects (N=12)"]
    assert free_corner([falls], words, plot, FALLING) is Corner.UPPER_RIGHT
    assert free_corner([stays], words, plot, FALLING) is Corner.LOWER_LEFT
    assert free_corner([falls, stays], words, plot, FALLING) is None


def test_an_interval_without_an_upper_end_is_an_arrow():
    lines = (
        Interval(label="All subjects", size=9, estimate=9.0, lower=5.0, upper=12.0, text="9"),
        Interval(label="Open", size=4, estimate=None, lower=6.0, text="not reached"),
        Interval(label="Hidden", size=-1, text="masked"),
    )
    figure = figure_of(replace(FOREST, results=(result("Median", forest=lines),)), SUBJECTS)
    assert figure is not None and "Hidden: masked subjects, masked." in figure.alt
    shapes = [i for i in figure.sheet.items if isinstance(i, Shape)]
    assert sum(len(i.points) == 4 and i.fill != "" and not i.title for i in shapes) == 1


def test_a_display_may_have_curves_of_both_kinds():
    both = (*SURVIVAL.results, replace(INCIDENCE.results[0], statistic="cumulative_incidence"))
    figure = figure_of(replace(SURVIVAL, results=both), SUBJECTS)
    assert figure is not None and "Cumulative incidence curves of Next therapy" in figure.alt
    axes = [t for t in texts(figure.svg) if t.startswith("Subjects with") and t.endswith("(%)")]
    assert axes == ["Subjects without an event (%)", "Subjects with the event (%)"]


def test_panels_share_a_scale_where_they_are_alike():
    def panel(title: str, most: float, unit: str = "") -> ComputedResult:
        at = np.array([0.0, 3.0])
        return result(
            title,
            unit=unit,
            curves=(Curve(column="TOTAL", time=at, estimate=at * most / 3, lower=at * 0, upper=at * 0, step=False),),
        )

    assert _reaches([panel("Haemoglobin", 2.0), panel("Platelets", 80.0)]) == [(0.0, 2.0), (0.0, 80.0)]
    assert _reaches([panel("Pain", 20.0), panel("Fatigue", 80.0)]) == [(0.0, 80.0)] * 2
    assert _reaches([panel("Pain", 2.0, "points"), panel("Fatigue", 80.0, "points")]) == [(0.0, 80.0)] * 2


def test_a_few_wide_intervals_do_not_set_the_scale():
    means, wide = np.zeros(20), np.full(20, 5.0)
    wide[0] = 400.0
    many = Curve(column="TOTAL", time=np.arange(20.0), estimate=means, lower=-wide, upper=wide, step=False)
    figure = figure_of(
        replace(VISITS, results=(result("Global health", statistic="change", curves=(many,)),)), SUBJECTS
    )
    assert figure is not None and "400" not in texts(figure.svg) and "5" in texts(figure.svg)


def test_single_subjects_are_not_drawn_where_small_counts_are_masked():
    for display in (SWIMMER, WATERFALL):
        assert figure_of(display, None) is None
        assert (
            missing_figure(display, True)
            == "The figure shows single subjects. It is left out, because small counts are masked."
        )
    flows = figure_of(FLOWS, None)
    assert flows is not None and flows.inline.count("Month 3 PR to") == 0


def test_bands_between_visits_count_the_subjects_in_both(drawn):
    titles = re.findall(r"<title>(Month 3 [^<]* to [^<]*)</title>", drawn["TIME"].inline)
    assert titles == ["Month 3 PR to Month 6 PR: 2", "Month 3 PR to Month 6 PD: 1"]


def test_of_many_subjects_the_longest_the_shortest_and_even_ones_between_are_shown():
    lines = [SubjectLine(subject=f"S-{i:04}", segments=((0.0, float(i), "x"),)) for i in range(1, 992)]
    shown = [line.subject for line in shown_lines(lines)]
    assert len(shown) == 60 and (shown[0], shown[1], shown[-1]) == ("S-0991", "S-0974", "S-0001")


def test_a_swimmer_plot_states_the_choice_of_its_spec():
    chosen = replace(SWIMMER.results[0], notes=("The 2 longest lines of 900 are shown.",))
    figure = figure_of(replace(SWIMMER, results=(chosen,)), SUBJECTS)
    assert figure is not None and "The 2 longest lines of 900 are shown. The longest bar" in figure.alt
    assert texts(figure.svg)[-1] == "2 subjects, the longest time first. The 2 longest lines of 900 are shown."


def test_hostile_labels_stay_text_and_are_drawn(drawn):
    assert "Nausea $x^2$" in texts(drawn["AE"].svg) and "Regimen <B> & others" in texts(drawn["AE"].svg)
    row = Row(id="x", label="\u202ea\x00b</svg><script>", category={"A": "x"}, cells=share(1, 2))
    figure = figure_of(replace(BEST, results=(result("Best response", rows=(row,)),)), SUBJECTS)
    assert figure is not None and any(t.startswith("\\u202ea\\x00b</svg>") for t in texts(figure.svg))
    assert figure.png[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_notice_of_the_data_is_below_the_figure_and_not_in_the_page(drawn):
    figure = figure_of(FOREST, SUBJECTS, "SYNTHETIC DATA: no record is about a real person.")
    assert figure is not None and texts(figure.svg)[-1] == "SYNTHETIC DATA: no record is about a real person."
    assert "SYNTHETIC" not in figure.inline and figure.sheet.height - figure.sheet.foot == drawn["SUB"].sheet.height


def test_the_same_figure_has_the_same_bytes(drawn):
    for display in (SURVIVAL, FOREST):
        again = figure_of(display, SUBJECTS)
        assert again is not None and again.svg == drawn[display.id].svg
    again = figure_of(FOREST, SUBJECTS)
    assert again is not None and again.png == drawn["SUB"].png
    assert b"tEXt" not in again.png and b"tIME" not in again.png


def test_a_png_has_the_colours_of_the_svg(drawn):
    from PIL import Image

    picture = Image.open(BytesIO(drawn["SUB"].png))
    assert picture.size == (1296, round(drawn["SUB"].sheet.height * 2))
    square = next(i for i in drawn["SUB"].sheet.items if isinstance(i, Shape) and i.title.startswith("All subjects"))
    x, y = (2 * square.points[:4].mean(axis=0)).round().astype(int).tolist()
    assert picture.getpixel((0, 0)) == (255, 255, 255) and picture.getpixel((x, y)) == (0, 0x72, 0xB2)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 27, [0, 5, 10, 15, 20, 25, 30]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 8, [-4, -2, 0, 2, 4, 6, 8]), (5, 5, [5, 6])],
)  # fmt: skip
def test_ticks_are_round_numbers(low, high, expected):
    assert ticks(low, high) == expected


def test_text_is_cut_and_wrapped_by_its_width():
    assert text_width("iii", 10) < text_width("WWW", 10) < text_width("WWW", 10, bold=True)
    assert (
        shortened("Regimen", 10, 100) == "Regimen" and shortened("A long name of a regimen", 10, 60) == "A long na..."
    )
    assert wrapped("one two three", 10, 45) == ["one two", "three"]


def test_paths_are_short_and_their_steps_add_up():
    points = np.array([[0, 0], [0.04, 10], [10.06, 10], [10.06, 10.01], [12, 13], [0, 0]])
    assert _path(points, np.array([1, 2, 2, 2, 2, 79])) == "M0 0v10h10.1l1.9 3z"


def test_the_settings_of_a_user_do_not_change_a_figure(drawn):
    import matplotlib

    with matplotlib.rc_context({"path.sketch": (2, 100, 2), "patch.antialiased": False, "patch.force_edgecolor": True}):
        again = figure_of(FOREST, SUBJECTS)
        assert again is not None and again.png == drawn["SUB"].png
