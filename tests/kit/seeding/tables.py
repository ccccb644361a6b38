"""Tables: a copy of clean datasets in which a seed writes its error. Not for the seeds, nor for judging findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata

#: a condition on the records of a dataset: a frame with '' and NaN for missing -> one truth value for each record
Where = Callable[[pd.DataFrame], Any]


@dataclass
class Table:
    """One dataset that a seed changes. ``frame``: text as objects, missing ''; numbers as float64, missing NaN."""

    metadata: DatasetMetadata
    frame: pd.DataFrame
    used: set[int] = field(default_factory=set)  # positions that a seed has changed
    busy: set[str] = field(default_factory=set)  # subjects of which a seed has changed a record, in any table

    @classmethod
    def of(cls, dataset: Dataset, busy: set[str]) -> Table:
        columns = {
            n: np.asarray(c, dtype="float64") if col.is_number(c) else pd.Series(col.objects(c), dtype=object)
            for n, c in dataset.columns.items()
        }
        return cls(dataset.metadata, pd.DataFrame(columns), busy=busy)

    def finished(self) -> Dataset:
        """The dataset as the checker reads it; a variable's type follows its values."""
        columns: dict[str, Any] = {}
        variables = []
        for v in self.metadata.variables:
            values = self.frame[v.name]
            if values.dtype == object:
                columns[v.name] = col.text_column(values.tolist())
                variables.append(replace(v, type="text") if v.is_numeric else v)
            else:
                columns[v.name] = values.to_numpy()
                variables.append(v if v.is_numeric else replace(v, type="float"))
        metadata = replace(self.metadata, variables=tuple(variables))
        return Dataset.of_clean(metadata, pd.DataFrame(columns, columns=metadata.names))

    def pick(self, where: Where | None = None) -> int:
        """The position of the first record that satisfies ``where``, of a subject that no seed has changed if any.

        LookupError where no record satisfies it.
        """
        at = np.arange(len(self.frame)) if where is None else np.flatnonzero(np.asarray(where(self.frame), dtype=bool))
        at = np.array([i for i in at if i not in self.used], dtype=int)
        if not len(at):
            raise LookupError(f"{self.metadata.name} has no such record")
        if "USUBJID" in self.frame:
            subject = self.frame["USUBJID"].to_numpy()
            at = np.array([i for i in at if subject[i] not in self.busy] or at, dtype=int)
            self.busy.add(subject[at[0]])
        self.used.add(int(at[0]))
        return int(at[0])

    def write(self, at: int, values: Mapping[str, Any]) -> None:
        """Change values of one record. A text in a numeric variable makes the variable a text."""
        for name, value in values.items():
            if isinstance(value, str) and self.frame[name].dtype != object:
                texts = ["" if np.isnan(x) else f"{x:g}" for x in self.frame[name]]
                self.frame[name] = pd.Series(texts, dtype=object)
            self.frame.loc[at, name] = value

    def append(self, at: int, changes: Mapping[str, Any] | None = None) -> None:
        """A further record behind record ``at``, equal to it but for ``changes``."""
        head, tail = self.frame.iloc[: at + 1], self.frame.iloc[at + 1 :]
        self.frame = pd.concat([head, self.frame.iloc[[at]], tail], ignore_index=True)
        self.used = {i + (i > at) for i in self.used}
        self.write(at + 1, changes or {})
        self.used.add(at + 1)

    def remove(self, records: Iterable[int]) -> None:
        """Remove these records."""
        gone = sorted(records)
        self.frame = self.frame.drop(index=gone).reset_index(drop=True)
        self.used = {i - sum(g < i for g in gone) for i in self.used if i not in gone}

    def drop(self, name: str) -> None:
        """Remove a variable."""
        self.frame = self.frame.drop(columns=[name])
        self.metadata = replace(self.metadata, variables=tuple(v for v in self.metadata.variables if v.name != name))

    def add(self, variable: VariableMetadata, values: Any) -> None:
        """A further variable behind the others."""
        self.frame[variable.name] = values
        self.metadata = replace(self.metadata, variables=(*self.metadata.variables, variable))

    def describe(self, variable: str, /, **facts: Any) -> None:
        """Change the metadata of a variable; the fact ``name`` renames it. KeyError where there is none."""
        self.metadata.variable(variable)
        self.metadata = replace(
            self.metadata,
            variables=tuple(replace(v, **facts) if v.name == variable else v for v in self.metadata.variables),
        )
        if "name" in facts:
            self.frame = self.frame.rename(columns={variable: facts["name"]})

    def move(self, name: str, position: int) -> None:
        """Put a variable at another place."""
        others = [v for v in self.metadata.variables if v.name != name]
        moved = next(v for v in self.metadata.variables if v.name == name)
        self.metadata = replace(self.metadata, variables=(*others[:position], moved, *others[position:]))
        self.frame = self.frame[self.metadata.names]


@dataclass
class Tables:
    """Clean datasets that are copied when a seed changes them. ``define``: the text of define.xml, '' for none."""

    clean: Mapping[str, Dataset]
    define: str = ""
    changed: dict[str, Table] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Table:
        """KeyError where there is no such dataset."""
        if name not in self.changed:
            self.changed[name] = Table.of(self.clean[name], self.busy)
        return self.changed[name]

    def datasets(self) -> dict[str, Dataset]:
        """All datasets, those that a seed changed among them, by name."""
        return dict(sorted({**self.clean, **{t.metadata.name: t.finished() for t in self.changed.values()}}.items()))
