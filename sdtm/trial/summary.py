"""Trial summary values that all subjects or the run decide: the parts of all partitions together fill TS.

Not for the values of the spec (records.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.iso_dates import days_of_text
from ...engine.expressions import kernels
from ...engine.plan.plan import PlannedDataset
from ...engine.tables.dataset import SPEC, STUDY, Dataset, Finished, Reading
from ...errors import SpecError, SpecProblem, nearest
from ...mappings.binding.bind import expression_place, place_of
from ...mappings.expressions.expression import Expression, ExpressionError, parse
from ...mappings.models.study import StudySpec
from ...mappings.models.trial import SummaryValue, TrialSpec
from .records import computed_sentence

#: the dataset of the trial summary
TRIAL_SUMMARY = "TS"


def partition_values(study: StudySpec, finished: Mapping[str, Finished]) -> dict[tuple[str, str], str]:
    """The part of this partition in every computed value: (rule, what) -> text; '' where nothing was found.

    ``what``: first, last or count, which decides how the parts are merged (engine/building/summaries.py). Raises
    SpecError for a dataset, variable or condition that is not there.
    """
    out: dict[tuple[str, str], str] = {}
    for value in _computed(study.trial):
        key = rule_key(value)
        if value.study or key in out:
            continue
        name, _, variable = (value.first or value.last or f"{value.count}.").partition(".")
        if name not in finished:
            raise _error(value, f"there is no dataset '{name}'", nearest(name, sorted(finished)))
        frame = finished[name].dataset.frame
        here = np.ones(len(frame), dtype=bool)
        if value.where is not None:
            here = kernels.condition(_expression(value), lambda n, f=frame, v=value: _column(f, n, v), len(frame))
        if value.count:
            out[key] = str(int(here.sum()))
            continue
        column = _column(frame, variable, value)
        if col.is_number(column):
            raise _error(value, f"{name}.{variable} is no date in ISO 8601", "")
        codes, texts = col.split_text(column)
        complete = ~np.isnan(days_of_text(column))
        occurs = np.unique(codes[here & complete])
        dates = sorted(str(texts[c])[:10] for c in occurs)
        out[key] = "" if not dates else dates[0] if value.first else dates[-1]
    return out


def summary_problems(trial: TrialSpec | None, planned: Mapping[str, PlannedDataset]) -> Iterator[SpecProblem]:
    """The names in computed values that the study does not have, before any data are read."""
    for value in _computed(trial):
        if value.study:
            continue
        name, _, variable = (value.first or value.last or f"{value.count}.").partition(".")
        dataset = planned.get(name)
        if dataset is None:
            yield from _error(
                value, f"there is no dataset '{name}'", nearest(name, sorted(planned)), about=name
            ).problems
            continue
        if variable and variable not in dataset.variables:
            hint = nearest(variable, list(dataset.variables))
            yield from _error(value, f"there is no variable '{variable}'", hint, about=variable).problems
        elif variable and dataset.variables[variable].is_numeric:
            yield from _error(value, f"{name}.{variable} is no date in ISO 8601", "").problems
        if value.where is not None:
            yield from _condition_problems(value, dataset)


def _condition_problems(value: SummaryValue, dataset: PlannedDataset) -> Iterator[SpecProblem]:
    try:
        expression = _expression(value)
    except SpecError as error:
        yield from error.problems
        return
    types = {n: "number" if v.is_numeric else "text" for n, v in dataset.variables.items()}
    for problem in expression.check(types, "condition")[1]:
        place = expression_place(value, "where", problem.offset)
        yield SpecProblem(place, problem.message, "TS", "TSVAL", problem.hint, problem.severity)


def _computed(trial: TrialSpec | None) -> list[SummaryValue]:
    if trial is None:
        return []
    return [v for p in trial.summary for v in trial.values(p) if v.computed]


def rule_key(value: SummaryValue) -> tuple[str, str]:
    """The key of a computed value: (its dataset, variable and condition, first | last | count)."""
    what = "count" if value.count else "first" if value.first else "last"
    return f"{value.first or value.last or value.count} {value.where or ''}", what


def fill_summary(study: StudySpec, dataset: Dataset, values: Mapping[tuple[str, str], str]) -> Dataset:
    """TS with the computed values in their records; TSVALNF is UNK for a missing value."""
    trial = study.trial
    if trial is None or not any(True for _ in _computed(trial)) or not len(dataset):
        return dataset
    frame = dataset.frame
    codes = col.objects(frame["TSPARMCD"])
    numbers = frame["TSSEQ"].to_numpy(dtype="float64")
    texts, flavors = col.objects(frame["TSVAL"]).copy(), None
    if "TSVALNF" in frame:
        flavors = col.objects(frame["TSVALNF"]).copy()
    reads: list[Reading] = []
    for parameter in trial.summary:
        for number, value in enumerate(trial.values(parameter), start=1):
            here = (codes == parameter) & (numbers == number)
            if not value.computed:
                reads += _reads(SPEC, value, parameter, here)
                continue
            at = np.flatnonzero(here & (texts == ""))
            day = study.study.cutoff
            text = (day.isoformat() if day else "") if value.study else values.get(rule_key(value), "")
            texts[at] = text
            if not text and flavors is not None:
                flavors[at] = "UNK"
            reads += _reads(STUDY, value, computed_sentence(value, study), here)
    changed = {"TSVAL": col.text_column(texts)}
    if flavors is not None:
        changed["TSVALNF"] = col.text_column(flavors)
    lineage = None
    if dataset.lineage is not None:  # the item of a record selects its reading
        sentence = "TSVAL stands in the specification, or is computed over all subjects."
        uses = [
            replace(u, sentence=sentence, reads=tuple(reads)) if u.variable == "TSVAL" else u
            for u in dataset.lineage.rules
        ]
        rows = dataset.lineage.rows.assign(item=np.arange(len(frame), dtype="int32"))
        lineage = replace(dataset.lineage, rows=rows, rules=uses)
    return Dataset(dataset.metadata, pd.DataFrame(frame.assign(**changed)), lineage)


def _reads(node: str, value: SummaryValue, what: str, here: np.ndarray) -> list[Reading]:
    """The source of the value of a parameter, for its record."""
    return [Reading(node, str(place_of(value)), what, at) for at in np.flatnonzero(here).tolist()]


def _expression(value: SummaryValue) -> Expression:
    try:
        return parse(value.where or "")
    except ExpressionError as error:
        raise _error(value, error.message, error.hint, "where") from None


def _column(frame: pd.DataFrame, name: str, value: SummaryValue) -> pd.Series:
    if name not in frame:
        raise _error(value, f"there is no variable '{name}'", nearest(name, [str(c) for c in frame.columns]))
    return pd.Series(frame[name])


def _error(value: SummaryValue, message: str, hint: str, field: str | None = None, about: str = "") -> SpecError:
    refers_to = frozenset({about} - {""})
    return SpecError([SpecProblem(place_of(value, field), message, "TS", "TSVAL", hint, refers_to=refers_to)])
