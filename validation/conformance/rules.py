"""The conformance rules of raw2adam: a stable id, a severity, what each checks and where that is written.

Not for applying them (check.py) and not the published rule sets of CDISC or an agency: the ids are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset
from ...findings.table import Findings


@dataclass(frozen=True)
class ConformanceRule:
    """One rule. ``source``: the document and section that the rule follows."""

    id: str
    severity: str
    checks: str
    source: str


_TABLE = (
    ("001", "error", "A required variable is missing in a record", "SDTMIG 3.4, 4.1.5; ADaMIG 1.3, 3"),
    ("002", "error", "A required variable is not in the dataset", "SDTMIG 3.4, 4.1.5; ADaMIG 1.3, 3"),
    ("003", "error", "A record repeats the keys of another one", "SDTMIG 3.4, 3.2.1; Define-XML 2.1, KeySequence"),
    ("004", "error", "A value is not in its codelist, which is closed", "SDTMIG 3.4, 4.3; CDISC CT"),
    ("005", "warning", "A value is not in its codelist, which may be extended", "SDTMIG 3.4, 4.3; CDISC CT"),
    ("006", "error", "A date, time or duration is not ISO 8601", "SDTMIG 3.4, 4.4"),
    ("007", "error", "A subject is not in DM", "SDTMIG 3.4, 5.2"),
    ("008", "error", "A supplemental qualifier has no parent record", "SDTMIG 3.4, 8.4"),
    ("009", "error", "A subject has more than one record where one is allowed", "SDTMIG 3.4, 5.2; ADaMIG 1.3, 3.2"),
    ("010", "error", "A text is longer than 200 bytes", "SDTMIG 3.4, 4.5.3; SAS XPORT version 5"),
    ("011", "error", "The name of a variable or dataset cannot be used", "SAS XPORT version 5; SDTMIG 3.4, 4.2"),
    ("012", "error", "A label is longer than 40 bytes", "SAS XPORT version 5"),
    ("013", "error", "A code is not 1 to 8 letters, digits, underscores", "SDTMIG 3.4, 4.2 and 8.4; ADaMIG 1.3, 3.3"),
    ("014", "warning", "A start is after its end", "SDTMIG 3.4, 4.4"),
    ("015", "error", "A sequence number repeats within a subject", "SDTM 2.0, Identifiers (--SEQ)"),
    ("016", "error", "STUDYID is not the same in all records", "SDTM 2.0, Identifiers (STUDYID)"),
    ("017", "error", "A dataset of parameters lacks PARAMCD, PARAM or both AVAL and AVALC", "ADaMIG 1.3, 3.3"),
    ("018", "error", "PARAM and PARAMCD are not one to one", "ADaMIG 1.3, 3.3"),
    ("019", "error", "An event or censoring is dated before the start of its period", "ADaM BDS for Time-to-Event 1.0"),
    ("020", "warning", "A censored record does not say how its date was chosen", "ADaM BDS for Time-to-Event 1.0"),
    ("021", "error", "DOMAIN is not the domain of its dataset", "SDTM 2.0, Identifiers (DOMAIN)"),
    ("022", "error", "A value is not in the closed codelist of its value-level metadata", "Define-XML 2.1, 4.5"),
    ("023", "warning", "A value is not in the codelist of its value-level metadata", "Define-XML 2.1, 4.5"),
    ("024", "error", "SRCDOM, SRCVAR or SRCSEQ point to what is not there", "ADaMIG 1.3, Datapoint Traceability"),
)  # fmt: skip

#: id -> rule, in order
RULES: dict[str, ConformanceRule] = {
    f"R2A-CONF-{number}": ConformanceRule(f"R2A-CONF-{number}", severity, checks, source)
    for number, severity, checks, source in _TABLE
}


def sequence_name(dataset: Dataset) -> str:
    """The variable that numbers the records of a subject (AESEQ, ASEQ); '' where the dataset has none."""
    names = set(dataset.spec.names)
    for name in (f"{dataset.spec.domain}SEQ", f"{dataset.name[:2]}SEQ", "ASEQ"):
        if len(name) > 3 and name in names:
            return name
    return ""


class Report:
    """Adds findings about records of one dataset: subject and sequence are read at the records, once."""

    def __init__(self, dataset: Dataset, findings: Findings) -> None:
        self.dataset = dataset
        self.findings = findings
        self._sequence = sequence_name(dataset)

    def records(self, rule: str, where: np.ndarray, variable: str, message: str) -> None:
        """One finding per record of the mask ``where``; the value is the record's own in ``variable``, if it has it."""
        at = np.flatnonzero(where)
        if not len(at):
            return
        frame: Any = self.dataset.frame
        subject: object = col.objects(col.take(frame["USUBJID"], at)) if "USUBJID" in frame else ""
        sequence: object = -1
        if self._sequence and col.is_number(frame[self._sequence]):
            numbers = np.asarray(frame[self._sequence], dtype="float64")[at]
            whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53)
            sequence = np.where(whole, np.where(whole, numbers, 0), -1).astype("int64")
        value: object = col.objects(col.take(frame[variable], at)) if variable in frame else ""
        message_of = np.full(len(at), message, dtype=object)
        self.findings.add(
            f"R2A-CONF-{rule}", message_of, dataset=self.dataset.name,
            subject=subject, sequence=sequence, variable=variable, value=value,
        )  # fmt: skip

    def whole(self, rule: str, message: str, variable: str = "", value: str = "") -> None:
        """One finding about the dataset itself."""
        self.findings.add(
            f"R2A-CONF-{rule}", message, dataset=self.dataset.name,
            variable=variable, value=value,
        )  # fmt: skip
