"""Names of months in the languages that a spec can declare: full and short, without accents and dots.

Names are compared as ``plain`` writes them, in small letters, so that MÄR, Mär. and mar are one. Not for formats.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: language (ISO 639-1) -> the names of each month from January on; the first name is used to write a date
_NAMES = {
    "en": "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|"
    "oct october|nov november|dec december",
    "de": "jan jän januar jänner|feb feber februar|mär mrz märz maer maerz|apr april|mai|jun juni|jul juli|"
    "aug august|sep sept september|okt oktober|nov november|dez dezember",
    "fr": "janv jan janvier|févr fév fev février|mars mar|avr avril|mai|juin jun|juil jul juillet|août aou aoû|"
    "sept sep septembre|oct octobre|nov novembre|déc décembre",
    "es": "ene enero|feb febrero|mar marzo|abr abril|may mayo|jun junio|jul julio|ago agosto|"
    "sep sept set septiembre setiembre|oct octubre|nov noviembre|dic diciembre",
    "it": "gen gennaio|feb febbraio|mar marzo|apr aprile|mag maggio|giu giugno|lug luglio|ago agosto|"
    "set sett settembre|ott ottobre|nov novembre|dic dicembre",
    "pt": "jan janeiro|fev fevereiro|mar março|abr abril|mai maio|jun junho|jul julho|ago agosto|"
    "set setembro|out outubro|nov novembro|dez dezembro",
    "ja": "1月 一月|2月 二月|3月 三月|4月 四月|5月 五月|6月 六月|7月 七月|8月 八月|9月 九月|10月 十月|"
    "11月 十一月|12月 十二月",
}
LANGUAGES = tuple(_NAMES)
NAMES_OF_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "ja": "Japanese",
}  # fmt: skip


def plain(text: str) -> str:
    """A text without accents. Digits and letters of other scripts do not change."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if unicodedata.category(c) != "Mn"))


@lru_cache(maxsize=64)
def month_numbers(languages: tuple[str, ...]) -> dict[str, int]:
    """Name (plain, in small letters, without a dot) -> number of the month, in any of the languages."""
    found: dict[str, int] = {}
    for language in languages:
        for number, names in enumerate(_NAMES[language].split("|"), start=1):
            found |= dict.fromkeys((plain(n).casefold() for n in names.split()), number)
    return found


def month_name(number: int, language: str) -> str:
    """The short name of a month as a site may write it: Mar, Mär, 3月."""
    return _NAMES[language].split("|")[number - 1].split()[0].capitalize()


def language_of(word: str) -> str:
    """A language in which a word is the name of a month; '' for none."""
    bare = plain(word).casefold().rstrip(".")
    return next((language for language in LANGUAGES if bare in month_numbers((language,))), "")
