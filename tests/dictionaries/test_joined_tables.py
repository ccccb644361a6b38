"""Dictionaries of several files: names without a header, positions, joins, chosen rows. The drugs are invented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.dictionaries.dictionary import look_up
from raw2adam.dictionaries.join import joined_rows
from raw2adam.dictionaries.tables import read_tables
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

#: record number, two sequence numbers, name; the preferred name of a record has the sequences 01 and 001
DRUGS = '000001,01,001,"ASPIRIN, PLAIN"\n000001,01,002,Aspro\n000001,02,001,Aspirin lysine\n000002,01,001,IBUPROFEN\n'
CLASSES = "000001,01,N02BA,Y\n000001,01,B01AC,N\n000001,02,N02BA,Y\n"
NAMES = "N02BA     Pain drugs\r\nB01AC     Blood drugs\r\n\r\n"


def spec(**changed) -> CodingDictionarySpec:
    names = ("RECORD", "SEQ1", "SEQ2", "NAME")
    declared = {
        "name": "WHODD", "version": "3", "format": "tables", "path": "who",
        "tables": [
            {"file": "dd.csv", "names": names},
            {"file": "dd.csv", "names": names, "where": {"SEQ1": "01", "SEQ2": "001"}, "columns": {"RECORD": "RECORD", "PREFERRED": "NAME"}, "on": ["RECORD"]},
            {"file": "dda.csv", "names": ("RECORD", "SEQ1", "ATC", "OFFICIAL"), "on": ["RECORD", "SEQ1"]},
            {"file": "ina.txt", "positions": {"ATC": (1, 7), "CLASS": (11, 60)}, "on": ["ATC"]},
        ],
        "levels": {"CODE": ["RECORD", "SEQ1", "SEQ2"], "NAME": "NAME", "PREFERRED": "PREFERRED", "ATC": "ATC", "CLASS": "CLASS"},
        "main": {"OFFICIAL": "Y"},
    }  # fmt: skip
    return CodingDictionarySpec.model_validate({**declared, **changed})


@pytest.fixture
def folder(tmp_path):
    for name, text in {"dd.csv": DRUGS, "dda.csv": CLASSES, "ina.txt": NAMES}.items():
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def test_the_files_of_a_drug_dictionary_become_its_levels(folder):
    dictionary, version, tables = read_tables("d", folder, spec(), Findings())
    levels = ("CODE", "NAME", "PREFERRED", "ATC", "CLASS")
    rows = [tuple(dictionary.levels[level][i] for level in levels) for i in range(len(dictionary))]
    assert rows == [
        ("00000101001", "ASPIRIN, PLAIN", "ASPIRIN, PLAIN", "N02BA", "Pain drugs"),
        ("00000101001", "ASPIRIN, PLAIN", "ASPIRIN, PLAIN", "B01AC", "Blood drugs"),
        ("00000101002", "Aspro", "ASPIRIN, PLAIN", "N02BA", "Pain drugs"),
        ("00000101002", "Aspro", "ASPIRIN, PLAIN", "B01AC", "Blood drugs"),
        ("00000102001", "Aspirin lysine", "ASPIRIN, PLAIN", "N02BA", "Pain drugs"),
        ("00000201001", "IBUPROFEN", "IBUPROFEN", "", ""),
    ]
    assert (version, [t.path.name for t in tables]) == ("", ["dd.csv", "dd.csv", "dda.csv", "ina.txt"])


def test_the_official_class_counts_unless_a_record_names_another(folder):
    dictionary, _, _ = read_tables("d", folder, spec(), Findings())
    by_name, _ = look_up(dictionary, [("NAME", "aspro")])
    assert dictionary.texts("CLASS", by_name) == ["Pain drugs"]
    by_class, _ = look_up(dictionary, [("NAME", "aspro"), ("ATC", "B01AC")])
    assert dictionary.texts("CLASS", by_class) == ["Blood drugs"]


def test_entries_that_are_not_current_are_known(folder):
    dictionary, _, _ = read_tables("d", folder, spec(current={"OFFICIAL": ["Y", ""]}), Findings())
    assert dictionary.current.tolist() == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("dd.csv", "000001,01\n", "dd.csv: the first line has 2 fields separated by ',', and 4 were expected"),
        ("dd.csv", DRUGS.replace(",001,", ",009,"), "dd.csv: no row has SEQ1 '01', SEQ2 '001'; check where: of the file"),
        ("ina.txt", "\n\n", "ina.txt: the file has no rows"),
        ("ina.txt", "N02BA     Ménière", "ina.txt: byte 12 is not ascii; declare encoding:"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused(folder, name, text, message):
    (folder / name).write_bytes(text.encode())
    tables = spec().model_dump()["tables"]
    tables[3]["encoding"] = "ascii"
    with pytest.raises(InputError) as refused:
        read_tables("dictionary WHO", folder, spec(tables=tables), Findings())
    assert message in str(refused.value)


def test_an_absent_file_is_refused(folder):
    (folder / "dda.csv").unlink()
    with pytest.raises(InputError, match=r"there is no dda\.csv in the folder \(it has dd\.csv, ina\.txt\)"):
        read_tables("d", folder, spec(), Findings())


_KEYS = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["x", "y"])), min_size=1, max_size=6)


@settings(max_examples=examples(25))
@given(_KEYS, _KEYS)
def test_a_join_has_the_pairs_of_two_loops(left, right):
    sides = [[np.array(list(c), dtype=object) for c in zip(*rows, strict=True)] for rows in (left, right)]
    rows, others = joined_rows(*sides)
    expected = []
    for i, key in enumerate(left):
        found = [j for j, other in enumerate(right) if key == other and "" not in key]
        expected += [(i, j) for j in found] or [(i, -1)]
    assert list(zip(rows.tolist(), others.tolist(), strict=True)) == expected
