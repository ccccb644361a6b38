"""The file formats of the synthetic export: the readers of raw2adam, and readers of others, return the table."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from lxml import etree
from raw2adam.findings.table import Findings
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source
from raw2adam.synth.subjects.tables import Table
from raw2adam.synth.writers.files import DECLARED, file_contents

NS = "{http://www.cdisc.org/ns/odm/v1.3}"


def texts(*cells: str) -> np.ndarray:
    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out


def days(*dates: str) -> np.ndarray:
    """Days since 1970-01-01 of ISO dates, -1 for an empty one."""
    return np.array([-1 if not d else (datetime.fromisoformat(d) - datetime(1970, 1, 1)).days for d in dates])


def read_back(tmp_path: Path, table: Table, **options) -> pd.DataFrame:
    (tmp_path / table.name).write_bytes(file_contents([table])[table.name])
    source = SourceOptions(file=table.name, **options)
    return read_source("t", tmp_path, source, Findings()).frame


def same(frame: pd.DataFrame, columns: dict[str, list[str]]) -> None:
    assert {str(c): frame[c].astype(str).tolist() for c in frame.columns} == columns


# ---- text ---------------------------------------------------------------------------------------------------------

LETTERS = {"SITE_ID": ["0101", "0102"], "TERM": ['fièvre; et "toux"', "line one\nline two"], "DOSE": ["1,5", ""]}


@pytest.mark.parametrize(
    ("encoding", "delimiter", "mark", "separator"),
    [
        ("utf-8", ",", b"SITE_ID,", ","),
        ("utf-8-sig", ";", codecs.BOM_UTF8 + b"SITE_ID;", ";"),
        ("cp1252", ";", b"SITE_ID;", ";"),
        ("utf-16", "\t", codecs.BOM_UTF16_LE + "SITE_ID\t".encode("utf-16-le"), "\t"),
    ],
)
def test_text_files_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str, mark: bytes, separator: str):
    columns = {name: texts(*cells) for name, cells in LETTERS.items()}
    table = Table("t.txt", columns, delimiter=delimiter, encoding=encoding)
    content = file_contents([table])["t.txt"]
    assert content.startswith(mark)
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))
    assert rows == [
        ["SITE_ID", "TERM", "DOSE"],
        ["0101", LETTERS["TERM"][0], "1,5"],
        ["0102", "line one\nline two", ""],
    ]
    same(read_back(tmp_path, table, format="csv", encoding=encoding, separator=separator), LETTERS)


def test_unicode_text_of_excel_is_the_same_on_a_machine_of_the_other_byte_order(monkeypatch: pytest.MonkeyPatch):
    table = Table("t.txt", {"A": texts("é")}, delimiter="\t", encoding="utf-16")
    here = file_contents([table])["t.txt"]
    monkeypatch.setattr(sys, "byteorder", "big")
    assert file_contents([table])["t.txt"] == here == b"\xff\xfeA\0\r\0\n\0\xe9\0\r\0\n\0"


# ---- SAS transport ------------------------------------------------------------------------------------------------


def test_transport_file(tmp_path: Path):
    columns = {
        "PATNUM": texts("0101-0001", "0101-0002", "0102-0001"),
        "COLLDT": texts("20210305", "20210406", ""),
        "RESULT": texts("32.5", "IgG kappa", "<0.1"),
        "ACCESS": texts("900001", "900002", ""),
    }
    table = Table("lab_central.xpt", columns, format="xpt", numeric=("ACCESS",))
    expected = {name: cells.tolist() for name, cells in columns.items()}
    same(read_back(tmp_path, table), expected)
    frame, meta = pyreadstat.read_xport(str(tmp_path / "lab_central.xpt"))
    assert frame["ACCESS"].tolist()[:2] == [900001.0, 900002.0]
    assert np.isnan(frame["ACCESS"][2])
    assert meta.table_name == "LABCENTR"
    assert b"31DEC25:00:00:00" in (tmp_path / "lab_central.xpt").read_bytes()


# ---- SPSS ---------------------------------------------------------------------------------------------------------


def test_spss_file_has_value_labels_and_long_names(tmp_path: Path):
    columns = {
        "SITE_ID": texts("0101", "0102"),
        "FORM_DT": texts("2021-03-05", ""),
        "Q1": texts("1", "4"),
        "Q29": texts("7", ""),
        "ND_REASON": texts("", "zu müde"),
    }
    table = Table("qol.sav", columns, format="sav", numeric=("Q1", "Q29"))
    same(read_back(tmp_path, table), {name: cells.tolist() for name, cells in columns.items()})
    frame, meta = pyreadstat.read_sav(str(tmp_path / "qol.sav"))
    assert frame["SITE_ID"].tolist() == ["0101", "0102"]
    assert frame["Q1"].tolist() == [1.0, 4.0]
    assert meta.number_rows == 2
    assert meta.variable_value_labels["Q1"] == {1: "level 1", 2: "level 2", 3: "level 3", 4: "level 4"}
    assert max(meta.variable_value_labels["Q29"]) == 7
    assert meta.creation_time == DECLARED


def test_spss_file_without_rows(tmp_path: Path):
    table = Table("qol.sav", {"SITE_ID": texts(), "Q1": texts()}, format="sav", numeric=("Q1",))
    same(read_back(tmp_path, table), {"SITE_ID": [], "Q1": []})


# ---- workbook -----------------------------------------------------------------------------------------------------


def test_workbook_has_real_dates_numbers_and_text(tmp_path: Path):
    columns = {
        "SITE_ID": texts("0101", "0102"),
        "TERM": texts("Aspirin", "=1+1 is no formula"),
        "DOSE": texts("100", "2.5"),
        "ST_DT": texts("05/03/2021", ""),
    }
    table = Table(
        "conmed.xlsx", columns, {"ST_DT": days("2021-03-05", "")}, format="xlsx", numeric=("DOSE",)
    )  # fmt: skip
    same(
        read_back(tmp_path, table, sheet="CONMED"),
        {
            "SITE_ID": ["0101", "0102"],
            "TERM": ["Aspirin", "=1+1 is no formula"],
            "DOSE": ["100", "2.5"],
            "ST_DT": ["2021-03-05", ""],
        },
    )
    book = openpyxl.load_workbook(tmp_path / "conmed.xlsx")
    assert book.sheetnames == ["CONMED", "NOTES"]
    assert book["CONMED"]["D2"].value == datetime(2021, 3, 5)
    assert book["CONMED"]["C3"].value == 2.5
    assert book["CONMED"]["A2"].value == "0101"
    assert book["NOTES"]["A1"].value.startswith("Synthetic data")
    assert book.properties.modified == DECLARED


HOSTILE = ["a & <b>", "  blanks  ", "=1+1", "#N/A", "_x0041_", "fièvre 日本", "two\nlines", "]]>"]


def test_any_text_of_a_workbook_reads_back_by_another_reader(tmp_path: Path):
    table = Table("conmed.xlsx", {"TERM": texts(*HOSTILE), "EMPTY": texts(*[""] * len(HOSTILE))}, format="xlsx")
    (tmp_path / "conmed.xlsx").write_bytes(file_contents([table])["conmed.xlsx"])
    rows = list(openpyxl.load_workbook(tmp_path / "conmed.xlsx")["CONMED"].iter_rows(values_only=True))
    assert [r[0] for r in rows] == ["TERM", *("_x005F_x0041_" if t == "_x0041_" else t for t in HOSTILE)]
    assert {r[1] for r in rows[1:]} == {None}
    with pytest.raises(ValueError, match="control characters"):
        file_contents([Table("conmed.xlsx", {"TERM": texts("\0")}, format="xlsx")])


# ---- ODM-XML ------------------------------------------------------------------------------------------------------


def snapshot(subjects: int = 40) -> list[Table]:
    """VS at two visits per subject, the second without height; FU twice per subject."""
    n = 2 * subjects
    site, number = texts(*["0101"] * n), texts(*[f"{1 + k // 2:04}" for k in range(n)])
    vs = {
        "SITE_ID": site,
        "SUBJ_ID": number,
        "StudyEventOID": texts(*["SE.BASELINE", "SE.MONTH3"] * subjects),
        "VS_DT": texts(*["x"] * n),
        "WEIGHT": texts(*[f"{60 + k}.5" for k in range(n)]),
        "WEIGHT_UNIT": texts(*["kg"] * n),
        "HEIGHT": texts(*["170", ""] * subjects),
        "PULSE": texts(*[str(60 + k % 9) for k in range(n)]),
    }
    fu = {
        "SITE_ID": site,
        "SUBJ_ID": number,
        "StudyEventOID": texts(*["SE.FU"] * n),
        "FU_DT": texts(*["2022-01-31"] * n),
        "STATUS": texts(*["ALIVE", "DEAD"] * subjects),
        "CONTACT_BY": texts(*['phone <call> & "mail"'] * n),
    }
    when = {"VS_DT": days(*["2021-03-05", "2021-06-07"] * subjects)}
    return [
        Table("snapshot.xml", vs, when, format="odm", part="VS"),
        Table("snapshot.xml", fu, format="odm", part="FU"),
    ]


def groups(content: bytes, form: str) -> list[dict[str, str]]:
    """Item groups of a form in document order, as the ODM standard defines: typed or not, without removed items."""
    out = []
    for group in etree.fromstring(content).iter(f"{NS}ItemGroupData"):
        if group.get("ItemGroupOID") != f"IG.{form}":
            continue
        event = group.getparent().getparent()
        row = {"key": event.getparent().get("SubjectKey"), "event": event.get("StudyEventOID")}
        row["repeat"] = event.get("StudyEventRepeatKey") or ""
        for item in group:
            if item.get("TransactionType") == "Remove":
                continue
            name = item.get("ItemOID").rpartition(".")[2]
            assert name not in row
            row[name] = item.get("Value") if item.tag == f"{NS}ItemData" else item.text
        out.append(row)
    return out


def test_snapshot_reads_back_to_its_parts():
    content = file_contents(snapshot())["snapshot.xml"]
    vs, fu = groups(content, "VS"), groups(content, "FU")
    assert len(vs) == len(fu) == 80
    assert vs[0] == {
        "key": "0101-0001", "event": "SE.BASELINE", "repeat": "", "VS_DT": "2021-03-05", "WEIGHT": "60.5",
        "WEIGHT_UNIT": "kg", "HEIGHT": "170", "PULSE": "60",
    }  # fmt: skip
    assert [r["WEIGHT"] for r in vs] == [f"{60 + k}.5" for k in range(80)]
    assert all("HEIGHT" not in r for r in vs[1::2])
    assert [r["repeat"] for r in fu[:4]] == ["1", "2", "1", "2"]
    assert fu[3] == {
        "key": "0101-0002", "event": "SE.FU", "repeat": "2", "FU_DT": "2022-01-31", "STATUS": "DEAD",
        "CONTACT_BY": 'phone <call> & "mail"',
    }  # fmt: skip


def test_snapshot_has_typed_items_audit_records_and_removed_items():
    root = etree.fromstring(file_contents(snapshot(400))["snapshot.xml"])
    tags = {e.tag.removeprefix(NS) for e in root.iter(f"{NS}*")}
    assert {"ItemData", "ItemDataDate", "ItemDataFloat", "ItemDataString", "AuditRecord"} <= tags
    removed = root.xpath("//*[@TransactionType='Remove']")
    assert {e.get("ItemOID") for e in removed} == {"I.VS.HEIGHT"}
    assert 2 < len(removed) < 40
    for group in root.iter(f"{NS}ItemGroupData"):  # a group is typed throughout or not at all
        assert len({e.tag == f"{NS}ItemData" for e in group}) == 1


def test_snapshot_defines_all_that_it_contains():
    root = etree.fromstring(file_contents(snapshot())["snapshot.xml"])
    assert root.get("ODMVersion") == "1.3.2"
    assert root.get("FileType") == "Snapshot"
    assert "Synthetic" in root.get("Description")
    for reference, definition in [
        ("StudyEventOID", "StudyEventDef"), ("FormOID", "FormDef"), ("ItemGroupOID", "ItemGroupDef"),
        ("ItemOID", "ItemDef"), ("CodeListOID", "CodeList"), ("MeasurementUnitOID", "MeasurementUnit"),
        ("UserOID", "User"), ("LocationOID", "Location"), ("StudyOID", "Study"), ("MetaDataVersionOID", "MetaDataVersion"),
    ]:  # fmt: skip
        used = {e.get(reference) for e in root.iter(f"{NS}*") if e.get(reference)}
        defined = [e.get("OID") for e in root.iter(f"{NS}{definition}")]
        assert used
        assert used <= set(defined)
        assert len(defined) == len(set(defined))
    items = {e.get("Name"): e for e in root.iter(f"{NS}ItemDef")}
    kinds = {name: e.get("DataType") for name, e in items.items()}
    assert kinds == {
        "VS_DT": "date", "WEIGHT": "float", "WEIGHT_UNIT": "text", "HEIGHT": "integer", "PULSE": "integer",
        "FU_DT": "date", "STATUS": "text", "CONTACT_BY": "text",
    }  # fmt: skip
    assert items["HEIGHT"].find(f"{NS}MeasurementUnitRef").get("MeasurementUnitOID") == "MU.CM"
    assert items["STATUS"].find(f"{NS}CodeListRef").get("CodeListOID") == "CL.FU.STATUS"
    assert [e.get("CodedValue") for e in root.iter(f"{NS}CodeListItem")] == ["ALIVE", "DEAD"]
    repeating = {e.get("OID"): e.get("Repeating") for e in root.iter(f"{NS}StudyEventDef")}
    assert repeating == {"SE.BASELINE": "No", "SE.MONTH3": "No", "SE.FU": "Yes"}


# ---- all ----------------------------------------------------------------------------------------------------------


def test_no_file_depends_on_the_clock(monkeypatch: pytest.MonkeyPatch):
    tables = [
        *snapshot(3),
        Table("a.xpt", {"A": texts("1")}, format="xpt"),
        Table("b.sav", {"A": texts("1")}, format="sav"),
        Table("c.xlsx", {"A": texts("1")}, format="xlsx"),
    ]
    first = file_contents(tables)
    import time

    time.sleep(1.01 - time.time() % 1)  # to the next second: the formats count in seconds
    assert file_contents(tables) == first
    assert list(first) == ["snapshot.xml", "a.xpt", "b.sav", "c.xlsx"]


def test_two_tables_of_one_name_are_refused_where_the_format_has_no_parts():
    with pytest.raises(ValueError, match=r"a\.csv: 2 tables of one name"):
        file_contents([Table("a.csv", {"A": texts("1")}), Table("a.csv", {"A": texts("2")})])


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match=r"a\.doc: no writer of format 'doc'"):
        file_contents([Table("a.doc", {"A": texts("1")}, format="doc")])


def test_snapshot_is_valid_by_the_schema_of_the_standard():
    import defineutils

    folder = Path(defineutils.__file__).parent / "validate" / "schema" / "cdisc-odm-1.3.2"
    schema = etree.XMLSchema(etree.parse(str(folder / "ODM1-3-2.xsd")))
    document = etree.fromstring(file_contents(snapshot(100))["snapshot.xml"])
    schema.validate(document)
    assert [str(e) for e in schema.error_log] == []
    document.set("FileType", "Photograph")
    assert not schema.validate(document)
