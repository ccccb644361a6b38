"""The texts that a column or variable can hold, as far as the specs and, where they are at hand, the raw data tell.

A column that nothing is known of is open: no text is ruled out. Not for what is wrong with a spec (conditions.py,
terms.py, maps.py), nor for what a rule does with a cell (engine/, sdtm/, adam/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.derivations.assign import Compute, From, Value
from ..engine.derivations.cases import Case, Cases
from ..engine.derivations.cut import Cut
from ..engine.derivations.decode import Decode
from ..engine.derivations.from_other_records import First, Last, Lookup
from ..engine.derivations.sequence import Flag, FlagUpTo
from ..engine.derivations.totals import AnyRow
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.subjects.identity import IDENTITY_COLUMNS
from ..engine.tables.existing import ExistingDataset
from ..engine.tables.table import stripped
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.expressions.tree import Call, Literal, Name, Node
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import RowBlock
from ..sdtm.derivations.range_indicator import RangeIndicator
from ..sdtm.derivations.results import StandardResult
from ..sdtm.derivations.timing import Baseline, Epoch
from ..sdtm.derivations.visits import Visit
from ..sources.table import RawTable

_NUMBER = re.compile(r"\s*(<=?|>=?)?\s*[+-]?[0-9][0-9.,' ]*([eE][+-]?[0-9]+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Texts:
    """Texts that a column can hold. ``starts``: any text that begins so too; ``numbers``: any number too.

    ``seen``: they are those of the raw cells at hand; another export may hold others.
    """

    values: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    numbers: bool = False
    seen: bool = False

    def holds(self, text: str) -> bool:
        """Whether the column can hold this text; trailing blanks do not count."""
        text = text.rstrip(" ")
        return text in self.values or text.startswith(self.starts) or (self.numbers and bool(_NUMBER.fullmatch(text)))

    def any(self, test: Callable[[str], bool]) -> bool:
        """Whether one of the texts passes a test; true where not all texts are known."""
        return bool(self.starts) or self.numbers or any(test(t) for t in self.values)

    def mapped(self, change: Callable[[str], str]) -> Texts:
        starts = tuple(change(t) for t in self.starts)
        return Texts(frozenset(change(t) for t in self.values), starts, self.numbers, self.seen)


#: nothing is known: any text is possible
OPEN = None
#: different texts of a column beyond which it is free text, of which nothing is asked
MOST = 20_000


class RawCells:
    """The cells of the raw sources that are at hand, counted when they are asked for."""

    def __init__(self, tables: Mapping[str, RawTable]):
        self._frames = {n: t.frame for n, t in tables.items() if t.present}
        self._counted: dict[tuple[str, str], dict[str, int]] = {}

    def has(self, source: str, column: str) -> bool:
        return source in self._frames and column in self._frames[source].columns

    def of(self, source: str, column: str) -> Mapping[str, int]:
        """Text without blanks around it -> number of cells; none for free text or for no such column."""
        key = source, column
        if key not in self._counted:
            self._counted[key] = self._count(source, column) if self.has(source, column) else {}
        return self._counted[key]

    def _count(self, source: str, column: str) -> dict[str, int]:
        codes, texts = col.split_text(stripped(pd.Series(self._frames[source][column])))
        if len(texts) > MOST:
            return {}
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        return {str(t): int(n) for t, n in zip(texts, counts, strict=True) if n}


def together(parts: Iterable[Texts | None]) -> Texts | None:
    """What any of several columns can hold."""
    values: set[str] = set()
    starts: dict[str, None] = {}
    numbers, seen = False, False
    for part in parts:
        if part is None:
            return OPEN
        values |= part.values
        starts |= dict.fromkeys(part.starts)
        numbers |= part.numbers
        seen |= part.seen
    return Texts(frozenset(values), tuple(starts), numbers, seen)


def only(*texts: str) -> Texts:
    return Texts(frozenset(texts))


@dataclass
class KnownTexts:
    """The texts of a planned study's columns. ``data``: the raw cells; None where the raw data are not at hand.

    ``given``: SDTM that was made elsewhere, by domain. ``specs``: what the study's specs of these domains can give.
    """

    plan: PlannedStudy
    data: RawCells | None = None
    given: Mapping[str, ExistingDataset] = field(default_factory=dict)
    specs: KnownTexts | None = None
    _of: dict[tuple[str, str, int], Texts | None] = field(default_factory=dict)
    _tables: dict[tuple[str, str], Texts | None] = field(default_factory=dict)
    _open_now: int = 0

    def raw(self, source: str, column: str) -> Texts | None:
        """A raw column: its cells, and the codes that study.yaml declares for it."""
        cells = self.cells(source, column)
        if not any(cells):  # a column that is empty in this export says nothing of what it can hold
            return OPEN
        codes = self.plan.spec.sources[source].codes.get(column, ())
        return Texts(frozenset(cells) | frozenset(codes), seen=not codes)

    def cells(self, source: str, column: str) -> Mapping[str, int]:
        """The cells of a raw column: text to number; none where the raw data are not at hand."""
        return self.data.of(source, column) if self.data is not None else {}

    def raw_columns(self, name: str, dataset: PlannedDataset, number: int) -> list[tuple[str, str]] | None:
        """(source, column) of the raw columns that a name means in a block; None where it is anything else too."""
        block = dataset.spec.blocks[number]
        if self.data is None or name in block.columns or name in block.each or block.records:
            return None
        names = (name,)
        if name in block.splits:  # the parts of a cell, not a raw column
            return None
        if name in block.explode:
            names = block.exploded[name]
        elif block.unpivot and name == "RESULT":
            names = tuple(i.result for i in block.unpivot.values())
        elif name in ("ITEM", "UNIT") and (block.unpivot or block.explode):
            return None
        found = []
        for column in names:
            table, dot, rest = column.partition(".")
            joined = {j.name: j.source for j in block.joins if j.source}
            source = joined.get(table) if dot else block.source
            if source is None or not self.data.has(source, rest if dot else column):
                return None
            found.append((source, rest if dot else column))
        return found

    def table(self, table: str, column: str) -> Texts | None:
        """A column of a raw source or of a dataset, all its records."""
        key = table, column
        if key not in self._tables:
            found = self._whole(table, column)
            if self._open_now:
                return found  # of a rule that is worked out right now: not the last word
            self._tables[key] = found
        return self._tables[key]

    def _whole(self, table: str, column: str) -> Texts | None:
        if table in self.plan.spec.sources:
            return self.raw(table, column)
        if table in self.given:
            return self._of_given(self.given[table], column)
        planned = self.plan.datasets.get(table)
        if planned is None or column not in planned.every:
            return OPEN  # a dataset made elsewhere
        blocks = range(len(planned.spec.blocks))
        return together(self.variable(planned, column, b) for b in blocks)

    def _of_given(self, table: ExistingDataset, column: str) -> Texts | None:
        """A variable of SDTM that was made elsewhere: its texts, the terms planned for it, and what the specs give."""
        variable = next((v for v in table.dataset.metadata.variables if v.name == column), None)
        if variable is None or variable.is_numeric:
            return OPEN
        codes, texts = col.split_text(pd.Series(table.dataset.frame[column]))
        there = {str(t) for t in texts[np.unique(codes)]} if len(codes) else set()
        if not any(t.strip() for t in there) or len(there) > MOST:
            return OPEN
        levels = [level.codelist for level in table.dataset.metadata.values if level.variable == column]
        for codelist in (variable.codelist, *levels):
            there |= codelist.values if codelist is not None else frozenset()
        planned = self.specs.table(table.name, column) if self.specs is not None else OPEN
        found = Texts(frozenset(there), seen=True)
        return found if planned is None else together((found, planned))

    def variable(self, dataset: PlannedDataset, name: str, block: int) -> Texts | None:
        """A variable of a dataset in the records of one block."""
        key = dataset.name, name, block
        if key not in self._of:
            self._of[key] = OPEN  # while it is worked out: a rule that needs itself tells nothing
            planned = dataset.every[name]
            rule = planned.rule_in(block)
            self._open_now += 1
            self._of[key] = only("") if rule is None else self.rule(rule, dataset, planned, block)
            self._open_now -= 1
        return self._of[key]

    def column(self, name: str, dataset: PlannedDataset, number: int, items: bool = True) -> Texts | None:
        """What a name means in the rules of a block: see Environment.column.

        ``items`` False: below the columns that the block makes of its items, which may be called like a raw one.
        """
        block = dataset.spec.blocks[number]
        made = self._made(name, dataset, number, block) if items else _NOT_MADE
        if made is not _NOT_MADE:
            return made  # pyright: ignore[reportReturnType]
        if block.source is not None and self._has(block.source, name):
            return self.bare(block.source, name)
        if block.from_ is not None and self._has(block.from_, name):
            return self.table(block.from_, name)
        own = name.removeprefix(f"{dataset.name}.")
        if own in dataset.every:
            return self.variable(dataset, own, number)
        table, dot, rest = name.partition(".")
        for join in block.joins:
            if dot and table == join.name:
                return self.table(join.table, rest)
            if not dot and self._has(join.table, name):
                return self.bare(join.table, name)
        return self.table(table, rest) if dot else OPEN

    def bare(self, table: str, name: str) -> Texts | None:
        """A column of a table by its bare name: USUBJID and the like are the identity, whatever a file calls so."""
        source = self.plan.spec.sources.get(table)
        if source is not None and name in IDENTITY_COLUMNS and source.subject != "none":
            return OPEN
        return self.table(table, name)

    def _has(self, table: str, name: str) -> bool:
        if table in self.plan.spec.sources:
            return self.data is None or self.data.has(table, name)
        if table in self.given:
            return name in self.given[table].dataset.metadata.names
        planned = self.plan.datasets.get(table)
        return planned is None or name in planned.every

    def _made(self, name: str, dataset: PlannedDataset, number: int, block: RowBlock) -> Texts | object | None:
        """A column that the block itself makes; _NOT_MADE for any other."""
        if name in block.columns:
            return self.rule(block.columns[name], dataset, PlannedVariable(name, name), number)
        if name in block.explode:
            return together(self.column(c, dataset, number, items=False) for c in block.explode[name])
        if name == "ITEM" and block.explode:
            return Texts(frozenset(c for columns in block.explode.values() for c in columns))
        if name in block.each:
            return only(*block.each[name])
        if block.records:
            return Texts(frozenset(r.get(name, "") for r in block.records))
        if block.derive is not None and name in block.derive.columns():
            return OPEN
        if not block.unpivot:
            return _NOT_MADE
        if name == "ITEM":
            return Texts(frozenset(block.unpivot))
        items = block.unpivot.values()
        if name == "RESULT":
            return together(self.column(i.result, dataset, number, items=False) for i in items)
        if name == "UNIT":
            units = [only(i.unit) if isinstance(i.unit, str) else self._unit(i.unit, dataset, number) for i in items]
            return together(units)
        if any(name in i.columns for i in items):
            return Texts(frozenset(i.columns.get(name, "") for i in items))
        return _NOT_MADE

    def _unit(self, rule: DerivationSpec | None, dataset: PlannedDataset, number: int) -> Texts | None:
        return only("") if rule is None else self.rule(rule, dataset, PlannedVariable("UNIT", "UNIT"), number)

    def rule(
        self, rule: DerivationSpec, dataset: PlannedDataset, variable: PlannedVariable, number: int
    ) -> Texts | None:
        """What a rule can give."""
        if variable.is_numeric:
            return OPEN
        how = _RULES.get(type(rule))
        return how(self, rule, dataset, variable, number) if how is not None else OPEN

    def formula(self, node: Node, dataset: PlannedDataset, number: int) -> Texts | None:
        """What a part of a formula can give."""
        if isinstance(node, Literal):
            return only(str(node.value)) if isinstance(node.value, str) else OPEN
        if isinstance(node, Name):
            return self.column(node.name, dataset, number)
        if isinstance(node, Call) and node.function in CHANGES:
            inner = self.formula(node.arguments[0], dataset, number)
            return inner.mapped(CHANGES[node.function]) if inner is not None else OPEN
        if isinstance(node, Call) and node.function in ("if", "coalesce", "min", "max"):
            values = node.arguments[1:] if node.function == "if" else node.arguments
            return together(self.formula(a, dataset, number) for a in values)
        return OPEN


_NOT_MADE = object()
#: functions of one text that give one text
CHANGES: Mapping[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "strip": str.strip}


def _value(known: KnownTexts, rule: Value, *_: object) -> Texts | None:
    return only(rule.value)


def _from(
    known: KnownTexts, rule: From, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    inner = together(known.column(c, dataset, number) for c in rule.columns)
    codelist = variable.codelist
    listed = frozenset(codelist.values) if codelist is not None else frozenset[str]()
    targets = frozenset(rule.map.values()) | ({rule.default} if rule.default is not None else frozenset())
    # what the map and the codelist do not know is kept, but always with a finding
    complete = bool(rule.map) or (codelist is not None and not codelist.extensible)
    complete = complete and not (codelist is not None and codelist.trimmed)
    if inner is None:
        return Texts(listed | targets) if complete else OPEN
    table = codelist.lookup() if codelist is not None else {}
    folded = {k.strip().casefold(): v for k, v in rule.map.items()}

    def changed(text: str) -> str:
        text = text.upper() if rule.case == "upper" else text.lower() if rule.case == "lower" else text
        text = rule.prefix + text if rule.prefix and text else text
        key = text.strip().casefold()
        return rule.map.get(text, folded.get(key, text if text in listed else table.get(key, text)))

    seen = inner.seen and not complete
    return Texts(inner.mapped(changed).values | listed | targets, inner.starts, inner.numbers, seen)


def _cases(
    known: KnownTexts, rule: Cases, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    def of(case: Case) -> Texts | None:
        if case.value is not None:
            return only(case.value)
        if case.from_ is not None:
            return known.column(case.from_, dataset, number)
        return _formula(known, case.compute or "", dataset, number)

    return together(map(of, rule.cases))


def _compute(
    known: KnownTexts, rule: Compute, dataset: PlannedDataset, _: PlannedVariable, number: int
) -> Texts | None:
    return _formula(known, rule.compute, dataset, number)


def _formula(known: KnownTexts, text: str, dataset: PlannedDataset, number: int) -> Texts | None:
    try:
        return known.formula(parse(text).root, dataset, number)
    except ExpressionError:
        return OPEN


def _decode(
    known: KnownTexts, rule: Decode, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    coded = dataset.every.get(rule.decode)
    if coded is None or coded.codelist is None or coded.codelist.trimmed:
        return OPEN
    terms = {t.decode for t in coded.codelist.terms} | set(rule.map.values())
    for owner in (variable, coded):
        if owner.codelist is not None:
            if owner.codelist.trimmed:
                return OPEN
            terms |= owner.codelist.values | {t.decode for t in owner.codelist.terms if t.decode}
    return Texts(frozenset(terms))


def _taken(
    known: KnownTexts, rule: Lookup | First | Last, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    table, _, column = rule.target_column().partition(".")
    return known.table(table, column) if rule.as_ is None else OPEN


def _visit(
    known: KnownTexts, rule: Visit, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    visits = known.plan.spec.visits
    if not visits:
        return OPEN
    labels = {label.strip().casefold() for name, v in visits.items() for label in (name, *v.labels)}
    raw = known.column(rule.visit, dataset, number)
    others = {t.upper() for t in raw.values if t.strip().casefold() not in labels} if raw is not None else set()
    return Texts(frozenset({*visits, *others}), tuple(f"{n} " for n, v in visits.items() if v.unscheduled))


def _result(
    known: KnownTexts, rule: StandardResult, dataset: PlannedDataset, variable: PlannedVariable, number: int
) -> Texts | None:
    raw = known.column(rule.standard_result, dataset, number)
    listed = variable.codelist.values if variable.codelist is not None else frozenset[str]()
    if raw is None and not rule.map:
        return OPEN
    cells = raw.values if raw is not None else frozenset[str]()
    return Texts(frozenset(rule.map.values()) | cells | listed, (), numbers=True)


def _epoch(known: KnownTexts, *_: object) -> Texts | None:
    return Texts(frozenset(known.plan.spec.epochs))


def _cut(known: KnownTexts, rule: Cut, *_: object) -> Texts | None:
    return Texts(frozenset(rule.groups))


def _any(known: KnownTexts, rule: AnyRow, *_: object) -> Texts | None:
    return only(rule.yes, rule.no)


def _yes(known: KnownTexts, *_: object) -> Texts | None:
    return only("Y")


def _indicator(known: KnownTexts, *_: object) -> Texts | None:
    return only("LOW", "NORMAL", "HIGH", "ABNORMAL")


#: verb -> what its rule can give; any other verb is open
_RULES: Mapping[type[DerivationSpec], Callable[..., Texts | None]] = {
    Value: _value,
    From: _from,
    Cases: _cases,
    Compute: _compute,
    Decode: _decode,
    Lookup: _taken,
    First: _taken,
    Last: _taken,
    Visit: _visit,
    Epoch: _epoch,
    Cut: _cut,
    AnyRow: _any,
    Flag: _yes,
    FlagUpTo: _yes,
    Baseline: _yes,
    RangeIndicator: _indicator,
    StandardResult: _result,
}
