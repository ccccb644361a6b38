"""The raw cells behind the parts of an expression: where each text comes from, and how it is read as number or date.

A text that is composed of several columns is read by the declarations of all of them. Texts of a spec or of a dataset
are read without declarations. Not for the tree (kernels.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from ...mappings.expressions.tree import Between, Call, Compare, In, Literal, Name, Node, walk
from ..columns.iso_dates import is_iso
from ..columns.number_text import plain_number
from ..columns.rounding import collected_digits
from ..readers.cell_readers import Declarations, read_texts, reader
from ..tables.raw_cells import RawCells, choose, united
from .text_functions import found_by
from .truth import TRUE, is_missing
from .vectors import Vector, rows

#: function -> the kind of value as which it reads its text arguments
READS: Mapping[str, str] = {"number": "number", **dict.fromkeys(("year", "month", "day", "after", "days"), "date")}
#: functions whose text is composed of the texts of their arguments
_PASSING = frozenset(
    {"upper", "lower", "title", "strip", "substr", "replace", "extract", "part", "concat", "min", "max"}
)
_MONTH_OR_DAY = re.compile(r"\d{4}-\d\d(-\d\d(T.*)?)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


@dataclass(frozen=True)
class KnownCells:
    """The raw cells behind the names of an expression, and their declarations.

    ``cells``: those of a name. ``kinds``: (source, column) -> the kinds of value that rules or declarations give it.
    """

    cells: Callable[[str], RawCells]
    declared: Declarations
    kinds: Mapping[tuple[str, str], frozenset[str]]


@dataclass(kw_only=True, frozen=True)
class Unreadable:
    """Records where a part of an expression is a filled text that cannot be read: as a number, a date, by a pattern.

    With the kind ``digits``: a number that is read with fewer digits than its text has; ``why`` is the number that is
    read. ``offset``: place in the expression of the node that reads it. ``argument``: the part as text. ``name``: a
    column that the part reads, '' for none. ``rows``: bool mask of all records. ``texts`` and ``why``: of those rows.
    ``cells``: the raw cells of all records.
    """

    offset: int
    argument: str
    name: str
    kind: str
    rows: np.ndarray
    texts: np.ndarray
    why: np.ndarray
    cells: RawCells


@dataclass
class Refused:
    """Texts that a node could not read whole. ``texts``, ``why``: per code; ``why`` is '' where the text was read."""

    node: Node
    kind: str
    codes: np.ndarray
    texts: tuple[str, ...]
    why: list[str]
    cells: RawCells


@dataclass
class CellReading:
    """Reads the texts of one evaluation. ``value``: the vector of an evaluated node."""

    n: int
    known: KnownCells | None
    value: Callable[[Node], Vector]
    refused: dict[int, list[Refused]] = field(default_factory=dict)
    shortened: dict[int, list[Refused]] = field(default_factory=dict)
    _of_name: dict[str, RawCells] = field(default_factory=dict)

    def read(self, owner: Node, kind: str, node: Node) -> Vector:
        """The values that a text part has as a kind of value; ``owner``: the node that reads it."""
        vector, cells = self.value(node), self.cells(node)
        codes = np.zeros(self.n, dtype="int8") if vector.codes is None else vector.codes
        texts = tuple(map(str, vector.values))
        if cells.none or self.known is None:
            of_texts = vector
            values, why, shortened = zip(*(_plain(kind, t) for t in texts), strict=True) if texts else ((), (), ())
        else:
            how, read = reader(kind), read_texts(kind, codes, vector.values, cells, self.known.declared)
            texts, codes = read.texts, read.codes
            of_texts = Vector(vector.values, codes)
            values = [how.value(r) for r in read.readings]
            why = [how.refused(r, t) if t.strip() else "" for r, t in zip(read.readings, texts, strict=True)]
            shortened = [how.shortened(r) for r in read.readings]
        if any(why):
            self.refused.setdefault(id(owner), []).append(Refused(node, kind, codes, texts, list(why), cells))
        if any(shortened):
            parts = self.shortened.setdefault(id(owner), [])
            parts.append(Refused(node, "digits", codes, texts, list(shortened), cells))
        return of_texts.of(np.array(values, dtype="float64" if kind == "number" else object))

    def note_unmatched(self, owner: Call, text: Vector) -> None:
        """Note the filled texts in which the pattern of extract() is not found. ``text``: its first argument."""
        pattern, *group = [a.value for a in owner.arguments[1:] if isinstance(a, Literal)]
        found = found_by(text.values, str(pattern), int(group[0]) if group else None)
        why = [
            "" if f is not None or not t.strip() else f"'{pattern}' finds nothing"
            for f, t in zip(found, text.values, strict=True)
        ]
        if any(why):
            codes = np.zeros(self.n, dtype="int8") if text.codes is None else text.codes
            node = owner.arguments[0]
            texts = tuple(map(str, text.values))
            self.refused.setdefault(id(owner), []).append(Refused(node, "pattern", codes, texts, why, self.cells(node)))

    def cells(self, node: Node) -> RawCells:
        """The raw cells of the texts that a part gives."""
        if self.known is None:
            return RawCells(self.n)
        if isinstance(node, Name):
            if node.name not in self._of_name:
                self._of_name[node.name] = self.known.cells(node.name)
            return self._of_name[node.name]
        if not isinstance(node, Call):
            return RawCells(self.n)
        if node.function in _PASSING and not self.as_dates(node.arguments):
            return united([self.cells(a) for a in node.arguments])
        if node.function == "coalesce":
            parts = [self.cells(a) for a in node.arguments]
            return self._picked(parts, lambda i: ~is_missing(rows(self.value(node.arguments[i]), self.n)))
        if node.function == "if":
            parts = [self.cells(a) for a in node.arguments[1:]]
            return self._picked(parts, lambda i: rows(self.value(node.arguments[0]), self.n) == TRUE)
        return RawCells(self.n)

    def _picked(self, parts: Sequence[RawCells], taken: Callable[[int], np.ndarray]) -> RawCells:
        """The cells of the first part that is taken, of the last one where none is."""
        if all(p.none for p in parts):
            return RawCells(self.n)
        picked = np.full(self.n, len(parts) - 1, dtype="int32")
        for i in range(len(parts) - 2, -1, -1):
            picked[taken(i)] = i
        return choose(parts, picked)

    def as_dates(self, parts: Sequence[Node]) -> bool:
        """Whether texts are compared, or the smallest of them is taken, as dates.

        That is so where a raw column is compared with a date of the spec (2024-03-01), or where all raw columns are
        read or declared as dates. Otherwise a raw column is compared as text.
        """
        if self.known is None:
            return False
        raw = [c for c in map(self.cells, parts) if not c.none]
        if not raw:
            return False
        dates = all(self._kind(c) == {"date"} for c in raw)
        written = [p.value for p in parts if isinstance(p, Literal)]
        if written:
            forms = (_MONTH_OR_DAY, _YEAR) if dates else (_MONTH_OR_DAY,)
            return all(isinstance(t, str) and any(f.fullmatch(t.strip()) for f in forms) for t in written)
        return dates

    def _kind(self, cells: RawCells) -> frozenset[str]:
        assert self.known is not None
        named = {(cells.columns[i].table.name, cells.columns[i].column) for g in cells.groups for i in g}
        kinds = {self.known.kinds.get(place, frozenset()) for place in named}
        return kinds.pop() if len(kinds) == 1 else frozenset()


def names_read_as(root: Node) -> Iterator[tuple[str, str]]:
    """(name, kind of value) of each name that an expression reads as a number or a date, whatever its column holds."""
    for node, _ in walk(root):
        if isinstance(node, Call) and node.function in READS:
            yield from ((a.name, READS[node.function]) for a in node.arguments if isinstance(a, Name))
            continue
        parts = compared(node)
        written = [p.value for p in parts if isinstance(p, Literal)]
        if written and all(isinstance(t, str) and _MONTH_OR_DAY.fullmatch(t.strip()) for t in written):
            yield from ((p.name, "date") for p in parts if isinstance(p, Name))


def compared(node: Node) -> tuple[Node, ...]:
    """The values that a comparison compares; none for a test of missing and for other nodes."""
    if isinstance(node, Compare):
        return () if node.missing_test is not None else (node.left, node.right)
    return node.children if isinstance(node, In | Between) else ()


def _plain(kind: str, text: str) -> tuple[float | str, str, str]:
    """(value, why a filled text has none, the value if it has fewer digits) of a text of a spec or a dataset.

    Numbers are plain decimals, dates those of ISO 8601.
    """
    bare = text.strip(" ")
    if kind == "date":
        return (text, "", "") if not bare or is_iso(text) else ("", "not a date of ISO 8601", "")
    number = plain_number(bare)
    if number is None:
        return np.nan, "not a plain number" if bare else "", ""
    shortened = collected_digits(Decimal(bare))
    return float(shortened or number), "", shortened
