"""Transport files beside the rules of an agency (build --profile)."""

from __future__ import annotations

from ..rule import rule

_FDA = "FDA Study Data Technical Conformance Guide, SAS transport format"
# fmt: off
RULES = (
    rule("R2A-XPT-001", "error", "A name is reserved: by Windows for a device, or by SAS",
      "Rename the dataset or variable."),
    rule("R2A-XPT-002", "warning", "A name has another character than letters and digits",
      "Rename it; or build with another --profile.", source=_FDA),
    rule("R2A-XPT-003", "warning", "A label is empty, or has half a pair of quotation marks or brackets",
      "Give the variable another label:.", source=_FDA),
    rule("R2A-XPT-004", "error", "A variable is a number in one dataset and a text in another",
      "Give it one type in all datasets, or another name in one of them.", source="SDTMIG 3.4, 4.2; ADaMIG 1.3, 3"),
    rule("R2A-XPT-005", "warning", "A variable has several labels",
      "Give it one label: in all datasets; a copy of an SDTM variable has the label of SDTM.",
      source="ADaMIG 1.3, 3; FDA Study Data Technical Conformance Guide"),
    rule("R2A-XPT-006", "warning", "A text variable has several lengths",
      "Remove length: from its specs: raw2adam gives it one length in all datasets.", source=_FDA),
    rule("R2A-XPT-007", "warning", "A text variable is longer than its longest value in the study",
      "Remove length: from its spec; or build with another --profile.", source=_FDA),
    rule("R2A-XPT-008", "warning", "The variables of a dataset are not in the order of SDTMIG",
      "List them under variables: in the order of SDTMIG.", source="SDTMIG 3.4, 4.1.4"),
    rule("R2A-XPT-009", "note", "pandas, which CDISC CORE reads XPT with, finds another number of records in a file",
      "Name Dataset-JSON files to such a tool: build --formats xpt,json. The file itself is right."),
    rule("R2A-XPT-010", "note", "A file is larger than the agency takes: it is also split into smaller ones",
      "Copy the text into the reviewer's guide. Submit the whole file and those of split.",
      source="FDA Study Data Technical Conformance Guide, dataset size"),
    rule("R2A-XPT-011", "note", "NMPA asks for labels in Chinese",
      "Add the Chinese labels to the package, or agree on English ones with the agency."),
)
