"""Another machine: one process with another hash seed, time zone, language, processor and home, for all tests that
compare its files with those of this process.

The runner of the suite begins it, with all jobs. A test file that runs by itself starts it with the job that it asks for.
Nothing in the process opens a connection. Not for the comparisons.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from .begun import begun

if TYPE_CHECKING:
    from raw2adam.runs.options import Options

#: of the job that the runner of the suite begins
NAME = "other-machine"
#: subjects, seed and levels of the exports with defects
DIRTY = (16, 7, ("hostile", "typical"))
#: domains that must do for most analysis datasets of OBS16577
PRESENT = ("dm", "ex", "rs", "supprs", "cm", "ds", "qs")
#: of the order of rows, columns and sources
ORDER = 7
#: modules that only pages of other packages need: none is loaded
UNWANTED = {"altair", "scipy.stats"}


def on_another_machine(factory: pytest.TempPathFactory, job: str) -> Path:
    """The folder that a job of ``JOBS`` has filled on the other machine."""
    if (folder := begun(NAME)) is not None:
        return folder / job
    from .packs import once

    return once(factory, f"{NAME}-{job}", partial(_run, jobs=[job])) / job


def start(folder: Path, jobs: Sequence[str], output: int | None = None) -> subprocess.Popen[str]:
    """The process of some jobs, which fills ``folder``. ``output``: the file where it prints; None for a pipe."""
    (folder / "home").mkdir(parents=True)
    code = "from kit.other_machine import main; main()"
    home, where = folder / "home", subprocess.PIPE if output is None else output
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), *jobs], cwd=home, stdout=where, stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **settings_of_another_machine(home)}, encoding="utf-8",
    )  # fmt: skip


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


def _run(folder: Path, jobs: Sequence[str]) -> None:
    process = start(folder, jobs)
    printed = process.communicate(timeout=900)[0]
    assert process.returncode == 0, printed


# in the other process


def main() -> None:
    """Run the jobs that the command line names, FOLDER JOB...; nothing is written into the home folder."""
    import socket

    def refuse(*words: object, **named: object) -> None:
        raise AssertionError("network")

    socket.socket.connect = socket.socket.connect_ex = refuse  # type: ignore[assignment]
    os.fsync = lambda handle: None  # type: ignore[assignment]
    gc.disable()  # the process ends soon
    folder, *jobs = sys.argv[1:]
    for job in jobs:
        (Path(folder) / job).mkdir()
        JOBS[job](Path(folder) / job)
    assert list(Path(folder, "home").iterdir()) == []


def permuted_pack(folder: Path) -> None:
    """permuted/: SDTM of the clean export of OBS16577 and its findings, from rows, columns and sources in another order.

    again/: ADaM from that SDTM, without guides. fewer/: ADaM from the domains ``PRESENT`` of it; fewer.json: what the run found.
    All have one plan, with the sources in that order.
    """
    from raw2adam.runs import from_raw
    from raw2adam.runs.from_sdtm import build_from_sdtm
    from raw2adam.runs.options import Options
    from raw2adam.synth.export import synthesise

    from . import packs
    from .command import no_pages
    from .parts_of_a_run import PackagesRun
    from .row_orders import rows_shuffled, with_sources_shuffled

    load, export, sdtm = packs.load_study, folder / "export", folder / "permuted"
    synthesise(export, packs.CLEAN_SUBJECTS, packs.CLEAN_SEED, "none")
    with (
        mock.patch.object(packs, "load_study", lambda root: with_sources_shuffled(load(root), ORDER)),
        packs.packs_planned_once(),
    ):
        options = Options(as_of=packs.AS_OF, report=False, only="sdtm")
        crf = mock.patch.object(from_raw, "crf_pdf", lambda crf: b"%PDF")  # its pages are in the order of the sources
        with rows_shuffled(ORDER), crf:
            PackagesRun("obs16577", export, sdtm, options).execute()
        options = Options(as_of=packs.AS_OF, report=False, only="adam", quality=False)
        with no_pages():
            build_from_sdtm("obs16577", sdtm / "sdtm", folder / "again", options)
            _from_fewer(folder, options)


def _from_fewer(folder: Path, options: Options) -> None:
    from .parts_of_a_run import AdamRun

    (folder / "present").mkdir()
    for name in PRESENT:
        shutil.copy(folder / "permuted" / "sdtm" / f"{name}.xpt", folder / "present")
    run = AdamRun("obs16577", folder / "present", folder / "fewer", options)
    outcome = run.execute()
    findings = outcome.findings.frame()[["rule", "dataset", "variable"]].to_numpy().tolist()
    found = {"records": outcome.records, "findings": findings, "needed": sorted(run.existing.needs.tables)}
    (folder / "fewer.json").write_text(json.dumps(found), "utf-8")


def whole_study(folder: Path) -> None:
    """out/: every file of the crossover trial, in two parts, with the pages of data quality."""
    from .packs import build_crossover

    build_crossover(folder, "--partitions", 2)
    assert "great_expectations" in sys.modules
    assert not UNWANTED & set(sys.modules)


def exports(folder: Path) -> None:
    """A folder for each level of defects, with the export."""
    from raw2adam.synth.export import synthesise

    subjects, seed, levels = DIRTY
    for dirt in levels:
        synthesise(folder / dirt, subjects, seed, dirt)


def define(folder: Path) -> None:
    """sums.json: the sha256 of define.xml of the sample in kit/define_sample.py."""
    from raw2adam.define.document import define_xml

    from .define_sample import SDTM, STUDY

    (folder / "sums.json").write_text(json.dumps([hashlib.sha256(define_xml(STUDY, SDTM)).hexdigest()]), "utf-8")


JOBS: dict[str, Callable[[Path], None]] = {
    "pack": permuted_pack,
    "study": whole_study,
    "synth": exports,
    "define": define,
}
