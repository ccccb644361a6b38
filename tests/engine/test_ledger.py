"""What became of raw rows: each row has its strongest outcome, and a false balance is a problem."""

from __future__ import annotations

import numpy as np
from raw2adam.engine.accounts.ledger import Ledger, SourceAccount
from raw2adam.engine.accounts.outcomes import RowOutcome


def rows(*ids: int) -> np.ndarray:
    return np.array(ids, dtype="int32")


def test_a_row_keeps_its_strongest_outcome_and_the_reason_of_it():
    account = SourceAccount.of("ae", "ae.csv", 4)
    account.mark(rows(0, 1), RowOutcome.EXCLUDED, "first rule")
    account.mark(rows(1, 2), RowOutcome.MAPPED)
    account.mark(rows(0, 1, 2), RowOutcome.EXCLUDED, "second rule")
    account.mark(rows(3), RowOutcome.QUARANTINED, "no subject")
    assert account.by_reason() == [("excluded", "first rule", 1), ("mapped", "", 2), ("quarantined", "no subject", 1)]


def test_a_row_that_was_looked_up_counts_as_mapped():
    account = SourceAccount.of("dm", "dm.csv", 2)
    account.mark(rows(1), RowOutcome.REFERRED, "read by a join or lookup")
    assert (account.totals()["mapped"], account.totals()["unread"]) == (1, 1)


def test_records_are_counted_per_row():
    account = SourceAccount.of("ae", "ae.csv", 3)
    account.count_records(rows(2, 0, 2, -1))
    assert account.records.tolist() == [1, 0, 2]


def test_an_account_that_does_not_reconcile_names_each_problem():
    account = SourceAccount.of("ae", "ae.csv", 3)
    account.mark(rows(0, 1), RowOutcome.MAPPED)
    account.count_records(rows(0))
    assert Ledger({"ae": account}, {"AE": {"ae": 2}}).reconciled() == [
        "ae.csv: 3 rows read, 2 accounted for, 1 read by no spec",
        "ae.csv: 1 rows are counted as mapped but have no record",
        "2 records were built from raw rows, the sources account for 1",
    ]


def test_a_ledger_that_reconciles_has_no_problem():
    account = SourceAccount.of("ae", "ae.csv", 2)
    account.mark(rows(0), RowOutcome.MAPPED)
    account.count_records(rows(0, 0))
    account.mark(rows(1), RowOutcome.EXCLUDED, "a rule")
    assert Ledger({"ae": account}, {"AE": {"ae": 1}, "CM": {"ae": 1}}).reconciled() == []
