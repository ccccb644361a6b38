"""A text longer than XPT holds (200 bytes) in parts, cut between words.

Not for the variables or records of the parts: long_text.py and further_qualifiers.py.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..engine.columns import column as col

LIMIT = 200


def split_text(text: str, limit: int = LIMIT) -> list[str]:
    """The parts of a text, each of at most ``limit`` bytes and cut at a blank, which no part has.

    A word that does not fit is cut inside. Only such a part has exactly ``limit`` bytes and another part after it, so
    ``join_parts`` knows where a blank was. Trailing blanks are removed, as XPT has none. A split text has no run of
    blanks that is longer than the most blanks that a part can begin with: no part is of blanks alone.
    """
    text = text.rstrip(" ")
    if len(text.encode()) > limit:
        text = long_blanks(limit).sub(" " * most_blanks(limit), text)
    parts = []
    while len(text.encode()) > limit:
        whole = text.encode()[:limit].decode(errors="ignore")
        # a blank after a word: the part before it is shorter than the limit and ends in no blank
        cut = next((i for i in range(len(whole) - 1, 0, -1) if whole[i] == " " and whole[i - 1] != " "), 0)
        if cut:
            parts.append(whole[:cut])
            text = text[cut + 1 :]
        else:
            parts.append(whole)
            text = text[len(whole) :]
    return [*parts, text]


def most_blanks(limit: int = LIMIT) -> int:
    """The most blanks that a part can begin with: a character of up to four bytes follows them."""
    return limit - 4


@functools.lru_cache
def long_blanks(limit: int) -> re.Pattern[str]:
    """A run of blanks that no part can begin with."""
    return re.compile(f" {{{most_blanks(limit) + 1},}}")


def join_parts(parts: list[str], limit: int = LIMIT) -> str:
    """The ASCII text of these parts; the inverse of ``split_text``."""
    return "".join(p if len(p) == limit else f"{p} " for p in parts[:-1]) + "".join(parts[-1:])


@dataclass
class LongTexts:
    """The long texts of one variable: parts per unique text, and the code of each record's text."""

    codes: np.ndarray
    parts: list[list[str]]

    def part(self, number: int) -> pd.Series:
        """Part ``number`` (0: the first) of each record; '' for a record with fewer parts."""
        return col.join_text(self.codes, [p[number] if number < len(p) else "" for p in self.parts])

    @property
    def most(self) -> int:
        """The number of parts of the longest text."""
        return max((len(p) for p in self.parts), default=1)

    @property
    def records(self) -> np.ndarray:
        """Where a record has more than one part."""
        return np.array([len(p) > 1 for p in self.parts], dtype=bool)[self.codes]


def long_texts(column: pd.Series) -> LongTexts | None:
    """The texts of a column in parts; None where none is longer than the limit."""
    codes, texts = col.split_text(column)
    occurs = np.bincount(codes, minlength=len(texts)) > 0
    if not any(o and len(t) > LIMIT // 4 and len(t.encode()) > LIMIT for o, t in zip(occurs, texts, strict=True)):
        return None
    return LongTexts(codes, [split_text(t) if o else [""] for o, t in zip(occurs, texts, strict=True)])
