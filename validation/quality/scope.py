"""The names that a check can read: variables of its dataset, of the subject's records elsewhere, and looked-up values.

Not for the kinds of checks (conditions.py and the others) nor for reading the files of checks (check_files.py).
"""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from ...engine.building.stored_partitions import specs_of
from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.expressions import kernels
from ...engine.tables.dataset import Dataset, DatasetMetadata
from ...mappings.binding.spec_model import SpecModel
from ...mappings.expressions.expression import parse
from ...mappings.models.derivation import Condition


class LookupSpec(SpecModel):
    """A value per subject from the records of a dataset: the earliest or latest one, or how many there are."""

    first: str | None = Field(default=None, description="TABLE.COLUMN whose smallest value counts.")
    last: str | None = Field(default=None, description="TABLE.COLUMN whose largest value counts.")
    count: str | None = Field(default=None, description="TABLE whose records are counted.")
    where: Condition | None = Field(default=None, description="Only records of the table where this holds.")

    @model_validator(mode="after")
    def _one(self) -> LookupSpec:
        if sum(x is not None for x in (self.first, self.last, self.count)) != 1:
            raise ValueError("give one of first:, last:, count:")
        return self

    @property
    def table(self) -> str:
        return (self.first or self.last or self.count or "").partition(".")[0]

    @property
    def column(self) -> str:
        return (self.first or self.last or "").partition(".")[2]


class _Types(Mapping[str, str]):
    """The type of each variable of a table, and of TABLE.NAME for the tables whose records the subject leads to."""

    def __init__(self, name: str, mine: Mapping[str, str], specs: Mapping[str, DatasetMetadata]):
        self._name, self._mine, self._specs = name, mine, specs

    def __getitem__(self, name: str) -> str:
        if name in self._mine:
            return self._mine[name]
        table, dot, variable = name.partition(".")
        if dot and table in self._reached and variable in self._specs[table].names:
            return "number" if self._specs[table].variable(variable).is_numeric else "text"
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._mine
        yield from (f"{t}.{n}" for t in self._specs if t in self._reached for n in self._specs[t].names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @functools.cached_property
    def _reached(self) -> frozenset[str]:
        of_subjects = "USUBJID" in self._mine
        others = (n for n, s in self._specs.items() if of_subjects and "USUBJID" in s.names)
        return frozenset({self._name, *others})


class Scope:
    """The names that conditions of a check can read, over all records of one dataset.

    A bare name is a variable of the dataset or one of ``lookups``; ``TABLE.NAME`` is a variable of the subject's first
    record of another dataset (DM.DTHDTC). KeyError for any other name.
    """

    def __init__(self, name: str, datasets: Mapping[str, Dataset], lookups: Mapping[str, LookupSpec]):
        self.name, self.datasets, self.lookups = name, datasets, lookups
        self._columns: dict[str, pd.Series] = {}

    @functools.cached_property
    def frame(self) -> Any:
        """The records."""
        return self.datasets[self.name].frame

    def types(self) -> Mapping[str, str]:
        """Name -> text | number."""
        specs = specs_of(self.datasets)
        mine = {v.name: "number" if v.is_numeric else "text" for v in specs[self.name].variables}
        types = _Types(self.name, mine, specs)
        looked_up = {
            name: "number" if spec.count else types.get(spec.first or spec.last or "", "text")
            for name, spec in self.lookups.items()
        }
        return ChainMap(looked_up, types)  # pyright: ignore[reportArgumentType] - it is only read

    def column(self, name: str) -> pd.Series:
        if name not in self._columns:
            self._columns[name] = self._read(name)
        return self._columns[name]

    def where(self, text: str | None) -> np.ndarray:
        """Records where a condition holds; all without one."""
        n = len(self.frame)
        return np.ones(n, dtype=bool) if text is None else kernels.condition(parse(text), self.column, n)

    def _read(self, name: str) -> pd.Series:
        if name in self.lookups:
            return self._looked_up(self.lookups[name])
        variable = name.removeprefix(f"{self.name}.")
        if variable in self.frame:
            return pd.Series(self.frame[variable])
        table, _, column = name.partition(".")
        other = self.datasets.get(table)
        if other is None or column not in other.frame:
            raise KeyError(name)
        match = verbs.match_rows([self.frame["USUBJID"]], [pd.Series(other.frame["USUBJID"])])
        return col.take(pd.Series(other.frame[column]), match.right)

    def _looked_up(self, spec: LookupSpec) -> pd.Series:
        other = self.datasets[spec.table]
        inside = Scope(spec.table, self.datasets, {}).where(spec.where)
        mine, theirs = verbs.key_codes([self.frame["USUBJID"]], [pd.Series(other.frame["USUBJID"])])
        size = int(max(mine.max(initial=-1), theirs.max(initial=-1))) + 1
        if spec.count:
            counts = np.bincount(theirs[inside & (theirs >= 0)], minlength=size).astype("float64")
            return pd.Series(np.where(mine >= 0, counts[np.maximum(mine, 0)], np.nan) if size else np.zeros(len(mine)))
        values = pd.Series(other.frame[spec.column])
        groups = np.where(inside & ~col.missing(values), theirs, -1)
        picked = verbs.pick_per_group(groups, size, verbs.order_rows([values]), "first" if spec.first else "last")
        ids = np.where(mine >= 0, picked[np.maximum(mine, 0)], -1) if size else np.full(len(mine), -1)
        return col.take(values, ids)
