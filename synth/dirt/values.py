"""The texts with a defect that can replace the text of a cell, per class of defect.

Not for which cells (apply.py), nor for how defects are found. A text is a defect by itself, for a reader who knows the
date format and the decimal sign of the site. So 03/04/2021 with day and month exchanged is no defect: it is a valid
date of the site. A date in another order is used only where the site cannot read it as a date.
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
    """A clean cell. ``dates``: how its site or vendor writes dates; ``comma``: its decimal sign is a comma;
    ``value``: from the recipe."""

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
    """The date of ``text`` in the format ``dates``, None if it is no date."""
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
    """The number of ``text``, with a decimal point or comma; None for any other text."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _dated(write: Callable[[Cell, date], list[str]]) -> Callable[[Cell], list[str]]:
    def offered(cell: Cell) -> list[str]:
        return write(cell, cell.day) if cell.day else []

    return offered


def _partial(cell: Cell, day: date) -> list[str]:
    if cell.value == "year":
        return [str(day.year)]
    if cell.dates in ("yyyymmdd", "iso"):
        return [f"{day.year}-{day.month:02}"]
    return [f"UN/{MONTHS[day.month - 1]}/{day.year}"]


def _impossible(cell: Cell, day: date) -> list[str]:
    if cell.value == "30FEB":
        return [f"30FEB{day.year}"]
    return [_as(cell.dates, day.year, 2, 30), _as(cell.dates, day.year, 6, 31)]


def _as(dates: str, year: int, month: int, day: int) -> str:
    """The text of a date, which need not exist, in a format."""
    words = {"yyyy": f"{year:04}", "mm": f"{month:02}", "dd": f"{day:02}", "mon": (*MONTHS, "XXX")[min(month, 13) - 1]}
    return re.sub("yyyy|mon|mm|dd", lambda m: words[m[0]], dates)


def _sentinel(cell: Cell, day: date) -> list[str]:
    numbers = [(1900, 1, 1), (9999, 12, 31), (1901, 1, 1)]
    text = [] if cell.dates == "dd-mon-yyyy" else [_as(cell.dates, 9999, 99, 99)]
    return [_as(cell.dates, *n) for n in numbers] + text + ["ND", "NK"]


def _foreign(cell: Cell, day: date) -> list[str]:
    out = [f"{day.year}.{day.month:02}.{day.day:02}"]
    if cell.dates != "yyyymmdd":
        out.append(f"{day.year}{day.month:02}{day.day:02}")
    out += [str((day - _SERIAL_0).days), f"{day.year}年{day.month}月{day.day}日"]
    if day >= _REIWA:
        year = day.year - _REIWA.year + 1
        out.append(f"令和{'元' if year == 1 else year}年{day.month}月{day.day}日")
    out += [f"{day.isoformat()}T09:00+09:00", f"{day.day}-{_FRENCH[day.month - 1]}-{day.year}"]
    if day.day > 12:  # otherwise the order of the other country is a valid date too
        out.append(
            f"{day.day:02}/{day.month:02}/{day.year}"
            if cell.dates == "mm/dd/yyyy"
            else f"{day.month:02}/{day.day:02}/{day.year}"
        )
    return out


def _two_digits(cell: Cell, day: date) -> list[str]:
    return [cell.spell(day).replace(str(day.year), f"{day.year % 100:02}", 1)]


def _future(cell: Cell, day: date) -> list[str]:
    return [cell.spell(date(year, day.month, min(day.day, 28))) for year in (2031, 2033, 2050, 2121)]


def _ambiguous(cell: Cell, day: date) -> list[str]:
    if cell.dates.startswith("mm"):
        return [f"??/{day.day:02}/{day.year}", f"{day.month:02}/--/{day.year}"]
    if cell.dates.startswith("yyyy"):
        return [f"{day.year}-??-{day.day:02}", f"{day.year}-{day.month:02}-??"]
    return [f"{day.day:02}/??/{day.year}", f"--/{day.month:02}/{day.year}"]


def _decimal_comma(cell: Cell) -> list[str]:
    return [cell.text.replace(".", ",")] if not cell.comma and re.fullmatch(r"[0-9]+\.[0-9]+", cell.text) else []


def _thousands(cell: Cell) -> list[str]:
    if cell.number is None or cell.number < 1000:
        return []
    whole, _, rest = cell.text.replace(",", ".").partition(".")
    head, tail = whole[:-3], whole[-3:]
    # with decimals after it, the separator cannot be a decimal sign; 1.250 alone would be a number
    return [f"{head}.{tail},{rest or 0}" if cell.comma else f"{head},{tail}.{rest or 0}", f"{head} {tail}"]


def _scaled(cell: Cell) -> list[str]:
    """The number times the recipe's factor, with at most two decimals and no zeros at the end."""
    if cell.number is None:
        return []
    number = f"{cell.number * float(cell.value):.2f}".rstrip("0").rstrip(".")
    return [number.replace(".", ",") if (cell.comma and "," in cell.text) or (cell.comma and "." in number) else number]


def _mojibake(cell: Cell) -> list[str]:
    try:
        return [cell.text.encode().decode("cp1252")]
    except UnicodeDecodeError:
        return []


def _lost_zeros(cell: Cell) -> list[str]:
    return [cell.text.lstrip("0")] if cell.text.isdecimal() and cell.text.strip("0") else []


def _listed(cell: Cell) -> list[str]:
    """The recipe's texts, divided by |."""
    return cell.value.split("|")


def _number_only(write: Callable[[str], list[str]]) -> Callable[[Cell], list[str]]:
    def offered(cell: Cell) -> list[str]:
        return write(cell.text) if cell.number is not None else []

    return offered


#: class -> the texts that can replace the text of a cell; none if the cell does not fit
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
