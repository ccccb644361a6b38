"""Finished partitions on disk: what was put in comes out again, and a dataset is whole over all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.building import stored_partitions
from raw2adam.engine.building.stored_partitions import Parts, WholeDatasets
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, Lineage, VariableMetadata

SPEC = DatasetMetadata(
    "AE", "Adverse Events", (VariableMetadata("AETERM", "Term"), VariableMetadata("AESEQ", "Number", "integer")), ()
)


def dataset(terms: list[str], numbers: list[float]) -> Dataset:
    lineage = Lineage(
        pd.DataFrame({"block": np.zeros(len(terms), "int32"), "row": np.arange(len(terms), dtype="int32")})
    )
    return Dataset(SPEC, pd.DataFrame({"AETERM": col.text_column(terms), "AESEQ": numbers}), lineage)


def filled(scratch: Path | None) -> Parts:
    parts = Parts(scratch)
    parts.add({"AE": dataset(["Anämie", ""], [1, np.nan])})
    parts.add({"AE": dataset(["fever"], [0.1]), "CE": dataset([], [])})
    return parts


@pytest.mark.parametrize("on_disk", [False, True])
def test_stored_datasets_are_read_back(tmp_path: Path, on_disk: bool) -> None:
    parts = filled(tmp_path / "parts" if on_disk else None)
    whole = WholeDatasets(parts)["AE"]
    assert list(whole.frame["AETERM"]) == ["Anämie", "", "fever"]
    assert list(whole.frame["AESEQ"])[::2] == [1.0, 0.1]
    assert np.isnan(whole.frame["AESEQ"][1])
    assert [len(f) for f in parts.frames("AE")] == [2, 1]
    lineage = parts.dataset(0, "AE").lineage
    assert lineage is not None
    assert list(lineage.rows["row"]) == [0, 1]
    assert sorted(WholeDatasets(parts)) == ["AE"]
    assert "CE" not in WholeDatasets(parts)


def test_a_replaced_dataset_and_another_order(tmp_path: Path) -> None:
    parts = filled(tmp_path / "parts")
    parts.arrange(0, ["CE", "AE"], {"CE": dataset(["x"], [2])})
    parts.arrange(1, ["CE", "AE"], {})
    assert [list(s) for s in parts.specs] == [["CE", "AE"], ["CE", "AE"]]
    assert list(WholeDatasets(parts)["CE"].frame["AETERM"]) == ["x"]
    assert list(parts.dataset(0, "AE").frame["AETERM"]) == ["Anämie", ""]


def test_the_files_are_removed(tmp_path: Path) -> None:
    parts = filled(tmp_path / "parts")
    assert list((tmp_path / "parts").iterdir())
    parts.close()
    assert list(tmp_path.iterdir()) == []


def test_datasets_that_were_read_stay_in_memory_up_to_a_number_of_cells(monkeypatch, tmp_path):
    """Reading one again and again, beside others, reads its files one time; a larger one leaves only itself."""
    parts = Parts(tmp_path / "parts")
    for terms in (["a", "b"], ["c"]):
        parts.add({name: dataset(terms, [1.0] * len(terms)) for name in ("AE", "CE", "MH")})
    read: list[str] = []
    whole = WholeDatasets(parts)
    monkeypatch.setattr(whole, "_whole", lambda name, first=whole._whole: read.append(name) or first(name))
    for name in ("AE", "CE", "AE", "CE", "AE"):
        assert len(whole[name].frame) == 3
    assert read == ["AE", "CE"]
    monkeypatch.setattr(stored_partitions, "REMEMBERED", whole["AE"].frame.size)
    for name in ("MH", "AE", "MH"):
        assert len(whole[name].frame) == 3
    assert read == ["AE", "CE", "MH", "AE", "MH"]
