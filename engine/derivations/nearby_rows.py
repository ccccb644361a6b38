"""The row of another table that has a value between its bounds, or the nearest value.

Not for rows with an equal key (from_other_records.py), which both of these need beside.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ..columns import column as col
from ..columns.iso_dates import days_of_text
from ..columns.moments import days_of_variable, unit_of
from ..readers.cell_readers import read_cells, reader
from ..tables.table import RawSlice, Table
from .environment import Environment
from .numbers import exact_numbers, number_column

Kind = Literal["number", "date"]
KIND = "As which text columns are read. date: times do not count. A datetime (--DTM) beside a date counts as its day."


class Between(SpecModel):
    """The row whose bounds have a value of the record between them; a missing bound is open."""

    value: str = Field(description="The value of the record: a number or a date.")
    from_: str | None = Field(default=None, alias="from", description="Column of the table with the lower bound.")
    to: str | None = Field(default=None, description="Column of the table with the upper bound.")
    inclusive: Literal["both", "from", "to", "none"] = Field(
        default="both", description="The bounds that belong to the row."
    )
    kind: Kind = Field(default="number", description=KIND)


class Nearest(SpecModel):
    """The row whose value is nearest to a value of the record."""

    value: str = Field(description="The value of the record: a number or a date.")
    to: str = Field(description="Column of the table.")
    direction: Literal["any", "before", "after"] = Field(
        default="any", description="Whether rows above the value, below it, or both count; an equal one always counts."
    )
    within: float | None = Field(default=None, description="The greatest distance, in days for dates.", ge=0)
    prefer: Literal["before", "after"] = Field(
        default="before", description="Of two rows with the same distance the one below or above the value."
    )
    kind: Kind = Field(default="number", description=KIND)


def compared_as(kind: Kind, *names: str | None) -> Kind:
    """As which the values of these names are compared: as days too where only some of them hold datetimes."""
    return "date" if len({unit_of(n) for n in names if n is not None}) > 1 else kind


def of_records(env: Environment, name: str, kind: str, field: str) -> np.ndarray:
    """The values of the records as numbers, dates as days since 1960-01-01."""
    return _numbers(env, None, name, env.column(name, field), kind)


def of_rows(env: Environment, table: Table, name: str, kind: str) -> np.ndarray:
    """The values of a column of another table as numbers, dates as days since 1960-01-01."""
    return _numbers(env, table, name, table.column(name), kind)


def _numbers(env: Environment, table: Table | None, name: str, values: pd.Series, kind: str) -> np.ndarray:
    if col.is_number(values):
        return days_of_variable(values, name) if kind == "date" else col.floats(values)
    if kind == "date":
        cells = env.raw_cells(name) if table is None else env.cells_on(table, name)
        if cells.none:
            return days_of_text(values)
        found, how = read_cells("date", values, cells, env.declarations), reader("date")
        return days_of_text(col.join_text(found.codes, [str(how.value(r)) for r in found.readings]))
    if table is not None and not isinstance(table, RawSlice):
        return col.to_number(values)[0]
    return exact_numbers(
        number_column(env, values, env.raw_cells(name) if table is None else env.cells_on(table, name))
    )


def rows_between(
    values: np.ndarray, codes: np.ndarray, low: np.ndarray, high: np.ndarray, row_codes: np.ndarray, inclusive: str
) -> tuple[np.ndarray, np.ndarray]:
    """(the row of each record with its key and the value between its bounds, -1 for none; whether several are).

    ``codes``, ``row_codes``: keys of the records and rows, -1 for none. Of several rows the one with the lowest lower
    bound, then upper bound counts.
    """
    low, high = np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
    rows = np.flatnonzero((row_codes >= 0) & (low <= high))
    rows = rows[np.lexsort((rows, high[rows], low[rows], row_codes[rows]))]
    lows, highs, keys = low[rows], high[rows], row_codes[rows]
    # rows of a key that overlap: each step looks one row further back, for all records that it may still have
    at = last_at_most(keys, lows, codes, values, "right" if inclusive in ("both", "from") else "left")
    found, several = np.full(len(values), -1, dtype="int64"), np.zeros(len(values), dtype=bool)
    reaches = _highest_before(keys, highs)
    open_ = np.flatnonzero((at >= 0) & ~np.isnan(values) & (codes >= 0))
    here = at[open_]
    while len(open_):
        inside = values[open_] <= highs[here] if inclusive in ("both", "to") else values[open_] < highs[here]
        hit = open_[inside]
        several[hit] |= found[hit] >= 0
        found[hit] = rows[here[inside]]
        # an earlier row of the key can have the value only if one reaches as far
        more = (here > 0) & (reaches[here] >= values[open_])
        open_, here = open_[more], here[more] - 1
    return found, several


def last_at_most(keys: np.ndarray, bounds: np.ndarray, codes: np.ndarray, values: np.ndarray, side: str) -> np.ndarray:
    """For each (code, value) the last of the rows, which lie by key and bound, of its key at or below the value."""
    levels = np.unique(bounds)
    size = len(levels) + 1
    of_rows_ = keys.astype("int64") * size + np.searchsorted(levels, bounds)
    place = np.searchsorted(levels, values, side="right" if side == "right" else "left")
    wanted = codes.astype("int64") * size + place
    at = np.searchsorted(of_rows_, wanted, side="left") - 1
    ok = (at >= 0) & (codes >= 0)
    return np.where(ok & (keys[np.maximum(at, 0)] == codes if len(keys) else False), at, -1)


def _highest_before(keys: np.ndarray, highs: np.ndarray) -> np.ndarray:
    """For each row the highest upper bound among the rows before it of its key; minus infinity for the first."""
    out = np.full(len(keys), -np.inf)
    if len(keys):
        ranks = np.unique(highs, return_inverse=True)
        offset = col.dense(keys, int(keys.max()) + 1)[0] * (len(ranks[0]) + 1)
        so_far = np.maximum.accumulate(ranks[1] + offset) - offset
        same = keys[1:] == keys[:-1]
        out[1:] = np.where(same, ranks[0][np.where(same, so_far[:-1], 0)], -np.inf)
    return out


def rows_nearest(
    values: np.ndarray, codes: np.ndarray, others: np.ndarray, row_codes: np.ndarray, how: Nearest
) -> tuple[np.ndarray, np.ndarray]:
    """(the row of each record with its key and the nearest value, -1 for none; the row of each row's first equal).

    Of rows with one key and value the first counts.
    """
    rows = np.flatnonzero((row_codes >= 0) & ~np.isnan(others))
    rows = rows[np.lexsort((rows, others[rows], row_codes[rows]))]
    keys, at_values = row_codes[rows], others[rows]
    below = last_at_most(keys, at_values, codes, values, "right")
    first = np.arange(len(rows))
    if len(rows):
        same = np.append(False, (keys[1:] == keys[:-1]) & (at_values[1:] == at_values[:-1]))
        first = np.maximum.accumulate(np.where(same, 0, first))
    above = below + 1
    start = np.searchsorted(keys, codes)  # a key of which every value lies above
    above = np.where(below >= 0, above, start)
    inside = (above < len(rows)) & (codes >= 0) & ~np.isnan(values)
    inside &= (keys[np.minimum(above, len(rows) - 1)] == codes) if len(rows) else False
    above = np.where(inside, above, -1)
    below = np.where((codes >= 0) & ~np.isnan(values), below, -1)
    away_below = np.where(below >= 0, values - at_values[below] if len(rows) else np.inf, np.inf)
    away_above = np.where(above >= 0, at_values[above] - values if len(rows) else np.inf, np.inf)
    if how.direction == "before":
        away_above = np.full(len(values), np.inf)
    elif how.direction == "after":
        away_below = np.where(away_below == 0, 0, np.inf)
    take_below = (away_below < away_above) | ((away_below == away_above) & (how.prefer == "before"))
    away = np.where(take_below, away_below, away_above)
    picked = np.where(take_below, below, above)
    near = np.isfinite(away) & (away <= (np.inf if how.within is None else how.within))
    found = np.where(near, rows[first[picked]] if len(rows) else -1, -1)
    equal = np.arange(len(others))
    equal[rows] = rows[first] if len(rows) else rows
    return found, equal
