"""The value of the one row of another table with the same key, with bounds around a value, or with the nearest value.

Not for the first or the last of several rows (from_other_records.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording
from ..columns import column as col
from ..columns import verbs
from ..columns.ties import Tie
from ..tables.table import Table
from .derivation import Derived
from .environment import Environment
from .from_other_records import FromTable
from .nearby_rows import Between, Nearest, compared_as, of_records, of_rows, rows_between, rows_nearest
from .tie_findings import report_tie


@register
class Lookup(FromTable):
    """The value of the one row of another table with the same key.

    With between: the row must also have a value of the record between its bounds; with nearest: the row with the
    nearest value counts. on: [] is for a table whose rows belong to all records. Several rows are a finding.
    """

    verb: ClassVar[str] = "lookup"
    example = Example(
        rule="{lookup: site.COUNTRY, on: {SITE: NUMBER}}",
        rows={"SUBJ": ["01", "02", "03"], "SITE": ["7", "8", ""]},
        gives=["DEU", "ITA", ""],
        dataset="DM",
        variable="COUNTRY",
        sources={"site": {"NUMBER": ["7", "8"], "COUNTRY": ["DEU", "ITA"]}},
    )

    lookup: str = Field(description="TABLE.COLUMN")
    between: Between | None = Field(default=None, description="Bounds of the row for a value of the record.")
    nearest: Nearest | None = Field(default=None, description="The row with the nearest value to one of the record.")

    def target_column(self) -> str:
        return self.lookup

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        return is_number(self.lookup)

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from super().reads()
        for field, how in (("between", self.between), ("nearest", self.nearest)):
            if how is not None:
                yield field, how.value

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.between is not None and self.nearest is not None:
            yield "nearest", "between: and nearest: exclude each other"
        if self.between is not None and self.between.from_ is None and self.between.to is None:
            yield "between", "between: needs from:, to: or both"

    def columns_of_table(self) -> Iterator[tuple[SpecModel, str, str]]:
        if self.between is not None:
            names = (("from", self.between.from_), ("to", self.between.to))
            yield from ((self.between, field, name) for field, name in names if name is not None)
        if self.nearest is not None:
            yield self.nearest, "to", self.nearest.to

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return f"{target} is {self.column_words(words)}{self._ending(words)}."

    def _sentence_end(self, words: Wording) -> str:
        table = words.of_table(self.table_and_column()[0])
        if (between := self.between) is not None:
            low, high = (table.name(n) if n else "" for n in (between.from_, between.to))
            bounds = f"from {low} to {high}" if low and high else f"from {low} on" if low else f"up to {high}"
            less = {"both": "", "from": " (excluded)", "to": " (the lower bound excluded)", "none": " (both excluded)"}
            which = f" of the record that has {words.name(between.value)} {bounds}{less[between.inclusive]}"
        elif (nearest := self.nearest) is not None:
            side = {"any": "", "before": " at or below it", "after": " at or above it"}[nearest.direction]
            within = "" if nearest.within is None else f", at most {col.number_text(nearest.within)} away"
            which = (
                f" of the record whose {table.name(nearest.to)} is nearest to {words.name(nearest.value)}{side}{within}"
            )
        else:
            which = ""
        return f"{which}{super()._sentence_end(words)}"

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        codes, row_codes, usable = self._groups(env, table)
        row_codes = np.where(usable, row_codes, -1)
        if self.between is not None or self.nearest is not None:
            rows = self._nearby(env, table, column, codes, row_codes)
            return Derived(self._values_at(env, table, column, rows), (table, rows), (column,))
        count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
        order = np.arange(table.n)
        picked = verbs.pick_per_group(row_codes, count, order, "first")
        rows = np.where(codes >= 0, picked[np.maximum(codes, 0)], -1) if count else np.full(env.n, -1)
        repeated = np.zeros(count + 1, dtype=bool)
        repeated[row_codes[verbs.later(row_codes)]] = True
        if repeated.any():
            env.report(
                "R2A-JOIN-002",
                repeated[codes] & (codes >= 0),
                f"{table.name} has several rows for the key; the first was used",
                value="",
            )
        values = self._values_at(env, table, column, rows)
        return Derived(values, (table, rows), (column,), choice=self._choice(env, table, column))

    def _nearby(
        self, env: Environment, table: Table, column: str, codes: np.ndarray, row_codes: np.ndarray
    ) -> np.ndarray:
        """The row of each record by between: or nearest:; several rows that differ in the value are a finding."""
        if (between := self.between) is not None:
            kind = compared_as(between.kind, between.value, between.from_, between.to)
            values = of_records(env, between.value, kind, "between")
            low, high = (
                np.full(table.n, np.nan) if n is None else of_rows(env, table, n, kind)
                for n in (between.from_, between.to)
            )
            row_codes = self._with_bounds(env, table, row_codes, low, high)
            rows, several = rows_between(values, codes, low, high, row_codes, between.inclusive)
            message = f"several rows of {table.name} have {between.value} between their bounds: the lowest bounds count"
            env.report("R2A-JOIN-004", several, message, between.value)
            return rows
        assert self.nearest is not None
        kind = compared_as(self.nearest.kind, self.nearest.value, self.nearest.to)
        values = of_records(env, self.nearest.value, kind, "nearest")
        others = of_rows(env, table, self.nearest.to, kind)
        rows, equal = rows_nearest(values, codes, others, row_codes, self.nearest)
        at = np.flatnonzero(equal != np.arange(table.n))
        tie, differing = Tie(at, equal[at]).different({column: table.column(column)})
        report_tie(env, table, rows, tie, ranked=self.nearest.to, differing=differing, which="first")
        return rows

    def _with_bounds(
        self, env: Environment, table: Table, row_codes: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> np.ndarray:
        """The keys of the rows, -1 for a row whose bounds cannot be used; each is a finding."""
        assert self.between is not None
        usable = row_codes >= 0
        kind = "complete date" if self.between.kind == "date" else "number"
        for name, bound in ((self.between.from_, low), (self.between.to, high)):
            if name is not None:
                unread = usable & np.isnan(bound) & ~col.missing(table.column(name))
                env.report_on(table, "R2A-JOIN-005", unread, f"the bound is no {kind}: the row is not used", name)
                usable &= ~unread
        turned = usable & (low > high)
        message = "the lower bound is above the upper one: the row is not used"
        env.report_on(table, "R2A-JOIN-005", turned, message, self.between.from_ or "")
        return np.where(usable & ~turned, row_codes, -1)
