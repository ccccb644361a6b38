"""The kind of each raw column: identifier, date, time, result, number, code, text; and the texts that the study knows.

From the specs where a rule reads the column, else from the cells themselves. Not for checking anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...engine.derivations.assign import From
from ...engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ...engine.tables.dataset import NUMERIC_TYPES
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.row_block import RowBlock
from ...sdtm.derivations.dates import Date
from ...sdtm.derivations.standardise import ResultRule
from ...sources.table import RawTable
from .declared import DeclaredNumbers, RawDeclarations
from .rules import RawColumn, matching

#: a number as people write it: one decimal mark, comma or point
PLAIN_NUMBER = r"^\s*[+-]?[0-9]+(?:[.,][0-9]+)?\s*$"
#: a possible number with marks between its groups of three digits
DIGITS_AND_MARKS = r"^\s*[+-]?[0-9][0-9.,' \x{00a0}\x{2009}\x{202f}]*\s*$"
#: share of the filled rows of a column that must be numbers for the rest to be slips
MOSTLY = 0.9
#: filled rows that a column has at least before its cells decide its kind
ENOUGH = 20


@dataclass
class Use:
    """The use of a raw column in rules. ``kinds``: date, time, result, number, code; ``known``: texts of maps.

    ``timed``: a rule reads its dates with the times of another column.
    """

    kinds: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    formats: dict[tuple[str, ...], None] = field(default_factory=dict)  # of rules that declare formats
    timed: bool = False


def column_uses(plan: PlannedStudy, tables: Mapping[str, RawTable]) -> dict[tuple[str, str], Use]:
    """(source, column) -> how the study's rules read it."""
    uses: dict[tuple[str, str], Use] = {}
    for dataset in plan.datasets.values():
        for variable in dataset.every.values():
            for number, block in enumerate(dataset.spec.blocks):
                rule = variable.rule_in(number)
                if rule is not None:
                    _note(uses, tables, dataset, block, variable, rule)
        for block in dataset.spec.blocks:
            for name, rule in block.columns.items():
                _note(uses, tables, dataset, block, PlannedVariable(name, name), rule)
    for source, spec in plan.spec.sources.items():
        for name in spec.dates.columns if spec.dates is not None else ():
            uses.setdefault((source, name), Use()).kinds.add("date")
        for name in (*spec.items, *spec.plausible):
            uses.setdefault((source, name), Use()).kinds.add("number")
        for name, codes in spec.codes.items():
            use = uses.setdefault((source, name), Use())
            use.kinds.add("code")
            use.known |= {c.casefold() for c in codes}
    return uses


def _note(
    uses: dict[tuple[str, str], Use],
    tables: Mapping[str, RawTable],
    dataset: PlannedDataset,
    block: RowBlock,
    variable: PlannedVariable,
    rule: DerivationSpec,
) -> None:
    for role, name in rule.reads():
        place = source_column(name, dataset, block, tables)
        if place is None:
            continue
        use = uses.setdefault(place, Use())
        if isinstance(rule, Date):
            use.kinds.add("time" if role == "time" else "date")
            use.timed |= role == "date" and rule.time is not None
            if role == "date" and rule.formats:
                use.formats[rule.formats] = None
        elif rule.verb in ("visit", "visitnum"):
            use.kinds.add("code")
        elif isinstance(rule, ResultRule) and role == "standard_result":
            # numbers with a sign and some texts are results too; the rule that reads the results reports the others
            use.kinds.add("result")
            use.known |= {t.strip().casefold() for t in rule.map}
        elif isinstance(rule, From):
            use.known |= {t.strip().casefold() for t in rule.map}
            if variable.codelist is not None:
                use.known |= set(variable.codelist.lookup()) | {v.casefold() for v in variable.codelist.values}
            if variable.type in NUMERIC_TYPES and not rule.map:
                use.kinds.add("number")
            elif variable.codelist is not None or rule.map:
                use.kinds.add("code")


def source_column(
    name: str, dataset: PlannedDataset, block: RowBlock, tables: Mapping[str, RawTable]
) -> tuple[str, str] | None:
    """(source, column) of a name in a block's rules; None where it is no column of a raw file."""
    prefix, dot, rest = name.partition(".")
    if dot and prefix in tables:
        return (prefix, rest) if rest in tables[prefix].frame.columns else None
    if name in block.columns:
        return None
    if block.source in tables and name in tables[block.source].frame.columns:
        return block.source, name
    if name in dataset.every:
        return None
    for join in block.joins:
        if join.source in tables and name in tables[join.source].frame.columns:
            return join.source, name
    return None


def raw_columns(
    name: str,
    table: RawTable,
    uses: Mapping[tuple[str, str], Use],
    identifying: tuple[str, ...],
    declarations: RawDeclarations,
) -> dict[str, RawColumn]:
    """The columns of a table with their kinds, in the order of the file."""
    out = {}
    for label in map(str, table.frame.columns):
        use = uses.get((name, label), Use())
        kinds = {"identity"} if label in identifying else use.kinds
        column = RawColumn.of(table, label, known=frozenset(use.known))
        order = ("identity", "date", "time", "result", "number", "code")
        column.kind = next((k for k in order if k in kinds), "")
        if not column.kind or (column.kind == "code" and not use.known):
            numbers = mostly_numbers(column)
            if not numbers and mostly_numbers(column, pattern=DIGITS_AND_MARKS):
                numbers = mostly_numbers(column, declarations.numbers(column))
            column.kind = "number" if numbers else column.kind or "text"
        out[label] = column
    return out


def mostly_numbers(column: RawColumn, declared: DeclaredNumbers | None = None, pattern: str = PLAIN_NUMBER) -> bool:
    """Whether nearly all filled cells are numbers, as their source writes them or as people do."""
    read = np.zeros(len(column.texts), dtype=bool)
    if declared is not None:
        column, read = declared.column, ~np.isnan(declared.values)
    counts = column.counts
    filled = counts * np.array([bool(t) for t in column.bare()], dtype=bool)
    total = int(filled.sum())
    if total < ENOUGH:
        return False
    numbers = read | matching(column.texts, pattern)
    return float((filled * numbers).sum()) >= MOSTLY * total
