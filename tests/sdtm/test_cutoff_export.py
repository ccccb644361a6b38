"""A build with a data cut-off equals the build of raw data that end there, in every cell of SDTM."""

from __future__ import annotations

import json

import pytest
from raw2adam.synth.export import synthesise
from tools import compare_cutoff

CUTOFF = "2023-06-30"


@pytest.fixture(scope="module")
def compare():
    return compare_cutoff


@pytest.fixture(scope="module")
def compared(compare, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """(SDTM of a build with the cut-off, differences from one of data that end there, the folder of both)."""
    folder = tmp_path_factory.mktemp("cutoff")
    synthesise(folder / "raw", subjects=30, seed=3, dirt="none")
    return *compare.compare(folder / "raw", CUTOFF, folder), folder


def test_every_cell_is_that_of_the_data_that_end_there(compared):
    cut, found, folder = compared
    assert found == []
    assert {"DM", "AE", "EX", "CM", "DS", "RS", "QS", "SUPPAE"} <= set(cut)
    account = json.loads((folder / "cut" / "reports" / "accounting.json").read_bytes())
    assert account["reconciled"]
    assert account["cutoff"]["date"] == CUTOFF
    after_cutoff = {s["source"]: s["rows"]["after_cutoff"] for s in account["sources"]}
    assert all(after_cutoff[name] > 0 for name in ("enrol", "demo", "isa", "combo", "resp", "ae", "qol"))
    ended = {c["dataset"] for c in account["cutoff"]["records"] if c["what"] == "end after the cut-off"}
    assert {"AE", "EX"} <= ended
    assert (folder / "cut" / "reports" / "data-cut.csv").read_text("utf-8").startswith("what,file,row,subject,")


def test_the_comparison_finds_what_a_cut_would_forget(compare, compared):
    """A record more, and a value that is changed in one cell."""
    cut = {name: compared[0][name] for name in ("AE", "DM")}
    less = {**cut, "AE": cut["AE"].iloc[1:].reset_index(drop=True)}
    assert any(line.startswith("AE: ") for line in compare.differences(less, cut))
    changed = {**cut, "DM": cut["DM"].assign(DTHFL="Y")}
    assert compare.differences(cut, changed)[0].startswith("DM.DTHFL of OBS16577-")
