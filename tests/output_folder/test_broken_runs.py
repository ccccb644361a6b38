"""Runs that are killed at random moments. tests/tools/break_builds.py does it for builds in both layouts, fifty times."""

from __future__ import annotations

import sys

import pytest
from raw2adam.errors import InputError
from raw2adam.runs.run import inputs_stay


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks and kills processes")
def test_a_killed_run_leaves_the_previous_output_or_the_new_one(monkeypatch, capsys):
    from tools import break_builds

    monkeypatch.setenv("BREAK_BUILDS_ERROR", "")  # the script sets it; afterwards it is as before
    code = break_builds.main(["--kinds", "ts", "--moments", "4", "--others", ""])
    printed = capsys.readouterr().out
    assert code == 0, printed
    assert "ts: 4 moments: " in printed
    assert "BROKEN" not in printed


def test_an_input_that_disappears_during_a_run_is_named(tmp_path):
    raw = tmp_path / "raw"
    with pytest.raises(InputError) as error, inputs_stay([raw]):
        (raw / "dm.csv").stat()
    assert str(error.value) == f"{raw / 'dm.csv'}: has disappeared during the run; restore it, and run again"
    with pytest.raises(FileNotFoundError), inputs_stay([raw]):
        (tmp_path / "other").stat()  # a fault of raw2adam itself
