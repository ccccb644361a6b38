"""The step ``combined``: records of several datasets as one, with a flag for each source and an order of preference.

Not for records that blocks put below each other (docs/records.md), nor for the first of several events (events.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.building.view import JoinTie
from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.rounding import significant
from ...engine.columns.ties import Tie
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import ColumnSources, Rows, node_of
from ...mappings.binding.bind import SpecModel
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from .groups import DERIVED, by_words
from .source_records import DATE, CombinedSource, Source, one_of_each, source_records

#: significant digits in which two values of sources agree, as in conditions (docs/semantics.md S13)
_DIGITS = 12


@dataclass(frozen=True)
class Combined:
    """The records. ``subject``: of each the row of the block; ``rows``: of each source its row there, -1 for none.

    ``there``: of each source whether it has the key of the record; ``winner``: the source whose record counts.
    """

    subject: np.ndarray
    rows: list[np.ndarray]
    there: list[np.ndarray]
    winner: np.ndarray


@register_step
class CombinedRecords(RecordStep):
    """The records of several datasets as one: a record for each key, with a flag for each source that has it.

    The rows of the block are the subjects. A key is the subject and by:. Where several sources have a key, the first of
    the list counts, for the whole record or for each variable in which it has a value; or all records stay. A record
    with a missing key combines with no other one. Several records of a key in one source need order:, else they are a
    finding.
    """

    verb: ClassVar[str] = "combined"
    title: ClassVar[str] = "records of several datasets"
    overrides: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={
            "vs": {"SUBJ": ["01", "01"], "DAY": ["2024-03-01", "2024-03-08"], "RES": ["70", "71"]},
            "qs": {"SUBJ": ["01", "02"], "DAY": ["2024-03-08", "2024-03-02"], "RES": ["72", "80"]},
        },
        datasets={
            "VS": "VSTESTCD: {value: WEIGHT}\nVSORRES: RES\nVSSTRESN: RES\nVSDTC: {date: DAY}",
            "QS": "QSTESTCD: {value: WEIGHT}\nQSCAT: {value: DIARY, codelist: none}\n"
            "QSORRES: RES\nQSSTRESN: RES\nQSDTC: {date: DAY}",
        },
        rows="""
- from: ADSL
  derive:
    combined:
      - {from: VS, variables: {AVAL: VSSTRESN}, date: VSDTC, flag: SITEFL}
      - {from: QS, name: HOME, variables: {AVAL: QSSTRESN}, date: QSDTC, flag: HOMEFL}
    by: [ADT]
    source: SRC
""",
        variables="PARAMCD: {value: WEIGHT}\nPARAM: {value: Weight (kg)}",
        sort=("USUBJID", "ADT"),
        gives={
            "USUBJID": ["DEMO-01", "DEMO-01", "DEMO-02"],
            "ADT": ["2024-03-01", "2024-03-08", "2024-03-02"],
            "AVAL": ["70", "71", "80"],
            "SRC": ["VS", "VS", "HOME"],
            "SITEFL": ["Y", "Y", ""],
            "HOMEFL": ["", "Y", "Y"],
        },
    )

    combined: tuple[CombinedSource, ...] = Field(description="The sources, the preferred one first.")
    by: tuple[str, ...] = Field(default=(), description="The variables of the key, within the subject.")
    choose: Literal["listed", "filled", "every"] = Field(
        default="listed",
        description="Of several sources with a key: listed, the record of the first one; filled, for each variable the "
        "first one that has a value; every, the records of all.",
    )
    source: str | None = Field(
        default=None, description="Variable with the name of the source of the record; with filled of the first one."
    )
    agree: tuple[str, ...] = Field(
        default=(), description="Variables that should be the same in all sources of a key; a difference is a finding."
    )

    # the spec

    @property
    def valued(self) -> tuple[str, ...]:
        """The variables that the sources give."""
        return tuple(dict.fromkeys(n for s in self.combined for n in s.gives))

    def columns(self) -> Mapping[str, StepColumn]:
        found = {n: StepColumn("integer" if n == DATE else "text") for n in self.valued}
        found |= {s.flag: StepColumn(label=f"Record in {s.called}") for s in self.combined if s.flag is not None}
        if self.source is not None:
            found[self.source] = StepColumn(label="Source of the Record")
        return found

    def texts(self, column: str) -> dict[str, str] | None:
        if column == self.source:
            return {s.called: "" for s in self.combined}
        if any(column == s.flag for s in self.combined):
            return {"Y": ""}
        if all(column in s.values for s in self.combined if column in s.gives) and column in self.valued:
            return dict.fromkeys((s.values[column] for s in self.combined if column in s.values), "")
        return None

    def parts(self) -> Iterator[StepRead]:
        for source in self.combined:
            yield from source.parts()

    def nodes(self) -> Mapping[str, str]:
        return {s.called: s.from_ for s in self.combined}

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        if not self.combined:
            yield self, "combined", "at least one source is needed"
        seen: set[str] = set()
        for source in self.combined:
            yield from ((source, field, message) for field, message in source.problems(self.by))
            if source.called in seen:
                yield source, "from_", f"two sources are called {source.called}; add name: to one of them"
            seen.add(source.called)
        for name in self.agree:
            if sum(name in s.gives for s in self.combined) < 2:
                yield self, "agree", f"fewer than two sources give {name}"
        if self.agree and self.choose == "every":
            yield self, "agree", "agree: compares the sources of one record; choose: every has no such record"
        new = [*(s.flag for s in self.combined if s.flag is not None), *([self.source] if self.source else [])]
        for name in dict.fromkeys(n for n in new if new.count(n) > 1 or n in self.valued):
            yield self, "combined", f"{name} has two meanings: it is a flag, source: or a variable of a source"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        key = by_words(self.by, words)
        for source in self.combined:
            if column == source.flag:
                return f"{column} is 'Y' if there is a record {key} in {source.words(words)}."
        if column == self.source:
            listed = "; ".join(f"{quoted(s.called)} for {s.words(words)}" for s in self.combined)
            which = "" if self.choose == "every" else f", the first of the list that has a record {key}"
            return f"{column} is the source of the record: {listed}{which}."
        listed = "; ".join(
            f"{self._of_source(s, column)} of {s.words(words)}" for s in self.combined if column in s.gives
        )
        if self.choose == "every":
            return f"{column} is that of the source of the record: {listed}."
        rest = "that has a value in a record" if self.choose == "filled" else "that has a record"
        return f"{column} is that of the first of these sources {rest} {key}: {listed}."

    def _of_source(self, source: CombinedSource, column: str) -> str:
        return quoted(source.values[column]) if column in source.values else source.gives[column]

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        sources = [source_records(env, spec) for spec in self.combined]
        groups, count, alone = self._groups(sources)
        at = np.cumsum([0, *(len(s.rows) for s in sources)])
        of_source = [groups[at[k] : at[k + 1]] for k in range(len(sources))]
        self._report_alone(env, sources, [alone[at[k] : at[k + 1]] for k in range(len(sources))])
        if self.choose == "every":
            found, ties = self._every(sources, of_source, count), []
        else:
            found, ties = self._one_record(env, sources, of_source, count)
        records = self._records(env, rows, sources, found)
        self._note_ties(env, records, sources, found, ties)
        self._report_differences(env, records, sources, found)
        return records

    def _groups(self, sources: list[Source]) -> tuple[np.ndarray, int, np.ndarray]:
        """(the key of each record of all sources, how many keys, whether a record has a missing one: it is alone)."""
        keys = [[pd.Series(s.subject.astype("float64")), *(s.values(n, s.rows) for n in self.by)] for s in sources]
        codes = np.concatenate(verbs.key_codes(*keys))
        alone = codes < 0
        count = int(codes.max(initial=-1)) + 1
        codes[alone] = count + np.arange(alone.sum())
        return codes, count + int(alone.sum()), alone

    def _report_alone(self, env: Environment, sources: list[Source], alone: list[np.ndarray]) -> None:
        for source, here in zip(sources, alone, strict=True):
            without = np.zeros(source.table.n, dtype=bool)
            without[source.rows[here]] = True
            message = f"a record of {source.spec.called} has no {' or no '.join(self.by)}: it combines with no other"
            on_table = Environment(env.build, Rows.of(source.table), env.block, None, source.spec)
            column = next((source.spec.gives[n] for n in self.by if source.spec.gives[n]), "")
            on_table.report("R2A-REC-014", without, message, column)

    def _every(self, sources: list[Source], of_source: list[np.ndarray], count: int) -> Combined:
        """All records of all sources, with the sources that have the key of each."""
        has = []
        for groups in of_source:
            has.append(np.zeros(count, dtype=bool))
            has[-1][groups] = True
        groups = np.concatenate(of_source)
        winner = np.repeat(np.arange(len(sources)), [len(s.rows) for s in sources])
        row = np.concatenate([s.rows for s in sources])
        return Combined(
            np.concatenate([s.subject for s in sources]),
            [np.where(winner == k, row, -1) for k in range(len(sources))],
            [each[groups] for each in has],
            winner,
        )

    def _one_record(
        self, env: Environment, sources: list[Source], of_source: list[np.ndarray], count: int
    ) -> tuple[Combined, list[list[Tie]]]:
        """A record for each key, in the order of the subjects and the sources."""
        subject, rows, ties = np.full(count, -1, dtype="int64"), [], []
        winner = np.full(count, -1, dtype="int64")
        for number, (source, groups) in enumerate(zip(sources, of_source, strict=True)):
            picked, alike = one_of_each(env, source, groups, count)
            subject[groups] = source.subject
            winner[(winner < 0) & (picked >= 0)] = number
            rows.append(picked)
            ties.append(alike)
        order = np.argsort(subject, kind="stable")
        rows = [r[order] for r in rows]
        return Combined(subject[order], rows, [r >= 0 for r in rows], winner[order]), ties

    def _records(self, env: Environment, rows: Rows, sources: list[Source], found: Combined) -> Rows:
        records = rows.take(found.subject)
        taken = {*env.build.planned.every}
        nodes = [node_of(s.spec.called, taken) for s in sources]
        for node, source, at in zip(nodes, sources, found.rows, strict=True):
            records = records.with_node(node, source.table, at)
        columns: dict[str, pd.Series] = {}
        reads: dict[str, tuple[Reading, ...]] = {}
        for name in self.valued:
            columns[name] = self._values(name, sources, found)
            reads[name] = tuple(
                Reading(f"row:{node}", s.table.name, s.spec.gives[name], item=-1 if self.choose == "filled" else k)
                for k, (node, s) in enumerate(zip(nodes, sources, strict=True))
                if s.spec.gives.get(name)
            )
        for source, there in zip(sources, found.there, strict=True):
            if source.spec.flag is not None:
                columns[source.spec.flag] = col.join_text(there.astype("int64"), ["", "Y"])
        if self.source is not None:
            columns[self.source] = col.join_text(found.winner, [s.spec.called for s in sources])
        origins = {n: ColumnSources(reads=reads.get(n, ()), origin=DERIVED) for n in columns}
        return records.with_columns(columns, found.winner.astype("int32"), origins)

    def _values(self, name: str, sources: list[Source], found: Combined) -> pd.Series:
        """A variable of the records: of the source that counts, or of the first one with a value."""
        parts = [s.values(name, at) if name in s.gives else None for s, at in zip(sources, found.rows, strict=True)]
        numeric = all(col.is_number(p) for p in parts if p is not None)
        n = len(found.winner)
        choice = np.full(n, -1, dtype="int64")
        for number, part in enumerate(parts):
            if part is not None and self.choose == "filled":
                choice[(choice < 0) & found.there[number] & ~col.missing(part)] = number
            elif part is not None:
                choice[found.winner == number] = number
        blank = pd.Series(np.full(n, np.nan)) if numeric else col.constant("", n)
        stacked = [blank, *(p if numeric else col.as_text(p) for p in parts if p is not None)]
        place = np.zeros(len(parts), dtype="int64")
        place[[k for k, p in enumerate(parts) if p is not None]] = np.arange(1, len(stacked))
        return col.take(col.concat(stacked), np.where(choice < 0, 0, place[choice]) * n + np.arange(n))

    # findings

    def _note_ties(
        self, env: Environment, records: Rows, sources: list[Source], found: Combined, ties: list[list[Tie]]
    ) -> None:
        of_records = Environment(env.build, records, env.block, None, self)
        for source, rows, alike in zip(sources, found.rows, ties, strict=False):
            node = node_of(source.spec.called, {*env.build.planned.every})
            ranked = ", ".join(source.spec.order)
            for tie in alike:
                env.build.note_join_tie(  # pyright: ignore[reportAttributeAccessIssue]
                    JoinTie(
                        env=of_records,
                        node=f"row:{node}",
                        table=source.table,
                        rows=rows,
                        tie=tie,
                        ranked=ranked,
                        which=source.spec.take,
                    )
                )

    def _report_differences(self, env: Environment, records: Rows, sources: list[Source], found: Combined) -> None:
        """A finding for each record whose sources differ in a variable of agree:."""
        of_records = Environment(env.build, records, env.block, None, self)
        for name in self.agree:
            giving = [(s, at) for s, at in zip(sources, found.rows, strict=True) if name in s.gives]
            for (one, at_one), (other, at_other) in combinations(giving, 2):
                first, second = one.values(name, at_one), other.values(name, at_other)
                differ = ~col.missing(first) & ~col.missing(second) & ~_same(first, second)
                at = np.flatnonzero(differ)
                a, b = (np.full(records.n, "", dtype=object) for _ in "ab")
                a[at], b[at] = (col.objects(col.as_text(col.take(v, at))) for v in (first, second))
                message = np.full(records.n, "", dtype=object)
                message[at] = f"{name} is " + a[at] + f" in {one.spec.called} and " + b[at] + f" in {other.spec.called}"
                column = one.spec.gives[name]
                of_records.report("R2A-REC-015", differ, message, column, a, (one.table, at_one) if column else None)


def _same(one: pd.Series, two: pd.Series) -> np.ndarray:
    if col.is_number(one) and col.is_number(two):
        return significant(np.asarray(one), _DIGITS) == significant(np.asarray(two), _DIGITS)
    return col.objects(col.as_text(one)) == col.objects(col.as_text(two))
