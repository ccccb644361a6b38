"""``raw2adam selftest``: what it prints, its exit code, the record that it leaves. What it checks: test_refusals.py."""

from __future__ import annotations

import json
import sys
import tempfile

import pytest
from raw2adam import __version__, cli
from raw2adam.selftest import command
from raw2adam.selftest.refusals import read_refusals, run_refusal
from raw2adam.selftest.result import Result


def selftest(monkeypatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["raw2adam", "selftest", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code


@pytest.fixture
def few(monkeypatch):
    """Two refusals of different areas, run as always."""
    cases = read_refusals()
    two = [next(c for c in cases if c.name == n) for n in ("one equals sign", "misspelt key")]
    monkeypatch.setattr(command, "_checks", lambda main: (run_refusal(c, main) for c in two))


def test_it_prints_a_line_per_area_and_leaves_a_record(few, monkeypatch, capsys, tmp_path):
    assert selftest(monkeypatch, "--out", str(tmp_path / "record")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "conditions and formulas: 1 of 1 passed",
        "keys and values: 1 of 1 passed",
        f"raw2adam {__version__}: 2 checks, 0 failed",
        f"  the record: {tmp_path / 'record' / 'selftest.html'}",
    ]
    record = json.loads((tmp_path / "record" / "selftest.json").read_text("utf-8"))
    assert (record["version"], record["checks"], record["failed"]) == (__version__, 2, 0)
    assert record["packages"]["pandas"] and record["python"] == sys.version.split()[0]
    assert [(r["name"], r["passed"]) for r in record["results"]] == [("one equals sign", True), ("misspelt key", True)]
    page = (tmp_path / "record" / "selftest.html").read_text("utf-8")
    assert "all 2 checks passed" in page and "&#x27;=&#x27; is not part of the language" in page
    assert "<script" not in page and "http" not in page


def test_a_refusal_that_writes_beside_its_folder_leaves_nothing(monkeypatch, tmp_path):
    """A build has a run log beside OUT, here beside the current folder of the check."""
    case = next(c for c in read_refusals() if c.name == "output in the current folder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert run_refusal(case, cli.main).passed
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_fails_is_shown_with_what_was_expected(monkeypatch, capsys, tmp_path):
    results = [Result("a", "right", True, "1", "1"), Result("b", "wrong", False, "<2>", "3")]
    monkeypatch.setattr(command, "_checks", lambda main: results)
    assert selftest(monkeypatch, "--out", str(tmp_path)) == 1
    out = capsys.readouterr().out
    assert "b: 0 of 1 passed" in out and "b: wrong: FAILED\nexpected: <2>\nfound: 3" in out
    page = (tmp_path / "selftest.html").read_text("utf-8")
    assert "1 of 2 checks failed" in page and "<pre>&lt;2&gt;</pre>" in page and "<pre>3</pre>" in page


def test_a_record_that_cannot_be_written_is_an_output_error(few, monkeypatch, capsys, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    assert selftest(monkeypatch, "--out", str(tmp_path / "file")) == 4
    assert "the record cannot be written" in capsys.readouterr().err


def test_all_examples_and_refusals_are_checks(monkeypatch):
    monkeypatch.setattr(command, "example_results", lambda: [Result("examples", "one", True, "", "")])
    monkeypatch.setattr(
        command, "run_refusals", lambda cases, main: [Result(c.area, c.name, True, "", "") for c in cases]
    )
    names = [r.name for r in command._checks(cli.main)]
    assert names == ["one", *(c.name for c in read_refusals())]
