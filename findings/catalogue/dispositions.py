"""Entries of findings.yaml beside the findings of a run."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-DISP-001", "note", "An entry of findings.yaml describes no finding of this run",
      "Remove the entry if its finding is resolved. Else correct its pattern: `raw2adam findings OUT` lists rules, "
      "datasets, variables, keys and values."),
    rule("R2A-DISP-002", "warning", "Findings remain that an entry of findings.yaml calls fixed in source",
      "The raw data of this run still have them. Ask for a new export, or change the disposition."),
)
