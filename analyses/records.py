"""The records of a result: those of its dataset that its parameter, its condition and the population select.

Not for statistics of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.expressions.kernels import evaluate
from ..engine.expressions.truth import TRUE
from ..mappings.expressions.expression import ExpressionError, parse
from .groups import Groups, NotThere

#: the variable with the code of the parameter
PARAMETER = "PARAMCD"


class Records:
    """Selected records. ``at``: the position of the subject of each record; ``n``: how many there are."""

    def __init__(self, dataset: str, frame: pd.DataFrame, rows: np.ndarray, at: np.ndarray, groups: Groups):
        self.dataset, self.groups = dataset, groups
        self._frame, self._rows = frame, rows
        self.at = at
        self.n = len(rows)
        self._columns: dict[str, pd.Series | None] = {}

    def column(self, name: str) -> pd.Series | None:
        """A variable of the records, or DATASET.NAME of the population; None if it does not exist."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def _column(self, name: str) -> pd.Series | None:
        if name in self._frame.columns:
            return col.take(self._frame[name], self._rows)
        dataset, dot, variable = name.partition(".")
        if dot and dataset == self.dataset:
            return self.column(variable)
        found = self.groups.of_subjects(variable) if dot and dataset == self.groups.dataset else None
        return None if found is None else col.take(found, self.at)

    def number(self, name: str) -> np.ndarray:
        """A variable as numbers, NaN where it is missing. Raises NotThere."""
        found = self.column(name)
        if found is None:
            raise NotThere(f"{self.dataset} has no variable {name}.")
        return col.to_number(found)[0]

    def has(self, *names: str) -> None:
        """Raises NotThere for a name that is no variable."""
        for name in names:
            if name and self.column(name) is None:
                raise NotThere(f"{self.dataset} has no variable {name}.")

    def condition(self, text: str) -> np.ndarray:
        """Where a condition holds; unknown counts as false. Raises NotThere for names that do not exist."""
        expression = parse(text)
        self.has(*expression.names)

        def column(name: str) -> pd.Series:
            found = self.column(name)
            assert found is not None
            return found

        try:
            return evaluate(expression, column, self.n, "condition").truth == TRUE
        except ExpressionError as error:
            raise NotThere(f"{text}: {error.message}.") from None

    def where(self, keep: np.ndarray) -> Records:
        """Some of the records."""
        return self.where_rows(np.flatnonzero(keep))

    def where_rows(self, at: np.ndarray) -> Records:
        """The records at some positions, in their order."""
        return Records(self.dataset, self._frame, self._rows[at], self.at[at], self.groups)

    def subjects(self, rows: np.ndarray | None = None) -> np.ndarray:
        """For each subject whether it has a record, of all or where ``rows`` holds."""
        found = np.zeros(len(self.groups.population), dtype=bool)
        found[self.at if rows is None else self.at[rows]] = True
        return found

    def inside(self, column: int) -> np.ndarray:
        """For each record whether its subject belongs to a column of the display."""
        return self.groups.members[column][self.at]


def selected(dataset: str, parameters: Sequence[str], where: str | None, groups: Groups) -> Records:
    """The records of the population in a dataset. Raises NotThere if it, or the parameter, does not exist."""
    data = groups.data
    frame = data.frame(dataset)
    if frame is None:
        raise NotThere(f"There is no dataset {dataset}.")
    at = data.positions(dataset)
    keep = at >= 0
    keep[keep] = groups.population[at[keep]]
    named = where is not None and PARAMETER in parse(where).names
    if parameters and PARAMETER in frame.columns and not named:
        codes, texts = col.split_text(col.as_text(frame[PARAMETER]))
        wanted = np.isin(texts, list(parameters)) if len(texts) else np.zeros(0, dtype=bool)
        of_parameter = wanted[codes] if len(texts) else np.zeros(len(frame), dtype=bool)
        if not of_parameter.any():
            raise NotThere(f"{dataset} has no records of the parameter {', '.join(parameters)}.")
        keep &= of_parameter
    elif parameters and not named:
        raise NotThere(f"{dataset} has no variable {PARAMETER}, so no parameter {', '.join(parameters)}.")
    rows = np.flatnonzero(keep)
    records = Records(dataset, frame, rows, at[rows], groups)
    return records if where is None else records.where(records.condition(where))
