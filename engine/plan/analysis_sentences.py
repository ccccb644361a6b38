"""The method of a statistic in sentences, for the documentation of a result in define.xml and for the page of results.

Not for its code (programs/analysis_code.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.models.analysis_groups import DisplayGroups
from ...mappings.models.statistic import StatisticSpec
from ...mappings.models.statistics import (
    AgreementSpec,
    ChangeSpec,
    CountsSpec,
    CumulativeIncidenceSpec,
    KaplanMeierSpec,
    OccurrencesSpec,
    ProportionSpec,
    RateSpec,
    ShiftSpec,
    SummarySpec,
    SwimmerSpec,
    WaterfallSpec,
)

#: how the records of the analysed dataset find their subjects
JOIN = "Each record of {} belongs to the subject of the record of {} with the same USUBJID, and has its groups."
_ROUNDING = "Numbers are rounded for display only, half away from zero."


def method_sentences(spec: StatisticSpec, groups: DisplayGroups) -> str:
    """The sentences of a statistic, with those of its population and its groups."""
    label = groups.population.label if groups.population is not None else ""
    first = [f"Population: {label}."] if label else []
    first += [f"Groups: values of {groups.columns.variable}."] if groups.columns is not None else []
    subgroups = [g.variable for g in groups.subgroups]
    first += [f"Subgroups: values of {', '.join(subgroups)}."] if subgroups and _forest(spec) else []
    return " ".join([*first, *_SENTENCES[type(spec)](spec), _ROUNDING])


def _forest(spec: StatisticSpec) -> bool:
    return isinstance(spec, ProportionSpec | KaplanMeierSpec)


def _level(spec: Any) -> str:
    return f"{100 * spec.confidence:g}%"


def _words(condition: str) -> str:
    """A condition as words; as it is written where it has a mistake."""
    try:
        return parse(condition).sentence()
    except ExpressionError:
        return condition


def _denominator(spec: CountsSpec | ProportionSpec) -> str:
    if spec.percent_of == "population":
        return "The denominator is the number of subjects of the population in the group."
    at = f" for the value of {spec.by}" if spec.by else ""
    return f"The denominator is the number of subjects in the group with a record{at}."


def _counts(spec: CountsSpec) -> list[str]:
    what = f"each value of {spec.variable}" if spec.variable else "each condition"
    within = f", for each value of {spec.by}" if spec.by else ""
    return [f"Number and percentage of subjects with a record of {what}{within}.", _denominator(spec)]


def _proportion(spec: ProportionSpec) -> list[str]:
    within = f", for each value of {spec.by}" if spec.by else ""
    return [
        f"Proportion of subjects with a record where {_words(spec.condition)}{within}.",
        _denominator(spec),
        f"The {_level(spec)} interval is the exact interval of Clopper and Pearson.",
    ]


def _summary(spec: SummarySpec) -> list[str]:
    within = f", for each value of {spec.by}" if spec.by else ""
    return [
        f"Descriptive statistics of {spec.variable}{within}.",
        "The standard deviation has the divisor n - 1. Quartiles are those of PCTLDEF=5 in SAS.",
    ]


def _kaplan_meier(spec: KaplanMeierSpec) -> list[str]:
    found = [
        f"Kaplan-Meier estimate of {spec.time}, with an event where {_words(spec.event)} and a censoring elsewhere.",
        _converted(spec.measured_in, spec.unit),
        f"The {_level(spec)} interval of a rate has Greenwood's variance and the log-log transformation. "
        "The interval of the median is that of Brookmeyer and Crowley with the same transformation.",
    ]
    if spec.follow_up:
        found.append("The follow-up is the median of the reverse Kaplan-Meier estimate.")
    return [s for s in found if s]


def _incidence(spec: CumulativeIncidenceSpec) -> list[str]:
    found = [
        f"Cumulative incidence (Aalen-Johansen) by {spec.time} of the event where {_words(spec.event)}. "
        f"A competing event is where {_words(spec.competing)}; elsewhere the time is censored.",
        _converted(spec.measured_in, spec.unit),
        f"The {_level(spec)} interval has the log-log transformation.",
    ]
    return [s for s in found if s]


def _converted(measured: str, unit: str) -> str:
    days = {"weeks": "7", "months": "30.4375", "years": "365.25", "days": "1"}
    return "" if measured == unit else f"Times in {measured} become {unit}; a {unit[:-1]} has {days[unit]} days."


def _change(spec: ChangeSpec) -> list[str]:
    return [
        f"Mean of {spec.value} and of {spec.change} for each value of {spec.visit}, "
        f"with the {_level(spec)} interval of Student's t distribution."
    ]


def _occurrences(spec: OccurrencesSpec) -> list[str]:
    found = [
        f"Number and percentage of subjects with at least one record of each {' and '.join(spec.terms)}"
        + (", and the number of records." if spec.events else "."),
        "The denominator is the number of subjects of the population in the group.",
    ]
    found += [f"A subject counts in the worst {spec.grade} of the term."] if spec.grade else []
    found += [f"Terms of less than {spec.at_least:g}% in every group are not shown."] if spec.at_least else []
    return found


def _rate(spec: RateSpec) -> list[str]:
    return [
        f"Number of records for each {spec.per:g} {spec.unit} of exposure; the exposure is the sum of {spec.exposure}.",
        f"The {_level(spec)} interval is the exact interval of a Poisson count.",
    ]


def _agreement(spec: AgreementSpec) -> list[str]:
    pairs = f"records with equal {', '.join(spec.keys)} and the parameter {spec.other}" if spec.other else "record"
    weights = "" if spec.weights == "none" else f" with {spec.weights} weights"
    return [
        f"Table of {spec.first} and {spec.second} of each {pairs}, and Cohen's kappa{weights}.",
        f"The {_level(spec)} interval has the standard error of Fleiss, Cohen and Everitt.",
    ]


def _shift(spec: ShiftSpec) -> list[str]:
    return [f"Number and percentage of subjects by {spec.first} and {spec.second}."]


def _swimmer(spec: SwimmerSpec) -> list[str]:
    return [f"A line for each subject from {spec.start} to {spec.end}, the longest first."]


def _waterfall(spec: WaterfallSpec) -> list[str]:
    return [f"The {spec.best} value of {spec.value} of each subject."]


_SENTENCES: dict[type[StatisticSpec], Callable[[Any], list[str]]] = {
    CountsSpec: _counts,
    ProportionSpec: _proportion,
    SummarySpec: _summary,
    KaplanMeierSpec: _kaplan_meier,
    CumulativeIncidenceSpec: _incidence,
    ChangeSpec: _change,
    OccurrencesSpec: _occurrences,
    RateSpec: _rate,
    AgreementSpec: _agreement,
    ShiftSpec: _shift,
    SwimmerSpec: _swimmer,
    WaterfallSpec: _waterfall,
}
