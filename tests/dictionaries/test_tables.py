"""Dictionaries that are one table: levels by column, versions, LOINC."""

from __future__ import annotations

import pytest
from raw2adam.dictionaries.tables import read_loinc, read_table
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

DRUGS = "Code;Name;ATC;Class;Version\nD1;ASPIRIN;N02;Pain;3\nD1;ASPIRIN;B01;Blood;3\nD2;IBUPROFEN;M01;Joints;3\n"
LOINC = (
    "LOINC_NUM,COMPONENT,PROPERTY,TIME_ASPCT,SYSTEM,SCALE_TYP,METHOD_TYP,CLASS,VersionLastChanged,STATUS,SHORTNAME,LONG_COMMON_NAME\n"
    '"D-1",Glu,MCnc,Pt,Ser,Qn,,CHEM,2.9,ACTIVE,Glu,"Glucose, mass"\nD-2,Glu,SCnc,Pt,Ser,Qn,,CHEM,2.78,DEPRECATED,Glu,Glucose moles\n'
)


def drugs(**more) -> CodingDictionarySpec:
    levels = {"CODE": "Code", "NAME": "name", "ATC": "ATC"}
    return CodingDictionarySpec(
        name="WHODD", version="3", format="table", path="d.csv", separator=";", levels=levels, **more
    )


def test_the_levels_of_a_table_are_its_columns_whatever_their_case(tmp_path):
    (tmp_path / "d.csv").write_text(DRUGS, "utf-8")
    dictionary, version, table = read_table("d", tmp_path, "d.csv", drugs(), Findings())
    assert (version, table.line.tolist()) == ("", [2, 3, 4])
    assert dictionary.texts("ATC", dictionary.find("NAME", "aspirin")) == ["N02", "B01"]
    assert dictionary.texts("CODE", dictionary.find("ATC", "M01")) == ["D2"]


def test_a_table_states_its_version_in_a_column(tmp_path):
    (tmp_path / "d.csv").write_text(DRUGS, "utf-8")
    assert read_table("d", tmp_path, "d.csv", drugs(version_column="Version"), Findings())[1] == "3"
    (tmp_path / "d.csv").write_text(DRUGS.replace("Joints;3", "Joints;2"), "utf-8")
    with pytest.raises(InputError, match=r"d\.csv:4: Version is '2', and study\.yaml declares the version 3"):
        read_table("d", tmp_path, "d.csv", drugs(version_column="Version"), Findings())


def test_a_table_without_a_column_or_rows_is_refused(tmp_path):
    (tmp_path / "d.csv").write_text(DRUGS.replace("ATC", "ATCC"), "utf-8")
    with pytest.raises(InputError, match=r"d: d\.csv: the file has no column 'ATC'; it has Code, Name, ATCC"):
        read_table("d", tmp_path, "d.csv", drugs(), Findings())
    for text in ("Code;Name;ATC\n", ""):
        (tmp_path / "d.csv").write_text(text, "utf-8")
        with pytest.raises(InputError, match=r"d: d\.csv: the file has no rows"):
            read_table("d", tmp_path, "d.csv", drugs(), Findings())


def test_the_version_of_loinc_is_that_of_its_latest_change(tmp_path):
    """2.78 is later than 2.9. A declared later version cannot be checked; an earlier one is another version."""
    (tmp_path / "Loinc.csv").write_text(LOINC, "utf-8")
    stated = {}
    for version in ("2.78", "2.79", "2.77"):
        spec = CodingDictionarySpec(name="LOINC", version=version, format="loinc", path="Loinc.csv")
        dictionary, stated[version], _ = read_loinc("d", tmp_path, "Loinc.csv", spec, Findings())
    assert stated == {"2.78": "2.78", "2.79": "", "2.77": "2.78"}
    assert dictionary.current.tolist() == [True, False]
    assert dictionary.texts("LOINC_NUM", dictionary.find("LONG_COMMON_NAME", "glucose, mass")) == ["D-1"]
