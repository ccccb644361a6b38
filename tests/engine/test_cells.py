"""What became of every filled cell: each outcome in a table so small that it was counted by hand.

Not for rows (test_ledger.py) nor for how the account is printed (test_accounting.py).
"""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from raw2adam import cli
from raw2adam.engine.accounts.cells import CellLedger
from raw2adam.engine.accounts.changes import ChangeKind, change_of
from raw2adam.engine.accounts.outcomes import CELL_OUTCOMES
from raw2adam.engine.accounts.settle import cell_problems
from raw2adam.runs import from_raw
from raw2adam.validation.reports.accounting import accounting_json

AE = """\
dataset: AE
rows: {source: ae, where: not missing(TERM)}
variables:
  AETERM: TERM
  AEDECOD: {value: X}
  AEACN: {from: [NEW, OLD], map: {none: DOSE NOT CHANGED, "-": ""}}
  AESEV: {from: SEV, when: TERM != 'c'}
  AESTDTC: {date: DAY, time: CLOCK, formats: [dd/mm/yyyy]}
  AESPID: {template: "{NO}-{PART}"}
sort: [USUBJID, SOURCE]
"""
CSV = """\
SUBJ,TERM,NEW,OLD,SEV,DAY,CLOCK,NO,PART
1,a ,none,none,Mild,01/02/2021,10:30,1,A
1,b,,none,MILD,30/02/2021,10:30,2,
2,c,-,,MILD,02/2021,,,
2,,none,none,MILD,01/02/2021,,4,D
3,Ü,,NONE,MILD,UN/02/2021,10:30,5,E
,d,none,none,MILD,01/02/2021,,6,F
1,b,,none,MILD,30/02/2021,10:30,2,
"""
STUDY = """\
dates: {unknown: [UN]}
sources: {ae: {file: ae.csv, duplicates: merge}}
"""


@pytest.fixture(scope="module")
def built(tiny):
    return tiny({"ae.csv": CSV}, STUDY, {"ae": AE})


def outcomes(built, column: str, variable: str | None = None) -> dict[str, int]:
    """Filled cells of a column by outcome, or of what one variable read of it."""
    cells = built.ledger.cells
    if variable is None:
        counts = cells.sources["ae"].totals[column][:-1]
    else:
        (counts,) = (a.counts for t, a in cells.targets.items() if (t.column, t.variable) == (column, variable))
    return {
        CELL_OUTCOMES[i]: n for i, n in enumerate(counts.tolist()) if n and CELL_OUTCOMES.get(i, "") != "unreported"
    }


def test_an_unchanged_cell_is_carried_and_a_trimmed_one_is_transformed(built):
    # 'a ' trimmed; b and c carried; Ü becomes U in XPT, which the engine alone does not do; d has no subject; b again
    assert outcomes(built, "TERM", "AETERM") == {"carried": 3, "transformed": 1, "quarantined": 1, "merged": 1}


def test_of_alternatives_the_first_filled_one_counts(built):
    # rows 1 none->mapped, 3 '-' means no value, 4 excluded, 6 quarantined
    assert outcomes(built, "NEW", "AEACN") == {"transformed": 1, "no value": 1, "excluded": 1, "quarantined": 1}
    # row 1 not chosen, 2 and 5 mapped, 4 excluded, 6 quarantined, 7 merged
    assert outcomes(built, "OLD", "AEACN") == {
        "transformed": 2, "not chosen": 1, "excluded": 1, "quarantined": 1, "merged": 1,
    }  # fmt: skip


def test_where_the_rule_does_not_apply_the_cell_was_not_chosen(built):
    assert outcomes(built, "SEV", "AESEV") == {
        "carried": 2, "transformed": 1, "not chosen": 1, "excluded": 1, "quarantined": 1, "merged": 1,
    }  # fmt: skip


def test_a_date_that_cannot_be_read_is_reported(built):
    # row 1 read; 2 not a day; 3 no format reads it; 5 partial
    assert outcomes(built, "DAY", "AESTDTC") == {
        "transformed": 2, "reported": 2, "excluded": 1, "quarantined": 1, "merged": 1,
    }  # fmt: skip
    assert built.found("R2A-DATE-002") == [("ae.csv", 2, "DAY", "30/02/2021")]


def test_a_time_without_a_day_is_reported(built):
    assert outcomes(built, "CLOCK", "AESTDTC") == {"transformed": 1, "reported": 2, "merged": 1}
    assert built.found("R2A-DATE-004") == [("ae.csv", 2, "CLOCK", "10:30"), ("ae.csv", 5, "CLOCK", "10:30")]


def test_a_filled_cell_that_reached_nothing_is_an_error(built):
    """A template needs both its columns: the one that is filled is lost with the other."""
    assert outcomes(built, "NO", "AESPID") == {
        "transformed": 2, "lost": 1, "excluded": 1, "quarantined": 1, "merged": 1,
    }  # fmt: skip
    assert built.found("R2A-CELL-001") == [("ae.csv", 2, "NO", "2")]
    (finding,) = built.findings[built.findings["rule"] == "R2A-CELL-001"].to_dict("records")
    assert (finding["severity"], finding["dataset"], finding["variable"]) == ("error", "AE", "AESPID")
    assert finding["subject"] == "S1-01"
    assert finding["message"].endswith("its rule: sdtm/ae.yaml:9:11")


def test_every_column_adds_up(built):
    assert built.ledger.reconciled() == []
    for counts in built.ledger.cells.sources["ae"].totals.values():
        assert counts.sum() == 7
    assert outcomes(built, "SUBJ") == {"used": 4, "excluded": 1, "merged": 1}


def test_the_texts_that_were_changed_are_listed(built):
    listed = {
        (t.column, c.verbatim, c.value, CELL_OUTCOMES[c.outcome], c.how): tuple(n)
        for t, a in built.ledger.cells.targets.items()
        for c, n in a.changes.items()
    }
    assert listed == {
        ("TERM", "a ", "a", "transformed", "trimmed"): (1, 1),
        ("NEW", "none", "DOSE NOT CHANGED", "transformed", "mapped"): (1, 1),
        ("OLD", "none", "DOSE NOT CHANGED", "transformed", "mapped"): (1, 2),
        ("OLD", "NONE", "DOSE NOT CHANGED", "transformed", "mapped"): (1, 5),
        ("SEV", "Mild", "MILD", "transformed", "case"): (1, 1),
        ("DAY", "UN/02/2021", "2021-02", "transformed", "partial date"): (1, 5),
        ("DAY", "30/02/2021", "", "reported", ""): (1, 2),
        ("DAY", "02/2021", "", "reported", ""): (1, 3),
        ("CLOCK", "10:30", "", "reported", ""): (2, 2),
        ("NO", "2", "", "lost", ""): (1, 2),
    }


@pytest.mark.parametrize("partitions", [3])
def test_partitions_do_not_change_the_account(tiny, built, partitions):
    again = tiny({"ae.csv": CSV}, STUDY, {"ae": AE}, partitions)
    assert accounting_json(again.ledger) == accounting_json(built.ledger)
    assert again.findings.equals(built.findings)


EXPLODED = """\
dataset: CM
rows: {source: cm, explode: {DRUG: [D1, D2]}, where: DRUG != 'x'}
variables:
  CMTRT: {from: DRUG, case: upper}
  CMCAT: CAT
"""


def test_an_exploded_column_is_accounted_for_by_the_column_that_was_read(tiny):
    """Three cells of D1: one carried, one changed in case, one excluded; of D2 one carried. CAT: of a row, once."""
    built = tiny({"cm.csv": "SUBJ,D1,D2,CAT\n1,A,B,k\n2,a,,k\n3,x,,k\n"}, "", {"cm": EXPLODED})
    counts = {
        (t.column, t.variable): {CELL_OUTCOMES[i]: int(n) for i, n in enumerate(a.counts) if i and n}
        for t, a in built.ledger.cells.targets.items()
    }
    assert counts == {
        ("D1", "CMTRT"): {"carried": 1, "transformed": 1, "excluded": 1},
        ("D2", "CMTRT"): {"carried": 1},
        ("CAT", "CMCAT"): {"carried": 2, "excluded": 1},
    }
    assert built.ledger.reconciled() == []


LOOKED_UP = """\
dataset: DM
rows: {source: dm}
variables:
  COUNTRY: {lookup: site.LAND, on: {SITE: NO}}
  SEX: {cases: [{when: "SEX == 'm'", value: M}, {from: SEX}]}
  AGE: AGE
"""


def test_rows_of_another_table_count_once_whatever_shares_them(tiny):
    """Two subjects of site 7 share its row; that of site 8 no record needed."""
    files = {"dm.csv": "SUBJ,SITE,SEX,AGE\n1,7,m,63\n2,7,F,063\n", "site.csv": "NO,LAND\n7,DEU\n8,FRA\n"}
    study = "sources: {dm: {file: dm.csv}, site: {file: site.csv, subject: none}}\n"
    accounts = []
    for partitions in (1, 2):
        built = tiny(files, study, {"dm": LOOKED_UP}, partitions)
        assert cell_problems(built.ledger.cells) == []
        accounts.append(accounting_json(built.ledger))
    counts = {
        (t.column, t.variable): {CELL_OUTCOMES[i]: int(n) for i, n in enumerate(a.counts) if i and n}
        for t, a in built.ledger.cells.targets.items()
    }
    assert counts["LAND", "COUNTRY"] == {"carried": 1, "not chosen": 1}
    assert counts["SEX", "SEX"] == {"carried": 1, "not chosen": 1}  # a constant was chosen instead of m
    assert counts["AGE", "AGE"] == {"carried": 1, "transformed": 1}
    assert accounts[0] == accounts[1]


@pytest.mark.parametrize(
    ("verbatim", "value", "by_rule", "how"),
    [
        (" a ", "a", ChangeKind.MAPPED, "trimmed"),
        ("Mild", "MILD", ChangeKind.MAPPED, "case"),
        ("light", "MILD", ChangeKind.MAPPED, "mapped"),
        ("1,50", "1.5", ChangeKind.MAPPED, "number"),
        ("01/02/2021", "2021-02-01", ChangeKind.DATE, "date"),
        ("UN/02/2021", "2021-02", ChangeKind.DATE, "partial date"),
        ("UN/02/UNK", "--02", ChangeKind.DATE, "partial date"),
        ("1", "1-A", ChangeKind.COMPOSED, "composed"),
        ("1.2 g/dL", "12", ChangeKind.CHANGED, "changed"),
    ],
)
def test_the_kind_of_change(verbatim, value, by_rule, how):
    assert change_of(verbatim, value, by_rule) == how


# a fault in the account itself stops the run


def study_folder(folder):
    (folder / "study" / "sdtm").mkdir(parents=True)
    (folder / "raw").mkdir()
    head = 'study: {id: S1}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\n' + STUDY
    (folder / "study" / "study.yaml").write_text(head, "utf-8")
    (folder / "study" / "sdtm" / "ae.yaml").write_text(AE, "utf-8")
    (folder / "raw" / "ae.csv").write_text(CSV, "utf-8")
    return ["build", str(folder / "study"), "--raw", str(folder / "raw"), "--out", str(folder / "out"), "--no-quality"]


def run(monkeypatch, arguments) -> int:
    monkeypatch.setattr(sys, "argv", ["raw2adam", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code


def test_the_whole_command_writes_the_account(tmp_path, monkeypatch, capsys):
    assert run(monkeypatch, [*study_folder(tmp_path), "--fail-on", "never"]) == 0
    account = json.loads((tmp_path / "out" / "reports" / "accounting.json").read_text())
    assert account["reconciled"] is True
    (source,) = account["sources"]
    assert source["balance"] == "7 = 4 mapped + 1 excluded + 1 merged + 1 quarantined"
    (term,) = (c["cells"] for c in source["columns"] if c["column"] == "TERM")
    assert (term["rows"], term["blank"], term["filled"]) == (7, 1, 6)
    # XPT is ASCII: the umlaut is a change that the account lists
    assert term["outcomes"] == {"carried": 2, "transformed": 2, "merged": 1, "quarantined": 1}
    texts = {(x["verbatim"], x["value"], x["how"]) for x in term["read_by"][0]["texts"]}
    assert texts == {("a ", "a", "trimmed"), ("Ü", "Ue", "plain ASCII")}
    assert account["datasets"][0]["blocks"][0]["records"] == 4
    assert "R2A-CELL-001" in (tmp_path / "out" / "reports" / "findings.json").read_text()


def forget_a_row(ledger):
    ledger.sources["ae"].outcome[0] = 0


def forget_a_cell(ledger):
    ledger.cells.sources["ae"].totals["TERM"][0] += 1


def count_a_cell_twice(ledger):
    next(a for t, a in ledger.cells.targets.items() if t.column == "TERM").counts[-1] += 1


def lose_a_record(ledger):
    ledger.datasets["AE"]["ae"] -= 1


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (forget_a_row, "ae.csv: 7 rows read, 6 accounted for"),
        (forget_a_cell, "ae.csv, column TERM: 6 filled cells, 6 accounted for"),
        (count_a_cell_twice, "ae.csv, column TERM to AE.AETERM: 6 filled cells, 7 accounted for"),
        (lose_a_record, "3 records were built from raw rows, the sources account for 4"),
    ],
)
def test_an_account_that_does_not_add_up_exits_3_and_writes_nothing(tmp_path, monkeypatch, capsys, fault, problem):
    settle = from_raw.account_cells

    def with_fault(plan, tables, identity, ledger, findings):
        settle(plan, tables, identity, ledger, findings)
        fault(ledger)

    monkeypatch.setattr(from_raw, "account_cells", with_fault)
    assert run(monkeypatch, study_folder(tmp_path)) == 3
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_variable_that_does_not_account_for_its_cells_is_found(tmp_path, monkeypatch, capsys):
    """The account is checked against the file, not against itself: a reading that is forgotten shows."""
    compare = CellLedger.compare

    def forgetful(self, target, place, ids, values, overrides=(), **kind):
        if target.variable == "AESEV":
            ids, values = ids[:1], (values[0][:1], values[1])
            overrides = [(where[:1], o) for where, o in overrides]
        compare(self, target, place, ids, values, overrides, **kind)

    monkeypatch.setattr(CellLedger, "compare", forgetful)
    assert run(monkeypatch, study_folder(tmp_path)) == 3
    assert "ae.csv, column SEV" in capsys.readouterr().err


def test_nothing_but_numpy_integers_are_counted(built):
    assert all(c.dtype.kind == "i" for c in built.ledger.cells.sources["ae"].totals.values())
    assert isinstance(built.ledger.cells.targets, dict)
    assert np.array_equal(built.ledger.cells.sources["ae"].filled("NEW"), [True, False, True, True, False, True, False])


def test_a_visit_without_a_planned_day_loses_nothing(tiny):
    study = "visits: {BASELINE: {num: 1}, MONTH 1: {num: 2, day: 30}}\n"
    sv = 'dataset: SV\nrows: {source: sv}\nvariables: {VISIT: {visit: V}, VISITDY: {visitnum: V, day: "true"}}\n'
    built = tiny({"sv.csv": "SUBJ,V\n1,Baseline\n1,Month 1\n"}, study, {"sv": sv.replace('"true"', "true")})
    assert built.found("R2A-CELL-001") == []
    assert built.values("SV", "VISITDY") == [None, 30.0]
