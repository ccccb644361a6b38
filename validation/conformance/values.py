"""Values against codelists: those of a variable, and those of value-level metadata in the records they are about.

Not for the other rules of a dataset (check.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.plan.codelists import numeric_result
from ...engine.tables.dataset import RangeCheck
from ...mappings.facts.terminology import Codelist
from .rules import Report


def outside_codelist(codelist: Codelist | None, column: pd.Series, variable: str) -> np.ndarray | None:
    """Where a value is no term of the codelist; None where nothing can be said. Numbers in --STRESC are no terms.

    That is without a codelist, for a dictionary without terms (MedDRA), and for an extensible list that ships in part:
    the value may be a published term.
    """
    if codelist is None or not codelist.terms or (codelist.trimmed and codelist.extensible):
        return None
    if col.is_number(column):
        return _numbers_outside(codelist, np.asarray(column, dtype="float64"))
    codes, texts = col.split_text(column)
    outside = np.array(
        [t != "" and t not in codelist.values and not numeric_result(variable, codelist, t) for t in texts], dtype=bool
    )
    return outside[codes] if len(texts) else np.zeros(0, dtype=bool)


def _numbers_outside(codelist: Codelist, numbers: np.ndarray) -> np.ndarray:
    """Where a number is none of the terms; nowhere unless every term is the text of a number."""
    try:
        allowed = np.array([float(v) for v in codelist.values])
    except ValueError:
        return np.zeros(len(numbers), dtype=bool)
    return ~np.isnan(numbers) & ~np.isin(numbers, allowed)


def check_value_levels(report: Report) -> None:
    """Rules 022 and 023: the values of the records that value-level metadata are about, against their codelist."""
    frame: Any = report.dataset.frame
    for value in report.dataset.spec.values:
        if value.variable not in frame or any(check.variable not in frame for check in value.where):
            continue
        outside = outside_codelist(value.codelist, frame[value.variable], value.variable)
        if value.codelist is None or outside is None or not outside.any():
            continue
        for check in value.where:
            outside = outside & _holds(check, frame[check.variable])
        codelist = value.codelist
        name = f"{codelist.name} ({codelist.code})" if codelist.code else codelist.name
        records = " and ".join(f"{c.variable} {c.comparator} {', '.join(c.values)}" for c in value.where)
        if codelist.extensible:
            message = f"not a term of the codelist {name}, where {records}; add it to the study's terms"
            report.records("023", outside, value.variable, message)
        else:
            report.records("022", outside, value.variable, f"not a term of the closed codelist {name}, where {records}")


def _holds(check: RangeCheck, column: pd.Series) -> np.ndarray:
    """Where a check of a where clause holds; a missing value passes none, as in the specs' own language."""
    if col.is_number(column):
        numbers = np.asarray(column, dtype="float64")
        limits = np.array([float(v) for v in check.values])
        by_number = {
            "EQ": np.isin(numbers, limits),
            "IN": np.isin(numbers, limits),
            "NE": ~np.isnan(numbers) & ~np.isin(numbers, limits),
            "NOTIN": ~np.isnan(numbers) & ~np.isin(numbers, limits),
            "LT": numbers < limits[0],
            "LE": numbers <= limits[0],
            "GT": numbers > limits[0],
            "GE": numbers >= limits[0],
        }
        return by_number[check.comparator]
    codes, texts = col.split_text(column)
    if not len(texts):
        return np.zeros(0, dtype=bool)
    first = check.values[0]
    by_text = {
        "EQ": lambda t: t in check.values,
        "IN": lambda t: t in check.values,
        "NE": lambda t: t not in check.values,
        "NOTIN": lambda t: t not in check.values,
        "LT": lambda t: t < first,
        "LE": lambda t: t <= first,
        "GT": lambda t: t > first,
        "GE": lambda t: t >= first,
    }
    return np.array([t != "" and by_text[check.comparator](t) for t in map(str, texts)], dtype=bool)[codes]
