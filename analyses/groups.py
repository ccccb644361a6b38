"""The groups of subjects of a display: its population, its columns, its subgroups; each as a set of subjects.

Not for the records of results (records.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.expressions.kernels import evaluate
from ..engine.expressions.truth import TRUE, UNKNOWN
from ..mappings.expressions.expression import ExpressionError, parse
from ..mappings.models.analysis_groups import ColumnsSpec, DisplayGroups, GroupingSpec, PopulationSpec
from .adam_data import AdamData
from .categories import categories
from .number_texts import count_text, count_values
from .results import Cell, Column, CountedNote


class NotThere(Exception):
    """A dataset, a variable or a parameter that the folder does not have; the text is the note of the display."""


@dataclass(frozen=True)
class Level:
    """Subjects with one value of a variable; ``value`` is '' for those without one."""

    value: str
    label: str
    member: np.ndarray


class Groups:
    """The population and the columns of one display.

    ``population``: for each subject whether it is counted. ``members``: the same for each column, (columns, subjects).
    Raises NotThere if the dataset or a variable of the population does not exist.
    """

    def __init__(self, data: AdamData, spec: DisplayGroups):
        assert spec.population is not None
        self.data, self.spec = data, spec
        self.dataset = spec.population.dataset
        self.notes: list[str] = []
        frame = data.frame(self.dataset)
        if frame is None:
            raise NotThere(f"There is no dataset {self.dataset}, which has the population.")
        self._frame = frame
        self._rows, repeated = data.rows_of_subjects(self.dataset)
        if repeated:
            text = f"Subjects with several records in {self.dataset}, of which the first one by its values is used"
            self.notes.append(CountedNote.of(text, repeated))
        self.population = self._population(spec.population)
        levels = self._column_levels(spec.columns)
        self.members = np.array([level.member for level, _ in levels])
        self.columns = tuple(
            Column(
                id=level.value or ("MISSING" if variable else "TOTAL"),
                label=level.label,
                variable=variable,
                value=level.value,
                size=int(level.member.sum()),
                subjects=data.subjects.add(level.member),
            )
            for level, variable in levels
        )

    def of_subjects(self, variable: str) -> pd.Series | None:
        """A variable of the population's dataset for each subject; None if it does not exist."""
        return col.take(self._frame[variable], self._rows) if variable in self._frame.columns else None

    def number(self, variable: str) -> np.ndarray:
        """A numeric variable of the population's dataset for each subject. Raises NotThere."""
        found = self.of_subjects(variable)
        if found is None:
            raise NotThere(f"{self.dataset} has no variable {variable}.")
        return col.to_number(found)[0]

    def condition(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """(where a condition on the population's dataset holds, where it is unknown), for each subject."""
        expression = parse(text)
        for name in expression.names:
            if self.of_subjects(_plain(name, self.dataset)) is None:
                raise NotThere(f"{self.dataset} has no variable {name}.")

        def column(name: str) -> pd.Series:
            found = self.of_subjects(_plain(name, self.dataset))
            assert found is not None
            return found

        try:
            truth = evaluate(expression, column, len(self._rows), "condition").truth
        except ExpressionError as error:
            raise NotThere(f"{text}: {error.message}.") from None
        return truth == TRUE, truth == UNKNOWN

    def _population(self, spec: PopulationSpec) -> np.ndarray:
        present = self._rows >= 0
        if spec.where is None:
            return present
        holds, unknown = self.condition(spec.where)
        unsure = int((unknown & present).sum())
        if unsure:
            text = "Subjects not counted, because the condition of the population is unknown for them"
            self.notes.append(CountedNote.of(text, unsure))
        return holds & present

    def _column_levels(self, spec: ColumnsSpec | None) -> list[tuple[Level, str]]:
        if spec is None:
            return [(Level("", "All subjects", self.population), "")]
        levels = [(level, spec.variable) for level in self.levels(spec)]
        if spec.total:
            total = (Level("", spec.total, self.population), "")
            levels = [total, *levels] if spec.total_first else [*levels, total]
        return levels

    def levels(self, spec: GroupingSpec) -> list[Level]:
        """The subjects of the population by the values of a variable. Raises NotThere."""
        if self.of_subjects(spec.variable) is None:
            raise NotThere(f"{self.dataset} has no variable {spec.variable}.")

        def column(name: str) -> pd.Series | None:
            found = self.of_subjects(name)
            return None if found is None else col.take(found, inside)

        inside = np.flatnonzero(self.population)
        found = categories(column, spec.variable, spec.order)
        codes = np.full(len(self.population), -2, dtype="int64")
        codes[inside] = found.codes
        levels = [Level(v, spec.labels.get(v, v), codes == i) for i, v in enumerate(found.values)]
        if (codes == -1).any():
            levels.append(Level("", spec.missing, codes == -1))
        return levels

    def count_cell(self, counted: np.ndarray, denominator: np.ndarray) -> Cell:
        """n (%) of a set of subjects among another one, which contains it."""
        values = count_values(int(counted.sum()), int(denominator.sum()))
        add = self.data.subjects.add
        return Cell(text=count_text(values), values=values, numerator=add(counted), denominator=add(denominator))


def _plain(name: str, dataset: str) -> str:
    """A name without the dataset that it has in front."""
    return name.removeprefix(f"{dataset}.")
