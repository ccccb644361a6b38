"""What the pictures of the findings page show: rules by dataset, sites by severity, dates.

Not for drawing (pictures.py), nor for the counts of the front page (finding_counts.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...findings.rule import SEVERITIES
from .finding_counts import PlaceCounts, address, conditions_of, picture, places
from .finding_lines import texts
from .finding_sites import SiteCounts
from .pictures import HeatCell, count_legend, count_shade, heat_map, over_time, short_number

#: rules and places with the most findings that the heat map shows
SHOWN_RULES, SHOWN_COLUMNS = 40, 22
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-\d{2}(?:T.*)?)?")
#: variables of a record's keys that are its dates: --DTC of SDTM, and the ISO 8601 text of ADT and ASTDT
_DATES = ("DTC", "ADT", "SDT")
_MONTHS = 72  # of more months, the picture has years


def rules_by_place(table: Any) -> dict[str, Any] | None:
    """Findings by rule and by dataset, or by raw file where no dataset is named; None without findings."""
    if not len(table):
        return None
    rule, place = texts(table, "rule"), places(table)
    of_dataset = texts(table, "dataset") != ""
    r_codes, rules = pd.factorize(rule)
    p_codes, found = pd.factorize(place)
    rows, columns = _most(r_codes, len(rules), SHOWN_RULES), _most(p_codes, len(found), SHOWN_COLUMNS)
    is_dataset = {int(c): bool(d) for c, d in zip(p_codes[::-1].tolist(), of_dataset[::-1].tolist(), strict=True)}
    rows.sort(key=lambda r: str(rules[r]))
    columns.sort(key=lambda c: (not is_dataset[c], str(found[c])))
    pair, number = np.unique(r_codes.astype("int64") * len(found) + p_codes, return_counts=True)
    counts = dict(zip(pair.tolist(), number.tolist(), strict=True))
    cells = []
    for i, r in enumerate(rows):
        for j, c in enumerate(columns):
            count = counts.get(r * len(found) + c, 0)
            if count:
                name, where = str(rules[r]), str(found[c])
                cells.append(
                    HeatCell(
                        row=i, column=j, shade=count_shade(count), text=short_number(count),
                        title=f"{name}, {where}: {count:,} findings",
                        href="#" + address(rule=name, **conditions_of(where, of_dataset=is_dataset[c])),
                    )
                )  # fmt: skip
    further = [f"{len(rules) - len(rows)} further rules"] if len(rules) > len(rows) else []
    further += [f"{len(found) - len(columns)} further datasets or files"] if len(found) > len(columns) else []
    words = f"{len(table):,} findings of {len(rules)} rules in {len(found)} datasets or files"
    words += f". Not in the picture: {', '.join(further)}" if further else ""
    return heat_map(
        [str(rules[r]) for r in rows], [str(found[c]) for c in columns], cells, text=words, legend=count_legend()
    )


def _most(codes: np.ndarray, groups: int, room: int) -> list[int]:
    """The groups with the most rows, at most ``room``."""
    counts = np.bincount(codes, minlength=groups)
    return np.lexsort((np.arange(groups), -counts))[:room].tolist()


def sites_picture(sites: Sequence[SiteCounts]) -> dict[str, Any] | None:
    """Findings by site and severity; None without sites."""
    return picture([PlaceCounts(s.site, s.counts) for s in sites]) if sites else None


def dates_picture(table: Any) -> dict[str, Any] | None:
    """Findings by the month of their record, from the date variables among its keys; else of the value, a date itself.

    None where less than two different months are known. ``dated``: findings with a month.
    """
    month = _months(table)
    dated = np.flatnonzero(month != "")
    if not len(dated):
        return None
    first, last = min(month[dated].tolist()), max(month[dated].tolist())
    if first == last:
        return None
    periods = _periods(first, last)
    by_year = len(periods) > _MONTHS
    if by_year:
        periods = sorted({p[:4] for p in periods})
    known = {p: i for i, p in enumerate(periods)}
    codes, months = pd.factorize(month[dated])
    at = np.array([known[m[:4] if by_year else m] for m in months.tolist()], dtype="int64")[codes]
    severity = texts(table, "severity")[dated]
    counts = {s: np.bincount(at[severity == s], minlength=len(periods)).tolist() for s in SEVERITIES}
    unit = "year" if by_year else "month"
    words = f"{len(dated):,} of {len(table):,} findings have a date; by {unit}, from {periods[0]} to {periods[-1]}"
    return over_time(periods, counts, text=words)


def _months(table: Any) -> np.ndarray:
    """YYYY-MM of each finding, '' where none is known."""
    codes, keys = pd.factorize(texts(table, "keys"))
    of_keys = np.array([_month_of_keys(str(k)) for k in keys.tolist()], dtype=object)
    out = of_keys[codes] if len(keys) else np.zeros(0, dtype=object)
    codes, values = pd.factorize(texts(table, "value"))
    of_values = np.array([_month(str(v)) for v in values.tolist()], dtype=object)
    return np.where(out == "", of_values[codes], out) if len(values) else out


def _month_of_keys(keys: str) -> str:
    for pair in keys.split("; "):
        name, _, value = pair.partition("=")
        if name.endswith(_DATES) and (month := _month(value)):
            return month
    return ""


def _month(text: str) -> str:
    found = _DATE.fullmatch(text)
    return f"{found[1]}-{found[2]}" if found and "1950" <= found[1] <= "2099" and "01" <= found[2] <= "12" else ""


def _periods(first: str, last: str) -> list[str]:
    start, end = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in (first, last))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(start, end + 1)]
