"""Totals, weights, groups of numbers and counts read raw cells by what is declared for their columns."""

from __future__ import annotations

STUDY = """\
sources:
  dm: {file: dm.csv}
  raw: {file: raw.csv, numbers: {decimal: ',', thousands: '.', missing_numbers: {N: ['999']}}}
"""
DM = "SUBJ\n01\n02\n"


def adsl(rule: str) -> dict[str, str]:
    return {"cm": f"dataset: CM\nrows: {{source: dm}}\nvariables:\n  CMTRT: {{value: A}}\n  CMDOSE: {rule}\n"}


def test_a_total_adds_numbers_as_their_source_writes_them(tiny):
    files = {"dm.csv": DM, "raw.csv": 'SUBJ,N\n01,1.250\n01,2.000\n01,999\n02,"0,5"\n'}
    built = tiny(files, STUDY, adsl("{total: raw.N}"))
    assert built.values("CM", "CMDOSE") == [3250.0, 0.5]
    assert built.findings["rule"].tolist() == []
    assert built.ledger.sources["raw"].totals()["excluded"] == 0


def test_a_value_that_a_total_cannot_add_is_a_finding_at_its_cell(tiny):
    files = {"dm.csv": DM, "raw.csv": "SUBJ,N\n01,7\n01,1.5\n01,<3\n02,8\n"}
    built = tiny(files, STUDY, adsl("{total: raw.N}"))
    assert built.values("CM", "CMDOSE") == [7.0, 8.0]
    assert built.found("R2A-NUM-006") == [("raw.csv", 2, "N", "1.5"), ("raw.csv", 3, "N", "<3")]
    parts = tiny(files, STUDY, adsl("{total: raw.N}"), partitions=2)
    assert parts.found("R2A-NUM-006") == built.found("R2A-NUM-006")


def test_a_number_has_its_weight_in_every_notation(tiny):
    files = {"dm.csv": DM, "raw.csv": 'SUBJ,N\n01,"1,5"\n01,1.000\n02,3\n'}
    built = tiny(files, STUDY, adsl("{total: raw.N, weights: {'1.5': 2, '1000': 10}}"))
    assert built.values("CM", "CMDOSE") == [12.0, 0.0]
    assert built.found("R2A-NUM-006") == [("raw.csv", 3, "N", "3")]


def test_a_group_of_a_number_reads_it_as_its_source_writes_it(tiny):
    files = {"raw.csv": 'SUBJ,N\n01,"64,9"\n01,1.065\n01,999\n02,old\n02,\n'}
    spec = "dataset: CM\nrows: {source: raw}\nvariables:\n  CMTRT: {value: A}\n"
    spec += "  CMCAT: {cut: N, groups: {low: [0, 65], high: [65, null]}}\n"
    built = tiny(files, STUDY.replace("  dm: {file: dm.csv}\n", ""), {"cm": spec})
    assert sorted(built.values("CM", "CMCAT")) == ["", "", "", "high", "low"]
    assert built.found("R2A-EXPR-001") == [("raw.csv", 4, "N", "old")]


def test_a_count_reads_a_table_with_several_records_of_a_subject(tiny):
    files = {"dm.csv": DM, "raw.csv": "SUBJ,N\n01,1\n01,2\n"}
    for rule in ("{total: raw.N}", "{count: raw}", "{count: raw, distinct: N}", "{lookup: raw.N, where: N == '1'}"):
        built = tiny(files, STUDY, adsl(rule))
        assert built.found("R2A-JOIN-003") == []


def test_rows_and_cells_that_were_added_up_are_used(tiny):
    files = {"dm.csv": DM, "raw.csv": "SUBJ,N,K\n01,1,a\n01,2,b\n03,4,a\n"}
    built = tiny(files, STUDY, adsl("{total: raw.N, where: K == 'a'}"))
    assert built.ledger.sources["raw"].totals()["mapped"] == 1
    used = built.ledger.cells.sources["raw"].used
    assert {name: rows.tolist() for name, rows in used.items() if name in "NK"} == {
        "N": [True, False, False],
        "K": [True, False, False],
    }
