"""The command line: the commands put together, and how errors end. The commands are in commands/."""

from __future__ import annotations

import atexit
import functools
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from . import __version__
from .commands import build, check, coding, outputs, specs, submission
from .commands.define import define_app
from .commands.findings import findings
from .commands.printing import echo, say

app = typer.Typer(
    name="raw2adam",
    help="Raw registry exports to submission-ready SDTM, ADaM, XPT and define.xml, with every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """Options of raw2adam itself."""


for command in (
    build.build, build.demo, specs.lint, check.check, findings, outputs.trace, outputs.report, outputs.verify,
    outputs.diff, build.convert, submission.guide, submission.package, submission.simplified_ts, submission.acrf,
    build.synth, specs.schema, specs.spec,
):  # fmt: skip
    app.command(name=command.__name__.replace("_", "-"))(command)


@app.command()
def selftest(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the record: selftest.html to archive, selftest.json to compare.")
    ] = None,
) -> None:
    """Check this installation: each example of the reference gives its values, each refusal its message."""
    from .selftest.command import run_selftest

    done = run_selftest(main, echo, out)
    for result in done.failed:
        echo(f"\n{result.area}: {result.name}: FAILED\nexpected: {result.wanted}\nfound: {result.got}")
    echo(f"raw2adam {__version__}: {len(done.results)} checks, {len(done.failed)} failed")
    if out is not None:
        echo(f"  the record: {out / 'selftest.html'}")
    raise typer.Exit(1 if done.failed else 0)


coding_app = typer.Typer(help="Terms out to be coded with a dictionary.", no_args_is_help=True, rich_markup_mode=None)
coding_app.command()(coding.export)
coding_app.command()(coding.check)
app.add_typer(define_app, name="define")
app.add_typer(coding_app, name="coding")


@functools.cache
def _command() -> Callable[..., object]:
    """The command line of typer, built once for all commands of a process (the self-test runs hundreds)."""
    atexit.register(gc.freeze)  # else Python looks through all objects several times before it ends
    return typer.main.get_command(app)


def main() -> None:
    """Entry point: errors for the user are printed in plain words, with the exit codes of the documentation."""
    from .errors import Raw2AdamError, SpecError, refused_write

    gc.set_threshold(300_000, 20, 20)  # most objects live until the run ends, so frequent collection is wasted
    try:
        _command()(prog_name="raw2adam")  # else python -m raw2adam and the self-test would show another name
    except Raw2AdamError as error:
        message = error.shown() if isinstance(error, SpecError) else str(error)
        echo(f"raw2adam: {message}", err=True)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        from .runs.crash import CRASH, crash_line

        refused = refused_write(error.filename or "a file", error) if isinstance(error, OSError) else None
        if refused is not None:
            say(f"raw2adam: {refused}")
            raise SystemExit(refused.exit_code) from None

        echo(f"raw2adam: {crash_line(error)}", err=True)
        raise SystemExit(CRASH) from None


if __name__ == "__main__":
    raise SystemExit("run it as: python -m raw2adam")
