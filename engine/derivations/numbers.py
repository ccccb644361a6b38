"""Numbers of raw cells: the declarations of study.yaml for their columns, and columns of texts read by them.

Not for reading one text (engine/columns/number_text.py) nor for units (sdtm/derivations/units.py). Findings:
R2A-NUM-002 for full-width characters, R2A-NUM-004 for a number declared to mean no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.measurement import NumbersSpec
from ...mappings.models.study import StudySpec
from ..columns import column as col
from ..columns.number_text import NumberText, fewer_digits, read_number, with_point
from ..columns.rounding import as_collected, collected_digits
from ..readers.cell_readers import read_cells, reader, register_reader
from ..standard import tabulation
from ..tables.raw_cells import RawCells
from ..tables.table import Table
from .read_for_rule import read_for_rule

if TYPE_CHECKING:
    from .environment import Environment

ABSENT = "missing_numbers: declares that this number means no value: the value is missing"


@dataclass(frozen=True)
class NumberColumn:
    """A text column read as numbers. ``codes``: per record the position in ``texts`` and ``readings``.

    ``absent``: per text, whether it is a number declared to mean no value (its reading has no number then).
    """

    codes: np.ndarray
    texts: tuple[str, ...]
    readings: tuple[NumberText, ...]
    absent: np.ndarray


class NumberSetting(NamedTuple):
    """How number texts are written, and the numbers that mean no value."""

    decimal: str = "."
    thousands: str = ""
    none: frozenset[Decimal] = frozenset()


class NumberReading(NamedTuple):
    """A text read as a number. ``absent``: a number that is declared to mean no value.

    ``pointed``: a number as it was written, but with a point and nothing between groups of three digits; '' for none.
    """

    number: NumberText
    pointed: str = ""
    absent: bool = False
    problem: str = ""


class NumberReader:
    """Reads number texts by ``numbers:`` of their source, else of the study."""

    def declared(self, study: StudySpec, source: str) -> NumbersSpec:
        return study.sources[source].numbers or study.numbers

    def fixed(self, study: StudySpec, source: str, column: str) -> bool:
        spec = self.declared(study, source)
        return spec.by is None or column in spec.columns

    def setting(self, study: StudySpec, source: str, column: str, group: str) -> NumberSetting:
        spec = self.declared(study, source)
        style = spec.style(column, group)
        none = (read_number(t).value for t in spec.missing_numbers.get(column, ()))
        return NumberSetting(style.decimal, style.thousands, frozenset(v for v in none if v is not None))

    def read(self, text: str, setting: NumberSetting) -> NumberReading:
        found = read_number(text, setting.decimal, setting.thousands)
        if not found.sign and found.value is not None and found.value in setting.none:
            return NumberReading(NumberText(None), absent=True)
        if found.value is None:
            return NumberReading(found, problem="not a number as its source writes them" if text.strip() else "")
        pointed = with_point(text, setting.decimal, setting.thousands)
        return NumberReading(
            found, pointed, problem="a number with a sign such as < is no exact number" if found.sign else ""
        )

    def read_plain(self, text: str) -> NumberReading:
        return self.read(text, NumberSetting())

    def undecided(self, text: str) -> NumberReading:
        return NumberReading(NumberText(None), problem="it joins columns whose numbers are declared differently")

    def value(self, reading: NumberReading) -> float:
        number = reading.number
        if number.value is None or number.sign:
            return float("nan")
        value = as_collected(number.value)
        return value if np.isfinite(value) else float("nan")

    def shortened(self, reading: NumberReading) -> str:
        number = reading.number
        if number.value is None or number.sign or not np.isfinite(float(number.value)):
            return ""
        return collected_digits(number.value)

    def refused(self, reading: NumberReading, text: str) -> str:
        if not reading.problem and reading.number.value is not None and not np.isfinite(float(reading.number.value)):
            return "a number too large for a variable"
        return reading.problem

    def declared_columns(self, study: StudySpec) -> frozenset[tuple[str, str]]:
        found = set()
        for name, source in study.sources.items():
            spec = self.declared(study, name)
            named = (*source.plausible, *source.items, *spec.columns, *spec.missing_numbers)
            found |= {(name, column) for column in named}
        return frozenset(found)


register_reader("number", NumberReader())


def read_numbers(env: Environment, name: str, field: str = "") -> NumberColumn:
    """The texts of a column of the records as numbers, as they were collected."""
    values, cells = env.collected(name, field)
    return number_column(env, values, cells)


def number_column(env: Environment, values: pd.Series, cells: RawCells) -> NumberColumn:
    """Texts as numbers. ``cells``: the raw cells behind the texts."""
    found = read_cells("number", values, cells, env.declarations)
    absent = np.array([r.absent for r in found.readings], dtype=bool)
    return NumberColumn(found.codes, found.texts, tuple(r.number for r in found.readings), absent)


def exact_numbers(column: NumberColumn) -> np.ndarray:
    """The number of every record; NaN for a text that is no number, and for <5, which is no exact number."""
    values = [
        np.nan if r.value is None or r.sign or not np.isfinite(float(r.value)) else as_collected(r.value)
        for r in column.readings
    ]
    return np.array(values, dtype="float64")[column.codes]


def shortened_numbers(column: NumberColumn) -> np.ndarray:
    """The message for each record whose number has fewer digits than were collected, '' for the others."""
    shortened = [reader("number").shortened(NumberReading(r)) for r in column.readings]
    return np.array([fewer_digits(number) if number else "" for number in shortened], dtype=object)[column.codes]


def read_as_numbers(env: Environment, name: str, field: str) -> np.ndarray:
    """A column of the records as numbers, for rules that only compare them.

    A filled text that is no number is a finding (R2A-EXPR-001), and missing.
    """
    values, cells = env.collected(name, field)
    if col.is_number(values):
        return col.floats(values)
    found, values_of = read_for_rule(env, "number", name, values, cells)
    absent = np.array([r.absent for r in found.readings], dtype=bool)
    if absent.any():
        env.report("R2A-NUM-004", absent[found.codes], ABSENT, name)
    return np.array(values_of, dtype="float64")[found.codes]


def written_with_point(variable: str, rule: DerivationSpec | None) -> bool:
    """Whether a rule gives an original result, in which numbers have a point whatever the mark of the source."""
    usual = rule is not None and rule.verb == "from" and not getattr(rule, "verbatim", True)
    return usual and variable[2:] in tabulation().original_results


def with_points(env: Environment, values: pd.Series, cells: RawCells) -> tuple[pd.Series, RawCells]:
    """(original results with numbers as every reader of SDTM expects, the raw cells of the unchanged texts).

    The lineage has the raw text. A text that is no number at its site, such as 1.5 where the comma is declared, is
    unchanged, and no later rule reads it as a number.
    """
    if cells.none:
        return values, cells
    found = read_cells("number", values, cells, env.declarations)
    pointed = np.array([bool(r.pointed) for r in found.readings], dtype=bool)
    out = [r.pointed or text for text, r in zip(found.texts, found.readings, strict=True)]
    return col.join_text(found.codes, out), cells.without(pointed[found.codes])


def report_readings(
    env: Environment,
    column: NumberColumn,
    name: str | tuple[str, ...],
    values: pd.Series | None = None,
    picked: tuple[Table, np.ndarray] | None = None,
) -> None:
    """Findings about how texts were read. ``values``, ``picked``: the texts and rows of another table."""
    texts = None if picked is None or values is None else col.objects(values)
    widened = np.array([r.widened and r.value is not None for r in column.readings], dtype=bool)
    if widened.any():
        message = np.array([f"full-width characters, read as {r.plain}" for r in column.readings], dtype=object)
        env.report("R2A-NUM-002", widened[column.codes], message[column.codes], name, texts, picked)
    if column.absent.any():
        env.report("R2A-NUM-004", column.absent[column.codes], ABSENT, name, texts, picked)


#: the smallest and the largest number that XPT holds (IBM double: 16**-65, and 16**63 less its last bit)
_LEAST, _MOST = 16.0**-65, float((1 - 2.0**-53) * 16.0**63)


def report_digits(
    env: Environment,
    column: NumberColumn,
    numbers: np.ndarray,
    name: str | tuple[str, ...],
    values: pd.Series,
    picked: tuple[Table, np.ndarray] | None = None,
) -> None:
    """A finding for each number that has fewer digits than were collected."""
    shortened = [
        collected_digits(r.value) if r.value is not None and np.isfinite(x) else ""
        for r, x in zip(column.readings, numbers.tolist(), strict=True)
    ]
    changed = np.array([bool(number) for number in shortened], dtype=bool)
    if changed.any():
        messages = np.array([fewer_digits(number) if number else "" for number in shortened], dtype=object)
        where = name or next((r.column for r in env.read if r.item < 0), "")
        texts = col.objects(values)
        env.report("R2A-NUM-007", changed[column.codes], messages[column.codes], where, texts, picked)


def numeric_values(
    env: Environment,
    values: pd.Series,
    cells: RawCells,
    name: str | tuple[str, ...],
    picked: tuple[Table, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """(numbers, where a filled text is no number) of texts for a numeric variable.

    ``cells``: the raw cells behind the texts. ``name``: the column read, for findings about how it was read.
    ``picked``: the rows of another table in which it was read.
    """
    column = number_column(env, values, cells)
    numbers = np.full(len(column.texts), np.nan)
    bad = np.zeros(len(column.texts), dtype=bool)
    for i, (text, reading) in enumerate(zip(column.texts, column.readings, strict=True)):
        if reading.value is not None and not reading.sign:
            numbers[i] = float(reading.value)
            bad[i] = not _LEAST <= abs(numbers[i]) <= _MOST and reading.value != 0
        else:
            bad[i] = bool(text.strip()) and not column.absent[i]
    if name:
        report_readings(env, column, name, values, picked)
    report_digits(env, column, np.where(bad, np.nan, numbers), name, values, picked)
    return np.where(bad, np.nan, numbers)[column.codes], bad[column.codes]
