"""Differences that a study accepts, each with its reason: the file is read, checked and applied here.

Not for finding differences (compare_datasets.py). The counts include accepted differences, and a second count has them
alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.expressions import kernels
from ..errors import SpecError, SpecProblem, nearest
from ..mappings.binding.bind import Binder, ExpressionText, Names, SpecModel, expression_place, key_place_of, place_of
from ..mappings.expressions.expression import Expression, ExpressionError, parse
from ..mappings.yaml.nodes import Sequence
from ..mappings.yaml.read import examine_file
from .result import AcceptedEntry

#: kinds of differences that belong to one variable, to records, and to whole datasets
OF_VARIABLES = ("cell", "variable", "label", "type", "length", "format")


class AcceptedDifference(SpecModel):
    """One entry. Left out, ``variable`` is every variable, ``where`` every record."""

    dataset: Annotated[str, Names("dataset")] = Field(description="The dataset, as ADSL.")
    kind: Literal["cell", "record", "variable", "label", "type", "length", "format", "dataset", "key"] = Field(
        default="cell",
        description="cell: a value; record, variable, dataset: present on one side only; label, type, length, "
        "format: of a variable, label also of the dataset; key: keys that repeat.",
    )
    variable: Annotated[str, Names("variable")] = Field(
        default="", description="The variable; by default every variable."
    )
    where: Annotated[str, ExpressionText()] | None = Field(
        default=None,
        description="For cells and records: a condition on the record of BASE, or of COMPARE where BASE lacks it.",
    )
    reason: str = Field(description="Why the difference is accepted; every report shows it.")


@dataclass
class AcceptedDifferences:
    """The entries of one file, and for each the differences it matched and accepted. The first that matches accepts."""

    entries: SequenceOf[AcceptedDifference] = ()
    _conditions: Mapping[int, Expression] = field(default_factory=dict)
    _matched: dict[int, int] = field(default_factory=dict)
    _accepted: dict[int, int] = field(default_factory=dict)

    def attribute(self, dataset: str, kind: str, variable: str, count: int = 1) -> str:
        """The reason why a difference of an attribute (or ``count`` repeated keys) is accepted; '' if it is not."""
        reason = ""
        for number, entry in self._of(dataset, kind, variable):
            self._count(number, count, 0 if reason else count)
            reason = reason or entry.reason
        return reason

    def records(self, dataset: str, kind: str, variable: str, frames: SequenceOf[pd.DataFrame], rows: np.ndarray):
        """For each of ``rows`` of the first of ``frames`` the number of the entry that accepts it, -1 for none.

        ``frames``: the records that conditions read, then those of the other side: a name of neither is reported.
        Raises SpecError at the place of a condition that cannot be evaluated.
        """
        accepted_by = np.full(len(rows), -1, dtype="int64")
        for number, _ in self._of(dataset, kind, variable) if len(rows) else ():
            here = self._holds(number, frames)[rows]
            self._count(number, int(here.sum()), int((here & (accepted_by < 0)).sum()))
            accepted_by[here & (accepted_by < 0)] = number
        return accepted_by

    def reason(self, number: int) -> str:
        """The reason of entry ``number``, '' for -1."""
        return self.entries[number].reason if number >= 0 else ""

    def counted(self) -> list[AcceptedEntry]:
        """All entries in the order of the file, with their counts."""
        out = []
        for number, entry in enumerate(self.entries):
            name = ".".join(p for p in (entry.dataset, entry.variable) if p)
            text = f"{entry.kind} of {name}" + (f" where {entry.where}" if entry.where else "")
            counts = self._matched.get(number, 0), self._accepted.get(number, 0)
            out.append(AcceptedEntry(str(place_of(entry)), text, entry.reason, *counts))
        return out

    def _of(self, dataset: str, kind: str, variable: str) -> list[tuple[int, AcceptedDifference]]:
        return [
            (number, e)
            for number, e in enumerate(self.entries)
            if e.dataset.upper() == dataset and e.kind == kind and (not e.variable or e.variable.upper() == variable)
        ]

    def _count(self, number: int, matched: int, took: int) -> None:
        self._matched[number] = self._matched.get(number, 0) + matched
        self._accepted[number] = self._accepted.get(number, 0) + took

    def _holds(self, number: int, frames: SequenceOf[pd.DataFrame]) -> np.ndarray:
        entry, frame = self.entries[number], frames[0]
        expression = self._conditions.get(number)
        if expression is None:
            return np.ones(len(frame), dtype=bool)
        if any(n not in frame.columns for n in expression.names):
            known = sorted({str(c) for f in frames for c in f.columns})
            for name in expression.names:
                if name not in known:
                    message = f"there is no variable '{name}' in {entry.dataset}"
                    raise SpecError([_mistake(entry, 0, message, nearest(name, known))])
            return np.zeros(len(frame), dtype=bool)  # about a variable that only the other side has
        try:
            return kernels.condition(expression, lambda name: frame[name], len(frame))
        except ExpressionError as error:
            raise SpecError([_mistake(entry, error.offset, error.message, error.hint)]) from None


def read_accepted(path: Path) -> AcceptedDifferences:
    """The file of accepted differences. Raises SpecError with every mistake in it, each at its line and column."""
    node, problems = examine_file(path, Path.cwd())
    if node is None:
        raise SpecError(problems)
    binder = Binder()
    if isinstance(node, Sequence) and node.items:
        bound = [
            binder.bind(item, AcceptedDifference) for item in node.items
        ]  # each alone, so that all mistakes are reported at once
    else:
        bound = binder.bind(node, list[AcceptedDifference]) or []
    entries = [entry for entry in bound if entry is not None]
    problems += binder.problems
    conditions = {}
    for number, entry in enumerate(entries):
        problems += _entry_problems(entry)
        if entry.where is None:
            continue
        try:
            conditions[number] = parse(entry.where)
        except ExpressionError as error:
            problems.append(_mistake(entry, error.offset, error.message, error.hint))
    if problems:
        raise SpecError(sorted(problems, key=lambda p: (p.place.line, p.place.column)))
    return AcceptedDifferences(entries, conditions)


def _entry_problems(entry: AcceptedDifference) -> list[SpecProblem]:
    wrong = []
    if not entry.reason.strip():
        wrong.append(("reason", "a reason is needed: why is the difference accepted?"))
    if entry.where is not None and entry.kind not in ("cell", "record"):
        wrong.append(("where", f"where: is a condition on records, and kind {entry.kind} has none"))
    if entry.variable and entry.kind not in OF_VARIABLES:
        wrong.append(("variable", f"kind {entry.kind} concerns no single variable"))
    return [SpecProblem(key_place_of(entry, name), message, entry.dataset, entry.variable) for name, message in wrong]


def _mistake(entry: AcceptedDifference, offset: int, message: str, hint: str) -> SpecProblem:
    return SpecProblem(expression_place(entry, "where", offset), message, entry.dataset, entry.variable, hint)
