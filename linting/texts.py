"""The texts that a column or variable can contain: a set of texts, its union, and the cells of raw sources.

A column of which nothing is known is open: any text is possible. Not for the texts of a study's columns
(known_texts.py) and rules (rule_texts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col
from ..engine.tables.table import stripped
from ..sources.table import RawTable

_NUMBER = re.compile(r"\s*(<=?|>=?)?\s*[+-]?[0-9][0-9.,' ]*([eE][+-]?[0-9]+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Texts:
    """Texts that a column can contain. ``starts``: also any text with this beginning; ``numbers``: also any number.

    ``seen``: they are the texts of the raw cells; another export may contain others.
    """

    values: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    numbers: bool = False
    seen: bool = False

    def holds(self, text: str) -> bool:
        """Whether the column can contain this text; trailing blanks do not count."""
        text = text.rstrip(" ")
        return text in self.values or text.startswith(self.starts) or (self.numbers and bool(_NUMBER.fullmatch(text)))

    def any(self, test: Callable[[str], bool]) -> bool:
        """Whether one of the texts passes a test; True if not all texts are known."""
        return bool(self.starts) or self.numbers or any(test(t) for t in self.values)

    def mapped(self, change: Callable[[str], str]) -> Texts:
        starts = tuple(change(t) for t in self.starts)
        return Texts(frozenset(change(t) for t in self.values), starts, self.numbers, self.seen)


#: nothing is known: any text is possible
OPEN = None
#: a column with more different texts than this is free text, which is open
MOST = 20_000


class RawCells:
    """The cells of the raw sources that are available, counted at the first use of a column."""

    def __init__(self, tables: Mapping[str, RawTable]):
        self._frames = {n: t.frame for n, t in tables.items() if t.present}
        self._counted: dict[tuple[str, str], dict[str, int]] = {}

    def has(self, source: str, column: str) -> bool:
        return source in self._frames and column in self._frames[source].columns

    def of(self, source: str, column: str) -> Mapping[str, int]:
        """Text without blanks around it -> number of cells; {} for free text and for an unknown column."""
        key = source, column
        if key not in self._counted:
            self._counted[key] = self._count(source, column) if self.has(source, column) else {}
        return self._counted[key]

    def _count(self, source: str, column: str) -> dict[str, int]:
        codes, texts = col.split_text(stripped(pd.Series(self._frames[source][column])))
        if len(texts) > MOST:
            return {}
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        return {str(t): int(n) for t, n in zip(texts, counts, strict=True) if n}


def together(parts: Iterable[Texts | None]) -> Texts | None:
    """The texts that any of several columns can contain."""
    values: set[str] = set()
    starts: dict[str, None] = {}
    numbers, seen = False, False
    for part in parts:
        if part is None:
            return OPEN
        values |= part.values
        starts |= dict.fromkeys(part.starts)
        numbers |= part.numbers
        seen |= part.seen
    return Texts(frozenset(values), tuple(starts), numbers, seen)


def only(*texts: str) -> Texts:
    return Texts(frozenset(texts))


#: functions of one text whose result is one text
CHANGES: Mapping[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "strip": str.strip}
