"""The rows of another table that count for a record: those with its key, or those of them between two of its values.

Not for taking a value of one of them (lookup.py), nor for what is counted (totals.py, statistic.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from ...mappings.binding.bind import SpecModel
from ...mappings.models.wording import Wording
from ..tables.dataset import Choice
from ..tables.table import Table
from .environment import Environment
from .from_other_records import FromTable
from .nearby_rows import KIND, Kind, compared_as, last_at_most, of_records, of_rows


class Within(SpecModel):
    """The rows whose value of a column lies between two values of the record; a bound that is not named is open."""

    column: str = Field(description="Column of the table: numbers or dates.")
    from_: str | None = Field(default=None, alias="from", description="The lower bound, a value of the record.")
    to: str | None = Field(default=None, description="The upper bound, a value of the record.")
    inclusive: Literal["both", "from", "to", "none"] = Field(
        default="both", description="The bounds that belong to the window."
    )
    kind: Kind = Field(default="number", description=KIND)

    def bounds(self) -> Iterator[tuple[str, str]]:
        """(field, name) of each bound."""
        yield from ((f, n) for f, n in (("from", self.from_), ("to", self.to)) if n is not None)


@dataclass(frozen=True)
class Counted:
    """The rows that count, by group. ``rows``, ``groups``: (m,). ``of_record``: the group of each record, -1: none."""

    rows: np.ndarray
    groups: np.ndarray
    of_record: np.ndarray
    count: int


class WithinTable(FromTable):
    """Base of rules over all rows with the key of a record: which of them count."""

    within: Within | None = Field(
        default=None,
        description="Only rows whose value of a column lies between two values of the record, as the doses up to its "
        "date. A row or a record without such a value has none.",
    )

    def bounds(self) -> Iterator[tuple[str, str]]:
        """(field, name) of the values of the record that within: reads."""
        for _, name in self.within.bounds() if self.within is not None else ():
            yield "within", name

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from super().reads()
        yield from self.bounds()

    def columns_of_table(self) -> Iterator[tuple[SpecModel, str, str]]:
        if self.within is not None:
            yield self.within, "column", self.within.column

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.within is not None and not list(self.within.bounds()):
            yield "within", "within: needs from:, to: or both"

    def choice(self, env: Environment, table: Table, column: str) -> Choice | None:
        """The rows that trace lists; with within: they differ between the records of a key."""
        return self._choice(env, table, column) if self.within is None else None

    def _sentence_end(self, words: Wording) -> str:
        if (within := self.within) is None:
            return super()._sentence_end(words)
        low, high = (words.name(n) if n else "" for n in (within.from_, within.to))
        bounds = f"from {low} to {high}" if low and high else f"from {low} on" if low else f"up to {high}"
        less = {"both": "", "from": ", the upper bound excluded", "to": ", the lower bound excluded"}
        column = words.of_table(self.table_and_column()[0]).name(within.column)
        return f"{super()._sentence_end(words)}, with {column} {bounds}{less.get(within.inclusive, ', both excluded')}"

    def counted(
        self, env: Environment, table: Table, codes: np.ndarray, row_codes: np.ndarray, usable: np.ndarray
    ) -> Counted:
        """The usable rows that count for each record: by key, with within: by record."""
        if (within := self.within) is None:
            rows = np.flatnonzero(usable)
            count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
            return Counted(rows, row_codes[rows], codes, count)
        kind = compared_as(within.kind, within.column, *(name for _, name in within.bounds()))
        values = of_rows(env, table, within.column, kind)
        low, high = (
            np.full(env.n, open_) if name is None else of_records(env, name, kind, "within")
            for name, open_ in ((within.from_, -np.inf), (within.to, np.inf))
        )
        records, rows = pairs_within(values, np.where(usable, row_codes, -1), low, high, codes, within.inclusive)
        return Counted(rows, records, np.arange(env.n), env.n)


def pairs_within(
    values: np.ndarray, row_codes: np.ndarray, low: np.ndarray, high: np.ndarray, codes: np.ndarray, inclusive: str
) -> tuple[np.ndarray, np.ndarray]:
    """(record, row) of each row of the key of a record with a value between its bounds, ordered by record.

    ``values``, ``row_codes``: of the rows. ``low``, ``high``, ``codes``: of the records. A missing one has no pair.
    """
    rows = np.flatnonzero((row_codes >= 0) & ~np.isnan(values))
    rows = rows[np.lexsort((rows, values[rows], row_codes[rows]))]
    keys, at_values = row_codes[rows], values[rows]
    first = np.searchsorted(keys, codes)
    below = last_at_most(keys, at_values, codes, low, "left" if inclusive in ("both", "from") else "right")
    upto = last_at_most(keys, at_values, codes, high, "right" if inclusive in ("both", "to") else "left")
    start = np.where(below >= 0, below + 1, first)
    known = (codes >= 0) & ~np.isnan(low) & ~np.isnan(high) & (upto >= 0)
    lengths = np.where(known, np.maximum(upto + 1 - start, 0), 0)
    records = np.repeat(np.arange(len(codes)), lengths)
    within = np.arange(len(records)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return records, rows[np.repeat(start, lengths) + within]
