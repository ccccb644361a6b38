"""Rules about times to event."""

from __future__ import annotations

from ...engine.columns import column as col
from .example import case, table
from .report import Report
from .rule import Scope, conformance

_TIMES = "USUBJID STARTDT:integer ADT:integer CNSR:integer CNSDTDSC"


@conformance(
    "R2A-CONF-019",
    "error",
    "An event or censoring is dated before the start of its period",
    source="ADaM BDS for Time-to-Event 1.0",
    do="Ask the site for the dates, or correct the rule.",
    scope=Scope.ADAM,
    passes=case(table("ADTTE", _TIMES, ("1", 100, 100, 0, ""), ("2", 100, float("nan"), 0, ""), purpose="Analysis")),
    fails=case(table("ADTTE", _TIMES, ("1", 100, 99, 0, ""), purpose="Analysis"), ("1", -1, "ADT", "99")),
)
def event_after_start(report: Report) -> None:
    """In a dataset with CNSR, ADT is not before STARTDT."""
    if report.has("CNSR") and report.is_number("ADT", "STARTDT"):
        report.records(report.numbers("ADT") < report.numbers("STARTDT"), "ADT", "ADT is before STARTDT")


@conformance(
    "R2A-CONF-020",
    "warning",
    "A censored record does not name the source of its date",
    source="ADaM BDS for Time-to-Event 1.0",
    do="Fill CNSDTDSC.",
    scope=Scope.ADAM,
    passes=case(table("ADTTE", _TIMES, ("1", 100, 101, 1, "LAST"), ("2", 100, 101, 0, ""), purpose="Analysis")),
    fails=(
        case(table("ADTTE", _TIMES, ("1", 100, 101, 1, ""), purpose="Analysis"), ("1", -1, "CNSDTDSC", "")),
        case(table("ADTTE", "USUBJID CNSR:integer", ("1", 1), purpose="Analysis"), ("", -1, "CNSDTDSC", "")),
    ),
)
def censoring_described(report: Report) -> None:
    """A censored record has CNSDTDSC."""
    if not report.is_number("CNSR"):
        return
    censored = report.numbers("CNSR") > 0
    if report.has("CNSDTDSC"):
        bare = censored & col.missing(report.frame["CNSDTDSC"])
        report.records(bare, "CNSDTDSC", "the record is censored and CNSDTDSC is empty")
    elif censored.any():
        report.whole("records are censored and CNSDTDSC is not in the dataset", "CNSDTDSC")
