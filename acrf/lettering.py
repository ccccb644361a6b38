"""The letters of the annotated CRF: its fonts, the width of a text, its lines.

A letter that the fonts lack is written as its code point, <U+0627>, so that no letter vanishes. Fonts: DejaVu Sans
Condensed (fonts/LICENSE.txt) for Latin, Greek, Cyrillic and signs, embedded; for other letters the font of the study,
embedded too; for Chinese, Japanese and Korean without one the standard fonts of Adobe's character collections, which
the reader of PDF has. Not for the places of texts (layout.py).
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

from ..errors import InputError

PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
#: a longer text on a form ends with the number of its letters; the workbook has all of it
LONGEST = 2_000

#: standard font of a character collection (Adobe-GB1, -CNS1, -Japan1, -Korea1) -> the codec that has its letters
ASIAN = {"STSong-Light": "gbk", "MSung-Light": "big5", "HeiseiMin-W3": "shift_jis", "HYSMyeongJo-Medium": "euc_kr"}
_KANA, _HANGUL = re.compile("[\u3040-\u30ff\u31f0-\u31ff]"), re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
#: a letter as ``shown`` writes it where no font has it
_CODE = re.compile(r"<U\+([0-9A-F]{4,6})>")


@cache
def fonts() -> dict[str, Any]:
    """The fonts by name, registered with the writer of PDF."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    found = {name: TTFont(name, str(Path(__file__).parent / "fonts" / f"{name}.ttf")) for name in (PLAIN, BOLD)}
    for font in found.values():
        registerFont(font)
    return found


#: the font of the study by its name, while its annotated CRF is drawn
_FURTHER: dict[str, frozenset[int]] = {}


@contextmanager
def further_letters(font: Path | None) -> Iterator[None]:
    """Letters that DejaVu lacks come from the TrueType ``font`` of a study. Raises InputError for another file."""
    if font is None:
        yield
        return
    name, letters = _register_file(font)
    before = dict(_FURTHER)
    _FURTHER[name] = letters
    width.cache_clear()
    try:
        yield
    finally:
        _FURTHER.clear()
        _FURTHER.update(before)
        width.cache_clear()


def _register_file(path: Path) -> tuple[str, frozenset[int]]:
    """The name under which a font file is known to the writer of PDF, another for another file, and its letters."""
    from reportlab.pdfbase.pdfmetrics import getFont, getRegisteredFontNames, registerFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        name = f"Study-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        if name not in getRegisteredFontNames():  # to read a font takes longer than to draw with it
            registerFont(TTFont(name, str(path)))
        font = cast(TTFont, getFont(name))
    except (TTFError, struct.error, OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(
            f"{path}: this font cannot be embedded ({error}); name a TrueType font (.ttf) that allows it"
        ) from None
    return name, frozenset(font.face.charToGlyph)


def _further(letter: str) -> bool:
    """Whether a font beside DejaVu has a letter."""
    return bool(_font_of_study(letter) or _others(letter))


def _font_of_study(letter: str) -> str:
    """The font of the study that has a letter; '' for none."""
    return next((name for name, letters in _FURTHER.items() if ord(letter) in letters), "")


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
    if text.isprintable() and known.issuperset(map(ord, text)):
        return text
    drawn = (c if c.isprintable() and (ord(c) in known or _further(c)) else f"<U+{ord(c):04X}>" for c in text)
    return "".join(drawn)


def not_drawn(texts: Iterable[str]) -> list[str]:
    """The letters that ``shown`` has written as code points, each with its name, in order."""
    found = {int(code, 16) for text in texts for code in _CODE.findall(text)}
    return [f"U+{code:04X} {unicodedata.name(chr(code), 'control character')}" for code in sorted(found)]


def runs(text: str, font: str) -> list[tuple[str, str]]:
    """(font, part) of a text that ``shown`` has returned: parts with Chinese, Japanese or Korean have their font."""
    known = _letters()
    if known.issuperset(map(ord, text)):
        return [(font, text)]
    preferred = _preferred(text)
    found: list[tuple[str, str]] = []
    for letter in text:
        others = _others(letter)
        if ord(letter) in known:
            name = font
        elif (of_study := _font_of_study(letter)) or not others:
            name = of_study or font
        else:
            name = preferred if preferred in others else others[0]
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + letter)
        else:
            found.append((name, letter))
    for name, _ in found:
        if name in ASIAN:
            _register(name)
    return found


def _preferred(text: str) -> str:
    """The font for the ideographs of a text: kana are Japanese, hangul Korean; else the one that has most of them."""
    if _KANA.search(text):
        return "HeiseiMin-W3"
    if _HANGUL.search(text):
        return "HYSMyeongJo-Medium"
    counts = {name: sum(name in _others(c) for c in text) for name in ASIAN}
    return max(counts, key=lambda name: counts[name])


@lru_cache(maxsize=20_000)
def _others(letter: str) -> tuple[str, ...]:
    """The fonts of ``ASIAN`` that have a letter."""
    found = []
    for name, codec in ASIAN.items():
        try:
            if len(letter.encode(codec)) > 1:
                found.append(name)
        except UnicodeEncodeError:
            continue
    return tuple(found)


@cache
def _register(font: str) -> None:
    """Make a font of ``ASIAN`` known to the writer of PDF."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    registerFont(UnicodeCIDFont(font))


def not_embedded(texts: Iterable[str]) -> list[str]:
    """The fonts of texts that ``shown`` has returned which are not embedded."""
    return sorted({name for text in texts for name, _ in runs(text, PLAIN) if name in ASIAN})


def printable(text: str) -> str:
    """A text for files that hold all letters: only a control character is written as its code point."""
    return "".join(c if c.isprintable() or c == "\n" else f"<U+{ord(c):04X}>" for c in text)


@lru_cache(maxsize=20_000)
def width(text: str, font: str, size: float) -> float:
    """Width in points of a text that ``shown`` has returned."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    fonts()
    return sum(stringWidth(part, name, size) for name, part in runs(text, font))


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
            fits = _whole_codes(word, _fitting(word, font, size, room))
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


def _whole_codes(word: str, fits: int) -> int:
    """A number of letters that divides no code point; that of the code point itself where it comes first."""
    cut = next((m for m in _CODE.finditer(word) if m.start() < fits < m.end()), None)
    if cut is None:
        return fits
    return cut.start() or cut.end()
