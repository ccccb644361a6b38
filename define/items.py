"""The variables of one define.xml, their value lists, where clauses and methods.

Not for codelists (``codelists``) nor for the datasets around them (``document``). OIDs consist of names only, so
the OID of a variable does not depend on other variables: IG.AE, IT.AE.AETERM, VL.LB.LBSTRESN, WC.LB.MCPROT,
MT.AE.AESTDY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..engine.tables.dataset import NUMERIC_TYPES, DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from ..errors import OutputError
from ..transport.oids import item_oid
from .codelists import (
    CodelistElement,
    CodelistTable,
    CodelistUse,
    as_codelist,
    has_code_beside,
    listed_by_value_level,
    tests_beside,
)
from .content import Check, Item, ItemOrigin, Method, WhereClause
from .documents import CommentTable, DocumentTable

_COMPARATORS = frozenset({"EQ", "NE", "IN", "NOTIN", "LT", "LE", "GT", "GE"})
_NOT_IN_OID = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_SUFFIX = 60
#: values of a condition in the name of a method
_SHOWN = 3
_NOT_AVAILABLE = "No data: the standard expects this variable, and the study does not have it."
_NO_VALUE = "No data: no record has a value."
_IMPUTED = re.compile(r"\bimput", re.IGNORECASE)

Described = TypeVar("Described", VariableMetadata, ValueLevel)


def value_level_name(value: ValueLevel, most: int | None = None) -> str:
    """The name of a value-level definition, ``LBSTRESN where LBTESTCD EQ MCPROT``: its key in DefineDataset.terms.

    ``most``: how many values of a check it has, for a name that is no key.
    """
    checks = (f"{c.variable} {c.comparator} {_values(c.values, most)}" for c in value.where)
    return f"{value.variable} where {' and '.join(checks)}"


def _values(values: Sequence[str], most: int | None) -> str:
    further = len(values) - most if most is not None else 0
    return ", ".join(values) if further <= 1 else f"{', '.join(values[:most])} and {further} more"


def codelist_use(spec: DatasetMetadata, item: VariableMetadata | ValueLevel) -> CodelistUse | None:
    """How a variable or a value-level definition uses its codelist; None when it has none."""
    data_type = item.type if item.type in NUMERIC_TYPES else "text"
    if item.dictionary is not None:
        return CodelistUse(as_codelist(item.dictionary), data_type)
    if item.codelist is None:
        return None
    if isinstance(item, ValueLevel):
        return CodelistUse(item.codelist, data_type)
    tests = tests_beside(item.name, {v.name: v.codelist for v in spec.variables})
    return CodelistUse(item.codelist, data_type, tests, has_code_beside(item.name, spec.names))


def add_codelists(table: CodelistTable, spec: DatasetMetadata, terms: Mapping[str, tuple[str, ...]]) -> None:
    """Add every codelist of a dataset and its values in the data to ``table``.

    ``terms``: variable, or ``value_level_name``, -> values. A value-level definition without values has those of its
    variable that are in its codelist.
    """
    by_value = listed_by_value_level(spec, terms)
    for variable in spec.variables:
        use = codelist_use(spec, variable)
        if use is not None and variable.name not in by_value:
            table.add(use, terms.get(variable.name, ()))
    for value in spec.values:
        use = codelist_use(spec, value)
        if use is not None:
            known = use.codelist.values
            of_variable = () if value.empty else [t for t in terms.get(value.variable, ()) if t in known]
            table.add(use, terms.get(value_level_name(value)) or of_variable)


@dataclass
class _Shared:
    """Texts that several items share: all have the OID of the first item with the text."""

    prefix: str
    oids: dict[str, str] = field(default_factory=dict)
    users: dict[str, list[str]] = field(default_factory=dict)

    def oid(self, text: str, item: str, name: str) -> str:
        if not text.strip():
            return ""
        self.users.setdefault(text, []).append(name)
        return self.oids.setdefault(text, f"{self.prefix}.{item}")


@dataclass
class ItemTable:
    """Collects the elements of all datasets, in the order of the calls.

    ``variables``: dataset -> names of its variables, for the whole document (a where clause may name another dataset).
    ``expressions``: the text of a method -> (context, code) of its formal expressions.
    """

    codelists: Mapping[CodelistUse, CodelistElement]
    variables: Mapping[str, frozenset[str]]
    documents: DocumentTable
    comments: CommentTable
    value_lists: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    where_clauses: dict[str, WhereClause] = field(default_factory=dict)
    expressions: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    _methods: _Shared = field(default_factory=lambda: _Shared("MT"))
    _clauses: dict[tuple[str, tuple[RangeCheck, ...]], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def of_dataset(self, spec: DatasetMetadata) -> tuple[Item, ...]:
        """The variables of a dataset; their value lists and where clauses are collected too.

        Raises OutputError if keys, value-level metadata or where clauses name a variable that the dataset lacks.
        """
        names = self.variables[spec.name]
        for key in spec.keys:
            if key not in names:
                raise OutputError(f"{spec.name}: key {key} is not one of its variables")
        for value in spec.values:
            if value.variable not in names:
                raise OutputError(f"{spec.name}: value-level metadata for {value.variable}, which it does not have")
        return tuple(self._variable(spec, v, order) for order, v in enumerate(spec.variables, start=1))

    def methods(self) -> dict[str, Method]:
        """The methods by OID. Type is Imputation if the sentence contains the word impute, else Computation."""
        found = {}
        for text, oid in self._methods.oids.items():
            names = list(dict.fromkeys(self._methods.users[text]))
            shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
            kind = "Imputation" if _IMPUTED.search(text) else "Computation"
            found[oid] = Method(
                oid=oid,
                name=f"Derivation of {shown}",
                type=kind,
                text=text,
                expressions=self.expressions.get(text, ()),
            )
        return found

    def _variable(self, spec: DatasetMetadata, v: VariableMetadata, order: int) -> Item:
        item = f"{spec.name}.{v.name}"
        values = [value for value in spec.values if value.variable == v.name]
        # in ADaM, core Req requires the variable, and its values depend on the data
        absent = v.empty and v.origin.type == "Not Available"  # not collected, for the reason of its comment
        mandatory = v.core == "Req" and not (spec.purpose == "Analysis" and v.gaps) and not absent
        found = self._item(item_oid(spec.name, v.name), item, spec, _with_reason(v), v.label, v.shown_length)
        if values:
            self.value_lists[f"VL.{item}"] = tuple(
                self._value(spec, v, value, n) for n, value in enumerate(values, start=1)
            )
        return replace(
            found,
            order=str(order),
            mandatory=mandatory,
            key=str(spec.keys.index(v.name) + 1) if v.name in spec.keys else "",
            method=self._methods.oid(v.method, item, item),
            has_no_data=v.empty,
            role=v.role if spec.purpose == "Tabulation" else "",
            value_list=f"VL.{item}" if values else "",
        )

    def _value(self, spec: DatasetMetadata, v: VariableMetadata, value: ValueLevel, order: int) -> Item:
        if not value.where:
            raise OutputError(f"{spec.name}.{v.name}: value-level metadata without a where clause")
        suffix, place = _suffix(value.where), f"{spec.name}: {value_level_name(value)}"
        oid = self._unique(f"IT.{spec.name}.{v.name}.{suffix}")
        item = oid.removeprefix("IT.")
        # a definition without a length is at most as long as its variable
        found = self._item(oid, item, spec, _with_reason(value), value.label, value.length or v.shown_length)
        return replace(
            found,
            order=str(order),
            method=self._methods.oid(value.method, item, f"{spec.name}.{value_level_name(value, _SHOWN)}"),
            where=(
                self.where(spec.name, value.where, place, suffix),
                *(self.where(spec.name, clause, place) for clause in value.or_where),
            ),
            has_no_data=value.empty,
        )

    def _item(
        self, oid: str, item: str, spec: DatasetMetadata, v: VariableMetadata | ValueLevel, label: str, length: int
    ) -> Item:
        """What the definition of a variable and that of some of its values have in common."""
        use = codelist_use(spec, v)
        codelist = self.codelists.get(use) if use else None
        name = v.variable if isinstance(v, ValueLevel) else v.name
        has_length = v.type == "text" or v.type in NUMERIC_TYPES
        return Item(
            oid=oid,
            name=name,
            label=label,
            data_type=v.type,
            length=str(length) if has_length else "",
            digits=str(v.digits) if v.type == "float" and v.digits is not None else "",
            sas_name=name,
            format=v.format,
            comment=self.comments.oid(v.comment, item, v.comment_documents),
            codelist=codelist.oid if codelist else "",
            origins=tuple(
                ItemOrigin(origin.type, origin.source, origin.description, self.documents.references(origin.documents))
                for origin in (v.origin, *v.further_origins)
                if origin is not None and origin.type
            ),
        )

    def where(self, dataset: str, where: tuple[RangeCheck, ...], place: str, suffix: str = "") -> str:
        """The OID of a where clause on the records of a dataset. ``place``: what has it, for an error.

        Raises OutputError for a check that names no variable, comparator or value.
        """
        key = (dataset, where)
        if key not in self._clauses:
            self._clauses[key] = self._unique(f"WC.{dataset}.{suffix or _suffix(where)}")
            checks = tuple(self._check(dataset, check, place) for check in where)
            self.where_clauses[self._clauses[key]] = WhereClause(self._clauses[key], checks)
        return self._clauses[key]

    def _check(self, of_dataset: str, check: RangeCheck, place: str) -> Check:
        dataset, _, name = check.variable.rpartition(".")
        dataset = dataset or of_dataset
        if name not in self.variables.get(dataset, ()):
            raise OutputError(f"{place}: {check.variable} is not a variable of {dataset}")
        if check.comparator not in _COMPARATORS or not check.values:
            raise OutputError(f"{place}: expected one of {', '.join(sorted(_COMPARATORS))} and at least one value")
        return Check(item_oid(dataset, name), check.comparator, check.values, "Soft")

    def _unique(self, oid: str) -> str:
        n, free = 1, oid
        while free in self._taken:
            n += 1
            free = f"{oid}.{n}"
        self._taken.add(free)
        return free


def _with_reason(v: Described) -> Described:
    """What has no data has a comment with the reason, as Define-XML wants with def:HasNoData."""
    if not v.empty:
        return v
    missing = v.origin is not None and v.origin.type == "Not Available"
    reason = _NOT_AVAILABLE if missing else _NO_VALUE
    return v if v.comment.endswith(reason) else replace(v, comment=f"{v.comment} {reason}".strip())


def _suffix(where: tuple[RangeCheck, ...]) -> str:
    values = (v if c.comparator in ("EQ", "IN") else f"{c.comparator}-{v}" for c in where for v in c.values)
    return _NOT_IN_OID.sub("-", ".".join(values).replace(".", "-"))[:_LONGEST_SUFFIX].strip("-") or "ALL"
