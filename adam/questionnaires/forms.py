"""Groups item records into filled-in questionnaires, and finds the answers that can be used.

Not for scores (scale_scores.py) nor for records and findings (scoring.py, items.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...mappings.models.instrument import InstrumentSpec


@dataclass(frozen=True)
class ItemCodes:
    """The item of each record: ``instrument`` and ``item`` (positions, -1 for no item), lowest and highest answer.

    ``low`` and ``high`` are 0 for a record that is no item.
    """

    instrument: np.ndarray
    item: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, instruments: Sequence[InstrumentSpec], test: pd.Series) -> ItemCodes:
        """By the test code of each record; codes are unique over the instruments."""
        codes, texts = col.split_text(test)
        known = {
            code: (number, place, *window)
            for number, instrument in enumerate(instruments)
            for place, (code, window) in enumerate(instrument.items.items())
        }
        table = np.array([known.get(t, (-1, -1, 0, 0)) for t in texts], dtype="int16").reshape(len(texts), 4)
        at = codes.astype("intp")
        return cls(*(np.ascontiguousarray(table[:, i]).take(at) for i in range(4)))


@dataclass(frozen=True)
class Forms:
    """The forms of one instrument. ``rows``: items x forms, position of the record, -1 if there is none; ``steps``:
    the same shape, 0 for no usable answer, 1 for the lowest answer and so on; ``first``: position of the form's first
    record; ``again``: whether the same subject, day and visit has an earlier form."""

    rows: np.ndarray
    steps: np.ndarray
    first: np.ndarray
    again: np.ndarray


def answer_steps(codes: ItemCodes, values: np.ndarray, not_done: np.ndarray) -> np.ndarray:
    """Each record's answer as steps: 1 for the lowest answer of its item, one more for each above it (int16).

    0 where a record is no item, or has no answer that can be scored: no whole number in range, or called NOT DONE.
    ``values``: numbers, NaN for none. Arrays are small and changed in place: new ones cost more than the arithmetic.
    """
    with np.errstate(invalid="ignore"):
        steps = values.astype("int16")
        usable = values == steps
    usable &= codes.instrument >= 0
    usable &= steps >= codes.low
    usable &= steps <= codes.high
    usable &= ~not_done
    steps -= codes.low
    steps += 1
    steps *= usable
    return steps


def collect_forms(
    instruments: Sequence[InstrumentSpec],
    codes: ItemCodes,
    keys: Sequence[pd.Series],
    steps: np.ndarray,
    sequence: np.ndarray,
) -> list[Forms]:
    """The forms of each instrument. ``steps``: of ``answer_steps``.

    ``keys``: text columns that separate forms (subject, day, visit), filled everywhere. Where an item occurs twice
    under one key, its first record by ``sequence`` belongs to the first form, the next one to the second, and so on.
    """
    (form,) = verbs.key_codes(keys)
    size = int(form.max(initial=-1)) + 1
    answers = np.append(steps, np.int16(0))  # -1, no record, takes the last one
    found = []
    for number, instrument in enumerate(instruments):
        rows = np.flatnonzero(codes.instrument == number)
        local, count = col.dense(form.take(rows), size)
        item, items = codes.item.take(rows), len(instrument.items)
        again = np.zeros(count, dtype=bool)
        grid = _placed(item, local, rows, items, count)
        if np.count_nonzero(grid >= 0) != len(rows):
            local, again = _occurrences(item, local, sequence[rows], count)
            count = len(again)
            grid = _placed(item, local, rows, items, count)
        # as an unsigned number, -1 is above every position
        first = grid.view("uint32").min(axis=0, initial=np.iinfo("uint32").max).astype("int64")
        found.append(Forms(grid, answers.take(grid), first, again))
    return found


def _placed(item: np.ndarray, form: np.ndarray, rows: np.ndarray, items: int, forms: int) -> np.ndarray:
    """items x forms: the record of each cell, -1 for none; of several records of a cell only one is there."""
    grid = np.full(items * forms, -1, dtype="int32")
    cell = item.astype("intp")
    cell *= forms
    cell += form
    grid[cell] = rows
    return grid.reshape(items, forms)


def _occurrences(item: np.ndarray, form: np.ndarray, sequence: np.ndarray, forms: int) -> tuple[np.ndarray, np.ndarray]:
    """(form of each record, whether each form is a further one of its key), with repeated items in further forms."""
    cell = item.astype("int64") * forms + form
    order = verbs.order_rows([cell, sequence])
    nth = verbs.number_within(cell, order).astype("int64") - 1
    key = nth * forms + form
    new, count = col.dense(key, int(key.max(initial=-1)) + 1)
    again = np.zeros(count, dtype=bool)
    again[new] = nth > 0
    return new, again
