"""Texts: codelists, visits, translations and the width of a variable."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-CT-001", "error warning", "A value is not in the codelist or the map of its rule; it stays as it is",
      "Add it to map: if its meaning is clear, else ask the site.",
      "'{value}' is not one of the expected answers. Please check it, and enter the intended answer.",
      asked="error"),
    rule("R2A-CT-002", "error", "A code has no decode",
      "Add it to map: of the decoded variable.",
      explains="variable"),
    rule("R2A-TEXT-001", "note", "A text is written in plain ASCII for XPT",
      "Nothing: the original stays in the lineage."),
    rule("R2A-TEXT-002", "warning", "Characters without a plain form are written as code points, [U+5E74]",
      "Have the text translated, or accept it: the original stays in the lineage."),
    rule("R2A-TEXT-003", "note", "A text of more than 200 bytes is split",
      "Nothing: the parts together are the text."),
    rule("R2A-TEXT-004", "warning", "A text of more than 200 bytes is shortened: its dataset has no place for the rest",
      "Shorten it in the spec, or put the whole text into another document."),
    rule("R2A-TEXT-005", "warning",
      "A collected text has no English in the translations of the study: it stays as it is",
      "Fill in its line of reports/translations.csv, and add the line to the file of translations: in study.yaml."),
    rule("R2A-TEXT-006", "warning",
      "Texts of several records are too long together: those that do not fit are not in the result",
      "Raise limit: of the rule, shorten the separator, or exclude records by where:."),
    rule("R2A-VISIT-001", "warning", "Not a visit of study.yaml; the text is kept in upper case",
      "Add the text to labels: of its visit, or ask the site.",
      "'{value}' is not a visit of this study. Please state which visit is meant."),
    rule("R2A-VISIT-002", "warning", "An unscheduled visit has no number: its date is none of visit_dates:",
      "Ask the site for the date, or name its source under visit_dates:.",
      "The date of the unscheduled visit is missing or incomplete. Please enter it.",
      explains="variable"),
    rule("R2A-VISIT-003", "warning",
      "A planned visit has no full date: unscheduled visits after it count from an earlier one",
      "Ask the site for the date, or exclude the row by where: of visit_dates: if the visit did not take place.",
      "The date of the visit is missing or incomplete. Please enter it."),
)
