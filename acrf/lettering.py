"""The letters of the annotated CRF: its two fonts, the width of a text, its lines.

A letter that the fonts lack is written as its code point, <U+65E5>, so that no letter vanishes. Fonts: DejaVu Sans
Condensed (fonts/LICENSE.txt): Latin, Greek, Cyrillic and signs. Not for the places of texts (layout.py).
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
#: a longer text on a form ends with the number of its letters; the workbook has all of it
LONGEST = 2_000


@cache
def fonts() -> dict[str, Any]:
    """The fonts by name, registered with the writer of PDF."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    found = {name: TTFont(name, str(Path(__file__).parent / "fonts" / f"{name}.ttf")) for name in (PLAIN, BOLD)}
    for font in found.values():
        registerFont(font)
    return found


@cache
def _letters() -> frozenset[int]:
    """The code points that both fonts have."""
    plain, bold = (set(font.face.charToGlyph) for font in fonts().values())
    return frozenset(plain & bold)


def shown(text: str) -> str:
    """A text as a form shows it: composed letters, single blanks, a letter that the fonts lack as its code point."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}... ({len(text)} letters)"
    known = _letters()
    return "".join(c if ord(c) in known and c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def printable(text: str) -> str:
    """A text for files that hold all letters: only a control character is written as its code point."""
    return "".join(c if c.isprintable() or c == "\n" else f"<U+{ord(c):04X}>" for c in text)


@lru_cache(maxsize=20_000)
def width(text: str, font: str, size: float) -> float:
    """Width in points of a text that ``shown`` has returned."""
    return fonts()[font].stringWidth(text, size)


def lines(text: str, font: str, size: float, room: float) -> list[str]:
    """A text in lines of at most ``room`` points, broken at blanks, and within a word that is longer than a line."""
    out: list[str] = []
    line = ""
    for word in shown(text).split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, font, size) <= room:
            line = longer
            continue
        if line:
            out.append(line)
        while width(word, font, size) > room:
            fits = _fitting(word, font, size, room)
            out.append(word[:fits])
            word = word[fits:]
        line = word
    return [*out, line] if line or not out else out


def _fitting(word: str, font: str, size: float, room: float) -> int:
    """How many letters of a word fit into ``room``; at least one."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(word[:middle], font, size) <= room else (low, middle - 1)
    return low
