"""The runner of the suite: no test is lost, and none runs twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tools import run_suite

CONFTEST = """
import sys
sys.path.insert(0, {tests!r})
from kit.file_queue import join_queue

def pytest_configure(config):
    join_queue(config)
"""
FILES = {
    "a/test_passing.py": "import pytest\n@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_it(n): assert n\n",
    "a/test_skipped.py": "import pytest\n@pytest.mark.skip\ndef test_it(): pass\n",
    "b/test_failing.py": "def test_it(): raise ValueError('wrong number')\n",
    "b/test_broken.py": "import nowhere_at_all\n",
    "b/test_spoilt.py": "import pytest\n@pytest.fixture\ndef f(): raise KeyError('no fixture')\ndef test_it(f): pass\n",
}


def outcome(root: Path, files: dict[str, str], workers: int):
    for name, text in files.items():
        (root / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "tests" / name).write_text(text, encoding="utf-8")
    tests = Path(run_suite.__file__).parents[1]
    (root / "tests" / "conftest.py").write_text(CONFTEST.format(tests=str(tests)), encoding="utf-8")
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (root / "queue").mkdir()
    return run_suite.run(root, root / "queue", workers, ["-p", "no:hypothesispytest"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return outcome(tmp_path_factory.mktemp("run"), FILES, 2)


def test_every_file_runs_once_and_every_outcome_is_counted(finished):
    results, wrong = finished
    assert wrong == []
    assert sorted(f for r in results for f in r["files"]) == sorted(f"tests/{name}" for name in FILES)
    counts = sum((Counter(r["counts"]) for r in results), Counter())
    assert counts == {"passed": 3, "skipped": 1, "failed": 1, "error": 2}


@pytest.mark.parametrize(
    ("nodeid", "text"),
    [
        ("tests/b/test_failing.py::test_it", "wrong number"),
        ("tests/b/test_broken.py", "nowhere_at_all"),
        ("tests/b/test_spoilt.py::test_it", "no fixture"),
    ],
)
def test_a_failure_is_reported_with_its_text(finished, nodeid: str, text: str):
    failures = [f for r in finished[0] for f in r["failures"]]
    (found,) = [shown for name, shown in failures if name == nodeid]
    assert text in found


def test_a_worker_that_ends_at_once_is_an_error(tmp_path):
    _, wrong = outcome(tmp_path, {"test_end.py": "import os\ndef test_it(): os._exit(0)\n"}, 1)
    assert wrong[0] == "no worker has finished tests/test_end.py"


def test_the_longest_files_exist_and_come_first():
    root = Path(run_suite.__file__).parents[2]
    files = run_suite.test_files(root)
    assert files[: len(run_suite.LONGEST)] == [f"tests/{name}" for name in run_suite.LONGEST]
    assert len(files) == len(set(files))


def test_the_last_line_has_the_outcome():
    assert run_suite.summary(Counter(passed=12, failed=1, error=2), 3.456) == "1 failed, 12 passed, 2 error in 3.46s"
    assert run_suite.summary(Counter(), 0.0) == "no tests ran in 0.00s"
