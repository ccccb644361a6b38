"""The base of every step of a block that can run, and the rule of the variables that a step gives.

Not for the steps themselves: those of adam/. When a step runs: engine/building/records.py, after the filter of the
block.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.models.record_step import Step
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..tables.dataset import Choice, Origin, Predecessor
from ..tables.rows import Rows
from .derivation import Derivation, Derived
from .environment import Environment


class RecordStep(Step):
    """A step that can run."""

    def make(self, env: Environment, rows: Rows) -> Rows:
        """The records that the step gives, with every column of ``columns()``.

        ``env``: the rows before the step, with the step as the rule that errors name. The base node remains: a record
        of no row of the base table has position -1 there. ``ColumnSources.reads`` of a column gets what it read; a row
        of a table that is a node of the records is ``Reading(f"row:{node}", table, column)``.
        """
        raise NotImplementedError(self.verb)  # every registered verb defines it

    def choice(self, column: str, env: Environment) -> Choice | None:
        """The rows of another table from which a column of a record comes, if they are more than lineage nodes hold."""
        return None


class OfStep(Derivation):
    """A variable that the step of the block gives. No spec writes it: planning supplies it."""

    verb: ClassVar[str] = "of_step"
    default_origin: ClassVar[Origin] = Origin("Derived", "Sponsor")

    column: str = Field(description="The column of the step.")
    step: Step = Field(description="The step.")

    def texts(self) -> dict[str, str] | None:
        return self.step.texts(self.column)

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return self.step.describe(self.column, words)

    def derive(self, env: Environment) -> Derived:
        step = self.step
        choice = step.choice(self.column, env) if isinstance(step, RecordStep) else None
        return Derived(env.column(self.column), origin=self._of_column(env), choice=choice)

    def _of_column(self, env: Environment) -> Origin | None:
        """A variable of the records from which the step derives its own is a copy of it."""
        about = self.step.columns().get(self.column)
        sources = env.rows.column_sources.get(self.column)
        reads = sources.reads if sources is not None else ()
        if (
            about is None
            or about.new
            or len(reads) != 1
            or reads[0].table not in env.study.known_to(env.build.planned.kind)
        ):
            return self.default_origin
        return Origin("Predecessor", predecessors=(Predecessor(reads[0].table, reads[0].column),))


class NotDerived(Derivation):
    """A variable without a value in the records of a block. No spec writes it: planning supplies it."""

    verb: ClassVar[str] = "not_derived"
    default_origin: ClassVar[Origin] = Origin("Not Available", "Sponsor")

    def texts(self) -> dict[str, str] | None:
        return {"": ""}

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is missing."

    def derive(self, env: Environment) -> Derived:
        numeric = env.variable is not None and env.variable.is_numeric
        values = pd.Series(np.full(env.n, np.nan)) if numeric else col.constant("", env.n)
        return Derived(values, origin=self.default_origin)


def record_step(step: Step) -> RecordStep:
    """A step as something that runs; TypeError for a step class without ``make``."""
    if not isinstance(step, RecordStep):
        raise TypeError(f"{type(step).__name__} cannot run")
    return step
