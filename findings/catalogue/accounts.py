"""The outcome of every raw row, column and cell, and of every variable."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-CELL-001", "error", "A filled cell did not reach its variable, and no other finding explains why",
      "Check the rule at the line of the spec that the message names.",
      explains="variable"),
    rule("R2A-COL-001", "warning", "No spec reads a column",
      "Map it, or give the reason under not_submitted:."),
    rule("R2A-COL-002", "note", "A raw column has a name that raw2adam derives; a rule reads the column as SOURCE.NAME",
      "Nothing, if the rules mean the derived name; rename: gives the column another name."),
    rule("R2A-ROW-001", "error warning", "Rows are excluded though their topic is filled",
      "Check the condition at the line of the spec that the message names."),
    rule("R2A-ROW-002", "warning note", "No record needed some rows of a source",
      "Map the source, or give the reason under not_submitted:."),
    rule("R2A-SPEC-001", "warning", "A condition asks for a text that neither the specs nor the data can give",
      "Correct the text at the line of the spec that the message names."),
    rule("R2A-SPEC-002", "warning note", "A variable is empty in every record though it has a rule",
      "Check the rule at the line of the spec that the message names; a note where the data explain it."),
    rule("R2A-SPEC-003", "error", "The rule of a variable is to be written, so that the variable has no values",
      "Write the rule in the spec, in place of to_write:."),
    rule("R2A-SPEC-005", "warning", "SITEID is the identifier of the subject, since nothing names the site",
      "Declare siteid: under subject: of study.yaml."),
    rule("R2A-SPEC-004", "note", "A required or expected variable is not collected; the value is the reason",
      "Nothing. The reason is in define.xml and in the reviewer's guide; not_collected: of the spec has it."),
)
