"""Which keys of a study's specs the differences between two specifications change.

A difference becomes a change of one key at one place, or a sentence why no spec can have it. Not for reading the
specifications (open_content.py) nor for writing the files (apply.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..define.content import DefineContent, DocumentReference, Item, ItemOrigin
from ..define.differences import (
    CODELIST,
    DATASET,
    DOCUMENT,
    STANDARD,
    STUDY,
    TERM,
    VALUE,
    VARIABLE,
    Difference,
    Element,
    elements_of,
)
from ..engine.tables.dataset import NUMERIC_TYPES
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.study import StudySpec
from .first_codelists import page_texts
from .first_dataset import qnames
from .yaml_text import Tree

#: field of a variable -> key of its rule
_KEYS = {
    "Label": "label",
    "Data Type": "type",
    "Length": "length",
    "Significant Digits": "digits",
    "Format": "format",
    "Method": "method",
}
_ORIGIN = ("Origin", "Source", "Origin Description", "Pages")
_COMMENT = ("Comment", "Comment Document")
#: fields that the data or the standard decide -> why no spec has them
_DECIDED = {
    "Mandatory": "it follows from the standard and the data",
    "Role": "it follows from the standard",
    "Has No Data": "the data decide it",
    "Non Standard": "it follows from the standard",
    "Method Type": "it follows from the method",
    "Expressions": "a spec has no formal expressions",
    "Method Document": "a method of a spec has no document",
    "Class": "it follows from the standard",
    "SubClass": "it follows from the standard",
    "Purpose": "it follows from the standard",
    "Domain": "it follows from the standard",
    "Repeating": "it follows from the keys",
    "Reference Data": "it follows from the variables",
    "Standard": "study.yaml names the standard",
    "File": "a build names the file",
    "Order of variables": "it follows from the standard",
}
_DATASET_KEYS = {"Label": "label", "Structure": "structure"}


@dataclass(frozen=True)
class Change:
    """A key of the mapping at ``path`` of a file (relative to the study) and its new value.

    ``shorthand``: what a text in place of the mapping stands for.
    """

    file: str
    path: tuple[str | int, ...]
    key: str
    value: Tree = field(compare=False)
    about: str
    shorthand: str = ""


@dataclass
class Corrections:
    """The changes that make the specs of a study agree with a corrected specification.

    ``datasets``: name -> (file, spec); ``changes``; ``refused``: (element, sentence) of differences that no spec has.
    """

    study: StudySpec
    datasets: Mapping[str, tuple[str, DatasetSpec]]
    after: DefineContent
    changes: list[Change] = field(default_factory=list)
    refused: list[tuple[Element, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fields = elements_of(self.after)
        self.items: dict[Element, Item] = {}
        for dataset in self.after.datasets:
            for item in dataset.items:
                name = f"{dataset.name}.{item.name}"
                self.items[Element(VARIABLE, name)] = item
                listed = [e for e in self.fields if e.kind == VALUE and e.name == name]
                for element, value in zip(listed, self.after.value_lists.get(item.value_list, ()), strict=False):
                    self.items[element] = value

    def add(self, found: Sequence[Difference]) -> None:
        """Add the changes of differences."""
        seen: set[tuple[Element, str]] = set()
        for difference in found:
            element, of = difference.element, difference.field
            part = "Origin" if of in _ORIGIN else "Comment" if of in _COMMENT else of
            if (element, part) in seen:
                continue
            seen.add((element, part))
            reason = self._change(difference, part)
            if reason:
                self.refused.append((element, of, reason))

    def _change(self, difference: Difference, part: str) -> str:
        """Add the changes of one difference; else why a spec cannot have it."""
        element = difference.element
        if not part:
            side = "removes" if difference.before else "adds"
            return f"the correction {side} it; write it in the spec"
        if part in _DECIDED:
            return _DECIDED[part]
        if element.kind in (VARIABLE, VALUE):
            return self._of_item(difference, part)
        if element.kind == DATASET:
            return self._of_dataset(difference, part)
        if element.kind in (TERM, CODELIST):
            return self._of_codelist(difference, part)
        return self._of_study(difference, part)

    # variables and value level

    def _of_item(self, difference: Difference, part: str) -> str:
        element = difference.element
        dataset, _, variable = element.name.partition(".")
        places = list(self._places(dataset, variable, element))
        if not places:
            return self._no_place(dataset, variable, element)
        item = self.items[element]
        if part == "Length" and (element.kind == VALUE or item.data_type in NUMERIC_TYPES):
            return "the data decide it"
        key, value = self._entry(part, item, difference.after)
        if not value:
            return f"no value of {key}: means that; change the spec"
        for file, path in places if key in ("method", "label") else places[:1]:
            self.changes.append(Change(file, path, key, value, str(element), shorthand="from"))
        return ""

    def _entry(self, part: str, item: Item, after: str) -> tuple[str, Tree]:
        """Key and value of a field; None where no value means it."""
        if part == "Origin":
            return "origin", self._origin(item)
        if part == "Comment":
            return "comment", self._comment(item.comment) or None
        if part == "Codelist":
            return "codelist", self._codelist(after) if after else "none"
        return _KEYS[part], after or None

    def _places(self, dataset: str, variable: str, element: Element) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """(file, path) of each rule of a variable, or of the value-level definition."""
        if dataset.startswith("SUPP") and variable == "QVAL" and element.kind == VALUE:
            for name in qnames(self.after, self.items[element]):
                yield from self._rules(dataset.removeprefix("SUPP"), name, "supplemental")
            return
        if element.kind == VARIABLE:
            yield from self._rules(dataset, variable, "variables")
            return
        file, spec = self.datasets.get(dataset, ("", None))
        for number, value in enumerate(spec.values if spec is not None else ()):
            if value.variable == variable and _where(value.where) == element.part:
                yield file, ("values", number)

    def _rules(self, dataset: str, name: str, under: str) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        file, spec = self.datasets.get(dataset, ("", None))
        if spec is None:
            return
        if getattr(spec, under).get(name) is not None:
            yield file, (under, name)
        several = isinstance(spec.rows, tuple)
        for number, block in enumerate(spec.blocks):
            if name in getattr(block, under):
                yield file, ("rows", number, under, name) if several else ("rows", under, name)

    def _no_place(self, dataset: str, variable: str, element: Element) -> str:
        if element.kind == VALUE:
            return f"the build defines it by itself; write it under values: of {dataset}, where: {element.part}"
        if dataset not in self.datasets:
            return f"{dataset} follows from its parent, and has no spec"
        return f"no rule of {variable} is in the specs of the study: a convention, a step or a layer has it"

    def _origin(self, item: Item) -> Tree:
        origin = item.origins[0] if item.origins else ItemOrigin("")
        if not origin.type:
            return None
        found: dict[str, Tree] = {"type": origin.type}
        found |= {k: v for k, v in (("source", origin.source), ("description", origin.text)) if v}
        return {**found, **self._document(origin.documents)}

    def _comment(self, oid: str) -> Tree:
        comment = self.after.comments.get(oid)
        if comment is None or not comment.text:
            return ""
        document = self._document(comment.documents)
        return {"text": comment.text, **document} if document else comment.text

    def _document(self, references: Sequence[DocumentReference]) -> dict[str, Tree]:
        """The keys document: and pages: of the first reference to a document of study.yaml."""
        files = {d.file: name for name, d in self.study.documents.items()}
        for reference in references:
            leaf = self.after.leaves.get(reference.leaf)
            if leaf is not None and leaf.href in files:
                pages = list(page_texts(reference))
                return {"document": files[leaf.href]} | ({"pages": [*pages]} if pages else {})
        return {}

    def _codelist(self, name: str) -> Tree:
        """The name of a codelist in a spec by its name in define.xml."""
        for key, spec in self.study.codelists.items():
            if name in (spec.label, key):
                return key
        found = next((c for c in self.after.codelists.values() if c.name == name), None)
        return (found.code or None) if found is not None else None

    # datasets, codelists, documents, study

    def _of_dataset(self, difference: Difference, part: str) -> str:
        name = difference.element.name
        if name not in self.datasets:
            return f"{name} follows from its parent, and has no spec"
        file = self.datasets[name][0]
        about = str(difference.element)
        if part == "Keys":
            keys: list[Tree] = [k.strip() for k in difference.after.split(",")]
            self.changes.append(Change(file, (), "keys", keys, about))
        elif part == "Comment":
            dataset = next(d for d in self.after.datasets if d.name == name)
            comment = self._comment(dataset.comment)
            if not comment:
                return "remove comment: in the spec"
            self.changes.append(Change(file, (), "comment", comment, about))
        elif part in _DATASET_KEYS and difference.after:
            self.changes.append(Change(file, (), _DATASET_KEYS[part], difference.after, about))
        else:
            return "no key of a spec has it"
        return ""

    def _of_codelist(self, difference: Difference, part: str) -> str:
        element = difference.element
        names = [n for n, spec in self.study.codelists.items() if spec.label == element.name]
        if not names:
            return "it is a published list, or the build makes it of the data; study.yaml does not have it"
        spec, about = self.study.codelists[names[0]], str(element)
        path: tuple[str | int, ...] = ("codelists", names[0])
        if element.kind == TERM and part == "Decode" and element.part in spec.terms:
            self.changes.append(Change("study.yaml", (*path, "terms"), element.part, difference.after, about))
        elif element.kind == CODELIST and part in ("Version", "Href") and spec.dictionary is not None:
            change = Change("study.yaml", (*path, "dictionary"), part.lower(), difference.after, about)
            self.changes.append(change)
        elif element.kind == CODELIST and part == "Comment" and difference.after:
            self.changes.append(Change("study.yaml", path, "comment", difference.after, about))
        else:
            return "no key of study.yaml has it"
        return ""

    def _of_study(self, difference: Difference, part: str) -> str:
        element, about = difference.element, str(difference.element)
        if element.kind == STUDY and part in ("Description", "Protocol") and difference.after:
            if part == "Description" and self.study.study.description:
                return "title: and description: of study.yaml are parts of it; change them"
            key = {"Description": "title", "Protocol": "protocol"}[part]
            self.changes.append(Change("study.yaml", ("study",), key, difference.after, about))
            return ""
        if element.kind == DOCUMENT and part == "Title" and difference.after:
            names = [n for n, d in self.study.documents.items() if d.file == element.name]
            if names:
                self.changes.append(Change("study.yaml", ("documents", names[0]), "title", difference.after, about))
                return ""
        if element.kind == STANDARD and part == "Comment":
            return "write it under comments: of study: in study.yaml"
        return "no key of a spec has it"


def _where(text: str) -> str:
    """A condition as the differences write it."""
    try:
        checks = parse(text).range_checks()
    except ExpressionError:
        return ""
    return " and ".join(sorted(f"{v} {c} {', '.join(values)}" for v, c, values in checks))
