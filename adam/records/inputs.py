"""The inputs of a computed parameter: for each group of records, the one record of each input.

Not for the formula (computed.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.derivations.environment import Environment
from ...engine.derivations.units import report_units_of_records, unit_of_records
from ...engine.tables.rows import BASE, Rows
from ...engine.tables.table import Table
from ...mappings.binding.bind import SpecModel
from ...mappings.expressions.number_text import number_text
from ...mappings.models.derivation import Condition
from .groups import SUBJECT


class InputSpec(SpecModel):
    """One input of a computed parameter: which records it is, and for which records of the others it counts."""

    from_: str | None = Field(
        default=None, alias="from", description="Dataset of the records; by default the rows of the block."
    )
    where: Condition | None = Field(
        default=None, description="The records; by default those whose parameter is the name of the input."
    )
    value: str | None = Field(default=None, description="The variable with the value; by default that of the step.")
    by: tuple[str, ...] | None = Field(
        default=None,
        description="The variables of by: that this input has a value for, if not all. With [] the subject has one "
        "value, as a height that is measured once.",
    )
    unit: str | tuple[str, ...] | None = Field(
        default=None, description="The unit that the formula needs, or several spellings of it."
    )
    type: Literal["number", "text"] | None = Field(
        default=None, description="What the value is; by default that of the step."
    )

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit,) if isinstance(self.unit, str) else self.unit or ()


@dataclass(frozen=True)
class Input:
    """The records of an input. ``rows``: their positions in ``table``; ``values``: of each; ``by``: its variables.

    ``keys``: the columns of the table for subject and by:, one value per record.
    """

    name: str
    table: Table
    column: str
    rows: np.ndarray
    values: pd.Series
    by: tuple[str, ...]
    keys: tuple[pd.Series, ...]


@dataclass(frozen=True)
class Settings:
    """What all inputs share: the variables of the group, those with the parameter, the value and the unit.

    ``type``: of a value, number or text. ``above_zero``: the inputs that are measurements of a published formula, which
    are never 0 or below.
    """

    by: tuple[str, ...]
    parameter: str
    value: str
    unit: str | None
    type: str
    above_zero: frozenset[str] = frozenset()


def records_of(env: Environment, rows: Rows, name: str, spec: InputSpec, shared: Settings) -> Input:
    """The records of one input that have a value in the unit that the formula needs; the others are findings."""
    where = spec.where or f"{shared.parameter} == '{name}'"
    by = shared.by if spec.by is None else spec.by
    value = spec.value or shared.value
    at_rule = Environment(env.build, env.rows, env.block, env.variable, spec if spec.where else env.rule)
    if spec.from_ is None:
        table, ids = rows.nodes[BASE][0], rows.ids()
        here = at_rule.condition(where, "where" if spec.where else "inputs")
        found = np.flatnonzero(here)
        of_rows, report = env, env
        values = env.column(value, "value")
        units = env.column(shared.unit, "unit") if shared.unit and spec.units else None
        keys = [env.subject(), *(env.column(n, "by") for n in by)]
        positions = ids[found]
    else:
        table = env.table(spec.from_)
        found = positions = np.flatnonzero(at_rule.condition_on(table, where, "where" if spec.where else "inputs"))
        of_rows = Environment(env.build, Rows.of(table), env.block, None, spec)
        report = of_rows
        values = of_rows.column(value, "value")
        units = of_rows.column(shared.unit, "unit") if shared.unit and spec.units else None
        keys = [table.column(SUBJECT), *(of_rows.column(n, "by") for n in by)]
    used = np.zeros(of_rows.n, dtype=bool)
    used[found] = True
    needed = spec.type or shared.type
    if col.is_number(values) != (needed == "number"):
        is_, needs = ("text", "a number") if needed == "number" else ("a number", "text")
        raise at_rule.error(f"the value '{value}' of {name} is {is_}; the formula needs {needs}", "value")
    wanted = used & ~col.missing(values)
    if units is not None:
        texts = col.objects(units)
        other = wanted & ~np.isin(texts, spec.units)
        stated = " or ".join(spec.units)
        message = f"the unit is not {stated}, which the formula needs for {name}: the record is not used"
        report.report("R2A-REC-002", other, message, shared.unit or "", texts)
        wanted &= ~other
    if name in shared.above_zero:
        impossible = wanted & (np.asarray(values, dtype="float64") <= 0)
        message = f"{name} is above 0 in this formula: the record is not used"
        report.report("R2A-REC-019", impossible, message, value)
        wanted &= ~impossible
    if units is None and needed == "number":
        wanted &= ~_in_several_units(of_rows, value, keys[0], wanted)
    keep = wanted[found]
    at = found[keep]
    taken = tuple(col.take(k, at) for k in keys)
    return Input(
        name=name, table=table, column=value, rows=positions[keep], values=col.take(values, at), by=by, keys=taken
    )


def _in_several_units(env: Environment, value: str, subject: pd.Series, used: np.ndarray) -> np.ndarray:
    """The records of subjects whose values of an input have several units, each subject with a finding.

    It is for an input without unit:. Other subjects may have another unit: then the formula needs unit:.
    """
    unit = unit_of_records(env, None, value)
    if not unit:
        return np.zeros(env.n, dtype=bool)
    (codes,) = verbs.key_codes([subject])
    of_row = np.where(used, codes, -1)
    message = "the values of an input have several units: none of them is used"
    mixed = report_units_of_records(env, unit, of_row, int(codes.max(initial=-1)) + 1, message)
    return np.append(mixed, False)[of_row]


@dataclass(frozen=True)
class Matched:
    """The inputs side by side: for each group the record of each input, -1 for none.

    ``columns``: the variables of the group by name, '' is the subject. ``several``: input -> groups of which it has
    records that differ. ``values``: input -> all values that each of these groups has, in words; '' for other groups.
    """

    columns: Mapping[str, pd.Series]
    record: Mapping[str, np.ndarray]
    several: Mapping[str, np.ndarray]
    values: Mapping[str, np.ndarray]

    @property
    def count(self) -> int:
        return len(next(iter(self.record.values())))


def matched(inputs: list[Input], by: tuple[str, ...]) -> Matched:
    """One group for each subject and by: of the inputs that have all of these variables."""
    leading = [i for i in inputs if set(i.by) >= set(by)]
    codes = verbs.key_codes(*(i.keys for i in leading), missing_matches=True)
    count = max((int(c.max(initial=-1)) for c in codes), default=-1) + 1
    record: dict[str, np.ndarray] = {}
    several: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    for each, of_record in zip(leading, codes, strict=True):
        record[each.name], several[each.name] = _one_of_each(each, of_record, count)
        values[each.name] = _different(each, of_record, several[each.name])
    order = _first_seen(codes, count)
    columns = _columns_of_groups(leading, codes, count)
    for each in (i for i in inputs if i not in leading):
        of_group = [columns[""], *(columns[n] for n in each.by)]
        group_codes, codes_of = verbs.key_codes(of_group, each.keys, missing_matches=True)
        size = int(max(group_codes.max(initial=-1), codes_of.max(initial=-1))) + 1
        one, differ = _one_of_each(each, codes_of, size)
        record[each.name], several[each.name] = one[group_codes], differ[group_codes]
        values[each.name] = _different(each, codes_of, differ)[group_codes]
    return Matched(
        {n: col.take(c, order) for n, c in columns.items()},
        *({n: found[order] for n, found in each.items()} for each in (record, several, values)),
    )


def _first_seen(codes: list[np.ndarray], count: int) -> np.ndarray:
    """The groups in the order in which the inputs have them."""
    every = np.concatenate(codes) if codes else np.zeros(0, dtype="int64")
    return every[np.sort(col.first_positions(every, count))] if count else every[:0]


def _columns_of_groups(inputs: list[Input], codes: list[np.ndarray], count: int) -> dict[str, pd.Series]:
    """The variables of each group; '' is the subject."""
    every = np.concatenate(codes)
    first = col.first_positions(every, count)
    names = ("", *inputs[0].by)
    return {n: col.take(col.concat([i.keys[("", *i.by).index(n)] for i in inputs]), first) for n in names}


def _one_of_each(each: Input, codes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(the first record of each group, whether the values of the group differ)."""
    first = col.first_positions(codes, count)
    values = _plain(each.values)
    differs = np.zeros(count, dtype=bool)
    differs[codes[values != values[first[codes]]]] = True
    return first, differs


def _different(each: Input, codes: np.ndarray, several: np.ndarray) -> np.ndarray:
    """The different values of each group that has several, rising; '' for the others."""
    texts = np.full(len(several), "", dtype=object)
    at = np.flatnonzero(several[codes]) if len(several) else codes[:0]
    values = _plain(each.values)
    found: dict[int, set[float | str]] = {}
    for code, value in zip(codes[at].tolist(), values[at].tolist(), strict=True):
        found.setdefault(code, set()).add(value)
    for code, of_group in found.items():
        texts[code] = ", ".join(v if isinstance(v, str) else number_text(v) for v in sorted(of_group))
    return texts


def _plain(values: pd.Series) -> np.ndarray:
    """Values that can be compared: numbers, or texts as objects."""
    return np.asarray(values, dtype="float64") if col.is_number(values) else col.objects(values)
