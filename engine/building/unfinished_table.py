"""A dataset as other rules read it while it is built.

Not for datasets that are finished before the run (engine/tables/existing.py).
"""

from __future__ import annotations

import pandas as pd

from ..tables.table import Table
from .view import DatasetInBuild


class DatasetInBuildTable(Table):
    """A dataset that is being built, as a table; ``upto``: only the blocks before that one."""

    def __init__(self, build: DatasetInBuild, upto: int | None = None):
        self.build, self.upto, self.name = build, upto, build.planned.name

    @property
    def n(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return sum(self.build.rows(b).n for b in self.build.block_range(self.upto))

    def names(self) -> list[str]:
        return list(self.build.planned.every)

    def has(self, name: str) -> bool:
        return name in self.build.planned.every

    def column(self, name: str) -> pd.Series:
        return self.build.value(name, None, self.upto)
