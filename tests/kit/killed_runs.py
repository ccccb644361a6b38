"""Runs of the output folder that are killed at a step, each in a fork of one small process.

A fork of the process of the tests would copy the tables of all that it has loaded. Not for what is repaired afterwards:
tests/output_folder/test_staging.py.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from raw2adam.output_folder.manifest import write_manifest
from raw2adam.output_folder.swap import STEPS, OutputFolder

OLD, NEW = {"dm.xpt": b"old", "sub/ae.xpt": b"old ae"}, {"dm.xpt": b"new", "sub/lb.xpt": b"new lb"}
#: step, and whether there is a previous output
CASES = [(step, had_old) for step in STEPS for had_old in (True, False)]


def fill(folder: Path, files: dict[str, bytes]) -> None:
    """A built folder: files and a manifest."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    write_manifest(
        folder, study="S", version="1", declared=dt.date(2026, 1, 1), inputs={}, specs={}, packages={}, counts={},
        findings={}, options={},
    )  # fmt: skip


def run(out: Path, files: dict[str, bytes] = NEW, **options: Any) -> OutputFolder:
    """A run that writes ``files``."""
    folder = OutputFolder(out, **options)
    with folder.stage() as stage:
        fill(stage.path, files)
    return folder


def place(folder: Path, step: str, had_old: bool) -> Path:
    """The output folder of a case; nothing of another case is beside it."""
    return folder / f"{step} {had_old}" / "OUT"


def killed_runs(folder: Path) -> dict[tuple[str, bool], int]:
    """How the run of each case ended, whose output folder is ``place``."""
    done = subprocess.run([sys.executable, __file__, str(folder)], stdout=subprocess.PIPE, check=True)
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


def _killed(out: Path, step: str) -> int:
    child = os.fork()
    if child == 0:
        try:
            run(out, on_step=lambda now: os.kill(os.getpid(), signal.SIGKILL) if now == step else None)
        finally:
            os._exit(1)  # the step was not reached
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    """Kill a run at each step; print how each ended."""
    os.fsync = lambda handle: None  # type: ignore[assignment]
    run(folder / "imports" / "OUT")  # of all that a run imports, which no fork does again
    codes = []
    for step, had_old in CASES:
        out = place(folder, step, had_old)
        out.parent.mkdir()
        if had_old:
            fill(out, OLD)
        codes.append(_killed(out, step))
    print(json.dumps(codes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
