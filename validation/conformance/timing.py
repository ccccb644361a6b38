"""Rules about the order of dates."""

from __future__ import annotations

from ...engine.columns import column as col
from ...engine.columns.moments import after, moments
from .example import case, table
from .report import Report
from .rule import conformance

_NUMBER_PAIRS = (("ASTDT", "AENDT"), ("ASTDTM", "AENDTM"), ("TRTSDT", "TRTEDT"), ("TRTSDTM", "TRTEDTM"))


@conformance(
    "R2A-CONF-014",
    "warning",
    "A start is after its end",
    source="SDTMIG 3.4, 4.4",
    do="Ask the site.",
    ask="The start date is after the end date ({variable} {value}). Please check both.",
    passes=(
        case(
            table("AE", "USUBJID AESTDTC:datetime AEENDTC:datetime", ("1", "2022-03-05", "2022-03-05T10:30"),
                  ("1", "2022-03", "2022"), ("1", "", "2022-01"), ("1", "2022-03-31", "2022-03")),
        ),
        case(table("ADAE", "USUBJID ASTDT:integer AENDT:integer", ("1", 100, 100), ("1", 100, float("nan")))),
    ),
    fails=(
        case(
            table("AE", "USUBJID AESTDTC:datetime AEENDTC:datetime", ("1", "2022-03-06", "2022-03-05"),
                  ("2", "2022-04", "2022-03-31")),
            ("1", -1, "AESTDTC", "2022-03-06"),
            ("2", -1, "AESTDTC", "2022-04"),
        ),
        case(table("ADAE", "USUBJID ASTDT:integer AENDT:integer", ("1", 101, 100)), ("1", -1, "ASTDT", "101")),
    ),
)  # fmt: skip
def start_before_end(report: Report) -> None:
    """--STDTC is not after --ENDTC, nor an ADaM start after its end; a partial date counts by its possible moments."""
    pairs = [(n, n[:-5] + "ENDTC") for n in report.spec.names if n.endswith("STDTC")] + list(_NUMBER_PAIRS)
    for start, end in pairs:
        if not report.has(start, end) or report.is_number(start) != report.is_number(end):
            continue
        if col.is_number(report.frame[start]):
            late = report.numbers(start) > report.numbers(end)
        else:
            late = after(moments(report.frame[start]), moments(report.frame[end]))
        report.records(late, start, f"{start} is after {end}")
