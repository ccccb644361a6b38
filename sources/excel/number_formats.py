"""Number formats of spreadsheets: what a person sees of a stored number, and what of it a cell is read as.

Not for files (workbook.py, read.py) nor for dates as such (dates.py). Format codes are those of ECMA-376
part 1, 18.8.30 and 18.8.31: up to four sections, of positive numbers, negative ones, zero and text, or with conditions.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from ..cell_text import typed_number_text

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?P<blank>[_*].)|\[(?P<bracket>[^\]]*)\]|(?P<general>General)|(?P<ampm>AM/PM|A/P)'
    r"|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+|e+|g+|b+|aaa+)|(?P<digit>[0#?])|(?P<mark>[.,%/@])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|=|<|>)\s*(-?[\d.]+(?:E[+-]?\d+)?)", re.IGNORECASE)
_COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
_EXACT = Context(prec=700)  # more digits than any double has before or after its point
_CURRENCY = frozenset("$€£¥₩₹₽₺₪฿₫₴₦¢")
_SIGNS = str.maketrans("", "", "-()+−")


@dataclass(frozen=True)
class Shown:
    """``text``: the cell as it is read. ``difference``: how the shown and the stored value differ; '' if they agree.

    shown: the text that a person sees is read, and it is not the stored number. stored: the stored number is read, and
    a person sees another text, ``seen``. rounded: a person sees fewer digits, or a part of a moment.
    """

    text: str
    difference: str = ""
    seen: str = ""


@dataclass
class Section:
    """One section of a code. ``dates``: its tokens of dates and times, in their order; [h] and the like with brackets.

    ``prefix``, ``suffix``: literal text around the digits. ``pattern``: the digits and the literals between them.
    """

    condition: tuple[str, Decimal] | None = None
    dates: list[str] = field(default_factory=list)
    prefix: str = ""
    suffix: str = ""
    pattern: list[str] = field(default_factory=list)  # 0 # ? and literals between them, of the whole part
    decimals: int = 0
    percents: int = 0
    thousands: int = 0  # commas at the end: each divides by 1,000
    exponent: bool = False
    fraction: bool = False
    general: bool = False
    currency: bool = False

    @property
    def has_digits(self) -> bool:
        return self.general or bool(self.pattern) or bool(self.decimals)

    @property
    def zeros(self) -> int:
        return self.pattern.count("0")

    @property
    def mixed(self) -> bool:
        """Whether literals stand between the digits, as in 000-00-0000."""
        return any(p not in ("0", "#", "?") for p in self.pattern)


@lru_cache(maxsize=1024)  # a number format is a format of thousands of cells
def sections_of(code: str) -> tuple[Section, ...]:
    """The sections of a format code."""
    parts = [Section()]
    literals, after_point = "", False  # literals since the last digit; whether the decimal point has passed
    for match in _TOKEN.finditer(code):
        section, text, kind = parts[-1], match[0], match.lastgroup
        if text == ";":
            section.suffix = literals
            parts.append(Section())
            literals, after_point = "", False
        elif kind == "blank":  # as wide as a character, or filled with one
            literals += " "
        elif kind == "bracket":
            literals += _bracket(match["bracket"], section)
        elif kind in ("quoted", "escaped", "plain"):
            literals += match[kind]
        elif kind in ("date", "ampm"):
            section.dates.append(text.lower())
        elif kind == "exponent":
            section.exponent = True
        elif kind == "general" or text == "@":  # @: a number in the format of text is shown as it is
            section.general, section.prefix, literals = True, literals, ""
        elif text == ".":
            after_point = True
        elif text == "%":
            section.percents += 1
        elif text == ",":
            section.thousands += bool(section.pattern)  # a digit that follows takes it back: it groups digits then
        elif text == "/" and section.has_digits:
            section.fraction = True
        elif text == "/":
            literals += text
        elif not (section.exponent or section.fraction):
            if not section.has_digits:
                section.prefix = literals
            elif literals.strip() and not after_point:
                section.pattern.append(literals)
            section.thousands, literals = 0, ""
            if after_point:
                section.decimals += 1
            else:
                section.pattern.append(text)
    parts[-1].suffix = literals
    for section in parts:
        section.currency |= bool(_CURRENCY & set(section.prefix + section.suffix))
        if section.has_digits and not any(t.strip("[")[0] in "ymdhs" for t in section.dates):
            section.suffix += "".join(section.dates)  # letters that are a unit, not an era
            section.dates.clear()
    return tuple(parts)


def _bracket(text: str, section: Section) -> str:
    if condition := _CONDITION.fullmatch(text.strip()):
        section.condition = condition[1], Decimal(condition[2])
    elif re.fullmatch(r"h+|m+|s+", text, re.IGNORECASE):
        section.dates.append(f"[{text.lower()}]")
    elif text.startswith("$"):
        symbol = text[1:].partition("-")[0]
        section.currency |= bool(symbol)
        return symbol
    return ""  # a colour, a language, a script of digits


def section_for(code: str, value: Decimal) -> tuple[Section, bool] | None:
    """The section that shows a number, and whether it shows the sign itself; None where no section does."""
    parts = sections_of(code)[:3]
    first = parts[0]
    if any(s.condition for s in parts):
        for s in parts:
            if s.condition is None or _COMPARE[s.condition[0]](value, s.condition[1]):
                return s, False
        return None
    if value < 0 and len(parts) > 1:
        return parts[1], True
    if value == 0 and len(parts) > 2:
        return parts[2], False
    return first, False


def is_date(code: str, value: Decimal) -> bool:
    """Whether a number is shown as a date, a time or a duration."""
    found = section_for(code, value)
    return found is not None and bool(found[0].dates)


def plain_number(stored: str) -> str:
    """A stored number in its shortest text of fifteen significant digits, which is what a spreadsheet holds and shows.

    Whole numbers of more digits that a file has all the same keep them. Raises ValueError for a text that is no number.
    """
    if re.fullmatch(r"-?\d{16,}", stored):
        return stored
    value = float(stored)
    if value - value != 0:
        raise ValueError(stored)
    return typed_number_text(float(f"{value:.15g}"))


def shown_number(stored: str, code: str) -> Shown:
    """A cell with a number and a format code other than a date.

    Percentages are read in percent (45 for 0.45 as 0%). A number that its format pads with zeros, breaks with signs
    (000-00-0000), precedes with a text (<0.5) or replaces by words is read as shown, if the format shows every digit. A
    unit or currency behind the number, a division by 1,000, a fraction and a hidden sign are not read: the cell has the
    stored number, and a finding.
    """
    plain = plain_number(stored)
    value = Decimal(plain)
    found = section_for(code, value)
    if found is None:
        return Shown(plain, "stored", "####")
    section, signed = found
    only_blanks = value == 0 and "0" not in section.pattern and not (section.decimals or section.general)
    if not section.has_digits or only_blanks:  # # and ? show no digit of zero
        return _words(plain, (section.prefix + section.suffix).strip())
    if value < 0 and signed and not set("-(−") & set(section.prefix + section.suffix):
        return Shown(plain, "stored", _digits(section, abs(value))[0])
    if section.fraction:
        return Shown(plain) if value == value.to_integral_value() else Shown(plain, "stored", "a fraction")
    prefix = section.prefix.translate(_SIGNS).strip() if signed or value < 0 else section.prefix.strip().lstrip("+")
    suffix = section.suffix.translate(_SIGNS).strip() if signed else section.suffix.strip()
    if section.thousands or section.currency:
        digits, _ = _digits(section, abs(value) if signed else value)
        seen = f"{section.prefix}{digits}{section.suffix}".strip()
        return Shown(plain, "stored", seen) if value else Shown(plain)
    if section.percents:
        percent = plain_number(str(value.scaleb(2 * section.percents)))
        return Shown(f"{prefix}{percent}", "shown") if value or prefix else Shown(plain)
    digits, exact = _digits(section, value)
    if prefix or section.mixed or (section.zeros > 1 and not section.exponent):
        seen = f"{prefix}{digits}{suffix}"
        if seen == plain:
            return Shown(plain)
        return Shown(seen, "shown") if exact else Shown(plain, "stored", seen)
    if suffix:
        return Shown(plain, "stored", f"{digits}{section.suffix}".strip())
    return Shown(plain) if exact or section.exponent else Shown(plain, "rounded", digits)


def _words(plain: str, seen: str) -> Shown:
    """A section without digits: words are read as shown (1 as Yes), a dash or nothing is not."""
    if any(c.isalnum() for c in seen):
        return Shown(seen, "shown")
    return Shown(plain, "stored", seen or "nothing")


def _digits(section: Section, value: Decimal) -> tuple[str, bool]:
    """The digits that a section shows of a number, with its sign, and whether they are all of them."""
    if section.general or section.exponent:
        return typed_number_text(float(value)), True
    value = value.scaleb(-3 * section.thousands)
    shown = value.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP, _EXACT)
    whole, _, decimals = f"{abs(shown):f}".partition(".")
    sign = "-" if shown < 0 else ""
    whole = whole.rjust(section.zeros, "0")
    if section.mixed:
        whole = _between(whole, section.pattern)
    return sign + whole + (f".{decimals}" if decimals else ""), shown == value


def _between(digits: str, pattern: list[str]) -> str:
    """The digits with the literals of a pattern between them, from the right."""
    out, rest = "", digits
    for part in reversed(pattern):
        if part in ("0", "#", "?"):
            out, rest = rest[-1:] + out, rest[:-1]
        else:
            out = part + out
    return rest + out
