"""define.html: a define.xml as one page that opens from a file, without network and without XSLT.

The page shows what define.xml contains and nothing else: it is built from define.xml itself, so that both agree.
Browsers are dropping XSLT. CDISC's stylesheet still goes beside define.xml, which names it. Not for reading the XML
(reading.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from .content import (
    CodelistContent,
    DatasetContent,
    DefineContent,
    DocumentReference,
    Item,
    WhereClause,
)
from .installed_schemas import defineutils_file
from .page_links import Anchors, few_terms, linked_file, number, opening, page_links, paragraphs, size
from .reading import read_define

_COMPARATORS = {"EQ": "=", "NE": "is not", "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "IN": "is one of",
                "NOTIN": "is none of"}  # fmt: skip


def stylesheet() -> bytes:
    """CDISC's define2-1.xsl, for the folder of define.xml. Raises OutputError if it is not installed."""
    return defineutils_file("definehtml", "define2-1.xsl").read_bytes()


def define_html(xml: bytes, front: str = "", beside: str = "") -> bytes:
    """define.xml as one HTML page in UTF-8: the same bytes for the same define.xml.

    ``front``: the relative address of the run's front page; '' for a page that goes without it. ``beside``: the
    relative address of the folder of define.xml, with a '/' at its end; '' where the page lies in it.
    Raises OutputError where ``xml`` is not well-formed, InputError where it is no Define-XML.
    """
    content = read_define(xml)
    return _template().render(page=_Page(content, beside).values(), front=front).encode("utf-8")


@dataclass
class _Page:
    """The values of the template for one define.xml."""

    content: DefineContent
    beside: str = ""
    anchors: Anchors = field(default_factory=Anchors)
    _users: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # every target has its identifier before the first link to it
        c = self.content
        for dataset in c.datasets:
            self.anchors.add("dataset", dataset.oid)
            for item in dataset.items:
                self.anchors.add("variable", f"{dataset.name}.{item.oid}")
        for kind, oids in (("codelist", c.codelists), ("method", c.methods), ("comment", c.comments)):
            for oid in oids:
                self.anchors.add(kind, oid)
        for display in c.displays:
            self.anchors.add("display", display.oid)
        self._names = {i.oid: (d, i) for d in reversed(c.datasets) for i in d.items}

    def values(self) -> dict[str, Any]:
        c = self.content
        datasets = [self._dataset(d) for d in c.datasets]
        displays = [self._display(d) for d in c.displays]
        return {
            "in_other_languages": self._translations,
            "title": " ".join(filter(None, [c.study, "Data Definitions"])),
            "content": c,
            "standards": [(s, self._comment(s.comment, (s.name, "study"))) for s in c.standards.values()],
            "comment": self._comment(c.version_comment, ("the whole define.xml", "study")),
            "crf": self._documents(c.crf),
            "supplements": self._documents(c.supplements),
            "datasets": datasets,
            "remarked": any(d["comment"] or d["about"].has_no_data for d in datasets),
            "displays": displays,
            # what refers to a list, a method or a comment is known only now
            "codelists": [self._codelist(x) for x in c.codelists.values() if not x.dictionary],
            "dictionaries": [self._codelist(x) for x in c.codelists.values() if x.dictionary],
            "methods": [
                {
                    "id": self.anchors.find("method", m.oid),
                    "about": m,
                    "paragraphs": paragraphs(m.text),
                    "documents": self._documents(m.documents),
                    "users": self._users.get(("method", m.oid), []),
                }
                for m in c.methods.values()
            ],
            "comments": [
                {
                    "id": self.anchors.find("comment", x.oid),
                    "about": x,
                    "paragraphs": paragraphs(x.text),
                    "documents": self._documents(x.documents),
                    "users": self._users.get(("comment", x.oid), []),
                }
                for x in c.comments.values()
            ],
        }

    def _translations(self, text: str) -> list[tuple[str, str]]:
        """(language, text) of a text of define.xml in its other languages."""
        return [(language, texts[text]) for language, texts in self.content.translations.items() if text in texts]

    def _dataset(self, d: DatasetContent) -> dict[str, Any]:
        anchor = self.anchors.find("dataset", d.oid)
        standard = self.content.standards.get(d.standard)
        return {
            "id": anchor,
            "about": d,
            "class_name": " / ".join([d.class_name, *d.subclasses]),
            "standard": " ".join(filter(None, [standard.name, standard.version])) if standard else "",
            "keys": [i.name for i in sorted((i for i in d.items if i.key), key=lambda i: number(i.key))],
            "comment": self._comment(d.comment, (d.name, anchor)),
            "file": linked_file(self.beside, d.leaf.href, d.leaf.title) if d.leaf else None,
            "variables": [self._variable(d, i) for i in d.items],
        }

    def _variable(self, d: DatasetContent, item: Item) -> dict[str, Any]:
        anchor = self.anchors.find("variable", f"{d.name}.{item.oid}")
        user = (f"{d.name}.{item.name}", anchor)
        values = self.content.value_lists.get(item.value_list, ())
        return {
            "id": anchor,
            **self._shown(item, user),
            "values": [self._value(d, v, user) for v in values],
        }

    def _value(self, d: DatasetContent, item: Item, of: tuple[str, str]) -> dict[str, Any]:
        clauses = [self.content.where[w] for w in item.where if w in self.content.where]
        where = " or ".join(self._condition(c, d) for c in clauses)
        return {"where": where, **self._shown(item, (f"{of[0]} where {where}", of[1]))}

    def _shown(self, item: Item, user: tuple[str, str]) -> dict[str, Any]:
        """What a variable and a value-level definition have in common."""
        codelist = self.content.codelists.get(item.codelist)
        method = self.content.methods.get(item.method)
        if codelist is not None:
            self._use("codelist", codelist.oid, user)
        if method is not None:
            self._use("method", method.oid, user)
        return {
            "about": item,
            "size": size(item),
            "codelist": (codelist.name, self.anchors.find("codelist", codelist.oid)) if codelist else None,
            "terms": few_terms(codelist) if codelist else "",
            "method": (method.name, self.anchors.find("method", method.oid)) if method else None,
            "method_text": opening(method.text) if method else "",
            "origins": [(o, self._documents(o.documents)) for o in item.origins],
            "comment": self._comment(item.comment, user),
        }

    def _condition(self, clause: WhereClause, d: DatasetContent) -> str:
        parts = []
        for check in clause.checks:
            owner, item = self._names.get(check.item, (d, None))
            name = item.name if item else check.item
            name = name if owner.oid == d.oid else f"{owner.name}.{name}"
            parts.append(f"{name} {_COMPARATORS.get(check.comparator, check.comparator)} {', '.join(check.values)}")
        return " and ".join(parts)

    def _codelist(self, c: CodelistContent) -> dict[str, Any]:
        standard = self.content.standards.get(c.standard)
        package = [standard.name, standard.publishing_set, standard.version] if standard else []
        return {
            "id": self.anchors.find("codelist", c.oid),
            "about": c,
            "standard": " ".join(filter(None, package)),
            "decoded": any(t.decode for t in c.terms),
            "coded": any(t.code or t.extended for t in c.terms),
            "comment": self._comment(c.comment, (c.name, self.anchors.find("codelist", c.oid))),
            "users": self._users.get(("codelist", c.oid), []),
        }

    def _display(self, display: Any) -> dict[str, Any]:
        return {
            "id": self.anchors.find("display", display.oid),
            "about": display,
            "documents": self._documents(display.documents),
            "results": [
                {
                    "about": r,
                    "parameter": self._item_link(r.parameter),
                    "datasets": [self._analysis_dataset(x) for x in r.datasets],
                    "comment": self._comment(r.comment, (display.name, self.anchors.find("display", display.oid))),
                    "documents": self._documents(r.documents),
                    "code_documents": self._documents(r.code_documents),
                }
                for r in display.results
            ],
        }

    def _analysis_dataset(self, x: Any) -> dict[str, Any]:
        dataset = next((d for d in self.content.datasets if d.oid == x.dataset), None)
        clauses = [self.content.where[w] for w in x.where if w in self.content.where]
        return {
            "link": (dataset.name, self.anchors.find("dataset", dataset.oid)) if dataset else (x.dataset, ""),
            "where": " or ".join(self._condition(c, dataset) for c in clauses) if dataset else "",
            "variables": [self._item_link(v) for v in x.variables],
        }

    def _item_link(self, oid: str) -> tuple[str, str]:
        if oid not in self._names:
            return oid, ""
        dataset, item = self._names[oid]
        return f"{dataset.name}.{item.name}", self.anchors.find("variable", f"{dataset.name}.{oid}")

    def _comment(self, oid: str, user: tuple[str, str] | None = None) -> dict[str, Any] | None:
        comment = self.content.comments.get(oid)
        if comment is None:
            return None
        if user is not None:
            self._use("comment", oid, user)
        return {"id": self.anchors.find("comment", oid), "paragraphs": paragraphs(comment.text),
                "documents": self._documents(comment.documents)}  # fmt: skip

    def _use(self, kind: str, oid: str, user: tuple[str, str]) -> None:
        users = self._users.setdefault((kind, oid), [])
        if user not in users:
            users.append(user)

    def _documents(self, documents: Iterable[DocumentReference]) -> list[dict[str, Any]]:
        """Each document with its title, address and pages; a leaf that the file lacks has its ID only."""
        found = []
        for document in documents:
            leaf = self.content.leaves.get(document.leaf)
            file = linked_file(self.beside, leaf.href, leaf.title) if leaf else {"title": document.leaf, "href": ""}
            found.append({**file, "pages": [p for r in document.pages for p in page_links(r, file["href"])]})
        return found


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    from .compiled_templates import CompiledTemplates

    name = "define.html.j2"
    source = resources.files(str(__package__)).joinpath("templates", name).read_text(encoding="utf-8")
    environment = Environment(
        loader=DictLoader({name: source}),
        bytecode_cache=CompiledTemplates(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
