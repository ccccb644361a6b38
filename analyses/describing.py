"""summary and change: descriptive statistics of numbers, of all records or by visit.

Not for counts of subjects (counting.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mappings.models.statistics import ChangeSpec, SummarySpec
from ..statistics.description import Description, describe, describe_groups
from .categories import categories
from .number_texts import count, interval_text, missing, value
from .outcome import Outcome, Part, parts
from .records import Records
from .results import Absent, Cell, Curve, Row, Value

_LABELS = {
    "n": "n",
    "missing": "Missing",
    "mean": "Mean",
    "mean_sd": "Mean (SD)",
    "sd": "SD",
    "median": "Median",
    "quartiles": "Q1, Q3",
    "range": "Min, max",
}


@dataclass(frozen=True)
class _Lacking:
    """The subjects of a column without a value: how many, and their position in SubjectSets."""

    n: int
    subjects: int


def summary(spec: SummarySpec, records: Records) -> Outcome:
    """Rows of the statistics, within each value of by:."""
    out = Outcome()
    groups = records.groups
    for part in parts(spec, records, out):
        numbers = part.records.number(spec.variable)
        there = part.records.subjects(np.isfinite(numbers))
        found = []
        for column, member in enumerate(groups.members):
            inside = part.records.inside(column)
            without = member & ~there
            lacking = _Lacking(int(without.sum()), groups.data.subjects.add(without))
            found.append((describe(numbers[inside]), lacking))
        sets = [(groups.data.subjects.add(m & there), groups.data.subjects.add(m)) for m in groups.members]
        if spec.by:
            empty = tuple(Cell(text="") for _ in groups.columns)
            out.rows.append(Row(id=part.value, label=part.value, cells=empty, category=part.category))
        for statistic in _rows_of(spec.statistics):
            cells = [
                _cell(statistic, about, lacking, spec.decimals, of)
                for (about, lacking), of in zip(found, sets, strict=True)
            ]
            out.rows.append(
                Row(
                    id=part.prefix + statistic,
                    label=_LABELS[statistic],
                    cells=tuple(cells),
                    indent=1 if spec.by else 0,
                    category=part.category,
                )
            )
    return out


def _rows_of(statistics: tuple[str, ...]) -> list[str]:
    """The statistics of rows: mean and sd that follow each other share one."""
    rows: list[str] = []
    for name in statistics:
        if name == "sd" and rows and rows[-1] == "mean":
            rows[-1] = "mean_sd"
        else:
            rows.append(name)
    return rows


def _cell(statistic: str, about: Description, lacking: _Lacking, decimals: int, sets: tuple[int, int]) -> Cell:
    absent = Absent.NOT_ESTIMABLE if about.n else Absent.NO_RECORDS
    more = decimals + 1

    def of(name: str, number: float, places: int) -> Value:
        return value(name, number, places, absent)

    if statistic == "missing":
        sets = lacking.subjects, sets[1]
    if statistic == "n":
        values: tuple[Value, ...] = (count("n", about.n),)
        text = values[0].text
    elif statistic == "missing":
        values = (count("missing", lacking.n),)
        text = values[0].text
    elif not about.n:
        values = (missing(statistic, absent),)
        text = ""
    elif statistic == "mean_sd":
        values = of("mean", about.mean, more), of("sd", about.sd, more)
        text = f"{values[0].text} ({values[1].text if values[1].absent is None else 'NE'})"
    elif statistic == "quartiles":
        values = of("q1", about.q1, more), of("q3", about.q3, more)
        text = ", ".join(v.text for v in values)
    elif statistic == "range":
        values = of("minimum", about.minimum, decimals), of("maximum", about.maximum, decimals)
        text = ", ".join(v.text for v in values)
    else:
        values = (of(statistic, {"mean": about.mean, "sd": about.sd, "median": about.median}[statistic], more),)
        text = values[0].text
    return Cell(text=text, values=values, numerator=sets[0], denominator=sets[1])


def change(spec: ChangeSpec, records: Records) -> Outcome:
    """For each visit the rows n, mean and change, and for each column a curve over the visits."""
    out = Outcome()
    records.has(spec.value, spec.change, spec.visit, spec.order)
    visits = categories(records.column, spec.visit, spec.order)
    numbers = {"value": records.number(spec.value), "change": records.number(spec.change)}
    groups = records.groups
    found: dict[str, list[list[Description]]] = {}
    for name, values in numbers.items():
        found[name] = []
        for column in range(len(groups.columns)):
            codes = np.where(records.inside(column), visits.codes, -1)
            found[name].append(describe_groups(values, codes, len(visits.values), level=spec.confidence))
    shown = [
        v for v in range(len(visits.values))
        if max((of_column[v].n for of_column in found["value"]), default=0) >= spec.at_least
    ]  # fmt: skip
    for visit in shown:
        here = visits.codes == visit
        part = Part(visits.values[visit], spec.visit, records.where(here))
        filled = {name: np.isfinite(values[here]) for name, values in numbers.items()}
        out.rows += _visit_rows(spec, part, filled, {n: [c[visit] for c in of] for n, of in found.items()})
    order = records.number(spec.order)
    times = np.array([np.nanmin(order[visits.codes == v], initial=np.inf) for v in shown], dtype=float)
    known = np.isfinite(numbers[spec.figure_of])
    there = [records.subjects((visits.codes == v) & known) for v in shown]
    for column, member, of_visits in zip(groups.columns, groups.members, found[spec.figure_of], strict=True):
        about = [of_visits[v] for v in shown]
        subjects = tuple(groups.data.subjects.add(member & t) for t in there)
        out.curves.append(_means(column.id, times, about, [visits.values[v] for v in shown], subjects))
    return out


def _visit_rows(
    spec: ChangeSpec, part: Part, filled: dict[str, np.ndarray], found: dict[str, list[Description]]
) -> list[Row]:
    """The rows of one visit. ``filled``: where its records have the value and the change."""
    groups = part.records.groups
    empty = tuple(Cell(text="") for _ in groups.columns)
    rows = [Row(id=part.value, label=part.value, cells=empty, category=part.category)]
    level = f"{100 * spec.confidence:g}% CI"
    for name, label in (("value", "Mean"), ("change", "Change")):
        if name == "change" and not any(d.n for d in found[name]):  # the baseline itself
            continue
        there = part.records.subjects(filled[name])
        sets = [(groups.data.subjects.add(m & there), groups.data.subjects.add(m)) for m in groups.members]
        about = found[name]
        n_cells = tuple(
            Cell(text=str(d.n), values=(count("n", d.n),), numerator=s[0], denominator=s[1])
            for d, s in zip(about, sets, strict=True)
        )
        means = tuple(_mean_cell(d, spec.decimals, s) for d, s in zip(about, sets, strict=True))
        for id_, text, cells in ((f"{name}.n", "n" if name == "value" else "n with change", n_cells),
                                 (f"{name}.mean", f"{label} ({level})", means)):  # fmt: skip
            rows.append(Row(id=part.prefix + id_, label=text, cells=cells, indent=1, category=part.category))
    return rows


def _mean_cell(about: Description, decimals: int, sets: tuple[int, int]) -> Cell:
    if not about.n:
        return Cell(text="", values=(missing("mean", Absent.NO_RECORDS),), numerator=sets[0], denominator=sets[1])
    mean = value("mean", about.mean, decimals)
    lower, upper = value("lower", about.lower, decimals), value("upper", about.upper, decimals)
    values = mean, value("sd", about.sd, decimals), lower, upper
    text = f"{mean.text} {interval_text(lower, upper)}"
    return Cell(text=text, values=values, numerator=sets[0], denominator=sets[1])


def _means(
    column: str, times: np.ndarray, about: list[Description], labels: list[str], subjects: tuple[int, ...]
) -> Curve:
    return Curve(
        column=column,
        time=times,
        estimate=np.array([d.mean for d in about], dtype=float),
        lower=np.array([d.lower for d in about], dtype=float),
        upper=np.array([d.upper for d in about], dtype=float),
        step=False,
        ticks=tuple(times.tolist()),
        at_risk=tuple(d.n for d in about),
        at_risk_subjects=subjects,
        tick_labels=tuple(labels),
    )
