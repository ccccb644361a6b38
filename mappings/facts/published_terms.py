"""Codelists as published: the CDISC CT packages that ship, and the country codes of ISO 3166-1.

Not for the codelists of a study, nor for finding a raw value's term (terminology.Codelist.lookup).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...errors import nearest
from .standard_files import standard_file
from .terminology import Codelist, ExternalDictionary, Term
from .terms_file import codes_of, find_codelist, listed_codelists, lists_with, terms_of

#: CT package -> the version that ships
_SHIPPED = {"sdtm": "2025-03-28", "adam": "2026-03-27", "define": "2026-03-27"}
_PUBLISHED_AS = {"sdtm": "SDTM CT", "adam": "ADaM CT", "define": "DEFINE-XML CT"}
#: country codes are ISO's, in no CT package
COUNTRY_PACKAGE = "iso3166"
_SEARCHED = (*_SHIPPED, COUNTRY_PACKAGE)
#: the package whose terms all ship, in a file that terms_file.py reads
WHOLE_PACKAGE = "sdtm"
_WHOLE_FILE = f"ct-{WHOLE_PACKAGE}-{_SHIPPED[WHOLE_PACKAGE]}.txt.gz"


@dataclass(frozen=True)
class CodelistEntry:
    """A line of a package's index. ``size``: published terms; ``shipped``: how many of them the facts hold."""

    name: str
    code: str
    label: str
    extensible: bool
    size: int
    shipped: int


def packages() -> dict[str, str]:
    """CT package (sdtm, adam, define) -> the version that ships. Reads no file."""
    return dict(_SHIPPED)


def require_package(package: str, version: str) -> str:
    """The standard's full name, 'SDTM CT 2025-03-28'. Raises ValueError, with the shipped ones, for any other."""
    if package not in _SHIPPED:
        hint = nearest(package, list(_SHIPPED))
        raise ValueError(
            f"there is no CT package {package!r}; packages: {', '.join(_SHIPPED)}" + (f"; {hint}" if hint else "")
        )
    if version != _SHIPPED[package]:
        shipped = ", ".join(f"{_PUBLISHED_AS[p]} {v}" for p, v in _SHIPPED.items())
        raise ValueError(f"{_PUBLISHED_AS[package]} {version} is not shipped; shipped: {shipped}")
    return f"{_PUBLISHED_AS[package]} {version}"


def codelist(name_or_code: str, package: str = "") -> Codelist | None:
    """A published codelist by its submission value ('NY') or NCI code ('C66742'); None when there is none.

    ``package``: sdtm, adam, define or iso3166 (only COUNTRY); '' takes the first of these that has it. A codelist
    of questionnaires of the adam package comes without terms: they do not ship. Raises ValueError for an unknown
    package.
    """
    for p in (package,) if package else _SEARCHED:
        _check(p)
        found = _codelist(name_or_code, p)
        if found:
            return found
    return None


def codelist_index(package: str) -> dict[str, CodelistEntry]:
    """Every codelist of the package by name, sorted, whether or not its terms are shipped.

    Raises ValueError for an unknown package.
    """
    _check(package)
    return dict(_index(package))


def codelists_with(terms: Collection[tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
    """Code of a published codelist -> which of these terms, (value, NCI code), it has; lists with none are left out."""
    found = lists_with(_WHOLE_FILE, terms)
    for package in _SHIPPED:
        for name in codelist_index(package) if package != WHOLE_PACKAGE else ():
            listed = codelist(name, package)
            has = {(t.value, t.code) for t in listed.terms}.intersection(terms) if listed is not None else set()
            if listed is not None and listed.code and has:
                found.setdefault(listed.code, set()).update(has)
    return found


def is_published_code(code: str) -> bool:
    """Whether a term or a codelist of the SDTM terminology that ships has this NCI code."""
    return code in codes_of(_WHOLE_FILE)


def _check(package: str) -> None:
    if package not in _SEARCHED:
        raise ValueError(f"there is no terminology package {package!r}; packages: {', '.join(_SEARCHED)}")


def _terms_file(package: str) -> dict[str, Any]:
    if package == COUNTRY_PACKAGE:
        return standard_file("countries.json")
    return standard_file(f"ct-{package}-{_SHIPPED[package]}.json")


@cache
def _by_name(package: str) -> dict[str, str]:
    """Name and code -> code, of the codelists of a package that ships as JSON."""
    lists = _terms_file(package)["codelists"]
    return {c["name"]: code for code, c in lists.items()} | {code: code for code in lists}


@cache
def _index(package: str) -> dict[str, CodelistEntry]:
    if package == WHOLE_PACKAGE:
        listed = listed_codelists(_WHOLE_FILE).values()
        return {c.name: CodelistEntry(c.name, c.code, c.label, c.extensible, c.size, shipped=c.size) for c in listed}
    lists = _terms_file(package)["codelists"]
    entries = [
        CodelistEntry(c["name"], _code(code), c["label"], c["extensible"], c["size"], shipped=len(c["terms"]))
        for code, c in lists.items()
    ]
    return {e.name: e for e in sorted(entries, key=lambda e: e.name)}


def _code(key: str) -> str:
    """The NCI code under which a file keeps a codelist; COUNTRY has none."""
    return "" if key == "COUNTRY" else key


@cache
def _codelist(name_or_code: str, package: str) -> Codelist | None:
    standard = "" if package == COUNTRY_PACKAGE else f"{_PUBLISHED_AS[package]} {_SHIPPED[package]}"
    if package == WHOLE_PACKAGE:
        return _listed(name_or_code, standard)
    code = _by_name(package).get(name_or_code)
    if code is None:
        return None
    source = _terms_file(package)["codelists"][code]
    return Codelist(
        name=source["name"],
        label=source["label"],
        terms=tuple(_term(*row) for row in source["terms"]),
        code=_code(code),
        extensible=source["extensible"],
        standard=standard,
        dictionary=ExternalDictionary(*source["dictionary"]) if "dictionary" in source else None,
    )


def _listed(name_or_code: str, standard: str) -> Codelist | None:
    found = find_codelist(_WHOLE_FILE, name_or_code)
    if found is None:
        return None
    if name_or_code != found.name:  # one object for its name and its code
        return _codelist(found.name, WHOLE_PACKAGE)
    terms = terms_of(_WHOLE_FILE, found.code)
    return Codelist(found.name, found.label, terms, found.code, found.extensible, standard)


def _term(value: str, code: str = "", decode: str = "", synonyms: Sequence[str] = ()) -> Term:
    return Term(value, code, decode, tuple(synonyms))
