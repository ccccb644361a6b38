"""The level of response of a measurement by its change from baseline and nadir: sums of lesions, PSA, CA-125.

The thresholds are data: mappings/criteria. Not for the sums (adam/lesions/), nor for the overall response
(overall_response.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from ...engine.expressions.sentence import condition_sentence, plain
from ...errors import SpecError, nearest
from ...mappings.models.criteria_files import criteria_folder, known_criteria
from ...mappings.models.derivation import Condition, Example, register
from ...mappings.models.tumor_criteria import (
    ChangeLevels,
    LevelLine,
    TumorCriteria,
    readable_criteria,
    tumor_criteria,
    tumor_criteria_names,
)
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted


@register
class LevelByChange(Derivation):
    """The level of response that a measurement shows by published criteria.

    The levels are tried in the order of the criteria; the first with a line that holds counts. Missing where the value
    is. Not evaluable: the baseline is missing, the nadir decides and is missing, or the value is a partial sum. A
    partial sum that is large enough is a progression all the same. From a nadir of 0 a percentage counts as reached.
    docs/response-criteria.md has the criteria.
    """

    verb: ClassVar[str] = "level_by_change"
    example = Example(
        rule="{level_by_change: AVAL, criteria: recist-1.1, measurement: target, base: BASE, nadir: NADIR, "
        "complete: AVAL == 0}",
        rows={
            "SUBJ": ["01", "02", "03", "04", "05", "06", "07", "08"],
            "SUM": ["70", "71", "60", "54", "59.9", "0", "50", ""],
            "LOW": ["100", "100", "50", "50", "50", "50", "", "50"],
        },
        gives=["PR", "SD", "PD", "PR", "PR", "CR", "NE", "NE"],
        dataset="ADTR",
        variable="AVALCAT1",
        setting="PARAMCD: {value: SDIAM}\nPARAM: {value: Sum of Diameters (mm)}\nAVAL: AGE\nBASE: {compute: '100'}\n"
        "NADIR: {from: DMDY, label: Nadir, type: float}",
        datasets={"DM": "AGE: SUM\nDMDY: LOW"},
    )

    level_by_change: str = Field(description="The value, AVAL.")
    criteria: str = Field(
        description="The criteria: recist-1.1, rano-2010, lugano-2014-ct, gcig-2011, pcwg3-2016, or a file "
        "NAME.yaml in criteria/ of the study."
    )
    measurement: str = Field(description="The measurement of the criteria, as target of recist-1.1.")
    base: str = Field(default="BASE", description="The baseline.")
    nadir: str | None = Field(
        default=None, description="The lowest value before, the baseline included; for criteria that compare with it."
    )
    complete: Condition | None = Field(
        default=None, description="All lesions are gone, or of normal size; for criteria with such a level."
    )
    single: Condition | None = Field(
        default=None, description="One lesion alone has progressed; for criteria with such a level."
    )
    partial: str | None = Field(
        default=None, description="The sum of what was measured, where the value is missing because not all was."
    )
    expected: Condition | None = Field(
        default=None,
        description="Not evaluable where this holds and the value is missing; else missing. By default where the "
        "baseline has a value.",
    )
    not_evaluable: str = Field(default="NE", description="The level where the criteria cannot be applied.")

    def problems(self) -> Iterator[tuple[str, ...]]:
        if (folder := criteria_folder(self, self.criteria, tumor_criteria_names())) is None:
            known = ", ".join(known_criteria(self, tumor_criteria_names()))
            yield "criteria", f"there are no criteria '{self.criteria}'; there is {known}"
            return
        try:
            criteria = tumor_criteria(self.criteria, folder)
        except SpecError as error:
            yield from (("criteria", str(problem)) for problem in error.problems)
            return
        changes = criteria.changes
        if self.measurement not in changes:
            hint = f" ({found})" if (found := nearest(self.measurement, changes)) else ""
            yield (
                "measurement",
                f"{self.criteria} has no measurement '{self.measurement}'; it has {', '.join(changes)}{hint}",
            )
            return
        lines = [line for lines in changes[self.measurement].levels.values() for line in lines]
        if self.nadir is None and any(name.startswith("nadir") for line in lines for name in line.limits()):
            yield "nadir", f"nadir: is missing: a level of {self.measurement} needs it"
        needs = [all(line.single for line in lines) for lines in changes[self.measurement].levels.values()]
        if self.single is None and any(needs):
            yield "single", f"single: is missing: a level of {self.measurement} needs it"
        if self.complete is None and any(line.complete for line in lines):
            yield "complete", f"complete: is missing: a level of {self.measurement} needs it"

    def reads(self) -> Iterator[tuple[str, str]]:
        for field in ("level_by_change", "base", "nadir", "partial"):
            if (name := getattr(self, field)) is not None:
                yield field, name

    def conditions(self) -> Iterator[tuple[str, str]]:
        yield from super().conditions()
        for field in ("complete", "single", "expected"):
            if (text := getattr(self, field)) is not None:
                yield field, text

    def texts(self) -> dict[str, str] | None:
        found = self._levels()
        return None if found is None else dict.fromkeys([*found.levels, found.otherwise, self.not_evaluable], "")

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        found, criteria = self._levels(), self._criteria()
        value = words.name(self.level_by_change)
        if found is None or criteria is None:
            return f"{target} is the level of {value} by {quoted(self.criteria)}."
        used = {k: [x for x in lines if self.single or not x.single] for k, lines in found.levels.items()}
        parts = [f"{quoted(level)} if {' or '.join(map(_line_words, lines))}" for level, lines in used.items()]
        complete = f" Complete: {plain(self.complete, words)}." if self.complete else ""
        if self.single:
            complete += f" A single lesion has progressed: {plain(self.single, words)}."
        return (
            f"{target} is the level of {value} by {quoted(criteria.criteria)}, the first of "
            f"{'; '.join(parts)}; else {quoted(found.otherwise)}{condition_sentence(self.when, words)}.{complete}"
        )

    def _criteria(self) -> TumorCriteria | None:
        return readable_criteria(self, self.criteria)  # ``problems`` reports a file that cannot be read

    def _levels(self) -> ChangeLevels | None:
        criteria = self._criteria()
        return criteria.changes.get(self.measurement) if criteria is not None else None

    def derive(self, env: Environment) -> Derived:
        levels = self._levels()
        assert levels is not None  # lint has refused criteria without them
        value = read_as_numbers(env, self.level_by_change, "level_by_change")
        base = read_as_numbers(env, self.base, "base")
        none = np.full(env.n, np.nan)
        nadir = none if self.nadir is None else read_as_numbers(env, self.nadir, "nadir")
        partial = none if self.partial is None else read_as_numbers(env, self.partial, "partial")
        compared = {n for lines in levels.levels.values() for line in lines for n in line.limits()}
        is_sum = "base" not in compared  # where levels ask for the sign of the baseline, it is no sum
        value, base, nadir, partial = (
            self._possible(env, numbers, name) if is_sum else numbers
            for numbers, name in (
                (value, self.level_by_change),
                (base, self.base),
                (nadir, self.nadir),
                (partial, self.partial),
            )
        )
        complete = np.zeros(env.n, bool) if self.complete is None else env.condition(self.complete, "complete")
        single = np.zeros(env.n, bool) if self.single is None else env.condition(self.single, "single")
        only = np.isnan(value) & ~np.isnan(partial)
        names = ["", *levels.levels, levels.otherwise, self.not_evaluable]
        code = levels_of(levels, np.where(only, partial, value), base, nadir, complete, single)
        evaluable = np.array([True, *(name in levels.rising for name in names[1:])])[code]
        code = np.where(only & ~evaluable, len(names) - 1, code)
        expected = ~np.isnan(base) if self.expected is None else env.condition(self.expected, "expected")
        code = np.where(np.isnan(value) & ~only, np.where(expected, len(names) - 1, 0), code)
        return Derived(col.join_text(code.astype("int16"), names))

    def _possible(self, env: Environment, numbers: np.ndarray, name: str | None) -> np.ndarray:
        """The numbers from 0 on; one below is a finding, and missing."""
        below = numbers < 0
        message = "a sum of diameters is not below 0: it is not used"
        env.report("R2A-RESP-013", below & env.applies(), message, name or "")
        return np.where(below, np.nan, numbers)


def levels_of(
    levels: ChangeLevels,
    value: np.ndarray,
    base: np.ndarray,
    nadir: np.ndarray,
    complete: np.ndarray,
    single: np.ndarray,
) -> np.ndarray:
    """(n,) codes: 1 for the first level, one more than the levels for the rest, two more for not evaluable."""
    compared = {
        "value": value,
        "base": base,
        "nadir": nadir,
        "base_change": value - base,
        "nadir_change": value - nadir,
        "base_percent": _percent(value, base),
        "nadir_percent": _percent(value, nadir),
    }
    rest = len(levels.levels) + 1
    code = np.zeros(len(value), dtype="int64")
    closed = np.isnan(base)  # without a baseline, or where a level before could not be decided
    for number, lines in enumerate(levels.levels.values(), start=1):
        holds, unknown = np.zeros(len(value), dtype=bool), np.zeros(len(value), dtype=bool)
        for line in lines:
            fits = complete.copy() if line.complete else np.ones(len(value), dtype=bool)
            fits &= single | (not line.single)
            fails, missing = ~fits, np.zeros(len(value), dtype=bool)
            for name, limit in line.limits().items():
                known = ~np.isnan(compared[name])
                here = limit.holds(compared[name])
                fits, fails, missing = fits & here, fails | (known & ~here), missing | ~known
            holds |= fits
            unknown |= missing & ~fails
        code[holds & (code == 0) & ~closed] = number
        closed |= unknown & ~holds & (code == 0)
    return np.where(code > 0, code, np.where(closed, rest + 1, rest))


def _percent(value: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Percent change; from 0 it is infinite for a higher value and 0 for 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = (value - of) / of * 100
    from_zero = np.where(value > of, np.inf, 0.0)
    return np.where((of == 0) & ~np.isnan(value), from_zero, percent)


def _line_words(line: LevelLine) -> str:
    parts = ["it is complete"] if line.complete else []
    parts += ["a single lesion has progressed"] if line.single else []
    return " and ".join([*parts, *(f"{name.replace('_', ' ')} {limit}" for name, limit in line.limits().items())])
