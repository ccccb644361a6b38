"""docs/semantics.md: every paragraph is referred to by the module and the test that hold it; and literal cases of some."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kit.package_files import package_files
from raw2adam.engine.expressions.functions import call
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from raw2adam.findings.catalogue import rules

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
REFERENCE = re.compile(r"docs/semantics\.md (S\d+(?:, S\d+)*)")


def paragraphs() -> list[str]:
    """The numbers of the page, in their order."""
    return re.findall(r"^\*\*(S\d+) ", PAGE, re.MULTILINE)


def referred(text: str) -> list[str]:
    """The numbers that a text refers to."""
    return [number for found in REFERENCE.findall(text) for number in found.split(", ")]


def references(folder: Path) -> dict[str, set[str]]:
    """Number -> the files below a folder that refer to it."""
    found: dict[str, set[str]] = {}
    for path in package_files(folder):
        for number in referred(path.read_text(encoding="utf-8")):
            found.setdefault(number, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_paragraphs_are_numbered_without_a_gap():
    assert paragraphs() == [f"S{i}" for i in range(1, len(paragraphs()) + 1)]
    assert len(paragraphs()) > 20


@pytest.mark.parametrize("folder", [ROOT, ROOT / "tests"], ids=["modules", "tests"])
def test_every_paragraph_is_referred_to_and_no_reference_points_nowhere(folder):
    assert sorted(references(folder)) == sorted(paragraphs())


def test_findings_refer_to_paragraphs_that_are_there():
    found = {r.id: referred(r.source) for r in rules() if "semantics.md" in r.source}
    assert "R2A-TIE-001" in found
    assert {id_: numbers for id_, numbers in found.items() if not numbers or set(numbers) - set(paragraphs())} == {}


def test_findings_that_a_paragraph_names_refer_to_it():
    source = {r.id: referred(r.source) for r in rules()}
    named = [(m[1], id_) for m in re.finditer(r"^\*\*(S\d+) (.*?)(?=^\*\*S|\Z)", PAGE, re.MULTILINE | re.DOTALL)
             for id_ in re.findall(r"R2A-[A-Z]+-\d+", m[2])]  # fmt: skip
    assert ("S9", "R2A-TIE-001") in named
    assert [pair for pair in named if pair[0] not in source[pair[1]]] == []


def test_a_reference_is_read_with_all_its_numbers():
    assert referred("See docs/semantics.md S3, S13. docs/semantics.md S9 too; S1 alone is none") == ["S3", "S13", "S9"]


AE = "dataset: AE\nrows: {source: ae}\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n"


@pytest.mark.parametrize("cell", ["Pain", "  Pain", "Pain\t", "\u00a0Pain\u00a0", "\u3000Pain"])
def test_a_rule_reads_a_cell_without_the_white_space_around_it(tiny, cell):
    """docs/semantics.md S2."""
    built = tiny({"ae.csv": f"SUBJ,TERM\n1,{cell}\n1,Sore  throat\n"}, "", {"ae": AE})
    assert sorted(built.values("AE", "AETERM")) == ["Pain", "Sore  throat"]


def test_a_text_of_a_dataset_has_no_blanks_at_its_end_and_keeps_those_in_front():
    """docs/semantics.md S3."""
    metadata = DatasetMetadata("AE", "Adverse Events", (VariableMetadata("AETERM", "Term"),), ())
    built = Dataset(metadata, pd.DataFrame({"AETERM": ["PAIN  ", " PAIN", None]}))
    assert built.frame["AETERM"].tolist() == ["PAIN", " PAIN", ""]


@pytest.mark.parametrize(
    ("duplicates", "terms"),
    [("keep", ["Pain", "Pain", "Pain", "Rash"]), ("merge", ["Pain", "Pain", "Rash"])],
)
def test_rows_equal_in_every_cell_are_merged_only_where_the_source_says_so(tiny, duplicates, terms):
    """docs/semantics.md S10: the third row differs by a blank, so it is no duplicate."""
    rows = "SUBJ,TERM\n1,Pain\n1,Pain\n1,Pain \n1,Rash\n"
    more = f"sources: {{ae: {{file: ae.csv, duplicates: {duplicates}}}}}\n"
    built = tiny({"ae.csv": rows}, more, {"ae": AE})
    assert sorted(built.values("AE", "AETERM")) == terms


@pytest.mark.parametrize(
    ("function", "value", "result"),
    [
        ("round", 2.5, 3.0),
        ("round", -2.5, -3.0),
        ("round", 0.4999, 0.0),
        ("floor", 28.9999999999999, 29.0),
        ("floor", -1.5, -2.0),
        ("ceil", 29.0000000000001, 29.0),
        ("ceil", 1.2, 2.0),
    ],
)
def test_halves_go_away_from_zero_and_near_whole_numbers_are_whole(function, value, result):
    """docs/semantics.md S15."""
    assert call(function, [np.array([value])]).tolist() == [result]


def test_days_between_equal_dates_are_0():
    """docs/semantics.md S24."""
    first = np.array(["2024-03-01", "2024-02-29", "2024-02-28", "2024-03", ""], dtype=object)
    second = np.array(["2024-02-29"] * 5, dtype=object)
    np.testing.assert_array_equal(call("days", [first, second]), [1.0, 0.0, -1.0, np.nan, np.nan])
