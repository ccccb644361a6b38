"""Prints what a command has to show, and the lines of a run. Not for what it shows: runs/summary.py."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..runs.outcome import Outcome


def echo(text: str, err: bool = False) -> None:
    """Print. The text contains texts of raw files and specs, and none of them may control the terminal."""
    from ..errors import visible

    typer.echo(visible(text), err=err)


def say(text: str) -> None:
    echo(text, err=True)


def logged(out: Path, run: Callable[[], Outcome], fail_on: str) -> int:
    """Run, print the summary, and add a line to the run log. Returns the exit code of the command."""
    from ..runs.logged_run import run_with_log

    gc.freeze()  # the modules stay until the end: the collector need not look through them
    return run_with_log(out, run, fail_on=fail_on, argv=sys.argv, show=print_outcome, say=say)


def print_outcome(outcome: Outcome) -> None:
    from ..runs.summary import summary_lines

    for line in outcome.lead:
        echo(line)
    for problem in outcome.warnings:
        echo(problem.shown(), err=True)
    for line in summary_lines(outcome):
        echo(line)


def repaired(out: Path) -> None:
    """Finish or undo an interrupted replacement of OUT before OUT is read."""
    from ..output_folder.swap import recover

    for note in recover(out):
        say(note)
