"""Values that are no terms of their codelist. Not for which codelist a variable has (values.py)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.plan.codelists import numeric_result
from ...mappings.facts.terminology import Codelist


def outside_codelist(
    codelists: Sequence[Codelist], column: pd.Series, variable: str, also: Collection[str] = ()
) -> np.ndarray | None:
    """Where a value is no term of the codelists; None where that is nowhere or cannot be known.

    It cannot be known without a codelist, and for a list whose terms do not ship. Numbers in --STRESC are no terms.
    ``also``: values that count as terms.
    """
    if not codelists or any(not c.terms for c in codelists):
        return None
    if col.is_number(column):
        return _numbers_outside(codelists, np.asarray(column, dtype="float64"))
    codes, texts = col.split_text(column)
    outside = np.array(
        [
            t != ""
            and t not in also
            and not any(t in c.values or numeric_result(variable, c, t) for c in codelists)
            for t in texts
        ],
        dtype=bool,
    )  # fmt: skip
    if not outside.any():
        return None
    found = outside[codes]
    return found if found.any() else None


def _numbers_outside(codelists: Sequence[Codelist], numbers: np.ndarray) -> np.ndarray | None:
    """Where a number is none of the terms; None unless every term is the text of a number."""
    try:
        allowed = np.array([float(v) for c in codelists for v in c.values])
    except ValueError:
        return None
    found = ~np.isnan(numbers) & ~np.isin(numbers, allowed)
    return found if found.any() else None
