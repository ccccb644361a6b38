"""Header defects that lose nothing, and the keys header:, rename: and ragged: for those that a spec must decide."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.delimited import blocks
from raw2adam.sources.delimited import read as csv_text
from raw2adam.sources.read import RawTable, SourceOptions, read_source


def read(
    folder: Path, content: bytes | str, findings: Findings | None = None, file: str = "f.csv", **options
) -> RawTable:
    (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
    found = Findings() if findings is None else findings
    return read_source("f", folder, SourceOptions(file, **options), found)


def refused(folder: Path, content: bytes | str, **options) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, content, **options)
    return str(caught.value)


def cells(table: RawTable) -> list[list[str]]:
    return [list(map(str, table.frame)), *table.frame.astype(object).to_numpy().tolist()]


def rules(findings: Findings) -> list[str]:
    return findings.frame()["rule"].tolist()


@pytest.mark.parametrize("block", [1, 7, 4096])
@pytest.mark.parametrize(
    ("content", "expected", "reported"),
    [
        ("A,B,\n1,2,\n3,4,\n", [["A", "B"], ["1", "2"], ["3", "4"]], ["R2A-SRC-030"]),
        ("A,B,,\n1,2,,\n", [["A", "B"], ["1", "2"]], ["R2A-SRC-030"]),
        ("A,,B\n1,,2\n3,  ,4\n", [["A", "B"], ["1", "2"], ["3", "4"]], ["R2A-SRC-030"]),
        ("A,B\n1,2,\n3,4,\n", [["A", "B"], ["1", "2"], ["3", "4"]], ["R2A-SRC-030"]),  # in the records only
        ("A,B,\n1,2\n3,4\n", [["A", "B"], ["1", "2"], ["3", "4"]], []),  # in the header only
        ("A,B,\n1,2,\n3,4\n", [["A", "B"], ["1", "2"], ["3", "4"]], ["R2A-SRC-030", "R2A-SRC-030"]),
        ("A,B,\n", [["A", "B"]], ["R2A-SRC-001", "R2A-SRC-030"]),
        ('"A","B"\n"1","2"\n"3","4",""\n', [["A", "B"], ["1", "2"], ["3", "4"]], ["R2A-SRC-033"]),
        ("A,B\n1,2\n\n\n", [["A", "B"], ["1", "2"]], ["R2A-SRC-002"]),
    ],
)
def test_what_loses_nothing_is_read(tmp_path, monkeypatch, block, content, expected, reported):
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(csv_text, "_SEGMENT", block)
    findings = Findings()
    assert cells(read(tmp_path, content, findings)) == expected
    assert rules(findings) in (reported, ["R2A-SRC-030", *reported])


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (
            "A,B,\n1,2,\n3,4,x\n",
            "no name for column 3 of 3, and it holds 'x' in record 2, line 3; name it by its position",
        ),
        ("A,B\n1,2,\n3,4,x\n", "record 2, line 3: 3 fields where the header has 2"),
        (
            "A,B\n1,2,\n3,4\n",
            "record 1, line 2: 3 fields where the header has 2",
        ),  # a comma in a text before an empty cell
        ("A,B\n1,2\n3,4,\n", "record 2, line 3: 3 fields where the header has 2"),
        ("A,B\n1,2\n3\n", "record 2, line 3: 1 field where the header has 2"),
        ("A,B\n1,2,x\n", "record 1, line 2: 3 fields where the header has 2"),
        (",,\n1,2,3\n", "header, line 1: no column has a name"),
    ],
)
def test_what_may_lose_something_is_refused(tmp_path, content, reported):
    assert reported in refused(tmp_path, content)


@pytest.mark.parametrize("block", [3, 4096])
def test_ragged_records_are_padded_or_extended_and_each_is_reported(tmp_path, monkeypatch, block):
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(csv_text, "_SEGMENT", block)
    content = 'A,B,C\n1,2,3\n4\n\n5,"x,\ny"\n6,7,8,\n9,1,2\n'
    findings = Findings()
    table = read(tmp_path, content, findings, ragged="pad")
    assert cells(table)[1:] == [["1", "2", "3"], ["4", "", ""], ["5", "x,\ny", ""], ["6", "7", "8"], ["9", "1", "2"]]
    assert table.line.tolist() == [2, 3, 5, 7, 8]
    found = findings.frame().query("rule == 'R2A-SRC-033'")
    assert found[["row", "value"]].to_numpy().tolist() == [[2, "1"], [3, "2"], [4, "4"]]
    assert "line 5: 2 fields where the header names 3; the last ones are read as empty" in found["message"].iloc[1]
    assert "record 2, line 3: 4 fields" in refused(tmp_path, "A,B\n1,2\n3,4,5,6\n", ragged="pad")
    table = read(tmp_path, "A,B\n1,2\n3,4,5,6\n7\n", findings, ragged="extend")
    assert cells(table) == [
        ["A", "B", "EXTRA_1", "EXTRA_2"],
        ["1", "2", "", ""],
        ["3", "4", "5", "6"],
        ["7", "", "", ""],
    ]
    assert findings.frame()["message"].str.contains("the surplus is read as EXTRA_1 and on").sum() == 1


def test_a_doubled_name_is_no_name_and_rename_gives_one(tmp_path):
    findings = Findings()
    table = read(tmp_path, "A,B,A\n1,2,3\n", findings)
    assert cells(table) == [["A (column 1)", "B", "A (column 3)"], ["1", "2", "3"]]
    assert table.doubled == {"A": ("A (column 1)", "A (column 3)")}
    assert findings.frame()[["rule", "column"]].to_numpy().tolist() == [["R2A-SRC-031", "A"]]
    table = read(tmp_path, "A,B,A\n1,2,3\n", findings, rename=(("3", "A_LATER"), ("B", "BETA")))
    assert cells(table)[0] == ["A", "BETA", "A_LATER"] and not table.doubled
    assert cells(read(tmp_path, "A,,\n1,2,\n", rename=(("2", "B"),))) == [["A", "B"], ["1", "2"]]


@pytest.mark.parametrize(
    ("rename", "reported"),
    [
        ((("4", "X"),), "rename: names column 4, and the file has 3 columns"),
        ((("a", "X"),), "rename: names the column 'a', which the file lacks (did you mean 'A'?)"),
        ((("A", "X"),), "columns 1 and 3 all have this name; name it by its position: rename: {1: ...}"),
        ((("1", "B"),), "by rename: columns 1 and 2 would both have the name 'B'"),
    ],
)
def test_wrong_renames(tmp_path, rename, reported):
    assert reported in refused(tmp_path, "A,B,A\n1,2,3\n", rename=rename)


def test_names_of_several_rows_and_rows_that_are_no_data(tmp_path):
    content = "Export\nSUBJ,Visit 1,,Visit 2,,\n,Date,Weight,Date,Weight,\nid,d,kg,d,kg,\n1,2024,70,2025,71,\n"
    findings = Findings()
    options = {"header_row": 2, "header_rows": 2, "skip_rows": 1, "header_join": "/"}
    table = read(tmp_path, content, findings, **options)
    assert cells(table) == [
        ["SUBJ", "Visit 1/Date", "Visit 1/Weight", "Visit 2/Date", "Visit 2/Weight"],
        ["1", "2024", "70", "2025", "71"],
    ]
    assert table.line.tolist() == [5]
    assert "line 4 not read" in findings.frame().query("rule == 'R2A-SRC-032'")["message"].iloc[0]
    table = read(tmp_path, "1,x\n2,y\n", findings, columns=("A", "B"))
    assert cells(table) == [["A", "B"], ["1", "x"], ["2", "y"]] and table.line.tolist() == [1, 2]
    assert cells(read(tmp_path, "#\n1,x\n", columns=("A", "B"), skip_rows=1))[1:] == [["1", "x"]]
    assert "record 1, line 1: 2 fields where the header has 3" in refused(tmp_path, "1,x\n", columns=("A", "B", "C"))
    assert "ends before line 3, where the names should be" in refused(tmp_path, "A\n1\n", header_row=2, header_rows=3)


def test_a_line_that_declares_the_separator(tmp_path):
    findings = Findings()
    table = read(tmp_path, "sep=;\r\nA;B\r\n1,5;2\r\n", findings)
    assert cells(table) == [["A", "B"], ["1,5", "2"]] and table.line.tolist() == [3]
    assert rules(findings) == ["R2A-SRC-032"]
    assert cells(read(tmp_path, '"sep=\t"\nA\tB\n1\t2\n', separator="\t")) == [["A", "B"], ["1", "2"]]
    assert "line 1 declares the separator ';', and the spec declares separator: '|'" in refused(
        tmp_path, "sep=;\nA|B\n", separator="|"
    )
    assert cells(read(tmp_path, "sep=;\nA,B\n1,2\n", header_row=2)) == [["A", "B"], ["1", "2"]]


def test_an_empty_file_has_no_columns(tmp_path):
    findings = Findings()
    table = read(tmp_path, b"", findings)
    assert len(table) == 0 and list(table.frame) == [] and rules(findings) == ["R2A-SRC-036"]
    assert table.unreadable == {"": "the file f.csv is empty (0 bytes)"}


def test_names_of_parquet_and_of_a_workbook(tmp_path):
    pq.write_table(pa.table([[1], [2], [None]], names=["A", "A", ""]), tmp_path / "f.parquet")
    table = read_source("f", tmp_path, SourceOptions("f.parquet", rename=(("2", "B"),)), Findings())
    assert cells(table) == [["A", "B"], ["1", "2"]]
    book = openpyxl.Workbook()
    for row in (["Visit 1", None, "Note", "Note", None], ["Date", "Weight", None, None, None], [5, 6, "x", "y", " "]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "f.xlsx")
    findings = Findings()
    table = read_source("f", tmp_path, SourceOptions("f.xlsx", header_rows=2), findings)
    assert cells(table) == [
        ["Visit 1 Date", "Visit 1 Weight", "Note (column 3)", "Note (column 4)"],
        ["5", "6", "x", "y"],
    ]
    assert rules(findings) == ["R2A-SRC-031", "R2A-SRC-030"]
    table = read_source("f", tmp_path, SourceOptions("f.xlsx", columns=("A", "B", "C", "D"), skip_rows=2), findings)
    assert cells(table) == [["A", "B", "C", "D"], ["5", "6", "x", "y"]] and table.line.tolist() == [3]


def secutrial_like(folder: Path, encoding: str) -> list[str]:
    """40 tables in the shape of one EDC system's export: tabs, quotes, an empty last name, some rows a field longer."""
    mark = "\ufeff" if encoding == "utf-16-be" else ""

    def line(values: list[str], last: bool = True) -> str:
        return "\t".join(f'{mark}"{v}"{mark}' for v in [*values, *([""] if last else [])]) + "\n"

    forms = {
        f"form{i:02}": (["pid", f"item{i}", "größe"], [[f"{n:03}", str(n * i), "é"] for n in range(i % 4)])
        for i in range(32)
    }
    meta = {
        "fs": (["formid", "name", "label"], [["1", "form01", "Vital signs"], ["2", "form02", ""]]),
        "is": (["iid", "ffid", "", "type"], [["7", "1", "", "Number 3,5"]]),
        "ctr": (["id", "name"], [["1", "Zürich"]]),
        "vp": (["id", "", "", "visit"], [["1", "", "", "#. visit"]]),
        "cn": (["pid", "note"], []),
    }
    for name, (names, rows) in {**forms, **meta}.items():
        (folder / f"{name}.xls").write_text(line(names) + "".join(map(line, rows)), encoding, newline="")
    lists = (
        line(["column", "code", "value"], False) + line(["state", "0", "empty"]) + line(["miv", "2", "not done"], False)
    )
    (folder / "cl.xls").write_text(lists, encoding, newline="")
    (folder / "qac.xls").write_text(line(["only", "names"], False), encoding, newline="")
    (folder / "atcn.xls").write_bytes(b"")
    return sorted(p.name for p in folder.glob("*.xls"))


@pytest.mark.parametrize(
    ("written", "declared"), [("utf-8", "utf-8"), ("latin-1", "latin-1"), ("utf-16-be", "utf-16-be")]
)
def test_all_tables_of_an_export_read(tmp_path, written, declared):
    files = secutrial_like(tmp_path, written)
    assert len(files) == 40
    for file in files:
        table = read_source("f", tmp_path, SourceOptions(file, "csv", declared, "\t"), Findings())
        assert not any("\ufeff" in t for row in cells(table) for t in row)
    table = read_source("f", tmp_path, SourceOptions("form03.xls", "csv", declared, "\t"), Findings())
    assert cells(table) == [["pid", "item3", "größe"], ["000", "0", "é"], ["001", "3", "é"], ["002", "6", "é"]]
    table = read_source("f", tmp_path, SourceOptions("cl.xls", "csv", declared, "\t"), Findings())
    assert cells(table)[1:] == [["state", "0", "empty"], ["miv", "2", "not done"]]


def test_labels_of_a_renamed_variable(tmp_path):
    import pyreadstat

    pyreadstat.write_sav(
        pd.DataFrame({"q1": [1.0], "q2": [2.0]}), tmp_path / "f.sav", column_labels={"q1": "Sex"},
        variable_value_labels={"q1": {1.0: "male"}},
    )  # fmt: skip
    table = read_source("f", tmp_path, SourceOptions("f.sav", rename=(("q1", "SEX"),)), Findings())
    assert cells(table) == [["SEX", "q2"], ["1", "2"]]
    assert table.column_labels == {"SEX": "Sex"} and table.value_labels == {"SEX": {"1": "male"}}
