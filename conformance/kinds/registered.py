"""The modules of all kinds; importing this one registers them."""

from __future__ import annotations

from . import (
    attributes,
    condition,
    datasets,
    days,
    other_records,
    results,
    supplemental,
    unique,
    values,
    variables,
)

MODULES = (attributes, condition, datasets, days, other_records, results, supplemental, unique, values, variables)
