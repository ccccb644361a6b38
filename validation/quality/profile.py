"""What each raw column holds: how many cells are filled, and how its values are distributed, as data for a page.

Not for judging them (raw_tables.py) nor for the page.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...engine.columns import column as col
from ...mappings.expressions.number_text import number_text
from ...mappings.models.documents import CrfSpec
from .source_tables import SourceTables

#: bars of a distribution at most
BARS = 12
#: with more different values than this that each occur one time, a text is an identifier or a remark: no bars
_DISTINCT = BARS
#: months of a span of dates up to which a bar is a month; beyond it is a year
_MONTHS = 36


@dataclass(frozen=True)
class ColumnProfile:
    """One column. ``kind``: number, date, text or empty, as the study reads it, else as its cells look.

    ``bars``: label and records; ranges of numbers, months or years of dates, the most frequent texts; () for texts that
    differ in nearly every record. ``others``: filled records in no bar. ``least``, ``middle``, ``most``: of numbers and
    dates, '' of others.
    """

    column: str
    label: str
    kind: str
    rows: int
    filled: int
    distinct: int
    bars: tuple[tuple[str, int], ...] = ()
    others: int = 0
    least: str = ""
    middle: str = ""
    most: str = ""


@dataclass(frozen=True)
class SourceProfile:
    """One source. ``title``: the name of its form, or the source's."""

    source: str
    file: str
    title: str
    rows: int
    columns: tuple[ColumnProfile, ...]


def profiles(sources: SourceTables) -> list[SourceProfile]:
    """The profile of every column of the files of all present sources, in their order."""
    out = []
    for name, table in sources.tables.items():
        read = sources[name].frame
        crf = sources.plan.spec.sources[name].crf
        title = crf.title if isinstance(crf, CrfSpec) and crf.title else name
        columns = tuple(
            _profile(
                c, table.column_labels.get(c, ""), pd.Series(table.frame[c]), pd.Series(read[c]), sources.kind(name, c)
            )
            for c in table.file_columns
        )
        out.append(SourceProfile(name, table.file, title, len(table), columns))
    return out


def _profile(name: str, label: str, raw: Any, read: Any, kind: str) -> ColumnProfile:
    """``raw``: the cells of the file; ``read``: the same as the study reads them, as ``kind``."""
    codes, texts = col.split_text(raw)
    counts = np.bincount(codes, minlength=len(texts))
    present = np.array([bool(t.strip()) for t in texts.tolist()], dtype=bool) & (counts > 0)
    about = {"column": name, "label": label, "rows": len(raw), "filled": int(counts[present].sum())}
    distinct = int(present.sum())
    if not distinct:
        return ColumnProfile(**about, kind="empty", distinct=0)
    if kind == "text" and distinct > BARS and not any(_padded(t) for t in texts.tolist()):
        numbers, bad = col.to_number(raw)
        if not bad.any():
            kind, read = "number", pd.Series(numbers)
    if kind == "number":
        bars = _numbers(np.asarray(read, dtype="float64"), about["filled"])
        return ColumnProfile(**about, kind=kind, distinct=distinct, **bars)
    if kind == "date":
        return ColumnProfile(**about, kind=kind, distinct=distinct, **_dates(read, about["filled"]))
    if distinct > _DISTINCT and int(counts[present].max()) == 1:
        return ColumnProfile(**about, kind="text", distinct=distinct, others=about["filled"])
    order = sorted(np.flatnonzero(present).tolist(), key=lambda i: (-int(counts[i]), str(texts[i])))[:BARS]
    bars = tuple((str(texts[i]).strip(), int(counts[i])) for i in order)
    return ColumnProfile(
        **about, kind="text", distinct=distinct, bars=bars, others=about["filled"] - sum(n for _, n in bars)
    )


def _padded(text: str) -> bool:
    """Whether a text is digits after a zero, as an identifier has."""
    return text.strip()[:1] == "0" and text.strip()[1:2].isdigit()


def _numbers(values: np.ndarray, filled: int) -> dict[str, object]:
    """Bars of equal width over the middle 98 percent, with one at each end for what is beyond."""
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return {"others": filled}
    low, high = values[int(0.01 * (len(values) - 1))], values[int(np.ceil(0.99 * (len(values) - 1)))]
    step = _step(float(high - low) / (BARS - 2))
    whole = bool((values == np.trunc(values)).all())
    step = max(step, 1.0) if whole else step
    start = np.floor(low / step)
    edges = (start + np.arange(int(np.floor(high / step) - start) + 2)) * step
    one = whole and step == 1
    counts = np.histogram(values, [*edges[:-1], np.nextafter(edges[-1], -np.inf)])[0].tolist()
    labels = [_short(a) if one else f"{_short(a)} to {_short(b)}" for a, b in itertools.pairwise(edges)]
    bars = list(zip(labels, counts, strict=True))
    below, above = int((values < edges[0]).sum()), int((values >= edges[-1]).sum())
    bars = [*([(f"below {_short(edges[0])}", below)] if below else []), *bars]
    bars += [(f"{_short(edges[-1])} and above", above)] if above else []
    return {
        "bars": tuple(bars), "others": filled - len(values), "least": _short(values[0]),
        "middle": _short(float(np.median(values))), "most": _short(values[-1]),
    }  # fmt: skip


def _step(width: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least ``width``; 1 for no width."""
    if not np.isfinite(width) or width <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= width * (1 - 1e-9)))


def _short(value: float) -> str:
    return number_text(float(f"{float(value):.6g}"))


def _dates(column: pd.Series, filled: int) -> dict[str, object]:
    """Bars of months, or of years where the dates span more than three; a date without a year is in no bar."""
    codes, texts = col.split_text(column)
    counts = np.bincount(codes, minlength=len(texts))
    found = sorted(
        (str(t), int(n)) for t, n in zip(texts.tolist(), counts.tolist(), strict=True) if n and t[:4].isdigit()
    )
    if not found:
        return {"others": filled}
    months = [t[:7] for t, _ in found if len(t) >= 7 and t[5:7].isdigit()]
    by_month = months and _month(months[-1]) - _month(months[0]) <= _MONTHS
    bars: dict[str, int] = {}
    for text, n in found:
        period = text[:7] if by_month and len(text) >= 7 and text[5:7].isdigit() else text[:4]
        bars[period] = bars.get(period, 0) + n
    total = sum(n for _, n in found)
    middle = next(
        t
        for t, before in zip([t for t, _ in found], np.cumsum([n for _, n in found]), strict=True)
        if 2 * before >= total
    )
    return {
        "bars": tuple(sorted(bars.items())), "others": filled - total, "least": found[0][0], "middle": middle,
        "most": found[-1][0],
    }  # fmt: skip


def _month(text: str) -> int:
    return 12 * int(text[:4]) + int(text[5:7])
