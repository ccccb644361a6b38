"""The names that the rules of each block of a study can read, with the type of each.

Not for checking the rules against them: check.py.
"""

from __future__ import annotations

import copy
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import cast

from ...mappings.binding.bind import place_of
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.record_step import StepRead
from ...mappings.models.row_block import RowBlock
from ..plan.plan import PlannedDataset, PlannedStudy
from ..subjects.identity import identifying_columns
from ..tables.dataset import NUMERIC_TYPES
from .name_check import OF_ITEMS

#: source -> name -> reason why its file does not have it; the name '' is any name
Unreadable = Mapping[str, Mapping[str, str]]
IDENTITY = ("USUBJID", "SUBJID", "SITEID", "STUDYID")


class StudyNames:
    """The columns of every table of a study, computed once for all blocks.

    ``headers``: source -> column names, None without raw data.
    """

    def __init__(self, plan: PlannedStudy, headers: Mapping[str, list[str]] | None, unreadable: Unreadable):
        self.plan, self.headers, self.unreadable = plan, headers, unreadable
        self._known = {kind: plan.known_to(kind) for kind in {d.kind for d in plan.datasets.values()}}
        self._columns: dict[str, dict[str, str]] = {}
        self._required: dict[str, set[str]] = {}
        self._qualified: dict[str, dict[str, str]] = {}

    def known(self, kind: str) -> Mapping[str, PlannedDataset]:
        """The datasets that rules of an SDTM or an ADaM dataset can read."""
        return self._known[kind]

    def columns(self, table: str) -> dict[str, str]:
        """Column -> 'text' or 'number' of a dataset or source. Raises KeyError for another name."""
        if table not in self._columns:
            planned = self.plan.datasets.get(table) or self.plan.inputs.get(table)
            if planned is not None:
                self._columns[table] = {n: _type(v.is_numeric) for n, v in planned.every.items()}
            elif table in self.plan.tables:
                stated = self.plan.tables[table]
                self._columns[table] = {n: _type(n in stated.numbers) for n in stated.columns}
            elif table in self.plan.spec.sources:
                names = (self.headers or {}).get(table, [])
                identity = () if self.plan.spec.sources[table].subject == "none" else IDENTITY
                self._columns[table] = dict.fromkeys((*names, *identity), "text")
            else:
                raise KeyError(table)
        return self._columns[table]

    def required(self, table: str) -> set[str]:
        """The variables of a dataset that its standard requires; none for a source."""
        if table not in self._required:
            planned = self.plan.datasets.get(table) or self.plan.inputs.get(table)
            variables = planned.variables.values() if planned is not None else ()
            self._required[table] = {v.name for v in variables if v.core == "Req"}
        return self._required[table]

    def qualified(self, kind: str) -> dict[str, str]:
        """TABLE.NAME -> 'text' or 'number' of all columns that rules of SDTM or ADaM datasets can read."""
        if kind not in self._qualified:
            tables = dict.fromkeys((*self._known[kind], *self.plan.spec.sources, *self.plan.tables))
            self._qualified[kind] = {f"{t}.{n}": type_ for t in tables for n, type_ in self.columns(t).items()}
        return self._qualified[kind]


class Names:
    """The names that rules of one block can read: name -> 'text' | 'number'.

    ``open``: the raw columns are not known, so any name may be one; ``absent``: sources without a known header.
    """

    def __init__(self, study: StudyNames, dataset: PlannedDataset, number: int):
        self.study = study
        #: of the dataset, for a rule that no spec has
        self.place = place_of(dataset.spec, "dataset")
        plan = study.plan
        self.open = False
        self.headers_follow = False
        self.absent: set[str] = set()
        #: for another table: variables that its standard requires; for the block: columns that study.yaml requires
        self.never_missing = _filled(plan, dataset.spec.blocks[number].source)
        #: names that a file does not have -> the reason; ``table.`` stands for any name of a table
        self.reasons: dict[str, str] = {}
        known = study.known(dataset.kind)
        self.datasets = set(known)
        variables = study.columns(dataset.name)
        self.qualified: Mapping[str, str] = study.qualified(dataset.kind)
        bare: dict[str, str] = {}
        more: dict[str, str] = {}  # qualified names of joins that have another name than their table
        block = dataset.spec.blocks[number]
        for join in reversed(block.joins):
            bare |= self._columns(join.table, join.name)
            if join.name != join.table and (join.table in self.datasets or join.table in plan.spec.sources):
                more |= {f"{join.name}.{n}": t for n, t in study.columns(join.table).items()}
        bare |= variables
        bare |= self._columns(block.table, block.table)
        bare |= dict.fromkeys(_of_records(block), "text")
        for name, rule in block.columns.items():
            types = ChainMap(more, bare, cast(dict[str, str], self.qualified))
            bare[name] = _type_of_column(rule, types)
        #: the names that the step can read: those of the rows before it, without the variables of the dataset
        of_table = known[block.table].every if block.table in known else {}
        self.before = {n: t for n, t in bare.items() if n not in variables or n in of_table}
        derived = [
            {n: variables.get(n, _type(c.type != "text")) for n, c in step.columns().items() if c.new or n in variables}
            for step in block.steps
        ]
        for columns in derived[:-1]:
            self.before |= columns
        for columns in derived:
            bare |= columns
        nodes = [(node, table or block.table) for step in block.steps for node, table in step.nodes().items()]
        for node, table in nodes:
            if table in self.datasets:
                more |= {f"{node}.{n}": t for n, t in study.columns(table).items()}
        more |= {n: t for n, t in bare.items() if "." in n}  # a name of a raw column may have a point
        if more:
            self.qualified = ChainMap(more, study.qualified(dataset.kind))
        self.types: Mapping[str, str] = ChainMap(bare, self.qualified)
        #: datasets and sources whose columns can be read
        self.tables = dict.fromkeys((dataset.name, *known, *plan.spec.sources, *plan.tables))
        for name in plan.spec.sources:
            if name not in self.datasets:
                self._note_source(name, name, bare=False)

    def of_step(self, read: StepRead) -> Names:
        """The names that a part of the block's step can read."""
        if not read.table:
            return self._only({**self.before, **read.further}, read.table in self.absent)
        columns = self.study.columns(read.table) if read.table in self.tables else {}
        return self._only({**read.further, **columns}, read.table in self.absent)

    def of_table(self, table: str) -> Names:
        """The names that a condition on the rows of another table can read: its columns, and others by subject."""
        found = self._only(self.study.columns(table) if table in self.tables else {}, table in self.absent)
        found.never_missing = self.study.required(table)
        return found

    def of_dataset(self, name: str) -> Names:
        """The names that a rule over all records of the dataset can read: its variables, and others by subject."""
        return self._only(self.study.columns(name), False)

    def _only(self, bare: Mapping[str, str], unknown: bool) -> Names:
        found = copy.copy(self)
        found.types = ChainMap(cast(dict[str, str], bare), cast(dict[str, str], self.qualified))
        found.open = unknown
        return found

    def _columns(self, table: str, name: str) -> Mapping[str, str]:
        """The columns of a table of the block; rules read them without its name. ``name``: its name in the block."""
        if table in self.study.plan.spec.sources and table not in self.datasets:
            self._note_source(table, name, bare=True)
        elif table not in self.datasets:
            self.open = True  # there is no such table: that is reported, and its columns are not
            self.absent.add(name or table)
            return {}
        return self.study.columns(table)

    def _note_source(self, source: str, name: str, *, bare: bool) -> None:
        """Note whether the columns of a source are known, and the reasons why its file does not have some of them."""
        headers = self.study.headers
        if headers is None or source not in headers:
            # no raw data yet, or an optional source that is not in this data cut
            self.open |= bare
            self.absent |= {source, name or source}
        for column, reason in self.study.unreadable.get(source, {}).items():
            self.reasons |= {f"{name or source}.{column}": reason} | ({column: reason} if bare else {})

    def reason_for_absence(self, name: str) -> str:
        """The reason why a raw file does not have a name, such as a name of several columns; '' without one."""
        return self.reasons.get(name) or self.reasons.get(name.partition(".")[0] + "." if "." in name else "", "")


def _filled(plan: PlannedStudy, source: str | None) -> set[str]:
    """Columns of a source that are filled in every row: those that identify the subject, and required ones."""
    spec = plan.spec.sources.get(source or "")
    if spec is None:
        return set()
    return {*identifying_columns(spec, plan.spec), *(c for c, when in spec.required.items() if not when.strip())}


def _of_records(block: RowBlock) -> Iterator[str]:
    """The names of the texts that a block adds to its rows, where it divides, repeats or declares them."""
    yield from block.explode
    yield from block.each
    for record in block.records:
        yield from record
    yield from IDENTITY if block.to_write else ()
    yield from OF_ITEMS if block.unpivot else ()
    yield from ("ITEM",) if block.explode else ()
    for item in block.unpivot.values():
        yield from item.columns


def _type_of_column(rule: DerivationSpec, types: Mapping[str, str]) -> str:
    """The type of a further column of a block: the one that its rule states, else the one of its values."""
    stated = rule.type or rule.gives()
    return _type(stated in NUMERIC_TYPES if stated else rule.copies_number(lambda name: types.get(name) == "number"))


def _type(numeric: bool) -> str:
    return "number" if numeric else "text"
