"""The commands raw2adam define ...: parse, call, print. No logic; heavy modules are imported by the command itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .printing import echo, say

define_app = typer.Typer(
    help="Specifications of datasets: define.xml and Excel specifications to each other, to specs, and back.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Specification = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A define.xml (2.0 or 2.1), an Excel specification (.xlsx), or a study folder without raw sources.",
    ),
]
Of = Annotated[str, typer.Option(help="sdtm or adam: which datasets of a study folder that has both.")]
Show = Annotated[int, typer.Option(min=0, help="How many differences are printed, 0 for all.")]


@define_app.command()
def read(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="define.xml files or Excel specifications: SDTM, ADaM or one of each."),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the study to write; a new or an empty one.")],
    show: Show = 20,
) -> None:
    """Write a first study spec from an existing define.xml: study.yaml and a file for each dataset.

    Rules that define.xml does not state are marked by to_write, and lint lists them. The specs are written as
    define.xml and compared with the files that were read; differences are counted and printed.
    """
    from ..define.differences import counted
    from ..specification.first_study import read_study

    done = read_study(files, out, say)
    for note in done.notes:
        echo(f"note: {note}")
    for problem in done.errors:
        echo(problem.shown())
    _print_differences([str(d) for d in done.differences], show)
    for (kind, of), number in counted(done.differences).items():
        echo(f"{number:6}  {kind}{', ' + of if of else ': only in one'}")
    counts = f"{done.datasets} datasets, {done.to_write} rules to write, {len(done.errors)} errors"
    echo(f"{out}: {counts}, {len(done.differences)} differences between define.xml and the specs")
    raise typer.Exit(2 if done.errors else 0)


@define_app.command()
def export(
    file: Specification,
    out: Annotated[Path, typer.Option(help="File to write: .xlsx for an Excel specification, .xml for define.xml.")],
    of: Of = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file if it is there.")] = False,
    show: Show = 20,
) -> None:
    """Write a define.xml as an Excel specification (Pinnacle 21 style), or an Excel specification as define.xml.

    The file that was written is read again and compared; differences are printed.
    """
    from ..specification.export import export as export_file

    found = export_file(file, out, say, of=of, replace=replace)
    _print_differences([str(d) for d in found], show)
    echo(f"{out}: written, read again: " + (f"{len(found)} differences" if found else f"equal to {file}"))
    raise typer.Exit(1 if found else 0)


@define_app.command()
def diff(
    base: Annotated[Path, typer.Argument(help="A define.xml, an Excel specification or a study folder.")],
    compare: Annotated[Path, typer.Argument(help="The other one; the forms may differ.")],
    of: Of = "",
    show: Show = 20,
) -> None:
    """Compare two specifications element by element: datasets, variables, value level, codelists, methods, comments."""
    from ..define.differences import counted, differences
    from ..specification.open_content import open_content

    found = differences(open_content(base, say, of), open_content(compare, say, of))
    _print_differences([str(d) for d in found], show)
    for (kind, of), number in counted(found).items():
        echo(f"{number:6}  {kind}{', ' + of if of else ': only in one'}")
    echo(f"{len(found)} differences")
    raise typer.Exit(1 if found else 0)


@define_app.command()
def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The corrected Excel specification, or define.xml.")],
    study: Annotated[str, typer.Argument(help="Folder of the study whose specs are corrected.")],
    base: Annotated[Path, typer.Option(help="The define.xml (or specification) from which FILE was exported.")],
    write: Annotated[bool, typer.Option(help="Write the specs; --no-write lists the changes only.")] = True,
) -> None:
    """Write the corrections of an Excel specification back into the specs of a study.

    Corrected are methods, labels, comments, origins, formats, keys, decodes and titles. Variables, terms, value-level
    rows and documents are added and removed. Other differences are listed with cell and reason. Comments and layout of
    the YAML files stay.
    """
    from ..specification.apply import apply_corrections

    done = apply_corrections(file, study, base, say=say, write=write)
    for text in done.changed:
        echo(text)
    for text in done.refused:
        echo(f"not applied: {text}")
    files = ", ".join(done.files) or "none"
    counts = f"{len(done.changed)} corrections, {len(done.refused)} not applied"
    echo(f"{study}: {counts}; files {'written' if write else 'to write'}: {files}")
    raise typer.Exit(1 if done.refused else 0)


def _print_differences(found: list[str], show: int) -> None:
    for text in found[: show or None]:
        echo(text)
    if show and len(found) > show:
        echo(f"and {len(found) - show} more; --show 0 prints all")
