"""The CodeList elements of define.xml: which codelists, which of their terms, which codes.

Not for checking values against codelists: validation/ and sdtm/ do that. Which terms a list shows:

- a list of the sponsor: all its terms, because define.xml defines them;
- a closed published list of up to 20 terms: all its terms;
- a part of a published list: all its terms, because the rules that have it give no others;
- any other published list: the terms that occur in the data. If none occurs, all terms if there are up to 20, else
  neither the list nor its CodeListRef is written (a list needs an item, and thousands would not inform);
- values in the data that the list lacks follow, sorted. In a published list they are def:ExtendedValue, as are the
  terms that the study adds.

A published list has its published name, and the label of the study behind it where the document has the list twice. A
list that joins several published ones is none of them: it is non-standard, and its terms have their codes. A variable
whose values all belong to lists of its value-level metadata has no list beside those (``listed_by_value_level``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..engine.tables.dataset import DatasetMetadata
from ..mappings.facts import facts
from ..mappings.facts.terminology import Codelist, ExternalDictionary
from .decodes import decodes
from .legal_text import legal_value

#: the published list of domains: its texts in define.xml are the labels of the datasets
DOMAINS = "C66734"
#: longest published list that is written whole
SHORT_LIST = 20
#: an OID becomes an anchor of the page, where blanks and quotes break links
_LONGEST_LABEL = 40
_NOT_IN_OID = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class CodelistUse:
    """A codelist as one kind of variable uses it.

    ``tests``: the list of the --TEST names beside a --TESTCD. ``names``: the values are the long texts of the codes of
    another variable, as those of --TEST are.
    """

    codelist: Codelist
    data_type: str  # text | integer | float
    tests: Codelist | None = None
    names: bool = False

    @property
    def published(self) -> bool:
        """Whether it is a list of a CDISC CT package, not several of them joined nor a list of the study."""
        return bool(self.codelist.standard and self.codelist.code)


@dataclass(frozen=True)
class ListItem:
    """One EnumeratedItem or CodeListItem."""

    value: str
    decode: str
    code: str
    extended: bool


@dataclass(frozen=True)
class CodelistElement:
    """One CodeList element. ``items`` is empty exactly when it has a ``dictionary``."""

    oid: str
    name: str
    use: CodelistUse
    items: tuple[ListItem, ...] = ()
    decoded: bool = False
    dictionary: ExternalDictionary | None = None


def as_codelist(dictionary: ExternalDictionary) -> Codelist:
    """A dictionary as a codelist without terms."""
    return Codelist(
        dictionary.name,
        dictionary.label or dictionary.name,
        (),
        comment=dictionary.comment,
        comment_documents=dictionary.comment_documents,
        dictionary=dictionary,
    )


@dataclass
class CodelistTable:
    """All codelists of a document: ``add`` every use with the values seen, then ``elements``."""

    _seen: dict[CodelistUse, set[str]] = field(default_factory=dict)

    def add(self, use: CodelistUse, seen: Iterable[str]) -> None:
        """Add a use with its values in the data; missing ('') is no value."""
        self._seen.setdefault(use, set()).update(legal_value(v) for v in seen if v)

    def elements(self) -> dict[CodelistUse, CodelistElement]:
        """The elements by use; uses without an element (nothing to list) are absent.

        The OID does not depend on the order of use: see ``_oids``.
        """
        found: dict[CodelistUse, CodelistElement] = {}
        listed = {use: _items(use, seen) for use, seen in self._seen.items()}
        shown = [use for use, items in listed.items() if items or use.codelist.dictionary]
        names, oids = _names(shown), _oids(shown)
        for use in shown:
            dictionary = use.codelist.dictionary
            items = () if dictionary else listed[use]
            found[use] = CodelistElement(
                oid=oids[use],
                name=names[use],
                use=use,
                items=items,
                decoded=any(i.decode for i in items),
                dictionary=dictionary,
            )
        return found


def _oids(uses: Sequence[CodelistUse]) -> dict[CodelistUse, str]:
    """CL.NAME of the list as it is published; another list of the name has its label or its data type behind it.

    So a further list changes no OID. Lists that differ in terms alone are numbered in the order of these.
    """
    by_name: dict[str, list[CodelistUse]] = {}
    for use in uses:
        by_name.setdefault(_in_oid(use.codelist.name) or "LIST", []).append(use)
    found: dict[CodelistUse, str] = {}
    for name, same in by_name.items():
        taken: set[str] = set()
        alike = len({u.codelist.label for u in same}) == 1
        for use in sorted(same, key=lambda u: (u.codelist.label != _published_label(u), *_content(u))):
            plain = alike or use.codelist.label == _published_label(use)
            label = "" if plain else _in_oid(use.codelist.label)[:_LONGEST_LABEL]
            choices = [f"CL.{name}"] if len(same) == 1 or not label else []
            choices += [f"CL.{name}.{part}" for part in (label, use.data_type) if part not in ("", "text")]
            oid = next((c for c in choices if c not in taken), "")
            number = 2
            while not oid:
                numbered = f"{choices[0]}.{number}"
                oid, number = ("" if numbered in taken else numbered), number + 1
            taken.add(oid)
            found[use] = oid
    return found


def _in_oid(text: str) -> str:
    return _NOT_IN_OID.sub("-", text).strip("-")


def _content(use: CodelistUse) -> tuple[str, ...]:
    """What tells lists of one name apart, as texts in an order."""
    tests = use.tests.name if use.tests is not None else ""
    kind = use.data_type if use.data_type != "text" else ""
    return (kind, use.codelist.label, str(use.names), tests, *(t.value for t in use.codelist.terms))


def _names(uses: Sequence[CodelistUse]) -> dict[CodelistUse, str]:
    """The names of the elements, no two alike: the published name, with the label of the study behind it if needed."""
    plain = {use: _published_label(use) or use.codelist.label or use.codelist.name for use in uses}
    labels = {use: use.codelist.label or use.codelist.name for use in uses}
    taken: set[str] = set()
    found = {}
    # the list as it is published has the plain name, then those of the study in the order of their use
    for use in sorted(uses, key=lambda u: labels[u] != plain[u]):
        name, n = plain[use], 1
        if name in taken and labels[use] != name:
            name = f"{name} ({labels[use]})"
        free = name
        while free in taken:
            n += 1
            free = f"{name} ({n})"
        taken.add(free)
        found[use] = free
    return found


def _is_part(codelist: Codelist) -> bool:
    """Whether a published list has some of its terms alone."""
    base = facts.codelist(codelist.code) if codelist.code else None
    return base is not None and base.standard == codelist.standard and len(codelist.terms) < len(base.terms)


def _published_label(use: CodelistUse) -> str:
    base = facts.codelist(use.codelist.code) if use.published else None
    return base.label if base is not None and base.standard == use.codelist.standard else ""


def has_code_beside(name: str, names: Collection[str]) -> bool:
    """Whether another of the variables has the codes of this one's texts: --TESTCD of --TEST, ARMCD of ARM."""
    return f"{name}CD" in names


def listed_by_value_level(spec: DatasetMetadata, terms: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The variables whose value-level definitions all have codelists, which together have every value seen.

    ``terms``: variable -> its values in the data.
    """
    found = set()
    # beside the list of a variable, automatic definitions have parts of it
    for name in {v.variable for v in spec.values} - {v.variable for v in spec.values if v.automatic}:
        codelists = [v.codelist for v in spec.values if v.variable == name]
        seen = {v for v in terms.get(name, ()) if v}
        if seen and all(c is not None and c.terms for c in codelists):
            known: set[str] = set().union(*(c.values for c in codelists if c is not None))
            if seen <= known:
                found.add(name)
    return frozenset(found)


def tests_beside(name: str, codelists: dict[str, Codelist | None]) -> Codelist | None:
    """The codelist of the names of the tests that ``name`` codes: that of --TEST for --TESTCD, of TSPARM for TSPARMCD.

    None if there is none. ``codelists``: variable name -> codelist, of one dataset.
    """
    if not name.endswith(("TESTCD", "PARMCD")):
        return None
    return codelists.get(name.removesuffix("CD"))


def _items(use: CodelistUse, seen: set[str]) -> tuple[ListItem, ...]:
    codelist = use.codelist
    numbered = enumerate(codelist.terms)
    ordered = [t for _, t in sorted(numbered, key=lambda p: (p[1].order is None, p[1].order or 0.0, p[0]))]
    short = len(ordered) <= SHORT_LIST
    if codelist.standard and not (short and not codelist.extensible) and not _is_part(codelist):
        occurring = [t for t in ordered if t.value in seen]
        if seen or not short:
            ordered = occurring
    extras = sorted(seen - {t.value for t in codelist.terms})
    values = [t.value for t in ordered] + extras
    texts = decodes(ordered, use.tests, published=use.published, names=use.names)
    if codelist.code == DOMAINS:
        texts |= {v: known.label for v in values if (known := facts.sdtm_dataset(v)) is not None}
    codes = {t.value: t.code for t in ordered}
    # a term without a code is one that the study added; of a list whose terms do not ship nothing is known
    added = {t.value for t in ordered if not t.code} | set(extras)
    may_extend = use.published and not codelist.unshipped
    # all items of a list are decoded or none is: a value without a long text is its own decode
    return tuple(
        ListItem(v, (texts.get(v) or v) if texts else "", codes.get(v, ""), may_extend and v in added) for v in values
    )
