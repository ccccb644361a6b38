"""Row accounting: the printed numbers are the ledger's, what does not reconcile is in red, and no text is markup.

Not for keeping the ledger.
"""

from __future__ import annotations

import json

import numpy as np
from lxml import html
from raw2adam.engine.accounts.ledger import (
    ColumnAccount,
    ColumnOutcome,
    Ledger,
    SourceAccount,
)
from raw2adam.engine.accounts.outcomes import RowOutcome
from raw2adam.validation.reports.accounting import accounting_html, accounting_json

HOSTILE = "<script>alert(1)</script> \"' =cmd() 1e308 😀 \x1b\ud800"


def ledger(unread=False):
    account = SourceAccount.of("ae", "ae.csv", 6)
    account.mark(np.array([0, 1]), RowOutcome.MAPPED)
    account.mark(np.array([2]), RowOutcome.EXCLUDED, HOSTILE)
    account.mark(np.array([3]), RowOutcome.MERGED, "same as row 1")
    account.mark(np.array([4]), RowOutcome.QUARANTINED, "no subject")
    if not unread:
        account.mark(np.array([5]), RowOutcome.REFERRED, "joined to dm")
    account.count_records(np.array([0, 0, 1]))
    account.columns = {
        "TERM": ColumnAccount(ColumnOutcome.MAPPED, "AETERM"),
        HOSTILE: ColumnAccount(ColumnOutcome.NOT_SUBMITTED, "not collected"),
    }
    return Ledger({"ae": account}, {"AE": {"ae": 3}})


def test_the_numbers_of_a_source_add_up():
    data = json.loads(accounting_json(ledger()))
    (source,) = data["sources"]
    assert source["rows"] == {
        "rows": 6, "mapped": 3, "excluded": 1, "after_cutoff": 0, "merged": 1, "quarantined": 1, "unread": 0, "records": 3,
    }  # fmt: skip
    assert (source["balanced"], data["reconciled"], data["problems"]) == (True, True, [])
    assert {"outcome": "quarantined", "reason": "no subject", "rows": 1} in source["reasons"]
    assert source["columns"][0] == {"column": "TERM", "became": "mapped to AETERM"}
    assert source["columns"][1] == {"column": HOSTILE, "became": "not submitted: not collected"}
    assert data["datasets"] == [
        {"dataset": "AE", "records": 3, "made_of": [{"table": "ae", "records": 3}], "blocks": []}
    ]
    assert source["balance"] == "6 = 3 mapped + 1 excluded + 1 merged + 1 quarantined"


def test_an_unread_row_is_reported_on_top_in_red():
    data = json.loads(accounting_json(ledger(unread=True)))
    page = accounting_html(ledger(unread=True)).decode()
    sentence = "ae.csv: 6 rows read, 5 accounted for, 1 read by no spec"
    assert data["problems"] == [sentence] and not data["sources"][0]["balanced"]
    assert f'<p class="lead">{sentence}</p>' in page and "does not balance" in page
    assert "is accounted for" not in page
    assert 'class="lead"' not in accounting_html(ledger()).decode()


def test_text_of_the_data_is_never_markup():
    page = accounting_html(ledger(), title=HOSTILE).decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\x1b" not in page and "\\x1b\\ud800" in page and "😀" in page
    assert "http://" not in page and "https://" not in page


def test_the_same_ledger_gives_the_same_bytes():
    assert accounting_json(ledger()) == accounting_json(ledger())
    assert accounting_html(ledger()) == accounting_html(ledger())


def test_an_empty_ledger():
    assert json.loads(accounting_json(Ledger()))["sources"] == []
    assert b"Every row that was read is accounted for" in accounting_html(Ledger())


def test_an_excluded_row_of_a_wide_form_is_reported_by_its_results(tiny):
    """The topic of an unpivoted domain is the item; what a row could have given are its results."""
    from raw2adam.runs.close_accounts import topic_columns

    vs = "dataset: VS\nrows:\n  source: size\n  where: DONE == 'Y'\n  unpivot:\n    HEIGHT: {result: CM, unit: cm}\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
    study = tiny({"dm.csv": "SUBJ,SEX\n1,M\n", "size.csv": "SUBJ,CM,DONE\n1,180,N\n"}, "", {"dm": dm, "vs": vs})
    assert topic_columns(study.plan, "size") == ["CM"]


def test_rows_that_one_condition_excludes_are_one_finding(tiny):
    """A long table of which a domain takes one test; a row whose test is empty has no topic."""
    from kit.tiny import raw_table
    from raw2adam.findings.table import Findings
    from raw2adam.runs.close_accounts import report_rows

    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
    vs = "dataset: VS\nrows: {source: vs, where: TEST == 'WEIGHT'}\nvariables: {VSTESTCD: TEST, VSORRES: KG, VSORRESU: {value: kg}}\n"
    tests = ["WEIGHT", "PULSE", "PULSE", "TEMP", "", *["PULSE"] * 4]
    files = {
        "dm.csv": "SUBJ,SEX\n1,M\n",
        "vs.csv": "SUBJ,TEST,KG\n" + "".join(f"1,{t},7{i}\n" for i, t in enumerate(tests)),
    }
    study, findings = tiny(files, "", {"dm": dm, "vs": vs}), Findings()
    report_rows(study.plan, {n[:2]: raw_table(n[:2], n, text) for n, text in files.items()}, study.ledger, findings)
    table = findings.frame()
    (found,) = table[table["rule"] == "R2A-ROW-001"].to_dict("records")
    assert found["message"] == (
        "7 rows are excluded though their topic is filled: sdtm/vs.yaml:2:27: where: TEST == 'WEIGHT'; "
        "TEST is 'PULSE' 6, 'TEMP' 1; rows 2, 3, 4, 6, 7, 8, ..."
    )
    assert (found["severity"], found["file"], found["column"]) == ("warning", "vs.csv", "TEST")
    assert int((study.ledger.sources["vs"].outcome == RowOutcome.EXCLUDED).sum()) == 8


def test_a_line_of_a_dataset_has_its_parameters():
    import pandas as pd
    from raw2adam.engine.columns import column as col
    from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, Lineage, VariableMetadata
    from raw2adam.validation.reports.accounting import block_parameters

    spec = DatasetMetadata(
        name="ADTTE", label="x", variables=(VariableMetadata(name="PARAMCD", label="x", type="text"),), keys=()
    )
    frame = pd.DataFrame({"PARAMCD": col.text_column(["PFS", "OS", "PFS", "TTNT"])})
    line = Lineage(pd.DataFrame({"block": np.array([0, 1, 0, 1], dtype="int32")}), sources=("ADSL", "ADSL"))
    parameters = block_parameters({"ADTTE": line}, {"ADTTE": Dataset(spec, frame, line)})
    assert parameters == {"ADTTE": [{"PFS": 2}, {"OS": 1, "TTNT": 1}]}
    whole = ledger()
    whole.blocks["ADTTE"] = [("ADSL", "adam/adtte.yaml:3:5", 2), ("ADSL", "adam/adtte.yaml:3:5", 2)]
    page = html.fromstring(accounting_html(whole, parameters=parameters))
    (line_,) = page.xpath("//ul[@class='built']/li")
    assert " ".join(line_.text_content().split()) == "ADSL: 4 adam/adtte.yaml:3:5, 2 blocks: PFS 2, OS 1, TTNT 1"
    blocks = json.loads(accounting_json(whole, parameters))["datasets"][0]["blocks"]
    assert [b["parameters"] for b in blocks] == [{"PFS": 2}, {"OS": 1, "TTNT": 1}]
