"""Runs that are killed at random moments. tests/tools/break_builds.py does it for builds in both layouts, fifty times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from raw2adam.errors import InputError
from raw2adam.runs.run import inputs_stay

SCRIPT = Path(__file__).parents[1] / "tools" / "break_builds.py"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks and kills processes")
def test_a_killed_run_leaves_the_previous_output_or_the_new_one():
    words = [sys.executable, str(SCRIPT), "--kinds", "ts", "--moments", "4", "--others", ""]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ts: 4 moments: " in done.stdout
    assert "BROKEN" not in done.stdout


def test_an_input_that_disappears_during_a_run_is_named(tmp_path):
    raw = tmp_path / "raw"
    with pytest.raises(InputError) as error, inputs_stay([raw]):
        (raw / "dm.csv").stat()
    assert str(error.value) == f"{raw / 'dm.csv'}: has disappeared during the run; restore it, and run again"
    with pytest.raises(FileNotFoundError), inputs_stay([raw]):
        (tmp_path / "other").stat()  # a fault of raw2adam itself
