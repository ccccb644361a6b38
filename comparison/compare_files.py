"""Compares two folders or two files of finished datasets, one dataset after the other.

Not for one dataset (compare_datasets.py) nor for printing (reports).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError, UsageError, nearest
from ..transport.dataset_files import dataset_names, find_datasets, read_records
from .accepted import AcceptedDifferences
from .attributes import Side
from .compare_datasets import compare_datasets, one_side_only
from .keys import KeySources
from .options import Options
from .result import Comparison, DatasetResult


def compare_files(
    base: Path,
    compare: Path,
    keys: KeySources,
    options: Options,
    *,
    accepted: AcceptedDifferences | None = None,
    only: Sequence[str] = (),
    encoding: str = "",
) -> Comparison:
    """``only``: names of the datasets to compare, all if empty. Two datasets are in memory at a time.

    Raises InputError for a file that cannot be read; UsageError for a folder against a file, for a dataset of ``only``
    that neither side has, and, for all datasets at once, for a key that is unknown or absent.
    """
    accepted = accepted or AcceptedDifferences()
    pairs = _pairs(base, compare, only)
    results: list[DatasetResult] = []
    problems: list[str] = []
    for name, one, two in pairs:
        if one is None or two is None:
            results.append(one_side_only(name, str(one or ""), str(two or ""), accepted))
            continue
        sides = [Side(path, *read_records(path, encoding, name)) for path in (one, two)]
        described = [(word, s.path, s.spec) for word, s in zip(("BASE", "COMPARE"), sides, strict=True)]
        try:
            key, source = keys.of(name, described)
        except UsageError as error:
            problems.append(str(error))
            continue
        if not problems:
            results.append(compare_datasets(sides[0], sides[1], key, options, accepted, source))
    if problems:
        raise UsageError("\n".join(problems))
    return Comparison(str(base), str(compare), options, results, accepted.counted())


def _pairs(base: Path, compare: Path, only: Sequence[str]) -> list[tuple[str, Path | None, Path | None]]:
    for path in (base, compare):
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
    if base.is_dir() != compare.is_dir():
        raise UsageError(f"{base} and {compare}: a folder and a file; compare two folders or two files")
    if base.is_dir():
        one, two = find_datasets(base), find_datasets(compare)
    else:
        one, two = (dict.fromkeys(dataset_names(path), path) for path in (base, compare))
        if len(one) < 2 and len(two) < 2:
            if only:
                raise UsageError("--only picks datasets of two folders; these are two files")
            return [(next(iter(one), base.stem.upper()), base, compare)]
    names = sorted({*one, *two})
    for name in only:
        if name not in names:
            hint = nearest(name, names)
            raise UsageError(f"--only {name}: neither folder has it" + (f" ({hint})" if hint else ""))
    return [(n, one.get(n), two.get(n)) for n in names if not only or n in only]
