"""Dataset-JSON 1.1 as it is written: literal files, the same bytes however the records are divided, what is refused."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import DatasetMetadata, VariableMetadata
from raw2adam.errors import InputError, OutputError, UsageError
from raw2adam.transport import dataset_json, file_pieces, json_cells, parquet_format
from raw2adam.transport.dataset_files import read_dataset, read_records
from raw2adam.transport.dataset_json_format import DSJC, JSON, NDJSON
from raw2adam.transport.dataset_writer import FileContext, OutputFormat
from raw2adam.transport.equality import unequal_files
from raw2adam.transport.output_formats import OUTPUT_FORMATS, chosen_formats, write_dataset, written_files
from raw2adam.transport.parquet_format import PARQUET
from raw2adam.transport.xpt_format import XPT

V = VariableMetadata
METADATA = DatasetMetadata(
    "ADAE",
    "Analyse der Ereignisse, Größe",
    (
        V("USUBJID", "Unique Subject Identifier", "text", 4),
        V("AETERM", "Reported Term", "text", 20),
        V("ADTC", "Date, Text", "partialDate", 7, format="$7."),
        V("ASTDT", "Start Date", "integer", 8, format="DATE9."),
        V("ASTDTM", "Start Moment", "integer", 8, format="DATETIME20."),
        V("ASTTM", "Start Time", "integer", 8, format="TIME8."),
        V("AVAL", "Value", "float", 8, format="8.2"),
        V("AESEQ", "Sequence", "integer", 8),
    ),
    ("USUBJID", "AESEQ"),
)
FRAME = pd.DataFrame(
    {
        "USUBJID": ["S-01", "S-02", "S-03"],
        "AETERM": ['Fieber "hoch" \\ 40°', "", "Übel\nkeit\x01"],
        "ADTC": ["2020-03", "", "2020"],
        "ASTDT": [22000.0, np.nan, -1.0],
        "ASTDTM": [1_900_000_000.0, 0.0, np.nan],
        "ASTTM": [86_399.0, np.nan, 0.0],
        "AVAL": [0.1, -1e-7, np.nan],
        "AESEQ": [1.0, np.nan, 123456789012345.0],
    }
)
CONTEXT = FileContext(
    declared=dt.datetime(2026, 1, 31),
    study_oid="S1",
    metadata_version_oid="MDV.S1.ADaMIG.1.3",
    define="define.xml",
    originator="Sponsor",
    system="raw2adam",
    system_version="0.1.0",
)
#: the file as the standard has it, by hand
HEADER = (
    '{"datasetJSONCreationDateTime":"2026-01-31T00:00:00","datasetJSONVersion":"1.1.0",'
    '"fileOID":"DSJ.S1.ADaMIG.1.3.ADAE","dbLastModifiedDateTime":"2026-01-31T00:00:00","originator":"Sponsor",'
    '"sourceSystem":{"name":"raw2adam","version":"0.1.0"},"studyOID":"S1","metaDataVersionOID":"MDV.S1.ADaMIG.1.3",'
    '"metaDataRef":"../define.xml","itemGroupOID":"IG.ADAE","records":3,"name":"ADAE",'
    '"label":"Analyse der Ereignisse, Größe","columns":['
    '{"itemOID":"IT.ADAE.USUBJID","name":"USUBJID","label":"Unique Subject Identifier","dataType":"string",'
    '"length":4,"keySequence":1},'
    '{"itemOID":"IT.ADAE.AETERM","name":"AETERM","label":"Reported Term","dataType":"string","length":20},'
    '{"itemOID":"IT.ADAE.ADTC","name":"ADTC","label":"Date, Text","dataType":"string","length":7},'
    '{"itemOID":"IT.ADAE.ASTDT","name":"ASTDT","label":"Start Date","dataType":"date","targetDataType":"integer",'
    '"displayFormat":"DATE9."},'
    '{"itemOID":"IT.ADAE.ASTDTM","name":"ASTDTM","label":"Start Moment","dataType":"datetime",'
    '"targetDataType":"integer","displayFormat":"DATETIME20."},'
    '{"itemOID":"IT.ADAE.ASTTM","name":"ASTTM","label":"Start Time","dataType":"time","targetDataType":"integer",'
    '"displayFormat":"TIME8."},'
    '{"itemOID":"IT.ADAE.AVAL","name":"AVAL","label":"Value","dataType":"float","displayFormat":"8.2"},'
    '{"itemOID":"IT.ADAE.AESEQ","name":"AESEQ","label":"Sequence","dataType":"integer","keySequence":2}]'
)
ROWS = (
    '["S-01","Fieber \\"hoch\\" \\\\ 40°","2020-03","2020-03-26","2020-03-16T17:46:40","23:59:59",0.1,1]',
    '["S-02","","",null,"1960-01-01T00:00:00",null,-1e-7,null]',
    '["S-03","Übel\\nkeit\\u0001","2020","1959-12-31",null,"00:00:00",null,123456789012345]',
)


def written(folder: Path, form: OutputFormat, frames: list[pd.DataFrame], metadata: DatasetMetadata = METADATA) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    count = sum(map(len, frames))
    write_dataset(folder, metadata, frames, records=count, context=CONTEXT, formats=[form])
    return folder / form.file(metadata.name)


def test_json_is_the_file_of_the_standard(tmp_path):
    path = written(tmp_path, JSON, [FRAME])
    assert path == tmp_path / "json" / "adae.json"
    assert path.read_text("utf-8") == HEADER + ',"rows":[\n' + ",\n".join(ROWS) + "\n]}\n"
    assert json.loads(path.read_text("utf-8"))["rows"][2][1] == "Übel\nkeit\x01"


def test_ndjson_has_a_record_a_line(tmp_path):
    assert written(tmp_path, NDJSON, [FRAME]).read_text("utf-8") == "\n".join((HEADER + "}", *ROWS)) + "\n"


def test_dsjc_is_the_ndjson_as_a_zlib_stream(tmp_path):
    packed = written(tmp_path, DSJC, [FRAME]).read_bytes()
    assert zlib.decompress(packed) == written(tmp_path, NDJSON, [FRAME]).read_bytes()


def test_compressed_dataset_json_of_gzip_is_read(tmp_path):
    """The examples that CDISC publishes are gzip."""
    path = tmp_path / "dm.dsjc"
    path.write_bytes(gzip.compress(written(tmp_path, NDJSON, [FRAME]).read_bytes()))
    assert len(read_records(path)[1]) == 3


def test_a_dataset_without_records(tmp_path):
    content = json.loads(written(tmp_path, JSON, []).read_text("utf-8"))
    assert content["records"] == 0 and content["rows"] == []
    assert len(written(tmp_path, NDJSON, [FRAME.iloc[:0]]).read_text("utf-8").splitlines()) == 1


def test_what_is_not_known_of_the_run_is_absent(tmp_path):
    about = FileContext(declared=dt.datetime(2026, 1, 31))
    write_dataset(tmp_path, METADATA, [FRAME], records=3, context=about, formats=[NDJSON])
    header = json.loads((tmp_path / "ndjson" / "adae.ndjson").read_text("utf-8").splitlines()[0])
    assert list(header) == [
        "datasetJSONCreationDateTime", "datasetJSONVersion", "fileOID", "dbLastModifiedDateTime", "itemGroupOID",
        "records", "name", "label", "columns",
    ]  # fmt: skip


@pytest.mark.parametrize("form", [JSON, NDJSON, DSJC, PARQUET], ids=lambda f: f.name)
def test_it_is_read_back_as_it_was(tmp_path, form):
    metadata, frame = read_records(written(tmp_path, form, [FRAME]))
    assert (metadata.name, metadata.label, metadata.keys) == ("ADAE", METADATA.label, ("USUBJID", "AESEQ"))
    assert [(v.name, v.label, v.is_numeric) for v in metadata.variables] == [
        (v.name, v.label, v.is_numeric) for v in METADATA.variables
    ]
    formats = [v.format if v.is_numeric or form is PARQUET else "" for v in METADATA.variables]
    assert [v.format for v in metadata.variables] == formats  # Dataset-JSON has none for text
    assert [v.length for v in metadata.variables] == [v.length for v in METADATA.variables]
    for name in FRAME:
        assert frame[name].astype(FRAME[name].dtype).equals(FRAME[name]), name


@pytest.mark.parametrize("form", [JSON, NDJSON, DSJC, PARQUET], ids=lambda f: f.name)
@pytest.mark.parametrize("cuts", [[1], [0, 2, 2], [1, 2, 3]])
def test_the_bytes_do_not_depend_on_how_the_records_are_divided(tmp_path, form, cuts):
    frame = FRAME.astype({"AETERM": "category", "USUBJID": "category"})
    parts = [frame.iloc[a:b] for a, b in zip([0, *cuts], [*cuts, 3], strict=True)]
    whole = written(tmp_path / "whole", form, [FRAME]).read_bytes()
    assert written(tmp_path / "parts", form, parts).read_bytes() == whole


def test_large_files_do_not_depend_on_partitions(tmp_path, monkeypatch):
    """Over a block of records, a piece of compression and a row group; each is a 128th of what it is in a build."""
    monkeypatch.setattr(json_cells, "_BLOCK", 1 << 8)
    monkeypatch.setattr(dataset_json, "_PIECE", 1 << 13)
    monkeypatch.setattr(parquet_format, "_GROUP", 1 << 10)
    draw = np.random.default_rng(1)
    n = 1_200
    metadata = DatasetMetadata(
        "LB", "Lab", (V("USUBJID", "S", "text", 8), V("LBSTRESN", "N", "float", 8)), ("USUBJID",)
    )
    frame = pd.DataFrame({"USUBJID": draw.integers(0, 10**7, n).astype(str), "LBSTRESN": draw.normal(size=n)})
    cuts = [0, 7, 470, 1_025, n]
    parts = [frame.iloc[a:b].astype({"USUBJID": "category"}) for a, b in pairwise(cuts)]
    for form in (JSON, DSJC, PARQUET):
        one = written(tmp_path / "one", form, [frame], metadata)
        assert one.read_bytes() == written(tmp_path / "many", form, parts, metadata).read_bytes(), form.name
        assert read_records(one)[1]["LBSTRESN"].equals(frame["LBSTRESN"])
    assert pq.ParquetFile(one).num_row_groups == 2


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("ASTDT", 0.5, "0.5 is no date between the years 1 and 9999, as its format DATE9. declares"),
        ("ASTDT", 2936550.0, "2936550.0 is no date between the years 1 and 9999"),
        ("ASTDTM", 1e300, "1e+300 is no datetime between the years 1 and 9999"),
        ("ASTTM", 86_400.0, "86400.0 is no time between"),
        ("AESEQ", 1.5, "1.5 is no whole number of up to 53 bits, as its type integer declares; use float"),
        ("AESEQ", 2.0**53 + 2, "9007199254740994.0 is no whole number of up to 53 bits"),
        ("AVAL", np.inf, "inf is not finite; correct the value"),
        ("AETERM", "a\ud800", "half a surrogate pair"),
    ],
)
@pytest.mark.parametrize("form", [JSON, DSJC, PARQUET], ids=lambda f: f.name)
def test_a_value_that_its_type_cannot_hold_is_refused_and_no_file_stays(tmp_path, form, variable, value, words):
    frame = FRAME.copy()
    if isinstance(value, str):  # pandas keeps half a pair only in categories of objects
        frame[variable] = col.text_column(["x", value, "y"])
    else:
        frame.loc[1, variable] = value
    with pytest.raises(OutputError) as caught:
        written(tmp_path, form, [FRAME.iloc[:1], frame.iloc[1:]])
    assert f"ADAE.{variable}, subject 'S-02', record 2: " in str(caught.value) and words in str(caught.value)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_the_last_day_and_the_first_one_of_iso_8601(tmp_path):
    frame = FRAME.assign(ASTDT=[-715509.0, 2936549.0, np.nan])
    rows = [json.loads(r) for r in written(tmp_path, NDJSON, [frame]).read_text("utf-8").splitlines()[1:]]
    assert [r[3] for r in rows] == ["0001-01-01", "9999-12-31", None]
    assert read_records(tmp_path / "ndjson" / "adae.ndjson")[1]["ASTDT"].tolist()[:2] == [-715509.0, 2936549.0]


def test_an_unused_invalid_category_is_harmless(tmp_path):
    term = col.join_text(np.array([1, 2, 1]), ["\ud800", "a", "b"])
    for form in (NDJSON, PARQUET):
        assert read_records(written(tmp_path, form, [FRAME.assign(AETERM=term)]))[1]["AETERM"].tolist() == [
            "a",
            "b",
            "a",
        ]


def test_another_number_of_records_than_declared_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="3 records, and its header has 4"):
        write_dataset(tmp_path, METADATA, [FRAME], records=4, context=CONTEXT, formats=[JSON])
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_folder_that_takes_no_files(tmp_path):
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "adae.json").mkdir()
    with pytest.raises(OutputError, match="ADAE: cannot write"):
        written(tmp_path, JSON, [FRAME])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(lambda t: t.rstrip(" "))
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(rows=st.lists(st.tuples(TEXT, NUMBER, st.none() | st.integers(-715509, 2936549)), max_size=8))
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_is_read_back_from_every_format(tmp_path, rows):
    variables = (V("T", "Text", "text", 8), V("N", "Number", "float", 8), V("D", "Day", "integer", 8, format="DATE9."))
    metadata = DatasetMetadata("XX", "Any", variables, ())
    frame = pd.DataFrame(
        {
            "T": pd.Series([t for t, _, _ in rows], dtype="str"),
            "N": pd.Series([n for _, n, _ in rows], dtype="float64"),
            "D": pd.Series([d for _, _, d in rows], dtype="float64"),
        }
    )
    files = [(form, written(tmp_path, form, [frame], metadata)) for form in (JSON, NDJSON, DSJC, PARQUET)]
    assert unequal_files(files[0], files[1:]) == []
    back = read_records(files[0][1])[1]
    assert back["T"].tolist() == frame["T"].tolist()
    assert np.array_equal(back["N"], frame["N"], equal_nan=True) and np.array_equal(
        back["D"], frame["D"], equal_nan=True
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b[:-3], "the zlib stream has no end; the file is cut short, copy it again"),
        (lambda b: b + b"xy", "2 bytes after the end of the zlib stream; copy it again"),
        (lambda b: b"PK" + b, "not a zlib stream, which compressed Dataset-JSON is"),
        (lambda b: b[:40] + b"\x00\xff" + b[42:], "not a zlib stream, which compressed Dataset-JSON is"),
        (lambda b: zlib.compress(b""), "the file is empty; Dataset-JSON was expected"),
        (lambda b: zlib.compress(b" " * (1 << 21), 9), "its content is over 800 times its size; this is no dataset"),
    ],
    ids=["cut", "tail", "magic", "bits", "empty", "bomb"],
)
def test_a_damaged_dsjc_is_refused(tmp_path, monkeypatch, change, words):
    monkeypatch.setattr(file_pieces, "_MOST_UNPACKED", 1 << 20)  # 64 MiB in a build
    path = written(tmp_path, DSJC, [FRAME])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError) as caught:
        read_dataset(path)
    assert words in str(caught.value) and path.name in str(caught.value)
    assert DSJC.readback(path, 3) != []


def test_a_parquet_file_whose_names_are_no_utf_8_is_refused(tmp_path):
    path = written(tmp_path, PARQUET, [FRAME])
    path.write_bytes(path.read_bytes().replace(b"AETERM", b"\x90ETERM"))
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_dataset(path)
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        PARQUET.describe(path)
    assert PARQUET.readback(path, 3) != []


@given(data=st.data())
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_or_cut_file_is_read_or_refused_and_never_ends_in_a_fault(tmp_path, data):
    form = data.draw(st.sampled_from([JSON, NDJSON, DSJC, PARQUET]))
    path = tmp_path / form.file("ADAE")
    if not path.exists():
        written(tmp_path, form, [FRAME])
        path.with_suffix(".kept").write_bytes(path.read_bytes())
    content = bytearray(path.with_suffix(".kept").read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        read_dataset(path)
    except InputError as error:
        assert path.name in str(error)
    try:
        form.describe(path)
    except InputError as error:
        assert path.name in str(error)


def plain(folder: Path) -> list[tuple[OutputFormat, Path]]:
    """One dataset in all formats."""
    folder.mkdir(exist_ok=True)
    frame = FRAME.assign(AETERM=["a", "b", ""])
    metadata = DatasetMetadata("ADAE", "Events", METADATA.variables, METADATA.keys)
    write_dataset(folder, metadata, [frame], records=3, context=CONTEXT, formats=OUTPUT_FORMATS)
    return list(written_files(folder))


def test_all_formats_are_equal_and_every_difference_is_named(tmp_path):
    xpt, *others = plain(tmp_path)
    assert unequal_files(xpt, others) == []
    nd = others[1][1]

    def differences(old: str, new: str) -> list[str]:
        text = nd.read_text("utf-8")
        nd.write_text(text.replace(old, new, 1), "utf-8")
        found = [t for _, t in unequal_files(xpt, [others[1]])]
        nd.write_text(text, "utf-8")
        return found

    assert differences('"b"', '"c"') == ["AETERM, record 2: 'c', not 'b'"]
    assert differences("0.1,1]", "0.25,1]") == ["AVAL, record 1: 0.25, not 0.1"]
    assert differences("2020-03-26", "2020-03-27") == ["ASTDT, record 1: 22001.0, not 22000.0"]
    assert differences("-1e-7", "null") == ["AVAL, record 2: nan, not -1e-07"]
    assert differences('"label":"Value"', '"label":"Worth"') == ["AVAL: label 'Worth', not 'Value'"]
    assert differences('"label":"Events"', '"label":"Cases"') == ["the dataset is ADAE 'Cases', not ADAE 'Events'"]
    assert differences('"records":3', '"records":4')[0].startswith("cannot be read: ")
    assert differences('"name":"AVAL"', '"name":"BVAL"')[0].startswith("its variables are ")


def test_the_formats_are_named(tmp_path):
    assert chosen_formats(["parquet", "XPT ", "parquet"]) == (XPT, PARQUET)
    with pytest.raises(
        UsageError, match=r"--formats 'njson': expected one or more of xpt,json,.*did you mean 'ndjson'"
    ):
        chosen_formats(["njson"])


def test_describe_reads_no_rows(tmp_path):
    path = written(tmp_path, DSJC, [FRAME])
    found = DSJC.describe(path)
    assert (found.study_oid, found.metadata_version_oid, found.group_oid) == ("S1", "MDV.S1.ADaMIG.1.3", "IG.ADAE")
    assert [(v.name, v.is_text, v.width, v.oid) for v in found.variables][2:4] == [
        ("ADTC", True, 7, "IT.ADAE.ADTC"),
        ("ASTDT", False, None, "IT.ADAE.ASTDT"),
    ]
    assert PARQUET.describe(written(tmp_path, PARQUET, [FRAME])) == found


def test_parquet_has_types_and_labels(tmp_path):
    import pyarrow.parquet as pq

    schema = pq.read_schema(written(tmp_path, PARQUET, [FRAME]))
    assert [str(f.type) for f in schema] == [
        "string", "string", "string", "date32[day]", "timestamp[ms]", "time32[ms]", "double", "int64"
    ]  # fmt: skip
    assert schema.metadata[b"label"].decode() == METADATA.label and schema.metadata[b"itemGroupOID"] == b"IG.ADAE"
    assert schema.field("ASTDT").metadata == {
        b"label": b"Start Date", b"displayFormat": b"DATE9.", b"itemOID": b"IT.ADAE.ASTDT"
    }  # fmt: skip
