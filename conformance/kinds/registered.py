"""The modules of all kinds; importing this one registers them."""

from __future__ import annotations

from . import (  # noqa: F401 - each module registers its kinds
    across,
    attributes,
    codelist,
    condition,
    copies,
    datasets,
    days,
    define_xml,
    intervals,
    other_records,
    pairs,
    parameters,
    results,
    sas_dates,
    sequences,
    sources,
    supplemental,
    unique,
    values,
    variables,
)
