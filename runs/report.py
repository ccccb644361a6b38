"""The analyses of a study from its ADaM: in a build, or from a finished folder of ADaM into another folder.

Not for computing them (analyses/) nor for the page and its files (report/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from .. import __version__
from ..analyses.compute import compute_analyses, datasets_read
from ..analyses.masking import masked
from ..analyses.results import ComputedAnalyses
from ..analyses.stored import FILE, stored_analyses
from ..engine.columns import column as col
from ..errors import InputError, SpecError, SpecProblem, UsageError
from ..mappings.loader import find_study, load_analyses, load_study
from ..mappings.models.analysis import DisplaySpec, display_groups, repeated_displays
from ..mappings.models.analysis_figures import figure_problems
from ..mappings.models.analysis_groups import GroupsFile
from ..output_folder.installed import package_versions
from ..output_folder.layout import layout_of_output
from ..output_folder.manifest import MANIFEST_NAME, BuiltFiles, FileHash, hash_file, write_manifest
from ..output_folder.notice import NOTICE_FILE, notice_file, notice_text
from ..output_folder.swap import OutputFolder
from ..transport.dataset_files import find_datasets, read_records
from ..validation.reports.run_head import RunHead, fingerprint

#: the page of results
OBJECTIVES = "reports/objectives.html"


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """A report of a finished folder. ``out``: a built output, or a folder of ADaM; ``to``: the folder that is written.

    The displays are those of ``analyses``, a folder, or of ``study``. ``mask_below``: counts below it are masked, 0 for
    none. ``as_of``: the declared date; by default that of a built output, else today.
    """

    out: Path
    to: Path
    analyses: Path | None = None
    study: str = ""
    mask_below: int = 0
    figures: bool = True
    as_of: dt.date | None = None
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What a report has written: its files, and the notes of displays whose data are not there."""

    files: tuple[str, ...]
    notes: tuple[str, ...]
    displays: int


@dataclass(frozen=True)
class _Source:
    """The ADaM of a folder: dataset -> file, the study and the declared date of a built output."""

    files: dict[str, Path]
    built: BuiltFiles | None
    study: str
    declared: dt.date | None


def computed(displays: Sequence[DisplaySpec]) -> bool:
    """Whether any display has a statistic."""
    return any(r.statistic is not None for d in displays for r in d.results.values())


def write_analyses(
    stage: Path, analyses: ComputedAnalyses, head: RunHead | None, *, mask_below: int = 0, figures: bool = True
) -> list[str]:
    """Write the page of results, its files, and the file for trace. Returns their paths in the stage.

    With ``mask_below`` there is no file for trace, which names subjects.
    """
    from ..report.write import write_report

    shown = masked(analyses, mask_below) if mask_below else analyses
    files = list(write_report(stage, shown, head=head, mask_below=mask_below, figures=figures))
    if not mask_below:
        path = stage / FILE
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(stored_analyses(analyses))
        files.append(FILE)
    return files


def report(about: ReportRequest) -> Reported:
    """Compute the displays from a folder of ADaM and write the report into ``about.to``, whole or not at all.

    Raises UsageError for a missing or a second choice of displays, SpecError for mistakes in them, InputError for a
    folder without ADaM, or a file that has changed since its build.
    """
    displays, groups, specs, title = _displays(about)
    source = _source(about.out)
    hashes: dict[str, FileHash] = {}

    def frame(name: str) -> pd.DataFrame | None:
        path = source.files.get(name)
        if path is None:
            return None
        if source.built is not None:
            source.built.check(path)
        hashes[f"in/{path.name}"] = hash_file(path)
        return read_records(path, dataset=name)[1]

    folder = OutputFolder(about.to, inputs=[about.out, *([about.analyses] if about.analyses else [])])
    folder.check_writable()
    with folder.stage() as stage:
        for note in folder.notes:
            about.say(note)
        about.say(f"reading {', '.join(n for n in datasets_read(displays, groups) if n in source.files)}")
        adsl = frame("ADSL")
        study = source.study or _study_of(adsl)
        found = compute_analyses(displays, groups, frame, study=study, title=title or study)
        if not found.displays:
            raise UsageError("no display has a statistic, so there is nothing to report")
        declared = about.as_of or source.declared or dt.date.today()
        notice = notice_file(about.out)
        if notice is not None:
            hashes[NOTICE_FILE] = hash_file(notice)
            (stage.path / NOTICE_FILE).write_bytes(notice.read_bytes())
        found = replace(found, notice=notice_text(notice))
        head = _head(about, found, declared, {**hashes, **{n: hash_file(p) for n, p in specs.items()}})
        about.say(f"{len(found.displays)} displays of {len(found.subjects.subjects)} subjects")
        files = write_analyses(stage.path, found, head, mask_below=about.mask_below, figures=about.figures)
        write_manifest(
            stage.path,
            study=study,
            version=__version__,
            declared=declared,
            inputs=hashes,
            specs=specs,
            packages=package_versions(),
            counts={"displays": len(found.displays)},
            findings={},
            options={"report": True, "mask_below": about.mask_below, "figures": about.figures},
        )
    notes = [f"{d.id}: {n}" for d in found.displays for n in d.notes if not d.columns]
    notes += [f"{d.id} {r.id}: {n}" for d in found.displays for r in d.results for n in r.notes if not _filled(r)]
    return Reported(files=tuple(files), notes=tuple(notes), displays=len(found.displays))


def _filled(result: object) -> bool:
    return any(getattr(result, name) for name in ("rows", "curves", "forest", "lines"))


def _displays(about: ReportRequest) -> tuple[tuple[DisplaySpec, ...], GroupsFile, dict[str, Path], str]:
    """(displays, what they share, files, title). Raises UsageError and SpecError."""
    if bool(about.study) == (about.analyses is not None):
        raise UsageError("name the displays: either --analyses FOLDER, or --study STUDY")
    if about.analyses is not None:
        loaded = load_analyses(about.analyses)
        displays, groups, specs, title, problems = loaded.displays, loaded.groups, loaded.specs, "", loaded.problems
    else:
        from . import plan_study  # noqa: F401 - registers the derivations, which the files of a study name

        study = load_study(find_study(about.study))
        displays, groups, title, problems = study.analyses, study.groups, study.file.study.title, study.problems
        specs = {n: p for n, p in study.specs.items() if "/analyses/" in n}
    unknown: list[SpecProblem] = [problem for _, problem in repeated_displays(displays)]
    for display in displays:
        unknown += figure_problems(display, display_groups(display, groups, unknown))
    problems = [p for p in (*problems, *unknown) if p.severity == "error"]
    if problems:
        raise SpecError(problems)
    if not displays:
        raise UsageError(f"the study {about.study} has no displays in its folder analyses")
    return displays, groups, specs, title


def _source(out: Path) -> _Source:
    if not (out / MANIFEST_NAME).is_file():
        return _Source(find_datasets(out), None, "", None)
    built = BuiltFiles(out)
    folder = out / layout_of_output(built.manifest).datasets("adam")
    if not folder.is_dir():
        raise InputError(f"{out}: this output has no ADaM; build it without --only sdtm")
    return _Source(find_datasets(folder), built, built.manifest.study, dt.date.fromisoformat(built.manifest.declared))


def _study_of(adsl: pd.DataFrame | None) -> str:
    if adsl is None or "STUDYID" not in adsl.columns:
        return ""
    return next((t for t in sorted(set(col.objects(adsl["STUDYID"]).tolist())) if t), "")


def _head(about: ReportRequest, found: ComputedAnalyses, declared: dt.date, files: dict[str, FileHash]) -> RunHead:
    words = ["raw2adam report OUT --to FOLDER", "--study STUDY" if about.study else "--analyses FOLDER"]
    words += [f"--mask-below {about.mask_below}"] if about.mask_below else []
    words += [] if about.figures else ["--no-figures"]
    return RunHead(
        study=found.study,
        title=found.title,
        version=__version__,
        as_of=declared.isoformat(),
        cutoff="",
        command=" ".join(words),
        fingerprint=fingerprint({name: f.sha256 for name, f in files.items()}),
        notice=found.notice,
    )
