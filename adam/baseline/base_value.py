"""The value of the baseline record in all records of its group, as BASE, BASEC or BNRIND.

Not for which record is the baseline: that is a flag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.ranked_groups import GroupedBy
from ...engine.derivations.units import unit_of_records
from ...engine.expressions.sentence import condition_sentence, plain
from ...engine.tables.dataset import Choice
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.wording import AS_WRITTEN, Wording


@register
class BaseValue(Derivation, GroupedBy):
    """The value of the record of the same group where a condition holds, as BASE of the record with ABLFL Y.

    Every record of the group gets it, the ones before and the record itself too. Where several records fulfil the
    condition, the first one counts, with a finding. A record in another unit than its baseline has none, with a
    finding: the unit is the variable that the standard has for the value, as AVALU of AVAL.
    """

    verb: ClassVar[str] = "base_value"
    whole = True
    example = Example(
        rule="{base_value: AVAL, where: \"ABLFL == 'Y'\", by: [USUBJID, PARAMCD]}",
        rows={"SUBJ": ["01", "02", "03"], "KG": ["70", "65", "80"], "FL": ["", "Y", "Y"]},
        gives=["", "65", "80"],
        dataset="ADVS",
        variable="BASE",
        setting="AVAL: AGE\nPARAMCD: {value: X}\nPARAM: {value: X}\nABLFL: DTHFL",
        datasets={"DM": "DTHFL: FL\nAGE: KG"},
    )

    base_value: str = Field(description="The variable whose value is taken.")
    where: Condition = Field(default="ABLFL == 'Y'", description="Which record of the group it is taken from.")
    by: tuple[str, ...] = Field(
        default=("USUBJID", "PARAMCD", "BASETYPE"), description="Variables that make the group."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "base_value", self.base_value
        for name in self.by:
            yield "by", name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        yield "where", self.where

    def copies_number(self, is_number: Callable[[str], bool]) -> bool:
        return is_number(self.base_value)

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return (
            f"{target} is {words.name(self.base_value)} of the record with the same {words.names(self.by)} where "
            f"{plain(self.where, words)}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        values = env.column(self.base_value, "base_value")
        groups = self.groups(env, self.by)
        holds = env.condition(self.where, "where") & (groups >= 0)
        candidates = np.flatnonzero(holds)
        again = candidates[verbs.later(groups[candidates])]
        if len(again):
            twice = np.zeros(env.n, dtype=bool)
            twice[again] = True
            message = f"a further record of its group where {plain(self.where)}: the first one counts"
            env.report("R2A-BASE-001", twice, message, self.base_value)
        count = int(groups.max(initial=-1)) + 1
        picked = verbs.pick_per_group(groups, count, candidates, "first")
        rows = np.where(groups >= 0, picked[np.maximum(groups, 0)], -1) if count else np.full(env.n, -1)
        rows = self._in_same_unit(env, values, rows)
        before = sum(env.build.rows(b).n for b in range(env.block or 0))  # rows of a block follow those of earlier ones
        table = env.build.study.table(env.dataset, env.build, None)
        choice = Choice("lookup", env.dataset, self.base_value, tuple((n, n) for n in self.by), (), self.where)
        taken = np.where(rows < 0, -1, rows + before)
        return Derived(col.take(values, rows), (table, taken), (self.base_value,), choice=choice)

    def _in_same_unit(self, env: Environment, values: pd.Series, rows: np.ndarray) -> np.ndarray:
        """The baseline of each record, -1 where it is in another unit than the value of the record: a finding."""
        unit = unit_of_records(env, None, self.base_value)
        if not unit or not col.is_number(values):
            return rows
        units = col.as_text(env.peek(unit.name))
        mine, theirs = col.value_ranks(units), np.append(col.value_ranks(units), -1)[rows]
        blank = col.missing(units)
        differ = (rows >= 0) & ~col.missing(values) & ~blank & ~np.append(blank, True)[rows] & (mine != theirs)
        message = "the baseline is in another unit than the value: there is no baseline for it"
        env.report("R2A-BASE-004", differ & env.applies(), message, unit.name)
        return np.where(differ, -1, rows)
