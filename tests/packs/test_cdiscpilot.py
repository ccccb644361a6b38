"""Acceptance on real input: the published raw data of the CDISC pilot study against its published SDTM."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.command import no_pages, raw2adam
from tools import compare_cdiscpilot

RAW = Path(__file__).parents[3] / "shared" / "data" / "pilot_raw"
pytestmark = pytest.mark.skipif(not RAW.is_dir(), reason="the published raw data are not at hand")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pilot") / "out"
    with no_pages():
        done = raw2adam(
            "build", "cdiscpilot", "--raw", RAW, "--out", out, "--only", "sdtm", "--no-quality", "--fail-on", "never"
        )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def compare():
    return compare_cdiscpilot


@pytest.mark.parametrize(
    ("dataset", "records", "differ"),
    [
        ("DM", 306, {"RFENDTC": 1, "RFPENDTC": 80, "BRTHDTC": 306}),
        ("AE", 1191, {"AESEQ": 231, "AESPID": 1191, "AESTDTC": 15, "AESTDY": 1}),
        ("DS", 850, {"DSSPID": 850}),
        ("EX", 591, {}),
    ],
)
def test_published_sdtm(built: Path, compare, dataset: str, records: int, differ: dict[str, int]) -> None:
    """Each difference is one that docs/cdiscpilot.md explains; there is no other."""
    result = compare.compare(built, dataset)
    assert (result.expected, result.got) == (records, records)
    assert result.differ == differ


def test_rows_reconcile(built: Path) -> None:
    import json

    accounting = json.loads((built / "reports" / "accounting.json").read_text(encoding="utf-8"))
    assert "dm_raw.csv" in json.dumps(accounting)
