"""Analysis visits by windows of study days: the window's name, number, target, limits, and the distance to the target.

Which record of a window counts is the rule of a flag (flag: first, by AWTDIFF). Not for visits as collected
(sdtm/derivations/visits.py), nor for the visits that were expected (adam/questionnaires/expected_visits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.expressions.sentence import condition_sentence
from ...mappings.models.derivation import Example, register
from ...mappings.models.window import WindowSpec, window_problems
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted


@dataclass(frozen=True)
class Placed:
    """The window of each study day: ``window`` (position in the list, -1 none), ``repeat`` (0 for its first time)."""

    windows: Sequence[WindowSpec]
    window: np.ndarray
    repeat: np.ndarray

    def number(self, field: str, shift: Literal["days", "step", ""] = "") -> np.ndarray:
        """A number of each record's window, moved with its repetition; NaN without a window or without that number."""
        values = [getattr(w, field) for w in self.windows]
        table = np.array([*(np.nan if v is None else v for v in values), np.nan], dtype="float64")
        moves = [(w.every or 0) if shift == "days" else w.step if shift == "step" else 0 for w in self.windows]
        return table[self.window] + self.repeat * np.array([*moves, 0], dtype="float64")[self.window]

    def name(self) -> pd.Series:
        """The name of each record's window; '' without one."""
        numbers = self.number("number", "step")
        key = np.where(self.window < 0, -1, self.window + self.repeat * len(self.windows))
        keys, codes = np.unique(key, return_inverse=True)
        first = col.first_positions(codes, len(keys))
        names = []
        for k, at in zip(keys.tolist(), first.tolist(), strict=True):
            text = "" if k < 0 else self.windows[self.window[at]].name
            names.append(text.replace("{number}", col.number_text(float(numbers[at]))))
        return col.join_text(codes, names)


def place_days(days: np.ndarray, windows: Sequence[WindowSpec]) -> Placed:
    """The window of each study day (float64, NaN missing). A day in a gap between windows has none."""
    window = np.full(len(days), -1, dtype="int64")
    repeat = np.zeros(len(days), dtype="int64")
    for i, spec in enumerate(windows):
        low = -np.inf if spec.from_ is None else spec.from_
        high = np.inf if spec.to is None else spec.to
        times = np.zeros(len(days))
        if spec.every is not None:
            times = np.where(days >= low, np.floor((days - low) / spec.every), 0.0)
        inside = (days >= low + times * (spec.every or 0)) & (days <= high + times * (spec.every or 0))
        window[inside] = i
        repeat[inside] = times[inside].astype("int64")
    return Placed(windows, window, repeat)


def continuous(days: np.ndarray) -> np.ndarray:
    """Study days on a scale without the gap between -1 and 1, so that differences count days.

    See docs/semantics.md S24.
    """
    return days - (days > 0)


@register
class AnalysisWindow(Derivation):
    """The window of a study day: its name, number, target day, limits, or distance of the day to the target.

    The distance (AWTDIFF) counts days, without a day 0. A day in no window gives missing, and so does the target of a
    window that has none.
    """

    verb: ClassVar[str] = "analysis_window"
    example = Example(
        rule="{analysis_window: ADY, windows: [{name: Baseline, to: 1, target: 1, number: 0}, {name: Unscheduled, "
        "from: 2, to: 45}, {name: 'Month {number}', from: 46, to: 136, target: 91, number: 3, every: 91, step: 3}]}",
        rows={"SUBJ": ["01", "02", "03", "04", "05", "06"], "DAY": ["-3", "1", "2", "136", "137", ""]},
        gives=["Baseline", "Baseline", "Unscheduled", "Month 3", "Month 6", ""],
        dataset="ADQS",
        variable="AVISIT",
        setting='ADY: AGE\nPARAMCD: {value: X}\nPARAM: {value: X}\nAVAL: {compute: "1"}',
        datasets={"DM": "AGE: DAY"},
    )

    analysis_window: str = Field(description="The study day.")
    windows: tuple[WindowSpec, ...] = Field(description="The windows, in order of days.")
    give: Literal["name", "number", "target", "difference", "low", "high"] = Field(
        default="name", description="The output: AVISIT, AVISITN, AWTARGET, AWTDIFF, AWLO or AWHI."
    )

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "analysis_window", self.analysis_window

    def problems(self) -> Iterator[tuple[str, str]]:
        yield from (("windows", text) for text in window_problems(self.windows))

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        day = words.name(self.analysis_window)
        what = {
            "name": "the analysis visit",
            "number": "the number of the analysis visit",
            "target": "the target day of the analysis visit",
            "difference": f"the number of days between {day} and the target day of the analysis visit",
            "low": "the first day of the window of the analysis visit",
            "high": "the last day of the window of the analysis visit",
        }[self.give]
        return f"{target} is {what} in whose window {day} lies: {windows_sentence(self.windows)}" + (
            f"{condition_sentence(self.when, words)}."
        )

    def derive(self, env: Environment) -> Derived:
        days, _ = col.to_number(env.column(self.analysis_window, "analysis_window"))
        placed = place_days(days, self.windows)
        if self.give == "name":
            return Derived(placed.name())
        if self.give == "number":
            return Derived(pd.Series(placed.number("number", "step")))
        if self.give == "difference":
            target = placed.number("target", "days")
            return Derived(pd.Series(np.abs(continuous(days) - continuous(target))))
        field = {"target": "target", "low": "from_", "high": "to"}[self.give]
        return Derived(pd.Series(placed.number(field, "days")))


def windows_sentence(windows: Sequence[WindowSpec]) -> str:
    """The windows in words."""
    parts = []
    for w in windows:
        first = "" if w.from_ is None else f"from day {w.from_} "
        last = "on" if w.to is None else f"to day {w.to}"
        target = "" if w.target is None else f", target day {w.target}"
        again = "" if w.every is None else f", then every {w.every} days"
        name = w.name.replace("{number}", "" if w.number is None else col.number_text(w.number))
        parts.append(f"{quoted(name)} {first}{last}{target}{again}")
    return "; ".join(parts)
