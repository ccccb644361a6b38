"""Whether an event is treatment-emergent, from dates as they were collected, partial ones too.

Not for imputing the dates that a dataset shows (adam/dates/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns.moments import Moments, before, days_later, on_or_after, unit_of
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.derivations.read_for_rule import moments_of_column
from ..engine.expressions.sentence import condition_sentence, plain
from ..mappings.models.derivation import Condition, Example, register
from ..mappings.models.wording import AS_WRITTEN, Wording


@register
class TreatmentEmergent(Derivation):
    """Y on an event that may have begun from the first dose until some days after the last one, else missing.

    The first rule that holds decides. No first dose: missing, with a finding. Every possible end lies before the first
    dose: missing. Every possible start lies after the last dose and the days: missing, unless treatment is ongoing or
    no last dose is known. Every possible start lies before the first dose: missing, but Y where worsened: holds. A
    start that may lie on either side follows partial:, a missing start follows unknown:. Every other event: Y. Times
    count where the start and the first dose (TRTSDTM) both have one; else days count: an event on the day of the first
    dose is emergent.
    """

    verb: ClassVar[str] = "treatment_emergent"
    carries = "compared"
    example = Example(
        rule="{treatment_emergent: AESTDTC, days: 30, first_dose: TRTSDT, last_dose: TRTEDT}",
        rows={
            "DAY": ["1960-02-09", "1960-02-10", "1960-02", "1960-01", "1960-04-10", "1960-04-11", "1960-04", ""],
        },
        gives=["", "Y", "Y", "", "Y", "", "Y", "Y"],
        dataset="ADAE",
        variable="TRTEMFL",
        setting="AESTDTC: DTHDTC\nTRTSDT: {lookup: dose.FIRST, as: date}\nTRTEDT: {lookup: dose.LAST, as: date}",
        sources={"dose": {"SUBJ": ["01"], "FIRST": ["1960-02-10"], "LAST": ["1960-03-11"]}},
        datasets={"DM": "DTHDTC: DAY"},
    )

    treatment_emergent: str = Field(description="The start as collected: a --DTC variable.")
    end: str | None = Field(default=None, description="The end as collected: a --DTC variable.")
    first_dose: str = Field(
        default="TRTSDT",
        description="Numeric date of the first dose; if its name ends in DTM, a datetime.",
    )
    last_dose: str = Field(default="TRTEDT", description="Numeric date of the last dose.")
    days: int = Field(description="Days after the last dose that still count.", ge=0)
    last_dose_time: bool = Field(
        default=False,
        description="true: the time of the last dose counts too, where the start has one; so do days: 24 hours each.",
    )
    ongoing: Condition | None = Field(
        default=None, description="Treatment goes on where this holds: no start is too late."
    )
    partial: Literal["emergent", "not emergent"] = Field(
        default="emergent", description="A partial start that may or may not lie from the first dose on."
    )
    unknown: Literal["emergent", "not emergent"] = Field(
        default="emergent", description="A start that is missing or has no year."
    )
    earlier: Condition | None = Field(
        default=None,
        description="An event that this holds for goes on from before the first dose, as one of a group whose first "
        "event began then: it is emergent only where worsened: holds.",
    )
    worsened: Condition | None = Field(
        default=None, description="An event from before the first dose became worse on treatment where this holds."
    )

    report: bool = Field(
        default=True,
        description="false: no finding about subjects without a first dose, which another variable has.",
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "treatment_emergent", self.treatment_emergent
        if self.end is not None:
            yield "end", self.end
        yield "first_dose", self.first_dose
        yield "last_dose", self.last_dose

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        for field in ("ongoing", "earlier", "worsened"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.last_dose_time and unit_of(self.last_dose) == "days":
            yield "last_dose_time", f"last_dose_time: {self.last_dose} has no time; name a variable --DTM"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        first = words.name(self.first_dose)
        until = f"{self.days} days after {words.name(self.last_dose)}{' by its time' if self.last_dose_time else ''}"
        if self.ongoing:
            until += f" (without limit where {plain(self.ongoing, words)})"
        kinds = [k for k, choice in (("partial", self.partial), ("missing", self.unknown)) if choice == "emergent"]
        also = f", or if it is {' or '.join(kinds)} and may lie there" if kinds else ""
        sentence = f"{target} is 'Y' if {words.name(self.treatment_emergent)} lies from {first} to {until}{also}"
        if self.worsened:
            goes_on = f", or {plain(self.earlier, words)}," if self.earlier else ""
            sentence += f", or if it lies before{goes_on} and {plain(self.worsened, words)}"
        elif self.earlier:
            sentence += f", not if {plain(self.earlier, words)}"
        if self.end:
            sentence += f"; never if all that {words.name(self.end)} can mean lies before {first}"
        return f"{sentence}; missing without {first}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        start = self._moments(env, "treatment_emergent")
        first = self._moments(env, "first_dose")
        last = days_later(self._moments(env, "last_dose"), self.days)
        late = before(last, start) if self.last_dose_time else start.low > last.high
        if self.ongoing is not None:
            late &= ~env.condition(self.ongoing, "ongoing")
        treated = first.day
        env.report(
            "R2A-AE-001",
            ~treated & self.report,
            "the subject has no first dose: whether the event is treatment-emergent is not known",
            self.treatment_emergent,
        )
        unknown = ~np.isfinite(start.low)  # a text that is no date is like a missing one
        emergent = np.full(env.n, True)
        if self.partial != "emergent":
            emergent &= unknown | on_or_after(start, first)
        if self.unknown != "emergent":
            emergent &= ~unknown
        early = before(start, first)
        if self.earlier is not None:
            early |= env.condition(self.earlier, "earlier") & ~unknown
        if self.worsened is not None:
            emergent = np.where(early, env.condition(self.worsened, "worsened"), emergent)
        else:
            emergent &= ~early
        emergent &= ~late
        if self.end is not None:
            emergent &= ~before(self._moments(env, "end"), first)
        return Derived(col.join_text((emergent & treated).astype("int8"), ["", "Y"]))

    def _moments(self, env: Environment, field: str) -> Moments:
        return moments_of_column(env, getattr(self, field), field)
