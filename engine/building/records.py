"""Builds the records of one block: its rows, joins, items, further columns, filter, cut-off and step.

The ledger gets the outcome of every raw row.

Not for the variables of the records: dataset_build.py stores them, run_rule.py runs their rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...errors import nearest
from ...mappings.binding.bind import place_of
from ...mappings.expressions.expression import parse
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.record_step import Step
from ...mappings.models.row_block import JoinSpec, RowBlock
from ..accounts.ledger import Undecided
from ..accounts.outcomes import RowOutcome
from ..columns import column as col
from ..columns import verbs
from ..columns.ties import Ranks, ties_of
from ..derivations.assign import From
from ..derivations.environment import Environment
from ..derivations.ordering import in_order, table_key
from ..derivations.step import record_step
from ..expressions.truth import TRUE, UNKNOWN
from ..expressions.unread_cells import EXCLUDED_ROW, FINDING_OF_KIND, excluded_row_message, unreadable_message
from ..plan.plan import PlannedVariable
from ..tables.rows import ColumnSources, Rows, node_of
from ..tables.table import IDENTIFIERS, LiteralTable, RawSlice, Table
from .reshape import reshape
from .run_rule import derive_column
from .split_cells import report_excluded
from .view import CutoffView, DatasetInBuild, JoinTie

#: column with the position that a record of a step had among the rows before it
_PLACE = ""


@dataclass(frozen=True)
class _UndecidedRows:
    """Rows of the base table for which the condition of a block is neither true nor false.

    ``unread``: a cell that it reads cannot be read. ``empty``: a cell that it reads is empty.
    """

    unread: np.ndarray
    empty: np.ndarray


def build_records(build: DatasetInBuild, number: int) -> Rows:
    """The records of a block; the ledger gets the outcome of each raw row."""
    block = build.blocks[number]
    if block.records:
        base = LiteralTable(build.planned.name, block.records)
    elif block.to_write:
        base = LiteralTable(build.planned.name, (), IDENTIFIERS)
    else:
        base = build.study.table(block.table, build, number)
    rows = Rows.of(base)
    cutoff = build.study.cutoff if build.planned.cut is not None else None
    if cutoff is not None and isinstance(base, RawSlice):
        rows = cutoff.rows_of_subjects(build, rows)
    for join in block.joins:
        rows = _join(build, rows, join, number)
    rows = reshape(Environment(build, rows, number, None, block), rows, block)
    rows = _further_columns(build, rows, number)
    undecided: _UndecidedRows | None = None
    if block.where is not None:
        env = Environment(build, rows, number, None, block)
        truth, undecided = _decided(env, block.where)
        if block.splits:
            report_excluded(env, rows, block, truth)
        rows = _narrow(build, rows, number, np.flatnonzero(truth))
    if cutoff is not None and isinstance(base, RawSlice):
        uncut, rows = rows, _cut(build, rows, number, cutoff)
        cutoff.account(build, base, uncut, rows)
    _account(build, base, rows, block, undecided)
    for step in block.steps:
        rows = _derived(build, rows, number, step)
    return rows


def _derived(build: DatasetInBuild, rows: Rows, number: int, step: Step) -> Rows:
    """The records that the step gives; columns that were built for the rows before it follow their records."""
    marked = rows.with_columns({_PLACE: col.series(np.arange(rows.n, dtype="float64"))})
    records = record_step(step).make(Environment(build, marked, number, None, step), marked)
    if _PLACE not in records.extra:  # records of no row before
        return records
    build.narrow(number, np.nan_to_num(records.column("", _PLACE).to_numpy(), nan=-1).astype("int64"))
    return records.without_column(_PLACE)


def _decided(env: Environment, where: str) -> tuple[np.ndarray, _UndecidedRows | None]:
    """(records where the condition of a block holds, the rows that it does not decide)."""
    truth, unread = env.truth(where, "where")
    unknown = truth == UNKNOWN
    if not unknown.any():
        env.note_unread(unread)
        return truth == TRUE, None
    blocked = np.zeros(env.n, dtype=bool)
    for part in unread:
        blocked |= part.rows & unknown
        env.note_cells(EXCLUDED_ROW, part, excluded_row_message(part), among=unknown)
        env.note_cells(FINDING_OF_KIND[part.kind], part, unreadable_message(part), among=~unknown)
    ids = env.rows.ids()
    return truth == TRUE, _UndecidedRows(unread=ids[blocked], empty=ids[unknown & ~blocked])


def _narrow(build: DatasetInBuild, rows: Rows, number: int, remaining: np.ndarray) -> Rows:
    """The records at the positions ``remaining``, and the columns that were built for them."""
    if len(remaining) == rows.n:
        return rows
    build.narrow(number, remaining)
    return rows.take(remaining)


def _cut(build: DatasetInBuild, rows: Rows, number: int, cutoff: CutoffView) -> Rows:
    """The records that remain after the data cut-off; the variables that decided it are not derived again."""
    with build.provisional(number, rows):
        remaining = cutoff.remaining(build, rows, number)
    if len(remaining) < rows.n:
        cutoff.trim(build, number, remaining)
    return _narrow(build, rows, number, remaining)


def _join(build: DatasetInBuild, rows: Rows, join: JoinSpec, number: int) -> Rows:
    """The rows with the matching rows of another table beside them."""
    table = build.study.table(join.table, build, number)
    env = Environment(build, rows, number, None, join)
    pairs = env.key_pairs(join.on, table)
    _refuse_unknown_columns(env, join, table, [column for _, column in pairs])
    keys = [env.column(name, "on") for name, _ in pairs]
    usable = _usable(env, join, table)
    match = verbs.match_rows(keys, [col.take(table.column(column), usable) for _, column in pairs], join.cardinality)
    matched = np.where(match.right < 0, -1, usable[np.maximum(match.right, 0)]) if len(usable) else match.right
    _report_keys(env, join, table, match, usable)
    if join.cardinality == "one-to-many":
        rows = rows.take(match.left)
    if isinstance(table, RawSlice):
        build.study.refer(table, matched)
    node = node_of(join.name, {*build.planned.every, *build.blocks[number].columns})
    if join.take is not None and join.cardinality != "one-to-many":
        codes, row_codes = verbs.key_codes(keys, [table.column(column) for _, column in pairs])
        groups = np.where(_at(usable, table.n), row_codes, -1)
        picked = np.full(int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1, -1, dtype="int64")
        has_row = (codes >= 0) & (matched >= 0)
        picked[codes[has_row]] = matched[has_row]
        at, ranked = f"row:{node}", ", ".join(join.order)
        for tie in ties_of(groups, picked, _join_keys(env, join, table)):
            build.note_join_tie(
                JoinTie(env=env, node=at, table=table, rows=matched, tie=tie, ranked=ranked, which=join.take)
            )
    return rows.with_node(node, table, matched)


def _refuse_unknown_columns(env: Environment, join: JoinSpec, table: Table, keys: Sequence[str]) -> None:
    """Refuse a key or a column of order: that the joined table does not have."""
    for field, names in (("on", keys), ("order", [n.lstrip("-") for n in join.order])):
        for name in names:
            if not table.has(name):
                raise env.error(f"{join.table} has no column '{name}'", field, nearest(name, table.names()))


def _report_keys(env: Environment, join: JoinSpec, table: Table, match: verbs.Match, usable: np.ndarray) -> None:
    """Findings about keys that are missing, or that occur again against the declared cardinality.

    ``usable``: the rows of the table that ``match`` numbers.
    """
    missing = f"the key of the join with {join.table} is missing: nothing was joined"
    env.report("R2A-JOIN-001", _at(match.missing_key, env.n), missing)
    again = f"the key occurs again, though the join with {join.table} is declared {join.cardinality}"
    if join.take is None and not (isinstance(table, RawSlice) and not table.first and not table.has_subject):
        of_table = Environment(env.build, Rows.of(table), env.block, None, None)
        repeated = _at(usable[match.repeated], table.n)
        of_table.report("R2A-JOIN-002", repeated, f"{again}; its first row was used")
    env.report("R2A-JOIN-002", _at(match.left_repeated, env.n), again)


def _usable(env: Environment, join: JoinSpec, table: Table) -> np.ndarray:
    """Positions of the rows of a joined table that may match, the one to take first."""
    usable = np.arange(table.n) if join.where is None else np.flatnonzero(env.condition_on(table, join.where))
    if join.take is None:
        return usable
    ordered = verbs.order_rows(_join_keys(env, join, table).keys)
    usable = ordered[_at(usable, table.n)[ordered]]
    return usable[::-1] if join.take == "last" else usable


def _join_keys(env: Environment, join: JoinSpec, table: Table) -> Ranks:
    """The ranks of the rows of a joined table along order:."""
    keys = [table_key(env, table, n.lstrip("-")) for n in join.order]
    return in_order(keys, [n.startswith("-") for n in join.order], join.take or "first")


def _at(positions: np.ndarray, n: int) -> np.ndarray:
    """True at these positions of ``n``."""
    where = np.zeros(n, dtype=bool)
    where[positions] = True
    return where


def _further_columns(build: DatasetInBuild, rows: Rows, number: int) -> Rows:
    for name, rule in build.blocks[number].columns.items():
        planned = PlannedVariable(name, name)
        planned = replace(planned, type=_type_of(Environment(build, rows, number, planned, rule), rule))
        built = derive_column(Environment(build, rows, number, planned, rule), rule)
        build.add_column(number, name, built)
        stated = built.origin if built.origin.type != "Collected" else None
        assert built.use is not None
        column_sources = {name: ColumnSources((), built.use.reads, True, stated)}
        cells = {name: built.cells} if built.cells is not None else {}
        rows = rows.with_columns({name: built.values}, None, column_sources, cells)
    return rows


def _type_of(env: Environment, rule: DerivationSpec) -> str:
    """The type of a further column: the one that its rule states; a copy of numbers is a number."""
    if rule.type is not None or not isinstance(rule, From):
        return rule.type or "text"
    return "float" if rule.copies_number(lambda name: col.is_number(env.column(name, "from"))) else "text"


def _account(build: DatasetInBuild, base: Table, rows: Rows, block: RowBlock, undecided: _UndecidedRows | None) -> None:
    """Note in the ledger what became of each row of the base table."""
    if not isinstance(base, RawSlice) or (build.of_no_subject and not build.study.first):
        return
    account = build.study.ledger.sources[base.name]
    ids = base.global_ids(rows.ids())
    account.mark(ids, RowOutcome.MAPPED)
    account.count_records(ids)
    without_record = ~_at(rows.ids(), base.n)
    if not without_record.any():
        return
    field = "where" if block.where is not None else "unpivot" if block.unpivot else "explode"
    place = place_of(block, field)
    if undecided is not None:
        unread, empty = (
            np.unique(base.global_ids(ids[without_record[ids]])) for ids in (undecided.unread, undecided.empty)
        )
        unknown = f"{place}: where: {block.where}: unknown, a cell that it reads"
        account.mark(unread, RowOutcome.EXCLUDED, f"{unknown} cannot be read")
        account.mark(empty, RowOutcome.EXCLUDED, f"{unknown} is empty")
        if len(empty):
            names = parse(block.where or "").names
            account.undecide(Undecided(build.planned.name, place, block.where or "", names), empty)
    reason = f"{place}: {field}: {block.where or 'no item is filled'}"
    account.mark(base.global_ids(np.flatnonzero(without_record)), RowOutcome.EXCLUDED, reason)
