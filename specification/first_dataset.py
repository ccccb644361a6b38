"""The spec of one dataset from its definition in a define.xml: what is known of each rule, and its metadata.

A rule is known where the standard's conventions have it (study days, decodes) and where a variable copies another one.
Every other rule is ``to_write``. Metadata that the standard has too are left out: ``planned`` is the dataset as it is
planned without them. Not for the files of the study (first_study.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..define.content import Comment, DatasetContent, DefineContent, Item, ItemOrigin
from ..engine.plan.plan import PlannedDataset, PlannedVariable
from ..mappings.facts.facts import sdtm_dataset
from .first_codelists import FirstCodelists, FirstDocuments
from .first_conditions import condition
from .predecessors import OLD_ORIGINS, known_of, predecessor_of, qnames
from .yaml_text import Tree

_ORIGINS = ("Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol")
_SOURCES = ("Investigator", "Sponsor", "Subject", "Vendor")
_DAYS = {"STDY": "STDTC", "ENDY": "ENDTC", "DY": "DTC"}
#: variables that the conventions of ADaM derive
_SEQUENCE = "ASEQ"
_ADAM_CONVENTIONS = frozenset({"STUDYID", "USUBJID", _SEQUENCE})
#: variables that the conventions of SDTM derive
CONVENTIONS = frozenset({"STUDYID", "DOMAIN", "USUBJID"})


@dataclass
class FirstDataset:
    """Writes the spec of one dataset. ``parts``: the definitions of its parts, if it is divided into several.

    ``minimal``: without the metadata that the standard may have.

    ``base``: the dataset whose records are the records, '' if that is not known. ``known``: dataset of the study, or
    domain of SDTMIG -> its variables and qualifiers. ``notes``: what has no place in a spec.
    """

    content: DefineContent
    name: str
    kind: str  # sdtm | adam
    parts: list[DatasetContent]
    codelists: FirstCodelists
    documents: FirstDocuments
    base: str = ""
    has_dm: bool = False
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    minimal: bool = False
    planned: PlannedDataset | None = None
    qualifiers: list[DatasetContent] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.items: dict[str, Item] = {}
        for part in self.parts:
            for item in part.items:
                self.items.setdefault(item.name, item)
        self.by_oid = {i.oid: (d.name, i) for d in self.content.datasets for i in d.items}
        for dataset in self.qualifiers:
            if not any(self.content.value_lists.get(i.value_list) for i in dataset.items if i.name == "QVAL"):
                self.notes.append(f"{dataset.name}: QVAL has no value level, so its qualifiers are not known")
        self.by_oid |= {i.oid: (self.name, i) for part in self.parts for i in part.items}

    def spec(self) -> dict[str, Tree]:
        """The file of the dataset."""
        first, planned = self.parts[0], self.planned
        found: dict[str, Tree] = {"dataset": self.name}
        of_custom_domain = bool(self.observation_class) and self.kind == "sdtm"
        if of_custom_domain or (not self.minimal and (planned is None or first.label != planned.label)):
            found["label"] = first.label
        if self.observation_class:
            found["class"] = self.observation_class
        if planned is not None and first.structure and first.structure != planned.structure:
            found["structure"] = first.structure
        comment = self._comment(first.comment)
        if comment:
            found["comment"] = comment
        found["rows"] = {"from": self.base} if self.base else {"to_write": first.structure or "the records"}
        keys = self._keys()
        if keys and planned is not None and keys != list(planned.keys):
            found["keys"] = [*keys]
        found["variables"] = variables = self._variables()
        supplemental = {n: rule for n, rule in self._supplemental() if n not in variables}
        if supplemental:
            found["supplemental"] = supplemental
        values = [] if self.minimal else list(self._values())
        if values:
            found["values"] = values
        return {k: v for k, v in found.items() if v not in ("", {}, [])}

    @property
    def observation_class(self) -> str:
        """The key class:, which custom domains and ADaM datasets need."""
        return ""

    def _keys(self) -> list[str]:
        keyed = {int(i.key): i.name for i in self.parts[0].items if i.key.isdigit()}
        return [keyed[n] for n in sorted(keyed)]

    def _variables(self) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        facts = sdtm_dataset(self.name) if self.kind == "sdtm" else None
        for name, item in self.items.items():
            rule = self._rule(item)
            if rule is not None:
                found[name] = rule
        for planned in self.planned.variables.values() if self.planned is not None else ():
            automatic = planned.by_convention and planned.core != "Req"
            if planned.name not in self.items and automatic and planned.name not in CONVENTIONS:
                found[planned.name] = None
        if facts is not None:  # a variable of the guide is no qualifier
            listed = {n: rule for n, rule in self._supplemental() if facts.variable(n) is not None}
            found |= {n: rule for n, rule in listed.items() if n not in found}
        for variable in facts.variables if facts is not None else ():
            if variable.core == "Req" and variable.name not in self.items and variable.name not in CONVENTIONS:
                found[variable.name] = {"to_write": "SDTMIG requires it, and define.xml does not have it"}
        return found

    def _rule(self, item: Item) -> Tree | None:
        """The rule of a variable; None if a convention has it and define.xml adds nothing that a spec can have."""
        verb = self._verb(item)
        if verb is None or self.minimal:
            return verb
        attributes = self._attributes(item, self.planned.variables.get(item.name) if self.planned else None)
        one_origin = predecessor_of(item) is not None and len(item.origins) == 1
        if set(verb) == {"from"} and self.kind == "adam" and one_origin:
            attributes.pop("origin", None)  # a copy has the origin that it copies
            if not attributes:
                return verb["from"]
        return {**verb, **attributes}

    def _verb(self, item: Item) -> dict[str, Tree] | None:
        return self._adam_verb(item) if self.kind == "adam" else self._sdtm_verb(item)

    def _sdtm_verb(self, item: Item) -> dict[str, Tree] | None:
        name, prefix = item.name, self.name[:2]
        if name == "STUDYID":
            return {"value": self.content.study}
        if name == "DOMAIN":
            return {"value": self.name}
        if name == "USUBJID" or (self.name == "DM" and name in ("SUBJID", "SITEID")):
            return {"from": name}
        if name == f"{prefix}SEQ":
            return None
        if name == f"{prefix}TEST" and f"{prefix}TESTCD" in self.items:
            return {"decode": f"{prefix}TESTCD"}
        date = _DAYS.get(name.removeprefix(prefix))
        if date and f"{prefix}{date}" in self.items and self.has_dm:
            return {"study_day": f"{prefix}{date}"}
        return {"to_write": known_of(item)}

    def _adam_verb(self, item: Item) -> dict[str, Tree] | None:
        copied = predecessor_of(item)
        if item.name in _ADAM_CONVENTIONS and (self.base or item.name == _SEQUENCE):
            return None if copied is not None or item.name == _SEQUENCE else {"from": item.name}
        if copied is None or not self.base or copied[1] not in self.known.get(copied[0], ()):
            return {"to_write": known_of(item)}
        if copied[0] == self.base:
            return {"from": copied[1]}
        if copied[0] == "ADSL" and self.name != "ADSL":
            return {"from": ".".join(copied)}
        return {"to_write": known_of(item)}

    def _attributes(self, item: Item, planned: PlannedVariable | None) -> dict[str, Tree]:
        """The metadata of a variable that differ from those of its standard."""
        found: dict[str, Tree] = {}
        if item.label and (planned is None or item.label != planned.label):
            found["label"] = item.label
        if item.data_type and item.data_type != (planned.type if planned is not None else "text"):
            found["type"] = item.data_type
        if item.data_type == "text" and item.length.isdigit():
            found["length"] = item.length
        if item.digits.isdigit() and item.data_type == "float":
            found["digits"] = item.digits
        if item.format and (planned is None or item.format != planned.format):
            found["format"] = item.format
        listed = self.codelists.name(self.content, item.codelist)
        usual = planned.codelist if planned is not None else None
        if listed and (usual is None or listed not in (usual.code, usual.name)):
            found["codelist"] = listed
        if not listed and usual is not None and usual.dictionary is None:
            found["codelist"] = "none"
        return found | self._explained(item, formal=True)

    def _explained(self, item: Item, *, formal: bool = False) -> dict[str, Tree]:
        """Origin, method and comment of a variable or a value-level definition. ``formal``: of a variable's rule."""
        found: dict[str, Tree] = {}
        if item.origins:
            found["origin"] = self._origins(item.origins)
        method = self.content.methods.get(item.method)
        if method is not None and method.text:
            found["method"] = method.text
        if method is not None and method.expressions and method.text and formal:
            found["formal"] = {context or "not stated": code for context, code in method.expressions}
        if method is not None and (method.documents or (method.expressions and not formal)):
            what = "documents" if method.documents else "formal expressions"
            self.notes.append(f"{self.name}.{item.name}: a method of a spec has no {what} here")
        comment = self._comment(item.comment)
        if comment:
            found["comment"] = comment
        return found

    def _origins(self, origins: Sequence[ItemOrigin]) -> Tree:
        first, *further = map(self._origin, origins)
        return {**first, "further": further} if further else first

    def _origin(self, origin: ItemOrigin) -> dict[str, Tree]:
        kind, source = OLD_ORIGINS.get(origin.type.upper(), (origin.type, origin.source))
        found: dict[str, Tree] = {"type": kind if kind in _ORIGINS else "Other"}
        if source in _SOURCES:
            found["source"] = source
        text = origin.text or ("" if kind in _ORIGINS else origin.type)
        if text:
            found["description"] = text
        return found | self.documents.of(self.content, origin.documents)

    def _comment(self, oid: str) -> Tree:
        comment = self.content.comments.get(oid, Comment(oid=""))
        if not comment.text.strip():
            return ""
        document = self.documents.of(self.content, comment.documents)
        return {"text": comment.text, **document} if document else comment.text

    def _supplemental(self) -> Iterator[tuple[str, Tree]]:
        """The qualifiers of the SUPP-- datasets of this one, from the value level of QVAL."""
        for dataset in self.qualifiers:
            values = next((i.value_list for i in dataset.items if i.name == "QVAL"), "")
            listed = self.content.value_lists.get(values, ())
            for item in listed:
                for name in qnames(self.content, item):
                    attributes = self._attributes(item, None)
                    attributes.setdefault("label", name)
                    yield name, {"to_write": known_of(item), **attributes}

    def _values(self) -> Iterator[Tree]:
        """The value-level definitions."""
        for name, item in self.items.items():
            for value in self.content.value_lists.get(item.value_list, ()):
                for oid in value.where:
                    clause = self.content.where.get(oid)
                    where = condition(clause, self.name, self.by_oid) if clause is not None else ""
                    if not where:
                        self.notes.append(f"{self.name}.{name}: a spec cannot express the where clause {oid}")
                        continue
                    yield {"where": where, "variable": name} | self._value(item, value)

    def _value(self, item: Item, value: Item) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        if value.label and value.label != item.label:
            found["label"] = value.label
        if value.data_type not in ("", "text"):
            found["type"] = value.data_type
        if value.digits.isdigit():
            found["digits"] = value.digits
        if value.format:
            found["format"] = value.format
        listed = self.codelists.name(self.content, value.codelist)
        if listed:
            found["codelist"] = listed
        return found | self._explained(value)
