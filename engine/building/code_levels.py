"""Facts about the results of each test or parameter: what value-level metadata of one code state.

They add up over the partitions. Not for the definitions that follow from them (define/value_lists.py) nor for those of
the spec (value_levels.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns.point_digits import digits_of, is_number, point_digits, without_exponent
from ..standard import coded_results
from ..tables.dataset import Dataset
from ..tables.range_checks import holds

#: a code with more different values in a variable has none of them in its facts
FEW = 40

#: variable and code: the records that the facts are of
CodeKey = tuple[str, str]


class CodeFacts(NamedTuple):
    """The values of one variable in the records of one code.

    ``width``: longest text in bytes; ``whole``, ``fraction``: most digits of a number before and after the point;
    ``number``: every value is a number; ``texts``: the different values, None for more than FEW; ``blocks``: the blocks
    of its records; ``declared``: a definition of the spec has some of them; ``open``: no such definition has some.
    ``meanings``: (number, text) of the records of a number that stands for a text; None for more than FEW.
    """

    width: int = 0
    whole: int = 0
    fraction: int = 0
    number: bool = True
    texts: frozenset[str] | None = frozenset()
    blocks: frozenset[int] = frozenset()
    declared: bool = False
    open: bool = False
    meanings: frozenset[tuple[str, str]] | None = frozenset()


def code_facts(dataset: Dataset) -> dict[CodeKey, CodeFacts]:
    """The facts of each result and code with a value, of the records of a dataset.

    A variable that definitions of the spec describe has under the code '' those of the records in none of them.
    """
    spec, columns = dataset.metadata, dataset.columns
    coded = coded_results(spec.names, spec.purpose)
    found = _undeclared(dataset)
    if coded is None or not len(dataset):
        return found
    codes, names = col.split_text(columns[coded.code])
    blocks = np.zeros(len(dataset), dtype="int64")
    if dataset.lineage is not None and "block" in dataset.lineage.rows:
        blocks = dataset.lineage.rows["block"].to_numpy(dtype="int64")
    for result in coded.results:
        column = columns[result]
        rows = np.flatnonzero(~col.missing(column))
        rows = rows[np.argsort(codes[rows], kind="stable")]
        declared = _declared(dataset, result)
        text = dict(coded.texts).get(result)
        texts = col.split_text(columns[text]) if text else None
        starts = np.flatnonzero(np.diff(codes[rows], prepend=-1))
        for part in np.split(rows, starts[1:]) if len(rows) else ():
            code = str(names[codes[part[0]]])
            if code:
                facts = _of_values(column, part)
                here = declared[part]
                numbers = frozenset(np.unique(blocks[part]).tolist())
                found[result, code] = facts._replace(
                    blocks=numbers,
                    declared=bool(here.any()),
                    open=bool((~here).any()),
                    meanings=_meanings(column, *texts, part) if texts is not None else frozenset(),
                )
    return found


def join_code_facts(
    of_study: Mapping[CodeKey, CodeFacts], of_part: Mapping[CodeKey, CodeFacts]
) -> dict[CodeKey, CodeFacts]:
    """The facts of both together."""
    out = dict(of_study)
    for key, new in of_part.items():
        old = out.get(key, CodeFacts())
        texts = old.texts | new.texts if old.texts is not None and new.texts is not None else None
        known = old.meanings is not None and new.meanings is not None
        meanings = (old.meanings or frozenset()) | (new.meanings or frozenset()) if known else None
        out[key] = CodeFacts(
            width=max(old.width, new.width),
            whole=max(old.whole, new.whole),
            fraction=max(old.fraction, new.fraction),
            number=old.number and new.number,
            texts=texts if texts is not None and len(texts) <= FEW else None,
            blocks=old.blocks | new.blocks,
            declared=old.declared or new.declared,
            open=old.open or new.open,
            meanings=meanings if meanings is not None and len(meanings) <= FEW else None,
        )
    return out


def _undeclared(dataset: Dataset) -> dict[CodeKey, CodeFacts]:
    found: dict[CodeKey, CodeFacts] = {}
    for variable in dict.fromkeys(v.variable for v in dataset.metadata.values):
        column = dataset.columns.get(variable)
        if column is not None:
            rows = np.flatnonzero(~col.missing(column) & ~_declared(dataset, variable))
            if len(rows):
                found[variable, ""] = _of_values(column, rows)._replace(open=True)
    return found


def _declared(dataset: Dataset, variable: str) -> np.ndarray:
    """Where a definition of the spec has the record."""
    columns = dataset.columns
    out = np.zeros(len(dataset), dtype=bool)
    for value in dataset.metadata.values:
        if value.variable == variable and value.where and all(c.variable in columns for c in value.where):
            here = np.ones(len(dataset), dtype=bool)
            for check in value.where:
                here &= holds(check, columns[check.variable])
            out |= here
    return out


def _meanings(
    numbers: pd.Series, codes: np.ndarray, names: col.Texts, rows: np.ndarray
) -> frozenset[tuple[str, str]] | None:
    """The different pairs of a number and its text in some rows, '' for no text; None for more than FEW.

    ``codes``, ``names``: the texts of all rows, as ``split_text`` returns them.
    """
    values, at = np.unique(numbers.to_numpy(dtype="float64")[rows], return_inverse=True)
    pairs = np.unique(at.astype("int64") * len(names) + np.asarray(codes)[rows])
    if len(pairs) > FEW:
        return None
    found = ((values[p // len(names)], str(names[p % len(names)])) for p in pairs.tolist())
    return frozenset((without_exponent(float(value)), text) for value, text in found)


def _of_values(column: pd.Series, rows: np.ndarray) -> CodeFacts:
    """Width, digits and values of a column in some of its rows, where all are filled."""
    if col.is_number(column):
        numbers = column.to_numpy(dtype="float64")[rows]
        unique = np.unique(numbers)
        texts = frozenset(map(without_exponent, unique.tolist())) if len(unique) <= FEW else None
        return CodeFacts(0, *digits_of(unique), True, texts)
    codes, texts = col.split_text(column)
    used = [str(t) for t in texts[np.unique(np.asarray(codes)[rows])]]
    number, digits = all(map(is_number, used)), point_digits(filter(is_number, used))
    few = frozenset(used) if len(used) <= FEW else None
    return CodeFacts(max(len(t.encode()) for t in used), *digits, number, few)
