"""Small datasets written by hand. Not for the literal cases of conformance rules, which are in their YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata


def table(
    name: str, header: str, *records: tuple[str | float, ...], details: Mapping[str, Any] | None = None, **spec: Any
) -> Dataset:
    """A dataset called ``name``.

    ``header``: its variables with a blank between them, each with its type behind a colon unless it is text:
    ``USUBJID AESEQ:integer``. ``records``: their values in this order; a missing number is float("nan").
    ``details``: variable -> further facts of it, as its codelist. ``spec``: further facts of the dataset, as its keys.
    """
    variables = []
    for word in header.split():
        variable, _, kind = word.partition(":")
        one = VariableMetadata(variable, variable, kind or "text")
        variables.append(replace(one, **(details or {}).get(variable, {})))
    columns: dict[str, Any] = {}
    for at, variable in enumerate(variables):
        values = [r[at] for r in records]
        columns[variable.name] = values if variable.is_numeric else col.text_column(values)
    facts = {"label": name, "keys": (), **spec}
    metadata = DatasetMetadata(name=name, variables=tuple(variables), **facts)
    return Dataset(metadata, pd.DataFrame(columns, columns=metadata.names))
