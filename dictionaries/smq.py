"""The Standardised MedDRA Queries of the ASCII distribution as a dictionary: smq_list.asc and smq_content.asc.

An entry is a term of a query: a PT or LLT with its scope, broad or narrow, and its category and weight in the
algorithm of the query. The terms of a query include those of its sub-queries. Not for the terms themselves (meddra.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError
from ..mappings.models.dictionaries import LEVELS, CodingDictionarySpec
from .dictionary import Dictionary
from .meddra import LLT
from .table_file import TableColumns, find_file, read_nameless

#: first columns of the files, in the order of the distribution
LIST = (
    "smq_code", "smq_name", "smq_level", "smq_description", "smq_source", "smq_note", "meddra_version", "status",
    "smq_algorithm",
)  # fmt: skip
CONTENT = ("smq_code", "term_code", "term_level", "term_scope", "term_category", "term_weight", "term_status")
#: term_scope and term_level of the distribution; a row for a sub-query has 0 in both
SCOPES = {"1": "BROAD", "2": "NARROW"}
TERM_LEVELS = {"4": "PT", "5": "LLT"}
SUB_QUERY = "0"
_ACTIVE = "A"


def read_smq(owner: str, folder: Path, spec: CodingDictionarySpec) -> tuple[Dictionary, str, list[TableColumns]]:
    """The dictionary of a folder, the version that smq_list.asc states, and the files read.

    Raises InputError for files that are missing, damaged, or do not agree.
    """
    names = (("smq_list", LIST), ("smq_content", CONTENT), ("llt", LLT))
    queries, content, terms = (_file(owner, folder, name, columns, spec.encoding) for name, columns in names)
    _check_known(queries, "smq_level", ("1", "2", "3", "4", "5"))
    _check_known(content, "term_level", (SUB_QUERY, *TERM_LEVELS))
    _check_known(content, "term_scope", (SUB_QUERY, *SCOPES))
    codes = queries.columns["smq_code"]
    queries.require_unique(codes, "query")
    query = pd.Index(codes).get_indexer(pd.Index(content.columns["smq_code"]))
    _check_reference(content, "smq_code", query, queries)
    is_sub = content.columns["term_level"] == SUB_QUERY
    row, of_query = _with_sub_queries(content, query, is_sub, queries)
    term = pd.Index(terms.columns["llt_code"]).get_indexer(pd.Index(content.columns["term_code"]))
    _check_reference(content, "term_code", np.where(is_sub, 0, term), terms)
    columns = content.columns
    level = pd.Series(columns["term_level"][row]).map(TERM_LEVELS).to_numpy(dtype=object)
    levels = {
        "TERM_CODE": columns["term_code"][row],
        "TERM_NAME": terms.columns["llt_name"][term[row]],
        "TERM_LEVEL": level,
        "SMQ": queries.columns["smq_name"][of_query],
        "SMQ_CODE": codes[of_query],
        "SMQ_LEVEL": queries.columns["smq_level"][of_query],
        "SCOPE": pd.Series(columns["term_scope"][row]).map(SCOPES).fillna("").to_numpy(dtype=object),
        "CATEGORY": columns["term_category"][row],
        "WEIGHT": columns["term_weight"][row],
        "ALGORITHM": queries.columns["smq_algorithm"][of_query],
    }
    current = (columns["term_status"][row] == _ACTIVE) & (queries.columns["status"][of_query] == _ACTIVE)
    entries = {n: levels[n] for n in LEVELS["smq"]}
    every = np.ones(len(row), dtype=bool)
    dictionary = Dictionary(entries, every, current, content.file, content.line[row])
    return dictionary, _version(queries), [queries, content, terms]


def _with_sub_queries(
    content: TableColumns, query: np.ndarray, is_sub: np.ndarray, queries: TableColumns
) -> tuple[np.ndarray, np.ndarray]:
    """(row of the content, row of the list) of each entry: each term in its query, and in those above it."""
    known = pd.Index(queries.columns["smq_code"])
    child = known.get_indexer(pd.Index(content.columns["term_code"]))
    _check_reference(content, "term_code", np.where(is_sub, child, 0), queries)
    parents: dict[int, set[int]] = {}
    for parent, below in zip(query[is_sub].tolist(), child[is_sub].tolist(), strict=True):
        parents.setdefault(below, set()).add(parent)
    above = {code: _above(code, parents, content, queries) for code in range(len(known))}
    rows = np.flatnonzero(~is_sub)
    counts = np.array([len(above[q]) for q in query[rows].tolist()], dtype="int64")
    of_query = [q for one in query[rows].tolist() for q in above[one]]
    pairs = pd.DataFrame({"row": np.repeat(rows, counts), "query": np.array(of_query, dtype="int64")})
    pairs["term"] = content.columns["term_code"][pairs["row"]]
    pairs["scope"] = content.columns["term_scope"][pairs["row"]]
    # a term of several sub-queries is once in the query above them, with its narrow scope if it has one
    pairs = pairs.sort_values(["query", "scope", "row"], ascending=[True, False, True], kind="stable")
    pairs = pairs[~pairs.duplicated(["query", "term"])].sort_values(["row", "query"], kind="stable")
    return pairs["row"].to_numpy(), pairs["query"].to_numpy()


def _above(code: int, parents: dict[int, set[int]], content: TableColumns, queries: TableColumns) -> list[int]:
    """A query and those that contain it. Raises InputError for a query that contains itself."""
    found: list[int] = [code]
    for number in found:
        for parent in sorted(parents.get(number, ())):
            if parent == code:
                name = queries.columns["smq_name"][code]
                raise content.error(
                    f"the query '{name}' contains itself; check that it is the file of the distribution"
                )
            if parent not in found:
                found.append(parent)
    return found


def _version(queries: TableColumns) -> str:
    """The version that every query states. Raises InputError for a query of another one."""
    versions = queries.columns["meddra_version"]
    other = np.flatnonzero(versions != versions[0])
    if len(other):
        at = int(other[0])
        raise queries.error(
            f"the version is '{versions[at]}', and in the first line '{versions[0]}'", line=int(queries.line[at])
        )
    return str(versions[0])


def _file(owner: str, folder: Path, name: str, names: tuple[str, ...], encoding: str) -> TableColumns:
    file = find_file(folder, f"{name}.asc")
    if file is None:
        present = ", ".join(sorted(p.name for p in folder.iterdir())[:8])
        raise InputError(
            f"{owner}: {folder}: there is no {name}.asc in the folder (it has {present or 'no file'}); path: names the "
            "folder MedAscii of the distribution"
        )
    return read_nameless(owner, folder, file, names, encoding=encoding, separator="$")


def _check_known(table: TableColumns, name: str, known: tuple[str, ...]) -> None:
    texts = table.columns[name].astype(str)
    wrong = np.flatnonzero(~np.isin(texts, known))
    if len(wrong):
        at = int(wrong[0])
        raise table.error(
            f"{name} is '{texts[at]}', expected {', '.join(known)}; check that it is the file of the distribution",
            line=int(table.line[at]),
        )


def _check_reference(table: TableColumns, name: str, found: np.ndarray, other: TableColumns) -> None:
    lacking = np.flatnonzero(found < 0)
    if len(lacking):
        at = int(lacking[0])
        raise table.error(
            f"{name} {table.columns[name][at]} is not in {other.file}: the files are not of one release",
            line=int(table.line[at]),
        )
