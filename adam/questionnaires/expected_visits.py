"""The analysis visits at which a subject was expected to have an assessment: one record each.

Not for whether there was one: a rule of a variable looks that up. Compliance is those with one among all of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns.iso_dates import EPOCH
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Origin
from ...engine.tables.rows import ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.window import WindowSpec, window_problems
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..visits.visit_windows import Placed, windows_sentence

#: repetitions of a window that are looked at: 50 years of quarters
MOST = 200


@register_step
class ExpectedVisits(RecordStep):
    """A record for each row and each window whose target day lies in the time on study.

    The time on study is from the first filled date of on_study: to the earliest of until: and the data cut-off. A row
    without the reference date or without a beginning has none, and neither has one of which no end is known. Windows
    without a target are never expected.
    """

    verb: ClassVar[str] = "expected_visits"
    title: ClassVar[str] = "expected visits"

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADQS",
        sources={"dm": {"SUBJ": ["01"], "FIRST": ["2024-03-01"], "LAST": ["2024-03-20"]}},
        datasets={
            "DM": "RFSTDTC: {date: FIRST}\nRFENDTC: {date: LAST}",
            "ADSL": "TRTSDT: {analysis_date: RFSTDTC}\nEOSDT: {analysis_date: RFENDTC}",
        },
        rows="""
from: ADSL
derive:
  expected_visits:
    - {name: Baseline, to: 1, target: 1, number: 0}
    - {name: "Week {number}", from: 5, to: 11, target: 8, number: 1, every: 7}
  reference: TRTSDT
  on_study: [TRTSDT]
  until: [EOSDT]
""",
        variables="PARAMCD: {value: FORM}\nPARAM: {value: Form Expected}",
        sort=("USUBJID", "PARAMCD", "AVISITN"),
        gives={"AVISIT": ["Baseline", "Week 1", "Week 2"], "AVISITN": ["0", "1", "2"]},
    )

    expected_visits: tuple[WindowSpec, ...] = Field(description="The windows, in order of days.")
    reference: str = Field(description="The numeric date of day 1.")
    on_study: tuple[str, ...] = Field(description="Dates of which the first filled one begins the time on study.")
    until: tuple[str, ...] = Field(description="Dates of which the earliest ends the time on study.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "reference", self.reference
        for field in ("on_study", "until"):
            for name in getattr(self, field):
                yield field, name

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        yield from ((self, "expected_visits", text) for text in window_problems(self.expected_visits))

    def columns(self) -> Mapping[str, StepColumn]:
        return {
            "AVISIT": StepColumn(),
            "AVISITN": StepColumn("float"),
            "AWTARGET": StepColumn("integer"),
            "AWLO": StepColumn("integer"),
            "AWHI": StepColumn("integer"),
        }

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        what = {
            "AVISIT": "the name",
            "AVISITN": "the number",
            "AWTARGET": "the target day",
            "AWLO": "the first day",
            "AWHI": "the last day",
        }[column]
        return (
            f"{column} is {what} of each window whose target day, counted from {words.name(self.reference)}, lies on "
            f"or after {words.names(self.on_study, ' or else ')} and not after the earliest of "
            f"{words.names(self.until)} and the data "
            f"cut-off: {windows_sentence(self.expected_visits)}."
        )

    def make(self, env: Environment, rows: Rows) -> Rows:
        day_one = _days(env, self.reference, "reference")
        begin = np.full(env.n, np.nan)
        for name in self.on_study:
            begin = np.where(np.isnan(begin), _days(env, name, "on_study"), begin)
        end = np.full(env.n, np.inf)
        for name in self.until:
            end = np.fmin(end, _days(env, name, "until"))
        cutoff = env.study.spec.study.cutoff
        if cutoff is not None:
            end = np.minimum(end, cutoff.toordinal() - EPOCH)
        end = np.where(np.isinf(end), np.nan, end)
        at, window, repeat = [], [], []
        for i, spec in enumerate(self.expected_visits):
            if spec.target is None:
                continue
            for times in range(MOST if spec.every is not None else 1):
                target = day_one + spec.target + times * (spec.every or 0) - (spec.target > 0)
                here = np.flatnonzero((target >= begin) & (target <= end))
                if spec.every is not None and not (target <= end).any():
                    break
                at.append(here)
                window.append(np.full(len(here), i))
                repeat.append(np.full(len(here), times))
        none = [np.zeros(0, dtype="int64")]
        placed = Placed(self.expected_visits, np.concatenate(window or none), np.concatenate(repeat or none))
        columns = {
            "AVISIT": placed.name(),
            "AVISITN": pd.Series(placed.number("number", "step")),
            "AWTARGET": pd.Series(placed.number("target", "days")),
            "AWLO": pd.Series(placed.number("from_", "days")),
            "AWHI": pd.Series(placed.number("to", "days")),
        }
        sources = ColumnSources(reads=tuple(env.read), origin=Origin("Derived", "Sponsor"))
        records = rows.take(np.concatenate(at or none))
        return records.with_columns(columns, None, dict.fromkeys(columns, sources))


def _days(env: Environment, name: str, field: str) -> np.ndarray:
    """A numeric date, or an ISO 8601 text as one."""
    return days_of_variable(env.column(name, field), name)
