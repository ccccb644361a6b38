"""Two readers that are not ours agree about a file, and say so when it is damaged."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
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
