"""The typed models of ``parameters:``, times to event: population, start, events, ends of observation.

Not for deciding which date counts (adam/time_to_event/decision.py) nor for turning them into blocks
(adam/parameters.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..binding.bind import FieldMistake, Names, SpecModel
from .derivation import Condition, DerivationSpec

#: names that conditions can read beside columns: the start of the parameter, and the date of the event without an end
START, EVENT = "STARTDT", "EVENTDT"


class DatedSpec(SpecModel):
    """A date of each subject: that of the first or last record of a dataset for which a condition is true."""

    from_: str = Field(alias="from", description="Dataset with the record.")
    where: Condition | None = Field(
        default=None,
        description="Only records for which this is true. A name without a dataset is a column of the dataset, else "
        "STARTDT, EVENTDT, one of dates: or options:; DATASET.NAME is by subject.",
    )
    date: str = Field(description="Its date: a numeric date, or a --DTC text, which counts if it is complete.")
    take: Literal["first", "last"] = Field(default="last", description="Of several records the first or last by date.")
    SRCVAR: str | None = Field(default=None, description="SRCVAR, if it is not the variable of the date.")
    sequence: str | None = Field(
        default=None, description="Variable for SRCSEQ, which also orders records of one day; by default ASEQ or --SEQ."
    )
    carry_source: bool = Field(
        default=False, description="SRCDOM, SRCVAR and SRCSEQ are those of the record itself, if it has them."
    )
    CNSDTDSC: str = Field(
        default="",
        description="Description of the date: CNSDTDSC of a censored record, unless its end of observation has one.",
    )


class EntrySpec(SpecModel):
    """The common arguments of an event and an end of observation: the place of the date, and when it applies."""

    from_: str | None = Field(default=None, alias="from", description="Dataset with the record; or at:.")
    at: str | None = Field(default=None, description="One of dates:, instead of from:, where:, date: and take:.")
    where: Condition | None = Field(default=None, description="As in dates:.")
    date: str | None = Field(default=None, description="As in dates:.")
    take: Literal["first", "last"] | None = Field(
        default=None, description="Of several records the first or last by date; events: first, ends: last."
    )
    when: Condition | None = Field(
        default=None,
        description="Only subjects for which this is true. It reads ADSL, dates:, options:, STARTDT; of an end of "
        "observation also EVENTDT, the date of the event.",
    )
    SRCVAR: str | None = Field(default=None, description="As in dates:.")
    sequence: str | None = Field(default=None, description="As in dates:.")
    carry_source: bool = Field(default=False, description="As in dates:.")

    @model_validator(mode="after")
    def _one_place(self) -> EntrySpec:
        if bool(self.from_) == bool(self.at):
            raise ValueError("declare either from: with date:, or at:, one of dates:")
        if self.from_ and not self.date:
            raise ValueError("from: needs date:, the variable with the date")
        odd = [n for n in ("where", "date", "take", "SRCVAR", "sequence") if self.at and getattr(self, n) is not None]
        if odd:
            raise FieldMistake(f"{odd[0]}: is for from: only; at: names a date that has its own", odd[0])
        return self


class EventSpec(EntrySpec):
    """An event. The earliest date of all events counts; of two on one day, the event that is listed first."""

    EVNTDESC: str = Field(description="EVNTDESC: what happened.")


class CensorSpec(EntrySpec):
    """An end of observation: it counts if there is no event, or with over_event: in place of an event."""

    CNSR: int = Field(ge=1, description="CNSR, 1 or more.")
    EVNTDESC: str = Field(description="EVNTDESC: what happened, or that nothing happened.")
    CNSDTDSC: str = Field(default="", description="Description of the date; by default that of the date at: names.")
    over_event: bool = Field(
        default=False, description="It counts before any event: the first of these that applies and has a date."
    )


class TimeSpec(SpecModel):
    """The definition of a time to event, without its start."""

    population: Condition | None = Field(
        default=None, description="Subjects that have a record: a condition on ADSL, which may read dates: too."
    )
    subjects: str = Field(
        default="ADSL", description="Dataset with one record per subject, from which the records are derived."
    )
    options: dict[str, float] = Field(
        default_factory=dict, description="Numbers that conditions read by name: {GAP: 200}."
    )
    dates: dict[str, DatedSpec | tuple[DatedSpec, ...]] = Field(
        default_factory=dict,
        description="Dates of the subject that conditions, start: and at: read by name; of several the first that a "
        "subject has. A date may read the dates above it.",
    )
    events: tuple[EventSpec, ...] = Field(default=(), description="Events; ties go to the one listed first.")
    censor: tuple[CensorSpec, ...] = Field(default=(), description="Ends of observation.")
    censoring: Literal["listed", "latest"] = Field(
        default="listed",
        description="Without an event: listed takes the first listed end that applies and has a date; latest takes the "
        "one with the latest date (of two on one day the one listed first).",
    )
    unit: Literal["DAYS", "MONTHS", "HOURS"] = Field(
        default="DAYS",
        description="AVAL in days, ADT - STARTDT + 1; in months, the days divided by 30.4375; or in hours, "
        "(ADTM - STARTDTM) / 3600. HOURS gives STARTDTM and ADTM too, and the start and all dates are variables --DTM. "
        "The moments decide which date is earlier; conditions read STARTDT and dates: as days.",
    )

    @model_validator(mode="after")
    def _something(self) -> TimeSpec:
        if not {"events", "censor"} & self.model_fields_set:
            raise ValueError("events: and censor: are missing; declare one of them or both")
        return self

    def members(self, name: str) -> tuple[DatedSpec, ...]:
        """The records of one of ``dates:``, in order."""
        found = self.dates[name]
        return found if isinstance(found, tuple) else (found,)


class ParameterSpec(TimeSpec):
    """One parameter of time to event: a record per subject of its population."""

    PARAM: str = Field(description="PARAM, with the unit.")
    start: str = Field(description="STARTDT: DATASET.VARIABLE of the subject, or one of dates:.")
    each: dict[str, str] = Field(
        default_factory=dict,
        description="Key to text: one parameter for each. {ITEM} and {LABEL} in its PARAMCD, PARAM, texts, "
        "conditions and rules of variables are replaced by the key and the text.",
    )
    variables: Annotated[dict[str, DerivationSpec], Names("variable")] = Field(
        default_factory=dict, description="Rules of this parameter's records only."
    )


def filled(model: SpecModel, texts: Mapping[str, str]) -> SpecModel:
    """The same model with ``{NAME}`` replaced in its texts and those of models and rules in it."""
    changed = {name: _filled(getattr(model, name), texts) for name in type(model).model_fields}
    return model.model_copy(update=changed)


def _filled(value: object, texts: Mapping[str, str]) -> object:
    if isinstance(value, str):
        for name, text in texts.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, SpecModel):
        return filled(value, texts)
    if isinstance(value, tuple):
        return tuple(_filled(v, texts) for v in value)
    if isinstance(value, dict):
        return {k: _filled(v, texts) for k, v in value.items()}
    return value
