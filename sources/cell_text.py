"""Typed cells (numbers, dates, times, truth values) as text without loss: shortest round-trip and ISO 8601.

Not for cells that are text already: they never change. All functions take one value: readers call them on unique
values.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import floor

import numpy as np

from ..mappings.expressions.number_text import number_text


def typed_number_text(value: float) -> str:
    """A typed cell that is a number as its shortest text; truth values as TRUE and FALSE, whole numbers exactly.

    A NumPy number of single or half precision has the shortest text in its own precision: float32(1.1) -> 1.1.
    """
    if isinstance(value, (bool, np.bool_)):
        return truth_text(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return number_text(float(str(value)) if isinstance(value, (np.float32, np.float16)) else float(value))


def truth_text(value: bool) -> str:
    """TRUE or FALSE, as spreadsheets show them."""
    return "TRUE" if value else "FALSE"


def days_text(days: float, epoch: date) -> str:
    """ISO 8601 date of a day count; the number itself if it is no whole day of the years 1 to 9999."""
    if days == floor(days):
        try:
            return (epoch + timedelta(days=int(days))).isoformat()
        except OverflowError:
            pass
    return typed_number_text(days)


def seconds_text(seconds: float, epoch: datetime) -> str:
    """ISO 8601 date and time of a count of seconds; the number itself outside the years 1 to 9999."""
    whole = floor(seconds)
    try:
        return without_zeros(
            (epoch + timedelta(seconds=whole, microseconds=round((seconds - whole) * 1e6))).isoformat()
        )
    except OverflowError:
        return typed_number_text(seconds)


def clock_text(seconds: float) -> str:
    """ISO 8601 time of day hh:mm:ss; below 0 and from 24 h on a duration (PT36H30M)."""
    micro = round(seconds * 1e6)
    sign, micro = ("-", -micro) if micro < 0 else ("", micro)
    whole, fraction = divmod(micro, 1_000_000)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{fraction:06}".rstrip("0") if fraction else ""
    if not sign and hours < 24:
        return f"{hours:02}:{minutes:02}:{rest:02}{tail}"
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{rest}{tail}S" if rest or tail else ""]
    return f"{sign}PT{''.join(parts)}"


def without_zeros(text: str) -> str:
    """An ISO 8601 time without trailing zeros of its fraction; an offset after it is unchanged."""
    point = text.find(".")
    if point < 0:
        return text
    end = point + 1
    while end < len(text) and text[end].isdigit():
        end += 1
    fraction = text[point + 1 : end].rstrip("0")
    return text[:point] + (f".{fraction}" if fraction else "") + text[end:]


def value_text(value: object) -> str:
    """Text of one typed value as Arrow gives it; '' for null. Raises TypeError for a type that no cell can show."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return truth_text(bool(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (int, float, np.number)):
        return typed_number_text(value)  # pyright: ignore[reportArgumentType]
    if isinstance(value, (datetime, date, time)):  # a pandas Timestamp is a datetime, with nanoseconds in its isoformat
        return without_zeros(value.isoformat())
    if isinstance(value, timedelta):
        return clock_text(value.total_seconds())
    raise TypeError(f"a cell of type {type(value).__name__}")
