"""One dataset of one partition while it is made: records first, then each variable when it is asked for.

Values are made on demand and kept, so DM.RFSTDTC may come from EX and EX.EXSTDY from DM.RFSTDTC: what counts is the
order of variables, not of datasets. A circle is an error that names its members. Not for making the records
(records.py), running a rule (run_rule.py), nor for partitions (partitions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import SpecError, SpecProblem
from ...mappings.binding.bind import place_of
from ...mappings.models.dataset import RowBlock
from ...mappings.models.derivation import DerivationSpec
from ..columns import column as col
from ..columns import verbs
from ..columns.rounding import COLLECTED_DIGITS, DIGITS, significant
from ..columns.ties import Tie
from ..derivations.derivation import derivation
from ..derivations.environment import Environment, subject_node
from ..derivations.tie_findings import report_tie
from ..plan.plan import PlannedDataset, PlannedVariable
from ..standard import tabulation
from ..tables.dataset import Dataset, DatasetMetadata, Finished, Lineage, Origin, StepUse, VariableMetadata
from ..tables.raw_cells import RawCells, stacked
from ..tables.rows import BASE, Rows
from ..tables.source_places import Places
from ..tables.table import RawSlice, Table
from .records import make_records
from .run_rule import BuiltColumn, blank, make_variable
from .view import PartitionBuild


class DatasetInBuildTable(Table):
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


def _below_each_other(name: str, parts: list[dict[str, np.ndarray]]) -> np.ndarray:
    """A lineage column over all blocks; -1 where a block has none."""
    columns = [p.get(name, np.full(len(p["block"]), -1, "int32")) for p in parts]
    return np.concatenate(columns).astype("int32", copy=False)


class DatasetBuild:
    """One dataset of one partition while it is made."""

    def __init__(self, study: PartitionBuild, planned: PlannedDataset):
        self.study, self.planned = study, planned
        self._rows: dict[int, Rows] = {}
        self._made: dict[tuple[str, int], BuiltColumn] = {}
        self._whole: dict[str, BuiltColumn] = {}
        self._extra: dict[tuple[str, int], BuiltColumn] = {}  # columns of a block that are not submitted
        self._precisions: dict[str, int] = {}  # variable -> significant digits, once its values are made
        self._concat: dict[tuple[str, int | None], pd.Series] = {}
        self._provisional: int | None = None  # block whose records the data cut-off is just held against
        self._ties: list[tuple[Environment, Tie, str, str]] = []  # of flags, until all variables are made
        self._takes: list[tuple[Environment, str, Table, np.ndarray, Tie, str, str]] = []  # of joins with take:
        self.cut_subjects: dict[int, set[str]] = {}  # block -> subjects of the records that the cut-off took away

    @property
    def blocks(self) -> tuple[RowBlock, ...]:
        return self.planned.spec.blocks

    def block_range(self, upto: int | None = None) -> range:
        return range(len(self.blocks) if upto is None else upto)

    @property
    def of_no_subject(self) -> bool:
        """Whether no record has a subject: every partition can look them up, the first one writes them."""
        return "USUBJID" not in self.planned.variables

    # records

    def rows(self, number: int) -> Rows:
        if number not in self._rows:
            with self.study.making(f"the records of {self.planned.name}", self.planned.place, number):
                self._rows[number] = make_records(self, number)
        return self._rows[number]

    @contextmanager
    def provisional(self, number: int, rows: Rows) -> Iterator[None]:
        """While the data cut-off is held against these records of a block, variables are made for them."""
        self._rows[number], self._provisional = rows, number
        try:
            yield
        finally:
            del self._rows[number]
            self._provisional = None

    def keep(self, number: int, kept: np.ndarray) -> None:
        """Narrow what was made for the records of a block to those at ``kept``."""
        for made_of in (self._made, self._extra):
            made_of.update({key: made.take(kept) for key, made in made_of.items() if key[1] == number})

    def add_column(self, number: int, name: str, made: BuiltColumn) -> None:
        """A further column of a block, made for its records as they stand."""
        self._extra[name, number] = made

    # values

    def value(self, name: str, block: int | None, upto: int | None = None) -> pd.Series:
        """A variable in one block, or in all blocks below each other (block None), or in those before ``upto``."""
        planned = self.planned.every[name]
        if block is not None:
            rule = planned.rule_in(block)
            if rule is not None and derivation(rule).whole and block not in planned.block_rules:
                return self._slice(self._built_as_a_whole(planned).values, block)
            return self._make(planned, block).values
        key = (name, upto)
        if key not in self._concat:
            self._refuse_provisional(name)
            if planned.rule is not None and derivation(planned.rule).whole and upto is None:
                self._concat[key] = self._built_as_a_whole(planned).values
            else:
                parts = [self.value(name, b) for b in self.block_range(upto)]
                self._concat[key] = col.concat(parts) if parts else blank(planned.is_numeric, 0)
        return self._concat[key]

    def raw_cells(self, name: str, block: int | None) -> RawCells:
        """The raw cells whose texts a variable holds, in one block or in all below each other."""
        planned = self.planned.every[name]
        if planned.is_numeric:
            return RawCells(len(self.value(name, block)))
        if block is None:
            parts = [self.raw_cells(name, b) for b in self.block_range()]
            return stacked(parts) if parts else RawCells(0)
        rule = planned.rule_in(block)
        if rule is None or derivation(rule).whole:
            return RawCells(self.rows(block).n)
        made = self._make(planned, block)
        if made.cells is None:
            made.cells = self._cells_of(planned, block, rule, made)
        return made.cells

    def collected(self, name: str, block: int | None) -> tuple[pd.Series, RawCells] | None:
        """(texts, their raw cells) of a variable of one block, where its values are written in another way."""
        planned = self.planned.every[name]
        rule = planned.rule_in(block) if block is not None else None
        if block is None or rule is None or derivation(rule).whole:
            return None
        return self._make(planned, block).collected

    def _cells_of(self, planned: PlannedVariable, block: int, rule: DerivationSpec, made: BuiltColumn) -> RawCells:
        rows = self.rows(block)
        if made.picked is not None:
            table, ids = made.picked
            columns = [r.column for r in made.use.reads if r.node == made.node] if made.use is not None else []
            return RawCells.of(table, columns[0], ids, rows.n) if columns else RawCells(rows.n)
        return derivation(rule).raw_cells(Environment(self, rows, block, planned, rule), made.values)

    def _slice(self, values: pd.Series, block: int) -> pd.Series:
        start = sum(self.rows(b).n for b in range(block))
        return col.take(values, np.arange(start, start + self.rows(block).n))

    def _make(self, planned: PlannedVariable, block: int) -> BuiltColumn:
        key = (planned.name, block)
        rows = self.rows(block)  # first: the data cut-off may need this variable to make them
        if key not in self._made:
            rule = planned.rule_in(block)
            if rule is None:
                self._made[key] = BuiltColumn(blank(planned.is_numeric, rows.n), Origin("Not Available", "Sponsor"))
            else:
                with self.study.making(f"{self.planned.name}.{planned.name}", place_of(rule), block):
                    made = make_variable(Environment(self, rows, block, planned, rule), rule)
                    cutoff = self.study.cutoff
                    self._made[key] = cutoff.made(self, planned.name, block, made) if cutoff is not None else made
        return self._made[key]

    def _built_as_a_whole(self, planned: PlannedVariable) -> BuiltColumn:
        if planned.name not in self._whole:
            assert planned.rule is not None
            self._refuse_provisional(planned.name)
            rows = Rows(sum(self.rows(b).n for b in self.block_range()), {})
            with self.study.making(f"{self.planned.name}.{planned.name}", place_of(planned.rule)):
                env = Environment(self, rows, None, planned, planned.rule)
                self._whole[planned.name] = make_variable(env, planned.rule)
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

    def built_in(self, block: int) -> Iterator[tuple[str, DerivationSpec, BuiltColumn]]:
        """(name, rule, what was made) of every variable and further column made in a block by a rule of its own."""
        for (name, number), made in self._extra.items():
            if number == block:
                values = self.rows(block).column("", name)
                yield name, self.blocks[block].columns[name], replace(made, values=values)
        for (name, number), made in self._made.items():
            rule = self.planned.every[name].rule_in(block) if number == block else None
            if rule is not None and made.use is not None:
                yield name, rule, made

    def cell_places(self, name: str) -> Places:
        """Where each record's value of a variable stands, in the order of making.

        '' and -1 where a record comes from no raw row, or the variable from more than one column.
        """
        sources, files, numbers, columns = [], [], [], []
        for b in self.block_range():
            base, n = self.rows(b).nodes[BASE][0], self.rows(b).n
            raw = isinstance(base, RawSlice)
            ids = base.global_ids(self.rows(b).ids())
            sources.append(np.full(n, base.name if raw else "", dtype=object))
            files.append(np.full(n, base.raw.file if raw else "", dtype=object))
            numbers.append(base.raw.record[ids] if raw else np.full(n, -1))
            rule = self.planned.every[name].rule_in(b)
            read = [c for _, c in rule.reads()] if rule is not None else []
            columns.append(np.full(n, read[0] if raw and len(read) == 1 and base.has(read[0]) else "", dtype=object))
        return Places(*(np.concatenate(parts) for parts in (sources, files, numbers, columns)))

    # ties

    def flagged(self, env: Environment, tie: Tie, ranked: str, which: str) -> None:
        """Note records that rank as a flagged one does; ``report_ties`` looks whether they differ."""
        if len(tie.rows):
            self._ties.append((env, tie, ranked, which))

    def taken(
        self, env: Environment, node: str, table: Table, rows: np.ndarray, tie: Tie, ranked: str, which: str
    ) -> None:
        """Note rows of a joined table that rank as the ones that were taken for the records of ``env``."""
        if len(tie.rows):
            self._takes.append((env, node, table, rows, tie, ranked, which))

    def report_ties(self) -> None:
        """A finding where what ranks alike differs: records in a variable, joined rows in a column that a rule read.

        Numbers and identifiers of records, and other choices among all records, do not make a difference.
        """
        for env, tie, ranked, which in self._ties:
            start = sum(self.rows(b).n for b in range(env.block or 0))
            at = np.arange(start, start + env.n)
            columns = {
                v.name: col.take(self.value(v.name, None), at)
                for v in self.planned.variables.values()
                if self._tells_apart(v)
            }
            tie, differing = tie.different(columns)
            own = Tie(tie.rows + start, tie.chosen + start)
            report_tie(env, DatasetInBuildTable(self), at, own, ranked, differing, which)
        for env, node, table, rows, tie, ranked, which in self._takes:
            assert env.block is not None
            uses = [made.use for _, _, made in self.built_in(env.block) if made.use]
            read = dict.fromkeys(r.column for use in uses for r in use.reads if r.node == node)
            tie, differing = tie.different({n: table.column(n) for n in read if table.has(n)})
            report_tie(env, table, rows, tie, ranked, differing, which)

    def _tells_apart(self, v: PlannedVariable) -> bool:
        whole = any(derivation(rule).whole for rule in v.rules)
        return not whole and v.role != "Identifier" and not tabulation().is_sequence(v.name)

    # the finished dataset

    def _sorted(self) -> tuple[dict[str, pd.Series], np.ndarray]:
        """All values in the order of making, and the positions that sort them."""
        values = {name: self._rounded(name) for name in self.planned.variables}
        names = [s for s in self.planned.sort if s.lstrip("-") in values]
        keys = [values[n.lstrip("-")] for n in names]
        n = sum(self.rows(b).n for b in self.block_range())
        order = verbs.order_rows(keys, [n.startswith("-") for n in names]) if keys else np.arange(n)
        return values, order

    def _rounded(self, name: str) -> pd.Series:
        """A variable in all blocks; computed numbers are rounded where other blocks keep more digits of theirs."""
        values = self.value(name, None)
        if not self.planned.every[name].is_numeric or name in self._whole:
            return values
        digits = [self._digits(self._made[name, b]) for b in self.block_range()]
        if len(set(digits)) < 2:
            return values
        parts = zip(self.block_range(), digits, strict=True)
        return col.concat([pd.Series(significant(self.value(name, b).to_numpy(), d)) for b, d in parts])

    def lineage(self, order: np.ndarray) -> Lineage:
        """Row ids of every record, in final order; positions in datasets are those of this partition's final order."""
        parts: list[dict[str, np.ndarray]] = []
        tables: dict[str, str] = {}
        start = 0
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
            for made in self._whole.values():
                if made.picked is not None:
                    tables[made.node] = made.picked[0].name
                    of_block = made.picked[1][start : start + rows.n]
                    data[made.node] = self.study.final_ids(made.picked[0], of_block)
            for node, table in self._subject_nodes(b).items():
                tables[node] = table.name
                data[node] = self.study.final_ids(table, Environment(self, rows, b, None, None).subject_rows(table))
            parts.append(data)
            start += rows.n
        names = dict.fromkeys(name for data in parts for name in data)
        frame = pd.DataFrame({name: _below_each_other(name, parts).take(order) for name in names}, copy=False)
        uses = [
            m.use for (_, b), m in sorted(self._made.items(), key=lambda kv: (kv[0][1], kv[0][0])) if m.use and b >= 0
        ]
        uses += [m.use for m in self._whole.values() if m.use]
        order_of = list(self.planned.variables)
        uses.sort(key=lambda u: (order_of.index(u.variable) if u.variable in order_of else len(order_of), u.block))
        sources = tuple(b.table for b in self.blocks)
        columns = [m.use for m in self._extra.values() if m.use]
        return Lineage(frame, uses, sources, tables, columns, self._steps())

    def _steps(self) -> dict[int, StepUse]:
        """The steps that can be run again to tell why, by block."""
        day = self.study.plan.spec.study.cutoff
        found = {n: block for n, block in enumerate(self.blocks) if block.derive is not None and block.derive.explains}
        return {
            n: StepUse(b.derive.verb, b.derive.arguments(), b.table, day.isoformat() if day is not None else "")
            for n, b in found.items()
            if b.derive is not None
        }

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

    def precision(self, name: str) -> int:
        """The significant digits that a number keeps: those of the block that keeps most."""
        if name not in self._precisions:
            self._precisions[name] = DIGITS  # while it is looked for: a later block may copy an earlier one
            made = [self._whole[name]] if name in self._whole else []
            made += [m for (n, _), m in self._made.items() if n == name]
            self._precisions[name] = max((self._digits(m) for m in made), default=DIGITS)
        return self._precisions[name]

    def _digits(self, made: BuiltColumn) -> int:
        """12 for what a rule computed, 15 for what was collected; a copy of a variable keeps what that one does."""
        if made.precision:
            return made.precision
        choice = made.use.choice if made.use is not None and made.picked is not None else None
        if choice is not None and choice.verb in ("first", "last", "lookup"):
            return self._copied(choice.table, choice.column)
        if made.origin.type == "Derived":
            return DIGITS
        reads = made.use.reads if made.use is not None and made.origin.type == "Predecessor" else ()
        return self._copied(reads[0].table, reads[0].column) if reads else COLLECTED_DIGITS

    def _copied(self, table: str, column: str) -> int:
        """The digits of a column that is copied: those of the variable, 15 of a raw cell."""
        other = self.study.builds.get(table)
        if other is None or column not in other.planned.every:
            return COLLECTED_DIGITS
        other.value(column, None)
        return other.precision(column)

    def spec(self) -> DatasetMetadata:
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
                VariableMetadata(
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
                    precision=self.precision(v.name) if v.is_numeric else 0,
                )
            )
        return DatasetMetadata(
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
            planned.spec.comment,
            planned.place,
        )

    def finish(self) -> Finished:
        """The dataset in its final order; what has no subject is written by the first partition only."""
        values, order = self._sorted()
        written = order
        if not self.study.first:
            here = [
                np.full(self.rows(b).n, not (self.of_no_subject or self.blocks[b].records)) for b in self.block_range()
            ]
            written = order[np.concatenate(here)[order]]
        self.study.orders[self.planned.name] = order if self.of_no_subject else written
        columns = {name: col.take(column, written) for name, column in values.items()}
        frame = pd.DataFrame(columns, index=pd.RangeIndex(len(written)), columns=list(values))
        return Finished(Dataset(self.spec(), frame), written)
