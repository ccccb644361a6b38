"""The step ``items``: one record per item of a questionnaire, as collected.

Not for scores: scoring.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.iso_dates import days_of_text
from ...engine.derivations.environment import Environment
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.models.instrument import InstrumentSpec
from ...mappings.models.record_step import StepColumn, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording
from .findings import report_answers
from .item_records import ANSWERS, DERIVED, ITEMS_FROM, OfQuestionnaire, parameter_number
from .scoring import Score


@register_step
class Items(OfQuestionnaire):
    """One record per item of a questionnaire, as collected; an answer outside the range of the item is missing."""

    verb: ClassVar[str] = "items"
    title: ClassVar[str] = "items"

    example: ClassVar[StepExample | None] = StepExample(
        **ANSWERS,
        rows="from: QS\nderive: {items: [five]}",
        gives={
            "PARAMCD": ["A1", "A1", "A2"],
            "ADT": ["2024-03-01", "2024-04-01", "2024-03-01"],
            "AVAL": ["1", "4", "2"],
        },
    )

    items: tuple[str, ...] = Field(description="Instruments of study.yaml, by name.")

    def names(self) -> tuple[str, ...]:
        return self.items

    def columns(self) -> Mapping[str, StepColumn]:
        return {
            "PARAMCD": StepColumn(),
            "PARAM": StepColumn(),
            "PARAMN": StepColumn("integer"),
            "PARCAT1": StepColumn(),
            "PARCAT2": StepColumn(),
            "AVAL": StepColumn("float"),
            "ADT": StepColumn("integer"),
            "SRCDOM": StepColumn(),
            "SRCVAR": StepColumn(),
            "SRCSEQ": StepColumn("integer"),
        }

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        sentences = {
            "PARCAT2": "PARCAT2 is 'ITEM' for items.",
            "AVAL": f"AVAL is {self.domain}STRESN; missing unless it is a whole number in the range of the item.",
            "SRCDOM": f"SRCDOM is '{self.domain}'.",
            "SRCVAR": f"SRCVAR is '{self.domain}STRESN'.",
            "SRCSEQ": f"SRCSEQ is {self.domain}SEQ of the item's record.",
        }
        return sentences.get(column) or super().describe(column, words)

    def texts(self, column: str) -> dict[str, str] | None:
        return {"ITEM": ""} if column == "PARCAT2" else None

    def make(self, env: Environment, rows: Rows) -> Rows:
        instruments = self.instruments(env)
        read = self.read_items(env, instruments)
        if not any(isinstance(s, Score) for b in env.build.blocks for s in b.steps):
            # a block that scores reports the same
            report_answers(env, self.domain, instruments, read.codes, read.steps > 0, read.not_done)
        partial = (read.codes.instrument >= 0) & np.isnan(days_of_text(read.dates)) & ~col.missing(read.dates)
        message = "a partial date: the numeric date is missing"
        env.report("R2A-ADAM-001", partial, message, f"{self.domain}DTC", col.objects(read.dates))
        selected = np.flatnonzero(read.codes.instrument >= 0)
        counts = [len(i.items) for i in instruments]
        starts = np.cumsum([0, *counts])[:-1]
        item = read.codes.item[selected] + starts[read.codes.instrument[selected]]
        per_item = [(number, instrument, k, code) for number, instrument in enumerate(instruments)
                    for k, code in enumerate(instrument.items)]  # fmt: skip
        number = np.array([parameter_number(n, ITEMS_FROM + k) for n, _, k, _ in per_item], dtype="float64")
        n, table = len(selected), rows.nodes[BASE][0].name
        columns = {
            "PARAMCD": col.join_text(item, [code for *_, code in per_item]),
            "PARAM": col.join_text(item, [_item_name(i, code) for _, i, _, code in per_item]),
            "PARAMN": pd.Series(number[item]),
            "PARCAT1": col.join_text(item, [i.category for _, i, _, _ in per_item]),
            "PARCAT2": col.constant("ITEM", n),
            "AVAL": pd.Series(np.where(read.steps > 0, read.values, np.nan)[selected]),
            "ADT": pd.Series(days_of_text(read.dates)[selected]),
            "SRCDOM": col.constant(self.domain, n),
            "SRCVAR": col.constant(f"{self.domain}STRESN", n),
            "SRCSEQ": pd.Series(read.sequence[selected]),
        }
        reads = {
            "PARAMCD": (Reading(BASE, table, f"{self.domain}TESTCD"),),
            "AVAL": (Reading(BASE, table, f"{self.domain}STRESN"),),
            "ADT": (Reading(BASE, table, f"{self.domain}DTC"),),
            "SRCSEQ": (Reading(BASE, table, f"{self.domain}SEQ"),),
        }
        sources = {name: ColumnSources(reads=reads.get(name, ()), origin=DERIVED) for name in columns}
        return rows.take(selected).with_columns(columns, None, sources)


def _item_name(instrument: InstrumentSpec, code: str) -> str:
    low, high = instrument.items[code]
    return f"{instrument.label} Item {code} ({low} to {high})"
