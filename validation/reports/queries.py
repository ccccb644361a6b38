"""The query list: the questions to the sites, one for each raw cell, in the words of the form.

A query is a finding whose rule has a question to the site (findings/catalogue/). A cell has one question: that of its
worst finding. A dataset of ADaM is no question to a site. The number of a query is derived from form, row, column and
rule: it stays the same from one build to the next as long as the row keeps its place. Not for reporting findings, nor
for the files of the list (query_files.py).
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...engine.subjects.sites import Sites
from ...findings.catalogue import rule_of
from ...findings.rule import ASK_WORDS, SEVERITIES
from ...findings.table import Findings
from ...mappings.models.queries import Phrases
from .check_questions import CheckQuestions, pieces
from .finding_sites import sites_of
from .form_words import Cell, FormWords
from .page import printable
from .query_choice import chosen_findings

UNKNOWN = "UNKNOWN"  # in place of a country or a site that is not known
_SHOWN = 200  # characters of a value in a question
_PARTS = re.compile(rf"\{{({'|'.join(ASK_WORDS)})\}}")


class Query(NamedTuple):
    """One question to a site. Texts are as they are printed, '' where they do not apply.

    ``form``, ``page``, ``visit``, ``record``, ``field``: in the words of the site. ``question``: in its language,
    ``english``: in English. ``file``, ``column``: of the raw cell. ``row``, ``sequence``: None where they do not apply.
    """

    number: str
    country: str
    site: str
    subject: str
    form: str
    page: str
    visit: str
    record: str
    field: str
    value: str
    question: str
    english: str
    language: str
    severity: str
    rule: str
    file: str
    row: int | None
    column: str
    usubjid: str
    dataset: str
    variable: str
    sequence: int | None


class QueryList(NamedTuple):
    """``queries`` in order; ``missing``: (English, language) of the phrases that a language of a site lacks."""

    queries: list[Query]
    missing: frozenset[tuple[str, str]] = frozenset()


def site_queries(
    findings: Findings,
    sites: Sites,
    words: FormWords | None = None,
    phrases: Phrases | None = None,
    reached: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
    questions: CheckQuestions | None = None,
) -> QueryList:
    """The queries of all findings, sorted by country, site, subject, form, row, field and rule.

    ``words``: how sites know forms and fields. ``phrases``: the languages. ``reached``: (source, column) -> the
    variables that read it. ``questions``: those of the study's checks.
    """
    words, phrases = words or FormWords(), phrases or Phrases()
    asked = _asked(findings.frame())
    forms = _by_pair(asked["source"], asked["file"], sites.forms.get)
    first = chosen_findings(asked, forms, words, reached or {})
    asked, forms = asked.iloc[first], forms[first]
    if not len(asked):
        return QueryList([])
    site = sites_of(asked, sites)
    country = _by_text(site, lambda s: printable(sites.countries.get(s, "") or UNKNOWN))
    language = _by_text(country, phrases.language_of)
    cells = _cells(asked, forms, words)
    asking = _Asking(asked, cells, language, phrases, words, questions or CheckQuestions())
    english, spoken = asking.questions()
    subjects = _by_text(asked["subject"], lambda s: sites.subjects.get(s, ("", "")))
    _, short = np.array(subjects.tolist(), dtype=object).T
    usubjid = _by_text(asked["subject"], printable)
    columns = (
        _numbers(asked, forms),
        country,
        _by_text(site, lambda s: printable(s) or UNKNOWN),
        _by_text(np.where(short == "", asked["subject"], short), printable),
        asking.words("form"),
        [c.page for c in cells],
        [c.visit for c in cells],
        [c.record for c in cells],
        asking.words("label"),
        _by_text(asked["value"], printable),
        spoken,
        english,
        language,
        asked["severity"],
        asked["rule"],
        _by_text(forms, printable),
        _numbers_or_none(asked["row"]),
        _by_text(asked["column"], printable),
        usubjid,
        asked["dataset"],
        asked["variable"],
        _numbers_or_none(asked["sequence"]),
    )
    queries = sorted(map(Query, *(np.asarray(c, dtype=object).tolist() for c in columns)), key=_order)
    return QueryList(_different(queries), frozenset(asking.missing))


def _different(queries: Sequence[Query]) -> list[Query]:
    """The queries without those that a site cannot tell from an earlier one: the same record, field and question."""
    known: dict[Any, Query] = {}
    for q in queries:
        seen = (q.subject, q.form, q.visit, q.record, q.field, q.value, q.question)
        known.setdefault(seen if q.visit or q.record else q.number, q)
    return list(known.values())


def _order(q: Query) -> tuple[Any, ...]:
    row = -1 if q.row is None else q.row
    return (q.country, q.site, q.subject, q.file or q.dataset, row, q.column or q.variable, q.rule, q.number)


def _asked(table: pd.DataFrame) -> pd.DataFrame:
    """The findings that ask a site something."""

    def asks(name: str, severity: str) -> bool:
        rule = rule_of(name)
        return bool(rule.ask) and severity in rule.asked

    return table[_by_pair(table["rule"], table["severity"], asks).astype(bool)]


def _numbers(asked: pd.DataFrame, forms: np.ndarray) -> list[str]:
    """The number of each query: Q and 12 hexadecimal digits of rule, form, row and column.

    Of rule, dataset, record, variable and value where there is no form.
    """
    in_file = (forms != "") & (np.asarray(asked["row"]) >= 0)
    texts = np.empty(len(asked), dtype=object)
    for here, names in ((in_file, ("form", "row", "column")),
                        (~in_file, ("dataset", "subject", "sequence", "variable", "value"))):  # fmt: skip
        parts = [forms[here] if n == "form" else asked[n].to_numpy()[here] for n in ("rule", *names)]
        texts[here] = ["\x1f".join(map(str, t)) for t in zip(*(p.tolist() for p in parts), strict=True)]
    digests = (hashlib.sha256(t.encode("utf-8", "surrogatepass")) for t in texts.tolist())
    return ["Q" + d.hexdigest()[:12].upper() for d in digests]


def _cells(asked: pd.DataFrame, forms: np.ndarray, words: FormWords) -> list[Cell]:
    """The cell of each finding in the words of its site; the label of the dataset where no form is known."""
    source, column, dataset = (np.asarray(asked[n], dtype=object) for n in ("source", "column", "dataset"))
    row = np.asarray(asked["row"], dtype="int64")
    visit, record = (np.full(len(asked), "", dtype=object) for _ in range(2))
    codes, names = pd.factorize(source)
    for code, name in enumerate(names.tolist()):
        at = np.flatnonzero((codes == code) & (row >= 0))
        visit[at], record[at] = words.visit_of(name, row[at]), words.record_of(name, row[at])
    form = [
        words.titles.get(s) or printable(f) or words.datasets.get(d) or d
        for s, f, d in zip(source.tolist(), forms.tolist(), dataset.tolist(), strict=True)
    ]
    fields = [
        printable(words.label(s, c) if c else words.variables.get((d, v), v))
        for s, c, d, v in zip(source.tolist(), column.tolist(), dataset.tolist(), asked["variable"], strict=True)
    ]
    pages = [words.pages.get(key, "") for key in zip(source.tolist(), column.tolist(), strict=True)]
    return [Cell(*parts) for parts in zip(form, pages, visit.tolist(), record.tolist(), fields, strict=True)]


class _Asking:
    """The questions of findings in English and in the language of each. ``missing``: phrases without a translation."""

    def __init__(
        self,
        asked: pd.DataFrame,
        cells: Sequence[Cell],
        language: np.ndarray,
        phrases: Phrases,
        form: FormWords,
        questions: CheckQuestions,
    ):
        self._asked, self._cells, self._language, self._phrases = asked, cells, language, phrases
        self._form, self._of_checks = form, questions
        self.missing: set[tuple[str, str]] = set()

    def words(self, part: str) -> list[str]:
        """A part of the cells in the language of each."""
        texts = [getattr(c, part) for c in self._cells]
        return [self._text(t, la) for t, la in zip(texts, self._language.tolist(), strict=True)]

    def _text(self, english: str, language: str) -> str:
        """The phrase in a language; the English, noted as missing, if the file does not have it."""
        found = self._phrases.text(english, language) if english else english
        if found is None:
            self.missing.add((english, language))
            return english
        return found

    def questions(self) -> tuple[np.ndarray, np.ndarray]:
        """(in English, in the language of the site) of each finding."""
        return self._filled(np.full(len(self._asked), "en", dtype=object)), self._filled(self._language)

    def _filled(self, language: np.ndarray) -> np.ndarray:
        out = np.full(len(self._asked), "", dtype=object)
        rules = np.asarray(self._asked["rule"], dtype=object)
        pair, keys = pd.factorize(rules + "\t" + language)
        for code, key in enumerate(keys.tolist()):
            name, _, spoken = key.partition("\t")
            at = np.flatnonzero(pair == code)
            of_check = self._of_checks.texts.get(name, "")
            split = (
                pieces(self._text(of_check, spoken))
                if of_check
                else _PARTS.split(self._text(rule_of(name).ask, spoken))
            )
            parts: list[Iterable[str]] = [itertools.repeat(p) for p in split]
            for number in range(1, len(split), 2):
                parts[number] = self._part(split[number], at, spoken)
            out[at] = ["".join(t) for t in zip(*parts, strict=False)] if len(split) > 1 else split[0]
        return out

    def _part(self, name: str, at: np.ndarray, language: str) -> list[str]:
        if name in ("file", "dataset", "column"):
            part = "label" if name == "column" else "form"
            return [self._text(getattr(self._cells[i], part), language) for i in at.tolist()]
        if name not in ASK_WORDS:
            return [_clipped(t) for t in self._of_checks.values(name, self._asked.iloc[at], self._form)]
        texts = [_clipped(str(t)) for t in np.asarray(self._asked[name], dtype=object)[at].tolist()]
        return [self._text(t, language) for t in texts] if name == "message" else texts


def _clipped(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " ..."


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


def _numbers_or_none(numbers: Any) -> list[int | None]:
    return [None if n < 0 else n for n in np.asarray(numbers, dtype="int64").tolist()]


def summary(queries: Sequence[Query]) -> list[dict[str, Any]]:
    """Queries per country and site: how many, and how many of each severity."""
    counts: dict[tuple[str, str], dict[str, Any]] = {}
    for q in queries:
        none = {"country": q.country, "site": q.site, "queries": 0, **dict.fromkeys(SEVERITIES, 0)}
        one = counts.setdefault((q.country, q.site), none)
        one["queries"] += 1
        one[q.severity] += 1
    return [counts[key] for key in sorted(counts)]
