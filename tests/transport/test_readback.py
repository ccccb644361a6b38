"""Readers of other authors agree with ours about a file of any size, and name what they read in another way."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from raw2adam.sources.statistical.pyreadstat_process import read_statistical_file
from raw2adam.sources.statistical.transport_blocks import transport_blocks
from raw2adam.transport.readback import readback_problems
from raw2adam.transport.xpt import XptVariable, XptWriter


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "dm.xpt"
    variables = [XptVariable("USUBJID", "Unique Subject Identifier", False, 4), XptVariable("AGE", "Age", True, 8)]
    with XptWriter(path, "DM", "Demographics", variables, datetime(2026, 1, 1)) as writer:
        writer.append(pd.DataFrame({"USUBJID": ["S-1", "S-2"], "AGE": [63.0, float("nan")]}).astype({"USUBJID": "str"}))
    return path


def test_both_readers_agree(written: Path) -> None:
    assert readback_problems(written, records=2) == []


def test_records_that_the_manifest_does_not_have(written: Path) -> None:
    assert readback_problems(written, records=3) == ["dm.xpt: 2 records, and 3 by the manifest"]


def test_a_damaged_file_is_named(written: Path) -> None:
    written.write_bytes(written.read_bytes()[:200])
    problems = readback_problems(written)
    assert problems and problems[0].startswith("dm.xpt: ")


def test_a_file_is_compared_in_blocks(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.arange(250.0)
    variables = [XptVariable("USUBJID", "", False, 4), XptVariable("N", "", True, 8)]
    with XptWriter(written, "DM", "", variables, datetime(2026, 1, 1)) as writer:
        writer.append(pd.DataFrame({"USUBJID": pd.Categorical(["", *["S-1"] * 248, "S"]), "N": numbers}))
    blocks = [(len(b.content), b.first, b.rows, b.last) for b in transport_blocks(written, 960)]
    head = 8 * 80 + 4 * 80 + 80  # two variables of 140 bytes fill four records
    assert blocks == [(head + 960, 80 * n, 80, False) for n in range(3)] + [(head + 160, 240, None, True)]
    monkeypatch.setattr("raw2adam.transport.readback.transport_blocks", lambda path: transport_blocks(path, 960))
    assert readback_problems(written, records=250) == []
    assert readback_problems(written, records=251) == ["dm.xpt: 250 records, and 251 by the manifest"]

    def other(function: str, file: Any, **arguments: Any) -> Any:
        cells, meta = read_statistical_file(function, file, **arguments)
        cells["N"] = [n if n != 200 else 201.0 for n in cells["N"]]
        return cells, meta

    monkeypatch.setattr("raw2adam.transport.readback.read_statistical_file", other)
    assert readback_problems(written) == ["dm.xpt: pyreadstat reads N, record 201, in another way"]


def test_a_file_of_version_8_is_named(tmp_path: Path) -> None:
    pyreadstat.write_xport(pd.DataFrame({"A": ["x"]}), tmp_path / "a.xpt", table_name="A", file_format_version=8)
    assert readback_problems(tmp_path / "a.xpt") == [
        "a.xpt: a transport file of version 8 or 9; agencies accept version 5. raw2adam convert IN OUT --formats xpt "
        "writes it as version 5"
    ]
