"""Sort keys of raw columns by what they mean: numbers and dates as they are declared, else texts.

A column of a dataset has a type, and is ordered by it. A raw column is text. It is ordered as a number or a date where
``types:`` of its source declares it, else where a rule or a declaration reads it as one. Where nothing declares the
kind, the cells decide: all numbers, or all dates of the declared formats, or text. Not for reading cells
(engine/readers/cell_readers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns.ties import Ranks, uneven_dates
from ..readers.cell_readers import Declarations, read_cells, reader
from ..tables.raw_cells import RawCells
from ..tables.table import RawSlice, Table
from .column_kinds import ColumnKinds
from .environment import Environment

TEXT, UNREAD = "text", "R2A-ORDER-001"


@dataclass(frozen=True)
class OrderKey:
    """Ranks of rows along one column. ``unread``: filled cells that cannot be read as the column's kind.

    ``dates``: the ISO 8601 texts that are ranked, if some lack the day or have an offset.
    """

    ranks: np.ndarray
    kind: str = ""
    unread: np.ndarray | None = None
    dates: pd.Series | None = None


def declared_kind(kinds: ColumnKinds, declarations: Declarations, source: str, column: str) -> str:
    """number, date or text, by types: or by what reads a raw column; '' for none, or for two readings."""
    spec = declarations.study.sources.get(source)
    if spec is not None and column in spec.types:
        return spec.types[column]
    found = kinds.get((source, column), frozenset())
    return next(iter(found)) if len(found) == 1 else ""


def kind_of(env: Environment, table: RawSlice, column: str, wanted: str = "") -> str:
    """The kind of a raw column. ``wanted``: the kind that the rule needs, where nothing is declared."""
    study = env.build.study
    found = declared_kind(study.kinds, env.declarations, table.name, table.in_file(column) or column) or wanted
    if found:
        return found
    key = ("kind of the cells", table.name, column)
    return study.cache.computed(key, lambda: _kind_of_cells(env, table, column))


def _kind_of_cells(env: Environment, table: RawSlice, column: str) -> str:
    """The kind of all filled cells of the whole raw column, not only of those of this partition.

    A column may have several formats, as by country: a cell is a number or a date if one of them reads it.
    """
    texts = [t for t in (str(text).strip() for text in table.texts(column)) if t]
    some_read = False
    for kind in ("number", "date"):
        how, study = reader(kind), env.declarations.study
        groups = ("", *getattr(how.declared(study, table.name), "when", ()))
        settings = list(dict.fromkeys(how.setting(study, table.name, column, group) for group in groups))
        read = sum(any(not how.refused(how.read(t, s), t) for s in settings) for t in texts)
        if texts and read == len(texts):
            return _report_kind(env, table, column, kind, "note")
        some_read = some_read or read > 0
    return _report_kind(env, table, column, TEXT, "warning") if some_read else TEXT


def _report_kind(env: Environment, table: RawSlice, column: str, kind: str, severity: str) -> str:
    """The kind of a column, with the finding that only its cells decided it."""
    env.findings.add(
        "R2A-ORDER-002",
        f"{column} decides an order, and nothing declares its type: its cells are ordered as {kind}; "
        f"write types: {{{column}: {kind}}} at the source {table.name}, or the right type",
        severity=severity,
        source=table.name,
        file=table.raw.file,
        column=column,
    )
    return kind


def _no_value(value: float | str) -> bool:
    return value == "" or value != value  # NaN


def without_value(env: Environment, table: Table, column: str, wanted: str = "") -> np.ndarray:
    """The rows of another table whose filled cell is declared to mean no value, such as -99 or NK.

    ``wanted``: the kind that the column is read as, where nothing is declared.
    """
    none = np.zeros(table.n, dtype=bool)
    values = table.column(column)
    if not isinstance(table, RawSlice) or col.is_number(values):
        return none
    cells = env.cells_on(table, column)
    kind = wanted or declared_kind(env.build.study.kinds, env.declarations, table.name, column)
    if cells.none or kind in ("", TEXT):
        return none
    how, found = reader(kind), read_cells(kind, values, cells, env.declarations)
    pairs = zip(found.readings, found.texts, strict=True)
    absent = [bool(t.strip()) and _no_value(how.value(r)) and not how.refused(r, t) for r, t in pairs]
    return np.array(absent, dtype=bool)[found.codes] if absent else none


def table_key(env: Environment, table: Table, column: str, wanted: str = "") -> OrderKey:
    """The ranks of all rows of another table along one of its columns."""
    values = table.column(column)
    cells = env.cells_on(table, column)
    if col.is_number(values):
        return OrderKey(col.ranks(values))
    if not isinstance(table, RawSlice) or cells.none:
        return read_key(env.declarations, values, cells, wanted) if wanted == "number" else _text_key(values)
    key = read_key(env.declarations, values, cells, kind_of(env, table, column, wanted))
    reported = env.build.study.cache.computed("ordered raw columns", set[tuple[str, str]])
    if key.unread is not None and (table.name, column) not in reported and (table.first or table.has("USUBJID")):
        reported.add((table.name, column))
        at = np.flatnonzero(key.unread)
        file, row = table.places(at)
        env.findings.add(
            UNREAD,
            _unread_message(key.kind),
            subject=col.objects(table.column("USUBJID"))[at] if table.has("USUBJID") else "",
            value=col.objects(values)[at],
            source=table.name,
            file=file,
            row=row,
            column=column,
            value_stays=True,
        )
    return key


def _unread_message(kind: str) -> str:
    return f"the column orders rows as {kind}s, and this cell cannot be read as a {kind}: it comes last"


def record_key(env: Environment, name: str, field: str) -> OrderKey:
    """The ranks of the records along a name: of a raw column by its kind, of a variable by its type."""
    values = env.column(name, field)
    if col.is_number(values) or env.rows.find(name) is None:
        return _text_key(values)
    cells = env.raw_cells(name)
    used = [cells.columns[i] for i in sorted({i for group in cells.groups for i in group})]
    kinds = {kind_of(env, c.table, c.column) for c in used}
    key = read_key(env.declarations, values, cells, kinds.pop() if len(kinds) == 1 else TEXT)
    if key.unread is not None:
        env.report(UNREAD, key.unread, _unread_message(key.kind), name)
    return key


def _text_key(values: pd.Series, kind: str = "") -> OrderKey:
    return OrderKey(col.ranks(values), kind, dates=uneven_dates(values))


def read_key(known: Declarations, values: pd.Series, cells: RawCells, kind: str) -> OrderKey:
    """The ranks of texts ordered as a kind, each read by what is declared for its cell; -inf where it has no value."""
    if kind in ("", TEXT):
        return _text_key(values, TEXT)
    how = reader(kind)
    found, dates = read_cells(kind, values, cells, known), None
    read = [how.value(r) for r in found.readings]
    filled = np.array([bool(t.strip()) for t in found.texts], dtype=bool)
    if kind == "number":
        numbers = np.array([float(v) for v in read], dtype="float64")
        ranks, none = np.where(np.isnan(numbers), -np.inf, numbers), np.isnan(numbers)
    else:
        none = np.array([not v for v in read], dtype=bool)
        iso = col.text_column([str(v) for v in read])
        ranks, dates = np.where(none, -np.inf, col.ranks(iso).astype("float64")), uneven_dates(iso)
    refused = [bool(how.refused(r, t)) for r, t in zip(found.readings, found.texts, strict=True)]
    unread = filled & none & np.array(refused, dtype=bool)
    dates = None if dates is None else col.take(dates, found.codes)
    return OrderKey(ranks[found.codes], kind, unread[found.codes] if unread.any() else None, dates)


def in_order(keys: Sequence[OrderKey], descending: Sequence[bool], chosen: str = "first") -> Ranks:
    """Ranks for ``verbs.order_rows``, rising, in which a cell that cannot be read is never chosen before others.

    ``chosen``: the end of the order that is taken; with ``last``, what cannot be read comes first.
    """
    arrays = []
    for key, down in zip(keys, descending, strict=True):
        ranks = -key.ranks.astype("float64") if down else key.ranks
        if key.unread is not None:
            ranks = np.where(key.unread, np.inf if chosen == "first" else -np.inf, ranks)
        arrays.append(ranks)
    return Ranks(arrays, [key.dates for key in keys])
