"""Drafts of the reviewer's guides: in a build, among its reports; or from a finished output folder, into another one.

Not for their content (guides/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, OutputError, UsageError
from ..guides.document import Guide
from ..guides.files import draft, guide_files, guide_paths, unlinked_document
from ..guides.package import RunFacts, RunPackage, finished_package
from ..mappings.loader import find_study, load_study
from ..mappings.models.guide import GuideSpec
from ..output_folder.layout import KINDS, Layout, layout_of_output
from ..output_folder.manifest import BuiltFiles, read_manifest
from .documents import DocumentFile
from .plan_study import plan_study


@dataclass(frozen=True)
class Draft:
    """A guide that was written: its files, and how many texts of the team it lacks."""

    files: tuple[Path, ...]
    missing: int


@dataclass(frozen=True)
class Stage:
    """Where a build writes guides: its stage, the layout, sdtm and adam, and the documents of define.xml."""

    root: Path
    layout: Layout
    kinds: Sequence[str]
    documents: Mapping[str, DocumentFile]


def write_build_guides(stage: Stage, facts: RunFacts, spec: GuideSpec) -> list[Draft]:
    """The guides of a stage that has define.xml, datasets, reports and lineage.

    A document of define.xml that is the draft of a guide has no links: they would lead out of the package.
    """
    package = RunPackage(root=stage.root, run=facts, layout=stage.layout)
    drafts = []
    for kind in stage.kinds:
        guide = draft(package, spec, kind)
        files = dict(guide_files(package, guide, kind, linked=True))
        for document in stage.documents.values():
            if document.drafted == kind:
                files[stage.layout.place(f"{kind}/{document.spec.file}")] = unlinked_document(package, guide)
        for path, data in files.items():
            (stage.root / path).write_bytes(data)
        drafts.append(Draft(tuple(stage.root / path for path in files), len(guide.to_write())))
    return drafts


def draft_guides(out: Path, to: Path, study: str = "") -> list[Draft]:
    """The guides of a finished output folder, in the folder ``to``. ``study``: whose texts they have, '' for none.

    Raises InputError for a folder that no build wrote or that has changed since, and SpecError for a study with
    mistakes. Raises UsageError for another study, and for a folder that has a guide or is inside the output folder.
    """
    _check_target(out, to)
    manifest = read_manifest(out)
    spec = _texts(study, manifest.study)
    built = BuiltFiles(out)
    layout = layout_of_output(manifest)
    kinds = [k for k in KINDS if layout.place(f"{k}/define.xml") in manifest.outputs]
    if not kinds or "reports/findings.json" not in manifest.outputs:
        raise InputError(f"{out}: no build of raw2adam with define.xml and findings; raw2adam build writes one")
    package = finished_package(out, manifest, built.check)
    guides = [(kind, draft(package, spec, kind)) for kind in kinds]
    files = {kind: list(guide_files(package, guide, kind, linked=False)) for kind, guide in guides}
    return list(_written(to, guides, files))


def _texts(study: str, built: str) -> GuideSpec:
    if not study:
        return GuideSpec()
    loaded = load_study(find_study(study))
    plan_study(loaded)  # reports every mistake of the specs
    if loaded.file.study.id != built:
        raise UsageError(f"--study: {study} is the study {loaded.file.study.id}, and the output folder is of {built}")
    return loaded.file.guide


def _check_target(out: Path, to: Path) -> None:
    if to.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"--to {to} is inside the output folder, which must not change; name a folder outside it")
    if to.exists() and not to.is_dir():
        raise UsageError(f"--to {to} is a file; name a folder")
    for kind in KINDS:
        for path in guide_paths(kind):
            target = to / Path(path).name
            if target.exists():
                raise UsageError(f"{target} exists, and somebody may have edited it; move it, or name another folder")


def _written(
    to: Path, guides: Sequence[tuple[str, Guide]], files: dict[str, list[tuple[str, bytes]]]
) -> Iterator[Draft]:
    try:
        to.mkdir(parents=True, exist_ok=True)
        for kind, guide in guides:
            targets = []
            for path, data in files[kind]:
                target = to / Path(path).name
                part = target.with_name(f".{target.name}.part")
                part.write_bytes(data)
                part.replace(target)
                targets.append(target)
            yield Draft(tuple(targets), len(guide.to_write()))
    except OSError as error:
        raise OutputError(f"{to}: the guides cannot be written: {error.strerror or error}") from error
