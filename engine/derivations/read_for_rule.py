"""Columns of the records that a rule reads as numbers or dates, with a finding for each filled text that is none.

Not for rules that report such texts with other findings (engine/building/run_rule.py, sdtm/derivations/dates.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..columns.moments import Moments, moments, unit_of
from ..expressions.cells import Unreadable
from ..readers.cell_readers import Readings, read_cells, reader
from ..tables.raw_cells import RawCells

if TYPE_CHECKING:
    from .environment import Environment


def moments_of_column(env: Environment, name: str, field: str) -> Moments:
    """What each date of a variable can mean; a filled text that is no date is a finding, and is like a missing one."""
    values = env.column(name, field)
    found = moments(values, unit_of(name))
    unread = np.isnan(found.low) & ~col.missing(values)
    env.report("R2A-EXPR-002", unread, f"{name} is no date: the rule takes it as missing", name)
    return found


def iso_column(env: Environment, name: str, field: str = "") -> pd.Series:
    """A column as ISO 8601 texts: raw cells read by their declarations, a variable unchanged, numbers as numbers.

    A filled cell that is no date is a finding (R2A-EXPR-002), and missing.
    """
    values = env.column(name, field)
    cells = RawCells(env.n) if col.is_number(values) else env.raw_cells(name)
    if cells.none:
        return values
    found, texts = read_for_rule(env, "date", name, values, cells)
    return col.join_text(found.codes, [str(t) for t in texts])


def read_for_rule(
    env: Environment, kind: str, name: str, values: pd.Series, cells: RawCells
) -> tuple[Readings, list[float | str]]:
    """(texts as they were read, the value of each); a text that cannot be read is a finding."""
    found, how = read_cells(kind, values, cells, env.declarations), reader(kind)
    why = [how.refused(r, t) if t.strip() else "" for r, t in zip(found.readings, found.texts, strict=True)]
    if any(why):
        bad = np.array([bool(w) for w in why], dtype=bool)[found.codes]
        env.note_unread([_unreadable(name, kind, bad, found, why, cells)])
        # by this finding, or by another finding about the same fault of the cell
        env.note_unused(name, bad, CellOutcome.REPORTED)
    if any(shortened := [how.shortened(r) for r in found.readings]):
        fewer = np.array([bool(number) for number in shortened], dtype=bool)[found.codes]
        env.note_unread([_unreadable(name, "digits", fewer, found, shortened, cells)])
    return found, [how.value(r) for r in found.readings]


def _unreadable(
    name: str, kind: str, where: np.ndarray, found: Readings, why: list[str], cells: RawCells
) -> Unreadable:
    """The records at ``where`` that a rule could not read whole. ``why``: per text of ``found``."""
    texts, reasons = (np.array(t, dtype=object)[found.codes[where]] for t in (found.texts, why))
    return Unreadable(offset=0, argument=name, name=name, kind=kind, rows=where, texts=texts, why=reasons, cells=cells)
