"""How reports write counts, keys and values: texts in quotes, a missing number as '.', SAS dates with their ISO form.

Not for the reports (text_report.py, html_report.py).
"""

from __future__ import annotations

from ..mappings.expressions.number_text import number_text
from ..sources.statistical.display_formats import SAS_DATES, SAS_DATETIMES, SAS_TIMES, number_reader
from ..validation.reports.page import printable
from .result import Key

_LONGEST = 200
_MOMENTS = SAS_DATES | SAS_DATETIMES | SAS_TIMES


def shown(value: object, form: str = "") -> str:
    """A value for people: 'M', 12.5, '.' for a missing number, 22000 (2020-03-26) where the format is of a date."""
    if value is None:
        return "."
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...' ({len(value)} characters)"
    number = float(value)  # pyright: ignore[reportArgumentType]
    text = number_text(number)
    if form.rstrip("0123456789.") not in _MOMENTS:
        return text
    moment = number_reader(form, "xpt")[0](number)
    return text if moment == text else f"{text} ({moment})"


def key_text(key: Key) -> str:
    """A key in one line: USUBJID='S-01', AESEQ=2."""
    return ", ".join(f"{name}={shown(value)}" for name, value in key.items())


def counted(number: int, one: str, many: str = "") -> str:
    """A count with its noun: 1 record, 1,200 records."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share of equal cells that is never rounded up to 100 while something differs: 99.99 %."""
    return "100 %" if share >= 1 else f"{min(share * 100, 99.99):.2f} %"


def difference_text(base: object, compare: object) -> str:
    """compare - base where both are numbers, else ''."""
    if isinstance(base, str) or isinstance(compare, str) or base is None or compare is None:
        return ""
    return f"{float(compare) - float(base):+.6g}"  # pyright: ignore[reportArgumentType]
