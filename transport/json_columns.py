"""The columns of Dataset-JSON: their metadata, and their values as text or numbers.

What the standard does not allow is refused with the record's number, never mended. Not for the rows of a file
(read_dataset_json.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns.number_text import plain_number
from ..errors import InputError, nearest
from .file_content import number_column, text_column
from .sas_moments import sas_number

#: dataType -> the type of a variable whose values stay text
TEXT_TYPES = {
    "string": "text",
    "URI": "text",
    "boolean": "text",
    "datetime": "datetime",
    "date": "date",
    "time": "time",
}
NUMBER_TYPES = frozenset({"integer", "decimal", "float", "double"})
MOMENTS = frozenset({"datetime", "date", "time"})


def described_columns(document: dict[str, Any], path: Path) -> list[dict[str, Any]]:
    columns = document.get("columns")
    if not isinstance(columns, list) or not columns or not all(isinstance(c, dict) for c in columns):
        raise InputError(f"{path}: it has no list 'columns', which describes the variables of Dataset-JSON")
    for number, column in enumerate(columns, start=1):
        kind, target = column.get("dataType"), column.get("targetDataType")
        name = column.get("name")
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{path}: column {number} has no name")
        known = [*TEXT_TYPES, *sorted(NUMBER_TYPES)]
        if kind not in known:
            near = nearest(kind, known) if isinstance(kind, str) else ""
            raise InputError(
                f"{path}: {name}: dataType {shown(kind)} is none of {', '.join(known)}" + (f" ({near})" if near else "")
            )
        allowed = ("integer",) if kind in MOMENTS else ("decimal",) if kind == "decimal" else ()
        if target is not None and target not in allowed:
            raise InputError(f"{path}: {name}: targetDataType {shown(target)} does not go with dataType {kind}")
    return columns


def read_column(cells: tuple[Any, ...], name: str, kind: str, target: str, path: Path) -> tuple[str, pd.Series]:
    found = set(map(type, cells)) - {type(None)}
    if kind in NUMBER_TYPES and kind != "decimal":
        _only(cells, found, {int, float}, name, kind, path)
        try:
            numbers = np.array(cells, dtype="float64")  # None becomes NaN
        except OverflowError:
            raise InputError(f"{path}: {name}: a number with more digits than a dataset can hold") from None
        for at in np.flatnonzero((np.abs(numbers) >= 2.0**53) & np.isfinite(numbers)).tolist():
            if int(numbers[at]) != cells[at]:
                raise InputError(
                    f"{path}: {name}, row {at + 1}: {cells[at]} has more digits than a number of a dataset can hold; "
                    "write it as text"
                )
        typed, series = number_column(numbers, name, path)
        if kind == "integer" and typed != "integer":
            first = int(np.flatnonzero(~np.isnan(numbers) & (numbers != np.trunc(numbers)))[0])
            raise InputError(
                f"{path}: {name}, row {first + 1}: {cells[first]!r} is no integer, which its dataType requires"
            )
        return ("integer" if kind == "integer" else "float"), series
    if kind == "boolean":
        _only(cells, found, {bool}, name, kind, path)
        codes, unique = pd.factorize(_objects(cells))
        texts = ["true" if u else "false" for u in unique]
        return "text", text_column(np.where(codes < 0, len(texts), codes), [*texts, ""], name, path)
    allowed = {str, int, float} if kind == "decimal" else {str}  # decimals are text, so that no digit is lost
    _only(cells, found, allowed, name, kind, path)
    codes, found_values = pd.factorize(_objects(cells))
    unique = [*found_values, ""]  # the last one serves null
    codes = np.where(codes < 0, len(unique) - 1, codes)
    if kind == "decimal" or target == "integer":
        read = _decimal if kind == "decimal" else lambda t: sas_number(t, kind)
        numbers = [np.nan if u == "" else read(u) for u in unique]
        bad = [i for i, x in enumerate(numbers) if x is None]
        if bad:
            first = int(np.flatnonzero(np.isin(codes, bad))[0])
            wanted = (
                "a decimal number" if kind == "decimal" else f"a complete {kind} of ISO 8601, which integer asks for"
            )
            raise InputError(f"{path}: {name}, row {first + 1}: {shown(cells[first])} is not {wanted}")
        taken = np.array(numbers, dtype="float64")[codes] if len(codes) else np.zeros(0)
        typed, series = number_column(taken, name, path)
        return ("float" if kind == "decimal" else typed), series
    return TEXT_TYPES[kind], text_column(codes, [str(u) for u in unique], name, path)


def _only(cells: tuple[Any, ...], found: set[type], allowed: set[type], name: str, kind: str, path: Path) -> None:
    if found <= allowed:
        return
    first = next(i for i, c in enumerate(cells) if c is not None and type(c) not in allowed)
    raise InputError(
        f"{path}: {name}, row {first + 1}: {shown(cells[first])} is no {kind}, which its dataType requires"
    )


def _objects(cells: tuple[Any, ...]) -> np.ndarray:
    out = np.empty(len(cells), dtype=object)
    out[:] = cells
    return out


def _decimal(value: Any) -> float | None:
    return plain_number(value.strip()) if isinstance(value, str) else float(value)


def string_of(found: dict[str, Any], key: str) -> str:
    """The text of a key without blanks around it; '' for another value."""
    value = found.get(key)
    return value.strip() if isinstance(value, str) else ""


def shown(value: Any) -> str:
    """A value of JSON in a message."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "..."
