"""Groups of the rows of a block: the rows of a subject that have the same values of some variables.

A missing value is a value here: records without a visit are one group. Not for what is derived from a group
(summary.py, extreme.py, computed.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.derivations.environment import Environment
from ...engine.tables.dataset import Origin, Reading
from ...engine.tables.rows import ColumnSources
from ...mappings.models.record_step import StepColumn
from ...mappings.models.wording import Wording

SUBJECT = "USUBJID"
DERIVED = Origin("Derived", "Sponsor")


@dataclass(frozen=True)
class Groups:
    """The group of each row, and how many groups there are. ``columns``: the variables of the group, by name."""

    of_row: np.ndarray
    count: int
    columns: Mapping[str, pd.Series]
    reads: Mapping[str, tuple[Reading, ...]]

    def values(self, at: np.ndarray) -> dict[str, pd.Series]:
        """The variables of the groups of the rows ``at``."""
        return {name: col.take(column, at) for name, column in self.columns.items()}

    def sources(self) -> dict[str, ColumnSources]:
        """What the variables of a group are read from: any row of it."""
        return {name: ColumnSources((), reads) for name, reads in self.reads.items()}


def grouped(env: Environment, by: Sequence[str], field: str = "by") -> Groups:
    """The groups of the rows by subject and ``by``."""
    columns, reads = {}, {}
    for name in by:
        if name != SUBJECT:
            columns[name], reads[name] = read_column(env, name, field)
    codes = verbs.record_codes([env.subject(), *columns.values()])
    return Groups(codes, int(codes.max(initial=-1)) + 1, columns, reads)


def read_column(env: Environment, name: str, field: str) -> tuple[pd.Series, tuple[Reading, ...]]:
    """A column by name, and what this name reads."""
    alone = Environment(env.build, env.rows, env.block, env.variable, env.rule)
    values = alone.column(name, field)
    env.read |= alone.read
    return values, tuple(alone.read)


def group_columns(by: Sequence[str]) -> dict[str, StepColumn]:
    """The columns of a step that are the variables of its groups: the dataset has them already."""
    return {name: StepColumn(new=False) for name in by if name != SUBJECT}


def by_reads(by: Sequence[str], field: str = "by") -> Iterator[tuple[str, str]]:
    """(field, name) of the variables of a group, for ``Step.reads``."""
    yield from ((field, name) for name in by if name != SUBJECT)


def by_words(by: Sequence[str], words: Wording) -> str:
    """The records of a group, in words."""
    others = [name for name in by if name != SUBJECT]
    return f"of the subject with the same {words.names(others)}" if others else "of the subject"
