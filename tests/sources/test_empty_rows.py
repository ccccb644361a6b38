"""A row without a filled cell is no record in any format, and the account of rows counts it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from raw2adam.engine.accounts.ledger import SourceAccount
from raw2adam.engine.accounts.outcomes import RowOutcome
from raw2adam.findings.table import Findings
from raw2adam.sources.empty_rows import without_empty_rows
from raw2adam.sources.read import SourceOptions, read_source

ROWS = [["01", ""], ["", ""], ["", "x"], ["", ""], [" ", ""], ["02", "y"]]


def _files(folder: Path) -> None:
    text = "".join(",".join(row) + "\n" for row in [["A", "B"], *ROWS])
    (folder / "f.csv").write_text(text.replace(" ,\n", " ,\n\n"), "utf-8")  # a blank line too
    book = openpyxl.Workbook()
    for row in [["A", "B"], *ROWS]:
        book.active.append([cell or None for cell in row])
    book.save(folder / "f.xlsx")
    pq.write_table(pa.table({"A": [r[0] or None for r in ROWS], "B": [r[1] for r in ROWS]}), folder / "f.parquet")


def test_rows_of_empty_cells_are_skipped_and_counted_alike(tmp_path):
    """A cell of blanks is filled. The others keep their record numbers, so that they are found in the file."""
    _files(tmp_path)
    counts = {}
    for name in ("f.csv", "f.xlsx", "f.parquet"):
        findings = Findings()
        table = without_empty_rows(read_source("f", tmp_path, SourceOptions(name), findings), findings)
        assert table.frame.astype(object).to_numpy().tolist() == [r for r in ROWS if any(r)], name
        assert all("" not in table.frame[c].cat.categories or (table.frame[c] == "").any() for c in table.frame)
        assert findings.frame()["rule"].tolist() == ["R2A-SRC-002"] * (1 + (name == "f.csv"))
        counts[name] = (table.empty_rows, table.record.tolist(), findings.frame()["message"].tolist()[-1])
    assert counts["f.csv"][:2] == (3, [1, 3, 5, 6])
    assert counts["f.csv"][2] == "2 rows without a filled cell skipped, the first is record 2, line 3"
    assert counts["f.xlsx"][:2] == (2, [1, 2, 3, 4])  # a record of a sheet is a filled row
    assert counts["f.parquet"] == (2, [1, 3, 5, 6], "2 rows without a filled cell skipped, the first is record 2")


def test_the_account_has_them_as_excluded():
    account = SourceAccount.of("ae", "ae.csv", 1)
    account.empty_rows = 2
    account.outcome[0] = RowOutcome.MAPPED
    assert (account.totals()["rows"], account.totals()["mapped"], account.totals()["excluded"]) == (3, 1, 2)
    assert account.by_reason() == [("excluded", "no cell of the row is filled", 2), ("mapped", "", 1)]
