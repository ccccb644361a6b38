"""Which files a check reads: the datasets and define.xml of a folder, of a package for an agency, or of one file.

Not for their content (read_package.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..output_folder.layout import KINDS, PACKAGE, datasets_folders, layout_of_output
from ..output_folder.manifest import MANIFEST_NAME, read_manifest
from ..transport.dataset_files import FORMATS, dataset_names
from .table import Standard

DEFINE = "define.xml"
SPLIT = "split"
#: of one dataset in several files the first of these formats is read
SUFFIXES = tuple(s.strip() for s in FORMATS.split(","))
#: the places of SDTM and ADaM in the folder of a study (FDA Study Data Technical Conformance Guide, section 7)
_IN_PACKAGE: dict[Standard, str] = {"sdtm": "tabulations/sdtm", "adam": "analysis/adam/datasets"}


@dataclass(frozen=True, kw_only=True)
class ReadProblem:
    """What is wrong with a file. ``rule``: its id in the catalogue; ``file``: relative to what the user named."""

    rule: str
    message: str
    file: str = ""
    dataset: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The files of one folder. ``standard``: '' where the place does not state it.

    ``files``: dataset -> its files, one, or the parts of a split file in their order. ``whole``: all of the folder.
    """

    folder: Path
    files: Mapping[str, tuple[Path, ...]]
    define: Path | None = None
    standard: Standard | str = ""
    whole: bool = True


@dataclass
class Located:
    """What was found below ``root``."""

    root: Path
    parts: list[Part] = field(default_factory=list)
    problems: list[ReadProblem] = field(default_factory=list)

    def relative(self, path: Path) -> str:
        """How findings name a file."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.name


def locate(path: Path) -> Located:
    """The files to check. ``path``: a folder of datasets, the output of a build, a package for an agency, or one file.

    Raises InputError where it does not exist, cannot be read or has no dataset.
    """
    try:
        if path.is_dir():
            return _of_folder(path)
        if path.is_file():
            return _of_file(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}; check its permissions") from None
    raise InputError(f"{path}: no such file or folder; name a folder of datasets")


def _of_file(path: Path) -> Located:
    if path.suffix.lower() == ".xml":
        raise InputError(f"{path}: a define.xml is checked with its datasets; name its folder")
    found = Located(path.parent)
    names = _names(path, found)
    if not names:
        raise InputError(f"{path}: no dataset in it; name a folder, or a file of {', '.join(SUFFIXES)}")
    define = path.parent / DEFINE
    files = dict.fromkeys(names, (path,))
    beside = define if define.is_file() else None
    found.parts.append(Part(folder=path.parent, files=files, define=beside, whole=False))
    return found


def _of_folder(path: Path) -> Located:
    found = Located(path)
    here = _part(path, found)
    if here is not None:
        found.parts.append(here)
        return found
    for standard, folder in _places(path):
        part = _part(folder, found, standard)
        if part is not None:
            found.parts.append(part)
    if not found.parts:
        below = sorted({p.parent.relative_to(path).as_posix() for p in path.glob("*/*") if _is_dataset_file(p)})
        hint = f"; there are some in its folders {', '.join(below[:5])}: name one of them" if below else ""
        raise InputError(f"{path}: no dataset in it ({', '.join(SUFFIXES)}){hint}")
    return found


def _places(path: Path) -> list[tuple[Standard, Path]]:
    """The folders of SDTM and ADaM in an output or in a package."""
    if (path / MANIFEST_NAME).is_file():
        try:
            manifest = read_manifest(path)
            folders = datasets_folders(path, layout_of_output(manifest))
            return [("adam" if kind == "adam" else "sdtm", folder) for kind, (folder, _) in folders.items()]
        except InputError:
            pass  # the files say as much as a damaged manifest
    studies = sorted(p for p in (path / PACKAGE / "datasets").glob("*") if p.is_dir())
    if len(studies) > 1:
        names = ", ".join(p.name for p in studies)
        raise InputError(f"{path}: it has the studies {names}; name the folder of one, as {studies[0]}")
    inside = studies[0] if studies else path
    packaged = [(standard, inside / place) for standard, place in _IN_PACKAGE.items() if (inside / place).is_dir()]
    plain: list[tuple[Standard, Path]] = [("sdtm", path / KINDS[0]), ("adam", path / KINDS[1])]
    return packaged or [place for place in plain if place[1].is_dir()]


def _is_dataset_file(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _part(folder: Path, found: Located, standard: Standard | str = "") -> Part | None:
    """The datasets of a folder, and of its folder ``split`` where the whole file is not there; None for none."""
    if not folder.is_dir():
        return None
    before = len(found.problems)
    files: dict[str, tuple[Path, ...]] = {n: (p,) for n, p in _one_each(folder, found).items()}
    parts: dict[str, dict[int, Path]] = {}
    for name, path in _one_each(folder / SPLIT, found).items() if (folder / SPLIT).is_dir() else ():
        whole = name.rstrip("0123456789")
        if whole != name and whole not in files:
            parts.setdefault(whole, {})[int(name[len(whole) :])] = path
    files |= {name: tuple(path for _, path in sorted(numbered.items())) for name, numbered in parts.items()}
    if not files and len(found.problems) == before:
        return None
    define = folder / DEFINE
    return Part(
        folder=folder,
        files=dict(sorted(files.items())),
        define=define if define.is_file() else None,
        standard=standard,
    )


def _one_each(folder: Path, found: Located) -> dict[str, Path]:
    """Dataset -> its file. Of two files in one format the one with the name of the dataset is read."""
    files: dict[str, list[Path]] = {}
    for path in sorted(p for p in folder.iterdir() if _is_dataset_file(p)):
        for name in _names(path, found):
            files.setdefault(name, []).append(path)
    chosen: dict[str, Path] = {}
    formats: dict[str, list[str]] = {}
    for name, paths in sorted(files.items()):
        first, *others = sorted(paths, key=lambda p: _rank(name, p))
        chosen[name] = first
        for other in others:
            if other.suffix.lower() != first.suffix.lower():
                formats.setdefault(other.suffix.lower(), []).append(name)
                continue
            message = f"it contains {name}, as {found.relative(first)}, which is checked"
            problem = ReadProblem(rule="R2A-FILE-002", message=message, file=found.relative(other), dataset=name)
            found.problems.append(problem)
    for suffix, names in sorted(formats.items()):
        count = f"{len(names)} datasets" if len(names) > 1 else names[0]
        message = f"files {suffix} of {count} are not checked, because there are files of another format"
        found.problems.append(ReadProblem(rule="R2A-FILE-003", message=message, file=found.relative(folder)))
    return chosen


def _rank(name: str, path: Path) -> tuple[int, bool, str]:
    return SUFFIXES.index(path.suffix.lower()), path.stem.upper() != name, path.name


def _names(path: Path, found: Located) -> list[str]:
    try:
        return list(dict.fromkeys(dataset_names(path)))
    except (InputError, OSError) as error:
        found.problems.append(unreadable(found, path, error))
        return []


def unreadable(found: Located, path: Path, error: Exception) -> ReadProblem:
    """The problem of a file that cannot be read."""
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    message = reason.replace(str(path), found.relative(path))
    return ReadProblem(rule="R2A-FILE-001", message=message, file=found.relative(path))
