"""Dictionaries of tables: Loinc.csv, and files whose levels the study names, as of WHODrug, UNII or SNOMED.

Not for MedDRA (meddra.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..findings.table import Findings
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec, DictionaryTable, TableFile
from .dictionary import Dictionary
from .join import joined_rows
from .table_file import TableColumns, read_columns, read_nameless, read_positions

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
    version = _stated_version(table, spec)
    return _entries(table, spec), version, table


def read_tables(
    owner: str, folder: Path, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, list[TableColumns]]:
    """The dictionary of several files, the version that they state ('' for none), and the files. Raises InputError.

    An entry is a row of the first file with the rows of the others that have its keys; where none has, their columns
    are missing.
    """
    read: list[TableColumns] = []
    whole: TableColumns | None = None
    version = ""
    for part in spec.tables:
        table = _read_part(owner, folder, part, findings)
        if spec.version_column is not None and table.has(spec.version_column):
            version = _stated_version(table, spec)
        read.append(table)
        chosen = _chosen(table, part)
        whole = chosen if whole is None else _with_table(whole, chosen, part.on)
    assert whole is not None
    return _entries(whole, spec), version, read


def _read_part(owner: str, folder: Path, part: DictionaryTable, findings: Findings) -> TableColumns:
    if not (folder / part.file).is_file():
        present = ", ".join(sorted(p.name for p in folder.iterdir())[:8])
        raise InputError(f"{owner}: {folder}: there is no {part.file} in the folder (it has {present or 'no file'})")
    if part.positions:
        return read_positions(owner, folder, part.file, part.positions, encoding=part.encoding)
    if part.names:
        return read_nameless(
            owner, folder, part.file, part.names, encoding=part.encoding, separator=part.separator, quote='"'
        )
    return read_columns(owner, folder, part, findings)


def _chosen(table: TableColumns, part: DictionaryTable) -> TableColumns:
    """The rows and columns of a file that the study chooses."""
    rows = np.ones(len(table.line), dtype=bool)
    for name, text in part.where.items():
        rows &= table.column(name) == text
    if not rows.any():
        wanted = ", ".join(f"{name} '{text}'" for name, text in part.where.items())
        raise table.error(f"no row has {wanted}; check where: of the file")
    columns = {new: table.column(name) for new, name in part.columns.items()} or table.columns
    return replace(
        table,
        columns={n: texts[rows] for n, texts in columns.items()},
        line=table.line[rows],
        record=table.record[rows],
    )


def _with_table(whole: TableColumns, table: TableColumns, on: tuple[str, ...]) -> TableColumns:
    """The rows of ``whole`` with the columns of a further file, '' where it has no row of the key."""
    rows, others = joined_rows([whole.column(k) for k in on], [table.column(k) for k in on])
    columns = {name: texts[rows] for name, texts in whole.columns.items()}
    for name, texts in table.columns.items():
        if name not in columns:
            columns[name] = np.where(others < 0, "", texts[np.maximum(others, 0)])
    return replace(whole, columns=columns, line=whole.line[rows], record=whole.record[rows])


def _stated_version(table: TableColumns, spec: CodingDictionarySpec) -> str:
    """The declared version if each row states it, '' without version_column:. Raises InputError at another version."""
    if spec.version_column is None:
        return ""
    versions = table.column(spec.version_column)
    other = np.flatnonzero(versions != spec.version)
    if len(other):
        at = int(other[0])
        raise table.error(
            f"{spec.version_column} is '{versions[at]}', and study.yaml declares the version {spec.version}",
            line=int(table.line[at]),
        )
    return spec.version


def _entries(table: TableColumns, spec: CodingDictionarySpec) -> Dictionary:
    levels = {}
    for level, names in spec.levels.items():
        columns = [table.column(n) for n in ((names,) if isinstance(names, str) else names)]
        levels[level] = columns[0] if len(columns) == 1 else np.sum(columns, axis=0)
    main, current = _rows_with(table, spec.main), _rows_with(table, spec.current)
    return Dictionary(levels, main, current, table.file, table.line)


def _rows_with(table: TableColumns, wanted: Mapping[str, str | tuple[str, ...]]) -> np.ndarray:
    """The rows whose columns have one of their texts; all rows without any."""
    rows = np.ones(len(table.line), dtype=bool)
    for name, texts in wanted.items():
        column = table.column(name)
        rows &= np.isin(column.astype(str), [texts] if isinstance(texts, str) else list(texts))
    return rows


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
    table.require_unique(levels["LOINC_NUM"], "code")
    current = np.isin(levels["STATUS"].astype(str), LOINC_CURRENT)
    version = ""
    if table.has(_CHANGED):
        stated = {t for t in table.column(_CHANGED).tolist() if _VERSION.fullmatch(t)}
        version = max(stated, key=_numbers, default="")
        if _VERSION.fullmatch(spec.version) and _numbers(version or "0") < _numbers(spec.version):
            version = ""
    every = np.ones(len(current), dtype=bool)
    return Dictionary(levels, every, current, table.file, table.line), version, table


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
