"""Settings of a study that depend on a row: dates and numbers are written by the country of a site.

Not for what a setting means: engine/derivations/numbers.py, sdtm/date_reader.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.bind import place_of
from ...mappings.binding.spec_model import SpecModel
from ...mappings.models.study import StudySpec
from ..columns import column as col
from ..columns import verbs
from ..subjects.identity import padded
from ..tables.table import Table


def groups_of_rows(study: StudySpec, tables: Mapping[str, Table], declared: Any, table: Table) -> pd.Series:
    """The text that selects a setting, for every row of a table.

    ``declared``: what study.yaml declares, with ``by``: a column of the source, or source.COLUMN by subject or by a
    shared identifier. Raises SpecError at the line of ``by`` where the rows have no such column.
    """
    by = declared.by
    prefix, dot, rest = by.partition(".")
    if table.has(by):
        return table.column(by)
    other = tables.get(prefix) if dot else None
    if other is None or not other.has(rest):
        if other is not None:
            raise _error(declared, f"{prefix} has no column '{rest}'", nearest(rest, other.names()))
        raise _error(declared, f"{table.name} has no column '{by}'", nearest(by, table.names()))
    keys = ["USUBJID"] if other.has_subject and table.has_subject else list(study.subject.columns)
    keys = [k for k in keys if other.has(k) and table.has(k)]
    if not keys:
        raise _error(
            declared, f"'{prefix}' shares no identifier with {table.name}, so {by} cannot be found for its rows"
        )
    mine = [padded(table.column(k), k, study) for k in keys]
    match = verbs.match_rows(mine, [padded(other.column(k), k, study) for k in keys])
    return col.take(other.column(rest), match.right)


def _error(declared: Any, message: str, hint: str = "") -> SpecError:
    place = place_of(declared, "by") if isinstance(declared, SpecModel) else Place("study.yaml")
    return SpecError([SpecProblem(place, f"by: {message}", hint=hint)])
