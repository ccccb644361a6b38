"""Whether a record was on treatment: from the first dose until some days after the last one, as ONTRTFL.

Not for events that began or became worse on treatment (treatment_emergent.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.columns.moments import Moments, before, days_later, same, unit_of
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.derivations.read_for_rule import moments_of_column
from ..engine.expressions.sentence import condition_sentence, plain
from ..mappings.models.derivation import Condition, Example, register
from ..mappings.models.wording import AS_WRITTEN, Wording


@register
class OnTreatment(Derivation):
    """Y on a record from the first dose until some days after the last one, else missing (ONTRTFL, ONTRxxFL).

    The first rule that holds decides. No first dose: missing. The end lies before the first dose: missing. No start:
    Y, unless unknown: states otherwise. The start lies after the last dose and the days: missing; without a last
    dose nothing is too late. The start lies before the first dose: missing, but Y with span: true, because the record
    had not ended by then. The start is that of the first dose, and pre_dose: holds: missing. Every other record: Y.
    Times count where both sides have one, but the last dose counts as a day, unless
    last_dose_time: is true. The first and last dose may be those of a
    period, as AP01SDT and AP01EDT.
    """

    verb: ClassVar[str] = "on_treatment"
    carries = "compared"
    example = Example(
        rule="{on_treatment: AESTDTC, days: 7, pre_dose: AELLT == 'PRE'}",
        rows={
            "DAY": ["1960-02-09", "1960-02-10", "1960-02-10", "1960-03-18", "1960-03-19", ""],
            "TPT": ["", "PRE", "", "", "", ""],
        },
        gives=["", "", "Y", "Y", "", "Y"],
        dataset="ADAE",
        variable="ONTRTFL",
        setting="AESTDTC: DTHDTC\nAELLT: ACTARM\nTRTSDT: {lookup: dose.FIRST, as: date}\n"
        "TRTEDT: {lookup: dose.LAST, as: date}",
        sources={"dose": {"SUBJ": ["01"], "FIRST": ["1960-02-10"], "LAST": ["1960-03-11"]}},
        datasets={"DM": "DTHDTC: DAY\nACTARM: TPT"},
    )

    on_treatment: str = Field(description="The start or the date of the record: a numeric date, or a --DTC variable.")
    end: str | None = Field(default=None, description="The end of the record, for events and interventions.")
    first_dose: str = Field(default="TRTSDT", description="Date of the first dose; a datetime if its name ends in DTM.")
    last_dose: str | None = Field(
        default="TRTEDT", description="Date of the last dose; null: nothing is after treatment."
    )
    days: int = Field(default=0, description="Days after the last dose that still count.", ge=0)
    last_dose_time: bool = Field(
        default=False,
        description="true: the time of the last dose counts too, where the start has one; so do days: 24 hours each.",
    )
    pre_dose: Condition | None = Field(
        default=None, description="A record of the moment of the first dose was before it where this holds."
    )
    span: bool = Field(
        default=False, description="true: a record that began before the first dose and had not ended by then counts."
    )
    unknown: Literal["on", "off"] = Field(default="on", description="Whether a record without a start counts.")

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("on_treatment", "end", "first_dose", "last_dose"):
            if getattr(self, field) is not None:
                yield field, getattr(self, field)

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        if self.pre_dose is not None:
            yield "pre_dose", self.pre_dose

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.span and self.end is None:
            yield "span", "span: true needs end:, the end of the record"
        if self.last_dose_time and unit_of(self.last_dose or "") == "days":
            yield "last_dose_time", f"last_dose_time: {self.last_dose or 'null'} has no time; name a variable --DTM"
        if self.days and self.last_dose is None:
            yield "days", "days: count from last_dose:, and there is none"

    def texts(self) -> dict[str, str]:
        return {"Y": ""}

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        start, first = words.name(self.on_treatment), words.name(self.first_dose)
        until = "" if self.last_dose is None else f" to {words.name(self.last_dose)}"
        until += f" + {self.days} days" if self.days else ""
        until += " by its time" if self.last_dose_time else ""
        parts = [f"{target} is 'Y' if {start} lies from {first}{until}"]
        if self.pre_dose:
            parts.append(f", not if it is {first} and {plain(self.pre_dose, words)}")
        if self.span and self.end:
            parts.append(f", or if it lies before and {words.name(self.end)} is missing or not before {first}")
        if self.unknown == "on":
            parts.append(", or if it is missing")
        if self.end:
            parts.append(f"; never if {words.name(self.end)} lies before {first}")
        return f"{''.join(parts)}; missing without {first}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        start, first = self._moments(env, "on_treatment"), self._moments(env, "first_dose")
        treated, known = np.isfinite(first.low), np.isfinite(start.low)
        late = np.zeros(env.n, dtype=bool)
        if self.last_dose is not None:
            last = days_later(self._moments(env, "last_dose"), self.days)
            late = before(last, start) if self.last_dose_time else start.low > last.high
        self._report_untreated(env, treated)
        early = before(start, first)
        on = known & ~early & ~late
        if self.pre_dose is not None:
            on &= ~(same(start, first) & env.condition(self.pre_dose, "pre_dose"))
        if self.unknown == "on":
            on |= ~known
        if self.end is not None:
            ended = before(self._moments(env, "end"), first)
            on |= early & ~late & self.span
            on &= ~ended
        return Derived(col.join_text((on & treated).astype("int8"), ["", "Y"]))

    def _report_untreated(self, env: Environment, treated: np.ndarray) -> None:
        """A note at the first record of each subject without a first dose."""
        if treated.all():
            return
        at = np.flatnonzero(~treated & env.applies())
        (codes,) = verbs.key_codes([col.take(env.subject(), at)])
        first = np.zeros(env.n, dtype=bool)
        first[np.delete(at, verbs.later(codes))] = True
        message = "the subject has no first dose: no record is flagged as on treatment"
        env.report("R2A-AE-002", first, message, self.on_treatment)

    def _moments(self, env: Environment, field: str) -> Moments:
        return moments_of_column(env, getattr(self, field), field)
