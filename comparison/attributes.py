"""Compares the attributes of two datasets: label, variables, their labels, types, lengths, formats and order.

Not for records and cells (compare_datasets.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from .options import Options
from .result import AttributeDifference


@dataclass(frozen=True)
class Side:
    """One dataset of one side, unchanged from its file."""

    path: Path
    spec: DatasetMetadata
    frame: pd.DataFrame

    @property
    def may_be_silent(self) -> bool:
        """Whether a blank attribute only means that the format has no place for it: Parquet."""
        return self.path.suffix.lower() == ".parquet"


Accept = Callable[[str, str], str]  # (kind, variable) -> the reason it is accepted, ''


def attribute_differences(
    base: Side, compare: Side, options: Options, accept: Accept
) -> tuple[list[AttributeDifference], list[str]]:
    """The differences in the order of base's variables, and notes.

    A length or format that a file does not have, and a label that Parquet does not have, is not compared.
    """
    found: list[AttributeDifference] = []
    notes: list[str] = []

    def report(kind: str, variable: str, one: str, two: str) -> None:
        found.append(AttributeDifference(kind, variable, one, two, accept(kind, variable)))

    unknown: dict[str, int] = {}
    if base.spec.name != compare.spec.name:
        notes.append(f"the datasets are named {base.spec.name} in BASE and {compare.spec.name} in COMPARE")
    if "label" not in options.ignore and base.spec.label != compare.spec.label:
        if _silent(base, base.spec.label) or _silent(compare, compare.spec.label):
            unknown["dataset label"] = 1
        else:
            report("label", "", base.spec.label, compare.spec.label)
    theirs = {v.name: v for v in compare.spec.variables}
    ours = set(base.spec.names)
    for variable in base.spec.variables:
        other = theirs.get(variable.name)
        if other is None:
            report("variable", variable.name, _kind(variable), "")
            continue
        for kind, one, two in _attributes(variable, other):
            if kind in options.ignore or one == two:
                continue
            if (not one and (_silent(base, one) or kind == "length")) or (
                not two and (_silent(compare, two) or kind == "length")
            ):
                unknown[kind] = unknown.get(kind, 0) + 1
            else:
                report(kind, variable.name, one, two)
    for variable in compare.spec.variables:
        if variable.name not in ours:
            report("variable", variable.name, "", _kind(variable))
    if "order" not in options.ignore:
        common = [n for n in base.spec.names if n in theirs]
        order = [n for n in compare.spec.names if n in ours]
        if common != order:
            first = next(a for a, b in zip(common, order, strict=True) if a != b)
            notes.append(f"the variables have another order in COMPARE, from {first} on")
    for kind, count in unknown.items():
        notes.append(f"{kind} not compared for {count}, which one of the files does not have")
    return found, notes


def _attributes(one: VariableMetadata, two: VariableMetadata) -> list[tuple[str, str, str]]:
    """(kind, base, compare) of the attributes to compare, '' if a file does not have one. Lengths are for text only."""
    out = [("label", one.label, two.label), ("type", _kind(one), _kind(two))]
    if not one.is_numeric and not two.is_numeric:
        out.append(("length", str(one.length or ""), str(two.length or "")))
    return [*out, ("format", one.format.upper(), two.format.upper())]


def _kind(variable: VariableMetadata) -> str:
    return "Num" if variable.is_numeric else "Char"


def _silent(side: Side, text: str) -> bool:
    return side.may_be_silent and not text
