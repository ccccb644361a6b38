"""The SDTM variables that the ADaM datasets of a study read: the readers of each, and whether it may be absent.

The planned ADaM specs run over SDTM without records, and each column that they ask for is noted. So the list cannot
differ from a build. Not for reading existing files (runs/read_existing.py) nor for its page (pages/adam_inputs.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ..engine.accounts.ledger import Ledger
from ..engine.building.run_rule import blank
from ..engine.building.study_build import StudyBuild
from ..engine.plan.plan import PlannedDataset, PlannedStudy
from ..engine.tables.dataset import Dataset, DatasetMetadata, VariableMetadata
from ..engine.tables.existing import ExistingDataset, ExistingFile
from ..engine.tables.table import ExistingDatasetTable
from ..errors import SpecProblem, nearest
from ..findings.table import Findings
from ..mappings.binding.bind import place_of
from ..sdtm.supplemental import supplemental_dataset
from ..transport.output_formats import submitted
from .condition_names import conditions_of, expression_names, literals

#: a build without these has no subjects
ALWAYS = ("DM", "USUBJID")
#: readers that a finding names; the accounts have all of them
MOST = 30


@dataclass(frozen=True, order=True)
class Reader:
    """A reader of an input: a variable of an ADaM dataset; the variable is '' for its records."""

    dataset: str
    variable: str = ""

    def __str__(self) -> str:
        return f"{self.dataset}.{self.variable}" if self.variable else f"{self.dataset} (records)"


@dataclass
class Needs:
    """What ADaM reads. ``columns``: (domain, variable or QNAM) -> its readers; ``named``: -> value named in a
    condition -> those whose condition names it. Domains stand in the order of the plan, readers in that of ADaM."""

    plan: PlannedStudy
    columns: dict[tuple[str, str], dict[Reader, None]] = field(default_factory=dict)
    named: dict[tuple[str, str], dict[str, dict[Reader, None]]] = field(default_factory=dict)
    tables: dict[str, dict[Reader, None]] = field(default_factory=dict)

    def domain(self, name: str) -> PlannedDataset:
        return self.plan.analysis_inputs[name]

    def required(self, domain: str, variable: str = "") -> bool:
        """Whether a build stops without a domain, or without a variable of a domain that is there."""
        inputs = self.plan.spec.inputs
        name = f"{domain}.{variable}" if variable else domain
        if name in ALWAYS or variable in ALWAYS or name in inputs.required:
            return True
        if name in inputs.optional:
            return False
        if not variable:
            return True
        planned = self.domain(domain).variables.get(variable)  # qualifiers and working variables are optional
        return planned is not None and planned.core in ("Req", "Exp")

    def read_columns(self, domain: str) -> list[str]:
        """The variables and qualifiers of a domain that ADaM reads, in the order of its spec."""
        return [n for n in self.domain(domain).every if (domain, n) in self.columns]

    def is_qualifier(self, domain: str, variable: str) -> bool:
        return variable in self.domain(domain).supplemental


class _Watched(ExistingDatasetTable):
    """A domain without records that notes each column that a rule reads."""

    def __init__(self, dataset: ExistingDataset, note: Any):
        super().__init__(dataset)
        self._note = note
        self.first = False  # the sentences of the rules, which the first partition derives, read nothing

    def column(self, name: str) -> pd.Series:
        column = super().column(name)
        self._note(self.name, name)
        return column


def needs_of(plan: PlannedStudy) -> Needs:
    """What the ADaM datasets of ``plan`` (SDTM and ADaM) read. Raises SpecError where one of them cannot be built."""
    needs = Needs(plan)
    adam = only_adam(plan)
    found: dict[tuple[str, str], dict[Reader, None]] = {}
    touched: dict[str, dict[Reader, None]] = {}

    def note(table: str, column: str) -> None:
        reader = Reader(*run.built_now)
        touched.setdefault(table, {})[reader] = None
        found.setdefault((table, column), {})[reader] = None

    tables = {n: _Watched(absent_table(d), note) for n, d in plan.analysis_inputs.items()}
    run = StudyBuild(adam, tables, Ledger(), Findings(), supplemental_dataset)
    for name, done in run.run().items():
        line = done.dataset.lineage
        for use in (*line.rules, *line.columns) if line is not None else ():
            for read in (r for r in use.reads if r.table in tables):
                found.setdefault((read.table, read.column), {})[Reader(name, use.variable)] = None
                touched.setdefault(read.table, {})[Reader(name, use.variable)] = None
    for table, column, reader in _written(plan, adam):
        found.setdefault((table, column), {})[reader] = None
        touched.setdefault(table, {})[reader] = None
    ranks = {n: i for i, n in enumerate(adam.datasets)}
    order = {(n, v): i for n, d in adam.datasets.items() for i, v in enumerate(d.every)}

    def ordered(readers: Mapping[Reader, None]) -> dict[Reader, None]:
        key = sorted(readers, key=lambda r: (ranks[r.dataset], order.get((r.dataset, r.variable), -1), r.variable))
        return dict.fromkeys(key)

    for name, planned in plan.analysis_inputs.items():
        if name in touched or name == "DM":
            needs.tables[name] = ordered(touched.get(name, {}))
            needs.columns |= {(name, v): ordered(found[name, v]) for v in planned.every if (name, v) in found}
    _named_values(needs, adam)
    return needs


def _written(plan: PlannedStudy, adam: PlannedStudy) -> Iterator[tuple[str, str, Reader]]:
    """(domain, variable, reader) of each DOMAIN.VARIABLE in rules: without records, a rule may not read it."""
    for name, planned in adam.datasets.items():
        for variable in planned.every.values():
            for rule in variable.rules:
                names = [n for _, n in rule.reads()]
                names += [n for text in conditions_of(rule) for n in expression_names(text)]
                for table, _, column in (n.partition(".") for n in names):
                    domain = plan.analysis_inputs.get(table)
                    if domain is not None and column in domain.every:
                        yield table, column, Reader(name, variable.name)


def only_adam(plan: PlannedStudy) -> PlannedStudy:
    """The study with its ADaM datasets alone; those that they read are its inputs, with their dictionaries."""
    adam = {n: d for n, d in plan.datasets.items() if d.kind == "adam"}
    return replace(plan, datasets=adam, inputs=plan.analysis_inputs)


def absent_table(planned: PlannedDataset) -> ExistingDataset:
    """A domain without records, with every variable and qualifier that the spec plans."""
    columns = {n: blank(v.is_numeric, 0) for n, v in planned.every.items()}
    return ExistingDataset(Dataset.of_columns(existing_metadata(planned), columns, 0))


def expected_table(planned: PlannedDataset) -> ExistingDataset:
    """A domain that will be there: without records, in a file that is not written yet."""
    absent = absent_table(planned)
    return replace(absent, files=(ExistingFile(submitted().file(planned.name), "", 0, planned.name, 0),))


def existing_metadata(planned: PlannedDataset) -> DatasetMetadata:
    """A planned domain as the spec of a finished dataset whose qualifiers are columns."""
    variables = tuple(
        VariableMetadata(
            name=v.name,
            label=v.label,
            type=v.type,
            length=v.length,
            digits=v.digits,
            format=v.format,
            codelist=v.codelist,
            role=v.role,
            core=v.core,
        )
        for v in planned.every.values()
    )
    return DatasetMetadata(
        name=planned.name,
        label=planned.label,
        variables=variables,
        keys=planned.keys,
        observation_class=planned.observation_class,
        structure=planned.structure,
        standard=planned.standard,
        domain=planned.name,
        values=planned.values,
    )


def shown_readers(readers: Iterable[Reader]) -> str:
    """Readers as a finding names them."""
    texts = [str(r) for r in readers]
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return ", ".join(texts[:MOST]) + more


# values that conditions name


def _named_values(needs: Needs, adam: PlannedStudy) -> None:
    """Every literal that a condition of ADaM compares an SDTM variable with."""
    homes: dict[str, list[str]] = {}
    for domain, variable in needs.columns:
        homes.setdefault(variable, []).append(domain)
    for name, planned in adam.datasets.items():
        rules = [(Reader(name, v.name), r) for v in planned.every.values() for r in v.rules]
        blocks = [(Reader(name), b) for b in planned.spec.blocks]
        for reader, model in (*blocks, *rules):
            for text in conditions_of(model, with_rules=reader.variable != ""):
                for column, value in literals(text):
                    prefix, _, variable = column.rpartition(".")
                    if variable in ALWAYS:
                        continue
                    for domain in homes.get(variable, ()):
                        if prefix in ("", domain) and domain in needs.tables:
                            readers = needs.named.setdefault((domain, variable), {}).setdefault(value, {})
                            readers[reader] = None


# inputs: of study.yaml


def input_problems(plan: PlannedStudy) -> list[SpecProblem]:
    """Names under ``inputs:`` that the study's SDTM does not have, and names on both lists."""
    inputs, problems = plan.spec.inputs, []
    domains = plan.analysis_inputs
    for list_name in ("required", "optional"):
        for number, name in enumerate(getattr(inputs, list_name)):
            place = place_of(inputs, list_name, number)
            domain, dot, variable = name.partition(".")
            if domain not in domains:
                hint = nearest(domain, list(domains))
                problems.append(SpecProblem(place, f"the study has no SDTM dataset '{domain}'", hint=hint))
            elif dot and variable not in domains[domain].every:
                hint = nearest(variable, list(domains[domain].every))
                problems.append(SpecProblem(place, f"{domain} has no variable or qualifier '{variable}'", hint=hint))
            elif list_name == "optional" and (name in inputs.required or name == "DM" or variable == "USUBJID"):
                why = (
                    "is required as well" if name in inputs.required else "cannot be absent: it identifies the subjects"
                )
                problems.append(SpecProblem(place, f"{name} {why}"))
    return problems
