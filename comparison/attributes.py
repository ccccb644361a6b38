"""Compares what two datasets say of themselves: label, variables, their labels, types, lengths, formats and order.

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
    """One dataset of one side, as it stands in its file."""

    path: Path
    spec: DatasetMetadata
    frame: pd.DataFrame

    @property
    def may_be_silent(self) -> bool:
        """Whether a blank attribute only says that the format has no place for it: Parquet."""
        return self.path.suffix.lower() == ".parquet"


Accept = Callable[[str, str], str]  # (kind, variable) -> the reason it is accepted, ''


def attribute_differences(
    base: Side, compare: Side, options: Options, accept: Accept
) -> tuple[list[AttributeDifference], list[str]]:
    """The differences in the order of base's variables, and notes.

    A length or format that a file does not tell, and a label that Parquet does not, is not compared.
    """
    found: list[AttributeDifference] = []
    notes: list[str] = []

    def tell(kind: str, variable: str, one: str, two: str) -> None:
        found.append(AttributeDifference(kind, variable, one, two, accept(kind, variable)))

    untold: dict[str, int] = {}
    if base.spec.name != compare.spec.name:
        notes.append(f"the datasets are named {base.spec.name} in BASE and {compare.spec.name} in COMPARE")
    if "label" not in options.ignore and base.spec.label != compare.spec.label:
        if _silent(base, base.spec.label) or _silent(compare, compare.spec.label):
            untold["dataset label"] = 1
        else:
            tell("label", "", base.spec.label, compare.spec.label)
    theirs = {v.name: v for v in compare.spec.variables}
    ours = set(base.spec.names)
    for variable in base.spec.variables:
        other = theirs.get(variable.name)
        if other is None:
            tell("variable", variable.name, _kind(variable), "")
            continue
        for kind, one, two in _attributes(variable, other):
            if kind in options.ignore or one == two:
                continue
            if (not one and (_silent(base, one) or kind == "length")) or (
                not two and (_silent(compare, two) or kind == "length")
            ):
                untold[kind] = untold.get(kind, 0) + 1
            else:
                tell(kind, variable.name, one, two)
    for variable in compare.spec.variables:
        if variable.name not in ours:
            tell("variable", variable.name, "", _kind(variable))
    if "order" not in options.ignore:
        common = [n for n in base.spec.names if n in theirs]
        order = [n for n in compare.spec.names if n in ours]
        if common != order:
            first = next(a for a, b in zip(common, order, strict=True) if a != b)
            notes.append(f"the variables stand in another order in COMPARE, from {first} on")
    for kind, count in untold.items():
        notes.append(f"{kind} not compared for {count}, which one of the files does not tell")
    return found, notes


def _attributes(one: VariableMetadata, two: VariableMetadata) -> list[tuple[str, str, str]]:
    """(kind, base, compare) of what can be compared, '' where it is not told. Lengths matter for text only."""
    out = [("label", one.label, two.label), ("type", _kind(one), _kind(two))]
    if not one.is_numeric and not two.is_numeric:
        out.append(("length", str(one.length or ""), str(two.length or "")))
    return [*out, ("format", one.format.upper(), two.format.upper())]


def _kind(variable: VariableMetadata) -> str:
    return "Num" if variable.is_numeric else "Char"


def _silent(side: Side, told: str) -> bool:
    return side.may_be_silent and not told
