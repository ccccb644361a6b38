"""The ASCII distribution of MedDRA as a dictionary: llt.asc and mdhier.asc, with the version of meddra_release.asc.

Fields are separated by ``$``, and lines end with one. An entry is a lowest level term on one path from its preferred
term to a system organ class; that of the primary SOC is the main one. Not for other layouts (tables.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec
from .dictionary import Dictionary
from .join import joined_rows
from .table_file import TableColumns, find_file, read_nameless

#: first columns of the files, in the order of the distribution
LLT = (
    "llt_code", "llt_name", "pt_code", "whoart", "harts", "costart", "icd9", "icd9cm", "icd10", "llt_currency",
)  # fmt: skip
PATHS = (
    "pt_code", "hlt_code", "hlgt_code", "soc_code", "pt_name", "hlt_name", "hlgt_name", "soc_name", "soc_abbrev",
    "null_field", "pt_soc_code", "primary_soc_fg",
)  # fmt: skip
RELEASE = ("version", "language")
#: further files of the distribution, which must agree with mdhier.asc if they are there: file -> its first columns
OF_LEVELS = {level: (f"{level}_code", f"{level}_name") for level in ("pt", "hlt", "hlgt", "soc")}


def read_meddra(owner: str, folder: Path, spec: CodingDictionarySpec) -> tuple[Dictionary, str, list[TableColumns]]:
    """The dictionary of a folder, the version that its files state ('' if they state none), and the files read.

    Raises InputError for files that are missing, damaged, or of different releases.
    """
    read = {name: _file(owner, folder, name, names, spec.encoding) for name, names in (("llt", LLT), ("mdhier", PATHS))}
    terms, paths = read["llt"], read["mdhier"]
    for table, name in ((terms, "llt_code"), (terms, "pt_code"), (paths, "pt_code"), (paths, "soc_code")):
        _check_codes(table, name)
    _check_unique(terms)
    term, path = _joined(terms, paths)
    levels = {
        "LLT": terms.columns["llt_name"][term],
        "LLT_CODE": terms.columns["llt_code"][term],
        "SOC_ABBREV": paths.columns["soc_abbrev"][path],
    }
    for level in ("PT", "HLT", "HLGT", "SOC"):
        levels[level] = paths.columns[f"{level.lower()}_name"][path]
        levels[f"{level}_CODE"] = paths.columns[f"{level.lower()}_code"][path]
    main = paths.columns["primary_soc_fg"][path] == "Y"
    primary = _main_entries(term, main, len(terms.line))
    for level in ("HLT", "HLT_CODE", "HLGT", "HLGT_CODE", "SOC", "SOC_CODE"):
        levels[f"PRIMARY_{level}"] = levels[level][primary]
    current = terms.columns["llt_currency"][term] == "Y"
    tables = [terms, paths]
    for level, names in OF_LEVELS.items():
        if (file := find_file(folder, f"{level}.asc")) is not None:
            tables.append(read_nameless(owner, folder, file, names, encoding=spec.encoding, separator="$"))
            _check_names(tables[-1], paths, names)
    version = ""
    if (release := find_file(folder, "meddra_release.asc")) is not None:
        table = read_nameless(owner, folder, release, RELEASE, encoding=spec.encoding, separator="$")
        version = str(table.columns["version"][0])
        tables.append(table)
    entries = {n: levels[n] for n in LEVELS["meddra"]}
    return Dictionary(entries, main, current, terms.file, terms.line[term]), version, tables


def _main_entries(term: np.ndarray, main: np.ndarray, terms: int) -> np.ndarray:
    """The main entry of the term of each entry; itself where the term has none. ``term``: of each entry."""
    at = np.flatnonzero(main)
    first = np.full(terms, -1)
    first[term[at][::-1]] = at[::-1]
    of_term = first[term]
    return np.where(of_term < 0, np.arange(len(term)), of_term)


def _file(owner: str, folder: Path, name: str, names: tuple[str, ...], encoding: str) -> TableColumns:
    file = find_file(folder, f"{name}.asc")
    if file is None:
        present = sorted(p.name for p in folder.iterdir())[:8]
        listed = f"it has {', '.join(present)}" if present else "it is empty"
        raise InputError(
            f"{owner}: {folder}: there is no {name}.asc in the folder ({listed}); path: names the folder MedAscii of "
            "the distribution"
        )
    return read_nameless(owner, folder, file, names, encoding=encoding, separator="$")


def _check_codes(table: TableColumns, name: str) -> None:
    codes = table.columns[name]
    wrong = np.flatnonzero([not (c.isascii() and c.isdigit()) for c in codes])
    if len(wrong):
        at = int(wrong[0])
        raise table.error(
            f"{name} is '{codes[at]}', and a code is a number; check that it is the file of the distribution",
            line=int(table.line[at]),
        )


def _check_unique(terms: TableColumns) -> None:
    repeated = np.flatnonzero(pd.Series(terms.columns["llt_code"]).duplicated().to_numpy())
    if len(repeated):
        at = int(repeated[0])
        code = terms.columns["llt_code"][at]
        raise terms.error(f"the LLT code {code} is in an earlier line too", line=int(terms.line[at]))


def _check_names(table: TableColumns, paths: TableColumns, names: tuple[str, str]) -> None:
    """Raise InputError unless a file of one level and mdhier.asc have the same text for each code."""
    code, name = names
    known = dict(zip(paths.columns[code], paths.columns[name], strict=True))
    pairs = zip(table.columns[code], table.columns[name], strict=True)
    for at, (number, text) in enumerate(pairs):
        if known.get(number, text) != text:
            raise table.error(
                f"{code} {number} is '{text}' here and '{known[number]}' in {paths.file}: the files are not of one "
                "release",
                line=int(table.line[at]),
            )


def _joined(terms: TableColumns, paths: TableColumns) -> tuple[np.ndarray, np.ndarray]:
    """(row of llt.asc, row of mdhier.asc) of each entry. Raises InputError for a term whose PT has no path."""
    of_term = terms.columns["pt_code"]
    term, path = joined_rows([of_term], [paths.columns["pt_code"]])
    lacking = np.flatnonzero(path < 0)
    if len(lacking):
        at = int(term[lacking[0]])
        raise terms.error(
            f"the PT {of_term[at]} of this LLT is not in {paths.file}: the files are not of one release",
            line=int(terms.line[at]),
        )
    return term, path
