"""The order of findings: by severity and rule, then by place, the same for the same findings.

Not for their identity in the next data cut (review.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .rule import SEVERITIES

#: the sort keys of the table within one severity, most important first
_ORDER = ("rule", "dataset", "file", "source", "row", "subject", "sequence", "variable", "column", "value", "message")

#: a table of so many findings is sorted by Python
FEW = 500


def order_of(data: Mapping[str, np.ndarray]) -> np.ndarray:
    """The order of the table. Keys decide only among findings that are equal in all else: their ranks take long."""
    ranks = [_ranks(data[name], name) for name in reversed(("severity", *_ORDER))]
    order = np.lexsort(ranks)
    alike = np.ones(len(order) - 1, dtype=bool)
    for of in ranks:
        alike &= of[order][1:] == of[order][:-1]
    return np.lexsort([_ranks(data["keys"], "keys"), *ranks]) if alike.any() else order


def _ranks(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers in the order of the values: texts by code point, severities from the worst."""
    if values.dtype != object:
        return values
    if len(values) > FEW and name != "severity":
        return np.zeros(len(values), dtype="int64") if (values == values[0]).all() else _text_ranks(values)
    if len(values) > FEW:
        codes, unique = pd.factorize(values, sort=True)
    else:  # pandas needs longer than Python for so few
        unique = sorted(set(values.tolist()))
        place = {text: i for i, text in enumerate(unique)}
        codes = np.array([place[text] for text in values.tolist()], dtype="int64")
    return codes if name != "severity" else np.array([SEVERITIES.index(s) for s in unique], dtype="int64")[codes]


def _text_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of texts by code point, which is the order of their bytes in UTF-8; arrow sorts three times as fast."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts = pa.array(values, type=pa.large_string())
    except (UnicodeEncodeError, pa.ArrowInvalid):  # a lone surrogate
        return pd.factorize(values, sort=True)[0]
    return np.asarray(pc.call_function("rank", [texts], pc.RankOptions(tiebreaker="dense")), dtype="int64")
