"""The texts that replace a cell for each class of defect.

Not for choosing cells. Nothing here depends on how defects are found: a text is a defect by itself, by the notation of
the cell's site (its date format, its decimal sign). 03/04/2021 with day and month exchanged is no defect, because the
cell alone does not show it. Only texts that are no date in the notation of the site are offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ..subjects.tables import DATE_FORMATS, MONTHS

_FRENCH = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_REIWA = date(2019, 5, 1)  # first day of the era, whose first year is 2019
_SERIAL_0 = date(1899, 12, 30)  # day 0 of Excel's dates (1900 system) from 1900-03-01 on
_FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
_NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
#: date formats beside DATE_FORMATS that vendors write
_VENDOR = {"yyyymmdd": lambda d: f"{d.year}{d.month:02}{d.day:02}"}


@dataclass(frozen=True)
class Cell:
    """A clean cell. ``dates``: the date format of its site or vendor; ``comma``: its decimal sign is a comma;
    ``value``: the text of the recipe."""

    text: str
    dates: str
    comma: bool
    value: str

    @property
    def day(self) -> date | None:
        """The date in the cell, None where it holds none."""
        return parse_date(self.text, self.dates)

    @property
    def number(self) -> float | None:
        """The number in the cell, None where it holds none."""
        return parse_number(self.text)

    def spell(self, day: date) -> str:
        """``day`` as the cell's site writes it."""
        return write_date(day, self.dates)


def write_date(day: date, dates: str) -> str:
    """``day`` in a format of DATE_FORMATS or yyyymmdd."""
    return {**DATE_FORMATS, **_VENDOR}[dates](day)


def parse_date(text: str, dates: str) -> date | None:
    """The date that ``text`` is in the format ``dates``, None if it is none."""
    sign = next((s for s in "/.-" if s in dates), "")
    if dates == "yyyymmdd":
        parts = [text[:4], text[4:6], text[6:]] if len(text) == 8 else []
    else:
        parts = text.split(sign)
    words = dates.split(sign) if sign else ["yyyy", "mm", "dd"]
    if len(parts) != 3:
        return None
    found = dict(zip(words, parts, strict=True))
    try:
        month = MONTHS.index(found["mon"]) + 1 if "mon" in found else int(found["mm"])
        return date(int(found["yyyy"]), month, int(found["dd"]))
    except ValueError:
        return None


def parse_number(text: str) -> float | None:
    """The number that ``text`` is, with a decimal point or comma; None for any other text."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _dated(write: Callable[[Cell, date], list[str]]) -> Callable[[Cell], list[str]]:
    def offered(cell: Cell) -> list[str]:
        return write(cell, cell.day) if cell.day else []

    return offered


def _partial(c: Cell, d: date) -> list[str]:
    if c.value == "year":
        return [str(d.year)]
    if c.dates in ("yyyymmdd", "iso"):
        return [f"{d.year}-{d.month:02}"]
    return [f"UN/{MONTHS[d.month - 1]}/{d.year}"]


def _impossible(c: Cell, d: date) -> list[str]:
    if c.value == "30FEB":
        return [f"30FEB{d.year}"]
    return [_as(c.dates, d.year, 2, 30), _as(c.dates, d.year, 6, 31)]


def _as(dates: str, year: int, month: int, day: int) -> str:
    """A date that may not exist, in a format."""
    words = {"yyyy": f"{year:04}", "mm": f"{month:02}", "dd": f"{day:02}", "mon": (*MONTHS, "XXX")[min(month, 13) - 1]}
    return re.sub("yyyy|mon|mm|dd", lambda m: words[m[0]], dates)


def _sentinel(c: Cell, d: date) -> list[str]:
    numbers = [(1900, 1, 1), (9999, 12, 31), (1901, 1, 1)]
    text = [] if c.dates == "dd-mon-yyyy" else [_as(c.dates, 9999, 99, 99)]
    return [_as(c.dates, *n) for n in numbers] + text + ["ND", "NK"]


def _foreign(c: Cell, d: date) -> list[str]:
    out = [f"{d.year}.{d.month:02}.{d.day:02}"]
    if c.dates != "yyyymmdd":
        out.append(f"{d.year}{d.month:02}{d.day:02}")
    out += [str((d - _SERIAL_0).days), f"{d.year}年{d.month}月{d.day}日"]
    if d >= _REIWA:
        year = d.year - _REIWA.year + 1
        out.append(f"令和{'元' if year == 1 else year}年{d.month}月{d.day}日")
    out += [f"{d.isoformat()}T09:00+09:00", f"{d.day}-{_FRENCH[d.month - 1]}-{d.year}"]
    if d.day > 12:  # otherwise the other country's order gives a date too
        out.append(
            f"{d.day:02}/{d.month:02}/{d.year}" if c.dates == "mm/dd/yyyy" else f"{d.month:02}/{d.day:02}/{d.year}"
        )
    return out


def _two_digits(c: Cell, d: date) -> list[str]:
    return [c.spell(d).replace(str(d.year), f"{d.year % 100:02}", 1)]


def _future(c: Cell, d: date) -> list[str]:
    return [c.spell(date(year, d.month, min(d.day, 28))) for year in (2031, 2033, 2050, 2121)]


def _ambiguous(c: Cell, d: date) -> list[str]:
    if c.dates.startswith("mm"):
        return [f"??/{d.day:02}/{d.year}", f"{d.month:02}/--/{d.year}"]
    if c.dates.startswith("yyyy"):
        return [f"{d.year}-??-{d.day:02}", f"{d.year}-{d.month:02}-??"]
    return [f"{d.day:02}/??/{d.year}", f"--/{d.month:02}/{d.year}"]


def _decimal_comma(c: Cell) -> list[str]:
    return [c.text.replace(".", ",")] if not c.comma and re.fullmatch(r"[0-9]+\.[0-9]+", c.text) else []


def _thousands(c: Cell) -> list[str]:
    if c.number is None or c.number < 1000:
        return []
    whole, _, rest = c.text.replace(",", ".").partition(".")
    head, tail = whole[:-3], whole[-3:]
    # a decimal after the separator shows that it is no decimal sign; 1.250 alone would be a number
    return [f"{head}.{tail},{rest or 0}" if c.comma else f"{head},{tail}.{rest or 0}", f"{head} {tail}"]


def _scaled(c: Cell) -> list[str]:
    """The number times the recipe's factor, in the same decimals as far as they say something."""
    if c.number is None:
        return []
    number = f"{c.number * float(c.value):.2f}".rstrip("0").rstrip(".")
    return [number.replace(".", ",") if (c.comma and "," in c.text) or (c.comma and "." in number) else number]


def _mojibake(c: Cell) -> list[str]:
    try:
        return [c.text.encode().decode("cp1252")]
    except UnicodeDecodeError:
        return []


def _lost_zeros(c: Cell) -> list[str]:
    return [c.text.lstrip("0")] if c.text.isdecimal() and c.text.strip("0") else []


def _listed(c: Cell) -> list[str]:
    """The recipe's texts, divided by |."""
    return c.value.split("|")


def _number_only(write: Callable[[str], list[str]]) -> Callable[[Cell], list[str]]:
    def offered(cell: Cell) -> list[str]:
        return write(cell.text) if cell.number is not None else []

    return offered


#: class -> what may stand in the cell instead; nothing where the cell does not fit
OFFERED: dict[str, Callable[[Cell], list[str]]] = {
    "partial_date": _dated(_partial),
    "unknown_date": _dated(lambda c, d: ["UNK"]),
    "missing_date": _dated(lambda c, d: [""]),
    "impossible_date": _dated(_impossible),
    "sentinel_date": _dated(_sentinel),
    "foreign_date": _dated(_foreign),
    "two_digit_year": _dated(_two_digits),
    "future_date": _dated(_future),
    "ambiguous_part": _dated(_ambiguous),
    "trailing_blanks": lambda c: [c.text + "  "],
    "nbsp_padding": lambda c: [c.text + "\u00a0", "\u00a0" + c.text],
    "lower_case": lambda c: [c.text.lower()],
    "unmapped_code": _listed,
    "query_text": _listed,
    "unknown_visit": _listed,
    "excel_error": lambda c: ["#N/A", "#REF!", "#VALUE!"],
    "blank_item": lambda c: [""],
    "missing_unit": lambda c: [""],
    "decimal_comma": _decimal_comma,
    "thousands": _thousands,
    "full_width": _number_only(lambda t: [t.translate(_FULL_WIDTH)]),
    "approximate": _number_only(lambda t: [f"approx {t}", f"ca. {t}", f"{t}+"]),
    "number_sentinel": _listed,
    "implausible": _listed,
    "wrong_unit": lambda c: _scaled(c) if re.fullmatch(r"[0-9.]+", c.value) else _listed(c),
    "out_of_range_item": _listed,
    "lost_zeros": _lost_zeros,
    "letter_for_digit": lambda c: [c.text[:1].replace("0", "O") + c.text[1:], c.text.replace("0", "O", 1)],
    "mojibake": _mojibake,
    "exact_duplicate": lambda c: [""],
    "conflicting_duplicate": lambda c: _scaled(c) if re.fullmatch(r"[0-9]\.[0-9]+", c.value) else _listed(c),
    "unknown_subject": _listed,
}
