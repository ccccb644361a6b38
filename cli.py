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

if TYPE_CHECKING:
    from .findings.table import Findings
    from .runs.from_raw import Outcome

app = typer.Typer(
    name="raw2adam",
    help="Raw registry exports to submission-ready SDTM, ADaM, XPT and define.xml, with every row accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

#: exit code of a fault of raw2adam itself (EX_SOFTWARE of sysexits.h), apart from 1, which says that there are findings
CRASH = 70
FORMATS = ("text", "json")

Study = Annotated[str, typer.Argument(help="Study folder, or the name of a pack that ships (obs16577, cdiscpilot).")]
FailOn = Annotated[
    str, typer.Option(help="Exit 1 when there is a finding of this severity or worse: error, warning, note, never.")
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
        typer.Option(help="Folder of SDTM made elsewhere (XPT, Dataset-JSON, Parquet) to start --only adam from."),
    ] = None,
    only: Annotated[str, typer.Option(help="sdtm or adam; both by default.")] = "",
    partitions: Annotated[
        int, typer.Option(min=1, help="Build in this many ranges of subjects; the bytes do not change.")
    ] = 1,
    as_of: Annotated[str, typer.Option(help="Declared date of the run, YYYY-MM-DD; it is the date in all files.")] = "",
    cutoff: Annotated[
        str, typer.Option(help="Data cut-off, YYYY-MM-DD, in place of the study's: what starts later leaves SDTM.")
    ] = "",
    raw_copy: Annotated[
        bool, typer.Option(help="Keep a text copy of the raw cells under OUT/lineage for trace.")
    ] = True,
    quality: Annotated[
        bool, typer.Option(help="Run the expectations of data quality; other checks always run.")
    ] = True,
    corrections: Annotated[
        Path | None, typer.Option(help="Folder of corrected quarantine files; their rows replace raw ones in this run.")
    ] = None,
    fail_on: FailOn = "error",
) -> None:
    """Convert a raw export, or with --sdtm start from SDTM: ADaM, XPT, define.xml, findings, accounting, lineage."""
    _choice("--only", only, ("", "sdtm", "adam"))
    _choice("--fail-on", fail_on, (*SEVERITIES, "never"))
    _start(raw, sdtm, only, corrections)
    declared, cut = _date(as_of), _date(cutoff)

    from .runs import from_raw
    from .runs.allocation import keep_freed_memory

    if partitions == 1:  # who asks for more is short of memory
        keep_freed_memory()
    options = from_raw.Options(
        only=only,
        partitions=partitions,
        as_of=declared,
        cutoff=cut,
        raw_copy=raw_copy,
        quality=quality,
        corrections=corrections,
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
) -> None:
    """Synthesise a small raw export of the shipped study, build it, and say where to look."""
    from .runs import from_raw
    from .synth.export import synthesise

    raw, built = out / "raw", out / "out"
    out.mkdir(parents=True, exist_ok=True)
    report = synthesise(raw, subjects=subjects, seed=seed, dirt="typical")
    _echo(f"{raw}: synthetic raw export of {subjects} subjects, {len(report.files)} files. All of it is invented.")
    options = from_raw.Options(say=_say, argv=tuple(sys.argv))
    _logged(built, lambda: from_raw.build("obs16577", raw, built, options), "never")
    _echo("\nThe findings are the defects that the synthetic export was given on purpose. Look at:")
    for file, what in (
        ("reports/findings.html", "every finding, by rule"),
        ("reports/accounting.html", "what became of every raw row, column and cell"),
        ("reports/queries.xlsx", "what each site must answer"),
        ("reports/quality.html", "data quality of the raw files"),
        ("sdtm/define.html", "SDTM as define.xml describes it"),
        ("adam/define.html", "ADaM as define.xml describes it"),
    ):
        _echo(f"  {built / file}  {what}")
    _echo(f'  raw2adam trace {built} AE --where "AESEQ == 1" --limit 1')


@app.command()
def lint(
    study: Study,
    raw: Annotated[Path | None, typer.Option(help="Raw folder: check column names against the files too.")] = None,
    format_: Format = "text",
) -> None:
    """All mistakes of a study's specs at once, each at file:line:column."""
    _choice("--format", format_, FORMATS)

    from .errors import SpecError
    from .runs.lint import lint_study

    try:
        problems = lint_study(study, raw)
    except SpecError as error:
        problems = error.problems
    if format_ == "json":
        rows = [
            {
                "file": p.place.file,
                "path": p.place.path,
                "line": p.place.line,
                "column": p.place.column,
                "severity": p.severity,
                "dataset": p.dataset,
                "variable": p.variable,
                "message": p.message,
                "hint": p.hint,
            }
            for p in problems
        ]
        _echo(json.dumps({"schema": 1, "problems": rows}, indent=1))
    else:
        for p in problems:
            _echo(p.shown())
    counts = [sum(p.severity == s for p in problems) for s in SEVERITIES]
    told = [f"{n} {s}s" for n, s in zip(counts, SEVERITIES, strict=True) if n or s != "note"]
    _echo(f"{study}: {', '.join(told)}", err=True)
    raise typer.Exit(2 if counts[0] else 0)


@app.command()
def trace(
    out: Annotated[Path, typer.Argument(help="Output folder of a build.")],
    dataset: Annotated[str, typer.Argument(help="Dataset, such as AE.")],
    where: Annotated[str, typer.Option(help="Condition on the dataset's variables that picks the records.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many records to show.")] = 5,
    raw: Annotated[
        Path | None, typer.Option(help="Raw folder (or given SDTM), for a build with --no-raw-copy.")
    ] = None,
    format_: Format = "text",
) -> None:
    """Each value of a record back to its rule, file, row, column and verbatim cell."""
    _choice("--format", format_, FORMATS)

    from .trace.records import trace_records
    from .trace.text import trace_text

    _repaired(out)
    records = trace_records(out, dataset.upper(), where, limit, raw)
    _echo(json.dumps({"schema": 1, "records": records}, indent=1) if format_ == "json" else trace_text(records))


@app.command()
def verify(out: Annotated[Path, typer.Argument(help="Output folder of a build.")]) -> None:
    """Check the manifest, the run log, and define.xml against the transport files, read back independently."""
    from .runs.verify import verify_folder

    _repaired(out)
    problems = verify_folder(out)
    for p in problems:
        _echo(p)
    _echo(f"{out}: " + (f"{len(problems)} problems" if problems else "everything is as the build left it"))
    raise typer.Exit(3 if problems else 0)


@app.command()
def diff(
    base: Annotated[Path, typer.Argument(help="Folder or file of the one side.")],
    compare: Annotated[Path, typer.Argument(help="Folder or file of the other; formats may be mixed.")],
    keys: Annotated[
        list[str] | None, typer.Option(help="USUBJID,AESEQ for every dataset, or ADAE=USUBJID,AESEQ; repeatable.")
    ] = None,
    study: Annotated[str, typer.Option(help="Take the keys from the specs of this study.")] = "",
    only: Annotated[str, typer.Option(help="Compare these datasets of two folders only: ADSL,ADAE.")] = "",
    criterion: Annotated[float, typer.Option(help="Numbers that differ by no more are equal.")] = 1e-8,
    relative: Annotated[bool, typer.Option("--relative", help="The criterion is a share of the numbers.")] = False,
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
        base,
        compare,
        tuple(keys or ()),
        study,
        _names(only),
        criterion,
        relative,
        frozenset(n.lower() for n in _names(ignore)),
        accept,
        html,
        json_,
        limit,
        show,
        encoding,
        format_,
    )
    equal, text = run_diff(request)
    _echo(text)
    raise typer.Exit(0 if equal else 1)


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
    """The JSON Schema of a dataset's spec file, for editors that complete and check while typing."""
    from .mappings.binding.editor_schema import json_schema
    from .mappings.models.dataset import DatasetSpec
    from .mappings.models.study import StudySpec
    from .runs import plan_study as planning  # noqa: F401 - makes the derivations known

    both = {"study.yaml": json_schema(StudySpec), "dataset": json_schema(DatasetSpec)}
    _echo(json.dumps(both, indent=1))


@app.command()
def spec(study: Study) -> None:
    """The spec as a readable listing: each variable with its origin line and its rule in a sentence."""
    from .engine.derivations.derivation import derivation
    from .mappings.loader import find_study, load_study
    from .runs.plan_study import plan_study

    plan, _ = plan_study(load_study(find_study(study)))
    for dataset in plan.datasets.values():
        _echo(f"\n{dataset.name}  {dataset.label}  ({dataset.structure}; keys {', '.join(dataset.keys)})")
        for name, variable in dataset.every.items():
            sentences = [r.method or derivation(r).describe(name) for r in variable.rules] or [
                "no rule: the column is empty"
            ]
            _echo(f"  {name:8}  {variable.type:9}  {' | '.join(sentences)}  [{variable.place or 'convention'}]")


@app.command()
def selftest(
    out: Annotated[
        Path | None, typer.Option(help="Folder for the record: selftest.html to file, selftest.json to compare.")
    ] = None,
) -> None:
    """Check this installation: the examples of the reference give their values, each refusal gives its message."""
    from .selftest.command import run_selftest

    done = run_selftest(main, _echo, out)
    for result in done.failed:
        _echo(f"\n{result.area}: {result.name}: FAILED\nexpected: {result.wanted}\nfound: {result.got}")
    _echo(f"raw2adam {__version__}: {len(done.results)} checks, {len(done.failed)} failed")
    if out is not None:
        _echo(f"  the record: {out / 'selftest.html'}")
    raise typer.Exit(1 if done.failed else 0)


def _repaired(out: Path) -> None:
    """A replacement of OUT that was broken off is finished or undone before OUT is read."""
    from .output_folder.swap import recover

    for note in recover(out):
        _say(note)


# printing and exit codes


def _echo(text: str, err: bool = False) -> None:
    """Print. Texts of raw files and specs are in it, and none of them may steer the terminal."""
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


def _start(raw: Path | None, sdtm: Path | None, only: str, corrections: Path | None) -> None:
    """What a build starts from: raw data, or for ADaM alone SDTM made elsewhere."""
    from .errors import UsageError

    if raw is None and sdtm is None:
        raise UsageError("give --raw, the folder of the raw export, or --only adam with --sdtm, a folder of SDTM")
    if sdtm is not None and only != "adam":
        raise UsageError("--sdtm starts ADaM from SDTM that is there already: add --only adam")
    if sdtm is not None and corrections is not None:
        raise UsageError("--corrections replaces raw rows, and with --sdtm there are none")


def _date(text: str) -> dt.date | None:
    from .errors import UsageError

    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no date; write YYYY-MM-DD") from None


def _logged(out: Path, run: Callable[[], Outcome], fail_on: str) -> int:
    """Run, print what it did, and leave a line in the run log beside OUT whether it worked or not.

    The exit code of the command; the run log holds the same one.
    """
    from .errors import InputError, OutputError, Raw2AdamError
    from .output_folder.manifest import package_versions, read_manifest
    from .output_folder.run_log import append_run

    def built() -> str:
        try:
            return read_manifest(out).sha256
        except InputError:
            return ""

    code, manifest, before = CRASH, "", built()
    try:
        outcome = run()
        manifest = built()
        _print_outcome(outcome)
        code = _verdict(outcome.findings, fail_on)
        return code
    except Raw2AdamError as error:
        code = error.exit_code
        raise
    except KeyboardInterrupt:
        # the swap is not interrupted: after it, the new output is in place. typer ends the command, without a word
        code, after = 130, built()
        manifest = after if after != before else ""
        state = "the new output is in place" if manifest else "the previous output is as it was"
        _say(f"raw2adam: interrupted; {state}")
        raise
    finally:
        if out.resolve().name and out.parent.is_dir() and (manifest or out.exists()):  # the root has nothing beside it
            try:
                append_run(out, argv=sys.argv, versions=package_versions(), exit_code=code, manifest_sha256=manifest)
            except OutputError as error:
                if code in (0, 1):
                    raise
                _say(f"raw2adam: {error}")  # the run's own error is the one that counts


def _print_outcome(outcome: Outcome) -> None:
    for line in outcome.lead:
        _echo(line)
    for problem in outcome.warnings:
        _echo(problem.shown(), err=True)
    _echo(f"{outcome.study}: built into {outcome.out}")
    _echo("  records: " + ", ".join(f"{n} {r}" for n, r in outcome.records.items()))
    for name, account in outcome.ledger.sources.items():
        t = account.totals()
        _echo(
            f"  {name} ({account.file}): {t['rows']} rows = {t['mapped']} mapped + {t['excluded']} excluded + "
            f"{t['merged']} merged + {t['quarantined']} quarantined"
            + (f" + {t['after_cutoff']} after the cut-off" if t["after_cutoff"] else "")
        )
    for name, account in outcome.ledger.sources.items():
        if account.corrected[0]:
            _echo(f"  {name}: {account.corrected[0]} rows corrected, {account.corrected[1]} cells")
        if account.totals()["quarantined"]:
            _echo(f"  quarantined rows of {name}: {outcome.out / 'quarantine' / f'{name}.csv'}")
    for line in outcome.given:
        _echo(f"  {line}")
    counts = ", ".join(f"{outcome.findings.count(s)} {s}s" for s in SEVERITIES)
    _echo(f"  findings: {counts} (reports/findings.html)")


def _verdict(findings: Findings, fail_on: str) -> int:
    if fail_on == "never":
        return 0
    return int(any(findings.count(s) for s in SEVERITIES[: SEVERITIES.index(fail_on) + 1]))


@functools.cache
def _command() -> Callable[..., object]:
    """The command line as typer makes it, once for all commands of a process (the self-test runs hundreds)."""
    return typer.main.get_command(app)


def main() -> None:
    """Entry point: errors for the user are printed in plain words, with the exit codes of the documentation."""
    from .errors import Raw2AdamError, SpecError, refused_write

    gc.set_threshold(50_000, 20, 20)  # a run makes many objects that live to its end
    try:
        _command()(prog_name="raw2adam")  # else python -m raw2adam and the self-test would show another name
    except Raw2AdamError as error:
        told = error.shown() if isinstance(error, SpecError) else str(error)
        _echo(f"raw2adam: {told}", err=True)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        from .runs.crash import crash_line

        refused = refused_write(error.filename or "a file", error) if isinstance(error, OSError) else None
        if refused is not None:
            _say(f"raw2adam: {refused}")
            raise SystemExit(refused.exit_code) from None

        _echo(f"raw2adam: {crash_line(error)}", err=True)
        raise SystemExit(CRASH) from None


if __name__ == "__main__":
    raise SystemExit("run it as: python -m raw2adam")
