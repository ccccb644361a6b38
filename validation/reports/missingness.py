"""Empty cells of raw sources by column and site, as counts for pages. Not for judging them (validation/quality/)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.subjects.sites import Sites
from ...sources.table import RawTable
from .page import printable
from .pictures import HeatCell, heat_map

#: sites with the most rows; the others are one column
SHOWN_SITES = 24
NO_SITE, OTHERS = "(no site)", "others"
#: least share of each shade, in percent, from the second one
_SHADES = (5, 20, 50, 100)
#: words of each shade from 1
LEGEND = ("below 5 %", "5 to 19 %", "20 to 49 %", "50 to 99 %", "all")


@dataclass(frozen=True)
class SourceCells:
    """``empty``: (columns, sites) empty cells; ``rows``: rows of each site. Columns that are empty in all rows too."""

    source: str
    title: str
    columns: tuple[str, ...]
    sites: tuple[str, ...]
    empty: np.ndarray
    rows: np.ndarray

    @property
    def total(self) -> int:
        return int(self.rows.sum())


def source_cells(tables: Mapping[str, RawTable], sites: Sites, titles: Mapping[str, str]) -> list[SourceCells]:
    """The empty cells of each source with rows, in their order. The sites are the same in all of them, by name."""
    of_rows = {n: _site_of_rows(n, t, sites) for n, t in tables.items() if t.present and len(t)}
    names = _shown_sites(list(of_rows.values()))
    place = {name: i for i, name in enumerate(names)}
    others = place.get(OTHERS, -1)
    out = []
    for source, site in of_rows.items():
        table = tables[source]
        codes, texts = pd.factorize(site)
        of = np.array([place.get(str(t), others) for t in texts.tolist()], dtype="int64")[codes]
        empty = [
            np.bincount(of, weights=col.missing(pd.Series(table.frame[c])), minlength=len(names))
            for c in table.frame.columns
        ]
        counts = np.array(empty, dtype="int64").reshape(len(table.frame.columns), len(names))
        rows = np.bincount(of, minlength=len(names))
        title = titles.get(source) or source
        out.append(SourceCells(source, title, tuple(map(str, table.frame.columns)), names, counts, rows))
    return out


def _site_of_rows(source: str, table: RawTable, sites: Sites) -> np.ndarray:
    site = sites.of_rows(source, np.asarray(table.record, dtype="int64"))
    return np.where(site == "", NO_SITE, site)


def _shown_sites(columns: Sequence[np.ndarray]) -> tuple[str, ...]:
    if not columns:
        return ()
    codes, texts = pd.factorize(np.concatenate(columns))
    counts = np.bincount(codes, minlength=len(texts)).tolist()
    order = sorted(zip((str(t) for t in texts), counts, strict=True), key=lambda c: (-c[1], c[0]))
    shown = sorted(name for name, _ in order[:SHOWN_SITES])
    return (*shown, OTHERS) if len(order) > SHOWN_SITES else tuple(shown)


def share_shade(empty: int, of: int) -> int:
    """The shade of a share: 0 for none, 5 for all."""
    return 0 if empty <= 0 or of <= 0 else 1 + sum(100 * empty >= least * of for least in _SHADES)


def percent(empty: int, of: int) -> str:
    """A share as whole percent, rounded down; '<1' for less than one."""
    if not of or not empty:
        return ""
    return str(100 * empty // of) if 100 * empty >= of else "<1"


def missing_picture(cells: Sequence[SourceCells]) -> dict[str, Any] | None:
    """The heat map of empty cells by source and site; columns that are empty in all rows of a source do not count."""
    if not cells:
        return None
    names = cells[0].sites
    found, whole, every = [], 0, 0
    for i, of in enumerate(cells):
        used = of.empty.sum(axis=1) < of.total
        empty = of.empty[used].sum(axis=0).tolist()
        total = (of.rows * int(used.sum())).tolist()
        whole, every = whole + sum(empty), every + sum(total)
        for j, name in enumerate(names):
            if total[j]:
                words = f"{of.title}, site {name}: {empty[j]:,} of {total[j]:,} cells are empty"
                shade = share_shade(empty[j], total[j])
                found.append(
                    HeatCell(row=i, column=j, shade=shade, text=percent(empty[j], total[j]) or "0", title=words)
                )
    share = f"{whole:,} of {every:,} cells are empty" + (f", {percent(whole, every)} %" if whole else "")
    text = f"Percent of empty cells by source and site: {share}. A column that is empty in all rows does not count."
    legend = [{"shade": i, "words": words} for i, words in enumerate(LEGEND, start=1)]
    return heat_map([printable(c.title) for c in cells], list(names), found, text=text, legend=legend)


def matrix(cells: SourceCells) -> dict[str, Any] | None:
    """The table of one source: for each column with empty cells the percent of each site. None without one."""
    at = [j for j, n in enumerate(cells.rows.tolist()) if n]
    rows = []
    for name, empty in zip(cells.columns, cells.empty.tolist(), strict=True):
        if sum(empty):
            shown = [(percent(empty[j], int(cells.rows[j])), share_shade(empty[j], int(cells.rows[j]))) for j in at]
            rows.append({"column": printable(name), "empty": sum(empty), "cells": shown})
    if not rows:
        return None
    return {
        "source": printable(cells.source), "title": printable(cells.title), "rows": cells.total, "columns": rows,
        "sites": [printable(cells.sites[j]) for j in at], "whole": len(cells.columns) - len(rows),
    }  # fmt: skip
