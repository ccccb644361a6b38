"""The great-expectations expectations a check may name, with their arguments and what each asks in plain words.

Not for running them (suite.py) nor for which records fail (expectation_masks.py). Missing values fail only the
expectations about missing values.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute

from ...engine.columns import column as col
from .kind import listed

pc: Any = pyarrow.compute  # its functions are created at import, so no type checker knows them
_LIMITS = ("min_value", "max_value", "strict_min", "strict_max")
_BETWEEN = (("column",), _LIMITS)
_SET = (("column", "value_set"), ())
_MAPPED = (("column",), ("mostly",))
_SET_MAPPED = (("column", "value_set"), ("mostly",))
_REGEX = (("column", "regex"), ("mostly",))
_PAIR = ("column_A", "column_B")
_SEVERAL = (("column_list",), ("mostly",))

#: name without the leading expect_ -> (arguments it needs, arguments it may have)
EXPECTATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "column_values_to_be_between": (("column",), (*_LIMITS, "mostly")),
    "column_values_to_be_in_set": _SET_MAPPED,
    "column_values_to_not_be_in_set": _SET_MAPPED,
    "column_values_to_not_be_null": _MAPPED,
    "column_values_to_be_null": _MAPPED,
    "column_values_to_be_unique": _MAPPED,
    "column_values_to_match_regex": _REGEX,
    "column_values_to_not_match_regex": _REGEX,
    "column_values_to_match_regex_list": (("column", "regex_list"), ("match_on", "mostly")),
    "column_values_to_not_match_regex_list": (("column", "regex_list"), ("mostly",)),
    "column_values_to_match_strftime_format": (("column", "strftime_format"), ("mostly",)),
    "column_values_to_be_json_parseable": _MAPPED,
    "column_values_to_be_increasing": (("column",), ("strictly", "mostly")),
    "column_values_to_be_decreasing": (("column",), ("strictly", "mostly")),
    "column_values_to_not_be_outliers": (("column",), ("method", "multiplier", "mostly")),
    "column_value_lengths_to_be_between": (("column",), (*_LIMITS, "mostly")),
    "column_value_lengths_to_equal": (("column", "value"), ("mostly",)),
    "column_value_z_scores_to_be_less_than": (("column", "threshold", "double_sided"), ("mostly",)),
    "column_pair_values_a_to_be_greater_than_b": (_PAIR, ("or_equal", "mostly")),
    "column_pair_values_to_be_equal": (_PAIR, ("mostly",)),
    "column_pair_values_to_be_in_set": ((*_PAIR, "value_pairs_set"), ("mostly",)),
    "compound_columns_to_be_unique": _SEVERAL,
    "multicolumn_sum_to_equal": (("column_list", "sum_total"), ("mostly",)),
    "multicolumn_values_to_be_equal": _SEVERAL,
    "select_column_values_to_be_unique_within_record": _SEVERAL,
    "column_distinct_values_to_be_in_set": _SET,
    "column_distinct_values_to_contain_set": _SET,
    "column_distinct_values_to_equal_set": _SET,
    "column_most_common_value_to_be_in_set": (("column", "value_set"), ("ties_okay",)),
    "column_min_to_be_between": _BETWEEN,
    "column_max_to_be_between": _BETWEEN,
    "column_mean_to_be_between": _BETWEEN,
    "column_median_to_be_between": _BETWEEN,
    "column_stdev_to_be_between": _BETWEEN,
    "column_sum_to_be_between": _BETWEEN,
    "column_quantile_values_to_be_between": (("column", "quantile_ranges"), ()),
    "column_unique_value_count_to_be_between": _BETWEEN,
    "column_proportion_of_unique_values_to_be_between": _BETWEEN,
    "column_proportion_of_non_null_values_to_be_between": _BETWEEN,
    "column_to_exist": (("column",), ()),
    "table_row_count_to_be_between": ((), _LIMITS),
    "table_row_count_to_equal": (("value",), ()),
    "table_column_count_to_be_between": ((), ("min_value", "max_value")),
    "table_column_count_to_equal": (("value",), ()),
    "table_columns_to_match_ordered_list": (("column_list",), ()),
    "table_columns_to_match_set": (("column_set",), ("exact_match",)),
}

#: the expectations of the package that a check cannot name -> why, and what does the same
EXCLUDED = {
    **dict.fromkeys(
        (
            "column_values_to_match_like_pattern", "column_values_to_match_like_pattern_list",
            "column_values_to_not_match_like_pattern", "column_values_to_not_match_like_pattern_list",
        ),
        "it needs a database; use column_values_to_match_regex",
    ),
    "query_results_to_match_comparison": "it needs a database; use fails: with names of other datasets",
    "table_row_count_to_equal_other_table": "it needs a database; use exists:",
    **dict.fromkeys(
        ("column_type_to_be", "column_values_to_be_of_type", "column_values_to_be_in_type_list"),
        "the specs decide the type of a variable, so it would pass always",
    ),
    "column_kl_divergence_to_be_less_than": "it needs a distribution; use column_quantile_values_to_be_between",
    "column_values_to_be_dateutil_parseable": "it takes nearly any text as a date; use iso_dates:",
    "column_values_to_match_json_schema": "the time of its patterns has no bound; use column_values_to_match_regex",
    "multicolumn_values_to_be_unique": "the package retires it; use select_column_values_to_be_unique_within_record",
}  # fmt: skip

#: expectations about the columns of a table, not about its records
OF_COLUMNS = frozenset(n for n in EXPECTATIONS if n.startswith("table_column")) | {"column_to_exist"}
#: expectations about numbers only
NUMERIC = frozenset(
    {
        "column_values_to_be_between", "column_values_to_be_increasing", "column_values_to_be_decreasing",
        "column_values_to_not_be_outliers", "column_value_z_scores_to_be_less_than", "multicolumn_sum_to_equal",
        "column_min_to_be_between", "column_max_to_be_between", "column_mean_to_be_between",
        "column_median_to_be_between", "column_stdev_to_be_between", "column_sum_to_be_between",
        "column_quantile_values_to_be_between",
    }
)  # fmt: skip
#: expectations about texts only
TEXTUAL = frozenset(n for n in EXPECTATIONS if "regex" in n or "lengths" in n or "strftime" in n or "json" in n)

_LIMITED = {
    "column_values_to_be_between": "{column}",
    "column_value_lengths_to_be_between": "the length of {column}",
    "column_min_to_be_between": "the lowest {column}",
    "column_max_to_be_between": "the highest {column}",
    "column_mean_to_be_between": "the mean of {column}",
    "column_median_to_be_between": "the median of {column}",
    "column_stdev_to_be_between": "the standard deviation of {column}",
    "column_sum_to_be_between": "the sum of {column}",
    "column_unique_value_count_to_be_between": "the number of different values of {column}",
    "column_proportion_of_unique_values_to_be_between": "the share of different values of {column}",
    "column_proportion_of_non_null_values_to_be_between": "the filled share of {column}",
    "table_row_count_to_be_between": "the number of records",
    "table_column_count_to_be_between": "the number of variables",
}
_WORDS = {
    "column_values_to_be_in_set": "{column} is one of {value_set}",
    "column_values_to_not_be_in_set": "{column} is none of {value_set}",
    "column_values_to_not_be_null": "{column} is filled",
    "column_values_to_be_null": "{column} is empty",
    "column_values_to_be_unique": "no two records have the same {column}",
    "column_values_to_match_regex": "{column} begins as the pattern {regex}",
    "column_values_to_not_match_regex": "{column} does not begin as the pattern {regex}",
    "column_values_to_match_regex_list": "{column} begins as {match_on} of the patterns {regex_list}",
    "column_values_to_not_match_regex_list": "{column} begins as none of the patterns {regex_list}",
    "column_values_to_match_strftime_format": "{column} has the format {strftime_format}",
    "column_values_to_be_json_parseable": "{column} is JSON",
    "column_values_to_be_increasing": "{column} does not fall from record to record",
    "column_values_to_be_decreasing": "{column} does not rise from record to record",
    "column_values_to_not_be_outliers": "{column} is not far from its other values",
    "column_value_lengths_to_equal": "{column} has {value} characters",
    "column_value_z_scores_to_be_less_than": "the z score of {column} is below {threshold}",
    "column_pair_values_a_to_be_greater_than_b": "{column_A} is above {column_B}",
    "column_pair_values_to_be_equal": "{column_A} equals {column_B}",
    "column_pair_values_to_be_in_set": "{column_A} and {column_B} are one of the pairs {value_pairs_set}",
    "compound_columns_to_be_unique": "no two records have the same {column_list}",
    "multicolumn_sum_to_equal": "the sum of {column_list} is {sum_total}",
    "multicolumn_values_to_be_equal": "{column_list} are equal",
    "select_column_values_to_be_unique_within_record": "{column_list} are all different",
    "column_distinct_values_to_be_in_set": "every value of {column} is one of {value_set}",
    "column_distinct_values_to_contain_set": "{column} has each of {value_set}",
    "column_distinct_values_to_equal_set": "the values of {column} are {value_set}",
    "column_most_common_value_to_be_in_set": "the most frequent {column} is one of {value_set}",
    "column_quantile_values_to_be_between": "quantiles of {column} are within their limits",
    "column_to_exist": "there is a column {column}",
    "table_row_count_to_equal": "the number of records is {value}",
    "table_column_count_to_equal": "the number of variables is {value}",
    "table_columns_to_match_ordered_list": "the variables are {column_list}, in this order",
    "table_columns_to_match_set": "there are the variables {column_set}",
}


def words(name: str, arguments: Mapping[str, Any]) -> str:
    """What an expectation asks, in one plain sentence without a full stop."""
    shown = {k: _shown(v) for k, v in {"match_on": "any", **arguments}.items()}
    if name in _LIMITED:
        text = f"{_LIMITED[name].format(**shown)} {_between(arguments)}"
    else:
        text = _WORDS[name].format(**shown)
    if name == "column_pair_values_a_to_be_greater_than_b" and arguments.get("or_equal"):
        text = f"{shown['column_A']} is not below {shown['column_B']}"
    share = f", in at least {100 * arguments['mostly']:g} percent of the records" if "mostly" in arguments else ""
    return text + share


def _between(arguments: Mapping[str, Any]) -> str:
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if low is not None and high is not None and not arguments.get("strict_min") and not arguments.get("strict_max"):
        return f"is between {low:g} and {high:g}"
    parts = [] if low is None else [f"{'above' if arguments.get('strict_min') else 'at least'} {low:g}"]
    parts += [] if high is None else [f"{'below' if arguments.get('strict_max') else 'at most'} {high:g}"]
    return "is " + " and ".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, (list, tuple)):
        return str(value)
    texts = [_shown(v) for v in value]
    return ", ".join(texts) if len(texts) > 8 or isinstance(value, tuple) else listed(texts)


def columns_read(arguments: Mapping[str, Any]) -> list[str]:
    """The columns that the arguments name."""
    single = [arguments[k] for k in ("column", "column_A", "column_B") if k in arguments]
    return [*single, *arguments.get("column_list", ())]


@cache
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
