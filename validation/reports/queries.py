"""The query list: what the sites must answer, as one workbook, one workbook per country, and JSON.

A query is a finding whose rule asks something of the site (findings/rules.py); findings about one cell by one rule are
one query. Its number is made of form, row, column and rule, so that it stays the same from one build to the next as
long as the row stays where it is. Not for making findings.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.subjects.sites import Sites
from ...errors import OutputError
from ...findings.rules import FindingRule, rule_of
from ...findings.table import SEVERITIES, Findings
from .page import printable
from .workbook import write_text_sheets

UNKNOWN = "UNKNOWN"  # stands for a country or a site that cannot be told
_SHOWN = 200  # characters of a value in a question
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{n}{i}" for n in ("COM", "LPT") for i in range(10))}  # of Windows


@dataclass(frozen=True)
class Query:
    """One question to a site; every part is text as it is printed, '' where it does not apply."""

    number: str
    country: str
    site: str
    subject: str
    form: str
    row: str
    field: str
    value: str
    question: str
    severity: str
    rule: str
    usubjid: str
    dataset: str
    variable: str
    sequence: str


HEADINGS = (
    "Query", "Country", "Site", "Subject", "Form", "Row", "Field", "Value", "Question", "Severity", "Rule", "USUBJID",
    "Dataset", "Variable", "Sequence", "Answer", "Answered by", "Answered on",
)  # fmt: skip


def site_queries(findings: Findings, sites: Sites) -> list[Query]:
    """The queries of all findings, sorted by country, site, subject, form, row, field and rule."""
    table: Any = findings.frame()
    rules = {r: rule_of(r) for r in dict.fromkeys(table["rule"].tolist())}
    pairs = zip(map(rules.get, table["rule"].tolist()), table["severity"].tolist(), strict=True)
    asked = table[np.array([bool(r and r.ask and s in r.asked) for r, s in pairs], dtype=bool)]
    found: dict[str, tuple[tuple[Any, ...], Query]] = {}
    for f in asked.itertuples(index=False):
        rule = rules[f.rule]
        assert rule is not None
        form = sites.forms.get(f.source, f.file)
        number = query_number(f, form)
        if number in found:
            continue
        site, subject = sites.subjects.get(f.subject, ("", ""))
        site = (sites.of_row(f.source, f.row) if f.row >= 0 else "") or site
        country = sites.countries.get(site, "") or UNKNOWN
        shown = {"form": printable(form)} | {n: printable(str(getattr(f, n))) for n in ("column", "value")}
        query = Query(
            number, printable(country), printable(site) or UNKNOWN, printable(subject or f.subject),
            shown["form"] or f.dataset, _number(f.row), shown["column"] or f.variable, shown["value"],
            question(rule, f), f.severity, f.rule, printable(f.subject), f.dataset, f.variable, _number(f.sequence),
        )  # fmt: skip
        key = (query.country, query.site, query.subject, query.form, f.row, query.field, query.rule, number)
        found[number] = key, query
    return [query for _, query in sorted(found.values(), key=lambda pair: pair[0])]


def query_number(finding: Any, form: str) -> str:
    """Q and 12 hexadecimal digits: of form, row, column and rule; of dataset, record and variable without a form."""
    if form and finding.row >= 0:
        parts = (finding.rule, form, finding.row, finding.column)
    else:
        parts = (finding.rule, finding.dataset, finding.subject, finding.sequence, finding.variable, finding.value)
    text = "\x1f".join(map(str, parts))
    return "Q" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12].upper()


def question(rule: FindingRule, finding: Any) -> str:
    """The question of a rule with the finding's own file, row, column, value, dataset, variable and message."""

    def part(match: re.Match[str]) -> str:
        text = _number(finding.row) if match[1] == "row" else printable(str(getattr(finding, match[1])))
        return text if len(text) <= _SHOWN else text[:_SHOWN] + " ..."

    return re.sub(r"\{(file|row|column|value|dataset|variable|message)\}", part, rule.ask)


def _number(value: int) -> str:
    return "" if value < 0 else str(value)


def summary(queries: Sequence[Query]) -> list[dict[str, Any]]:
    """Queries per country and site: how many, and how many of each severity."""
    counts: dict[tuple[str, str], dict[str, Any]] = {}
    for q in queries:
        none = {"country": q.country, "site": q.site, "queries": 0, **dict.fromkeys(SEVERITIES, 0)}
        one = counts.setdefault((q.country, q.site), none)
        one["queries"] += 1
        one[q.severity] += 1
    return [counts[key] for key in sorted(counts)]


def queries_json(queries: Sequence[Query]) -> bytes:
    """queries.json: {"schema": 1, "queries": [...], "summary": [...]}, in ASCII, one query per line."""
    names = [f.name for f in fields(Query)]
    lines = ",\n".join(json.dumps(dict(zip(names, astuple(q), strict=True))) for q in queries)
    return f'{{"schema": 1, "queries": [\n{lines}\n], "summary": {json.dumps(summary(queries))}}}\n'.encode("ascii")


def write_queries(folder: Path, queries: Sequence[Query], declared: datetime) -> None:
    """queries.json, queries.xlsx, and queries/<COUNTRY>.xlsx in ``folder``: a summary by site, and the queries.

    Every cell is text, so that none is taken for a formula. Raises OutputError when a file cannot be written.
    """
    try:
        (folder / "queries.json").write_bytes(queries_json(queries))
        (folder / "queries").mkdir()
    except OSError as error:
        raise OutputError(f"{folder.name}/queries cannot be written: {error.strerror or error}") from error
    _write(folder / "queries.xlsx", queries, declared)
    files: dict[str, list[Query]] = {}
    for q in queries:
        files.setdefault(file_name(q.country), []).append(q)
    for name, part in sorted(files.items()):
        _write(folder / "queries" / f"{name}.xlsx", part, declared)


def file_name(country: str) -> str:
    """A country as the name of a file on any system: capital letters and digits, other characters as one hyphen."""
    name = re.sub(r"[^A-Z0-9]+", "-", country.upper()).strip("-")[:60] or UNKNOWN
    return f"{name}-" if name in _RESERVED else name


def _write(path: Path, queries: Sequence[Query], declared: datetime) -> None:
    rows = [astuple(q) for q in queries]
    empty = [""] * len(rows)
    columns = [[r[i] for r in rows] for i in range(len(HEADINGS) - 3)] + [empty, empty, empty]
    sites = summary(queries)
    heads = ("Country", "Site", "Queries", "Errors", "Warnings", "Notes")
    counts = [[str(s[k]) for s in sites] for k in ("country", "site", "queries", *SEVERITIES)]
    write_text_sheets(path, [("Summary", heads, counts), ("Queries", HEADINGS, columns)], declared)
