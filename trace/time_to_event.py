"""Runs a step again for the subject of one record, on the datasets of a built folder, to explain its decision.

Not for the decision (adam/time_to_event/decision.py) nor for its sentences (adam/time_to_event/reasons.py): this gives
both their tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ..adam.time_to_event.reasons import reasons
from ..adam.time_to_event.scope import RecordsOf, Scope
from ..adam.time_to_event.step import TimeToEvent
from ..engine.columns import column as col
from ..engine.columns.iso_dates import day_number
from ..engine.tables.dataset import StepUse
from ..engine.tables.table import Table
from ..errors import InputError, SpecError
from ..mappings.binding.spec_model import SpecModel


class NotExplained(Exception):
    """The folder has no copy of a name: a working variable, or a raw source."""


class SubjectTable(Table):
    """The records of one subject in a finished dataset. ``at``: their positions in it."""

    def __init__(self, name: str, frame: pd.DataFrame, subject: str):
        self.name, self.frame = name, frame
        self.at = np.flatnonzero((frame["USUBJID"] == subject).to_numpy())
        self.n = len(self.at)

    def names(self) -> list[str]:
        return [*map(str, self.frame.columns)]

    def column(self, name: str) -> pd.Series:
        return col.take(self.frame[name], self.at)


class StoredScope(Scope):
    """One subject, and the finished datasets of a build."""

    def __init__(self, step: StepUse, dataset: str, subject: str, frame: Callable[[str], pd.DataFrame]):
        self.n, self.dataset, self._subject, self._frame = 1, dataset, subject, frame
        self.cutoff = day_number(step.cutoff) if step.cutoff else None
        self._tables: dict[str, SubjectTable] = {}
        self.base = step.base

    def subject(self, name: str, owner: SpecModel, field: str) -> pd.Series:
        prefix, dot, column = name.partition(".")
        if not dot:
            prefix, column = self.base, name
        table = self.table(prefix, owner)
        if not table.has(column):
            raise NotExplained(name)
        return col.take(table.column(column), np.array([0 if table.n else -1]))

    def table(self, name: str, owner: SpecModel) -> SubjectTable:
        if name not in self._tables:
            try:
                self._tables[name] = SubjectTable(name, self._frame(name), self._subject)
            except InputError:
                raise NotExplained(name) from None
        return self._tables[name]

    def records(self, table: Table) -> RecordsOf:
        return RecordsOf(np.zeros(table.n, dtype="int64"))


def explain(
    step: StepUse, dataset: str, frame: pd.DataFrame, at: int, other: Callable[[str], pd.DataFrame]
) -> dict[str, Any]:
    """{"title", "why", "candidates": [...]} of one record: every date that the step compared, with its outcome.

    Each candidate: what, source, record (from 1), column, date (ISO 8601), used, outcome. ``frame``: the dataset of the
    record; ``other``: any finished dataset by name.
    """
    found = TimeToEvent.model_validate(step.arguments)
    scope = StoredScope(step, dataset, str(frame["USUBJID"].iat[at]), other)
    title = f"how {found.parameter or dataset} was decided"
    try:
        decision = reasons(found, scope, lambda table, row: int(scope.table(table, found).at[row]) + 1)
    except (NotExplained, SpecError) as missing:
        why = f"the decision cannot be repeated, because the folder has no {missing}"
        return {"title": title, "why": why, "candidates": []}
    stored = float(frame["ADT"].iat[at]) if "ADT" in frame.columns else np.nan
    if not np.array_equal(np.floor(decision.date), stored, equal_nan=True):  # a time in hours has the moment
        decision.why += "; the record has another ADT, so the datasets of the folder are not of one build"
    return {"title": title, "why": decision.why, "candidates": decision.candidates}
