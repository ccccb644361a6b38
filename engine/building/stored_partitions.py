"""The finished datasets of every partition: in memory for a study in one partition, else on disk.

A study in several partitions needs the memory of one of them. The files lie in the folder where this run stages its
output, and are removed before the output is in place. Not for what partitions decide together: summaries.py.
"""

from __future__ import annotations

import pickle
import shutil
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..columns import column as col
from ..tables.dataset import Dataset, DatasetMetadata, Lineage

#: so many cells of whole datasets stay in memory: checks of several datasets read each of them many times
REMEMBERED = 10_000_000


class Parts:
    """Datasets by partition and name. ``scratch``: a folder that does not exist yet; None keeps all in memory."""

    def __init__(self, scratch: Path | None = None):
        self.scratch = scratch
        self.specs: list[dict[str, DatasetMetadata]] = []
        self.lineages: list[dict[str, Lineage]] = []
        self._in_memory: list[dict[str, Dataset]] = []
        if scratch is not None:
            scratch.mkdir(mode=0o700)

    def __len__(self) -> int:
        return len(self.specs)

    def add(self, datasets: Mapping[str, Dataset]) -> None:
        """The datasets of the next partition."""
        self.specs.append({})
        self.lineages.append({})
        self._in_memory.append({})
        for name, dataset in datasets.items():
            self.put_dataset(len(self) - 1, name, dataset)

    def arrange(self, part: int, names: Sequence[str], changed: Mapping[str, Dataset]) -> None:
        """A partition has exactly the datasets ``names``, in this order; those in ``changed`` are new or replaced."""
        for name, dataset in changed.items():
            self.put_dataset(part, name, dataset)
        self.specs[part] = {n: self.specs[part][n] for n in names}
        self.lineages[part] = {n: self.lineages[part][n] for n in names if n in self.lineages[part]}

    def put_dataset(self, part: int, name: str, dataset: Dataset) -> None:
        self.specs[part][name] = dataset.metadata
        if dataset.lineage is not None:
            self.lineages[part][name] = dataset.lineage
        if self.scratch is None:
            self._in_memory[part][name] = dataset
            return
        with self._file(part, name).open("wb") as file:  # metadata and lineage stay in memory
            columns = {n: _plain(c) for n, c in dataset.columns.items()}
            pickle.dump((columns, len(dataset)), file, protocol=5)

    def dataset(self, part: int, name: str) -> Dataset:
        """One dataset of one partition."""
        if self.scratch is None:
            return self._in_memory[part][name]
        with self._file(part, name).open("rb") as file:
            columns, n = pickle.load(file)
        frame = col.frame_of({v: _restored(c) for v, c in columns.items()}, n)
        return Dataset.of_clean(self.specs[part][name], frame, self.lineages[part].get(name))

    def part(self, part: int) -> dict[str, Dataset]:
        """All datasets of one partition."""
        return {name: self.dataset(part, name) for name in self.specs[part]}

    def frames(self, name: str) -> Iterator[pd.DataFrame]:
        """The records of a dataset, partition by partition."""
        for part in range(len(self)):
            yield self.dataset(part, name).frame

    def close(self) -> None:
        """Remove the files."""
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _file(self, part: int, name: str) -> Path:
        assert self.scratch is not None
        return self.scratch / f"{part}-{name}.pickle"


#: a column without pandas, whose pickles take several times as long: numbers, or the codes and texts of a text column
_Plain = np.ndarray | tuple[np.ndarray, list[str]]


def _plain(column: pd.Series) -> _Plain:
    if col.is_number(column):
        return column.to_numpy()
    codes, texts = col.split_text(column)
    return codes, texts.tolist()


def _restored(stored: _Plain) -> pd.Series:
    return col.distinct_text(*stored) if isinstance(stored, tuple) else col.series(stored)


class WholeDatasets(Mapping[str, Dataset]):
    """Each dataset over all partitions, put together when a caller reads it.

    The last one stays in memory, with those read before it as far as they have REMEMBERED cells together, and every
    other for as long as a caller holds it.
    """

    def __init__(self, parts: Parts):
        self.parts = parts
        self._recent: OrderedDict[str, Dataset] = OrderedDict()
        self._held: weakref.WeakValueDictionary[str, Dataset] = weakref.WeakValueDictionary()

    @property
    def specs(self) -> Mapping[str, DatasetMetadata]:
        """The metadata of the datasets, without reading their records."""
        return self.parts.specs[0]

    def __getitem__(self, name: str) -> Dataset:
        if name not in self.parts.specs[0]:
            raise KeyError(name)
        found = self._held.get(name)
        if found is None:
            found = self._held[name] = self._whole(name)
        self._remember(name, found)
        return found

    def _remember(self, name: str, dataset: Dataset) -> None:
        self._recent[name] = dataset
        self._recent.move_to_end(name)
        while len(self._recent) > 1 and sum(map(_cells, self._recent.values())) > REMEMBERED:
            self._recent.popitem(last=False)

    def __contains__(self, name: object) -> bool:
        return name in self.parts.specs[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts.specs[0])

    def __len__(self) -> int:
        return len(self.parts.specs[0])

    def _whole(self, name: str) -> Dataset:
        if len(self.parts) == 1:
            return self.parts.dataset(0, name)
        spec = self.parts.specs[0][name]
        frames = list(self.parts.frames(name))
        frame = pd.DataFrame({n: col.concat([f[n] for f in frames]) for n in spec.names})
        return Dataset.of_clean(spec, frame)


def _cells(dataset: Dataset) -> int:
    return len(dataset) * len(dataset.metadata.variables)


def specs_of(datasets: Mapping[str, Dataset]) -> Mapping[str, DatasetMetadata]:
    """The metadata of each dataset, without reading records that lie on disk."""
    known = getattr(datasets, "specs", None)
    return known if isinstance(known, Mapping) else {n: d.metadata for n, d in datasets.items()}
