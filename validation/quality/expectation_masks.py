"""Which records fail an expectation of great-expectations: our masks, since its row-level results are slow.

They agree with its counts; the tests compare both. Not for expectations about a whole table.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...engine.columns.verbs import record_codes
from .expectations import columns_read, regex_matches


def failing_records(name: str, arguments: Mapping[str, Any], frame: pd.DataFrame) -> np.ndarray | None:
    """Where a record fails the expectation; None where the expectation is not about single records."""
    columns: list[Any] = [frame[c] for c in columns_read(arguments) if c in frame]
    if not columns:
        return None
    first = columns[0]
    if name == "compound_columns_to_be_unique":
        return _shared(record_codes(columns))
    if name == "column_values_to_be_unique":
        return ~col.missing(first) & _shared(record_codes([first]))
    if name.startswith("column_pair_values"):
        return _pairs(name, arguments, columns)
    if name in ("multicolumn_values_to_be_equal", "select_column_values_to_be_unique_within_record"):
        return _within_record(name, columns)
    if name == "multicolumn_sum_to_equal":
        total = np.sum([np.asarray(c, dtype="float64") for c in columns], axis=0)
        return ~np.isnan(total) & (total != arguments["sum_total"])
    judge = _JUDGES.get(name)
    return None if judge is None else judge(first, ~col.missing(first), arguments)


def regex_verdict(name: str, column: pd.Series, arguments: Mapping[str, Any]) -> np.ndarray:
    """Where a text passes an expectation about regular expressions."""
    patterns = arguments["regex_list"] if "regex_list" in arguments else [arguments["regex"]]
    found = np.array([regex_matches(column, p) for p in patterns], dtype=bool).reshape(len(patterns), len(column))
    matched = found.all(axis=0) if arguments.get("match_on") == "all" else found.any(axis=0)
    return ~matched if "not_match" in name else matched


def _by_text(column: pd.Series, passes: Callable[[str], bool]) -> np.ndarray:
    """Where a text passes; each distinct one is asked one time."""
    codes, texts = col.split_text(column)
    found = np.array([passes(t) for t in texts.tolist()], dtype=bool)
    return found[codes] if len(texts) else np.zeros(len(codes), dtype=bool)


def _has_format(text: str, pattern: str) -> bool:
    try:
        datetime.datetime.strptime(text, pattern)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _lengths(column: pd.Series) -> np.ndarray:
    codes, texts = col.split_text(column)
    lengths = np.array([len(t) for t in texts], dtype="float64")
    return lengths[codes] if len(texts) else np.zeros(len(codes))


def _moving(column: pd.Series, filled: np.ndarray, sign: int, strictly: bool) -> np.ndarray:
    """Where a number moves against ``sign`` from the filled record before it."""
    at = np.flatnonzero(filled)
    change = sign * np.diff(np.asarray(column, dtype="float64")[at])
    fails = np.zeros(len(filled), dtype=bool)
    fails[at[1:][(change <= 0) if strictly else (change < 0)]] = True
    return fails


def _outlying(column: pd.Series, filled: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
    values = np.asarray(column, dtype="float64")
    some = pd.Series(values[filled])
    multiplier = arguments.get("multiplier", 1.5)
    if len(some) < 2:
        return np.zeros(len(values), dtype=bool)
    if arguments.get("method", "iqr") == "iqr":
        low, high = some.quantile(0.25), some.quantile(0.75)
        reach = multiplier * (high - low)
        return filled & ((values < low - reach) | (values > high + reach))
    reach = multiplier * some.std()
    distance = np.abs(values - some.mean())
    return filled & ((distance >= reach) if reach > 0 else distance > 0)


def _far(column: pd.Series, filled: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
    values = np.asarray(column, dtype="float64")
    some = pd.Series(values[filled])
    with np.errstate(all="ignore"):
        score = (values - some.mean()) / some.std() if len(some) > 1 else np.full(len(values), np.nan)
        threshold = arguments["threshold"]
        far = np.abs(score) >= abs(threshold) if arguments["double_sided"] else score >= threshold
    return filled & ~np.isnan(score) & far


Judge = Callable[[pd.Series, np.ndarray, Mapping[str, Any]], np.ndarray]
#: expectation about one column -> where its records fail: column, filled cells, arguments
_JUDGES: dict[str, Judge] = {
    "column_values_to_not_be_null": lambda c, filled, a: ~filled,
    "column_values_to_be_null": lambda c, filled, a: filled,
    "column_values_to_be_between": lambda c, filled, a: filled & ~_within(np.asarray(c, dtype="float64"), a),
    "column_value_lengths_to_be_between": lambda c, filled, a: filled & ~_within(_lengths(c), a),
    "column_value_lengths_to_equal": lambda c, filled, a: filled & (_lengths(c) != a["value"]),
    "column_values_to_be_in_set": lambda c, filled, a: filled & ~_in_set(c, a["value_set"]),
    "column_values_to_not_be_in_set": lambda c, filled, a: filled & _in_set(c, a["value_set"]),
    **{
        n: lambda c, filled, a, n=n: filled & ~regex_verdict(n, c, a)
        for n in (
            "column_values_to_match_regex", "column_values_to_not_match_regex",
            "column_values_to_match_regex_list", "column_values_to_not_match_regex_list",
        )
    },
    "column_values_to_match_strftime_format": lambda c, filled, a: (
        filled & ~_by_text(c, lambda t: _has_format(t, a["strftime_format"]))
    ),
    "column_values_to_be_json_parseable": lambda c, filled, a: filled & ~_by_text(c, _is_json),
    "column_values_to_be_increasing": lambda c, filled, a: _moving(c, filled, 1, a.get("strictly", False)),
    "column_values_to_be_decreasing": lambda c, filled, a: _moving(c, filled, -1, a.get("strictly", False)),
    "column_values_to_not_be_outliers": _outlying,
    "column_value_z_scores_to_be_less_than": _far,
}  # fmt: skip


def _within_record(name: str, columns: list[pd.Series]) -> np.ndarray:
    """Records whose values, all filled, are not all equal, or not all different."""
    filled = ~np.any([col.missing(c) for c in columns], axis=0)
    codes = record_codes([col.concat([col.as_text(c) for c in columns])]).reshape(len(columns), -1)
    ordered = np.sort(codes, axis=0)
    if name == "multicolumn_values_to_be_equal":
        return filled & (ordered[0] != ordered[-1])
    return filled & (ordered[1:] == ordered[:-1]).any(axis=0)


def _pairs(name: str, arguments: Mapping[str, Any], columns: list[pd.Series]) -> np.ndarray:
    a, b = columns
    filled = ~col.missing(a) & ~col.missing(b)
    if col.is_number(a) and col.is_number(b):
        left, right = np.asarray(a, dtype="float64"), np.asarray(b, dtype="float64")
    else:
        both = col.ranks(col.concat([a, b]))
        left, right = both[: len(a)], both[len(a) :]
    if name == "column_pair_values_to_be_in_set":
        codes = record_codes([col.as_text(a), col.as_text(b)])
        texts = [col.objects(col.as_text(c)) for c in (a, b)]
        first = col.first_positions(codes, int(codes.max(initial=-1)) + 1)
        allowed = {tuple(map(str, pair)) for pair in arguments["value_pairs_set"]}
        inside = np.array([(texts[0][i], texts[1][i]) in allowed for i in first.tolist()], dtype=bool)
        return filled & ~inside[codes] if len(first) else filled
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
