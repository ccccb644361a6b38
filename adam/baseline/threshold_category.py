"""The category of a change from baseline by the thresholds of its parameter: improved, stable or worsened.

Not for the change itself (change.py), nor for a change of categories (shift.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.instrument import ChangeThreshold, InstrumentSpec
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted

#: a change that lies this little below its threshold is one that floating point has moved there
TOLERANCE = 1e-9


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

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.thresholds and not self.instruments:
            yield "threshold_category", "give thresholds: or instruments:, which have the thresholds of the parameters"
        if len({*self.categories}) < len(self.categories):
            yield "categories", "a category is there twice; give three different texts"

    def texts(self) -> dict[str, str] | None:
        return dict.fromkeys(self.categories, "") if self.give == "category" else None

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        listed = "; ".join(self._listed(words))
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

    def _listed(self, words: Wording) -> Iterator[str]:
        """The thresholds in words: parameters with equal ones together, an instrument by its name where not known."""
        known: dict[str, ChangeThreshold] = {}
        for name in self.instruments:
            instrument = words.instrument(name)
            if instrument is None:
                yield f"those of {name}"
            else:
                known |= _of_instrument(instrument)
        equal: dict[str, list[str]] = {}
        for name, threshold in (known | self.thresholds).items():
            equal.setdefault(_sizes(threshold), []).append(quoted(name))
        for sizes, names in equal.items():
            yield f"{sizes} for {', '.join(names)}"

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
            known |= _of_instrument(env.study.spec.instruments[name])
        return known | self.thresholds


def _criterion(change: str, threshold: ChangeThreshold) -> str:
    size = col.number_text(threshold.worsened)
    return f"{change} <= -{size}" if threshold.better == "higher" else f"{change} >= {size}"


def _of_instrument(instrument: InstrumentSpec) -> dict[str, ChangeThreshold]:
    return {c: t for c in instrument.scores if (t := instrument.threshold(c)) is not None}


def _sizes(threshold: ChangeThreshold) -> str:
    better, worse = col.number_text(threshold.improved), col.number_text(threshold.worsened)
    return f"{better} for the better ({threshold.better}) and {worse} for the worse"
