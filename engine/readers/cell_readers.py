"""Reads texts of raw cells as numbers or dates, by the declarations of study.yaml for their column.

A reader gives the setting of a column and reads one text by it. Here whole columns are read, each distinct text one
time per setting. Not for finding the cells of a text (engine/tables/raw_cells.py), nor for the readers
(engine/derivations/numbers.py, sdtm/date_reader.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import pandas as pd

from ...mappings.models.study import StudySpec
from ..columns import column as col
from ..tables.partition_cache import PartitionCache
from ..tables.raw_cells import RawCells, RawColumn
from ..tables.table import Table
from .format_by import groups_of_rows

T = TypeVar("T")


class CellReader(Protocol[T]):
    """Reads texts of raw cells as one kind of value.

    A setting is everything that is declared for the texts: equal settings read a text alike.
    """

    def declared(self, study: StudySpec, source: str) -> Any:
        """The declarations of a source, with a field ``by``: the column that selects among them, or None."""
        ...

    def fixed(self, study: StudySpec, source: str, column: str) -> bool:
        """Whether the setting of a column does not depend on ``by``."""
        ...

    def setting(self, study: StudySpec, source: str, column: str, group: str) -> Hashable:
        """The setting of a column in rows whose ``by`` is ``group``."""
        ...

    def read(self, text: str, setting: Any) -> T:
        """The value of a text under a setting."""
        ...

    def read_plain(self, text: str) -> T:
        """The value of a text of no raw cell: of a spec or of a dataset."""
        ...

    def undecided(self, text: str) -> T:
        """The reading of a text whose columns are declared differently, so that it could be two values."""
        ...

    def value(self, reading: T) -> float | str:
        """The value that an expression sees: a number, or a text such as an ISO 8601 date; NaN or '' for none."""
        ...

    def refused(self, reading: T, text: str) -> str:
        """Why a filled text has no value though it should; '' where it has one, or is declared to have none."""
        ...

    def shortened(self, reading: T) -> str:
        """The value where it has fewer digits than the text; '' where it has them all."""
        ...

    def declared_columns(self, study: StudySpec) -> frozenset[tuple[str, str]]:
        """(source, column) of the raw columns that study.yaml declares as this kind of value."""
        ...


@dataclass(frozen=True)
class Readings(Generic[T]):
    """Texts that were read. ``codes``: per record the position in ``texts`` and ``readings``."""

    codes: np.ndarray
    texts: tuple[str, ...]
    readings: tuple[T, ...]


_READERS: dict[str, CellReader[Any]] = {}


def register_reader(kind: str, reader: CellReader[Any]) -> None:
    """Make a kind of value known, such as number or date."""
    _READERS[kind] = reader


def reader(kind: str) -> CellReader[Any]:
    """The reader of a kind of value. KeyError where none is registered."""
    return _READERS[kind]


def readers() -> Mapping[str, CellReader[Any]]:
    """All readers, by kind."""
    return _READERS


@dataclass(frozen=True)
class Declarations:
    """What readers need of a study: its spec, its tables by name, and the cache of results per table."""

    study: StudySpec
    tables: Mapping[str, Table]
    cache: PartitionCache = field(default_factory=PartitionCache)


def read_cells(
    kind: str,
    values: pd.Series,
    cells: RawCells,
    known: Declarations,
    *,
    plain: Hashable | None = None,
    change: Callable[[Any], Hashable] | None = None,
) -> Readings[Any]:
    """Texts read as a kind of value, each by the declarations of its raw columns.

    ``plain``: a setting for texts of no raw cell; by default they are read plainly. ``change``: the setting as the
    declarations of the rule change it.
    """
    codes, texts = col.split_text(values)
    return read_texts(kind, codes, texts, cells, known, plain=plain, change=change)


def read_texts(
    kind: str,
    codes: np.ndarray,
    texts: np.ndarray,
    cells: RawCells,
    known: Declarations,
    *,
    plain: Hashable | None = None,
    change: Callable[[Any], Hashable] | None = None,
) -> Readings[Any]:
    """The same of codes and texts."""
    how = _READERS[kind]
    of_record, settings = settings_of(kind, cells, known, plain)
    if change is not None:
        settings = [tuple(dict.fromkeys(s if s is None else change(s) for s in each)) for each in settings]
    if of_record is None:
        found = tuple(_read(how, str(t), settings[0]) for t in texts)
        return Readings(codes, tuple(map(str, texts)), found)
    pairs, size = col.combined([(codes, max(len(texts), 1)), (of_record, len(settings))], len(codes))
    first = col.first_positions(pairs, size)
    read = [str(texts[codes[i]]) for i in first.tolist()]
    found = tuple(_read(how, t, settings[of_record[i]]) for t, i in zip(read, first.tolist(), strict=True))
    return Readings(pairs, tuple(read), found)


def _read(how: CellReader[Any], text: str, settings: tuple[Hashable, ...]) -> Any:
    """One text; if its columns are declared differently, it is read only if all of them read it alike."""
    if settings[0] is None:
        return how.read_plain(text)
    found = how.read(text, settings[0])
    if any(how.read(text, other) != found for other in settings[1:]):
        return how.undecided(text)
    return found


def settings_of(
    kind: str, cells: RawCells, known: Declarations, plain: Hashable | None = None
) -> tuple[np.ndarray | None, list[tuple[Hashable, ...]]]:
    """(per record the position of its settings, None where all have the first; the settings of each position).

    A text put together from several columns has the settings of each, a text of no raw cell ``plain``; that None means
    that it is read plainly.
    """
    how = _READERS[kind]
    found: dict[tuple[Hashable, ...], int] = {}

    def number(settings: tuple[Hashable, ...]) -> int:
        return found.setdefault(tuple(dict.fromkeys(settings)) or (plain,), len(found))

    used = sorted({i for group in cells.groups for i in group})
    fixed: dict[int, Hashable] = {}
    by_row: dict[int, tuple[np.ndarray, list[Hashable]]] = {}
    for i in used:
        column = cells.columns[i]
        if how.fixed(known.study, column.table.name, column.column):
            fixed[i] = how.setting(known.study, column.table.name, column.column, "")
        else:
            by_row[i] = _by_row(kind, column, cells.n, known)
    at_group = np.array(
        [-1 if any(i in by_row for i in g) else number(tuple(fixed[i] for i in g)) for g in cells.groups], dtype="int64"
    )
    if not by_row and len(found) == 1:
        return None, list(found)
    of_group = cells.at_groups()
    of_record = at_group[of_group]
    for g in np.flatnonzero(at_group < 0).tolist():
        at = np.flatnonzero(of_group == g)
        if not len(at):
            continue
        parts = [by_row.get(i) or (np.zeros(cells.n, dtype="int32"), [fixed[i]]) for i in cells.groups[g]]
        pairs, size = col.combined([(codes[at], len(names)) for codes, names in parts], len(at))
        firsts = at[col.first_positions(pairs, size)].tolist()
        numbers = [number(tuple(names[codes[f]] for codes, names in parts)) for f in firsts]
        of_record[at] = np.array(numbers, dtype="int64")[pairs]
    return of_record, list(found)


def _by_row(kind: str, column: RawColumn, n: int, known: Declarations) -> tuple[np.ndarray, list[Hashable]]:
    """(per record the position of its setting, the settings) of a column whose setting a row selects."""
    how, table = _READERS[kind], column.table
    declared = how.declared(known.study, table.name)
    key = ("groups", table.name, declared.by)
    groups = known.cache.computed(key, lambda: groups_of_rows(known.study, known.tables, declared, table))
    codes, texts = col.split_text(groups)
    names = [*map(str, texts), ""]  # a record of no row has no group
    settings = [how.setting(known.study, table.name, column.column, name.strip()) for name in names]
    return (codes if column.rows is None else np.append(codes, len(texts))[column.rows]), settings
