"""Runs one partition of a planned study: records first, then each variable when it is asked for.

Values are made on demand and kept, so DM.RFSTDTC may come from EX and EX.EXSTDY from DM.RFSTDTC: what counts is the
order of variables, not of datasets. A circle is an error that names its members. Not for partitions (partition.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import SpecError, SpecProblem, nearest
from ..mappings.binding import place_of
from ..mappings.model import JoinSpec, RowBlock
from ..mappings.rule import Rule
from . import columns as col
from . import verbs
from .assign import From, choose
from .dataset import OWN, SPEC, Dataset, DatasetSpec, Lineage, Origin, Reading, RuleUse, Variable
from .derivation import Derived, derivation
from .environment import Environment, subject_node
from .ledger import EXCLUDED, MAPPED
from .numbers import numeric_values
from .plan import PlannedDataset, PlannedVariable
from .rows import BASE, MadeOf, Rows
from .spread import ASSIGNED, DERIVED, spread
from .tables import LiteralTable, RawSlice, Table

if TYPE_CHECKING:
    from .study_build import StudyBuild


class OwnTable(Table):
    """A dataset while it is made, as a table; ``upto``: only the blocks before that one."""

    def __init__(self, build: DatasetBuild, upto: int | None = None):
        self.build, self.upto, self.name = build, upto, build.planned.name

    @property
    def n(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return sum(self.build.rows(b).n for b in self.build.block_range(self.upto))

    def names(self) -> list[str]:
        return list(self.build.planned.every)

    def column(self, name: str) -> pd.Series:
        return self.build.value(name, None, self.upto)


@dataclass
class Made:
    """A variable's values in one block, and how they came about."""

    values: pd.Series
    origin: Origin
    use: RuleUse | None = None
    picked: tuple[Table, np.ndarray] | None = None
    aside: dict[str, list[tuple[np.ndarray, str]]] = field(default_factory=dict)  # see Environment.set_aside
    node: str = ""  # column of Lineage.rows for the rows that were picked


@dataclass
class Finished:
    """A dataset of one partition in its final order, and the positions in the order of making that give it."""

    dataset: Dataset
    order: np.ndarray


class DatasetBuild:
    """One dataset of one partition while it is made."""

    def __init__(self, study: StudyBuild, planned: PlannedDataset):
        self.study, self.planned = study, planned
        self._rows: dict[int, Rows] = {}
        self._made: dict[tuple[str, int], Made] = {}
        self._whole: dict[str, Made] = {}
        self._extra: dict[tuple[str, int], Made] = {}  # columns of a block that are not submitted
        self._concat: dict[tuple[str, int | None], pd.Series] = {}
        self._provisional: int | None = None  # block whose records the data cut-off is just held against
        self.cut_subjects: dict[int, set[str]] = {}  # block -> subjects of the records that the cut-off took away

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.planned.file.blocks

    def block_range(self, upto: int | None = None) -> range:
        return range(len(self.blocks) if upto is None else upto)

    @property
    def of_no_subject(self) -> bool:
        """Whether no record has a subject: every partition can look them up, the first one writes them."""
        return "USUBJID" not in self.planned.variables

    # records

    def rows(self, number: int) -> Rows:
        if number not in self._rows:
            with self.study.making(f"the records of {self.planned.name}", self.planned.place):
                self._rows[number] = self._make_rows(number)
        return self._rows[number]

    def _make_rows(self, number: int) -> Rows:
        block = self.blocks[number]
        if block.records:
            base = LiteralTable(self.planned.name, block.records)
        else:
            base = self.study.table(block.table, self, number)
        rows = Rows.of(base)
        cutoff = self.study.cutoff if self.planned.cut is not None and isinstance(base, RawSlice) else None
        if cutoff is not None:
            rows = cutoff.rows_of_subjects(self, rows)
        for join in block.joins:
            rows = self._join(rows, join, number)
        spreading = Environment(self, rows, number, None, None)
        spreading.rule = _BlockRule(block)  # pyright: ignore[reportAttributeAccessIssue]
        rows = spread(spreading, rows, block)
        if block.columns:
            rows = self._extra_columns(rows, block, number)
        if block.where is not None:
            env = Environment(self, rows, number, None, None)
            env.rule = _BlockRule(block)  # pyright: ignore[reportAttributeAccessIssue]
            kept = env.condition(block.where, "where")
            if not kept.all():
                positions = np.flatnonzero(kept)
                rows = rows.take(positions)
                self._narrow(number, positions, self._extra)
        if cutoff is not None and isinstance(base, RawSlice):
            uncut, rows = rows, self._cut(rows, number)
            cutoff.account(self, base, uncut, rows)
        self._account(base, rows, block)
        return rows

    def _cut(self, rows: Rows, number: int) -> Rows:
        """The records that the data cut-off lets stay; what was made to decide it is kept for them."""
        cutoff = self.study.cutoff
        assert cutoff is not None
        self._rows[number], self._provisional = rows, number
        try:
            kept = cutoff.kept(self, rows, number)
        finally:
            del self._rows[number]
            self._provisional = None
        if len(kept) == rows.n:
            return rows
        self._narrow(number, kept, self._made)
        self._narrow(number, kept, self._extra)
        cutoff.trim(self, number, kept)
        return rows.take(kept)

    @staticmethod
    def _narrow(number: int, kept: np.ndarray, made_of: dict[tuple[str, int], Made]) -> None:
        """What was made for the records of a block, for those at ``kept`` only."""
        for key, made in made_of.items():
            if key[1] == number:
                picked = made.picked and (made.picked[0], made.picked[1][kept])
                aside = {name: [(where[kept], what) for where, what in told] for name, told in made.aside.items()}
                made_of[key] = replace(made, values=col.take(made.values, kept), picked=picked, aside=aside)

    def _join(self, rows: Rows, join: JoinSpec, number: int) -> Rows:
        table = self.study.table(join.table, self, number)
        env = Environment(self, rows, number, None, None)
        env.rule = _BlockRule(join)  # pyright: ignore[reportAttributeAccessIssue]
        pairs = env.key_pairs(join.on, table)
        for field_name, names in (("on", [b for _, b in pairs]), ("order", [n.lstrip("-") for n in join.order])):
            for name in names:
                if not table.has(name):
                    raise env.error(f"{join.table} has no column '{name}'", field_name, nearest(name, table.names()))
        mine = [env.column(a, "on") for a, _ in pairs]
        usable = np.arange(table.n)
        if join.where is not None:
            usable = np.flatnonzero(env.condition_on(table, join.where))
        if join.take is not None:
            keys = [table.column(n.lstrip("-")) for n in join.order]
            ordered = verbs.order_rows(keys, [n.startswith("-") for n in join.order])
            inside = np.zeros(table.n, dtype=bool)
            inside[usable] = True
            usable = ordered[inside[ordered]]
            if join.take == "last":
                usable = usable[::-1]
        theirs = [col.take(table.column(b), usable) for _, b in pairs]
        match = verbs.match_rows(mine, theirs, join.cardinality)
        right = np.where(match.right < 0, -1, usable[np.maximum(match.right, 0)]) if len(usable) else match.right
        gone = np.zeros(rows.n, dtype=bool)
        gone[match.missing_key] = True
        env.report(
            "R2A-JOIN-001", "warning", gone, f"the key of the join with {join.table} is missing: nothing was joined"
        )
        if join.take is None and not (isinstance(table, RawSlice) and not table.first and not table.has("USUBJID")):
            self._report_repeated(Rows.of(table), usable[match.repeated], join, number, "; its first row was used")
        self._report_repeated(rows, match.left_repeated, join, number, "")
        if join.cardinality == "one-to-many":
            rows = rows.take(match.left)
        if isinstance(table, RawSlice):
            self.study.refer(table, right)
        return rows.with_node(join.table, table, right)

    def _report_repeated(self, side: Rows, repeated: np.ndarray, join: JoinSpec, number: int, what: str) -> None:
        where = np.zeros(side.n, dtype=bool)
        where[repeated] = True
        Environment(self, side, number, None, None).report(
            "R2A-JOIN-002",
            "error",
            where,
            f"the key occurs again, though the join with {join.table} is declared {join.cardinality}{what}",
        )

    def _extra_columns(self, rows: Rows, block: RowBlock, number: int) -> Rows:
        for name, rule in block.columns.items():
            env = Environment(self, rows, number, PlannedVariable(name, name), rule)
            derived = self._guarded(env, rule)
            made = self._told(env, rule, derived, derived.values, f"column:{name}")
            self._extra[name, number] = made
            stated = made.origin if made.origin.type != "Collected" else None
            assert made.use is not None
            rows = rows.with_columns({name: made.values}, None, {name: MadeOf((), made.use.reads, True, stated)})
        return rows

    def _told(self, env: Environment, rule: Rule, derived: Derived, values: pd.Series, node: str) -> Made:
        """What a rule made, with what it read. ``node``: the lineage node of the row that it picked, if it picked one.

        A variable with rules of its own in some blocks has a node in each: they may pick from different tables.
        """
        name, number = env.target, -1 if env.block is None else env.block
        of_block = node == f"column:{name}" or number in self.planned.every[name].block_rules
        if of_block and len(self.blocks) > 1:
            node = f"{node}:{number}"
        reads = tuple(env.read)
        if derived.picked is not None:
            table = derived.picked[0]
            reads = tuple(Reading(node, table.name, c) for c in derived.picked_columns) + reads
            if isinstance(table, RawSlice):
                self.study.refer(*derived.picked)
        sentence = rule.method or derivation(rule).describe(name)
        choice = derived.choice and replace(derived.choice, node=node if derived.picked is not None else "")
        through = tuple(n for n in env.through if env.rows.made_of[n].rule)
        use = RuleUse(name, number, place_of(rule), sentence, reads, choice, through)
        return Made(values, self._origin(env, rule, derived), use, derived.picked, env.aside, node)

    def _account(self, base: Table, rows: Rows, block: RowBlock) -> None:
        if not isinstance(base, RawSlice) or (self.of_no_subject and not self.study.first):
            return
        account = self.study.ledger.sources[base.name]
        ids = base.global_ids(rows.ids())
        account.mark(ids, MAPPED)
        account.count_records(ids)
        unused = np.ones(base.n, dtype=bool)
        unused[rows.ids()] = False
        left_out = np.flatnonzero(unused)
        if len(left_out):
            field_name = "where" if block.where is not None else "unpivot" if block.unpivot else "explode"
            place = place_of(block, field_name)
            account.mark(
                base.global_ids(left_out), EXCLUDED, f"{place}: {field_name}: {block.where or 'no item is filled'}"
            )

    # values

    def value(self, name: str, block: int | None, upto: int | None = None) -> pd.Series:
        """A variable in one block, or in all blocks below each other (block None), or in those before ``upto``."""
        planned = self.planned.every[name]
        if block is not None:
            rule = planned.rule_in(block)
            if rule is not None and derivation(rule).whole and block not in planned.block_rules:
                return self._slice(self._whole_made(planned).values, block)
            return self._make(planned, block).values
        key = (name, upto)
        if key not in self._concat:
            self._refuse_provisional(name)
            if planned.rule is not None and derivation(planned.rule).whole and upto is None:
                self._concat[key] = self._whole_made(planned).values
            else:
                parts = [self.value(name, b) for b in self.block_range(upto)]
                self._concat[key] = col.concat(parts) if parts else self._blank(planned, 0)
        return self._concat[key]

    def _slice(self, values: pd.Series, block: int) -> pd.Series:
        start = sum(self.rows(b).n for b in range(block))
        return col.take(values, np.arange(start, start + self.rows(block).n))

    def _blank(self, planned: PlannedVariable, n: int) -> pd.Series:
        return pd.Series(np.full(n, np.nan)) if planned.is_numeric else col.constant("", n)

    def _make(self, planned: PlannedVariable, block: int) -> Made:
        key = (planned.name, block)
        rows = self.rows(block)  # first: the data cut-off may need this variable to make them
        if key not in self._made:
            rule = planned.rule_in(block)
            if rule is None:
                self._made[key] = Made(self._blank(planned, rows.n), Origin("Not Available", "Sponsor"))
            else:
                with self.study.making(f"{self.planned.name}.{planned.name}", place_of(rule)):
                    made = self._run(Environment(self, rows, block, planned, rule), rule)
                    cutoff = self.study.cutoff
                    self._made[key] = cutoff.made(self, planned.name, block, made) if cutoff is not None else made
        return self._made[key]

    def _whole_made(self, planned: PlannedVariable) -> Made:
        if planned.name not in self._whole:
            assert planned.rule is not None
            self._refuse_provisional(planned.name)
            rows = Rows(sum(self.rows(b).n for b in self.block_range()), {})
            with self.study.making(f"{self.planned.name}.{planned.name}", place_of(planned.rule)):
                env = Environment(self, rows, None, planned, planned.rule)
                self._whole[planned.name] = self._run(env, planned.rule)
        return self._whole[planned.name]

    def _refuse_provisional(self, name: str) -> None:
        """All records of a dataset are not there yet while the data cut-off is held against those of one block."""
        if self._provisional is not None:
            place = self.planned.cut.place if self.planned.cut and self.planned.cut.place else self.planned.place
            message = (
                f"the date that decides the data cut-off of {self.planned.name} needs {name} of all its records, which "
                "are there only after the cut; choose another date with cutoff: {by: ...}"
            )
            raise SpecError([SpecProblem(place, message, self.planned.name, name)])

    def _guarded(self, env: Environment, rule: Rule) -> Derived:
        derived = derivation(rule).derive(env)
        if rule.when is not None:
            here = env.condition(rule.when)
            derived.values = choose(here, derived.values, self._blank_like(derived.values, env.n))
            if derived.picked is not None:
                derived.picked = (derived.picked[0], np.where(here, derived.picked[1], -1))
        return derived

    @staticmethod
    def _blank_like(values: pd.Series, n: int) -> pd.Series:
        return pd.Series(np.full(n, np.nan)) if col.is_number(values) else col.constant("", n)

    def _run(self, env: Environment, rule: Rule) -> Made:
        planned = env.variable
        assert planned is not None
        derived = self._guarded(env, rule)
        values = self._typed(env, derived, planned, rule)
        return self._told(env, rule, derived, values, f"row:{planned.name}")

    def made_in(self, block: int) -> Iterator[tuple[str, Rule, Made]]:
        """(name, rule, what was made) of every variable and further column made in a block by a rule of its own."""
        for (name, number), made in self._extra.items():
            if number == block:
                values = self.rows(block).column("", name)
                yield name, self.blocks[block].columns[name], replace(made, values=values)
        for (name, number), made in self._made.items():
            rule = self.planned.every[name].rule_in(block) if number == block else None
            if rule is not None and made.use is not None:
                yield name, rule, made

    def _typed(self, env: Environment, derived: Derived, planned: PlannedVariable, rule: Rule) -> pd.Series:
        values = derived.values
        if planned.is_numeric:
            if col.is_number(values):
                return values.astype("float64")
            numbers, bad = self._numbers(env, derived, rule)
            env.report(
                "R2A-NUM-001",
                "error",
                bad,
                f"{planned.name} is numeric, and this text is no number: left missing",
                next((name for _, name in rule.reads()), next((r.column for r in env.read if r.item < 0), "")),
                col.objects(values),
            )
            return pd.Series(numbers)
        return col.as_text(values)

    @staticmethod
    def _numbers(env: Environment, derived: Derived, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
        """Texts of raw cells are read by the marks declared for their source; what a spec gives is plain decimals."""
        if derived.picked is not None and derived.picked_columns:
            table, rows = derived.picked
            return numeric_values(env, derived.values, "", (table, rows, derived.picked_columns[0]), frozenset())
        if isinstance(rule, From):
            plain = frozenset([*rule.map.values(), *([rule.default] if rule.default is not None else [])])
            return numeric_values(env, derived.values, rule.columns[0], None, plain)
        return col.to_number(derived.values)

    def _origin(self, env: Environment, rule: Rule, derived: Derived) -> Origin:
        if rule.origin is not None:
            return Origin(rule.origin.type, rule.origin.source, rule.origin.description)
        if derived.origin is not None:
            return derived.origin
        default = derivation(rule).default_origin
        if default.type != "Collected":
            return default
        reads = [r for r in env.read if r.node != SPEC]
        made = [env.rows.made_of[n].origin for n in env.through]
        if DERIVED in made or (not reads and ASSIGNED in made):
            return DERIVED if DERIVED in made else ASSIGNED
        if not reads and BASE in env.rows.nodes and isinstance(env.rows.nodes[BASE][0], LiteralTable):
            planned_design = self.planned.observation_class == "Trial Design"
            return Origin("Protocol" if planned_design else "Assigned", "Sponsor")
        tables = list(dict.fromkeys(env.build.study.tables.get(r.table, r.table) for r in reads if r.node != OWN))
        names = [r.column for r in reads]
        raw = [t for t in tables if isinstance(t, RawSlice)]
        if tables and len(raw) == len(tables):
            return Origin("Collected", self.study.plan.file.sources[raw[0].name].origin)
        if len(reads) == 1 and tables and self.planned.kind == "adam":
            return Origin("Predecessor", "", f"{reads[0].table}.{reads[0].column}")
        if not tables and len(names) == 1:
            return Origin("Assigned", "Sponsor")
        return Origin("Derived", "Sponsor")

    def raw_cells(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where each record's value of a variable stands: (file, record number, column), in the order of making.

        '' and -1 where a record comes from no raw row, or the variable from more than one column.
        """
        files, numbers, columns = [], [], []
        for b in self.block_range():
            base, n = self.rows(b).nodes[BASE][0], self.rows(b).n
            raw = isinstance(base, RawSlice)
            ids = base.global_ids(self.rows(b).ids())
            files.append(np.full(n, base.raw.path.name if raw else "", dtype=object))
            numbers.append(base.raw.record[ids] if raw else np.full(n, -1))
            rule = self.planned.every[name].rule_in(b)
            read = [c for _, c in rule.reads()] if rule is not None else []
            columns.append(np.full(n, read[0] if raw and len(read) == 1 and base.has(read[0]) else "", dtype=object))
        return np.concatenate(files), np.concatenate(numbers), np.concatenate(columns)

    # the finished dataset

    def unordered(self) -> tuple[dict[str, pd.Series], np.ndarray]:
        """All values in the order of making, and the positions that sort them."""
        values = {name: self.value(name, None) for name in self.planned.variables}
        names = [s for s in self.planned.sort if s.lstrip("-") in values]
        keys = [values[n.lstrip("-")] for n in names]
        n = sum(self.rows(b).n for b in self.block_range())
        order = verbs.order_rows(keys, [n.startswith("-") for n in names]) if keys else np.arange(n)
        return values, order

    def lineage(self, order: np.ndarray) -> Lineage:
        """Row ids of every record, in final order; positions in datasets are those of this partition's final order."""
        parts: list[pd.DataFrame] = []
        tables: dict[str, str] = {}
        for b in self.block_range():
            rows = self.rows(b)
            data: dict[str, np.ndarray] = {"block": np.full(rows.n, b, "int32")}
            for node, (table, _) in rows.nodes.items():
                name = f"{BASE}:{b}" if node == BASE else f"row:{node}"
                tables[name] = table.name
                data[node if node == BASE else name] = self.study.final_ids(table, rows.ids(node))
            data["item"] = rows.items if rows.items is not None else np.full(rows.n, -1, "int32")
            for (_, block), made in (*self._made.items(), *self._extra.items()):
                if block == b and made.picked is not None:
                    tables[made.node] = made.picked[0].name
                    data[made.node] = self.study.final_ids(*made.picked)
            for node, table in self._subject_nodes(b).items():
                tables[node] = table.name
                data[node] = self.study.final_ids(table, Environment(self, rows, b, None, None).subject_rows(table))
            parts.append(pd.DataFrame(data))
        frame = pd.concat(parts, ignore_index=True).fillna(-1).astype("int32") if parts else pd.DataFrame()
        uses = [
            m.use for (_, b), m in sorted(self._made.items(), key=lambda kv: (kv[0][1], kv[0][0])) if m.use and b >= 0
        ]
        uses += [m.use for m in self._whole.values() if m.use]
        names = list(self.planned.variables)
        uses.sort(key=lambda u: (names.index(u.variable) if u.variable in names else len(names), u.block))
        sources = tuple(b.table for b in self.blocks)
        columns = [m.use for m in self._extra.values() if m.use]
        return Lineage(frame.take(order).reset_index(drop=True), uses, sources, tables, columns)

    def _subject_nodes(self, block: int) -> dict[str, RawSlice]:
        """Raw sources that rules of a block read at the subject's row, by lineage node."""
        made = [m for (_, b), m in (*self._made.items(), *self._extra.items()) if b == block]
        found: dict[str, RawSlice] = {}
        for use in [m.use for m in (*made, *self._whole.values()) if m.use]:
            for r in use.reads:
                table = self.study.tables.get(r.table)
                if isinstance(table, RawSlice) and r.node == subject_node(table):
                    found[r.node] = table
        return found

    def origin(self, name: str) -> Origin:
        """The origin of a variable over all its blocks: derived wins over collected, anything over not available."""
        rank = {
            "Derived": 0,
            "Predecessor": 1,
            "Collected": 2,
            "Assigned": 3,
            "Protocol": 4,
            "Other": 5,
            "Not Available": 6,
        }
        made = [self._whole[name]] if name in self._whole else []
        made += [m for (n, _), m in self._made.items() if n == name]
        if not made:
            return Origin("Not Available", "Sponsor")
        return min((m.origin for m in made), key=lambda o: (rank.get(o.type, 9), o.source, o.description))

    def spec(self) -> DatasetSpec:
        """The spec of the finished dataset; lengths are settled when the partitions are merged."""
        planned = self.planned
        variables = []
        for v in planned.variables.values():
            origin = self.origin(v.name)
            rules = v.rules
            sentences = [r.method or derivation(r).describe(v.name) for r in rules]
            method = " ".join(dict.fromkeys(sentences)) if origin.type == "Derived" else ""
            comment = " ".join(dict.fromkeys(r.comment for r in rules if r.comment))
            variables.append(
                Variable(
                    v.name,
                    v.label,
                    v.type,
                    v.length,
                    v.digits,
                    v.format,
                    v.codelist,
                    v.role,
                    v.core,
                    origin,
                    method,
                    comment,
                    v.place,
                )
            )
        return DatasetSpec(
            planned.name,
            planned.label,
            tuple(variables),
            planned.keys,
            planned.observation_class,
            planned.structure,
            planned.standard,
            planned.purpose,
            planned.domain,
            planned.values,
            planned.file.comment,
            planned.place,
        )

    def finish(self) -> Finished:
        """The dataset in its final order, with lineage."""
        values, order = self.unordered()
        made_here = order
        if not self.study.first:
            here = [
                np.full(self.rows(b).n, not (self.of_no_subject or self.blocks[b].records)) for b in self.block_range()
            ]
            made_here = order[np.concatenate(here)[order]]
        self.study.orders[self.planned.name] = order if self.of_no_subject else made_here
        order = made_here
        columns = {name: col.take(column, order) for name, column in values.items()}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(order)), columns=list(values))
        return Finished(Dataset(self.spec(), frame), order)


class _BlockRule:
    """Lets an Environment place errors of a block's own conditions at the block's lines."""

    def __new__(cls, block: RowBlock | JoinSpec):  # the block itself knows its places
        return block
