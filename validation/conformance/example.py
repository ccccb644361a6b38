"""Small datasets written by hand: the case that passes a conformance rule and the cases that fail it.

``run_example`` runs one. Not for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...engine.columns import column as col
from ...engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata

#: (subject, sequence, variable, value) of a finding: '' and -1 where it has none
Found = tuple[str, int, str, str]


@dataclass(frozen=True)
class Example:
    """One dataset, with the findings of the rule that it must give: none for a case that passes.

    ``others``: further datasets of the same subjects; DM among them has the subjects of the study.
    """

    dataset: Dataset
    finds: tuple[Found, ...] = ()
    others: tuple[Dataset, ...] = ()


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


def case(dataset: Dataset, *finds: Found, others: tuple[Dataset, ...] = ()) -> Example:
    """A case of a rule with the findings that it must give."""
    return Example(dataset, finds, others)
