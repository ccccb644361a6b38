"""The step ``score``: one record per form and scale of a questionnaire, with its score.

Not for the arithmetic (scale_scores.py), for the forms of a subject (forms.py), for their findings
(findings.py), nor for visits, baseline and change: rules of variables (adam/visits/visit_windows.py, adam/baseline/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from .findings import column_or_blank, report_answers, report_forms, report_subjects
from .forms import Forms, collect_forms
from .instrument_words import scoring_rules
from .item_records import ANSWERS, DERIVED, OfQuestionnaire, parameter_number
from .scale_scores import scale_scores

_SCORE = (
    "AVAL is the score of the scale from 0 to 100: the mean of its answered items as a share of their range, "
    "subtracted from 100 for functional scales; missing if fewer items are answered than the scale needs."
)


@register_step
class Score(OfQuestionnaire):
    """One record per form and scale of questionnaires, with its score.

    A form is the answers of a subject to an instrument on one day of one visit. A form without a complete date is also
    scored and has no ADT. The lineage of a score leads to every item in it.
    """

    verb: ClassVar[str] = "score"
    title: ClassVar[str] = "scores"

    example: ClassVar[StepExample | None] = StepExample(
        **ANSWERS,
        rows="from: QS\nderive: {score: [five]}",
        gives={
            "PARAMCD": ["PAIN", "PAIN"],
            "ADT": ["2024-03-01", "2024-04-01"],
            "AVAL": ["16.6666666667", "100"],
        },
    )

    score: tuple[str, ...] = Field(description="Instruments of study.yaml, by name.")

    def names(self) -> tuple[str, ...]:
        return self.score

    def columns(self) -> Mapping[str, StepColumn]:
        return {
            "PARAMCD": StepColumn(),
            "PARAM": StepColumn(),
            "PARAMN": StepColumn("integer"),
            "PARCAT1": StepColumn(),
            "PARCAT2": StepColumn(),
            "PARAMTYP": StepColumn(label="Parameter Type"),
            "AVAL": StepColumn("float"),
            "NANSWER": StepColumn("integer", "Number of Items Answered"),
            "ADT": StepColumn("integer"),
            "SRCDOM": StepColumn(),
            "SRCVAR": StepColumn(),
            "SRCSEQ": StepColumn("integer"),
            "WORSE": StepColumn("float", variable=False),
        }

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        rules = (line for name in self.score if (known := words.instrument(name)) for line in scoring_rules(known))
        sentences = {
            "PARCAT2": "PARCAT2 is 'SCALE' for scores.",
            "PARAMTYP": "PARAMTYP is 'DERIVED' for scores.",
            "AVAL": "\n".join([_SCORE, *rules]),
            "NANSWER": "NANSWER is the number of answered items of the score.",
            "SRCDOM": f"SRCDOM is '{self.domain}'.",
            "SRCVAR": f"SRCVAR is '{self.domain}STRESN'.",
            "SRCSEQ": f"SRCSEQ is {self.domain}SEQ of the item for a scale of one item; missing for a score of "
            "several.",
            "WORSE": "WORSE is AVAL, or minus AVAL where higher is worse: the lower, the worse.",
        }
        return sentences.get(column) or super().describe(column, words)

    def texts(self, column: str) -> dict[str, str] | None:
        stated = {"PARCAT2": "SCALE", "PARAMTYP": "DERIVED"}
        return {stated[column]: ""} if column in stated else None

    def make(self, env: Environment, rows: Rows) -> Rows:
        instruments = self.instruments(env)
        read = self.read_items(env, instruments)
        scoring = [number for number, b in enumerate(env.build.blocks) if any(isinstance(s, Score) for s in b.steps)]
        reports = env.block == scoring[0]  # a further block scores the same forms again
        if reports:
            report_answers(env, self.domain, instruments, read.codes, read.steps > 0, read.not_done)
            report_subjects(env, read.codes.instrument >= 0)
        day = col.map_text(read.dates, lambda t: t[:10])
        keys = [env.subject(), _filled(day), _filled(column_or_blank(env, "VISIT"))]
        forms = collect_forms(instruments, read.codes, keys, read.steps, read.sequence)
        for instrument, found in zip(instruments, forms, strict=True) if reports else ():
            report_forms(env, self.domain, instrument, found, day)
        starts = np.cumsum([0, *(len(i.scores) for i in instruments)])[:-1].tolist()
        parts = [_scored(*each, read.sequence) for each in zip(starts, instruments, forms, strict=True)]
        first, scale, aval, answered, seq = (np.concatenate(part) for part in zip(*(p[0] for p in parts), strict=True))
        per_score = [(n, i, k, code) for n, i in enumerate(instruments) for k, code in enumerate(i.scores)]
        sign = np.array([-1.0 if i.better(code) == "lower" else 1.0 for _, i, _, code in per_score])
        number = np.array([parameter_number(n, k) for n, _, k, _ in per_score], dtype="float64")
        count, table = len(first), rows.nodes[BASE][0]
        columns = {
            "PARAMCD": col.join_text(scale, [code for *_, code in per_score]),
            "PARAM": col.join_text(scale, [f"{i.label} {i.scores[code].label}" for _, i, _, code in per_score]),
            "PARAMN": pd.Series(number[scale]),
            "PARCAT1": col.join_text(scale, [i.category for _, i, _, _ in per_score]),
            "PARCAT2": col.constant("SCALE", count),
            "PARAMTYP": col.constant("DERIVED", count),
            "AVAL": pd.Series(aval),
            "NANSWER": pd.Series(answered),
            "ADT": pd.Series(days_of_text(col.take(read.dates, first))),
            "SRCDOM": col.constant(self.domain, count),
            "SRCVAR": col.constant(f"{self.domain}STRESN", count),
            "SRCSEQ": pd.Series(seq),
            "WORSE": pd.Series(aval * sign[scale]),
        }
        lengths = [len(i.items_of(code)) for _, i, _, code in per_score]
        items = tuple(
            Reading(f"row:{_node(k)}", table.name, f"{self.domain}STRESN", item=s)
            for s, length in enumerate(lengths)
            for k in range(length)
        )
        date = (Reading(BASE, table.name, f"{self.domain}DTC"),)
        sources = tuple(
            Reading(f"row:{_node(0)}", table.name, f"{self.domain}SEQ", item=s)
            for s, length in enumerate(lengths)
            if length == 1
        )
        reads = {"AVAL": items, "NANSWER": items, "WORSE": items, "ADT": date, "SRCSEQ": sources}
        origins = {name: ColumnSources(reads=reads.get(name, ()), origin=DERIVED) for name in columns}
        records = rows.take(first).with_columns(columns, scale.astype("int32"), origins)
        base = rows.nodes[BASE][1]
        of_row = None if base is None else np.append(base, np.int32(-1))  # -1, no record, reads the last element
        for k in range(max(lengths, default=0)):
            at = _of_item(parts, k, count)
            records = records.with_node(_node(k), table, at if of_row is None else of_row[at])
        return records


def _scored(
    start: int, instrument: InstrumentSpec, forms: Forms, sequence: np.ndarray
) -> tuple[tuple[np.ndarray, ...], list[list[np.ndarray]], int]:
    """((first record, score, value, answered items, --SEQ of a single item), item records of each score, forms).

    Records come score by score. ``start``: the number of the instrument's first score.
    """
    count, names = len(forms.first), list(instrument.scores)
    scores = scale_scores(instrument, forms.steps)
    place = {code: i for i, code in enumerate(instrument.items)}
    of_items = [[forms.rows[place[i]] for i in instrument.items_of(name)] for name in names]
    single = np.full((len(names), count), np.nan)
    for k, rows in enumerate(of_items):
        if len(rows) == 1:
            single[k] = np.where(rows[0] < 0, np.nan, sequence[np.maximum(rows[0], 0)])
    score = np.repeat(np.arange(start, start + len(names), dtype="int32"), count)
    first = np.tile(forms.first, len(names))
    return (first, score, scores.values.ravel(), scores.answered.ravel(), single.ravel()), of_items, count


def _of_item(parts: Sequence[tuple[object, list[list[np.ndarray]], int]], k: int, count: int) -> np.ndarray:
    """Record of the k-th item of each score, score by score; -1 where a score has fewer. ``parts``: of ``_scored``."""
    at = np.full(count, -1, dtype="int32")
    start = 0
    for _, of_items, forms in parts:
        for rows in of_items:
            if k < len(rows):
                at[start : start + forms] = rows[k]
            start += forms
    return at


def _node(k: int) -> str:
    """The lineage node of the k-th item of a score."""
    return f"ITEM{k + 1}"


def _filled(column: pd.Series) -> pd.Series:
    """A text column whose missing values are one value among others: forms without a date or visit are forms too."""
    return col.map_text(col.as_text(column), lambda t: t or " ")
