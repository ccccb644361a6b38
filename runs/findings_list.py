"""The findings of an output as a list: filtered, with the dispositions of a file and the states beside another output.

Not for writing findings.yaml (write_entries.py) nor for printing (commands/).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..findings.catalogue import rule_of
from ..findings.entries import Entry, glob
from ..findings.review import NEW, RECURRING, RESOLVED, Review
from ..findings.rule import SEVERITIES
from ..findings.table import COLUMNS
from ..validation.reports.finding_files import headings, without_formula
from .review import file_entries, findings_file, previous_findings, read_findings

STATES = (NEW, RECURRING, RESOLVED)
#: the word for findings without a disposition
NONE = "none"
#: so many variables or columns of one rule are listed alone
FEW = 5
#: what a group of the list has in common
_GROUP = ("severity", "rule", "place", "name", "disposition", "state")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The findings that are listed; '' for any. ``rule``, ``dataset``, ``variable``: * is any text."""

    rule: str = ""
    dataset: str = ""
    variable: str = ""
    severity: str = ""
    state: str = ""
    disposition: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The findings of an output. ``table``: as Findings.frame, with those that are resolved at its end.

    ``entries``: of the file that decided; None where the dispositions are those of the output itself.
    """

    table: pd.DataFrame
    out: Path
    entries: list[Entry] | None = None
    compared: bool = False
    every: Collection[str] = field(default_factory=tuple)


def listing(out: Path, wanted: Wanted, *, dispositions: Path | None = None, compare: Path | None = None) -> Listing:
    """The wanted findings of an output folder, or of a findings.json.

    ``dispositions``: a file in place of the dispositions that the output has; ``compare``: an earlier output in place
    of the states that it has. Raises InputError and SpecError.
    """
    content = read_findings(findings_file(out))
    table = _table(content["findings"], out)
    entries = file_entries(dispositions) if dispositions is not None else None
    previous = previous_findings(compare).findings if compare is not None else None
    resolved = content.get("resolved", [])
    compared = previous is not None or any(table["state"] != "") or bool(resolved)
    if entries is not None:
        found = Review(entries=entries).columns(table)
        table = table.assign(**{n: found[n] for n in ("disposition", "explanation", "entry")})
    else:
        explanations = ["", *(e.get("explanation", "") for e in content.get("entries", []))]
        table["explanation"] = np.array(explanations, dtype=object)[table["entry"].clip(0)]
    if previous is not None:
        review = Review(previous=previous)
        table = table.assign(state=review.columns(table)["state"])
        resolved = review.resolved(table)
    if resolved:
        gone = _table([{**f, "state": RESOLVED} for f in resolved], out)
        table = pd.concat([table, gone], ignore_index=True)
    return Listing(table=table[_holds(table, wanted)], out=out, entries=entries, compared=compared, every=list(COLUMNS))


def _table(found: list[Mapping[str, Any]], out: Path) -> pd.DataFrame:
    """The findings of findings.json as a table with the columns of Findings.frame."""
    try:
        flat = [{**f, **f.get("source", {})} if isinstance(f.get("source"), dict) else f for f in found]
        columns = {}
        for name, kind in COLUMNS.items():
            lacking = -1 if kind == "int64" else ""
            columns[name] = np.array([lacking if f.get(name) is None else f[name] for f in flat], dtype=kind)
        table = pd.DataFrame(columns)
        texts = [n for n, kind in COLUMNS.items() if kind == "object"]
        damaged = any(not isinstance(v, str) for n in texts for v in table[n].tolist())
        damaged = damaged or not set(table["severity"]) <= {*SEVERITIES}
    except (TypeError, ValueError, AttributeError):
        damaged, table = True, pd.DataFrame()
    if damaged:
        raise InputError(f"{findings_file(out)}: is damaged: a finding has another form; build the output again")
    return table


def _holds(table: pd.DataFrame, wanted: Wanted) -> np.ndarray:
    holds = np.ones(len(table), dtype=bool)
    for name in ("rule", "dataset", "variable"):
        if pattern := getattr(wanted, name):
            like = glob(pattern)
            codes, texts = pd.factorize(np.asarray(table[name], dtype=object))
            fits = np.array([like.fullmatch(str(t)) is not None for t in texts], dtype=bool)
            holds &= fits[codes] if len(texts) else False
    for name in ("severity", "state"):
        if text := getattr(wanted, name):
            holds &= np.asarray(table[name] == text)
    if wanted.disposition:
        text = "" if wanted.disposition == NONE else wanted.disposition
        holds &= np.asarray(table["disposition"] == text)
        holds &= np.asarray(table["state"] != RESOLVED) | (wanted.state == RESOLVED)
    return holds


def names_of(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Dataset and variable of each finding; of one on raw data its source and column."""
    on_data = table["dataset"] != ""
    return np.where(on_data, table["dataset"], table["source"]), np.where(on_data, table["variable"], table["column"])


def groups(found: Listing) -> list[dict[str, Any]]:
    """The findings by severity, rule, place, variable or column, disposition and state, each with its number."""
    table = found.table
    place, name = names_of(table)
    columns = (table["severity"], table["rule"], place, name, table["disposition"], table["state"])
    lists = (np.asarray(c, dtype=object).tolist() for c in columns)
    codes, keys = pd.factorize(np.array(["\0".join(p) for p in zip(*lists, strict=True)], dtype=object))
    counted = np.bincount(codes, minlength=len(keys)).tolist()
    parts = (str(k).split("\0") for k in keys)
    rows = [{**dict(zip(_GROUP, p, strict=True)), "findings": n} for p, n in zip(parts, counted, strict=True)]
    return sorted(rows, key=lambda r: (SEVERITIES.index(r["severity"]), -r["findings"], *(r[n] for n in _GROUP[1:])))


def _folded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups, with one line for those that differ in more than FEW variables or columns alone."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row[n] for n in _GROUP if n != "name"), []).append(row)
    lines = []
    for of in alike.values():
        if len(of) <= FEW:
            lines += of
        else:
            named = f"({len(of)} variables or columns)"
            lines.append({**of[0], "name": named, "findings": sum(r["findings"] for r in of)})
    return sorted(lines, key=lambda r: (SEVERITIES.index(r["severity"]), -r["findings"], *(r[n] for n in _GROUP[1:])))


def title(rule: str) -> str:
    """What a rule reports; '' for a rule that this version does not have."""
    try:
        return rule_of(rule).title
    except ValueError:
        return ""


def text(found: Listing, limit: int) -> Iterator[str]:
    """The groups as a table of text, then the totals."""
    rows = _folded(groups(found))
    head = ("findings", "severity", "rule", "in", "disposition", "state", "what the rule reports")
    cells = [_cells(r) for r in (rows[:limit] if limit else rows)]
    if not found.compared:
        head, cells = head[:5] + head[6:], [c[:5] + c[6:] for c in cells]
    widths = [max(len(c[i]) for c in (head, *cells)) for i in range(len(head) - 1)]
    for first, *rest, last in (head, *cells) if cells else ():
        middle = (t.ljust(w) for t, w in zip(rest, widths[1:], strict=True))
        yield "  ".join([first.rjust(widths[0]), *middle, last])
    if limit and len(rows) > limit:
        yield f"... {len(rows) - limit:,} more lines; --limit 0 lists all"
    yield f"{found.out}: {_totals(found.table)}"


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    named = row["name"].startswith("(")
    place = (" " if named else ".").join(p for p in (row["place"], row["name"]) if p) or "study"
    review = (row["disposition"] or "-", row["state"] or "-")
    return f"{row['findings']:,}", row["severity"], row["rule"], place, *review, title(row["rule"])


def _totals(table: pd.DataFrame) -> str:
    now = table[table["state"] != RESOLVED]
    counts = {s: int((now["severity"] == s).sum()) for s in SEVERITIES}
    parts = [f"{n:,} {s}{'' if n == 1 else 's'}" for s, n in counts.items()]
    parts.append(f"{int((now['disposition'] == '').sum()):,} without a disposition")
    if len(now) < len(table):
        parts.append(f"{len(table) - len(now):,} resolved")
    return ", ".join(parts)


def each(found: Listing, limit: int) -> Iterator[str]:
    """Every finding on one line: identity, severity, rule, place, keys or raw cell, value, disposition."""
    table = found.table.head(limit) if limit else found.table
    for row in table.to_dict("records"):
        at = f"row {row['row']}" if row["row"] >= 0 else ""
        cell = ", ".join(p for p in (row["file"], at, row["column"]) if p)
        parts = (
            f"{row['id']} {row['severity']} {row['rule']}",
            ".".join(p for p in (row["dataset"], row["variable"]) if p),
            row["keys"] or row["subject"],
            cell,
            f"'{row['value']}'" if row["value"] else "",
            row["disposition"],
            row["state"],
        )
        yield "; ".join(p for p in parts if p)
    if len(table) < len(found.table):
        yield f"... {len(found.table) - len(table):,} more findings; --limit 0 lists all"
    yield f"{found.out}: {_totals(found.table)}"


def as_json(found: Listing, limit: int) -> str:
    """The groups and, up to ``limit``, the findings, as JSON of schema 1."""
    table = found.table.head(limit) if limit else found.table
    rows = [
        {n: (None if isinstance(v, int) and v < 0 else v) for n, v in row.items()}
        for row in table[list(found.every)].to_dict("records")
    ]
    shown = {"schema": 1, "total": len(found.table), "shown": len(rows), "groups": groups(found), "findings": rows}
    return json.dumps(shown, indent=1)


def as_csv(found: Listing) -> str:
    """Every finding as a line of CSV; a text that a spreadsheet takes for a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    names = list(found.every)
    writer.writerow(headings(names))
    cells = [[_cell(v) for v in found.table[n].tolist()] for n in names]
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue().rstrip("\n")


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return "" if value < 0 else str(value)
    return without_formula(str(value))
