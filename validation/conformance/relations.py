"""Rules about a dataset beside others of the same subjects: DM, the parent of SUPP--, the source of ADaM."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from ...sdtm.natural_keys import sequence_name
from .example import case, table
from .report import Report
from .rule import Scope, conformance

_DM = table("DM", "USUBJID", ("1",))
_AE = table("AE", "USUBJID AESEQ:integer AETERM", ("1", 1, "fever"), ("1", 2, "rash"), domain="AE")
_LINKS = "USUBJID ASEQ:integer SRCDOM SRCVAR SRCSEQ:integer"
_SUPP = "USUBJID IDVAR IDVARVAL QNAM"


@conformance(
    "R2A-CONF-007",
    "error",
    "A subject is not in DM",
    source="SDTMIG 3.4, 5.2",
    do="Ask the site for the demography, or correct the subject's number.",
    ask="There is no demography of this subject. Please check the subject's number, or enter the demography.",
    scope=Scope.RELATED,
    passes=case(table("AE", "USUBJID", ("1",), ("",)), others=(_DM,)),
    fails=case(table("AE", "USUBJID", ("1",), ("2",)), ("2", -1, "USUBJID", "2"), others=(_DM,)),
)
def known_subjects(report: Report) -> None:
    """A filled USUBJID is one of DM. The records of SUPP-- need their parent record instead (R2A-CONF-008)."""
    name = report.dataset.name
    if report.subjects is None or name == "DM" or name.startswith("SUPP") or not report.has("USUBJID"):
        return
    known = set(col.objects(report.subjects).tolist())
    codes, texts = report.texts("USUBJID")
    unknown = np.array([t != "" and t not in known for t in texts], dtype=bool)
    if len(texts):
        report.records(unknown[codes], "USUBJID", "this subject is not in DM")


@conformance(
    "R2A-CONF-008",
    "error",
    "A supplemental qualifier has no parent record",
    source="SDTMIG 3.4, 8.4",
    do="Correct the rule.",
    scope=Scope.RELATED,
    passes=case(table("SUPPAE", _SUPP, ("1", "AESEQ", "2", "A"), ("1", "", "", "B")), others=(_AE,)),
    fails=case(
        table("SUPPAE", _SUPP, ("1", "AESEQ", "2", "A"), ("2", "AESEQ", "2", "A"), ("9", "", "", "B"),
              ("1", "AENO", "7", "C")),
        ("1", -1, "IDVAR", "AENO"),
        ("2", -1, "IDVARVAL", "2"),
        ("9", -1, "USUBJID", "9"),
        others=(_AE,),
    ),
)  # fmt: skip
def parent_records(report: Report) -> None:
    """Every record of SUPP-- has its record in the parent: by USUBJID, and by IDVARVAL where IDVAR is filled."""
    name = report.dataset.name
    parent = report.others.get(name[4:]) if name.startswith("SUPP") else None
    if parent is None:
        return
    frame, records = report.frame, parent.columns
    codes, names = report.texts("IDVAR")
    for number, variable in enumerate(names):
        here = np.flatnonzero(codes == number)
        if not len(here):
            continue
        if variable and variable not in records:
            report.records(_mask(len(report.dataset), here), "IDVAR", f"{parent.name} has no variable of this name")
            continue
        mine, theirs = [col.take(frame["USUBJID"], here)], [records["USUBJID"]]
        if variable:
            mine.append(col.take(frame["IDVARVAL"], here))
            theirs.append(col.as_text(records[variable]))
        lost = here[~_in(theirs, mine)]
        by = f"{variable} = IDVARVAL" if variable else "USUBJID"
        at = "IDVARVAL" if variable else "USUBJID"
        report.records(_mask(len(report.dataset), lost), at, f"no record of {parent.name} has this {by}")


@conformance(
    "R2A-CONF-024",
    "error",
    "SRCDOM, SRCVAR or SRCSEQ point to a missing dataset, variable or record",
    source="ADaMIG 1.3, Datapoint Traceability",
    do="Correct the rules of SRCVAR and SRCSEQ.",
    scope=Scope.RELATED,
    passes=case(
        table("ADTTE", _LINKS, ("1", 1, "AE", "AETERM", 2), ("1", 2, "", "", float("nan")), ("1", 3, "XX", "Y", 9)),
        others=(_AE,),
    ),
    fails=case(
        table("ADTTE", _LINKS, ("1", 1, "AE", "AESTDT", 2), ("1", 2, "AE", "AETERM", 3)),
        ("1", 1, "SRCVAR", "AESTDT"),
        ("1", 2, "SRCSEQ", "3"),
        others=(_AE,),
    ),
)
def source_records(report: Report) -> None:
    """SRCDOM, SRCVAR and SRCSEQ of an analysis dataset point to a variable and a record of a dataset that is there.

    A dataset that this run does not have is not judged.
    """
    if not report.has("SRCDOM", "SRCVAR", "USUBJID"):
        return
    frame = report.frame
    codes, names = report.texts("SRCDOM")
    for number, name in enumerate(names):
        other = report.others.get(str(name))
        here = codes == number
        if other is None or not here.any():
            continue
        known = set(other.metadata.names)
        if f"SUPP{name}" in report.others:
            known |= set(col.objects(report.others[f"SUPP{name}"].columns["QNAM"]))
        variables, texts = report.texts("SRCVAR")
        odd = np.array([bool(t) and t not in known for t in texts], dtype=bool)[variables] & here
        report.records(odd, "SRCVAR", f"{name} has no variable of this name")
        sequence = sequence_name(other)
        if sequence and report.has("SRCSEQ"):
            at = np.flatnonzero(here & ~col.missing(frame["SRCSEQ"]))
            theirs = [other.columns["USUBJID"], other.columns[sequence]]
            lost = at[~_in(theirs, [col.take(frame["USUBJID"], at), col.take(frame["SRCSEQ"], at)])]
            message = f"the subject has no record of {name} with this {sequence}"
            report.records(_mask(len(report.dataset), lost), "SRCSEQ", message)


def _in(theirs: list[pd.Series], mine: list[pd.Series]) -> np.ndarray:
    """Where a record of ``mine`` has the same values as a record of ``theirs``."""
    joined = record_codes([col.concat([t, m]) for t, m in zip(theirs, mine, strict=True)])
    count = len(theirs[0])
    return np.isin(joined[count:], joined[:count])


def _mask(length: int, at: np.ndarray) -> np.ndarray:
    where = np.zeros(length, dtype=bool)
    where[at] = True
    return where
