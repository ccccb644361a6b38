"""`raw2adam findings`: what it lists of a findings.json by hand, and what it adds to a findings.yaml by hand."""

import json

import pytest
from kit.command import raw2adam

EMPTY = {"source": "", "file": "", "row": None, "column": ""}


def finding(number, rule, severity, dataset="", variable="", **about):
    base = {
        "id": f"{number:012x}", "rule": rule, "severity": severity, "dataset": dataset, "subject": "",
        "sequence": None, "variable": variable, "keys": "", "value": "", "message": "text", "disposition": "",
        "state": "", "entry": None, "source": EMPTY,
    }  # fmt: skip
    return base | about


FOUND = [
    finding(1, "R2A-CONF-004", "error", "AE", "AESEV", value="=BAD", keys="USUBJID=1; AETERM=rash"),
    finding(2, "R2A-CONF-004", "error", "AE", "AESEV", value="BAD", keys="USUBJID=2; AETERM=rash"),
    finding(3, "R2A-TEXT-001", "note", "SUPPAE", "QVAL", disposition="accepted", entry=1),
    *(
        finding(10 + n, "R2A-RAW-032", "note", source={"source": "qol", "file": "qol.sav", "row": n, "column": f"Q{n}"})
        for n in range(1, 7)
    ),
    finding(20, "X-UNKNOWN", "warning", "AE"),
    finding(21, "R2A-DISP-001", "note", value="rule: R2A-XPT-001"),
]
ENTRIES = [{"rule": "R2A-TEXT-*", "disposition": "accepted", "explanation": "as agreed", "by": "J", "on": "2026-01-31"}]


@pytest.fixture
def out(tmp_path):
    content = {"schema": 2, "findings": FOUND, "summary": {}, "entries": ENTRIES, "resolved": []}
    (tmp_path / "new.json").write_text(json.dumps(content))
    old = {"schema": 2, "findings": [FOUND[0], finding(99, "R2A-CONF-004", "error", "CM")]}
    (tmp_path / "old.json").write_text(json.dumps(old))
    return tmp_path


def lines(out, *words):
    done = raw2adam("findings", "new.json", *words, cwd=out)
    assert done.returncode == 0, done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_findings_are_listed_in_groups(out):
    term = "A coded value is not a term of its codelist"
    listed = lines(out)
    assert listed[0] == "findings severity rule in disposition what the rule reports"
    assert listed[1].startswith("2 error R2A-CONF-004 AE.AESEV - ") and term
    assert listed[2] == "1 warning X-UNKNOWN AE -"
    assert listed[3].startswith("6 note R2A-RAW-032 qol (6 variables or columns) - ")
    assert listed[-1] == "new.json: 2 errors, 1 warning, 8 notes, 10 without a disposition"
    assert lines(out, "--limit", "1")[2] == "... 4 more lines; --limit 0 lists all"
    assert [x.split()[0] for x in lines(out, "--disposition", "accepted")[1:-1]] == ["1"]
    assert [x.split()[2] for x in lines(out, "--rule", "R2A-*-001", "--dataset", "SUPP*")[1:-1]] == ["R2A-TEXT-001"]


def test_states_are_those_beside_an_earlier_output(out):
    listed = lines(out, "--compare", "old.json", "--severity", "error")
    assert [x.split()[:6] for x in listed[1:-1]] == [
        ["1", "error", "R2A-CONF-004", "AE.AESEV", "-", "new"],
        ["1", "error", "R2A-CONF-004", "AE.AESEV", "-", "recurring"],
        ["1", "error", "R2A-CONF-004", "CM", "-", "resolved"],
    ]
    assert listed[-1] == "new.json: 2 errors, 0 warnings, 0 notes, 2 without a disposition, 1 resolved"
    assert len(lines(out, "--compare", "old.json", "--state", "resolved")) == 3


def test_each_finding_has_its_identity(out):
    listed = lines(out, "--each", "--severity", "error")
    assert listed[0] == "000000000001 error R2A-CONF-004; AE.AESEV; USUBJID=1; AETERM=rash; '=BAD'"
    raw = lines(out, "--each", "--rule", "R2A-RAW-032", "--limit", "1")
    assert raw[:2] == [
        "00000000000b note R2A-RAW-032; qol.sav, row 1, Q1",
        "... 5 more findings; --limit 0 lists all",
    ]


def test_csv_and_json_have_all_columns(out):
    csv = raw2adam("findings", "new.json", "--format", "csv", cwd=out).stdout.splitlines()
    assert len(csv) == 12 and csv[0].startswith("Rule,Severity,Dataset") and ",'=BAD," in csv[1]
    assert ",as agreed," in csv[3]
    data = json.loads(raw2adam("findings", "new.json", "--format", "json", "--limit", "1", cwd=out).stdout)
    assert (data["schema"], data["total"], data["shown"], len(data["findings"])) == (1, 11, 1, 1)
    assert data["groups"][0] == {
        "severity": "error", "rule": "R2A-CONF-004", "place": "AE", "name": "AESEV", "disposition": "", "state": "",
        "findings": 2,
    }  # fmt: skip


WRITTEN = """\
# ours
findings:
- rule: R2A-CONF-004   # by the site
  dataset: AE
  disposition: query sent
  by: J. Doe
  on: 2026-01-31

# the end"""


def test_entries_are_added_and_the_text_stays(out):
    file = out / "findings.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode())
    assert lines(out, "--write", "findings.yaml") == ["findings.yaml: 2 open entries added"]
    text = file.read_bytes().decode("utf-8-sig")
    assert text.startswith(WRITTEN.replace("\n", "\r\n") + "\r\n")
    assert text.replace("\r\n", "\n").removeprefix(WRITTEN + "\n").split("\n")[:7] == [
        "# 1 note: A text is written in plain ASCII for XPT. SUPPAE.QVAL",
        "- rule: R2A-TEXT-001",
        "  dataset: SUPPAE",
        "  variable: QVAL",
        "  disposition: open",
        '  explanation: ""',
        '  by: ""',
    ]
    assert "- rule: R2A-RAW-032\r\n  source: qol\r\n  disposition: open" in text
    assert lines(out, "--write", "findings.yaml", "--rule", "R2A-*") == ["findings.yaml: 0 open entries added"]


@pytest.mark.parametrize("text", ["", "# nothing yet", "findings: []\n", "findings:\n", "findings: # later"])
def test_a_file_without_entries_gets_them(out, text):
    file = out / "findings.yaml"
    if text:
        file.write_text(text)
    assert lines(out, "--write", "findings.yaml", "--severity", "error", "--each")[0].startswith("findings.yaml: 2")
    assert file.read_text().count("  - id: 00000000000") == 2 and file.read_text().startswith(
        text.split("[")[0].strip()
    )
    assert lines(out, "--dispositions", "findings.yaml", "--severity", "error")[-1].endswith("2 without a disposition")


def test_one_raw_column_that_reaches_several_variables_is_one_entry(tmp_path):
    cell = {"source": "isa", "file": "isa.csv", "row": 7, "column": "DOSE_DT"}
    reached = [("EC", "ECSTDTC"), ("EC", "ECENDTC"), ("EX", "EXSTDTC")]
    found = [finding(n, "R2A-DATE-001", "error", *of, source=cell) for n, of in enumerate(reached, 1)]
    found.append(
        finding(9, "R2A-DATE-001", "error", "AE", "AESTDTC", source={**cell, "source": "ae", "column": "ST_DT"})
    )
    content = {"schema": 2, "findings": found, "summary": {}, "entries": [], "resolved": []}
    (tmp_path / "new.json").write_text(json.dumps(content))
    assert lines(tmp_path, "--write", "findings.yaml") == ["findings.yaml: 2 open entries added"]
    written = (tmp_path / "findings.yaml").read_text()
    assert "# 3 errors: " in written and "source: isa\n    column: DOSE_DT\n" in written
    assert "dataset: AE\n    variable: AESTDTC\n" in written and "ECSTDTC\n    disp" not in written
