"""agreement and shift: records by two categories, with the observed agreement and kappa.

Not for counts by one category (counting.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..engine.columns import verbs
from ..mappings.models.statistics import AgreementSpec, ShiftSpec
from ..statistics.agreement import agreement as table_of
from ..statistics.agreement import kappa
from .categories import categories
from .number_texts import count, count_text, count_values, interval_text, value
from .outcome import Outcome
from .records import Records, selected
from .results import Absent, Cell, Row


def agreement(spec: AgreementSpec, records: Records) -> Outcome:
    """Rows kappa and equal, then for each category of the first assessment those of the second one, as records."""
    out = Outcome()
    first, second = _both(spec, records, out)
    groups, size = records.groups, len(spec.order)
    found = []
    for column in range(len(groups.columns)):
        inside = records.inside(column)
        found.append(table_of(np.where(inside, first, -1), np.where(inside, second, -1), size))
    rated = (first >= 0) & (second >= 0)
    denominators = [groups.data.subjects.add(records.subjects(rated) & m) for m in groups.members]
    kappas, equal = [], []
    for about, of in zip(found, denominators, strict=True):
        estimate = kappa(about.table, None if spec.weights == "none" else spec.weights, spec.confidence)
        absent = Absent.NOT_ESTIMABLE if about.n else Absent.NO_RECORDS
        numbers = [value(n, x, spec.decimals, absent) for n, x in
                   (("estimate", estimate.kappa), ("lower", estimate.lower), ("upper", estimate.upper))]  # fmt: skip
        text = absent.value if numbers[0].absent else f"{numbers[0].text} {interval_text(numbers[1], numbers[2])}"
        kappas.append(Cell(text=text, values=tuple(numbers), denominator=of))
        values = count_values(about.equal, about.n)
        equal.append(Cell(text=count_text(values), values=values, denominator=of))
    weights = "" if spec.weights == "none" else f", {spec.weights} weights"
    out.rows.append(Row(id="kappa", label=f"Kappa{weights} ({100 * spec.confidence:g}% CI)", cells=tuple(kappas)))
    out.rows.append(Row(id="equal", label="Records with equal categories, n (%)", cells=tuple(equal)))
    pairs = np.where(rated, first * size + second, -1)
    second_name = f"{spec.other}.{spec.second}" if spec.other else spec.second
    for i, text in enumerate(spec.order):
        of_row = [int(about.table[i].sum()) for about in found]
        if not any(of_row) and not any(about.table[:, i].any() for about in found):
            continue
        label = f"{spec.labels[0]}: {text}"
        cells = [Cell(text=str(n), values=(count("n", n),)) for n in of_row]
        out.rows.append(Row(id=text, label=label, cells=tuple(cells), category={spec.first: text}))
        for j, other in enumerate(spec.order):
            if i != j and not any(about.table[i, j] for about in found):
                continue
            there = records.subjects(pairs == i * size + j)
            cells = []
            for about, member, n in zip(found, groups.members, of_row, strict=True):
                values = count_values(int(about.table[i, j]), n)
                sets = groups.data.subjects.add(there & member)
                cells.append(Cell(text=count_text(values), values=values, numerator=sets))
            category = {spec.first: text, second_name: other}
            label = f"{spec.labels[1]}: {other}"
            out.rows.append(Row(id=f"{text}.{other}", label=label, cells=tuple(cells), indent=1, category=category))
    return out


def _both(spec: AgreementSpec | ShiftSpec, records: Records, out: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """The codes of the two categories, -1 for a missing one and, with a note, for a value that order: does not list."""
    first = _codes(spec, spec.first, records, out)
    if not isinstance(spec, AgreementSpec) or not spec.other:
        return first, _codes(spec, spec.second, records, out)
    others = selected(records.dataset, (spec.other,), None, records.groups)
    records.has(*spec.keys)
    others.has(*spec.keys)
    codes = _codes(spec, spec.second, others, out)
    order = np.lexsort((-codes, others.at))  # of several partners the one with the last category
    keys = [[pd.Series(r.at), *(r.column(k) for k in spec.keys)] for r in (records, others.where_rows(order))]
    matched = verbs.match_rows(keys[0], keys[1])  # pyright: ignore[reportArgumentType] - has() looked for the keys
    partner = matched.right
    return first, np.where(partner >= 0, codes[order][partner] if len(order) else -1, -1)


def _codes(spec: AgreementSpec | ShiftSpec, name: str, records: Records, out: Outcome) -> np.ndarray:
    records.has(name)
    found = categories(records.column, name, spec.order)
    if found.unlisted:
        out.notes.append(f"Records with {name} {', '.join(found.unlisted)} are not counted: order: does not list it.")
    return np.where(found.codes < len(spec.order), found.codes, -1)


def shift(spec: ShiftSpec, records: Records) -> Outcome:
    """For each category before the categories after it; a subject counts one time for each pair that it has."""
    out = Outcome()
    first, second = _both(spec, records, out)
    groups = records.groups
    names = [(i, t, t) for i, t in enumerate(spec.order)] + [(-1, "MISSING", spec.missing)]
    for i, id_, label in names:
        there = records.subjects(first == i)
        if i < 0 and not there.any():
            continue
        cells = tuple(groups.count_cell(there & m, m) for m in groups.members)
        category = {spec.first: id_ if i >= 0 else ""}
        out.rows.append(Row(id=id_, label=label, cells=cells, category=category))
        for j, other, text in names:
            both = records.subjects((first == i) & (second == j))
            if j < 0 and not both.any():
                continue
            of = [there & m for m in groups.members]
            cells = tuple(groups.count_cell(both & d, d) for d in of)
            more = category | {spec.second: other if j >= 0 else ""}
            out.rows.append(Row(id=f"{id_}.{other}", label=text, cells=cells, indent=1, category=more))
    return out
