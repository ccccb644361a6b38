"""Bad input through the command: each defect has its message with the exact place, its exit code, and leaves
the output as it was. One small study is written here; each test changes the one thing it is about."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pyreadstat
import pytest
from kit.command import Done, raw2adam
from raw2adam.runs.from_raw import RawRun

STUDY = """\
study: {id: BADIN, title: Tests of bad input, cutoff: 2022-01-31}
subject: {columns: [SITE, SUBJ], usubjid: "{STUDYID}-{SITE}-{SUBJ}"}
dates:
  formats: [ddmonyyyy, dd-mon-yyyy]
  unknown: [UN, UNK]
sources:
  dm: {file: dm.csv}
  regions: {file: regions.csv, subject: none}
  ae:
    file: ae.csv
    dates: {formats: [ddmonyyyy, dd-mon-yyyy], unknown: [UN, UNK, "99"]}
  later: {file: later.csv, optional: true}
"""
DM = """\
dataset: DM
rows: {source: dm, join: {source: regions, on: [REGION]}}
variables:
  SEX: SEX
  COUNTRY: COUNTRY
  RFICDTC: {date: ICF}
  RFSTDTC: {date: ICF}
  ARMNRS: REASON
"""
AE = """\
dataset: AE
rows: {source: ae, where: "DROP != 'Y' or missing(DROP)"}
variables:
  AETERM: TERM
  AEDECOD: PT
  AELOC: LOC
  AESER: SER
  AESTDTC: {date: START}
"""
CM = """\
dataset: CM
rows: {source: later}
variables:
  CMTRT: DRUG
"""
SPECS = {"study.yaml": STUDY, "sdtm/dm.yaml": DM, "sdtm/ae.yaml": AE, "sdtm/cm.yaml": CM}
RAW = {
    "dm.csv": "SITE,SUBJ,SEX,REGION,ICF,REASON\n"
    "01,001,M,EU,01FEB2021,NOT ASSIGNED\n"
    "01,002,F,EU,02FEB2021,NOT ASSIGNED\n",
    "regions.csv": "REGION,COUNTRY\nEU,FRA\n",
    "ae.csv": "SITE,SUBJ,TERM,PT,LOC,SER,START,DROP\n01,001,Headache,Headache,HEAD,N,05FEB2021,\n",
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return folder


def build(root: Path, *options: str, pages: bool = False) -> Done[str]:
    words = ("--raw", root / "raw", "--out", root / "out", "--no-quality")
    return raw2adam("build", root / "study", *words, *options, pages=pages)


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def leftovers(root: Path) -> list[str]:
    """Stages, journals and locks beside OUT. The run log and its head stay, as they should."""
    return sorted(p.name for p in root.iterdir() if "raw2adam-" in p.name and "runs" not in p.name)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound study with its output."""
    root = tmp_path_factory.mktemp("good")
    write(root / "study", SPECS)
    write(root / "raw", RAW)
    done = build(root, "--fail-on", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def root(good: Path, tmp_path: Path) -> Path:
    """A copy of the sound study with its output, to be spoiled."""
    return shutil.copytree(good, tmp_path / "case")


def refused(root: Path, code: int, *options: str) -> str:
    """Build where an output is and where none is; the first stays byte for byte, of the second nothing comes."""
    before = content(root / "out")
    done = build(root, *options)
    assert done.returncode == code, done.stdout + done.stderr
    assert content(root / "out") == before
    assert leftovers(root) == []
    assert "Traceback" not in done.stderr
    return done.stderr


def findings(out: Path) -> list[dict]:
    return json.loads((out / "reports" / "findings.json").read_text(encoding="utf-8"))["findings"]


# the specs


def test_missing_column_is_placed_in_the_spec(root: Path) -> None:
    """All at once, though an optional source is absent and its columns are not known."""
    bad = {
        "sdtm/ae.yaml": AE.replace("AEDECOD: PT", "AEDECOD: PTX"),
        "sdtm/dm.yaml": DM.replace("SEX: SEX", "SEX: SEXE"),
    }
    write(root / "study", bad)
    text = refused(root, 2)
    assert (
        "sdtm/ae.yaml:5:12: error: AE.AEDECOD: there is no column or variable 'PTX' here (did you mean 'PT'?)" in text
    )
    assert "sdtm/dm.yaml:4:8: error: DM.SEX: there is no column or variable 'SEXE' here" in text


def test_hostile_and_broken_specs_are_placed_all_at_once(root: Path) -> None:
    write(
        root / "study",
        {
            "study.yaml": STUDY.replace("file: ae.csv", "file: ../../etc/ae.csv"),
            "sdtm/dm.yaml": DM.replace("SEX: SEX", "SEX: !!python/object/apply:os.system ['touch pwned']"),
            "sdtm/ae.yaml": AE.replace("AESER: SER", "AESER: {form: SER}"),
        },
    )
    text = refused(root, 2)
    assert "study.yaml:10:11: error: source ae: '../../etc/ae.csv' leaves the raw folder" in text
    assert "sdtm/dm.yaml:4:8: error: the tag '!!python/object/apply:os.system' is not allowed" in text
    assert not list(root.rglob("pwned"))
    assert "sdtm/ae.yaml:7:10: error: AE.AESER: none of the keys is a verb, which says what to do" in text


def test_a_condition_of_100000_minus_signs(root: Path) -> None:
    write(root / "study", {"sdtm/ae.yaml": AE.replace("DROP != 'Y' or missing(DROP)", "-" * 100_000 + "1 > 0")})
    text = refused(root, 2)
    assert "sdtm/ae.yaml:2:" in text
    assert "longer than 10000 characters (100005)" in text
    assert len(text) < 5_000


def test_circular_variables_are_named(root: Path) -> None:
    circle = AE + "  AESPID: AEGRPID\n  AEGRPID: AESPID\n"
    write(root / "study", {"sdtm/ae.yaml": circle})
    text = refused(root, 2)
    assert "this goes in a circle: AE.AEGRPID needs AE.AESPID needs AE.AEGRPID" in text
    assert "sdtm/ae.yaml:10:12" in text


def test_usage_errors(root: Path) -> None:
    assert "'2026-13-01' is not a date; write YYYY-MM-DD" in refused(root, 2, "--as-of", "2026-13-01")
    done = raw2adam("build", "obs16755", "--raw", root / "raw", "--out", root / "out")
    assert done.returncode == 2
    assert "there is no study 'obs16755'" in done.stderr
    assert "did you mean 'obs16577'?" in done.stderr


# the raw files


def test_files_that_cannot_be_read_are_reported_together(root: Path) -> None:
    """Six defects in six sources: one run names them all."""
    sources = ["missing", "short", "unclosed", "twice", "encoding", "zero"]
    added = "".join(f"  {name}: {{file: {name}.csv, subject: none}}\n" for name in sources)
    write(root / "study", {"study.yaml": STUDY + added})
    write(
        root / "raw",
        {
            "short.csv": "A,B,C\n1,2,3\n4,5\n",
            "unclosed.csv": 'A,B\n1,2\n3,"four\n5,6\n',
            "twice.csv": "A,B,A\n1,2,3\n",
            "encoding.csv": "A,B\n1,Mäx\n".encode("cp1252"),
            "zero.csv": b"",
        },
    )
    text = refused(root, 3)
    assert "missing.csv: no such file in the raw folder" in text
    assert "short.csv: record 2, line 3: 2 fields where the header has 3" in text
    assert 'unclosed.csv: record 2, line 3: the quote " that opens a field here is never closed' in text
    assert "twice.csv" not in text  # no rule reads the doubled name
    assert "encoding.csv:2:4: byte 0xE4 at offset 7 is not utf-8" in text
    assert "zero.csv" not in text  # no rule reads a column of the empty file
    shutil.rmtree(root / "out")
    assert build(root).returncode == 3
    assert not (root / "out").exists()
    assert leftovers(root) == []


def test_an_export_without_subjects_is_an_error(root: Path) -> None:
    write(root / "raw", {name: text.partition("\n")[0] + "\n" for name, text in RAW.items()})
    done = build(root)
    assert done.returncode == 1
    assert [f["message"] for f in reported(root / "out", rule="R2A-SUBJ-003", severity="error")] == [
        "no raw source has a row with a subject: every dataset is empty"
    ]


# what is mapped and reported

DIRTY = {
    "dm.csv": "SITE,SUBJ,SEX,REGION,ICF,REASON\n"
    "01,001,M,EU,99UNK2020,NOT ASSIGNED\n"
    "01,002,X,EU,30FEB2021,MOVED AWAY\n"
    "01,003,F,,UN-MAR-2021,NOT ASSIGNED\n"
    "01,001,M,EU,01FEB2021,NOT ASSIGNED\n",
    "ae.csv": "SITE,SUBJ,TERM,PT,LOC,SER,START,DROP\n"
    "01,001,<script>alert(1)</script>,Headache,HEAD,N,99UNK2020,\n"
    "01,001,=cmd(),Nausea,LEFT EYEBROW,N,30FEB2021,\n"
    "01,002,Fièvre à 39°,Pyrexia,,PERHAPS,UN-MAR-2021,\n"
    "09,999,Stranger,Rash,,Y,05FEB2021,\n"
    ",,Nobody,Rash,,N,05FEB2021,\n"
    "01,002,Dropped,Rash,,Y,05FEB2021,Y\n",
}


@pytest.fixture(scope="module")
def dirty(good: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done[str]]:
    """One build with every defect of values; no ``later.csv``, and ``empty.csv`` with a header only."""
    root = tmp_path_factory.mktemp("dirty")
    shutil.copytree(good / "study", root / "study")
    write(root / "study", {"study.yaml": STUDY + "  empty: {file: empty.csv}\n"})
    write(root / "raw", {**RAW, **DIRTY, "empty.csv": "SITE,SUBJ,X\n"})
    return root / "out", build(root, pages=True)


def rows(out: Path, name: str) -> list[dict]:
    data, _ = pyreadstat.read_xport(str(out / "sdtm" / f"{name}.xpt"))
    return data.fillna("").to_dict("records")


def reported(out: Path, **wanted: str) -> list[dict]:
    """Findings whose fields are these; ``file`` and ``row`` are those of the source."""
    return [f for f in findings(out) if all(({**f, **f["source"]}).get(k) == v for k, v in wanted.items())]


def test_build_is_done_with_findings(dirty) -> None:
    out, done = dirty
    assert done.returncode == 1, done.stderr
    first = done.stdout.splitlines()[0]
    assert first == "ERROR: 2 of 6 adverse event rows of ae.csv did not reach SDTM, 1 of them serious"
    assert (out / "manifest.json").is_file()


def test_lost_rows_are_counted(dirty) -> None:
    out, done = dirty
    assert "ae (ae.csv): 6 rows = 4 mapped + 1 excluded + 0 merged + 1 quarantined" in done.stdout
    assert [f["source"]["row"] for f in reported(out, rule="R2A-SUBJ-001", severity="error")] == [5]
    (excluded,) = reported(out, rule="R2A-ROW-001", severity="error")
    assert (excluded["source"]["row"], excluded["value"]) == (6, "Dropped")
    assert "sdtm/ae.yaml:2:" in excluded["message"]


def test_codelists(dirty) -> None:
    """Extensible: a warning; closed: an error; both keep the verbatim."""
    out, _ = dirty
    assert [r["ARMNRS"] for r in rows(out, "dm")].count("MOVED AWAY") == 1
    assert [r["AESER"] for r in rows(out, "ae")].count("PERHAPS") == 1
    assert [f["value"] for f in reported(out, rule="R2A-CT-001", variable="ARMNRS", severity="warning")] == [
        "MOVED AWAY"
    ]
    assert [f["value"] for f in reported(out, rule="R2A-CT-001", variable="AESER", severity="error")] == ["PERHAPS"]
    assert [f["value"] for f in reported(out, rule="R2A-CT-001", variable="SEX", severity="error")] == ["X"]


def test_dates(dirty) -> None:
    """``99`` is unknown only where a source says so; an impossible day is left empty with its text in the finding."""
    out, _ = dirty
    starts = {r["AETERM"]: r["AESTDTC"] for r in rows(out, "ae")}
    assert starts["<script>alert(1)</script>"] == "2020"
    assert starts["=cmd()"] == ""
    assert starts["Fievre a 39 deg"] == "2021-03"
    (impossible,) = reported(out, rule="R2A-DATE-002", dataset="AE")
    assert (impossible["value"], impossible["source"]) == (
        "30FEB2021",
        {"source": "ae", "file": "ae.csv", "row": 2, "column": "START"},
    )
    consents = reported(out, rule="R2A-DATE-002", dataset="DM", variable="RFICDTC")
    assert [(f["value"], f["source"]["row"]) for f in consents] == [("99UNK2020", 1), ("30FEB2021", 2)]
    assert {r["SUBJID"]: r["RFICDTC"] for r in rows(out, "dm")}["003"] == "2021-03"


def test_subjects(dirty) -> None:
    out, _ = dirty
    assert [r["USUBJID"] for r in rows(out, "ae")].count("BADIN-09-999") == 1
    unknown = reported(out, dataset="AE", subject="BADIN-09-999", severity="error")
    assert any("DM" in f["message"] for f in unknown)
    assert [r["USUBJID"] for r in rows(out, "dm")].count("BADIN-01-001") == 2
    assert reported(out, dataset="DM", subject="BADIN-01-001", variable="USUBJID", severity="error")


def test_missing_join_key(dirty) -> None:
    out, _ = dirty
    assert [r["COUNTRY"] for r in rows(out, "dm") if r["SUBJID"] == "003"] == [""]
    (found,) = reported(out, rule="R2A-JOIN-001")
    assert (found["subject"], found["source"]["file"], found["source"]["row"]) == ("BADIN-01-003", "dm.csv", 3)
    assert "regions" in found["message"]


def test_empty_and_absent_sources(dirty) -> None:
    out, _ = dirty
    assert [f["message"] for f in reported(out, file="later.csv")] == [
        "the optional source later is not in this data cut"
    ]
    assert "a header and no data records" in [f["message"] for f in reported(out, file="empty.csv")]
    assert not (out / "sdtm" / "cm.xpt").exists()


def test_text_of_the_data_is_text_everywhere(dirty) -> None:
    out, _ = dirty
    terms = [r["AETERM"] for r in rows(out, "ae")]
    assert "<script>alert(1)</script>" in terms
    assert "=cmd()" in terms
    for page in ("reports/findings.html", "reports/accounting.html", "sdtm/define.html"):
        assert b"<script>alert(1)" not in (out / page).read_bytes()
    import openpyxl

    book = openpyxl.load_workbook(out / "reports" / "findings.xlsx")
    assert [c.coordinate for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"] == []


def test_accents_are_transliterated_with_a_note(dirty) -> None:
    out, _ = dirty
    (note,) = reported(out, rule="R2A-TEXT-001")
    assert (note["severity"], note["variable"], note["value"]) == ("note", "AETERM", "Fièvre à 39°")
    assert "Fievre a 39 deg" in [r["AETERM"] for r in rows(out, "ae")]


# the output


def test_text_that_xpt_cannot_hold_is_split(root: Path) -> None:
    write(root / "raw", {"ae.csv": RAW["ae.csv"].replace("Headache,Headache", "y" * 201 + ",Headache")})
    done = build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    out = root / "out"
    assert [r["AETERM"] for r in rows(out, "ae")] == ["y" * 200]
    assert [(r["QNAM"], r["QVAL"]) for r in rows(out, "suppae") if r["QNAM"] == "AETERM1"] == [("AETERM1", "y")]
    (note,) = reported(out, rule="R2A-TEXT-003")
    assert (note["severity"], note["dataset"], note["value"]) == ("note", "AE", "y" * 201)


def test_text_in_another_script_stops_no_build(root: Path) -> None:
    write(root / "raw", {"ae.csv": RAW["ae.csv"].replace("Headache,Headache", "頭痛 (Kopf),Headache")})
    done = build(root, pages=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [r["AETERM"] for r in rows(root / "out", "ae")] == ["[U+982D][U+75DB] (Kopf)"]
    (told_,) = reported(root / "out", rule="R2A-TEXT-002")
    assert (told_["severity"], told_["value"]) == ("warning", "頭痛 (Kopf)")


def test_unwritable_and_foreign_output(root: Path) -> None:
    write(root, {"file": "text", "theirs/thesis.txt": "ten years"})
    before = content(root)
    for out, message in (("file/out", "cannot be written"), ("theirs", "holds files and no sound manifest.json")):
        done = raw2adam("build", root / "study", "--raw", root / "raw", "--out", root / out, "--no-quality")
        assert done.returncode == 4, done.stderr
        assert message in done.stderr
    assert {k: v for k, v in content(root).items() if "runs" not in k} == {
        k: v for k, v in before.items() if "runs" not in k
    }
    assert leftovers(root) == []


def stopped_build(root: Path) -> int:
    """The same build in another process, without a start of Python. It stops where its stage is there.

    What it says when it goes on and ends: ``said``.
    """
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start the tests without Ctrl-C
            with mock.patch.object(RawRun, "read", stop):
                done = build(root)
            (root.parent / "said.json").write_text(json.dumps([done.returncode, done.stderr]), "utf-8")
        finally:
            os._exit(1)  # nothing of the tests runs in this process
    _, status = os.waitpid(child, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    return child


def stop(_: RawRun) -> None:
    """Stop this process. After SIGCONT it waits for the signal that ends it."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(300)


def said(root: Path) -> tuple[int, str]:
    """Exit code and standard error of a stopped build that has ended."""
    code, text = json.loads((root.parent / "said.json").read_text("utf-8"))
    return code, text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="stops and kills a process")
def test_a_killed_run_is_tidied_up_by_the_next_command(root: Path) -> None:
    before = content(root / "out")
    run = stopped_build(root)
    assert any("raw2adam-stage" in name for name in leftovers(root))
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    assert content(root / "out") == before
    done = raw2adam("verify", root / "out")
    assert done.returncode == 0, done.stdout
    assert f"took over the lock of process {run}" in done.stderr
    assert "removed the unfinished output of a run that was broken off" in done.stderr
    assert leftovers(root) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="stops and continues a process")
def test_two_runs_and_interruption(root: Path) -> None:
    """A run is stopped in its middle: a second one on the same OUT is refused; Ctrl-C then leaves all as it was."""
    before = content(root / "out")
    first = stopped_build(root)
    try:
        second = build(root)
        assert second.returncode == 4
        assert f"is in use by process {first} on host" in second.stderr
        assert content(root / "out") == before
    finally:
        os.kill(first, signal.SIGINT)
        os.kill(first, signal.SIGCONT)
        os.waitpid(first, 0)
    code, text = said(root)
    assert code == 130
    assert "interrupted; the previous output is unchanged" in text
    assert "Traceback" not in text
    assert content(root / "out") == before
    assert leftovers(root) == []
