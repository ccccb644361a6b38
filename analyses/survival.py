"""kaplan_meier and cumulative_incidence: times to an event as rows, curves and lines of a forest plot.

Times are in the unit of the results; probabilities of curves go from 0 to 1, rates of rows from 0 to 100. Not for the
estimates themselves (statistics/).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..mappings.models.statistic import DAYS
from ..mappings.models.statistics import CumulativeIncidenceSpec, KaplanMeierSpec
from ..statistics.incidence import Incidence, cumulative_incidence, incidence_at_times
from ..statistics.survival import Survival, at_times, follow_up, kaplan_meier, numbers_at_risk, quantile
from .groups import Groups
from .number_texts import count, count_text, count_values, interval_text, missing, value
from .outcome import Outcome, subgroup_levels
from .records import Records
from .results import Absent, Cell, Curve, Interval, Row

_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 365, 730)
#: intervals on the axis of time, at most
_MOST_TICKS = 10


@dataclass(frozen=True)
class Times:
    """The time of each subject in the unit of the results (NaN without one), and whether it ends with the event."""

    time: np.ndarray
    event: np.ndarray
    competing: np.ndarray
    there: np.ndarray

    def inside(self, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(time, event) of the subjects of a group that have a time."""
        keep = member & self.there
        return self.time[keep], self.event[keep]


def _times(spec: KaplanMeierSpec | CumulativeIncidenceSpec, records: Records, out: Outcome) -> Times:
    n = len(records.groups.population)
    numbers = records.number(spec.time) * (DAYS[spec.measured_in] / DAYS[spec.unit])
    event = records.condition(spec.event)
    competing = (
        records.condition(spec.competing) & ~event
        if isinstance(spec, CumulativeIncidenceSpec)
        else np.zeros(records.n, dtype=bool)
    )
    # the first record of a subject by its time, and an event before a censoring, whatever the order of the records
    order = np.lexsort((~competing, ~event, np.where(np.isfinite(numbers), numbers, np.inf), records.at))[::-1]
    rows = np.full(n, -1, dtype="int64")
    rows[records.at[order]] = order
    several = int((np.bincount(records.at, minlength=n) > 1).sum())
    if several:
        out.notes.append(f"Subjects with several records, of which the shortest time is used: {several}.")
    have = rows >= 0
    time = np.where(have, numbers[rows] if records.n else np.nan, np.nan)
    known = have & np.isfinite(time) & (time >= 0)
    if int((have & ~known).sum()):
        out.notes.append(f"Subjects without a valid time, who are excluded: {int((have & ~known).sum())}.")
    if not records.n:
        event = competing = np.zeros(1, dtype=bool)
    return Times(time, event[rows] & known, competing[rows] & known, known)


def kaplan_meier_result(spec: KaplanMeierSpec, records: Records) -> Outcome:
    """Rows subjects, events, censored, median, quartiles, rates and follow-up; curves; medians of subgroups."""
    out = Outcome(unit=spec.unit)
    groups = records.groups
    times = _times(spec, records, out)
    curves = [kaplan_meier(*times.inside(m), spec.confidence) for m in groups.members]
    out.rows += _count_rows(groups, times, curves)
    level = f"{100 * spec.confidence:g}% CI"
    shares = [("median", 0.5, "Median"), *([("q1", 0.25, "25th percentile"), ("q3", 0.75, "75th percentile")]
                                           if spec.quartiles else [])]  # fmt: skip
    for id_, share, label in shares:
        cells = [
            _quantile_cell(c, share, spec, _sets(groups, times, m)) for c, m in zip(curves, groups.members, strict=True)
        ]
        out.rows.append(Row(id=id_, label=f"{label}, {spec.unit} ({level})", cells=tuple(cells)))
    for landmark in spec.landmarks:
        cells = []
        for curve, member in zip(curves, groups.members, strict=True):
            at = at_times(curve, np.array([landmark]))
            numbers = (float(at.estimate[0]), float(at.lower[0]), float(at.upper[0]))
            at_risk = member & times.there & (times.time >= landmark)
            cells.append(_rate_cell(numbers, curve.subjects, spec.decimals, groups, at_risk, member & times.there))
        label = f"Rate at {_time(landmark, spec)}, % ({level})"
        out.rows.append(Row(id=f"rate-{landmark:g}", label=label, cells=tuple(cells)))
    if spec.follow_up:
        reverse = [follow_up(*times.inside(m), spec.confidence) for m in groups.members]
        cells = [
            _quantile_cell(c, 0.5, spec, _sets(groups, times, m)) for c, m in zip(reverse, groups.members, strict=True)
        ]
        out.rows.append(Row(id="follow-up", label=f"Median follow-up, {spec.unit} ({level})", cells=tuple(cells)))
    ticks = _ticks(spec.ticks, times)
    for column, curve, member in zip(groups.columns, curves, groups.members, strict=True):
        out.curves.append(_curve(column.id, curve, 1.0, ticks, _at_risk(groups, times, member, ticks)))
    if groups.spec.subgroups:
        for heading, label, member in subgroup_levels(groups, out.notes):
            curve = kaplan_meier(*times.inside(member), spec.confidence)
            out.forest.append(_median_line(heading, label, curve, spec, _sets(groups, times, member)))
    return out


def _time(landmark: float, spec: KaplanMeierSpec | CumulativeIncidenceSpec) -> str:
    """12 months, 1 month."""
    return f"{landmark:g} {spec.unit.removesuffix('s') if landmark == 1 else spec.unit}"


def _sets(groups: Groups, times: Times, member: np.ndarray) -> tuple[int, int]:
    add = groups.data.subjects.add
    return add(member & times.event), add(member & times.there)


def _count_rows(groups: Groups, times: Times, curves: list[Survival]) -> list[Row]:
    """Subjects with a time, with an event, and censored. Their percentages are of the subjects with a time."""
    rows = []
    for id_, label, counted in (
        ("subjects", "Subjects", times.there),
        ("events", "Events, n (%)", times.event),
        ("censored", "Censored, n (%)", times.there & ~times.event & ~times.competing),
        *((("competing", "Competing events, n (%)", times.competing),) if times.competing.any() else ()),
    ):
        cells = []
        for member, curve in zip(groups.members, curves, strict=True):
            n = int((member & counted).sum())
            text = str(n) if id_ == "subjects" else count_text(count_values(n, curve.subjects))
            add = groups.data.subjects.add
            named = count(id_ if id_ != "subjects" else "n", n)
            cells.append(
                Cell(
                    text=text,
                    values=(named, count("total", curve.subjects)),
                    numerator=add(member & counted),
                    denominator=add(member & times.there),
                )
            )
        rows.append(Row(id=id_, label=label, cells=tuple(cells)))
    return rows


def _quantile_cell(curve: Survival, share: float, spec: KaplanMeierSpec, sets: tuple[int, int]) -> Cell:
    if not curve.subjects:
        name = "median" if share == 0.5 else "estimate"
        return Cell(text=Absent.NO_SUBJECTS.value, values=(missing(name, Absent.NO_SUBJECTS),), denominator=sets[1])
    found = quantile(curve, share)
    name = "median" if share == 0.5 else "estimate"
    time = value(name, found.time, spec.decimals, Absent.NOT_REACHED)
    lower = value("lower", found.lower, spec.decimals, Absent.NOT_ESTIMABLE)
    upper = value("upper", found.upper, spec.decimals, Absent.NOT_ESTIMABLE)
    text = f"{time.text} {interval_text(lower, upper)}"
    return Cell(text=text, values=(time, lower, upper), numerator=sets[0], denominator=sets[1])


def _rate_cell(
    numbers: tuple[float, float, float],
    subjects: int,
    decimals: int,
    groups: Groups,
    counted: np.ndarray,
    of: np.ndarray,
) -> Cell:
    absent = Absent.NOT_ESTIMABLE if subjects else Absent.NO_SUBJECTS
    rate, lower, upper = (
        value(name, 100 * x, decimals, absent) for name, x in zip(("rate", "lower", "upper"), numbers, strict=True)
    )
    text = absent.value if rate.absent is not None else f"{rate.text} {interval_text(lower, upper)}"
    add = groups.data.subjects.add
    return Cell(text=text, values=(rate, lower, upper), numerator=add(counted), denominator=add(of))


def _ticks(distance: float, times: Times) -> np.ndarray:
    longest = float(times.time[times.there].max()) if times.there.any() else 0.0
    if not distance:
        distance = next((float(s) for s in _STEPS if longest / s <= _MOST_TICKS), longest / _MOST_TICKS or 1.0)
    return np.arange(0, longest + distance * 1e-9, distance)


def _at_risk(groups: Groups, times: Times, member: np.ndarray, ticks: np.ndarray) -> tuple[int, ...]:
    """The subjects of a group at risk at each tick."""
    return tuple(groups.data.subjects.add(member & times.there & (times.time >= tick)) for tick in ticks.tolist())


def _curve(
    column: str, curve: Survival | Incidence, start: float, ticks: np.ndarray, at_risk: tuple[int, ...]
) -> Curve:
    """The steps from time 0 to the longest time."""
    last = curve.last if curve.subjects else 0.0
    estimate = np.concatenate(([start], curve.estimate))
    return Curve(
        column=column,
        time=np.concatenate(([0.0], curve.time, [last])),
        estimate=np.append(estimate, estimate[-1]),
        lower=np.concatenate(([np.nan], curve.lower, curve.lower[-1:] if len(curve.lower) else [np.nan])),
        upper=np.concatenate(([np.nan], curve.upper, curve.upper[-1:] if len(curve.upper) else [np.nan])),
        censored=curve.censored,
        ticks=tuple(ticks.tolist()),
        at_risk=tuple(int(x) for x in numbers_at_risk(curve.observed, ticks)),
        at_risk_subjects=at_risk,
    )


def _median_line(heading: str, label: str, curve: Survival, spec: KaplanMeierSpec, sets: tuple[int, int]) -> Interval:
    cell = _quantile_cell(curve, 0.5, spec, sets)
    return Interval(
        label=label,
        heading=heading,
        size=curve.subjects,
        events=curve.events,
        estimate=cell.number("median"),
        lower=cell.number("lower"),
        upper=cell.number("upper"),
        text=cell.text,
        subjects=sets[1],
        counted=sets[0],
    )


def cumulative_incidence_result(spec: CumulativeIncidenceSpec, records: Records) -> Outcome:
    """Rows subjects, events, competing events, censored, and the incidence at landmarks; curves."""
    out = Outcome(unit=spec.unit)
    groups = records.groups
    times = _times(spec, records, out)
    cause = np.where(times.event, 1, np.where(times.competing, 2, 0))
    curves = []
    for member in groups.members:
        keep = member & times.there
        curves.append(cumulative_incidence(times.time[keep], cause[keep], spec.confidence))
    out.rows += _count_rows(groups, times, curves)  # pyright: ignore[reportArgumentType] - only subjects is read
    level = f"{100 * spec.confidence:g}% CI"
    for landmark in spec.landmarks:
        cells = []
        for curve, member in zip(curves, groups.members, strict=True):
            at = incidence_at_times(curve, np.array([landmark]))
            numbers = (float(at.estimate[0]), float(at.lower[0]), float(at.upper[0]))
            by_then = member & times.event & (times.time <= landmark)
            cells.append(_rate_cell(numbers, curve.subjects, spec.decimals, groups, by_then, member & times.there))
        label = f"Cumulative incidence at {_time(landmark, spec)}, % ({level})"
        out.rows.append(Row(id=f"rate-{landmark:g}", label=label, cells=tuple(cells)))
    ticks = _ticks(spec.ticks, times)
    for column, curve, member in zip(groups.columns, curves, groups.members, strict=True):
        out.curves.append(_curve(column.id, curve, 0.0, ticks, _at_risk(groups, times, member, ticks)))
    return out
