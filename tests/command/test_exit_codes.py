"""Exit codes: the run log holds the one that the command gave, a crash has its own, unknown choices are refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from kit.command import no_pages
from raw2adam import cli
from raw2adam.runs import crash, from_raw

STUDY = """\
study: {id: T}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
sources: {a: {file: a.csv}}
"""
DM = "dataset: DM\nrows: {source: a}\nvariables: {RFSTDTC: {date: D}, SEX: SEX, COUNTRY: {value: DEU}}\n"


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["raw2adam", *map(str, words)])
    with pytest.raises(SystemExit) as done, no_pages():
        cli.main()
    return done.value.code  # pyright: ignore[reportReturnType]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study" / "sdtm").mkdir(parents=True)
    (tmp_path / "raw").mkdir()
    (tmp_path / "study" / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "study" / "sdtm" / "dm.yaml").write_text(DM, "utf-8")
    (tmp_path / "raw" / "a.csv").write_text("SUBJ,D,SEX\n1,2020-01-01,Q\n", "utf-8")  # no such date format, no such sex
    return tmp_path


def build(folder: Path, *more: str) -> list[object]:
    return ["build", folder / "study", "--raw", folder / "raw", "--out", folder / "out", "--no-quality", *more]


def logged(folder: Path) -> list[int]:
    return [json.loads(line)["exit_code"] for line in (folder / "out.runs.jsonl").read_text().splitlines()]


def test_the_run_log_holds_the_exit_code_of_the_command(study: Path, monkeypatch: pytest.MonkeyPatch):
    codes = [run(monkeypatch, *build(study)), run(monkeypatch, *build(study, "--fail-on", "never"))]
    (study / "raw" / "a.csv").unlink()
    codes.append(run(monkeypatch, *build(study)))
    (study / "study" / "sdtm" / "dm.yaml").write_text(DM.replace("SEX: SEX", "SEXX: SEX"), "utf-8")
    codes.append(run(monkeypatch, *build(study)))
    assert codes == [1, 0, 3, 2]
    assert logged(study) == codes


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_crash_has_another_exit_code(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: str
):
    def fails(*_: object) -> None:
        raise IndexError("no\x1b[31m such place")

    monkeypatch.setattr(from_raw, "read_raw", fails)
    monkeypatch.setattr(crash.tempfile, "tempdir", str(study))
    monkeypatch.setenv(crash.DEBUG, debug)
    (study / "out").mkdir()
    assert run(monkeypatch, *build(study)) == 70
    message = capsys.readouterr().err
    last = message.splitlines()[-1]
    assert last.startswith("raw2adam: a fault of raw2adam itself, not of your files: IndexError: no [31m such place")
    kept = list(study.glob("raw2adam-crash-*.txt"))
    assert len(kept) == (0 if debug else 1)
    assert "Traceback" in (message if debug else kept[0].read_text("utf-8"))
    assert debug or ("Traceback" not in message and str(kept[0]) in last)
    assert logged(study) == [70]


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("lint S --format yaml", "text, json"),
        ("trace O AE --format xml", "text, json"),
        ("diff A B --format html", "text, json"),
        ("build S --out O --raw R --only sas", "sdtm, adam"),
        ("build S --out O --raw R --fail-on all", "error, warning, note, never"),
        ("synth obs16577 --out O --dirt some", "none, typical, hostile"),
        ("synth cdiscpilot --out O", "obs16577"),
        ("diff A B --ignore lable", "label, type, length, format, order"),
    ],
)
def test_an_unknown_choice_is_refused_with_the_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, choices: str
):
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *words.split()) == 2
    assert f"expected one of {choices}" in (message := capsys.readouterr().err) or f"some of {choices}" in message
    assert list(tmp_path.iterdir()) == []
