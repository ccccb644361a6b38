"""The command raw2adam check: parse, call, print. No logic; heavy modules are imported by the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import FAIL_ON, FailOn, choice
from .printing import echo, repaired, say

if TYPE_CHECKING:  # heavy modules are imported by the command itself
    from ..runs.check import CheckResult

_FORMATS = ("text", "json", "sarif", "csv", "html")


def check(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="Folder of datasets, output of a build, package for an agency (m5), or one file."
        ),
    ],
    *,
    define: Annotated[
        Path | None, typer.Option(help="define.xml of the datasets; by default that beside them.")
    ] = None,
    standard: Annotated[str, typer.Option(help="sdtm or adam, for all datasets; by default as they are named.")] = "",
    format_: Annotated[str, typer.Option("--format", help="text, json, sarif, csv or html")] = "text",
    out: Annotated[Path | None, typer.Option(help="Write the result to this file and print the summary.")] = None,
    rules: Annotated[
        str, typer.Option(help="Only these rules: ids, published ids (CG0101, CORE-000123), or R2A-DEF-* for several.")
    ] = "",
    core: Annotated[
        Path | None, typer.Option(help="Command of CDISC CORE (core, core.exe, core.py): run it too and merge.")
    ] = None,
    core_timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that CORE may take for SDTM, and for ADaM.")
    ] = 3600,
    encoding: Annotated[str, typer.Option(help="Encoding of the text of XPT and SAS7BDAT files.")] = "",
    dispositions: Annotated[
        Path | None, typer.Option(help="File of dispositions of findings, as findings.yaml.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="An earlier output or findings.json: each finding is then new or recurring.")
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="Findings printed as text, 0 for all. All are counted.")] = 20,
    fail_on: FailOn = "error",
) -> None:
    """Check SDTM, ADaM and define.xml by published rules: of any author, in any format, without a study.

    Exit codes: 0 no finding as --fail-on names, 1 there is one, 2 wrong usage, 3 nothing to check, 4 no output.
    """
    choice("--format", format_, _FORMATS)
    choice("--standard", standard, ("", "sdtm", "adam"))
    choice("--fail-on", fail_on, FAIL_ON)

    from ..runs.allocation import keep_freed_memory
    from ..runs.check import CheckRequest
    from ..runs.check import check as run

    keep_freed_memory()
    if path.is_dir():
        repaired(path)
    request = CheckRequest(
        path=path,
        define=define,
        standard=standard,
        encoding=encoding,
        rules=tuple(w.strip() for w in rules.split(",") if w.strip()),
        core=core,
        core_seconds=core_timeout,
        dispositions=dispositions,
        compare=compare,
        say=say,
    )
    result = run(request)
    _print(result, out, format_, show)
    raise typer.Exit(result.exit_code(fail_on))


def _print(result: CheckResult, out: Path | None, format_: str, show: int) -> None:
    """The result in its format alone, or the summary with the findings or the file that has them."""
    if format_ != "text" or out is not None:
        from ..runs.write_check import formatted, written

        if out is None:
            typer.echo(formatted(result, format_), nl=False)
            return
        written(out, formatted(result, format_, show))
    from ..runs.check_output import finding_lines, summary_lines

    for line in summary_lines(result):
        echo(line)
    if out is None:
        for line in finding_lines(result, show):
            echo(line)
    else:
        echo(f"  {out}: written")
    reading, judging = result.seconds
    say(f"read in {reading:.1f} s, checked in {judging:.1f} s")
