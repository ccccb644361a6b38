"""CSV cells, places and encodings: what a sound file becomes."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.findings.table import Findings
from raw2adam.sources.delimited import blocks
from raw2adam.sources.delimited import read as csv_text
from raw2adam.sources.read import RawTable, SourceOptions, read_source


def read(folder: Path, content: bytes, findings: Findings | None = None, **options) -> RawTable:
    (folder / "f.csv").write_bytes(content)
    return read_source("f", folder, SourceOptions("f.csv", **options), Findings() if findings is None else findings)


def rows(table: RawTable) -> list[list[str]]:
    return table.frame.astype(object).to_numpy().tolist()


def test_cells_are_the_text_of_the_file(tmp_path):
    table = read(tmp_path, b"A,B,C\n0012,NA,null\nNO, x ,1e3\n,\"\",'q'\n")
    assert rows(table) == [["0012", "NA", "null"], ["NO", " x ", "1e3"], ["", "", "'q'"]]
    for column in table.frame:
        assert table.frame[column].dtype == "category"
        assert table.frame[column].cat.categories.dtype == "str"
        assert table.frame[column].cat.codes.dtype == np.int8
        assert not table.frame[column].isna().any()
    assert table.sha256 == hashlib.sha256((tmp_path / "f.csv").read_bytes()).hexdigest()


def test_sha256_is_of_all_blocks_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 5000)  # hashlib lets other threads run from 2 KB on
    monkeypatch.setattr(csv_text, "_SEGMENT", 20_000)
    content = b"A,B\n" + b"".join(b"%d,x\n" % i for i in range(60_000))
    assert read(tmp_path, content).sha256 == hashlib.sha256(content).hexdigest()


def test_many_values_get_wider_codes(tmp_path):
    body = "".join(f"{i},x\n" for i in range(40_000))
    table = read(tmp_path, ("N,X\n" + body).encode())
    assert table.frame["N"].cat.codes.dtype == np.int32
    assert table.frame["X"].cat.codes.dtype == np.int8
    assert table.frame["N"].iloc[[0, 39_999]].tolist() == ["0", "39999"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_places(tmp_path, end):
    lines = [b"A,B", b'1,"a', b'b"', b"2,c", b"", b"3,d"]
    findings = Findings()
    table = read(tmp_path, end.join(lines), findings)
    assert rows(table) == [["1", "a" + end.decode() + "b"], ["2", "c"], ["3", "d"]]
    assert table.record.tolist() == [1, 2, 3]
    assert table.line.tolist() == [2, 4, 6]
    frame = findings.frame()
    assert frame["rule"].tolist() == ["R2A-SRC-002"]
    assert "1 blank line skipped, the first is line 5" in frame["message"][0]


def test_a_blank_line_of_one_column_is_an_empty_cell(tmp_path):
    table = read(tmp_path, b"A\nx\n\r\n\ny\n")
    assert rows(table) == [["x"], [""], [""], ["y"]]
    assert table.line.tolist() == [2, 3, 4, 5]


def test_header_only_is_a_note(tmp_path):
    for content in (b"A,B\n", b"A,B"):
        findings = Findings()
        table = read(tmp_path, content, findings)
        assert len(table) == 0 and list(table.frame) == ["A", "B"]
        assert table.frame["A"].dtype == "category"
        assert findings.frame()["rule"].tolist() == ["R2A-SRC-001"]


def test_header_further_down_and_over_two_lines(tmp_path):
    table = read(tmp_path, b'Export "of the 3rd\n;;;\n"A\nB";C\n1;2\n', header_row=3, separator=";")
    assert list(table.frame) == ["A\nB", "C"]
    assert table.line.tolist() == [5]


def test_blanks_around_names_are_noted(tmp_path):
    findings = Findings()
    table = read(tmp_path, b"A, B\n1, 2\n", findings)
    assert list(table.frame) == ["A", "B"] and rows(table) == [["1", " 2"]]
    assert findings.frame()["rule"].tolist() == ["R2A-SRC-003"]


def test_a_file_without_quoting(tmp_path):
    table = read(tmp_path, b'A|B\n5" tube|"x\n', separator="|", quote="")
    assert rows(table) == [['5" tube', '"x']]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-8-sig", b"\xef\xbb\xbf"),
        ("cp1252", b""),
        ("utf-16", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b""),
        ("utf-8", b""),
    ],
)
def test_encodings(tmp_path, encoding, mark):
    text = 'NAME,B\r\nMüller,"é\r\n€"\r\nx,y\r\n'
    content = text.encode("utf-8" if encoding == "utf-8-sig" else encoding)
    table = read(tmp_path, mark + content, encoding=encoding)
    assert list(table.frame) == ["NAME", "B"]
    assert rows(table) == [["Müller", "é\r\n€"], ["x", "y"]]
    assert table.line.tolist() == [2, 4]


def test_shift_jis_trail_bytes_are_not_separators(tmp_path):
    # the second byte of ソ is a backslash, that of ポ a vertical bar
    table = read(tmp_path, "A|B\nソ|ポ\n".encode("shift_jis"), encoding="shift_jis", separator="|")
    assert rows(table) == [["ソ", "ポ"]]


PIECE = st.sampled_from(["a", "0", " ", ",", '"', "\n", "\r", "\r\n", "é", "€", "😀", "NA", ";"])
CELL = st.lists(PIECE, max_size=6).map("".join)


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8)), width


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.integers(1, 40),
    st.booleans(),
)  # fmt: skip
def test_round_trip_with_pythons_csv(tmp_path, monkeypatch, table, end, quoting, block, cut_end):
    """Whatever Python's csv module writes is read back, also when blocks cut it anywhere; places agree with a count."""
    cells, width = table
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=quoting, lineterminator=end)
    writer.writerow([f"C{i}" for i in range(width)])
    writer.writerows(cells)
    text = buffer.getvalue()
    if quoting == csv.QUOTE_MINIMAL and end == "\n" and any("\r" in c for row in cells for c in row):
        return  # the csv module leaves a CR unquoted there, which RFC 4180 forbids
    if cut_end and not (cells and cells[-1] == [""]):
        text = text.removesuffix(end)
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(csv_text, "_SEGMENT", block)
    found = read(tmp_path, text.encode())
    assert rows(found) == cells
    expected_line, lines = 2, []
    for row in cells:
        lines.append(expected_line)
        joined = "|".join(row)
        expected_line += 1 + joined.count("\n") + joined.count("\r") - joined.count("\r\n")
    assert found.line.tolist() == lines


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["a", ",", '"', "\n", "\r\n", " "]), max_size=24).map("".join), st.integers(1, 9))
def test_what_is_accepted_reads_as_pythons_strict_csv(tmp_path, monkeypatch, body, block):
    """Of any text, what is not refused agrees with Python's csv module in strict mode."""
    from raw2adam.errors import InputError

    monkeypatch.setattr(blocks, "BLOCK", block)
    try:
        found = rows(read(tmp_path, ("A,B\n" + body).encode()))
    except InputError:
        return
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    # a surplus field that every record has is left out where it is empty, and only there
    assert found == [row[:2] for row in reader if row and not any(c.strip() for c in row[2:])]
