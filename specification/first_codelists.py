"""Codelists, dictionaries and documents of a define.xml as entries of study.yaml.

A list that adds no term to a published one needs no entry: the standard has it. Not for the variables that use them
(first_dataset.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..define.content import CodelistContent, DefineContent, DocumentReference
from ..mappings.facts import facts
from ..mappings.facts.terminology import Codelist
from ..mappings.models.documents import SUFFIXES, page_problem
from .yaml_text import Tree

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_]+")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_UNKNOWN_VERSION = "not stated"


@dataclass
class FirstCodelists:
    """The codelists of several define.xml files. ``entries``: name -> entry of study.yaml; ``names``: OID -> name.

    ``names`` are by the identity of the content that has the OID. ``notes``: what has no place in a spec.
    """

    entries: dict[str, Tree] = field(default_factory=dict)
    names: dict[tuple[int, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, content: DefineContent, ids: dict[str, str]) -> None:
        """Add the codelists of a file. ``ids``: OID -> ID."""
        for codelist in content.codelists.values():
            self.names[id(content), codelist.oid] = self.named(codelist, ids[codelist.oid])

    def name(self, content: DefineContent, oid: str) -> str:
        """The name of a codelist in the spec: of study.yaml, or its NCI code."""
        return self.names.get((id(content), oid), "")

    def named(self, codelist: CodelistContent, plain: str) -> str:
        """The name of a codelist in the spec, and its entry where it needs one. ``plain``: its ID."""
        if codelist.dictionary:
            return self._entry(plain, {"label": codelist.name or plain, "dictionary": self._dictionary(codelist)})
        base = published(codelist.code)
        if base is None:
            joined = _joined(codelist)
            entry: dict[str, Tree] = {"label": codelist.name or plain, **({"joins": joined} if joined else {})}
            return self._entry(plain, entry | {"terms": _terms(codelist, frozenset())})
        if base.unshipped or {t.value for t in codelist.terms} <= base.values:
            return base.code
        if not base.extensible:
            self.notes.append(f"codelist {codelist.name}: {base.name} is not extensible, so it is a list of the study")
            return self._entry(plain, {"label": codelist.name or plain, "terms": _terms(codelist, frozenset())})
        terms = _terms(codelist, base.values)
        return self._entry(base.name, {"label": codelist.name or plain, "extends": base.code, "terms": terms})

    def _dictionary(self, codelist: CodelistContent) -> Tree:
        listed = facts.codelist("DICTNAM", "sdtm")
        known = listed.lookup() if listed is not None else {}
        found: dict[str, Tree] = {
            "name": known.get(codelist.dictionary.casefold(), codelist.dictionary),
            "version": codelist.dictionary_version.strip() or _UNKNOWN_VERSION,
        }
        if re.fullmatch(r"https?://[!-~]+", codelist.dictionary_href, re.ASCII):
            found["href"] = codelist.dictionary_href
        return found

    def _entry(self, name: str, entry: dict[str, Tree]) -> str:
        """Add an entry under a free name; an equal one is used again."""
        plain = free = _NOT_IN_NAME.sub("_", name).strip("_").upper() or "LIST"
        number = 1
        while free in self.entries and self.entries[free] != entry:
            number += 1
            free = f"{plain}_{number}"
        self.entries[free] = entry
        return free


def published(code: str) -> Codelist | None:
    """A published codelist by its NCI code."""
    if not code:
        return None
    return facts.codelist(code, "sdtm") or facts.codelist(code, "adam")


def _joined(codelist: CodelistContent) -> list[Tree]:
    """The published lists that give the terms of a list of the study their NCI codes, the one with most terms first.

    Of several with as many terms the shorter one counts, then the one with the smaller code.
    """
    remaining = {(t.value, t.code) for t in codelist.terms if t.code}
    lists = facts.codelists_with(remaining) if remaining else {}
    sizes = {code: len(base.terms) for code in lists if (base := published(code)) is not None}
    found: list[Tree] = []
    while remaining:
        counts = {code: len(remaining & lists[code]) for code in sizes}
        most = min((c for c in sizes if counts[c]), key=lambda c: (-counts[c], sizes[c], int(c[1:])), default=None)
        if most is None:
            break
        found.append(most)
        remaining -= lists[most]
    return found


def _terms(codelist: CodelistContent, known: Iterable[str]) -> Tree:
    """Term -> decode of the terms that are not ``known``."""
    terms: dict[str, Tree] = {}
    for term in codelist.terms:
        if term.value and term.value not in known:
            terms.setdefault(term.value, term.decode)
    return terms


@dataclass
class FirstDocuments:
    """The documents of several define.xml files. ``entries``: id -> entry of study.yaml."""

    entries: dict[str, Tree] = field(default_factory=dict)
    names: dict[tuple[int, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, content: DefineContent, ids: dict[str, str], kind: str) -> None:
        """Add the documents of a file of sdtm or adam. ``ids``: leaf ID -> ID."""
        crf = {r.leaf for r in content.crf}
        files = {str(e["file"]).lower(): n for n, e in self.entries.items() if isinstance(e, dict)}
        for leaf in content.leaves.values():
            file = PurePosixPath(leaf.href.replace("\\", "/")).name
            if not _FILE.fullmatch(file) or not file.lower().endswith(SUFFIXES):
                self.notes.append(f"document {leaf.href}: a spec names plain files that end in {', '.join(SUFFIXES)}")
                continue
            if file.lower() in files:
                self.names[id(content), leaf.id] = files[file.lower()]
                continue
            name = re.sub(r"[^A-Za-z0-9_-]+", "-", ids[leaf.id]).strip("-_0123456789") or "document"
            while name in self.entries:
                name += "-2"
            entry: dict[str, Tree] = {"file": file, "title": leaf.title or file}
            if leaf.id in crf and file.lower().endswith(".pdf"):
                entry["role"] = "crf"
                if kind != "sdtm":
                    entry["of"] = kind
            else:
                entry["of"] = kind
            self.entries[name] = entry
            files[file.lower()] = name
            self.names[id(content), leaf.id] = name

    def of(self, content: DefineContent, references: Sequence[DocumentReference]) -> dict[str, Tree]:
        """The keys document: and pages: of the first reference that a spec can have."""
        for reference in references:
            name = self.names.get((id(content), reference.leaf))
            if name is None:
                continue
            pages = list(page_texts(reference))
            return {"document": name} | ({"pages": pages[0] if len(pages) == 1 else [*pages]} if pages else {})
        return {}


def page_texts(reference: DocumentReference) -> Iterable[str]:
    """The pages of a reference as a spec writes them; those that it cannot have are left out."""
    for page in reference.pages:
        texts = [f"{page.first}-{page.last}"] if page.first else page.pages.split()
        yield from (t for t in texts if not page_problem(t))
