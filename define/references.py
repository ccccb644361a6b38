"""Do methods and predecessors name only what a reader finds: variables, qualifiers, datasets, and what they define.

It reads define.xml as a reviewer does, so it knows identifiers and no words. An identifier is a name in capital
letters outside of quotes. In a method it must be a variable or a dataset of the package, a name that the method
itself defines (the first word of one of its lines), or a word in capitals of a label. A reference is DATASET.VARIABLE,
or DATASET.VARIABLE where VARIABLE = 'VALUE', as of a supplemental qualifier. The texts themselves:
engine/building/methods.py. Not for the data (checks.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .xml_tree import parsed

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
_DEF = "{http://www.cdisc.org/ns/def/v2.1}"
_TEXT = f"{_ODM}Description/{_ODM}TranslatedText"

#: a text in quotes; an apostrophe behind a letter is none
_QUOTED = re.compile(r"(?<![A-Za-z0-9])'(?:[^']|'')*'(?![A-Za-z0-9])")
_NAME = re.compile(r"(?<![\w./-])([A-Z][A-Z0-9_]+)(?![\w/-]|\.\w)")
_OF_DATASET = re.compile(r"(?<![\w./-])([A-Z][A-Z0-9_]*)\.([A-Z][A-Z0-9_]*)(?!\w)")
_VALUE = re.compile(r"([A-Z][A-Z0-9_]*)\.([A-Z][A-Z0-9_]*) where ([A-Z][A-Z0-9_]*) = '([^']*)'")
_FIRST = re.compile(r"([A-Z][A-Z0-9_]*)\b(?!\.)")
_COPY = re.compile(r"([A-Z][A-Z0-9_]*) is ([A-Z][A-Z0-9_]*(?:\.[A-Z][A-Z0-9_]*)?)\.")
#: names of standards of texts, which are no variables
_STANDARDS = frozenset({"ISO", "UTC"})


@dataclass
class _Package:
    """What one or more define.xml have. ``values``: (dataset, variable) -> values of where clauses."""

    variables: dict[str, set[str]] = field(default_factory=dict)
    values: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    label_words: set[str] = field(default_factory=set)

    def add(self, root: Any) -> None:
        """Add the datasets of one define.xml."""
        names = {item.get("OID"): item.get("Name", "") for item in root.iter(f"{_ODM}ItemDef")}
        of_item: dict[str, tuple[str, str]] = {}
        for group in root.iter(f"{_ODM}ItemGroupDef"):
            dataset = group.get("Name", "")
            for ref in group.findall(f"{_ODM}ItemRef"):
                of_item[ref.get("ItemOID")] = (dataset, names.get(ref.get("ItemOID"), ""))
            self.variables[dataset] = {of_item[r.get("ItemOID")][1] for r in group.findall(f"{_ODM}ItemRef")}
        for check in root.iter(f"{_ODM}RangeCheck"):
            variable = of_item.get(check.get(f"{_DEF}ItemOID"))
            if variable is not None:
                self.values.setdefault(variable, set()).update(v.text or "" for v in check.iter(f"{_ODM}CheckValue"))
        for element in (*root.iter(f"{_ODM}ItemDef"), *root.iter(f"{_ODM}ItemGroupDef")):
            self.label_words |= set(re.findall(r"\w+", element.findtext(_TEXT) or ""))

    @property
    def names(self) -> set[str]:
        """All datasets and variables."""
        return set(self.variables).union(*self.variables.values())

    def missing(self, text: str) -> Iterator[str]:
        """The references of a text that lead nowhere."""
        for dataset, name, by, value in _VALUE.findall(text):
            if by in self.variables.get(dataset, ()) and value not in self.values.get((dataset, by), ()):
                yield f"{dataset}.{name} where {by} = '{value}'"
        for dataset, name in _OF_DATASET.findall(_QUOTED.sub("''", text)):
            if name not in self.variables.get(dataset, ()):
                yield f"{dataset}.{name}"


def reference_problems(xml: bytes, others: Iterable[bytes] = ()) -> list[str]:
    """The names in methods and predecessors of ``xml`` that lead nowhere, and methods that define a name by itself.

    ``others``: the further define.xml of the package, such as that of SDTM beside that of ADaM. Raises OutputError if
    one of them is not well-formed.
    """
    root = parsed(xml).getroot()
    package = _package(root, others)
    problems = [f"{oid}: {text}" for oid, text in _of_methods(root, package)]
    return problems + list(_predecessors(root, package))


def method_problems(xml: bytes, others: Iterable[bytes] = ()) -> list[tuple[str, str]]:
    """The problems of methods alone: (OID of the method, what is wrong). Raises as ``reference_problems``."""
    root = parsed(xml).getroot()
    return list(_of_methods(root, _package(root, others)))


def _package(root: Any, others: Iterable[bytes]) -> _Package:
    package = _Package()
    for one in (root, *(parsed(other).getroot() for other in others)):
        package.add(one)
    return package


def _of_methods(root: Any, package: _Package) -> Iterator[tuple[str, str]]:
    known = package.names | package.label_words | _STANDARDS
    datasets = _datasets_by_method(root)
    for method in root.iter(f"{_ODM}MethodDef"):
        oid, text = method.get("OID", ""), method.findtext(_TEXT) or ""
        for name in dict.fromkeys((*package.missing(text), *_unknown_names(text, known))):
            yield oid, f"{name} is no variable of the package, and the method does not define it"
        for name in _circular(text, datasets.get(oid, set())):
            yield oid, f"{name} is defined by itself"


def _unknown_names(text: str, known: Collection[str]) -> Iterator[str]:
    """The single names that are nothing that a reader can find: not ``known``, and no line defines them."""
    defined = {m.group(1) for line in text.splitlines() if (m := _FIRST.match(line.strip()))}
    yield from (name for name in _NAME.findall(_QUOTED.sub("''", text)) if name not in known and name not in defined)


def _circular(text: str, datasets: set[str]) -> Iterator[str]:
    """The names that a line defines by nothing but themselves, directly or through other lines."""
    copies: dict[str, set[str]] = {}
    for line in text.splitlines():
        found = _COPY.fullmatch(line.strip())
        if found:
            dataset, _, name = found.group(2).rpartition(".")
            if not dataset or dataset in datasets:
                copies.setdefault(found.group(1), set()).add(name)
    for name in copies:
        reached, waiting = set(), [name]
        while waiting:
            new = copies.get(waiting.pop(), set()) - reached
            reached |= new
            waiting += new
        if name in reached:
            yield name


def _datasets_by_method(root: Any) -> dict[str, set[str]]:
    """OID of a method -> the datasets that have a variable with it."""
    found: dict[str, set[str]] = {}
    for group in root.iter(f"{_ODM}ItemGroupDef"):
        for ref in group.findall(f"{_ODM}ItemRef"):
            found.setdefault(ref.get("MethodOID", ""), set()).add(group.get("Name", ""))
    return found


def _predecessors(root: Any, package: _Package) -> Iterator[str]:
    """The predecessors that lead nowhere, or to a variable of the same dataset."""
    items = {item.get("OID"): item for item in root.iter(f"{_ODM}ItemDef")}
    for group in root.iter(f"{_ODM}ItemGroupDef"):
        dataset = group.get("Name", "")
        for ref in group.findall(f"{_ODM}ItemRef"):
            item = items.get(ref.get("ItemOID"))
            if item is None:
                continue
            for origin in item.findall(f"{_DEF}Origin"):
                if origin.get("Type") != "Predecessor":
                    continue
                text = origin.findtext(_TEXT) or ""
                where = f"{dataset}.{item.get('Name')}: predecessor {text!r}"
                named = [d for d, _ in _OF_DATASET.findall(_QUOTED.sub("''", text))]
                missing = list(package.missing(text))
                if not named:
                    yield f"{where} is no DATASET.VARIABLE"
                elif missing:
                    yield f"{where}: {', '.join(missing)} is not in the package"
                elif dataset in named:
                    yield f"{where} is in the same dataset"
