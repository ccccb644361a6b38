"""Which sets of subjects are masked: the small ones, and those from which a small one would follow.

A set is small if it has 1 to ``below`` - 1 subjects. If a set is the union of disjoint sets and exactly one of all
these is masked, that one follows from the others; and if the masked ones together are small, their sum does. Then the
smallest other part is masked too. A set is the same wherever it is shown, so it is masked everywhere. Not for
differences between displays, which this cannot know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from .results import ComputedAnalyses, ComputedDisplay, ComputedResult, Row, SubjectSets

#: values that count subjects or events
COUNTS = ("n", "total", "events", "censored", "competing", "missing")


class SmallSets:
    """The sets of subjects of analyses by position. ``small``: the small ones; ``masked``: all that are not shown."""

    def __init__(self, analyses: ComputedAnalyses, below: int):
        self._below = below
        subjects: SubjectSets = analyses.subjects
        self._members = [subjects.member(i) for i in range(len(subjects))]
        self._at = {np.packbits(m).tobytes(): i for i, m in enumerate(self._members)}
        self.size = [int(m.sum()) for m in self._members]
        shown = sorted({s for d in analyses.displays for s in self._shown(d)})
        self.small = {s for s in shown if 0 < self.size[s] < below}
        self.masked = set(self.small)
        self._settle(sorted({u for d in analyses.displays for u in self._unions(self._of_columns(d))}))
        self._settle(sorted({u for d in analyses.displays for u in self._unions(self._of_cells(d))}))

    def _settle(self, unions: Sequence[tuple[int, ...]]) -> None:
        """Masks further parts of unions that would reveal a masked set, until there is no such union."""
        changed = True
        while changed:
            changed = False
            for whole, *parts in unions:
                hidden = [p for p in parts if p in self.masked]
                others = [p for p in parts if p not in self.masked]
                if others and self._reveals(whole, hidden):
                    self.masked.add(min(others, key=lambda p: (self.size[p], p)))
                    changed = True

    def _reveals(self, whole: int, hidden: Sequence[int]) -> bool:
        """Whether a masked set, or a small sum of masked sets, follows from the shown ones of a union."""
        if whole in self.masked:
            return not hidden
        return len(hidden) == 1 or 0 < sum(self.size[p] for p in hidden) < self._below

    def _shown(self, display: ComputedDisplay) -> Iterator[int]:
        yield from (c.subjects for c in display.columns)
        for cell in (c for result in display.results for row in result.rows for c in row.cells):
            yield from (s for s in (cell.numerator, cell.denominator) if s is not None)

    def _unions(self, candidates: Iterable[tuple[int, list[int]]]) -> Iterator[tuple[int, ...]]:
        """(whole, part, part ...) of the candidates whose parts are disjoint and together the whole."""
        for whole, parts in candidates:
            distinct = tuple(dict.fromkeys(p for p in parts if self.size[p]))
            if whole not in distinct and len(distinct) > 1 and self._make_up(whole, distinct):
                yield (whole, *distinct)

    def _make_up(self, whole: int, parts: Sequence[int]) -> bool:
        """Whether ``parts`` are disjoint and together ``whole``."""
        if sum(self.size[p] for p in parts) != self.size[whole]:
            return False
        return bool((np.logical_or.reduce([self._members[p] for p in parts]) == self._members[whole]).all())

    def _of_columns(self, display: ComputedDisplay) -> Iterator[tuple[int, list[int]]]:
        """The columns of each total."""
        groups = [c.subjects for c in display.columns if c.variable]
        yield from ((c.subjects, groups) for c in display.columns if not c.variable)

    def _of_cells(self, display: ComputedDisplay) -> Iterator[tuple[int, list[int]]]:
        """The cells of each total in a row, the rows of the row above or of all, and what two cells count together.

        Of two masked columns nothing follows from a total, whatever their cells count.
        """
        groups = [i for i, c in enumerate(display.columns) if c.variable]
        if not any(display.columns[g].subjects in self.masked for g in groups):
            for total in (i for i, c in enumerate(display.columns) if not c.variable):
                for row in (row for result in display.results for row in result.rows):
                    for sets in ([c.numerator for c in row.cells], [c.denominator for c in row.cells]):
                        whole, parts = sets[total], [sets[g] for g in groups]
                        if whole is not None:
                            yield whole, [p for p in parts if p is not None]
        for result in display.results:
            for column in range(len(display.columns)):
                yield from self._of_rows(result, column)
                yield from self._of_two(result, column)

    def _of_rows(self, result: ComputedResult, column: int) -> Iterator[tuple[int, list[int]]]:
        """Rows below the same row, by the variables that they count, with the set of the row above, or of all."""
        above: list[Row] = []
        siblings: dict[tuple[object, ...], tuple[Row | None, list[Row]]] = {}
        for row in result.rows:
            while above and above[-1].indent >= row.indent:
                above.pop()
            parent = above[-1] if above else None
            siblings.setdefault((id(parent), tuple(row.category)), (parent, []))[1].append(row)
            above.append(row)
        for parent, rows in siblings.values():
            cells = [r.cells[column] for r in rows if any(v.name in COUNTS for v in r.cells[column].values)]
            parts = [s for c in cells if (s := c.numerator) is not None]
            wholes = {c.denominator for c in cells}
            if parent is not None:
                wholes.add(parent.cells[column].numerator)
            yield from ((w, [p for p in parts if p != w]) for w in sorted(w for w in wholes if w is not None))

    def _of_two(self, result: ComputedResult, column: int) -> Iterator[tuple[int, list[int]]]:
        """A part and its rest where a cell of the result counts each of them."""
        cells = [row.cells[column] for row in result.rows]
        pairs = {(c.denominator, c.numerator) for c in cells}
        counted = {part for _, part in pairs if part is not None}
        for whole, part in sorted((w, p) for w, p in pairs if w is not None and p is not None):
            rest = self._at.get(np.packbits(self._members[whole] & ~self._members[part]).tobytes())
            if rest in counted:
                yield whole, sorted((part, rest))
