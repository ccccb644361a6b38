"""How the raw columns that decided a choice rank the rows of their whole file, so that trace lists them in this order.

A build orders a raw column as a number or a date, by what is declared for it (ordering.py). The trace has no
declarations: it reads these ranks from the lineage. Not for choosing (from_other_records.py) nor for listing
(trace/other_rows.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...sources.table import RawTable
from ..plan.plan import PlannedStudy
from ..readers.cell_readers import Declarations, readers
from ..tables.dataset import Lineage
from ..tables.raw_cells import RawCells
from ..tables.table import RawSlice
from .ordering import read_key

#: a cell that cannot be read as the kind of its column: it is the last to be chosen
UNREAD = -1


def rank_name(column: str, kind: str) -> str:
    """The stored column that has the ranks of a raw column ordered as a kind; without the - before its name."""
    return f"{kind}:{column.lstrip('-')}"


def choice_orders(
    plan: PlannedStudy,
    raw: Mapping[str, RawTable],
    identity: Mapping[str, dict[str, pd.Series]],
    void: Mapping[str, Mapping[str, frozenset[str]]],
    lineage: Mapping[str, Lineage],
) -> dict[str, pd.DataFrame]:
    """Source -> ranks (int32) of all its rows along each raw column that a choice ordered as a number or a date.

    0 where the cell is empty or means no value, ``UNREAD`` where it cannot be read.
    """
    choices = [use.choice for line in lineage.values() for use in (*line.rules, *line.columns) if use.choice]
    wanted = sorted({(c.table, n.lstrip("-"), k) for c in choices for n, k in zip(c.order, c.kinds, strict=False)})
    wanted = [(source, name, kind) for source, name, kind in wanted if source in raw and kind in readers()]
    if not wanted:
        return {}
    tables = {name: RawSlice(table, identity[name], void=void.get(name)) for name, table in raw.items()}
    known = Declarations(plan.spec, tables)
    found: dict[str, dict[str, np.ndarray]] = {}
    for source, name, kind in wanted:
        table = tables[source]
        key = read_key(known, table.column(name), RawCells.of(table, name, None, table.n), kind)
        ranks = np.unique(key.ranks, return_inverse=True)[1].astype("int32") + 1
        ranks[np.isneginf(key.ranks)] = 0
        if key.unread is not None:
            ranks[key.unread] = UNREAD
        found.setdefault(source, {})[rank_name(name, kind)] = ranks
    return {source: pd.DataFrame(columns) for source, columns in found.items()}


def as_chosen(ranks: np.ndarray, descending: bool, verb: str) -> np.ndarray:
    """Stored ranks as a rising sort key of a choice. A cell that cannot be read is not chosen (ordering.in_order)."""
    key = ranks.astype("float64")
    return np.where(ranks == UNREAD, -np.inf if verb == "last" else np.inf, -key if descending else key)
