"""The specs run over tables without rows: which raw columns each variable reads, before any data are there.

Not for the annotations that follow from it (annotations.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.building.partitions import open_ledger
from ..engine.building.study_build import StudyBuild
from ..engine.checks.name_check import OF_ITEMS
from ..engine.columns import column as col
from ..engine.derivations.derivation import derivation
from ..engine.plan.plan import PlannedDataset, PlannedStudy
from ..engine.standard import Tabulation, standard_of
from ..engine.subjects.identity import identifying_columns
from ..engine.tables.table import RawSlice, Table
from ..findings.table import Findings
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import RowBlock
from ..mappings.models.source import SourceSpec
from ..mappings.models.template import parse_template
from ..sdtm.supplemental import supplemental_dataset
from ..sources.read import empty_table
from ..sources.table import RawTable

_IDENTITY = ("USUBJID", "SUBJID", "SITEID", "STUDYID")


def run_without_rows(plan: PlannedStudy, tables: Mapping[str, RawTable]) -> StudyBuild:
    """The SDTM datasets of a plan, built over tables without rows.

    ``tables``: source -> its table; one that is not there gets the columns that the specs name. Raises SpecError for a
    mistake that only running rules shows.
    """
    tabulated = {n: d for n, d in plan.datasets.items() if isinstance(standard_of(d.kind), Tabulation)}
    plan = replace(plan, datasets=tabulated)
    names = {*plan.datasets, *plan.inputs, *plan.spec.sources}
    declared = _declared(plan)
    raw: dict[str, RawTable] = {}
    slices: dict[str, Table] = {}
    for name, source in plan.spec.sources.items():
        table = tables.get(name)
        known = table is not None and table.present and len(table.frame.columns) > 0
        identity = {n: col.constant("", 0) for n in _identity(plan, source)}
        if known and table is not None:
            raw[name] = _without_rows(table)
            slices[name] = RawSlice(raw[name], identity)
            continue
        raw[name] = replace(empty_table(name, table.path if table else Path(source.file), source.file), present=True)
        slices[name] = NamedSlice(raw[name], identity, declared, names)
    ledger = open_ledger(raw, {n: {k: col.constant("", 0) for k in _IDENTITY} for n in raw}, frozenset())[0]
    build = StudyBuild(plan, slices, ledger, Findings(), supplemental_dataset)
    for table in slices.values():
        if isinstance(table, NamedSlice):
            table.build = build
    _derive(build)
    return build


def _derive(build: StudyBuild) -> None:
    """Derive the variables whose rules may read a raw column, or copy a variable that does.

    A rule that sees all records of the dataset reads no raw column, and neither does one that a convention writes for
    variables.
    """
    if build.cutoff is not None:
        build.cutoff.cut_sources()
    for of_dataset in build.builds.values():
        planned = of_dataset.planned
        for block, spec in enumerate(planned.spec.blocks):
            known = _raw_names(build, spec)
            for name, variable in planned.every.items():
                rule = variable.rule_in(block)
                if rule is None or derivation(rule).whole or (variable.by_convention and rule.of_variables):
                    continue
                if known is None or _copies(rule) or _read_by(rule) & (known | planned.working.keys()):
                    of_dataset.value(name, block)


def _raw_names(build: StudyBuild, block: RowBlock) -> set[str] | None:
    """The names that can mean a raw column in a block, and those of sources; None if the columns are not known."""
    names = {*block.columns, *block.exploded, *block.each, *build.plan.spec.sources}
    if block.unpivot or block.explode:
        names |= {*OF_ITEMS, *(c for item in block.unpivot.values() for c in item.columns)}
    for table in (block.table, *(j.table for j in block.joins)):
        source = build.tables.get(table)
        if isinstance(source, NamedSlice):
            return None
        names |= set(source.names()) if isinstance(source, RawSlice) else set()
    return names


def _read_by(rule: DerivationSpec) -> set[str]:
    """The names that a rule reads, and the tables of those with one."""
    names = {name for _, name in rule.reads()}
    names |= {name for _, text in rule.conditions() for name in _names(text)}
    return names | {name.partition(".")[0] for name in names}


def _copies(rule: DerivationSpec) -> bool:
    declared = rule.origin.type if rule.origin is not None else derivation(rule).default_origin.type
    return declared == "Collected"


def tables_of(build: StudyBuild) -> dict[str, RawTable]:
    """Source -> its table; one that is not there has the columns that the specs have named."""
    return {n: t.raw for n, t in build.tables.items() if isinstance(t, RawSlice)}


def _identity(plan: PlannedStudy, source: SourceSpec) -> tuple[str, ...]:
    """The identity columns of a source; a split identifier has its parts too."""
    if source.subject == "none":
        return ()
    divided = next((s.as_ for s in (source.subject, plan.spec.subject) if s is not None and s.split and s.as_), None)
    return (*_IDENTITY, *(parse_template(divided).names if divided else ()))


class NamedSlice(RawSlice):
    """A source whose file is not there: it has the columns that study.yaml declares, and those that rules ask for.

    A name that is a variable of the dataset, or a column of a joined source, is a column only if the specs say so.
    ``declared``: source -> columns that the specs name; ``tables``: all tables; ``build``: the build that reads it.
    """

    def __init__(
        self,
        raw: RawTable,
        identity: dict[str, pd.Series],
        declared: Mapping[str, Collection[str]],
        tables: Collection[str],
    ):
        super().__init__(raw, identity)
        self.declared, self.tables = declared, tables
        self.build: StudyBuild | None = None
        for column in declared[raw.name]:
            self._add(column)

    def has(self, name: str) -> bool:
        if super().has(name):
            return True
        if name.partition(".")[0] in self.tables or self._another(name):
            return False
        self._add(name)
        return True

    def _another(self, name: str) -> bool:
        """Whether a name is a variable of the dataset that is built, or a column of a source that it joins to this.

        Between two datasets nothing asks for a further column.
        """
        reader = self.build.plan.datasets.get(self.build.built_now[0]) if self.build is not None else None
        if reader is None:
            return True
        joined = {j.table for block in reader.spec.blocks if block.table == self.name for j in block.joins}
        return name in reader.every or any(name in self.declared.get(table, ()) for table in joined)

    def _add(self, name: str) -> None:
        if name not in self.raw.frame.columns:
            self.raw.frame[name] = col.constant("", 0)
            self._names.append(name)


def _without_rows(table: RawTable) -> RawTable:
    none = np.zeros(0, "int32")
    return replace(table, frame=table.frame.iloc[:0], record=none, line=none.copy(), left_out=None)


def _declared(plan: PlannedStudy) -> dict[str, dict[str, None]]:
    """Source -> the columns that the specs name for it alone, in order."""
    spec = plan.spec
    out = {n: dict.fromkeys(_of_source(plan, s)) for n, s in spec.sources.items()}
    by = [spec.dates.by, spec.numbers.by, spec.subject.country, spec.translations and spec.translations.by]
    by += [d.by for s in spec.sources.values() for d in (s.dates, s.numbers) if d is not None]
    named = [text.partition(".")[::2] for text in by if text]
    named += [(v.source, column) for v in spec.visit_dates for column in (v.visit, v.date)]
    if (joined := spec.subject.continues) is not None:
        named += [(joined.source, c) for c in (*joined.columns, *_names(joined.primary))]
    named += [pair for d in plan.datasets.values() for block in d.spec.blocks for pair in _of_joins(block)]
    for source, column in named:
        if source in out and column:
            out[source][column] = None
    for source, column, joined in [found for d in plan.datasets.values() for found in _of_their_names(d)]:
        if source in out and not any(column in out.get(table, ()) for table in joined):
            out[source][column] = None
    return out


def _of_joins(block: RowBlock) -> Iterator[tuple[str, str]]:
    """(source, column) of the keys, orders and conditions of joins."""
    for join in block.joins:
        pairs = join.on.items() if isinstance(join.on, dict) else [(n, n) for n in join.on]
        for name, other in pairs:
            if (name, other) != ("USUBJID", "USUBJID"):
                yield from ((block.table, name), (join.table, other))
        yield from ((join.table, n.lstrip("-")) for n in join.order)
        yield from ((join.table, n) for n in _names(join.where) if "." not in n)


def _of_their_names(dataset: PlannedDataset) -> Iterator[tuple[str, str, list[str]]]:
    """(source, column, joined tables) of columns with the name of the variable that reads them, as SEX: SEX."""
    for number, block in enumerate(dataset.spec.blocks):
        for name, variable in dataset.every.items():
            rule = variable.rule_in(number)
            if rule is None or name in _IDENTITY:
                continue
            if any(read == name for _, read in rule.reads()):
                yield block.table, name, [j.table for j in block.joins]


def _of_source(plan: PlannedStudy, source: SourceSpec) -> list[str]:
    dates, numbers = source.dates, source.numbers
    conditions = (*source.required.values(), *source.empty.values())
    return [
        *(identifying_columns(source, plan.spec) if source.subject != "none" else ()),
        *source.key, *source.person, *source.required, *source.empty, *source.codes, *source.plausible, *source.items,
        *source.types, *source.not_submitted, *source.cell_readers, *source.parts, *source.cutoff_columns,
        *(dates.columns if dates is not None else ()), *(numbers.columns if numbers is not None else ()),
        *(name for text in conditions for name in _names(text)),
    ]  # fmt: skip


def _names(condition: str | None) -> list[str]:
    """The names in a condition, in order; a condition that cannot be read is reported elsewhere."""
    try:
        return sorted(parse(condition).names) if condition else []
    except ExpressionError:
        return []
