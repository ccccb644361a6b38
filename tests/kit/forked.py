"""Processes that share the imports of the one that starts them: to import all modules takes seconds of each process.

The runner of the suite (tests/tools/run_suite.py) uses them on Linux. Imports start no thread, which a fork would lose.
Not for processes whose settings differ (other_machine.py).
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from .rooms import FLOORS

#: what tests, builds, reports and figures load when they need it; nothing that starts a thread, as polars
PACKAGES = (
    "pytest", "hypothesis.strategies", "docx", "matplotlib.backends.backend_agg", "matplotlib.figure",
    "odmlib.define_loader", "openpyxl", "pyarrow.csv", "pypdf", "pyreadstat", "reportlab.pdfgen.canvas", "scipy.stats",
    "setuptools", "xmlschema", "xport",
)  # fmt: skip


class Forked:
    """A process that does ``work``, exits with its code, and prints to the file ``log``."""

    def __init__(self, work: Callable[[], int], log: Path):
        sys.stdout.flush()
        sys.stderr.flush()
        self.code: int | None = None
        self.process = os.fork()
        if not self.process:
            _do(work, log)

    def poll(self) -> int | None:
        """The exit code, or the negative number of the signal that ended the process; None while it runs."""
        if self.code is None:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def terminate(self) -> None:
        """Ask the process to end, if it runs."""
        if self.poll() is None:
            os.kill(self.process, signal.SIGTERM)


def _do(work: Callable[[], int], log: Path) -> None:
    code = 70
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        code = int(work())
    except BaseException:  # the process never returns to what the parent does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def load(modules: Iterable[str]) -> None:
    """Import modules; a package that is not installed is left to the tests that need it."""
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)


def load_all() -> None:
    """Import what tests load, every module of this package, and the package of the expectations as a build loads it.

    The shipped study is planned: each process would plan it.
    """
    load(PACKAGES)
    import raw2adam
    from raw2adam.validation.quality import suite

    from .packs import plan_ahead

    for room in (room for floor in FLOORS[""] for room in floor if room != "__main__"):
        load([f"raw2adam.{room}"])
        folder = [f"{path}/{room}" for path in raw2adam.__path__]
        load(found.name for found in pkgutil.walk_packages(folder, f"raw2adam.{room}."))
    plan_ahead()

    with suppress(ImportError):
        suite._whole_tables()
