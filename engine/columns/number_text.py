"""Reads one number text: of a source by its declared marks, exactly; of a spec or a dataset as plain decimals.

Not for the marks of a column (engine/derivations/numbers.py) nor for units (sdtm/derivations/units.py). A text that
the declared marks do not read is no number: nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

#: comparison signs before a number, as they are written in --STRESC
_SIGNS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}
_SIGN = re.compile(r"(<=|>=|=<|=>|<|>|≤|≥)\s*")
_MINUS = "\u2212"
#: enough for any conversion; results are cut to fewer digits afterwards
EXACT = Context(prec=40, rounding=ROUND_HALF_UP)


_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class NumberText:
    """A number text as read. ``value``: None if it is no number; ``sign``: '<' of <0.1, '' of a plain number.

    ``widened``: it was written with full-width characters.
    """

    value: Decimal | None
    sign: str = ""
    widened: bool = False

    @property
    def plain(self) -> str:
        """The number as plain decimals with its sign, '' for no number."""
        return "" if self.value is None else self.sign + decimal_text(self.value)


def plain_number(text: str) -> float | None:
    """The number of plain decimals (12, -1.5, .5, 1e3); None for any other text, and for a number beyond float64."""
    if not _PLAIN.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


@lru_cache(maxsize=1 << 16)
def read_number(text: str, decimal: str = ".", thousands: str = "") -> NumberText:
    """The number of ``text`` with these marks.

    Reads 12, -1.5, .5, 1e3, <0.1, >= 80 with blanks around; full-width digits and signs as their plain forms. A blank
    as separator may also be a no-break or thin one. Groups are of three digits, complete or absent.

    See docs/semantics.md S12.
    """
    narrow = _narrow(text)
    widened = narrow != text
    body = narrow.strip()
    match = _SIGN.match(body)
    sign = _SIGNS[match[1]] if match else ""
    body = body[match.end() :] if match else body
    if body.startswith(_MINUS):
        body = "-" + body[1:]
    if thousands == " ":
        body = re.sub("[\u00a0\u2009\u202f]", " ", body)
    parts = _pattern(decimal, thousands).fullmatch(body)
    if parts is None:
        return NumberText(None, "", widened)
    whole, fraction, exponent = parts["whole"] or "", parts["fraction"] or "", parts["exponent"]
    if thousands:
        whole = whole.replace(thousands, "")
    number = Decimal(f"{parts['minus']}{whole or '0'}.{fraction}E{exponent or '0'}")
    return NumberText(number, sign, widened)


@lru_cache(maxsize=32)
def _pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    mark = re.escape(decimal)
    digits = rf"(?P<whole>{whole})?(?:{mark}(?P<fraction>\d*))?"
    return re.compile(rf"(?P<minus>[+-]?)(?=(?:\d|{mark}\d)){digits}(?:[eE](?P<exponent>[+-]?\d{{1,2}}))?", re.ASCII)


def _narrow(text: str) -> str:
    """Full-width characters as their plain forms (NFKC); raised and lowered digits stay, they are no plain digits."""
    if text.isascii():
        return text
    return "".join(
        unicodedata.normalize("NFKC", c) if unicodedata.decomposition(c).startswith("<wide>") or c == "\u3000" else c
        for c in text
    )


def with_point(text: str, decimal: str, thousands: str) -> str:
    """A number text as it was written, but for its marks: a point, and nothing between groups of three digits."""
    if decimal == "." and not thousands:
        return text
    narrow = _narrow(text)
    if thousands == " ":
        body = narrow.strip()
        gap = "[ \u00a0\u2009\u202f](?=[0-9]{3})"
        narrow = re.sub(rf"(?<=[0-9]){gap}", "", body)
    elif thousands:
        narrow = narrow.replace(thousands, "")
    return narrow.replace(decimal, ".")


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent and without zeros at the end: 3.5, 1200, 0.01, 0."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def written_digits(value: Decimal) -> int:
    """How many significant digits a number was written with: 3 for 2.38, 109 and 0.500."""
    return len(value.as_tuple().digits)


def rounded(value: Decimal, digits: int) -> Decimal:
    """``value`` with at most ``digits`` significant digits, half up."""
    return Context(prec=digits, rounding=ROUND_HALF_UP).plus(value)


def fewer_digits(stored: str) -> str:
    """The message of R2A-NUM-007. ``stored``: the number with the digits that remain."""
    return f"a number with more digits than are kept: {stored}"
