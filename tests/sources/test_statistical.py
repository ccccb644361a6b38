"""XPT, SAS7BDAT, SAV, DTA and Parquet: values as text, labels beside them, damaged files refused."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.cell_text import clock_text, typed_number_text
from raw2adam.sources.read import RawTable, SourceOptions, read_source
from raw2adam.sources.statistical.display_formats import number_reader


def read(path: Path, findings: Findings | None = None, **options) -> RawTable:
    found = Findings() if findings is None else findings
    return read_source("f", path.parent, SourceOptions(path.name, **options), found)


def cells(table: RawTable) -> dict[str, list[str]]:
    assert all(str(table.frame[c].dtype) == "category" and not table.frame[c].isna().any() for c in table.frame)
    return {str(c): table.frame[c].tolist() for c in table.frame}


def refused(path: Path, **options) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **options)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("version", [5, 8])
def test_xpt(tmp_path, version):
    frame = pd.DataFrame({"N": [1.0, 2.5, np.nan], "S": ["0012", "NA", ""], "D": [22000.0, 0.0, np.nan],
                          "T": [3600.0, 90000.0, np.nan], "DT": [1.9e9, 0.5, np.nan]})  # fmt: skip
    pyreadstat.write_xport(
        frame, tmp_path / "f.xpt", table_name="LB", column_labels=["Number", "", "Date", "", ""],
        variable_format={"D": "DATE9.", "T": "TIME8.", "DT": "DATETIME20."}, file_format_version=version,
    )  # fmt: skip
    table = read(tmp_path / "f.xpt")
    assert cells(table) == {
        "N": ["1", "2.5", ""],
        "S": ["0012", "NA", ""],
        "D": ["2020-03-26", "1960-01-01", ""],
        "T": ["01:00:00", "PT25H", ""],
        "DT": ["2020-03-16T17:46:40", "1960-01-01T00:00:00.5", ""],
    }
    assert table.column_labels == {"N": "Number", "D": "Date"}
    assert table.record.tolist() == [1, 2, 3] and table.line.tolist() == [0, 0, 0]


def test_xpt_special_missing_and_cut_files(tmp_path):
    path = tmp_path / "f.xpt"
    frame = pd.DataFrame({"S": [f"row{i}" for i in range(30)], "N": np.arange(30) + 0.5})
    pyreadstat.write_xport(frame, path, table_name="LB")
    whole = path.read_bytes()
    data = whole.find(b"HEADER RECORD*******OBS") + 80
    width = len("row29") + 8
    for row, letter in ((0, b"."), (1, b"A"), (2, b"Z"), (3, b"_")):
        at = data + row * width + 5
        whole = whole[:at] + letter + bytes(7) + whole[at + 8 :]
    path.write_bytes(whole)
    assert read(path).frame["N"].tolist()[:5] == ["", ".A", ".Z", "._", "4.5"]
    path.write_bytes(whole[:-7])
    assert "not a multiple of 80, so the file is cut short" in refused(path)
    path.write_bytes(whole[: data + 80])  # six rows and two bytes of the seventh
    assert "the last observation is cut: 6 observations" in refused(path)
    path.write_bytes(whole[:400])
    assert "cut short" in refused(path)
    path.write_bytes(whole + whole[240:])
    assert "the file holds 2 datasets (LB, LB); name one by member:" in refused(path)
    assert "2 members are called 'LB'" in refused(path, member="LB")
    path.write_bytes(b"**COMPRESSED** **COMPRESSED**" + whole)
    assert "PROC CPORT" in refused(path)
    path.write_bytes(b"")
    assert "the file is empty" in refused(path)


@pytest.mark.parametrize("version", [5, 8])
def test_a_member_of_an_xpt_library(tmp_path, version):
    parts = []
    for name, frame in {
        "LB": pd.DataFrame({"TEST": ["K", "NA"], "N": [4.5, 140.0]}),
        "VITALS": pd.DataFrame({"POS": ["SITTING"]}),
        "NONE": pd.DataFrame({"A": pd.Series([], dtype=float)}),
    }.items():
        one = tmp_path / "one.xpt"
        pyreadstat.write_xport(frame, one, table_name=name, file_format_version=version)
        parts.append(one.read_bytes())
    path = tmp_path / "f.xpt"
    path.write_bytes(parts[0] + b"".join(p[240:] for p in parts[1:]))
    table = read(path, member="lb")  # names of SAS datasets have no case
    assert cells(table) == {"TEST": ["K", "NA"], "N": ["4.5", "140"]}
    assert table.others == {"member VITALS": 1}
    assert cells(read(path, member="VITALS")) == {"POS": ["SITTING"]}
    assert cells(read(path, member="NONE")) == {"A": []}
    assert refused(path) == "f.xpt: the file holds 3 datasets (LB, VITALS, NONE); name one by member:"
    wrong = refused(path, member="VITAL")
    assert wrong == "f.xpt: the file has no member 'VITAL' (did you mean 'VITALS'?; it has LB, VITALS, NONE)"
    path.write_bytes(parts[0])
    assert len(read(path, member="LB")) == 2
    assert "has no member 'VS'" in refused(path, member="VS")


def test_xpt_encoding_is_declared(tmp_path):
    path = tmp_path / "f.xpt"
    pyreadstat.write_xport(pd.DataFrame({"S": ["Mxller"]}), path, table_name="LB")
    path.write_bytes(path.read_bytes().replace(b"Mxller", "Müller".encode("cp1252")))
    assert read(path, encoding="cp1252").frame["S"].tolist() == ["Müller"]
    assert "encoding" in refused(path)


def test_sav(tmp_path):
    frame = pd.DataFrame({
        "sex": [1.0, 9.0, np.nan], "t": ["0012", "ü", ""], "d": [dt.date(2020, 1, 2), dt.date(1899, 12, 31), None],
        "dt": [dt.datetime(2020, 1, 2, 3, 4, 5), None, None], "tm": [dt.time(1, 2, 3), None, None],
    })  # fmt: skip
    pyreadstat.write_sav(
        frame, tmp_path / "f.sav", column_labels=["Sex", "", "", "", ""], missing_ranges={"sex": [9.0]},
        variable_value_labels={"sex": {1.0: "Male", 9.0: "Unknown"}},
    )  # fmt: skip
    table = read(tmp_path / "f.sav")
    assert cells(table) == {
        "sex": ["1", "9", ""],
        "t": ["0012", "ü", ""],
        "d": ["2020-01-02", "1899-12-31", ""],
        "dt": ["2020-01-02T03:04:05", "", ""],
        "tm": ["01:02:03", "", ""],
    }
    assert table.value_labels == {"sex": {"1": "Male", "9": "Unknown"}}
    assert table.column_labels == {"sex": "Sex"}
    assert table.notes == ["sex: the file declares 9 missing; kept as values"]
    whole = (tmp_path / "f.sav").read_bytes()
    for cut in (3, len(whole) // 2, len(whole) - 10):
        (tmp_path / "f.sav").write_bytes(whole[:cut])
        assert "f.sav: cannot be read as SAV" in refused(tmp_path / "f.sav")


def test_dta(tmp_path):
    path = tmp_path / "f.dta"
    frame = pd.DataFrame({"x": [1.0, "a", 2.0], "d": [dt.date(2020, 1, 2), None, None], "m": [0.0, 721.0, -1.0]})
    pyreadstat.write_dta(
        frame, path, missing_user_values={"x": ["a"]}, variable_value_labels={"x": {1: "Yes", 2: "No"}},
        variable_format={"m": "%tm"},
    )  # fmt: skip
    table = read(path)
    assert cells(table) == {"x": ["1", ".a", "2"], "d": ["2020-01-02", "", ""], "m": ["1960-01", "2020-02", "1959-12"]}
    assert table.value_labels == {"x": {"1": "Yes", "2": "No"}}
    whole = path.read_bytes()
    for cut in (3, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:cut])
        assert "f.dta: " in refused(path)


def test_sas7bdat_that_is_none(tmp_path):
    path = tmp_path / "f.sas7bdat"
    for content, reported in ((b"", "the file is empty"), (b"A,B\n" * 500, "cannot be read as SAS7BDAT")):
        path.write_bytes(content)
        assert reported in refused(path)


def test_no_rows_and_missing_columns(tmp_path):
    path = tmp_path / "f.sav"
    pyreadstat.write_sav(pd.DataFrame({"A": pd.Series([], dtype=float)}), path)
    findings = Findings()
    assert len(read(path, findings)) == 0
    assert findings.frame()["rule"].tolist() == ["R2A-SRC-001"]
    assert "the column 'B', which the file lacks; it has A" in refused(path, expected=("B",))


@pytest.mark.parametrize(
    ("form", "kind", "value", "text"),
    [
        ("YYMMDD10.", "sas7bdat", 21915.0, "2020-01-01"),
        ("E8601DA10", "sas7bdat", 21915.0, "2020-01-01"),
        ("DATE9", "sas7bdat", 21915.5, "21915.5"),
        ("DATE9", "sas7bdat", 1e15, "1000000000000000"),
        ("E8601DT", "xpt", 86400.25, "1960-01-02T00:00:00.25"),
        ("BEST12", "xpt", 21915.0, "21915"),
        ("AGE", "xpt", 3.0, "3"),
        ("ADATE10", "sav", 86400.0, "1582-10-15"),
        ("F8.2", "sav", 86400.0, "86400"),
        ("%-tdD_m_Y", "dta", 1.0, "1960-01-02"),
        ("%tcHH:MM", "dta", 60000.0, "00:01:00"),
        ("%tc", "dta", 60000.0, "1960-01-01T00:01:00"),
        ("%tq", "dta", 3.0, "1960q4"),
        ("%9.0g", "dta", 3.0, "3"),
        ("%tw", "dta", 52.0, "1961w1"),
        ("%th", "dta", 3.0, "1961h2"),
        ("%ty", "dta", 2021.0, "2021"),
        ("%tC", "dta", 1_798_848_026_000.0, "2016-12-31T23:59:60"),  # a leap second
        ("%tC", "dta", 1_798_848_027_000.0, "2017-01-01T00:00:00"),
        ("%tc", "dta", 1_798_848_000_000.0, "2017-01-01T00:00:00"),
        ("EURDFDD10.", "xpt", 23446.0, "2024-03-11"),
        ("DEUDFDE9.", "sas7bdat", 23446.0, "2024-03-11"),
        ("FRADFWDX18.", "xpt", 23446.0, "2024-03-11"),
        ("ESPDFMN9.", "xpt", 23446.0, "2024-03-11"),
        ("ITADFDT18.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("NLDATEYML", "sas7bdat", 23446.0, "2024-03-11"),
        ("NLDATM30.", "sas7bdat", 2025734405.0, "2024-03-11T00:00:05"),
        ("JULIAN7.", "xpt", 23446.0, "2024-03-11"),
        ("MONYY7.", "xpt", 23446.0, "2024-03-11"),
        ("YYMMS7.", "xpt", 23446.0, "2024-03-11"),
        ("YYQ6.", "xpt", 23446.0, "2024-03-11"),
        ("B8601DA8.", "xpt", 23446.0, "2024-03-11"),
        ("IS8601DA10.", "xpt", 23446.0, "2024-03-11"),
        ("IS8601DT19.", "xpt", 2025734405.5, "2024-03-11T00:00:05.5"),
        ("E8601DZ20.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("MDYAMPM25.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("DATEAMPM19.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("DTDATE9.", "xpt", 2025734400.0, "2024-03-11"),  # the format shows no time, and there is none
        ("DTDATE9.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("TOD8.", "xpt", 50000.0, "13:53:20"),
        ("TOD8.", "xpt", 2025734405.0, "2024-03-11T00:00:05"),
        ("HHMM5.", "xpt", 50000.0, "13:53:20"),
        ("E8601TM8.", "xpt", 50000.0, "13:53:20"),
        ("MYDATE9.", "xpt", 23446.0, "23446"),
    ],
)
def test_formats(form, kind, value, text):
    assert number_reader(form, kind)[0](value) == text


def test_stata_quarters_are_noted():
    assert "%tq" in number_reader("%tq", "dta")[1]


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=examples(80))
def test_number_text_reads_back(value):
    text = typed_number_text(value)
    assert float(text) == value
    assert not text.endswith((".0", "."))


@given(st.floats())
@settings(max_examples=examples(25))
def test_number_text_of_single_precision_is_shortest(value):
    assert typed_number_text(value) != "nan"
    assert len(typed_number_text(0.1)) == 3


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00:00"), (86399.5, "23:59:59.5"), (86400, "PT24H"), (-90, "-PT1M30S"), (90000.25, "PT25H0.25S")],
)
def test_clock(seconds, text):
    assert clock_text(seconds) == text


def test_parquet(tmp_path):
    path = tmp_path / "f.parquet"
    utc = dt.UTC
    pq.write_table(
        pa.table({
            "T": ["0012", None, "NA"], "I": pa.array([1, None, 3], pa.int64()), "F": [1.0, 0.1, float("nan")],
            "F4": pa.array([0.5, 2.0, None], pa.float32()), "B": [True, None, False],
            "D": pa.array([dt.date(2020, 1, 2), None, None]), "TS": pa.array([dt.datetime(2020, 1, 2), None, None]),
            "TZ": pa.array([dt.datetime(2020, 1, 2, 3, tzinfo=utc), None, None]), "N": pa.nulls(3),
            "NS": pa.array([1, None, 1_500_000_000], pa.timestamp("ns")), "TM": pa.array([dt.time(1, 2), None, None]),
            "DEC": pa.array([decimal.Decimal("1.50"), None, None]), "C": pa.array(["x", "y", "x"]).dictionary_encode(),
            "BIN": pa.array([b"ab", None, b"c"]),
        }),
        path, row_group_size=2,
    )  # fmt: skip
    assert cells(read(path)) == {
        "T": ["0012", "", "NA"],
        "I": ["1", "", "3"],
        "F": ["1", "0.1", ""],
        "F4": ["0.5", "2", ""],
        "B": ["TRUE", "", "FALSE"],
        "D": ["2020-01-02", "", ""],
        "TS": ["2020-01-02T00:00:00", "", ""],
        "TZ": ["2020-01-02T03:00:00+00:00", "", ""],
        "N": ["", "", ""],
        "NS": ["1970-01-01T00:00:00.000000001", "", "1970-01-01T00:00:01.5"],
        "TM": ["01:02:00", "", ""],
        "DEC": ["1.50", "", ""],
        "C": ["x", "y", "x"],
        "BIN": ["ab", "", "c"],
    }
    whole = path.read_bytes()
    for cut in (0, 3, len(whole) - 9):
        path.write_bytes(whole[:cut])
        assert "cannot be read as Parquet" in refused(path)


def test_moments_in_a_time_zone_have_the_day_of_the_site(tmp_path):
    """Midnight of 5 March 2024 and of 1 July 2024 in Berlin, an hour and two before midnight in UTC."""
    moments = [dt.datetime(2024, 3, 4, 23, tzinfo=dt.UTC), dt.datetime(2024, 6, 30, 22, tzinfo=dt.UTC), None]
    table = pa.table(
        {
            "UTC": pa.array(moments, pa.timestamp("us", "UTC")),
            "BER": pa.array(moments, pa.timestamp("ns", "Europe/Berlin")),
        }
    )
    pq.write_table(table, tmp_path / "f.parquet")
    feather.write_feather(table, tmp_path / "f.feather")
    for name in ("f.parquet", "f.feather"):
        findings = Findings()
        assert cells(read_source("f", tmp_path, SourceOptions(name), findings)) == {
            "UTC": ["2024-03-04T23:00:00+00:00", "2024-06-30T22:00:00+00:00", ""],
            "BER": ["2024-03-05T00:00:00+01:00", "2024-07-01T00:00:00+02:00", ""],
        }
        reported = findings.frame()
        assert reported["rule"].tolist() == ["R2A-SRC-045"] * 2 and set(reported["column"]) == {"UTC", "BER"}
        findings = Findings()
        there = cells(read_source("f", tmp_path, SourceOptions(name, time_zone="Europe/Berlin"), findings))
        assert there["UTC"] == there["BER"] == ["2024-03-05T00:00:00", "2024-07-01T00:00:00", ""]
        assert findings.frame().empty
    (tmp_path / "f.feather").write_bytes(b"FEA1" + bytes(40))  # version 1 of the format
    with pytest.raises(InputError, match="cannot be read as Feather"):
        read_source("f", tmp_path, SourceOptions("f.feather"), Findings())


def test_parquet_columns_that_are_no_cells(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"L": [[1], [2]]}), path)
    assert "column 'L' holds list" in refused(path)
    pq.write_table(pa.table({"B": [b"\xff"]}), path)
    assert "column 'B' holds bytes that are not UTF-8" in refused(path)
