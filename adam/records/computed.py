"""The step ``computed``: a parameter computed from other parameters by a formula, as BMI from WEIGHT and HEIGHT.

Not for the records of the inputs (inputs.py), for named formulas (mappings/criteria/formulas.yaml) nor for a variable
of one record (``compute:``).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...engine.columns import column as col
from ...engine.columns import verbs
from ...engine.columns.iso_dates import EPOCH
from ...engine.derivations.environment import Environment
from ...engine.derivations.step import RecordStep
from ...engine.expressions.sentence import plain
from ...engine.tables.dataset import Reading
from ...engine.tables.rows import BASE, ColumnSources, Rows
from ...mappings.binding.bind import SpecModel
from ...mappings.expressions.expression import ExpressionError, parse
from ...mappings.expressions.number_text import number_text
from ...mappings.models.derivation import Condition
from ...mappings.models.formula import NamedFormula, named_formulas
from ...mappings.models.record_step import StepColumn, StepRead, register_step
from ...mappings.models.step_example import StepExample
from ...mappings.models.wording import AS_WRITTEN, Wording
from .groups import DERIVED, SUBJECT, by_reads, group_columns
from .inputs import Input, InputSpec, Matched, Settings, matched, records_of

_A = {"number": "a number", "text": "a text"}


@register_step
class Computed(RecordStep):
    """One record for each group of records in which every input has a value: a formula of these values.

    The group is a subject with the same values of by:, missing ones too. Two records of an input with different values
    are a finding, and give no record; so is a value in another unit. The new record has the variables of by: and the
    value. Variables of the block can read the records of the inputs as INPUT.VARIABLE.
    """

    verb: ClassVar[str] = "computed"
    title: ClassVar[str] = "computed parameters"
    overrides: ClassVar[bool] = True

    example: ClassVar[StepExample | None] = StepExample(
        dataset="ADVS",
        sources={
            "vs": {
                "TEST": ["HEIGHT", "WEIGHT", "WEIGHT"],
                "RES": ["160", "64", "80"],
                "UNIT": ["cm", "kg", "kg"],
                "DAY": ["2024-03-01", "2024-03-01", "2024-04-01"],
            }
        },
        datasets={"VS": "VSTESTCD: TEST\nVSORRES: RES\nVSORRESU: UNIT\nVSSTRESN: RES\nVSDTC: {date: DAY}"},
        rows="""
- from: VS
  variables:
    PARAMCD: VSTESTCD
    AVAL: VSSTRESN
    AVALU: {from: VSORRESU, codelist: none, label: Unit}
    ADT: {analysis_date: VSDTC}
- from: ADVS
  derive: {computed: BMI, by: [ADT], inputs: {HEIGHT: {by: [], unit: cm}, WEIGHT: {unit: kg}}, unit: AVALU}
  variables: {PARAMCD: {value: BMI}, AVALU: {value: kg/m2, codelist: none}}
""",
        variables="PARAM: {cases: [{when: PARAMCD == 'BMI', value: Body Mass Index}, {value: As Measured}]}",
        gives={
            "PARAMCD": ["BMI", "BMI", "HEIGHT", "WEIGHT", "WEIGHT"],
            "ADT": ["2024-03-01", "2024-04-01", "2024-03-01", "2024-03-01", "2024-04-01"],
            "AVAL": ["25", "31.25", "160", "64", "80"],
            "AVALU": ["kg/m2", "kg/m2", "cm", "kg", "kg"],
        },
    )

    computed: str = Field(
        description="A formula of the inputs, as `WEIGHT / power(HEIGHT / 100, 2)`; or the name of one, as BMI "
        "(docs/records.md)."
    )
    inputs: tuple[str, ...] | dict[str, InputSpec] = Field(
        default=(),
        description="The inputs: values of the parameter, or names with their records. A named formula has them.",
    )
    by: tuple[str, ...] = Field(default=(), description="Variables that form the group, within the subject.")
    parameter: str = Field(default="PARAMCD", description="The variable that distinguishes the inputs.")
    value: str = Field(default="AVAL", description="The variable with the value of an input, and that of the result.")
    type: Literal["number", "text"] = Field(
        default="number",
        description="What the formula gives, and the values of its inputs, if an input has no other type. A formula of "
        "texts needs `value: AVALC`, for instance.",
    )
    unit: str | None = Field(default=None, description="The variable with the unit of each record.")
    incomplete: Literal["drop", "keep"] = Field(
        default="drop",
        description="A group in which an input has no value: drop, it gives no record; keep, one without a value.",
    )
    unless: Condition | None = Field(
        default=None, description="A group with a record of the block for which this is true gets none."
    )

    # the spec

    @property
    def named(self) -> NamedFormula | None:
        return named_formulas().get(self.computed)

    @property
    def formula(self) -> str:
        return self.named.formula if self.named is not None else self.computed

    def specs(self) -> dict[str, InputSpec]:
        """The inputs by name. Those of a named formula have its units."""
        stated = self.inputs if isinstance(self.inputs, dict) else {n: InputSpec() for n in self.inputs}
        if self.named is None:
            return stated
        found = {}
        for name, units in self.named.inputs.items():
            spec = stated.get(name) or InputSpec()
            found[name] = spec if spec.unit is not None else spec.model_copy(update={"unit": units})
        return {**found, **{n: s for n, s in stated.items() if n not in found}}

    def kinds(self) -> dict[str, str]:
        """Input to the type of its value, number or text."""
        return {name: spec.type or self.type for name, spec in self.specs().items()}

    def columns(self) -> Mapping[str, StepColumn]:
        return {**group_columns(self.by), self.value: StepColumn("float" if self.type == "number" else "text")}

    def nodes(self) -> Mapping[str, str]:
        return {name: spec.from_ or "" for name, spec in self.specs().items()}

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from by_reads(self.by)
        specs = self.specs().values()
        if any(s.from_ is None for s in specs):
            yield "value", self.value
            if any(s.where is None for s in specs):
                yield "parameter", self.parameter
            if self.unit is not None:
                yield "unit", self.unit

    def conditions(self) -> Iterator[tuple[str, str]]:
        if self.unless is not None:
            yield "unless", self.unless

    def parts(self) -> Iterator[StepRead]:
        if self.specs():
            yield StepRead(self, "computed", self.formula, further=self.kinds())
        for spec in self.specs().values():
            table = spec.from_ or ""
            if spec.where is not None:
                yield StepRead(spec, "where", spec.where, table)
            if spec.value is not None:
                yield StepRead(spec, "value", spec.value, table, condition=False)
            if spec.from_ is not None:
                names = [self.value] if spec.value is None else []
                names += [self.parameter] if spec.where is None else []
                shared = [*names, *(self.by if spec.by is None else spec.by)]
                yield from (StepRead(spec, "from_", n, table, condition=False) for n in shared if n != SUBJECT)

    def problems(self) -> Iterator[tuple[SpecModel, str, str]]:
        specs = self.specs()
        if not specs:
            yield self, "inputs", "computed: needs inputs:, the parameters in the formula"
            return
        yield from self._formula_problems(specs)
        for name, spec in specs.items():
            if spec.by is not None and (odd := next((n for n in spec.by if n not in self.by), None)):
                yield spec, "by", f"{odd} is not one of by: of the step"
            if self.unit is not None and not spec.units and self.named is None:  # a named one has none without unit
                yield self, "unit", f"unit: needs the unit of each input; {name} has none"
            if self.unit is None and spec.units and spec.where is None:
                yield (
                    self,
                    "computed",
                    (
                        f"the formula needs {name} in {' or '.join(spec.units)}: name the variable with the unit by "
                        f"unit:, or choose the records of {name} by where:"
                    ),
                )
        if all(s.by is not None and set(s.by) < set(self.by) for s in specs.values()):
            yield self, "inputs", "one input at least needs all variables of by:"

    def _formula_problems(self, specs: Mapping[str, InputSpec]) -> Iterator[tuple[SpecModel, str, str]]:
        try:
            formula = parse(self.formula)
        except ExpressionError:
            return  # the check of expressions reports it
        for name in specs:
            if not any(n == name or n.startswith(f"{name}.") for n in formula.names):
                yield self, "inputs", f"the formula does not read the input {name}"
        gives = formula.check(self.kinds())[0]
        if gives in ("number", "text") and gives != self.type:
            yield self, "computed", f"the formula gives {_A[gives]}: write type: {gives}"

    def describe(self, column: str, words: Wording = AS_WRITTEN) -> str:
        if column != self.value:
            return f"{column} is {words.name(column)} of the records of the inputs."
        inputs = []
        for name, spec in self.specs().items():
            of_table = words.of_table(spec.from_) if spec.from_ else words
            where = plain(spec.where, of_table) if spec.where else f"{self.parameter} equals '{name}'"
            table = f" of {words.table(spec.from_)}" if spec.from_ else ""
            once = ", one value per subject" if spec.by == () else ""
            inputs.append(f"{name} is {spec.value or self.value} of the record{table} where {where}{once}")
        group = words.names(self.by) if self.by else ""
        by = f"for each subject and {group}" if group else "for each subject"
        source = f" ({self.named.source})" if self.named is not None else ""
        rest = "no record" if self.incomplete == "drop" else "a record without a value"
        first = f"{column} is {self.formula}{source}, {by}. Where an input has no value, there is {rest}."
        return "\n".join([first, *(f"{text}." for text in inputs)])

    # records

    def make(self, env: Environment, rows: Rows) -> Rows:
        specs = self.specs()
        measured = self.named.inputs.items() if self.named is not None else ()
        above_zero = frozenset(name for name, units in measured if units)
        shared = Settings(self.by, self.parameter, self.value, self.unit, self.type, above_zero)
        inputs = [records_of(env, rows, name, spec, shared) for name, spec in specs.items()]
        found = matched(inputs, self.by)
        place = {i.name: i for i in inputs}
        incomplete = np.logical_or.reduce([record < 0 for record in found.record.values()])
        ambiguous = self._report_several(env, found, place, incomplete & (self.incomplete == "drop"))
        if self.incomplete == "drop":
            self._report_absent(env, found, place, incomplete)
        keep = ~ambiguous & (~incomplete if self.incomplete == "drop" else True)
        keep &= ~self._there_already(env, found)
        row = _row_of_each(env, rows, inputs, found)
        at = np.flatnonzero(keep & (row >= 0))
        return self._records(env, rows.take(row[at]), inputs, found, at)

    def _records(self, env: Environment, records: Rows, inputs: list[Input], found: Matched, at: np.ndarray) -> Rows:
        """``records``: a row of the block for each of the groups ``at``."""
        for each in inputs:
            records = records.with_node(each.name, each.table, taken_rows(each, found)[at])
        columns = {n: col.take(c, at) for n, c in found.columns.items() if n}
        first = next(i for i in inputs if set(i.by) >= set(self.by))
        node = BASE if first.table is records.nodes[BASE][0] else f"row:{first.name}"
        reads = {n: (Reading(node, first.table.name, n),) for n in columns}
        values = {i.name: col.take(i.values, found.record[i.name][at]) for i in inputs}
        of_inputs = tuple(Reading(f"row:{i.name}", i.table.name, i.column) for i in inputs)
        evaluated = records.with_columns(columns | values)
        of_formula = Environment(env.build, evaluated, env.block, None, self)
        columns[self.value] = result = of_formula.values_of(self.formula, "computed")
        if col.is_number(result) != (self.type == "number"):
            raise env.error(f"the formula gives another type than type: {self.type}", "computed")
        complete = np.logical_and.reduce([~col.missing(v) for v in values.values()])
        message = "the formula has no value for these inputs, as where it divides by 0"
        without = complete & col.missing(result) & (self.type == "number")  # a text is empty where the formula has ''
        if without.any():
            of_formula.report("R2A-REC-007", without, message, "", _listed(values, without))
        sources = {n: ColumnSources((), r) for n, r in reads.items()}
        sources[self.value] = ColumnSources((), (*of_inputs, *of_formula.read), origin=DERIVED)
        return records.with_columns(columns, None, sources)

    def _report_several(
        self, env: Environment, found: Matched, inputs: Mapping[str, Input], without: np.ndarray
    ) -> np.ndarray:
        """Groups of which an input has records with different values; each is a finding, but for those ``without``."""
        any_several = np.zeros(found.count, dtype=bool)
        for name, several in found.several.items():
            several = several & ~without
            groups = np.flatnonzero(several)
            message = f"several records of {name} with different values"
            texts = [
                f"{message} ({found.values[name][g]}){self._group(found, g)}: no value is computed" for g in groups
            ]
            self._report(env, "R2A-REC-001", inputs[name], found.record[name][groups], texts)
            any_several |= several
        return any_several

    def _report_absent(
        self, env: Environment, found: Matched, inputs: Mapping[str, Input], incomplete: np.ndarray
    ) -> None:
        """A note for each group that has some of the inputs, at the record of the first that it has."""
        remaining = incomplete.copy()
        for name, record in found.record.items():
            here = remaining & (record >= 0) & (len(inputs[name].by) == len(self.by))
            lacking = np.full(int(here.sum()), f"{self.value} is not computed: no", dtype=object)
            for other in (n for n in found.record if n != name):
                lacking = np.where(found.record[other][here] < 0, lacking + f" {other}", lacking)
            self._report(env, "R2A-REC-004", inputs[name], record[here], lacking)
            remaining &= ~here

    def _group(self, found: Matched, group: int) -> str:
        """The variables of a group, in words."""
        names = [n for n in self.by if n != SUBJECT]
        texts = {n: _shown(n, found.columns[n].iat[group]) for n in names}
        named = ", ".join(f"{n} {t}" for n, t in texts.items() if t)
        return f" at {named}" if named else ""

    def _report(
        self, env: Environment, rule: str, of: Input, record: np.ndarray, texts: Sequence[str] | np.ndarray
    ) -> None:
        """A finding at records of an input, with a text for each."""
        where = np.zeros(of.table.n, dtype=bool)
        message = np.full(of.table.n, "", dtype=object)
        rows = of.rows[record]
        where[rows], message[rows] = True, texts
        Environment(env.build, Rows.of(of.table), env.block, None, self).report(rule, where, message, of.column)

    def _there_already(self, env: Environment, found: Matched) -> np.ndarray:
        """Groups that have a record for which unless: is true."""
        if self.unless is None:
            return np.zeros(found.count, dtype=bool)
        at = np.flatnonzero(env.condition(self.unless, "unless"))
        there = [col.take(c, at) for c in (env.subject(), *(env.column(n, "by") for n in self.by))]
        groups, others = verbs.key_codes([found.columns[n] for n in ("", *self.by)], there, missing_matches=True)
        return np.isin(groups, others)


def _shown(name: str, value: object) -> str:
    """A value of a group: a numeric date of ADaM as a date."""
    if isinstance(value, str):
        return value
    number = float(value)  # pyright: ignore[reportArgumentType]
    if name.endswith("DT") and not np.isnan(number):
        return datetime.date.fromordinal(EPOCH + int(number)).isoformat()
    return number_text(number)


def _listed(values: Mapping[str, pd.Series], where: np.ndarray) -> np.ndarray:
    """The inputs of some records, in words; '' for the others."""
    at, shown = np.flatnonzero(where), np.full(len(where), "", dtype=object)
    for name, column in values.items():
        between = ", " if shown[at[0]] else ""
        shown[at] += f"{between}{name} " + col.objects(col.take(column, at))
    return shown


def taken_rows(each: Input, found: Matched) -> np.ndarray:
    """The row of the table of an input for each group; -1 for none."""
    record = found.record[each.name]
    return np.where(record >= 0, np.append(each.rows, -1)[record], -1)


def _row_of_each(env: Environment, rows: Rows, inputs: list[Input], found: Matched) -> np.ndarray:
    """For each group a row of the block: that of its first input there, else the first row of the subject; else -1."""
    base, ids = rows.nodes[BASE][0], rows.ids()
    back = np.full(int(base.n) + 1, -1, dtype="int64")  # the last one is for position -1
    back[ids[::-1]] = np.arange(len(ids))[::-1]
    row = np.full(found.count, -1, dtype="int64")
    for each in inputs:
        if each.table is base:
            row = np.where(row >= 0, row, back[taken_rows(each, found)])
    of_subject = verbs.match_rows([found.columns[""]], [env.subject()]).right
    return np.where(row >= 0, row, of_subject)
