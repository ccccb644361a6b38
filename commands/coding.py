"""The commands about dictionaries: coding export, coding check. They parse, call and print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Study, date_of
from .printing import echo, say


def export(
    study: Study,
    *,
    raw: Annotated[Path, typer.Option(help="Folder of the raw export.")],
    out: Annotated[Path, typer.Option(help="New list to fill in, .xlsx or .csv. A file that exists is not replaced.")],
    dictionaries: Annotated[
        Path | None,
        typer.Option(help="Folder of the coding dictionaries; by default the raw folder, then the study folder."),
    ] = None,
    dictionary: Annotated[str, typer.Option(help="List the terms of this dictionary of study.yaml alone.")] = "",
    every: Annotated[bool, typer.Option("--all", help="List terms that have a code too, with their code.")] = False,
    as_of: Annotated[str, typer.Option(help="Declared date of the run, YYYY-MM-DD: the date in the workbook.")] = "",
) -> None:
    """List the distinct terms that have no code yet, to be filled in and read back as a coding file."""
    from ..runs.export_terms import export_terms
    from ..runs.options import Options

    options = Options(only="sdtm", as_of=date_of(as_of), dictionaries=dictionaries, say=say)
    lists = export_terms(study, raw, out, dictionary=dictionary, every=every, options=options)
    for name, terms in lists:
        echo(f"{out}: {terms} terms of {name}")
    if not lists:
        echo(f"{study}: every term has a code; no list is written")


def check(
    study: Study,
    dictionaries: Annotated[
        Path | None, typer.Option(help="Folder of the coding dictionaries; by default the study folder.")
    ] = None,
    raw: Annotated[Path | None, typer.Option(help="Raw folder, if the dictionaries are in it.")] = None,
) -> None:
    """Check the coding files against the dictionaries, without raw data: codes, levels, versions, current entries."""
    from ..runs.check_coding import check_coding

    checked = check_coding(study, dictionaries, raw)
    for line in checked.lines:
        echo(line)
    raise typer.Exit(1 if checked.errors else 0)
