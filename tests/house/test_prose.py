"""Code decides by enums, ids and fields, never by a sentence that people read.

The test finds a literal text with a blank in it that code compares with, searches for, splits at or matches. What is
allowed names its reason: it is a term of a standard, the text of another library, or a word of a file format.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from kit.package_files import OUTSIDE, package_files

ROOT = Path(__file__).parents[2]
#: folders that are no part of what runs at a user's site, or that write invented data
OUTSIDE_OF_PROSE = OUTSIDE | {"synth"}
METHODS = {
    "startswith", "endswith", "split", "rsplit", "partition", "rpartition", "index", "rindex", "find", "rfind",
    "removeprefix", "removesuffix", "replace", "count", "match", "search", "fullmatch", "sub", "findall",
}  # fmt: skip

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


def literal(node: ast.expr) -> Iterator[str]:
    """The literal texts of an operand; a formatted text counts with {} for its parts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for element in node.elts:
            yield from literal(element)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            v.value if isinstance(v, ast.Constant) and isinstance(v.value, str) else "{}" for v in node.values
        )


def prose(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of every literal with a blank that code compares with, searches for, splits at or matches."""
    for node in ast.walk(ast.parse(source)):
        operands: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            operands = [*node.args[:1]]
        elif isinstance(node, ast.MatchValue):
            operands = [node.value]
        for text in (t for o in operands for t in literal(o)):
            word = text.strip()
            letters = any(c.isalpha() for c in word)
            if text.endswith(": ") or (letters and (" " in word or (len(word) > 1 and word != text))):
                yield node.lineno, text


@lru_cache(maxsize=1)
def of_package() -> list[tuple[str, int, str]]:
    """(file, line, text) of every such literal of the package; the tree is read once."""
    found = []
    for path in package_files(outside=OUTSIDE_OF_PROSE):
        name = path.relative_to(ROOT).as_posix()
        found += [(name, line, text) for line, text in prose(path.read_text(encoding="utf-8"))]
    return found


def test_code_does_not_decide_by_a_sentence():
    wrong = [f"{file}:{line}: {text!r}" for file, line, text in of_package() if (file, text) not in ALLOWED]
    assert wrong == [], "use an enum with a label, an id or a field; a term of a standard goes into ALLOWED"


def test_every_exception_is_needed():
    assert {(file, text) for file, _, text in of_package()} >= ALLOWED.keys()


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
    assert [t for _, t in sorted(prose(source))] == [
        "after the cut-off", "is not here", "no value", ": ", " of ", "{} is ", "not mapped",
    ]  # fmt: skip
