"""The data cut-off: records that start after it leave SDTM, and later ends become missing.

SDTM is as if the raw data ended that day. Rows leave before any rule reads the records, so all that is derived from
them (reference dates, death, disposition, SUPP--, ADaM) follows. A record whose partial date may lie on either side
stays and is listed, and so does a record without a date.
Not for which dates decide: sdtm/planning.py; not for printing the list: validation/reports/data_cut.py.
See docs/semantics.md S25.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem
from ...findings.table import Findings
from ...mappings.binding.bind import place_of
from ..accounts.cells import ALL_READ
from ..accounts.ledger import CutRecords
from ..accounts.outcomes import CellOutcome, CutReason, RowOutcome
from ..columns import column as col
from ..columns.choose import choose, first_filled
from ..columns.iso_dates import EPOCH, periods
from ..derivations.derivation import Derivation
from ..derivations.environment import Environment
from ..plan.plan import PlannedVariable
from ..standard import tabulation
from ..tables.dataset import Finished
from ..tables.rows import BASE, Rows
from ..tables.table import RawSlice
from .built_column import BuiltColumn
from .view import DatasetInBuild, PartitionBuild


class Cutoff:
    """The cut-off date of a build: which records and subjects it removes."""

    def __init__(self, study: PartitionBuild, date: datetime.date):
        self.study, self.date = study, date
        self.day = float(date.toordinal() - EPOCH)
        self._subjects: set[str] | None = None
        self._subject_place: Place | None = None
        self._ended: dict[tuple[str, str, int], np.ndarray] = {}

    # whole sources

    def cut_sources(self) -> None:
        """Remove the late rows of every source that has ``cutoff:``, the columns whose date decides."""
        for name, table in self.study.tables.items():
            spec = self.study.plan.spec.sources.get(name)
            if spec is None or not spec.cutoff_columns or not isinstance(table, RawSlice) or table.absent:
                continue
            builds = list(self.study.builds.values())
            if builds:
                self._cut_source(table, spec.cutoff_columns, place_of(spec, "cutoff"), builds[0])

    def _cut_source(self, table: RawSlice, columns: tuple[str, ...], place: Place, build: DatasetInBuild) -> None:
        dates: pd.Series | None = None
        for column in columns:
            if not table.has(column):
                message = f"source {table.name} has no column '{column}', which decides the data cut-off"
                raise SpecError([SpecProblem(place, message)])
            rule = tabulation().date_rule(column)
            env = Environment(build, Rows.of(table), None, PlannedVariable(column, column), rule)
            env.findings = Findings()  # a text that is no date is reported where a variable is derived from it
            read = rule.derive(env).values  # pyright: ignore[reportAttributeAccessIssue]
            dates = read if dates is None else first_filled(dates, read)
        assert dates is not None
        late = periods(dates)[0] > self.day
        if late.any():
            ids = np.flatnonzero(late)
            reason = f"{place}: {'/'.join(columns)} is after the cut-off {self.date}"
            self.study.ledger.sources[table.name].mark(table.global_ids(ids), RowOutcome.AFTER_CUTOFF, reason)
            self._list(CutReason.AFTER, "", "/".join(columns), Rows.of(table).take(ids), col.take(dates, ids))
            table.restrict(np.flatnonzero(~late))
            self.study.cache.clear()  # it has a value for each row of a table, and the table has fewer rows now

    # records

    def rows_of_subjects(self, build: DatasetInBuild, rows: Rows) -> Rows:
        """The rows without those of subjects that the cut-off removes as a whole."""
        subjects = tabulation().subjects
        if build.planned.name == subjects or subjects not in self.study.builds or rows.find_subject() is None:
            return rows
        gone = self._of(rows, self.subjects())
        return rows.take(np.flatnonzero(~gone)) if gone.any() else rows

    def subjects(self) -> set[str]:
        """Subjects whose records in the dataset of subjects (DM) are all after the cut-off."""
        if self._subjects is None:
            build = self.study.builds[tabulation().subjects]
            removed: set[str] = set()
            remaining: set[str] = set()
            for number in build.block_range():
                remaining |= _subjects_of(build.rows(number))
                removed |= build.cut_subjects.get(number, set())
            self._subjects = removed - remaining
        return self._subjects

    def _of(self, rows: Rows, subjects: set[str]) -> np.ndarray:
        """Where rows are of one of these subjects."""
        codes, texts = col.split_text(rows.column(*(rows.find_subject() or (BASE, "USUBJID"))))
        return np.array([t in subjects for t in texts], dtype=bool)[codes] if len(texts) else np.zeros(rows.n, bool)

    def remaining(self, build: DatasetInBuild, rows: Rows, number: int) -> np.ndarray:
        """Positions of the records that stay; ``rows`` are the provisional records of the block in the build."""
        cut = build.planned.cut
        assert cut is not None
        names = [n for n in cut.by if build.planned.every[n].rule_in(number) is not None]
        if not names:
            return np.arange(rows.n)
        dates: pd.Series | None = None
        for name in names:
            values = build.value(name, number)
            dates = values if dates is None else first_filled(dates, values)
        assert dates is not None
        low, high = periods(dates)
        late = low > self.day
        if late.any():
            ids = np.flatnonzero(late)
            self._list(CutReason.AFTER, build.planned.name, "/".join(names), rows.take(ids), col.take(dates, ids))
            if build.planned.name == tabulation().subjects:
                build.cut_subjects[number] = _subjects_of(rows.take(ids))
        self._list_where(CutReason.NO_DATE, np.isnan(low), build, "/".join(names), rows, dates)
        self._spanning(build, "/".join(names), rows, dates, (low <= self.day) & (high > self.day), number)
        return np.flatnonzero(~late)

    def account(self, build: DatasetInBuild, base: RawSlice, rows: Rows, remaining: Rows) -> None:
        """Note in the ledger the rows whose records the cut-off removed; a row with another record stays mapped."""
        cut = build.planned.cut
        gone = np.zeros(base.n, dtype=bool)
        gone[rows.ids()] = True
        gone[remaining.ids()] = False
        if gone.any() and cut is not None:
            reason = f"{cut.place}: {'/'.join(cut.by)} of {build.planned.name} is after the cut-off {self.date}"
            self.study.ledger.sources[base.name].mark(
                base.global_ids(np.flatnonzero(gone)), RowOutcome.AFTER_CUTOFF, reason
            )

    # dates that end

    def cut_column(self, build: DatasetInBuild, name: str, block: int, column: BuiltColumn) -> BuiltColumn:
        """A variable after the cut-off: a later end is missing, and a variable that depends on the end is changed."""
        cut = build.planned.cut
        if cut is None or not build.blocks[block].source:
            return column
        if name in cut.ends:
            low, high = periods(column.values)
            late = low > self.day
            rows = build.rows(block)
            self._ended[build.planned.name, name, block] = late
            self._list_where(CutReason.END_AFTER, late, build, name, rows, column.values)
            self._spanning(build, name, rows, column.values, (low <= self.day) & (high > self.day), block)
            sentence = f"{name} is missing where it lies after the data cut-off {self.date}."
            return self._changed(column, late, "", sentence)
        for end, changes in cut.ends.items():
            if name in changes:
                build.value(end, block)
                late = self._ended.get((build.planned.name, end, block), np.zeros(0, dtype=bool))
                value = changes[name].replace("{CUTOFF}", self.date.isoformat())
                shown = f"'{value}'" if value else "missing"
                study_date = self._study_date(build, name, block) if "{CUTOFF}" in changes[name] else None
                if study_date is not None:
                    shown = "what its rule gives without its condition"
                sentence = f"{name} is {shown} where {end} lies after the data cut-off {self.date}."
                column = self._changed(column, late, value, sentence, study_date)
        return column

    @staticmethod
    def _study_date(build: DatasetInBuild, name: str, block: int) -> pd.Series | None:
        """The date that a study_date rule gives every record: the cut-off, or an earlier date of the rule."""
        planned = build.planned.every[name]
        rule = planned.rule_in(block)
        if not isinstance(rule, Derivation) or not tabulation().is_study_date(rule):
            return None
        return rule.derive(Environment(build, build.rows(block), block, planned, rule)).values

    def trim(self, build: DatasetInBuild, block: int, remaining: np.ndarray) -> None:
        """Narrow the ends that were cut from provisional records to the records that stay."""
        for key, late in self._ended.items():
            if key[0] == build.planned.name and key[2] == block:
                self._ended[key] = late[remaining]

    @staticmethod
    def _changed(
        column: BuiltColumn, where: np.ndarray, value: str, sentence: str, instead: pd.Series | None = None
    ) -> BuiltColumn:
        """The column with another value at ``where``, and the sentence that define.xml gets about it."""
        if not where.any():
            return column
        if instead is not None:
            values = choose(where, instead, column.values)
        elif col.is_number(column.values):
            number = float(value) if value else np.nan
            values = pd.Series(np.where(where, number, np.asarray(column.values, dtype="float64")))
        else:
            values = choose(where, col.constant(value, len(where)), column.values)
        picked = column.picked and (column.picked[0], np.where(where, -1, column.picked[1]))
        use = column.use and replace(column.use, sentence=f"{column.use.sentence} {sentence}")
        unused = {**column.unused, ALL_READ: [*column.unused.get(ALL_READ, []), (where, CellOutcome.AFTER_CUTOFF)]}
        return replace(column, values=values, use=use, picked=picked, unused=unused)

    # the end of a build

    def close(self, finished: Mapping[str, Finished]) -> None:
        """Account rows of removed subjects as cut; report each date after the cut-off that stays in SDTM."""
        standard = tabulation()
        if standard.subjects in self.study.builds and self.subjects():
            place = self.study.builds[standard.subjects].planned.cut
            reason = f"{place.place if place else ''}: the subject enters the study after the cut-off {self.date}"
            for table in self.study.tables.values():
                rows = Rows.of(table)
                if isinstance(table, RawSlice) and not table.absent and table.has_subject:
                    ids = np.flatnonzero(self._of(rows, self.subjects()))
                    account = self.study.ledger.sources[table.name]
                    before = account.outcome[table.global_ids(ids)] == RowOutcome.AFTER_CUTOFF
                    account.cut(table.global_ids(ids), reason)
                    newly_cut = rows.take(ids[~before])
                    self._list(CutReason.SUBJECT_AFTER, "", "", newly_cut, col.constant("", newly_cut.n))
        for name, done in finished.items():
            planned = self.study.plan.datasets.get(name)
            if planned is None or planned.cut is None or "USUBJID" not in done.dataset.columns:
                continue
            columns = done.dataset.columns
            for variable in (v for v in columns if standard.is_date(v)):
                late = np.flatnonzero(periods(columns[variable])[0] > self.day)
                if not len(late):
                    continue
                self.study.findings.add(
                    "R2A-CUT-002",
                    f"a date after the data cut-off {self.date} stays in SDTM; name it under cutoff: of the dataset",
                    dataset=name,
                    subject=col.objects(columns["USUBJID"])[late],
                    variable=variable,
                    value=col.objects(columns[variable])[late],
                )

    # findings and the list of cut records

    def _spanning(
        self, build: DatasetInBuild, name: str, rows: Rows, dates: pd.Series, where: np.ndarray, number: int
    ) -> None:
        if not where.any():
            return
        self._list_where(CutReason.SPANS, where, build, name, rows, dates)
        env = Environment(build, rows, number, None, None)
        env.report(
            "R2A-CUT-001",
            where,
            f"a partial {name} may lie before or after the data cut-off {self.date}: the record stays",
            value=col.objects(dates),
        )

    def _list_where(
        self, what: CutReason, where: np.ndarray, build: DatasetInBuild, name: str, rows: Rows, dates: pd.Series
    ) -> None:
        ids = np.flatnonzero(where)
        self._list(what, build.planned.name, name, rows.take(ids), col.take(dates, ids))

    def _list(self, what: CutReason, dataset: str, variable: str, rows: Rows, values: pd.Series) -> None:
        table = rows.nodes[BASE][0]
        if not rows.n or not isinstance(table, RawSlice):
            return
        record = table.raw.record[table.global_ids(rows.ids())]
        found = rows.find_subject()
        subject = col.objects(rows.column(*found)) if found else np.full(rows.n, "", dtype=object)
        self.study.ledger.cuts.append(
            CutRecords(
                what=what,
                dataset=dataset,
                variable=variable,
                file=table.raw.file,
                record=record,
                subject=subject,
                value=col.objects(values),
            )
        )


def _subjects_of(rows: Rows) -> set[str]:
    codes, texts = col.split_text(rows.column(*(rows.find_subject() or (BASE, "USUBJID"))))
    return {str(texts[c]) for c in np.unique(codes)} if rows.n else set()
