"""pyreadstat works in a process of its own: its crash is an error about the file, and the next file is read."""

import importlib
import os
import signal
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from raw2adam.errors import InputError
from raw2adam.findings.table import Findings
from raw2adam.sources.options import SourceOptions
from raw2adam.sources.read import read_source

process = importlib.import_module("raw2adam.sources.statistical.pyreadstat_process")

CRASH = "import os, pickle, signal, sys\npickle.load(sys.stdin.buffer)\nos.kill(os.getpid(), signal.SIGSEGV)\n"


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    path = tmp_path / "ae.sav"
    pyreadstat.write_sav(pd.DataFrame({"SUBJ": ["01", "02"], "N": [1.0, 2.5]}), str(path))
    return path


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_file_that_crashes_the_reader_is_an_error_about_the_file(
    sav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "crash.py").write_text(CRASH)
    monkeypatch.setattr(process, "WORKER", tmp_path / "crash.py")
    monkeypatch.setattr(process, "_running", None)
    with pytest.raises(InputError) as error:
        read_source("ae", tmp_path, SourceOptions("ae.sav"), Findings())
    assert str(error.value).startswith(
        f"ae.sav: cannot be read as SAV (the reader ended with signal {signal.SIGSEGV:d})"
    )
    assert "damaged" in str(error.value)
    monkeypatch.undo()
    table = read_source("ae", tmp_path, SourceOptions("ae.sav"), Findings())
    assert table.frame["N"].tolist() == ["1", "2.5"]


def test_one_process_reads_all_files(sav: Path) -> None:
    first = process.read_statistical_file("read_sav", sav)[0]
    running = process._running
    assert process.read_statistical_file("read_sav", sav)[0] == first == {"SUBJ": ["01", "02"], "N": [1.0, 2.5]}
    assert process._running is running


def test_an_error_of_the_reader_keeps_the_process(sav: Path, tmp_path: Path) -> None:
    process.read_statistical_file("read_sav", sav)
    running = process._running
    (tmp_path / "bad.sav").write_bytes(sav.read_bytes()[:100])
    with pytest.raises(process.ReaderError):
        process.read_statistical_file("read_sav", tmp_path / "bad.sav")
    assert process.read_statistical_file("read_sav", sav)[0]["SUBJ"] == ["01", "02"]
    assert process._running is running


def test_what_the_reader_prints_does_not_mix_with_its_answers(tmp_path: Path, sav: Path, monkeypatch) -> None:
    worker = process.WORKER.read_text(encoding="utf-8")
    (tmp_path / "loud.py").write_text(
        worker.replace("    import pyreadstat\n", "    import pyreadstat\n\n    os.write(1, b'noise')\n"),
        encoding="utf-8",
    )
    monkeypatch.setattr(process, "WORKER", tmp_path / "loud.py")
    monkeypatch.setattr(process, "_running", None)
    assert process.read_statistical_file("read_sav", sav)[0]["SUBJ"] == ["01", "02"]
    process._running.stop()
