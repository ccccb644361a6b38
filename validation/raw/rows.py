"""Checks of whole raw rows: rows of one key that differ, subjects who look like one person, required and empty cells.

Not for rows that are equal in every cell: validation/quality/run.py reports those, and a source may merge them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from ...engine.expressions import kernels
from ...mappings.expressions.expression import Expression
from .rules import CheckedTable, RawColumn, RawReport


def check_key(table: CheckedTable) -> None:
    """Rows that are equal on the declared key and differ elsewhere; each finding names the columns that differ."""
    source, report = table.source, table.report
    if not source.key or not len(table):
        return
    names = [str(c) for c in table.table.frame.columns]
    keys = [table.declared(k) for k in source.key]
    usable = np.zeros(len(table), dtype=bool)
    for key in keys:
        usable |= ~col.missing(key)
    if report.subjects is not None:
        usable &= ~col.missing(report.subjects)
        keys = [report.subjects, *keys]
    group = record_codes(keys)
    whole = record_codes([table.declared(c) for c in names])
    first = col.first_positions(group, int(group.max()) + 1)
    # a group conflicts where any of its rows differs from its first one
    apart = np.bincount(group, weights=usable & (whole != whole[first[group]])) > 0
    at = np.flatnonzero(apart[group] & usable)
    if not len(at):
        return
    at_group = group[at]
    difference = []
    for name in names:
        if name in source.key:
            continue
        codes = record_codes([table.declared(name)])
        moved = np.bincount(at_group, weights=codes[at] != codes[first[at_group]], minlength=len(first)) > 0
        difference.append((name, moved))
    sets, set_of = _sets(difference, at_group)
    key = ", ".join(source.key)
    messages = np.array([f"rows share {key} and differ in {', '.join(differing)}" for differing in sets], object)
    leading = np.array([differing[0] if differing else names[0] for differing in sets], dtype=object)
    for name in dict.fromkeys(leading.tolist()):
        here = leading[set_of] == name
        report.rows("R2A-RAW-033", at[here], messages[set_of][here], RawColumn.of(table.table, name))


def _sets(difference: list[tuple[str, np.ndarray]], at_group: np.ndarray) -> tuple[list[list[str]], np.ndarray]:
    """The different lists of columns that differ, and the one of each row."""
    if not difference:
        return [[]], np.zeros(len(at_group), dtype="int64")
    matrix = np.stack([moved[at_group] for _, moved in difference], axis=1)
    unique, inverse = np.unique(matrix, axis=0, return_inverse=True)
    names = [name for name, _ in difference]
    return [[n for n, on in zip(names, row, strict=True) if on] for row in unique.tolist()], inverse.reshape(-1)


def check_person(table: CheckedTable, column: str) -> dict[str, str]:
    """Rows of different subjects that are equal in every column of ``person:``. Gives subject -> the message.

    ``column``: the raw column that the findings name.
    """
    source, report = table.source, table.report
    if not source.person or report.subjects is None or not len(table):
        return {}
    parts = [table.declared(c) for c in source.person]
    group = record_codes(parts)
    filled = np.zeros(len(table), dtype="int64")
    for part in parts:
        filled += ~col.missing(part)
    subject, names = col.split_text(report.subjects)
    usable = (filled * 2 > len(parts)) & ~col.missing(report.subjects)
    pairs = record_codes([col.join_text(subject, names), *parts])
    size = int(group.max()) + 1
    counted = np.zeros(len(table), dtype=bool)  # one row of each subject in a group
    counted[np.unique(np.where(usable, pairs, -1), return_index=True)[1]] = True
    several = np.bincount(group, weights=counted & usable, minlength=size) > 1
    at = np.flatnonzero(several[group] & usable)
    if not len(at):
        return {}
    lowest, highest = np.full(size, len(names)), np.full(size, -1)
    np.minimum.at(lowest, group[at], subject[at])
    np.maximum.at(highest, group[at], subject[at])
    mine = subject[at]
    other = np.where(lowest[group[at]] == mine, highest[group[at]], lowest[group[at]])
    texts = names[subject]
    messages = [f"equal to {names[o]} in {', '.join(source.person)}" for o in other.tolist()]
    report.rows("R2A-RAW-034", at, np.array(messages, dtype=object), column, value=texts[at])
    return {str(texts[a]): messages[i] for i, a in enumerate(at.tolist())}


def check_twins(cells: Mapping[str, pd.Series], twins: Mapping[str, str], column: str, report: RawReport) -> None:
    """The enrolments of subjects who look like one person. ``twins``: subject -> the message about it."""
    if not twins or "USUBJID" not in cells:
        return
    codes, names = col.split_text(cells["USUBJID"])
    messages = np.array([twins.get(str(n), "") for n in names.tolist()], dtype=object)[codes]
    at = np.flatnonzero(messages != "")
    report.rows("R2A-RAW-034", at, messages[at], column, value=names[codes[at]])


def check_required(table: CheckedTable, conditions: Mapping[str, Expression | None]) -> None:
    """Cells that must be filled and are empty in the file. Another check reports a text that is read as missing."""
    masks: dict[str, np.ndarray] = {}
    for name, expression in conditions.items():
        empty = col.missing(table.declared(name))
        if not empty.any():
            continue
        here = _where(masks, table, table.source.required[name], expression)
        item = name in table.source.items
        message = "no answer to this item" if item else "the cell is required here and empty"
        rule = "R2A-RAW-032" if item else "R2A-RAW-031"
        table.report.rows(rule, np.flatnonzero(empty & here), message, table.columns[name])


def check_empty(table: CheckedTable, conditions: Mapping[str, Expression | None]) -> None:
    """Filled cells that must be empty by another answer of the form. A text that is read as missing is not filled."""
    masks: dict[str, np.ndarray] = {}
    for name, expression in conditions.items():
        column = table.columns[name]
        filled = np.array([bool(t) and t not in column.void for t in column.bare()], dtype=bool)
        if not filled.any():
            continue
        text = table.source.empty[name]
        here = filled[column.codes] & _where(masks, table, text, expression)
        message = f"filled, though {text}" if text.strip() else "filled, though the form has no such answer"
        table.report.rows("R2A-RAW-035", np.flatnonzero(here), message, column)


def _where(masks: dict[str, np.ndarray], table: CheckedTable, text: str, expression: Expression | None) -> np.ndarray:
    """Rows where a condition holds. ``masks``: cache, text of a condition -> rows."""
    if text not in masks:
        masks[text] = (
            np.ones(len(table), dtype=bool)
            if expression is None
            else kernels.condition(expression, table.cells.__getitem__, len(table), table.known)
        )
    return masks[text]
