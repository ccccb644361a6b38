"""The statistics of results: one model for each verb that a result of analyses/*.yaml can have.

A statistic reads the records of the result's first dataset. Every argument is a field with a description, from which
the JSON Schema and the reference page are generated. Not for computing (analyses/).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator, model_validator

from ..binding.bind import FieldMistake, SpecModel
from .statistic import Condition, StatisticSpec, TimeUnit

SUMMARY = ("n", "missing", "mean", "sd", "median", "quartiles", "range")

_CONFIDENCE = "Confidence level of the intervals."
_DECIMALS = "Decimals of minimum and maximum; mean, standard deviation, median and quartiles have one more."


class _Confident(StatisticSpec):
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description=_CONFIDENCE)


class _ByVisit(StatisticSpec):
    by: str = Field(default="", description="Variable whose values each have their rows, as AVISIT.")
    by_order: str | tuple[str, ...] = Field(
        default=(), description="The values of by: in order, or the numeric variable that orders them, as AVISITN."
    )

    @model_validator(mode="after")
    def _ordered_values(self) -> _ByVisit:
        if self.by_order and not self.by:
            raise FieldMistake("by_order: needs by:, the variable whose values it orders", "by_order")
        return self


_PERCENT_OF = (
    "The denominator: population, all subjects of the column; records, its subjects with a record of the result (with "
    "by:, a record of the value of by:)."
)


class CountsSpec(_ByVisit):
    """Subjects by category, as n (%): by the values of a variable, or by conditions.

    A subject counts one time in each category of which it has a record.
    """

    verb = "counts"
    name_fields = ("variable", "by")
    condition_fields = ("conditions",)
    variable: str = Field(default="", description="The variable whose values are the categories.")
    conditions: dict[str, Condition] = Field(
        default={}, description="Label of a row to the condition on the records that it counts."
    )
    order: str | tuple[str, ...] = Field(
        default=(),
        description="The categories in order, or a numeric variable that orders them. By default the variable with N "
        "at the end of its name, else alphabetical. A listed category has a row, also without subjects.",
    )
    labels: dict[str, str] = Field(default={}, description="Value to the text that readers see.")
    missing: str = Field(
        default="Missing",
        description="Label of the row of subjects without a category, which is shown if there are any; '' for no row.",
    )
    percent_of: Literal["population", "records"] = Field(default="population", description=_PERCENT_OF)

    @model_validator(mode="after")
    def _categories(self) -> CountsSpec:
        if bool(self.variable) == bool(self.conditions):
            raise FieldMistake("counts: has either variable:, or conditions:", "variable")
        if self.conditions and (self.order or self.labels):
            raise FieldMistake("conditions: are in their order and have their labels", "order")
        return self

    def variables(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield from super().variables()
        if isinstance(self.order, str) and self.order:
            yield ("order",), self.order


class ProportionSpec(_Confident, _ByVisit):
    """Proportion of subjects with a record where a condition holds, with its exact interval (Clopper and Pearson)."""

    verb = "proportion"
    name_fields = ("by",)
    condition_fields = ("condition",)
    condition: Condition = Field(description="Where it holds on a record, its subject counts: AVALC == 'Y'.")
    label: str = Field(default="Subjects", description="What the numerator is: Responders.")
    percent_of: Literal["population", "records"] = Field(default="population", description=_PERCENT_OF)


class SummarySpec(_ByVisit):
    """Number, mean, standard deviation, median, quartiles, range and missing values of a numeric variable.

    Every record of the result is a value; missing counts the subjects of the column without one.
    """

    verb = "summary"
    name_fields = ("variable", "by")
    number_fields = ("variable",)
    variable: str = Field(description="The numeric variable.")
    statistics: tuple[Literal["n", "missing", "mean", "sd", "median", "quartiles", "range"], ...] = Field(
        default=SUMMARY, description="The statistics in order; mean and sd after each other share a row."
    )
    decimals: int = Field(default=0, ge=0, le=8, description=_DECIMALS)


class _Timed(_Confident):
    time: str = Field(default="AVAL", description="The variable with the time; a record has one subject's time.")
    event: Condition = Field(default="CNSR == 0", description="Where it holds, the time ends with the event.")
    measured_in: TimeUnit = Field(default="days", description="The unit of time:.")
    unit: TimeUnit = Field(
        default="months", description="The unit of the results; a month has 30.4375 days, a year 365.25 days."
    )
    landmarks: tuple[float, ...] = Field(
        default=(), description="Times, in the unit of the results, at which the estimate is shown."
    )
    ticks: float = Field(default=0, ge=0, description="Distance of the numbers at risk; by default chosen by the data.")
    decimals: int = Field(default=1, ge=0, le=8, description="Decimals of times and percentages.")
    name_fields = ("time",)
    number_fields = ("time",)
    condition_fields = ("event",)

    @field_validator("landmarks")
    @classmethod
    def _rising(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(v <= 0 for v in value) or any(a >= b for a, b in pairwise(value)):
            raise ValueError("landmarks are positive and rise")
        return value


class KaplanMeierSpec(_Timed):
    """Kaplan-Meier estimate: subjects, events, median and quartiles, and the rates at landmarks, with intervals.

    Rates have the log-log interval of Greenwood's variance, median and quartiles that of Brookmeyer and Crowley.
    """

    verb = "kaplan_meier"
    quartiles: bool = Field(default=True, description="Whether the quartiles are shown beside the median.")
    follow_up: bool = Field(
        default=False, description="Whether the median follow-up is shown: the reverse Kaplan-Meier estimate."
    )


class CumulativeIncidenceSpec(_Timed):
    """Cumulative incidence of an event with a competing event (Aalen and Johansen), at landmarks."""

    verb = "cumulative_incidence"
    condition_fields = ("event", "competing")
    competing: Condition = Field(description="Where it holds, the time ends with the competing event.")


class ChangeSpec(_Confident):
    """Means by visit of a value and of its change from baseline, with intervals of Student's t."""

    verb = "change"
    name_fields = ("value", "change", "visit", "order")
    number_fields = ("value", "change", "order")
    value: str = Field(default="AVAL", description="The numeric variable.")
    change: str = Field(default="CHG", description="Its change from baseline.")
    visit: str = Field(default="AVISIT", description="The variable with the visit.")
    order: str = Field(default="AVISITN", description="The numeric variable that orders the visits.")
    decimals: int = Field(default=1, ge=0, le=8, description="Decimals of means and intervals.")
    figure_of: Literal["value", "change"] = Field(default="change", description="What the curves show.")
    at_least: int = Field(default=1, ge=1, description="Subjects that a visit needs in some column to have its row.")


class OccurrencesSpec(StatisticSpec):
    """Subjects with an event and numbers of events, by nested terms: system organ class, preferred term."""

    verb = "occurrences"
    name_fields = ("terms", "grade")
    terms: tuple[str, ...] = Field(default=("AEBODSYS", "AEDECOD"), description="The variables, the widest first.")
    any_label: str = Field(
        default="Any event", description="Label of the first row, of all events; '' for no such row."
    )
    grade: str = Field(
        default="", description="Variable with the grade: each subject counts in the worst grade of the term."
    )
    grade_order: tuple[str, ...] = Field(default=(), description="The grades from mild to severe, each with a row.")
    sort: Literal["frequency", "alphabetical"] = Field(
        default="frequency",
        description="frequency: terms with more subjects in all columns together first, equal ones alphabetical.",
    )
    at_least: float = Field(
        default=0, ge=0, le=100, description="Percentage of subjects that a term needs in some column to have a row."
    )
    events: bool = Field(default=True, description="Whether the cells have the number of events too.")

    @model_validator(mode="after")
    def _has_terms(self) -> OccurrencesSpec:
        if not self.terms or len(set(self.terms)) < len(self.terms):
            raise FieldMistake("terms: has one or more variables, each one time", "terms")
        if bool(self.grade) != bool(self.grade_order):
            raise FieldMistake("grade: and grade_order: need each other", "grade" if self.grade else "grade_order")
        return self


class RateSpec(_Confident):
    """Events per time of exposure, with the exact interval of a Poisson count."""

    verb = "rate"
    subject_fields = ("exposure",)
    exposure: str = Field(description="Numeric variable of the population's dataset: the time of each subject.")
    measured_in: TimeUnit = Field(default="days", description="The unit of exposure:.")
    unit: TimeUnit = Field(default="years", description="The unit of the denominator.")
    per: float = Field(default=100, gt=0, description="The rate is for so many units of exposure: 100 years.")
    decimals: int = Field(default=1, ge=0, le=8, description="Decimals of rates.")


class AgreementSpec(_Confident):
    """Records by two categories, with the observed agreement and kappa.

    Both categories are of one record; or the second one is of a record of another parameter, of the same subject and
    with equal keys. A record without a partner, or without one of the categories, is not counted.
    """

    verb = "agreement"
    name_fields = ("first", "second")
    first: str = Field(description="Variable with the category of one assessment.")
    second: str = Field(description="Variable with the category of the other assessment.")
    other: str = Field(default="", description="PARAMCD of the records with second:, where they are other records.")
    keys: tuple[str, ...] = Field(default=(), description="Variables that are equal in both records, as ADT.")
    order: tuple[str, ...] = Field(
        description="The categories of both, in order. Of several partners the one with the last category counts."
    )
    labels: tuple[str, str] = Field(default=("First", "Second"), description="Names of the two assessments.")
    weights: Literal["none", "linear", "quadratic"] = Field(default="none", description="Weights of disagreement.")
    decimals: int = Field(default=2, ge=0, le=8, description="Decimals of kappa.")

    @model_validator(mode="after")
    def _partners(self) -> AgreementSpec:
        if bool(self.other) != bool(self.keys):
            raise FieldMistake("other: and keys: need each other", "other" if self.other else "keys")
        return self


class ShiftSpec(StatisticSpec):
    """Subjects by a category at baseline and a category after it."""

    verb = "shift"
    name_fields = ("first", "second")
    first: str = Field(description="Variable with the category at baseline.")
    second: str = Field(description="Variable with the later category.")
    order: tuple[str, ...] = Field(description="The categories of both, in order.")
    missing: str = Field(default="Missing", description="Label of a missing category.")


class MarkSpec(SpecModel):
    """Marks of a swimmer plot: a day of each record where the condition holds."""

    label: str = Field(description="What the mark means.")
    dataset: str = Field(description="The dataset with the records.")
    where: Condition | None = Field(default=None, description="The records.")
    date: str = Field(description="Numeric date of the mark, as ADT.")


class SwimmerSpec(StatisticSpec):
    """A line for each subject, from the first dose to the end, with marks."""

    verb = "swimmer"
    subject_fields = ("start", "end")
    start: str = Field(default="TRTSDT", description="Numeric date of the population's dataset at which lines start.")
    end: str = Field(default="TRTEDT", description="Numeric date at which lines end.")
    ongoing: Condition | None = Field(
        default=None, description="Condition on the population's dataset: the line goes on, as an arrow."
    )
    label: str = Field(default="On treatment", description="What a line shows.")
    unit: TimeUnit = Field(default="months", description="The unit of time.")
    marks: tuple[MarkSpec, ...] = Field(default=(), description="The marks on the lines.")
    limit: int = Field(default=60, ge=1, description="The longest lines that are drawn; a note counts the others.")


class WaterfallSpec(StatisticSpec):
    """A bar for each subject: its best value, from high to low."""

    verb = "waterfall"
    name_fields = ("value", "kind")
    number_fields = ("value",)
    value: str = Field(default="PCHG", description="The numeric variable.")
    unit: str = Field(default="%", description="Unit of the variable, for the axis.")
    best: Literal["lowest", "highest"] = Field(default="lowest", description="Which of a subject's values is the best.")
    kind: str = Field(default="", description="Variable that colours the bars, as the best response, of any record.")


#: verb -> model
STATISTICS: dict[str, type[StatisticSpec]] = {
    s.verb: s
    for s in (
        CountsSpec, ProportionSpec, SummarySpec, KaplanMeierSpec, CumulativeIncidenceSpec, ChangeSpec,
        OccurrencesSpec, RateSpec, AgreementSpec, ShiftSpec, SwimmerSpec, WaterfallSpec,
    )
}  # fmt: skip
