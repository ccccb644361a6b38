"""Compares the datasets of two runs by natural keys: records, variables, cells, and why they differ.

Sequence numbers are not compared: one more record counts all later ones anew. Not for printing (run_report.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import Dataset
from ..errors import InputError, UsageError, nearest
from ..runs.review import previous_findings
from ..sdtm.natural_keys import natural_keys
from .cells import different_cells, values_at
from .compare_datasets import shares
from .options import Options
from .pairing import Pairing, pair_records
from .run_causes import Cause, Causes
from .run_folder import RunFolder

_KEY = "natural keys"


@dataclass(frozen=True)
class CellChange:
    """One cell: the natural keys of its record, and the values as numbers, texts or None."""

    keys: str
    old: object
    new: object
    format: str = ""


@dataclass
class VariableChange:
    """A variable that differs. ``side``: OLD or NEW where one run alone has it, else ''.

    ``different``: of ``compared`` records of both runs. For SUPP-- the variable is a QNAM.
    """

    name: str
    side: str = ""
    compared: int = 0
    different: int = 0
    cells: list[CellChange] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)


@dataclass
class DatasetChange:
    """A dataset that differs. ``side``: OLD or NEW where one run alone has it, else ''.

    ``only_old``, ``only_new``: how many records one run alone has, and the natural keys of the first.
    """

    name: str
    side: str = ""
    old_records: int = 0
    new_records: int = 0
    only_old: tuple[int, list[str]] = (0, [])
    only_new: tuple[int, list[str]] = (0, [])
    causes: list[Cause] = field(default_factory=list)
    variables: list[VariableChange] = field(default_factory=list)

    @property
    def records_differ(self) -> bool:
        return bool(self.side or self.only_old[0] or self.only_new[0])


@dataclass(frozen=True)
class FindingChanges:
    """The findings of both runs by identity, with the columns that findings/review.py remembers."""

    old: Mapping[str, Mapping[str, Any]]
    new: Mapping[str, Mapping[str, Any]]

    @property
    def came(self) -> int:
        """How many the new run alone has."""
        return sum(i not in self.old for i in self.new)

    @property
    def resolved(self) -> int:
        """How many the old run alone has."""
        return sum(i not in self.new for i in self.old)


@dataclass
class RunComparison:
    """``findings``: those of both runs; None where an output has no identities."""

    old: RunFolder
    new: RunFolder
    options: Options
    causes: Causes
    compared: list[str]
    datasets: list[DatasetChange]
    findings: FindingChanges | None

    @property
    def equal(self) -> bool:
        return not self.datasets

    @property
    def unexplained(self) -> list[str]:
        """What differs although no rule, no raw file, no spec, no input, no version and no option does."""
        found = []
        for d in self.datasets:
            found += [f"records of {d.name}"] if d.records_differ and not d.causes else []
            found += [f"{d.name}.{v.name}" for v in d.variables if not v.causes]
        return found


def compare_runs(old: Path, new: Path, options: Options, only: Sequence[str] = ()) -> RunComparison:
    """Compare two output folders with lineage. ``only``: names of datasets, all if empty.

    Raises InputError for a file that has changed since the build or cannot be read, UsageError for a name of ``only``
    that neither has.
    """
    one, two = RunFolder(old), RunFolder(new)
    names = sorted({*one.names, *two.names})
    for name in only:
        if name not in names:
            hint = nearest(name, names)
            raise UsageError(f"--only {name}: neither folder has it" + (f" ({hint})" if hint else ""))
    found = [c for name in names if (c := _compare(name, one, two, options)) is not None]
    by_name = {c.name: c for c in found}
    known = {n: {v.name for v in c.variables} for n, c in by_name.items()}
    built = {*one.index["datasets"], *two.index["datasets"]}

    def changed(dataset: str, variable: str) -> bool:
        if dataset not in by_name:
            return dataset in built and dataset not in names  # it was derived and not written
        if not variable:
            return by_name[dataset].records_differ
        return variable in known[dataset] or not _is_written(dataset, variable, one, two)

    causes = Causes(one, two, changed)
    for change in found:
        if change.records_differ:
            change.causes = causes.of_records(change.name)
        for variable in change.variables:
            variable.causes = causes.of_variable(change.name, variable.name)
    shown = [c for c in found if not only or c.name in only]
    return RunComparison(
        old=one,
        new=two,
        options=options,
        causes=causes,
        compared=[n for n in names if not only or n in only],
        datasets=shown,
        findings=_findings(old, new),
    )


def _is_written(dataset: str, variable: str, old: RunFolder, new: RunFolder) -> bool:
    return any(dataset in run and variable in run[dataset].metadata.names for run in (old, new))


def _findings(old: Path, new: Path) -> FindingChanges | None:
    try:
        return FindingChanges(*(previous_findings(p).findings for p in (old, new)))
    except InputError:
        return None


def _compare(name: str, old: RunFolder, new: RunFolder, options: Options) -> DatasetChange | None:
    """What differs in one dataset; None where nothing does."""
    if name not in old.names or name not in new.names:
        side, run = ("OLD", old) if name in old.names else ("NEW", new)
        count = len(run[name])
        records = {"old_records": count} if side == "OLD" else {"new_records": count}
        return DatasetChange(name, side, **records)
    if old.sha256(name) == new.sha256(name):
        return None
    sides = [_keyed(run[name], run) for run in (old, new)]
    frames = [frame for _, frame in sides]
    pairing = pair_records(frames[0], frames[1], [_KEY])
    change = DatasetChange(name, "", len(frames[0]), len(frames[1]))
    change.only_old = _listed(frames[0], pairing.only_base, options)
    change.only_new = _listed(frames[1], pairing.only_compare, options)
    change.variables = _variables([d for d, _ in sides], frames, pairing, options)
    return change if change.records_differ or change.variables else None


def _keyed(dataset: Dataset, run: RunFolder) -> tuple[Dataset, pd.DataFrame]:
    """The dataset and its records with their natural keys as a column.

    Records with the same keys are in the order of their values, so that their sequence numbers decide nothing.
    """
    n = len(dataset)
    keys = col.text_column(natural_keys(dataset, np.arange(n), run))
    frame = pd.DataFrame({**{name: dataset.columns[name] for name in dataset.metadata.names}, _KEY: keys})
    _, texts = col.split_text(keys)
    if n and len(texts) < n:
        values = [pd.Series(frame[v]) for v in dataset.metadata.names if not _numbers_records(v)]
        order = verbs.value_order([keys, *values])
        frame = pd.DataFrame({name: col.take(pd.Series(frame[name]), order) for name in frame.columns})
    return dataset, frame


def _numbers_records(variable: str) -> bool:
    """Whether the values of a variable are sequence numbers of records."""
    return variable.endswith("SEQ") or variable == "IDVARVAL"


def _listed(frame: pd.DataFrame, rows: np.ndarray, options: Options) -> tuple[int, list[str]]:
    keys = sorted(col.objects(col.take(pd.Series(frame[_KEY]), rows)).tolist()) if len(rows) else []
    return len(rows), keys[: options.limit or None]


def _variables(
    datasets: list[Dataset], frames: list[pd.DataFrame], pairing: Pairing, options: Options
) -> list[VariableChange]:
    old, new = (d.metadata for d in datasets)
    found = [VariableChange(v, "OLD") for v in old.names if v not in new.names]
    found += [VariableChange(v, "NEW") for v in new.names if v not in old.names]
    places: list[tuple[VariableChange, str, np.ndarray]] = []
    qualifiers = old.name.startswith("SUPP") and {"QNAM", "QVAL"} <= {*old.names} & {*new.names}
    for name in (v for v in old.names if v in new.names and not _numbers_records(v)):
        one, two = (pd.Series(f[name]) for f in frames)
        at = different_cells(one, two, pairing, options)
        if not len(at):
            continue
        if qualifiers and name == "QVAL":
            places += _by_qualifier(frames[0], pairing, at)
        else:
            places.append((VariableChange(name, "", len(pairing.base), len(at)), name, at))
    for (change, name, at), share in zip(places, shares([len(p[2]) for p in places], options.limit), strict=True):
        change.cells = _cells(frames, pairing, at, name, share, old.variable(name).format)
        found.append(change)
    return found


def _by_qualifier(
    frame: pd.DataFrame, pairing: Pairing, at: np.ndarray
) -> list[tuple[VariableChange, str, np.ndarray]]:
    """The different values of SUPP-- by QNAM, which is their variable."""
    codes, names = col.split_text(col.take(pd.Series(frame["QNAM"]), pairing.base))
    counts = np.bincount(codes, minlength=len(names))
    there = np.unique(codes[at]).tolist()
    return [
        (VariableChange(str(names[c]), "", int(counts[c]), int((codes[at] == c).sum())), "QVAL", at[codes[at] == c])
        for c in there
    ]


def _cells(
    frames: list[pd.DataFrame], pairing: Pairing, at: np.ndarray, name: str, share: int, form: str
) -> list[CellChange]:
    """The first ``share`` different cells in the order of the natural keys."""
    rows = pairing.base[at]
    keys = col.objects(col.take(pd.Series(frames[0][_KEY]), rows))
    first = np.argsort(keys.astype(str), kind="stable")[:share]
    old = values_at(pd.Series(frames[0][name]), rows[first])
    new = values_at(pd.Series(frames[1][name]), pairing.compare[at][first])
    return [CellChange(k, a, b, form) for k, a, b in zip(keys[first].tolist(), old, new, strict=True)]
