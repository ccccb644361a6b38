"""Turns what breaks a check into columns of the table of findings: subject, number, value, message, keys.

Not for finding it (kinds/) nor for what follows from what (consequences.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..sdtm.natural_keys import natural_keys, sequence_name
from .kinds.kind import Hit
from .language.rule import Rule
from .package import Package
from .table import Table

_BRACES = re.compile(r"\{([\w.-]+)\}")
#: -- outside braces
_OF_DOMAIN = re.compile(r"(?<!\{)--(?=[A-Z])")

#: records that a finding about a group names
_FIRST = 3


@dataclass(kw_only=True)
class Reported:
    """Findings of one rule in one table, ready for Findings.add. ``serial``: the number of the first one there."""

    table: Table | None
    hit: Hit
    count: int
    message: Any
    columns: dict[str, Any]
    serial: int = -1


def report(package: Package, table: Table | None, id_: str, rule: Rule, hit: Hit) -> Reported:
    """The findings of one hit. Their message is the rule's, with the words that it names."""
    dataset = hit.dataset or (table.name if table is not None else "")
    if hit.rows is None or table is None:
        words = {"dataset": dataset, "variable": hit.variable, "value": hit.value, **hit.parts}
        prefix = table.prefix if table is not None else ""
        message = _filled(_OF_DOMAIN.sub(prefix, rule.message), {w: words.get(w, "") for w in rule.placeholders})
        columns = {"dataset": dataset, "variable": hit.variable, "value": hit.value}
        return Reported(table=table, hit=hit, count=1, message=message, columns=columns)
    value: Any = col.objects(col.take(table.columns[hit.variable], hit.rows)) if hit.variable in table.names else ""
    others = package.related.datasets if package.related is not None else {}
    columns = {
        "dataset": dataset,
        "variable": hit.variable,
        "value": value,
        **_record(table, hit.rows),
    }
    message = _messages(table, rule, hit, value)
    if rule.grouped_by:
        return _grouped(table, rule, hit, message, columns)
    columns["keys"] = natural_keys(table.dataset, hit.rows, {**others, **package.datasets})
    return Reported(table=table, hit=hit, count=len(hit.rows), message=message, columns=columns)


def _grouped(table: Table, rule: Rule, hit: Hit, messages: np.ndarray, columns: dict[str, Any]) -> Reported:
    """One finding for the records that share the variables of ``grouped_by``, at the first of them.

    These variables are its keys: another data cut may have other records, and the problem is the same.
    """
    assert hit.rows is not None
    words = [hit.variable if word == "value" else table.expanded(word) for word in rule.grouped_by]
    names = [name for name in words if name in table.names]
    texts = [col.objects(col.as_text(col.take(table.columns[name], hit.rows))) for name in names]
    codes = verbs.record_codes([pd.Series(t, dtype=object) for t in texts])
    first, count = np.unique(codes, return_index=True, return_counts=True)[1:]
    at = np.argsort(first, kind="stable")
    first, count = first[at], count[at]
    of_group = [np.flatnonzero(codes == code)[:_FIRST] for code in codes[first].tolist()]
    message = [
        f"{messages[i]}{_first_records(table, hit.rows[some], n)}"
        for i, some, n in zip(first.tolist(), of_group, count.tolist(), strict=True)
    ]
    keys = ["; ".join(f"{n}={t[i]}" for n, t in zip(names, texts, strict=True) if t[i]) for i in first.tolist()]
    taken = {n: v[first] if isinstance(v, np.ndarray) else v for n, v in columns.items()}
    return Reported(
        table=table,
        hit=replace(hit, rows=hit.rows[first]),
        count=len(first),
        message=np.array(message, dtype=object),
        columns={**taken, "keys": np.array(keys, dtype=object)},
    )


def _first_records(table: Table, rows: np.ndarray, count: int) -> str:
    """The number of records of a group and the first of them, by subject and sequence number; '' for one record."""
    if count == 1:
        return ""
    names = [n for n in ("USUBJID", sequence_name(table.dataset)) if n in table.names]
    parts = [col.objects(col.as_text(col.take(table.columns[n], rows))).tolist() for n in names]
    first = [" ".join(f"{n} {t}" for n, t in zip(names, record, strict=True)) for record in zip(*parts, strict=True)]
    more = ", ..." if count > len(first) else ""
    return f" ({count} records: {', '.join(first)}{more})" if first else f" ({count} records)"


def _record(table: Table, rows: np.ndarray) -> dict[str, Any]:
    """Subject and sequence number of records, or their number among those of the subject."""
    if "USUBJID" not in table.names:
        return {}
    found: dict[str, Any] = {"subject": col.objects(col.take(table.columns["USUBJID"], rows))}
    numbered = sequence_name(table.dataset)
    if numbered and table.is_number(numbered):
        numbers = table.numbers(numbered)[rows]
        whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53)
        found["sequence"] = np.where(whole, np.where(whole, numbers, 0), -1).astype("int64")
    else:
        codes = table.keys(("USUBJID",))
        found["occurrence"] = verbs.number_within(codes, np.arange(table.n)).astype("int64")[rows]
    return found


def _messages(table: Table, rule: Rule, hit: Hit, value: Any) -> Any:
    """One message for each record; each different one is composed one time."""
    assert hit.rows is not None
    sentence = _OF_DOMAIN.sub(table.prefix, rule.message)
    constant: dict[str, Any] = {"dataset": table.name, "variable": hit.variable}
    varying: dict[str, np.ndarray] = {}
    for word in rule.placeholders:
        if word in constant:
            continue
        part = hit.parts.get(word, value if word == "value" else None)
        if isinstance(part, np.ndarray):
            varying[word] = part
        elif part is not None:
            constant[word] = part
        else:
            varying[word] = _values(table, word, hit.rows)
    if not varying:
        return np.full(len(hit.rows), _filled(sentence, constant), dtype=object)
    codes = verbs.record_codes([pd.Series(v, dtype=object) for v in varying.values()])
    _, first, back = np.unique(codes, return_index=True, return_inverse=True)
    texts = [_filled(sentence, {**constant, **{w: v[at] for w, v in varying.items()}}) for at in first.tolist()]
    return np.array(texts, dtype=object)[back]


def _values(table: Table, word: str, rows: np.ndarray) -> np.ndarray:
    """The texts of a variable of the record, or of DM.VARIABLE of its subject; '' where there is none."""
    if "." not in word:
        name = table.expanded(word)
        there = name in table.names
        return col.objects(col.take(table.columns[name], rows)) if there else np.full(len(rows), "", dtype=object)
    dataset, variable = word.split(".", 1)
    other = table.other(dataset)
    if other is None or variable not in other.names:
        return np.full(len(rows), "", dtype=object)
    return col.objects(col.take(other.columns[variable], table.positions(dataset)[rows]))


def _filled(message: str, words: Mapping[str, Any]) -> str:
    """The message with its words; they are data, so a brace in them stays."""
    return _BRACES.sub(lambda m: str(words[m[1]]) if m[1] in words else m[0], message)
