"""Text and number columns: the only place that knows how a text column is coded.

A text column is a pandas category of str: small integer codes and unique texts, '' for missing. What is done to a text
is done one time per distinct text and taken by code. Not for combining tables (verbs.py).
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.core.internals.construction import arrays_to_mgr  # pyright: ignore[reportMissingImports]
from pandas.core.internals.managers import SingleBlockManager  # pyright: ignore[reportMissingImports]

from ...mappings.expressions.number_text import number_text
from .number_text import plain_number

Texts = np.ndarray  # object array of str, unique


def split_text(column: pd.Series) -> tuple[np.ndarray, Texts]:
    """(codes, unique texts) of a text column; codes are never negative, missing is the text ''."""
    coded = column.array
    if not isinstance(coded, pd.Categorical):
        codes, values = pd.factorize(column.astype("str").fillna(""))
        return codes.astype("int32"), np.asarray(values, dtype=object)
    key = id(coded)
    known = _SPLIT.get(key)
    if known is None or known[0]() is not coded:
        known = _SPLIT[key] = (weakref.ref(coded, lambda _: _SPLIT.pop(key, None)), _split(coded))
    return known[1]


#: id of the values of a column -> them, weakly, and how they are split: the rules of a study split most columns often
_SPLIT: dict[int, tuple[weakref.ref[pd.Categorical], tuple[np.ndarray, Texts]]] = {}


def _split(coded: Any) -> tuple[np.ndarray, Texts]:
    codes, values = coded._codes, _texts_of(coded._dtype.categories)
    if len(codes) and np.minimum.reduce(codes) < 0:
        where = np.flatnonzero(values == "")
        if len(where) == 0:
            values = np.append(values, "")
            where = [len(values) - 1]
        codes = np.where(codes < 0, where[0], codes)
    return codes, values


#: id of the categories of a column -> them, weakly, and their texts: a column's texts are asked for many times
_TEXTS: dict[int, tuple[weakref.ref[pd.Index], Texts]] = {}


def _texts_of(categories: pd.Index) -> Texts:
    """The texts of a column's categories; read-only, because all callers share them."""
    key = id(categories)
    known = _TEXTS.get(key)
    if known is not None and known[0]() is categories:
        return known[1]
    texts = np.asarray(categories, dtype=object)
    if not texts.flags.owndata:
        texts = texts.copy()
    texts.flags.writeable = False
    _TEXTS[key] = (weakref.ref(categories, lambda _: _TEXTS.pop(key, None)), texts)
    return texts


#: id of shared texts -> them, weakly, and the arrays computed from them
_COMPUTED: dict[int, tuple[weakref.ref[Texts], dict[Callable[[Texts], np.ndarray], np.ndarray]]] = {}


def computed_once(texts: Texts, make: Callable[[Texts], np.ndarray]) -> np.ndarray:
    """``make(texts)``, cached as long as the texts of the column exist: many rules read one column.

    ``make``: a function of the module; callers do not change its result.
    """
    if texts.flags.writeable:  # texts that the caller may change
        return make(texts)
    key = id(texts)
    known = _COMPUTED.get(key)
    if known is None or known[0]() is not texts:
        known = _COMPUTED[key] = (weakref.ref(texts, lambda _: _COMPUTED.pop(key, None)), {})
    if make not in known[1]:
        known[1][make] = make(texts)
    return known[1][make]


def series(values: Any, name: str | None = None) -> pd.Series:
    """A column of numbers or categories from their array, not copied, with the index 0, 1, 2 ...

    What ``pd.Series(values, copy=False)`` gives, without the checks of what else ``values`` could be, which take most
    of its time: a study has tens of thousands of columns.
    """
    manager = SingleBlockManager.from_array(values, _index(len(values)))
    column: pd.Series = pd.Series._from_mgr(manager, axes=manager.axes)  # pyright: ignore[reportAttributeAccessIssue]
    object.__setattr__(column, "_name", name)
    return column


def is_column_of(column: pd.Series, values: Any) -> bool:
    """Whether a column is what ``series`` makes of these values, but for its name."""
    return column.index is _index(len(column)) and column.array is values


@functools.lru_cache(maxsize=256)
def _index(n: int) -> pd.RangeIndex:
    return pd.RangeIndex(n)


def frame_of(columns: Mapping[str, Any], n: int) -> pd.DataFrame:
    """A frame of ``n`` rows from its columns, or from their arrays: numbers or categories, not copied.

    What ``pd.DataFrame(columns, index=pd.RangeIndex(n), copy=False)`` gives, without looking at what each could be.
    """
    names, index = _names(tuple(columns)), _index(n)
    arrays = [c._values if isinstance(c, pd.Series) else c for c in columns.values()]
    manager = arrays_to_mgr(arrays, names, index, verify_integrity=False, consolidate=False)
    return pd.DataFrame._from_mgr(manager, axes=manager.axes)  # pyright: ignore[reportAttributeAccessIssue]


@functools.lru_cache(maxsize=1024)
def _names(names: tuple[str, ...]) -> pd.Index:
    return pd.Index(list(names), dtype="str")


def columns_of(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Name -> column of a frame whose rows have the labels 0, 1, 2 ..., and whose columns nobody changes in place.

    Each lookup in a frame makes another column and looks at its label; that takes most of the time of small tables.
    """
    return {name: series(values, name) for name, values in arrays_of(frame).items()}


def arrays_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Name -> values of each column of a frame, not copied."""
    manager: Any = frame._mgr
    return {str(n): manager.iget_values(i) for i, n in enumerate(frame.columns.tolist())}


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """One of the columns of ``columns_of``. Raises KeyError for a name that the frame does not have."""
    manager: Any = frame._mgr
    return series(manager.iget_values(manager.items.get_loc(name)), name)


def _recoded(codes: np.ndarray, dtype: pd.CategoricalDtype) -> pd.Series:
    """A text column of these codes into texts that are a column's already."""
    small = _small(codes, len(dtype.categories))
    return series(pd.Categorical.from_codes(small, dtype=dtype, validate=False))


def join_text(codes: np.ndarray, values: Iterable[str]) -> pd.Series:
    """A text column from codes into ``values``, which may repeat: equal texts get one code."""
    values = np.asarray(list(values) if not isinstance(values, np.ndarray) else values, dtype=object)
    new, unique = _coded(values)
    if len(unique) != len(values):
        codes, values = new[codes], unique
    return _recoded(codes, _type_of(values))


def distinct_text(codes: np.ndarray, values: Sequence[str]) -> pd.Series:
    """A text column from codes into ``values``, which all differ: ``join_text`` without comparing them."""
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return _recoded(codes, _type_of(texts))


def _type_of(values: Texts) -> pd.CategoricalDtype:
    return _of_few(tuple(values.tolist())) if len(values) <= FEW else _dtype(values)


def _coded(values: np.ndarray) -> tuple[np.ndarray, Texts]:
    """(codes, unique texts) of texts, in the order of their first occurrence."""
    if len(values) > MANY:
        codes, unique = pd.factorize(values)
        return codes, np.asarray(unique, dtype=object)
    place: dict[str, int] = {}
    codes = [place.setdefault(text, len(place)) for text in values.tolist()]
    unique = np.empty(len(place), dtype=object)
    unique[:] = list(place)
    return np.array(codes, dtype="int32"), unique


#: pandas needs longer than a dict for fewer texts
MANY = 500
#: columns with the same texts, up to so many, share them, and what is computed from them
FEW = 8


def _dtype(values: Texts) -> pd.CategoricalDtype:
    """The type of a column with these texts, which are known to be different and never missing."""
    texts = pd.Index(values, dtype=object, copy=False)
    return pd.CategoricalDtype._from_fastpath(texts, False)  # pyright: ignore[reportAttributeAccessIssue]


@functools.lru_cache(maxsize=4096)
def _of_few(values: tuple[str, ...]) -> pd.CategoricalDtype:
    texts = np.empty(len(values), dtype=object)
    texts[:] = values
    return _dtype(texts)


def _small(codes: np.ndarray, count: int) -> np.ndarray:
    return codes.astype("int8" if count < 128 else "int16" if count < 32_768 else "int32", copy=False)


def text_column(values: Sequence[str] | np.ndarray) -> pd.Series:
    """A text column of these texts."""
    codes, unique = _coded(np.asarray(values, dtype=object))
    return _recoded(codes, _type_of(unique))


def constant(text: str, n: int) -> pd.Series:
    """A text column of ``n`` equal texts."""
    return _short_constant(text, n) if n <= SHORT else _constant(text, n)


#: so many rows at most has a constant column that rules share: small tables have many of them
SHORT = 64


@functools.lru_cache(maxsize=1024)
def _short_constant(text: str, n: int) -> pd.Series:
    return _constant(text, n)


def _constant(text: str, n: int) -> pd.Series:
    return _recoded(np.zeros(n, dtype="int8"), _of_few((text,)))


def map_text(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """``change`` applied to each unique text."""
    codes, values = split_text(column)
    return join_text(codes, [change(v) for v in values])


def take(column: pd.Series | np.ndarray, ids: np.ndarray) -> pd.Series:
    """Rows of a column by position; -1 gives missing ('' or NaN)."""
    gaps = len(ids) > 0 and ids.min() < 0
    if is_number(column):
        values = floats(column)
        return series(values[ids] if not gaps else np.append(values, np.nan)[ids])
    column = column if isinstance(column, pd.Series) else pd.Series(column)
    codes, values = split_text(column)
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) and len(values) == len(dtype.categories):
        if not gaps:
            return _recoded(codes[ids], dtype)
        blank = np.flatnonzero(values == "")
        if len(blank):
            return _recoded(np.append(codes, codes.dtype.type(blank[0]))[ids], dtype)
    if gaps:
        return join_text(np.append(codes.astype("int32"), len(values))[ids], np.append(values, ""))
    return join_text(codes[ids], values)


def compact(column: pd.Series) -> pd.Series:
    """The same text column without texts that no row has; the others keep their order."""
    codes, texts = split_text(column)
    here = np.zeros(len(texts), dtype=bool)
    here[codes] = True
    if here.all():
        return column
    return join_text((np.cumsum(here) - 1)[codes], np.asarray(texts, dtype=object)[here])


def occurring(column: pd.Series, where: np.ndarray | None = None) -> list[str]:
    """The texts that some row of a text column has. ``where``: only the rows of this mask."""
    codes, texts = split_text(column)
    codes = codes if where is None else codes[where]
    few = len(codes) <= MANY  # numpy needs longer than a set for fewer rows
    here = sorted(set(codes.tolist())) if few else np.flatnonzero(np.bincount(codes, minlength=len(texts)))
    return [str(texts[i]) for i in here]


def is_number(column: pd.Series | np.ndarray) -> bool:
    """Whether a column holds numbers (else text)."""
    dtype = column.dtype
    return isinstance(dtype, np.dtype) and dtype.kind in "fiub"


def floats(column: pd.Series | np.ndarray) -> np.ndarray:
    """The values of a number column as float64, not copied where they are; numpy itself looks at a column for long."""
    values = column.to_numpy() if isinstance(column, pd.Series) else column
    return values.astype("float64", copy=False)


def concat(columns: Sequence[pd.Series]) -> pd.Series:
    """Columns of one kind below each other; a number column among texts is an error of the caller."""
    if len(columns) == 1:
        index = columns[0].index
        plain = isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1
        return columns[0] if plain else columns[0].reset_index(drop=True)
    if is_number(columns[0]):
        return series(np.concatenate([floats(c) for c in columns]))
    first = columns[0].dtype
    codes, texts = joint_codes(columns)
    if isinstance(first, pd.CategoricalDtype) and texts is _texts_of(first.categories):
        return _recoded(codes, first)
    return _recoded(codes, _type_of(texts))


def joint_codes(columns: Sequence[pd.Series]) -> tuple[np.ndarray, Texts]:
    """(codes, unique texts) of text columns below each other: ``split_text`` of their ``concat``."""
    split = [split_text(c) for c in columns]
    texts = split[0][1]
    if all(other is texts for _, other in split):
        return np.concatenate([codes for codes, _ in split]), texts
    base = np.cumsum([0, *(len(texts) for _, texts in split)]).tolist()
    codes = np.concatenate([codes.astype("int32") + start for (codes, _), start in zip(split, base, strict=False)])
    values = np.concatenate([texts for _, texts in split])
    new, unique = _coded(values)
    return (new[codes], unique) if len(unique) != len(values) else (codes, values)


def missing(column: pd.Series) -> np.ndarray:
    """Where a column is missing: '' or blanks only, or NaN. See docs/semantics.md S1."""
    if is_number(column):
        return np.isnan(floats(column))
    codes, values = split_text(column)
    return computed_once(values, _blank).take(codes) if len(values) else np.zeros(len(codes), bool)


def _blank(texts: Texts) -> np.ndarray:
    return np.array([not t.strip() for t in texts], dtype=bool)


def ranks(column: pd.Series) -> np.ndarray:
    """Ordering numbers: for texts the rank by code point, for numbers themselves. Missing comes first, as in SAS.

    See docs/semantics.md S7.
    """
    if is_number(column):
        values = floats(column)
        return np.where(np.isnan(values), -np.inf, values)
    codes, values = split_text(column)
    return computed_once(values, _ranks).take(codes) if len(values) else np.zeros(len(codes), dtype="int32")


def _ranks(texts: Texts) -> np.ndarray:
    order = np.argsort(texts.astype(str), kind="stable")
    rank = np.empty(len(texts), dtype="int32")
    rank[order] = np.arange(len(texts), dtype="int32")
    return rank


def value_ranks(column: pd.Series) -> np.ndarray:
    """A whole number per row that orders it by its value: missing, numbers by value, other texts by code point."""
    if is_number(column):
        values = floats(column)
        inverse = np.unique(values, return_inverse=True)[1]
        return np.where(np.isnan(values), 0, inverse + 1)
    codes, values = split_text(column)
    return computed_once(values, _value_ranks).take(codes) if len(values) else np.zeros(0, dtype="int64")


def _value_ranks(texts: Texts) -> np.ndarray:
    numbers = computed_once(texts, _numbers)[0]
    number = np.where(texts == "", -np.inf, np.where(np.isnan(numbers), np.inf, numbers))
    rank = np.empty(len(texts), dtype="int64")
    rank[np.lexsort((computed_once(texts, _ranks), number))] = np.arange(len(texts))
    return rank


def objects(column: pd.Series) -> np.ndarray:
    """A text column as an object array of str, for findings and print."""
    if is_number(column):
        numbers, at = np.unique(floats(column), return_inverse=True)
        return np.array([number_text(x) for x in numbers.tolist()], dtype=object)[at]
    codes, values = split_text(column)
    return values[codes] if len(values) else np.empty(0, dtype=object)


def combined(split: Sequence[tuple[np.ndarray, int]], n: int) -> tuple[np.ndarray, int]:
    """One code per row from several (codes, count of values), equal where all codes are; and how many there may be.

    Codes are made dense by a table where their range is small, which is several times faster than hashing.
    """
    total, size, limit = np.zeros(n, dtype="int64"), 1, max(4 * n, 1 << 16)
    for number, (codes, count) in enumerate(split):
        if number == 0:
            total = codes.astype("int64")
        else:  # in place: a new array of this size costs more than the arithmetic
            if size * count > limit:
                total, size = dense(total, size)
            total *= count
            total += codes
        size *= max(count, 1)
        if size > limit:
            total, unique = pd.factorize(total)
            total, size = total.astype("int64"), len(unique)
    return dense(total, size) if len(split) > 1 else (total, size)


def dense(codes: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Codes below ``size`` renumbered in their order without gaps, and how many there are."""
    seen = np.zeros(size, dtype=bool)
    seen[codes] = True
    return (np.cumsum(seen) - 1).take(codes), int(seen.sum())


def first_positions(codes: np.ndarray, size: int) -> np.ndarray:
    """For each code the position of its first row; -1 for a code that does not occur."""
    first = np.full(size, -1, dtype="int64")
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def as_text(column: pd.Series) -> pd.Series:
    """A text column unchanged, numbers as their shortest texts."""
    if not is_number(column):
        return column
    unique, inverse = np.unique(floats(column), return_inverse=True)
    return join_text(inverse, [number_text(x) for x in unique.tolist()])


def to_number(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(numbers, where a filled text is not a number). Only plain decimals: 12, -1.5, 1e3; not NaN, inf, 0x1, 1_000.

    See docs/semantics.md S11.
    """
    if is_number(column):
        values = floats(column)
        return values, np.zeros(len(values), dtype=bool)
    codes, values = split_text(column)
    numbers, bad = computed_once(values, _numbers) if len(values) else np.zeros((2, 0))
    return numbers[codes], bad[codes] != 0


def _numbers(texts: Texts) -> np.ndarray:
    """2 x texts: the numbers, and 1 where a filled text is none."""
    numbers, bad = np.full(len(texts), np.nan), np.zeros(len(texts))
    for i, text in enumerate(texts):
        text = text.strip()
        number = plain_number(text)
        if number is not None:
            numbers[i] = number
        else:
            bad[i] = bool(text)
    return np.array([numbers, bad])
