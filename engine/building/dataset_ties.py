"""The ties of one dataset: records that a flag ranks alike, and rows of joined tables that ``take:`` ranks alike.

Not for finding ties (engine/columns/ties.py) nor for the sentence of the finding (engine/derivations/tie_findings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns.ties import Tie
from ..derivations.derivation import derivation
from ..derivations.environment import Environment
from ..derivations.tie_findings import report_tie
from ..plan.plan import PlannedVariable
from ..standard import tabulation
from ..tables.table import Table
from .unfinished_table import DatasetInBuildTable
from .view import DatasetInBuild, JoinTie


@dataclass(frozen=True)
class _FlagTie:
    """Records of ``env`` that rank as a flagged one does; ``ranked``: by what, ``which``: first or last."""

    env: Environment
    tie: Tie
    ranked: str
    which: str


@dataclass
class DatasetTies:
    """The ties of a dataset, collected until all its variables are built: only then is known whether they differ."""

    flags: list[_FlagTie] = field(default_factory=list)
    joins: list[JoinTie] = field(default_factory=list)

    def note_flag(self, env: Environment, tie: Tie, ranked: str, which: str) -> None:
        if len(tie.rows):
            self.flags.append(_FlagTie(env, tie, ranked, which))

    def note_join(self, tie: JoinTie) -> None:
        if len(tie.tie.rows):
            self.joins.append(tie)

    def report(self, build: DatasetInBuild) -> None:
        """A finding for each tie whose records differ in a variable, or whose joined rows differ in a column read.

        Numbers and identifiers of records, and other choices among all records, are no difference.
        """
        for flag in self.flags:
            start = sum(build.rows(b).n for b in range(flag.env.block or 0))
            at = np.arange(start, start + flag.env.n)
            tie, differing = flag.tie.different(_compared(build, at))
            of_dataset = tie.at(at)
            table = DatasetInBuildTable(build)
            report_tie(flag.env, table, at, of_dataset, ranked=flag.ranked, differing=differing, which=flag.which)
        for join in self.joins:
            columns = _read_columns(build, join.env.block, join.node, join.table)
            if join.copies:
                columns = {n: c for n, c in columns.items() if not tabulation().is_sequence(n)}
            tie, differing = join.tie.different(columns)
            report_tie(join.env, join.table, join.rows, tie, ranked=join.ranked, differing=differing, which=join.which)


def _compared(build: DatasetInBuild, at: np.ndarray) -> Mapping[str, pd.Series]:
    """The variables of the records at these positions in which a difference counts."""
    return {
        v.name: col.take(build.value(v.name, None), at) for v in build.planned.variables.values() if _distinguishes(v)
    }


def _distinguishes(v: PlannedVariable) -> bool:
    """Whether different values of a variable make two records different."""
    whole = any(derivation(rule).whole for rule in v.rules)
    return not whole and v.role != "Identifier" and not tabulation().is_sequence(v.name)


def _read_columns(build: DatasetInBuild, block: int | None, node: str, table: Table) -> Mapping[str, pd.Series]:
    """The columns of a joined table that a rule of the block read."""
    assert block is not None
    uses = [built.use for _, _, built in build.built_in(block) if built.use]
    read = dict.fromkeys(r.column for use in uses for r in use.reads if r.node == node)
    return {name: table.column(name) for name in read if table.has(name)}
