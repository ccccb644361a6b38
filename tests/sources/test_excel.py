"""Excel sheets: typed cells as text, and workbooks that are refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import RawTable, SourceOptions, read_source


def book(path: Path, rows: list[list], formats: dict[str, str] | None = None, title: str = "AE") -> openpyxl.Workbook:
    built = openpyxl.Workbook()
    sheet = built.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cell, form in (formats or {}).items():
        sheet[cell].number_format = form
    built.save(path)
    return built


def read(path: Path, findings: Findings | None = None, **options) -> RawTable:
    found = Findings() if findings is None else findings
    return read_source("f", path.parent, SourceOptions(path.name, **options), found)


def rows(table: RawTable) -> list[list[str]]:
    return table.frame.astype(object).to_numpy().tolist()


def refused(path: Path, **options) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


def test_numbers_texts_and_truth(tmp_path):
    book(tmp_path / "f.xlsx", [["N", "T", "B"], [12.0, "0012", True], [0.1, " x ", False], [-1.5e-9, "NA", None],
                               [1e22, "=", None], [123456789012345, "TRUE", None]])  # fmt: skip
    table = read(tmp_path / "f.xlsx")
    assert rows(table) == [["12", "0012", "TRUE"], ["0.1", " x ", "FALSE"], ["-1.5e-09", "NA", ""],
                           ["1e+22", "=", ""], ["123456789012345", "TRUE", ""]]  # fmt: skip
    assert table.line.tolist() == [2, 3, 4, 5, 6]
    assert all(str(table.frame[c].dtype) == "category" for c in table.frame)


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_dates_and_times(tmp_path, epoch_1904):
    built = openpyxl.Workbook()
    if epoch_1904:
        built.epoch = CALENDAR_MAC_1904
    sheet = built.worksheets[0]
    sheet.append(["D"])
    cells = [
        (dt.datetime(2021, 2, 3), "dd/mm/yyyy", "2021-02-03"),
        (dt.datetime(2021, 2, 3, 14, 5), "dd/mm/yyyy", "2021-02-03T14:05"),
        (dt.datetime(2021, 2, 3), "yyyy-mm-dd hh:mm", "2021-02-03T00:00"),
        (dt.datetime(2021, 2, 3, 14, 5), "yyyy-mm-dd hh:mm:ss", "2021-02-03T14:05:00"),
        (dt.datetime(2021, 2, 3, 14, 5, 9), "yyyy-mm-dd hh:mm", "2021-02-03T14:05:09"),
        (dt.time(7, 30), "hh:mm", "07:30"),
        (dt.time(7, 30), "hh:mm:ss", "07:30:00"),
        (dt.timedelta(hours=36, minutes=30), "[h]:mm", "PT36H30M"),
    ]
    for n, (value, form, _) in enumerate(cells, 2):
        sheet.cell(n, 1, value).number_format = form
    built.save(tmp_path / "f.xlsx")
    assert [r[0] for r in rows(read(tmp_path / "f.xlsx"))] == [text for _, _, text in cells]


def test_what_a_sheet_hides_is_reported(tmp_path):
    built = openpyxl.Workbook()
    sheet = built.worksheets[0]
    for row in (["A", "B"], ["x", "#N/A"], [None, None], ["=1+1", "y"], ["z", "w"], [None, None]):
        sheet.append(row)
    sheet["B2"].data_type = "e"
    sheet["A6"].number_format = "0.00"
    sheet.merge_cells("A5:B5")
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    built.save(tmp_path / "f.xlsx")
    findings = Findings()
    table = read(tmp_path / "f.xlsx", findings)
    assert rows(table) == [["x", "#N/A"], ["", "y"], ["z", ""]]
    assert table.record.tolist() == [1, 2, 3] and table.line.tolist() == [2, 4, 5]
    frame = findings.frame().set_index("rule")
    assert sorted(frame.index) == [f"R2A-SRC-{n:03}" for n in (2, 4, 5, 6, 7, 8)]
    assert frame.loc["R2A-SRC-004", ["row", "column", "value"]].tolist() == [1, "B", "#N/A"]
    assert "1 formulas without a value (A4)" in frame.loc["R2A-SRC-005", "message"]
    assert "A5:B5" in frame.loc["R2A-SRC-006", "message"]
    assert "1 hidden rows and 1 hidden columns" in frame.loc["R2A-SRC-007", "message"]


def test_comments_and_struck_texts_are_reported(tmp_path):
    """A site deletes a value by striking it out, or explains it in a comment: neither is in a column."""
    built = openpyxl.Workbook()
    sheet = built.worksheets[0]
    for row in (["A", "B"], ["x", 1.5], ["y", 2.5], ["z", 3.5]):
        sheet.append(row)
    sheet["B2"].font = Font(strike=True)
    sheet["C9"].font = Font(strike=True)  # an empty cell
    sheet["A3"] = CellRichText("y", TextBlock(InlineFont(strike=True), "es"))
    sheet["B4"].comment = Comment("sample\nhemolysed", "a")
    built.save(tmp_path / "f.xlsx")
    findings = Findings()
    assert rows(read(tmp_path / "f.xlsx", findings)) == [["x", "1.5"], ["yes", "2.5"], ["z", "3.5"]]
    frame = findings.frame()
    seen = [(r.rule, r.message.split(":")[0], r.value) for r in frame.itertuples() if r.rule > "R2A-SRC-04"]
    assert sorted(seen) == [
        ("R2A-SRC-043", "sheet 'Sheet', cell B4", "sample hemolysed"),
        ("R2A-SRC-044", "sheet 'Sheet', cell A3", "yes"),
        ("R2A-SRC-044", "sheet 'Sheet', cell B2", "1.5"),
    ]


def test_a_text_that_looks_like_an_error_is_none(tmp_path):
    book(tmp_path / "f.xlsx", [["A"], ["x"]])
    path = tmp_path / "g.xlsx"
    with zipfile.ZipFile(tmp_path / "f.xlsx") as old, zipfile.ZipFile(path, "w") as new:
        for m in old.namelist():
            new.writestr(m, old.read(m).replace(b"<t>x</t>", b"<t>#N/A</t>"))
    findings = Findings()
    assert rows(read(path, findings)) == [["#N/A"]]
    assert len(findings) == 0


def test_sheets(tmp_path):
    built = book(tmp_path / "f.xlsx", [["A"], ["1"]])
    built.create_sheet("LAB DATA").append(["B"])
    built.save(tmp_path / "f.xlsx")
    assert "2 sheets ('AE', 'LAB DATA'); declare sheet:" in refused(tmp_path / "f.xlsx")
    assert "no sheet 'LABDATA'; it has 'AE', 'LAB DATA'; did you mean 'LAB DATA'?" in refused(
        tmp_path / "f.xlsx", sheet="LABDATA"
    )
    findings = Findings()
    assert list(read(tmp_path / "f.xlsx", findings, sheet="LAB DATA").frame) == ["B"]
    assert findings.frame()["rule"].tolist() == ["R2A-SRC-001"]


@pytest.mark.parametrize(
    ("cells", "reported"),
    [
        ([["A", None, "C"], [1, 2, 3]], "sheet 'AE', row 1: no name for column 2 of 3, and it holds '2' in cell B2"),
        ([["A"], [1], [2, 3]], "no name for column 2 of 2, and it holds '3' in cell B3; name it by its position"),
        ([], "sheet 'AE', row 1: no column names"),
    ],
)
def test_unusable_names(tmp_path, cells, reported):
    book(tmp_path / "f.xlsx", cells)
    assert reported in refused(tmp_path / "f.xlsx")


def test_header_row(tmp_path):
    book(tmp_path / "f.xlsx", [["Export of March"], [], ["A", "B"], [1, 2]])
    table = read(tmp_path / "f.xlsx", header_row=3)
    assert list(table.frame) == ["A", "B"] and rows(table) == [["1", "2"]] and table.line.tolist() == [4]
    assert "row 9: no column names" in refused(tmp_path / "f.xlsx", header_row=9)
    assert "'AETERM', which the file lacks" in refused(tmp_path / "f.xlsx", header_row=3, expected=("AETERM",))


def test_files_that_are_no_workbook(tmp_path):
    path = tmp_path / "f.xlsx"
    for content, reported in (
        (b"", "the file is empty"),
        (b"A,B\n1,2\n", "declare format: csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
    ):
        path.write_bytes(content)
        assert reported in refused(path)
    book(path, [["A"], [1]])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "cut short" in refused(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<w/>")
    assert "not an Excel workbook" in refused(path)


def test_hostile_workbooks(tmp_path):
    book(tmp_path / "f.xlsx", [["A"], ["x"]])
    path = tmp_path / "g.xlsx"
    for part, change, reported in (
        ("xl/workbook.xml", lambda b: b'<!DOCTYPE a [<!ENTITY b "c">]>' + b, "declares a DOCTYPE"),
        ("xl/worksheets/sheet1.xml", lambda b: b + b" " * (65 * 2**20), "zip bomb"),
        ("xl/worksheets/sheet1.xml", lambda b: b[:-40], "damaged workbook"),
    ):
        with zipfile.ZipFile(tmp_path / "f.xlsx") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for m in old.namelist():
                new.writestr(m, change(old.read(m)) if m == part else old.read(m))
        assert reported in refused(path)
