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
    rule("R2A-DOC-003", "warning", "A text of the generated annotated CRF has letters that no font has",
      "Name a TrueType font with these letters at the document: font: FILE.ttf. Until then each letter is shown as its "
      "code point; the workbook of raw2adam acrf has the letters."),
    rule("R2A-DOC-004", "note", "The generated annotated CRF has fonts that are not embedded",
      "Agencies ask for embedded fonts. Name a TrueType font with the letters at the document: font: FILE.ttf."),
)
