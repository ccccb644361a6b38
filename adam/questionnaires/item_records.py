"""The records of questionnaire items, as the steps ``items`` and ``score`` read them.

Not for the steps: items.py and scoring.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.tables.dataset import Origin
from ...mappings.models.instrument import InstrumentSpec
from ...mappings.models.wording import AS_WRITTEN, Wording
from .findings import column_or_blank
from .forms import ItemCodes, answer_steps

#: PARAMN: this many for each instrument of the step, scores from 1, items from 101
NUMBERS_OF_INSTRUMENT = 1_000
ITEMS_FROM = 100

DERIVED = Origin("Derived", "Sponsor")

#: three answers to a questionnaire of two items, for the examples of its steps
ANSWERS: dict[str, Any] = {
    "dataset": "ADQS",
    "study": """instruments:
  five:
    category: FIVE
    label: Five
    items: {A1..A2: [1, 4]}
    scales: {PAIN: {label: Pain, type: symptom, items: [A1..A2]}}
codelists:
  FIVETC: {label: Items, terms: {A1: Item 1, A2: Item 2}}
  FIVETN: {label: Items, terms: {Item 1: "", Item 2: ""}}
""",
    "sources": {
        "qs": {
            "ITEM": ["A1", "A2", "A1"],
            "DAY": ["2024-03-01", "2024-03-01", "2024-04-01"],
            "RES": ["1", "2", "4"],
        }
    },
    "datasets": {
        "QS": (
            "QSTESTCD: {from: ITEM, codelist: FIVETC}\nQSTEST: {decode: QSTESTCD, codelist: FIVETN}\n"
            "QSCAT: {value: FIVE, codelist: none}\nQSORRES: RES\nQSSTRESC: RES\nQSSTRESN: RES\n"
            "QSDTC: {date: DAY}"
        ),
    },
}


@dataclass(frozen=True)
class ItemRecords:
    """The columns of item records that a step reads, one value per record."""

    codes: ItemCodes
    values: np.ndarray
    steps: np.ndarray
    not_done: np.ndarray
    dates: pd.Series
    sequence: np.ndarray


class OfQuestionnaire(RecordStep):
    """Base: records of questionnaires by their instruments."""

    domain: str = Field(default="QS", description="Prefix of the item records' variables.")

    def names(self) -> tuple[str, ...]:
        """The instruments."""
        raise NotImplementedError(self.verb)  # each verb names its own field

    def reads(self) -> Iterator[tuple[str, str]]:
        for end in ("TESTCD", "CAT", "STRESC", "STRESN", "DTC", "SEQ"):
            yield "domain", self.domain + end

    def instruments(self, env: Environment) -> list[InstrumentSpec]:
        return [env.study.spec.instruments[name] for name in self.names()]

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        listed = ", ".join(self.names())
        return {
            "PARAMCD": f"PARAMCD is the code of the score or item in the instruments {listed}.",
            "PARAM": f"PARAM is the name of the score or item in the instruments {listed}.",
            "PARAMN": "PARAMN numbers scores and items in the order of the instruments' files.",
            "PARCAT1": f"PARCAT1 is {self.domain}CAT of the instrument.",
            "ADT": f"ADT is {self.domain}DTC as a numeric date; missing if the date is not complete.",
        }[column]

    def read_items(self, env: Environment, instruments: Sequence[InstrumentSpec]) -> ItemRecords:
        """The item records of the block."""
        test = env.column(f"{self.domain}TESTCD", "domain")
        values, _ = col.to_number(env.column(f"{self.domain}STRESN", "domain"))
        codes = ItemCodes.of(instruments, test)
        not_done = self._not_done(env)
        steps = answer_steps(codes, values, not_done)
        sequence, _ = col.to_number(env.column(f"{self.domain}SEQ", "domain"))
        return ItemRecords(codes, values, steps, not_done, env.column(f"{self.domain}DTC", "domain"), sequence)

    def _not_done(self, env: Environment) -> np.ndarray:
        codes, texts = col.split_text(column_or_blank(env, f"{self.domain}STAT"))
        return np.array([t == "NOT DONE" for t in texts], dtype=bool)[codes]


def parameter_number(instrument: int, k: int) -> int:
    """PARAMN of the k-th score or item of an instrument."""
    return (instrument + 1) * NUMBERS_OF_INSTRUMENT + k + 1
