"""Results of a block in standard units: each combination of text, unit, test and operand is converted one time.

Not for the variables with them (results.py, limits.py) nor for the units (units.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns.number_text import decimal_text, read_number
from ...engine.derivations.derivation import Derivation
from ...engine.derivations.environment import Environment
from ...engine.derivations.numbers import NumberColumn, read_numbers
from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.measurement import MeasurementFacts
from .units import Units, convert, converted, facts_of, implausible, units_of, window


class ResultRule(Derivation):
    """Base of the verb standard_result: the columns and texts that the conversion of a result needs."""

    kinds = MappingProxyType({"standard_result": "number", "operand": "number"})

    standard_result: str = Field(description="Column with the result as collected.")
    map: dict[str, str] = Field(default_factory=dict, description="Result text to standard text: neg to NEGATIVE.")
    unit: str | None = Field(default=None, description="Column with the unit; by default the --ORRESU variable.")
    test: str | None = Field(default=None, description="Column with the test code; by default the --TESTCD variable.")
    specimen: str | None = Field(default=None, description="Column with the specimen; by default the --SPEC variable.")
    operand: str | None = Field(
        default=None, description="Column with the further factor that a conversion needs, as the 24 h urine volume."
    )
    operand_unit: str | None = Field(default=None, description="Column with the unit of the operand.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "standard_result", self.standard_result
        for field_name in ("unit", "test", "specimen", "operand", "operand_unit"):
            name = getattr(self, field_name)
            if name:
                yield field_name, name


MISSING, NUMBER, MAPPED, TEXT, SIGNED, NOT_CONVERTED = range(6)


@dataclass(frozen=True)
class Standardisation:
    """The standard result of one combination of text, unit, test and operand.

    ``kind``: MISSING, NUMBER, SIGNED (<0.1), MAPPED, TEXT, NOT_CONVERTED. ``exact``: ``value`` without
    rounding. ``rule`` and ``message``: the finding about it, '' for none.
    """

    kind: int
    text: str = ""
    unit: str = ""
    value: Decimal | None = None
    sign: str = ""
    rule: str = ""
    message: str = ""
    exact: Decimal | None = None


@dataclass(frozen=True)
class Standardised:
    """Results in standard units. ``codes``: per record its combination; ``collected``: the texts as read."""

    codes: np.ndarray
    combinations: tuple[Standardisation, ...]
    collected: NumberColumn


@dataclass(frozen=True)
class Tests:
    """The test and specimen of every record, with their facts: ``codes`` per record into the other two."""

    codes: np.ndarray
    names: tuple[tuple[str, str], ...]
    facts: tuple[MeasurementFacts | None, ...]


def tests_of(env: Environment, test: str | None = None, specimen: str | None = None) -> Tests:
    """The tests of the records, by --TESTCD and --SPEC unless other columns are named."""
    prefix = env.dataset[:2]
    parts = []
    for named, usual in ((test, f"{prefix}TESTCD"), (specimen, f"{prefix}SPEC")):
        known = named is not None or usual in env.build.planned.every
        parts.append(col.split_text(env.column(named or usual)) if known else col.split_text(col.constant("", env.n)))
    (tests, names), (specimens, kinds) = parts
    pairs, codes = np.unique(tests.astype("int64") * len(kinds) + specimens, return_inverse=True)
    found = tuple((str(names[p // len(kinds)]), str(kinds[p % len(kinds)])) for p in pairs.tolist())
    return Tests(codes, found, tuple(facts_of(env.study.spec, *f) for f in found))


def result_rule(env: Environment, variable: str) -> ResultRule | None:
    """The rule standard_result of a variable in this block; None where it has another rule."""
    planned = env.build.planned.every.get(variable)
    if planned is None or env.block is None:
        return None
    rule = planned.rule_in(env.block)
    return rule if isinstance(rule, ResultRule) else None


def result_numbers(
    env: Environment, variable: str, field_name: str, exact: bool = False
) -> tuple[np.ndarray, list[float], list[str]]:
    """(code per record, its number, its sign) of a --STRESC variable, number and sign per code; NaN for a text.

    ``exact``: the numbers without rounding, to compare with limits. Where the variable has the rule standard_result, a
    text that its source does not write as a number is no number here either.
    """
    rule = result_rule(env, variable)
    if rule is None:
        codes, texts = col.split_text(env.column(variable, field_name))
        read = [read_number(str(t)) for t in texts]
        return codes, [np.nan if r.value is None else float(r.value) for r in read], [r.sign for r in read]
    env.column(variable, field_name)  # derived and reported first
    results = standardised(env, rule)
    found = [m.exact if exact else m.value for m in results.combinations]
    values = [np.nan if v is None else float(v) for v in found]
    return results.codes, values, [m.sign for m in results.combinations]


def standardised(env: Environment, rule: ResultRule) -> Standardised:
    """The results of a block in standard units; all variables of a result share them."""
    key = f"results {env.dataset} {env.block} {rule!r}"
    return env.build.study.cache.computed(key, lambda: _standardised(env, rule))


def _standardised(env: Environment, rule: ResultRule) -> Standardised:
    tests = tests_of(env, rule.test, rule.specimen)
    result = read_numbers(env, rule.standard_result, "standard_result")
    unit = unit_column(env, rule)
    unit_codes, unit_texts = col.split_text(env.column(unit, "unit") if unit else col.constant("", env.n))
    operand = _operands(env, rule, tests)
    sizes = [(tests.codes, len(tests.names)), (result.codes, len(result.texts)), (unit_codes, len(unit_texts))]
    codes, size = col.combined([*sizes, (operand.codes, len(operand.texts))], env.n)
    first = col.first_positions(codes, size)
    standard = _Standardiser(rule, units_of(env.study.spec), codelist_spellings(env, unit))
    parts = (c[first].tolist() for c in (result.codes, unit_codes, tests.codes, operand.codes))
    combinations = [
        standard.result(result, r, str(unit_texts[u]), tests.facts[t], operand.readings[o].value, tests.names[t][0])
        for r, u, t, o in zip(*parts, strict=True)
    ]
    return Standardised(codes, tuple(combinations), result)


def unit_column(env: Environment, rule: ResultRule) -> str:
    """The column of the units: the rule's, else --ORRESU; '' where the dataset has neither."""
    usual = f"{env.dataset[:2]}ORRESU"
    return rule.unit or (usual if usual in env.build.planned.every else "")


class _Standardiser:
    """Converts the result of one combination to the standard unit of its test."""

    def __init__(self, rule: ResultRule, units: Units, more: Mapping[str, str]):
        self.map, self.units, self.more = rule.map, units, more
        self.folded = {k.strip().casefold(): v for k, v in rule.map.items()}

    def result(
        self,
        collected: NumberColumn,
        at: int,
        unit: str,
        facts: MeasurementFacts | None,
        operand: Decimal | None,
        test: str,
    ) -> Standardisation:
        text, reading = collected.texts[at], collected.readings[at]
        if not text.strip() or collected.absent[at]:
            return Standardisation(MISSING)
        mapped = self.map.get(text, self.folded.get(text.strip().casefold()))
        if mapped is not None:
            return Standardisation(MAPPED, mapped)
        if reading.value is None:
            message = "neither a number as its source writes them nor a text of map:; the text is kept"
            return Standardisation(TEXT, text, rule="R2A-NUM-003", message=message)
        value, sign = reading.value, reading.sign
        kind = SIGNED if sign else NUMBER
        if facts is None:
            known = self.units.submitted(unit, None, self.more) or unit
            message = f"measurements: has no standard unit of {test}; the result keeps its collected unit"
            return Standardisation(
                kind=kind,
                text=sign + decimal_text(value),
                unit=known,
                value=value,
                sign=sign,
                rule="R2A-UNIT-005",
                message=message,
                exact=value,
            )
        submitted = self.units.submitted(unit, facts, self.more) if unit else ""
        if not unit and (facts.unit_optional or not facts.unit):
            submitted = facts.unit
        standard = convert(value, submitted, facts, operand) if submitted or not facts.unit else None
        if standard is None:
            return Standardisation(NOT_CONVERTED, "", "", None, "", *self._why(unit, submitted, facts))
        message = "" if sign else implausible(standard, value, submitted, facts)
        rule = "R2A-UNIT-002" if message else ""
        exact = converted(value, submitted, facts, operand)
        return Standardisation(
            kind=kind,
            text=sign + decimal_text(standard),
            unit=facts.unit,
            value=standard,
            sign=sign,
            rule=rule,
            message=message,
            exact=exact,
        )

    def _why(self, unit: str, submitted: str, facts: MeasurementFacts) -> tuple[str, str]:
        """(rule, message) of a result that is not converted."""
        if not unit:
            return "R2A-UNIT-003", f"the result has no unit, so it is not read as {facts.unit}; not converted"
        rule = facts.convert.get(submitted)
        if rule is not None:
            message = f"{submitted} becomes {facts.unit} only with {rule.needs}, which is missing here; not converted"
            return "R2A-UNIT-004", message
        wanted = ", ".join([facts.unit, *facts.convert]) or "no unit"
        return "R2A-UNIT-001", f"the test has no conversion from {unit} (it has {wanted}); not converted"


def rule_of(env: Environment, name: str) -> DerivationSpec | None:
    """The rule of a variable in this block."""
    planned = env.build.planned.every.get(name)
    return planned.rule_in(env.block) if planned is not None and env.block is not None else None


def raw_cell(env: Environment, name: str) -> str:
    """The raw column of a variable, so that a finding names the cell to check."""
    rule = rule_of(env, name) if env.rows.find(name, joined=False) is None else None
    reads = list(dict.fromkeys(n for _, n in rule.reads())) if rule is not None else []
    return reads[0] if reads and env.rows.find(reads[0]) is not None else name


def _operands(env: Environment, rule: ResultRule, tests: Tests) -> NumberColumn:
    """The further factor of every record, in the standard unit of its measurement."""
    if rule.operand is None:
        none = read_number("")
        return NumberColumn(np.zeros(env.n, dtype="int8"), ("",), (none,), np.zeros(1, dtype=bool))
    read = read_numbers(env, rule.operand, "operand")
    unit_name = rule.operand_unit
    unit_codes, texts = col.split_text(env.column(unit_name, "operand_unit") if unit_name else col.constant("", env.n))
    units = units_of(env.study.spec)
    facts = [_needed(env, f, specimen) for f, (_, specimen) in zip(tests.facts, tests.names, strict=True)]
    sizes = [(tests.codes, len(tests.names)), (read.codes, len(read.texts)), (unit_codes, len(texts))]
    codes, size = col.combined(sizes, env.n)
    first = col.first_positions(codes, size)
    values = []
    parts = (c[first].tolist() for c in (tests.codes, read.codes, unit_codes))
    for t, r, u in zip(*parts, strict=True):
        value, unit, of = read.readings[r], str(texts[u]), facts[t]
        factor = None
        if of is not None and value.value is not None and not value.sign and value.value > 0:
            factor = convert(value.value, units.submitted(unit, of) if unit else "", of)
            limits = window(of)
            if factor is not None and limits is not None and not limits[0] <= factor <= limits[1]:
                factor = None  # the record of the volume has the finding that it is implausible
        values.append(read_number(decimal_text(factor)) if factor is not None else read_number(""))
    return NumberColumn(codes, tuple("" for _ in values), tuple(values), np.zeros(len(values), dtype=bool))


def codelist_spellings(env: Environment, variable: str = "") -> Mapping[str, str]:
    """Spellings that the codelist of a variable knows, casefolded, to its terms."""
    planned = env.build.planned.every.get(variable) if variable else env.variable
    return planned.codelist.lookup() if planned is not None and planned.codelist is not None else {}


def _needed(env: Environment, facts: MeasurementFacts | None, specimen: str) -> MeasurementFacts | None:
    """The facts of the measurement that conversions of a test need; None where they need none."""
    names = sorted({c.needs for c in facts.convert.values() if c.needs}) if facts is not None else []
    return facts_of(env.study.spec, names[0], specimen) if names else None
