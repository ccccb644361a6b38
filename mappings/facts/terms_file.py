"""Reads a CDISC CT package that ships whole: an index of its codelists, and the terms of one list on demand.

Not for packages that ship as JSON (published_terms.py). The file is text in gzip, written by
tests/tools/build_sdtm_terms.py::

    SDTM CT 2025-03-28
    NY      C66742  No Yes Response  No  4
    ...

    #C66742
    N       C49487  No
    NA      C48660  Not Applicable   Not Applicable
    ...

First the standard, then for each codelist its name, code, label, whether it is extensible, and its number of terms.
After an empty line follow the terms of each list: value, code, NCI preferred term, synonyms with | between. Tabs are
between the fields; a line ends early where what follows is empty.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .standard_files import standard_text
from .terminology import Term

#: the code of a term, in the second field of its line
_CODE = re.compile(r"^[^\t\n]*\t(C[0-9]+)", re.M | re.ASCII)


@dataclass(frozen=True)
class ListedCodelist:
    """A line of the index."""

    name: str
    code: str
    label: str
    extensible: bool
    size: int


@cache
def listed_codelists(file: str) -> dict[str, ListedCodelist]:
    """Every codelist of the package by name, in the order of the file, which is sorted by name."""
    head = standard_text(file).partition("\n\n")[0]
    found = {}
    for line in head.split("\n")[1:]:
        name, code, label, extensible, size = line.split("\t")
        found[name] = ListedCodelist(name, code, label, extensible == "Yes", int(size))
    return found


@cache
def _names(file: str) -> dict[str, str]:
    """Code -> name."""
    return {c.code: c.name for c in listed_codelists(file).values()}


def find_codelist(file: str, name_or_code: str) -> ListedCodelist | None:
    """The codelist of this name, else of this code; None when the package has neither."""
    listed = listed_codelists(file)
    return listed.get(name_or_code) or listed.get(_names(file).get(name_or_code, ""))


@cache
def codes_of(file: str) -> frozenset[str]:
    """The NCI codes of all codelists and terms of the package."""
    return frozenset(_CODE.findall(standard_text(file))) | frozenset(c.code for c in listed_codelists(file).values())


def terms_of(file: str, code: str) -> tuple[Term, ...]:
    """The terms of one codelist, as published. ValueError: the file lacks them, so the installation is broken."""
    text = standard_text(file)
    mark = f"#{code}\n"
    start = text.index(mark, _marks(file).get(code, len(text))) + len(mark)
    end = text.find("\n#", start)
    return tuple(_term(*line.split("\t")) for line in text[start : end if end >= 0 else len(text) - 1].split("\n"))


def lists_with(file: str, terms: Iterable[tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
    """Code of a codelist -> which of these terms, (value, NCI code), it has; lists with none are left out."""
    text, marks = standard_text(file), _marks(file)
    codes, starts = list(marks), list(marks.values())
    found: dict[str, set[tuple[str, str]]] = {}
    for term in terms:
        line = "\n" + "\t".join(term)
        at = text.find(line)
        while at >= 0:
            end = at + len(line)
            if at > starts[0] and text[end : end + 1] in ("", "\t", "\n"):
                found.setdefault(codes[bisect(starts, at) - 1], set()).add(term)
            at = text.find(line, end)
    return found


@cache
def _marks(file: str) -> dict[str, int]:
    """Code of a codelist -> where the head of its terms begins, in the order of the file."""
    text = standard_text(file)
    found = {}
    at = text.find("\n#") + 1
    while at > 0:
        end = text.index("\n", at)
        found[text[at + 1 : end]] = at
        at = text.find("\n#", end) + 1
    return found


def _term(value: str, code: str, decode: str = "", synonyms: str = "") -> Term:
    return Term(value, code, decode, tuple(synonyms.split("|")) if synonyms else ())
