"""The command, as tests run it: in this process, or in one of its own where the process is the point.

In this process it costs no start of Python. What it prints, its exit code and its files are the same; signals, settings
of the machine and the end of the interpreter are not tested so.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from raw2adam.runs.options import Options
    from raw2adam.runs.outcome import Outcome

Done = subprocess.CompletedProcess


def raw2adam(*words: object, cwd: Path | None = None, pages: bool = True) -> Done[str]:
    """Run ``raw2adam WORDS`` in this process; exit code, standard output and standard error as text.

    ``pages``: False where no assertion reads a page, a workbook or queries; see no_pages.
    """
    from raw2adam import cli

    argv = ["raw2adam", *map(str, words)]
    out, err = _stream(), _stream()
    thresholds = gc.get_threshold()
    with (
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _folder(cwd),
        contextlib.nullcontext() if pages else no_pages(),
    ):
        try:
            cli.main()
            code: object = 0
        except SystemExit as done:
            code = done.code
        finally:
            gc.set_threshold(*thresholds)
    return Done(argv, code if isinstance(code, int) else 0 if code is None else 1, _text(out), _text(err))


def in_a_process(*words: object, cwd: Path | None = None, code: str = "", **settings: str) -> Done[str]:
    """The same in a process of its own. ``settings``: variables of the environment; ``code``: runs the command."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **settings}
    line = [sys.executable, "-c", code, *map(str, words)] if code else command(*words)
    return subprocess.run(
        line, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, check=False, timeout=900
    )


def command(*words: object) -> list[str]:
    """The words that start the command of this environment."""
    return [sys.executable, "-m", "raw2adam", *map(str, words)]


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8").replace("\r\n", "\n")


@contextlib.contextmanager
def _folder(cwd: Path | None) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(cwd or before)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def no_pages(guides: bool = False) -> Iterator[None]:
    """Builds write no pages for people, no workbooks and no guides: for a test that reads findings or datasets alone.

    ``guides``: the reviewer's guides are written.
    """
    from raw2adam.runs import run, write_findings, write_outputs, write_reports

    def no_page(*_: object) -> bytes:
        return b""

    def nothing(*_: object) -> None:
        return

    with (
        mock.patch.multiple(write_findings, findings_html=no_page, findings_xlsx=nothing),
        mock.patch.multiple(write_reports, accounting_html=no_page, write_queries=nothing),
        mock.patch.object(write_outputs, "define_html", lambda *_: b""),
        mock.patch.object(run.Run, "write_front_page", nothing),
        contextlib.nullcontext() if guides else mock.patch.object(run.Run, "write_guides", nothing),
    ):
        yield


def build(study: str, raw: Path, out: Path, options: Options | None = None) -> Outcome:
    """What runs/from_raw.py builds, without the pages and workbooks: for tests of findings, datasets or traces."""
    from raw2adam.runs import from_raw

    with no_pages():
        return from_raw.build(study, raw, out, options)


def build_adam(study: str, sdtm: Path, out: Path, options: Options | None = None) -> Outcome:
    """What runs/from_sdtm.py builds, in the same way."""
    from raw2adam.runs import from_sdtm

    with no_pages():
        return from_sdtm.build_from_sdtm(study, sdtm, out, options)
