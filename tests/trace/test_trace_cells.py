"""A trace ends at file, row, column and verbatim cell, also through items, further columns and working variables.

Every expected cell is written by hand from the small files that the fixture writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from kit.command import build, raw2adam
from raw2adam.runs.from_raw import Options
from raw2adam.trace.records import trace_records
from raw2adam.trace.text import trace_text

STUDY = """\
study: {id: S1, cutoff: 2022-12-31}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}", continues: {source: dm, columns: [PREV]}}
trial: {summary: {SSTDTC: {first: DM.RFICDTC}, TITLE: A study}}
sources:
  dm: {file: dm.csv}
  lab: {file: lab.xpt}
  qol: {file: qol.sav}
  med: {file: med.xlsx, sheet: MED}
  line: {file: line.csv}
  vit: {file: snapshot.xml, form: F.VS, subject: {split: SubjectKey, as: "{SUBJ}"}}
"""
DATASETS = {
    "dm": """\
dataset: DM
rows: {source: dm, where: missing(PREV)}
variables:
  SEX: SEX
  COUNTRY: {value: FRA}
  RFICDTC: {date: ICF}
  ARMNRS: {value: NOT ASSIGNED}
  RFXSTDTC: {first: line.START, where: "NO > '1'"}
  AGE: {count: line, where: not missing(D1)}
""",
    "qs": """\
dataset: QS
rows:
  source: qol
  unpivot:
    IT1: {result: Q1, columns: {PART: A}}
    IT2: {result: Q2}
variables:
  QSTESTCD: {from: ITEM, codelist: none}
  QSTEST: {from: ITEM, codelist: none}
  QSCAT: PART
  QSORRES: RESULT
  QSSTRESC: QSORRES
supplemental:
  QSRAW: {from: RESULT, label: Result as entered, when: "SUBJ == '2'"}
""",
    "cm": """\
dataset: CM
rows:
  - source: line
    explode: {DRUG: [D1, D2]}
    variables: {CMTRT: DRUG}
  - source: med
    columns: {NAME: {from: [WRITTEN, CODED]}, ITS_LINE: {lookup: line.NO, on: {LINE: CODE}}}
    variables:
      CMTRT: {from: NAME, case: upper}
      CMGRPID: ITS_LINE
""",
    "vs": """\
dataset: VS
rows:
  source: vit
  unpivot:
    WEIGHT: {result: WEIGHT, unit: {from: W_UNIT}}
    HEIGHT: {result: HEIGHT, unit: cm}
variables: {VSTESTCD: ITEM, VSORRES: RESULT, VSORRESU: UNIT, VSDTC: {date: DAY}}
""",
    "lb": """\
dataset: LB
rows: {source: lab}
working: {PLACE: ROOM}
variables:
  LBTESTCD: TESTCD
  LBORRES: RES
  LBNAM: PLACE
  LBSTAT: {cases: [{when: "dm.SEX == 'M'", value: NOT DONE}]}
""",
    "ts": "dataset: TS\nrows: {trial: TS}\n",
}
ODM = """\
<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileType="Snapshot" FileOID="F" CreationDateTime="2021-01-01T00:00:00">
<Study OID="S"><MetaDataVersion OID="V" Name="V">
<FormDef OID="F.VS" Name="VS" Repeating="No"><ItemGroupRef ItemGroupOID="IG.VS" Mandatory="No"/></FormDef>
<ItemGroupDef OID="IG.VS" Name="VS" Repeating="No"><ItemRef ItemOID="DAY"/><ItemRef ItemOID="WEIGHT"/><ItemRef ItemOID="W_UNIT"/><ItemRef ItemOID="HEIGHT"/></ItemGroupDef>
</MetaDataVersion></Study>
<ClinicalData StudyOID="S" MetaDataVersionOID="V">
<SubjectData SubjectKey="1"><StudyEventData StudyEventOID="SE.1"><FormData FormOID="F.VS">
<ItemGroupData ItemGroupOID="IG.VS">
<ItemData ItemOID="DAY" Value="2021-02-01"/><ItemData ItemOID="WEIGHT" Value="70.5"/><ItemData ItemOID="W_UNIT" Value="kg"/>
<ItemData ItemOID="HEIGHT" Value="171"/>
</ItemGroupData></FormData></StudyEventData></SubjectData>
</ClinicalData></ODM>
"""


def write_raw(raw: Path) -> None:
    raw.mkdir()
    (raw / "dm.csv").write_text("SUBJ,PREV,SEX,ICF\n1,,F,2021-01-05\n2,,M,2021-01-07\n3,2,M,2021-03-01\n", "utf-8")
    (raw / "line.csv").write_text(
        "SUBJ,NO,CODE,D1,D2,START\n1,1,a,Drug A,Drug B,2020-01-01\n1,2,b,Drug C,,2020-06-01\n1,3,b,Drug D,,2020-09-01\n",
        "utf-8",
    )
    lab = pd.DataFrame(
        {"SUBJ": ["1", "3"], "TESTCD": ["HGB", "HGB"], "RES": ["12.1", "<0.5"], "ROOM": ["East", "West"]}
    )
    pyreadstat.write_xport(lab, str(raw / "lab.xpt"), table_name="LAB", file_format_version=5)
    pyreadstat.write_sav(pd.DataFrame({"SUBJ": ["2", "1"], "Q1": [3.0, 1.0], "Q2": [4.0, None]}), str(raw / "qol.sav"))
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "NOTES"
    sheet = book.create_sheet("MED")
    for row in (["SUBJ", "WRITTEN", "CODED", "LINE"], ["2", "", "Pill X", ""], ["1", "pill y", "Pill Y", "b"]):
        sheet.append(row)
    book.save(raw / "med.xlsx")
    (raw / "snapshot.xml").write_text(ODM, "utf-8")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("trace")
    write_raw(root / "raw")
    (root / "study" / "sdtm").mkdir(parents=True)
    (root / "study" / "study.yaml").write_text(STUDY, "utf-8")
    for name, text in DATASETS.items():
        (root / "study" / "sdtm" / f"{name}.yaml").write_text(text, "utf-8")
    for partitions in (1, 2):
        folder = root / f"out{partitions}"
        build(str(root / "study"), root / "raw", folder, Options(partitions=partitions, quality=False))
    return root / "out1"


def traced(out: Path, dataset: str, where: str, variable: str) -> dict[str, Any]:
    """The way of one variable in the one record where a condition holds."""
    (record,) = trace_records(out, dataset, where, 9)
    return next(v for v in record["values"] if v["variable"] == variable)


def raw_cells(way: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    """(file, row, column, cell) of the raw cells that a way ends in."""
    found = []
    for c in way["cells"]:
        if "file" in c:
            found.append((c["file"], c["row"], c["column"], c["cell"]))
        found += raw_cells(c["from"]) if "from" in c else []
    return found


@pytest.mark.parametrize(
    ("dataset", "where", "variable", "value", "cells"),
    [
        # unpivot from SPSS: each record its own column
        ("QS", "QSORRES == '3'", "QSORRES", "3", [("qol.sav", 1, "Q1", "3")]),
        ("QS", "QSORRES == '4'", "QSORRES", "4", [("qol.sav", 1, "Q2", "4")]),
        ("QS", "QSORRES == '4'", "QSSTRESC", "4", [("qol.sav", 1, "Q2", "4")]),
        ("QS", "QSORRES == '1'", "QSORRES", "1", [("qol.sav", 2, "Q1", "1")]),
        # explode
        ("CM", "CMTRT == 'Drug B'", "CMTRT", "Drug B", [("line.csv", 1, "D2", "Drug B")]),
        ("CM", "CMTRT == 'Drug C'", "CMTRT", "Drug C", [("line.csv", 2, "D1", "Drug C")]),
        # a further column of the block, from a workbook
        ("CM", "CMTRT == 'PILL Y'", "CMTRT", "PILL Y", [("med.xlsx", 2, "WRITTEN", "pill y"), ("med.xlsx", 2, "CODED", "Pill Y")]),
        ("CM", "CMTRT == 'PILL Y'", "CMGRPID", "2", [("line.csv", 2, "NO", "2"), ("med.xlsx", 2, "LINE", "b")]),
        ("SUPPQS", "QVAL == '4'", "QVAL", "4", [("qol.sav", 1, "Q2", "4"), ("qol.sav", 1, "SUBJ", "2")]),
        # unit by rule and unit of the spec, from ODM-XML
        ("VS", "VSTESTCD == 'WEIGHT'", "VSORRES", "70.5", [("snapshot.xml", 1, "WEIGHT", "70.5")]),
        ("VS", "VSTESTCD == 'WEIGHT'", "VSORRESU", "kg", [("snapshot.xml", 1, "W_UNIT", "kg")]),
        ("VS", "VSTESTCD == 'HEIGHT'", "VSORRES", "171", [("snapshot.xml", 1, "HEIGHT", "171")]),
        ("VS", "VSTESTCD == 'HEIGHT'", "VSORRESU", "cm", []),
        # XPT, a working variable, and the subject's row of another raw source
        ("LB", "LBORRES == '<0.5'", "LBORRES", "<0.5", [("lab.xpt", 2, "RES", "<0.5")]),
        ("LB", "LBORRES == '<0.5'", "LBNAM", "West", [("lab.xpt", 2, "ROOM", "West")]),
        ("LB", "LBORRES == '<0.5'", "LBSTAT", "NOT DONE", [("dm.csv", 2, "SEX", "M")]),
        # subject 3 goes on as subject 2
        ("LB", "LBORRES == '<0.5'", "USUBJID", "S1-2", [("lab.xpt", 2, "SUBJ", "3"), ("dm.csv", 3, "SUBJ", "3"), ("dm.csv", 3, "PREV", "2")]),
        ("LB", "LBORRES == '12.1'", "USUBJID", "S1-1", [("lab.xpt", 1, "SUBJ", "1")]),
    ],
)  # fmt: skip
def test_the_way_ends_at_the_raw_cell(
    out: Path, dataset: str, where: str, variable: str, value: str, cells: list[tuple[str, int, str, str]]
) -> None:
    way = traced(out, dataset, where, variable)
    assert way["value"] == value
    assert raw_cells(way) == cells


def test_a_value_of_the_specification_has_its_line(out: Path) -> None:
    way = traced(out, "QS", "QSORRES == '3'", "QSCAT")
    assert way["cells"] == [{"source": "sdtm/qs.yaml:5:5", "note": "the specification has PART"}]
    other = traced(out, "QS", "QSORRES == '4'", "QSCAT")
    assert other["value"] == ""
    assert other["cells"] == [{"source": "QS", "note": "the rule names no column for the item of this record"}]
    unit = traced(out, "VS", "VSTESTCD == 'HEIGHT'", "VSORRESU")
    assert {"source": "sdtm/vs.yaml:6:5", "note": "the specification has UNIT"} in unit["cells"]


def test_the_line_of_the_file_and_the_sheet(out: Path) -> None:
    (cell,) = traced(out, "VS", "VSTESTCD == 'HEIGHT'", "VSORRES")["cells"]
    assert cell["line"] == 9  # of the ItemGroupData element
    first = traced(out, "CM", "CMTRT == 'PILL Y'", "CMTRT")["cells"][0]
    assert (first["sheet"], first["row"], first["line"]) == ("MED", 2, 3)


def test_a_further_column_tells_its_rule_and_its_candidates(out: Path) -> None:
    way = traced(out, "CM", "CMTRT == 'PILL Y'", "CMGRPID")
    (step,) = way["through"]
    assert step["column"] == "ITS_LINE"
    assert step["place"].startswith("sdtm/cm.yaml:7:")
    chosen = [(c["file"], c["row"], c["value"], c["outcome"]) for c in step["candidates"]]
    assert chosen == [("line.csv", 2, "2", "chosen"), ("line.csv", 3, "3", "comes after the chosen row")]
    text = trace_text(trace_records(out, "CM", "CMTRT == 'PILL Y'", 1))
    assert "by column ITS_LINE: ITS_LINE is line.NO" in text
    assert "chosen: line.csv row 2 NO = '2'" in text


def test_the_candidates_of_a_value_from_a_raw_table(out: Path) -> None:
    way = traced(out, "DM", "USUBJID == 'S1-1'", "RFXSTDTC")
    assert way["value"] == "2020-06-01"
    assert raw_cells(way) == [("line.csv", 2, "START", "2020-06-01")]
    assert [(c["row"], c["outcome"]) for c in way["candidates"]] == [
        (2, "chosen"),
        (3, "ranks after the chosen row by START"),
        (1, "NO > '1' does not hold"),
    ]


def test_a_count_lists_the_rows_that_it_counted(out: Path) -> None:
    way = traced(out, "DM", "USUBJID == 'S1-1'", "AGE")
    assert way["value"] == "3"
    assert [(c["file"], c["row"], c["outcome"]) for c in way["candidates"]] == [
        ("line.csv", 1, "counted"),
        ("line.csv", 2, "counted"),
        ("line.csv", 3, "counted"),
    ]


def test_values_of_all_subjects_and_of_the_specification(out: Path) -> None:
    first = traced(out, "TS", "TSPARMCD == 'SSTDTC'", "TSVAL")
    assert first["value"] == "2021-01-05"
    assert first["cells"] == [
        {"source": "study.yaml:3:27", "note": "TSVAL is the earliest complete DM.RFICDTC of all subjects."}
    ]
    title = traced(out, "TS", "TSPARMCD == 'TITLE'", "TSVAL")
    assert [c["note"] for c in title["cells"]] == ["the specification has TITLE"]


def test_every_value_has_a_rule_or_a_note(out: Path) -> None:
    for path in sorted((out / "sdtm").glob("*.xpt")):
        for record in trace_records(out, path.stem.upper(), "", 99):
            assert [v["variable"] for v in record["values"] if not v["rule"]] == []
    assert traced(out, "CM", "CMTRT == 'Drug B'", "CMGRPID")["rule"] == "No rule derives it in records of line."


def test_the_lineage_is_the_same_however_divided(out: Path) -> None:
    other = out.parent / "out2"
    files = sorted(p.relative_to(out) for p in (out / "lineage").rglob("*") if p.is_file())
    assert Path("lineage/QS.parquet") in files
    assert [f for f in files if (out / f).read_bytes() != (other / f).read_bytes()] == []


def test_columns_of_items_count_as_mapped_to_the_variables_they_feed(out: Path) -> None:
    sources = json.loads((out / "reports" / "accounting.json").read_text("utf-8"))["sources"]
    became = {(s["file"], c["column"]): c["became"] for s in sources for c in s["columns"]}
    assert became["qol.sav", "Q2"] == "mapped to QS.QSORRES, QS.QSRAW, SUPPQS.QSRAW"
    assert became["line.csv", "D2"] == "mapped to CM.CMTRT"
    assert became["med.xlsx", "CODED"] == "mapped to CM.CMTRT"


def test_what_an_item_takes_over_is_collected_and_what_the_spec_gives_is_assigned(out: Path) -> None:
    root = ElementTree.parse(out / "sdtm" / "define.xml").getroot()
    space = {"o": "http://www.cdisc.org/ns/odm/v1.3", "d": "http://www.cdisc.org/ns/def/v2.1"}
    origins = {
        item.get("Name"): [o.get("Type") for o in item.findall("d:Origin", space)]
        for item in root.iterfind(".//o:ItemDef", space)
    }
    assert origins["QSORRES"] == origins["VSORRES"] == ["Collected"]
    assert origins["QSCAT"] == origins["QSTESTCD"] == ["Assigned"]
    assert origins["CMGRPID"] == ["Derived"]  # by a further column that looks it up


def test_the_command(out: Path) -> None:
    done = raw2adam("trace", out, "VS", "--where", "VSTESTCD == 'WEIGHT'")
    assert done.returncode == 0, done.stderr
    assert "<- snapshot.xml row 1 (line 9) W_UNIT = 'kg'" in done.stdout
