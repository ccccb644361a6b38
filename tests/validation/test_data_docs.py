"""Data Docs: a folder that appears whole, and no text of the data that the pages of the package could run as a script.

The package itself does not run here: its pages need seconds. Not for the checks (test_quality).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns.column import text_column
from raw2adam.sources.table import RawTable
from raw2adam.validation.quality import data_docs
from raw2adam.validation.quality.data_docs import MARK, frames, write_data_docs
from raw2adam.validation.quality.run import QualityCheck

HOSTILE = "<script>alert(1)</script>\"' {{x}} 😀"
RAW = [
    QualityCheck("A", HOSTILE, "column_values_to_be_unique", {"column": "(the whole row)"}, of_source=True),
    QualityCheck(
        "B", HOSTILE, "column_values_to_be_in_set", {"column": HOSTILE, "value_set": ["a", f"{HOSTILE}x"]},
        title=HOSTILE, of_source=True,
    ),
    QualityCheck("C", HOSTILE, "column_to_exist", {"column": HOSTILE}, of_source=True),
]  # fmt: skip


def test_data_docs_hold_no_markup_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    frame = pd.DataFrame({HOSTILE: text_column(["a", HOSTILE, HOSTILE, ""])})
    numbers = np.arange(1, 5, dtype="int32")
    tables = {HOSTILE: RawTable(HOSTILE, Path("x.csv"), "", frame, numbers, numbers + 1)}
    written = []

    def documented(folder: Path, suites: list) -> None:
        assert folder.is_absolute()  # great-expectations refuses another one
        written.extend(suites)
        (folder / "index.html").write_text(
            '<head><link href="https://a/b.css"></head><body><script src="https://a/b.js"></script>'
            '<div class="tab-content">needs scripts</div><img src="https://a/b.png"><footer>News</footer></body>', "utf-8"
        )  # fmt: skip
        page = folder / "validations" / "dataset_DM" / "of a run.html"
        page.parent.mkdir(parents=True)
        page.write_text('<body><p>Status: <b>Failed</b> ‹é›</p><button onclick="x()">More</button></body>', "utf-8")

    monkeypatch.setattr(data_docs, "documented", documented)
    monkeypatch.chdir(tmp_path)
    folder = Path("docs")
    folder.mkdir()
    (folder / "of the run before.html").write_text("old", "utf-8")
    assert write_data_docs(folder, RAW, frames(tables, {}, {})) == 3
    assert sorted(p.name for p in folder.iterdir()) == ["index.html", MARK, "validations"]
    index = (folder / "index.html").read_text("utf-8")
    assert "https://" not in index and "needs scripts" not in index and "<script" not in index
    assert '<a href="validations/dataset_DM/of%20a%20run.html">of a run</a>' in index
    result = (folder / "validations" / "dataset_DM" / "of a run.html").read_text("utf-8")
    assert "Status: <b>Failed</b> ‹é›" in result and "onclick" not in result
    assert [p.name for p in tmp_path.iterdir()] == ["docs"]
    ((name, seen, expectations),) = written
    safe = HOSTILE.replace("<", "‹").replace(">", "›").replace('"', "”").replace("'", "’")
    assert name == "raw_file__script_alert_1___script______x____"
    assert (
        seen[safe].tolist()[:3] == ["a", safe, safe]
        and seen[safe].isna().tolist()[3]
        and seen["(the whole row)"].nunique() == 3
    )
    assert [e for e, _ in expectations] == [c.expectation for c in RAW]
    assert expectations[1][1] == {"column": safe, "value_set": ["a", f"{safe}x"], "notes": safe}


def test_a_failure_leaves_the_earlier_folder(tmp_path: Path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / MARK).write_text("old", "utf-8")
    with pytest.raises(ZeroDivisionError):
        write_data_docs(folder, RAW, lambda _: 1 / 0)
    assert [p.name for p in tmp_path.iterdir()] == ["docs"] and (folder / MARK).read_text("utf-8") == "old"
