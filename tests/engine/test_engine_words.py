"""The engine names no dataset or variable of SDTM or ADaM: it asks the standards, which register their answers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import raw2adam.runs.plan_study  # noqa: F401 - registers both standards
from raw2adam.engine.standard import number_formats, standard_names, standard_of, tabulation

ENGINE = Path(__file__).parents[2] / "engine"
#: names of datasets, of classes and of variables, and the endings of names; USUBJID and its parts are the language's
WORDS = re.compile(
    r"\b(?:sdtm|adam|DM|ADSL|RELREC|Trial Design|Findings|Events|Interventions|DOMAIN|RDOMAIN|IDVAR(?:VAL)?|QNAM|QVAL"
    r"|QLABEL|VISIT(?:NUM)?|EPOCH|COUNTRY|IETESTCD|PARAMCD|AVAL|(?:SDTM|ADaM)IG [0-9.]+)\b|\bSUPP|DTC\b|SEQ\b|STRES[CNU]\b|ORRES\b|TESTCD\b"
)


def words(path: Path) -> list[str]:
    """The words of standards in texts of a module, but for docstrings, examples and descriptions of fields."""
    source = path.read_text(encoding="utf-8")
    if WORDS.search(source) is None:
        return []
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            skipped.add(id(node.body[0].value))  # pyright: ignore[reportAttributeAccessIssue]
        example = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Example"
        if example or (isinstance(node, ast.keyword) and node.arg == "description"):
            skipped |= {id(n) for n in ast.walk(node)}
    texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [f"{path.name}:{n.lineno}: {n.value}" for n in texts if id(n) not in skipped and WORDS.search(n.value)]


def test_the_engine_names_no_dataset_or_variable_of_a_standard():
    assert [w for path in sorted(ENGINE.rglob("*.py")) for w in words(path)] == []


def test_a_word_of_a_standard_is_found(tmp_path):
    (tmp_path / "a.py").write_text(
        '"""About DM."""\nif name == "DM" or name.endswith("DTC"):\n    pass\nexample = Example(dataset="DM")\n'
    )
    assert words(tmp_path / "a.py") == ["a.py:2: DM", "a.py:2: DTC"]


def test_what_the_standards_answer():
    standard = tabulation()
    assert standard_names() == ("sdtm", "adam")
    assert (standard.name, standard.subjects, standard.purpose) == ("sdtm", "DM", "Tabulation")
    assert [standard.qualified(n) for n in ("SUPPAE", "AE", "SUPPDM")] == ["AE", "", "DM"]
    assert [standard.separate_width(d, v) for d, v in (("SUPPAE", "QNAM"), ("SUPPAE", "USUBJID"), ("AE", "QVAL"))] == [
        True,
        False,
        False,
    ]
    assert [standard.is_date("AESTDTC"), standard.is_sequence("ASEQ"), standard.is_whole_number("AESTDY")] == [True] * 3
    assert standard.record_order("LB") == ("USUBJID", "LBSEQ", "ASEQ")
    assert (standard_of("adam").reads_all, standard_of("adam").copied_origin) == (True, "Predecessor")
    assert (standard_of("sdtm").reads_all, standard_of("sdtm").copied_origin) == (False, "")
    assert (standard_of("input").purpose, standard_of("input").reads_all) == ("Analysis", False)


@pytest.mark.parametrize(("name", "form"), [("TRTSDTM", "DATETIME20."), ("ASTTM", "TIME8."), ("ADT", "DATE9.")])
def test_the_display_formats_of_numeric_dates(name, form):
    assert next(f for ending, f in number_formats() if name.endswith(ending)) == form
