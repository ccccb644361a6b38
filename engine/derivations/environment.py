"""What a derivation sees: the records of a block or of the whole dataset, with conditions, formulas and findings.

Not for what a name means (record_names.py), nor for when a variable is derived (engine/building/dataset_build.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem
from ...mappings.binding.bind import SpecModel, expression_place
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ..accounts.outcomes import CellOutcome
from ..columns import column as col
from ..expressions import kernels
from ..expressions.cells import KnownCells, Unreadable
from ..expressions.truth import TRUE
from ..expressions.unread_cells import FINDING_OF_KIND, unreadable_message
from ..plan.plan import PlannedVariable
from ..tables.raw_cells import RawCells
from ..tables.rows import BASE, Rows
from ..tables.table import RawSlice, Table
from .other_table import OtherTable
from .raw_rows import raw_rows
from .record_names import RecordNames
from .view import DatasetView


class Environment(RecordNames):
    """The records of a rule, with conditions, formulas and findings about them.

    ``unused``: column -> (records, outcome) of cells that the rule read and did not use, see ``note_unused``.
    """

    def __init__(
        self,
        build: DatasetView,
        rows: Rows,
        block: int | None,
        variable: PlannedVariable | None,
        rule: SpecModel | None,
    ):
        super().__init__(build, rows, block, variable, rule)
        self.findings = build.study.findings
        self.unused: dict[str, list[tuple[np.ndarray, CellOutcome]]] = {}

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
        """(FALSE, UNKNOWN or TRUE of every record, the cells that could not be read). The caller reports these."""
        found = self._evaluate(text, field, "condition")
        self.note_unread(found.shortened())
        return found.truth, found.unreadable()

    def compute(self, text: str, field: str, among: np.ndarray | None = None) -> pd.Series:
        """Values of a formula. ``among``: the records that may get them; a cell of another record is no finding."""
        found = self._evaluate(text, field, "formula")
        self._note(found, among=among)
        self._report_divisions(found, among)
        return found.values

    def _report_divisions(self, found: kernels.Evaluation, among: np.ndarray | None) -> None:
        zero = found.divided_by_zero()
        if zero.any():
            zero = zero & self.applies() if among is None else zero & among & self.applies()
            self.report("R2A-EXPR-005", zero, "the formula divides by 0: it has no value")

    def applies(self) -> np.ndarray:
        """The records for which when: of the rule holds; all without one."""
        when = getattr(self.rule, "when", None)
        if when is None:
            return np.ones(self.n, dtype=bool)
        return self._evaluate(when, "when", "condition").truth == TRUE

    def values_of(self, text: str, field: str) -> pd.Series:
        """Values of a formula, of which the caller reports those that are missing."""
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

    # findings

    def note_unused(self, name: str, where: np.ndarray, outcome: CellOutcome) -> None:
        """Note the outcome of cells that the rule read, where the values do not show it.

        ``where``: over the records. ``outcome``: NO_VALUE where the spec declares that the text means no value; EMPTY
        where the rule could not use the cell, which is a finding unless the rule reports it; REPORTED where the
        finding of the rule names another cell of the record as the reason, such as the unit of a result.
        """
        if where.any():
            self.unused.setdefault(name, []).append((where, outcome))

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

        ``name``: the column that was read; of several names, the first that is filled. ``value``: the values to show,
        an array over all records; by default the cells of ``name``. ``picked``: the table and per record its row from
        which the rule took the value of ``name``. ``severity``: as in Findings.add.
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
            value = "" if not name else col.objects(self.peek(name))
        shown = name
        if found is None and picked is None and (by_subject := self._cell_by_subject(name)) is not None:
            picked, shown = by_subject
        node = found[0] if found and found[0] in self.rows.nodes else BASE
        source, file, record = "", "", np.full(len(at), -1)
        table, rows = picked or self._node_rows(node)
        places = table.places(rows[at]) if table is not None else None
        if table is not None and places is not None:
            source, (file, record) = table.name, places
        elif table is not None:
            file, record = raw_rows(table, rows[at])
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
        remaining = where.copy()
        for name in names[:-1]:
            here = remaining & ~col.missing(self.peek(name))
            remaining = remaining & ~here
            yield name, here
        yield names[-1], remaining

    def _cell_by_subject(self, name: str) -> tuple[tuple[Table, np.ndarray], str] | None:
        """((source, its row of each record), column) of a name SOURCE.COLUMN that is read by subject."""
        prefix, dot, column = name.partition(".")
        table = self.build.study.tables.get(prefix) if dot else None
        qualified = table.qualified(column) if table is not None else None
        if not isinstance(table, RawSlice) or qualified is None or not (table.has_subject and self.has_subject):
            return None
        return (table, self.subject_rows(table)), qualified

    def _node_rows(self, node: str) -> tuple[Table | None, np.ndarray]:
        """(table of a node of the records, its row of each record)."""
        if node not in self.rows.nodes and self.block is None:  # the records of all blocks, one block after the other
            return self.build.study.table(self.dataset, self.build, None), np.arange(self.n)
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
        file, record = raw_rows(table, at) if places is None else places
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
        """A finding for each cell of ``part``, with its subject, source, row and column.

        ``message``: one for each of its texts. A text of no raw cell gets the row of its record and the name of the
        part. ``table``: the rows are those of another table, not the records.
        """
        if self.build.of_no_subject and not self.build.study.first:
            return
        mask = part.rows if among is None else part.rows & among
        at = np.flatnonzero(mask)
        if not len(at):
            return
        inside = mask[part.rows]
        places = part.cells.places(at)
        rows = self.rows if table is None else Rows.of(table)
        of_record = rows.nodes[BASE][0].places(rows.ids()[at]) if BASE in rows.nodes else None
        if of_record is not None:
            no_cell = places.row < 0
            places.file[no_cell], places.row[no_cell] = of_record[0][no_cell], of_record[1][no_cell]
            places.source[no_cell], places.column[no_cell] = rows.nodes[BASE][0].name, part.name
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
        """The file's column that an item carries; a column built for the block may have the same name."""
        found = self.rows.find(name, further=False)
        table = self.rows.nodes[found[0]][0] if found else None
        return (table.in_file(found[1]) or name) if found and isinstance(table, RawSlice) else name
