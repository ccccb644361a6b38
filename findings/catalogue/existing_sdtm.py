"""Existing SDTM, from which ADaM starts."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-GIVEN-001", "warning", "An optional domain is not in the SDTM: the values derived from it are missing",
      "Nothing, if the study has no such data."),
    rule("R2A-GIVEN-002", "warning note",
      "An optional variable is not in the SDTM: the values derived from it are missing",
      "Nothing, if there are no such data. It is a note where the domain has SUPP--, which holds filled values only."),
    rule("R2A-GIVEN-003", "error", "A supplemental record has no parent record: its value is not used",
      "Correct IDVAR, IDVARVAL or USUBJID of the record."),
    rule("R2A-GIVEN-004", "error", "A supplemental qualifier has two values for one record: neither is used",
      "Keep only the right one."),
    rule("R2A-GIVEN-005", "error", "IDVAR of a supplemental record is no variable of its domain",
      "Correct IDVAR."),
    rule("R2A-GIVEN-006", "warning", "A qualifier has the name of a variable of its domain: the variable is used",
      "Rename the qualifier, or remove one of the two."),
    rule("R2A-GIVEN-007", "warning", "Supplemental records are of a domain that is not in the folder",
      "Add the domain to the folder."),
    rule("R2A-GIVEN-008", "error", "QNAM is no variable name: the record is not used",
      "Correct QNAM: 1 to 8 capitals, digits and underscores."),
    rule("R2A-GIVEN-009", "note", "A supplemental qualifier has the same value twice for one record",
      "Remove one of them."),
    rule("R2A-GIVEN-010", "error", "USUBJID differs from one of DM by case or blanks only: the records are not used",
      "Write it as DM does."),
    rule("R2A-GIVEN-011", "error", "A subject is not in DM: the records are not used",
      "Add the subject to DM, or correct USUBJID."),
    rule("R2A-GIVEN-012", "error", "Records have no USUBJID: they are not used",
      "Fill USUBJID."),
    rule("R2A-GIVEN-013", "warning", "STUDYID is not the id of the study",
      "Check that the folder is of this study."),
    rule("R2A-GIVEN-014", "warning", "A value differs from a term by case or blanks only: it is not read as the term",
      "Write the term as the codelist, or the condition of the spec, has it."),
    rule("R2A-GIVEN-015", "warning", "Existing SDTM has dates after the data cut-off; raw2adam does not cut it",
      "Cut the SDTM data, or correct the dates."),
    rule("R2A-GIVEN-016", "error", "The value of a numeric qualifier is no number: the value is missing",
      "Correct QVAL."),
    rule("R2A-GIVEN-017", "warning", "A variable that no rule reads has another type than in the specs",
      "Nothing, unless a rule is to read it."),
    rule("R2A-GIVEN-018", "warning", "Two subjects of DM differ by case or blanks only",
      "Check whether they are one subject."),
    rule("R2A-GIVEN-019", "warning", "define.xml of the existing SDTM cannot be read: copies lack its codelists",
      "Correct define.xml, or remove it from the folder."),
)
