"""Blocks of rows: where, join, explode, unpivot; the ledger, the lineage and SUPP-- that come of them."""

from __future__ import annotations

import pytest
from raw2adam.errors import SpecError

FILES = {
    "cm.csv": "SUBJ,DRUG_1,DRUG_2,DRUG_3,KIND\n2,c,,d,X\n1,a,b,,Y\n1,,,,Y\n2,e,,,X\n",
    "en.csv": "SUBJ,ARM\n1,P\n2,Q\n2,R\n",
}


def cm(tiny, rows: str, variables: str, files: dict[str, str] = FILES, more: str = ""):
    return tiny(files, more, {"cm": f"dataset: CM\nrows: {rows}\nsort: [SOURCE]\nvariables:\n{variables}"})


def test_where_excludes_and_is_counted(tiny):
    study = cm(tiny, "{source: cm, where: KIND == 'X'}", "  CMTRT: DRUG_1\n")
    assert study.values("CM", "CMTRT") == ["c", "e"]
    assert study.traced("CM") == [0, 3]
    totals = study.ledger.sources["cm"].totals()
    assert (totals["rows"], totals["mapped"], totals["excluded"], totals["records"]) == (4, 2, 2, 2)
    ((_, reason, n),) = [r for r in study.ledger.sources["cm"].by_reason() if r[0] == "excluded"]
    assert n == 2
    assert "cm.yaml:2" in reason
    assert "KIND == 'X'" in reason


def test_explode_gives_a_record_per_filled_cell(tiny):
    study = cm(tiny, "{source: cm, explode: {DRUG: [DRUG_1..DRUG_3]}}", "  CMTRT: DRUG\n  CMGRPID: ITEM\n")
    got = [(r["USUBJID"], r["CMTRT"], r["CMGRPID"], r["CMSEQ"]) for r in study.data["CM"]]
    assert got == [
        ("S1-01", "a", "1", 1.0), ("S1-01", "b", "2", 2.0), ("S1-02", "c", "1", 1.0), ("S1-02", "d", "3", 2.0),
        ("S1-02", "e", "1", 3.0),
    ]  # fmt: skip
    assert study.traced("CM") == [1, 1, 0, 0, 3]
    assert study.traced("CM", "item") == [0, 1, 0, 2, 0]
    assert study.ledger.sources["cm"].records.tolist() == [2, 2, 0, 1]
    assert study.ledger.sources["cm"].totals()["excluded"] == 1


def test_keep_empty_keeps_every_item(tiny):
    study = cm(tiny, "{source: cm, explode: {DRUG: [DRUG_1, DRUG_2]}, keep_empty: true}", "  CMTRT: DRUG\n")
    assert study.values("CM", "CMTRT") == ["a", "b", "", "", "c", "", "e", ""]


def test_a_join_takes_the_first_row_of_a_repeated_key_and_reports_it(tiny):
    study = cm(tiny, "{source: cm, join: {source: en}}", "  CMTRT: {value: x}\n  CMCAT: ARM\n  CMSCAT: en.ARM\n")
    assert study.values("CM", "CMCAT") == study.values("CM", "CMSCAT") == ["P", "P", "Q", "Q"]
    assert [f[:2] for f in study.found("R2A-JOIN-002")] == [("en.csv", 3)]
    assert study.traced("CM", "row:en") == [0, 0, 1, 1]


def test_a_join_may_take_the_last_and_be_restricted(tiny):
    rows = "{source: cm, join: {source: en, take: last, order: [ARM], where: ARM != 'P'}}"
    study = cm(tiny, rows, "  CMTRT: {value: x}\n  CMCAT: ARM\n")
    assert study.values("CM", "CMCAT") == ["", "", "R", "R"]
    assert len(study.findings) == 0


def test_a_one_to_many_join_gives_a_record_per_match(tiny):
    study = cm(tiny, "{source: en, join: {source: cm, cardinality: one-to-many}, where: ARM != 'R'}",
               "  CMTRT: {value: x}\n  CMCAT: DRUG_1\n")  # fmt: skip
    assert study.values("CM", "CMCAT") == ["a", "", "c", "e"]
    assert [f[:2] for f in study.found("R2A-JOIN-002")] == [("en.csv", 3)]


def test_a_join_with_a_table_without_subjects_reports_its_repeats(tiny):
    files = {**FILES, "kind.csv": "KIND,LONG\nX,Ex\nX,Iks\n"}
    none = "sources: {cm: {file: cm.csv}, kind: {file: kind.csv, subject: none}}\n"
    study = cm(
        tiny, "{source: cm, join: {source: kind, on: [KIND]}}", "  CMTRT: {value: x}\n  CMCAT: LONG\n", files, none
    )
    assert study.values("CM", "CMCAT") == ["", "", "Ex", "Ex"]
    assert [f[:2] for f in study.found("R2A-JOIN-002")] == [("kind.csv", 2)]


@pytest.mark.parametrize("join", ["{source: en, on: [NO]}", "{source: en, take: first, order: [NO]}"])
def test_a_join_by_an_unknown_column_is_refused(tiny, join: str):
    with pytest.raises(SpecError, match="'NO'"):
        cm(tiny, f"{{source: cm, join: {join}}}", "  CMTRT: DRUG_1\n")


VS = """\
dataset: VS
rows:
  source: vs
  unpivot:
    SYSBP: {result: SYS, unit: mmHg, columns: {POS: SITTING}}
    WEIGHT: {result: WT, unit: {from: WTU}}
KEEPsort: [SOURCE]
variables:
  VSPOS: POS
supplemental:
  DEVICE: {label: Device Used, from: DEV}
"""
WIDE = {"vs.csv": "SUBJ,SYS,WT,WTU,DEV\n2,120,80,kg,\n1,,70,LB,scale\n1,,,,none\n"}


def test_unpivot_gives_item_result_and_unit(tiny):
    study = tiny(WIDE, "", {"vs": VS.replace("KEEP", "")})
    names = ("USUBJID", "VSTESTCD", "VSTEST", "VSORRES", "VSORRESU", "VSPOS")
    assert [tuple(r[n] for n in names) for r in study.data["VS"]] == [
        ("S1-01", "WEIGHT", "Weight", "70", "LB", ""),
        ("S1-02", "SYSBP", "Systolic Blood Pressure", "120", "mmHg", "SITTING"),
        ("S1-02", "WEIGHT", "Weight", "80", "kg", ""),
    ]
    assert study.traced("VS") == [1, 0, 0]
    assert study.ledger.sources["vs"].totals()["excluded"] == 1


def test_unpivot_may_keep_empty_items(tiny):
    study = tiny(WIDE, "", {"vs": VS.replace("KEEP", "  keep_empty: true\n")})
    assert study.values("VS", "VSORRES") == ["", "70", "", "", "120", "80"]


def test_supplemental_qualifiers_are_tied_by_the_sequence_number(tiny):
    study = tiny(WIDE, "", {"vs": VS.replace("KEEP", "")})
    (record,) = study.data["SUPPVS"]
    assert record == {
        "STUDYID": "S1", "RDOMAIN": "VS", "USUBJID": "S1-01", "IDVAR": "VSSEQ", "IDVARVAL": "1", "QNAM": "DEVICE",
        "QLABEL": "Device Used", "QVAL": "scale", "QORIG": "CRF", "QEVAL": "",
    }  # fmt: skip
    assert study.traced("SUPPVS") == [1]


def test_a_block_has_rules_for_its_variables_and_reads_the_blocks_before(tiny):
    rows = (
        "\n  - {source: cm, where: KIND == 'Y', variables: {CMTRT: {from: DRUG_1, default: none}}}\n"
        "  - {from: CM, where: CMTRT == 'a', variables: {CMTRT: {template: '{CM.CMTRT} again'}}}"
    )
    study = cm(tiny, rows, "  CMCAT: {value: all}\n")
    assert study.values("CM", "CMTRT") == ["a", "none", "a again"]
    assert study.values("CM", "CMCAT") == ["all"] * 3
    assert study.traced("CM", "block") == [0, 0, 1]
    assert study.traced("CM") == [1, 2, 0]


def test_lineage_points_to_the_raw_rows_after_sort_and_aggregates(tiny):
    files = {**FILES, "dm.csv": "SUBJ,SEX\n2,M\n1,F\n"}
    dm = "dataset: DM\nrows: {source: dm}\nvariables:\n  SEX: SEX\n  COUNTRY: {value: DEU}\n"
    dm += "  DMDTC: {last: cm.DRUG_1}\n  RFSTDTC: {first: CM.CMTRT}\n"
    cms = "dataset: CM\nrows: {source: cm, where: not missing(DRUG_1)}\nsort: [-CMTRT]\nvariables:\n  CMTRT: DRUG_1\n"
    study = tiny(files, "", {"dm": dm, "cm": cms})
    assert study.values("CM", "CMTRT") == ["a", "e", "c"]
    assert study.values("CM", "CMSEQ") == [1.0, 1.0, 2.0]
    assert study.traced("CM") == [1, 3, 0]
    assert study.traced("DM") == [1, 0]
    assert study.values("DM", "DMDTC") == ["a", "e"]
    assert study.traced("DM", "row:DMDTC") == [1, 3]
    assert study.values("DM", "RFSTDTC") == ["a", "c"]
    assert study.traced("DM", "row:RFSTDTC") == [0, 2]


def test_every_row_has_an_outcome(tiny):
    files = {"cm.csv": "SUBJ,DRUG\n1,a\n1,a\n,b\n2,\n", "en.csv": "SUBJ,ARM\n1,P\n9,Q\n"}
    sources = "sources: {cm: {file: cm.csv, duplicates: merge}, en: {file: en.csv}}\n"
    rows = "{source: cm, where: not missing(DRUG), join: {source: en}}"
    study = cm(tiny, rows, "  CMTRT: DRUG\n  CMCAT: ARM\n", files, sources)
    assert study.ledger.sources["cm"].totals() == {
        "rows": 4, "mapped": 1, "excluded": 1, "after_cutoff": 0, "merged": 1, "quarantined": 1, "unread": 0, "records": 1,
    }  # fmt: skip
    assert study.ledger.sources["en"].totals()["mapped"] == 1
    (problem,) = study.ledger.reconciled()
    assert problem == "en.csv: 2 rows read, 1 accounted for, 1 read by no spec"
