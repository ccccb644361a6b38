"""The differences between the contents of two define.xml files, element by element.

Elements are compared by their names: datasets and variables by theirs, a value-level definition by its variable and its
condition, a method or a comment by its text at each element that refers to it. OIDs do not count, so that files of
different authors can be compared. Not for datasets (comparison/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .content import CodelistContent, DatasetContent, DefineContent, DocumentReference, Item

_YES = {True: "Yes", False: "No"}
STUDY, STANDARD, DATASET, VARIABLE, VALUE, CODELIST, TERM, DOCUMENT, RESULT, TRANSLATION = (
    "Study", "Standard", "Dataset", "Variable", "Value level", "Codelist", "Term", "Document", "Result", "Translation",
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Element:
    """An element of define.xml by its names. ``kind``: Dataset, Variable, Value level, Codelist ...

    ``name``: AE, AE.AESEV, the name of a codelist; ``part``: the condition of a value-level definition, a term.
    """

    kind: str
    name: str
    part: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.name, self.part and f"[{self.part}]")))


@dataclass(frozen=True)
class Difference:
    """A field of an element that differs. ``field`` is '' where only one side has the element."""

    element: Element
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.field:
            return f"{self.element}: only in the {'first' if self.before else 'second'}"
        return f"{self.element}, {self.field}: {_shown(self.before)} -> {_shown(self.after)}"


def differences(before: DefineContent, after: DefineContent) -> list[Difference]:
    """All differences, in the order of the first file; elements that only the second has come last."""
    first, second = elements_of(before), elements_of(after)
    found: list[Difference] = []
    for element, fields in first.items():
        others = second.get(element)
        if others is None:
            found.append(Difference(element, "", str(element), ""))
            continue
        found += [
            Difference(element, f, fields.get(f, ""), others.get(f, ""))
            for f in dict.fromkeys([*fields, *others])
            if fields.get(f, "") != others.get(f, "")
        ]
    return found + [Difference(e, "", "", str(e)) for e in second if e not in first]


def counted(found: Iterable[Difference]) -> dict[tuple[str, str], int]:
    """How many differences there are of each kind and field."""
    return dict(Counter((d.element.kind, d.field) for d in found))


def elements_of(content: DefineContent) -> dict[Element, dict[str, str]]:
    """Every element with its fields as text; empty fields are left out."""
    found: dict[Element, dict[str, str]] = {}
    for element, fields in _elements(content):
        number = 1
        free = element
        while free in found:  # two codelists of one name
            number += 1
            free = Element(element.kind, element.name, f"{element.part} ({number})".strip())
        found[free] = {f: t for f, t in fields.items() if t}
    return found


def _elements(content: DefineContent) -> Iterable[tuple[Element, dict[str, str]]]:
    texts = _Texts(content)
    yield (
        Element(STUDY, ""),
        {
            "Name": content.study,
            "Description": content.description,
            "Protocol": content.protocol,
            "Define-XML": content.version,
            "Language": content.language,
            "Context": content.odm.get("Context", ""),
            "Comment": texts.comment(content.version_comment),
        },
    )
    for standard in content.standards.values():
        name = " ".join(filter(None, (standard.name, standard.publishing_set)))
        fields = {"Type": standard.type, "Version": standard.version, "Status": standard.status}
        yield Element(STANDARD, name), fields | {"Comment": texts.comment(standard.comment)}
    for language, found in content.translations.items():
        yield from ((Element(TRANSLATION, language, text), {"Text": of}) for text, of in found.items())
    for dataset in content.datasets:
        yield from _dataset(content, dataset, texts)
    for codelist in content.codelists.values():
        yield from _codelist(codelist, texts)
    roles = {r.leaf: "AnnotatedCRF" for r in content.crf} | {r.leaf: "SupplementalDoc" for r in content.supplements}
    for leaf in content.leaves.values():
        yield Element(DOCUMENT, leaf.href), {"Title": leaf.title, "Role": roles.get(leaf.id, "")}
    for display in content.displays:
        for result in display.results:
            data = (f"{texts.dataset(d.dataset)} {texts.conditions(d.where)}".strip() for d in result.datasets)
            fields = {
                "Display": display.description,
                "Documents": " ".join(map(texts.document, display.documents)),
                "Reason": result.reason,
                "Purpose": result.purpose,
                "Parameter": texts.item(result.parameter),
                "Datasets": "; ".join(data),
                "Variables": ", ".join(texts.item(v) for d in result.datasets for v in d.variables),
                "Comment": texts.comment(result.comment),
                "Documentation": result.documentation,
                "Documentation Refs": " ".join(map(texts.document, result.documents)),
                "Programming Context": result.code_context,
                "Programming Code": result.code,
                "Programming Document": " ".join(map(texts.document, result.code_documents)),
            }
            yield Element(RESULT, display.name, result.description), fields


def _dataset(
    content: DefineContent, dataset: DatasetContent, texts: _Texts
) -> Iterable[tuple[Element, dict[str, str]]]:
    keyed = sorted((int(i.key), i.name) for i in dataset.items if i.key.isdigit())
    fields = {
        "Label": dataset.label,
        "Class": dataset.class_name,
        "SubClass": ", ".join(dataset.subclasses),
        "Structure": dataset.structure,
        "Purpose": dataset.purpose,
        "Domain": dataset.domain,
        "Domain Description": dataset.alias,
        "Keys": ", ".join(name for _, name in keyed),
        "Standard": texts.standard(dataset.standard),
        "Non Standard": _YES[dataset.non_standard],
        "Has No Data": _YES[dataset.has_no_data],
        "Repeating": _YES[dataset.repeating],
        "Reference Data": _YES[dataset.reference],
        "Comment": texts.comment(dataset.comment),
        "File": dataset.leaf.href if dataset.leaf else "",
        "Order of variables": ", ".join(i.name for i in dataset.items),
    }
    yield Element(DATASET, dataset.name), fields
    for item in dataset.items:
        yield Element(VARIABLE, f"{dataset.name}.{item.name}"), texts.fields(item)
        for value in content.value_lists.get(item.value_list, ()):
            element = Element(VALUE, f"{dataset.name}.{item.name}", texts.conditions(value.where, dataset.name))
            yield element, texts.fields(value)


def _codelist(codelist: CodelistContent, texts: _Texts) -> Iterable[tuple[Element, dict[str, str]]]:
    fields = {
        "NCI code": codelist.code,
        "Data Type": codelist.data_type,
        "Standard": texts.standard(codelist.standard),
        "Non Standard": _YES[codelist.non_standard],
        "Dictionary": codelist.dictionary,
        "Version": codelist.dictionary_version,
        "Href": codelist.dictionary_href,
        "Comment": texts.comment(codelist.comment),
    }
    yield Element(CODELIST, codelist.name), fields
    for term in codelist.terms:
        about = {"Decode": term.decode, "NCI code": term.code, "Extended": _YES[term.extended]}
        yield Element(TERM, codelist.name, term.value), about


class _Texts:
    """What the references of one file lead to, as text."""

    def __init__(self, content: DefineContent):
        self.content = content
        self.names = {i.oid: f"{d.name}.{i.name}" for d in content.datasets for i in d.items}
        self.codelists = {oid: c.name for oid, c in content.codelists.items()}
        self.groups = {d.oid: d.name for d in content.datasets}

    def fields(self, item: Item) -> dict[str, str]:
        """The fields of a variable or value-level definition."""
        method = self.content.methods.get(item.method)
        comment = self.content.comments.get(item.comment)
        return {
            "Label": item.label,
            "Data Type": item.data_type,
            "Length": item.length,
            "Significant Digits": item.digits,
            "Format": item.format,
            "Mandatory": _YES[item.mandatory],
            "Codelist": self.codelists.get(item.codelist, item.codelist),
            "Origin": "; ".join(o.type for o in item.origins),
            "Source": "; ".join(filter(None, (o.source for o in item.origins))),
            "Origin Description": "; ".join(filter(None, (o.text for o in item.origins))),
            "Pages": "; ".join(self.document(d) for o in item.origins for d in o.documents),
            "Method": method.text if method else item.method,
            "Method Type": method.type if method else "",
            "Expressions": "\n".join(f"{c}: {code}" for c, code in method.expressions) if method else "",
            "Method Document": "; ".join(map(self.document, method.documents)) if method else "",
            "Comment": self.comment(item.comment),
            "Comment Document": "; ".join(map(self.document, comment.documents)) if comment else "",
            "Role": item.role,
            "Has No Data": _YES[item.has_no_data],
            "Non Standard": _YES[item.non_standard],
        }

    def comment(self, oid: str) -> str:
        """The text of a comment."""
        comment = self.content.comments.get(oid)
        return comment.text if comment else oid

    def standard(self, oid: str) -> str:
        """Name and version of a standard."""
        standard = self.content.standards.get(oid)
        texts = (standard.name, standard.publishing_set, standard.version) if standard else (oid,)
        return " ".join(filter(None, texts))

    def document(self, reference: DocumentReference) -> str:
        """The file of a document and its pages."""
        leaf = self.content.leaves.get(reference.leaf)
        pages = (p.pages or f"{p.first}-{p.last}" for p in reference.pages)
        return " ".join([leaf.href if leaf else reference.leaf, *pages])

    def item(self, oid: str) -> str:
        """DATASET.VARIABLE."""
        return self.names.get(oid, oid)

    def dataset(self, oid: str) -> str:
        """The name of a dataset."""
        return self.groups.get(oid, oid)

    def conditions(self, oids: Sequence[str], dataset: str = "") -> str:
        """Where clauses as text: conditions joined by and, clauses by or. Variables of ``dataset`` without its name."""
        clauses = []
        for oid in oids:
            clause = self.content.where.get(oid)
            checks = clause.checks if clause else ()
            texts = (
                f"{self.item(c.item).removeprefix(f'{dataset}.')} {c.comparator} {', '.join(c.values)}" for c in checks
            )
            clauses.append(" and ".join(sorted(texts)) or oid)
        return " or ".join(sorted(clauses))


def _shown(text: str, most: int = 160) -> str:
    return repr(text if len(text) <= most else f"{text[:most]}...")


def dangling(content: DefineContent) -> list[str]:
    """References to elements that a file does not have, in sentences."""
    found: list[str] = []

    def check(user: str, kind: str, oid: str, known: Mapping[str, object]) -> None:
        if oid and oid not in known:
            found.append(f"{user} refers to the {kind} {oid}, which is not there")

    for dataset in content.datasets:
        check(dataset.name, "comment", dataset.comment, content.comments)
        check(dataset.name, "standard", dataset.standard, content.standards)
        lists = [(f"{dataset.name}.{i.name}", i) for i in dataset.items]
        lists += [(name, value) for name, i in list(lists) for value in content.value_lists.get(i.value_list, ())]
        for name, item in lists:
            check(name, "method", item.method, content.methods)
            check(name, "comment", item.comment, content.comments)
            check(name, "codelist", item.codelist, content.codelists)
            check(name, "value list", item.value_list, content.value_lists)
            for oid in item.where:
                check(name, "where clause", oid, content.where)
    return found
