"""Numbers of single precision have the text that was entered, in every reader; encodings that move letters are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.read import SourceOptions, read_source
from raw2adam.sources.statistical.encodings import check_encoding, moves_letters
from raw2adam.sources.statistical.number_columns import was_single


def column(path: Path, findings: Findings | None = None, **options) -> list[str]:
    found = Findings() if findings is None else findings
    return read_source("f", path.parent, SourceOptions(path.name, **options), found).frame["X"].tolist()


ENTERED = ["1.1", "0.95", "12.5", "-0.3", "16777216", "3.14"]


def write_dta(folder: Path, values: np.ndarray) -> Path:
    pd.DataFrame({"X": values}).to_stata(folder / "f.dta", write_index=False)
    return folder / "f.dta"


def write_parquet(folder: Path, values: np.ndarray) -> Path:
    pq.write_table(pa.table({"X": pa.array(values)}), folder / "f.parquet")
    return folder / "f.parquet"


def write_sav(folder: Path, values: np.ndarray) -> Path:
    frame = pd.DataFrame({"X": values.astype(float)})
    pyreadstat.write_sav(frame, folder / "f.sav", variable_format={"X": "F8.2"})
    return folder / "f.sav"


@pytest.mark.parametrize("write", [write_dta, write_parquet, write_sav])
def test_single_precision_has_the_text_that_was_entered(tmp_path, write):
    assert column(write(tmp_path, np.array([float(t) for t in ENTERED], np.float32))) == ENTERED


@pytest.mark.parametrize("write", [write_dta, write_parquet, write_sav])
def test_ten_thousand_numbers_of_single_precision_read_back(tmp_path, write):
    random = np.random.default_rng(9)
    digits = random.integers(1, 10**6, 5_000) / 10.0 ** random.integers(0, 6, 5_000)
    values = np.concatenate([digits, random.normal(size=5_000) * 10.0 ** random.integers(-20, 20, 5_000)]).astype(
        np.float32
    )
    texts = column(write(tmp_path, values))
    assert (np.array(texts, dtype=np.float64).astype(np.float32) == values).all()
    assert max(len(t.strip("-").replace(".", "").split("e")[0].strip("0")) for t in texts) <= 9


def test_half_precision(tmp_path):
    assert column(write_parquet(tmp_path, np.array([1.1, 0.05, 65504], np.float16))) == ["1.1", "0.05", "65500"]


def test_doubles_stay_doubles(tmp_path):
    findings = Findings()
    assert column(write_sav(tmp_path, np.array([1.1, 2.5])), findings) == ["1.1", "2.5"]
    mixed = np.array([np.float32(1.1), 0.1])  # one number that single precision does not have
    assert column(write_sav(tmp_path, mixed), findings) == ["1.100000023841858", "0.1"]
    assert column(write_sav(tmp_path, np.array([0.5, 1024.0])), findings) == ["0.5", "1024"]
    assert len(findings) == 0
    column(write_sav(tmp_path, np.array([np.float32(1.1), 2.0])), findings)
    frame = findings.frame()
    assert frame["rule"].tolist() == ["R2A-SRC-040"] and "1.1 for 1.100000023841858" in frame["message"][0]
    assert not was_single(np.array([np.nan])) and not was_single(np.array([1e300, 0.5]))


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        (
            68,
            "windows-1258 (SAS encoding 68), and the reader of such files moves letters to the next cell; write it in SAS",
        ),
        (65, "windows-1255"),
        (69, "MacRoman (SAS encoding 69), and the reader of such files cannot decode it"),
        (168, "ISO-2022-KR"),
        (1, "the SAS encoding 1 "),
    ],
)
def test_encodings_that_are_not_read_right(tmp_path, code, reported):
    magic = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
    content = magic + bytes(70 - len(magic)) + bytes([code]) + bytes(4000)
    (tmp_path / "f.sas7bdat").write_bytes(content)
    with pytest.raises(InputError) as caught:
        column(tmp_path / "f.sas7bdat")
    assert reported in str(caught.value)
    check_encoding(content[:70] + bytes([62]) + content[71:], "sas7bdat", "utf-8", "f")  # windows-1252 is read


@pytest.mark.parametrize("encoding", ["cp1258", "WINDOWS-1258", "cp1255", "iso-2022-jp", "utf-16", "TCVN"])
def test_declared_encodings_that_move_letters(tmp_path, encoding):
    assert moves_letters(encoding) and not moves_letters("cp1252") and not moves_letters("shift_jis")
    pyreadstat.write_xport(pd.DataFrame({"X": ["a"]}), tmp_path / "f.xpt", table_name="X")
    if encoding != "TCVN":  # which Python does not know
        with pytest.raises(InputError, match="moves letters"):
            column(tmp_path / "f.xpt", encoding=encoding)
