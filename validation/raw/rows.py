"""Checks of whole raw rows: keys that rows share and differ, subjects who look like one person, cells that
must be filled and cells that must be empty.

Not for rows that are equal in every cell: validation/quality/run.py reports those, and a source may merge them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from ...engine.expressions import kernels
from ...engine.expressions.cells import KnownCells
from ...engine.subjects.identity import MADE
from ...engine.tables.table import stripped
from ...mappings.expressions.expression import Expression
from ...mappings.models.source import SourceSpec
from ...sources.table import RawTable
from .rules import RawColumn, RawReport

Cells = Mapping[str, pd.Series]  # the stripped columns of a source, and its identity columns


def _declared(table: RawTable, cells: Cells, name: str) -> pd.Series:
    """What a declaration of a source names: its raw column, which may be called like an identity column."""
    return stripped(pd.Series(table.frame[name])) if name in MADE and name in table.frame else cells[name]


def check_key(table: RawTable, source: SourceSpec, cells: Cells, report: RawReport) -> None:
    """Rows that are equal on the declared key and differ elsewhere; each finding names the columns that differ."""
    if not source.key or not len(table):
        return
    own = [str(c) for c in table.frame.columns]
    keys = [_declared(table, cells, k) for k in source.key]
    usable = np.zeros(len(table), dtype=bool)
    for key in keys:
        usable |= ~col.missing(key)
    if report.subjects is not None:
        usable &= ~col.missing(report.subjects)
        keys = [report.subjects, *keys]
    group = record_codes(keys)
    whole = record_codes([_declared(table, cells, c) for c in own])
    first = col.first_positions(group, int(group.max()) + 1)
    # a group conflicts where any of its rows differs from its first one
    apart = np.bincount(group, weights=usable & (whole != whole[first[group]])) > 0
    at = np.flatnonzero(apart[group] & usable)
    if not len(at):
        return
    at_group = group[at]
    difference = []
    for name in own:
        if name in source.key:
            continue
        codes = record_codes([_declared(table, cells, name)])
        moved = np.bincount(at_group, weights=codes[at] != codes[first[at_group]], minlength=len(first)) > 0
        difference.append((name, moved))
    sets, set_of = _sets(difference, at_group)
    said = np.array([f"rows share {', '.join(source.key)} and differ in {', '.join(names)}" for names in sets], object)
    leading = np.array([names[0] if names else own[0] for names in sets], dtype=object)
    for name in dict.fromkeys(leading.tolist()):
        here = leading[set_of] == name
        report.rows("R2A-RAW-033", at[here], said[set_of][here], RawColumn.of(table, name))


def _sets(difference: list[tuple[str, np.ndarray]], at_group: np.ndarray) -> tuple[list[list[str]], np.ndarray]:
    """The different lists of columns that differ, and the one of each row."""
    if not difference:
        return [[]], np.zeros(len(at_group), dtype="int64")
    matrix = np.stack([moved[at_group] for _, moved in difference], axis=1)
    unique, inverse = np.unique(matrix, axis=0, return_inverse=True)
    names = [name for name, _ in difference]
    return [[n for n, on in zip(names, row, strict=True) if on] for row in unique.tolist()], inverse.reshape(-1)


def check_person(table: RawTable, source: SourceSpec, cells: Cells, column: str, report: RawReport) -> dict[str, str]:
    """Rows of different subjects that are equal in every column that tells people apart; each subject's other one."""
    if not source.person or report.subjects is None or not len(table):
        return {}
    parts = [_declared(table, cells, c) for c in source.person]
    group = record_codes(parts)
    filled = np.zeros(len(table), dtype="int64")
    for part in parts:
        filled += ~col.missing(part)
    subject, names = col.split_text(report.subjects)
    usable = (filled * 2 > len(parts)) & ~col.missing(report.subjects)
    pairs = record_codes([col.join_text(subject, names), *parts])
    size = int(group.max()) + 1
    once = np.zeros(len(table), dtype=bool)
    once[np.unique(np.where(usable, pairs, -1), return_index=True)[1]] = True  # each subject counts once in a group
    several = np.bincount(group, weights=once & usable, minlength=size) > 1
    at = np.flatnonzero(several[group] & usable)
    if not len(at):
        return {}
    lowest, highest = np.full(size, len(names)), np.full(size, -1)
    np.minimum.at(lowest, group[at], subject[at])
    np.maximum.at(highest, group[at], subject[at])
    mine = subject[at]
    other = np.where(lowest[group[at]] == mine, highest[group[at]], lowest[group[at]])
    texts = names[subject]
    said = [f"equal to {names[o]} in {', '.join(source.person)}" for o in other.tolist()]
    report.rows("R2A-RAW-034", at, np.array(said, dtype=object), column, value=texts[at])
    return {str(texts[a]): said[i] for i, a in enumerate(at.tolist())}


def check_twins(cells: Cells, twins: Mapping[str, str], column: str, report: RawReport) -> None:
    """The enrolments of subjects who look like one person. ``twins``: subject -> what is said of it."""
    if not twins or "USUBJID" not in cells:
        return
    codes, names = col.split_text(cells["USUBJID"])
    said = np.array([twins.get(str(n), "") for n in names.tolist()], dtype=object)[codes]
    at = np.flatnonzero(said != "")
    report.rows("R2A-RAW-034", at, said[at], column, value=names[codes[at]])


def check_required(
    table: RawTable,
    source: SourceSpec,
    conditions: Mapping[str, Expression | None],
    cells: Cells,
    columns: Mapping[str, RawColumn],
    known: KnownCells,
    report: RawReport,
) -> None:
    """Cells that must be filled and are empty as they came; a text that a check voided is told there."""
    masks: dict[str, np.ndarray] = {}
    for name, expression in conditions.items():
        empty = col.missing(_declared(table, cells, name))
        if not empty.any():
            continue
        here = _where(masks, source.required[name], expression, cells, known, len(table))
        item = name in source.items
        message = "no answer to this item" if item else "the cell is required here and empty"
        report.rows("R2A-RAW-032" if item else "R2A-RAW-031", np.flatnonzero(empty & here), message, columns[name])


def check_empty(
    table: RawTable,
    source: SourceSpec,
    conditions: Mapping[str, Expression | None],
    cells: Cells,
    columns: Mapping[str, RawColumn],
    known: KnownCells,
    report: RawReport,
) -> None:
    """Filled cells that another answer of the form says are empty; a text that stands for no value is not filled."""
    masks: dict[str, np.ndarray] = {}
    for name, expression in conditions.items():
        void = columns[name].void
        held = np.array([bool(t) and t not in void for t in columns[name].bare()], dtype=bool)
        if not held.any():
            continue
        text = source.empty[name]
        here = held[columns[name].codes] & _where(masks, text, expression, cells, known, len(table))
        message = f"filled, though {text}" if text.strip() else "filled, though the form has no such answer"
        report.rows("R2A-RAW-035", np.flatnonzero(here), message, columns[name])


def _where(
    masks: dict[str, np.ndarray],
    text: str,
    expression: Expression | None,
    cells: Cells,
    known: KnownCells,
    rows: int,
) -> np.ndarray:
    """Rows where a condition holds; each text of a condition is looked at once, and ``masks`` remembers it."""
    if text not in masks:
        masks[text] = (
            np.ones(rows, dtype=bool)
            if expression is None
            else kernels.condition(expression, cells.__getitem__, rows, known)
        )
    return masks[text]
