"""The package for an agency: what it rejects technically."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-FDA-001", "error", "FDA would reject the package: ts.xpt or the study start date (criterion 1734)",
      "Declare trial: {summary: {SSTDTC: ...}} in study.yaml, with a complete date or a null flavour. Write "
      "sdtm/ts.yaml with rows: {trial: TS}. Build again."),
    rule("R2A-FDA-002", "error", "FDA would reject the package: dm.xpt, adsl.xpt or define.xml (criterion 1736)",
      "Write sdtm/dm.yaml and adam/adsl.yaml, and build again; id: of study.yaml is the study-id of the study tagging "
      "file."),
    rule("R2A-PMDA-001", "error", "PMDA would reject the package: a rule with the severity Reject",
      "Correct the datasets; PMDA accepts no explanation of such a finding.",
      source="PMDA, Study Data Validation Rules"),
)
