"""Compares one dataset of two sides: attributes, records by key, cells.

Not for finding the files (compare_files.py) nor for printing (reports).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.columns.verbs import order_rows
from .accepted import AcceptedDifferences
from .attributes import Side, attribute_differences
from .cells import different_cells, values_at
from .options import Options
from .pairing import Pairing, pair_records, repeated_positions
from .result import (
    AttributeDifference,
    CellDifference,
    DatasetResult,
    Key,
    RecordDifference,
    RecordsOfOneSide,
    RepeatedKeys,
    VariableResult,
)


def compare_datasets(
    base: Side,
    compare: Side,
    key: tuple[str, ...],
    options: Options,
    accepted: AcceptedDifferences,
    keys_from: str = "",
) -> DatasetResult:
    """Everything in which two datasets differ. ``key``: variables that both have.

    What is listed is in the order of the key and does not depend on the order of the records. Only records of one key
    are paired in the order in which they occur. Raises SpecError for a condition of ``accepted``
    that cannot be evaluated.
    """
    name = base.spec.name
    result = DatasetResult(
        name=name,
        base_file=str(base.path),
        compare_file=str(compare.path),
        keys=key,
        keys_from=keys_from,
        base_records=len(base.frame),
        compare_records=len(compare.frame),
    )
    result.attributes, result.notes = attribute_differences(
        base, compare, options, lambda kind, variable: accepted.attribute(name, kind, variable)
    )
    pairing = pair_records(base.frame, compare.frame, key)
    result.common = len(pairing.base)
    result.repeated_base = _repeated(base, key, pairing.base_keys, name, options, accepted)
    result.repeated_compare = _repeated(compare, key, pairing.compare_keys, name, options, accepted)
    if result.repeated_base.keys or result.repeated_compare.keys:
        result.notes.append("the records of a repeated key are compared in the order in which they occur")
    frames = [base.frame, compare.frame]
    result.only_base = _one_side(frames, pairing.only_base, key, name, options, accepted)
    result.only_compare = _one_side(frames[::-1], pairing.only_compare, key, name, options, accepted)
    _compare_cells(result, base, compare, pairing, options, accepted)
    return result


def one_side_only(name: str, base_file: str, compare_file: str, accepted: AcceptedDifferences) -> DatasetResult:
    """The result of a dataset that only one side has."""
    result = DatasetResult(name, base_file, compare_file)
    reason = accepted.attribute(name, "dataset", "")
    result.attributes.append(AttributeDifference("dataset", "", base_file and name, compare_file and name, reason))
    return result


def _compare_cells(
    result: DatasetResult, base: Side, compare: Side, pairing: Pairing, options: Options, accepted: AcceptedDifferences
) -> None:
    key, theirs = result.keys, {v.name for v in compare.spec.variables}
    variables = [v for v in base.spec.variables if v.name in theirs and v.name not in key]
    different: list[np.ndarray] = []
    entries: list[np.ndarray] = []
    for variable in variables:
        one, two = base.frame[variable.name], compare.frame[variable.name]
        at = different_cells(one, two, pairing, options)
        frames = [base.frame, compare.frame]
        taken = accepted.records(result.name, "cell", variable.name, frames, pairing.base[at])
        different.append(at)
        entries.append(taken)
        result.variables.append(_variable(variable.name, one, two, pairing, at, taken))
    touched = np.zeros(result.common, dtype=bool)
    for at in different:
        touched[at] = True
    rows = np.flatnonzero(touched)
    rank = np.empty(result.common, dtype="int64")
    rank[rows[_in_key_order(base.frame, key, pairing.base[rows])]] = np.arange(len(rows))
    for taken_ones, target in ((False, result.cells), (True, result.accepted_cells)):
        chosen = [at[(taken >= 0) == taken_ones] for at, taken in zip(different, entries, strict=True)]
        numbers = [taken[(taken >= 0) == taken_ones] for taken in entries]
        for variable, at, number, share in zip(
            variables, chosen, numbers, shares([len(a) for a in chosen], options.limit), strict=True
        ):
            if not share:
                continue
            first = np.argsort(rank[at], kind="stable")[:share]
            at, number = at[first], number[first]
            cells = zip(
                _keys(base.frame, key, pairing.base[at]),
                values_at(base.frame[variable.name], pairing.base[at]),
                values_at(compare.frame[variable.name], pairing.compare[at]),
                number.tolist(),
                strict=True,
            )
            target += [
                CellDifference(
                    k, variable.name, a, b, variable.format if variable.is_numeric else "", accepted.reason(n)
                )
                for k, a, b, n in cells
            ]


def _variable(
    name: str, one: pd.Series, two: pd.Series, pairing: Pairing, at: np.ndarray, taken: np.ndarray
) -> VariableResult:
    numeric = col.is_number(one) and col.is_number(two)
    if not len(at):
        return VariableResult(name, numeric, len(pairing.base), 0, 0)
    a, b = (col.compact(col.take(c, rows)) for c, rows in ((one, pairing.base[at]), (two, pairing.compare[at])))
    gone, came = col.missing(a), col.missing(b)
    largest = None
    if numeric and not (gone | came).all():
        largest = float(np.nanmax(np.abs(np.asarray(a) - np.asarray(b))))
    counts = len(pairing.base), len(at), int((taken >= 0).sum())
    return VariableResult(name, numeric, *counts, int((gone & ~came).sum()), int((came & ~gone).sum()), largest)


def shares(counts: Sequence[int], limit: int) -> list[int]:
    """How many of ``limit`` listed differences each variable gets: equal parts, and unused parts of others. 0: all."""
    if not limit or sum(counts) <= limit:
        return list(counts)
    out = [0] * len(counts)
    remaining = limit
    waiting = sorted(range(len(counts)), key=lambda i: (counts[i], i))
    for done, i in enumerate(waiting):
        part = remaining // (len(waiting) - done)
        out[i] = min(counts[i], part)
        remaining -= out[i]
    return out


def _one_side(
    frames: Sequence[pd.DataFrame],
    rows: np.ndarray,
    key: tuple[str, ...],
    name: str,
    options: Options,
    accepted: AcceptedDifferences,
) -> RecordsOfOneSide:
    taken = accepted.records(name, "record", "", frames, rows)
    order = _in_key_order(frames[0], key, rows)
    rows, taken = rows[order], taken[order]
    out = RecordsOfOneSide(len(rows), int((taken >= 0).sum()))
    for target, here in ((out.listed, taken < 0), (out.listed_accepted, taken >= 0)):
        at = np.flatnonzero(here)[: options.limit or None]
        keys = _keys(frames[0], key, rows[at])
        target += [RecordDifference(k, accepted.reason(n)) for k, n in zip(keys, taken[at].tolist(), strict=True)]
    return out


def _repeated(
    side: Side, key: tuple[str, ...], codes: np.ndarray, name: str, options: Options, accepted: AcceptedDifferences
) -> RepeatedKeys:
    first, count = repeated_positions(codes)
    if not len(first):
        return RepeatedKeys()
    order = _in_key_order(side.frame, key, first)
    shown = order[: options.limit or None]
    listed = list(zip(_keys(side.frame, key, first[shown]), count[shown].tolist(), strict=True))
    reason = accepted.attribute(name, "key", "", len(first))
    return RepeatedKeys(len(first), int(count.sum()), listed, reason)


def _in_key_order(frame: pd.DataFrame, key: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
    """What puts ``rows`` in the order of the key; those of one key stay as they stand."""
    return order_rows([col.compact(col.take(frame[k], rows)) for k in key])


def _keys(frame: pd.DataFrame, key: tuple[str, ...], rows: np.ndarray) -> list[Key]:
    columns = [values_at(frame[k], rows) for k in key]
    return [dict(zip(key, values, strict=True)) for values in zip(*columns, strict=True)]
