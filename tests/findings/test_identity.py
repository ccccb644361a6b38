"""The identity of a finding does not depend on rows, sequence numbers, order or messages."""

import hashlib

import numpy as np
from raw2adam.findings.table import Findings


def ids(*adds):
    table = Findings()
    for rule, about in adds:
        table.add(rule, about.pop("message", "text"), **about)
    return table.frame()


AE = {"dataset": "AE", "subject": "S-1", "variable": "AESER", "value": "?", "keys": "USUBJID=S-1; AETERM=rash"}


def test_an_identity_is_12_digits_of_what_the_finding_is_about():
    text = "\x1f".join(["R2A-TEXT-001", "AE", "USUBJID=S-1; AETERM=rash", "", "AESER", "?", "", ""])
    assert ids(("R2A-TEXT-001", dict(AE)))["id"].tolist() == [hashlib.sha256(text.encode()).hexdigest()[:12]]


def test_rows_sequence_numbers_files_and_messages_are_no_part():
    first = ids(("R2A-TEXT-001", AE | {"sequence": 1, "row": 5, "file": "a.csv", "column": "SER", "source": "ae"}))
    again = ids(("R2A-TEXT-001", AE | {"sequence": 9, "row": 7, "file": "b.csv", "message": "other", "column": "X"}))
    assert first["id"].tolist() == again["id"].tolist()
    raw = {"source": "ae", "column": "SER", "subject": "S-1", "value": "?"}
    first = ids(("R2A-SRC-002", raw | {"file": "a.csv", "row": 1}))
    assert first["id"].tolist() == ids(("R2A-SRC-002", raw | {"file": "b.csv", "row": 2}))["id"].tolist()


def test_every_other_part_counts():
    one = ids(("R2A-TEXT-001", dict(AE)))["id"][0]
    others = ({"dataset": "CE"}, {"variable": "AESEV"}, {"value": "!"}, {"keys": "USUBJID=S-1; AETERM=pain"})
    changed = {ids(("R2A-TEXT-001", AE | o))["id"][0] for o in others} | {ids(("R2A-TEXT-003", dict(AE)))["id"][0]}
    assert len(changed) == 5 and one not in changed


def test_a_value_that_numbers_records_is_no_part():
    for variable in ("AESEQ", "SRCSEQ", "IDVARVAL"):
        found = [ids(("R2A-TEXT-001", AE | {"variable": variable, "value": v}))["id"][0] for v in ("1", "7")]
        assert found[0] == found[1], variable


def test_equal_findings_are_numbered_and_their_order_does_not_matter():
    rows = np.array([3, 1, 2])
    raw = {"source": "ae", "column": "SER", "value": "?"}
    table = ids(("R2A-SRC-002", raw | {"row": rows}))
    assert table["row"].tolist() == [1, 2, 3] and len(set(table["id"])) == 3
    assert ids(("R2A-SRC-002", raw | {"row": rows[::-1] + 40}))["id"].tolist() == table["id"].tolist()


def test_a_table_that_changes_has_new_identities():
    table = Findings()
    table.add("R2A-TEXT-001", "text", **AE)
    before = table.frame()["id"].tolist()
    table.add("R2A-TEXT-001", "text", **AE)
    assert before[0] in table.frame()["id"].tolist() and len(table.frame()) == 2
    assert Findings().frame()["id"].tolist() == []
