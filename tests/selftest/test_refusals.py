"""The refusals of tests/refusals: each gives its exact message, and each message of the code has a refusal."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from kit.begun import begun
from raw2adam.cli import main
from raw2adam.selftest.refusals import agrees, area_refusals, folder, read_refusals, run_refusal
from tools import refusal_sites
from tools.refusal_exceptions import EXCEPTIONS

CASES = read_refusals()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """All cases, run once, in a process whose modules remember which messages were made."""
    folder = begun(refusal_sites.NAME)
    if folder is None:
        folder = tmp_path_factory.mktemp("run")
        line = [sys.executable, refusal_sites.__file__, folder]
        done = subprocess.run(line, capture_output=True, encoding="utf-8", timeout=900)
        assert done.returncode == 0, done.stderr
    return json.loads((folder / refusal_sites.OUTCOME).read_text("utf-8"))


@pytest.fixture(scope="module")
def results(run):
    return {result["name"]: result for result in run["results"]}


@pytest.mark.parametrize("area", sorted({case.area for case in CASES}))
def test_each_refusal_of_an_area_gives_its_message(area, results):
    of_area = [results[case.name] for case in CASES if case.area == area]
    wrong = [f"{r['name']}\n-- wanted:\n{r['wanted']}\n-- got:\n{r['got']}" for r in of_area if not r["passed"]]
    text = "\n\n".join([*wrong, "where a new message is right, python tests/tools/fill_refusals.py --again writes it"])
    assert not wrong, text


def test_each_message_of_the_code_has_a_refusal(run):
    known = {name for names in EXCEPTIONS.values() for name in names}
    missing = [f"{s['file']}:{s['line']} {s['function']}" for s in run["unreached"]]
    missing = [
        text for s, text in zip(run["unreached"], missing, strict=True) if f"{s['file']}:{s['function']}" not in known
    ]
    assert missing == [], "write a refusal (docs/refusals.md), or list the function in refusal_exceptions.py"


def test_the_exceptions_are_needed(run):
    unreached = {f"{s['file']}:{s['function']}" for s in run["unreached"]}
    assert [name for names in EXCEPTIONS.values() for name in names if name not in unreached] == []
    assert len(run["unreached"]) < run["sites"] / 4


def test_there_are_at_least_120_refusals_and_each_has_a_reason():
    assert len(CASES) >= 120
    assert [case.name for case in CASES if not case.why.endswith(".") or case.exit not in (2, 3, 4)] == []
    assert [case.name for case in CASES if not case.says.strip()] == []


def test_a_message_is_compared_line_by_line():
    assert agrees("exit code 2\na.yaml:1:1: error: x", "exit code 2\na.yaml:1:1: error: x")
    assert not agrees("exit code 2\na.yaml:1:1: error: x", "exit code 2\na.yaml:1:2: error: x")
    assert not agrees("exit code 2\nx", "exit code 2\nx\ny")
    assert agrees("b: cannot be read (<<words of the library>>); copy it", "b: cannot be read (bad [0]); copy it")
    assert not agrees("b: (<<words>>); copy it", "b: (bad\nworse); copy it")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("area: a\nrefusals:\n- {name: n, why: w, run: lint study, says: s, exit: 2, sais: t}\n", "unknown keys"),
        ("area: a\nrefusals:\n- {name: n, why: w}\n", "missing keys"),
        ("area: a\nrefusal: []\nrefusals: []\n", "unknown key refusal"),
        (
            "area: a\nrefusals:\n- {name: n, why: w, run: r, change: {study/study.yaml: {nowhere: x}}}\n",
            "does not contain",
        ),
    ],
)
def test_a_case_with_a_mistake_cannot_be_run(tmp_path, text, message):
    (tmp_path / "study.yaml").write_text((folder() / "study.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message):
        read_refusals(tmp_path)


def test_a_refusal_that_is_not_given_fails(tmp_path):
    (tmp_path / "study.yaml").write_text((folder() / "study.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "a.yaml").write_text(
        "area: a\nrefusals:\n- {name: accepted, why: Nothing is wrong., run: lint study, exit: 2, says: wrong}\n",
        "utf-8",
    )
    (case,) = area_refusals(tmp_path / "a.yaml")
    result = run_refusal(case, main)
    assert not result.passed
    assert result.got == "exit code 0\nstudy: 0 errors, 0 warnings"
