"""The list of terms to code: one row for each distinct term, with empty columns for its code.

A completed list is a coding file. Not for reading it (coding_file.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from ..mappings.models.dictionaries import LIST_COLUMNS
from ..mappings.models.translations import Translations
from .coding_file import Key, folded_key
from .dictionary import folded
from .study_dictionary import CodedBy, StudyDictionary

#: levels that a list has columns for; all of a table
LIST_LEVELS = {
    "meddra": ("LLT_CODE", "LLT", "PT"), "loinc": ("LOINC_NUM", "LONG_COMMON_NAME"),
    "whodrug_b3": ("CODE", "NAME", "PREFERRED", "ATC", "ATC_TEXT"),
    "whodrug_c3": ("PRODUCT", "CODE", "NAME", "PREFERRED", "ATC", "ATC_TEXT"),
}  # fmt: skip

#: (dictionary, DATASET.VARIABLE, term) -> records, and the texts of the finest level that they have; '' for none
Terms = Mapping[tuple[str, str, Key], tuple[int, frozenset[str]]]


@dataclass(frozen=True)
class TermList:
    """A list as a table: its column names, and its rows in order of the terms."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> bytes:
        """The list as CSV, UTF-8 with a mark, so that a spreadsheet reads its letters."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue().encode("utf-8-sig")

    def columns(self) -> list[list[str]]:
        """The rows as columns, for a workbook."""
        return [[row[i] for row in self.rows] for i in range(len(self.header))]


def term_lists(
    dictionaries: Mapping[str, StudyDictionary], terms: Terms, translations: Translations, every: bool = False
) -> list[TermList]:
    """The lists of the dictionaries with terms that have no code, in order of their names.

    ``every``: terms with a code are listed too, with their code. ``translations``: the collected texts of a term.
    """
    collected: dict[str, set[str]] = {}
    for (text, _), english in translations.by_language.items():
        if folded(text) != folded(english):
            collected.setdefault(folded(english), set()).add(text)
    lists = []
    for name, dictionary in sorted(dictionaries.items()):
        rows = _rows(dictionary, terms, collected, every)
        if rows:
            lists.append(TermList(name, _header(dictionary), tuple(rows)))
    return lists


def _levels(dictionary: StudyDictionary) -> tuple[str, ...]:
    return LIST_LEVELS.get(dictionary.spec.format) or dictionary.spec.level_names


def _header(dictionary: StudyDictionary) -> tuple[str, ...]:
    return (*dictionary.spec.keys, *_levels(dictionary), *LIST_COLUMNS)


def _rows(
    dictionary: StudyDictionary, terms: Terms, collected: Mapping[str, set[str]], every: bool
) -> list[tuple[str, ...]]:
    """One row for each term that differs by more than case and blanks; the first spelling in order is shown."""
    found: dict[Key, list[tuple[Key, str, int, frozenset[str]]]] = {}
    for (name, variable, term), (records, codes) in sorted(terms.items(), key=lambda item: item[0]):
        if name == dictionary.name:
            found.setdefault(folded_key(term), []).append((term, variable, records, codes))
    rows = []
    for key, uses in sorted(found.items()):
        codes = frozenset().union(*(codes for *_, codes in uses))
        if not every and "" not in codes:
            continue
        counts: dict[str, int] = {}
        for _, variable, records, _ in uses:
            counts[variable] = counts.get(variable, 0) + records
        texts = sorted(collected.get(key[0], ())) if len(key) == 1 else []
        row = (
            *uses[0][0],
            *_codes(dictionary, uses[0][0], codes),
            dictionary.spec.version,
            str(sum(counts.values())),
            "; ".join(f"{variable} {n}" for variable, n in sorted(counts.items())),
            " | ".join(texts),
            _suggestion(dictionary, key),
        )
        rows.append(row)
    return rows


def _codes(dictionary: StudyDictionary, term: Key, codes: frozenset[str]) -> tuple[str, ...]:
    """The texts of the levels of a term: by the coding files, else by the one code that its records have.

    ``codes``: the texts of the finest level of the records.
    """
    coding = dictionary.coding(term, (), ())
    if coding.by is CodedBy.NOTHING and len(codes) == 1 and dictionary.dictionary is not None:
        coding = dictionary.coding(("",) * len(term), dictionary.spec.level_names[:1], tuple(codes))
    if coding.by is CodedBy.NOTHING:
        return ("",) * len(_levels(dictionary))
    return tuple(dictionary.level_text(coding, level)[0] for level in _levels(dictionary))


def _suggestion(dictionary: StudyDictionary, key: Key) -> str:
    """The first level of the list for the current entry whose text at some level equals the term; '' for none."""
    entries = dictionary.dictionary
    if entries is None or len(key) != 1:
        return ""
    first = _levels(dictionary)[0]
    for level in dictionary.spec.level_names:
        found = entries.find(level, key[0])
        found = found[entries.current[found]]
        texts = entries.texts(first, found) if len(found) else []
        if len(texts) == 1:
            return f"{first} {texts[0]}"
    return ""
