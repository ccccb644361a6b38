"""SAS transport files: bytes written by hand from TS-140, three independent readers, and what is refused."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import xport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import OutputError
from raw2adam.sources.statistical.ibm import LARGEST, SMALLEST
from raw2adam.transport import xpt as writer_module
from raw2adam.transport import xpt_text
from raw2adam.transport.xpt import XptVariable, XptWriter, text_width, xpt_variables
from raw2adam.transport.xpt_header import parse_format

DECLARED = datetime(2025, 3, 8, 7, 5, 9)
HEADER = 640  # bytes before the NAMESTRs


def write(path: Path, variables: Sequence[XptVariable], *frames: pd.DataFrame, declared: datetime = DECLARED) -> bytes:
    with XptWriter(path, "TINY", "A tiny dataset", variables, declared) as out:
        for frame in frames:
            out.append(frame)
    return path.read_bytes()


def text(name: str, length: int, label: str = "", format: str = "") -> XptVariable:
    return XptVariable(name, label, False, length, format)


def number(name: str, label: str = "", format: str = "") -> XptVariable:
    return XptVariable(name, label, True, 8, format)


def refusal(path: Path, variables: Sequence[XptVariable], *frames: pd.DataFrame) -> str:
    """The message of a write that must be refused; the file must be gone."""
    with pytest.raises(OutputError) as caught:
        write(path, variables, *frames)
    assert not path.exists()
    assert caught.value.exit_code == 4
    return str(caught.value)


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_a_tiny_file_byte_for_byte(tmp_path: Path) -> None:
    variables = [text("USUBJID", 5, "Subject", "$5."), number("AVAL", "Value", "8.2"), number("ADT", "Day", "DATE9.")]
    frame = pd.DataFrame({"USUBJID": ["A-001", "B"], "AVAL": [-118.625, np.nan], "ADT": [1.0, -0.0]})
    expected = b"".join(
        [
            b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  ",
            b"SAS     SAS     SASLIB  9.4     raw2adam                        08MAR25:07:05:09",
            b"08MAR25:07:05:09                                                                ",
            b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140  ",
            b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!000000000000000000000000000000  ",
            b"SAS     TINY    SASDATA 9.4     raw2adam                        08MAR25:07:05:09",
            b"08MAR25:07:05:09                A tiny dataset                                  ",
            b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000000300000000000000000000  ",
            # type, hash, length, number; name, label, format; width, decimals, justification, fill; informat; position
            b"\x00\x02\x00\x00\x00\x05\x00\x01USUBJID Subject                                 $       ",
            b"\x00\x05\x00\x00\x00\x00\x00\x00        \x00\x00\x00\x00\x00\x00\x00\x00" + b"\0" * 52,
            b"\x00\x01\x00\x00\x00\x08\x00\x02AVAL    Value                                           ",
            b"\x00\x08\x00\x02\x00\x00\x00\x00        \x00\x00\x00\x00\x00\x00\x00\x05" + b"\0" * 52,
            b"\x00\x01\x00\x00\x00\x08\x00\x03ADT     Day                                     DATE    ",
            b"\x00\x09\x00\x00\x00\x00\x00\x00        \x00\x00\x00\x00\x00\x00\x00\x0d" + b"\0" * 52,
            b" " * 60,  # 3 * 140 bytes up to 480
            b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!000000000000000000000000000000  ",
            b"A-001\xc2\x76\xa0\x00\x00\x00\x00\x00\x41\x10\x00\x00\x00\x00\x00\x00",
            b"B    .\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            b" " * 38,  # 2 * 21 bytes up to 80
        ]
    )
    assert write(tmp_path / "tiny.xpt", variables, frame) == expected


def test_months_are_english_and_years_have_two_digits(tmp_path: Path) -> None:
    stamps = []
    for month in range(1, 13):
        raw = write(tmp_path / "m.xpt", [number("A")], declared=datetime(1998 + month, month, 10, 23, 59, 58))
        stamps.append(raw[144:160])
        assert raw[144:160] == raw[160:176] == raw[464:480] == raw[480:496]
    months = [
        "JAN99",
        "FEB00",
        "MAR01",
        "APR02",
        "MAY03",
        "JUN04",
        "JUL05",
        "AUG06",
        "SEP07",
        "OCT08",
        "NOV09",
        "DEC10",
    ]
    assert stamps == [f"10{m}:23:59:58".encode() for m in months]


@pytest.mark.parametrize(
    ("given_text", "parsed"),
    [
        ("", ("", 0, 0)),
        ("DATE9.", ("DATE", 9, 0)),
        ("8.2", ("", 8, 2)),
        ("8.", ("", 8, 0)),
        ("$20.", ("$", 20, 0)),
        ("$CHAR20.", ("$CHAR", 20, 0)),
        ("e8601da10.", ("E8601DA", 10, 0)),
        ("BEST.", ("BEST", 0, 0)),
        ("COMMA12.3", ("COMMA", 12, 3)),
    ],
)
def test_formats(given_text: str, parsed: tuple[str, int, int]) -> None:
    assert parse_format(given_text) == parsed


@pytest.mark.parametrize("bad", ["DATE9", "8", ".", "8.8", "8.9", "D-TE9.", "LONGNAMES9.", "40000.", "8.2.1", " 8.2"])
def test_formats_that_are_none(bad: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(bad))):
        parse_format(bad)


def test_variables_come_from_the_spec() -> None:
    spec = DatasetMetadata(
        "AE",
        "Adverse Events",
        (
            VariableMetadata("USUBJID", "Unique Subject Identifier", length=12),
            VariableMetadata("AESEQ", "Sequence Number", type="integer", length=3, format="8."),
            VariableMetadata("AESTDTC", "Start", type="datetime", length=16),
            VariableMetadata("AEMODIFY", "Modified", length=0),
            VariableMetadata("AVAL", "Value", type="float"),
        ),
        ("USUBJID",),
    )
    assert xpt_variables(spec) == (
        XptVariable("USUBJID", "Unique Subject Identifier", False, 12),
        XptVariable("AESEQ", "Sequence Number", True, 8, "8."),
        XptVariable("AESTDTC", "Start", False, 16),
        XptVariable("AEMODIFY", "Modified", False, 1),
        XptVariable("AVAL", "Value", True, 8),
    )


# --- reading back ----------------------------------------------------------------------------------------------------


def read_with_pyreadstat(path: Path) -> pd.DataFrame:
    return pyreadstat.read_xport(str(path), disable_datetime_conversion=True)[0]


def read_with_xport(path: Path) -> pd.DataFrame:
    return xport.to_dataframe(io.BytesIO(path.read_bytes()))


def read_with_pandas(path: Path) -> pd.DataFrame:
    frame = pd.read_sas(path, format="xport", encoding="ascii")
    # pandas reads every IBM zero as the smallest number
    return frame.replace(SMALLEST, 0.0)


READERS = [read_with_pyreadstat, read_with_xport, read_with_pandas]


def assert_same_cells(back: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert list(back.columns) == list(frame.columns)
    for name in frame.columns:
        if frame[name].dtype == np.float64:
            # bits, so that NaN equals NaN and nothing is rounded
            assert back[name].to_numpy(np.float64).tobytes() == (frame[name].to_numpy() + 0.0).tobytes()
        else:
            assert back[name].tolist() == frame[name].astype("str").fillna("").tolist()


# the first column is never blank and makes the record longer than 80 bytes: pandas counts shorter records wrongly
# when the last one ends in blanks, and xport 2 takes a blank record for the end
CELLS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12).map(lambda s: s.rstrip(" "))
NUMBERS = st.floats(SMALLEST, LARGEST).flatmap(lambda x: st.sampled_from([x, -x])) | st.sampled_from(
    [0.0, -0.0, math.nan, 1.0, 0.1, 1e15, 20000.0, SMALLEST, -LARGEST]
)
RECORDS = st.lists(st.tuples(CELLS, CELLS, CELLS | st.none(), NUMBERS, NUMBERS), min_size=1, max_size=12)


def frame_of(records: list[tuple[str, str, str | None, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(records, columns=["USUBJID", "STRESC", "STCAT", "STRESN", "STDY"])
    frame["USUBJID"] = pd.Series("S" + frame["USUBJID"].astype("str"), dtype="str")
    frame["STRESC"] = frame["STRESC"].astype("str")
    frame["STCAT"] = frame["STCAT"].astype("str").astype("category")
    return frame.astype({"STRESN": "float64", "STDY": "float64"})


WIDE = [text("USUBJID", 100), text("STRESC", 12), text("STCAT", 12), number("STRESN"), number("STDY")]


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.data())
def test_what_is_written_reads_back_with_three_readers_however_it_was_appended(
    tmp_path: Path, records: list[tuple[str, str, str | None, float, float]], data: st.DataObject
) -> None:
    frame = frame_of(records)
    path = tmp_path / "whole.xpt"
    whole = write(path, WIDE, frame)
    for read in READERS:
        expected = frame.replace(SMALLEST, 0.0) if read is read_with_pandas else frame
        assert_same_cells(read(path), expected)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(frame)), max_size=3)))
    parts = [frame.iloc[a:b] for a, b in pairwise([0, *cuts, len(frame)])]
    assert write(tmp_path / "parts.xpt", WIDE, *parts) == whole


def test_kinds_of_text_column_give_the_same_bytes(tmp_path: Path) -> None:
    values = ["B", "", None, "A", "B", "CC"]
    name = [text("X", 3), number("N")]
    forms = {
        "str": pd.Series(values, dtype="str"),
        "nullable": pd.Series(values, dtype="string"),
        "python strings": pd.Series(values, dtype=pd.StringDtype("python")),
        "category": pd.Series(values, dtype="str").astype("category"),
        "more categories than records": pd.Series(
            pd.Categorical(values, categories=["", "CC", "B", "A", "D1", "D2", "D3", "D4"])
        ),
        "object categories": pd.Series(pd.Categorical(values, categories=pd.Index(["A", "", "CC", "B"], dtype=object))),
        "unused categories that would not fit": pd.Series(
            pd.Categorical(values, categories=["A", "é", "B", "toolong", "", "CC"])
        ),
        "a slice": pd.Series(["no", *values, "no"], dtype="str").iloc[1:7],
        "every second": pd.Series([x for v in values for x in (v, "no")], dtype="str").iloc[::2],
    }
    files = {
        form: write(tmp_path / "x.xpt", name, pd.DataFrame({"X": column.reset_index(drop=True), "N": 1.0}))
        for form, column in forms.items()
    }
    one = b"A\x10\0\0\0\0\0\0"  # 1.0
    assert files["str"][HEADER + 320 + 80 :].rstrip(b" ") == b"".join(
        [b"B  ", one, b"   ", one, b"   ", one, b"A  ", one, b"B  ", one, b"CC ", one]
    )
    assert [form for form, raw in files.items() if raw != files["str"]] == []


def test_several_blocks_and_any_partition_give_identical_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 3000
    frame = pd.DataFrame(
        {
            "USUBJID": [f"S-{i // 7:04}" for i in range(rows)],
            "X": pd.Series(["", "MILD", "SEVERE"] * (rows // 3)).astype("category"),
            "Y": pd.Series([f"{i * 7919 % rows}" for i in range(rows)]).astype("category"),
            "N": np.where(np.arange(rows) % 5 == 0, np.nan, np.arange(rows) / 8 - 100),
        }
    )
    variables = [text("USUBJID", 8), text("X", 70), text("Y", 4), number("N")]
    whole = write(tmp_path / "a.xpt", variables, frame)
    assert_same_cells(read_with_pandas(tmp_path / "a.xpt"), frame)
    for pieces in (2, 7):
        edges = np.linspace(0, rows, pieces + 1).astype(int)
        parts = [frame.iloc[a:b] for a, b in pairwise(edges)]
        assert write(tmp_path / "b.xpt", variables, *parts) == whole
    for constant, value in (("_LEAST_ROWS", 1), ("_BLOCK_BYTES", 1000)):
        monkeypatch.setattr(writer_module, constant, value)
    assert write(tmp_path / "c.xpt", variables, frame) == whole
    monkeypatch.setattr(xpt_text, "_TABLE_BYTES", 0)  # no table of padded categories
    assert write(tmp_path / "d.xpt", variables, frame) == whole


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"B": ["x"], "A": [1.0]})
    variables = [number("A"), text("B", 1)]
    assert write(tmp_path / "a.xpt", variables, frame) == write(tmp_path / "b.xpt", variables, frame[["A", "B"]])


def test_labels_formats_and_names_read_back(tmp_path: Path) -> None:
    label = "x" * 40
    write(tmp_path / "a.xpt", [text("USUBJID8", 200, label, "$200."), number("_A", "B c", "8.2")])
    back, meta = pyreadstat.read_xport(str(tmp_path / "a.xpt"))
    assert len(back) == 0
    assert meta.table_name == "TINY"
    assert meta.file_label == "A tiny dataset"
    assert meta.column_names_to_labels == {"USUBJID8": label, "_A": "B c"}
    assert meta.original_variable_types == {"USUBJID8": "$200", "_A": "8.2"}


def test_a_file_without_records_is_its_header(tmp_path: Path) -> None:
    none = pd.DataFrame({"A": np.array([], dtype="float64"), "B": pd.Series([], dtype="str")})
    raw = write(tmp_path / "a.xpt", [number("A"), text("B", 4)], none)
    assert len(raw) == HEADER + 320 + 80
    assert raw == write(tmp_path / "b.xpt", [number("A"), text("B", 4)])


# --- blank records ---------------------------------------------------------------------------------------------------


def test_a_blank_last_record_is_refused_and_a_blank_one_in_the_middle_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.xpt"
    for variables in ([text("A", 1), text("B", 9)], [text("A", 100), text("B", 200)]):
        blank_last = pd.DataFrame({"A": ["x", ""], "B": ["y", ""]})
        message = refusal(path, variables, blank_last)
        assert message.startswith("TINY: the last record is blank in every variable")
        assert "never empty" in message
        refusal(path, variables, blank_last.iloc[:1], blank_last.iloc[1:])
        refusal(path, variables, blank_last.iloc[1:])
        middle = pd.DataFrame({"A": ["x", "", ""], "B": ["y", "", "z"]})
        write(path, variables, middle.iloc[:2], middle.iloc[2:])
        assert_same_cells(read_with_pyreadstat(path), middle)
        path.unlink()


def test_a_record_that_is_blank_but_for_a_number_is_no_blank_record(tmp_path: Path) -> None:
    frame = pd.DataFrame({"A": ["x", ""], "N": [1.0, np.nan]})
    write(tmp_path / "a.xpt", [text("A", 90), number("N")], frame)
    for read in READERS:
        assert_same_cells(read(tmp_path / "a.xpt"), frame)


# --- what the format cannot hold -------------------------------------------------------------------------------------

AS_STR: Callable[[list[str]], pd.Series] = lambda v: pd.Series(v, dtype="str")  # noqa: E731
AS_CATEGORY: Callable[[list[str]], pd.Series] = lambda v: AS_STR(v).astype("category")  # noqa: E731
AS_MANY_CATEGORIES: Callable[[list[str]], pd.Series] = lambda v: pd.Series(  # noqa: E731
    pd.Categorical(v, categories=pd.Index(sorted({*v, *map(str, range(50))}), dtype="str"))
)


@pytest.mark.parametrize("form", [AS_STR, AS_CATEGORY, AS_MANY_CATEGORIES])
@pytest.mark.parametrize(
    ("value", "length", "words"),
    [
        ("x" * 9, 8, "'xxxxxxxxx' has 9 bytes, more than the variable's length of 8"),
        ("y" * 201, 200, f"'{'y' * 40}'... has 201 bytes; XPT holds at most 200"),
        ("Jos\u00e9", 8, r"'Jos\xe9' has a character beyond ASCII (U+00E9) at position 4"),
        ("\u226565", 8, r"'\u226565' has a character beyond ASCII (U+2265) at position 1"),
        ("a\x00b", 8, r"'a\x00b' has a control character (U+0000) at position 2"),
        ("a\tb", 8, r"'a\tb' has a control character (U+0009)"),
        ("a\r\nb", 8, r"'a\r\nb' has a control character (U+000D)"),
        ("\n", 8, r"'\n' has a control character (U+000A)"),
        ("del\x7f", 8, r"'del\x7f' has a control character (U+007F)"),
    ],
)
def test_text_that_does_not_fit_names_dataset_variable_subject_and_value(
    tmp_path: Path, form: Callable[[list[str]], pd.Series], value: str, length: int, words: str
) -> None:
    frame = pd.DataFrame({"USUBJID": ["S-1", "S-2", "S-3"], "X": form(["ok", value, value])})
    message = refusal(tmp_path / "a.xpt", [text("USUBJID", 3), text("X", length)], frame.iloc[:1], frame)
    assert message.startswith(f"TINY.X, subject 'S-2', record 3: {words}")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (math.inf, "inf is infinite"),
        (-math.inf, "-inf is infinite"),
        (1e80, "1e+80 is larger than 7.237e+75, the largest number of an XPT file"),
        (-(2.0**252), "-7.237005577332262e+75 is larger than"),
        (1e-79, "1e-79 is nearer to 0 than 5.398e-79, the smallest number of an XPT file"),
        (5e-324, "5e-324 is nearer to 0"),
    ],
)
def test_numbers_that_do_not_fit(tmp_path: Path, value: float, words: str) -> None:
    frame = pd.DataFrame({"USUBJID": ["S-1", "S-2"], "X": [1.0, value]})
    message = refusal(tmp_path / "a.xpt", [text("USUBJID", 3), number("X")], frame)
    assert message.startswith(f"TINY.X, subject 'S-2', record 2: {words}")
    assert refusal(tmp_path / "a.xpt", [number("X")], frame[["X"]]).startswith("TINY.X, record 2: ")


def test_the_first_record_is_named_however_the_records_are_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"A": [0.0] * 8 + [math.inf], "B": ["ok"] * 5 + ["\u00e9", "ok", "ok", "\u00e9"]})
    variables = [number("A"), text("B", 2)]
    expected = r"TINY.B, record 6: '\xe9' has a character beyond ASCII"
    assert refusal(tmp_path / "a.xpt", variables, frame).startswith(expected)
    assert refusal(tmp_path / "a.xpt", variables, frame[:4], frame[4:]).startswith(expected)
    monkeypatch.setattr(writer_module, "_LEAST_ROWS", 2)
    monkeypatch.setattr(writer_module, "_BLOCK_BYTES", 20)
    assert refusal(tmp_path / "a.xpt", variables, frame).startswith(expected)
    # in one record, the first variable
    assert refusal(tmp_path / "a.xpt", variables, frame[8:]).startswith("TINY.A, record 1: inf")


def test_names_labels_lengths_and_formats_are_refused_all_at_once(tmp_path: Path) -> None:
    variables = [
        text("TOOLONGNAME", 5),
        text("lower", 5),
        text("1ST", 5),
        text("TWICE", 5),
        text("TWICE", 5),
        text("", 5),
        text("L1", 5, "x" * 41),
        text("L2", 5, "Caf\u00e9"),
        text("L3", 5, "two\nlines"),
        text("W1", 0),
        text("W2", 201),
        XptVariable("W3", "", True, 4),
        text("F1", 5, format="8.2"),
        number("F2", format="$8."),
        number("F3", format="DATE9"),
    ]
    with pytest.raises(OutputError) as caught:
        XptWriter(tmp_path / "a.xpt", "BAD-NAME", "\u00e9" * 2, variables, DECLARED)
    assert not (tmp_path / "a.xpt").exists()
    rule = "at most 8 characters, capital letters A-Z, digits and _, not a digit first"
    assert str(caught.value).split("\n") == [
        f"BAD-NAME: the dataset name 'BAD-NAME' is not a SAS name: {rule}",
        r"BAD-NAME: the dataset label ('\xe9\xe9') has characters other than printable ASCII",
        f"BAD-NAME: not SAS names: 'TOOLONGNAME', 'lower', '1ST', ''; {rule}",
        "BAD-NAME: variables named more than once: 'TWICE'",
        f"BAD-NAME: labels that XPT cannot hold: L1 ('{'x' * 41}') has 41 characters, at most 40 fit; "
        r"L2 ('Caf\xe9') has characters other than printable ASCII; "
        r"L3 ('two\nlines') has characters other than printable ASCII",
        "BAD-NAME: lengths that XPT cannot hold: W1 (0; text takes 1 to 200 bytes); "
        "W2 (201; text takes 1 to 200 bytes); W3 (4; numbers take 8 bytes)",
        "BAD-NAME: formats that XPT cannot hold: F1 ('8.2' is a format for numbers; those for text start with $); "
        "F2 ('$8.' is a format for text; those for text start with $); "
        "F3 ('DATE9' is not a SAS format such as DATE9. or 8.2 or $20. (mind the dot))",
    ]


def test_no_variables_and_too_many(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="TINY: there are no variables"):
        write(tmp_path / "a.xpt", [])
    with pytest.raises(OutputError, match="10000 variables; an XPT dataset has at most 9999"):
        write(tmp_path / "a.xpt", [number(f"V{i}") for i in range(10000)])
    raw = write(tmp_path / "a.xpt", [number(f"V{i}") for i in range(9999)])
    assert raw[560:640].startswith(b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!0000009999")


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"A": [1.0]}), "TINY: frame and variables differ in B"),
        (pd.DataFrame({"A": [1.0], "B": ["x"], "C": ["x"]}), "TINY: frame and variables differ in C"),
        (pd.DataFrame([[1.0, "x", "y"]], columns=["A", "B", "B"]), "repeated columns"),
        (pd.DataFrame({"A": [1], "B": ["x"]}), "TINY.A: numbers must be float64, not int64"),
        (pd.DataFrame({"A": [1.0], "B": [2.0]}), "TINY.B: text must be category or str, not float64"),
        (pd.DataFrame({"A": [1.0], "B": pd.Series([b"x"], dtype=object)}), "TINY.B: text must be category or str"),
        (
            pd.DataFrame({"A": [1.0], "B": pd.Categorical([7], categories=[7])}),
            "TINY.B: text column holds something other than text",
        ),
        (
            pd.DataFrame({"A": [1.0], "B": pd.Categorical(["x"], categories=pd.Index(["x", "\ud800"], dtype=object))}),
            "TINY.B: text column holds something other than text",
        ),
    ],
)
def test_frames_that_are_not_the_variables(tmp_path: Path, frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        write(tmp_path / "a.xpt", [number("A"), text("B", 4)], frame)
    assert not (tmp_path / "a.xpt").exists()


def test_any_exception_inside_the_with_block_removes_the_partial_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xpt"
    with pytest.raises(KeyboardInterrupt), XptWriter(path, "TINY", "", [number("A")], DECLARED) as out:
        out.append(pd.DataFrame({"A": [1.0]}))
        assert path.exists()
        raise KeyboardInterrupt
    assert not path.exists()


def test_after_a_refused_value_nothing_can_be_completed_by_mistake(tmp_path: Path) -> None:
    out = XptWriter(tmp_path / "a.xpt", "TINY", "", [number("A")], DECLARED)
    with pytest.raises(OutputError):
        out.append(pd.DataFrame({"A": [math.inf]}))
    out.close()
    assert not (tmp_path / "a.xpt").exists()
    with pytest.raises(ValueError, match="closed"):
        out.append(pd.DataFrame({"A": [1.0]}))


def test_a_closed_file_stays(tmp_path: Path) -> None:
    out = XptWriter(tmp_path / "a.xpt", "TINY", "", [number("A")], DECLARED)
    out.close()
    raw = (tmp_path / "a.xpt").read_bytes()
    out.close()
    out.abort()
    with pytest.raises(ValueError, match="closed"):
        out.append(pd.DataFrame({"A": [1.0]}))
    assert (tmp_path / "a.xpt").read_bytes() == raw


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"TINY: cannot write .*a\.xpt: No such file"):
        write(tmp_path / "missing" / "a.xpt", [number("A")])


@pytest.mark.parametrize("when", ["append", "close"])
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path, when: str) -> None:
    class FullDisk(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    out = XptWriter(tmp_path / "a.xpt", "TINY", "", [number("A")], DECLARED)
    if when == "close":
        out.append(pd.DataFrame({"A": [1.0]}))
    assert out._file is not None
    out._file.close()
    out._file = FullDisk()
    with pytest.raises(OutputError, match=r"TINY: cannot write .*No space left on device"):
        out.append(pd.DataFrame({"A": [1.0]})) if when == "append" else out.close()
    assert not (tmp_path / "a.xpt").exists()


# --- widths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "width"), [(["a", "abc", ""], 3), (["", ""], 0), ([None, "ab"], 2), ([None], 0), (["\u00e9\u2265"], 5)]
)
def test_width_is_in_bytes(values: list[str | None], width: int) -> None:
    column = pd.Series(values, dtype="str")
    assert text_width(column) == text_width(column.astype("category")) == text_width(column.astype("string")) == width


def test_width_of_no_records_and_of_unused_categories() -> None:
    assert text_width(pd.Series([], dtype="str")) == 0
    assert text_width(pd.Series(pd.Categorical([], categories=["long"]))) == 0
    assert text_width(pd.Series(pd.Categorical(["a", None], categories=["longer", "a", "longest"]))) == 1
