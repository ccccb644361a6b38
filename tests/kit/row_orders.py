"""Builds of a shipped study from an export whose rows, columns and sources come in another order.

Not for comparing them with a build in the usual order: the tests do that.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from raw2adam.engine.columns import column as col
from raw2adam.mappings.loader import LoadedStudy
from raw2adam.runs import from_raw, read_raw, run
from raw2adam.runs.options import Options
from raw2adam.sources.table import RawTable


def shuffled(table: RawTable, seed: int) -> RawTable:
    """The same rows and columns in another order."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(table))
    names = [table.frame.columns[i] for i in rng.permutation(len(table.frame.columns))]
    frame = pd.DataFrame({n: col.take(pd.Series(table.frame[n]), rows) for n in names}, index=range(len(rows)))
    return RawTable(**{**vars(table), "frame": frame if names else table.frame})


def with_sources_shuffled(loaded: LoadedStudy, seed: int) -> LoadedStudy:
    """The same study with its sources listed in another order."""
    names = list(loaded.file.sources)
    random.Random(seed).shuffle(names)
    sources = {n: loaded.file.sources[n] for n in names}
    return replace(loaded, file=loaded.file.model_copy(update={"sources": sources}))


@contextmanager
def rows_shuffled(seed: int) -> Iterator[None]:
    """Each source is read with its rows and columns in an order that ``seed`` draws."""
    read = read_raw.read_source
    with mock.patch.object(read_raw, "read_source", lambda *found, **named: shuffled(read(*found, **named), seed)):
        yield


def build_permuted(raw: Path, out: Path, seed: int, options: Options) -> None:
    """Build OBS16577 with the rows and columns of each source, and the sources, in an order that ``seed`` draws."""
    load = run.load_study
    with (
        rows_shuffled(seed),
        mock.patch.object(run, "load_study", lambda root: with_sources_shuffled(load(root), seed)),
    ):
        from_raw.build("obs16577", raw, out, options)
