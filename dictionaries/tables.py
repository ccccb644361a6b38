"""Dictionaries that are one table: Loinc.csv, and tables whose levels the study names, as of WHODrug, UNII or SNOMED.

Not for MedDRA (meddra.py).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..findings.table import Findings
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec, TableFile
from .dictionary import Dictionary
from .table_file import TableColumns, read_columns

#: values of STATUS of LOINC whose codes may be used for new data
LOINC_CURRENT = ("ACTIVE", "TRIAL")
_CHANGED = "VersionLastChanged"
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)


def read_table(
    owner: str, folder: Path, file: str, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, TableColumns]:
    """The dictionary of a table, the version that it states ('' for none), and its file. Raises InputError."""
    how = TableFile(file=file, encoding=spec.encoding, separator=spec.separator, sheet=spec.sheet)
    table = read_columns(owner, folder, how, findings)
    levels = {level: table.column(name) for level, name in spec.levels.items()}
    every = np.ones(len(table.line), dtype=bool)
    version = ""
    if spec.version_column is not None:
        versions = table.column(spec.version_column)
        other = np.flatnonzero(versions != spec.version)
        if len(other):
            at = int(other[0])
            raise table.error(
                f"{spec.version_column} is '{versions[at]}', and study.yaml declares the version {spec.version}",
                line=int(table.line[at]),
            )
        version = spec.version
    return Dictionary(levels, every, every), version, table


def read_loinc(
    owner: str, folder: Path, file: str, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, TableColumns]:
    """The dictionary of Loinc.csv, its version, and its file. Raises InputError.

    The distribution does not state its version: its codes state when they last changed. A later change than the
    declared version is of another version. A table without a change of the declared version states none.
    """
    table = read_columns(
        owner, folder, TableFile(file=file, encoding=spec.encoding, separator=spec.separator), findings
    )
    levels = {level: table.column(level) for level in LEVELS["loinc"]}
    current = np.isin(levels["STATUS"].astype(str), LOINC_CURRENT)
    version = ""
    if table.has(_CHANGED):
        stated = {t for t in table.column(_CHANGED).tolist() if _VERSION.fullmatch(t)}
        version = max(stated, key=_numbers, default="")
        if _VERSION.fullmatch(spec.version) and _numbers(version or "0") < _numbers(spec.version):
            version = ""
    return Dictionary(levels, np.ones(len(current), dtype=bool), current), version, table


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
