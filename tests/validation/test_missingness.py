"""Empty cells by column and site: counts by hand, shares, and the others where there are many sites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from raw2adam.engine.columns import column as col
from raw2adam.engine.subjects.sites import Sites
from raw2adam.sources.table import RawTable
from raw2adam.validation.reports import missingness
from raw2adam.validation.reports.missingness import matrix, missing_picture, percent, share_shade, source_cells

RECORD = np.array([1, 2, 3, 4], dtype="int32")


def table(name: str, **columns: list[str]) -> RawTable:
    frame = pd.DataFrame({c: col.text_column(v) for c, v in columns.items()})
    return RawTable(name, Path(f"{name}.csv"), "", frame, RECORD[: len(frame)], RECORD[: len(frame)])


AE = table("ae", TERM=["a", "b", "c", "d"], DT=["", "x", "", "y"], VOID=["", "", "", ""])
LAB = table("lab", RES=["", "1"])
SITES = Sites(rows={"ae": (RECORD, np.array(["10", "10", "20", ""], dtype=object))})


def test_cells_count_by_site():
    ae, lab = source_cells({"ae": AE, "lab": LAB, "none": table("none", X=[])}, SITES, {"ae": "Adverse event"})
    assert (ae.title, ae.columns, ae.sites) == ("Adverse event", ("TERM", "DT", "VOID"), ("(no site)", "10", "20"))
    assert ae.rows.tolist() == [1, 2, 1]
    assert ae.empty.tolist() == [[0, 0, 0], [0, 1, 1], [1, 2, 1]]
    assert lab.rows.tolist() == [2, 0, 0] and lab.empty.tolist() == [[1, 0, 0]]


def test_the_matrix_has_the_columns_with_empty_cells():
    ae, _ = source_cells({"ae": AE, "lab": LAB}, SITES, {})
    found = matrix(ae)
    assert found is not None and found["whole"] == 1 and found["sites"] == ["(no site)", "10", "20"]
    assert [(c["column"], c["empty"], c["cells"]) for c in found["columns"]] == [
        ("DT", 2, [("", 0), ("50", 4), ("100", 5)]),
        ("VOID", 4, [("100", 5), ("100", 5), ("100", 5)]),
    ]
    (whole,) = source_cells({"x": table("x", A=["1"])}, SITES, {})
    assert matrix(whole) is None


def test_the_picture_does_not_count_columns_that_are_not_used():
    drawn = missing_picture(source_cells({"ae": AE, "lab": LAB}, SITES, {}))
    assert drawn is not None and drawn["text"].startswith("Percent of empty cells by source and site: 3 of 10 cells")
    assert [c["title"] for c in drawn["cells"]] == [
        "ae, site (no site): 0 of 2 cells are empty", "ae, site 10: 1 of 4 cells are empty",
        "ae, site 20: 1 of 2 cells are empty", "lab, site (no site): 1 of 2 cells are empty",
    ]  # fmt: skip
    assert missing_picture([]) is None


def test_many_sites_end_in_one_column(monkeypatch):
    monkeypatch.setattr(missingness, "SHOWN_SITES", 1)
    (ae,) = source_cells({"ae": AE}, SITES, {})
    assert ae.sites == ("10", "others") and ae.rows.tolist() == [2, 2] and ae.empty[1].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("empty", "of", "text", "shade"),
    [(0, 9, "", 0), (1, 1000, "<1", 1), (49, 1000, "4", 1), (5, 100, "5", 2), (1, 5, "20", 3), (1, 2, "50", 4), (9, 9, "100", 5)],
)  # fmt: skip
def test_shares(empty, of, text, shade):
    assert (percent(empty, of), share_shade(empty, of)) == (text, shade)
