"""Runs the whole suite: ``python tests/tools/run_suite.py [--workers N] [words for pytest]``.

Each worker is a process of pytest that takes one test file after the other (tests/kit/file_queue.py). On Linux the workers
are forks of this process, which imports, and plans the shipped study, for all of them. Two jobs run beside them: the
refusals, and the builds on another machine (tests/kit/begun.py). Asserts are plain, which is faster; tests that fail run
again in one process, which shows the values of their assertions. Exit code 0: all tests passed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

TESTS = Path(__file__).parents[1]
sys.path[0] = str(TESTS)  # the folder of this script has modules that tests know as tools.*

from kit import forked, other_machine  # noqa: E402
from kit.begun import ENDED, LOG  # noqa: E402
from kit.file_queue import CLAIMED, FILES, RESULTS, VARIABLE  # noqa: E402
from kit.folder_in_memory import MEMORY, PREFIX, has_room  # noqa: E402

#: the files that take longest come first, so that no worker begins one of them at the end. Those that wait for a job that
#: runs beside the workers come after files that build for themselves
LONGEST = (
    "existing_sdtm/test_from_sdtm_registry.py", "sdtm/test_cutoff_export.py", "house/test_cookbook.py", "synth/test_truth.py",
    "house/test_house.py", "synth/test_synth.py", "existing_sdtm/test_from_sdtm.py", "packs/test_published_adam.py",
    "linting/test_lint_typos.py", "command/test_end_to_end.py", "synth/test_synth_dirt.py", "engine/test_row_order.py",
    "packs/test_obs16577_adrs.py", "validation/test_quality.py", "selftest/test_refusals.py",
)  # fmt: skip
#: how often the number of the files that were begun is printed, in seconds
EVERY = 20.0
#: a fork after many imports is safe there
FORKS = sys.platform == "linux"


def test_files(root: Path) -> list[str]:
    """All test files in ``root``/tests, those that take longest first."""
    tests = root / "tests"
    every = sorted(p.relative_to(tests).as_posix() for p in tests.rglob("test_*.py"))
    first = [name for name in LONGEST if name in every]
    return [f"tests/{name}" for name in (*first, *(n for n in every if n not in first))]


class Process(Protocol):
    """A process of another module: a ``subprocess.Popen``, or a ``Forked``."""

    def poll(self) -> int | None: ...

    def terminate(self) -> None: ...


#: starts pytest with some words in a folder and an environment; it prints to a file
Start = Callable[[list[str], Path, Path, dict[str, str]], Process]


def started(words: list[str], root: Path, log: Path, environment: dict[str, str]) -> Process:
    """pytest in a new process."""
    with log.open("wb") as file:
        line = [sys.executable, "-m", "pytest", *words]
        return subprocess.Popen(line, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=root)


def forked_pytest(words: list[str], root: Path, log: Path, environment: dict[str, str]) -> Process:
    """pytest in a fork of this process."""

    def work() -> int:
        import pytest

        os.environ.update(environment)
        tempfile.tempdir = None  # it is asked for again
        os.chdir(root)
        return int(pytest.main(words))

    return forked.Forked(work, log)


def run(
    root: Path,
    folder: Path,
    workers: int,
    words: list[str],
    *,
    start: Start = started,
    jobs: Mapping[str, Process] | None = None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """(results of the workers, what went wrong with workers). ``folder``: that of their queue, and of the jobs by name."""
    files = test_files(root)
    (folder / FILES).write_text(json.dumps(files), "utf-8")
    for name in (CLAIMED, RESULTS, "tmp"):
        (folder / name).mkdir()
    environment = {**os.environ, VARIABLE: str(folder), "TMPDIR": str(folder / "tmp")}
    words = ["--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", *words]
    logs = [folder / f"worker-{n}.log" for n in range(workers)]
    running, beside = [start(words, root, log, environment) for log in logs], dict(jobs or {})
    try:
        shown = time.monotonic()
        while any(process.poll() is None for process in running):
            time.sleep(0.1)
            for name in [name for name, job in beside.items() if job.poll() is not None]:
                (folder / f"{name}{ENDED}").write_text(str(beside.pop(name).poll()), "utf-8")
            if time.monotonic() - shown > EVERY:
                shown = time.monotonic()
                print(f"{len(list((folder / CLAIMED).iterdir()))} of {len(files)} test files", flush=True)
    finally:
        for process in (*running, *beside.values()):
            process.terminate()
    results = [json.loads(p.read_text("utf-8")) for p in sorted((folder / RESULTS).iterdir())]
    done = {file for result in results for file in result["files"]}
    wrong = [f"no worker has finished {file}" for file in files if file not in done]
    if wrong:
        wrong += [f"--- {log.name}\n{log.read_text('utf-8', errors='replace')[-3000:]}" for log in logs]
    return results, wrong


def jobs_beside(folder: Path) -> dict[str, Process]:
    """The jobs that tests ask for (kit/begun.py); what they print goes into ``folder``, where each has its folder.

    This process loads raw2adam for all its forks. One of them runs the refusals.
    """
    log = folder / f"{other_machine.NAME}{LOG}"
    with log.open("wb") as file:
        elsewhere = other_machine.start(folder / other_machine.NAME, list(other_machine.JOBS), file.fileno())
    jobs: dict[str, Process] = {other_machine.NAME: elsewhere}
    if FORKS:
        from tools import refusal_sites

        gc.disable()  # what is loaded here stays
        forked.load_all()
        place = folder / refusal_sites.NAME
        place.mkdir()
        work = partial(refusal_sites.write_outcome, place)
        jobs[refusal_sites.NAME] = forked.Forked(work, folder / f"{refusal_sites.NAME}{LOG}")
    return jobs


def summary(counts: Counter[str], seconds: float) -> str:
    """The line of pytest: the numbers of tests by outcome, and the time."""
    shown = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "error") if counts[name]]
    return f"{', '.join(shown) or 'no tests ran'} in {seconds:.2f}s"


def main() -> int:
    """Run the suite and print its outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    options, words = parser.parse_known_args()
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_place()))
    try:
        start, jobs = forked_pytest if FORKS else started, jobs_beside(folder)
        results, wrong = run(TESTS.parent, folder, options.workers, words, start=start, jobs=jobs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    counts = sum((Counter(result["counts"]) for result in results), Counter())
    failures = [failure for result in results for failure in result["failures"]]
    for nodeid, text in failures:
        print(f"\n{'_' * 20} {nodeid} {'_' * 20}\n{text}")
    print("".join(f"{text}\n" for text in wrong), end="")
    print(summary(counts, time.monotonic() - begun), flush=True)
    if failures:
        print("\nthe tests that failed run again:", flush=True)
        names = list(dict.fromkeys(nodeid for nodeid, _ in failures))
        subprocess.run([sys.executable, "-m", "pytest", "-p", "no:xdist", *names], cwd=TESTS.parent, check=False)
    return 1 if failures or wrong or not counts["passed"] else 0


def _place() -> Path | None:
    """Where the temporary files lie: in memory, if it has room for them and TMPDIR names no other place."""
    return MEMORY if not os.environ.get("TMPDIR") and has_room(MEMORY) else None


if __name__ == "__main__":
    sys.exit(main())
