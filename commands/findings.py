"""The command that lists the findings of an output by rule, state and disposition. It parses, calls and prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import choice
from .printing import echo, repaired

_FORMATS = ("text", "json", "csv")


def findings(
    out: Annotated[Path, typer.Argument(help="Output folder of a build, or a findings.json.")],
    *,
    rule: Annotated[str, typer.Option(help="Only this rule; * is any text: R2A-RAW-*.")] = "",
    dataset: Annotated[str, typer.Option(help="Only this dataset; * is any text.")] = "",
    variable: Annotated[str, typer.Option(help="Only this variable; * is any text.")] = "",
    severity: Annotated[str, typer.Option(help="Only error, warning or note.")] = "",
    state: Annotated[str, typer.Option(help="Only new, recurring or resolved, beside an earlier output.")] = "",
    disposition: Annotated[
        str, typer.Option(help="Only fixed in source, explained, accepted, query sent; or none, for undisposed ones.")
    ] = "",
    dispositions: Annotated[
        Path | None, typer.Option(help="findings.yaml to use in place of that of the build, without a new build.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="An earlier output, or its findings.json, for the states.")
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="List every finding with its identity, not their numbers.")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="Lines of text, findings of JSON; 0 for all.")] = 100,
    write: Annotated[
        Path | None,
        typer.Option(help="Add an open entry to this findings.yaml for every rule and variable without one."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="text, json or csv")] = "text",
) -> None:
    """List the findings of an output by rule, place, disposition and state, or write entries for findings.yaml."""
    from ..findings.entries import DISPOSITIONS
    from ..findings.rule import SEVERITIES
    from ..runs import findings_list
    from ..runs.write_entries import write_entries

    choice("--format", format_, _FORMATS)
    choice("--severity", severity, ("", *SEVERITIES))
    choice("--state", state, ("", *findings_list.STATES))
    choice("--disposition", disposition, ("", *DISPOSITIONS, findings_list.NONE))
    if out.is_dir():
        repaired(out)
    wanted = findings_list.Wanted(
        rule=rule, dataset=dataset, variable=variable, severity=severity, state=state, disposition=disposition
    )
    decided = dispositions if dispositions is not None or write is None or not write.exists() else write
    found = findings_list.listing(out, wanted, dispositions=decided, compare=compare)
    if write is not None:
        added = write_entries(write, found, each=each)
        echo(f"{write}: {added} open entries added")
    elif format_ == "json":
        echo(findings_list.as_json(found, limit))
    elif format_ == "csv":
        echo(findings_list.as_csv(found))
    else:
        for line in findings_list.each(found, limit) if each else findings_list.text(found, limit):
            echo(line)
