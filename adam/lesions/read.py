"""The rows of the step ``tumor_burden`` as arrays, with findings about rows that cannot be used.

Not for evaluations: evaluations.py.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.moments import days_of_variable
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import read_as_numbers
from .evaluations import Lesions, repeated
from .measurements import Texts, covered, diameters, millimetres, split_column, text_in


class LesionColumns(Protocol):
    """The keys of the step that say which columns and rows are what."""

    tumor_burden: str
    perpendicular: str | None
    text: str | None
    unit: str | None
    lesion: str
    date: str
    evaluation: tuple[str, ...]
    start: str
    target: str
    nodal: str | None
    non_target: str | None
    new: str | None
    equivocal: tuple[str, ...]
    absent: tuple[str, ...]
    small: tuple[str, ...]
    small_is: float
    progression: tuple[str, ...]
    not_evaluable: tuple[str, ...]
    split: str
    merged: str


def read_lesions(env: Environment, step: LesionColumns) -> tuple[Lesions, np.ndarray]:
    """(the rows, for each target row the row of its perpendicular diameter, -1 for none)."""
    dates = env.column(step.date, "date")
    day = np.floor(days_of_variable(dates, step.date))
    target = env.condition(step.target, "target")
    non_target = _condition(env, step.non_target, "non_target") & ~target
    across_rows = _condition(env, step.perpendicular, "perpendicular") & ~target & ~non_target
    new = _condition(env, step.new, "new")
    used = target | non_target | new | across_rows
    env.report("R2A-LES-001", used & np.isnan(day), "a lesion without a complete date: not used", step.date)
    text = split_column(env.column(step.text, "text")) if step.text is not None else (np.zeros(env.n, "int8"), [""])
    size = _sizes(env, step, target | across_rows, text)
    codes, names = split_column(env.column(step.lesion, "lesion"))
    nameless = used & np.array([not n.strip() for n in names], dtype=bool)[codes]
    env.report("R2A-LES-003", nameless, "a lesion without an identifier: not used", step.lesion)
    used &= ~np.isnan(day) & ~nameless
    start = env.column(step.start, "start")
    begin = days_of_variable(start, step.start)
    keys = [env.subject(), *(env.column(name, "evaluation") for name in step.evaluation)]
    evaluation = verbs.key_codes(keys, missing_matches=True)[0]
    message = "another diameter of the lesion in the same evaluation: the latest counts, of one day the largest"
    target, across_rows = used & target, used & across_rows
    for rows in (target, across_rows):
        again, differing = repeated(np.flatnonzero(rows), evaluation, codes, day, size)
        env.report("R2A-LES-004", differing, message, step.tumor_burden)
        rows &= ~again
    beside = _beside(np.flatnonzero(target), np.flatnonzero(across_rows), evaluation, codes)
    across = np.where(beside >= 0, size[np.maximum(beside, 0)], np.nan)
    value = size
    if step.perpendicular is not None:
        small = text_in(text, step.small)
        across = np.where(size == 0, 0.0, np.where(np.isnan(across) & small, step.small_is, across))
        _report_pairs(env, step, target, size, across)
        value = size * across
    subject = verbs.key_codes([env.subject()])[0]
    new = used & new & ~text_in(text, (*step.absent, *step.not_evaluable))
    found = Lesions(
        subject=subject,
        evaluation=evaluation,
        order=[col.ranks(env.column(name, "evaluation")) for name in step.evaluation],
        day=day,
        start=np.floor(begin),
        value=value,
        diameter=size,
        across=across,
        lesion=codes,
        lesion_rank=col.ranks(env.column(step.lesion, "lesion")),
        target=target,
        nodal=_condition(env, step.nodal, "nodal"),
        non_target=used & non_target,
        new=new & ~_stays_equivocal(new, text_in(text, step.equivocal), subject, codes, day),
        gone=text_in(text, step.absent),
        progressed=text_in(text, step.progression),
        no_state=text_in(text, step.not_evaluable) | text_in(text, [""]),
        covered=covered(codes, names, np.flatnonzero(target), step.split, step.merged),
        others=covered(codes, names, np.flatnonzero(used & non_target), step.split, step.merged),
    )
    return found, beside


def _condition(env: Environment, text: str | None, field: str) -> np.ndarray:
    return np.zeros(env.n, dtype=bool) if text is None else env.condition(text, field)


def _stays_equivocal(
    new: np.ndarray, equivocal: np.ndarray, subject: np.ndarray, lesion: np.ndarray, day: np.ndarray
) -> np.ndarray:
    """Where a new lesion is equivocal, and no later image shows that it is new. RECIST 1.1, section 4.3.5."""
    if not (new & equivocal).any():
        return np.zeros(len(new), dtype=bool)
    key = subject.astype("int64") * (int(lesion.max()) + 1) + lesion
    lesions, code = np.unique(key, return_inverse=True)
    last = np.full(len(lesions), -np.inf)
    certain = new & ~equivocal
    np.maximum.at(last, code[certain], day[certain])
    return new & equivocal & ~(last[code] > day)


def _sizes(env: Environment, step: LesionColumns, measured: np.ndarray, text: Texts) -> np.ndarray:
    """(n,) diameters in mm."""
    numbers = read_as_numbers(env, step.tumor_burden, "tumor_burden")
    if step.unit is not None:
        factor = millimetres(split_column(env.column(step.unit, "unit")))
        wrong = measured & ~np.isnan(numbers) & np.isnan(factor)
        env.report("R2A-LES-002", wrong, "a diameter in a unit that is neither mm nor cm: not used", step.unit)
        numbers = numbers * factor
    below = measured & (numbers < 0)
    env.report("R2A-LES-002", below, "a diameter below 0: not used", step.tumor_burden)
    return diameters(np.where(below, np.nan, numbers), text, step.absent, step.small, step.small_is)


def _beside(targets: np.ndarray, others: np.ndarray, evaluation: np.ndarray, lesion: np.ndarray) -> np.ndarray:
    """(n,) for each target row the row of ``others`` with the same evaluation and lesion, of which there is one; -1."""
    out = np.full(len(evaluation), -1, dtype="int64")
    if not len(others):
        return out
    size = int(lesion.max()) + 1
    keys = evaluation[others].astype("int64") * size + lesion[others]
    order = np.argsort(keys)
    wanted = evaluation[targets].astype("int64") * size + lesion[targets]
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    out[targets] = np.where(keys[order][place] == wanted, others[order][place], -1)
    return out


def _report_pairs(
    env: Environment, step: LesionColumns, target: np.ndarray, size: np.ndarray, across: np.ndarray
) -> None:
    """Findings on longest diameters whose perpendicular one is missing or longer."""
    missing = target & ~np.isnan(size) & np.isnan(across)
    message = "a longest diameter without its perpendicular one: the lesion is not measured"
    env.report("R2A-LES-007", missing, message, step.tumor_burden)
    longer = target & (across > size)
    message = "the perpendicular diameter is longer than the longest one: both are used as they are"
    env.report("R2A-LES-007", longer, message, step.tumor_burden)
