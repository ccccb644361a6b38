"""Coding dictionaries: terms without a code, and codes that do not fit the dictionary."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-DICT-001", "warning", "A term has no code",
      "Code it: fill in its line of reports/coding_NAME.csv, and add the line to the coding file of the dictionary."),
    rule("R2A-DICT-002", "error", "A dictionary does not have a code or text that is looked up in it",
      "Correct the code in the coding file or in the raw data; or check that it is of the declared version.",
      explains="variable"),
    rule("R2A-DICT-003", "error", "Two levels of a coded term do not agree in the dictionary",
      "Correct one of them in the coding file or in the raw data; the version of the coding may be an earlier one."),
    rule("R2A-DICT-004", "warning", "A term is coded with an entry that is not current",
      "Code the term again with a current entry of this version."),
    rule("R2A-DICT-005", "warning", "A dictionary has several texts of a level for a record: the variable is missing",
      "Add a finer level to the coding file or under at:, so that one entry remains."),
    rule("R2A-DICT-006", "warning", "An optional dictionary is absent: no code is checked, no level is added",
      "Name the folder of the dictionaries with --dictionaries before the datasets are submitted."),
    rule("R2A-DICT-007", "note", "The files of a dictionary do not state their version, so it is not checked",
      "Check that the files are of the version that study.yaml declares."),
    rule("R2A-DICT-008", "warning", "The raw data are coded with another version of the dictionary",
      "Have the term coded again with the declared version, by a row of the coding file."),
)
