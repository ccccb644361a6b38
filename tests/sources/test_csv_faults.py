"""CSV files that are refused: the message names the record, the line, what was expected and what to do."""

from __future__ import annotations

import pytest
from raw2adam.errors import InputError, UsageError
from raw2adam.findings.table import Findings
from raw2adam.sources.delimited import blocks, read
from raw2adam.sources.read import SourceOptions, read_source


def fault(folder, content: bytes, **options) -> str:
    (folder / "f.csv").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_source("f", folder, SourceOptions("f.csv", **options), Findings())
    assert str(folder) not in str(caught.value)
    return str(caught.value)


LONG = b'"x\ny",2,3\n' * 15  # 15 records on 30 lines


@pytest.mark.parametrize(
    ("row", "reported"),
    [
        (b"1,2\n", "record 16, line 32: 2 fields where the header has 3; look for a cut line"),
        (b"1\n\n", "record 16, line 32: 1 field where the header has 3"),
        (b"1,2,3,4\n", "record 16, line 32: 4 fields where the header has 3; put a field that contains ',' in quotes"),
        (b'1,"2,3"\n9\n', "record 16, line 32: 2 fields where the header has 3; look for a cut line, or for a line "
         "break in a field without quotes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_ragged(tmp_path, row, reported, encoding):
    message = fault(tmp_path, b"A,B,C\n" + LONG + row + b"4,5,6\n", encoding=encoding)
    assert message.startswith(f"f.csv: {reported}")


def test_ragged_by_a_wrong_separator(tmp_path):
    """A decimal comma in a file with semicolons looks like a field too many."""
    message = fault(tmp_path, b"A;B\n1;2,5\n")
    assert message.endswith("the header is a single field with ';' in it: declare separator: ';'?")


def test_ragged_in_a_later_segment_and_before_another_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "_SEGMENT", 10)
    monkeypatch.setattr(blocks, "BLOCK", 16)
    body = b"1,2\n" * 20 + b"\n\n" + b"1,2\n" * 20
    assert "record 41, line 44: 1 field" in fault(tmp_path, b"A,B\n" + body + b"7\n" + body)
    assert "record 41, line 44: 1 field" in fault(tmp_path, b"A,B\n" + body + b"7\n" + body + b'1,"x"y\n')
    assert "record 42, line 45: text after" in fault(tmp_path, b"A,B\n" + body + b'1,3\n1,"x"y\n')


def test_ragged_in_the_first_record_and_after_blank_lines(tmp_path):
    assert "record 1, line 2: 2 fields where the header has 3" in fault(tmp_path, b"A,B,C\n1,2\n")
    assert "record 2, line 6: 4 fields" in fault(tmp_path, b"A,B,C\r\n\r\n1,2,3\r\n\r\n\r\n1,2,3,4\r\n")


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("content", "place", "reported"),
    [
        (b'A,B\n1,2\n3,5" tube\n4,5\n', "record 2, line 3", 'a quote " inside an unquoted field'),
        (b'A,B\n1,"x"y\n', "record 1, line 2", "text after the closing quote"),
        (b'A,B\n1,"x" \n', "record 1, line 2", "that begins on line 2"),
        (b'A,B\n1, "x"\n', "record 1, line 2", "inside an unquoted field"),
        (b'A,B\n0,"p\nq"\n1,"x\n2,y\n3,z\n', "record 2, line 4", "never closed"),
        (b'A,B\n1,"x\n2,y\n3,"z"\n', "record 1, line 4", "of a field that begins on line 2"),
        (b"A,B\r\n1,2\r\n3,x\ry\r\n", "record 2, line 3", "a line end of another kind than the header's"),
        (b"A,B\r1,2\r3,x\n4,5\r", "record 2, line 3", "a line end of another kind than the header's"),
        (b'A,B\n1,"a""\n', "record 1, line 2", "never closed"),
    ],
)
def test_quotes(tmp_path, monkeypatch, block, content, place, reported):
    monkeypatch.setattr(blocks, "BLOCK", block)
    message = fault(tmp_path, content)
    assert message.startswith(f"f.csv: {place}: ") and reported in message


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\n1,2\n", "header, line 1: no column has a name"),
        (b"A,,C\n1,2,3\n", "header, line 1: no name for column 2 of 3, and it holds '2' in record 1, line 2"),
        (b'"A,B\n1,2\n', "header, line 1: the quote"),
    ],
)
def test_headers(tmp_path, content, reported):
    assert reported in fault(tmp_path, content)


def test_header_row_beyond_the_end(tmp_path):
    assert "ends before line 4" in fault(tmp_path, b"A,B\n1,2\n\n", header_row=4)


@pytest.mark.parametrize("block", [20, 4096])
@pytest.mark.parametrize(
    ("content", "options", "reported"),
    [
        (b"A,B\r\nx,M\xfcller\r\n", {}, "f.csv:2:4: byte 0xFC at offset 8 is not utf-8 (not defined); declare"),
        (b"A,B\n" + b"x,y\n" * 9 + b"x\x81\n", {"encoding": "cp1252"}, "f.csv:11:2: byte 0x81 at offset 41 is not"),
        (b"A\n\xc3\xbc\xe2\x82", {}, "offset 4 is not utf-8 (the file ends inside a character)"),
        (b"A,B\nx\0,y\n", {}, "f.csv:2:2: NUL byte at offset 5; the file is damaged"),
        ("A,B\n1,2\n".encode("utf-16-le"), {}, "declare encoding: utf-16-le or utf-16-be"),
        ("A,B\n1,2\n".encode("utf-16-le"), {"encoding": "utf-16"}, "no byte order mark shows the byte order"),
        (b"A\n\x83\n", {"encoding": "shift_jis"}, "is not shift_jis"),
    ],
)  # fmt: skip
def test_encodings(tmp_path, monkeypatch, block, content, options, reported):
    monkeypatch.setattr(blocks, "BLOCK", block)
    assert reported in fault(tmp_path, content, **options)


@pytest.mark.parametrize(
    ("content", "declared", "reported"),
    [
        ("A\n1\n".encode("utf-16"), "utf-8", "declare encoding: utf-16"),
        ("A\n1\n".encode("utf-32"), "cp1252", "declare encoding: utf-32"),
        (b"\xef\xbb\xbfA\n1\n", "cp1252", "declare encoding: utf-8"),
    ],
)
def test_byte_order_mark_of_another_encoding(tmp_path, content, declared, reported):
    assert reported in fault(tmp_path, content, encoding=declared)


def test_missing_columns_name_the_nearest_and_the_separator(tmp_path):
    message = fault(tmp_path, b"SUBJ_ID,AETERM\n1,x\n", expected=("SUBJ_ID", "AETRM"))
    assert "the column 'AETRM' (did you mean 'AETERM'?), which the file lacks; it has SUBJ_ID, AETERM" in message
    assert "declare separator: ';'" in fault(tmp_path, b"A;B\n1;2\n", expected=("A",))


@pytest.mark.parametrize(
    "options",
    [{"separator": ""}, {"separator": "||"}, {"separator": "é"}, {"quote": ","}, {"encoding": "utf-9"},
     {"encoding": "hex"}, {"header_row": 0}, {"format": "cvs"}],
)  # fmt: skip
def test_impossible_options(options):
    with pytest.raises(UsageError, match=r"^f\.csv: "):
        SourceOptions("f.csv", **options)
