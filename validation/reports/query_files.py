"""The query list as queries.json, queries.xlsx and one workbook for each country. Not for the questions."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import OutputError
from ...findings.rule import SEVERITIES
from ...mappings.facts.windows_names import is_device
from ...mappings.models.queries import Phrases, phrases_csv
from .queries import UNKNOWN, Query, QueryList, summary
from .typed_workbook import Column, TypedSheet, write_typed_workbook

#: the kinds of an answer, for the drop-down list
ANSWERS = ("Corrected", "Correct as entered", "Not known", "Not done")
#: what a site sees: heading, field of Query, width, whether long texts have several lines
_SITE = (
    ("Query", "number", 15, False), ("Site", "site", 8, False), ("Subject", "subject", 13, False),
    ("Form", "form", 20, True), ("Page", "page", 8, True), ("Visit", "visit", 13, True), ("Record", "record", 24, True),
    ("Field", "field", 20, True), ("Value", "value", 16, True), ("Question", "question", 44, True),
)  # fmt: skip
#: columns that a site fills in
_ANSWER = (("Kind of answer", 14), ("Answer", 30), ("Answered by", 14), ("Answered on", 12))
#: for those who run the study, to the right of the answers and not on paper
_STUDY = (
    ("Question in English", "english", 44, True), ("Country", "country", 10, False),
    ("Severity", "severity", 10, False), ("Rule", "rule", 20, False), ("File", "file", 24, False),
    ("Row", "row", 8, False), ("Column", "column", 16, False), ("USUBJID", "usubjid", 22, False),
    ("Dataset", "dataset", 9, False), ("Variable", "variable", 11, False), ("Sequence", "sequence", 9, False),
)  # fmt: skip


def queries_json(queries: Sequence[Query]) -> bytes:
    """queries.json: {"schema": 2, "queries": [...], "summary": [...]}, in ASCII, one query per line."""
    lines = ",\n".join(json.dumps(q._asdict(), ensure_ascii=True) for q in queries)
    return f'{{"schema": 2, "queries": [\n{lines}\n], "summary": {json.dumps(summary(queries))}}}\n'.encode("ascii")


def write_queries(folder: Path, found: QueryList, declared: datetime, phrases: Phrases | None = None) -> None:
    """queries.json, queries.xlsx, and queries/<COUNTRY>.xlsx in ``folder``: a summary by site, and the queries.

    A workbook of a country has its headings in the language of the country. phrases.csv has the phrases that a language
    lacks. No cell is a formula. Raises OutputError when a file cannot be written.
    """
    phrases, queries = phrases or Phrases(), found.queries
    try:
        (folder / "queries.json").write_bytes(queries_json(queries))
        (folder / "queries").mkdir()
    except OSError as error:
        raise OutputError(f"{folder.name}/queries cannot be written: {error.strerror or error}") from error
    heads = _Headings(phrases)
    _write(folder / "queries.xlsx", queries, declared, heads, "en")
    files: dict[str, list[Query]] = {}
    for q in queries:
        files.setdefault(file_name(q.country), []).append(q)
    for name, part in sorted(files.items()):
        _write(folder / "queries" / f"{name}.xlsx", part, declared, heads, part[0].language)
    if missing := {*found.missing, *heads.missing}:
        (folder / "phrases.csv").write_bytes(phrases_csv(missing))


class _Headings:
    """Headings and kinds of answers in a language. ``missing``: those that the file of phrases does not have."""

    def __init__(self, phrases: Phrases):
        self._phrases = phrases
        self.missing: set[tuple[str, str]] = set()

    def text(self, english: str, language: str) -> str:
        found = self._phrases.text(english, language)
        if found is None:
            self.missing.add((english, language))
        return english if found is None else found


def file_name(country: str) -> str:
    """A country as the name of a file on any system: capital letters and digits, other characters as one hyphen."""
    name = re.sub(r"[^A-Z0-9]+", "-", country.upper()).strip("-")[:60] or UNKNOWN
    return f"{name}-" if is_device(name) else name


def _write(path: Path, queries: Sequence[Query], declared: datetime, heads: _Headings, language: str) -> None:
    def column(heading: str, name: str, width: int, wrap: bool) -> Column:
        return Column(heading=heading, cells=[getattr(q, name) for q in queries], width=width, wrap=wrap)

    answers = tuple(a.replace(",", ";") for a in (heads.text(a, language) for a in ANSWERS))
    open_ = [
        Column(heading=heads.text(h, language), cells=[None] * len(queries), width=w, wrap=True, open=True,
               choices=answers if at == 0 else ())
        for at, (h, w) in enumerate(_ANSWER)
    ]  # fmt: skip
    english = any(q.language != "en" for q in queries)
    study = [c for c in _STUDY if english or c[1] != "english"]
    site = [column(heads.text(heading, language), *more) for heading, *more in _SITE]
    sheet = TypedSheet(
        title="Queries", columns=[*site, *open_, *(column(*c) for c in study)], frozen=3, protected=True,
        printed=len(site) + len(open_),
    )  # fmt: skip
    write_typed_workbook(path, [_summary(queries, heads, language), sheet], declared)


def _summary(queries: Sequence[Query], heads: _Headings, language: str) -> TypedSheet:
    sites: list[dict[str, Any]] = summary(queries)
    names = {"country": "Country", "site": "Site", "queries": "Queries"} | {s: f"{s.capitalize()}s" for s in SEVERITIES}
    columns = [Column(heading=heads.text(h, language), cells=[s[k] for s in sites]) for k, h in names.items()]
    return TypedSheet(title="Summary", columns=columns)
