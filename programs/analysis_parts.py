"""What the code of an analysis consists of in any language: datasets, conditions in that language, the group.

Not for the statements (analysis_sas.py, analysis_r.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .language import NoEqual


@dataclass(frozen=True, kw_only=True)
class AnalysisParts:
    """The selection of a result. ``records`` and ``subjects``: conditions in the language, '' for all.

    ``kept``: variables of the population that the statistic needs; ``group``: the variable of the columns, '' for none.
    ``conditions``: path of a field of the statistic to its condition in the language.
    """

    dataset: str
    records: str
    population: str
    subjects: str
    kept: tuple[str, ...]
    group: str
    conditions: Mapping[str, str]

    def condition(self, path: str) -> str:
        """The condition of a field. Raises NoEqual where there is none in the language."""
        if path not in self.conditions:
            raise NoEqual
        return self.conditions[path]

    @property
    def of_subjects(self) -> bool:
        """Whether the records are those of the population itself."""
        return self.dataset == self.population
