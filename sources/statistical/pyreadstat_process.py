"""pyreadstat in a separate process: a file that crashes the reader ends that process, not the run.

One process reads all files of a run; it starts with the first file and starts again after a crash. Not for the meaning
of the cells (read.py, transport/read_sas.py).
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

WORKER = Path(__file__).with_name("pyreadstat_worker.py")


class ReaderError(Exception):
    """pyreadstat could not read the file. ``encoding``: because its text is in another encoding."""

    def __init__(self, message: str, encoding: bool = False):
        super().__init__(message)
        self.encoding = encoding


def read_statistical_file(function: str, file: Path | io.BytesIO, **arguments: Any) -> tuple[dict[str, list[Any]], Any]:
    """Columns (name -> values) and metadata (the attributes of pyreadstat's metadata_container) of one file.

    ``file``: its path, or its bytes. ``function``: a function of pyreadstat, such as read_sav. ``arguments``: its
    arguments except the file and output_format. Raises ReaderError for each failure of the reader, also for a crash.
    """
    if not sys.executable:  # an embedded interpreter cannot start a second one
        return _read_here(function, _named(file), arguments)
    with _LOCK:
        return _process().read(function, _named(file), arguments)


class _Process:
    def __init__(self) -> None:
        self.owner = os.getpid()
        self.child = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # the child finds packages in the same folders as this process
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )

    @property
    def usable(self) -> bool:
        # after a fork the pipes belong to the first process
        return self.owner == os.getpid() and self.child.poll() is None

    def read(
        self, function: str, file: str | io.BytesIO, arguments: dict[str, Any]
    ) -> tuple[dict[str, list[Any]], Any]:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        cells: dict[str, list[Any]] = {}
        meta: Any = None
        done = False
        try:
            pickle.dump((function, file, arguments), self.child.stdin, protocol=5)
            self.child.stdin.flush()
            while True:
                kind, *rest = pickle.load(self.child.stdout)
                if kind == "end":
                    done = True
                    return cells, meta
                if kind == "error":
                    done = True
                    raise _error(*rest)
                if kind == "meta":
                    meta = SimpleNamespace(**rest[0])
                else:
                    cells[rest[0]] = rest[1]
        except (EOFError, OSError, pickle.UnpicklingError):
            done = True
            self.stop()
            raise ReaderError(f"the reader ended with {_ending(self.child.returncode)}") from None
        finally:
            if not done:  # interrupted: the rest of the answer would be taken for that of the next file
                self.stop()

    def stop(self) -> None:
        if self.owner == os.getpid():
            with contextlib.suppress(OSError):
                self.child.kill()
            self.child.wait()


_LOCK = threading.Lock()
_running: _Process | None = None


def _process() -> _Process:
    global _running
    if _running is None or not _running.usable:
        _running = _Process()
    return _running


@atexit.register
def _stop() -> None:
    if _running is not None:
        _running.stop()


def _error(classes: list[str], message: str) -> ReaderError:
    unicode = "UnicodeError" in classes
    return ReaderError(
        message or classes[0], unicode or ("convert" in message.lower() and "encoding" in message.lower())
    )


def _ending(code: int | None) -> str:
    if code is None:
        return "no answer"
    return f"signal {-code}" if code < 0 else f"code {code}"


def _named(file: Path | io.BytesIO) -> str | io.BytesIO:
    return str(file.absolute()) if isinstance(file, Path) else file


def _read_here(function: str, file: str | io.BytesIO, arguments: dict[str, Any]) -> tuple[dict[str, list[Any]], Any]:
    import pyreadstat

    try:
        cells, meta = getattr(pyreadstat, function)(file, output_format="dict", **arguments)
    except Exception as error:  # pyreadstat raises its classes, and built-in ones from inside its parser
        raise _error([c.__name__ for c in type(error).__mro__], str(error)) from None
    return dict(cells), meta
