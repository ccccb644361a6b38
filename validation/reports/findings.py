"""Findings as findings.json, findings.html and findings.xlsx: the same bytes for the same findings.

Not for reporting findings, nor for deciding the result of a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from markupsafe import Markup

from ...engine.subjects.sites import Sites
from ...findings.catalogue import rule_of
from ...findings.rule import SEVERITIES
from ...findings.table import COLUMNS, Findings
from .finding_counts import counts_by_place, places
from .finding_sites import SHOWN_SUBJECTS, counts_by_site, counts_by_subject, sites_of
from .page import html_page, printable
from .run_head import RunHead, head_values
from .workbook import write_text_workbook

#: findings of a rule that are in the table of the page before a search
SHOWN_PER_RULE = 50
#: findings that the page has for its search; of more, each rule has its first ones
SEARCHED = 20_000
_PAGE = "reports/findings.html"
_BATCH = 50_000  # findings formatted at a time
_RECORD = ("id", "rule", "severity", "dataset", "subject", "sequence", "variable", "keys", "value", "message")
_SOURCE = ("source", "file", "row", "column")
_HEADINGS = {
    "rule": "Rule", "severity": "Severity", "dataset": "Dataset", "subject": "Subject", "sequence": "Sequence",
    "variable": "Variable", "value": "Value", "message": "Message", "source": "Source", "file": "Source file",
    "row": "Source row", "column": "Source column", "keys": "Keys", "id": "Id",
}  # fmt: skip

#: columns that the page does not show: the other columns have what a reader needs
_NOT_IN_PAGE = ("keys", "id")


def findings_json(findings: Findings, *, limit: int | None = None) -> bytes:
    """findings.json: {"schema": 2, "findings": [...], "summary": {...}}, in ASCII, one finding per line.

    ``limit``: print only the first so many, which are the most severe; the summary counts all, and its ``shown``
    is the number of findings printed. A sequence or row that does not apply is null. ``id`` is the same in every data
    cut; ``keys`` are the natural keys of the record, '' for a dataset or a raw row.
    """
    table: Any = findings.frame()
    shown = table if limit is None else table.head(limit)
    parts = ['{"schema": 2, "findings": [']
    for start in range(0, len(shown), _BATCH):
        parts.append(",\n" if start else "\n")
        parts.append(",\n".join(_json_lines(shown.iloc[start : start + _BATCH])))
    summary = {**_summary(table), "shown": len(shown)}
    parts.append('\n], "summary": ' + json.dumps(summary) + "}\n")
    return "".join(parts).encode("ascii")


def _json_lines(table: Any) -> Iterator[str]:
    cells = {name: _json_cells(table[name]) for name in COLUMNS}
    for values in zip(*(cells[n] for n in (*_RECORD, *_SOURCE)), strict=True):
        (id_, rule, severity, dataset, subject, sequence, variable, keys, value, message, *place) = values
        source, file, row, column = place
        yield (
            f'{{"id": {id_}, "rule": {rule}, "severity": {severity}, "dataset": {dataset}, "subject": {subject}, '
            f'"sequence": {sequence}, "variable": {variable}, "keys": {keys}, "value": {value}, '
            f'"message": {message}, '
            f'"source": {{"source": {source}, "file": {file}, "row": {row}, "column": {column}}}}}'
        )


def _json_cells(column: pd.Series) -> list[str]:
    """Each cell as JSON; each different text is escaped one time."""
    if column.dtype.kind == "i":
        return ["null" if x < 0 else str(x) for x in column.tolist()]
    texts = [str(x) for x in column.tolist()]
    escaped = {t: encode_basestring_ascii(t) for t in set(texts)}
    return [escaped[t] for t in texts]


def _summary(table: Any) -> dict[str, Any]:
    """Counts in all, by severity (in the order of severity), by rule and by dataset (sorted)."""
    by_severity = _counts(table["severity"])
    return {
        "total": len(table),
        "by_severity": {s: by_severity.get(s, 0) for s in SEVERITIES},
        "by_rule": _counts(table["rule"]),
        "by_dataset": _counts(table["dataset"]),
    }


def _counts(column: pd.Series) -> dict[str, int]:
    codes, texts = pd.factorize(np.asarray(column, dtype=object))
    count = np.bincount(codes, minlength=len(texts)).tolist()
    return dict(sorted(zip((str(t) for t in texts), count, strict=True)))


def findings_html(
    findings: Findings,
    title: str,
    lead: Sequence[str] = (),
    head: RunHead | None = None,
    sites: Sites | None = None,
) -> bytes:
    """findings.html: one page without outside resources, grouped by rule, with a search.

    The page shows the first SHOWN_PER_RULE findings of each rule. Its search covers all findings up to SEARCHED; of
    more, the first ones of each rule, and the page states how many of how many. ``lead``: sentences that must be seen
    first, printed on top as errors. ``sites``: the sites of raw rows and subjects, for the view by site.
    """
    table: Any = findings.frame()
    known = sites or Sites()
    site = sites_of(table, known)
    codes, keys = pd.factorize(np.asarray(table["rule"] + "\0" + table["severity"], dtype=object))
    limit = _limit(np.bincount(codes, minlength=len(keys)), SEARCHED)
    place = places(table)
    texts = SharedTexts()
    groups = []
    for number, key in enumerate(keys):
        rule, severity = key.split("\0")
        at = np.flatnonzero(codes == number)
        groups.append(_group(rule, severity, table.iloc[at], (place[at], site[at]), limit, texts))
    searched = sum(len(g["places"]) for g in groups)
    return html_page(
        "findings.html.j2", head=head_values(head, _PAGE), title=printable(title), lead=[printable(s) for s in lead],
        groups=groups, summary=_summary(table), shown=SHOWN_PER_RULE, searched=searched,
        people=_people(table, site, known),
        rules=sorted({g["rule"] for g in groups}), places=[printable(p.place) for p in counts_by_place(table)],
        data=_script_json(
            {
                "texts": texts.texts, "shown": SHOWN_PER_RULE, "total": len(table), "searched": searched,
                "groups": [{k: g[k] for k in ("places", "sites", "columns")} for g in groups],
            }
        ),
    )  # fmt: skip


def _limit(counts: np.ndarray, room: int) -> int:
    """The largest number of findings per group with which all groups together have at most ``room``.

    At least SHOWN_PER_RULE, so that the search covers what the page shows.
    """
    if counts.sum() <= room:
        return int(counts.max(initial=0))
    low, high = SHOWN_PER_RULE, room
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(counts, middle).sum() <= room else (low, middle - 1)
    return low


class SharedTexts:
    """Texts of the page's search, each one time; a finding has their numbers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        return list(self._numbers)

    def numbers(self, cells: Sequence[str]) -> list[int]:
        """The number of each text."""
        numbers = self._numbers
        return [numbers.setdefault(cell, len(numbers)) for cell in cells]


def _people(table: Any, site: np.ndarray, sites: Sites) -> dict[str, Any]:
    """The values of the view by site and subject."""
    of_sites = counts_by_site(table, site, sites)
    of_subjects = counts_by_subject(table, sites)
    shown = of_subjects[:SHOWN_SUBJECTS]
    return {
        "sites": [
            {
                "name": printable(s.site), "country": printable(s.country), "subjects": s.subjects, "counts": s.counts,
                "href": f"#site={quote(printable(s.site), safe='')}",
            }
            for s in of_sites
        ],
        "subjects": [
            {
                "name": printable(s.subject), "site": printable(s.site), "counts": s.counts,
                "href": f"#text={quote(printable(s.subject), safe='')}",
            }
            for s in shown
        ],
        "more": len(of_subjects) - len(shown),
    }  # fmt: skip


def _group(
    rule: str, severity: str, table: Any, where: tuple[np.ndarray, np.ndarray], limit: int, texts: SharedTexts
) -> dict[str, Any]:
    """The values of one rule and severity. ``table``: its findings; a column that is empty in all is not shown.

    Nor is a message that is the same in all of them: the head of the group has it. ``where``: place and site of each.
    """
    place, site = where
    messages = table["message"]
    same = (messages == messages.iloc[0]).all()
    first = table.head(limit)
    cells = {n: [_shown(x) for x in first[n].tolist()] for n in COLUMNS if n not in ("rule", "severity")}
    headings = {n: h for n, h in _HEADINGS.items() if n in cells and n not in _NOT_IN_PAGE}
    columns = {h: cells[n] for n, h in headings.items() if any(cells[n]) and not (n == "message" and same)}
    return {
        "rule": printable(rule), "severity": severity, "do": rule_of(rule).do, "source": rule_of(rule).source,
        "count": len(table), "more": len(table) - SHOWN_PER_RULE,
        "message": printable(str(messages.iloc[0])) + ("" if same else " ..."),
        "about": printable(", ".join(sorted(set(place.tolist())))),
        "headings": list(columns),
        "rows": list(zip(*(c[:SHOWN_PER_RULE] for c in columns.values()), strict=True)),
        "places": texts.numbers([printable(p) for p in place[:limit].tolist()]),
        "sites": texts.numbers([printable(p) for p in site[:limit].tolist()]),
        "columns": [texts.numbers(c) for c in columns.values()],
    }  # fmt: skip


def _script_json(data: Any) -> Markup:
    """``data`` as JSON for a script element: no character of it can end the element or start markup."""
    text = json.dumps(data, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _shown(cell: Any) -> str:
    if isinstance(cell, int):
        return "" if cell < 0 else str(cell)
    return printable(str(cell))


def findings_xlsx(findings: Findings, path: Path, declared: datetime) -> None:
    """findings.xlsx: every cell typed as text, so that no value is taken for a formula or a number.

    ``declared``: the run's declared time, the only one in the file. A sheet ends at 1,048,576 rows: what does not fit
    goes to further sheets. Raises OutputError when the file cannot be written.
    """
    table: Any = findings.frame()
    columns = [[_shown(x) for x in table[name].tolist()] for name in COLUMNS]
    write_text_workbook(path, "Findings", [_HEADINGS[n] for n in COLUMNS], columns, declared)
