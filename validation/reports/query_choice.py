"""Which findings become questions to a site: one for each raw cell, none that another question asks already.

Not for the words of a question (queries.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...findings.catalogue import rule_of
from ...findings.rule import SEVERITIES
from .form_words import FormWords


def chosen_findings(
    asked: pd.DataFrame, forms: np.ndarray, words: FormWords, reached: Mapping[tuple[str, str], tuple[str, ...]]
) -> np.ndarray:
    """The positions of the findings that are asked, in order. ``forms``: the form of each, '' for none.

    Of the findings about one cell the worst counts; of equal ones that about the raw cell before that about a value of
    a dataset, then the first by rule. See FindingRule for the rules that cover others.
    """
    columns = {n: np.asarray(asked[n], dtype=object) for n in ("rule", "dataset", "subject", "variable", "value",
                                                               "source", "column", "severity")}  # fmt: skip
    row, sequence = (np.asarray(asked[n], dtype="int64") for n in ("row", "sequence"))
    in_file = (forms != "") & (row >= 0)
    # a record of ADaM has the file and row of the data behind it, and no source: its SDTM record is asked about
    analysis = np.isin(columns["dataset"], sorted(words.analysis))
    askable = (in_file & (columns["source"] != "")) | ~analysis
    order = np.lexsort(
        [
            np.arange(len(asked)),
            pd.factorize(columns["rule"], sort=True)[0],
            (columns["dataset"] != "").astype("int8"),
            [SEVERITIES.index(s) for s in columns["severity"].tolist()],
        ]
    )
    order = order[askable[order]]
    whole = in_file & (columns["column"] == "")
    key = _codes([forms, row, columns["column"], np.where(whole, columns["rule"], "")])
    other = _codes([columns[n] for n in ("rule", "dataset", "subject", "variable", "value")] + [sequence])
    key = np.where(in_file, key, other + len(asked))
    order = _firsts(order, key)
    covered = _covered(order, columns, _codes([forms, row]), in_file, reached)
    order = order[~covered]
    order = _firsts(order, _keys_of_rows(order, columns, row, words, len(asked)))
    return np.sort(order)


def _codes(columns: list[Any]) -> np.ndarray:
    code = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        further, unique = pd.factorize(column)
        code = pd.factorize(code * max(len(unique), 1) + further)[0]
    return code


def _firsts(order: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Of ``order`` the first position of each key."""
    _, first = np.unique(key[order], return_index=True)
    return order[np.sort(first)]


def _covered(
    order: np.ndarray,
    columns: Mapping[str, np.ndarray],
    of_row: np.ndarray,
    in_file: np.ndarray,
    reached: Mapping[tuple[str, str], tuple[str, ...]],
) -> np.ndarray:
    """Where another question about the same row asks the same."""
    rules = {name: rule_of(name) for name in dict.fromkeys(columns["rule"][order].tolist())}
    rows: set[tuple[int, str]] = set()
    variables: set[tuple[int, str, str]] = set()
    for i in order[in_file[order]].tolist():
        rule = rules[columns["rule"][i]]
        rows |= {(int(of_row[i]), name) for name in rule.covers}
        if rule.covers_variable:
            read = set(reached.get((columns["source"][i], columns["column"][i]), ()))
            if columns["variable"][i]:
                read.add(f"{columns['dataset'][i]}.{columns['variable'][i]}")
            variables |= {(int(of_row[i]), name, v) for name in rule.covers_variable for v in read}

    def asked_already(i: int) -> bool:
        name, of = columns["rule"][i], f"{columns['dataset'][i]}.{columns['variable'][i]}"
        return (int(of_row[i]), name) in rows or (int(of_row[i]), name, of) in variables

    return np.array([bool(in_file[i]) and asked_already(i) for i in order.tolist()], dtype=bool)


def _keys_of_rows(
    order: np.ndarray, columns: Mapping[str, np.ndarray], row: np.ndarray, words: FormWords, n: int
) -> np.ndarray:
    """The same number for rows that one question covers: those of one rule, subject and column with the same key."""
    out = np.arange(n, dtype="int64")
    known: dict[tuple[str, ...], int] = {}
    at = [i for i in order.tolist() if rule_of(columns["rule"][i]).one_for_key and columns["source"][i]]
    for source in dict.fromkeys(columns["source"][at].tolist()):
        mine = np.array([i for i in at if columns["source"][i] == source], dtype="int64")
        if not words.records.get(source) and not words.visits.get(source):
            continue
        visit, record = words.visit_of(source, row[mine]), words.record_of(source, row[mine])
        for i, v, r in zip(mine.tolist(), visit, record, strict=True):
            key = (columns["rule"][i], columns["subject"][i], source, columns["column"][i], v, r)
            out[i] = known.setdefault(key, i)
    return out
