"""The subjects of a block and the tables of the study, while a dataset is made, for dates of a time to event.

Not for a build that is over: decisions.py gives one subject's finished datasets instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from ..engine import columns as col
from ..engine import verbs
from ..engine.iso_dates import day_number
from ..engine.rows import BASE, Rows
from ..engine.tables import Table
from ..mappings.spec_model import SpecModel
from .candidate_dates import Scope

if TYPE_CHECKING:
    from ..engine.environment import Environment


class BuildScope(Scope):
    """The subjects of a block and the tables of the study, while a dataset is made."""

    def __init__(self, env: Environment, rows: Rows, step: SpecModel):
        self.env, self.step, self.n = env, step, rows.n
        self.base: Table = rows.nodes[BASE][0]
        self.base_rows = rows.nodes[BASE][1]
        self.dataset = env.dataset
        day = env.study.file.study.cutoff
        self.cutoff = day_number(day.isoformat()) if day is not None else None

    def subject(self, name: str, owner: SpecModel, field: str) -> pd.Series:
        return self.env.column(name, field)

    def table(self, name: str, owner: SpecModel) -> Table:
        if not self.env.build.study.has_table(name):
            raise self.error(f"there is no dataset '{name}'", owner, "from_")
        return self.env.table(name)

    def records(self, table: Table) -> np.ndarray:
        if table.name == self.base.name and self.base_rows is None:
            return np.arange(self.n)
        if not table.has("USUBJID"):
            raise self.error(f"{table.name} has no subjects", self.step, "dates")
        kept, key = self.env.build.study.kept, f"records by subject: {table.name} {self.base.name}"
        if self.base_rows is not None or table.name == self.dataset:
            return verbs.match_rows([table.column("USUBJID")], [self.env.subject()]).right
        if key not in kept:  # the same for every parameter
            # each subject is looked up once, not each row
            codes, subjects = col.split_text(table.column("USUBJID"))
            known = col.join_text(np.arange(len(subjects)), subjects)
            kept[key] = verbs.match_rows([known], [self.base.column("USUBJID")]).right[codes]
        found = kept[key]
        assert isinstance(found, np.ndarray)
        return found

    def equal(self, table: Table, name: str, text: str) -> np.ndarray | None:
        if table.name == self.dataset or col.is_number(column := table.column(name)):
            return None
        codes, texts = col.split_text(column)
        wanted = [i for i, t in enumerate(texts) if str(t).rstrip(" ") == text.rstrip(" ")]
        if len(wanted) != 1:
            return None if wanted else np.zeros(0, dtype="int64")
        kept, key = self.env.build.study.kept, f"rows by text: {table.name}.{name}"
        if key not in kept:
            order = np.argsort(codes.astype("int16" if len(texts) < 2**15 else "int64"), kind="stable")
            kept[key] = order, np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(texts)))])
        order, ends = cast("tuple[np.ndarray, np.ndarray]", kept[key])
        return order[ends[wanted[0]] : ends[wanted[0] + 1]]
