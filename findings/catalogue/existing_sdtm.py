"""SDTM built elsewhere, from which ADaM starts."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-GIVEN-001", "warning", "An optional domain is not given, or not made: what it would feed is missing",
      "Nothing, if the study has no such data."),
    rule("R2A-GIVEN-002", "warning note",
      "An optional variable is not given, or not made: what it would feed is missing",
      "Nothing, if there is no such data; a note where SUPP-- of the domain is there, which holds filled values only."),
    rule("R2A-GIVEN-003", "error", "A supplemental record has no parent record: its value is used nowhere",
      "Correct IDVAR, IDVARVAL or USUBJID of the record."),
    rule("R2A-GIVEN-004", "error", "A supplemental qualifier has two values for one record: neither is used",
      "Leave one of them."),
    rule("R2A-GIVEN-005", "error", "IDVAR of a supplemental record is no variable of its domain",
      "Correct IDVAR."),
    rule("R2A-GIVEN-006", "warning", "A qualifier is called like a variable of its domain: the variable counts",
      "Rename the qualifier, or remove one of the two."),
    rule("R2A-GIVEN-007", "warning", "Supplemental records are of a domain that is not given",
      "Give the domain as well."),
    rule("R2A-GIVEN-008", "error", "QNAM is no variable name: the record is used nowhere",
      "Correct QNAM: 1 to 8 capitals, digits and underscores."),
    rule("R2A-GIVEN-009", "note", "A supplemental qualifier has the same value twice for one record",
      "Remove one of them."),
    rule("R2A-GIVEN-010", "error", "USUBJID differs from one of DM by case or blanks only: the records feed nothing",
      "Write it as DM does."),
    rule("R2A-GIVEN-011", "error", "A subject is not in DM: the records feed nothing",
      "Add the subject to DM, or correct USUBJID."),
    rule("R2A-GIVEN-012", "error", "Records have no USUBJID: they feed nothing",
      "Give USUBJID."),
    rule("R2A-GIVEN-013", "warning", "STUDYID is not the study's",
      "Check that the folder is of this study."),
    rule("R2A-GIVEN-014", "warning", "A value differs from a term by case or blanks only: it is not taken for the term",
      "Write the term as the codelist, or the condition of the spec, has it."),
    rule("R2A-GIVEN-015", "warning", "Given SDTM has dates after the data cut-off; it is taken as cut already",
      "Cut the SDTM data, or correct the dates."),
    rule("R2A-GIVEN-016", "error", "The value of a numeric qualifier is no number: left missing",
      "Correct QVAL."),
    rule("R2A-GIVEN-017", "warning", "A variable that no rule reads has another type than the specs plan",
      "Nothing, unless a rule is to read it."),
    rule("R2A-GIVEN-018", "warning", "Two subjects of DM differ by case or blanks only",
      "Check whether they are one."),
)
