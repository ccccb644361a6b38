"""Code decides by enums, ids and fields, never by a sentence that people read.

The test finds a literal text with a blank in it that code compares with, searches for, splits at or matches. What is
allowed names its reason: it is a term of a standard, the text of another library, or a word of a file format.
"""

from __future__ import annotations

from kit.source_facts import facts_of_package, nodes, prose

#: (file, text) -> why the code may look at it
ALLOWED = {
    ("adam/questionnaires/item_records.py", "NOT DONE"): "term of the codelist ND of CDISC CT",
    ("conformance/define_xml/records.py", "TRIAL DESIGN"): "observation class of SDTMIG",
    ("conformance/define_xml/records.py", "STUDY REFERENCE"): "observation class of SDTMIG",
    ("define/items.py", "Not Available"): "origin type of Define-XML",
    ("define/standards.py", "BASIC DATA STRUCTURE"): "class of ADaM in Define-XML",
    ("define/standards.py", "OCCURRENCE DATA STRUCTURE"): "class of ADaM in Define-XML",
    ("define/standards.py", "TIME TO EVENT"): "class of ADaM in Define-XML",
    ("mappings/facts/adam.py", "Row Identifier"): "group of variables of ADaMIG",
    ("mappings/facts/sdtm.py", "Findings About"): "observation class of SDTMIG",
    ("mappings/facts/sdtm.py", "[domain name]"): "place holder in the labels of SDTMIG",
    ("engine/tables/dataset.py", "one record per subject"): "structure of a dataset in SDTMIG and def:Structure",
    ("conformance/kinds/unique.py", "one record per subject"): "structure of a dataset in SDTMIG",
    ("conformance/table.py", "BASIC DATA"): "class of ADaM in Define-XML",
    ("conformance/table.py", "SUBJECT LEVEL"): "class of ADaM in Define-XML",
    ("mappings/models/cell_patterns.py", "Invalid regular expression: "): "start of a message of Arrow, shown again",
    ("mappings/models/cell_patterns.py", "Invalid regex: "): "start of a message of Arrow, shown again",
    ("mappings/yaml/syntax.py", "cannot start any token"): "PyYAML tells its errors apart by their text only",
    ("mappings/yaml/syntax.py", "while parsing a flow"): "PyYAML tells its errors apart by their text only",
    ("sources/xml_text.py", ", line "): "lxml appends the place to its message",
    ("sources/xml_text.py", "invalid char"): "libxml2 tells its errors apart by their text only",
    ("sources/xml_text.py", "excessive depth"): "libxml2 tells its errors apart by their text only",
    ("selftest/files.py", "bytes as text"): "key of the files of refusals",
    ("selftest/refusals.py", "\nraw2adam: "): "the self-test compares messages, which is what it is for",
    ("sources/delimited/blocks.py", "unexpected end of data"): "reason of Python's UnicodeDecodeError",
}


def test_code_does_not_decide_by_a_sentence():
    wrong = [f"{file}:{line}: {text!r}" for file, line, text in facts_of_package().prose if (file, text) not in ALLOWED]
    assert wrong == [], "use an enum with a label, an id or a field; a term of a standard goes into ALLOWED"


def test_every_exception_is_needed():
    assert {(file, text) for file, _, text in facts_of_package().prose} >= ALLOWED.keys()


def test_the_search_finds_each_way_to_read_a_sentence():
    source = """
if outcome == "after the cut-off": pass
if "is not here" in message: pass
if text in ("no value", "dropped"): pass
kind = text.partition(": ")[0]
kind = text.split(" of ")[0]
found = text.startswith(f"{name} is ")
match kind:
    case "not mapped": pass
fine = text.startswith("R2A-") or text == "CARRIED" or text.split(" ")
"""
    assert [t for _, t in sorted(prose(nodes(source)))] == [
        "after the cut-off", "is not here", "no value", ": ", " of ", "{} is ", "not mapped",
    ]  # fmt: skip
