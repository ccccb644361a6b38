"""Benchmarks follow the code: each runs on small data and says how much it did. Times are not looked at."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
#: adam_build.py, registry_build.py, xpt_write.py and xpt_read_write.py start processes of their own and are left to their users
RUNS = [
    (
        "scoring.py",
        ["--items", "1000", "--repeat", "1"],
        "1,000 items to 400 scores of 27 item nodes",
    ),
    ("confirmed_response.py", ["--subjects", "20", "--repeat", "1"], "of 20 subjects"),
    ("toxicity_grades.py", ["--records", "2000", "--repeat", "1"], "2,000 values of"),
    ("tumor_response.py", ["--subjects", "20", "--repeat", "1"], "1,000 measurements of 20 subjects, 200 evaluations"),
    ("time_to_event.py", ["30"], "PFS             30 records"),
    ("record_steps.py", ["--records", "1000", "--repeat", "1"], "1,000 records to 1,000 in"),
    ("diff.py", ["2000"], "cells differ, 10 records only in base"),
    ("sdtm_ae.py", ["200"], "{'AE': 200, 'DM': "),
    ("dataset_json.py", ["200"], "all cells are equal"),
    ("variables.py", ["--records", "1000", "--repeat", "1"], "1,000 records"),
    ("conformance_rules.py", ["--records", "3000"], "records/s; peak"),
    ("statistics.py", ["1000", "1"], "1,000 subjects"),
]


@pytest.mark.parametrize(("name", "arguments", "says"), RUNS, ids=[r[0] for r in RUNS])
def test_it_runs_and_says_what_it_did(name, arguments, says, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # as Python does for a script
    runpy.run_path(str(BENCHMARKS / name), run_name="__main__")
    assert says in capsys.readouterr().out


def test_every_benchmark_is_run_or_left_out_on_purpose():
    assert {p.name for p in BENCHMARKS.glob("*.py")} == {r[0] for r in RUNS} | {
        "adam_build.py",
        "registry_build.py",
        "xpt_write.py",
        "xpt_read_write.py",
    }
