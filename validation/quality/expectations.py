"""The great-expectations expectations a check may name, their arguments, and which records fail the record-wise ones.

Not for running them (run.py). Expectations that run queries or regular expressions of Python are excluded on
purpose: their time has no bound. Missing values fail only the expectations about missing values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes

pc: Any = pyarrow.compute  # its functions are created at import, so no type checker knows them
_LIMITS = ("min_value", "max_value", "strict_min", "strict_max")
_BETWEEN = (("column",), _LIMITS)
_SET = (("column", "value_set"), ())

#: name without the leading expect_ -> (arguments it needs, arguments it may have)
EXPECTATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "column_values_to_be_between": (("column",), (*_LIMITS, "mostly")),
    "column_values_to_be_in_set": (("column", "value_set"), ("mostly",)),
    "column_values_to_not_be_in_set": (("column", "value_set"), ("mostly",)),
    "column_values_to_not_be_null": (("column",), ("mostly",)),
    "column_values_to_be_null": (("column",), ("mostly",)),
    "column_values_to_match_regex": (("column", "regex"), ("mostly",)),
    "column_values_to_not_match_regex": (("column", "regex"), ("mostly",)),
    "column_values_to_be_unique": (("column",), ("mostly",)),
    "column_value_lengths_to_be_between": (("column",), (*_LIMITS, "mostly")),
    "column_pair_values_a_to_be_greater_than_b": (("column_A", "column_B"), ("or_equal", "mostly")),
    "column_pair_values_to_be_equal": (("column_A", "column_B"), ("mostly",)),
    "compound_columns_to_be_unique": (("column_list",), ()),
    "column_distinct_values_to_be_in_set": _SET,
    "column_distinct_values_to_contain_set": _SET,
    "column_distinct_values_to_equal_set": _SET,
    "column_min_to_be_between": _BETWEEN,
    "column_max_to_be_between": _BETWEEN,
    "column_mean_to_be_between": _BETWEEN,
    "column_median_to_be_between": _BETWEEN,
    "column_stdev_to_be_between": _BETWEEN,
    "column_sum_to_be_between": _BETWEEN,
    "column_unique_value_count_to_be_between": _BETWEEN,
    "column_proportion_of_unique_values_to_be_between": _BETWEEN,
    "column_proportion_of_non_null_values_to_be_between": _BETWEEN,
    "column_to_exist": (("column",), ()),
    "table_row_count_to_be_between": ((), ("min_value", "max_value")),
    "table_row_count_to_equal": (("value",), ()),
}

#: expectations about numbers only
NUMERIC = frozenset(
    n for n in EXPECTATIONS
    if n == "column_values_to_be_between" or n.startswith(("column_m", "column_stdev", "column_sum"))
)  # fmt: skip
#: expectations about texts only
TEXTUAL = frozenset(n for n in EXPECTATIONS if "regex" in n or "lengths" in n)


def columns_read(arguments: Mapping[str, Any]) -> list[str]:
    """The columns that the arguments name."""
    single = [arguments[k] for k in ("column", "column_A", "column_B") if k in arguments]
    return [*single, *arguments.get("column_list", ())]


def regex_problem(pattern: str) -> str:
    """Why RE2 refuses ``pattern``; '' when it does not."""
    try:
        pc.match_substring_regex(pa.array(["x"]), pattern)
    except pa.ArrowInvalid as error:
        return str(error)
    return ""


def regex_matches(column: pd.Series, pattern: str) -> np.ndarray:
    """Where a text begins with a match of ``pattern`` (RE2: linear time), as great-expectations matches."""
    codes, texts = col.split_text(column)
    if not len(texts):
        return np.zeros(len(codes), dtype=bool)
    found = pc.match_substring_regex(pa.array(texts, pa.string()), rf"\A(?:{pattern})")
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)[codes]


def failing_records(name: str, arguments: Mapping[str, Any], frame: pd.DataFrame) -> np.ndarray | None:
    """Where a record fails the expectation; None where the expectation is not about single records."""
    columns: list[Any] = [frame[c] for c in columns_read(arguments) if c in frame]
    if not columns:
        return None
    first = columns[0]
    filled = ~col.missing(first)
    if name == "column_values_to_not_be_null":
        return ~filled
    if name == "column_values_to_be_null":
        return filled
    if name == "column_values_to_be_between":
        return filled & ~_within(np.asarray(first, dtype="float64"), arguments)
    if name == "column_value_lengths_to_be_between":
        codes, texts = col.split_text(first)
        lengths = np.array([len(t) for t in texts], dtype="float64")
        return filled & ~_within(lengths[codes] if len(texts) else np.zeros(len(codes)), arguments)
    if name in ("column_values_to_be_in_set", "column_values_to_not_be_in_set"):
        inside = _in_set(first, arguments["value_set"])
        return filled & (inside if "not_be" in name else ~inside)
    if name in ("column_values_to_match_regex", "column_values_to_not_match_regex"):
        matched = regex_matches(first, arguments["regex"])
        return filled & (matched if "not_match" in name else ~matched)
    if name == "column_values_to_be_unique":
        return filled & _shared(record_codes([first]))
    if name == "compound_columns_to_be_unique":
        return _shared(record_codes(columns))
    if name.startswith("column_pair_values"):
        return _pairs(name, arguments, columns)
    return None


def _pairs(name: str, arguments: Mapping[str, Any], columns: list[pd.Series]) -> np.ndarray:
    a, b = columns
    filled = ~col.missing(a) & ~col.missing(b)
    if col.is_number(a) and col.is_number(b):
        left, right = np.asarray(a, dtype="float64"), np.asarray(b, dtype="float64")
    else:
        both = col.ranks(col.concat([a, b]))
        left, right = both[: len(a)], both[len(a) :]
    if name == "column_pair_values_to_be_equal":
        return filled & (left != right)
    return filled & ~((left >= right) if arguments.get("or_equal") else (left > right))


def _within(values: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
    inside = np.ones(len(values), dtype=bool)
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if low is not None:
        inside &= (values > low) if arguments.get("strict_min") else (values >= low)
    if high is not None:
        inside &= (values < high) if arguments.get("strict_max") else (values <= high)
    return inside


def _in_set(column: pd.Series, allowed: Any) -> np.ndarray:
    if col.is_number(column):
        return np.isin(np.asarray(column, dtype="float64"), np.array(allowed, dtype="float64"))
    codes, texts = col.split_text(column)
    wanted = set(allowed)
    return np.array([t in wanted for t in texts], dtype=bool)[codes] if len(texts) else np.zeros(len(codes), dtype=bool)


def _shared(codes: np.ndarray) -> np.ndarray:
    """Where a code occurs more than one time: every one of the records, as great-expectations counts."""
    return np.bincount(codes)[codes] > 1 if len(codes) else np.zeros(0, dtype=bool)
