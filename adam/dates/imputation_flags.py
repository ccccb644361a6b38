"""--DTF and --TMF: the imputed part of a date or time. Not for imputing (imputation.py).

Source: ADaMIG 1.3 section 3.1.1 and codelists DATEFL (C81223) and TIMEFL (C81226). A flag names the highest part.
See docs/semantics.md S27.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from .imputation import Imputation, imputation_of
from .partial_dates import DAY, LEVELS


class _Flag(Derivation):
    """Base: a flag on the imputed part of another variable."""

    def date_variable(self) -> str:
        raise NotImplementedError(self.verb)  # each verb names its own field

    def reads(self) -> Iterator[tuple[str, str]]:
        yield self.verb, self.date_variable()

    def _levels(self, env: Environment) -> np.ndarray:
        """The imputed part by record: a number in LEVELS, 0 for none or no date."""
        name = self.date_variable()
        rule = imputation_of(env, name, Imputation, "impute: or first_imputed:", self.verb)
        if rule is None:
            return np.zeros(env.n, dtype="int8")  # no date in this block
        levels = rule.imputed(env).level
        return np.where(col.missing(env.column(name, self.verb)), 0, levels)


@register
class ImputationFlag(_Flag):
    """D, M or Y: the day, the month and day, or the whole date was imputed; missing for a date that was complete."""

    verb: ClassVar[str] = "imputation_flag"
    example = Example(
        rule="{imputation_flag: DTHDT}",
        rows={"SUBJ": ["01", "02", "03", "04"], "DAY": ["1960-02-03", "1960-02", "1960", ""]},
        gives=["", "D", "M", ""],
        dataset="ADSL",
        variable="DTHDTF",
        setting="DTHDT: {impute: DTHDTC, highest: month}",
        datasets={"DM": "DTHDTC: {date: DAY}"},
    )

    imputation_flag: str = Field(description="The variable --DT or --DTM that impute: or first_imputed: derives.")

    def date_variable(self) -> str:
        return self.imputation_flag

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return (
            f"{target} is the highest part of {words.name(self.imputation_flag)} that was imputed: 'Y' for the "
            "year, 'M' for month and day, 'D' for the day; missing if the date was complete."
        )

    def derive(self, env: Environment) -> Derived:
        levels = self._levels(env)
        return Derived(col.join_text(np.where(levels >= DAY, levels - DAY + 1, 0), ["", "D", "M", "Y"]))


@register
class TimeImputationFlag(_Flag):
    """H, M or S: the time, minutes and seconds, or the seconds were imputed; missing for a time that was complete."""

    verb: ClassVar[str] = "time_imputation_flag"
    example = Example(
        rule="{time_imputation_flag: TRTSDTM}",
        rows={
            "SUBJ": ["01", "02", "03", "04"],
            "DAY": ["1960-02-03T08:30:00", "1960-02-03T08:30", "1960-02-03T08", "1960-02-03"],
        },
        gives=["", "S", "M", "H"],
        dataset="ADSL",
        variable="TRTSTMF",
        setting="TRTSDTM: {impute: RFSTDTC, highest: hour, time: first}",
        datasets={"DM": "RFSTDTC: DAY"},
    )

    time_imputation_flag: str = Field(description="The variable --DTM that impute: or first_imputed: derives.")
    seconds: bool = Field(
        default=True, description="false: the study collects no seconds, so their imputation is not flagged."
    )

    def date_variable(self) -> str:
        return self.time_imputation_flag

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        seconds = ", 'S' for the seconds" if self.seconds else ""
        return (
            f"{target} is the highest part of the time of {words.name(self.time_imputation_flag)} that was "
            f"imputed: 'H' for the whole time, 'M' for minutes and seconds{seconds}; missing if the time was complete."
        )

    def derive(self, env: Environment) -> Derived:
        levels = np.minimum(self._levels(env), LEVELS.index("hour"))
        if not self.seconds:
            levels = np.where(levels == 1, 0, levels)
        return Derived(col.join_text(levels, ["", "S", "M", "H"]))
