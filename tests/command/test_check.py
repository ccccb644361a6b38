"""The command check: what it prints in each form, its exit codes, and the issues of CDISC CORE beside its findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from raw2adam.runs.core_engine import CoreError, read_report

from tests.kit.command import raw2adam

AE = {
    "datasetJSONVersion": "1.1.0", "name": "AE", "label": "Adverse Events", "records": 3,
    "columns": [
        {"name": n, "label": label, "dataType": kind}
        for n, label, kind in (
            ("STUDYID", "Study Identifier", "string"), ("DOMAIN", "Domain Abbreviation", "string"),
            ("USUBJID", "Unique Subject Identifier", "string"), ("AESEQ", "Sequence Number", "integer"),
            ("AETERM", "Reported Term for the Adverse Event", "string"),
            ("AEDECOD", "Dictionary-Derived Term", "string"),
        )
    ],
    "rows": [
        ["S1", "AE", "1", 1, "fever", "Fever"], ["S1", "AE", "1", 2, " <b>rash", "Rash"],
        ["S1", "AE", "2", 1, "=1+1", "Rash"],
    ],
}  # fmt: skip
#: the rule of texts that begin with a blank
RULE = "R2A-GEN-009"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AE with a text that begins with a blank, and a file that is cut short."""
    folder = tmp_path_factory.mktemp("check") / "s1"
    folder.mkdir()
    (folder / "ae.json").write_text(json.dumps(AE))
    (folder / "cm.json").write_text(json.dumps({**AE, "name": "CM"})[:-5])
    return folder


def check(folder: Path, *words: object) -> Any:
    return raw2adam("check", folder.name, *words, cwd=folder.parent)


def test_text(folder: Path) -> None:
    done = check(folder, "--rules", RULE)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "s1: 1 dataset, 3 records",
        "  SDTM: 1 dataset, 3 records, no define.xml",
        "  rules: 1 applied, 0 not applicable",
        "  findings: 1 error, 1 warning, 0 notes",
    ]
    assert lines[-1].startswith(f"warning: {RULE}: AE.AETERM 1 #2 ' <b>rash': ")
    assert lines[-2].startswith("error: R2A-FILE-001: CM 'cm.json': ")
    assert "checked in" in done.stderr


def test_exit_codes(folder: Path) -> None:
    assert check(folder, "--rules", RULE, "--fail-on", "never").returncode == 0
    assert check(folder, "--rules", "R2A-DEF-*", "--fail-on", "note").returncode == 1  # the file that is cut short
    assert check(folder, "--rules", "R2A-XX-*").returncode == 2
    assert raw2adam("check", folder / "none").returncode == 3


def test_json_has_the_findings_and_every_rule(folder: Path) -> None:
    done = check(folder, "--rules", f"{RULE},R2A-DEF-101", "--format", "json", "--fail-on", "never")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert [(f["rule"], f["dataset"], f["subject"], f["sequence"]) for f in found["findings"]] == [
        ("R2A-FILE-001", "CM", "", None), (RULE, "AE", "1", 2)
    ]  # fmt: skip
    assert found["summary"]["by_severity"] == {"error": 1, "warning": 1, "note": 0}
    assert found["packages"] == [{"standard": "sdtm", "define": None, "datasets": {"AE": 3}}]
    by_rule = {r["rule"]: r for r in found["rules"]}
    assert by_rule[RULE]["status"] == "applied"
    assert by_rule[RULE]["records"] == 3
    assert by_rule["R2A-DEF-101"]["status"] == "not applicable"
    assert by_rule["R2A-DEF-101"]["reason"] == "the package has no define.xml"
    assert check(folder, "--rules", f"{RULE},R2A-DEF-101", "--format", "json").stdout == done.stdout


def test_sarif(folder: Path) -> None:
    log = json.loads(check(folder, "--rules", RULE, "--format", "sarif").stdout)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == ["R2A-FILE-001", RULE]
    assert all(r["shortDescription"]["text"] and r["help"]["text"] for r in rules)
    result = next(r for r in run["results"] if r["ruleId"] == RULE)
    assert rules[result["ruleIndex"]]["id"] == RULE
    assert result["level"] == "warning"
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "ae.json"
    assert place["logicalLocations"][0]["name"] == "AE.AETERM"
    assert len(result["partialFingerprints"]["raw2adam/v1"]) == 12
    assert {a["location"]["uri"] for a in run["artifacts"]} == {"ae.json", "cm.json"}


def test_a_file_of_each_form(folder: Path, tmp_path: Path) -> None:
    for form, start in (("json", b'{"schema": 2'), ("csv", b"\xef\xbb\xbf"), ("html", b"<!DOCTYPE html>")):
        out = tmp_path / f"check.{form}"
        done = check(folder, "--rules", f"{RULE},R2A-GEN-*", "--format", form, "--out", out, "--fail-on", "never")
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == f"  {out}: written"
        assert out.read_bytes().startswith(start)
        assert b"<b>rash" not in out.read_bytes() or form != "html"


def test_what_is_printed_is_capped_and_what_is_counted_is_not(folder: Path) -> None:
    done = check(folder, "--rules", RULE, "--show", "1", "--fail-on", "never")
    assert "  findings: 1 error, 1 warning, 0 notes" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("and 1 more; ")


REPORT = {
    "Conformance_Details": {"CORE_Engine_Version": "0.10.0", "Standard": "SDTMIG", "Version": "V3.4"},
    "Dataset_Details": [],
    "Issue_Summary": [],
    "Issue_Details": [
        {"core_id": "CORE-000999", "message": "other", "executability": "fully executable", "dataset": "ae.json",
         "USUBJID": "2", "row": 3, "SEQ": 1, "variables": ["AETERM"], "values": ["=1+1"]},
        {"core_id": "CORE-000998", "message": "whole", "dataset": "AE", "USUBJID": "", "row": "", "SEQ": "",
         "variables": ["AESPID"], "values": ["null"]},
        # CORE 0.16: a rule that it could not run
        {"core_id": "CORE-000997", "message": "x - Column not found", "executability": "fully executable",
         "dataset": "ae", "USUBJID": "", "row": "", "SEQ": "", "variables": "", "values": "column AEX is missing"},
    ],
    "Rules_Report": [
        {"core_id": "CORE-000999", "version": "1", "cdisc_rule_id": "CG9", "message": "", "status": "ISSUE REPORTED"},
        {"core_id": "CORE-000997", "version": "1", "cdisc_rule_id": "CG8", "message": "", "status": "EXECUTION ERROR"},
    ],
}  # fmt: skip


def script(path: Path, text: str) -> Path:
    """A command that stands for CDISC CORE."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_core_beside_the_findings(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    keep = tmp_path / "words"
    core = script(tmp_path / "core", f'echo "$@" > {keep}\nls "$7" >> {keep}\ncp {tmp_path}/report.json "$9.json"')
    done = check(folder, "--rules", RULE, "--core", core, "--format", "json", "--fail-on", "never")
    found = json.loads(done.stdout)
    assert [(f["rule"], f["dataset"], f["subject"], f["sequence"], f["value"]) for f in found["findings"]][1:3] == [
        ("CORE-000998", "AE", "", None, ""), ("CORE-000999", "AE", "2", 1, "=1+1")
    ]  # fmt: skip
    assert found["core"] == {
        "version": "0.10.0", "issues": 2, "matched": 0, "added": 2, "failed_rules": 1, "confirmed": {}
    }  # fmt: skip
    words, *files = keep.read_text().splitlines()
    assert words.startswith("validate -s sdtmig -v 3-4 -d ")
    assert " -of JSON -ct sdtmct-" in words
    assert files == ["ae.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo out of memory; exit 3", "SDTM: it ended with the exit code 3: out of memory"),
        ("exit 0", "SDTM: it ended without a report; run it by itself to see why"),
        ("sleep 30", "SDTM: it did not end within 1 s; raise --core-timeout"),
        ('echo "{}" > "$9.json"', "SDTM: its report has another form"),
        ('echo "[1" > "$9.json"', "SDTM: its report has another form"),
    ],
)
def test_a_core_that_fails_leaves_the_check(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    core = script(tmp_path / "core", text)
    done = check(folder, "--rules", RULE, "--core", core, "--core-timeout", 1, "--format", "json")
    found = {f["rule"]: f["message"] for f in json.loads(done.stdout)["findings"]}
    assert set(found) == {RULE, "R2A-FILE-001", "R2A-CORE-001"}
    assert found["R2A-CORE-001"].startswith(message)


def test_an_issue_of_the_same_rule_and_record_confirms_a_finding() -> None:
    from raw2adam.findings import catalogue
    from raw2adam.findings.table import Findings
    from raw2adam.runs.core_engine import CoreIssue, CoreReport
    from raw2adam.runs.core_merge import merge

    rule = next(r for r in catalogue.rules() if any(p.startswith("CORE-") for p in r.published))
    core = next(p for p in rule.published if p.startswith("CORE-"))
    findings = Findings()
    findings.add(rule.id, "wrong", dataset="AE", subject=["1", "1", "2"], sequence=[1, 2, 1])
    findings.add(rule.id, "wrong", dataset="DM", subject="3")
    issues = (
        CoreIssue(rule=core, message="", dataset="AE", subject="1", sequence=2),
        CoreIssue(rule=core, message="", dataset="AE", subject="1", sequence=7),
        CoreIssue(rule=core, message="", dataset="DM", subject="3", sequence=1),
        CoreIssue(rule=core, message="", dataset="DM", subject="4"),
        CoreIssue(rule="SPONSOR-1", message="", dataset="DM", subject="4"),
    )
    merged = merge(findings, [CoreReport(version="0.10", issues=issues, statuses={})])
    table: Any = findings.frame()
    ids = {
        (d, s, n): i for d, s, n, i in zip(*(table[c] for c in ("dataset", "subject", "sequence", "id")), strict=True)
    }
    assert merged.confirmed == dict(sorted({ids["AE", "1", 2]: (core,), ids["DM", "3", -1]: (core,)}.items()))
    assert (merged.issues, merged.matched, merged.added) == (5, 2, 3)
    assert sorted(table["rule"])[:3] == sorted([core, core, "CORE-OTHER"])


def test_the_words_that_start_core(tmp_path: Path) -> None:
    import sys

    from raw2adam.runs.core_engine import core_command

    (tmp_path / "core.py").write_text("")
    assert core_command(tmp_path) == [sys.executable, str(tmp_path / "core.py")]
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    assert core_command(tmp_path / "core.py") == [str(python), str(tmp_path / "core.py")]
    script(tmp_path / "core", "exit 0")
    assert core_command(tmp_path) == [str(tmp_path / "core")]


def test_reports_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for content in (b"", b"{", b"[]", b'{"Issue_Details": 1}', b"\xff\xfe", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(CoreError, match="its report has another form"):
            read_report(path)


def test_each_rule_is_printed_before_one_has_more() -> None:
    import pandas as pd
    from raw2adam.runs.check_output import _chosen

    rules = ["A", "A", "A", "B", "C", "C"]
    causes = pd.DataFrame({"rule": rules, "severity": ["error"] * 4 + ["warning"] * 2})
    assert [_chosen(causes, n).tolist() for n in (1, 2, 3, 5, 9)] == [
        [0], [0, 3], [0, 1, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]
    ]  # fmt: skip
