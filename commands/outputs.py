"""The commands that look into an output or compare: trace, report, verify, diff. They parse, call and print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .options import FORMATS, Format, choice, date_of, names
from .printing import echo, repaired, say


def trace(
    out: Annotated[Path, typer.Argument(help="Output folder of a build.")],
    dataset: Annotated[str, typer.Argument(help="Dataset, such as AE.")] = "",
    *,
    where: Annotated[str, typer.Option(help="Condition on the dataset's variables: the records to trace.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many records to show.")] = 5,
    raw: Annotated[
        Path | None, typer.Option(help="Raw folder, or folder of existing SDTM, for a build with --no-raw-copy.")
    ] = None,
    analysis: Annotated[
        str, typer.Option(help="In place of DATASET: a display, as ORR12, whose subjects are listed.")
    ] = "",
    result: Annotated[str, typer.Option(help="Its result; the first one by default.")] = "",
    group: Annotated[str, typer.Option(help="A column of it, as ISA-PD; all by default.")] = "",
    row: Annotated[str, typer.Option(help="A row of the result; the first one by default.")] = "",
    format_: Format = "text",
) -> None:
    """Trace each value of a record to its rule and raw cell; or a number of an analysis to its subjects."""
    choice("--format", format_, FORMATS)
    if analysis or not dataset:
        _trace_analysis(out, dataset, where, (analysis, result, group, row), format_)
        return
    if result or group or row:
        raise UsageError("--result, --group and --row choose a number of --analysis")

    from ..trace.records import trace_records
    from ..trace.text import trace_text

    repaired(out)
    records = trace_records(out, dataset.upper(), where, limit, raw)
    echo(json.dumps({"schema": 1, "records": records}, indent=1) if format_ == "json" else trace_text(records))


def _trace_analysis(out: Path, dataset: str, where: str, wanted: tuple[str, str, str, str], format_: str) -> None:
    """Print the subjects of the numbers of an analysis. UsageError where it is named beside a dataset, or not named."""
    from ..trace.analysis import Wanted, analysis_text, trace_analysis

    if not wanted[0]:
        raise UsageError("name what is traced: a dataset, as AE, or --analysis with a display, as ORR12")
    if dataset or where:
        raise UsageError("--analysis takes the place of a dataset and of --where: leave them out")
    repaired(out)
    found = trace_analysis(out, Wanted(*wanted))
    echo(json.dumps(found, indent=1) if format_ == "json" else analysis_text(found, out))


def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a build, or a folder of ADaM.")],
    *,
    to: Annotated[Path, typer.Option(help="Folder of the report; replaced as a whole.")],
    analyses: Annotated[
        Path | None, typer.Option(help="Folder with the YAML files of the displays, and groups.yaml.")
    ] = None,
    study: Annotated[str, typer.Option(help="Study whose displays are computed, in place of --analyses.")] = "",
    mask_below: Annotated[
        int, typer.Option(min=0, help="Mask counts of fewer subjects, and what would reveal them; 0 masks nothing.")
    ] = 0,
    figures: Annotated[bool, typer.Option(help="Draw the figures.")] = True,
    as_of: Annotated[
        str, typer.Option(help="Declared date, YYYY-MM-DD; by default that of the build, else today.")
    ] = "",
) -> None:
    """Compute tables and figures from ADaM by analyses/*.yaml: a page, CSV, RTF, SVG, PNG and JSON."""
    from ..runs.report import ReportRequest
    from ..runs.report import report as write

    repaired(out)
    about = ReportRequest(
        out=out,
        to=to,
        analyses=analyses,
        study=study,
        mask_below=mask_below,
        figures=figures,
        as_of=date_of(as_of),
        say=say,
    )
    done = write(about)
    for note in done.notes:
        echo(f"  {note}")
    echo(f"{to}: {done.displays} displays, {len(done.files)} files; look at {to / 'reports' / 'objectives.html'}")


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
    *,
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
