"""Codelists and their terms, from CDISC controlled terminology or from a study; and how a raw value finds its term.

Not for reading the shipped facts: ``facts.py`` does that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from .document_pages import DocumentPages


@dataclass(frozen=True)
class Term:
    """One permitted value. ``code`` is the NCI code ('' for a sponsor term); ``decode`` the long text, '' if none."""

    value: str
    code: str = ""
    decode: str = ""
    synonyms: tuple[str, ...] = ()
    order: float | None = None


@dataclass(frozen=True)
class ExternalDictionary:
    """A dictionary outside CDISC terminology. ``label``: the name of its codelist; ``href``: its web address."""

    name: str
    version: str
    href: str = ""
    label: str = ""
    comment: str = ""
    comment_documents: tuple[DocumentPages, ...] = ()


#: code of a codelist -> values that SDTMIG 3.4 itself prescribes beside its terms: RACE of several (section 5.2, DM)
GUIDE_VALUES = {"C74457": ("MULTIPLE",)}


@dataclass(frozen=True)
class Codelist:
    """A codelist. ``standard`` names its CT package ("SDTM CT 2025-03-28"); '' for a codelist of the sponsor.

    Without ``terms`` it is a dictionary, or a list whose terms do not ship. ``values``: the terms, and further values
    that the guide prescribes. ``dictionary``: the dictionary that the terms are from, as those of COUNTRY.
    """

    name: str
    label: str
    terms: tuple[Term, ...]
    code: str = ""
    extensible: bool = True
    standard: str = ""
    comment: str = ""
    comment_documents: tuple[DocumentPages, ...] = ()
    dictionary: ExternalDictionary | None = None
    values: frozenset[str] = field(init=False, repr=False, compare=False)
    _lookup: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "values", frozenset((*(t.value for t in self.terms), *GUIDE_VALUES.get(self.code, ())))
        )

    def __hash__(self) -> int:
        # without the terms: a list can have thousands, and lists are keys of many tables
        return hash((self.name, self.label, self.code, self.standard, len(self.terms)))

    @cached_property
    def by_value(self) -> dict[str, Term]:
        """Submission value -> term."""
        return {t.value: t for t in self.terms}

    @cached_property
    def value_of_code(self) -> dict[str, str]:
        """NCI code -> submission value."""
        return {t.code: t.value for t in self.terms if t.code}

    @property
    def unshipped(self) -> bool:
        """Whether it is published but its terms do not ship: any value may be one of them."""
        return bool(self.standard) and not self.terms

    def lookup(self) -> dict[str, str]:
        """Casefolded text -> submission value. A submission value wins over a decode, a decode over a synonym.

        A text that two terms share at the same level is not in it, because it does not decide between them. The
        mapping is built once; do not change it.
        """
        table = self._lookup
        if table:
            return table
        levels = (
            [(t.value, t.value) for t in self.terms],
            [(t.decode, t.value) for t in self.terms if t.decode],
            [(s, t.value) for t in self.terms for s in t.synonyms],
        )
        for level in levels:
            found: dict[str, str] = {}
            shared = {""}  # by two terms
            for text, value in level:
                folded = text.strip().casefold()
                if found.setdefault(folded, value) != value:
                    shared.add(folded)
            table.update({text: value for text, value in found.items() if text not in table and text not in shared})
        return table
