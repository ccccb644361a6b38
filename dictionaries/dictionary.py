"""A coding dictionary in memory: its entries, found by a code or a text of any level.

Not for reading its files (meddra.py, tables.py) nor for coding records (engine/derivations/coded.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

NO_ENTRIES = np.empty(0, dtype=np.int64)
NO_ENTRIES.flags.writeable = False


def folded(text: str) -> str:
    """A text as terms are compared: without regard to case, with single blanks, and one way to write a letter."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, eq=False)
class Dictionary:
    """The entries of a dictionary.

    ``levels``: level -> its text in each entry, as equally long arrays of str; the finest level first. ``main``: the
    entries that count if a record does not decide between several, as those of the primary SOC. ``current``: the
    entries that may still be used; others are reported. ``file``, ``line``: the place of each entry in its main file.
    """

    levels: Mapping[str, np.ndarray]
    main: np.ndarray
    current: np.ndarray
    file: str = ""
    line: np.ndarray = field(default_factory=lambda: NO_ENTRIES)
    _found: dict[str, dict[str, np.ndarray]] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.main)

    def find(self, level: str, text: str) -> np.ndarray:
        """The entries with a text at a level, in order; none for a missing text."""
        if level not in self._found:
            self._found[level] = _index(self.levels[level])
        return self._found[level].get(folded(text), NO_ENTRIES)

    def place(self, entry: int) -> str:
        """The file and line of an entry, ``llt.asc:26``; '' where they are not known."""
        return f"{self.file}:{int(self.line[entry])}" if len(self.line) else ""

    def narrowed(self, entries: np.ndarray) -> np.ndarray:
        """The main ones of some entries; all of them if none is."""
        main = entries[self.main[entries]]
        return main if len(main) else entries

    def texts(self, level: str, entries: np.ndarray) -> list[str]:
        """The different texts of some entries at a level, in the order of the entries."""
        return list(dict.fromkeys(self.levels[level][self.narrowed(entries)].tolist()))

    def is_current(self, entries: np.ndarray) -> bool:
        """Whether one of some entries may still be used."""
        return bool(self.current[entries].any())


def _index(texts: np.ndarray) -> dict[str, np.ndarray]:
    """Folded text -> the entries with it, in order; missing texts are left out."""
    if not len(texts):
        return {}
    codes, unique = pd.factorize(texts)
    names = [folded(t) for t in unique]
    again, names = pd.factorize(np.array(names, dtype=object))
    codes = again[codes]
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    starts = np.concatenate([[0], ends[:-1]])
    return {n: order[a:b] for n, a, b in zip(names.tolist(), starts.tolist(), ends.tolist(), strict=True) if n}


@dataclass(frozen=True)
class Disagreement:
    """A text that does not fit the dictionary or the entries found before. ``known``: the dictionary has the text.

    ``expected``: what the entries found before have at the level.
    """

    level: str
    text: str
    known: bool
    expected: tuple[str, ...] = ()


def look_up(dictionary: Dictionary, texts: Sequence[tuple[str, str]]) -> tuple[np.ndarray, list[Disagreement]]:
    """The entries with some texts (level, text), and the texts that do not fit; missing texts are skipped.

    The first text that the dictionary has decides. A later one narrows the entries, or does not agree.
    """
    entries, problems = NO_ENTRIES, []
    for level, text in texts:
        if not text.strip():
            continue
        found = dictionary.find(level, text)
        if not len(found):
            expected = tuple(dictionary.texts(level, entries)) if len(entries) else ()
            problems.append(Disagreement(level, text, False, expected))
        elif not len(entries):
            entries = found
        elif len(both := np.intersect1d(entries, found)):
            entries = both
        else:
            problems.append(Disagreement(level, text, True, tuple(dictionary.texts(level, entries))))
    return entries, problems
