"""Formats of dates as users write them, compiled: dd/mm/yyyy, dd-mon-yy hh:mi am, yyyyddd, yyyy年mm月dd日, excel-1900.

Not for reading a text (reading.py) nor for numbers that count days (counts.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .clock import MARKS, OFFSET, SECONDS
from .counts import Count, count_format
from .month_names import plain
from .notation import Notation

_PIECES = re.compile(
    r"'[^']*'|yyyy|yy|doy|mon|mm|dd|hh|mi|ss|am|tz|T(?=hh)|[A-Za-z]+|[^A-Za-z]", re.IGNORECASE | re.DOTALL
)
#: token -> the pattern of its texts
_TOKENS = {
    "yyyy": r"\d{4}", "yy": r"\d{2}", "mm": r"\d{1,2}", "dd": r"\d{1,2}", "doy": r"\d{1,3}", "hh": r"\d{1,2}",
    "mi": r"\d{2}", "ss": SECONDS, "mon": r"[A-Za-z]{3,10}\.?", "am": MARKS, "tz": OFFSET,
}  # fmt: skip
#: the same where digits follow or go before without a separator
_FIXED = {"mm": r"\d{2}", "dd": r"\d{2}", "doy": r"\d{3}", "hh": r"\d{2}"}
_OF_DIGITS = frozenset(["yyyy", "yy", "mm", "dd", "doy", "hh", "mi", "ss"])
_KANJI = r"|(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月"
MEANINGS = "yyyy, yy, mm, mon, dd, doy, hh, mi, ss, am, tz"


class FormatError(ValueError):
    """A date format that cannot be used."""


@dataclass(frozen=True)
class DateFormat:
    """A compiled format. ``pieces``: its tokens and literal texts in order, each with whether it is a token.

    ``unknown``: token to the words, plain and casefolded, for a part that is not known. ``short``: the expression with
    a year of two digits where the format has four, to recognise such a year.
    """

    text: str
    pieces: tuple[tuple[str, bool], ...]
    expression: re.Pattern[str]
    short: re.Pattern[str] | None
    unknown: Mapping[str, frozenset[str]]

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(piece for piece, token in self.pieces if token)


@lru_cache(maxsize=1024)
def compile_format(text: str, notation: Notation | None = None) -> DateFormat | Count:
    """Compile a format. FormatError names its mistake, or the declaration that ``notation`` lacks for it."""
    notation = notation or Notation()
    if not text or len(text) > 40:
        raise FormatError("a date format has 1 to 40 characters, such as dd/mm/yyyy")
    try:
        count = count_format(text)
    except ValueError:
        raise FormatError(f"{text} counts from a day that the calendar does not have") from None
    if count is not None:
        return count
    pieces = _pieces(text)
    tokens = [piece for piece, token in pieces if token]
    _check(text, tokens, notation)
    expression = _expression(pieces, notation)
    short = _expression(pieces, notation, short=True) if "yyyy" in tokens else None
    unknown = {token: frozenset(plain(w).casefold() for w in notation.words(token)) for token in tokens}
    return DateFormat(text, pieces, expression, short, unknown)


def _pieces(text: str) -> tuple[tuple[str, bool], ...]:
    out: list[tuple[str, bool]] = []
    for match in _PIECES.finditer(text):
        piece = match.group()
        name = piece.lower()
        if name in _TOKENS:
            if (name, True) in out:
                hint = "; minutes are mi" if name == "mm" else ""
                raise FormatError(f"'{piece}' occurs twice in {text}{hint}")
            out.append((name, True))
        elif piece.startswith("'") and len(piece) > 1:
            out.append((piece[1:-1], False))
        elif piece.isdigit():
            raise FormatError(f"'{piece}' in {text} is a digit; put literal digits between ' and '")
        elif piece.isascii() and piece.isalpha() and piece.upper() != "T":
            raise FormatError(f"'{piece}' in {text} is not one of {MEANINGS}; put words between ' and '")
        else:
            out.append((piece, False))
    return tuple(out)


def _check(text: str, tokens: list[str], notation: Notation) -> None:
    """FormatError where the parts of a format do not go together, or need a declaration that is not there."""
    if "yyyy" not in tokens and "yy" not in tokens:
        raise FormatError(f"{text} has no yyyy, and no yy with a pivot: that decides the century")
    for pair in (("yyyy", "yy"), ("mm", "mon"), ("doy", "mm"), ("doy", "mon"), ("doy", "dd")):
        if set(pair) <= set(tokens):
            raise FormatError(f"{text} has both {pair[0]} and {pair[1]}")
    for token, needed in (("mi", "hh"), ("ss", "mi"), ("am", "hh"), ("tz", "mi")):
        if token in tokens and needed not in tokens:
            raise FormatError(f"{text} has {token} without {needed}")
    if "dd" in tokens and not {"mm", "mon"} & set(tokens):
        raise FormatError(f"{text} has dd without mm or mon")
    if "hh" in tokens and not {"dd", "doy"} & set(tokens):
        raise FormatError(f"{text} has hh without dd or doy")
    if "yy" in tokens:
        if notation.pivot is None:
            message = f"{text} has yy, a year of two digits, which does not show its century: declare pivot:, the first"
            raise FormatError(f"{message} of the hundred years that two digits mean, or write yyyy")
        digits = [w for w in notation.unknown[0] if w.isascii() and w.isdigit() and len(w) == 2]
        if digits:
            raise FormatError(f"{text} has yy, and '{digits[0]}' would be both a year and an unknown part")


def _expression(pieces: tuple[tuple[str, bool], ...], notation: Notation, *, short: bool = False) -> re.Pattern[str]:
    pattern = ""
    for at, (piece, token) in enumerate(pieces):
        if not token:
            pattern += re.escape(plain(piece))
            continue
        beside = [pieces[i] for i in (at - 1, at + 1) if 0 <= i < len(pieces)]
        touching = any(is_token and name in _OF_DIGITS for name, is_token in beside)
        part = _FIXED.get(piece, _TOKENS[piece]) if touching else _TOKENS[piece]
        if piece == "mon" and "ja" in notation.languages and not touching:
            part += _KANJI
        if short and piece == "yyyy":
            part = r"\d{2}"
        words = sorted(notation.words(piece), key=len, reverse=True)
        pattern += f"(?P<{piece}>{part}" + "".join(f"|{re.escape(plain(w))}" for w in words) + ")"
    return re.compile(pattern, re.IGNORECASE | re.ASCII)
