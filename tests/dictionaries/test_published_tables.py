"""UNII, SNOMED CT and Loinc.csv as they are published. All content is invented."""

from __future__ import annotations

import re

import pytest
from raw2adam.dictionaries.published_tables import read_snomed, read_unii
from raw2adam.dictionaries.tables import read_loinc
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

NAMES = """\
Name\tTYPE\tUNII\tDisplay Name
BLUETOL\tof\tAAAAAAAAA1\tBLUETOL
BLUE "B" 17\tcd\tAAAAAAAAA1\tBLUETOL
GREENOL\tof\tAAAAAAAAA2\tGREENOL
"""
RECORDS = "UNII\tPT\tRN\tEC\nAAAAAAAAA1\tBLUETOL\t\t\nAAAAAAAAA2\tGREENOL\t1-1\t\n"
HEAD = "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\n"
FSN, SYNONYM = "900000000000003001", "900000000000013009"
SNOMED = HEAD + "".join(
    f"{number}\t{date}\t{active}\t1\t{concept}\ten\t{kind}\t{term}\t1\n"
    for number, date, active, concept, kind, term in [
        ("9000011", "20250101", "1", "9000001", FSN, "Head ache (finding)"),
        ("9000012", "20250101", "1", "9000001", SYNONYM, "Head ache"),
        ("9000013", "20250201", "0", "9000001", SYNONYM, "Sore head"),
        ("9000014", "20250201", "1", "9000002", SYNONYM, 'The "dizzy" one'),
    ]
)
#: the head of a release, with more columns than are read, all of them quoted
LOINC = (
    '"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","VersionLastChanged",'
    '"CHNG_TYPE","DefinitionDescription","STATUS","CONSUMER_NAME","SHORTNAME","LONG_COMMON_NAME"\n'
    '"90001-1","Bluetol","MCnc","Pt","Ser","Qn","","CHEM","2.77","MIN","A text, with ""quotes""\nand lines","ACTIVE","","Bluetol S-mCnc",'
    '"Bluetol [Mass/volume], serum"\n'
    '"90002-9","Bluetol","SCnc","Pt","Ser","Qn","","CHEM","1.0","DEL","","DEPRECATED","","Bluetol S-sCnc","Bluetol [Moles/volume]"\n'
)


def spec(kind, version="1"):
    return CodingDictionarySpec(name="UNII" if kind == "unii" else "SNOMED", version=version, format=kind, path="x")


def rows(dictionary):
    return [tuple(texts[i] for texts in dictionary.levels.values()) for i in range(len(dictionary))]


def test_a_substance_is_found_by_each_of_its_names(tmp_path):
    (tmp_path / "UNII_Names_1Jan2025.txt").write_text(NAMES, "utf-8")
    dictionary, version, _ = read_unii("d", tmp_path, "UNII_Names_1Jan2025.txt", spec("unii"), Findings())
    assert rows(dictionary) == [
        ("AAAAAAAAA1", "BLUETOL", "BLUETOL"),
        ("AAAAAAAAA1", "BLUETOL", 'BLUE "B" 17'),
        ("AAAAAAAAA2", "GREENOL", "GREENOL"),
    ]
    assert dictionary.texts("UNII", dictionary.find("NAME", 'blue "b" 17')) == ["AAAAAAAAA1"]
    assert version == ""


def test_the_records_of_substances_have_their_preferred_term(tmp_path):
    (tmp_path / "r.txt").write_text(RECORDS, "utf-8")
    dictionary, _, _ = read_unii("d", tmp_path, "r.txt", spec("unii"), Findings())
    assert rows(dictionary) == [("AAAAAAAAA1", "BLUETOL", "BLUETOL"), ("AAAAAAAAA2", "GREENOL", "GREENOL")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RECORDS.replace("AAAAAAAAA2", "AAAAAAAAA1"), "r.txt:3: the UNII AAAAAAAAA1 is in an earlier line too"),
        (
            RECORDS.replace("AAAAAAAAA2", "AAA2"),
            "r.txt:3: UNII is 'AAA2', which is no such code; check that it is the file",
        ),
        (RECORDS.replace("\t", ","), "the file has no column 'UNII'; it has UNII,PT,RN,EC (declare separator: ','"),
        (RECORDS.replace("PT", "TERM"), "the file has no column 'Display Name'; it has UNII, TERM, RN, EC"),
        (RECORDS[:-8], "r.txt"),
        ("UNII\tPT\n", "the file has no rows; check that it is complete"),
    ],
)
def test_damaged_records_of_substances(tmp_path, text, message):
    (tmp_path / "r.txt").write_text(text, "utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        read_unii("d", tmp_path, "r.txt", spec("unii"), Findings())


def test_a_concept_is_found_by_its_descriptions(tmp_path):
    name = "sct2_Description_Snapshot-en_INT_20250201.txt"
    (tmp_path / name).write_text(SNOMED, "utf-8")
    dictionary, version, _ = read_snomed("d", tmp_path, name, spec("snomed", "2025-02-01"), Findings())
    assert rows(dictionary) == [
        ("9000001", "Head ache (finding)", "Head ache (finding)"),
        ("9000001", "Head ache (finding)", "Head ache"),
        ("9000001", "Head ache (finding)", "Sore head"),
        ("9000002", "", 'The "dizzy" one'),
    ]
    assert dictionary.current.tolist() == [True, True, False, True]
    assert dictionary.texts("FSN", dictionary.find("DESCRIPTION", "HEAD ache")) == ["Head ache (finding)"]
    assert version == "2025-02-01"
    assert read_snomed("d", tmp_path, name, spec("snomed", "2024-02-01"), Findings())[1] == "20250201"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a_20250101.txt", SNOMED, "a_20250101.txt:4: effectiveTime is 20250201, later than the release 20250101"),
        ("a.txt", SNOMED.replace("9000014", "9000013"), "a.txt:5: the description 9000013 is in an earlier line too"),
        ("a.txt", SNOMED.replace("9000002", "X2"), "a.txt:5: conceptId is 'X2', which is no such code"),
        ("a.txt", SNOMED.replace("typeId", "kind"), "the file has no column 'typeId'; it has id, effectiveTime"),
    ],
)
def test_damaged_descriptions(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        read_snomed("d", tmp_path, name, spec("snomed"), Findings())


def test_loinc_as_it_is_published(tmp_path):
    (tmp_path / "Loinc.csv").write_text(LOINC, "utf-8-sig")
    how = CodingDictionarySpec(name="LOINC", version="2.77", format="loinc", path="Loinc.csv")
    dictionary, version, _ = read_loinc("d", tmp_path, "Loinc.csv", how, Findings())
    assert (version, dictionary.current.tolist()) == ("2.77", [True, False])
    found = dictionary.find("LONG_COMMON_NAME", "bluetol [mass/volume], SERUM")
    assert dictionary.texts("LOINC_NUM", found) == ["90001-1"]
    (tmp_path / "Loinc.csv").write_text(LOINC.replace("90002-9", "90001-1"), "utf-8")
    with pytest.raises(InputError, match=r"Loinc\.csv:4: the code 90001-1 is in an earlier line too"):
        read_loinc("d", tmp_path, "Loinc.csv", how, Findings())
    (tmp_path / "Loinc.csv").write_text(LOINC[:-60], "utf-8")
    with pytest.raises(InputError, match=r"Loinc\.csv"):
        read_loinc("d", tmp_path, "Loinc.csv", how, Findings())
