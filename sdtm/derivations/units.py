"""Units: a spelling to the unit as CDISC submits it, and a number from one unit to the standard unit of its test.

Exact decimals throughout: 35 g/L are 3.5 g/dL. Not for reading number texts (engine/columns/number_text.py) nor for the
variables (results.py, limits.py). The facts come from ``measurements:`` and ``units:`` of the study.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ...engine.columns.number_text import EXACT, decimal_text, rounded, written_digits
from ...mappings.models.measurement import Conversion, MeasurementFacts
from ...mappings.models.study import StudySpec

#: the significant digits of a number in a Dataset
MOST_DIGITS = 12
#: the least significant digits of a converted result, and of one that is computed with an operand
LEAST_CONVERTED, LEAST_COMPUTED = 3, 5


def folded(text: str) -> str:
    """A unit's spelling without blanks and case; the micro sign and the Greek letter are u."""
    plain = unicodedata.normalize("NFKC", text).replace("\N{GREEK SMALL LETTER MU}", "u")
    return "".join(plain.split()).casefold()


@dataclass(frozen=True)
class Units:
    """The units of a study. ``exact``: every declared spelling; ``loose``: by folded spelling, where only one fits."""

    exact: Mapping[str, str]
    loose: Mapping[str, str]
    measurements: Mapping[str, MeasurementFacts] = field(default_factory=dict)

    def submitted(self, text: str, facts: MeasurementFacts | None = None, more: Mapping[str, str] | None = None) -> str:
        """The unit as CDISC submits it; '' for a spelling that nothing declares.

        The spellings of the test come first, since G/l of cells is 10^9/L. ``more``: casefolded spellings of a
        codelist.
        """
        text = text.strip()
        if facts is not None and (text in facts.spellings or text in facts.convert or text == facts.unit):
            return facts.spellings.get(text, text)
        found = self.exact.get(text) or self.loose.get(folded(text))
        return found or (more or {}).get(text.casefold(), "")


def units_of(study: StudySpec) -> Units:
    """The units that the study's facts name."""
    exact: dict[str, str] = {}
    for unit, spellings in study.units.items():
        exact |= dict.fromkeys(spellings, unit)
    named = [u for m in study.measurements.values() for f in (m, *m.specimens.values()) for u in (f.unit, *f.convert)]
    exact |= {u: u for u in (*study.units, *named) if u}
    return Units(exact, _unambiguous(exact.items()), study.measurements)


def _unambiguous(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for spelling, unit in pairs:
        found.setdefault(folded(spelling), set()).add(unit)
    return {spelling: next(iter(units)) for spelling, units in found.items() if len(units) == 1}


def facts_of(study: StudySpec, test: str, specimen: str) -> MeasurementFacts | None:
    """The facts of a test in a specimen; None when the study has none for the test."""
    found = study.measurements.get(test)
    if found is None:
        return None
    return found.specimens.get(specimen, found)


def convert(value: Decimal, unit: str, facts: MeasurementFacts, operand: Decimal | None = None) -> Decimal | None:
    """``value`` in the standard unit as it is submitted; None where ``converted`` has none.

    Exact for factors that are powers of ten. Otherwise as many significant digits as the value was written with, at
    least ``digits`` of the facts: 2.38 mmol/L of calcium are 9.54 mg/dL, not 9.539. A result that is computed with an
    operand is compared with thresholds, so it has two more.

    See docs/semantics.md S17.
    """
    result, rule = converted(value, unit, facts, operand), facts.convert.get(unit)
    if result is None or rule is None or unit == facts.unit or _by_ten(rule):
        return result
    least = facts.digits or (LEAST_COMPUTED if rule.needs else LEAST_CONVERTED)
    return rounded(result, min(max(least, written_digits(value)), MOST_DIGITS))


def converted(value: Decimal, unit: str, facts: MeasurementFacts, operand: Decimal | None = None) -> Decimal | None:
    """``value`` in the standard unit with 12 significant digits, to compare with limits that have as many.

    By a power of ten it has all digits. None where the facts have no conversion, or it needs an operand that is
    missing.
    """
    if unit == facts.unit:
        return value
    rule = facts.convert.get(unit)
    if rule is None or (rule.needs and operand is None):
        return None
    factor = Decimal(rule.times) if operand is None or not rule.needs else EXACT.multiply(Decimal(rule.times), operand)
    shifted = EXACT.subtract(value, Decimal(rule.minus))
    result = EXACT.divide(EXACT.multiply(shifted, factor), Decimal(rule.over))
    return result if _by_ten(rule) else rounded(result, MOST_DIGITS)


def _by_ten(rule: Conversion) -> bool:
    digits = {Decimal(d).normalize().as_tuple().digits for d in (rule.times, rule.over)}
    return digits == {(1,)} and Decimal(rule.minus) == 0 and not rule.needs


def window(facts: MeasurementFacts) -> tuple[Decimal, Decimal] | None:
    """Lowest and highest plausible value in the standard unit."""
    return (Decimal(facts.plausible[0]), Decimal(facts.plausible[1])) if facts.plausible else None


def implausible(standard: Decimal, value: Decimal, unit: str, facts: MeasurementFacts) -> str:
    """The message about a value outside the plausible window, with the unit that explains it; '' for a plausible value.

    ``standard``: the value in the standard unit; ``value`` and ``unit``: as they were recorded.
    """
    limits = window(facts)
    if limits is None or limits[0] <= standard <= limits[1]:
        return ""
    others = []
    for other in (facts.unit, *facts.convert):
        result = None if other == unit else convert(value, other, facts)
        if result is not None and limits[0] <= result <= limits[1]:
            others.append(f"{decimal_text(result)} {facts.unit} if it is in {other}")
    low, high = (decimal_text(x) for x in limits)
    would = f"; it would be {' or '.join(others)}" if others else ""
    result = f"{decimal_text(standard)} {facts.unit}"
    return f"{result} lies outside {low} to {high}, the plausible values{would}; it is kept"
