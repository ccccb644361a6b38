"""The commands about the specs of a study: lint, schema, spec. They parse, call and print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ..findings.rule import SEVERITIES
from .options import FORMATS, Format, Study, choice
from .printing import echo


def lint(
    study: Study,
    raw: Annotated[
        Path | None, typer.Option(help="Raw folder: also check column names and texts against the files.")
    ] = None,
    format_: Format = "text",
) -> None:
    """List all mistakes of a study's specs, each at file:line:column."""
    choice("--format", format_, FORMATS)

    from ..errors import SpecError
    from ..runs.lint import lint_study, problems_json

    try:
        problems = lint_study(study, raw)
    except SpecError as error:
        problems = error.problems
    if format_ == "json":
        echo(json.dumps(problems_json(problems), indent=1))
    else:
        for p in problems:
            echo(p.shown())
    counts = [sum(p.severity == s for p in problems) for s in SEVERITIES]
    listed = [f"{n} {s}s" for n, s in zip(counts, SEVERITIES, strict=True) if n or s != "note"]
    echo(f"{study}: {', '.join(listed)}", err=True)
    raise typer.Exit(2 if counts[0] else 0)


def schema() -> None:
    """Print the JSON Schema of the spec files, for editors that complete and check while typing."""
    from ..mappings.binding.editor_schema import json_schema
    from ..mappings.models.analysis import DisplaySpec
    from ..mappings.models.dataset import DatasetSpec
    from ..mappings.models.dispositions import DispositionsFile
    from ..mappings.models.study import StudySpec
    from ..runs import plan_study as planning  # noqa: F401 - registers the derivations
    from ..validation.quality.check_files import ChecksFile

    files = {
        "study.yaml": StudySpec,
        "dataset": DatasetSpec,
        "analysis": DisplaySpec,
        "findings.yaml": DispositionsFile,
        "checks": ChecksFile,
    }
    echo(json.dumps({name: json_schema(model) for name, model in files.items()}, indent=1))


def spec(study: Study) -> None:
    """List the spec: each variable with its rule in a sentence, and the line of the spec."""
    from ..runs.spec_listing import spec_listing

    for line in spec_listing(study):
        echo(line)
