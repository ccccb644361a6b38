"""The files of WHODrug in the formats B3 and C3 as a dictionary, fixed positions (.txt) or separated by commas (.csv).

An entry is a drug name with one of its ATC codes. The official ATC code of a drug is the main one. Codes, names and
lengths are those of the distributions since 2017, which the formats B2 and C share but for the lengths of names. Not
for other layouts (tables.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec
from .dictionary import Dictionary
from .join import joined_rows
from .table_file import TableColumns, field_count, find_file, read_nameless, read_positions

_RECORD, _SEQ1, _SEQ2 = (re.compile(rf"[0-9A-Z]{{{n}}}", re.ASCII) for n in (6, 2, 3))
_ATC = re.compile(r"[0-9A-Z]{1,7}", re.ASCII)
_ID = re.compile(r"[0-9A-Za-z]{1,10}", re.ASCII)
#: the code of a release, GLOBALB3Mar25
_RELEASE = re.compile(r"([A-Za-z0-9]*?)([A-Z][a-z]{2})([0-9]{2})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: characters of an ATC code by its level
_LEVELS = {1: 1, 2: 3, 3: 4, 4: 5}


@dataclass(frozen=True)
class _File:
    """A file of the distribution. ``positions``: column -> first and last character; ``fields``: column -> its number
    in a file with commas, from 0, or from the end below 0; ``width``: the least number of fields."""

    name: str
    positions: Mapping[str, tuple[int, int]]
    fields: Mapping[str, int]
    width: int


_B3 = {
    "drugs": _File(
        "DD",
        {"RECORD": (1, 6), "SEQ1": (7, 8), "SEQ2": (9, 11), "NAME": (31, 1530)},
        {"RECORD": 0, "SEQ1": 1, "SEQ2": 2, "NAME": 11},
        12,
    ),
    "atc": _File(
        "DDA",
        {"RECORD": (1, 6), "SEQ1": (7, 8), "ATC": (13, 19), "OFFICIAL": (23, 23)},
        {"RECORD": 0, "SEQ1": 1, "ATC": 4, "OFFICIAL": 6},
        7,
    ),
    "texts": _File("INA", {"ATC": (1, 7), "TEXT": (9, 118)}, {"ATC": 0, "TEXT": 2}, 3),
    "ingredients": _File(
        "ING",
        {"RECORD": (1, 6), "SEQ1": (7, 8), "SUBSTANCE": (13, 22)},
        {"RECORD": 0, "SEQ1": 1, "SUBSTANCE": 4},
        5,
    ),
    "substances": _File("BNA", {"SUBSTANCE": (1, 10), "TEXT": (13, 262)}, {"SUBSTANCE": 0, "TEXT": 2}, 3),
}
_C3 = {
    "drugs": _File(
        "MP",
        {"PRODUCT": (1, 10), "RECORD": (46, 51), "SEQ1": (52, 53), "SEQ2": (54, 56), "NAME": (78, 1577)},
        {"PRODUCT": 0, "RECORD": 2, "SEQ1": 3, "SEQ2": 4, "NAME": 8},
        9,
    ),
    "atc": _File(
        "ThG",
        {"ATC": (11, 20), "OFFICIAL": (29, 29), "PRODUCT": (30, 39)},
        {"ATC": 1, "OFFICIAL": 3, "PRODUCT": 4},
        5,
    ),
    "texts": _File("ATC", {"ATC": (1, 10), "TEXT": (12, 121)}, {"ATC": 0, "TEXT": 2}, 3),
    "ingredients": _File(
        "ING", {"SUBSTANCE": (19, 28), "PRODUCT": (79, 88)}, {"SUBSTANCE": 2, "PRODUCT": -1}, 7
    ),
    "substances": _File("SUN", {"SUBSTANCE": (1, 10), "TEXT": (31, 280)}, {"SUBSTANCE": 0, "TEXT": 3}, 4),
}  # fmt: skip
_FORMATS = {"whodrug_b3": _B3, "whodrug_c3": _C3}
#: files that a folder may lack: then no drug has ingredients
_OPTIONAL = ("ingredients", "substances")
#: BNA.txt and SUN.txt have the year and the source of a substance behind its name, whose width has changed:
#: file -> (a length between those of the lines of both layouts, last character of the name in the narrower one)
_NARROWER = {"BNA": (100, 57), "SUN": (200, 140)}
#: what the column OFFICIAL has for the official ATC code
_OFFICIAL = ("*", "Y")


def read_whodrug(owner: str, folder: Path, spec: CodingDictionarySpec) -> tuple[Dictionary, str, list[TableColumns]]:
    """The dictionary of a folder, the version that its files state ('' if they state none), and the files read.

    Raises InputError for files that are missing, damaged, or of different releases.
    """
    files = _FORMATS[spec.format]
    read = {part: _file(owner, folder, file, spec, optional=part in _OPTIONAL) for part, file in files.items()}
    drugs, atc, texts = read["drugs"], read["atc"], read["texts"]
    assert drugs is not None and atc is not None and texts is not None
    key = "PRODUCT" if spec.format == "whodrug_c3" else ""
    codes_of = [(drugs, "RECORD", _RECORD), (drugs, "SEQ1", _SEQ1), (drugs, "SEQ2", _SEQ2)]
    codes_of += [(drugs, key, _ID)] if key else []
    for table, name, pattern in (*codes_of, (atc, "ATC", _ATC), (texts, "ATC", _ATC)):
        table.require(name, pattern)
    codes = drugs.columns["RECORD"] + drugs.columns["SEQ1"] + drugs.columns["SEQ2"]
    drugs.require_unique(drugs.columns[key] if key else codes, "product" if key else "drug code")
    texts.require_unique(texts.columns["ATC"], "ATC code")
    group = _Groups(drugs, key)
    drug, classes, official = _classes(drugs, group, atc)
    levels = _atc_levels(classes, atc, texts, group.lines)
    levels["CODE"] = codes[drug]
    levels["NAME"] = drugs.columns["NAME"][drug]
    if key:
        levels[key] = drugs.columns[key][drug]
    levels["PREFERRED_CODE"], levels["PREFERRED"] = (t[drug] for t in _preferred(drugs, codes))
    levels["INGREDIENTS"] = _ingredients(group, read["ingredients"], read["substances"])[drug]
    tables = [t for t in read.values() if t is not None]
    version, table = _version(owner, folder, spec)
    tables += [table] if table is not None else []
    entries = {name: levels[name] for name in LEVELS[spec.format]}
    every = np.ones(len(drug), dtype=bool)
    return Dictionary(entries, official, every, drugs.file, drugs.line[drug]), version, tables


class _Groups:
    """The drugs of one record number and first sequence number, which share ATC codes and ingredients.

    ``of_drug``: the group of each row of the drugs. ``lines``: the line of each row of the file of ATC codes.
    """

    def __init__(self, drugs: TableColumns, product: str):
        self.drugs, self.product = drugs, product
        self.lines: np.ndarray = np.empty(0, dtype="int32")
        groups = drugs.columns["RECORD"] + drugs.columns["SEQ1"]
        self.of_drug, self.names = pd.factorize(groups)

    def of(self, table: TableColumns) -> np.ndarray:
        """The group of each row of a file that refers to drugs. Raises InputError for one that no drug has."""
        if self.product:
            known = pd.Index(self.drugs.columns[self.product])
            found = known.get_indexer(pd.Index(table.columns[self.product]))
            groups, what = np.where(found < 0, -1, self.of_drug[np.maximum(found, 0)]), "the product"
            shown = table.columns[self.product]
        else:
            shown = table.columns["RECORD"] + table.columns["SEQ1"]
            groups, what = pd.Index(self.names).get_indexer(pd.Index(shown)), "a drug code that begins with"
        lacking = np.flatnonzero(groups < 0)
        if len(lacking):
            at = int(lacking[0])
            message = f"{self.drugs.file} has not {what} '{shown[at]}': the files are not of one release"
            raise table.error(message, line=int(table.line[at]))
        return groups


def _classes(drugs: TableColumns, group: _Groups, atc: TableColumns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(drug, row of the ATC codes or -1, whether that code is official) of each entry."""
    groups = group.of(atc)
    group.lines = atc.line
    once = ~pd.DataFrame({"g": groups, "a": atc.columns["ATC"]}).duplicated().to_numpy()
    rows = np.flatnonzero(once)
    names = np.array([str(g) for g in group.of_drug], dtype=object)
    drug, found = joined_rows([names], [np.array([str(g) for g in groups[rows]], dtype=object)])
    row = np.where(found < 0, -1, rows[np.maximum(found, 0)])
    # several rows may state one code of a drug: it is official if one of them is
    official = np.isin(atc.columns["OFFICIAL"].astype(str), _OFFICIAL)
    code, _ = pd.factorize(atc.columns["ATC"])
    pair = groups * (int(code.max(initial=0)) + 1) + code
    any_official = np.isin(pair, pair[official])
    return drug, row, np.where(row < 0, False, any_official[np.maximum(row, 0)])


def _atc_levels(row: np.ndarray, atc: TableColumns, texts: TableColumns, lines: np.ndarray) -> dict[str, np.ndarray]:
    """ATC, its text, and the codes and texts of its levels 1 to 4 for each entry."""
    known = pd.Index(texts.columns["ATC"])
    codes, unique = pd.factorize(atc.columns["ATC"])
    lacking = np.flatnonzero(known.get_indexer(pd.Index(unique)) < 0)
    if len(lacking):
        at = int(np.flatnonzero(codes == lacking[0])[0])
        message = f"the ATC code {unique[lacking[0]]} is not in {texts.file}: the files are not of one release"
        raise atc.error(message, line=int(lines[at]))
    of_code: dict[str, list[str]] = {"ATC": list(unique)}
    for level, width in _LEVELS.items():
        of_code[f"ATC{level}"] = [c[:width] if len(c) >= width else "" for c in unique]
    found: dict[str, np.ndarray] = {}
    for name, listed in of_code.items():
        at = known.get_indexer(pd.Index(listed))
        text = np.where(at < 0, "", texts.columns["TEXT"][np.maximum(at, 0)])
        for key, values in ((name, np.array(listed, dtype=object)), (f"{name}_TEXT", text)):
            found[key] = np.where(row < 0, "", values[codes[np.maximum(row, 0)]] if len(codes) else "")
    return found


def _preferred(drugs: TableColumns, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(code, name) of the preferred name of each drug: that of its record with the sequence numbers 01 and 001."""
    first = (drugs.columns["SEQ1"] == "01") & (drugs.columns["SEQ2"] == "001")
    rows = np.flatnonzero(first)
    rows = rows[~pd.Series(drugs.columns["RECORD"][rows]).duplicated().to_numpy()]
    at = pd.Index(drugs.columns["RECORD"][rows]).get_indexer(pd.Index(drugs.columns["RECORD"]))
    if not len(rows):
        return np.full(len(codes), "", dtype=object), np.full(len(codes), "", dtype=object)
    row = rows[np.maximum(at, 0)]
    return np.where(at < 0, "", codes[row]), np.where(at < 0, "", drugs.columns["NAME"][row])


def _ingredients(group: _Groups, ingredients: TableColumns | None, substances: TableColumns | None) -> np.ndarray:
    """The substances of each drug, joined by ``; `` in the order of the file."""
    listed: dict[int, dict[str, None]] = {}
    if ingredients is not None and substances is not None:
        names = dict(zip(substances.columns["SUBSTANCE"][::-1], substances.columns["TEXT"][::-1], strict=True))
        groups = group.of(ingredients)
        found = zip(groups.tolist(), ingredients.columns["SUBSTANCE"], ingredients.line, strict=True)
        for number, substance, line in found:
            if substance not in names:
                message = f"the substance '{substance}' is not in {substances.file}: the files are not of one release"
                raise ingredients.error(message, line=int(line))
            listed.setdefault(number, {})[names[substance]] = None
    texts = np.array(["; ".join(listed.get(i, ())) for i in range(len(group.names))], dtype=object)
    return texts[group.of_drug]


def _file(owner: str, folder: Path, file: _File, spec: CodingDictionarySpec, *, optional: bool) -> TableColumns | None:
    """The columns of a file of the distribution; None for an ``optional`` one that is absent. Raises InputError."""
    separated, fixed = (find_file(folder, f"{file.name}.{ending}") for ending in ("csv", "txt"))
    if separated is not None:
        return _separated(owner, folder, separated, file, spec.encoding)
    if fixed is not None:
        positions = dict(file.positions)
        first = _first_length(folder / fixed)
        if file.name in _NARROWER and first < _NARROWER[file.name][0]:
            positions["TEXT"] = (positions["TEXT"][0], _NARROWER[file.name][1])
        table = read_positions(owner, folder, fixed, positions, encoding=spec.encoding)
        _check_end(table, first)
        return table
    if optional:
        return None
    present = ", ".join(sorted(p.name for p in folder.iterdir())[:8])
    raise InputError(
        f"{owner}: {folder}: there is no {file.name}.csv and no {file.name}.txt in the folder (it has "
        f"{present or 'no file'}); format: {spec.format} reads the distribution as it is"
    )


def _separated(owner: str, folder: Path, name: str, file: _File, encoding: str) -> TableColumns:
    width = max(file.width, field_count(owner, folder / name, name, encoding=encoding, separator=",", quote='"'))
    names = tuple(f"field_{i}" for i in range(width))
    table = read_nameless(owner, folder, name, names, encoding=encoding, separator=",", quote='"')
    listed = list(table.columns.values())
    return replace(table, columns={name: listed[at] for name, at in file.fields.items()})


def _first_length(path: Path) -> int:
    """The bytes of the first line, with its end."""
    with path.open("rb") as stream:
        return len(stream.readline(1_000_000))


def _check_end(table: TableColumns, first: int) -> None:
    """Raise InputError where all lines have one length, and the last one is shorter and has no end."""
    size = table.path.stat().st_size
    over = size % first if first else 0
    if not over or size < 2 * first:
        return
    with table.path.open("rb") as stream:
        stream.seek(size - over - 1)
        tail = stream.read()
    if tail[:1] == b"\n" and b"\n" not in tail[1:]:
        message = f"the line has {over} characters, and the lines before it {first}: the file is cut; copy it again"
        raise table.error(message, line=int(table.line[-1]))


def _version(owner: str, folder: Path, spec: CodingDictionarySpec) -> tuple[str, TableColumns | None]:
    """(version that the file Version states, the file); the declared version if it means the same release.

    The file has the name of the release and its code, GLOBALB3Mar25. Declared may be each of them, or 2025-03.
    """
    name = find_file(folder, "version.csv") or find_file(folder, "version.txt")
    if name is None:
        return "", None
    table = read_positions(owner, folder, name, {"TEXT": (1, 500)}, encoding=spec.encoding)
    line = str(table.columns["TEXT"][0])
    words = line.replace(",", " ").replace('"', " ").split()
    code = words[-1] if words else ""
    accepted = {line.strip(' "'), code, " ".join(words[:-1])}
    found = _RELEASE.fullmatch(code)
    if found is not None and found[2] in _MONTHS:
        month = f"20{found[3]}-{_MONTHS.index(found[2]) + 1:02}"
        accepted |= {month, f"{month}-01"}
    plain = " ".join(spec.version.replace(",", " ").split()).casefold()
    return (spec.version if plain in {a.casefold() for a in accepted} else code), table
