"""Which variable has the unit of a number, and groups of numbers in several units: no statistic of them has a meaning.

Not for the conversion of units (sdtm/derivations/units.py) nor for the unit that a formula needs (adam/records/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..columns import column as col
from ..columns import verbs
from ..plan.plan import PlannedDataset, PlannedStudy
from ..standard import unit_names
from ..tables.rows import BASE
from ..tables.table import Table
from .assign import From
from .environment import Environment

FINDING = "R2A-REC-016"
RANKED = "R2A-REC-018"


def unit_variable(plan: PlannedStudy, table: str, has: Callable[[str], bool], number: str) -> str:
    """The variable with the unit of a number in a dataset; '' where there is none.

    It is the one that a standard pairs with the number, or with the variable of which the number is a copy. A raw
    source has no such pairs. ``has``: whether the dataset has a variable.
    """
    dataset = plan.datasets.get(table) or plan.inputs.get(table)
    if dataset is None:
        return ""
    candidates = [u for n in (number, *_copied(dataset, number)) for u in unit_names(n)]
    return next((u for u in candidates if has(u)), "")


def _copied(dataset: PlannedDataset, number: str) -> list[str]:
    """The variables of which a variable is a copy in a block of its dataset."""
    planned = dataset.every.get(number)
    rules = [r for r in planned.rules if isinstance(r, From) and r.is_copy] if planned is not None else []
    return [name.rpartition(".")[2] for rule in rules for name in rule.columns]


@dataclass(frozen=True)
class Unit:
    """The variable with the unit of a number, '' for none. ``named``: by the spec; a missing unit is another one then.

    Derived records often lack the unit that a standard pairs with the number, so there a missing unit is none.
    """

    name: str
    named: bool

    def __bool__(self) -> bool:
        return bool(self.name)


def unit_of(named: str | None, plan: PlannedStudy, table: str, has: Callable[[str], bool], number: str) -> Unit:
    """The unit that the spec names, else the one that a standard pairs with a number."""
    return Unit(named, True) if named is not None else Unit(unit_variable(plan, table, has, number), False)


def unit_of_records(env: Environment, named: str | None, number: str) -> Unit:
    """The same for a number of the records of a rule or a step; none for the rule of the unit itself."""
    table = env.rows.nodes[BASE][0] if BASE in env.rows.nodes else None
    if table is None or table.name == env.dataset:
        found = unit_of(named, env.study, env.dataset, env.build.planned.every.__contains__, number)
    else:
        found = unit_of(named, env.study, table.name, table.has, number)
    return found if found.name != env.target else Unit("", False)


def report_units_of_table(
    env: Environment,
    table: Table,
    unit: Unit,
    of_row: np.ndarray,
    codes: np.ndarray,
    message: str,
    *,
    rule: str = FINDING,
) -> np.ndarray:
    """Which records have a key whose rows of another table have several units; each is a finding at one of the rows.

    ``of_row``: key of each row that counts, -1 for the others; ``codes``: key of each record, -1 for none.
    """
    count = int(max(codes.max(initial=-1), of_row.max(initial=-1))) + 1
    units = table.column(unit.name)
    mixed = mixed_units(units, of_row, count, unit.named)
    if not mixed.any:
        return np.zeros(env.n, dtype=bool)
    here, rows = np.append(mixed.groups, False)[codes], np.append(mixed.rows, -1)[codes]
    env.report(rule, here, message, unit.name, col.objects(col.take(units, rows)), (table, rows))
    return here


def report_units_of_records(env: Environment, unit: Unit, groups: np.ndarray, count: int, message: str) -> np.ndarray:
    """Which groups of records have several units; each is a finding at one of its records. ``groups``: -1 for none."""
    mixed = mixed_units(env.column(unit.name, "unit"), groups, count, unit.named)
    if mixed.any:
        at = np.zeros(env.n, dtype=bool)
        at[mixed.rows[mixed.groups]] = True
        env.report(FINDING, at, message, unit.name)
    return mixed.groups


def report_ranked_units(env: Environment, order: tuple[str, ...], groups: np.ndarray) -> np.ndarray:
    """The groups of the records, -1 where the value that ranks them first is in several units; each is a finding.

    ``groups``: of each record that may be chosen, -1 for none. Later variables of ``order`` rank equal values alone.
    """
    name = order[0].lstrip("-") if order else ""
    unit = unit_of_records(env, None, name)
    if not unit:
        return groups
    of_row = np.where(col.missing(env.peek(name)), -1, groups)
    count = int(groups.max(initial=-1)) + 1
    mixed = mixed_units(env.peek(unit.name), of_row, count, unit.named)
    if not mixed.any:
        return groups
    at = np.zeros(env.n, dtype=bool)
    at[mixed.rows[mixed.groups]] = True
    env.report(RANKED, at, f"{name} ranks records in several units: none is chosen", unit.name)
    return np.where(np.append(mixed.groups, False)[groups], -1, groups)


@dataclass(frozen=True)
class MixedUnits:
    """``groups``: per group whether its numbers have several units; ``rows``: per group a row with another unit."""

    groups: np.ndarray
    rows: np.ndarray

    @property
    def any(self) -> bool:
        return bool(self.groups.any())


def mixed_units(units: pd.Series, of_row: np.ndarray, count: int, missing_too: bool) -> MixedUnits:
    """The groups whose rows have several units. ``of_row``: group of each row, -1 for none.

    ``missing_too``: a missing unit is another one. The row of a group is one with the last unit in the order of values.
    """
    if not missing_too:
        of_row = np.where(col.missing(units), -1, of_row)
    ranks = col.value_ranks(units).astype("float64")
    used = np.where(of_row >= 0, ranks, np.nan)
    if not count or not len(used) or np.isnan(used).all() or np.nanmin(used) == np.nanmax(used):
        return MixedUnits(np.zeros(count, dtype=bool), np.full(count, -1))
    order = verbs.order_rows([ranks])
    lowest, highest = (verbs.pick_per_group(of_row, count, order, end) for end in ("first", "last"))
    ranks = np.append(ranks, 0.0)
    return MixedUnits(ranks[lowest] != ranks[highest], highest)
