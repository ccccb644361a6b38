"""A small ComputedAnalyses, written by hand: twelve invented subjects in two groups, one display of each kind.

Not computed by the code under test: the numbers are literal and need not be those of a method.
"""

from __future__ import annotations

import numpy as np
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

SUBJECTS = SubjectSets([f"S-{i:02}" for i in range(1, 13)])


def members(*numbers: int) -> int:
    """The position of the set of subjects S-01, S-02 ... with these numbers."""
    return SUBJECTS.add(np.isin(np.arange(1, 13), numbers))


ALL, A, B = members(*range(1, 13)), members(*range(1, 8)), members(*range(8, 13))
COLUMNS = (
    Column(id="TOTAL", label="All subjects", size=12, subjects=ALL),
    Column(id="A", label="Regimen A", variable="TRT01A", value="A", size=7, subjects=A),
    Column(id="B", label="Regimen <B> & others", variable="TRT01A", value="B", size=5, subjects=B),
)
SIZES, GROUPS = (12, 7, 5), (ALL, A, B)


def value(name: str, number: float | None, text: str = "", absent: Absent | None = None) -> Value:
    return Value(name=name, number=number, text=text or (absent.value if absent else f"{number:g}"), absent=absent)


def share(*numbers: int) -> tuple[Cell, ...]:
    """The cells of a row that counts these subjects."""
    found = [sorted(n for n in numbers if n in of) for of in (range(1, 13), range(1, 8), range(8, 13))]
    return tuple(
        Cell(
            text=f"{len(n)} ({100 * len(n) / size:.1f})",
            values=(value("n", len(n)), value("total", size), value("percent", 100 * len(n) / size, f"{100 * len(n) / size:.1f}")),
            numerator=members(*n),
            denominator=group,
        )
        for n, size, group in zip(found, SIZES, GROUPS, strict=True)
    )  # fmt: skip


def display(name: str, figure: str, *results: ComputedResult, **more: object) -> ComputedDisplay:
    given: dict[str, object] = {
        "section": "Effectiveness",
        "population": "Effectiveness set",
        "columns": COLUMNS,
    } | more
    return ComputedDisplay(
        id=name, name=f"Table {name}", title=f"Title of {name}", condition="EFFFL == 'Y'", results=results,
        figure=figure, place=Place("analyses/all.yaml", 3), **given,
    )  # fmt: skip  # pyright: ignore


#: part of a result -> the statistic that has it, where a test names none
STATISTIC_OF = {"forest": "proportion", "curves": "kaplan_meier", "rows": "counts"}


def result(title: str, **more: object) -> ComputedResult:
    given: dict[str, object] = {
        "statistic": next((v for part, v in STATISTIC_OF.items() if part in more), "proportion"),
        "dataset": "ADRS",
        "place": Place("analyses/all.yaml", 9),
    } | more
    return ComputedResult(id=title.split()[0].upper(), title=title, **given)  # pyright: ignore


def rate(shares: tuple[Cell, ...], *ends: tuple[str, str]) -> tuple[Cell, ...]:
    return tuple(
        Cell(text=c.text, values=(*c.values, value("lower", float(a), a), value("upper", float(b), b)), numerator=c.numerator, denominator=c.denominator)
        for c, (a, b) in zip(shares, ends, strict=True)
    )  # fmt: skip


RESPONSE = display(
    "ORR12", "",
    result("Responders", statistic="proportion", parameter="RSP12", where="EFFFL == 'Y'", notes=("Exact intervals.",), rows=(
        Row(id="rate", label="Responders, n (%)", cells=rate(share(1, 2, 3, 4, 8), ("15.2", "72.3"), ("18.4", "90.1"), ("0.5", "71.6"))),
        Row(id="interval", label="95% interval", indent=1, cells=(Cell(text="(15.2, 72.3)"), Cell(text="(18.4, 90.1)"), Cell(text="(0.5, 71.6)"))),
    )),
    headline=True, notes=("Subjects without an assessment are no responders.",),
)  # fmt: skip


def curve(
    column: str, time: list[float], estimate: list[float], censored: list[float], at_risk: tuple[int, ...]
) -> Curve:
    middle = np.array(estimate)
    return Curve(
        column=column, time=np.array(time), estimate=middle, lower=np.maximum(middle - 0.2, 0), upper=np.minimum(middle + 0.2, 1),
        censored=np.array(censored), ticks=(0.0, 6.0, 12.0), at_risk=at_risk,
    )  # fmt: skip


def median(number: float | None, text: str, lower: float | None, upper: float | None) -> Cell:
    reached = Absent.NOT_REACHED
    return Cell(
        text=text,
        values=(
            value("median", number, absent=None if number else reached),
            value("lower", lower, absent=None if lower else reached),
            value("upper", upper, absent=None if upper else reached),
        ),
    )


SURVIVAL = display(
    "PFS", "kaplan_meier",
    result("Progression-free survival", statistic="kaplan_meier", dataset="ADTTE", parameter="PFS", unit="months", curves=(
        curve("TOTAL", [2.0, 5.0, 9.0], [0.9, 0.7, 0.4], [6.5, 13.0], (12, 7, 2)),
        curve("A", [5.0], [0.8], [6.5, 13.0], (7, 5, 2)),
        curve("B", [2.0, 9.0], [0.75, 0.25], [], (5, 3, 0)),
    ), rows=(
        Row(id="events", label="Events, n (%)", cells=tuple(Cell(text=c.text, values=(value("events", c.number("n")),), numerator=c.numerator, denominator=c.denominator) for c in share(1, 8, 9))),
        Row(id="median", label="Median (95% CI), months", cells=(median(9, "9 (5, not reached)", 5, None), median(None, "not reached", None, None), median(9, "9 (2, 12)", 2, 12))),
    )),
    headline=True,
)  # fmt: skip
INCIDENCE = display("TTNT", "cumulative_incidence", result("Next therapy", statistic="cumulative_incidence", unit="months", curves=(curve("TOTAL", [3.0, 8.0], [0.1, 0.3], [9.0], (12, 6, 1)),)))  # fmt: skip
FOREST = display("SUB", "forest", result("Response rate", unit="%", forest=(
    Interval(label="All subjects", size=12, events=5, estimate=41.7, lower=15.2, upper=72.3, text="41.7 (15.2 to 72.3)"),
    Interval(label="<65", heading="Age", size=5, events=2, estimate=40.0, lower=5.3, upper=85.3, text="40.0 (5.3 to 85.3)"),
    Interval(label=">=65", heading="Age", size=0, events=0, text="no subjects"),
)))  # fmt: skip
SWIMMER = display("SWIM", "swimmer", result("Time on treatment", statistic="swimmer", unit="months", lines=(
    SubjectLine(subject="S-01", segments=((0.0, 4.0, "On treatment"),), marks=((1.0, "Response"), (4.0, "Progression"))),
    SubjectLine(subject="S-02", segments=((0.0, 9.5, "On treatment"),), marks=((9.5, "ongoing"),)),
)))  # fmt: skip
WATERFALL = display("FALL", "waterfall", result("Best change of M-protein", statistic="waterfall", unit="%", lines=(
    SubjectLine(subject="S-01", value=-95.0, kind="VGPR"), SubjectLine(subject="S-02", value=140.0, kind="PD"),
    SubjectLine(subject="S-03", value=-50.0, kind="PR"), SubjectLine(subject="S-04", value=None, kind="NE"),
)))  # fmt: skip
BEST = display("BOR", "stacked_bars", result("Best response", rows=(
    Row(id="CR", label="CR", category={"AVALC": "CR"}, cells=share(1, 8)),
    Row(id="PR", label="PR", category={"AVALC": "PR"}, cells=share(2, 3, 4)),
    Row(id="PD", label="PD", category={"AVALC": "PD"}, cells=share(5, 6, 7, 9, 10, 11, 12)),
)))  # fmt: skip
FLOWS = display("TIME", "response_over_time", result("Response by visit", rows=tuple(
    Row(id=f"{visit}.{name}", label=name, indent=1, category={"AVISIT": visit, "AVALC": name}, cells=share(*numbers))
    for visit, name, numbers in (("Month 3", "PR", (1, 2, 3)), ("Month 3", "PD", (4,)), ("Month 6", "PR", (1, 2)), ("Month 6", "PD", (3,)))
)))  # fmt: skip
VISITS = display("QOL", "means_by_visit", result("Global health", statistic="change", unit="points", curves=(
    Curve(column="TOTAL", time=np.array([0.0, 3.0]), estimate=np.array([0.0, 4.5]), lower=np.array([0.0, 1.0]), upper=np.array([0.0, 8.0]),
          step=False, ticks=(0.0, 3.0), at_risk=(11, -1), tick_labels=("Baseline", "Month 3")),
)), section="Quality of life")  # fmt: skip
EVENTS = display("AE", "tornado", result("Adverse events", dataset="ADAE", rows=(
    Row(id="any", label="Any event", cells=share(*range(1, 12))),
    Row(id="nausea", label="Nausea $x^2$", category={"AEDECOD": "Nausea"}, cells=share(1, 2, 8)),
    Row(id="nausea.1", label="Grade 1", indent=1, category={"AEDECOD": "Nausea", "AETOXGR": "1"}, cells=share(1, 2)),
    Row(id="nausea.3", label="Grade 3", indent=1, category={"AEDECOD": "Nausea", "AETOXGR": "3"}, cells=share(8)),
    Row(id="rash", label="Rash", category={"AEDECOD": "Rash"}, cells=share(1, 2, 3, 4)),
    Row(id="rash.1", label="Grade 1", indent=1, category={"AEDECOD": "Rash", "AETOXGR": "1"}, cells=share(1, 2, 3, 4)),
)), section="Safety", population="Safety set")  # fmt: skip
EMPTY = display(
    "NONE",
    "waterfall",
    result("Best change of a </script> protein", statistic="waterfall", rows=(), notes=("There is no dataset ADLB.",)),
    section="Safety",
)

ANALYSES = ComputedAnalyses(
    study="S1",
    title="A study",
    displays=(RESPONSE, SURVIVAL, INCIDENCE, FOREST, SWIMMER, WATERFALL, BEST, FLOWS, VISITS, EVENTS, EMPTY),
    subjects=SUBJECTS,
)
