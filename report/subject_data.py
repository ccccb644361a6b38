"""The data of the page of objectives: what each number counts, and the subjects of each set as bits.

Deflated JSON in base64, which has no character that ends a script element. Not for the layout of the page.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ..analyses.results import Cell, Column, ComputedAnalyses, ComputedDisplay, ComputedResult
from ..validation.reports.finding_data import packed
from ..validation.reports.page import printable
from .figures.parts import full_title, size_text


class SetsOfPage:
    """The sets that cells of the page count, each with its position in the page.

    A set that is the first column's set within the subjects of a group is not stored: the page intersects the two.
    """

    def __init__(self, analyses: ComputedAnalyses):
        self._subjects = analyses.subjects
        self._positions: dict[int, int] = {}
        self._members: dict[int, np.ndarray] = {}

    def cell(self, cells: tuple[Cell, ...], at: int, columns: tuple[Column, ...]) -> str:
        """The sets of a cell for the page: numerator and denominator, '' where it counts nobody.

        ``5``: the set 5; ``5&2``: the subjects of both sets.
        """
        parts = [self._stored(cells, at, columns, kind) for kind in ("numerator", "denominator")]
        return " ".join(parts) if parts[0] else ""

    def block(self) -> dict[str, Any]:
        """``subjects``: all of them; ``sets``: base64 of their bits, one set after the other."""
        bits = b"".join(self._subjects.packed(position) for position in self._positions)
        return {
            "subjects": [printable(s) for s in self._subjects.subjects.tolist()],
            "sets": base64.b64encode(bits).decode("ascii"),
        }

    def _stored(self, cells: tuple[Cell, ...], at: int, columns: tuple[Column, ...], kind: str) -> str:
        wanted = getattr(cells[at], kind)
        if wanted is None:
            return ""
        if wanted in self._positions or at == 0:
            return str(self._position(wanted))
        first, group = getattr(cells[0], kind), columns[at].subjects
        if first is not None and not columns[0].variable:
            both = self._member(first) & self._member(group)
            if np.array_equal(both, self._member(wanted)):
                return f"{self._position(first)}&{self._position(group)}"
        return str(self._position(wanted))

    def _position(self, position: int) -> int:
        return self._positions.setdefault(position, len(self._positions))

    def _member(self, position: int) -> np.ndarray:
        if position not in self._members:
            self._members[position] = np.frombuffer(self._subjects.packed(position), dtype=np.uint8)
        return self._members[position]


def page_data(analyses: ComputedAnalyses, sets: SetsOfPage | None) -> str:
    """The block of the page. ``sets``: None where the subjects of a number are left out."""
    data: dict[str, Any] = {"displays": {d.id: _display(d) for d in analyses.displays}}
    return packed(data | (sets.block() if sets is not None else {}))


def _display(display: ComputedDisplay) -> dict[str, Any]:
    return {
        "name": printable(full_title(display)),
        "population": printable(display.population),
        "condition": printable(display.condition),
        "columns": [
            {
                "id": printable(c.id),
                "label": printable(c.label),
                "size": size_text(c.size),
                "condition": column_condition(c),
            }
            for c in display.columns
        ],
        "results": [_result(r) for r in display.results],
    }


def column_condition(column: Column) -> str:
    """TRT01A == 'ISA-PD'; '' for the column of all subjects."""
    if not column.variable:
        return ""
    return printable(f"{column.variable} == '{column.value}'" if column.value else f"missing({column.variable})")


def _result(result: ComputedResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "title": printable(result.title),
        "statistic": result.statistic,
        "dataset": result.dataset,
        "parameter": printable(result.parameter),
        "where": printable(result.where),
        "spec": str(result.place),
    }
