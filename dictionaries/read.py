"""Reads the dictionaries of a study: finds their files, checks their versions, and reads the coding files.

Not for the layouts (meddra.py, whodrug.py, tables.py ...) nor for coding records (engine/derivations/coded.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError
from ..findings.table import Findings
from ..mappings.models.dictionaries import FOLDERS, CodingDictionarySpec
from .coding_file import CodedTerm, Key, read_coding_file
from .dictionary import Dictionary
from .meddra import read_meddra
from .published_tables import read_snomed, read_unii
from .smq import read_smq
from .study_dictionary import StudyDictionary
from .table_file import TableColumns
from .tables import read_loinc, read_table, read_tables
from .whodrug import read_whodrug


@dataclass(frozen=True)
class ReadDictionaries:
    """The dictionaries of a study by name, and the files that were read: name for the manifest -> path."""

    dictionaries: dict[str, StudyDictionary] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


def read_dictionaries(
    specs: Mapping[str, CodingDictionarySpec],
    used: Collection[str],
    folders: Collection[Path],
    root: Path,
    findings: Findings,
    *,
    lenient: bool = False,
) -> ReadDictionaries:
    """The dictionaries of ``specs`` that the study uses.

    ``folders``: where their files may lie, the first one first; ``root``: the study folder, with the coding files.
    ``lenient``: missing files, and coding files of another version, are no error: the terms are listed to be coded.
    Raises InputError that names every dictionary whose files are missing, damaged or of another version.
    """
    read = ReadDictionaries()
    problems: list[str] = []
    for name, spec in specs.items():
        if name not in used:
            continue
        try:
            _read_one(name, spec, folders, root, findings, read, lenient=lenient)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return read


def _read_one(
    name: str,
    spec: CodingDictionarySpec,
    folders: Collection[Path],
    root: Path,
    findings: Findings,
    read: ReadDictionaries,
    *,
    lenient: bool,
) -> None:
    dictionary, tables = _entries(name, spec, folders, findings, optional=spec.optional or lenient)
    for table in tables:
        read.files[f"dictionaries/{name}/{table.path.name}"] = table.path
    terms: dict[Key, CodedTerm] = {}
    for file in spec.coding_files:
        if not (root / file.file).is_file():
            if lenient:
                continue
            raise InputError(
                f"coding of {name}: there is no file '{file.file}' in the study folder; raw2adam coding export "
                "writes the terms to code"
            )
        coded, table = read_coding_file(name, root, file, spec, dictionary, findings, any_version=lenient)
        if (both := sorted(coded.keys() & terms.keys())) != []:
            raise InputError(
                f"coding of {name}: '{', '.join(both[0])}' is in {terms[both[0]].place} and in "
                f"{coded[both[0]].place}; a term has one row"
            )
        terms |= coded
        read.files[f"coding/{name}/{file.file}"] = table.path
    read.dictionaries[name] = StudyDictionary(name, spec, dictionary, terms)


def _entries(
    name: str, spec: CodingDictionarySpec, folders: Collection[Path], findings: Findings, *, optional: bool
) -> tuple[Dictionary | None, list[TableColumns]]:
    """The entries of a dictionary and its files; None for an ``optional`` one that is absent. Raises InputError."""
    owner = f"dictionary {name}"
    folder = next((f for f in folders if (f / spec.path).exists()), None)
    if folder is None:
        if not optional:
            looked = ", ".join(str(f) for f in folders)
            raise InputError(
                f"{owner}: '{spec.path}' is in none of the folders {looked}; name the folder of the dictionaries with "
                "--dictionaries, or declare optional: true"
            )
        message = f"{spec.name} {spec.version}: '{spec.path}' is absent, so no code is checked"
        findings.add("R2A-DICT-006", f"{name}: {message}", file=spec.path)
        return None, []
    of_folder = spec.format in FOLDERS
    if of_folder != (folder / spec.path).is_dir():
        wanted = "a folder" if of_folder else "a file"
        raise InputError(f"{owner}: {folder / spec.path} is not {wanted}; format: {spec.format} reads {wanted}")
    dictionary, version, tables = _read_format(owner, folder, spec, findings)
    if not version:
        message = f"{name}: the files do not state their version; study.yaml declares {spec.name} {spec.version}"
        findings.add("R2A-DICT-007", message, file=spec.path)
    elif version != spec.version:
        raise InputError(
            f"{owner}: the files are of version {version}, and study.yaml declares {spec.version}; use the files of "
            f"version {spec.version}, or change version: and review the coding"
        )
    return dictionary, tables


def _read_format(
    owner: str, folder: Path, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, list[TableColumns]]:
    """The dictionary, the version that its files state, and the files. Raises InputError."""
    of_files = {"meddra": read_meddra, "smq": read_smq, "whodrug_b3": read_whodrug, "whodrug_c3": read_whodrug}
    if spec.format in of_files:
        return of_files[spec.format](owner, folder / spec.path, spec)
    if spec.format == "tables":
        return read_tables(owner, folder / spec.path, spec, findings)
    of_table = {"loinc": read_loinc, "unii": read_unii, "snomed": read_snomed}
    dictionary, version, table = of_table.get(spec.format, read_table)(owner, folder, spec.path, spec, findings)
    return dictionary, version, [table]
