"""The files that raw2adam check reads, and the reports of another checker."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-FILE-001", "error", "A file cannot be read, and its records are not checked",
      "Write or copy the file again; where its text is not UTF-8, name --encoding."),
    rule("R2A-FILE-002", "error", "Two files of one format contain the same dataset, and one of them is checked",
      "Remove one of the files."),
    rule("R2A-FILE-003", "note", "Datasets are there in several formats, and one of them is checked",
      "raw2adam verify compares the formats of a build, raw2adam diff those of any two folders."),
    rule("R2A-FILE-004", "warning", "SDTM and ADaM datasets are in one folder",
      "Put them into two folders, each with its define.xml.",
      source="FDA Study Data Technical Conformance Guide, folders of study data"),
    rule("R2A-FILE-005", "error", "define.xml cannot be read, and the datasets are checked without it",
      "Correct it, or name another one with --define."),
    rule("R2A-CORE-001", "error", "CDISC CORE did not report, and the rest of the check is complete",
      "Correct --core, and run the check again."),
    rule("CORE-", "warning", "CDISC CORE reports an issue that no rule of raw2adam has",
      "Read the rule of this id in CORE.", source="CDISC CORE"),
)
