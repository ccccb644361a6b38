"""When each subject entered the epochs and elements of the trial: the one calculation behind EPOCH and SE.

Starts are DM dates that study.yaml names; an element lasts to the start of the next one that the subject entered.
Not for the planned design (sdtm/trial/design.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.choose import first_filled
from ...engine.columns.iso_dates import days_of_text
from ...engine.columns.moments import Moments, after, moments
from ...engine.derivations.derivation import Derivation, Derived
from ...engine.derivations.environment import Environment
from ...engine.tables.dataset import Origin
from ...mappings.models.derivation import Example, register
from ...mappings.models.trial import TrialSpec
from ...mappings.models.visits_and_epochs import ReachedSpec
from ...mappings.models.wording import AS_WRITTEN, Wording


@dataclass(frozen=True)
class Start:
    """The start of an epoch or element for the subject of each record: ISO 8601 texts and their possible moments."""

    texts: pd.Series
    moments: Moments


def named(start: str | tuple[str, ...] | None) -> list[str]:
    """The variables of a start, each as DATASET.VARIABLE; DM is understood."""
    names = (start,) if isinstance(start, str) else start or ()
    return [n if "." in n else f"DM.{n}" for n in names]


def start_of(env: Environment, start: str | tuple[str, ...] | None, field: str, *, after: bool = False) -> Start:
    """The first filled of the variables, or the day after it; a partial date does not change."""
    texts = col.constant("", env.n)
    for name in named(start):
        texts = first_filled(texts, col.as_text(env.column(name, field)))
    if after:
        texts = col.map_text(texts, _day_after)
    return Start(texts, moments(texts))


@lru_cache(maxsize=65536)
def _day_after(text: str) -> str:
    if len(text) < 10:
        return text
    try:
        return (datetime.date.fromisoformat(text[:10]) + datetime.timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return text


def epoch_starts(env: Environment, field: str) -> list[Start | None]:
    """The start of each epoch of study.yaml, in order; None for one without a beginning."""
    out: list[Start | None] = []
    for spec in env.study.spec.epochs.values():
        if spec.start is None:
            out.append(None)
            continue
        found = start_of(env, spec.start, field, after=spec.after)
        if spec.reached is not None:
            here = _has_record(env, spec.reached, field)
            texts = col.take(found.texts, np.where(here, np.arange(env.n), -1))
            found = Start(texts, moments(texts))
        out.append(found)
    return out


def _has_record(env: Environment, reached: ReachedSpec, field: str) -> np.ndarray:
    if not env.build.study.has_table(reached.from_):
        raise env.error(f"there is no dataset '{reached.from_}', that reached: of an epoch names", field)
    table = env.build.study.table(reached.from_, env.build, None)  # all its blocks, also while it is built
    mine, theirs = verbs.key_codes([env.subject()], [table.column("USUBJID")])
    if reached.where is not None:
        theirs = np.where(env.condition_on(table, reached.where, field), theirs, -1)
    return (mine >= 0) & np.isin(mine, theirs[theirs >= 0])


def participation_end(env: Environment, field: str) -> Start | None:
    """The last day of the last element of each subject; None where trial: names no end."""
    trial = env.study.spec.trial
    return start_of(env, trial.end, field) if trial is not None and trial.end else None


@register
class SubjectElement(Derivation):
    """One variable of SE, for a step of the arm's path: the steps that the subject did not enter have no value.

    A step is entered when its start is filled, no later step certainly started before it, and the subject's
    participation did not certainly end before it. Times count where both have one, else days. It ends where the next
    entered step starts, the last one at the end of participation. SDTMIG 3.4 section 5.3. ``rows: {trial: SE}`` adds
    this rule to SE.
    """

    verb: ClassVar[str] = "element"
    example = Example(
        rule="{element: SEENDTC, step: NO}",
        rows={"SUBJ": ["01", "01", "02", "02"], "NO": ["1", "2", "1", "2"]},
        gives=["2020-03-01", "2020-06-30", "", "2020-06-30"],
        dataset="SE",
        variable="SEENDTC",
        study="""\
epochs: {SCREENING: {start: RFICDTC}, TREATMENT: {start: RFSTDTC}}
trial:
  arms: {A: {label: Drug A, path: {SCREENING: [SCRN], TREATMENT: [TRTA]}}}
  elements: {SCRN: {label: Screening, starts: Consent}, TRTA: {label: Drug A, starts: First dose}}
  end: RFPENDTC
""",
        sources={
            "dm": {
                "SUBJ": ["01", "02"],
                "CONSENT": ["2020-02-20", "2020-04-01"],
                "START": ["2020-03-01"] * 2,
                "END": ["2020-06-30"] * 2,
            }
        },
        datasets={
            "DM": "ARMCD: {value: A}\nRFICDTC: {date: CONSENT}\nRFSTDTC: {date: START}\nRFPENDTC: {date: END}",
        },
    )

    element: Literal["ETCD", "ELEMENT", "TAETORD", "EPOCH", "SESTDTC", "SEENDTC"] = Field(
        description="The variable of SE."
    )
    step: str = Field(default="STEP", description="Column with the number of the step, TAETORD.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "step", self.step

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        what = {
            "SESTDTC": "the first date or time of the subject at which the start rule of the element (TESTRL) is met",
            "SEENDTC": "the start of the next element that the subject entered, or the end of participation",
        }.get(self.element, f"{self.element} of the planned element")
        return f"{target} is {what}."

    def derive(self, env: Environment) -> Derived:
        trial = env.study.spec.trial
        if trial is None or not trial.arms:
            raise env.error("study.yaml has no trial: with arms:", "element")
        numbers, _ = col.to_number(env.column(self.step, "step"))
        codes, arms = col.split_text(env.column("DM.ARMCD", "element"))
        starts = _element_starts(env, trial)
        end = participation_end(env, "element")
        out = col.constant("", env.n)
        for position, (armcd, arm) in enumerate(trial.arms.items()):
            # a subject without an arm has the elements before the arms divide: the dates decide
            mine = np.array([a == armcd or (not a and position == 0) for a in arms], dtype=bool)[codes]
            steps = [starts[step] for step in arm.steps]
            entered = _entered(steps, end)
            following = end.texts if end is not None else col.constant("", env.n)
            for number in range(len(steps), 0, -1):
                epoch, etcd = arm.steps[number - 1]
                start, here = steps[number - 1].texts, entered[number - 1]
                planned = {"ETCD": etcd, "ELEMENT": trial.elements[etcd].label, "TAETORD": str(number), "EPOCH": epoch}
                if self.element in planned:
                    values = col.constant(planned[self.element], env.n)
                else:
                    values = start if self.element == "SESTDTC" else following
                at = mine & (numbers == number) & here
                out = _where(at, values, out)
                following = _where(here, start, following)
        if self.element == "SESTDTC":
            self._report_partial(env, out)
        origin = None if self.element in ("SESTDTC", "SEENDTC") else Origin("Assigned", "Sponsor")
        return Derived(out, origin=origin)

    @staticmethod
    def _report_partial(env: Environment, starts: pd.Series) -> None:
        env.report(
            "R2A-SE-001",
            ~col.missing(starts) & np.isnan(days_of_text(starts)),
            "the start of the element is no complete date: a record that may lie before or after it gets no EPOCH",
            value=col.objects(starts),
        )


def _where(mask: np.ndarray, yes: pd.Series, no: pd.Series) -> pd.Series:
    count = len(mask)
    return col.take(col.concat([yes, no]), np.where(mask, np.arange(count), np.arange(count) + count))


def _element_starts(env: Environment, trial: TrialSpec) -> dict[tuple[str, str], Start]:
    """(epoch, ETCD) -> start: that of the epoch for its first element, else that of the element."""
    epochs = dict(zip(env.study.spec.epochs, epoch_starts(env, "element"), strict=True))
    blank = col.constant("", env.n)
    nothing = Start(blank, moments(blank))
    out: dict[tuple[str, str], Start] = {}
    for arm in trial.arms.values():
        for epoch, elements in arm.path.items():
            for position, etcd in enumerate(elements):
                spec = trial.elements[etcd]
                start = start_of(env, spec.start, "element", after=spec.after) if spec.start else None
                out[epoch, etcd] = start or (epochs.get(epoch) if position == 0 else None) or nothing
    return out


def _entered(steps: list[Start], end: Start | None) -> list[np.ndarray]:
    """For each step where the subject entered it: started, not after the start of a later step, not after the end."""
    out: list[np.ndarray] = []
    for number in range(len(steps) - 1, -1, -1):
        start = steps[number]
        entered = ~col.missing(start.texts)
        if end is not None:
            entered &= ~after(start.moments, end.moments)
        for later, reached in zip(reversed(steps[number + 1 :]), out, strict=True):
            entered &= ~(reached & after(start.moments, later.moments))
        out.append(entered)
    return out[::-1]
