"""Puts defects of known kinds into a clean export and says where each is.

It knows only files, records and columns, nothing of myeloma: what is clinically possible is the business of the forms.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from .cohort import EPOCH
from .draws import Draws
from .tables import MONTHS, Table

UNKNOWN_SUBJECT = "9999"


@dataclass(frozen=True)
class Injected:
    """One defect. ``record`` counts data records of the file from 1. ``of_record``: the record it copies, 0 if none."""

    file: str
    record: int
    column: str  # '' for an exact duplicate
    defect: str
    original: str
    injected: str
    of_record: int = 0


@dataclass(frozen=True)
class Recipe:
    """``count`` defects per 120 subjects in one column. ``only``: the cells it is made of; else any filled one."""

    defect: str
    file: str
    column: str
    count: int
    value: str = ""
    only: tuple[str, ...] = ()


#: Append at the end: a row is used once, so an earlier recipe decides what is left for a later one.
TYPICAL = (
    Recipe("partial_date", "ae.csv", "ST_DT", 3, "day"),
    Recipe("partial_date", "ae.csv", "EN_DT", 2, "year"),
    Recipe("partial_date", "combo.csv", "ST_DT", 2, "day"),
    Recipe("partial_date", "resp.csv", "ASSESS_DT", 2, "day"),
    Recipe("partial_date", "death.csv", "DTH_DT", 1, "day"),
    Recipe("unknown_date", "ae.csv", "EN_DT", 2, "UNK"),
    Recipe("unknown_date", "subtx.csv", "ST_DT", 1, "UNK"),
    Recipe("missing_date", "ae.csv", "ST_DT", 2),
    Recipe("missing_date", "resp.csv", "ASSESS_DT", 2),
    Recipe("missing_date", "isa.csv", "DOSE_DT", 1),
    Recipe("trailing_blanks", "resp.csv", "RESP", 4),
    Recipe("trailing_blanks", "ae.csv", "TERM", 4),
    Recipe("trailing_blanks", "demo.csv", "SUBJ_ID", 1),
    Recipe("lower_case", "resp.csv", "RESP", 4),
    Recipe("lower_case", "enrol.csv", "COHORT", 2),
    Recipe("lower_case", "combo.csv", "DRUG", 2),
    Recipe("unmapped_code", "resp.csv", "RESP", 2, "stable"),
    Recipe("unmapped_code", "ae.csv", "OUTCOME", 1, "improved"),
    Recipe("exact_duplicate", "ae.csv", "", 2),
    Recipe(
        "conflicting_duplicate",
        "resp.csv",
        "RESP",
        2,
        "SD",
        ("VGPR", "Very good partial response", "Very good PR", "PR"),
    ),
    Recipe("conflicting_duplicate", "isa.csv", "ACT_DOSE_MG", 1, "1234"),
    Recipe("unknown_subject", "ae.csv", "SUBJ_ID", 1, UNKNOWN_SUBJECT),
    Recipe("impossible_date", "ae.csv", "ST_DT", 1, "30FEB"),
    Recipe("impossible_date", "isa.csv", "DOSE_DT", 1, "30FEB"),
    Recipe("query_text", "demo.csv", "WEIGHT", 1, "[QUERY OPEN] please confirm"),
    Recipe("query_text", "ae.csv", "GRADE", 1, "???"),
)
_COPIES = frozenset({"exact_duplicate", "conflicting_duplicate", "unknown_subject"})


def _partial(day: int, text: str, value: str) -> str:
    when = date.fromordinal(day + EPOCH)
    return f"UN/{MONTHS[when.month - 1]}/{when.year}" if value == "day" else str(when.year)


#: defect -> (day of the cell, its text, the recipe's value) -> the text instead
_CELLS: dict[str, Callable[[int, str, str], str]] = {
    "partial_date": _partial,
    "unknown_date": lambda day, text, value: value,
    "missing_date": lambda day, text, value: "",
    "impossible_date": lambda day, text, value: f"{value}{date.fromordinal(day + EPOCH).year}",
    "trailing_blanks": lambda day, text, value: text + "  ",
    "lower_case": lambda day, text, value: text.lower(),
    "unmapped_code": lambda day, text, value: value,
    "query_text": lambda day, text, value: value,
    "exact_duplicate": lambda day, text, value: text,
    "conflicting_duplicate": lambda day, text, value: value,
    "unknown_subject": lambda day, text, value: value,
}


def soil(
    tables: list[Table], subjects: int, seed: int, recipes: tuple[Recipe, ...] = TYPICAL
) -> tuple[list[Table], list[Injected]]:
    """The tables with defects, and the defects in the order of file and record. The tables given are left as they are.

    Counts are in proportion to ``subjects``, at least one of each where a fitting cell exists. No record takes part
    in two defects. A copied record stands directly after the one it copies.
    """
    dirty, found = [], []
    for table in tables:
        mine = [recipe for recipe in recipes if recipe.file == table.name]
        table, injected = _soil_one(table, mine, subjects, seed)
        dirty.append(table)
        found.extend(injected)
    return dirty, found


def _soil_one(table: Table, recipes: list[Recipe], subjects: int, seed: int) -> tuple[Table, list[Injected]]:
    n = len(table)
    columns = {name: cells.copy() for name, cells in table.columns.items()}
    free = np.ones(n, dtype=bool)
    edits: list[tuple[int, Injected]] = []  # the clean row of each edited or copied record
    for recipe in recipes:
        rows = _choose(table, recipe, free, subjects, seed)
        free[rows] = False
        for row in rows.tolist():
            text = str(columns[recipe.column][row]) if recipe.column else ""
            day = int(table.days[recipe.column][row]) if recipe.column in table.days else -1
            new = _CELLS[recipe.defect](day, text, recipe.value)
            edits.append((row, Injected(table.name, 0, recipe.column, recipe.defect, text, new)))
            if recipe.defect not in _COPIES:
                columns[recipe.column][row] = new

    copied = np.array(sorted(row for row, e in edits if e.defect in _COPIES), dtype=np.int64)
    source = np.concatenate([np.arange(n), copied])
    order = np.argsort(source, kind="stable")
    columns = {name: cells[source[order]] for name, cells in columns.items()}
    days = {name: values[source[order]] for name, values in table.days.items()}
    record = np.empty(len(order), dtype=np.int64)  # of the clean rows, then of the copies
    record[order] = np.arange(1, len(order) + 1)
    placed = []
    for row, e in edits:
        if e.defect in _COPIES:
            at = int(record[n + int(np.searchsorted(copied, row))])
            e = replace(e, record=at, of_record=int(record[row]))
            if e.column:
                columns[e.column][at - 1] = e.injected
        else:
            e = replace(e, record=int(record[row]))
        placed.append(e)
    placed.sort(key=lambda e: (e.record, e.column))
    return replace(table, columns=columns, days=days), placed


def _choose(table: Table, recipe: Recipe, free: np.ndarray, subjects: int, seed: int) -> np.ndarray:
    """Rows for a recipe: its own stream of draws, so that another recipe does not move them."""
    fit = free.copy()
    if recipe.column:
        cells = table.columns[recipe.column]
        fit &= cells != ""
        if recipe.only:
            fit &= np.isin(cells.astype(str), recipe.only)
        if recipe.value:
            fit &= cells != recipe.value
        if recipe.defect == "lower_case":
            fit &= np.array([text.lower() for text in cells.tolist()], dtype=object) != cells
    part = zlib.crc32(f"{recipe.defect} {recipe.file} {recipe.column}".encode())
    rank = Draws(seed, "dirt", part).below(2**31 - 1, len(table))
    rows = np.flatnonzero(fit)
    wanted = max(1, (recipe.count * subjects + 60) // 120)
    return np.sort(rows[np.argsort(rank[rows], kind="stable")[:wanted]])
