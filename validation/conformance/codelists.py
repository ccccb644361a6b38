"""Rules that compare values with codelists: those of a variable, and those of value-level metadata.

Value-level metadata hold for the records that their where clause names. Not for other rules about a value (values.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.plan.codelists import numeric_result
from ...engine.tables.dataset import RangeCheck, ValueLevel
from ...engine.tables.range_checks import holds
from ...mappings.facts.terminology import Codelist, Term
from .example import case, table
from .report import Report
from .rule import conformance

_YES_NO = Codelist("NY", "No Yes Response", (Term("N"), Term("Y")), "C66742", False)
_SEVERITY = Codelist("AESEV", "Severity", (Term("MILD"), Term("SEVERE")), "C66769", True)
_STAGE = Codelist("STAGE", "Stages", (Term("I"), Term("II")), "", False)
_OF_STAGE = (RangeCheck("RSTESTCD", "EQ", ("ISSSTG",)),)


@conformance(
    "R2A-CONF-004",
    "error",
    "A value is not in its codelist, which is closed",
    source="SDTMIG 3.4, 4.3; CDISC CT",
    do="Map it.",
    superseded_by="R2A-CT-001",
    passes=case(table("AE", "USUBJID AESER", ("1", "Y"), ("2", ""), details={"AESER": {"codelist": _YES_NO}})),
    fails=case(
        table("AE", "USUBJID AESER", ("1", "Y"), ("2", "Yes"), details={"AESER": {"codelist": _YES_NO}}),
        ("2", -1, "AESER", "Yes"),
    ),
)
def closed_codelists(report: Report) -> None:
    """A value of a variable with a closed codelist is one of its terms."""
    for name, codelist, outside in _outside(report, extensible=False):
        report.records(outside, name, f"not a term of the closed codelist {_shown(codelist)}")


@conformance(
    "R2A-CONF-005",
    "warning",
    "A value is not in its codelist, which may be extended",
    source="SDTMIG 3.4, 4.3; CDISC CT",
    do="Map it, or extend the codelist under codelists:.",
    superseded_by="R2A-CT-001",
    passes=case(table("AE", "USUBJID AESEV", ("1", "MILD"), ("2", ""), details={"AESEV": {"codelist": _SEVERITY}})),
    fails=case(
        table("AE", "USUBJID AESEV", ("1", "MILD"), ("2", "mild"), details={"AESEV": {"codelist": _SEVERITY}}),
        ("2", -1, "AESEV", "mild"),
    ),
)
def extensible_codelists(report: Report) -> None:
    """A value of a variable with an extensible codelist is one of its terms, or the study adds it."""
    for name, codelist, outside in _outside(report, extensible=True):
        report.records(outside, name, f"not a term of the codelist {_shown(codelist)}; add it to the study's terms")


@conformance(
    "R2A-CONF-022",
    "error",
    "A value is not in the closed codelist of its value-level metadata",
    source="Define-XML 2.1, 4.5",
    do="Map the source's term to one of the codelist, or correct the values: entry of the spec.",
    passes=case(
        table("RS", "USUBJID RSTESTCD RSSTRESC", ("1", "ISSSTG", "II"), ("1", "OVRLRESP", "IV"), ("1", "ISSSTG", ""),
              values=(ValueLevel("RSSTRESC", _OF_STAGE, codelist=_STAGE),)),
    ),
    fails=case(
        table("RS", "USUBJID RSTESTCD RSSTRESC", ("1", "ISSSTG", "IV"), ("1", "OVRLRESP", "IV"),
              values=(ValueLevel("RSSTRESC", _OF_STAGE, codelist=_STAGE),)),
        ("1", -1, "RSSTRESC", "IV"),
    ),
)  # fmt: skip
def closed_value_levels(report: Report) -> None:
    """The values of the records that value-level metadata are about, against their closed codelist."""
    for variable, codelist, outside, records in _outside_value_levels(report, extensible=False):
        message = f"not a term of the closed codelist {_shown(codelist)}, where {records}"
        report.records(outside, variable, message)


_MRD = Codelist("MRD", "Residual disease", (Term("NEGATIVE"), Term("POSITIVE")), "C1", True)
_OF_MRD = (RangeCheck("RSTESTCD", "IN", ("MRDRESP", "MRDNGS")),)


@conformance(
    "R2A-CONF-023",
    "warning",
    "A value is not in the codelist of its value-level metadata",
    source="Define-XML 2.1, 4.5",
    do="Map the source's term, or add it to the codelist in study.yaml.",
    passes=case(
        table("RS", "USUBJID RSTESTCD RSSTRESC", ("1", "MRDNGS", "NEGATIVE"), ("1", "ISSSTG", "II"),
              values=(ValueLevel("RSSTRESC", _OF_MRD, codelist=_MRD),)),
    ),
    fails=case(
        table("RS", "USUBJID RSTESTCD RSSTRESC", ("1", "MRDNGS", "NOT"), ("1", "ISSSTG", "NOT"),
              values=(ValueLevel("RSSTRESC", _OF_MRD, codelist=_MRD),)),
        ("1", -1, "RSSTRESC", "NOT"),
    ),
)  # fmt: skip
def extensible_value_levels(report: Report) -> None:
    """The values of the records that value-level metadata are about, against their extensible codelist."""
    for variable, codelist, outside, records in _outside_value_levels(report, extensible=True):
        message = f"not a term of the codelist {_shown(codelist)}, where {records}; add it to the study's terms"
        report.records(outside, variable, message)


def _shown(codelist: Codelist) -> str:
    return f"{codelist.name} ({codelist.code})" if codelist.code else codelist.name


def _outside(report: Report, *, extensible: bool) -> Iterator[tuple[str, Codelist, np.ndarray]]:
    """(variable, codelist, where its value is no term) for the codelists of one kind."""
    for v in report.spec.variables:
        if v.codelist is not None and v.codelist.extensible == extensible:
            outside = outside_codelist(v.codelist, report.frame[v.name], v.name)
            if outside is not None:
                yield v.name, v.codelist, outside


def _outside_value_levels(report: Report, *, extensible: bool) -> Iterator[tuple[str, Codelist, np.ndarray, str]]:
    """(variable, codelist, where its value is no term, the where clause) for the value-level metadata of one kind."""
    for value in report.spec.values:
        if value.codelist is None or value.codelist.extensible != extensible:
            continue
        if not report.has(value.variable, *(c.variable for c in value.where)):
            continue
        outside = outside_codelist(value.codelist, report.frame[value.variable], value.variable)
        if outside is None or not outside.any():
            continue
        for check in value.where:
            outside = outside & holds(check, report.frame[check.variable])
        records = " and ".join(f"{c.variable} {c.comparator} {', '.join(c.values)}" for c in value.where)
        yield value.variable, value.codelist, outside, records


def outside_codelist(codelist: Codelist | None, column: pd.Series, variable: str) -> np.ndarray | None:
    """Where a value is no term of the codelist; None where that cannot be known. Numbers in --STRESC are no terms.

    It cannot be known without a codelist, for a dictionary (MedDRA), and for a list whose terms do not ship.
    """
    if codelist is None or not codelist.terms:
        return None
    if col.is_number(column):
        return _numbers_outside(codelist, np.asarray(column, dtype="float64"))
    codes, texts = col.split_text(column)
    outside = np.array(
        [t != "" and t not in codelist.values and not numeric_result(variable, codelist, t) for t in texts], dtype=bool
    )
    return outside[codes] if len(texts) else np.zeros(0, dtype=bool)


def _numbers_outside(codelist: Codelist, numbers: np.ndarray) -> np.ndarray:
    """Where a number is none of the terms; nowhere unless every term is the text of a number."""
    try:
        allowed = np.array([float(v) for v in codelist.values])
    except ValueError:
        return np.zeros(len(numbers), dtype=bool)
    return ~np.isnan(numbers) & ~np.isin(numbers, allowed)
