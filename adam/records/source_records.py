"""The records of the datasets that ``combined`` puts together: which of each, with which values, by which key.

Not for which source counts where several have a record (combined.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.columns.ties import Tie, ties_of
from ...engine.derivations.environment import Environment
from ...engine.derivations.ordering import in_order, table_key
from ...engine.expressions.sentence import plain
from ...engine.tables.rows import Rows
from ...engine.tables.table import Table
from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Condition
from ...mappings.models.record_step import StepRead
from ...mappings.models.wording import Wording
from .groups import SUBJECT

#: the variable of date:
DATE = "ADT"


class CombinedSource(SpecModel):
    """One dataset of combined records: which records it has, and their values."""

    from_: str = Field(alias="from", description="Dataset of the records; also the dataset itself, above the block.")
    name: str | None = Field(
        default=None,
        description="The name of the source; by default the dataset. Rules of the block read NAME.VARIABLE.",
    )
    where: Condition | None = Field(default=None, description="Only records for which this is true.")
    variables: dict[str, str] = Field(
        default_factory=dict, description="Variable to its variable of the source, as {AVAL: LBSTRESN}."
    )
    values: dict[str, str] = Field(
        default_factory=dict, description="Variable to its value in all records of the source."
    )
    date: str | None = Field(
        default=None, description="The date that becomes ADT, numeric or ISO 8601; a partial one is missing."
    )
    flag: str | None = Field(
        default=None, description="Variable that is Y where the source has a record, as IN= of a SAS merge."
    )
    take: Literal["first", "last"] = Field(
        default="first", description="Which record counts where the source has several of a key."
    )
    order: tuple[str, ...] = Field(
        default=(), description="Variables of the source that order these; without it several are a finding."
    )

    @property
    def called(self) -> str:
        return self.name or self.from_

    @property
    def gives(self) -> dict[str, str]:
        """Variable -> the variable of the source with its value; '' for a value of the spec."""
        dated = {DATE: self.date} if self.date is not None else {}
        return {**self.variables, **dated, **dict.fromkeys(self.values, "")}

    def parts(self) -> Iterator[StepRead]:
        """What the source reads of its dataset."""
        yield StepRead(self, "from_", SUBJECT, self.from_, condition=False)
        if self.where is not None:
            yield StepRead(self, "where", self.where, self.from_)
        named = [("variables", n) for n in self.variables.values()]
        named += [("date", self.date)] if self.date is not None else []
        named += [("order", n.lstrip("-")) for n in self.order]
        for field, name in named:
            yield StepRead(self, field, name, self.from_, condition=False)

    def problems(self, by: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(field, message) for each mistake of the source; ``by``: the key of the records."""
        for name in by:
            if name not in self.gives:
                yield "from_", f"{self.called} has no {name}, which by: names"
        twice = [n for n in self.values if n in self.variables]
        for name in (*twice, *([DATE] if self.date is not None and DATE in {*self.variables, *self.values} else [])):
            yield "values" if name in twice else "date", f"{self.called} gives {name} twice"

    def words(self, words: Wording) -> str:
        """The records of the source, in words."""
        where = f" where {plain(self.where, words.of_table(self.from_))}" if self.where else ""
        return f"{words.table(self.from_)}{where}"


@dataclass(frozen=True)
class Source:
    """The records of a source that can be combined. ``rows``: their positions in ``table``; ``subject``: per record
    the row of the block; ``gives``: variable -> its value of each row of the table."""

    spec: CombinedSource
    table: Table
    rows: np.ndarray
    subject: np.ndarray
    gives: dict[str, pd.Series]

    def values(self, name: str, rows: np.ndarray) -> pd.Series:
        """A variable at rows of the table; -1 gives a missing value."""
        return col.take(self.gives[name], rows)


def source_records(env: Environment, spec: CombinedSource) -> Source:
    """The records of one source, in the order of its dataset."""
    at_source = Environment(env.build, env.rows, env.block, env.variable, spec)
    table = at_source.table(spec.from_)
    subject = verbs.match_rows([table.column(SUBJECT)], [env.subject()]).right
    usable = subject >= 0
    if spec.where is not None:
        usable &= at_source.condition_on(table, spec.where, among=usable)
    at = np.flatnonzero(usable)
    gives = {n: table.column(c) for n, c in spec.variables.items()}
    if spec.date is not None:
        values = table.column(spec.date)
        gives[DATE] = pd.Series(days_of_variable(values, spec.date))
    gives |= {n: col.constant(text, table.n) for n, text in spec.values.items()}
    return Source(spec, table, at, subject[at], gives)


def one_of_each(env: Environment, source: Source, groups: np.ndarray, count: int) -> tuple[np.ndarray, list[Tie]]:
    """(the row of the table of each group, -1 for none; rows that rank as it does). Without order: a finding.

    ``groups``: of each record of the source.
    """
    spec, table = source.spec, source.table
    at_source = Environment(env.build, Rows.of(table), env.block, None, spec)
    of_row = np.full(table.n, -1, dtype="int64")
    of_row[source.rows] = groups
    if not spec.order:
        picked = np.append(verbs.pick_per_group(of_row, count, np.arange(table.n), "first"), -1)[:count]
        later = np.zeros(table.n, dtype=bool)
        later[source.rows] = source.rows != picked[groups]
        message = f"{spec.called} has several records of the key: the first one by the order of {table.name} counts"
        at_source.report("R2A-REC-013", later, message, next((c for c in spec.gives.values() if c), ""))
        return picked, []
    keys = [table_key(at_source, table, n.lstrip("-"), "date" if n == spec.date else "") for n in spec.order]
    ranks = in_order(keys, [n.startswith("-") for n in spec.order], spec.take)
    picked = verbs.pick_per_group(of_row, count, verbs.order_rows(ranks.keys), spec.take)
    return picked, ties_of(of_row, picked, ranks)
