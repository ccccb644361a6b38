"""The test files of a run, which several processes of pytest share: each collects and runs one file after the other.

tests/tools/run_suite.py starts the processes. A file is collected by the one process that runs it, and the processes send
each other nothing. Not for one process of pytest that is started by hand: it works as always.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

#: the folder of the queue, in the environment of the processes that share it
VARIABLE = "RAW2ADAM_TEST_QUEUE"
FILES, CLAIMED, RESULTS = "files.json", "claimed", "results"


def shared_folder() -> Path | None:
    """The folder that the processes of this run share; None outside such a run."""
    return Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None


def join_queue(config: pytest.Config) -> None:
    """Take the test files from the queue, if this process shares one."""
    if (folder := shared_folder()) is not None:
        config.pluginmanager.register(FileQueue(folder))


class FileQueue:
    """Runs the files that no other process has claimed, and writes what became of their tests."""

    def __init__(self, folder: Path) -> None:
        self.files: list[str] = json.loads((folder / FILES).read_text("utf-8"))
        self.claimed, self.results = folder / CLAIMED, folder / RESULTS
        self.next = 0
        self.found = False
        self.nodes: dict[str, pytest.Collector] = {}  # by the name of the file
        self.done: list[str] = []
        self.counts: Counter[str] = Counter()
        self.failures: list[tuple[str, str]] = []

    def claim(self) -> str | None:
        """The next file that is free; None when all are claimed."""
        while self.next < len(self.files):
            number, self.next = self.next, self.next + 1
            try:
                (self.claimed / str(number)).mkdir()
            except FileExistsError:
                continue
            self.done.append(self.files[number])
            return self.files[number]
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> pytest.CollectReport | None:
        """At the start the files are found and not read: each is collected when it is its turn."""
        if not isinstance(collector, pytest.File) or self.found:
            return None
        self.nodes[collector.nodeid] = collector
        return pytest.CollectReport(collector.nodeid, "passed", None, [])

    def pytest_collection_finish(self) -> None:
        self.found = True

    def items(self, session: pytest.Session) -> list[pytest.Item]:
        """The tests of the next free file that has any; none at the end of the queue."""
        while (file := self.claim()) is not None:
            found = list(session.genitems(self.nodes[file]))
            session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=found)
            if found:
                return found
        return []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = self.items(session)
        while items:
            following: list[pytest.Item] = []
            for item, after in zip(items, [*items[1:], None], strict=True):
                if after is None:
                    following = self.items(session)  # known now, so that what the session shares stays in place
                    after = following[0] if following else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            items = following
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failures.append((report.nodeid, report.longreprtext))
            self.counts["error"] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failures.append((report.nodeid, report.longreprtext))
            self.counts["failed" if report.when == "call" else "error"] += 1
        elif report.skipped:
            self.counts["skipped"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1

    def pytest_sessionfinish(self) -> None:
        result = {"files": self.done, "counts": self.counts, "failures": self.failures}
        (self.results / f"{os.getpid()}.json").write_text(json.dumps(result), "utf-8")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """End at once: taking apart all that the process holds would cost time. The outcome is written."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
