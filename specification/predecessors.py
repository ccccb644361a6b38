"""Predecessors, qualifiers and known rules of the items of a define.xml, from which a first spec is written.

Not for the spec of a dataset (first_dataset.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..define.content import DatasetContent, DefineContent, Item, ItemOrigin

#: origins of Define-XML 2.0 -> type and source of 2.1
OLD_ORIGINS = {"CRF": ("Collected", "Investigator"), "EDT": ("Collected", "Vendor")}
#: the predecessor of a variable, as Define-XML 2.1 writes it
PREDECESSOR = re.compile(r"\s*([A-Z][A-Z0-9]{1,7})\.([A-Z][A-Z0-9_]{0,7})\s*", re.ASCII)
#: type of an origin -> what is known of the rule
_KNOWN = {
    "Collected": "the raw column of this collected value",
    "Derived": "the rule that method states",
    "Assigned": "the value that the sponsor assigns",
    "Protocol": "the value that the protocol has",
    "": "nothing, because define.xml states no origin",
}


def qualifiers_of(content: DefineContent, dataset: DatasetContent) -> Iterator[str]:
    """The names of the qualifiers that a SUPP-- dataset has, from the value level of QVAL."""
    for item in dataset.items:
        for value in content.value_lists.get(item.value_list, ()) if item.name == "QVAL" else ():
            yield from qnames(content, value)


def qnames(content: DefineContent, value: Item) -> Iterator[str]:
    """The values of QNAM that a definition of QVAL is for."""
    names = {i.oid for d in content.datasets for i in d.items if i.name == "QNAM"}
    for oid in value.where:
        clause = content.where.get(oid)
        for check in clause.checks if clause else ():
            if check.item in names and check.comparator in ("EQ", "IN"):
                yield from check.values


def predecessor_of(item: Item) -> tuple[str, str] | None:
    """(dataset, variable) that a variable copies, if define.xml names one."""
    for origin in item.origins[:1]:
        found = PREDECESSOR.fullmatch(origin.text) if origin.type == "Predecessor" else None
        if found is not None:
            return found[1], found[2]
    return None


def known_of(item: Item) -> str:
    """What a define.xml states of a rule that is to be written."""
    origin = item.origins[0] if item.origins else ItemOrigin("")
    kind = OLD_ORIGINS.get(origin.type.upper(), (origin.type, ""))[0]
    if kind == "Predecessor":
        return f"a copy of {origin.text}" if origin.text else "a copy of another variable"
    if kind == "Derived" and not item.method:
        return "a derivation that define.xml does not describe"
    return _KNOWN.get(kind, f"origin {origin.type}")


def copied_tables(items: Mapping[str, Item]) -> dict[str, int]:
    """Dataset -> how many variables copy one of it."""
    found: dict[str, int] = {}
    for item in items.values():
        copied = predecessor_of(item)
        if copied is not None:
            found[copied[0]] = found.get(copied[0], 0) + 1
    return found
