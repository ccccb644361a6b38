"""Settings of a study that depend on a row: dates and numbers are written by the country of a site.

Not for what a setting means: numbers.py, sdtm/dates.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import columns as col
from . import verbs
from .identity import padded
from .tables import Table

if TYPE_CHECKING:
    from .environment import Environment


def selector(env: Environment, by: str) -> pd.Series:
    """The column that selects a setting: one of the rows, or source.COLUMN by subject or by a shared identifier."""
    prefix, dot, rest = by.partition(".")
    if env.rows.find(by) is not None or not dot or not env.build.study.has_table(prefix):
        return env.column(by)
    table = env.table(prefix)
    if table.has("USUBJID"):
        return env.by_subject(table, rest)
    shared = [c for c in env.study.file.subject.columns if table.has(c) and env.rows.find(c) is not None]
    if not shared:
        raise env.error(f"'{prefix}' shares no identifier with these rows, so {by} cannot be found for them")
    study = env.study.file
    mine = [padded(env.column(c), c, study) for c in shared]
    match = verbs.match_rows(mine, [padded(table.column(c), c, study) for c in shared])
    return col.take(table.column(rest), match.right)


def selector_of(env: Environment, by: str, table: Table, rows: np.ndarray) -> pd.Series:
    """The same for rows of a table that values were picked from (-1: none), which need not be the records' own."""
    prefix, dot, rest = by.partition(".")
    if table.has(by):
        return col.take(table.column(by), rows)
    if not dot or not env.build.study.has_table(prefix):
        raise env.error(f"{table.name} has no column '{by}', which says how its numbers are written")
    other = env.table(prefix)
    keys = ["USUBJID"] if other.has("USUBJID") else [c for c in env.study.file.subject.columns if other.has(c)]
    if not keys or not all(table.has(k) for k in keys):
        raise env.error(f"'{prefix}' shares no identifier with {table.name}, so {by} cannot be found for its rows")
    study = env.study.file
    mine = [padded(col.take(table.column(k), rows), k, study) for k in keys]
    match = verbs.match_rows(mine, [padded(other.column(k), k, study) for k in keys])
    return col.take(other.column(rest), match.right)
