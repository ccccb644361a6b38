"""Runs the whole suite: ``python tests/tools/run_suite.py [--workers N] [words for pytest]``.

Each worker is a process of pytest that takes one test file after the other (tests/kit/file_queue.py). Asserts are plain,
which is faster; tests that fail run again in one process, which shows the values of their assertions. Exit code 0: all
tests passed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from kit.file_queue import CLAIMED, FILES, RESULTS, VARIABLE  # noqa: E402
from kit.folder_in_memory import MEMORY, PREFIX, has_room  # noqa: E402

#: the files that take longest come first, so that no worker begins one of them at the end. Those that wait for what the
#: first one builds come after files that build for themselves
LONGEST = (
    "command/test_end_to_end.py", "selftest/test_refusals.py", "sdtm/test_cutoff_export.py", "house/test_cookbook.py",
    "existing_sdtm/test_from_sdtm_registry.py", "house/test_house.py", "synth/test_synth.py", "existing_sdtm/test_from_sdtm.py",
    "packs/test_published_adam.py", "linting/test_lint_typos.py", "synth/test_synth_dirt.py", "synth/test_truth.py",
    "engine/test_row_order.py", "packs/test_obs16577_adrs.py", "validation/test_quality.py",
)  # fmt: skip
#: how often the number of the files that were begun is printed, in seconds
EVERY = 20.0


def test_files(root: Path) -> list[str]:
    """All test files in ``root``/tests, those that take longest first."""
    tests = root / "tests"
    every = sorted(p.relative_to(tests).as_posix() for p in tests.rglob("test_*.py"))
    first = [name for name in LONGEST if name in every]
    return [f"tests/{name}" for name in (*first, *(n for n in every if n not in first))]


def run(root: Path, folder: Path, workers: int, words: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """(results of the workers, what went wrong with workers). ``folder``: an empty one, for their queue."""
    files = test_files(root)
    (folder / FILES).write_text(json.dumps(files), "utf-8")
    for name in (CLAIMED, RESULTS, "tmp"):
        (folder / name).mkdir()
    environment = {**os.environ, VARIABLE: str(folder), "TMPDIR": str(folder / "tmp")}
    line = [sys.executable, "-m", "pytest", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", *words]
    logs = [folder / f"worker-{n}.log" for n in range(workers)]
    running = [_started(line, root, log, environment) for log in logs]
    try:
        shown = time.monotonic()
        while any(process.poll() is None for process in running):
            time.sleep(0.2)
            if time.monotonic() - shown > EVERY:
                shown = time.monotonic()
                print(f"{len(list((folder / CLAIMED).iterdir()))} of {len(files)} test files", flush=True)
    finally:
        for process in running:
            process.terminate()
    results = [json.loads(p.read_text("utf-8")) for p in sorted((folder / RESULTS).iterdir())]
    done = {file for result in results for file in result["files"]}
    wrong = [f"no worker has finished {file}" for file in files if file not in done]
    if wrong:
        wrong += [f"--- {log.name}\n{log.read_text('utf-8', errors='replace')[-3000:]}" for log in logs]
    return results, wrong


def _started(line: list[str], root: Path, log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(line, stdout=file, stderr=subprocess.STDOUT, env=environment, cwd=root)


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
        results, wrong = run(TESTS.parent, folder, options.workers, words)
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
