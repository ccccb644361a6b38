"""Rules about one value: it is there, it is not too long, and it is written as its type asks.

Not for codelists (codelists.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

from ...conformance.iso_text import TEMPORAL, is_iso
from ...engine.columns import column as col
from .example import case, table
from .report import Report, is_analysis
from .rule import conformance

MAX_BYTES = 200  # of a text: SAS XPORT version 5
_CODE = re.compile(r"[A-Z_][A-Z0-9_]{0,7}", re.ASCII | re.IGNORECASE)

#: variables that identify a record of an analysis dataset; other ADaM variables may be missing in records
NEVER_MISSING_IN_ADAM = frozenset({"STUDYID", "USUBJID", "PARAM", "PARAMCD", "ASEQ"})


@conformance(
    "R2A-CONF-001",
    "error",
    "A required variable is missing in a record",
    source="SDTMIG 3.4, 4.1.5; ADaMIG 1.3, 3",
    do="Correct the rule, or ask the site.",
    superseded_by="R2A-CT-002",
    passes=(
        case(
            table("AE", "USUBJID AETERM AESEV", ("1", "fever", ""), details={"AETERM": {"core": "Req"}}),
        ),
        # ADaMIG asks for the variable AGE, not for a value in every record
        case(table("ADSL", "USUBJID AGE:integer", ("1", float("nan")), purpose="Analysis",
                   details={"AGE": {"core": "Req"}})),
    ),
    fails=(
        case(
            table("AE", "USUBJID AESEQ:integer AETERM", ("1", 1, "fever"), ("1", 2, ""),
                  details={"AETERM": {"core": "Req"}}, domain="AE"),
            ("1", 2, "AETERM", ""),
        ),
        case(table("ADSL", "USUBJID", ("",), purpose="Analysis", details={"USUBJID": {"core": "Req"}}),
             ("", -1, "USUBJID", "")),
    ),
)  # fmt: skip
def required_values(report: Report) -> None:
    """A required variable has a value in every record; of ADaM only what identifies a record."""
    analysis = is_analysis(report.dataset)
    for v in report.spec.variables:
        # core Req of SDTMIG asks for a value in every record, of ADaMIG only for the variable (sections 4.1.1 and 3)
        if v.core == "Req" and (not analysis or v.name in NEVER_MISSING_IN_ADAM):
            report.records(col.missing(pd.Series(report.frame[v.name])), v.name, f"{v.name} is required but missing")


@conformance(
    "R2A-CONF-006",
    "error",
    "A date, time or duration is not ISO 8601",
    source="SDTMIG 3.4, 4.4",
    do="Use the rule date:.",
    passes=case(table("AE", "USUBJID AESTDTC:datetime", ("1", "2022-03"), ("1", ""), ("1", "2022-03-05T10:30"))),
    fails=case(
        table("AE", "USUBJID AESEQ:integer AESTDTC:datetime", ("1", 1, "05MAR2022"), ("1", 2, "2022-02-30"),
              ("1", 3, "2022"), domain="AE"),
        ("1", 1, "AESTDTC", "05MAR2022"),
        ("1", 2, "AESTDTC", "2022-02-30"),
    ),
)  # fmt: skip
def iso_8601(report: Report) -> None:
    """Texts of a type of date, time or duration are written in ISO 8601."""
    for v in report.character_variables():
        if v.type in TEMPORAL:
            bad = _bad(report, v.name, lambda t, kind=v.type: bool(t) and not is_iso(t, kind))
            report.records(bad, v.name, f"not an ISO 8601 {TEMPORAL[v.type]}")


@conformance(
    "R2A-CONF-010",
    "error",
    "A text is longer than 200 bytes",
    source="SDTMIG 3.4, 4.5.3; SAS XPORT version 5",
    do="Split it, or shorten it.",
    passes=case(table("CO", "USUBJID COVAL", ("1", "x" * 200), ("1", "é" * 100))),
    fails=case(
        table("CO", "USUBJID COVAL", ("1", "x" * 201), ("2", "é" * 101)),
        ("1", -1, "COVAL", "x" * 201),
        ("2", -1, "COVAL", "é" * 101),
    ),
)
def text_length(report: Report) -> None:
    """A text has at most 200 bytes."""
    for v in report.character_variables():
        long = _bad(report, v.name, lambda t: len(t.encode("utf-8", "surrogatepass")) > MAX_BYTES)
        report.records(long, v.name, f"the text is longer than {MAX_BYTES} bytes")


@conformance(
    "R2A-CONF-013",
    "error",
    "A code is not 1 to 8 letters, digits, underscores",
    source="SDTMIG 3.4, 4.2 and 8.4; ADaMIG 1.3, 3.3",
    do="Change the code.",
    passes=case(table("LB", "USUBJID LBTESTCD", ("1", "HGB"), ("1", "_IG2"), ("1", ""))),
    fails=(
        case(table("LB", "USUBJID LBTESTCD", ("1", "1ABC"), ("2", "ABCDEFGHI"), ("3", "HGB")),
             ("1", -1, "LBTESTCD", "1ABC"), ("2", -1, "LBTESTCD", "ABCDEFGHI")),
        case(table("SUPPAE", "USUBJID QNAM", ("1", "AE-NO")), ("1", -1, "QNAM", "AE-NO")),
    ),
)  # fmt: skip
def short_codes(report: Report) -> None:
    """--TESTCD, QNAM, PARAMCD and TSPARMCD can be the names of variables."""
    for v in report.character_variables():
        if v.name.endswith("TESTCD") or v.name in ("QNAM", "PARAMCD", "TSPARMCD"):
            bad = _bad(report, v.name, lambda t: bool(t) and not _CODE.fullmatch(t))
            report.records(bad, v.name, f"{v.name} is 1 to 8 letters, digits and underscores, and no digit comes first")


def _bad(report: Report, name: str, is_bad: Callable[[str], bool]) -> np.ndarray:
    """The records whose text is bad; each different text is judged one time."""
    codes, texts = report.texts(name)
    return np.array([is_bad(t) for t in texts], dtype=bool)[codes] if len(texts) else np.zeros(0, dtype=bool)
