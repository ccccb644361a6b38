"""Visits and epochs of study.yaml: the planned visits, the dates that show them, and the epochs with what begins them.

Not for the elements of the trial design (trial.py).
"""

from __future__ import annotations

from pydantic import Field, model_validator

from ..binding.bind import SpecModel
from .derivation import Condition


class VisitSpec(SpecModel):
    """One visit; with unscheduled: true, all visits between the planned ones."""

    num: float | None = Field(default=None, description="VISITNUM; none for unscheduled visits, which follow a visit.")
    labels: tuple[str, ...] = Field(
        default=(), description="Texts of the raw data that mean this visit, besides its name."
    )
    day: int | None = Field(default=None, description="VISITDY, the planned study day.")
    starts: str = Field(
        default="", description="TVSTRL, the rule by which a planned visit starts; a visit with it is a record of TV."
    )
    ends: str = Field(default="", description="TVENRL, the rule by which it ends.")
    unscheduled: bool = Field(
        default=False, description="Numbered n.01, n.02 by date after the subject's visit n; needs visit_dates:."
    )

    @model_validator(mode="after")
    def _numbered(self) -> VisitSpec:
        if (self.num is None) != self.unscheduled:
            raise ValueError("a visit has num:, or is unscheduled: true")
        if self.unscheduled and (self.starts or self.day is not None):
            raise ValueError("an unscheduled visit has neither day: nor starts:, which planned visits have")
        return self


class VisitDatesSpec(SpecModel):
    """The source of a subject's visits and their dates, so that a visit has one number in every dataset."""

    source: str = Field(description="Raw source.")
    visit: str = Field(description="Column with the visit.")
    date: str = Field(description="Column with its date.")
    where: Condition | None = Field(default=None, description="Only rows for which this is true.")


class ReachedSpec(SpecModel):
    """A record that a subject must have to reach an epoch."""

    from_: str = Field(alias="from", description="Dataset with the record.")
    where: Condition | None = Field(default=None, description="Only records for which this is true.")


class EpochSpec(SpecModel):
    """One epoch: it lasts from start (inclusive) to the start of the next one.

    A date before the first start has no epoch. A date after the end that trial: names has none either. If a later
    epoch starts before an epoch does, the subject does not have that epoch: a subject treated before consent has no
    screening.
    """

    start: str | tuple[str, ...] | None = Field(
        default=None,
        description="DM variable with its first day, or several: the first filled one counts. Omit it for a first "
        "epoch without a beginning.",
    )
    after: bool = Field(default=False, description="The epoch starts the day after.")
    reached: ReachedSpec | None = Field(
        default=None, description="Only subjects with such a record reach the epoch, for example the end of treatment."
    )
