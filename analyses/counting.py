"""counts and proportion: subjects by category, by condition, and with exact intervals.

Not for nested terms of events (occurrences.py).
"""

from __future__ import annotations

import numpy as np

from ..mappings.models.statistics import CountsSpec, ProportionSpec
from ..statistics.proportions import clopper_pearson
from .categories import categories
from .number_texts import PERCENT, count_values, interval_text, value
from .outcome import Outcome, Part, denominators, parts, subgroup_levels
from .records import Records
from .results import Cell, Interval, Row


def counts(spec: CountsSpec, records: Records) -> Outcome:
    """Rows of n (%) for each category or condition, within each value of by:."""
    out = Outcome()
    records.has(spec.variable)
    of_all = denominators(records, spec.percent_of)
    for part in parts(spec, records, out):
        of_part = denominators(part.records, "records") if spec.by and spec.percent_of == "records" else of_all
        rows = _conditions(spec, part, of_part) if spec.conditions else _values(spec, part, of_part, records, out)
        if spec.by:
            total = part.records.subjects()
            cells = [records.groups.count_cell(total & d, d) for d in of_part]
            out.rows.append(Row(id=part.value, label=part.value, cells=tuple(cells), category=part.category))
        out.rows += rows
    return out


def _conditions(spec: CountsSpec, part: Part, of: list[np.ndarray]) -> list[Row]:
    rows = []
    for label, text in spec.conditions.items():
        subjects = part.records.subjects(part.records.condition(text))
        rows.append(_row(part, label, label, subjects, of, {}))
    return rows


def _values(spec: CountsSpec, part: Part, of: list[np.ndarray], records: Records, out: Outcome) -> list[Row]:
    whole = categories(records.column, spec.variable, spec.order)  # so that all parts have the same categories
    found = categories(part.records.column, spec.variable, whole.values)
    rows, without = [], np.ones(len(records.groups.population), dtype=bool)
    for position, text in enumerate(found.values):
        subjects = part.records.subjects(found.codes == position)
        without &= ~subjects
        label = spec.labels.get(text, text)
        rows.append(_row(part, text, label, subjects, of, {spec.variable: text}))
    if spec.missing and any((without & d).any() for d in of):
        rows.append(_row(part, "", spec.missing, without, of, {spec.variable: ""}))
    note = f"Values that order: does not list: {', '.join(whole.unlisted)}."
    if whole.unlisted and note not in out.notes:
        out.notes.append(note)
    return rows


def _row(part: Part, id_: str, label: str, subjects: np.ndarray, of: list[np.ndarray], more: dict[str, str]) -> Row:
    cells = tuple(part.records.groups.count_cell(subjects & d, d) for d in of)
    return Row(
        id=part.prefix + (id_ or "MISSING"),
        label=label,
        cells=cells,
        indent=1 if part.variable else 0,
        category=part.category | more,
    )


def proportion(spec: ProportionSpec, records: Records) -> Outcome:
    """Without by: the rows rate and interval; with by: one row for each value. Subgroups are in the forest."""
    out = Outcome(unit="%")
    of_all = denominators(records, spec.percent_of)
    for part in parts(spec, records, out):
        of = denominators(part.records, "records") if spec.percent_of == "records" else of_all
        subjects = part.records.subjects(part.records.condition(spec.condition))
        cells = [_rate(subjects & d, d, spec.confidence, records) for d in of]
        out.rows.append(
            Row(id=part.value or "rate", label=part.value or spec.label, cells=tuple(cells), category=part.category)
        )
        if not spec.by:
            level = f"{100 * spec.confidence:g}% interval"
            limits = [tuple(v for v in c.values if v.name in ("lower", "upper")) for c in cells]
            texts = [Cell(text=interval_text(*v), values=v) for v in limits]
            out.rows.append(Row(id="interval", label=level, cells=tuple(texts), indent=1))
    if records.groups.spec.subgroups and not spec.by:
        subjects = records.subjects(records.condition(spec.condition))
        there = records.subjects() if spec.percent_of == "records" else records.groups.population
        for heading, label, member in subgroup_levels(records.groups, out.notes):
            cell = _rate(subjects & member & there, member & there, spec.confidence, records)
            out.forest.append(_line(heading, label, cell))
    return out


def _rate(counted: np.ndarray, of: np.ndarray, confidence: float, records: Records) -> Cell:
    """n/N (%) with values n, total, percent, lower and upper; limits in percent."""
    n, total = int(counted.sum()), int(of.sum())
    lower, upper = (100 * float(x) for x in clopper_pearson(np.array(n), np.array(total), confidence))
    n_total_percent = count_values(n, total)
    percent = n_total_percent[2]
    absent = percent.absent
    limits = (
        (value("lower", lower, PERCENT), value("upper", upper, PERCENT))
        if absent is None
        else (value("lower", np.nan, PERCENT, absent), value("upper", np.nan, PERCENT, absent))
    )
    text = f"{n}/{total} ({percent.text})" if absent is None else absent.value
    add = records.groups.data.subjects.add
    return Cell(text=text, values=(*n_total_percent, *limits), numerator=add(counted), denominator=add(of))


def _line(heading: str, label: str, cell: Cell) -> Interval:
    total, n = cell.number("total"), cell.number("n")
    limits = {v.name: v for v in cell.values}
    text = cell.text
    if limits["percent"].absent is None:
        text = f"{limits['percent'].text} {interval_text(limits['lower'], limits['upper'])}"
    return Interval(
        label=label,
        heading=heading,
        size=int(total or 0),
        events=int(n or 0),
        estimate=cell.number("percent"),
        lower=cell.number("lower"),
        upper=cell.number("upper"),
        text=text,
        subjects=cell.denominator,
        counted=cell.numerator,
    )
