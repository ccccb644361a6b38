"""Number formats of spreadsheets: what of a cell is read, and what is told of it. Tables written by hand."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from raw2adam.findings.table import Findings
from raw2adam.sources.excel.dates import shown_moment
from raw2adam.sources.excel.number_formats import plain_number, shown_number
from raw2adam.sources.excel.workbook import unescaped
from raw2adam.sources.read import RawTable, SourceOptions, read_source


@pytest.mark.parametrize(
    ("stored", "code", "text", "reported", "seen"),
    [
        ("4.3999999999999995", "General", "4.4", "", ""),
        ("1.6900000000000002", "0.00", "1.69", "", ""),
        ("9.3000000000000007", "@", "9.3", "", ""),
        ("1234567890123456789", "0", "1234567890123456789", "", ""),  # digits that the file has all the same
        ("0.45", "0%", "45", "shown", ""),
        ("7.0000000000000007E-2", "0.0%", "7", "shown", ""),
        ("0.4567", "0%", "45.67", "shown", ""),
        ("-0.05", "0%;[Red]-0%", "-5", "shown", ""),
        ("0", "0%", "0", "", ""),
        ("1", "000", "001", "shown", ""),
        ("1234", "000", "1234", "", ""),
        ("1.5", "000.0", "001.5", "shown", ""),
        ("1.25", "000.0", "1.25", "stored", "001.3"),
        ("123456789", "000-00-0000", "123-45-6789", "shown", ""),
        ("1", '"S-"000', "S-001", "shown", ""),
        ("0.5", '"<"0.0', "<0.5", "shown", ""),
        ("0.46", '"<"0.0', "0.46", "stored", "<0.5"),
        ("12.5", '0.0" mg"', "12.5", "stored", "12.5 mg"),
        ("12", 'General" mg"', "12", "stored", "12 mg"),
        ("1234567", "#,##0", "1234567", "", ""),
        ("1234.5", "[$€-407] #,##0.00", "1234.5", "stored", "€ 1234.50"),
        ("1234567", "0,", "1234567", "stored", "1235"),
        ("0.5", "# ?/?", "0.5", "stored", "a fraction"),
        ("2", "# ?/?", "2", "", ""),
        ("123456", "0.00E+00", "123456", "", ""),
        ("12.346", "0.00", "12.346", "rounded", "12.35"),
        ("12.5", "0.00", "12.5", "", ""),
        ("1", '"Yes";;"No"', "Yes", "shown", ""),
        ("0", '"Yes";;"No"', "No", "shown", ""),
        ("0", '0.0;-0.0;"n.d."', "n.d.", "shown", ""),
        ("0", '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "0", "stored", "-"),
        ("5", '_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "5", "", ""),
        ("5", ";;;", "5", "stored", "nothing"),
        ("-5", "0;0", "-5", "stored", "5"),
        ("-5", "0.0_);(0.0)", "-5", "", ""),
        ("3", '[<5]"low";[>=5]0.0', "low", "shown", ""),
        ("7", '[<5]"low";[>=5]0.0', "7", "", ""),
        ("1e+300", "0.00", "1e+300", "", ""),
    ],
)  # fmt: skip
def test_numbers(stored, code, text, reported, seen):
    found = shown_number(stored, code)
    assert (found.text, found.difference, found.seen) == (text, reported, seen)


@pytest.mark.parametrize(
    ("stored", "code", "text", "reported", "since_1904"),
    [
        ("45352", "mmm-yy", "2024-03", "shown", "2028-03-02"),
        ("45360", "mmm-yy", "2024-03-09", "stored", "2028-03-10"),
        ("45292", "yyyy", "2024", "shown", "2028-01-02"),
        ("45352", "d-mmm", "2024-03-01", "stored", "2028-03-02"),
        ("45352", "dddd", "2024-03-01", "stored", "2028-03-02"),
        ("45352", "dd/mm/yyyy", "2024-03-01", "", "2028-03-02"),
        ("45352.5", "dd/mm/yyyy", "2024-03-01T12:00", "rounded", "2028-03-02T12:00"),
        ("45352.5", "h:mm", "2024-03-01T12:00", "stored", "2028-03-02T12:00"),
        ("0.3125", "h:mm", "07:30", "", "07:30"),
        ("1.520833333", "[h]:mm", "PT36H30M", "", "PT36H30M"),
        ("59", "yyyy-mm-dd", "1900-02-28", "", "1904-02-29"),
        ("60", "yyyy-mm-dd", "60", "stored", "1904-03-01"),
        ("61", "yyyy-mm-dd", "1900-03-01", "", "1904-03-02"),
        ("0", "yyyy-mm-dd", "0", "stored", "1904-01-01"),
        ("-1", "yyyy-mm-dd", "-1", "stored", "-1"),
        ("3000000", "yyyy-mm-dd", "3000000", "stored", "3000000"),
        ("45352", '[$-411]ge"年"m"月"d"日"', "2024-03-01", "", "2028-03-02"),
        ("45352", "[$-409]mmm\\-yy;@", "2024-03", "shown", "2028-03-02"),
        ("45352.999999999", "yyyy-mm-dd hh:mm", "2024-03-02T00:00", "", "2028-03-03T00:00"),
    ],
)  # fmt: skip
def test_dates(stored, code, text, reported, since_1904):
    found = shown_moment(stored, code, False)
    assert (found.text, found.difference) == (text, reported)
    assert shown_moment(stored, code, True).text in (since_1904, since_1904[:7], since_1904[:4])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a_x000D_\nb", "a\r\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x005f_", "_"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD83D_", "_xD83D_"),
        ("_x0000_", "_x0000_"),
        ("_x00D_ _X000D_", "_x00D_ _X000D_"),
    ],
)
def test_escapes_of_the_file_format(written, text):
    assert unescaped(written) == text


def test_ten_thousand_numbers_of_single_precision_read_back(tmp_path):
    values = np.random.default_rng(4).normal(size=10_000).astype(np.float32)
    texts = [plain_number(repr(float(v))) for v in values]
    assert (np.array(texts, dtype=np.float64).astype(np.float32) == values).all()


def read(folder: Path, rows: list[list], formats: dict[str, str], findings: Findings, **options) -> RawTable:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for cell, code in formats.items():
        book.worksheets[0][cell].number_format = code
    book.save(folder / "f.xlsx")
    return read_source("f", folder, SourceOptions("f.xlsx", **options), findings)


def test_one_format_of_a_whole_column_is_one_finding_and_mixed_formats_one_by_cell(tmp_path):
    rows = [["ID", "HCT", "DOSE"], [1, 0.45, 5], [2, 44, 6]]
    formats = {"A2": "000", "A3": "000", "B2": "0%", "C2": '0" mg"', "C3": '0" g"'}
    findings = Findings()
    table = read(tmp_path, rows, formats, findings)
    assert table.frame.astype(object).to_numpy().tolist() == [["001", "45", "5"], ["002", "44", "6"]]
    frame = findings.frame()[["rule", "severity", "column", "row", "value"]].to_numpy().tolist()
    assert sorted(frame) == [
        ["R2A-SRC-037", "note", "ID", -1, ""],
        ["R2A-SRC-037", "warning", "HCT", 1, "45"],
        ["R2A-SRC-038", "warning", "DOSE", 1, "5"],
        ["R2A-SRC-038", "warning", "DOSE", 2, "6"],
    ]
    assert 'the number format 0" g" shows 6 g and 6 is stored' in " ".join(findings.frame()["message"])
    findings = Findings()
    table = read(tmp_path, rows, formats, findings, number_formats="stored")
    assert table.frame.astype(object).to_numpy().tolist() == [["1", "0.45", "5"], ["2", "44", "6"]]
    assert set(findings.frame()["rule"]) == {"R2A-SRC-038"}


def test_a_month_is_read_as_shown_or_stored(tmp_path):
    rows = [["D"], [45352], [45383]]
    formats = {"A2": "mmm-yy", "A3": "mmm-yy"}
    assert read(tmp_path, rows, formats, Findings()).frame["D"].tolist() == ["2024-03", "2024-04"]
    findings = Findings()
    table = read(tmp_path, rows, formats, findings, number_formats="stored")
    assert table.frame["D"].tolist() == ["2024-03-01", "2024-04-01"]
    assert "shows 2024-03 only and 2024-03-01 is stored" in findings.frame()["message"][0]


def test_shared_texts_runs_errors_and_the_strict_namespace(tmp_path):
    read(tmp_path, [["A", "B", "C"], ["x", 5, "=1/0"]], {}, Findings())
    shared = (
        '<sst xmlns="M"><si><r><t>Se</t></r><r><rPr><b/></rPr><t xml:space="preserve">rious </t></r>'
        "<rPh sb='0' eb='1'><t>kana</t></rPh></si></sst>"
    )
    path = tmp_path / "g.xlsx"
    with zipfile.ZipFile(tmp_path / "f.xlsx") as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            text = old.read(member).decode()
            if member.endswith("sheet1.xml"):
                start = text.index('<row r="2"')
                cells = (
                    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="e"><v>#DIV/0!</v></c><c r="D2"><v/></c></row>'
                )
                text = text[:start] + cells + text[text.index("</sheetData>") :]
            if member.endswith("workbook.xml.rels"):
                text = text.replace(
                    "</Relationships>",
                    '<Relationship Id="rS" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
                )
            main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            new.writestr(member, text.replace(main, "http://purl.oclc.org/ooxml/spreadsheetml/main"))
        new.writestr("xl/sharedStrings.xml", shared.replace('"M"', '"http://purl.oclc.org/ooxml/spreadsheetml/main"'))
    findings = Findings()
    table = read_source("g", tmp_path, SourceOptions("g.xlsx"), findings)
    assert table.frame.astype(object).to_numpy().tolist() == [["Serious ", "", "#DIV/0!"]]
    assert findings.frame()["rule"].tolist() == ["R2A-SRC-004"]
