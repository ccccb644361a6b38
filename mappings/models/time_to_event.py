"""The typed models of ``parameters:``, times to event: population, start, events, ends of observation.

Not for deciding which date counts (adam/time_to_event/decision.py) nor for making blocks of them (adam/parameters.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..binding.bind import FieldMistake, Names, SpecModel
from .derivation import Condition, DerivationSpec

#: names that conditions can read beside columns: the start of the parameter, and the date of the event that would count
START, EVENT = "STARTDT", "EVENTDT"


class DatedSpec(SpecModel):
    """A date of each subject: that of the first or last record of a dataset where a condition holds."""

    from_: str = Field(alias="from", description="Dataset with the record.")
    where: Condition | None = Field(
        default=None,
        description="Only records where this holds. A bare name is a column of the dataset, else STARTDT, EVENTDT, one "
        "of dates: or options:; DATASET.NAME is by subject.",
    )
    date: str = Field(description="Its date: a numeric date, or a --DTC text, which counts where it is complete.")
    take: Literal["first", "last"] = Field(default="last", description="Of several records the first or last by date.")
    SRCVAR: str | None = Field(default=None, description="SRCVAR, where it is not the date.")
    sequence: str | None = Field(
        default=None, description="Variable that gives SRCSEQ and ranks records of one day; by default ASEQ or --SEQ."
    )
    carry_source: bool = Field(
        default=False, description="SRCDOM, SRCVAR and SRCSEQ are those that the record itself has, where it has them."
    )
    CNSDTDSC: str = Field(default="", description="What the date is; CNSDTDSC of a censored record unless given there.")


class EntrySpec(SpecModel):
    """What an event and an end of observation have in common: where the date stands, and when it applies."""

    from_: str | None = Field(default=None, alias="from", description="Dataset with the record; or at:.")
    at: str | None = Field(default=None, description="One of dates:, instead of from:, where:, date: and take:.")
    where: Condition | None = Field(default=None, description="As in dates:.")
    date: str | None = Field(default=None, description="As in dates:.")
    take: Literal["first", "last"] | None = Field(
        default=None, description="Of several records the first or last by date; events: first, ends: last."
    )
    when: Condition | None = Field(
        default=None,
        description="Only subjects where this holds; reads ADSL, dates:, options:, STARTDT, and of an end of "
        "observation EVENTDT, the date of the event that would count.",
    )
    SRCVAR: str | None = Field(default=None, description="As in dates:.")
    sequence: str | None = Field(default=None, description="As in dates:.")
    carry_source: bool = Field(default=False, description="As in dates:.")

    @model_validator(mode="after")
    def _one_place(self) -> EntrySpec:
        if bool(self.from_) == bool(self.at):
            raise ValueError("give either from: with date:, or at:, one of dates:")
        if self.from_ and not self.date:
            raise ValueError("from: needs date:, the variable with the date")
        odd = [n for n in ("where", "date", "take", "SRCVAR", "sequence") if self.at and getattr(self, n) is not None]
        if odd:
            raise FieldMistake(f"{odd[0]}: goes with from:; what at: names has its own", odd[0])
        return self


class EventSpec(EntrySpec):
    """An event: the earliest date of all events counts, of two on one day the one that is listed first."""

    EVNTDESC: str = Field(description="What happened.")


class CensorSpec(EntrySpec):
    """An end of observation: it counts where there is no event, or with over_event: instead of it."""

    CNSR: int = Field(ge=1, description="CNSR, 1 or more.")
    EVNTDESC: str = Field(description="What happened, or that nothing did.")
    CNSDTDSC: str = Field(default="", description="What the date is; by default as at: says.")
    over_event: bool = Field(
        default=False, description="It comes before any event: the first of these that applies and has a date counts."
    )


class TimeSpec(SpecModel):
    """What makes a time to event, beside its start."""

    population: Condition | None = Field(
        default=None, description="Subjects that have a record: a condition on ADSL, which may read dates: too."
    )
    subjects: str = Field(default="ADSL", description="Dataset of one record per subject that records are made of.")
    options: dict[str, float] = Field(
        default_factory=dict, description="Numbers that conditions read by name: {GAP: 200}."
    )
    dates: dict[str, DatedSpec | tuple[DatedSpec, ...]] = Field(
        default_factory=dict,
        description="Dates of the subject that conditions, start and at: read by name; of several the first that a "
        "subject has. They may read those above them.",
    )
    events: tuple[EventSpec, ...] = Field(default=(), description="Events; ties go to the one listed first.")
    censor: tuple[CensorSpec, ...] = Field(default=(), description="Ends of observation.")
    censoring: Literal["listed", "latest"] = Field(
        default="listed",
        description="Without an event: the first listed end that applies and has a date, or the one with the latest "
        "date (of two on one day the one listed first).",
    )
    unit: Literal["DAYS", "MONTHS"] = Field(
        default="DAYS", description="AVAL in days, ADT - STARTDT + 1, or that divided by 30.4375."
    )

    @model_validator(mode="after")
    def _something(self) -> TimeSpec:
        if not {"events", "censor"} & self.model_fields_set:
            raise ValueError("give events: or censor:, or both")
        return self

    def members(self, name: str) -> tuple[DatedSpec, ...]:
        """The records that one of ``dates:`` may come from, in order."""
        found = self.dates[name]
        return found if isinstance(found, tuple) else (found,)


class ParameterSpec(TimeSpec):
    """One parameter of time to event: a record per subject of its population."""

    PARAM: str = Field(description="PARAM, with the unit.")
    start: str = Field(description="STARTDT: DATASET.VARIABLE of the subject, or one of dates:.")
    each: dict[str, str] = Field(
        default_factory=dict,
        description="The parameter once for each: {ITEM} and {LABEL} in its PARAMCD, PARAM, texts and conditions are a "
        "key and its text.",
    )
    variables: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="Rules of this parameter's records only."
    )


def filled(model: SpecModel, texts: Mapping[str, str]) -> SpecModel:
    """The same model with ``{NAME}`` replaced in all its texts, and those of models in it; rules stay."""
    changed = {name: _filled(getattr(model, name), texts) for name in type(model).model_fields}
    return model.model_copy(update=changed)


def _filled(value: object, texts: Mapping[str, str]) -> object:
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, SpecModel) and not isinstance(value, DerivationSpec):
        return filled(value, texts)
    if isinstance(value, tuple):
        return tuple(_filled(v, texts) for v in value)
    if isinstance(value, dict):
        return {k: _filled(v, texts) for k, v in value.items()}
    return value
