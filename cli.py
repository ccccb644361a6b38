"""The command line: parse, call, print. No logic; heavy modules are imported by the command that needs them."""

from __future__ import annotations

import datetime as dt
import functools
import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import __version__
from .findings.rule import SEVERITIES
from .specification.commands import define_app

if TYPE_CHECKING:
    from .runs.package import Packaged
    from .runs.run import Outcome

app = typer.Typer(
    name="raw2adam",
    help="Raw registry exports to submission-ready SDTM, ADaM, XPT and define.xml, with every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(define_app, name="define")
coding = typer.Typer(help="Terms out to be coded with a dictionary.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(coding, name="coding")

FORMATS = ("text", "json")
LAYOUTS = ("plain", "ectd")

Study = Annotated[str, typer.Argument(help="Study folder, or the name of a shipped pack (obs16577, cdiscpilot).")]
FailOn = Annotated[
    str, typer.Option(help="Exit with 1 if there is a finding of this severity or worse: error, warning, note, never.")
]
Format = Annotated[str, typer.Option("--format", help="text or json")]


def _print_version(wanted: bool) -> None:
    if wanted:
        _echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """Options of raw2adam itself."""


@app.command()
def build(
    study: Study,
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
    fail_on: FailOn = "error",
) -> None:
    """Build SDTM, ADaM, XPT, define.xml, findings, accounting and lineage from a raw export; or ADaM from SDTM."""
    _choice("--only", only, ("", "sdtm", "adam"))
    _choice("--fail-on", fail_on, (*SEVERITIES, "never"))
    _choice("--layout", layout, LAYOUTS)
    _start(raw, sdtm, only, corrections)

    from .runs import from_raw
    from .runs.allocation import keep_freed_memory

    if partitions == 1:  # several partitions are asked for when memory is short
        keep_freed_memory()
    options = from_raw.Options(
        only=only,
        partitions=partitions,
        as_of=_date(as_of),
        cutoff=_date(cutoff),
        raw_copy=raw_copy,
        quality=quality,
        formats=_formats(formats),
        layout=layout,
        profile=profile,
        max_file_size=max_file_size,
        corrections=corrections,
        documents=documents,
        guides=guides,
        dictionaries=dictionaries,
        say=_say,
        argv=tuple(sys.argv),
    )
    if sdtm is not None:
        from .runs.from_sdtm import build_from_sdtm

        if raw is not None:
            _say("--raw is not read: with --sdtm ADaM starts from SDTM")
        code = _logged(out, lambda: build_from_sdtm(study, sdtm, out, options), fail_on)
    else:
        assert raw is not None
        code = _logged(out, lambda: from_raw.build(study, raw, out, options), fail_on)
    raise typer.Exit(code)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo.")] = Path("demo"),
    subjects: Annotated[int, typer.Option(min=1, help="How many synthetic subjects.")] = 120,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic export.")] = 1,
    layout: Annotated[
        str, typer.Option(help="plain, or ectd: the folders m5/datasets/STUDY that an agency opens.")
    ] = "plain",
) -> None:
    """Synthesise a small raw export of the shipped study, build it, and list the files to look at."""
    _choice("--layout", layout, LAYOUTS)

    from .output_folder.layout import layout_of_output
    from .output_folder.manifest import read_manifest
    from .runs import from_raw
    from .synth.export import synthesise

    raw, built = out / "raw", out / "out"
    out.mkdir(parents=True, exist_ok=True)
    report = synthesise(raw, subjects=subjects, seed=seed, dirt="typical")
    _echo(f"{raw}: synthetic raw export of {subjects} subjects, {len(report.files)} files. All of it is invented.")
    options = from_raw.Options(layout=layout, guides=True, say=_say, argv=tuple(sys.argv))
    _logged(built, lambda: from_raw.build("obs16577", raw, built, options), "never")
    placed = layout_of_output(read_manifest(built))
    _echo("\nThe synthetic export has defects on purpose; the findings report them. Look at:")
    for file, what in (
        ("index.html", "the front page, which links all others"),
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
        _echo(f"  {built / placed.place(file)}  {what}")
    _echo(f'  raw2adam trace {built} AE --where "AESEQ == 1" --limit 1')


@app.command()
def lint(
    study: Study,
    raw: Annotated[
        Path | None, typer.Option(help="Raw folder: also check column names and texts against the files.")
    ] = None,
    format_: Format = "text",
) -> None:
    """List all mistakes of a study's specs, each at file:line:column."""
    _choice("--format", format_, FORMATS)

    from .errors import SpecError
    from .runs.lint import lint_study, problems_json

    try:
        problems = lint_study(study, raw)
    except SpecError as error:
        problems = error.problems
    if format_ == "json":
        _echo(json.dumps(problems_json(problems), indent=1))
    else:
        for p in problems:
            _echo(p.shown())
    counts = [sum(p.severity == s for p in problems) for s in SEVERITIES]
    listed = [f"{n} {s}s" for n, s in zip(counts, SEVERITIES, strict=True) if n or s != "note"]
    _echo(f"{study}: {', '.join(listed)}", err=True)
    raise typer.Exit(2 if counts[0] else 0)


@app.command()
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
    _choice("--format", format_, FORMATS)

    from .trace.records import trace_records
    from .trace.text import trace_text

    _repaired(out)
    records = trace_records(out, dataset.upper(), where, limit, raw)
    _echo(json.dumps({"schema": 1, "records": records}, indent=1) if format_ == "json" else trace_text(records))


@app.command()
def guide(
    out: Annotated[Path, typer.Argument(help="Output folder of a build.")],
    to: Annotated[Path, typer.Option(help="Folder for the drafts, outside OUT; created where it does not exist.")],
    study: Annotated[str, typer.Option(help="Study whose texts (guide: of study.yaml) the guides have.")] = "",
) -> None:
    """Draft the reviewer's guides (cSDRG, ADRG) of a build, as Word documents and pages."""
    from .runs.guides import draft_guides

    _repaired(out)
    for done in draft_guides(out, to, study):
        for file in done.files:
            _echo(str(file))
        _echo(f"  {done.missing} texts are to be written by the team (guide: of study.yaml)")


@app.command()
def verify(out: Annotated[Path, typer.Argument(help="Output folder of a build.")]) -> None:
    """Check the manifest, the run log, and define.xml against the files, read back; all formats are equal."""
    from .runs.verify import verify_folder

    _repaired(out)
    problems = verify_folder(out)
    for p in problems:
        _echo(p)
    _echo(f"{out}: " + (f"{len(problems)} problems" if problems else "unchanged since the build"))
    raise typer.Exit(3 if problems else 0)


@app.command()
def diff(
    base: Annotated[Path, typer.Argument(help="Folder or file of one side.")],
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
    """Compare two folders or files of datasets, record by record and cell by cell, for double programming."""
    _choice("--format", format_, FORMATS)

    from .comparison.command import DiffRequest, run_diff
    from .runs.allocation import keep_freed_memory

    keep_freed_memory()

    request = DiffRequest(
        base=base,
        compare=compare,
        keys=tuple(keys or ()),
        study=study,
        only=_names(only),
        criterion=criterion,
        relative=relative,
        ignore=frozenset(n.lower() for n in _names(ignore)),
        accept=accept,
        html=html,
        json=json_,
        limit=limit,
        show=show,
        encoding=encoding,
        format=format_,
    )
    equal, text = run_diff(request)
    _echo(text)
    raise typer.Exit(0 if equal else 1)


@app.command()
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
    from .runs.convert_datasets import Conversion, convert_datasets

    about = Conversion(
        source=source,
        out=out,
        formats=_formats(formats),
        define=define,
        encoding=encoding,
        as_of=_date(as_of),
        say=_say,
    )
    records = convert_datasets(about)
    counts = f"{len(records)} datasets, {sum(records.values())} records"
    _echo(f"{out}: {counts} in {', '.join(about.formats)}; all cells are equal")


@coding.command()
def export(
    study: Study,
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
    from .runs.export_terms import export_terms
    from .runs.run import Options

    options = Options(only="sdtm", as_of=_date(as_of), dictionaries=dictionaries, say=_say)
    lists = export_terms(study, raw, out, dictionary=dictionary, every=every, options=options)
    for name, terms in lists:
        _echo(f"{out}: {terms} terms of {name}")
    if not lists:
        _echo(f"{study}: every term has a code; no list is written")


@coding.command()
def check(
    study: Study,
    dictionaries: Annotated[
        Path | None, typer.Option(help="Folder of the coding dictionaries; by default the study folder.")
    ] = None,
    raw: Annotated[Path | None, typer.Option(help="Raw folder, if the dictionaries are in it.")] = None,
) -> None:
    """Check the coding files against the dictionaries, without raw data: codes, levels, versions, current entries."""
    from .runs.check_coding import check_coding

    checked = check_coding(study, dictionaries, raw)
    for line in checked.lines:
        _echo(line)
    raise typer.Exit(1 if checked.errors else 0)


@app.command()
def package(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a build.")],
    to: Annotated[Path, typer.Option("--out", help="Folder of the package; replaced as a whole.")],
    study_id: Annotated[
        str, typer.Option(help="study-id of the study tagging file, if it is not STUDYID; the pre-check compares them.")
    ] = "",
) -> None:
    """Package an output for an agency: m5/datasets/STUDY, checksums, and a pre-check of technical rejection."""
    from .runs.package import Packaging, package_output

    _repaired(out)
    _packaged(to, package_output(Packaging(source=out, out=to, study_id=study_id, say=_say)))


@app.command(name="simplified-ts")
def simplified_ts(
    study_id: Annotated[str, typer.Argument(help="study-id of the study tagging file: STUDYID of ts.xpt.")],
    out: Annotated[Path, typer.Option(help="Folder of the package; replaced as a whole.")],
    start: Annotated[str, typer.Option(help="Study start date, YYYY-MM-DD.")] = "",
    null_flavor: Annotated[str, typer.Option(help="Why the study has no start date: NA, UNK, ... of ISO 21090.")] = "",
    as_of: Annotated[str, typer.Option(help="Declared date in the file, YYYY-MM-DD; by default today.")] = "",
) -> None:
    """Write the package of a study without SDTM: ts.xpt with the study start date alone."""
    from .runs.simplified_ts import SimplifiedTs, write_simplified_ts

    about = SimplifiedTs(
        study=study_id,
        out=out,
        start=_date(start),
        null_flavor=null_flavor.upper(),
        declared=_date(as_of) or dt.date.today(),
        say=_say,
    )
    _packaged(out, write_simplified_ts(about))


@app.command()
def acrf(
    study: Study,
    out: Annotated[Path, typer.Option(help="Output folder; replaced as a whole.")],
    raw: Annotated[
        Path | None,
        typer.Option(help="Folder of the raw export, for the forms, columns, questions and choices of its files."),
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="The sponsor's PDF of the CRF: find the fields in it, for acrf.xfdf.")
    ] = None,
) -> None:
    """Write the annotated CRF of a study: acrf.pdf, acrf.xlsx, and acrf.xfdf for another PDF of the CRF."""
    from .runs.acrf import write_acrf

    for line in write_acrf(study, out, raw, _say, pdf).lines:
        _echo(f"{out}: {line}")


@app.command()
def synth(
    study: Annotated[str, typer.Argument(help="The shipped study, obs16577.")],
    out: Annotated[Path, typer.Option(help="Folder to write; replaced if it is a synthetic export.")],
    subjects: Annotated[int, typer.Option(min=1, help="How many subjects.")] = 1200,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same bytes.")] = 1,
    dirt: Annotated[str, typer.Option(help="none, typical or hostile: defects as real exports have them.")] = "typical",
) -> None:
    """Write a synthetic raw export. All of it is invented."""
    from .synth.export import synthesise

    _choice("STUDY", study, ("obs16577",))
    _choice("--dirt", dirt, ("none", "typical", "hostile"))
    report = synthesise(out, subjects=subjects, seed=seed, dirt=dirt)  # pyright: ignore[reportArgumentType]
    for name in report.files:
        _echo(f"{out / name}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the spec files, for editors that complete and check while typing."""
    from .mappings.binding.editor_schema import json_schema
    from .mappings.models.analysis import DisplaySpec
    from .mappings.models.dataset import DatasetSpec
    from .mappings.models.study import StudySpec
    from .runs import plan_study as planning  # noqa: F401 - registers the derivations

    files = {"study.yaml": StudySpec, "dataset": DatasetSpec, "analysis": DisplaySpec}
    _echo(json.dumps({name: json_schema(model) for name, model in files.items()}, indent=1))


@app.command()
def spec(study: Study) -> None:
    """List the spec: each variable with its rule in a sentence, and the line of the spec."""
    from .runs.spec_listing import spec_listing

    for line in spec_listing(study):
        _echo(line)


@app.command()
def selftest(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the record: selftest.html to archive, selftest.json to compare.")
    ] = None,
) -> None:
    """Check this installation: each example of the reference gives its values, each refusal its message."""
    from .selftest.command import run_selftest

    done = run_selftest(main, _echo, out)
    for result in done.failed:
        _echo(f"\n{result.area}: {result.name}: FAILED\nexpected: {result.wanted}\nfound: {result.got}")
    _echo(f"raw2adam {__version__}: {len(done.results)} checks, {len(done.failed)} failed")
    if out is not None:
        _echo(f"  the record: {out / 'selftest.html'}")
    raise typer.Exit(1 if done.failed else 0)


def _packaged(out: Path, done: Packaged) -> None:
    """Print the pre-check and the size of a package; exit with 1 if an agency would reject it."""
    failed = sum(c.state == "failed" for c in done.criteria)
    for c in done.criteria:
        _echo(f"  FDA {c.code} {c.state}: {c.text}")
    _echo(f"{out}: {len(done.files)} files, {sum(f.bytes for f in done.files):,} bytes, {failed} criteria failed")
    raise typer.Exit(1 if failed else 0)


def _repaired(out: Path) -> None:
    """Finish or undo an interrupted replacement of OUT before OUT is read."""
    from .output_folder.swap import recover

    for note in recover(out):
        _say(note)


# printing and exit codes


def _echo(text: str, err: bool = False) -> None:
    """Print. The text contains texts of raw files and specs, and none of them may control the terminal."""
    from .errors import visible

    typer.echo(visible(text), err=err)


def _say(text: str) -> None:
    _echo(text, err=True)


def _choice(option: str, value: str, valid: tuple[str, ...]) -> None:
    from .errors import UsageError

    if value not in valid:
        raise UsageError(f"{option} {value!r}: expected one of {', '.join(v for v in valid if v)}")


def _names(text: str) -> tuple[str, ...]:
    return tuple(n.strip().upper() for n in text.split(",") if n.strip())


def _formats(text: str) -> tuple[str, ...]:
    """The names in --formats, checked. Raises UsageError."""
    from .transport.output_formats import chosen_formats

    return tuple(form.name for form in chosen_formats(n for n in text.split(",")))


def _start(raw: Path | None, sdtm: Path | None, only: str, corrections: Path | None) -> None:
    """Check what a build starts from: raw data, or existing SDTM for ADaM alone. Raises UsageError."""
    from .errors import UsageError

    if raw is None and sdtm is None:
        raise UsageError(
            "--raw is missing: name the folder of the raw export, or start from SDTM by --only adam --sdtm FOLDER"
        )
    if sdtm is not None and only != "adam":
        raise UsageError("--sdtm starts ADaM from existing SDTM: add --only adam")
    if sdtm is not None and corrections is not None:
        raise UsageError("--corrections replaces raw rows, and with --sdtm there are no raw rows: leave it out")


def _date(text: str) -> dt.date | None:
    from .errors import UsageError

    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a date; write YYYY-MM-DD") from None


def _logged(out: Path, run: Callable[[], Outcome], fail_on: str) -> int:
    """Run, print the summary, and add a line to the run log. Returns the exit code of the command."""
    from .runs.logged_run import run_with_log

    return run_with_log(out, run, fail_on=fail_on, argv=sys.argv, show=_print_outcome, say=_say)


def _print_outcome(outcome: Outcome) -> None:
    from .runs.summary import summary_lines

    for line in outcome.lead:
        _echo(line)
    for problem in outcome.warnings:
        _echo(problem.shown(), err=True)
    for line in summary_lines(outcome):
        _echo(line)


@functools.cache
def _command() -> Callable[..., object]:
    """The command line of typer, built once for all commands of a process (the self-test runs hundreds)."""
    return typer.main.get_command(app)


def main() -> None:
    """Entry point: errors for the user are printed in plain words, with the exit codes of the documentation."""
    from .errors import Raw2AdamError, SpecError, refused_write

    gc.set_threshold(50_000, 20, 20)  # most objects live until the run ends, so frequent collection is wasted
    try:
        _command()(prog_name="raw2adam")  # else python -m raw2adam and the self-test would show another name
    except Raw2AdamError as error:
        message = error.shown() if isinstance(error, SpecError) else str(error)
        _echo(f"raw2adam: {message}", err=True)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        from .runs.crash import CRASH, crash_line

        refused = refused_write(error.filename or "a file", error) if isinstance(error, OSError) else None
        if refused is not None:
            _say(f"raw2adam: {refused}")
            raise SystemExit(refused.exit_code) from None

        _echo(f"raw2adam: {crash_line(error)}", err=True)
        raise SystemExit(CRASH) from None


if __name__ == "__main__":
    raise SystemExit("run it as: python -m raw2adam")
