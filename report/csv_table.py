"""A display as CSV: every number of its tables, forest plots and curves, at full precision and as readers see it.

One line is one number. Not for the machine-readable file of all displays (ars.py), nor for tables that people page
through (rtf_table.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..analyses.masking import HIDDEN
from ..analyses.results import (
    Absent,
    ComputedDisplay,
    ComputedResult,
    Curve,
    Interval,
    Row,
    SubjectLine,
)
from ..mappings.expressions.number_text import number_text
from ..validation.reports.finding_files import without_formula

#: the columns of the file
COLUMNS = (
    "display", "result", "part", "row", "label", "indent", "category", "time", "column", "column_label", "column_size",
    "statistic", "number", "text", "absent", "shown",
)  # fmt: skip
_Line = dict[str, str]


def csv_bytes(display: ComputedDisplay) -> bytes:
    """The file in UTF-8 with a byte order mark, as spreadsheets expect it, one line for each number.

    ``part``: column (sizes of groups), table, forest, curve, at_risk, censored or subject. ``number``: the shortest
    decimal that is the same binary number; empty where ``absent`` has the reason. ``text``: the number as readers see
    it. ``shown``: the whole cell. ``category``: VARIABLE=value, joined by semicolons. A text that a spreadsheet would
    take for a formula gets an apostrophe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    blank = dict.fromkeys(COLUMNS, "")
    writer.writerows((blank | line).values() for line in _lines(display))
    return out.getvalue().encode("utf-8-sig")


def _lines(display: ComputedDisplay) -> Iterator[_Line]:
    columns = {
        c.id: {"column": c.id, "column_label": without_formula(c.label), "column_size": _count(c.size)}
        for c in display.columns
    }
    for column in display.columns:
        yield {"display": display.id, "part": "column", **columns[column.id], **_counted("n", column.size)}
    for result in display.results:
        first = {"display": display.id, "result": result.id}
        for part in (
            *(_of_row(row, list(columns.values())) for row in result.rows),
            *(_of_interval(line) for line in result.forest),
            *(_of_curve(curve, columns[curve.column], result) for curve in result.curves),
            *(_of_subject(line, result) for line in result.lines),
        ):
            yield from (first | line for line in part)


def _of_row(row: Row, columns: list[_Line]) -> Iterator[_Line]:
    about = {
        "part": "table",
        "row": without_formula(row.id),
        "label": without_formula(row.label),
        "indent": str(row.indent),
        "category": without_formula("; ".join(f"{k}={v}" for k, v in row.category.items())),
    }
    for column, cell in zip(columns, row.cells, strict=True):
        for value in cell.values:
            yield (
                about
                | column
                | {
                    "statistic": value.name,
                    "number": _number(value.number),
                    "text": value.text,
                    "absent": value.absent.value if value.absent is not None else "",
                    "shown": cell.text,
                }
            )


def _of_interval(line: Interval) -> Iterator[_Line]:
    about = {"part": "forest", "row": without_formula(line.heading), "label": without_formula(line.label)}
    about["shown"] = line.text
    yield about | _counted("n", line.size)
    numbers = (("events", line.events), ("estimate", line.estimate), ("lower", line.lower), ("upper", line.upper))
    absent = Absent.MASKED if line.size == HIDDEN else Absent.NOT_ESTIMABLE
    for name, number in numbers:
        text = "" if number is None else _number(float(number))
        yield about | {"statistic": name, "number": text, "absent": "" if text else absent.value}


def _of_curve(curve: Curve, column: _Line, result: ComputedResult) -> Iterator[_Line]:
    about = column | {"label": result.unit}
    arrays = [x.tolist() for x in (curve.time, curve.estimate, curve.lower, curve.upper)]
    for time, *numbers in zip(*arrays, strict=True):
        for name, number in zip(("estimate", "lower", "upper"), numbers, strict=True):
            if number == number:  # NaN where it is not estimable
                yield about | {"part": "curve", "time": _number(time), "statistic": name, "number": _number(number)}
    labels = curve.tick_labels or ("",) * len(curve.ticks)
    for tick, label, number in zip(curve.ticks, labels, curve.at_risk, strict=True):
        yield about | {"part": "at_risk", "time": _number(tick), "row": without_formula(label), **_counted("n", number)}
    for time in curve.censored.tolist():
        yield about | {"part": "censored", "time": _number(time), "statistic": "time", "number": _number(time)}


def _of_subject(line: SubjectLine, result: ComputedResult) -> Iterator[_Line]:
    about = {"part": "subject", "row": line.subject, "label": without_formula(line.kind)}
    if line.value is not None:
        yield about | {"statistic": "value", "number": _number(line.value), "text": result.unit}
    for start, end, kind in line.segments:
        for name, number in (("start", start), ("end", end)):
            yield about | {"category": without_formula(kind), "statistic": name, "number": _number(number)}
    for time, kind in line.marks:
        yield about | {"category": without_formula(kind), "statistic": "mark", "number": _number(time)}


def _counted(name: str, number: int) -> _Line:
    gone = {"absent": Absent.MASKED.value, "text": Absent.MASKED.value}
    return {"statistic": name} | (gone if number == HIDDEN else {"number": str(number), "text": f"{number:,}"})


def _count(number: int) -> str:
    return "" if number == HIDDEN else str(number)


def _number(number: float | None) -> str:
    return "" if number is None else number_text(number)
