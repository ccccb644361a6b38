"""The commands that look into an output or compare: trace, verify, diff. They parse, call and print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .options import FORMATS, Format, choice, names
from .printing import echo, repaired


def trace(
    out: Annotated[Path, typer.Argument(help="Output folder of a build.")],
    dataset: Annotated[str, typer.Argument(help="Dataset, such as AE.")],
    where: Annotated[str, typer.Option(help="Condition on the dataset's variables: the records to trace.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many records to show.")] = 5,
    raw: Annotated[
        Path | None, typer.Option(help="Raw folder, or folder of existing SDTM, for a build with --no-raw-copy.")
    ] = None,
    format_: Format = "text",
) -> None:
    """Trace each value of a record to its rule, file, row, column and verbatim cell."""
    choice("--format", format_, FORMATS)

    from ..trace.records import trace_records
    from ..trace.text import trace_text

    repaired(out)
    records = trace_records(out, dataset.upper(), where, limit, raw)
    echo(json.dumps({"schema": 1, "records": records}, indent=1) if format_ == "json" else trace_text(records))


def verify(out: Annotated[Path, typer.Argument(help="Output folder of a build.")]) -> None:
    """Check the manifest, the run log, and define.xml against the files, read back; all formats are equal."""
    from ..runs.verify import verify_folder

    repaired(out)
    problems = verify_folder(out)
    for p in problems:
        echo(p)
    echo(f"{out}: " + (f"{len(problems)} problems" if problems else "unchanged since the build"))
    raise typer.Exit(3 if problems else 0)


def diff(
    base: Annotated[Path, typer.Argument(help="Folder or file of one side, or an output folder.")],
    compare: Annotated[Path, typer.Argument(help="Folder or file of the other side; the formats may differ.")],
    keys: Annotated[
        list[str] | None, typer.Option(help="Keys: USUBJID,AESEQ for every dataset, or ADAE=USUBJID,AESEQ; repeatable.")
    ] = None,
    study: Annotated[str, typer.Option(help="Take the keys from the specs of this study.")] = "",
    only: Annotated[str, typer.Option(help="Compare these datasets of two folders only: ADSL,ADAE.")] = "",
    criterion: Annotated[float, typer.Option(help="Numbers are equal if they differ by no more than this.")] = 1e-8,
    relative: Annotated[bool, typer.Option("--relative", help="The criterion is relative to the numbers.")] = False,
    ignore: Annotated[str, typer.Option(help="Attributes not compared: label,type,length,format,order.")] = "",
    accept: Annotated[Path | None, typer.Option(help="YAML file of accepted differences, with reasons.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write an HTML page.")] = None,
    json_: Annotated[Path | None, typer.Option("--json", help="Write the JSON report.")] = None,
    limit: Annotated[int, typer.Option(help="Differences listed for each dataset in HTML and JSON, 0 for all.")] = 100,
    show: Annotated[int, typer.Option(min=0, help="Differences printed for each dataset, 0 for all listed.")] = 20,
    encoding: Annotated[str, typer.Option(help="Encoding of the text of XPT and SAS7BDAT files.")] = "",
    format_: Format = "text",
) -> None:
    """Compare two folders or files of datasets by key, for double programming; of two outputs, explain what changed."""
    choice("--format", format_, FORMATS)

    from ..comparison.command import DiffRequest, run_diff
    from ..runs.allocation import keep_freed_memory

    keep_freed_memory()

    request = DiffRequest(
        base=base,
        compare=compare,
        keys=tuple(keys or ()),
        study=study,
        only=names(only),
        criterion=criterion,
        relative=relative,
        ignore=frozenset(n.lower() for n in names(ignore)),
        accept=accept,
        html=html,
        json=json_,
        limit=limit,
        show=show,
        encoding=encoding,
        format=format_,
    )
    equal, text = run_diff(request)
    echo(text)
    raise typer.Exit(0 if equal else 1)
