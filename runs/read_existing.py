"""The existing SDTM of a folder: every file is read, hashed and checked, for the ADaM of a study.

Not for the run that builds ADaM from it (from_sdtm.py), nor for what ADaM reads (existing_sdtm/needs.py)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..define.existing_lists import existing_lists
from ..define.reading import read_define
from ..engine.plan.plan import PlannedStudy
from ..engine.standard import tabulation
from ..engine.tables.dataset import Dataset, DatasetMetadata
from ..engine.tables.existing import ExistingDataset, ExistingFile
from ..errors import InputError, OutputError
from ..existing_sdtm.adam_tables import tables_read
from ..existing_sdtm.checks import check_cutoff, check_study, check_terms, usable_records
from ..existing_sdtm.domains import ExistingDomains, existing_domains
from ..existing_sdtm.needs import Needs, needs_of
from ..findings.table import Findings
from ..output_folder.manifest import FileHash, hash_file
from ..transport.dataset_files import find_datasets, read_dataset

DEFINE = "define.xml"
_PLAIN_NAME = re.compile(r"[^\x00-\x1f\x7f\\/]+")


@dataclass
class ExistingSdtm:
    """The existing SDTM of a run. ``whole``: as read, qualifiers merged; ``tables``: the part ADaM reads, by domain.

    ``lengths``: of the text variables of all files but those of SUPP--, by name. ``lists``: dataset -> the codelists
    of its define.xml; ``define``: the hash of that file, None without one.
    """

    whole: ExistingDomains
    tables: dict[str, ExistingDataset]
    needs: Needs
    lengths: dict[str, int]
    lists: Mapping[str, DatasetMetadata]
    define: FileHash | None


def read_existing(plan: PlannedStudy, folder: Path, findings: Findings) -> ExistingSdtm:
    """The SDTM of a folder as the tables that the ADaM datasets of ``plan`` read, checked. Raises InputError."""
    needs = needs_of(plan)
    files = read_files(folder)
    whole = existing_domains(files, findings)
    tables = tables_read(needs, whole.domains, whole.supplemented, findings)
    tables = usable_records(tables, findings)
    check_study(whole.domains.values(), plan.id, findings)
    for name, table in tables.items():
        conditions = {v: set(texts) for (d, v), texts in needs.named.items() if d == name}
        check_terms(table, conditions, needs.read_columns(name), findings)
        if plan.spec.study.cutoff is not None:
            check_cutoff(table, plan.spec.study.cutoff, findings)
    lengths = text_lengths(dataset.metadata for _, dataset in files)
    return ExistingSdtm(whole, tables, needs, lengths, *_read_lists(folder, findings))


def _read_lists(folder: Path, findings: Findings) -> tuple[dict[str, DatasetMetadata], FileHash | None]:
    """The codelists of define.xml beside the datasets, and the hash of the file. An unusable file is reported."""
    path = folder / DEFINE
    if not path.is_file():
        return {}, None
    try:
        return existing_lists(read_define(path.read_bytes())), hash_file(path)
    except (InputError, OutputError, OSError) as error:
        findings.add("R2A-GIVEN-019", str(error), file=DEFINE)
        return {}, None


def text_lengths(datasets: Iterable[DatasetMetadata]) -> dict[str, int]:
    """Name -> length of the text variables of SDTM datasets, the longest; those of SUPP-- have a length in each."""
    standard = tabulation()
    lengths: dict[str, int] = {}
    for dataset in datasets:
        for v in dataset.variables:
            if not v.is_numeric and not standard.separate_width(dataset.name, v.name):
                lengths[v.name] = max(lengths.get(v.name, 0), v.length)
    return lengths


def read_files(folder: Path) -> list[tuple[ExistingFile, Dataset]]:
    """Every dataset in a folder, in order of its name. InputError names all files that cannot be read."""
    read: list[tuple[ExistingFile, Dataset]] = []
    problems: list[str] = []
    for name, path in find_datasets(folder).items():
        if not _PLAIN_NAME.fullmatch(path.name):
            problems.append(f"{str(path)!r}: a file name with a backslash or control character; rename it")
            continue
        try:
            read.append(_read_file(path, name))
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))
    return read


def _read_file(path: Path, name: str) -> tuple[ExistingFile, Dataset]:
    try:
        hashed = hash_file(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    dataset = read_dataset(path, dataset=name)
    return ExistingFile(path.name, hashed.sha256, hashed.bytes, dataset.name, len(dataset)), dataset


def same_files(files: list[ExistingFile], folder: Path) -> ExistingDomains:
    """The existing SDTM read again, for a trace. Raises InputError where a file is not the one that the build read."""
    read = []
    for file in files:
        path = folder / file.name
        if not path.is_file():
            raise InputError(f"{path}: does not exist; the build read it and wrote no copy")
        found, dataset = _read_file(path, file.dataset)
        if found.sha256 != file.sha256:
            raise InputError(f"{path}: has changed since the build (sha256 {file.sha256[:12]}...); it cannot be traced")
        read.append((found, dataset))
    read.sort(key=lambda pair: pair[0].dataset)
    return existing_domains(read, Findings())
