"""Seed: one error, where it is written and where a checker must report it. Not for the errors (sdtm_*, adam, define)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pandas as pd

from .tables import Tables, Where


class Area(Enum):
    SDTM = "SDTM"
    SUPP = "SUPP"
    RELATIONS = "RELREC and CO"
    TRIAL = "trial design"
    METADATA = "metadata"
    ADAM = "ADaM"
    DEFINE = "define.xml"


@dataclass(frozen=True, kw_only=True)
class Seed:
    """One error.

    ``needs``: the dataset that it changes. ``at``: (dataset, variable) of a finding that catches it; '' for the dataset
    or the record as a whole. ``write``: puts the error into the tables; LookupError or KeyError where the data have no
    place for it. ``structure``: it changes variables or datasets, so that no other error shares its tables.
    """

    name: str
    area: Area
    needs: str
    at: frozenset[tuple[str, str]]
    write: Callable[[Tables], None]
    structure: bool = False


SEEDS: list[Seed] = []


def _add(seed: Seed) -> None:
    if any(s.name == seed.name for s in SEEDS):
        raise ValueError(f"two seeds are called '{seed.name}'")
    SEEDS.append(seed)


def _places(dataset: str, variables: str | tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """AE and 'AEOUT SUPPAE.QVAL' -> the places; a name with a dot names another dataset; '.' is the record itself."""
    names = variables.split() if isinstance(variables, str) else variables
    found = set()
    for name in names:
        other, dot, variable = name.partition(".")
        found.add((other or dataset, variable) if dot else (dataset, name))
    return frozenset(found)


def values(
    area: Area,
    name: str,
    dataset: str,
    changes: Mapping[str, Any] | Callable[[pd.Series], Mapping[str, Any]],
    *,
    where: Where | None = None,
    at: str = "",
) -> None:
    """A seed that changes values of one record: ``changes`` are the new ones, or compute them from the record."""

    def write(tables: Tables) -> None:
        table = tables[dataset]
        row = table.pick(where)
        table.write(row, changes(table.frame.iloc[row]) if callable(changes) else changes)

    fixed = () if callable(changes) else tuple(changes)
    _add(Seed(name=name, area=area, needs=dataset, at=_places(dataset, at or fixed), write=write))


def record(
    area: Area,
    name: str,
    dataset: str,
    changes: Mapping[str, Any] | Callable[[pd.Series], Mapping[str, Any]] | None = None,
    *,
    where: Where | None = None,
    at: str,
) -> None:
    """A seed that adds a record: a copy of one, but for ``changes``."""

    def write(tables: Tables) -> None:
        table = tables[dataset]
        row = table.pick(where)
        table.append(row, changes(table.frame.iloc[row]) if callable(changes) else changes)

    _add(Seed(name=name, area=area, needs=dataset, at=_places(dataset, at), write=write))


def change(
    area: Area, name: str, dataset: str, write: Callable[[Tables], None], *, at: str, structure: bool = False
) -> None:
    """A seed with its own function."""
    _add(Seed(name=name, area=area, needs=dataset, at=_places(dataset, at), write=write, structure=structure))
