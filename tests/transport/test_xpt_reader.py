"""The reader of transport files of version 5: what it reads, and what it refuses, for finished datasets and raw data."""

from __future__ import annotations

import datetime as dt
import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.command import raw2adam
from kit.fuzzing import examples
from raw2adam.errors import InputError, Raw2AdamError
from raw2adam.findings.table import Findings
from raw2adam.runs.read_existing import read_files
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source
from raw2adam.sources.statistical.sas_transport import TransportLayout
from raw2adam.sources.statistical.transport_cells import TransportCells
from raw2adam.transport.dataset_files import dataset_names, find_datasets, read_records
from raw2adam.transport.xpt import XptVariable, XptWriter

DAY = dt.datetime(2026, 1, 31)
PER_TEST = [HealthCheck.function_scoped_fixture]


def written(path: Path, name: str, columns: dict[str, list], widths: dict[str, int] | None = None) -> bytes:
    """A file by our writer: lists of texts or of numbers; the width of a text is that of its longest, or ``widths``."""
    variables, frame = [], {}
    for column, values in columns.items():
        numeric = bool(values) and not isinstance(values[0], str)
        width = 8 if numeric else (widths or {}).get(column, max([len(v) for v in values] + [1]))
        variables.append(XptVariable(column, f"Label of {column}", numeric, width))
        frame[column] = np.array(values, float) if numeric else pd.Categorical(values)
    with XptWriter(path, name, f"Dataset {name}", variables, DAY) as out:
        out.append(pd.DataFrame(frame))
    return path.read_bytes()


def raw(path: Path, **options: str) -> dict[str, list[str]]:
    table = read_source("s", path.parent, SourceOptions(path.name, **options), Findings())
    return {str(c): table.frame[c].tolist() for c in table.frame}


def refused(path: Path) -> str:
    """The refusal of a file, which finished datasets and raw data share up to its place."""
    texts = []
    for read in (read_records, raw):
        with pytest.raises(InputError) as caught:
            read(path)
        texts.append(str(caught.value).removeprefix(f"{path.parent}/"))
    assert texts[0] == texts[1]
    return texts[0]


# --- what is read ----------------------------------------------------------------------------------------------------

names = st.lists(st.from_regex(r"[A-Z][A-Z0-9_]{0,7}", fullmatch=True), min_size=1, max_size=4, unique=True)
ascii_text = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
finite = st.floats(-1e60, 1e60, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-70)


@st.composite
def datasets(draw: st.DrawFn) -> dict[str, list]:
    rows = draw(st.integers(0, 12))
    kinds = {name: draw(st.booleans()) for name in draw(names)}
    number = st.one_of(st.just(float("nan")), finite)
    values = {
        name: draw(st.lists(number if numeric else ascii_text, min_size=rows, max_size=rows))
        for name, numeric in kinds.items()
    }
    if rows and not any(kinds.values()):  # a record of blanks at the end would be padding
        first = next(iter(values))
        values[first][-1] = "x" + values[first][-1][1:]
    return values


@settings(max_examples=examples(40), deadline=None, suppress_health_check=PER_TEST)
@given(datasets())
def test_what_is_written_is_read(tmp_path: Path, columns: dict[str, list]) -> None:
    written(tmp_path / "x.xpt", "X", columns)
    metadata, frame = read_records(tmp_path / "x.xpt")
    assert (metadata.name, metadata.label, metadata.names) == ("X", "Dataset X", list(columns))
    assert len(frame) == len(next(iter(columns.values())))
    for name, values in columns.items():
        if values and not isinstance(values[0], str):
            assert np.array_equal(frame[name].to_numpy(), np.array(values, float), equal_nan=True)
        else:
            assert frame[name].tolist() == [v.rstrip(" ") for v in values]


def test_a_file_of_several_datasets(tmp_path: Path) -> None:
    parts = [
        written(tmp_path / "one", "DM", {"USUBJID": ["S-1", "S-2"], "AGE": [61.0, 58.5]}),
        written(tmp_path / "two", "AE", {"AETERM": ["Rash"]}),
    ]
    library = tmp_path / "study.xpt"
    library.write_bytes(parts[0] + parts[1][240:])
    assert dataset_names(library) == ["DM", "AE"]
    assert find_datasets(tmp_path) == {"AE": library, "DM": library}
    metadata, frame = read_records(library, dataset="AE")
    assert (metadata.name, metadata.label, frame["AETERM"].tolist()) == ("AE", "Dataset AE", ["Rash"])
    assert read_records(library, dataset="dm")[1]["AGE"].tolist() == [61.0, 58.5]
    assert refused(library) == "study.xpt: the file holds 2 datasets (DM, AE); name one by member:"
    with pytest.raises(InputError, match=r"study\.xpt: the file has no member 'VS' \(it has DM, AE\)"):
        read_records(library, dataset="VS")
    library.write_bytes(parts[0] + parts[0][240:])
    with pytest.raises(InputError, match=r"study\.xpt contains two datasets DM; keep one of them"):
        find_datasets(tmp_path)


def test_a_file_of_several_datasets_is_existing_sdtm_and_is_compared_and_converted(tmp_path: Path) -> None:
    dm = written(tmp_path / "dm", "DM", {"USUBJID": ["S-1", "S-2"], "AGE": [61.0, 58.5]})
    ae = [written(tmp_path / "ae", "AE", {"USUBJID": ["S-1"], "AETERM": [term]}) for term in ("Rash", "Itch")]
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, part in zip((one, two), ae, strict=True):
        folder.mkdir()
        (folder / "all.xpt").write_bytes(dm + part[240:])
    read = [(file.name, file.dataset, file.records) for file, _ in read_files(one)]
    assert read == [("all.xpt", "AE", 1), ("all.xpt", "DM", 2)]
    done = raw2adam("diff", one / "all.xpt", two / "all.xpt", "--keys", "USUBJID")
    assert done.returncode == 1
    assert "Itch" in done.stdout
    assert raw2adam("convert", one / "all.xpt", tmp_path / "out", "--formats", "xpt").returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").glob("*.xpt")) == ["ae.xpt", "dm.xpt"]
    assert read_records(tmp_path / "out" / "ae.xpt")[1]["AETERM"].tolist() == ["Rash"]


def test_special_missing_values_are_apart_from_plain_missing(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    whole = bytearray(written(path, "X", {"N": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    data = whole.find(b"HEADER RECORD*******OBS") + 80
    for row, first in enumerate(b"._AZ"):
        whole[data + 8 * row : data + 8 * row + 8] = bytes([first]) + bytes(7)
    path.write_bytes(whole)
    assert raw(path) == {"N": ["", "._", ".A", ".Z", "5"]}
    cells = TransportCells(TransportLayout(bytes(whole), "x.xpt"))
    assert cells.letters(0).tolist() == [0, ord("_"), ord("A"), ord("Z"), 0]
    assert np.isnan(cells.numbers(0)).tolist() == [True, True, True, True, False]
    assert np.isnan(read_records(path)[1]["N"].to_numpy()).tolist() == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("texts", "width", "blanks", "rows"),
    [
        (["A", "B"], 1, 0, 2),
        (["A", "B"], 40, 0, 2),  # 80 bytes, no padding
        (["A", "B", ""], 40, 0, 3),  # 120 bytes of records and 40 of padding: the third fills 80 beside it
        (["A", "B", ""], 10, 0, 2),  # a blank record at the end may be padding
        (["A"], 10, 80, 9),  # 150 blanks: 70 of them are padding at most, so eight records of 10 are blank
    ],
)
def test_blank_records_at_the_end(tmp_path: Path, texts: list[str], width: int, blanks: int, rows: int) -> None:
    path = tmp_path / "x.xpt"
    whole = written(path, "X", {"T": ["x"] * len(texts)}, {"T": width})
    data = whole.find(b"HEADER RECORD*******OBS") + 80
    records = b"".join(t.encode().ljust(width) for t in texts)
    path.write_bytes(whole[:data] + records.ljust(-(-len(records) // 80) * 80) + b" " * blanks)
    assert raw(path)["T"] == [*texts, *[""] * 9][:rows]
    assert len(read_records(path)[1]) == rows


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        (b"**COMPRESSED** **COMPRESSED** " * 8, "written by PROC CPORT, whose files only SAS reads; run PROC CIMPORT"),
        (b"LIB CONTROL X6.12" + b" " * 200, "written by PROC CPORT"),
        ("HEADER RECORD*******LIBRARY".encode("cp500") * 8, "converted to EBCDIC"),
        (bytes(12) + b"\xc2\xea\x81\x60" + bytes(200), "a SAS7BDAT file; rename it"),
        (b"PK\x03\x04" + bytes(200), "a zip file; unpack it"),
        (gzip.compress(b"HEADER RECORD", mtime=0), "a gzip file; unpack it"),
        (b"A,B\n1,2\n" * 50, "it does not begin with HEADER RECORD*******LIBRARY"),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  ", "cut short"),
        (b"HEADER RECORD*******LIBRARY HEADER", "34 bytes are not a multiple of 80"),
    ],
)
def test_other_files_are_refused_with_what_they_are(tmp_path: Path, content: bytes, reported: str) -> None:
    (tmp_path / "x.xpt").write_bytes(content)
    assert reported in refused(tmp_path / "x.xpt")


@pytest.mark.parametrize(
    ("at", "to", "reported"),
    [
        (320 + 54, b"9999", "9999 variables do not fit in it"),
        (320 + 54, b"00x2", "the number of variables is not a number"),
        (74, b"0100", "descriptions of variables have 100 bytes, not 140"),
        (320, b"HEADER RECORD*******NAMEXXX ", "no variable or observation header"),
        (400 + 1, b"\x03", "variable T, type 3, has 3 bytes at place 0"),
        (400 + 4, b"\x7f\xff", "variable N, a number, has 8 bytes at place 3"),  # T takes the rest of the record
        (540 + 4, b"\x00\x09", "variable N, a number, has 9 bytes at place 3 of an observation"),
        (540 + 84, b"\0\0\0\0", "variable N, a number, has 8 bytes at place 0 of an observation"),
    ],
)
def test_damaged_headers_are_refused_with_the_damage(tmp_path: Path, at: int, to: bytes, reported: str) -> None:
    path = tmp_path / "x.xpt"
    whole = written(path, "X", {"T": ["abc", "de"], "N": [1.0, 2.0]})
    at += 240  # the library
    path.write_bytes(whole[:at] + to + whole[at + len(to) :])
    text = refused(path)
    assert reported in text
    assert "copy" in text


def test_blanks_of_a_transfer_and_cut_records(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    whole = written(path, "X", {"T": ["abc"] * 30, "N": [1.0] * 30})
    path.write_bytes(whole + b" " * 400)
    assert "470 blank bytes follow 30 observations" in refused(path)  # 330 bytes of records, 70 of padding, 400 more
    path.write_bytes(whole[:-80])
    assert "the last observation is cut: 29 observations of 11 bytes" in refused(path)


@st.composite
def damage(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    change = st.tuples(st.sampled_from(["flip", "cut", "repeat", "fill"]), st.integers(0, 2000), st.integers(0, 255))
    return draw(st.lists(change, min_size=1, max_size=5))


def damaged(content: bytes, changes: list[tuple[str, int, int]]) -> bytes:
    data = bytearray(content)
    for kind, place, value in changes:
        at = place % max(len(data), 1)
        if kind == "flip":
            data[at : at + 1] = bytes([data[at] ^ (value or 1)]) if data else b""
        elif kind == "cut":
            del data[at : at + 80 * (value % 4) + value % 2]
        elif kind == "repeat":
            data[at:at] = data[at : at + 80 * (1 + value % 4)]
        else:
            data[at : at + 8] = bytes([value]) * len(data[at : at + 8])
    return bytes(data)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=PER_TEST)
@given(damage())
def test_a_damaged_file_is_read_or_refused_within_ten_times_its_size(
    tmp_path: Path, changes: list[tuple[str, int, int]]
) -> None:
    path = tmp_path / "x.xpt"
    if not path.exists():
        written(path, "X", {"T": ["abc", "de"] * 20, "N": [1.0, float("nan")] * 20, "U": ["y"] * 40})
        path.rename(tmp_path / "sound")
        read_records_of(tmp_path / "sound", path)  # imports count for no example
    content = damaged((tmp_path / "sound").read_bytes(), changes)
    path.write_bytes(content)
    tracemalloc.start()
    for read in (read_records, raw):
        try:
            read(path)
        except Raw2AdamError as error:
            assert "x.xpt" in str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(content) + 500_000


def read_records_of(sound: Path, path: Path) -> None:
    path.write_bytes(sound.read_bytes())
    read_records(path)
    raw(path)
