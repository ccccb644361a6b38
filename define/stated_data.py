"""A planned dataset with what a define.xml states of its data: lengths, digits, terms that occur, what has no value.

So specs that were read from a define.xml can be compared with it before there are data. Not for finished datasets
(document.py) nor for reading the file (reading.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from ..engine.standard import code_pairs
from ..engine.tables.dataset import DatasetMetadata, ValueLevel, VariableMetadata
from ..mappings.facts import facts
from .codelists import SHORT_LIST
from .content import CodelistContent, DatasetContent, DefineContent, Item
from .document import DefineDataset
from .items import value_level_name

#: variable, then (variable, comparator, values) of each check: what a value-level definition is for
_LevelKey = tuple[str, tuple[tuple[str, str, tuple[str, ...]], ...]]


def as_stated(planned: DefineDataset, content: DefineContent) -> DefineDataset:
    """The dataset with the facts that ``content`` has of it; unchanged where it has none."""
    dataset = next((d for d in content.datasets if d.name == planned.spec.name), None)
    if dataset is None:
        return planned
    items, spec = {i.name: i for i in dataset.items}, planned.spec
    levels = dict(_levels(dataset, content))
    variables = tuple(
        _listed(_variable(v, items[v.name]), items[v.name], content) if v.name in items else v for v in spec.variables
    )
    labels = {v.name: v.label for v in spec.variables}
    labelled = [replace(v, label=v.label or labels.get(v.variable, "")) for v in spec.values]
    values = tuple(
        _listed(_level(v, levels[key]), levels[key], content) if (key := _key(v)) in levels else v for v in labelled
    )
    terms = {n: t for n, i in items.items() if (t := _terms(i, content.codelists))}
    terms |= {
        value_level_name(v): t for v in values if (i := levels.get(_key(v))) and (t := _terms(i, content.codelists))
    }
    return replace(
        planned,
        spec=replace(spec, variables=variables, values=values, keys=_keys(spec.keys, items)),
        records=0 if dataset.has_no_data else planned.records,
        terms={**planned.terms, **terms},
        pairs=dict(_pairs(spec, items, content.codelists)),
    )


def _variable(variable: VariableMetadata, item: Item) -> VariableMetadata:
    length, digits = _number(item.length), _number(item.digits)
    found = replace(variable, empty=item.has_no_data, gaps=not item.mandatory)
    if not variable.is_numeric:
        return replace(found, length=length or variable.length)
    return replace(found, whole_digits=length - digits, digits=digits or variable.digits)


def _level(value: ValueLevel, item: Item) -> ValueLevel:
    digits = _number(item.digits) or value.digits
    return replace(value, length=_number(item.length) or value.length, digits=digits, empty=item.has_no_data)


_Described = TypeVar("_Described", VariableMetadata, ValueLevel)


def _listed(planned: _Described, item: Item, content: DefineContent) -> _Described:
    """A variable or a value-level definition with the part of its published list that ``content`` gives it.

    The part has the terms that occur. Beside another part its name has the terms or the test in brackets.
    """
    whole, stated = planned.codelist, content.codelists.get(item.codelist)
    published = facts.codelist(whole.code) if whole is not None and whole.code else None
    if whole is None or stated is None or published is None or stated.code != whole.code:
        return planned
    values = {t.value for t in stated.terms}
    terms = tuple(t for t in whole.terms if t.value in values)
    start = f"{published.label} ("
    written_whole = not whole.extensible and len(whole.terms) <= SHORT_LIST
    if len(terms) == len(whole.terms) or not (stated.name.startswith(start) or written_whole):
        return planned  # of any other list the terms that occur are written
    label = stated.name.removeprefix(start).removesuffix(")") if stated.name.startswith(start) else stated.name
    return replace(planned, codelist=replace(whole, label=label, terms=terms))


def _levels(dataset: DatasetContent, content: DefineContent) -> Iterator[tuple[_LevelKey, Item]]:
    names = {i.oid: i.name for i in dataset.items}
    for variable in dataset.items:
        for item in content.value_lists.get(variable.value_list, ()):
            for oid in item.where:
                checks = content.where[oid].checks if oid in content.where else ()
                yield (variable.name, tuple((names.get(c.item, c.item), c.comparator, c.values) for c in checks)), item


def _key(value: ValueLevel) -> _LevelKey:
    return value.variable, tuple((c.variable, c.comparator, c.values) for c in value.where)


def _keys(keys: tuple[str, ...], items: Mapping[str, Item]) -> tuple[str, ...]:
    """The keys without those that have no value in any record."""
    return tuple(k for k in keys if k not in items or items[k].key or not items[k].has_no_data)


def _terms(item: Item, codelists: Mapping[str, CodelistContent]) -> tuple[str, ...]:
    found = codelists.get(item.codelist)
    return tuple(t.value for t in found.terms) if found is not None else ()


def _pairs(
    spec: DatasetMetadata, items: Mapping[str, Item], codelists: Mapping[str, CodelistContent]
) -> Iterator[tuple[tuple[str, str], tuple[tuple[str, str], ...]]]:
    """The texts that the decodes of a codelist give the codes of a pair, as of QNAM and QLABEL."""
    for code, text in code_pairs(spec.names, spec.purpose):
        found = codelists.get(items[code].codelist) if code in items and text in items else None
        if found is not None and found.decoded:
            yield (code, text), tuple((t.value, t.decode) for t in found.terms)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
