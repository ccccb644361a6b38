"""The query list: the questions to the sites, as one workbook, one workbook per country, and JSON.

A query is a finding whose rule has a question to the site (findings/catalogue/). Findings about one cell by one rule
are one query. Its number is derived from form, row, column and rule: it stays the same from one build to the next as
long as the row keeps its place. Not for reporting findings.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...engine.subjects.sites import Sites
from ...errors import OutputError
from ...findings.catalogue import rule_of
from ...findings.rule import SEVERITIES
from ...findings.table import Findings
from .finding_sites import sites_of
from .page import printable
from .workbook import write_text_sheets

UNKNOWN = "UNKNOWN"  # in place of a country or a site that is not known
_SHOWN = 200  # characters of a value in a question
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{n}{i}" for n in ("COM", "LPT") for i in range(10))}  # of Windows


class Query(NamedTuple):
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
    asked = _asked(findings.frame())
    forms = _by_pair(asked["source"], asked["file"], sites.forms.get)
    numbers, first = _numbered(asked, forms)
    asked, forms = asked.iloc[first], forms[first]
    if not len(asked):
        return []
    subjects = _by_text(asked["subject"], lambda s: sites.subjects.get(s, ("", "")))
    _, short = np.array(subjects.tolist(), dtype=object).T
    site = sites_of(asked, sites)
    shown = {n: _by_text(asked[n], printable) for n in ("column", "value", "subject", "message")}
    row = np.asarray(asked["row"], dtype="int64")
    columns = (
        numbers,
        _by_text(site, lambda s: printable(sites.countries.get(s, "") or UNKNOWN)),
        _by_text(site, lambda s: printable(s) or UNKNOWN),
        _by_text(np.where(short == "", asked["subject"], short), printable),
        _first_filled(_by_text(forms, printable), asked["dataset"]),
        _row_texts(row),
        _first_filled(shown["column"], asked["variable"]),
        shown["value"],
        _questions(asked, shown),
        asked["severity"],
        asked["rule"],
        shown["subject"],
        asked["dataset"],
        asked["variable"],
        _row_texts(np.asarray(asked["sequence"], dtype="int64")),
    )
    queries = list(map(Query, *(np.asarray(c, dtype=object).tolist() for c in columns)))
    rows = row.tolist()
    keys = [
        (q.country, q.site, q.subject, q.form, r, q.field, q.rule, q.number) for q, r in zip(queries, rows, strict=True)
    ]
    return [queries[i] for i in sorted(range(len(keys)), key=keys.__getitem__)]


def _asked(table: pd.DataFrame) -> pd.DataFrame:
    """The findings that ask a site something."""

    def asks(name: str, severity: str) -> bool:
        rule = rule_of(name)
        return bool(rule.ask) and severity in rule.asked

    return table[_by_pair(table["rule"], table["severity"], asks).astype(bool)]


def _numbered(asked: pd.DataFrame, forms: np.ndarray) -> tuple[list[str], np.ndarray]:
    """(the number of each query, the position of its first finding).

    A number is Q and 12 hexadecimal digits: of rule, form, row and column; of rule, dataset, record, variable and value
    where there is no form.
    """
    in_file = (forms != "") & (np.asarray(asked["row"]) >= 0)
    texts = np.empty(len(asked), dtype=object)
    for here, names in ((in_file, ("form", "row", "column")),
                        (~in_file, ("dataset", "subject", "sequence", "variable", "value"))):  # fmt: skip
        parts = [forms[here] if n == "form" else asked[n].to_numpy()[here] for n in ("rule", *names)]
        texts[here] = ["\x1f".join(map(str, t)) for t in zip(*(p.tolist() for p in parts), strict=True)]
    first = np.flatnonzero(~pd.Series(texts).duplicated().to_numpy())
    digests = (hashlib.sha256(t.encode("utf-8", "surrogatepass")) for t in texts[first].tolist())
    return ["Q" + d.hexdigest()[:12].upper() for d in digests], first


def _questions(asked: pd.DataFrame, shown: dict[str, np.ndarray]) -> np.ndarray:
    """The question of each finding: the text of its rule with the finding's file, row, column, value and so on."""
    out = np.full(len(asked), "", dtype=object)
    codes, rules = pd.factorize(np.asarray(asked["rule"], dtype=object))
    texts: dict[str, np.ndarray] = {"row": _row_texts(np.asarray(asked["row"], dtype="int64"))}
    for code, name in enumerate(rules.tolist()):
        rule, at = rule_of(name), np.flatnonzero(codes == code)
        pieces = re.split(r"\{(file|row|column|value|dataset|variable|message)\}", rule.ask)
        parts: list[Iterable[str]] = [itertools.repeat(p) for p in pieces]
        for number in range(1, len(pieces), 2):
            part = pieces[number]
            if part not in texts:
                texts[part] = _by_text(shown[part] if part in shown else asked[part], _clipped)
            parts[number] = texts[part][at].tolist()
        out[at] = ["".join(t) for t in zip(*parts, strict=False)] if len(pieces) > 1 else rule.ask
    return out


def _clipped(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " ..."


def _first_filled(texts: Any, others: Any) -> np.ndarray:
    texts = np.asarray(texts, dtype=object)
    return np.where(texts == "", np.asarray(others, dtype=object), texts)


def _by_text(texts: Any, change: Callable[[str], Any]) -> np.ndarray:
    """``change`` of every text; each different text is changed one time."""
    codes, unique = pd.factorize(np.asarray(texts, dtype=object))
    out = np.empty(len(unique), dtype=object)
    out[:] = [change(str(t)) for t in unique.tolist()]
    return out[codes]


def _by_pair(one: Any, other: Any, of: Callable[[str, str], Any]) -> np.ndarray:
    """``of`` of every pair of texts; each different pair is derived one time."""
    split = [pd.factorize(np.asarray(c, dtype=object)) for c in (one, other)]
    codes, pairs = pd.factorize(split[0][0].astype("int64") * max(len(split[1][1]), 1) + split[1][0])
    out = np.empty(len(pairs), dtype=object)
    for i, pair in enumerate(pairs.tolist()):
        first, second = divmod(pair, max(len(split[1][1]), 1))
        out[i] = of(split[0][1][first], split[1][1][second])
    return out[codes]


def _row_texts(numbers: np.ndarray) -> np.ndarray:
    """Numbers as text, '' for those that do not apply."""
    out = np.empty(len(numbers), dtype=object)
    out[:] = ["" if n < 0 else str(n) for n in numbers.tolist()]
    return out


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
    columns = [_by_text(c, encode_basestring_ascii).tolist() for c in zip(*queries, strict=True)]
    form = "{" + ", ".join(f'"{name}": %s' for name in Query._fields) + "}"
    lines = ",\n".join([form % cells for cells in zip(*columns, strict=True)])
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
    empty = [""] * len(queries)
    columns = list(map(list, zip(*queries, strict=True))) or [[] for _ in Query._fields]
    columns += [empty, empty, empty]
    sites = summary(queries)
    heads = ("Country", "Site", "Queries", "Errors", "Warnings", "Notes")
    counts = [[str(s[k]) for s in sites] for k in ("country", "site", "queries", *SEVERITIES)]
    write_text_sheets(path, [("Summary", heads, counts), ("Queries", HEADINGS, columns)], declared)
