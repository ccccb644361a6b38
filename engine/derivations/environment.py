"""What a derivation sees: the records of a block (or of the whole dataset), names, conditions, other tables, findings.

Not for the order in which things are made: engine/building/dataset_build.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem, nearest
from ...mappings.binding.bind import SpecModel, expression_place, place_of
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ...mappings.models.derivation import DerivationSpec
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..expressions import kernels
from ..expressions.cells import KnownCells, Unreadable
from ..expressions.functions import TRUE
from ..expressions.unread_cells import FINDING_OF_KIND, unreadable_message
from ..plan.plan import PlannedVariable
from ..readers.cell_readers import Declarations
from ..tables.dataset import OWN, SUBJECT, Reading
from ..tables.raw_cells import RawCells
from ..tables.rows import BASE, Rows
from ..tables.table import LiteralTable, RawSlice, Table
from .view import DatasetView


class Environment:
    """``n`` records and the names they can read.

    A bare name is a column of the block first (its source, made columns), then another variable of this dataset, then a
    column of a joined table; ``TABLE.NAME`` is a joined table, this dataset, or another dataset or source by subject.
    ``rule``: the rule, block or join whose lines errors name.
    """

    def __init__(
        self,
        build: DatasetView,
        rows: Rows,
        block: int | None,
        variable: PlannedVariable | None,
        rule: SpecModel | None,
    ):
        self.build, self.rows, self.block, self.variable, self.rule = build, rows, block, variable, rule
        self.n = rows.n
        self.study = build.study.plan
        self.findings = build.study.findings
        self.read: dict[Reading, None] = {}  # in order of reading
        self.through: dict[str, None] = {}  # columns made for the block among what was read
        self.unused: dict[str, list[tuple[np.ndarray, CellOutcome]]] = {}

    @property
    def dataset(self) -> str:
        return self.build.planned.name

    @property
    def target(self) -> str:
        return self.variable.name if self.variable else ""

    # names

    def column(self, name: str, field: str = "") -> pd.Series:
        """The column that ``name`` means here. Raises SpecError at the rule's line when there is none."""
        own = self._own(name)
        if own is not None:
            self.read[Reading(OWN, self.dataset, own)] = None
            return self.build.value(own, self.block)
        found = self.rows.find(name, joined=False) or self.rows.find(name)
        if found is not None:
            node, column = found
            if not node:
                self.through[name] = None
                self.read |= dict.fromkeys(
                    self.rows.column_sources[name].reads if name in self.rows.column_sources else ()
                )
            elif not isinstance(self.rows.nodes[node][0], LiteralTable):
                table = self.rows.nodes[node][0]
                place = node if node == BASE else f"row:{node}"
                self.read[Reading(place, table.name, table.shown(column))] = None
            return self.rows.column(node, column)
        prefix, dot, rest = name.partition(".")
        if dot and self.build.study.has_table(prefix):
            table = self.build.study.table(prefix, self.build, self.block)
            found_there = table.qualified(rest)
            if found_there is not None and table.has_subject:
                return self.by_subject(table, found_there)
        raise self.unknown(name, field)

    def raw_cells(self, name: str) -> RawCells:
        """The raw cells whose texts ``column(name)`` holds: none for what a spec, a formula or a dataset gives."""
        own = self._own(name)
        if own is not None:
            return self.build.raw_cells(own, self.block)
        found = self.rows.find(name, joined=False) or self.rows.find(name)
        if found is not None:
            return self.rows.raw_cells(*found)
        prefix, dot, rest = name.partition(".")
        if dot and self.build.study.has_table(prefix):
            table = self.build.study.table(prefix, self.build, self.block)
            there = table.qualified(rest)
            if isinstance(table, RawSlice) and there is not None and table.has_subject:
                return RawCells.of(table, there, self.subject_rows(table), self.n)
        return RawCells(self.n)

    def collected(self, name: str, field: str = "") -> tuple[pd.Series, RawCells]:
        """(texts, their raw cells) of a column as they were collected, for rules that read them as something else."""
        values = self.column(name, field)
        own = self._own(name)
        as_it_was = self.build.collected(own, self.block) if own is not None else None
        if as_it_was is not None:
            return as_it_was
        return values, self.raw_cells(name)

    def cells_on(self, table: Table, column: str) -> RawCells:
        """The raw cells of a column of another table, for all its rows: none where the table is a dataset."""
        return RawCells.of(table, column, None, table.n)

    @property
    def declarations(self) -> Declarations:
        """What study.yaml declares for raw columns."""
        return self.build.study.declarations

    def _own(self, name: str) -> str | None:
        """The other variable of this dataset that a name means; None where a column of the block is called so.

        What a convention reads is always the variable: AESTDY of a raw file with a column AESTDTC reads AE.AESTDTC.
        """
        own = name.removeprefix(f"{self.dataset}.")
        if own not in self.build.planned.every or own == self.target or self._is_joined(name):
            return None
        return own if self.by_convention or self.rows.find(name, joined=False) is None else None

    @property
    def by_convention(self) -> bool:
        """Whether the tool wrote the rule, and wrote it of variables of the dataset."""
        written = self.variable is not None and self.variable.by_convention
        return written and isinstance(self.rule, DerivationSpec) and self.rule.of_variables

    def _is_joined(self, name: str) -> bool:
        """Whether a qualified name means a table joined here, as ADRS.AVALC where earlier ADRS records are joined."""
        prefix, dot, _ = name.partition(".")
        return bool(dot) and any(node.strip() == prefix for node in self.rows.nodes if node != BASE)

    def unknown(self, name: str, field: str = "") -> SpecError:
        names = [n for table, _ in self.rows.nodes.values() for n in table.names()]
        names += [*self.rows.extra, *(n for n in self.build.planned.variables if n != self.target)]
        if self.target and name.removeprefix(f"{self.dataset}.") == self.target:
            return self.error(f"{self.target} is made of itself: no column of the rows is called so", field)
        return self.error(f"there is no column or variable '{name}' here", field, nearest(name, names))

    def by_subject(self, table: Table, name: str) -> pd.Series:
        """A column of a table with at most one row per subject, for the subjects of the records."""
        node = subject_node(table) if isinstance(table, RawSlice) else SUBJECT
        self.read[Reading(node, table.name, table.shown(name))] = None
        return col.take(table.column(name), self.subject_rows(table))

    def subject_rows(self, table: Table) -> np.ndarray:
        """Position of each record's subject in a table with one row per subject; -1 where it has none."""
        return self.build.study.subject_rows(table, self.subject())

    def subject(self) -> pd.Series:
        """USUBJID of the records."""
        found = self.rows.find_subject()
        if found is not None:
            return self.rows.column(*found)
        return self.build.value("USUBJID", self.block)

    @property
    def has_subject(self) -> bool:
        """Whether the subject of the records can be told here: not while records without one are made."""
        every = self.build.planned.every
        return self.rows.find_subject() is not None or (
            "USUBJID" in every and self.target in every and self.target != "USUBJID"
        )

    def key_pairs(self, on: tuple[str, ...] | dict[str, str], table: Table) -> list[tuple[str, str]]:
        """(own, theirs) key columns. The subject is part of every key that has one on both sides.

        Rows of different subjects never match, so that a result does not depend on who shares a partition.
        """
        named = list(on.items()) if isinstance(on, dict) else [(k, k) for k in on]
        pairs = [(own, _in_table(table, theirs)) for own, theirs in named]
        if self.has_subject and table.has_subject and all(theirs != "USUBJID" for _, theirs in pairs):
            pairs.append(("USUBJID", "USUBJID"))
        return pairs

    def table(self, name: str) -> Table:
        """A dataset or source by name, as far as it is made when this block is."""
        return self.build.study.table(name, self.build, self.block)

    # conditions and formulas

    def expression(self, text: str, field: str) -> Expression:
        try:
            return parse(text)
        except ExpressionError as error:
            raise self._misread(error, field) from None

    def condition(self, text: str, field: str = "when") -> np.ndarray:
        """Where a condition holds; unknown counts as false."""
        found = self._evaluate(text, field, "condition")
        self._note(found)
        return found.truth == TRUE

    def truth(self, text: str, field: str = "when") -> tuple[np.ndarray, list[Unreadable]]:
        """(FALSE, UNKNOWN or TRUE of every record, the cells that could not be read): the caller tells what follows."""
        found = self._evaluate(text, field, "condition")
        self.note_unread(found.shortened())
        return found.truth, found.unreadable()

    def compute(self, text: str, field: str) -> pd.Series:
        """Values of a formula."""
        found = self._evaluate(text, field, "formula")
        self._note(found)
        return found.values

    def formula_cells(self, text: str, field: str) -> RawCells:
        """The raw cells whose texts a formula gives."""
        return self._evaluate(text, field, "formula").cells

    def _evaluate(self, text: str, field: str, wanted: kernels.Wanted) -> kernels.Evaluation:
        study = self.build.study
        known = KnownCells(self.raw_cells, study.declarations, study.kinds)
        expression = self.expression(text, field)
        try:
            return kernels.evaluate(expression, lambda name: self.column(name, field), self.n, wanted, known)
        except ExpressionError as error:
            raise self._misread(error, field) from None

    def condition_on(
        self, table: Table, text: str, field: str = "where", among: np.ndarray | None = None
    ) -> np.ndarray:
        """Where a condition holds for the rows of another table; a bare name is its column, else one by subject.

        ``among``: the rows that may matter for the records; a cell of another row is no finding.
        """
        other = OtherTable(self, table, field)
        study = self.build.study
        known = KnownCells(other.cells, study.declarations, study.kinds)
        try:
            found = kernels.evaluate(self.expression(text, field), other.column, table.n, "condition", known)
        except ExpressionError as error:
            raise self._misread(error, field) from None
        self._note(found, table, among)
        return found.truth == TRUE

    def _note(self, found: kernels.Evaluation, table: Table | None = None, among: np.ndarray | None = None) -> None:
        self.note_unread([*found.unreadable(), *found.shortened()], table, among)

    def _misread(self, error: ExpressionError, field: str) -> SpecError:
        place = expression_place(self.rule, field, error.offset) if self.rule else Place("")
        return SpecError([SpecProblem(place, error.message, self.dataset, self.target, error.hint)])

    # telling

    def note_unused(self, name: str, where: np.ndarray, outcome: CellOutcome) -> None:
        """Note the outcome of cells that the rule read, where the values do not show it.

        ``where``: over the records. ``outcome``: NO_VALUE where the spec declares that the text means no value; EMPTY
        where the rule could not use the cell, which is a finding unless the rule reports it; REPORTED where the
        finding of the rule names another cell of the record as the reason, such as the unit of a result.
        """
        if where.any():
            self.unused.setdefault(name, []).append((where, outcome))

    def error(self, message: str, field: str = "", hint: str = "") -> SpecError:
        place = place_of(self.rule, field or None) if self.rule else Place("")
        return SpecError([SpecProblem(place, message, self.dataset, self.target, hint)])

    def report(
        self,
        rule: str,
        where: np.ndarray,
        message: Any,
        name: str | tuple[str, ...] = "",
        value: Any = None,
        picked: tuple[Table, np.ndarray] | None = None,
        *,
        severity: str = "",
    ) -> None:
        """A finding for each record where ``where`` holds, with its subject, source file, row and column.

        ``name``: the column read, whose cells are the values unless ``value`` (an array over all records) is given.
        Of several names the first that is filled is the cell. ``picked``: the table and per record its row that the
        rule took the value of ``name`` from. ``severity``: as in Findings.add.
        """
        if isinstance(name, tuple):
            for one, here in self._first_filled(name, where):
                self.report(rule, here, message, one, value, picked, severity=severity)
            return
        at = np.flatnonzero(where)
        if not len(at) or (self.build.of_no_subject and not self.build.study.first):
            return
        found = self.rows.find(name) if name and picked is None else None
        if value is None:
            # a value that is only told is not one that the rule read: lineage must not depend on there being a finding
            read, through = dict(self.read), dict(self.through)
            value = "" if not name else col.objects(self.column(name))
            self.read, self.through = read, through
        shown = name
        if found is None and picked is None and (by_subject := self._cell_by_subject(name)) is not None:
            picked, shown = by_subject
        node = found[0] if found and found[0] in self.rows.nodes else BASE
        source, file, record = "", "", np.full(len(at), -1)
        table, rows = picked or self._node_rows(node)
        places = table.places(rows[at]) if table is not None else None
        if table is not None and places is not None:
            source, (file, record) = table.name, places
        if picked is None:
            column = self._raw_column(found[1] if found else name, found[0] if found else BASE, at)
        else:
            column = table.in_file(shown) or shown if isinstance(table, RawSlice) else shown
        self.findings.add(
            rule,
            message[at] if isinstance(message, np.ndarray) else message,
            severity=severity,
            dataset=self.dataset,
            subject=col.objects(self.subject())[at] if self.has_subject else "",
            variable=self.target,
            value=value[at] if isinstance(value, np.ndarray) else value,
            source=source,
            file=file,
            row=record,
            column=column,
        )

    def _first_filled(self, names: tuple[str, ...], where: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """(name, records) of the first of several names that is filled; records without any go with the last."""
        left, read, through = where.copy(), dict(self.read), dict(self.through)
        for name in names[:-1]:
            here = left & ~col.missing(self.column(name))
            left = left & ~here
            yield name, here
        self.read, self.through = read, through
        yield names[-1], left

    def _cell_by_subject(self, name: str) -> tuple[tuple[Table, np.ndarray], str] | None:
        """((source, its row of each record), column) of a name SOURCE.COLUMN that is read by subject."""
        prefix, dot, column = name.partition(".")
        table = self.build.study.tables.get(prefix) if dot else None
        there = table.qualified(column) if table is not None else None
        if not isinstance(table, RawSlice) or there is None or not (table.has_subject and self.has_subject):
            return None
        return (table, self.subject_rows(table)), there

    def _node_rows(self, node: str) -> tuple[Table | None, np.ndarray]:
        """(table of a node of the records, its row of each record)."""
        if node not in self.rows.nodes:
            return None, np.zeros(self.n, dtype="int64")
        return self.rows.nodes[node][0], self.rows.ids(node)

    def report_on(self, table: Table, rule: str, where: np.ndarray, message: str | np.ndarray, column: str) -> None:
        """A warning for each row of another table where ``where`` holds, with the cell of one of its columns.

        ``message``: one, or one for each row of the table.
        """
        at = np.flatnonzero(where)
        if not len(at) or (self.build.of_no_subject and not self.build.study.first):
            return
        places = table.places(at)
        file, record = ("", -1) if places is None else places
        self.build.study.unread.note(
            len(at),
            rule=rule,
            dataset=self.dataset,
            subject=col.objects(table.column("USUBJID"))[at] if table.has_subject else "",
            variable=self.target,
            value=col.objects(table.column(column))[at],
            message=message[at] if isinstance(message, np.ndarray) else message,
            source="" if places is None else table.name,
            file=file,
            row=record,
            column=column,
        )

    def note_unread(
        self, unread: Iterable[Unreadable], table: Table | None = None, among: np.ndarray | None = None
    ) -> None:
        """A finding for each cell that an expression did not read whole, of the records or of another table."""
        for part in unread:
            self.note_cells(FINDING_OF_KIND[part.kind], part, unreadable_message(part), table, among)

    def note_cells(
        self,
        rule: str,
        part: Unreadable,
        message: np.ndarray,
        table: Table | None = None,
        among: np.ndarray | None = None,
    ) -> None:
        """A finding for each cell of ``part``, with its subject, source, row and column. ``message``: as its texts."""
        if self.build.of_no_subject and not self.build.study.first:
            return
        mask = part.rows if among is None else part.rows & among
        at = np.flatnonzero(mask)
        if not len(at):
            return
        inside = mask[part.rows]
        places = part.cells.places(at)
        rows = self.rows if table is None else Rows.of(table)
        own = rows.nodes[BASE][0].places(rows.ids()[at]) if BASE in rows.nodes else None
        if own is not None:
            bare = places.row < 0
            places.file[bare], places.row[bare] = own[0][bare], own[1][bare]
            places.source[bare], places.column[bare] = rows.nodes[BASE][0].name, part.name
        subject: Any = ""
        if table is None:
            subject = col.objects(self.subject())[at] if self.has_subject else ""
        elif table.has_subject:
            subject = col.objects(table.column("USUBJID"))[at]
        self.build.study.unread.note(
            len(at),
            rule=rule,
            dataset=self.dataset,
            subject=subject,
            variable=self.target,
            value=part.texts[inside],
            message=message[inside],
            source=places.source,
            file=places.file,
            row=places.row,
            column=places.column,
        )

    def _raw_column(self, name: str, node: str, at: np.ndarray) -> str | np.ndarray:
        """The file's column behind a name: for an unpivoted or exploded one, that of each record's item."""
        if node:
            table = self.rows.nodes[node][0] if node in self.rows.nodes else None
            return (table.in_file(name) or name) if isinstance(table, RawSlice) else name
        carried = self.rows.column_sources[name].carried if name in self.rows.column_sources else ()
        if self.rows.items is None or not any(carried):
            return name
        columns = [self._carried_column(c) for c in carried]
        return np.array(columns, dtype=object)[self.rows.items[at]]

    def _carried_column(self, name: str) -> str:
        """The file's column that an item takes over; it may be called like the column made of it."""
        found = self.rows.find(name, further=False)
        table = self.rows.nodes[found[0]][0] if found else None
        return (table.in_file(found[1]) or name) if found and isinstance(table, RawSlice) else name


class OtherTable:
    """The names that a condition on the rows of another table can read: its columns, else one by subject."""

    def __init__(self, env: Environment, table: Table, field: str):
        self.env, self.table, self.field = env, table, field

    def _find(self, name: str) -> tuple[Table, str, np.ndarray | None]:
        """(table, column, rows of it; None for all in order)."""
        table, study = self.table, self.env.build.study
        own = name if table.has(name) else table.qualified(name.removeprefix(f"{table.name}."))
        if own is not None:
            return table, own, None
        prefix, dot, rest = name.partition(".")
        if dot and study.has_table(prefix) and table.has_subject:
            other = study.table(prefix, self.env.build, None)  # all its blocks
            there = other.qualified(rest)
            if there is not None and other.has_subject:
                return other, there, study.subject_rows(other, table.column("USUBJID"))
        message = f"there is no column '{name}' in {table.name}"
        raise self.env.error(message, self.field, nearest(name, table.names()))

    def column(self, name: str) -> pd.Series:
        table, column, ids = self._find(name)
        return table.column(column) if ids is None else col.take(table.column(column), ids)

    def cells(self, name: str) -> RawCells:
        return RawCells.of(*self._find(name), self.table.n)


def _in_table(table: Table, name: str) -> str:
    """A key of a table, which a spec may also write as TABLE.NAME."""
    found = name if table.has(name) else table.qualified(name.removeprefix(f"{table.name}."))
    return name if found is None else found


def subject_node(table: Table) -> str:
    """The lineage node of the subject's row of a raw source."""
    return f"{SUBJECT}:{table.name}"
