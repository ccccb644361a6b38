"""UNII of the FDA and the descriptions of SNOMED CT as dictionaries: tables with the columns of their distributions.

Fields are separated by tabs and have no quotes. Not for tables whose levels a study names (tables.py).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..findings.table import Findings
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec
from .dictionary import Dictionary
from .table_file import TableColumns, read_named

_UNII = re.compile(r"[0-9A-Z]{10}", re.ASCII)
_CONCEPT = re.compile(r"[0-9]{6,18}", re.ASCII)
_DATE = re.compile(r"[0-9]{8}", re.ASCII)
#: columns of UNII_Records and UNII_Names: the preferred term, by the name that a release has for it
_PREFERRED = ("Display Name", "PT", "PREFERRED_TERM")
#: the types of a description of SNOMED CT
_FULLY_SPECIFIED, _SYNONYM = "900000000000003001", "900000000000013009"
_DATED_FILE = re.compile(r".*_([0-9]{8})\.[A-Za-z]+", re.ASCII)


def read_unii(
    owner: str, folder: Path, file: str, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, TableColumns]:
    """The dictionary of UNII_Records or UNII_Names, no version, and its file. Raises InputError.

    UNII_Names has a row for each name of a substance; UNII_Records has its preferred term alone.
    """
    table = read_named(owner, folder, file, encoding=spec.encoding, separator="\t", findings=findings)
    codes = table.column("UNII")
    table.require("UNII", _UNII)
    preferred = table.column(next((n for n in _PREFERRED if table.has(n)), _PREFERRED[0]))
    names = table.column("Name") if table.has("Name") else preferred
    if not table.has("Name"):
        table.require_unique(codes, "UNII")
    levels = {"UNII": codes, "PT": preferred, "NAME": names}
    every = np.ones(len(codes), dtype=bool)
    return Dictionary({n: levels[n] for n in LEVELS["unii"]}, every, every, table.file, table.line), "", table


def read_snomed(
    owner: str, folder: Path, file: str, spec: CodingDictionarySpec, findings: Findings
) -> tuple[Dictionary, str, TableColumns]:
    """The dictionary of a snapshot of descriptions, the version of its name, and its file. Raises InputError.

    The version is the date at the end of the name of the file. No description changed later.
    """
    table = read_named(owner, folder, file, encoding=spec.encoding, separator="\t", findings=findings)
    concepts, terms, kinds = (table.column(n) for n in ("conceptId", "term", "typeId"))
    active, dates = table.column("active"), table.column("effectiveTime")
    table.require("conceptId", _CONCEPT)
    table.require("effectiveTime", _DATE)
    table.require_unique(table.column("id"), "description")
    used = active == "1"
    full = np.flatnonzero(used & (kinds == _FULLY_SPECIFIED))
    at = pd.Index(concepts[full][~pd.Series(concepts[full]).duplicated().to_numpy()])
    first = full[~pd.Series(concepts[full]).duplicated().to_numpy()]
    found = at.get_indexer(pd.Index(concepts))
    names = np.where(found < 0, "", terms[first[np.maximum(found, 0)]]) if len(first) else np.full(len(terms), "")
    levels = {"CONCEPT_ID": concepts, "FSN": names.astype(object), "DESCRIPTION": terms}
    dated = _DATED_FILE.fullmatch(table.path.name)
    version = dated[1] if dated is not None else ""
    late = np.flatnonzero(dates.astype(str) > version) if version else []
    if len(late):
        row = int(late[0])
        message = f"effectiveTime is {dates[row]}, later than the release {version} that the name of the file states"
        raise table.error(message, line=int(table.line[row]))
    if version == spec.version.replace("-", ""):
        version = spec.version
    main = used & np.isin(kinds.astype(str), (_FULLY_SPECIFIED, _SYNONYM))
    entries = {n: levels[n] for n in LEVELS["snomed"]}
    return Dictionary(entries, main, used, table.file, table.line), version, table
