"""Change from baseline in BDS datasets: the value of the baseline record, and the category of a change.

CHG and PCHG are formulas (compute: AVAL - BASE). Not for which record is the baseline: that is a flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.expressions.sentence import condition_sentence, plain
from ..engine.tables.dataset import Choice
from ..mappings.models.derivation import Condition, Example, register
from ..mappings.models.instrument import ChangeThreshold
from ..mappings.models.wording import AS_WRITTEN, Wording, quoted

#: a change that lies this little below its threshold is one that floating point has moved there
TOLERANCE = 1e-9


@register
class BaseValue(Derivation):
    """The value of the record of the same group where a condition holds, as BASE of the record with ABLFL Y.

    Every record of the group gets it, the ones before and the record itself too. Where several records fulfil the
    condition, the first one counts, with a finding.
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

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        return (
            f"{target} is {words.name(self.base_value)} of the record with the same {words.names(self.by)} where "
            f"{plain(self.where, words)}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        values = env.column(self.base_value, "base_value")
        (groups,) = verbs.key_codes([env.subject() if n == "USUBJID" else env.column(n, "by") for n in self.by])
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
        before = sum(env.build.rows(b).n for b in range(env.block or 0))  # rows of a block follow those of earlier ones
        table = env.build.study.table(env.dataset, env.build, None)
        choice = Choice("lookup", env.dataset, self.base_value, tuple((n, n) for n in self.by), (), self.where)
        taken = np.where(rows < 0, -1, rows + before)
        return Derived(col.take(values, rows), (table, taken), (self.base_value,), choice=choice)


@register
class ThresholdCategory(Derivation):
    """IMPROVED, STABLE or WORSENED by the threshold of the record's parameter; missing where the change is.

    A change of exactly the threshold counts. With give: criterion, the text of the criterion of deterioration (CRIT1),
    as CHG <= -10. A parameter without a threshold gives missing.
    """

    verb: ClassVar[str] = "threshold_category"
    example = Example(
        rule="{threshold_category: CHG, thresholds: {PAIN: {better: lower, improved: 16, worsened: 11}}}",
        rows={"SUBJ": ["01", "02", "03", "04", "05"], "DIFF": ["-16", "-15.9", "10.9", "11", ""]},
        gives=["IMPROVED", "STABLE", "STABLE", "WORSENED", ""],
        dataset="ADQS",
        variable="CHGCAT1",
        setting='CHG: AGE\nPARAMCD: {value: PAIN}\nPARAM: {value: Pain}\nAVAL: {compute: "1"}',
        datasets={"DM": "AGE: DIFF"},
    )

    threshold_category: str = Field(description="The change.")
    parameter: str = Field(default="PARAMCD", description="The variable that has the parameter.")
    thresholds: dict[str, ChangeThreshold] = Field(default_factory=dict, description="Parameter to its thresholds.")
    instruments: tuple[str, ...] = Field(
        default=(), description="Instruments of study.yaml whose thresholds count, where thresholds: has none."
    )
    give: Literal["category", "criterion"] = Field(
        default="category", description="The output: the category, or the criterion."
    )
    categories: tuple[str, str, str] = Field(
        default=("IMPROVED", "STABLE", "WORSENED"), description="The three categories."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "threshold_category", self.threshold_category
        yield "parameter", self.parameter

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys(self.categories, "") if self.give == "category" else None

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        known = [_sentence(name, t) for name, t in self.thresholds.items()]
        known += [f"those of {name}" for name in self.instruments]
        listed = "; ".join(known)
        if self.give == "criterion":
            return (
                f"{target} is the criterion of deterioration of {words.name(self.threshold_category)} by the "
                f"thresholds of {words.name(self.parameter)}: {listed}{condition_sentence(self.when, words)}."
            )
        better, same, worse = self.categories
        return (
            f"{target} is {quoted(better)} or {quoted(worse)} if {words.name(self.threshold_category)} is for the "
            f"better or for the worse by at least the threshold of {words.name(self.parameter)}, else "
            f"{quoted(same)}: {listed}{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        change, _ = col.to_number(env.column(self.threshold_category, "threshold_category"))
        codes, names = col.split_text(env.column(self.parameter, "parameter"))
        known = self._known(env)
        found = [known.get(name) for name in names]
        if self.give == "criterion":
            texts = [_criterion(self.threshold_category, t) if t else "" for t in found]
            texts.append("")
            return Derived(col.join_text(np.where(np.isnan(change), len(names), codes), texts))
        sign = np.array([0.0 if t is None else 1.0 if t.better == "higher" else -1.0 for t in found])
        improved = np.array([np.nan if t is None else t.improved for t in found])[codes] - TOLERANCE
        worsened = np.array([np.nan if t is None else t.worsened for t in found])[codes] - TOLERANCE
        for_better = change * sign[codes]
        known_here = ~np.isnan(change) & ~np.isnan(improved)
        category = np.where(for_better >= improved, 1, np.where(-for_better >= worsened, 3, 2))
        return Derived(col.join_text(np.where(known_here, category, 0), ["", *self.categories]))

    def _known(self, env: Environment) -> dict[str, ChangeThreshold]:
        known: dict[str, ChangeThreshold] = {}
        for name in self.instruments:
            instrument = env.study.spec.instruments[name]
            known |= {c: t for c in instrument.scores if (t := instrument.threshold(c)) is not None}
        return known | self.thresholds


def _criterion(change: str, threshold: ChangeThreshold) -> str:
    size = col.number_text(threshold.worsened)
    return f"{change} <= -{size}" if threshold.better == "higher" else f"{change} >= {size}"


def _sentence(name: str, threshold: ChangeThreshold) -> str:
    better, worse = col.number_text(threshold.improved), col.number_text(threshold.worsened)
    return f"{name} {better} for the better ({threshold.better}), {worse} for the worse"
