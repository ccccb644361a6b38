"""Which entry of findings.yaml a finding has, and its state beside an earlier output: small tables by hand."""

import pytest
from raw2adam.findings.entries import Assignment, Entry
from raw2adam.findings.review import Review, count, is_new_error, report_entries
from raw2adam.findings.table import Findings

FOUND = [
    # rule, dataset, variable, value, keys, source, column
    ("R2A-TEXT-001", "AE", "AETERM", "é", "USUBJID=1; AETERM=caf", "", ""),
    ("R2A-TEXT-001", "AE", "AETERM", "ü", "USUBJID=2; AETERM=x; Y=2", "", ""),
    ("R2A-TEXT-001", "SUPPAE", "QVAL", "é", "USUBJID=1; QNAM=A", "", ""),
    ("R2A-TEXT-003", "CO", "COVAL", "", "", "", ""),
    ("R2A-SRC-002", "", "", "?", "", "ae", "SER"),
]


def table():
    found = Findings()
    for rule, dataset, variable, value, keys, source, column in FOUND:
        about = {"dataset": dataset, "variable": variable, "value": value, "keys": keys}
        found.add(rule, "text", source=source, column=column, **about)
    return found


def place(frame, dataset, value):
    return frame.index[(frame["dataset"] == dataset) & (frame["value"] == value)][0]


@pytest.mark.parametrize(
    ("entry", "number"),
    [
        (Entry(rule="R2A-TEXT-001"), 3),
        (Entry(rule="R2A-TEXT-*"), 4),
        (Entry(rule="*"), 5),
        (Entry(rule="R2A-TEXT"), 0),
        (Entry(rule="r2a-text-001"), 0),
        (Entry(rule="R2A.TEXT.001"), 0),
        (Entry(rule="*", dataset="SUPP*"), 1),
        (Entry(rule="*", dataset="AE", variable="AE*"), 2),
        (Entry(rule="*", value="é"), 2),
        (Entry(rule="*", value=""), 1),
        (Entry(rule="*", value="*"), 0),
        (Entry(rule="*", keys={"USUBJID": "1"}), 2),
        (Entry(rule="*", keys={"USUBJID": "1", "AETERM": "caf"}), 1),
        (Entry(rule="*", keys={"ID": "1"}), 0),
        (Entry(rule="*", keys={"AETERM": "ca"}), 0),
        (Entry(rule="*", source="ae", column="SER"), 1),
        (Entry(rule="*", source="ae", column="X*"), 0),
        (Entry(ids=("000000000000",)), 0),
    ],
)
def test_a_pattern_describes_findings(entry, number):
    found = Assignment(table().frame(), [entry])
    assert found.counts.tolist() == [number] and (found.entry == 0).sum() == number


def test_the_identity_comes_first_then_the_first_pattern():
    frame = table().frame()
    at = place(frame, "AE", "é")
    entries = [
        Entry(rule="R2A-TEXT-001", dataset="AE"),
        Entry(rule="R2A-TEXT-*"),
        Entry(ids=(frame["id"][at],)),
    ]
    found = Assignment(frame, entries)
    assert found.entry[at] == 2
    assert found.entry[place(frame, "AE", "ü")] == 0
    assert found.entry[place(frame, "SUPPAE", "é")] == 1
    assert found.entry[place(frame, "", "?")] == -1
    assert found.counts.tolist() == [2, 4, 1]


def test_an_open_entry_is_no_disposition():
    found = table()
    found.reviewed(
        Review(entries=[Entry(rule="R2A-TEXT-001", disposition="open", explanation="draft"),
                        Entry(rule="R2A-TEXT-003", disposition="explained", explanation="two parts")])
    )  # fmt: skip
    frame = found.frame()
    assert set(frame["disposition"]) == {"", "explained"} and set(frame["explanation"]) == {"", "two parts"}
    assert sorted(frame["entry"]) == [-1, 1, 1, 1, 2] and set(frame["state"]) == {""}
    counts = count(frame, found.review)
    assert (counts.dispositions, counts.undisposed, counts.compared) == ({"explained": 1}, 4, False)


def test_findings_are_new_recurring_or_resolved():
    found = table()
    identities = found.frame()["id"].tolist()
    gone = {"id": "0" * 12, "rule": "R2A-SRC-002"}
    found.reviewed(Review(previous={identities[0]: {"id": identities[0]}, "0" * 12: gone}))
    frame = found.frame()
    assert frame["state"].tolist() == ["recurring", "new", "new", "new", "new"]
    counts = count(frame, found.review)
    assert (counts.new, counts.recurring, counts.resolved, counts.compared) == (4, 1, 1, True)
    assert found.review.resolved(frame) == [gone]


def test_a_new_error_has_no_disposition_and_did_not_exist():
    found = Findings()
    for value in "abc":
        found.add("R2A-CHECK-X", "text", severity="error", value=value)
    found.add("R2A-CHECK-X", "text", severity="warning", value="d")
    first = found.frame()
    assert is_new_error(first).sum() == 3
    old = first["id"][0]
    found.reviewed(Review(entries=[Entry(rule="*", value="b", disposition="accepted")], previous={old: {}}))
    assert found.frame()["value"][is_new_error(found.frame())].tolist() == ["c"]
    fixed = Entry(rule="*", value="c", disposition="fixed in source")  # it is not: it is there
    found.reviewed(Review(entries=[fixed], previous={old: {}}))
    assert found.frame()["value"][is_new_error(found.frame())].tolist() == ["b", "c"]


def test_entries_without_a_finding_and_findings_that_are_not_fixed_are_reported():
    found = table()
    entries = [
        Entry(rule="R2A-TEXT-001", disposition="fixed in source", place="findings.yaml:2:5"),
        Entry(rule="R2A-XPT-*", disposition="fixed in source", place="findings.yaml:3:5"),
        Entry(rule="R2A-XPT-*", disposition="explained", keys={"A": "1"}, place="findings.yaml:4:5"),
        Entry(rule="R2A-RAW-001", disposition="explained", place="findings.yaml:5:5"),
    ]
    found.reviewed(Review(entries=entries, judged=lambda e: e.rule != "R2A-RAW-001"))
    found.report_entries()
    frame = found.frame()
    reported = frame[frame["rule"].str.startswith("R2A-DISP")]
    assert list(zip(reported["rule"], reported["severity"], reported["value"], strict=True)) == [
        ("R2A-DISP-002", "warning", "rule: R2A-TEXT-001"),
        ("R2A-DISP-001", "note", "rule: R2A-XPT-*, A: 1"),
    ]
    assert "findings.yaml:4:5" in reported["message"].tolist()[1]
    report_entries(Review(), frame, lambda *_: pytest.fail("nothing to report"))
