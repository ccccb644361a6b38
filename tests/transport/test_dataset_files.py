"""Finished datasets made by anyone: XPT, SAS7BDAT, Dataset-JSON and Parquet, and what is refused."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.tables.dataset import Dataset
from raw2adam.errors import InputError
from raw2adam.transport.dataset_files import find_datasets, read_dataset, read_records
from raw2adam.transport.sas_moments import sas_number
from raw2adam.transport.xpt import XptVariable, XptWriter

#: A tiny ADTTE as Dataset-JSON 1.1, written by hand
DOCUMENT = {
    "datasetJSONCreationDateTime": "2025-01-01T00:00:00",
    "datasetJSONVersion": "1.1.0",
    "itemGroupOID": "IG.ADTTE",
    "records": 3,
    "name": "ADTTE",
    "label": "Time-to-Event Analysis",
    "columns": [
        {"itemOID": "IT.1", "name": "USUBJID", "label": "Unique Subject Identifier", "dataType": "string", "length": 8,
         "keySequence": 1},
        {"itemOID": "IT.2", "name": "PARAMCD", "label": "Parameter Code", "dataType": "string", "keySequence": 2},
        {"itemOID": "IT.3", "name": "ADT", "label": "Analysis Date", "dataType": "date", "targetDataType": "integer",
         "displayFormat": "DATE9."},
        {"itemOID": "IT.4", "name": "ADTC", "label": "Date, Text", "dataType": "date"},
        {"itemOID": "IT.5", "name": "AVAL", "label": "Analysis Value", "dataType": "float"},
        {"itemOID": "IT.6", "name": "CNSR", "label": "Censor", "dataType": "integer"},
        {"itemOID": "IT.7", "name": "DOSE", "label": "Dose", "dataType": "decimal", "targetDataType": "decimal"},
        {"itemOID": "IT.8", "name": "LATE", "label": "Late", "dataType": "boolean"},
    ],
    "rows": [
        ["S-1", "PFS", "2020-03-26", "2020-03", 1.5, 0, "10.25", True],
        ["S-1  ", "OS", None, None, None, 1, None, None],
        ["S-2", None, "1959-12-31", "", 3, None, "-1", False],
    ],
}  # fmt: skip


def changed(**changes: object) -> dict:
    document = copy.deepcopy(DOCUMENT)
    document.update(changes)
    return document


def write_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path


def cells(dataset: Dataset) -> dict[str, list]:
    return {
        v.name: [None if v.is_numeric and x != x else x for x in dataset.frame[v.name].tolist()]
        for v in dataset.metadata.variables
    }


def refused(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_dataset(path, **options)
    assert caught.value.exit_code == 3
    assert path.name in str(caught.value)
    return str(caught.value)


def write_xpt(path: Path, name: str = "ADTTE", rows: int = 3) -> Path:
    variables = [
        XptVariable("USUBJID", "Unique Subject Identifier", False, 8, ""),
        XptVariable("ADT", "Analysis Date", True, 8, "DATE9."),
        XptVariable("AVAL", "Analysis Value", True, 8, "8.2"),
        XptVariable("PARAMCD", "Parameter Code", False, 3, "$3."),
    ]
    frame = pd.DataFrame(
        {
            "USUBJID": pd.Categorical([f"S-{i}" for i in range(rows)]),
            "ADT": np.array([22000.0, np.nan, -1.0] * rows)[:rows],
            "AVAL": np.array([0.1, -2.5, np.nan] * rows)[:rows],
            "PARAMCD": pd.Categorical((["PFS", "", "OS"] * rows)[:rows]),
        }
    )
    with XptWriter(path, name, "Time-to-Event Analysis", variables, dt.datetime(2025, 1, 1)) as out:
        out.append(frame)
    return path


# --- Dataset-JSON ----------------------------------------------------------------------------------------------------


def test_dataset_json(tmp_path: Path) -> None:
    dataset = read_dataset(write_json(tmp_path / "x.json", DOCUMENT))
    assert (dataset.name, dataset.metadata.label) == ("ADTTE", "Time-to-Event Analysis")
    assert dataset.metadata.keys == ("USUBJID", "PARAMCD")
    assert [(v.name, v.label, v.type, v.length, v.format, v.codelist) for v in dataset.metadata.variables] == [
        ("USUBJID", "Unique Subject Identifier", "text", 8, "", None),
        ("PARAMCD", "Parameter Code", "text", 0, "", None),
        ("ADT", "Analysis Date", "integer", 8, "DATE9.", None),
        ("ADTC", "Date, Text", "date", 0, "", None),
        ("AVAL", "Analysis Value", "float", 8, "", None),
        ("CNSR", "Censor", "integer", 8, "", None),
        ("DOSE", "Dose", "float", 8, "", None),
        ("LATE", "Late", "text", 0, "", None),
    ]
    assert cells(dataset) == {
        "USUBJID": ["S-1", "S-1", "S-2"],
        "PARAMCD": ["PFS", "OS", ""],
        "ADT": [22000.0, None, -1.0],
        "ADTC": ["2020-03", "", ""],
        "AVAL": [1.5, None, 3.0],
        "CNSR": [0.0, 1.0, None],
        "DOSE": [10.25, None, -1.0],
        "LATE": ["true", "", "false"],
    }


def test_ndjson_is_the_same_dataset(tmp_path: Path) -> None:
    head = {k: v for k, v in DOCUMENT.items() if k != "rows"}
    text = "\n".join(json.dumps(line) for line in [head, *DOCUMENT["rows"]]) + "\n"
    (tmp_path / "x.ndjson").write_text(text, "utf-8")
    one, two = read_dataset(tmp_path / "x.ndjson"), read_dataset(write_json(tmp_path / "x.json", DOCUMENT))
    assert cells(one) == cells(two)
    assert one.metadata == two.metadata
    (tmp_path / "x.ndjson").write_text(text[:-12], "utf-8")
    assert "not JSON (line 4)" in refused(tmp_path / "x.ndjson")
    damaged = text.split("\n")
    damaged[2] = damaged[2][:-1]  # the JSON of all lines together is wrong only at its end
    (tmp_path / "x.ndjson").write_text("\n".join(damaged), "utf-8")
    message = refused(tmp_path / "x.ndjson")
    assert "not JSON (line 3)" in message and "write it again" in message  # the last line alone can be cut short


@pytest.mark.parametrize("text", ["\x1e", "\u2028", "\x1c\n\x1d"])
def test_white_space_of_python_that_json_does_not_have_is_no_empty_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.ndjson").write_text(text, "utf-8")
    assert "not JSON (line 1)" in refused(tmp_path / "x.ndjson")


def test_dataset_json_without_rows_keeps_its_variables(tmp_path: Path) -> None:
    dataset = read_dataset(write_json(tmp_path / "x.json", changed(rows=[], records=0)))
    assert len(dataset) == 0
    assert len(dataset.metadata.variables) == 8


def columns(position: int, **changes: object) -> list[dict]:
    out = copy.deepcopy(DOCUMENT["columns"])
    out[position].update(changes)
    return out


@pytest.mark.parametrize(
    ("document", "reported"),
    [
        (changed(rows=[*DOCUMENT["rows"][:2], ["S-2", "PFS"]]), "row 3 has 2 values; its columns are 8"),
        (changed(rows=[DOCUMENT["rows"][0], 7, DOCUMENT["rows"][0]]), "row 2 is 7, not a list of 8 values"),
        (changed(records=4), "it declares records 4 and has 3 rows"),
        (changed(columns=columns(4, dataType="flaot")), "AVAL: dataType \"flaot\" is none of"),
        (changed(columns=columns(4, dataType="flaot")), "did you mean 'float'?"),
        (changed(columns=columns(4, dataType=None)), "AVAL: dataType null is none of"),
        (changed(columns=columns(0, targetDataType="integer")), "targetDataType \"integer\" does not go with"),
        (changed(columns=columns(1, name="usubjid")), "'USUBJID' and 'usubjid'"),
        (changed(columns=columns(1, name="USUBJID")), "'USUBJID' twice"),
        (changed(columns=columns(1, name=" ")), "column 2 has no name"),
        (changed(columns=[]), "no list 'columns'"),
        (changed(rows=None), "no list 'rows'"),
        (changed(datasetJSONVersion="1.0.0"), "datasetJSONVersion \"1.0.0\"; Dataset-JSON 1.1 is read"),
        ([1, 2], "not Dataset-JSON"),
    ],
)  # fmt: skip
def test_dataset_json_refused(tmp_path: Path, document: object, reported: str) -> None:
    assert reported in refused(write_json(tmp_path / "x.json", document))


@pytest.mark.parametrize(
    ("position", "value", "reported"),
    [
        (0, 7, "USUBJID, row 2: 7 is no string"),
        (0, "\ud800", "USUBJID: half a surrogate pair"),
        (2, "2020-03", "ADT, row 2: \"2020-03\" is not a complete date"),
        (2, "2021-02-30", "ADT, row 2: \"2021-02-30\" is not a complete date"),
        (2, 22000, "ADT, row 2: 22000 is no date"),
        (4, "1.5", "AVAL, row 2: \"1.5\" is no float"),
        (4, True, "AVAL, row 2: true is no float"),
        (4, 1e999, "Infinity is no JSON number"),
        (4, 10**400, "AVAL: a number with more digits"),
        (5, 1.5, "CNSR, row 2: 1.5 is no integer"),
        (6, "1,5", "DOSE, row 2: \"1,5\" is not a decimal number"),
        (7, "Y", "LATE, row 2: \"Y\" is no boolean"),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused_with_their_row(
    tmp_path: Path, position: int, value: object, reported: str
) -> None:
    document = changed()
    document["rows"][1][position] = value
    assert reported in refused(write_json(tmp_path / "x.json", document))


def test_dataset_json_cut_or_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    whole = json.dumps(DOCUMENT)
    path.write_text(whole[:-30], "utf-8")
    assert "not JSON" in refused(path)
    path.write_text(whole[: whole.index('"S-2"')], "utf-8")
    assert "the file is cut short" in refused(path)
    path.write_bytes(whole.replace("S-2", "M\u00fcller").encode("cp1252"))
    assert "is not UTF-8" in refused(path)
    path.write_bytes(b"[" * 200_000)
    assert "no Dataset-JSON" in refused(path)
    path.write_text("", "utf-8")
    assert "the file is empty" in refused(path)


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("1960-01-01", "date", 0.0),
        ("2020-02-29", "date", 21974.0),
        ("2021-02-29", "date", None),
        ("2020-02-29T00:00", "date", None),
        ("1960-01-02T00:00:01", "datetime", 86401.0),
        ("1960-01-02T00:00:01Z", "datetime", None),
        ("1960-01-02", "datetime", None),
        ("12:30", "time", 45000.0),
        ("12:30:01.5", "time", 45001.5),
        ("25:00", "time", None),
        ("", "date", None),
    ],
)
def test_iso_text_to_sas_numbers(text: str, kind: str, number: float | None) -> None:
    assert sas_number(text, kind) == number


# --- XPT and SAS -----------------------------------------------------------------------------------------------------


def test_xpt_written_here(tmp_path: Path) -> None:
    dataset = read_dataset(write_xpt(tmp_path / "adtte.xpt"))
    assert (dataset.name, dataset.metadata.label, dataset.metadata.keys) == ("ADTTE", "Time-to-Event Analysis", ())
    assert [(v.name, v.label, v.type, v.length, v.format) for v in dataset.metadata.variables] == [
        ("USUBJID", "Unique Subject Identifier", "text", 8, ""),
        ("ADT", "Analysis Date", "integer", 8, "DATE9."),
        ("AVAL", "Analysis Value", "float", 8, "8.2"),
        ("PARAMCD", "Parameter Code", "text", 3, "$3."),
    ]
    assert cells(dataset) == {
        "USUBJID": ["S-0", "S-1", "S-2"],
        "ADT": [22000.0, None, -1.0],
        "AVAL": [0.1, -2.5, None],
        "PARAMCD": ["PFS", "", "OS"],
    }


@pytest.mark.parametrize("version", [5, 8])
def test_xpt_of_another_writer(tmp_path: Path, version: int) -> None:
    frame = pd.DataFrame({"studyid": ["S1", "M\u00fcller"], "N": [1.0, np.nan], "D": [22000.0, 0.0]})
    pyreadstat.write_xport(
        frame, tmp_path / "x.xpt", table_name="LB", file_label="Labs", column_labels=["Study", "Number", "Date"],
        variable_format={"D": "DATE9."}, file_format_version=version,
    )  # fmt: skip
    dataset = read_dataset(tmp_path / "x.xpt")
    assert (dataset.name, dataset.metadata.label) == ("LB", "Labs")
    assert [(v.name, v.label, v.format) for v in dataset.metadata.variables] == [
        ("STUDYID", "Study", ""), ("N", "Number", ""), ("D", "Date", "DATE9."),
    ]  # fmt: skip
    assert cells(dataset) == {"STUDYID": ["S1", "M\u00fcller"], "N": [1.0, None], "D": [22000.0, 0.0]}


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9).map(lambda t: t.rstrip(" "))
numbers = st.one_of(st.none(), st.integers(-(2**50), 2**50).map(float), st.floats(-1e60, 1e60, allow_subnormal=False))


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(texts, numbers), min_size=1, max_size=40))
def test_xpt_is_read_as_pyreadstat_reads_it(tmp_path: Path, records: list[tuple[str, float | None]]) -> None:
    records = [(t, n if n is None or n == 0 or abs(n) > 1e-70 else 1.0) for t, n in records]
    frame = pd.DataFrame({"T": [t for t, _ in records], "N": [np.nan if n is None else n for _, n in records]})
    variables = [XptVariable("T", "", False, 9, ""), XptVariable("N", "", True, 8, "")]
    with XptWriter(tmp_path / "x.xpt", "X", "", variables, dt.datetime(2025, 1, 1)) as out:
        out.append(frame)
    theirs, _ = pyreadstat.read_xport(str(tmp_path / "x.xpt"), output_format="dict")
    _, ours = read_records(tmp_path / "x.xpt")
    assert ours["T"].tolist() == [str(t) for t in theirs["T"]]
    expected = np.array(theirs["N"], dtype="float64")
    assert np.array_equal(ours["N"].to_numpy(), expected, equal_nan=True)


def test_special_missing_values_and_short_numbers_of_xpt(tmp_path: Path) -> None:
    path = write_xpt(tmp_path / "x.xpt", rows=40)
    whole = path.read_bytes()
    data = whole.find(b"HEADER RECORD*******OBS") + 80
    width = 8 + 8 + 8 + 3
    for row, letter in ((0, b"A"), (1, b"_"), (2, b"Z")):
        at = data + row * width + 8
        whole = whole[:at] + letter + bytes(7) + whole[at + 8 :]
    path.write_bytes(whole)
    assert [x == x for x in read_dataset(path).frame["ADT"].tolist()[:4]] == [False, False, False, True]
    path.write_bytes(whole[:-7])
    assert "not a multiple of 80" in refused(path)
    path.write_bytes(whole[: data + 80])  # two rows and 26 bytes of the third
    assert "the last observation is cut: 2 observations" in refused(path)
    path.write_bytes(whole[:400])
    assert "cut short" in refused(path)
    path.write_bytes(b"A,B\n1,2\n" * 50)
    assert "not a SAS transport file" in refused(path)


def test_a_number_of_three_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    variables = [XptVariable("A", "", False, 3, ""), XptVariable("B", "", False, 1, "")]
    with XptWriter(path, "X", "", variables, dt.datetime(2025, 1, 1)) as out:
        out.append(pd.DataFrame({"A": ["abc", "abc"], "B": ["x", "y"]}))
    whole = bytearray(path.read_bytes())
    names = whole.find(b"HEADER RECORD*******NAMESTR") + 80
    whole[names + 1] = 1  # A becomes a number of 3 bytes: IBM 100 is 42 64 00
    data = whole.find(b"HEADER RECORD*******OBS") + 80
    whole[data : data + 3] = b"\x42\x64\x00"
    whole[data + 4 : data + 7] = b".\0\0"
    path.write_bytes(whole)
    assert cells(read_dataset(path)) == {"A": [100.0, None], "B": ["x", "y"]}


def test_xpt_text_of_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    pyreadstat.write_xport(pd.DataFrame({"S": ["plain", "Mxller"]}), path, table_name="LB", file_format_version=5)
    path.write_bytes(path.read_bytes().replace(b"Mxller", "M\u00fcller".encode("cp1252")))
    assert "S, record 2: b'M\\xfcller' is not utf-8 text" in refused(path)
    assert cells(read_dataset(path, "cp1252")) == {"S": ["plain", "M\u00fcller"]}
    pyreadstat.write_xport(pd.DataFrame({"S": ["Mxller"]}), path, table_name="LB", file_format_version=8)
    path.write_bytes(path.read_bytes().replace(b"Mxller", "M\u00fcller".encode("cp1252")))
    assert "its text is in another encoding" in refused(path)
    assert "no encoding 'klingon'" in refused(path, encoding="klingon")


def test_sas7bdat_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.sas7bdat"
    path.write_bytes(b"A,B\n" * 500)
    assert "cannot be read as SAS7BDAT" in refused(path)
    path.write_bytes(b"")
    assert "the file is empty" in refused(path)


def test_sas7bdat_values_and_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No free tool writes SAS7BDAT, so what pyreadstat gives for one stands here."""
    pyreadstat.write_xport(
        pd.DataFrame({"usubjid": ["S-1", "S-2", ""], "N": [1.0, 2.5, np.nan]}), tmp_path / "real.xpt",
        table_name="DM", file_label="Demographics",
    )  # fmt: skip
    given = pyreadstat.read_xport(str(tmp_path / "real.xpt"), output_format="dict")
    given[0]["N"][2] = "A"  # a special missing value comes as its letter
    monkeypatch.setattr("raw2adam.transport.read_sas.read_statistical_file", lambda *_, **__: given)
    (tmp_path / "dm.sas7bdat").write_bytes(b"anything")
    dataset = read_dataset(tmp_path / "dm.sas7bdat")
    assert (dataset.name, dataset.metadata.label) == ("DM", "Demographics")
    assert cells(dataset) == {"USUBJID": ["S-1", "S-2", ""], "N": [1.0, 2.5, None]}


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet(tmp_path: Path) -> None:
    reported = {"label": "Subject", "length": "8", "displayFormat": "$8."}
    schema = pa.schema(
        [
            pa.field("USUBJID", pa.string(), metadata=reported),
            pa.field("sex", pa.dictionary(pa.int32(), pa.string())),
            ("AGE", pa.int64()),
            ("D", pa.date32()),
            ("T", pa.timestamp("us")),
            ("F", pa.bool_()),
            ("NOTHING", pa.null()),
        ],
        metadata={"name": "dm", "label": "Demographics"},
    )
    rows = {
        "USUBJID": ["S-1  ", None],
        "sex": ["M", None],
        "AGE": [65, None],
        "D": [dt.date(2020, 3, 26), None],
        "T": [dt.datetime(1960, 1, 2, 0, 0, 1, 500_000), None],
        "F": [True, None],
        "NOTHING": [None, None],
    }
    pq.write_table(pa.table(rows, schema), tmp_path / "x.parquet")
    dataset = read_dataset(tmp_path / "x.parquet")
    assert (dataset.name, dataset.metadata.label) == ("DM", "Demographics")
    assert cells(dataset) == {
        "USUBJID": ["S-1", ""], "SEX": ["M", ""], "AGE": [65.0, None], "D": [22000.0, None], "T": [86401.5, None],
        "F": ["true", ""], "NOTHING": ["", ""],
    }  # fmt: skip
    assert [(v.label, v.length, v.format) for v in dataset.metadata.variables[:4]] == [
        ("Subject", 8, "$8."), ("", 0, ""), ("", 8, ""), ("", 8, "DATE9."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "reported"),
    [
        (pa.array([[1], [2]]), "X holds list"),
        (pa.array([2**60 + 1, 1]), "X of type int64"),
        (pa.array([dt.datetime(2020, 1, 1), None], pa.timestamp("us", "UTC")), "X has a time zone (UTC)"),
        (pa.array([b"M\xfcller", b""]), "X of type binary"),
        (pa.array([1.0, float("inf")]), "X, record 2: an infinite number"),
        (pa.array([dt.timedelta(1), None]), "X holds duration"),
    ],
)
def test_parquet_columns_that_no_sas_dataset_can_hold(tmp_path: Path, column: pa.Array, reported: str) -> None:
    pq.write_table(pa.table({"X": column}), tmp_path / "x.parquet")
    assert reported in refused(tmp_path / "x.parquet")


def test_parquet_cut_and_without_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"X": [1, 2]}), path)
    path.write_bytes(path.read_bytes()[:-9])
    assert "cannot be read as Parquet" in refused(path)
    pq.write_table(pa.table({}), path)
    assert "no variables" in refused(path)


# --- folders ---------------------------------------------------------------------------------------------------------


def test_find_datasets(tmp_path: Path) -> None:
    write_xpt(tmp_path / "tte.xpt")  # ADTTE, as the file itself says
    write_json(tmp_path / "ae.json", changed(name=None, label="x"))
    pq.write_table(pa.table({"X": [1]}), tmp_path / "DM.PARQUET")
    write_json(tmp_path / "manifest.json", {"schema": 1})
    (tmp_path / "define.xml").write_text("<ODM/>", "utf-8")
    (tmp_path / "._ae.xpt").write_bytes(b"x")
    (tmp_path / "broken.json").write_text('{"datasetJSON', "utf-8")  # reading it tells
    found = find_datasets(tmp_path)
    assert {name: path.name for name, path in found.items()} == {
        "ADTTE": "tte.xpt", "AE": "ae.json", "BROKEN": "broken.json", "DM": "DM.PARQUET",
    }  # fmt: skip
    assert list(found) == sorted(found)


def test_one_dataset_in_two_files_is_refused(tmp_path: Path) -> None:
    write_xpt(tmp_path / "adtte.xpt")
    write_json(tmp_path / "tte.json", DOCUMENT)
    with pytest.raises(InputError, match=r"adtte\.xpt and tte\.json both contain ADTTE"):
        find_datasets(tmp_path)


def test_folders_without_datasets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        find_datasets(tmp_path / "none")
    (tmp_path / "sdtm").mkdir()
    write_xpt(tmp_path / "sdtm" / "adtte.xpt")
    with pytest.raises(InputError, match=r"no dataset in it .* in its folders sdtm"):
        find_datasets(tmp_path)
    with pytest.raises(InputError, match="a file, not a folder"):
        find_datasets(tmp_path / "sdtm" / "adtte.xpt")


def test_files_that_are_not_there_or_of_another_kind(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "x.xpt")
    assert "a folder, not a file" in refused(tmp_path)
    (tmp_path / "x.csv").write_text("A\n", "utf-8")
    assert "a dataset is read from .xpt" in refused(tmp_path / "x.csv")


def test_records_keep_every_digit_and_datasets_round(tmp_path: Path) -> None:
    document = changed()
    document["rows"][0][4] = 0.1234567890123456
    path = write_json(tmp_path / "x.json", document)
    assert read_records(path)[1]["AVAL"][0] == 0.1234567890123456
    assert read_dataset(path).frame["AVAL"][0] == 0.123456789012346  # a collected number keeps 15 digits
