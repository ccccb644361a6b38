"""The content of a file of a finished dataset in any format: its metadata and its columns, with common checks.

Not for the formats themselves: read_xpt, read_sas, read_dataset_json and read_parquet fill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..errors import InputError


@dataclass
class FileContent:
    """One dataset of one file. ``variables`` and ``columns`` are parallel; ``keys`` only if the file has them."""

    name: str  # '' if the file has none
    label: str
    variables: list[VariableMetadata] = field(default_factory=list)
    columns: list[pd.Series] = field(default_factory=list)
    keys: tuple[str, ...] = ()

    def add(self, variable: VariableMetadata, column: pd.Series) -> None:
        self.variables.append(variable)
        self.columns.append(column)

    def finished(self, path: Path) -> tuple[DatasetMetadata, pd.DataFrame]:
        """Metadata and records, names in capitals. Raises InputError for no variables, or two of one name."""
        if not self.variables:
            raise InputError(f"{path}: it has no variables; write the file again")
        seen: dict[str, str] = {}
        names = [self.name, self.label, *(t for v in self.variables for t in (v.name, v.label, v.format))]
        if any("\ud800" <= c <= "\udfff" for text in names for c in text):
            raise InputError(f"{path}: half a surrogate pair in a name or label is no text; write the file in UTF-8")
        for variable in self.variables:
            upper = variable.name.upper()
            if not upper.strip():
                raise InputError(f"{path}: a variable has no name; write the file again")
            if upper in seen:
                twice = f"'{seen[upper]}' and '{variable.name}'" if seen[upper] != variable.name else f"'{upper}' twice"
                raise InputError(f"{path}: it has the variables {twice}; SAS names ignore case, rename one")
            seen[upper] = variable.name
        variables = tuple(replace(v, name=v.name.upper()) for v in self.variables)
        name = (self.name.strip() or path.stem).upper()
        spec = DatasetMetadata(name, self.label, variables, tuple(k.upper() for k in self.keys), standard="")
        columns = {v.name: c for v, c in zip(variables, self.columns, strict=True)}
        return spec, col.frame_of(columns, len(self.columns[0]))


def number_column(values: np.ndarray, name: str, path: Path) -> tuple[str, pd.Series]:
    """(integer or float, float64 column). Raises InputError for an infinity, which CDISC datasets cannot contain."""
    values = np.asarray(values, dtype="float64")
    infinite = np.isinf(values)
    if infinite.any():
        record = int(infinite.argmax()) + 1
        raise InputError(f"{path}: {name}, record {record}: an infinite number; write it as missing or as its value")
    whole = bool((np.isnan(values) | (values == np.trunc(values))).all())
    return "integer" if whole else "float", pd.Series(values)


def text_column(codes: np.ndarray, texts: Sequence[str], name: str, path: Path) -> pd.Series:
    """A text column of codes into ``texts``; trailing blanks are removed. Raises InputError for invalid Unicode."""
    stripped = np.empty(len(texts), dtype=object)
    stripped[:] = [t.rstrip(" ") for t in texts]
    try:
        "".join(stripped.tolist()).encode()
    except UnicodeEncodeError:
        raise InputError(f"{path}: {name}: half a surrogate pair is no text; write the file again in UTF-8") from None
    return col.join_text(np.asarray(codes), stripped)


def sas_format(text: str | None) -> str:
    """A SAS format as it is typed, in capitals with its dot: DATE9 and date9. are DATE9.; '' for none."""
    text = (text or "").strip().upper()
    return text if not text or "." in text else f"{text}."
