"""raw2adam convert: folders of one format into others, with metadata of define.xml; whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from kit.command import raw2adam
from raw2adam.transport.dataset_files import find_datasets, read_records

COLUMNS = [
    {"itemOID": "IT.1", "name": "USUBJID", "label": "Unique Subject Identifier", "dataType": "string"},
    {"itemOID": "IT.2", "name": "AETERM", "label": "Reported Term", "dataType": "string"},
    {"itemOID": "IT.3", "name": "ASTDT", "label": "Start", "dataType": "date", "targetDataType": "integer",
     "displayFormat": "DATE9."},
    {"itemOID": "IT.4", "name": "AVAL", "label": "Value", "dataType": "float"},
]  # fmt: skip
ROWS = [["S-01", "Rash", "2020-03-26", 0.1], ["S-02", "", None, None], ["S-03", "Fever", "1959-12-31", -2]]
DEFINE = """\
<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.0"
 CreationDateTime="2024-05-06T07:08:09" ODMVersion="1.3.2" FileType="Snapshot" FileOID="F">
 <Study OID="STUDY.X"><GlobalVariables><StudyName>X</StudyName><StudyDescription>X</StudyDescription>
  <ProtocolName>X</ProtocolName></GlobalVariables>
  <MetaDataVersion OID="MDV.X" Name="X" def:DefineVersion="2.0.0" def:StandardName="ADaM-IG" def:StandardVersion="1.0">
   <ItemGroupDef OID="GROUP.7" Name="ADAE" Repeating="Yes">
    <Description><TranslatedText>Adverse Events Analysis</TranslatedText></Description>
    <ItemRef ItemOID="I.3" OrderNumber="3" Mandatory="No" KeySequence="2"/>
    <ItemRef ItemOID="I.1" OrderNumber="1" Mandatory="Yes" KeySequence="1"/>
    <ItemRef ItemOID="I.2" OrderNumber="2" Mandatory="No"/>
    <ItemRef ItemOID="I.4" OrderNumber="4" Mandatory="No"/>
   </ItemGroupDef>
   <ItemDef OID="I.1" Name="USUBJID" DataType="text" Length="20"/>
   <ItemDef OID="I.2" Name="AETERM" DataType="text" Length="200">
    <Description><TranslatedText>Term as Reported</TranslatedText></Description></ItemDef>
   <ItemDef OID="I.3" Name="ASTDT" DataType="integer" Length="8" def:DisplayFormat="E8601DA."/>
   <ItemDef OID="I.4" Name="AVAL" DataType="float" Length="8"/>
  </MetaDataVersion>
 </Study>
</ODM>
"""


def source(folder: Path, rows: list = ROWS, **changes: object) -> Path:
    """A folder with ADAE as Dataset-JSON, by hand."""
    folder.mkdir()
    document = {"datasetJSONVersion": "1.1.0", "itemGroupOID": "IG", "name": "ADAE", "label": "Events",
                "records": len(rows), "columns": COLUMNS, "rows": rows, **changes}  # fmt: skip
    (folder / "adae.json").write_text(json.dumps(document), "utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_json_to_all_formats_and_back(tmp_path):
    given = source(tmp_path / "in")
    done = raw2adam("convert", given, tmp_path / "out", "--formats", "xpt,ndjson,dsjc,parquet", "--as-of", "2026-01-31")
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout.strip()
        == f"{tmp_path / 'out'}: 1 datasets, 3 records in xpt, ndjson, dsjc, parquet; all cells are equal"
    )
    files = [n for n in contents(tmp_path / "out") if n != "manifest.json"]
    assert files == ["adae.xpt", "dsjc/adae.dsjc", "ndjson/adae.ndjson", "parquet/adae.parquet"]
    assert raw2adam("verify", tmp_path / "out").returncode == 0
    frame, about = pyreadstat.read_xport(str(tmp_path / "out" / "adae.xpt"), disable_datetime_conversion=True)
    assert frame["USUBJID"].tolist() == ["S-01", "S-02", "S-03"] and frame["AETERM"].tolist() == ["Rash", "", "Fever"]
    assert np.array_equal(frame["ASTDT"], [22000.0, np.nan, -1.0], equal_nan=True)
    assert np.array_equal(frame["AVAL"], [0.1, np.nan, -2.0], equal_nan=True)
    assert about.column_labels == [c["label"] for c in COLUMNS] and about.original_variable_types["ASTDT"] == "DATE9"
    assert str(pq.read_schema(tmp_path / "out" / "parquet" / "adae.parquet").field("ASTDT").type) == "date32[day]"
    for part in ("", "ndjson", "dsjc", "parquet"):
        back = tmp_path / f"back{part}"
        done = raw2adam("convert", tmp_path / "out" / part, back, "--formats", "json", "--as-of", "2026-01-31")
        assert done.returncode == 0, done.stderr
        assert json.loads((back / "json" / "adae.json").read_text("utf-8"))["rows"] == ROWS, part


def test_xpt_to_json_to_xpt_gives_the_same_bytes(tmp_path):
    source(tmp_path / "in")
    for start, end, form in (("in", "a", "xpt"), ("a", "b", "json"), ("b/json", "c", "xpt")):
        done = raw2adam("convert", tmp_path / start, tmp_path / end, "--formats", form, "--as-of", "2026-01-31")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a" / "adae.xpt").read_bytes() == (tmp_path / "c" / "adae.xpt").read_bytes()


def test_metadata_comes_from_define_xml(tmp_path):
    given = source(tmp_path / "in")
    (given / "define.xml").write_text(DEFINE, "utf-8")
    done = raw2adam("convert", given, tmp_path / "out", "--formats", "json")
    assert done.returncode == 0
    assert "ADAE.AETERM: label 'Term as Reported' of define.xml replaces 'Reported Term' of adae.json" in done.stderr
    content = json.loads((tmp_path / "out" / "json" / "adae.json").read_text("utf-8"))
    assert {k: v for k, v in content.items() if k not in ("rows", "columns", "sourceSystem")} == {
        "datasetJSONCreationDateTime": "2024-05-06T00:00:00",
        "datasetJSONVersion": "1.1.0",
        "fileOID": "DSJ.X.ADAE",
        "dbLastModifiedDateTime": "2024-05-06T00:00:00",
        "originator": "raw2adam",
        "studyOID": "STUDY.X",
        "metaDataVersionOID": "MDV.X",
        "metaDataRef": "../define.xml",
        "itemGroupOID": "GROUP.7",
        "records": 3,
        "name": "ADAE",
        "label": "Adverse Events Analysis",
    }
    assert content["columns"] == [
        {"itemOID": "I.1", "name": "USUBJID", "label": "Unique Subject Identifier", "dataType": "string",
         "length": 20, "keySequence": 1},
        {"itemOID": "I.2", "name": "AETERM", "label": "Term as Reported", "dataType": "string", "length": 200},
        {"itemOID": "I.3", "name": "ASTDT", "label": "Start", "dataType": "date", "targetDataType": "integer",
         "displayFormat": "E8601DA.", "keySequence": 2},
        {"itemOID": "I.4", "name": "AVAL", "label": "Value", "dataType": "float"},
    ]  # fmt: skip
    assert content["rows"] == ROWS
    assert (tmp_path / "out" / "define.xml").read_text("utf-8") == DEFINE


def test_what_define_xml_does_not_describe_is_named(tmp_path):
    given = source(tmp_path / "in")
    text = DEFINE.replace('<ItemRef ItemOID="I.4" OrderNumber="4" Mandatory="No"/>', "").replace(
        '"AETERM"', '"AEDECOD"'
    )
    (given / "define.xml").write_text(text, "utf-8")
    done = raw2adam("convert", given, tmp_path / "out")
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "define.xml" in line] == [
        "ADAE.AETERM: define.xml does not describe it",
        "ADAE.AVAL: define.xml does not describe it",
        "ADAE.AEDECOD: define.xml describes it, and adae.json does not have it",
    ]


def test_letters_stay_in_json_and_parquet_and_xpt_refuses_them(tmp_path):
    given = source(tmp_path / "in", [["S-01", "Übelkeit", None, 1.5]])
    assert raw2adam("convert", given, tmp_path / "out", "--formats", "ndjson,parquet").returncode == 0
    assert '"Übelkeit"' in (tmp_path / "out" / "ndjson" / "adae.ndjson").read_text("utf-8")
    done = raw2adam("convert", given, tmp_path / "x", "--formats", "xpt")
    assert done.returncode == 4 and not (tmp_path / "x").exists()
    assert "xpt: ADAE.AETERM, subject 'S-01', record 1: '\\xdcbelkeit' has a character beyond ASCII" in done.stderr


def test_a_format_of_times_on_a_duration_stays_a_number(tmp_path):
    frame = pd.DataFrame({"USUBJID": ["S-01"], "ADUR": [108_000.0]})
    (tmp_path / "in").mkdir()
    pyreadstat.write_xport(
        frame, str(tmp_path / "in" / "adae.xpt"), table_name="ADAE", variable_format={"ADUR": "TIME5."}
    )
    assert raw2adam("convert", tmp_path / "in", tmp_path / "out").returncode == 0
    column = json.loads((tmp_path / "out" / "json" / "adae.json").read_text("utf-8"))["columns"][1]
    assert (column["dataType"], column["displayFormat"]) == ("float", "TIME5.")
    assert read_records(tmp_path / "out" / "json" / "adae.json")[1]["ADUR"].tolist() == [108_000.0]


def test_one_file_is_converted_too(tmp_path):
    given = source(tmp_path / "in") / "adae.json"
    assert raw2adam("convert", given, tmp_path / "out", "--formats", "parquet").returncode == 0
    assert list(find_datasets(tmp_path / "out" / "parquet")) == ["ADAE"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["S-01", "Rash", None]], "row 1 has 3 values; its columns are 4"),
        ([["S-01", 7, None, 1]], "AETERM, row 1: 7 is no string, which its dataType requires"),
        ([["S-01", "Rash", "2020-03", 1]], 'ASTDT, row 1: "2020-03" is not a complete date of ISO 8601'),
        ([["S-01", "Rash", None, "1"]], 'AVAL, row 1: "1" is no float, which its dataType requires'),
        ([["S-01", "Rash", None, True]], "AVAL, row 1: true is no float, which its dataType requires"),
    ],
)
def test_bad_input_changes_nothing(tmp_path, rows, message):
    assert raw2adam("convert", source(tmp_path / "good"), tmp_path / "out").returncode == 0
    before = contents(tmp_path / "out")
    done = raw2adam("convert", source(tmp_path / "in", rows), tmp_path / "out", "--formats", "parquet")
    assert done.returncode == 3 and message in done.stderr
    assert contents(tmp_path / "out") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["good", "in", "out"]


def test_all_bad_files_are_named_at_once(tmp_path):
    given = source(tmp_path / "in", [["S-01"]])
    (given / "b.ndjson").write_text('{"datasetJSONVersion": "1.1.0", "name": "B", "columns": []}\n', "utf-8")
    done = raw2adam("convert", given, tmp_path / "out")
    assert done.returncode == 3
    assert "adae.json: row 1 has 1 values" in done.stderr and "b.ndjson: it has no list 'columns'" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</ODM>", "", "not well-formed XML"),
        ('DataType="float"', 'DataType="text"', "define.xml differs: AVAL is text there and a number here; correct it"),
        ("MetaDataVersion", "Version", "no MetaDataVersion of ODM 1.3"),
        ('"ADAE"', '"adae"', ""),
    ],
)
def test_a_define_xml_that_contradicts_is_refused(tmp_path, old, new, message):
    given = source(tmp_path / "in")
    (given / "define.xml").write_text(DEFINE.replace(old, new), "utf-8")
    done = raw2adam("convert", given, tmp_path / "out")
    assert (done.returncode, (tmp_path / "out").exists()) == ((3, False) if message else (0, True))
    assert message in done.stderr


def test_the_output_may_not_be_the_input(tmp_path):
    given = source(tmp_path / "in")
    done = raw2adam("convert", given, given)
    assert done.returncode == 4 and "replacing it would delete the input" in done.stderr
    done = raw2adam("convert", tmp_path / "nowhere", tmp_path / "out")
    assert done.returncode == 3 and "nowhere" in done.stderr
