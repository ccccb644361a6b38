"""A build with a data cut-off equals the build of raw data that end there, in every cell of SDTM."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from raw2adam.synth.export import synthesise

CUTOFF = "2023-06-30"


@pytest.fixture(scope="module")
def compare():
    path = Path(__file__).with_name("compare_cutoff.py")
    spec = importlib.util.spec_from_file_location("compare_cutoff", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare_cutoff"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cutoff") / "raw"
    synthesise(folder, subjects=30, seed=3, dirt="none")
    return folder


def test_every_cell_is_that_of_the_data_that_end_there(compare, raw: Path, tmp_path: Path):
    cut, found = compare.compare(raw, CUTOFF, tmp_path)
    assert found == []
    assert {"DM", "AE", "EX", "CM", "DS", "RS", "QS", "SUPPAE"} <= set(cut)
    account = json.loads((tmp_path / "cut" / "reports" / "accounting.json").read_bytes())
    assert account["reconciled"]
    assert account["cutoff"]["date"] == CUTOFF
    left = {s["source"]: s["rows"]["after_cutoff"] for s in account["sources"]}
    assert all(left[name] > 0 for name in ("enrol", "demo", "isa", "combo", "resp", "ae", "qol"))
    ended = {c["dataset"] for c in account["cutoff"]["records"] if c["what"] == "end after the cut-off"}
    assert {"AE", "EX"} <= ended
    assert (tmp_path / "cut" / "reports" / "data-cut.csv").read_text("utf-8").startswith("what,file,row,subject,")


def test_the_comparison_finds_what_a_cut_would_forget(compare, raw: Path, tmp_path: Path):
    """The same export with a later cut-off, and a value that is changed in one cell."""
    early = compare.built(raw, tmp_path / "early", "2022-12-31", truncate=False)
    late = compare.built(raw, tmp_path / "late", CUTOFF, truncate=False)
    told = compare.differences(early, late)
    assert any(line.startswith("AE: ") for line in told)
    changed = {**late, "DM": late["DM"].assign(DTHFL="Y")}
    assert compare.differences(late, changed)[0].startswith("DM.DTHFL of OBS16577-")
