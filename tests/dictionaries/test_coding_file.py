"""Coding files: completed lists of terms, refused where they are wrong as a whole, findings for single rows."""

from __future__ import annotations

import pytest
from kit.dictionary_files import write_meddra
from raw2adam.dictionaries.coding_file import read_coding_file
from raw2adam.dictionaries.meddra import read_meddra
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec, CodingFileSpec

SPEC = CodingDictionarySpec(name="MedDRA", version="27.1", format="meddra", path="meddra", coding="c.csv")


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory):
    return read_meddra("d", write_meddra(tmp_path_factory.mktemp("meddra")), SPEC)[0]


@pytest.fixture
def read(tmp_path, dictionary):
    def run(text: str, file: CodingFileSpec | None = None, **more):
        (tmp_path / "c.csv").write_text(text, "utf-8")
        findings = Findings()
        file = file or CodingFileSpec(file="c.csv")
        terms, _ = read_coding_file("MEDDRA", tmp_path, file, SPEC, dictionary, findings, **more)
        found = findings.frame()
        columns = ("rule", "file", "row", "column", "value")
        coded = {key: dictionary.texts("LLT", term.entries) for key, term in terms.items()}
        return coded, [tuple(r) for r in found[list(columns)].itertuples(index=False)]

    return run


def test_a_row_codes_a_term_by_any_level(read):
    coded, findings = read("term,LLT_CODE,LLT,version\nSick  now,90000004,,27.1\nfell,,FALL,\nnot yet,,,27.1\n,,,\n")
    assert coded == {("sick now",): ["Feeling sick"], ("fell",): ["Fall"]}
    assert findings == []


def test_a_row_that_does_not_fit_the_dictionary_codes_nothing(read):
    rows = "a,90000099,,\nb,90000005,Nausea,\nc,90000003,Nausea,Injury\nd,90000003,Nausea,gut\n"
    coded, findings = read("term,LLT_CODE,PT,SOC\n" + rows)
    assert coded == {("d",): ["Nausea"]}
    assert findings == [
        ("R2A-DICT-002", "c.csv", 1, "LLT_CODE", "90000099"),
        ("R2A-DICT-003", "c.csv", 2, "PT", "Nausea"),
        ("R2A-DICT-003", "c.csv", 3, "SOC", "Injury"),
    ]


def test_the_export_of_a_coding_tool_has_other_names_of_columns(read):
    columns = {"term": "Verbatim", "LLT_CODE": "Code", "version": "Dict"}
    file = CodingFileSpec(file="c.csv", separator=";", columns=columns)
    assert read("Verbatim;Code;Dict\nsick;90000003;27.1\n", file)[0] == {("sick",): ["Nausea"]}
    with pytest.raises(InputError, match=r"c\.csv: the file has no column 'Dict'; it has Verbatim, Code"):
        read("Verbatim;Code\nsick;90000003\n", file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("term,LLT_CODE\nsick,90000003\nfell,\nSICK,90000004\n", "c.csv:4: 'SICK' is in line 2 too; a term has one row"),
        ("term,LLT_CODE,version\nsick,90000003,26.1\n", "c.csv:2: the term is coded with the version 26.1, and study.yaml"),
        ("verbatim,LLT_CODE\nsick,90000003\n", "c.csv: the file has no column 'term'; it has verbatim, LLT_CODE"),
        ("term,code\nsick,90000003\n", "c.csv: the file has no column of a level; the levels are LLT, LLT_CODE, PT"),
        ("", "c.csv: the file has no rows"),
        ("term,LLT_CODE\nsick,90000003,extra\n", "c.csv"),
        ('term,LLT_CODE\n"sick,90000003\n', "c.csv"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_as_a_whole_is_refused(read, text, message):
    with pytest.raises(InputError, match=r"^coding of MEDDRA: ") as refused:
        read(text)
    assert message in str(refused.value)


def test_rows_of_another_version_are_read_for_review(read):
    coded, _ = read("term,LLT_CODE,version\nsick,90000003,26.1\n", any_version=True)
    assert coded == {("sick",): ["Nausea"]}


def test_hostile_text_is_a_term_as_any_other(read):
    """A formula, a bidirectional mark and a very long term stay text."""
    long = "x" * 5000
    coded, _ = read(f"term,LLT_CODE\n=1+1,90000003\n\u202eabc,90000005\n{long},90000001\n")
    assert list(coded.values()) == [["Nausea"], ["Fall"], ["Headache"]]
    assert (long,) in coded
