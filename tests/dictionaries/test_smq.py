"""Queries of MedDRA: terms with scope, category and algorithm, sub-queries, and damaged files. All content is invented."""

from __future__ import annotations

import re

import pytest
from raw2adam.dictionaries.smq import read_smq
from raw2adam.errors import InputError
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

SPEC = CodingDictionarySpec(name="MedDRA", version="27.1", format="smq", path="meddra")
LLT = """\
90000001$Headache$90000001$$$$$$$Y$$
90000002$Head pain$90000001$$$$$$$Y$$
90000003$Nausea$90000003$$$$$$$Y$$
90000005$Fall$90000005$$$$$$$Y$$
"""
#: Discomfort contains Head discomfort; Falling has an algorithm
LIST = """\
80000001$Discomfort (SMQ)$1$Any$S$$27.1$A$N$
80000002$Head discomfort (SMQ)$2$Head$S$$27.1$A$N$
80000003$Falling (SMQ)$1$Fall$S$$27.1$A$A or (B and C)$
80000004$Old query (SMQ)$1$Old$S$$27.1$I$N$
"""
CONTENT = """\
80000001$80000002$0$0$S$0$A$20.0$20.0$
80000001$90000003$4$1$A$0$A$20.0$20.0$
80000001$90000001$4$1$A$0$A$20.0$20.0$
80000002$90000001$4$2$A$0$A$20.0$20.0$
80000002$90000002$5$2$A$0$A$20.0$20.0$
80000003$90000005$4$2$A$8$A$20.0$20.0$
80000003$90000003$4$1$B$3$I$20.0$21.0$
80000004$90000005$4$2$A$0$A$20.0$20.0$
"""
SHOWN = ("SMQ_CODE", "TERM_CODE", "TERM_LEVEL", "SCOPE", "CATEGORY", "WEIGHT", "ALGORITHM")


def read(folder, **changed):
    for name, text in {"smq_list": LIST, "smq_content": CONTENT, "llt": LLT, **changed}.items():
        (folder / f"{name}.asc").write_text(text, "utf-8")
    return read_smq("dictionary SMQ", folder, SPEC)


def test_a_query_has_its_terms_and_those_of_its_sub_queries(tmp_path):
    dictionary, version, tables = read(tmp_path)
    rows = [tuple(dictionary.levels[n][i] for n in SHOWN) for i in range(len(dictionary))]
    assert rows == [
        ("80000001", "90000003", "PT", "BROAD", "A", "0", "N"),
        ("80000001", "90000001", "PT", "NARROW", "A", "0", "N"),  # narrow in the sub-query, broad in the query
        ("80000002", "90000001", "PT", "NARROW", "A", "0", "N"),
        ("80000001", "90000002", "LLT", "NARROW", "A", "0", "N"),
        ("80000002", "90000002", "LLT", "NARROW", "A", "0", "N"),
        ("80000003", "90000005", "PT", "NARROW", "A", "8", "A or (B and C)"),
        ("80000003", "90000003", "PT", "BROAD", "B", "3", "A or (B and C)"),
        ("80000004", "90000005", "PT", "NARROW", "A", "0", "N"),
    ]
    assert (version, [t.path.name for t in tables]) == ("27.1", ["smq_list.asc", "smq_content.asc", "llt.asc"])
    assert dictionary.current.tolist() == [True] * 6 + [False, False]
    found = dictionary.find("TERM_NAME", "headache")
    assert dictionary.texts("SMQ", found) == ["Discomfort (SMQ)", "Head discomfort (SMQ)"]
    assert dictionary.texts("TERM_NAME", dictionary.find("SMQ", "falling (SMQ)")) == ["Fall", "Nausea"]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("smq_list", "80000002$Head", "80000001$Head", "smq_list.asc:2: the query 80000001 is in an earlier line too"),
        ("smq_list", "Old$S$$27.1", "Old$S$$26.1", "smq_list.asc:4: the version is '26.1', and in the first line '27.1'"),
        ("smq_list", "(SMQ)$2$", "(SMQ)$X$", "smq_list.asc:2: smq_level is 'X', expected 1, 2, 3, 4, 5"),
        ("smq_content", "80000004$90000005$4$2", "80000004$90000005$4$7", "smq_content.asc:8: term_scope is '7', expected 0, 1, 2"),
        ("smq_content", "80000004$", "80000009$", "smq_content.asc:8: smq_code 80000009 is not in smq_list.asc: the files are not"),
        ("smq_content", "80000003$90000005", "80000003$90000009", "smq_content.asc:6: term_code 90000009 is not in llt.asc"),
        ("smq_content", "80000001$80000002$0", "80000001$80000009$0", "smq_content.asc:1: term_code 80000009 is not in smq_list.asc"),
        ("smq_content", "80000001$80000002$0", "80000001$80000001$0", "smq_content.asc: the query 'Discomfort (SMQ)' contains itself"),
        ("smq_content", CONTENT, "a,b\n", "smq_content.asc: the first line has 1 fields separated by '$', and 7 were expected"),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_with_their_place(tmp_path, name, old, new, message):
    text = {"smq_list": LIST, "smq_content": CONTENT}[name]
    assert text.count(old) == 1
    with pytest.raises(InputError, match=re.escape(message)):
        read(tmp_path, **{name: text.replace(old, new)})


def test_a_file_that_is_cut_or_absent(tmp_path):
    with pytest.raises(InputError, match=r"smq_content\.asc"):
        read(tmp_path, smq_content=CONTENT[:-25])
    (tmp_path / "smq_list.asc").unlink()
    with pytest.raises(
        InputError, match=r"there is no smq_list\.asc in the folder \(it has llt\.asc, smq_content\.asc\)"
    ):
        read_smq("dictionary SMQ", tmp_path, SPEC)
