"""The commands that make data: build, demo, synth, convert. They parse, call and print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import FAIL_ON, LAYOUTS, FailOn, Study, choice, date_of, format_names
from .printing import echo, logged, say

if TYPE_CHECKING:  # heavy modules are imported by the command itself
    from ..runs.options import Options


def build(
    study: Study,
    *,
    out: Annotated[Path, typer.Option(help="Output folder; replaced as a whole.")],
    raw: Annotated[Path | None, typer.Option(help="Folder of the raw export.")] = None,
    sdtm: Annotated[
        Path | None,
        typer.Option(help="Folder of existing SDTM (XPT, Dataset-JSON, Parquet), from which --only adam starts."),
    ] = None,
    only: Annotated[str, typer.Option(help="sdtm or adam; both by default.")] = "",
    partitions: Annotated[
        int,
        typer.Option(min=1, help="Build in this many ranges of subjects, to save memory; the outputs are the same."),
    ] = 1,
    as_of: Annotated[str, typer.Option(help="Declared date of the run, YYYY-MM-DD: the date in all files.")] = "",
    cutoff: Annotated[
        str,
        typer.Option(help="Data cut-off, YYYY-MM-DD, in place of the study's: SDTM excludes records that start later."),
    ] = "",
    raw_copy: Annotated[
        bool, typer.Option(help="Write a text copy of the raw cells to OUT/lineage, for trace.")
    ] = True,
    quality: Annotated[
        bool, typer.Option(help="Run the expectations of data quality; other checks always run.")
    ] = True,
    report: Annotated[
        bool, typer.Option(help="Compute the analyses of the study, as tables and figures in OUT/reports.")
    ] = True,
    formats: Annotated[
        str,
        typer.Option(help="Formats of the datasets: xpt,json,ndjson,dsjc,parquet. xpt is always written."),
    ] = "xpt",
    layout: Annotated[
        str, typer.Option(help="plain, or ectd: the folders m5/datasets/STUDY that an agency opens.")
    ] = "plain",
    profile: Annotated[
        str, typer.Option(help="Agency whose rules the XPT files follow: fda, pmda, nmpa or none.")
    ] = "fda",
    max_file_size: Annotated[
        str, typer.Option(help="Split XPT files above this size too (5GB, 200MB); by default the limit of the profile.")
    ] = "",
    corrections: Annotated[
        Path | None, typer.Option(help="Folder of corrected quarantine files; their rows replace raw ones in this run.")
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option(help="Folder of the documents that study.yaml declares; by default the study folder."),
    ] = None,
    guides: Annotated[
        bool, typer.Option("--guides", help="Write drafts of the reviewer's guides (cSDRG, ADRG) into OUT/reports.")
    ] = False,
    dictionaries: Annotated[
        Path | None,
        typer.Option(help="Folder of the coding dictionaries; by default the raw folder, then the study folder."),
    ] = None,
    dispositions: Annotated[
        Path | None, typer.Option(help="File of dispositions of findings, in place of findings.yaml of the study.")
    ] = None,
    data_docs: Annotated[
        Path | None,
        typer.Option(help="Folder for the Data Docs of great-expectations; their pages load styles from the web."),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="An earlier output: each finding is then new or recurring, and what is resolved is listed."),
    ] = None,
    fail_on: FailOn = "error",
) -> None:
    """Build SDTM, ADaM, XPT, define.xml, findings, accounting and lineage from a raw export; or ADaM from SDTM."""
    choice("--only", only, ("", "sdtm", "adam"))
    choice("--fail-on", fail_on, FAIL_ON)
    choice("--layout", layout, LAYOUTS)
    _start(raw, sdtm, only, corrections)
    if data_docs is not None:
        _refuse_data_docs(data_docs, raw, out, quality)

    from ..runs.allocation import keep_freed_memory
    from ..runs.options import Options

    if partitions == 1:  # several partitions are asked for when memory is short
        keep_freed_memory()
    options = Options(
        only=only,
        partitions=partitions,
        as_of=date_of(as_of),
        cutoff=date_of(cutoff),
        raw_copy=raw_copy,
        quality=quality,
        report=report,
        formats=format_names(formats),
        layout=layout,
        profile=profile,
        max_file_size=max_file_size,
        corrections=corrections,
        documents=documents,
        guides=guides,
        dictionaries=dictionaries,
        dispositions=dispositions,
        data_docs=data_docs,
        compare=compare,
        say=say,
        argv=tuple(sys.argv),
    )
    raise typer.Exit(_run(study, raw, sdtm, out, options, fail_on))


def _run(study: str, raw: Path | None, sdtm: Path | None, out: Path, options: Options, fail_on: str) -> int:
    """Build from existing SDTM or raw data; returns the exit code."""
    if sdtm is not None:
        from ..runs.from_sdtm import build_from_sdtm

        if raw is not None:
            say("--raw is not read: with --sdtm ADaM starts from SDTM")
        return logged(out, lambda: build_from_sdtm(study, sdtm, out, options), fail_on)
    assert raw is not None
    from ..runs import from_raw

    return logged(out, lambda: from_raw.build(study, raw, out, options), fail_on)


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo.")] = Path("demo"),
    subjects: Annotated[int, typer.Option(min=1, help="How many synthetic subjects.")] = 120,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic export.")] = 1,
    layout: Annotated[
        str, typer.Option(help="plain, or ectd: the folders m5/datasets/STUDY that an agency opens.")
    ] = "plain",
) -> None:
    """Synthesise a small raw export of the shipped study, build it, and list the files to look at."""
    choice("--layout", layout, LAYOUTS)

    from ..output_folder.layout import layout_of_output
    from ..output_folder.manifest import read_manifest
    from ..runs import from_raw
    from ..synth.export import synthesise

    raw, built = out / "raw", out / "out"
    out.mkdir(parents=True, exist_ok=True)
    report = synthesise(raw, subjects=subjects, seed=seed, dirt="typical")
    echo(f"{raw}: synthetic raw export of {subjects} subjects, {len(report.files)} files. All of it is invented.")
    options = from_raw.Options(layout=layout, guides=True, say=say, argv=tuple(sys.argv))
    logged(built, lambda: from_raw.build("obs16577", raw, built, options), "never")
    placed = layout_of_output(read_manifest(built))
    echo("\nThe synthetic export has defects on purpose; the findings report them. Look at:")
    for file, what in (
        ("index.html", "the front page, which links all others"),
        ("reports/objectives.html", "the objectives of the study, as tables and figures"),
        ("reports/findings.html", "every finding, by rule"),
        ("reports/accounting.html", "the account of every raw row, column and cell"),
        ("reports/queries.xlsx", "the questions to each site"),
        ("reports/quality.html", "data quality of the raw files"),
        ("sdtm/define.html", "SDTM as define.xml describes it"),
        ("sdtm/acrf.pdf", "the annotated CRF, whose pages define.xml names"),
        ("adam/define.html", "ADaM as define.xml describes it"),
        ("reports/csdrg.html", "the draft of the reviewer's guide to SDTM; csdrg.docx is the same for Word"),
        ("reports/adrg.html", "the draft of the reviewer's guide to ADaM; adrg.docx is the same for Word"),
        *([("reports/package.html", "the package in m5, and what FDA would reject")] if layout == "ectd" else []),
    ):
        echo(f"  {built / placed.place(file)}  {what}")
    echo(f'  raw2adam trace {built} AE --where "AESEQ == 1" --limit 1')


def synth(
    study: Annotated[
        str, typer.Argument(help="The shipped study: obs16577, or bp-crossover, whose few subjects are fixed.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; replaced if it is a synthetic export.")],
    subjects: Annotated[int, typer.Option(min=1, help="obs16577: how many subjects.")] = 1200,
    seed: Annotated[int, typer.Option(help="obs16577: seed; the same seed gives the same bytes.")] = 1,
    dirt: Annotated[
        str, typer.Option(help="obs16577: none, typical or hostile: defects as real exports have them.")
    ] = "typical",
) -> None:
    """Write a synthetic raw export. All of it is invented."""
    from ..synth.export import copy_export, shipped_exports, synthesise

    fixed = shipped_exports()
    choice("STUDY", study, ("obs16577", *fixed))
    choice("--dirt", dirt, ("none", "typical", "hostile"))
    if study in fixed:
        for name in copy_export(study, out):
            echo(f"{out / name}")
        return
    report = synthesise(out, subjects=subjects, seed=seed, dirt=dirt)  # pyright: ignore[reportArgumentType]
    for name in report.files:
        echo(f"{out / name}")


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Folder or file: XPT, SAS7BDAT, Dataset-JSON, Parquet.")],
    out: Annotated[Path, typer.Argument(help="Output folder; replaced as a whole.")],
    formats: Annotated[str, typer.Option(help="Formats to write: xpt,json,ndjson,dsjc,parquet.")] = "json",
    define: Annotated[
        Path | None, typer.Option(help="define.xml of the datasets; by default define.xml in the folder IN.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the text of XPT and SAS7BDAT files.")] = "",
    as_of: Annotated[
        str, typer.Option(help="Declared date in the files, YYYY-MM-DD; by default that of define.xml, else today.")
    ] = "",
) -> None:
    """Convert finished datasets into other formats, read them back, and compare every cell."""
    from ..runs.convert_datasets import Conversion, convert_datasets

    about = Conversion(
        source=source,
        out=out,
        formats=format_names(formats),
        define=define,
        encoding=encoding,
        as_of=date_of(as_of),
        say=say,
    )
    records = convert_datasets(about)
    counts = f"{len(records)} datasets, {sum(records.values())} records"
    echo(f"{out}: {counts} in {', '.join(about.formats)}; all cells are equal")


def _refuse_data_docs(folder: Path, raw: Path | None, out: Path, quality: bool) -> None:
    """UsageError where a run cannot write Data Docs into a folder."""
    from ..errors import UsageError
    from ..validation.quality.data_docs import refuse_folder

    if raw is None:
        raise UsageError(
            "--data-docs is about raw data and the checks of a build from raw data: leave it out with --sdtm"
        )
    if not quality:
        raise UsageError("--data-docs needs the expectations of data quality: leave out --no-quality")
    refuse_folder(folder, [raw, out])


def _start(raw: Path | None, sdtm: Path | None, only: str, corrections: Path | None) -> None:
    """Check what a build starts from: raw data, or existing SDTM for ADaM alone. Raises UsageError."""
    from ..errors import UsageError

    if raw is None and sdtm is None:
        raise UsageError(
            "--raw is missing: name the folder of the raw export, or start from SDTM by --only adam --sdtm FOLDER"
        )
    if sdtm is not None and only != "adam":
        raise UsageError("--sdtm starts ADaM from existing SDTM: add --only adam")
    if sdtm is not None and corrections is not None:
        raise UsageError("--corrections replaces raw rows, and with --sdtm there are no raw rows: leave it out")
