"""The texts of several records of another table in one text.

Not for the parts of one text (the function part() and explode: of a block), nor for the columns of one record
(assign.py, template).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...mappings.models.derivation import Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..accounts.changes import ChangeKind
from ..columns import column as col
from ..columns import verbs
from .derivation import Derived
from .environment import Environment
from .from_other_records import FromTable
from .ordering import in_order, table_key
from .totals import first_of_value


@register
class TextJoined(FromTable):
    """The filled texts of a column of all rows with the same key, joined along an order.

    Rows that rank alike follow their texts. A text that would be longer than limit: ends after the last whole text
    that fits, with a finding.
    """

    verb: ClassVar[str] = "text_joined"
    change: ClassVar[ChangeKind] = ChangeKind.COMPOSED
    example = Example(
        rule="{text_joined: cm.DRUG, order: [DAY], separator: '; ', label: Drugs}",
        rows={"SUBJ": ["01", "02"]},
        gives=["B; A", ""],
        dataset="ADSL",
        variable="DRUGS",
        study="dates: {columns: {DAY: [yyyy-mm-dd]}}",
        sources={
            "cm": {
                "SUBJ": ["01", "01", "01"],
                "DRUG": ["A", "B", "A"],
                "DAY": ["2020-03-29", "2020-03-01", "2020-04-02"],
            }
        },
    )

    text_joined: str = Field(description="TABLE.COLUMN")
    order: tuple[str, ...] = Field(
        default=(), description="Columns that order the rows, - before a name: descending; by default the text itself."
    )
    separator: str = Field(default=", ", description="The text between two texts.")
    repeat: bool = Field(
        default=False, description="true: a text that several rows have is repeated; by default its first place counts."
    )
    limit: int = Field(default=200, description="The longest text, in characters.", ge=1)

    def target_column(self) -> str:
        return self.text_joined

    def reads_as(self, numeric: bool) -> Iterator[tuple[str, str]]:
        del numeric
        yield from ()

    def problems(self) -> Iterator[tuple[str, ...]]:
        if self.as_ is not None:
            yield "as", "text_joined: is of texts, as the table has them"

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        different = "" if self.repeat else "different "
        by = f" by {words.of_table(self.table_and_column()[0]).order(self.order)}" if self.order else ""
        between = f", with {quoted(self.separator)} between them, in at most {self.limit} characters"
        what = f"the {different}values of {self.column_words(words)} joined{by}{between}"
        return f"{target} is {what},{self._ending(words)}."

    def derive(self, env: Environment) -> Derived:
        table, column = self._table(env)
        values = col.as_text(table.column(column))
        codes, row_codes, usable = self._groups(env, table)
        usable = usable & ~col.missing(values) & np.isin(row_codes, codes[codes >= 0])
        self._account_used(env, table, usable, column)
        typed = [table_key(env, table, n.lstrip("-")) for n in self.order]
        keys = in_order(typed, [n.startswith("-") for n in self.order])
        order = verbs.order_rows([row_codes, *keys.keys, col.ranks(values)])
        usable = usable[order]
        if not self.repeat:
            usable = first_of_value(col.take(values, order), row_codes[order], usable)
        rows = order[usable]
        count = int(max(codes.max(initial=-1), row_codes.max(initial=-1))) + 1
        texts, cut = join_by_group(col.take(values, rows), row_codes[rows], count, self.separator, self.limit)
        here = codes >= 0
        message = f"the joined texts have more than {self.limit} characters: those that do not fit are not in it"
        env.report("R2A-TEXT-006", here & np.append(cut, False)[codes], message)
        found = col.take(texts, np.where(here, codes, -1))
        return Derived(found, choice=self._choice(env, table, column))


def join_by_group(
    values: pd.Series, groups: np.ndarray, count: int, separator: str, limit: int
) -> tuple[pd.Series, np.ndarray]:
    """(joined text of each of ``count`` groups, where texts were left out); rows lie group by group in their order.

    One step for each place in a group joins each different pair of a text so far and a further text once.
    """
    codes, texts = col.split_text(values)
    sizes = np.bincount(groups, minlength=count)
    starts = np.cumsum(sizes) - sizes
    so_far, known = np.zeros(count, dtype="int64"), np.array([""], dtype=object)
    cut = np.zeros(count, dtype=bool)
    for place in range(int(sizes.max(initial=0))):
        open_ = np.flatnonzero((sizes > place) & ~cut)
        pairs, size = col.combined(
            [(so_far[open_], len(known)), (codes[starts[open_] + place], max(len(texts), 1))], len(open_)
        )
        first = open_[col.first_positions(pairs, size)]
        between = separator if place else ""
        longer = [f"{known[so_far[g]]}{between}{texts[codes[starts[g] + place]]}" for g in first.tolist()]
        fits = np.array([len(text) <= limit for text in longer], dtype=bool)
        cut[open_] = ~fits[pairs]
        so_far[open_] = np.where(fits[pairs], pairs + len(known), so_far[open_])
        known = np.concatenate([known, np.array(longer, dtype=object)])
        used, so_far = np.unique(so_far, return_inverse=True)
        known = known[used]
    return col.join_text(so_far, known), cut
