"""Whether two files of one dataset have the same content: names, labels, types and every cell.

Not for comparing datasets of two programmers, record by key (comparison/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..errors import InputError
from .dataset_writer import OutputFormat
from .xpt_text import shown

Content = tuple[DatasetMetadata, pd.DataFrame]
File = tuple[OutputFormat, Path]


def unequal_files(first: File, others: Sequence[File]) -> list[tuple[Path, str]]:
    """The differences of each of ``others`` from ``first``, as (file, sentence); [] if all cells are equal.

    A file that cannot be read is a sentence too.
    """
    if not others:
        return []
    form, path = first
    try:
        expected = form.read(path)
    except InputError as error:
        return [(path, f"cannot be read: {error}")]
    return [(file[1], text) for file in others for text in differences_from(expected, file)]


def differences_from(expected: Content, file: File) -> list[str]:
    """The differences of a file from the metadata and records of its dataset; [] if all cells are equal."""
    form, path = file
    try:
        return _differences(expected, form.read(path))
    except InputError as error:
        return [f"cannot be read: {error}"]


def _differences(expected: Content, found: Content) -> list[str]:
    (one, ours), (other, theirs) = expected, found
    if (one.name, one.label) != (other.name, other.label):
        return [f"the dataset is {other.name} {other.label!r}, not {one.name} {one.label!r}"]
    if one.names != other.names:
        return [f"its variables are {', '.join(other.names)}, not {', '.join(one.names)}"]
    if len(ours) != len(theirs):
        return [f"it has {len(theirs)} records, not {len(ours)}"]
    texts = []
    for a, b in zip(one.variables, other.variables, strict=True):
        if a.label != b.label:
            texts.append(f"{a.name}: label {b.label!r}, not {a.label!r}")
        if a.is_numeric != b.is_numeric:
            texts.append(f"{a.name}: {_kind(b)}, not {_kind(a)}")
            continue
        unlike = _unlike_numbers if a.is_numeric else _unlike_texts
        texts += [f"{a.name}, {text}" for text in unlike(pd.Series(ours[a.name]), pd.Series(theirs[a.name]))]
    return texts


def _kind(variable: VariableMetadata) -> str:
    return "numeric" if variable.is_numeric else "character"


def _unlike_numbers(one: pd.Series, other: pd.Series) -> list[str]:
    ours, theirs = one.to_numpy("float64"), other.to_numpy("float64")
    unlike = (ours != theirs) & ~(np.isnan(ours) & np.isnan(theirs))
    return _first(unlike, lambda at: (repr(float(theirs[at])), repr(float(ours[at]))))


def _unlike_texts(one: pd.Series, other: pd.Series) -> list[str]:
    (codes, ours), (others, theirs) = col.split_text(one), col.split_text(other)
    places = {text: n for n, text in enumerate(ours.tolist())}
    same = np.array([places.get(text, -1) for text in theirs.tolist()], dtype="int64")
    return _first(same[others] != codes, lambda at: (shown(theirs[others[at]]), shown(ours[codes[at]])))


def _first(unlike: np.ndarray, values: Callable[[int], tuple[str, str]]) -> list[str]:
    if not unlike.any():
        return []
    at = int(unlike.argmax())
    theirs, ours = values(at)
    more = int(unlike.sum()) - 1
    return [f"record {at + 1}: {theirs}, not {ours}" + (f" ({more} more records differ)" if more else "")]
