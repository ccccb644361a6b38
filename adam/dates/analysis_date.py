"""Dates of ADaM: an ISO 8601 text as a numeric date. A partial date is missing, with a finding.

Not for imputing dates (imputation.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording


@register
class AnalysisDate(Derivation):
    """The numeric date of an ISO 8601 text; missing for a partial date, with a finding."""

    verb: ClassVar[str] = "analysis_date"
    example = Example(
        rule="{analysis_date: RFSTDTC}",
        rows={"SUBJ": ["01", "02", "03"], "DAY": ["1960-01-02", "2020-03-01T08:30", "2020-03"]},
        gives=["1", "21975", ""],
        dataset="ADSL",
        variable="TRTSDT",
        datasets={"DM": "RFSTDTC: {date: DAY}"},
    )

    analysis_date: str = Field(description="The --DTC variable, or a --DTM variable, of which it is the day.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "analysis_date", self.analysis_date

    def date_unit(self) -> Literal["", "days", "seconds"]:
        return "days"

    def gives(self) -> str:
        return "integer"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {words.name(self.analysis_date)} as a numeric date; missing if the date is not complete."

    def derive(self, env: Environment) -> Derived:
        texts = env.column(self.analysis_date, "analysis_date")
        days = days_of_variable(texts, self.analysis_date)
        env.report(
            "R2A-ADAM-001",
            np.isnan(days) & ~col.missing(texts),
            "a partial date, not imputed: the numeric date is missing",
            self.analysis_date,
        )
        return Derived(col.series(days))
