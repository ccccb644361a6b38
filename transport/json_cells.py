"""Columns of a dataset as JSON: one Arrow text for each cell, one line for each record.

Not for the file around them (dataset_json.py). Source: CDISC Dataset-JSON 1.1, row data. A missing number is null, a
missing text is "", as in the examples of CDISC.
"""

# pyarrow.compute makes its functions when it is imported, so a type checker cannot see them
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine.columns import column as col
from ..engine.tables.dataset import VariableMetadata
from .refused_values import Refusal, moment_of
from .sas_moments import iso_texts

_BLOCK = 1 << 15  # records
_TEXT = pa.large_string()
#: Define-XML DataType -> dataType; every other is string. Source: Dataset-JSON 1.1, column data type combinations
_SAME_TYPES = frozenset({"integer", "float", "date", "datetime", "time"})
_SPECIAL = r'["\\\x00-\x1f]'  # what JSON escapes


def json_type(variable: VariableMetadata) -> tuple[str, str]:
    """(dataType, targetDataType or '') of a variable. An integer with a format of dates is an ISO 8601 text in JSON."""
    moment = moment_of(variable)
    if moment:
        return moment, "integer"
    return (variable.type if variable.type in _SAME_TYPES else "string"), ""


class JsonRecords:
    """The records of one frame after another as blocks of JSON text.

    ``before`` and ``after``: what is written around each record, as '[' and ']' with a line end.
    """

    def __init__(self, dataset: str, variables: tuple[VariableMetadata, ...], before: str, after: str):
        self.dataset, self.variables = dataset, variables
        self._before, self._after = pa.scalar(before, _TEXT), pa.scalar(after, _TEXT)
        self._records = 0

    def blocks(self, frame: pd.DataFrame) -> Iterator[memoryview]:
        """UTF-8 text of the records, in blocks. Raises OutputError naming variable, subject, record and value."""
        columns = [_Cells(frame[v.name], Refusal(self.dataset, v, frame, self._records)) for v in self.variables]
        for start in range(0, len(frame), _BLOCK):
            cells = [c.take(start, min(_BLOCK, len(frame) - start)) for c in columns]
            lines = pc.binary_join_element_wise(*cells, pa.scalar(",", _TEXT))
            yield _bytes(pc.binary_join_element_wise(self._before, lines, self._after, pa.scalar("", _TEXT)))
        self._records += len(frame)


class _Cells:
    """One column: numbers, or JSON texts and for each record which of them."""

    def __init__(self, column: Any, refusal: Refusal):
        self._numbers: pa.Array | None = None
        if not refusal.variable.is_numeric:
            self._codes, texts = col.split_text(column)
            self._texts = _quoted(self._codes, texts, refusal)
            return
        numbers = refusal.numbers()
        moment = moment_of(refusal.variable)
        if not moment:
            array = pa.array(numbers, from_pandas=True)
            # a large float has an exponent, an integer has not
            self._numbers = array.cast(pa.int64()) if refusal.variable.type == "integer" else array
            return
        unique, codes = np.unique(numbers, return_inverse=True)
        there = unique[~np.isnan(unique)]
        self._texts = pa.array([*(f'"{t}"' for t in iso_texts(there, moment)), "null"], type=_TEXT)
        self._codes = np.minimum(codes, len(there))

    def take(self, start: int, count: int) -> pa.Array:
        if self._numbers is None:
            return self._texts.take(pa.array(self._codes[start : start + count]))
        texts = pc.cast(self._numbers.slice(start, count), _TEXT)
        return texts.fill_null("null") if texts.null_count else texts


def _quoted(codes: np.ndarray, texts: np.ndarray, refusal: Refusal) -> pa.Array:
    """The texts as JSON strings."""
    try:
        plain = pa.array(texts, type=_TEXT)
    except UnicodeEncodeError:
        plain = pa.array(refusal.half_pairs(codes, texts), type=_TEXT)
    quote, none = pa.scalar('"', _TEXT), pa.scalar("", _TEXT)
    quoted = pc.binary_join_element_wise(quote, plain, quote, none)
    special = pc.match_substring_regex(plain, _SPECIAL)
    if not pc.any(special).as_py():
        return quoted
    escaped = [json.dumps(t, ensure_ascii=False) for t in plain.filter(special).to_pylist()]
    return pc.replace_with_mask(quoted, special, pa.array(escaped, type=_TEXT))


def _bytes(texts: pa.Array) -> memoryview:
    """The texts of an array, one after the other."""
    _, ends, data = texts.buffers()
    if not len(texts) or data is None:
        return memoryview(b"")
    offsets = np.frombuffer(ends, dtype=np.int64)
    return memoryview(data)[int(offsets[texts.offset]) : int(offsets[texts.offset + len(texts)])]
