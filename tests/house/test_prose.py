"""Code decides by enums, ids and fields, never by a sentence that people read.

The test finds a literal text with a blank in it that code compares with, searches for, splits at or matches. What is
allowed names its reason: it is a term of a standard, the text of another library, or a word of a file format.
"""

from __future__ import annotations

from kit.source_facts import facts_of_package, read_facts

#: terms that code may compare with wherever it is -> what they are
TERMS = {
    "NOT DONE": "codelist ND of CDISC CT",
    "TRIAL DESIGN": "observation class of SDTMIG",
    "STUDY REFERENCE": "observation class of SDTMIG",
    "STUDY REFERENCES": "observation class of Define-XML",
    "SPECIAL PURPOSE": "observation class of SDTMIG",
    "FINDINGS ABOUT": "observation class of SDTMIG",
    "Special Purpose": "observation class of SDTMIG",
    "Findings About": "observation class of SDTMIG",
    "Not Available": "origin type of Define-XML",
    "ADAM OTHER": "class of ADaM in Define-XML",
    "BASIC DATA STRUCTURE": "class of ADaM in Define-XML",
    "DEVICE LEVEL ANALYSIS DATASET": "class of ADaM in Define-XML",
    "MEDICAL DEVICE BASIC DATA STRUCTURE": "class of ADaM in Define-XML",
    "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE": "class of ADaM in Define-XML",
    "OCCURRENCE DATA STRUCTURE": "class of ADaM in Define-XML",
    "REFERENCE DATA STRUCTURE": "class of ADaM in Define-XML",
    "SUBJECT LEVEL ANALYSIS DATASET": "class of ADaM in Define-XML",
    "TIME TO EVENT": "class of ADaM in Define-XML",
    "BASIC DATA": "class of ADaM in Define-XML",
    "SUBJECT LEVEL": "class of ADaM in Define-XML",
    "one record per subject": "structure of a dataset in SDTMIG and def:Structure",
    "ISO 8601 datetime or interval": "described value domain of SDTMIG",
    "ISO 8601 datetime": "described value domain of SDTMIG",
    "ISO 8601 date": "described value domain of SDTMIG",
    "ISO 8601 duration": "described value domain of SDTMIG",
    "ISO 8601 duration or interval": "described value domain of SDTMIG",
    "value list": "kind of an element of define.xml",
    "where clause": "kind of an element of define.xml",
    "Order of variables": "row of the Excel file of differences",
    "fixed in source": "decision in a file of dispositions (docs/dispositions.md)",
    "Data Type": "column of the Excel specification",
    "Significant Digits": "column of the Excel specification",
    "Key Sequence": "column of the Excel specification",
    "Expression Code": "column of the Excel specification",
    "Expression Context": "column of the Excel specification",
    "Programming Code": "column of the Excel specification",
    "Programming Context": "column of the Excel specification",
    "Comment Document": "column of the Excel specification",
    "Origin Description": "column of the Excel specification",
    "Has No Data": "column of the Excel specification",
    "Method Document": "column of the Excel specification",
    "Method Type": "column of the Excel specification",
    "Non Standard": "column of the Excel specification",
    "Reference Data": "column of the Excel specification",
}
#: (file, text) -> why the code may look at it; of a pattern, what remains without its signs
ALLOWED = {
    ("mappings/facts/adam.py", "Row Identifier"): "group of variables of ADaMIG",
    ("mappings/facts/sdtm.py", "[domain name]"): "place holder in the labels of SDTMIG",
    ("mappings/models/cell_patterns.py", "Invalid regular expression: "): "start of a message of Arrow, shown again",
    ("mappings/models/cell_patterns.py", "Invalid regex: "): "start of a message of Arrow, shown again",
    ("mappings/yaml/syntax.py", "cannot start any token"): "PyYAML tells its errors apart by their text only",
    ("mappings/yaml/syntax.py", "while parsing a flow"): "PyYAML tells its errors apart by their text only",
    (
        "mappings/yaml/syntax.py",
        "quoted scalar: found unexpected (end|document)|while scanning a simple key",
    ): "PyYAML tells its errors apart by their text only",
    ("sources/xml_text.py", ", line "): "lxml appends the place to its message",
    ("sources/xml_text.py", "invalid char"): "libxml2 tells its errors apart by their text only",
    ("sources/xml_text.py", "excessive depth"): "libxml2 tells its errors apart by their text only",
    ("selftest/files.py", "bytes as text"): "key of the files of refusals",
    ("selftest/refusals.py", "\nraw2adam: "): "the self-test compares messages, which is what it is for",
    ("sources/delimited/blocks.py", "unexpected end of data"): "reason of Python's UnicodeDecodeError",
    ("sources/redcap/dictionary.py", '"?Variable / Field Name"?(.)"?Form Name|field_name"?(.)"?form_name)'): (
        "headings of a data dictionary of REDCap"
    ),
    ("define/references.py", "(*)(*) where (*) = '(*)'"): "how Define-XML names a supplemental qualifier",
    ("engine/tables/origins.py", "(*)(*) where (+) = '(*)')?"): "how Define-XML names a predecessor",
    ("define/references.py", "(*) is (**)?)"): "verify reads the methods of any define.xml, as a reviewer does",
    ("define/standards.py", "(.+) CT (--)"): "how a package of CDISC CT is named",
    ("define/structure.py", ",? per "): "def:Structure of Define-XML: one record per subject per visit",
    ("define/structure.py", "time point"): "part of def:Structure",
    ("define/structure.py", "medical evaluator"): "part of def:Structure",
    ("sdtm/date_formats/counts.py", "(days|seconds|milliseconds) since (--)"): "a format of dates in a spec",
    ("validation/quality/run.py", "(the whole row)"): "name of all columns together, in place of a header",
    ("validation/quality/page.py", "(the whole row)"): "name of all columns together, in place of a header",
    ("validation/quality/data_docs.py", "(the whole row)"): "name of all columns together, in place of a header",
}


def test_code_does_not_decide_by_a_sentence():
    found = facts_of_package().prose
    wrong = [f"{f}:{line}: {t!r}" for f, line, t in found if t not in TERMS and (f, t) not in ALLOWED]
    assert wrong == [], "use an enum with a label, an id or a field; a term of a standard goes into TERMS"


def test_every_exception_is_needed():
    found = {(file, text) for file, _, text in facts_of_package().prose}
    assert ALLOWED.keys() - found == set()
    assert TERMS.keys() - {text for _, text in found} == set()


def test_the_search_finds_each_way_to_read_a_sentence(tmp_path):
    source = """
from .words import DROPPED, LABELS
_KEPT = "the value is kept"
_SEVERE = frozenset({"very severe", "SEVERE"})
_RANKS = {"first choice": 1}
_PATTERN = re.compile(r"has no ([A-Z]+) column\\b")
_CELL = re.compile(r"[ \\t]+[a-z]{2}")
if outcome == "after the cut-off": pass
if "is not here" in message: pass
if text in ("no value", "dropped"): pass
kind = text.partition(": ")[0]
kind = text.split(" of ")[0]
found = text.startswith(f"{name} is ")
match kind:
    case "not mapped": pass
if text == _KEPT or text in _SEVERE: pass
rank = _RANKS[text] + _RANKS.get(text, 0)
found = _PATTERN.search(text)
if text == DROPPED or LABELS[text]: pass
rows = frame["WHY"].isin(["no record"])
if text == "moved to " + name: pass
fine = text.startswith("R2A-") or text == "CARRIED" or text.split(" ") or _CELL.match(text)
"""
    (tmp_path / "__init__.py").write_text("", "utf-8")
    (tmp_path / "words.py").write_text('DROPPED = "row dropped"\nLABELS = {"all is well": 0}\n', "utf-8")
    (tmp_path / "a.py").write_text(source, "utf-8")
    found = [t for file, _, t in sorted(read_facts(tmp_path).prose, key=lambda p: p[1]) if file == "a.py"]
    assert found == [
        "after the cut-off", "is not here", "no value", ": ", " of ", "{} is ", "not mapped", "the value is kept",
        "very severe", "first choice", "first choice", "has no (+) column", "row dropped", "all is well", "no record",
        "moved to ",
    ]  # fmt: skip
