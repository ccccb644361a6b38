"""The commands of a submission: package, simplified-ts, acrf, guide. They parse, call and print."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Study, date_of
from .printing import echo, repaired, say

if TYPE_CHECKING:
    from ..runs.package import Packaged


def package(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a build.")],
    to: Annotated[Path, typer.Option("--out", help="Folder of the package; replaced as a whole.")],
    study_id: Annotated[
        str, typer.Option(help="study-id of the study tagging file, if it is not STUDYID; the pre-check compares them.")
    ] = "",
    profile: Annotated[
        str, typer.Option(help="pmda: check what PMDA rejects; fda: what FDA rejects. By default as the build.")
    ] = "",
    archive: Annotated[bool, typer.Option("--zip", help="Write the files also as one file, m5.zip.")] = False,
) -> None:
    """Package an output for an agency: m5/datasets/STUDY, checksums, and a pre-check of technical rejection."""
    from ..runs.package import Packaging, package_output

    repaired(out)
    about = Packaging(source=out, out=to, study_id=study_id, profile=profile, archive=archive, say=say)
    _packaged(to, package_output(about))


def simplified_ts(
    study_id: Annotated[str, typer.Argument(help="study-id of the study tagging file: STUDYID of ts.xpt.")],
    out: Annotated[Path, typer.Option(help="Folder of the package; replaced as a whole.")],
    start: Annotated[str, typer.Option(help="Study start date, YYYY-MM-DD.")] = "",
    null_flavor: Annotated[str, typer.Option(help="Why the study has no start date: NA, UNK, ... of ISO 21090.")] = "",
    as_of: Annotated[str, typer.Option(help="Declared date in the file, YYYY-MM-DD; by default today.")] = "",
) -> None:
    """Write the package of a study without SDTM: ts.xpt with the study start date alone."""
    from ..runs.simplified_ts import SimplifiedTs, write_simplified_ts

    about = SimplifiedTs(
        study=study_id,
        out=out,
        start=date_of(start),
        null_flavor=null_flavor.upper(),
        declared=date_of(as_of) or dt.date.today(),
        say=say,
    )
    _packaged(out, write_simplified_ts(about))


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
    from ..runs.acrf import write_acrf

    for line in write_acrf(study, out, raw, say, pdf).lines:
        echo(f"{out}: {line}")


def guide(
    out: Annotated[Path, typer.Argument(help="Output folder of a build.")],
    to: Annotated[Path, typer.Option(help="Folder for the drafts, outside OUT; created where it does not exist.")],
    study: Annotated[str, typer.Option(help="Study whose texts (guide: of study.yaml) the guides have.")] = "",
) -> None:
    """Draft the reviewer's guides (cSDRG, ADRG) of a build, as Word documents and pages."""
    from ..runs.guides import draft_guides

    repaired(out)
    for done in draft_guides(out, to, study):
        for file in done.files:
            echo(str(file))
        echo(f"  {done.missing} texts are to be written by the team (guide: of study.yaml)")


def _packaged(out: Path, done: Packaged) -> None:
    """Print the pre-check and the size of a package; exit with 1 if an agency would reject it."""
    failed = sum(c.state == "failed" for c in done.criteria)
    for c in done.criteria:
        echo(f"  {c.agency} {c.code} {c.state}: {c.text}" + (f" {c.to_do}" if c.to_do else ""))
    many = "1 criterion" if failed == 1 else f"{failed} criteria"
    echo(f"{out}: {len(done.files)} files, {sum(f.bytes for f in done.files):,} bytes, {many} failed")
    raise typer.Exit(1 if failed else 0)
