"""Which keys of a study's specs change because a specification adds or removes an element.

An added variable has the rule of a first spec: the rule that is known, else ``to_write``. Not for corrected fields of
elements that both have (corrections.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..define.content import DefineContent
from ..define.differences import CODELIST, DATASET, DOCUMENT, TERM, VALUE, VARIABLE, Element
from ..engine.plan.plan import PlannedDataset
from .changes import Action, Change
from .first_codelists import FirstCodelists, FirstDocuments, published
from .first_dataset import FirstDataset
from .ids import ids_of
from .predecessors import qnames
from .spec_places import SpecPlaces, conditions_of, items_of
from .yaml_text import Tree

_STUDY = "study.yaml"


@dataclass
class Additions:
    """The changes for elements of ``after`` that ``before`` does not have, and the reverse.

    ``planned``: the datasets of the study. ``silent`` elements follow from others, and need no change of the specs.
    """

    places: SpecPlaces
    before: DefineContent
    after: DefineContent
    planned: Mapping[str, PlannedDataset]
    silent: set[Element] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.items = {True: items_of(self.after), False: items_of(self.before)}
        self.codelists, self.documents = FirstCodelists(), FirstDocuments()
        self.codelists.entries |= dict.fromkeys(self.places.study.codelists)
        self.documents.entries |= {n: {"file": d.file} for n, d in self.places.study.documents.items()}
        self._first: dict[str, dict[str, Tree]] = {}
        self._extended: set[str] = set()

    def changes(self, element: Element, *, added: bool) -> tuple[list[Change], str]:
        """The changes for an element, else why the specs cannot have them; neither where it follows from another."""
        if element in self.silent:
            return [], ""
        if element.kind == DATASET:
            return [], self._dataset(element, added)
        by_kind = {
            VARIABLE: self._variable, VALUE: self._value, CODELIST: self._codelist, TERM: self._term,
            DOCUMENT: self._document,
        }  # fmt: skip
        if element.kind not in by_kind:
            side = "adds" if added else "removes"
            return [], f"the correction {side} it, and it is no part of the specs of a dataset; change it by hand"
        found = by_kind[element.kind](element, added)
        return ([], found) if isinstance(found, str) else (found, "")

    def prepare(self, added: set[Element], removed: set[Element]) -> None:
        """Find what follows from other elements, and the names of new codelists and documents."""
        self.silent |= {*self._following(added), *self._following(removed)}
        gone = {e.name for e in removed if e.kind == VARIABLE}
        self.silent |= {e for e in removed if e.kind == VALUE and e.name in gone}
        labels = {spec.label for spec in self.places.study.codelists.values()}
        self.silent |= {e for e in removed if e.kind == CODELIST and e.name not in labels}
        plain = ids_of(self.after.codelists, "codelist")
        for oid, codelist in self.after.codelists.items():
            if Element(CODELIST, codelist.name) in added:
                name = self.codelists.named(codelist, plain[oid])
                if self.codelists.entries.get(name) is None:  # a published list without further terms
                    self.silent.add(Element(CODELIST, codelist.name))
                self.places.lists.setdefault(codelist.name, name)
            name = self.places.codelist(self.after, codelist.name)
            self.codelists.names[id(self.after), oid] = str(name or "")
        kind = "adam" if any(d.purpose == "Analysis" for d in self.after.datasets) else "sdtm"
        self.documents.add(self.after, ids_of(self.after.leaves, "document"), kind)
        for (_, leaf), name in self.documents.names.items():
            self.places.documents.setdefault(self.after.leaves[leaf].href, name)

    def _following(self, elements: set[Element]) -> Iterator[Element]:
        """What is added or removed with a whole dataset or codelist; qualifiers have rules of the parent."""
        lists = {e.name for e in elements if e.kind == CODELIST}
        yield from (e for e in elements if e.kind == TERM and e.name in lists)
        whole = {e.name: self.places.parent(e.name) for e in elements if e.kind == DATASET}
        yield from (Element(DATASET, name) for name, parent in whole.items() if parent)
        for element in elements:
            dataset = element.name.partition(".")[0]
            if dataset in whole and (element.kind == VARIABLE or (element.kind == VALUE and not whole[dataset])):
                yield element

    # datasets, variables, value level

    def _dataset(self, element: Element, added: bool) -> str:
        if added:
            return "its records need rules: write its spec; raw2adam define read FILE writes a first one"
        file = self.places.datasets.get(element.name, ("",))[0]
        return f"delete its spec {file}" if file else "it follows from its parent, and has no spec"

    def _variable(self, element: Element, added: bool) -> list[Change] | str:
        dataset, _, name = element.name.partition(".")
        if dataset not in self.places.datasets:
            return f"{dataset} follows from its parent, and has no spec"
        if not added:
            return self._removed_rules(dataset, name, "variables", element)
        file, spec = self.places.datasets[dataset]
        rule = self._rules(dataset, "variables").get(name)
        if rule is None:
            return f"a convention derives {name} where the study has what it needs"
        one = not isinstance(spec.rows, tuple) and not spec.variables and spec.blocks[0].variables
        path = ("rows", "variables") if one else ("variables",)
        return [Change(file, path, name, rule, str(element), element=element)]

    def _removed_rules(self, dataset: str, name: str, under: str, element: Element) -> list[Change] | str:
        found = list(self.places.rules(dataset, name, under, removed=True))
        changes = [
            Change(file, path[:-1], path[-1], None, str(element), action=Action.REMOVE, element=element)
            for file, path in found
        ]
        if not changes:
            if under == "supplemental":
                return f"no rule of {name} is in the specs of the study: a step or a layer has it"
            file = self.places.datasets[dataset][0]
            return [Change(file, ("variables",), name, None, str(element), element=element)]
        file, spec = self.places.datasets[dataset]
        for number, value in enumerate(spec.values):
            if value.variable == name and under == "variables":
                changes.append(
                    Change(file, ("values",), number, None, str(element), action=Action.REMOVE, element=element)
                )
        return changes

    def _value(self, element: Element, added: bool) -> list[Change] | str:
        dataset, _, variable = element.name.partition(".")
        item = self.items[added][element]
        content = self.after if added else self.before
        parent = self.places.parent(dataset, variable)
        if parent:
            return self._qualifiers(parent, list(qnames(content, item)), element, added)
        if dataset not in self.places.datasets:
            return f"{dataset} follows from its parent, and has no spec"
        file = self.places.datasets[dataset][0]
        if added:
            return self._added_value(file, dataset, variable, element)
        found = list(self.places.of(element, content, item))
        if not found:
            return "the build defines it by itself from the records"
        return [
            Change(file, path[:-1], path[-1], None, str(element), action=Action.REMOVE, element=element)
            for file, path in found
        ]

    def _added_value(self, file: str, dataset: str, variable: str, element: Element) -> list[Change] | str:
        values = self._first_spec(dataset).get("values")
        for value in values if isinstance(values, list) else ():
            if not isinstance(value, dict) or value["variable"] != variable:
                continue
            if conditions_of(str(value["where"])) == element.part:
                return [Change(file, (), "values", value, str(element), action=Action.ADD_ITEM, element=element)]
        return "a spec has comparisons with texts and numbers of this dataset, joined by and"

    def _qualifiers(self, parent: str, names: list[str], element: Element, added: bool) -> list[Change] | str:
        if not added:
            found = [self._removed_rules(parent, n, "supplemental", element) for n in names]
            problems = [f for f in found if isinstance(f, str)]
            return problems[0] if problems else [c for f in found if not isinstance(f, str) for c in f]
        file = self.places.datasets[parent][0]
        rules = self._rules(parent, "supplemental")
        lacking = [n for n in names if n not in rules]
        if lacking or not names:
            return f"{', '.join(lacking) or 'its condition'} cannot be a supplemental qualifier of {parent}"
        return [Change(file, ("supplemental",), n, rules[n], str(element), element=element) for n in names]

    def _rules(self, name: str, under: str) -> dict[str, Tree]:
        """The rules of a dataset in the first spec that the specification gives. ``under``: variables, supplemental."""
        found = self._first_spec(name).get(under)
        return found if isinstance(found, dict) else {}

    def _first_spec(self, name: str) -> dict[str, Tree]:
        if name not in self._first:
            self._first[name] = self._first_dataset(name).spec()
        return self._first[name]

    def _first_dataset(self, name: str) -> FirstDataset:
        spec = self.places.datasets[name][1]
        planned = self.planned[name]
        bases = [b.from_ for b in spec.blocks if b.from_]
        return FirstDataset(
            content=self.after,
            name=name,
            kind=planned.kind,
            parts=[d for d in self.after.datasets if d.name == name],
            codelists=self.codelists,
            documents=self.documents,
            base=bases[0] if len(bases) == 1 else "",
            has_dm="DM" in self.planned,
            known={n: set(d.every) for n, d in self.planned.items()},
            planned=planned,
            qualifiers=[d for d in self.after.datasets if self.places.parent(d.name) == name],
        )

    # codelists and documents

    def _codelist(self, element: Element, added: bool) -> list[Change] | str:
        if added:
            name = self.places.lists[element.name]
            entry = self.codelists.entries[name]
            return [Change(_STUDY, ("codelists",), name, entry, str(element), element=element)]
        name = next((n for n, s in self.places.study.codelists.items() if s.label == element.name), "")
        return [
            Change(_STUDY, ("codelists",), name, None, str(element), action=Action.REMOVE, element=element)
        ]  # fmt: skip

    def _term(self, element: Element, added: bool) -> list[Change] | str:
        key = next((n for n, s in self.places.study.codelists.items() if s.label == element.name), "")
        spec = self.places.study.codelists.get(key)
        if spec is None or spec.dictionary is not None:
            return self._published_term(element, added)
        path = ("codelists", key, "terms")
        about = str(element)
        if not added:
            if element.part not in spec.terms:
                return "it is a term of a published list, and the build lists the terms that occur"
            return [Change(_STUDY, path, element.part, None, about, action=Action.REMOVE, element=element)]
        return [Change(_STUDY, path, element.part, self._decode(element), about, element=element)]

    def _decode(self, element: Element) -> str:
        lists = (c for c in self.after.codelists.values() if c.name == element.name)
        return next((t.decode for c in lists for t in c.terms if t.value == element.part), "")

    def _published_term(self, element: Element, added: bool) -> list[Change] | str:
        content = self.after if added else self.before
        codelist = next(c for c in content.codelists.values() if c.name == element.name)
        base = published(codelist.code)
        if base is None:
            return "the build makes this list of the data"
        if not added or element.part in base.values:
            return "it is a term of a published list, and the build lists the terms that occur"
        if not base.extensible:
            return f"{base.name} is not extensible"
        if element.name in self._extended:  # the first added term wrote the entry with all of them
            return []
        self._extended.add(element.name)
        name = self.codelists.named(codelist, codelist.name)
        about = f"{CODELIST} {element.name}"
        changes = [Change(_STUDY, ("codelists",), name, self.codelists.entries[name], about, element=element)]
        for user, item in self.items[True].items():
            if item.codelist == codelist.oid:
                found = list(self.places.of(user, self.after, item))
                if not found and user.kind == VARIABLE:
                    return f"{user.name} has the list, and no rule in the specs of the study; write the list by hand"
                changes += [Change(f, p, "codelist", name, str(user), "from", element=element) for f, p in found]
        return changes

    def _document(self, element: Element, added: bool) -> list[Change] | str:
        if not added:
            name = next((n for n, d in self.places.study.documents.items() if d.file == element.name), "")
            if not name:
                return "a run writes it, and study.yaml does not have it"
            return [Change(_STUDY, ("documents",), name, None, str(element), action=Action.REMOVE, element=element)]
        name = self.places.documents.get(element.name)
        if name is None or name in self.places.study.documents:
            return "a spec names plain files beside define.xml, and each once"
        return [Change(_STUDY, ("documents",), name, self.documents.entries[name], str(element), element=element)]
