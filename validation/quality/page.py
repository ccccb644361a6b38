"""quality.html: what the checks of data quality found, in plain words; empty cells; how the values are distributed.

Not for running checks (run.py, study_checks.py) nor for what they count (failing.py, profile.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..reports.finding_counts import address
from ..reports.missingness import LEGEND, SourceCells, matrix, missing_picture
from ..reports.page import html_page, printable
from ..reports.run_head import RunHead, head_values
from .expectations import columns_read
from .failing import FailingRecords
from .profile import ColumnProfile, SourceProfile
from .run import RAW_RULE, WHOLE_ROW, QualityCheck, QualityResult

QUALITY_PAGE = "reports/quality.html"
#: failing records of a check that the page lists; the findings have all
SHOWN_RECORDS = 25
#: texts of a distribution on the page
_TEXTS = 6
# pixels of a distribution
_WIDTH, _HEIGHT, _BAR, _LINE, _LABEL = 250, 64, 14, 15, 120
_LETTERS = 19  # of a text beside its bar


@dataclass(frozen=True, kw_only=True)
class QualityPage:
    """What the page shows beside the results. ``failing``: the failing records of a result.

    ``titles``: table -> how people call it. ``cells``: the empty cells of the sources. ``profiles``: of the sources.
    """

    title: str
    head: RunHead | None = None
    failing: Callable[[QualityResult], FailingRecords] | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    cells: Sequence[SourceCells] = ()
    profiles: Sequence[SourceProfile] = ()


def quality_html(results: Sequence[QualityResult], page: QualityPage) -> bytes:
    """The page in UTF-8: failed checks first, notes apart, then empty cells, distributions, and the passed checks."""
    lines = [_line(r, page) for r in results]
    failed = [n for n in lines if not n["ok"] and n["severity"] != "note"]
    failed.sort(key=lambda n: n["severity"] != "error")
    notes = [n for n in lines if not n["ok"] and n["severity"] == "note"]
    passed = [n for n in lines if n["ok"]]
    return html_page(
        "quality.html.j2",
        head=head_values(page.head, QUALITY_PAGE),
        title=printable(page.title),
        lead=[],
        failed=failed,
        notes=[n for n in notes if n["records"]],
        facts=[n for n in notes if not n["records"]],
        passed=passed,
        counts={s: sum(n["severity"] == s for n in failed) for s in ("error", "warning")},
        tables=len({n["table"] for n in passed}),
        missing=missing_picture(page.cells),
        matrices=[m for m in map(matrix, page.cells) if m is not None],
        legend=list(enumerate(LEGEND, start=1)),
        sources=[_source(p) for p in page.profiles],
        shown=SHOWN_RECORDS,
    )


def _line(result: QualityResult, page: QualityPage) -> dict[str, Any]:
    check = result.check
    failed = len(result.records) if len(result.records) else result.failed
    records = page.failing(result) if page.failing is not None and not result.success and len(result.records) else None
    return {
        "ok": result.success, "severity": check.severity, "table": printable(check.table),
        "where": printable(page.titles.get(check.table) or check.table),
        "title": printable(_sentence(_statement(result))),
        "words": printable(check.words), "name": printable(check.name), "place": printable(str(check.place or "")),
        "rows": result.rows, "failed": failed, "share": _share(failed, result.rows),
        "observed": printable(_observed(result.observed)) if not len(result.records) else "",
        "records": _records(records) if records is not None else [],
        "details": records is not None and any(records.details.tolist()),
        "findings": _findings(check) if page.head is not None and not result.success else "",
    }  # fmt: skip


def _statement(result: QualityResult) -> str:
    """What is wrong where a check failed, else what it asks."""
    check = result.check
    words = (check.title, check.sentence) if result.success else (check.sentence, check.title)
    return next((w for w in words if w), check.name)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _share(failed: int | None, rows: int) -> int:
    """Pixels of the bar of the failing share, of 100; at least 1 where one fails."""
    return max(1, 100 * failed // rows) if failed and rows else 0


def _records(found: FailingRecords) -> list[list[str]]:
    columns = (found.subjects, found.places, found.columns, found.values, found.details)
    return [[printable(str(t)) for t in of] for of in zip(*(c[:SHOWN_RECORDS].tolist() for c in columns), strict=True)]


def _findings(check: QualityCheck) -> str:
    """The address of the findings of a check: those of its rule, of a raw check those that name its column."""
    read = [c for c in columns_read(check.arguments) if c != WHOLE_ROW]
    about = {"text": read[0]} if read and check.rule == RAW_RULE else {}
    return "findings.html#" + address(rule=check.rule, **about)


def _observed(text: str) -> str:
    """A number with four significant digits; any other text as it is."""
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return text


def _source(profile: SourceProfile) -> dict[str, Any]:
    return {
        "source": printable(profile.source), "title": printable(profile.title), "file": printable(profile.file),
        "rows": profile.rows, "columns": [_column(c) for c in profile.columns],
    }  # fmt: skip


def _column(column: ColumnProfile) -> dict[str, Any]:
    return {
        "column": printable(column.column), "label": printable(column.label), "kind": column.kind,
        "filled": column.filled, "rows": column.rows, "distinct": column.distinct, "others": column.others,
        "least": printable(column.least), "middle": printable(column.middle), "most": printable(column.most),
        "picture": _texts(column) if column.kind == "text" else _bars(column),
    }  # fmt: skip


def _bars(column: ColumnProfile) -> dict[str, Any] | None:
    """Upright bars of ranges or periods."""
    if not column.bars:
        return None
    most = max(n for _, n in column.bars) or 1
    step = max(3, min(26, _WIDTH // len(column.bars)))
    bars = []
    for i, (label, count) in enumerate(column.bars):
        height = max(1, (_HEIGHT - 2) * count // most) if count else 0
        bars.append({"x": i * step, "y": _HEIGHT - height, "width": step - 1, "height": height,
                     "title": f"{printable(label)}: {count:,}"})  # fmt: skip
    ends = [printable(column.bars[0][0]), printable(column.bars[-1][0]) if len(column.bars) > 1 else ""]
    return {"kind": "bars", "width": max(step * len(bars), 60), "height": _HEIGHT + 14, "bars": bars, "ends": ends}


def _texts(column: ColumnProfile) -> dict[str, Any] | None:
    """Lying bars of the most frequent texts."""
    if not column.bars:
        return None
    most = max(n for _, n in column.bars) or 1
    shown = column.bars[:_TEXTS]
    bars = [
        {
            "label": _short(printable(text)), "y": i * _LINE, "width": max(1, (_WIDTH - _LABEL - 50) * count // most),
            "count": count, "title": printable(text),
        }
        for i, (text, count) in enumerate(shown)
    ]  # fmt: skip
    return {"kind": "texts", "width": _WIDTH, "height": _LINE * len(bars) + 2, "bars": bars, "left": _LABEL,
            "bar": _BAR - 3, "rest": len(column.bars) - len(shown)}  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else text[: _LETTERS - 3] + "..."
