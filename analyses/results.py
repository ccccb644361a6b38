"""The computed analyses of a study: displays with their results, columns, rows, cells and curves.

Everything that shows a number (page, figure, CSV, RTF, machine-readable file, trace) reads these records; nothing is
computed again. Not for computing them, nor for how they look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ..errors import Place


class Absent(Enum):
    """Why a statistic has no number; the value is its text in a table."""

    NOT_REACHED = "not reached"
    NOT_ESTIMABLE = "not estimable"
    NO_SUBJECTS = "no subjects"
    NO_RECORDS = "no records"
    NO_EVENTS = "no events"
    MASKED = "masked"


def _size_text(size: int) -> str:
    return f"{size:,}" if size >= 0 else Absent.MASKED.value


class CountedNote(str):
    """A note of a display that counts ``subjects``; masking removes it where they are few."""

    subjects: int

    @classmethod
    def of(cls, text: str, subjects: int) -> CountedNote:
        note = cls(f"{text}: {subjects}.")
        note.subjects = subjects
        return note


@dataclass(frozen=True, kw_only=True)
class Value:
    """One statistic of a cell: its name (n, percent, mean, lower ...), its number at full precision, its text.

    ``number`` is None exactly where ``absent`` says why.
    """

    name: str
    number: float | None
    text: str
    absent: Absent | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a result: its statistics, its text, and the subjects that it counts.

    ``numerator`` and ``denominator`` are positions in SubjectSets; None where the cell has no such set.
    """

    text: str
    values: tuple[Value, ...] = ()
    numerator: int | None = None
    denominator: int | None = None

    def number(self, name: str) -> float | None:
        """The number of the statistic with this name; None if there is none."""
        return next((v.number for v in self.values if v.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One group of subjects, as a column of a display. The column of all subjects has no ``variable``.

    ``size``: the subjects of the population in the group, -1 if it is masked. ``subjects``: their position in
    SubjectSets.
    """

    id: str
    label: str
    variable: str = ""
    value: str = ""
    size: int
    subjects: int

    @property
    def size_text(self) -> str:
        """The size as readers see it: 1,200 or masked."""
        return _size_text(self.size)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a result, with a cell for each column of the display.

    ``category``: the value that the row counts, by variable: {'AEBODSYS': ..., 'AEDECOD': ...}. ``indent``: its depth.
    """

    id: str
    label: str
    cells: tuple[Cell, ...]
    indent: int = 0
    category: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A curve over time, of one column: a Kaplan-Meier estimate or a cumulative incidence, or means by visit.

    Arrays of equal length: ``time``, ``estimate``, ``lower``, ``upper`` (NaN where it is not estimable). ``step``: the
    estimate stays the same to the next time. ``censored``: times of censored subjects. ``ticks`` and ``at_risk``: the
    subjects at risk (or with a value) at each tick, -1 if they are masked; ``at_risk_subjects``: who they are, as
    positions in SubjectSets. ``tick_labels``: names of the ticks where they are visits.
    """

    column: str
    time: np.ndarray
    estimate: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    step: bool = True
    censored: np.ndarray = field(default_factory=lambda: np.empty(0))
    ticks: tuple[float, ...] = ()
    at_risk: tuple[int, ...] = ()
    at_risk_subjects: tuple[int, ...] = ()
    tick_labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One line of a forest plot: a subgroup with its estimate and interval; None where it is not estimable.

    ``size``: its subjects, -1 if it is masked. ``subjects`` and ``counted``: who they are, and who of them has the
    event, as positions in SubjectSets.
    """

    label: str
    heading: str = ""
    size: int
    events: int | None = None
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    text: str = ""
    subjects: int | None = None
    counted: int | None = None

    @property
    def size_text(self) -> str:
        """The size as readers see it: 1,200 or masked."""
        return _size_text(self.size)


@dataclass(frozen=True, kw_only=True)
class SubjectLine:
    """One subject of a swimmer or waterfall plot. ``segments``: (start, end, kind); ``marks``: (time, kind)."""

    subject: str
    value: float | None = None
    kind: str = ""
    segments: tuple[tuple[float, float, str], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComputedResult:
    """One result of a display. ``place``: its line in the spec. ``statistic``: the key of the spec that computes it.

    ``settings``: the arguments of the statistic as texts, by their path: {'condition': "AVALC == 'Y'"}. ``variables``:
    the analysis variables. ``parameters``: the PARAMCD of its records.
    """

    id: str
    title: str
    statistic: str
    place: Place
    dataset: str
    parameter: str = ""
    where: str = ""
    rows: tuple[Row, ...] = ()
    curves: tuple[Curve, ...] = ()
    forest: tuple[Interval, ...] = ()
    lines: tuple[SubjectLine, ...] = ()
    unit: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""
    purpose: str = ""
    parameters: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """The confidence of its intervals, as readers see it: 95%."""
        return f"{100 * float(self.settings.get('confidence', 0.95)):g}%"


@dataclass(frozen=True, kw_only=True)
class ComputedDisplay:
    """A table or figure. ``figure``: its kind (kaplan_meier, forest, bars ...), '' for a table; ``figure_results``: the
    results that it shows, all if there are none.

    ``population``: its label; ``condition``: the condition that selects it in ``dataset``; ``headline``: whether the
    first result belongs to the headline numbers of the page.
    """

    id: str
    name: str
    title: str
    population: str
    condition: str
    columns: tuple[Column, ...]
    results: tuple[ComputedResult, ...]
    section: str = ""
    figure: str = ""
    figure_results: tuple[str, ...] = ()
    headline: bool = False
    notes: tuple[str, ...] = ()
    place: Place
    dataset: str = ""


class SubjectSets:
    """The sets of subjects that cells count; equal sets have one position."""

    def __init__(self, subjects: Sequence[str]):
        #: USUBJID of every subject, sorted
        self.subjects = np.asarray(sorted(set(subjects)), dtype=object)
        self._sets: list[np.ndarray] = []
        self._known: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._sets)

    def add(self, member: np.ndarray) -> int:
        """The position of a set. ``member``: for each of ``subjects``, whether it belongs to the set."""
        packed = np.packbits(np.asarray(member, dtype=bool))
        position = self._known.setdefault(packed.tobytes(), len(self._sets))
        if position == len(self._sets):
            self._sets.append(packed)
        return position

    def member(self, position: int) -> np.ndarray:
        """For each of ``subjects``, whether it belongs to the set."""
        return np.unpackbits(self._sets[position], count=len(self.subjects)).astype(bool)

    def names(self, position: int) -> list[str]:
        """USUBJID of the subjects of a set, sorted."""
        return self.subjects[self.member(position)].tolist()

    def packed(self, position: int) -> bytes:
        """The set as bits, the first subject in the highest bit of the first byte."""
        return self._sets[position].tobytes()


@dataclass(frozen=True, kw_only=True)
class ComputedAnalyses:
    """All displays of a study, and the subjects that their cells count.

    ``notice``: a sentence about the data that each output shows, as that they are synthetic.
    """

    study: str
    title: str
    displays: tuple[ComputedDisplay, ...]
    subjects: SubjectSets
    notice: str = ""

    def display(self, display: str) -> ComputedDisplay | None:
        """The display with this identifier, in any case of letters."""
        return next((d for d in self.displays if d.id.casefold() == display.casefold()), None)
