"""Rules about a dataset without its values: the names, the labels and the variables that must be there."""

from __future__ import annotations

import re

from ...mappings.facts import facts
from .example import case, table
from .report import Report
from .rule import Scope, conformance

MAX_LABEL = 40  # bytes: SAS XPORT version 5
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,7}", re.ASCII)


@conformance(
    "R2A-CONF-002",
    "error",
    "A required variable is not in the dataset",
    source="SDTMIG 3.4, 4.1.5; ADaMIG 1.3, 3",
    do="Give it a rule.",
    scope=Scope.SDTM,
    passes=case(
        table("AE", "STUDYID DOMAIN USUBJID AESEQ:integer AETERM AEDECOD", ("S", "AE", "1", 1, "fever", "Pyrexia"))
    ),
    fails=case(
        table("AE", "STUDYID DOMAIN USUBJID AESEQ:integer AETERM", ("S", "AE", "1", 1, "fever")),
        ("", -1, "AEDECOD", ""),
    ),
)
def required_variables(report: Report) -> None:
    """The variables of core Req are in a dataset of SDTM."""
    known = facts.sdtm_dataset(report.dataset.name)
    for fact in known.variables if known is not None else ():
        if fact.core == "Req" and not report.has(fact.name):
            report.whole(f"{fact.name} ({fact.label}) is required and not in the dataset", fact.name)


@conformance(
    "R2A-CONF-011",
    "error",
    "The name of a variable or dataset cannot be used",
    source="SAS XPORT version 5; SDTMIG 3.4, 4.2",
    do="Rename it.",
    passes=case(table("XX", "XXTESTCD", ("A",))),
    fails=(
        case(table("XX", "XXTESTCDX", ("A",)), ("", -1, "XXTESTCDX", "")),
        case(table("1X", "XXTESTCD", ("A",)), ("", -1, "", "")),
    ),
)
def names(report: Report) -> None:
    """Names are 1 to 8 capitals, digits and underscores, and begin with a capital."""
    spec = report.spec
    if not _NAME.fullmatch(spec.name):
        report.whole(f"the dataset name '{spec.name}' is not 1 to 8 capitals, digits and underscores")
    for v in spec.variables:
        if not _NAME.fullmatch(v.name):
            report.whole(f"the variable name '{v.name}' is not 1 to 8 capitals, digits and underscores", v.name)


@conformance(
    "R2A-CONF-012",
    "error",
    "A label is longer than 40 bytes",
    source="SAS XPORT version 5",
    do="Shorten it.",
    passes=case(table("XX", "XXTEST", ("A",), label="x" * 40, details={"XXTEST": {"label": "é" * 20}})),
    fails=(
        case(table("XX", "XXTEST", ("A",), label="x" * 41), ("", -1, "", "x" * 41)),
        case(
            table("XX", "XXTEST", ("A",), details={"XXTEST": {"label": "é" * 21}}),
            ("", -1, "XXTEST", "é" * 21),
        ),
    ),
)
def labels(report: Report) -> None:
    """The label of a dataset or variable has at most 40 bytes."""
    spec = report.spec
    size = len(spec.label.encode())
    if size > MAX_LABEL:
        report.whole(f"the dataset label has {size} bytes, at most {MAX_LABEL} are allowed", value=spec.label)
    for v in spec.variables:
        size = len(v.label.encode())
        if size > MAX_LABEL:
            report.whole(f"the label has {size} bytes, at most {MAX_LABEL} are allowed", v.name, v.label)
