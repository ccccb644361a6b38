"""Which keys of a study's specs the differences between two specifications change.

A difference becomes a change of one key at one place, or a sentence why no spec can have it. Not for reading the
specifications (open_content.py) nor for writing the files (apply.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..define.content import DefineContent, Item, ItemOrigin
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
)
from ..engine.plan.plan import PlannedDataset
from ..engine.tables.dataset import NUMERIC_TYPES
from .additions import Additions
from .changes import Change
from .spec_places import SpecPlaces, items_of
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
_ORDER = "Order of variables"
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
    _ORDER: "it follows from the standard",
}
_DATASET_KEYS = {"Label": "label", "Structure": "structure"}


@dataclass
class Corrections:
    """The changes that make the specs of a study agree with a corrected specification.

    ``changes``; ``refused``: (element, field, sentence) of differences that no spec has.
    """

    places: SpecPlaces
    before: DefineContent
    after: DefineContent
    planned: Mapping[str, PlannedDataset]
    changes: list[Change] = field(default_factory=list)
    refused: list[tuple[Element, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.study, self.datasets = self.places.study, self.places.datasets
        self.items = items_of(self.after)
        self.additions = Additions(self.places, self.before, self.after, self.planned)

    def add(self, found: Sequence[Difference]) -> None:
        """Add the changes of differences."""
        whole = [d for d in found if not d.field]
        self.additions.prepare({d.element for d in whole if d.after}, {d.element for d in whole if d.before})
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
            changes, reason = self.additions.changes(element, added=bool(difference.after))
            self.changes += changes
            return reason
        if part == _ORDER and _same_order(difference):
            return ""
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
        places = list(self.places.of(element, self.after, self.items[element]))
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
            return "codelist", self.places.codelist(self.after, after) if after else "none"
        return _KEYS[part], after or None

    def _no_place(self, dataset: str, variable: str, element: Element) -> str:
        if element.kind == VALUE:
            return f"the build defines it by itself; write it under values: of {dataset}, where: {element.part}"
        if dataset not in self.datasets:
            return f"{dataset} follows from its parent, and has no spec"
        return f"no rule of {variable} is in the specs of the study: a convention, a step or a layer has it"

    def _origin(self, item: Item) -> Tree:
        origins = [self._one_origin(o) for o in item.origins if o.type]
        if not origins:
            return None
        return {**origins[0], "further": origins[1:]} if len(origins) > 1 else origins[0]

    def _one_origin(self, origin: ItemOrigin) -> dict[str, Tree]:
        found: dict[str, Tree] = {"type": origin.type}
        found |= {k: v for k, v in (("source", origin.source), ("description", origin.text)) if v}
        return {**found, **self.places.document(self.after, origin.documents)}

    def _comment(self, oid: str) -> Tree:
        comment = self.after.comments.get(oid)
        if comment is None or not comment.text:
            return ""
        document = self.places.document(self.after, comment.documents)
        return {"text": comment.text, **document} if document else comment.text

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


def _same_order(difference: Difference) -> bool:
    """Whether variables that are added or removed are the only difference of an order."""
    before, after = difference.before.split(", "), difference.after.split(", ")
    return [n for n in before if n in after] == [n for n in after if n in before]
