"""The package for an agency: the pre-check of a stage, its list of files with checksums, and a package of an output.

Not for where files lie (output_folder/layout.py), nor for the content of the page (validation/reports/package.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .. import __version__
from ..define.content import DefineContent
from ..define.reading import read_define
from ..errors import InputError, OutputError
from ..output_folder.installed import package_versions
from ..output_folder.layout import ECTD, MISC, PACKAGE, Layout, layout_of, layout_of_output
from ..output_folder.manifest import (
    MANIFEST_NAME,
    FileHash,
    Manifest,
    files_of,
    hash_file,
    read_manifest,
    verify_manifest,
    write_manifest,
)
from ..output_folder.notice import NOTICE_FILE, notice_file, notice_text
from ..output_folder.path_rules import path_problems
from ..output_folder.swap import OutputFolder
from ..programs.analysis_listing import FILE as ANALYSES
from ..transport.agency_profiles import FDA, PMDA, agency_profile
from ..transport.dataset_files import read_records
from ..transport.output_formats import submitted
from ..validation.pmda_rejection import pmda_rejection
from ..validation.rejection import Criterion, StudyPackage, technical_rejection
from ..validation.reports.package import (
    PACKAGE_DATA,
    PACKAGE_PAGE,
    PackageFile,
    checksum_list,
    package_html,
    package_json,
)
from ..validation.reports.run_head import RunHead, fingerprint

#: file-tags of the study tagging file: of transport files, and of define.xml and all else beside it (FDA 1735)
_TAGS = {
    "sdtm": ("data-tabulation-dataset-sdtm", "data-tabulation-data-definition"),
    "adam": ("analysis-dataset-adam", "analysis-data-definition"),
}
#: the package as one file
ARCHIVE = f"{PACKAGE}.zip"
#: the earliest time that a zip file can state
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CRF_TAG, _PROGRAM_TAG = "annotated-crf", "analysis-program"


@dataclass(frozen=True, kw_only=True)
class Packaging:
    """What is packaged. ``source``: an output of a build; ``out``: the folder of the package.

    ``study_id``: study-id of the study tagging file; '' for STUDYID. ``archive``: the package is also one zip file.
    ``profile``: of the agency whose criteria are checked; '' for that of the build.
    """

    source: Path
    out: Path
    study_id: str = ""
    profile: str = ""
    archive: bool = False
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Packaged:
    """The result for the command: the files of the package and the results of the criteria."""

    files: list[PackageFile] = field(default_factory=list)
    criteria: list[Criterion] = field(default_factory=list)


def refuse_names(names: Iterable[str], layout: Layout) -> None:
    """Raise OutputError for files, named as in the plain layout, whose paths in the package break a rule."""
    paths = sorted(p for p in map(layout.place, names) if p.startswith(f"{PACKAGE}/"))
    if problems := path_problems(paths):
        raise OutputError("the package would break rules of the eCTD; rename:\n" + "\n".join(problems))


def pre_check(root: Path, layout: Layout, study: str, profile: str = FDA.name) -> list[Criterion]:
    """The criteria of technical rejection for the package below ``root``. ``study``: study-id of its tagging file.

    ``profile``: pmda for the rules of PMDA; those of FDA for any other.
    """
    sdtm, adam = (root / layout.datasets(kind) for kind in ("sdtm", "adam"))
    package = StudyPackage(study, sdtm, adam)
    return pmda_rejection(package) if profile == PMDA.name else technical_rejection(package)


def write_package(root: Path, layout: Layout, study: str, criteria: list[Criterion], head: RunHead) -> Packaged:
    """Write the page, its data and the lists of checksums for the package below ``root``.

    Every file of the package is there before. Raises OutputError for a path that breaks a rule.
    """
    names = [layout.logical(p) for p in files_of(root) if p.startswith(f"{PACKAGE}/")]
    refuse_names(names, layout)
    files = _package_files(root, layout, names)
    (root / "reports").mkdir(exist_ok=True)
    (root / PACKAGE_PAGE).write_bytes(package_html(study, files, criteria, head))
    (root / PACKAGE_DATA).write_bytes(package_json(study, files, criteria))
    for kind in ("md5", "sha256"):
        (root / f"{PACKAGE}-{kind}.txt").write_bytes(checksum_list(files, kind))
    return Packaged(files, criteria)


def package_output(about: Packaging) -> Packaged:
    """The package of a finished output in a folder. The datasets and define.xml have the bytes of the output.

    Raises InputError for an output that is not as it was built, or that a conversion wrote; OutputError.
    """
    manifest = read_manifest(about.source)
    profile = agency_profile(about.profile or str(manifest.options.get("profile", FDA.name))).name
    if "convert" in manifest.options:
        raise InputError(f"{about.source}: an output of raw2adam convert; name the output of a build")
    source, layout = layout_of_output(manifest), layout_of(ECTD, manifest.study)
    if problems := verify_manifest(about.source):
        shown = "\n".join(problems[:5])
        raise InputError(f"{about.source}: not as it was built; build it again. raw2adam verify lists all:\n{shown}")
    names = {path: layout.place(source.logical(path)) for path in manifest.outputs}
    copies = {path: place for path, place in names.items() if place.startswith(f"{PACKAGE}/")}
    refuse_names(map(source.logical, copies), layout)
    folder = OutputFolder(about.out, inputs=[about.source])
    with folder.stage() as stage:
        for note in folder.notes:
            about.say(note)
        for path, place in copies.items():
            _copy(about.source / path, stage.path / place, manifest.outputs[path])
        study = about.study_id or manifest.study
        criteria = pre_check(stage.path, layout, study, profile)
        notice = notice_file(about.source)
        if notice is not None:
            _copy(notice, stage.path / NOTICE_FILE, hash_file(notice))
        done = write_package(stage.path, layout, study, criteria, _head(manifest, notice_text(notice)))
        if about.archive:
            write_archive(stage.path, [file.path for file in done.files])
        write_manifest(
            stage.path,
            study=manifest.study,
            version=__version__,
            declared=dt.date.fromisoformat(manifest.declared),
            inputs={f"out/{MANIFEST_NAME}": hash_file(about.source / MANIFEST_NAME)},
            specs=manifest.specs,
            packages=package_versions(),
            counts=manifest.counts,
            findings=manifest.findings,
            options={"layout": ECTD, "package": study},
        )
    return done


def write_archive(root: Path, paths: Iterable[str]) -> None:
    """Write the files of a package as one zip file beside them, in order, without times: equal files, equal bytes."""
    with zipfile.ZipFile(root / ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(paths):
            about = zipfile.ZipInfo(path, _NO_TIME)
            about.compress_type, about.create_system, about.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            about.file_size = (root / path).stat().st_size  # a larger one than 4 GiB needs the longer header
            with (root / path).open("rb") as file, archive.open(about, "w") as target:
                shutil.copyfileobj(file, target, 1 << 20)


def _copy(source: Path, target: Path, expected: FileHash) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if hash_file(target) != expected:
        raise InputError(f"{source}: has changed during the run; verify the output, and package it again")


def _head(manifest: Manifest, notice: str) -> RunHead:
    hashes: Mapping[str, FileHash] = {**manifest.inputs, **manifest.specs}
    return RunHead(
        study=manifest.study,
        title="",
        version=__version__,
        as_of=manifest.declared,
        cutoff=str(manifest.options.get("cutoff", "")),
        command="raw2adam package OUT --out PACKAGE",
        fingerprint=fingerprint({name: f.sha256 for name, f in hashes.items()}),
        notice=notice,
    )


def _package_files(root: Path, layout: Layout, names: Iterable[str]) -> list[PackageFile]:
    contents = {kind: _define(root / layout.datasets(kind) / "define.xml") for kind in _TAGS}
    files = []
    for name in names:
        path, (kind, _, file) = layout.place(name), name.partition("/")
        hashed = hash_file(root / path)
        files.append(
            PackageFile(
                path=path,
                title=_title_in_misc(root / path) if kind == MISC else _title(contents[kind], file),
                tag=_tag(contents.get(kind), kind, file),
                bytes=hashed.bytes,
                md5=_md5(root / path),
                sha256=hashed.sha256,
            )
        )
    return files


def _define(path: Path) -> DefineContent | None:
    return read_define(path.read_bytes(), path.name) if path.is_file() else None


def _tag(content: DefineContent | None, kind: str, file: str) -> str:
    if kind == MISC:
        return ""  # the publisher chooses it by what the file is
    dataset, definition = _TAGS[kind]
    if file.startswith("programs/"):
        return _PROGRAM_TAG
    if file.endswith(".xpt"):
        return dataset
    crf = {content.leaves[d.leaf].href for d in content.crf if d.leaf in content.leaves} if content else set()
    return _CRF_TAG if file in crf and kind == "sdtm" else definition


def _title(content: DefineContent | None, file: str) -> str:
    """The title of a file: of a document and a dataset that of define.xml."""
    stem = PurePosixPath(file).stem.upper()
    if file == f"programs/{ANALYSES}":
        return "Code of tables and figures"
    if file.startswith("programs/"):
        return f"Derivations of {stem}"
    if content is not None:
        for leaf in content.leaves.values():
            if leaf.href == file:
                return leaf.title
        of_part = stem.rstrip("0123456789") if "/" in file else stem
        for dataset in content.datasets:
            if file.endswith(".xpt") and dataset.name.upper() == of_part:
                return dataset.label if of_part == stem else f"{dataset.label}, part {stem.removeprefix(of_part)}"
    return {"define.xml": "Data definitions", "define2-1.xsl": "Stylesheet of define.xml"}.get(file, "")


def _title_in_misc(path: Path) -> str:
    """The label of a dataset in the folder misc; '' for another file."""
    return read_records(path)[0].label if path.suffix == submitted().suffix else ""


def _md5(path: Path) -> str:
    """The checksum that the backbone of an eCTD has of every file."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
