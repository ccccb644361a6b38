"""Sets of formats that read one text as two dates: dates are written in each format and read by the others.

Not for reading texts of a study (reading.py).
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from functools import lru_cache

from .counts import Count, number_of
from .formats import DateFormat, FormatError, compile_format
from .month_names import month_name, plain
from .notation import Notation
from .reading import Found, read_with

#: days that separate orders and centuries; early days of decades, whose years may be numbers that count days
_DAYS = tuple(
    datetime.date(*day)
    for day in (
        (2001, 2, 3), (2012, 11, 12), (1912, 12, 11), (2010, 10, 20), (1999, 12, 31), (1971, 1, 2), (1905, 7, 13),
        (2024, 2, 29), (2045, 6, 7), (1950, 5, 5),
    )
)  # fmt: skip
_PARTS = {
    "year": ("yyyy", "yy"), "month": ("mm", "mon"), "day": ("dd", "doy"), "time": ("hh", "mi", "ss"),
}  # fmt: skip


@lru_cache(maxsize=1024)
def ambiguous(formats: tuple[str, ...], notation: Notation) -> tuple[str, str, str, str, str] | None:
    """(format, other format, text, date, other date) of a text that two formats of a set read differently; else None.

    Texts with unknown parts count too, where words for unknown parts are declared.
    """
    compiled = [compile_format(f, notation) for f in formats]
    for first, second in itertools.permutations(compiled, 2):
        if first == second:
            continue
        for text in dict.fromkeys(_texts(first, notation)):
            mine, other = read_with(text, first, notation), read_with(text, second, notation)
            if mine is not None and other is not None and mine.possible and other.possible and _differ(mine, other):
                return first.text, second.text, text, mine.iso, other.iso
    return None


def _differ(mine: Found, other: Found) -> bool:
    return bool(mine.iso) and bool(other.iso) and mine.iso != other.iso


def format_problems(formats: tuple[str, ...], notation: Notation) -> Iterator[str]:
    """The mistakes in a set of formats: formats that cannot be read, and two formats that read one text differently."""
    good = []
    for text in formats:
        try:
            compile_format(text, notation)
            good.append(text)
        except FormatError as error:
            yield str(error)
    clash = ambiguous(tuple(dict.fromkeys(good)), notation)
    if clash:
        first, second, text, date, other = clash
        advice = "declare one of them, or choose with by: or columns:"
        if len(date) < 10 or len(other) < 10:
            advice = "declare by unknown: {year: [...], month: [...], day: [...]} which words mean which part"
        if isinstance(compile_format(first, notation), Count) or isinstance(compile_format(second, notation), Count):
            advice += "; counted: limits the days that a number may mean"
        yield f"{first} and {second} read '{text}' as different days, {date} and {other}: {advice}"


def _texts(form: DateFormat | Count, notation: Notation) -> Iterator[str]:
    """Dates written in a format, complete and with each part unknown in each declared word."""
    for day in _DAYS:
        if isinstance(form, Count):
            yield number_of(day, form)
            continue
        for language in notation.languages:
            yield _written(form, day, language, {})
    if isinstance(form, Count):
        return
    tokens = [t for names in _PARTS.values() for t in names if t in form.tokens]
    dated = [t for t in tokens if t not in _PARTS["time"]]
    for day in _DAYS[:3]:
        for size in range(1, len(dated) + 1):
            for unknown in itertools.combinations(dated, size):
                choices = [notation.words(token) for token in unknown]
                for words in itertools.islice(zip(*map(itertools.cycle, choices), strict=False), _most(choices)):
                    yield _written(form, day, notation.languages[0], dict(zip(unknown, words, strict=True)))


def _most(choices: list[tuple[str, ...]]) -> int:
    return max(map(len, choices)) if all(choices) else 0


def _written(form: DateFormat, day: datetime.date, language: str, unknown: dict[str, str]) -> str:
    parts = {
        "yyyy": f"{day.year:04}", "yy": f"{day.year % 100:02}", "mm": f"{day.month:02}", "dd": f"{day.day:02}",
        "mon": month_name(day.month, language), "doy": f"{day.timetuple().tm_yday:03}", "hh": "10", "mi": "11",
        "ss": "12", "am": "AM", "tz": "+01:00",
    } | unknown  # fmt: skip
    return plain("".join(parts[piece] if token else piece for piece, token in form.pieces))
