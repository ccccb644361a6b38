"""Columns of numbers of SAS, SPSS and Stata files as text; and what all their readers check of the variables.

Not for reading files (read.py, read_transport.py) nor for the formats that show dates (display_formats.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import InputError
from ...findings.table import Findings
from ..cell_text import typed_number_text
from ..text_columns import from_unique

#: typed_number_text writes doubles from here on with an exponent, and doubles below the other with their decimals
_EXPONENT_FROM, _DECIMALS_FROM = 1e16, 1e-4


@dataclass(frozen=True)
class StoredVariable:
    """One variable. ``name``: of its column, '' without one. ``display``: its format. ``text``: writes one number.

    ``stored``: the type of its numbers in the file (float has single precision); '' for text.
    """

    name: str
    is_text: bool
    display: str
    text: Callable[[float], str]
    stored: str


def check_doubled(variables: Sequence[str], file: str) -> None:
    """Raises InputError for two variables of one name."""
    places: dict[str, int] = {}
    for position, name in enumerate(variables):
        first = places.setdefault(name, position)
        if first != position:
            raise InputError(
                f"{file}: variables {first + 1} and {position + 1} are both named '{name}', which its format does not "
                "allow; rename one of them in the program that wrote the file"
            )


def column_of_numbers(
    codes: np.ndarray, unique: Sequence[object], variable: StoredVariable, file: str, findings: Findings
) -> pd.Categorical:
    """A column of numbers as text: ``unique`` numbers, or letters of special missing values, and a code per row."""
    if variable.text is typed_number_text:
        as_stored = unique
        numbers = np.array([np.nan if isinstance(u, str) else u for u in unique], dtype=float)
        if variable.stored == "float":
            unique = _single(unique)
        elif was_single(numbers):
            unique = _single(unique)
            text = f"numbers of single precision, written as double; read in their shortest text, {_example(numbers)}"
            findings.add("R2A-SRC-040", text, file=file, column=variable.name)
        if unique is as_stored:
            return from_unique(_texts(unique, numbers), codes)
    # a text in a column of numbers is the letter of a special missing value
    return from_unique([f".{u}" if isinstance(u, str) else variable.text(u) for u in unique], codes)  # pyright: ignore[reportArgumentType]


def _texts(unique: Sequence[object], numbers: np.ndarray) -> list[str]:
    """The shortest texts of doubles: as typed_number_text, whole arrays at a time where they are plain."""
    size = np.abs(numbers)
    whole = (size < _EXPONENT_FROM) & (numbers == np.trunc(numbers))
    plain = ~whole & (size < _EXPONENT_FROM) & (size >= _DECIMALS_FROM)
    texts = np.empty(len(numbers), dtype=object)
    texts[whole] = list(map(str, numbers[whole].astype("int64").tolist()))
    texts[plain] = list(map(repr, numbers[plain].tolist()))
    for at in np.flatnonzero(~whole & ~plain).tolist():
        value = unique[at]
        texts[at] = f".{value}" if isinstance(value, str) else typed_number_text(float(numbers[at]))
    return texts.tolist()


def _single(unique: Sequence[object]) -> list[object]:
    with np.errstate(over="ignore"):
        return [u if isinstance(u, str) else np.float32(u) for u in unique]  # pyright: ignore[reportArgumentType]


def was_single(numbers: np.ndarray) -> bool:
    """Whether doubles come from a file with single precision: each is a number of single precision, and at least one
    has a shorter decimal text there.

    One of 2**29 numbers entered with decimals is a number of single precision, unless its double is short too.
    """
    numbers = numbers[~np.isnan(numbers)]
    size = np.abs(numbers)
    with np.errstate(over="ignore"):
        single = numbers.astype(np.float32)
    if not len(numbers) or not (single.astype(float) == numbers).all():
        return False
    longer = (size >= _EXPONENT_FROM) | (numbers != np.trunc(numbers))  # other whole numbers have as many digits
    pairs = zip(numbers[longer], single[longer], strict=True)
    return any(len(typed_number_text(d)) > 9 + len(typed_number_text(f)) // 2 for d, f in pairs)


def _example(numbers: np.ndarray) -> str:
    longest = max(numbers[~np.isnan(numbers)].tolist(), key=lambda v: len(typed_number_text(v)))
    return f"{typed_number_text(np.float32(longest))} for {typed_number_text(longest)}"
