"""The codelists and dictionaries of an existing define.xml, for the variables that copy those of its datasets.

Not for reading the file (reading.py) nor for giving the lists to the copies (derived_lists.py).
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..engine.plan.codelists import union
from ..engine.tables.dataset import DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from ..mappings.facts import facts
from ..mappings.facts.terminology import Codelist, ExternalDictionary, Term
from .content import CodelistContent, DatasetContent, DefineContent, Item
from .decodes import written_out

#: CL.NY, and CL.NY.N-Y of another list of the name
_LIST_OID = re.compile(r"(?:CL\.)?([^.]+).*")
#: Visit Number (2): names of lists in a file are unique
_NUMBERED = re.compile(r"(.+) \([2-9]\d*\)")


def existing_lists(content: DefineContent) -> dict[str, DatasetMetadata]:
    """Dataset -> its variables and value-level definitions with their lists; nothing else of them is known."""
    lists = {oid: _codelist(found, content) for oid, found in content.codelists.items() if not found.dictionary}
    dictionaries = {oid: _dictionary(found) for oid, found in content.codelists.items() if found.dictionary}
    return {d.name: _dataset(d, content, lists, dictionaries) for d in content.datasets}


def _dataset(
    dataset: DatasetContent,
    content: DefineContent,
    lists: dict[str, Codelist],
    dictionaries: dict[str, ExternalDictionary],
) -> DatasetMetadata:
    names = {i.oid: i.name for i in dataset.items}
    values = [
        ValueLevel(
            item.name,
            where,
            codelist=lists.get(level.codelist),
            dictionary=dictionaries.get(level.codelist),
            label=level.label,
        )
        for item in dataset.items
        for level in content.value_lists.get(item.value_list, ())
        if (where := _where(level, content, names))
    ]
    variables = []
    for item in dataset.items:
        codelist, dictionary = lists.get(item.codelist), dictionaries.get(item.codelist)
        if not item.codelist:  # each definition may have a list in place of that of the variable
            found = [v.codelist for v in values if v.variable == item.name]
            codelist = union([c for c in found if c is not None], f"{dataset.name}.{item.name}") if all(found) else None
        variables.append(VariableMetadata(item.name, item.label, codelist=codelist, dictionary=dictionary))
    return DatasetMetadata(dataset.name, dataset.label, tuple(variables), (), values=tuple(values))


def _where(level: Item, content: DefineContent, names: dict[str, str]) -> tuple[RangeCheck, ...]:
    """The checks of a definition with one where clause on variables of its dataset; () for any other."""
    clause = content.where.get(level.where[0]) if len(level.where) == 1 else None
    checks = clause.checks if clause is not None else ()
    if not checks or any(c.item not in names for c in checks):
        return ()
    return tuple(RangeCheck(names[c.item], c.comparator, c.values) for c in checks)


def _dictionary(found: CodelistContent) -> ExternalDictionary:
    return ExternalDictionary(found.dictionary, found.dictionary_version, found.dictionary_href, found.name)


def _label(found: CodelistContent, content: DefineContent) -> str:
    """The name of a list, without the number that separates lists of one name."""
    numbered = _NUMBERED.fullmatch(found.name)
    return numbered[1] if numbered and any(c.name == numbered[1] for c in content.codelists.values()) else found.name


def _codelist(found: CodelistContent, content: DefineContent) -> Codelist:
    """A list with the terms of the file; a published one of terminology that ships has all its other terms too."""
    package = content.standards.get(found.standard)
    standard = (
        f"{package.publishing_set} CT {package.version}" if package is not None and package.publishing_set else ""
    )
    base = facts.codelist(found.code) if found.code else None
    terms = tuple(Term(t.value, t.code, "" if t.decode == t.value else t.decode) for t in found.terms)
    match = _LIST_OID.fullmatch(found.oid)
    name = match[1] if match is not None else found.oid
    if base is None or base.standard != standard:
        return Codelist(name, _label(found, content), terms, found.code, standard=standard)
    published = {t.value: t for t in base.terms}
    of_study = tuple(
        t for t in terms if t.value not in published or t.decode not in ("", written_out(published[t.value]))
    )
    rest = tuple(t for t in base.terms if t.value not in {t.value for t in of_study})
    label = found.name.removeprefix(f"{base.label} (").removesuffix(")") if found.name != base.label else base.label
    return replace(base, label=label, terms=rest + of_study)
