"""ODM-XML and REDCap exports through the command: a study on both, what is reported of them, and what is refused.

Not for what the readers do cell by cell: tests/sources/test_odm.py and tests/sources/test_redcap.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyreadstat
import pytest
from kit.command import Done, raw2adam

STUDY = """\
study: {id: EXPO, title: Exports of systems, cutoff: 2022-01-31}
subject: {split: SubjectKey, as: "{SITE}-{SUBJ}", usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
sources:
  dm: {file: snapshot.xml, item_group: IG.DM}
  vs: {file: snapshot.xml, form: F.VS}
  ae:
    file: redcap.csv
    format: redcap
    dictionary: dict.csv
    instrument: ae
    subject: {split: record_id, as: "{SITE}-{SUBJ}"}
"""
DM = """\
dataset: DM
rows: {source: dm}
variables: {SEX: SEX, COUNTRY: COUNTRY, RFSTDTC: {date: ICF}, RFICDTC: {date: ICF}, ARMNRS: {value: NOT ASSIGNED}}
"""
VS = """\
dataset: VS
rows: {source: vs, unpivot: {WEIGHT: {result: WEIGHT, unit: {from: WEIGHT_UNIT}}}}
variables: {VSTESTCD: ITEM, VSORRES: RESULT, VSORRESU: UNIT, VSDTC: {date: VS_DT}}
"""
AE = """\
dataset: AE
rows: {source: ae}
variables: {AETERM: term, AEDECOD: term, AESER: {from: serious, map: {"1": "Y", "0": "N"}}, AESTDTC: {date: start}}
"""
ODM = """\
<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" FileOID="F" CreationDateTime="2021-01-01T00:00:00">
<Study OID="S"><MetaDataVersion OID="V" Name="V">
<FormDef OID="F.DM" Name="DM" Repeating="No"><ItemGroupRef ItemGroupOID="IG.DM" Mandatory="No"/></FormDef>
<FormDef OID="F.VS" Name="VS" Repeating="No"><ItemGroupRef ItemGroupOID="IG.VS" Mandatory="No"/></FormDef>
<ItemGroupDef OID="IG.DM" Name="DM" Repeating="No"><ItemRef ItemOID="SEX"/><ItemRef ItemOID="COUNTRY"/><ItemRef ItemOID="ICF"/></ItemGroupDef>
<ItemGroupDef OID="IG.VS" Name="VS" Repeating="No"><ItemRef ItemOID="VS_DT"/><ItemRef ItemOID="WEIGHT"/></ItemGroupDef>
<ItemDef OID="WEIGHT" Name="WEIGHT" DataType="float"><MeasurementUnitRef MeasurementUnitOID="kg"/></ItemDef>
</MetaDataVersion></Study>
<ClinicalData StudyOID="S" MetaDataVersionOID="V">
<SubjectData SubjectKey="01-001"><StudyEventData StudyEventOID="SE.1">
<FormData FormOID="F.DM"><ItemGroupData ItemGroupOID="IG.DM">
<ItemData ItemOID="SEX" Value="F"/><ItemData ItemOID="COUNTRY" Value="FRA"/><ItemDataDate ItemOID="ICF">2021-02-01</ItemDataDate>
</ItemGroupData></FormData>
<FormData FormOID="F.VS"><ItemGroupData ItemGroupOID="IG.VS">
<ItemDataDate ItemOID="VS_DT">2021-02-01</ItemDataDate><ItemDataFloat ItemOID="WEIGHT">70.5</ItemDataFloat>
</ItemGroupData></FormData>
</StudyEventData></SubjectData>
</ClinicalData>
</ODM>
"""
DICT = """\
"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"
record_id,base,text,Record ID,
hair,base,text,Hair,
term,ae,text,Adverse event,
serious,ae,yesno,Serious,
start,ae,text,Start,
"""
REDCAP = """\
record_id,redcap_repeat_instrument,redcap_repeat_instance,hair,base_complete,term,serious,start,ae_complete
01-001,,,red,2,,,,
01-001,ae,1,,,Headache,0,2021-03-01,2
01-001,ae,2,,,Rash,1,2021-03-05,2
"""
FILES = {
    "study/study.yaml": STUDY, "study/sdtm/dm.yaml": DM, "study/sdtm/vs.yaml": VS, "study/sdtm/ae.yaml": AE,
    "raw/snapshot.xml": ODM, "raw/redcap.csv": REDCAP, "raw/dict.csv": DICT,
}  # fmt: skip


def write(root: Path, name: str, content: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def build(root: Path, *options: str) -> Done[str]:
    words = ("--raw", root / "raw", "--out", root / "out", "--no-quality")
    return raw2adam("build", root / "study", *words, *options, pages=False)


def reported(root: Path, rule: str) -> list[tuple[str, str]]:
    findings = json.loads((root / "out/reports/findings.json").read_text("utf-8"))["findings"]
    return [(f["source"]["file"], f["message"]) for f in findings if f["rule"] == rule]


def records(root: Path, name: str) -> list[dict]:
    data, _ = pyreadstat.read_xport(str(root / "out/sdtm" / f"{name}.xpt"))
    return data.fillna("").to_dict("records")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("good")
    for name, content in FILES.items():
        write(root, name, content)
    done = build(root, "--fail-on", "error")
    (root / "said.txt").write_text(done.stdout + done.stderr, "utf-8")
    return root


@pytest.fixture
def root(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "case")


def refused(root: Path, code: int = 3) -> str:
    """Build over the good output, which stays as it was."""
    before = (root / "out/manifest.json").read_bytes()
    done = build(root)
    assert done.returncode == code, done.stdout + done.stderr
    assert (root / "out/manifest.json").read_bytes() == before
    assert "Traceback" not in done.stderr
    return done.stderr


def test_values_and_rows(good):
    expected_message = (good / "said.txt").read_text("utf-8")
    assert "raw: 3 sources, 4 rows = 4 mapped + 0 excluded" in expected_message
    account = json.loads((good / "out/reports/accounting.json").read_text("utf-8"))
    rows = {s["source"]: s["rows"] for s in account["sources"]}
    assert (rows["vs"]["rows"], rows["vs"]["mapped"]) == (1, 1)
    assert (rows["ae"]["rows"], rows["ae"]["mapped"]) == (2, 2)
    assert [(r["VSORRES"], r["VSORRESU"], r["VSDTC"]) for r in records(good, "vs")] == [("70.5", "kg", "2021-02-01")]
    assert [(r["AETERM"], r["AESER"]) for r in records(good, "ae")] == [("Headache", "N"), ("Rash", "Y")]


def test_parts_that_no_source_reads_and_excluded_content_are_reported(good):
    assert reported(good, "R2A-SRC-019") == [
        ("redcap.csv", "instrument base: 1 rows that no source reads; declare a source for it")
    ]
    assert reported(good, "R2A-SRC-012") == [
        ("redcap.csv", "2 of 3 records are of instrument ae; 1 hold nothing of it")
    ]


def test_each_file_is_once_in_the_manifest(good):
    inputs = json.loads((good / "out/manifest.json").read_text("utf-8"))["inputs"]
    assert sorted(inputs) == ["raw/dict.csv", "raw/redcap.csv", "raw/snapshot.xml"]
    assert inputs["raw/dict.csv"]["bytes"] == len(DICT.encode())


def test_removed_rows_are_reported(root):
    write(
        root,
        "raw/snapshot.xml",
        ODM.replace('"IG.VS">\n<ItemDataDate', '"IG.VS" TransactionType="Remove">\n<ItemDataDate'),
    )
    build(root)
    assert [f for f, _ in reported(root, "R2A-SRC-013")] == ["snapshot.xml"]
    assert ("snapshot.xml", "1 rows of form F.VS are excluded, because the export removes them") in reported(
        root, "R2A-SRC-012"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "snapshot.xml: the file is empty (0 bytes)"),
        (ODM[: len(ODM) - 300], "the file does not end with </ODM>, so it is cut short"),
        (ODM.replace("?>\n", '?>\n<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:etc">]>\n'), "snapshot.xml:2:1: a document type declaration"),
        (ODM.replace('Value="F"', 'Value="Fé"').encode("latin-1"), "not in the encoding that the XML declaration names"),
        (ODM.replace("v1.3", "v1.2"), "<ODM> has the namespace 'http://www.cdisc.org/ns/odm/v1.2'"),
        (ODM.replace("IG.DM", "IG.DMX"), "snapshot.xml: the file has no item group 'IG.DM' (did you mean 'IG.DMX'?)"),
        ("SITE,SUBJ\n", "snapshot.xml:1:1: not XML"),
    ],
)  # fmt: skip
def test_snapshots_that_cannot_be_read(root, content, message):
    write(root, "raw/snapshot.xml", content)
    text = refused(root)
    assert message in text
    assert text.count("snapshot.xml") <= 4  # two sources of one file say it once


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("redcap.csv", "", "redcap.csv: the file is empty"),
        ("redcap.csv", REDCAP + "01-002,ae\n", "redcap.csv: record 4, line 5: 2 fields where the header has 9"),
        ("redcap.csv", REDCAP.replace("record_id", "id"), "neither the record id 'record_id' nor its label 'Record ID'"),
        ("dict.csv", "", "dict.csv: the file is empty"),
        ("dict.csv", "x,y\n1,2\n", "dict.csv: no column 'Variable / Field Name' (nor field_name)"),
        ("dict.csv", DICT.replace(",ae,", ",aes,"), "the dictionary has no instrument 'ae' (did you mean 'aes'?)"),
        ("dict.csv", DICT.replace("Hair", "H\xe4r").encode("latin-1"), "dict.csv:3:17: byte 0xE4"),
    ],
)  # fmt: skip
def test_redcap_exports_that_cannot_be_read(root, name, content, message):
    write(root, f"raw/{name}", content)
    assert message in refused(root)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format: redcap\n", "format: csv\n", "study.yaml:9:17: error: dictionary: is for a source with format: redcap"),
        ("    dictionary: dict.csv\n", "", "format: redcap needs dictionary:"),
        ("dictionary: dict.csv", "dictionary: ../dict.csv", "source ae: '../dict.csv' leaves the raw folder"),
        ("file: snapshot.xml, form", "file: snapshot.csv, form", "study.yaml:5:34: error: form: is for a source with format: odm"),
        ("item_group: IG.DM", "names: label", "one of 'name', 'oid', 'sas' is expected"),
    ],
)  # fmt: skip
def test_specs_that_cannot_be_right(root, old, new, message):
    write(root, "study/study.yaml", STUDY.replace(old, new))
    assert message in refused(root, 2)


def test_a_value_is_traced_to_the_line_of_its_element(good):
    done = raw2adam("trace", good / "out", "VS")
    assert "snapshot.xml row 1 (line 15) VS_DT = '2021-02-01'" in done.stdout
