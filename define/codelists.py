"""The CodeList elements of define.xml: which codelists, which of their terms, which codes.

Not for checking values against codelists: validation/ and sdtm/ do that. Which terms a list shows:

- a list of the sponsor: all its terms, because define.xml defines them;
- a closed published list of up to 20 terms: all its terms;
- any other published list: the terms that occur in the data. If none occurs, all terms if there are up to 20, else
  neither the list nor its CodeListRef is written (a list needs an item, and thousands would not inform);
- values in the data that the list lacks follow, sorted. In a published list they are def:ExtendedValue, as are the
  terms that the study adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..mappings.facts.terminology import Codelist, Term
from .legal_text import legal_value

#: longest published list that is written whole
SHORT_LIST = 20
#: names of codelists that are dictionaries -> Dictionary, as Define-XML CT (C66788) spells it
DICTIONARIES = {"MEDDRA": "MedDRA", "WHODRUG": "WHODD", "COUNTRY": "ISO 3166"}
#: an OID becomes an anchor of the page, where blanks and quotes break links
_NOT_IN_OID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class CodelistUse:
    """A codelist as one kind of variable uses it. ``tests``: the list of the --TEST names beside a --TESTCD."""

    codelist: Codelist
    data_type: str  # text | integer | float
    tests: Codelist | None = None


@dataclass(frozen=True)
class ListItem:
    """One EnumeratedItem or CodeListItem."""

    value: str
    decode: str
    code: str
    extended: bool


@dataclass(frozen=True)
class CodelistElement:
    """One CodeList element. ``items`` is empty exactly when ``dictionary`` is named."""

    oid: str
    name: str
    use: CodelistUse
    items: tuple[ListItem, ...] = ()
    decoded: bool = False
    dictionary: str = ""


@dataclass
class CodelistTable:
    """All codelists of a document: ``add`` every use with the values seen, then ``elements``."""

    _seen: dict[CodelistUse, set[str]] = field(default_factory=dict)

    def add(self, use: CodelistUse, seen: Iterable[str]) -> None:
        """Add a use with its values in the data; missing ('') is no value."""
        self._seen.setdefault(use, set()).update(legal_value(v) for v in seen if v)

    def elements(self) -> dict[CodelistUse, CodelistElement]:
        """The elements by use; uses without an element (nothing to list) are absent.

        Codelists of one name that differ in terms or data type get OIDs ``CL.NAME``, ``CL.NAME.2`` in order of use.
        """
        count: dict[str, int] = {}
        found: dict[CodelistUse, CodelistElement] = {}
        for use, seen in self._seen.items():
            codelist = use.codelist
            dictionary = DICTIONARIES.get(codelist.name.upper(), "")
            items = () if dictionary else _items(use, seen)
            if not (dictionary or items):
                continue
            plain = _NOT_IN_OID.sub("-", codelist.name).strip("-") or "LIST"
            n = count[plain] = count.get(plain, 0) + 1
            label = dictionary or codelist.label or codelist.name
            found[use] = CodelistElement(
                oid=f"CL.{plain}" + (f".{n}" if n > 1 else ""),
                name=label + (f" ({n})" if n > 1 else ""),
                use=use,
                items=items,
                decoded=any(i.decode for i in items),
                dictionary=dictionary,
            )
        return found


def tests_beside(name: str, codelists: dict[str, Codelist | None]) -> Codelist | None:
    """The codelist of the --TEST variable that names the tests of the --TESTCD variable ``name``; None if none.

    ``codelists``: variable name -> codelist, of one dataset.
    """
    if not name.endswith("TESTCD"):
        return None
    return codelists.get(name.removesuffix("CD"))


def _items(use: CodelistUse, seen: set[str]) -> tuple[ListItem, ...]:
    codelist = use.codelist
    numbered = enumerate(codelist.terms)
    ordered = [t for _, t in sorted(numbered, key=lambda p: (p[1].order is None, p[1].order or 0.0, p[0]))]
    short = len(ordered) <= SHORT_LIST
    if codelist.standard and not (short and not codelist.extensible):
        occurring = [t for t in ordered if t.value in seen]
        if seen or not short:
            ordered = occurring
    extras = sorted(seen - {t.value for t in codelist.terms})
    values = [t.value for t in ordered] + extras
    decodes = _decodes(use, ordered)
    codes = {t.value: t.code for t in ordered}
    # a term without a code is one that the study added; of a list whose terms do not ship nothing is known
    added = {t.value for t in ordered if not t.code} | set(extras)
    may_extend = bool(codelist.standard) and not codelist.unshipped
    # all items of a list are decoded or none is: a value without a long text is its own decode
    return tuple(
        ListItem(v, (decodes.get(v) or v) if decodes else "", codes.get(v, ""), may_extend and v in added)
        for v in values
    )


def _decodes(use: CodelistUse, terms: list[Term]) -> dict[str, str]:
    """Value -> long text; {} if the long texts only repeat the values."""
    if use.tests is not None:
        # CDISC CT gives a test's code and its name the same NCI code
        by_code = {t.code: t.value for t in use.tests.terms if t.code}
        found = {t.value: by_code.get(t.code) or t.decode for t in terms}
    else:
        found = {t.value: t.decode for t in terms}
    found = {value: text for value, text in found.items() if text}
    return found if any(text.casefold() != value.casefold() for value, text in found.items()) else {}
