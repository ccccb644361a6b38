"""Reads the packages that a check is about: datasets of any author in any format, with or without define.xml.

A file that cannot be read is a finding; the others are checked. Not for finding the files (locate_files.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ..define.content import DatasetContent, DefineContent
from ..define.reading import read_define
from ..engine.columns import column as col
from ..engine.tables.dataset import Dataset, DatasetMetadata
from ..errors import InputError, OutputError, UsageError
from ..mappings.facts.facts import sdtm_names
from ..transport.dataset_files import read_dataset
from .closed_codelists import with_closed_codelists
from .locate_files import Located, Part, ReadProblem, locate, unreadable
from .package import Package
from .table import Standard

_ANALYSIS = "AD"
_GUIDES: dict[str, Standard] = {"ADAM": "adam", "SDTM": "sdtm", "SEND": "sdtm"}


@dataclass(frozen=True, kw_only=True)
class ReadPackages:
    """The packages below ``root``, SDTM first, and what is wrong with the files."""

    root: Path
    packages: tuple[Package, ...]
    problems: tuple[ReadProblem, ...]

    @property
    def datasets(self) -> int:
        """The number of datasets that were read."""
        return sum(len(p.datasets) for p in self.packages)

    @property
    def records(self) -> int:
        """The number of records in all datasets."""
        return sum(len(d) for p in self.packages for d in p.datasets.values())


def read_packages(
    path: Path, *, define: Path | None = None, standard: Standard | str = "", encoding: str = ""
) -> ReadPackages:
    """Read the datasets of ``path``: a folder, the output of a build, a package for an agency, or one file.

    ``define``: the define.xml, by default that beside the datasets. ``standard``: sdtm or adam for all datasets, by
    default what define.xml, the folder and the names of the datasets state. ``encoding``: of the text in XPT and
    SAS7BDAT files. Raises InputError where there is nothing to read, UsageError where ``define`` would describe two
    folders.
    """
    found = locate(path)
    if define is not None:
        if len(found.parts) > 1:
            folders = " and ".join(found.relative(p.folder) for p in found.parts)
            raise UsageError(f"--define: {path} has datasets in {folders}; name the folder that the file describes")
        found.parts = [replace(p, define=define) for p in found.parts]
    problems = found.problems
    packages: dict[Standard, Package] = {}
    for part in found.parts:
        for package in _of_part(part, found, standard, encoding):
            packages[package.standard] = package
    if "sdtm" in packages and "adam" in packages:
        packages["adam"] = replace(packages["adam"], related=packages["sdtm"])
    ordered = tuple(packages[name] for name in ("sdtm", "adam") if name in packages)
    return ReadPackages(root=found.root, packages=ordered, problems=tuple(problems))


def _of_part(part: Part, found: Located, standard: str, encoding: str) -> list[Package]:
    """The packages of one folder: one, or two where SDTM and ADaM lie in it."""
    content, xml = _define(part, found) if part.define is not None else (None, b"")
    described = {d.name.upper(): d for d in reversed(content.datasets)} if content else {}
    groups: dict[Standard, dict[str, Dataset]] = {}
    main = _main(standard or part.standard or _of_define(content), part)
    for name, paths in part.files.items():
        data = _read(name, paths, found, encoding)
        if data is not None:
            of = main if standard or name in described else _of_name(name, data, main)
            groups.setdefault(of, {})[name] = _described(data, described.get(name), content, of)
    if len(groups) > 1:
        others = sorted(name for of, datasets in groups.items() if of != main for name in datasets)
        message = f"{', '.join(others[:5])}{' ...' if len(others) > 5 else ''}: not {main.upper()} as the others"
        problem = ReadProblem(rule="R2A-FILE-004", message=message, file=found.relative(part.folder))
        found.problems.append(problem)
    every = {name for datasets in groups.values() for name in datasets}
    if content is not None and main not in groups:
        groups[main] = {}
    return [
        Package(
            standard=of,
            datasets=datasets,
            define=content if of == main else None,
            complete=content is not None and of == main and part.whole,
            folder=part.define.parent if part.define is not None and of == main else part.folder,
            files={n: p[0] for n, p in part.files.items() if n in datasets or (of == main and n not in every)},
            define_xml=xml if of == main else b"",
        )
        for of, datasets in groups.items()
    ]


def _define(part: Part, found: Located) -> tuple[DefineContent | None, bytes]:
    path = part.define
    assert path is not None
    try:
        xml = path.read_bytes()
        return read_define(xml, found.relative(path)), xml
    except OSError as error:
        message = f"{error.strerror or error}; name a define.xml that can be read"
    except (InputError, OutputError) as error:
        message = str(error)
    found.problems.append(ReadProblem(rule="R2A-FILE-005", message=message, file=found.relative(path)))
    return None, b""


def _read(name: str, paths: tuple[Path, ...], found: Located, encoding: str) -> Dataset | None:
    """A dataset of one file, or of the parts of a split file, one after the other."""
    parts: list[Dataset] = []
    for path in paths:
        try:
            parts.append(read_dataset(path, encoding, "" if len(paths) > 1 else name))
        except (InputError, OSError) as error:
            found.problems.append(replace(unreadable(found, path, error), dataset=name))
    if len(parts) < len(paths):
        return None
    if len(parts) == 1:
        return parts[0]
    first = parts[0].metadata
    for part, path in zip(parts, paths, strict=True):
        if part.metadata.names != first.names:
            message = f"its variables are not those of {found.relative(min(paths))}, the first part of {name}"
            problem = ReadProblem(rule="R2A-FILE-001", message=message, file=found.relative(path), dataset=name)
            found.problems.append(problem)
            return None
    metadata = replace(first, name=name)
    columns = {n: col.concat([p.columns[n] for p in parts]) for n in first.names}
    return Dataset(metadata, pd.DataFrame(columns, columns=first.names))


def _of_define(content: DefineContent | None) -> Standard | str:
    """The standard of a define.xml: that of its guides, else of the purpose of its datasets."""
    if content is None:
        return ""
    guides = {s.name[:4].upper() for s in content.standards.values() if s.type == "IG"}
    if len(guides) == 1:
        return _GUIDES.get(guides.pop(), "")
    purposes = {d.purpose for d in content.datasets}
    return "adam" if purposes == {"Analysis"} else "sdtm" if purposes == {"Tabulation"} else ""


def _main(known: str, part: Part) -> Standard:
    """The standard of a folder; where nothing states it, that of the names of its files."""
    if known:
        return "adam" if known == "adam" else "sdtm"
    analyses = sum(name.startswith(_ANALYSIS) for name in part.files)
    return "adam" if analyses * 2 > len(part.files) else "sdtm"


def _of_name(name: str, data: Dataset, main: Standard) -> Standard:
    """ADaM datasets begin with AD. An SDTM dataset has DOMAIN or RDOMAIN, or a name of the guide."""
    if name.startswith(_ANALYSIS):
        return "adam"
    return "sdtm" if {"DOMAIN", "RDOMAIN"} & set(data.metadata.names) or name in sdtm_names() else main


def _described(
    data: Dataset, defined: DatasetContent | None, content: DefineContent | None, standard: Standard
) -> Dataset:
    """The dataset with the facts of define.xml that its file does not have: keys, class, structure, codelists."""
    known: Mapping[str, object] = {"standard": "", "purpose": "Analysis" if standard == "adam" else "Tabulation"}
    metadata: DatasetMetadata = replace(data.metadata, **known)  # pyright: ignore[reportArgumentType]
    if defined is not None and content is not None:
        keyed = sorted((int(i.key), i.name.upper()) for i in defined.items if i.key.isdecimal())
        keys = tuple(name for _, name in keyed if name in metadata.names)
        metadata = replace(
            metadata,
            keys=keys or metadata.keys,
            observation_class=defined.class_name,
            structure=defined.structure,
            domain="" if standard == "adam" else defined.domain,
        )
        metadata = with_closed_codelists(metadata, defined, content)
    return Dataset.of_clean(metadata, data.frame)
