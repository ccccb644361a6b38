"""Another machine: one process with another hash seed, time zone, language, processor and home, for all tests that
compare its files with those of this process.

A run of the suite starts it once, with all jobs. A test file that runs by itself starts it with the job that it asks for.
Nothing in the process opens a connection. Not for the comparisons.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from .command import in_a_process
from .file_queue import shared_folder
from .packs import AS_OF, build_crossover, clean_pack, once

#: subjects, seed and levels of the exports with defects
DIRTY = (40, 7, ("hostile", "typical"))
#: of the order of rows, columns and sources
ORDER = 7
#: modules that only pages of other packages need: none is loaded
UNWANTED = {"altair", "scipy.stats"}


def on_another_machine(factory: pytest.TempPathFactory, job: str) -> Path:
    """The folder that a job of ``JOBS`` has filled on the other machine."""
    jobs = list(JOBS) if shared_folder() is not None else [job]
    name = "other-machine" if shared_folder() is not None else f"other-machine-{job}"
    return once(factory, name, partial(_run, factory, jobs)) / job


def settings_of_another_machine(home: Path) -> dict[str, str]:
    """The environment of the other process. ``home``: where it would write what it has no other place for.

    matplotlib lists the fonts of a machine once, in its folder; both processes read that list.
    """
    seed = "4711" if os.environ.get("PYTHONHASHSEED") != "4711" else "4242"
    return {
        "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": seed, "NPY_DISABLE_CPU_FEATURES": vector_features(),
        "HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": str(Path(__file__).parents[1]),
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR") or str(Path.home() / ".cache" / "matplotlib"),
    }  # fmt: skip


def vector_features() -> str:
    """What this processor has beyond numpy's baseline, as NPY_DISABLE_CPU_FEATURES takes it."""
    from numpy._core import _multiarray_umath as core

    present = core.__cpu_features__
    return " ".join(f for f in core.__cpu_dispatch__ if present.get(f))


def _run(factory: pytest.TempPathFactory, jobs: list[str], folder: Path) -> None:
    raw = clean_pack(factory) / "raw" if "pack" in jobs else ""
    home = folder / "home"
    home.mkdir()
    code = "from kit.other_machine import main; main()"
    done = in_a_process(folder, raw, *jobs, code=code, cwd=home, **settings_of_another_machine(home))
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []


# in the other process


def main() -> None:
    """Run the jobs that the command line names: FOLDER RAW JOB..."""
    import socket

    def refuse(*words: object, **named: object) -> None:
        raise AssertionError("network")

    socket.socket.connect = socket.socket.connect_ex = refuse  # type: ignore[assignment]
    os.fsync = lambda handle: None  # type: ignore[assignment]
    gc.disable()  # the process ends soon
    folder, raw, *jobs = sys.argv[1:]
    for job in jobs:
        (Path(folder) / job).mkdir()
        JOBS[job](Path(folder) / job, Path(raw))


def permuted_pack(folder: Path, raw: Path) -> None:
    """permuted/: the packages and findings of OBS16577, with rows, columns and sources in another order."""
    import shutil

    from raw2adam.runs.options import Options

    from .parts_of_a_run import PackagesRun
    from .row_orders import build_permuted

    elsewhere = shutil.copytree(raw, folder / "export")
    options = Options(as_of=AS_OF, report=False)
    build_permuted(elsewhere, folder / "permuted", ORDER, options, PackagesRun)


def whole_study(folder: Path, raw: Path) -> None:
    """out/: every file of the crossover trial, in two parts, with the pages of data quality."""
    build_crossover(folder, "--partitions", 2)
    assert "great_expectations" in sys.modules
    assert not UNWANTED & set(sys.modules)


def exports(folder: Path, raw: Path) -> None:
    """A folder for each level of defects, with the export."""
    from raw2adam.synth.export import synthesise

    subjects, seed, levels = DIRTY
    for dirt in levels:
        synthesise(folder / dirt, subjects, seed, dirt)


def define(folder: Path, raw: Path) -> None:
    """sums.json: the sha256 of define.xml of the sample in kit/define_sample.py."""
    from raw2adam.define.document import define_xml

    from .define_sample import SDTM, STUDY

    (folder / "sums.json").write_text(json.dumps([hashlib.sha256(define_xml(STUDY, SDTM)).hexdigest()]), "utf-8")


JOBS: dict[str, Callable[[Path, Path], None]] = {
    "pack": permuted_pack,
    "study": whole_study,
    "synth": exports,
    "define": define,
}
