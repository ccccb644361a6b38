"""Documents of define.xml."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-DOC-001", "error", "A document that study.yaml declares is missing or cannot be opened",
      "Put the file into the study folder, or into the folder that --documents names; or remove it from documents:."),
    rule("R2A-DOC-002", "warning", "A collected variable has no page of the generated annotated CRF",
      "No form has its raw columns: they are of a source without subjects, or the spec states the origin Collected. "
      "Give the variable another origin, or the source crf: {form: true}. A vendor's data have the origin Source "
      "Vendor and need no page."),
)
