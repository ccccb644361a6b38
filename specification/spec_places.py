"""Where the specs of a study have the elements of a specification: files, rules, codelists, documents.

Not for what changes there (corrections.py, additions.py) nor for the text of the files (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..define.content import DefineContent, DocumentReference, Item
from ..define.differences import VALUE, VARIABLE, Element, elements_of
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.study import StudySpec
from .first_codelists import page_texts
from .predecessors import qnames
from .yaml_text import Tree

#: a file of the study, and the map keys and list positions that lead to a value in it
SpecPlace = tuple[str, tuple[str | int, ...]]


@dataclass
class SpecPlaces:
    """The specs of a study.

    ``datasets``: name -> (file relative to the study, spec). ``lists`` and ``documents``: name in define.xml, and
    file -> key of study.yaml; corrections may add to them.
    """

    study: StudySpec
    datasets: Mapping[str, tuple[str, DatasetSpec]]
    lists: dict[str, str] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, spec in self.study.codelists.items():
            self.lists.setdefault(spec.label, key)
            self.lists.setdefault(key, key)
        self.documents |= {d.file: name for name, d in self.study.documents.items()}

    def of(self, element: Element, content: DefineContent, item: Item) -> Iterator[SpecPlace]:
        """Each rule of a variable, or the entry of a value-level definition."""
        dataset, _, variable = element.name.partition(".")
        if element.kind == VARIABLE:
            yield from self.rules(dataset, variable, "variables")
        elif parent := self.parent(dataset, variable):
            for name in qnames(content, item):
                yield from self.rules(parent, name, "supplemental")
        else:
            file, spec = self.datasets.get(dataset, ("", None))
            for number, value in enumerate(spec.values if spec is not None else ()):
                if value.variable == variable and conditions_of(value.where) == element.part:
                    yield file, ("values", number)

    def parent(self, dataset: str, variable: str = "QVAL") -> str:
        """The dataset whose qualifiers a SUPP-- dataset has; '' for another dataset or another variable."""
        parent = dataset.removeprefix("SUPP")
        return parent if dataset.startswith("SUPP") and variable == "QVAL" and parent in self.datasets else ""

    def rules(self, dataset: str, name: str, under: str, *, removed: bool = False) -> Iterator[SpecPlace]:
        """Each rule of a variable. ``under``: variables or supplemental; ``removed``: ``null`` is a rule too."""
        file, spec = self.datasets.get(dataset, ("", None))
        if spec is None:
            return
        listed = getattr(spec, under)
        if listed.get(name) is not None or (removed and name in listed):
            yield file, (under, name)
        several = isinstance(spec.rows, tuple)
        for number, block in enumerate(spec.blocks):
            if name in getattr(block, under):
                yield file, ("rows", number, under, name) if several else ("rows", under, name)

    def document(self, content: DefineContent, references: Sequence[DocumentReference]) -> dict[str, Tree]:
        """The keys document: and pages: of the first reference to a document of study.yaml."""
        for reference in references:
            leaf = content.leaves.get(reference.leaf)
            if leaf is not None and leaf.href in self.documents:
                pages = list(page_texts(reference))
                return {"document": self.documents[leaf.href]} | ({"pages": [*pages]} if pages else {})
        return {}

    def codelist(self, content: DefineContent, name: str) -> Tree:
        """The name of a codelist in a spec by its name in define.xml: of study.yaml, or its NCI code."""
        if name in self.lists:
            return self.lists[name]
        found = next((c for c in content.codelists.values() if c.name == name), None)
        return (found.code or None) if found is not None else None


def items_of(content: DefineContent) -> dict[Element, Item]:
    """The variables and value-level definitions of a specification by their elements."""
    found: dict[Element, Item] = {}
    values: dict[str, list[Element]] = {}
    for element in elements_of(content):
        if element.kind == VALUE:
            values.setdefault(element.name, []).append(element)
    for dataset in content.datasets:
        for item in dataset.items:
            name = f"{dataset.name}.{item.name}"
            found[Element(VARIABLE, name)] = item
            of_list = content.value_lists.get(item.value_list, ())
            found |= dict(zip(values.get(name, ()), of_list, strict=False))
    return found


def conditions_of(text: str) -> str:
    """A condition of a spec as the differences of define.xml write it."""
    try:
        checks = parse(text).range_checks()
    except ExpressionError:
        return ""
    return " and ".join(sorted(f"{v} {c} {', '.join(values)}" for v, c, values in checks))
