"""The categories, and the text of the reason for the category of an evaluation.

Not for deciding the category: response.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...mappings.models.response_criteria import LevelLimits
from .progression import Line

SCR, CR, VGPR, PR, MR, SD, PD, NE = range(1, 9)
CATEGORIES = ("", "sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE")
#: bytes of a text variable in XPT
LONGEST = 200


class Reasons:
    """Phrases and where they hold. The text of each combination that occurs is built one time."""

    def __init__(self, n: int):
        self.n = n
        self.phrases: list[tuple[str, np.ndarray, int]] = []

    def add(self, phrase: str, where: np.ndarray, level: int = 0, *, first: bool = False) -> None:
        """``level``: the phrase is written only where the category is this level; 0: always."""
        self.phrases.insert(0 if first else len(self.phrases), (phrase, where, level))

    def each(self, name: str, level: np.ndarray, limits: LevelLimits) -> None:
        """One phrase per level that a test reached."""
        for text, code in (("VGPR", VGPR), ("PR", PR), ("MR", MR)):
            limit = getattr(limits, text)
            if limit is not None:
                self.add(f"{name} {limit} % DOWN", level == code, level=code)
        self.add(f"{name} LESS DOWN", level == SD, level=SD)


def reason_texts(category: np.ndarray, progressed: np.ndarray, lines: Sequence[Line], reasons: Reasons) -> np.ndarray:
    """Text of each evaluation: the category and the phrases that led to it."""
    phrases = [(line.phrase, line.met) for line in lines]
    phrases += [(p, w & ~progressed & ((category == level) | (level == 0))) for p, w, level in reasons.phrases]
    bits = np.zeros((len(category), len(phrases) + 1), "uint8")
    bits[:, 0] = category
    for number, (_, where) in enumerate(phrases, 1):
        bits[:, number] = where
    unique, inverse = np.unique(bits, axis=0, return_inverse=True) if len(category) else (bits, np.zeros(0, "int64"))
    texts = [_text(CATEGORIES[row[0]], [phrases[i][0] for i in np.flatnonzero(row[1:])]) for row in unique]
    return np.array(texts, dtype=object)[inverse.ravel()] if texts else np.zeros(0, dtype=object)


def _text(category: str, phrases: list[str]) -> str:
    """``VGPR: SERUM >= 90 % DOWN; NO CR: ...``, with the number of phrases that do not fit."""
    phrases = list(dict.fromkeys(phrases))
    for shown in range(len(phrases), 0, -1):
        more = f"; {len(phrases) - shown} MORE" if shown < len(phrases) else ""
        text = f"{category.upper()}: {'; '.join(phrases[:shown])}{more}"
        if len(text) <= LONGEST:
            return text
    return category.upper()
