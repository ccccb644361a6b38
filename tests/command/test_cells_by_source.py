"""A raw cell is known by source, row and column: in accounts, findings, the manifest, queries and quarantine files.

Two folders may hold files of one name, and two sheets of a workbook are two sources of one file.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import openpyxl
from kit.command import no_pages
from raw2adam.engine.subjects.sites import Sites
from raw2adam.findings.catalogue import explaining, rules
from raw2adam.findings.table import CellTarget, Findings
from raw2adam.runs.from_raw import Options, build
from raw2adam.validation.reports.queries import site_queries

#: two files called form.csv; row 1, column A: a lost cell in one, a text that is no number in the other
FORMS = {
    "x/form.csv": "SUBJ,TERM,A,B\n1,rash,LOST,\n",
    "y/form.csv": "SUBJ,TERM,A\n1,aspirin,abc\n",
}
SOURCES = "sources:\n  ae: {file: x/form.csv}\n  cm: {file: y/form.csv}\n"
AE = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: {value: X}, AESPID: {template: '{A}-{B}'}}\n"
CM = "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: TERM, CMDOSE: A}\n"


def test_a_finding_of_a_file_of_the_same_name_does_not_account_for_a_lost_cell(tiny):
    built = tiny(FORMS, SOURCES, {"ae": AE, "cm": CM})
    assert built.found("R2A-CELL-001") == [("x/form.csv", 1, "A", "LOST")]
    assert built.found("R2A-NUM-001") == [("y/form.csv", 1, "A", "abc")]
    reported = built.findings[built.findings["rule"].isin(["R2A-CELL-001", "R2A-NUM-001"])]
    assert sorted(zip(reported["rule"], reported["source"], strict=True)) == [
        ("R2A-CELL-001", "ae"),
        ("R2A-NUM-001", "cm"),
    ]


def test_a_finding_about_one_variable_does_not_account_for_the_loss_in_another(tiny):
    """The text that is no number explains CMDOSE alone: CMSPID loses the cell as its template lacks a part."""
    cm = "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: TERM, CMDOSE: A, CMSPID: {template: '{A}-{B}'}}\n"
    built = tiny({"cm.csv": "SUBJ,TERM,A,B\n1,aspirin,abc,\n"}, "", {"cm": cm})
    lost = built.findings[built.findings["rule"] == "R2A-CELL-001"]
    assert list(zip(lost["dataset"], lost["variable"], lost["value"], strict=True)) == [("CM", "CMSPID", "abc")]


def test_only_findings_that_say_why_a_value_is_lost_account_for_it():
    """A note about blanks, case or a partial date describes the cell; so does one that says that the text is kept."""
    findings = Findings()
    place = {"source": "ae", "file": "ae.csv", "column": "A"}
    for row, rule in enumerate(("R2A-RAW-006", "R2A-RAW-007", "R2A-RAW-023", "R2A-TEXT-001", "R2A-CORR-001"), start=1):
        findings.add(rule, "describes the cell", row=np.array([row]), **place)
    findings.add("R2A-RAW-001", "a remark, read as missing", row=np.array([7]), **place)
    findings.add("R2A-RAW-001", "a remark, kept", row=np.array([8]), value_stays=True, **place)
    findings.add("R2A-DATE-001", "unread", row=np.array([9]), dataset="AE", variable="AESTDTC", **place)
    cells = findings.reported_cells(explaining("cell"), by_variable=False)
    assert {k: v.tolist() for k, v in cells.items()} == {CellTarget("ae", "A"): [7]}
    cells = findings.reported_cells(explaining("variable"), by_variable=True)
    assert {k: v.tolist() for k, v in cells.items()} == {CellTarget("ae", "A", "AE", "AESTDTC"): [9]}
    assert {r.explains for r in rules()} == {"", "cell", "variable"}


STUDY = """\
study: {id: S}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
sources:
  dm: {file: dm.csv}
  ae: {file: book.xlsx, sheet: Events}
  cm: {file: book.xlsx, sheet: Drugs}
  xa: {file: x/form.csv}
  ya: {file: y/form.csv}
  again: {file: y/form.csv}
"""
DM = "dataset: DM\nrows: {source: dm}\nvariables: {RFSTDTC: {date: FD}, SEX: {value: M}, COUNTRY: {value: DEU}}\n"
SPECS = {
    "dm": DM,
    "ae": "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: {value: X}, AESTDTC: {date: ST}}\n",
    "cm": "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: TERM, CMSTDTC: {date: ST}}\n",
    "mh": "dataset: MH\nrows: [{source: xa}, {source: ya}]\nvariables: {MHTERM: TERM, MHSTDTC: {date: ST}}\n",
    "pr": "dataset: PR\nrows: {source: again}\nvariables: {PRTRT: TERM, PRSTDTC: {date: ST}}\n",
}


def _folder(root: Path) -> Path:
    book = openpyxl.Workbook()
    events, drugs = book.active, book.create_sheet("Drugs")
    assert events is not None
    events.title = "Events"
    for row in (("SITE", "SUBJ", "TERM", "ST"), ("10", "1", "rash", "2024-01-06"), ("10", "1", "cough", "2024-13-06")):
        events.append(row)
    for row in (
        ("SITE", "SUBJ", "TERM", "ST"),
        ("20", "2", "aspirin", "2024-13-01"),
        ("20", "2", "iron", "2024-01-09"),
    ):
        drugs.append(row)
    files = {
        "raw/dm.csv": "SITE,SUBJ,FD\n10,1,2024-01-05\n20,2,2024-01-06\n",
        "raw/x/form.csv": "SITE,SUBJ,TERM,ST\n10,1,asthma,2024-14-01\n,,nobody,2024-01-01\n",
        "raw/y/form.csv": "SITE,SUBJ,TERM,ST\n20,2,gout,2024-15-01\n",
        "study/study.yaml": STUDY,
        **{f"study/sdtm/{n}.yaml": t for n, t in SPECS.items()},
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    book.save(root / "raw" / "book.xlsx")
    return root


def test_every_report_of_a_build_knows_which_file_and_sheet_a_cell_is_in(tmp_path):
    root = _folder(tmp_path)
    build(str(root / "study"), root / "raw", root / "out", Options(quality=False))
    reports = root / "out" / "reports"
    findings = json.loads((reports / "findings.json").read_text())["findings"]
    dates = {
        (f["source"]["source"], f["source"]["file"], f["source"]["row"], f["value"])
        for f in findings
        if f["rule"] == "R2A-DATE-002"
    }
    assert dates == {
        ("ae", "book.xlsx", 2, "2024-13-06"), ("cm", "book.xlsx", 1, "2024-13-01"),
        ("xa", "x/form.csv", 1, "2024-14-01"), ("ya", "y/form.csv", 1, "2024-15-01"),
        ("again", "y/form.csv", 1, "2024-15-01"),
    }  # fmt: skip
    queries = json.loads((reports / "queries.json").read_text())["queries"]
    asked = sorted((q["site"], q["subject"], q["form"], q["row"], q["value"]) for q in queries if q["field"] == "ST")
    # each site is asked about its own cells; the cell that two sources read is asked once
    assert asked == [
        ("10", "1", "book.xlsx, sheet Events", 2, "2024-13-06"), ("10", "1", "x/form.csv", 1, "2024-14-01"),
        ("20", "2", "book.xlsx, sheet Drugs", 1, "2024-13-01"), ("20", "2", "y/form.csv", 1, "2024-15-01"),
    ]  # fmt: skip
    assert len({q["number"] for q in queries}) == len(queries)
    manifest = json.loads((root / "out" / "manifest.json").read_text())
    assert sorted(manifest["inputs"]) == ["raw/book.xlsx", "raw/dm.csv", "raw/x/form.csv", "raw/y/form.csv"]
    sources = json.loads((reports / "accounting.json").read_text())["sources"]
    assert {s["file"] for s in sources} == {"dm.csv", "book.xlsx", "x/form.csv", "y/form.csv"}
    assert sorted(p.name for p in (root / "out" / "quarantine").iterdir()) == ["xa.csv"]
    with (root / "out" / "quarantine" / "xa.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["RAW_FILE"], row["RECORD"], row["TERM"]) == ("x/form.csv", "2", "nobody")
    (root / "corrections").mkdir()
    fixed = (root / "out" / "quarantine" / "xa.csv").read_bytes().replace(b'"","","nobody"', b'"10","1","nobody"')
    (root / "corrections" / "xa.csv").write_bytes(fixed)
    with no_pages():
        options = Options(quality=False, corrections=root / "corrections")
        done = build(str(root / "study"), root / "raw", root / "again", options)
    assert done.ledger.sources["xa"].totals()["mapped"] == 2


def test_a_row_is_of_the_site_in_its_source():
    """Records 1 of two sheets of one workbook are of two sites; a finding of each goes to its own."""
    record = np.array([1], dtype="int32")
    rows = {n: (record, np.array([site], dtype=object)) for n, site in (("ae", "10"), ("cm", "20"))}
    sites = Sites(rows, forms={"ae": "book.xlsx, sheet Events", "cm": "book.xlsx, sheet Drugs"})
    findings = Findings()
    for source in ("ae", "cm"):
        findings.add("R2A-SUBJ-001", "no subject", source=source, file="book.xlsx", row=1)
    found = [(q.site, q.form) for q in site_queries(findings, sites).queries]
    assert found == [("10", "book.xlsx, sheet Events"), ("20", "book.xlsx, sheet Drugs")]
