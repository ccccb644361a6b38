"""Rules about the parameters of ADaM datasets."""

from __future__ import annotations

from .example import case, table
from .report import Report
from .rule import Scope, conformance

_BDS = "BASIC DATA STRUCTURE"


@conformance(
    "R2A-CONF-017",
    "error",
    "A dataset of parameters lacks PARAMCD, PARAM or both AVAL and AVALC",
    source="ADaMIG 1.3, 3.3",
    do="Give them rules.",
    scope=Scope.ADAM,
    passes=case(
        table("ADRS", "USUBJID PARAMCD PARAM AVALC", ("1", "BOR", "Best", "CR"), purpose="Analysis",
              observation_class=_BDS),
    ),
    fails=(
        case(
            table("ADLB", "USUBJID", ("1",), purpose="Analysis", observation_class=_BDS),
            ("", -1, "AVAL", ""),
            ("", -1, "PARAM", ""),
            ("", -1, "PARAMCD", ""),
        ),
        case(
            table("ADXX", "USUBJID PARAMCD AVAL:float", ("1", "A", 1), purpose="Analysis"), ("", -1, "PARAM", "")
        ),
    ),
)  # fmt: skip
def parameter_variables(report: Report) -> None:
    """A dataset of the Basic Data Structure, or with PARAMCD, has PARAMCD, PARAM and a value."""
    if _BDS in report.spec.observation_class.upper() or report.has("PARAMCD"):
        for name in sorted({"PARAMCD", "PARAM"} - report.names):
            report.whole(f"{name} is not in the dataset", name)
        if not report.names & {"AVAL", "AVALC"}:
            report.whole("neither AVAL nor AVALC is in the dataset", "AVAL")


@conformance(
    "R2A-CONF-018",
    "error",
    "PARAM and PARAMCD are not one to one",
    source="ADaMIG 1.3, 3.3",
    do="Correct the rule of PARAM.",
    scope=Scope.ALL_SUBJECTS,
    variables=("PARAMCD", "PARAM"),
    passes=case(table("ADRS", "USUBJID PARAMCD PARAM", ("1", "BOR", "Best"), ("2", "BOR", "Best"), ("2", "", ""))),
    fails=(
        case(
            table("ADRS", "USUBJID PARAMCD PARAM", ("1", "PFS", "PFS"), ("2", "PFS", "PFS (days)")),
            ("", -1, "PARAM", "PFS"),
        ),
        case(
            table("ADRS", "USUBJID PARAMCD PARAM", ("1", "PFS", "PFS"), ("2", "PFS2", "PFS")),
            ("", -1, "PARAMCD", "PFS"),
        ),
    ),
)
def one_text_per_parameter(report: Report) -> None:
    """PARAM and PARAMCD are one to one over all subjects: a finding for each code or text that has several partners."""
    for at, by, value in ((0, "PARAMCD", "PARAM"), (1, "PARAM", "PARAMCD")):
        partners: dict[str, list[str]] = {}
        for pair in report.combinations:
            partners.setdefault(pair[at], []).append(pair[1 - at])
        for text, several in partners.items():
            if text and len(several) > 1:
                report.whole(f"{by} {text} has more than one {value}: {'; '.join(several)}", value, text)
