"""The declarations of dates other than their formats: words for unknown parts, pivot of years, languages, offsets.

Not for the formats (formats.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ...mappings.models.dates import UNKNOWN_PARTS, DatesSpec
from .month_names import LANGUAGES

#: token of a format -> the part of a date whose unknown words can replace it
PART_OF = {
    "yyyy": "year", "yy": "year", "mm": "month", "mon": "month", "dd": "day", "doy": "day",
    "hh": "time", "mi": "time", "ss": "time", "am": "time",
}  # fmt: skip
#: token -> the number of digits of a word of digits that can replace it
_DIGITS = {"yyyy": (4,), "mm": (1, 2), "mon": (1, 2, 3), "dd": (1, 2), "doy": (3,), "hh": (2,), "mi": (2,), "ss": (2,)}
_HIGHEST = {"hh": 23, "mi": 59, "ss": 59}
FIRST_COUNTED, LAST_COUNTED = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)


@dataclass(frozen=True)
class Notation:
    """All declarations of dates but the format. Hashable, since a text is read one time per format and notation.

    ``unknown``: (year, month, day, time), the words of each part that is not known. ``missing``: whole texts that mean
    no date. ``pivot``: the first of the hundred years that two digits mean. ``counted``: first and last day that a
    number which counts days or seconds may mean.
    """

    unknown: tuple[tuple[str, ...], ...] = ((), (), (), ())
    missing: tuple[str, ...] = ()
    pivot: int | None = None
    languages: tuple[str, ...] = ("en",)
    offset: Literal["keep", "drop"] = "keep"
    counted: tuple[datetime.date, datetime.date] = (FIRST_COUNTED, LAST_COUNTED)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:  # a text is looked up by its notation again and again
        return hash((self.unknown, self.missing, self.pivot, self.languages, self.offset, self.counted))

    @classmethod
    def of(cls, spec: DatesSpec) -> Notation:
        """The declarations of ``dates:`` of a source or study."""
        return cls(
            tuple(spec.unknown_of(part) for part in UNKNOWN_PARTS),
            spec.missing,
            spec.pivot,
            spec.languages,
            spec.offset,
            (spec.counted or (FIRST_COUNTED, LAST_COUNTED))[:2],  # pyright: ignore[reportArgumentType]
        )

    @classmethod
    def with_unknown(cls, words: Iterable[str]) -> Notation:
        """A notation with words for any part, and without other declarations."""
        return cls((tuple(words),) * len(UNKNOWN_PARTS))

    def words(self, token: str) -> tuple[str, ...]:
        """The words for an unknown part of a token.

        A word of digits replaces a part that is written with as many digits. It never replaces a possible hour, minute
        or second such as 00.
        """
        part = PART_OF.get(token)
        if part is None:
            return ()
        return tuple(w for w in self.unknown[UNKNOWN_PARTS.index(part)] if self._fits(w, token))

    @staticmethod
    def _fits(word: str, token: str) -> bool:
        if not (word.isascii() and word.isdigit()):
            return True
        return len(word) in _DIGITS.get(token, ()) and int(word) > _HIGHEST.get(token, -1)

    @property
    def every_word(self) -> frozenset[str]:
        """All words for an unknown part or for no date, casefolded."""
        return frozenset(w.casefold() for words in (*self.unknown, self.missing) for w in words)


#: for the formats of a rule alone, whose source may declare a pivot and any language
ANYTHING = Notation(pivot=1900, languages=LANGUAGES)
